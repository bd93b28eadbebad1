//! What events say that somebody did with products.

use std::collections::{BTreeMap, BTreeSet};

use domain::id::Slug;
use domain::recommend::Product;
use domain::recommend::count::{Act, Doing};
use domain::shelf::market::market_of;
use domain::time::Timestamp;
use serde_json::Value as Json;

use crate::shard::Shop;

/// A deed.
#[derive(Clone, Debug)]
pub struct Done {
    /// When.
    pub at: Timestamp,
    /// What, with which product.
    pub doing: Doing,
    /// In which market, by its place among all.
    pub market: u16,
}

/// Names of products, numbered for one telling.
#[derive(Default)]
pub struct Names {
    numbers: BTreeMap<String, Product>,
    /// By number.
    pub ids: Vec<String>,
}

impl Names {
    fn number(&mut self, id: &str) -> Product {
        if let Some(number) = self.numbers.get(id) {
            return *number;
        }
        let number = Product(u32::try_from(self.ids.len()).unwrap_or(u32::MAX));
        self.ids.push(id.to_owned());
        self.numbers.insert(id.to_owned(), number);
        number
    }
}

/// An event: when it came about, which it is, its kind and its data.
pub type Told<'a> = (i64, i64, &'a str, &'a str);

/// What events say that somebody did with products, in the order in which it happened.
pub fn deeds(shop: &Shop, mut events: Vec<Told<'_>>, names: &mut Names) -> Vec<Done> {
    events.sort_by_key(|event| (event.0, event.1));
    let mut cart: BTreeSet<String> = BTreeSet::new();
    let (mut market, mut done) = (0, Vec::new());
    for (at, _, kind, data) in events {
        let Ok(data) = serde_json::from_str::<Json>(data) else { continue };
        let mut did = |act, id: &str, market| {
            if !id.is_empty() {
                done.push(Done { at: Timestamp(at), doing: Doing { product: names.number(id), act }, market });
            }
        };
        let items = |of: &str| -> Vec<String> {
            let items = data.get(of).and_then(|of| of.get("items")).and_then(Json::as_array);
            let id = |item: &Json| Some(item.get("product")?.as_str()?.to_owned());
            items.into_iter().flatten().filter_map(id).collect()
        };
        let product = || data.get("product").and_then(|product| product.get("id")).and_then(Json::as_str);
        match kind {
            "product.viewed" => {
                if let Some(url) = data.get("url").and_then(Json::as_str) {
                    market = shop.market_at(url);
                }
                did(Act::Viewed, product().unwrap_or_default(), market);
            }
            "shelf.dismissed" => did(Act::Dismissed, product().unwrap_or_default(), market),
            "cart.changed" => {
                let now: BTreeSet<String> = items("cart").into_iter().collect();
                for new in now.difference(&cart) {
                    did(Act::Carted, new, market);
                }
                cart = now;
            }
            "order.placed" | "order.confirmed" => items("order").iter().for_each(|id| did(Act::Ordered, id, market)),
            // What is seen and clicked on shelves would make them see themselves.
            _ => {}
        }
    }
    done
}

impl Shop {
    /// Whether anything is learned for it: whether it has shelves.
    pub(in crate::shard) fn learns(&self) -> bool {
        self.config.as_ref().is_some_and(|config| !config.shelves.are_none())
    }

    /// The market of a page, by its place among all.
    pub(super) fn market_at(&self, url: &str) -> u16 {
        let Some(markets) = self.config.as_ref().map(|config| &config.shelves.markets) else { return 0 };
        let path = crate::routes::path_of(url);
        let here = market_of(markets, None, path, "");
        let place = here.and_then(|here| markets.iter().position(|market| market.name == here.name));
        place.and_then(|place| u16::try_from(place).ok()).unwrap_or_default()
    }

    pub(super) fn market_name(&self, place: u16) -> Option<Slug> {
        let markets = self.config.as_ref().map(|config| &config.shelves.markets)?;
        markets.get(usize::from(place)).map(|market| market.name.clone())
    }
}
