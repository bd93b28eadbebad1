//! What events say of shelves and of what came by way of them, for the learner.

use std::collections::BTreeSet;

use domain::money::{Currency, Money};
use domain::shelf::credit::{Deed, Done};
use domain::time::Timestamp;
use serde_json::Value as Json;

use super::Shop;
use crate::problem::Result;
use crate::sql::Row;

/// What a visitor did, by rows of `seq, at, kind, data`: nothing of those who never came before a shelf.
pub fn deeds(shop: &Shop, rows: &[Row]) -> Result<Vec<Done>> {
    let met = |row: &Row| row.text(2).is_ok_and(|kind| matches!(kind, "shelf.shown" | "shelf.held" | "shelf.clicked"));
    if !rows.iter().any(met) {
        return Ok(Vec::new());
    }
    let currency = shop.config.as_ref().and_then(|config| config.currency);
    let mut events: Vec<(i64, i64, &Row)> =
        rows.iter().map(|row| Ok((row.int(1)?, row.int(0)?, row))).collect::<Result<_>>()?;
    events.sort_by_key(|event| (event.0, event.1));
    let mut cart: BTreeSet<String> = BTreeSet::new();
    let mut done = Vec::new();
    for (at, _, row) in events {
        let Ok(data) = serde_json::from_str::<Json>(row.text(3)?) else { continue };
        let mut did = |deed| done.push(Done { at: Timestamp(at), deed });
        let shelf = || data.get("shelf").and_then(Json::as_str).and_then(|name| name.parse().ok());
        match row.text(2)? {
            "shelf.shown" => shelf().into_iter().for_each(|shelf| did(Deed::Shown(shelf))),
            "shelf.held" => shelf().into_iter().for_each(|shelf| did(Deed::Held(shelf))),
            "shelf.clicked" => {
                let product = data.get("product").and_then(|product| product.get("id")).and_then(Json::as_str);
                if let (Some(shelf), Some(product)) = (shelf(), product) {
                    did(Deed::Clicked(shelf, product.to_owned()));
                }
            }
            "cart.changed" => {
                let now: BTreeSet<String> = items(&data, "cart").map(|item| item.0.to_owned()).collect();
                now.difference(&cart).for_each(|new| did(Deed::Carted(new.clone())));
                cart = now;
            }
            "order.placed" => did(ordered(&data, currency)),
            _ => {}
        }
    }
    Ok(done)
}

/// Products of a cart or an order, with themselves.
fn items<'a>(data: &'a Json, of: &str) -> impl Iterator<Item = (&'a str, &'a Json)> {
    let items = data.get(of).and_then(|of| of.get("items")).and_then(Json::as_array);
    items.into_iter().flatten().filter_map(|item| Some((item.get("product")?.as_str()?, item)))
}

/// An order. What was paid in another money than the shop counts in is not added up.
fn ordered(data: &Json, currency: Option<Currency>) -> Deed {
    let order = data.get("order");
    let text = |name: &str| order.and_then(|order| order.get(name)).and_then(Json::as_str);
    let paid_in = text("currency").and_then(|code| code.parse().ok()).or(currency);
    let minor = |decimal: &str| {
        let money = currency.filter(|currency| paid_in == Some(*currency)).map(|money| Money::rounded(decimal, money));
        money.and_then(core::result::Result::ok).map_or(0, |money| money.minor)
    };
    let line = |(product, item): (&str, &Json)| {
        let quantity = item.get("quantity").and_then(Json::as_i64).unwrap_or(1);
        let price = item.get("price").and_then(Json::as_str).map_or(0, minor);
        (product.to_owned(), price.saturating_mul(quantity))
    };
    Deed::Ordered {
        order: text("id").unwrap_or_default().to_owned(),
        lines: items(data, "order").map(line).collect(),
        total: text("total").map_or(0, minor),
    }
}
