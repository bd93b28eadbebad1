//! Offers of schema.org, and which of several is the one that a shopper is shown.

use serde_json::Value;

use super::ld::{first, list, text};
use crate::catalogue::text::{decimal, number};
use crate::catalogue::{MOST_VARIANTS, Said};
use crate::event::is_currency;

/// What one offer says.
#[derive(Debug, Default)]
pub struct Offer {
    pub price: Option<String>,
    pub was: Option<String>,
    pub currency: Option<String>,
    pub in_stock: Option<bool>,
    /// What is offered, where offers are of variants.
    pub sku: Option<String>,
    pub url: Option<String>,
}

/// The offers of a product, those within others taken out.
pub fn offers(product: &Value) -> Vec<Offer> {
    let each = list(product, "offers").flat_map(|offer| {
        let within: Vec<&Value> = list(offer, "offers").filter(|inner| inner.is_object()).collect();
        if within.is_empty() { vec![offer] } else { within }
    });
    each.filter(|offer| offer.is_object()).take(MOST_VARIANTS).map(offer).collect()
}

fn offer(value: &Value) -> Offer {
    let specifications: Vec<&Value> = list(value, "priceSpecification").collect();
    // A price of a kind is another than the one that is asked: before a reduction, or recommended. One for members is
    // nobody's who is not known.
    let kind = |of: &&&Value| text(of, "priceType").unwrap_or_default();
    let is_list = |of: &&&Value| ["ListPrice", "StrikethroughPrice"].iter().any(|name| kind(of).ends_with(name));
    let is_asked = |of: &&&Value| {
        (kind(of).is_empty() || kind(of).ends_with("SalePrice")) && of.get("validForMemberTier").is_none()
    };
    let asked = specifications.iter().find(is_asked);
    let price = amount(value, "price").or_else(|| amount(value, "lowPrice"));
    let currency = [Some(&value), asked, specifications.first()]
        .into_iter()
        .flatten()
        .find_map(|of| text(of, "priceCurrency"))
        .map(|code| code.to_ascii_uppercase());
    Offer {
        price: price.or_else(|| amount(asked?, "price")),
        was: specifications.iter().filter(is_list).find_map(|of| amount(of, "price")),
        currency: currency.filter(|code| is_currency(code)),
        in_stock: text(value, "availability").map(|state| available(&state)),
        sku: text(value, "sku").or_else(|| text(first(value, "itemOffered")?, "sku")),
        url: text(value, "url"),
    }
}

/// An amount, as text or as a number.
fn amount(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::String(text) => decimal(text),
        Value::Number(said) => number(said),
        _ => None,
    }
}

/// Whether something in this state can be bought: as schema.org, Open Graph and shops name states.
pub fn available(state: &str) -> bool {
    let plain: String = state.rsplit('/').next().unwrap_or(state).chars().filter(char::is_ascii_alphabetic).collect();
    let plain = plain.to_ascii_lowercase();
    [
        "instock",
        "limitedavailability",
        "onlineonly",
        "preorder",
        "presale",
        "backorder",
        "availablefororder",
        "available",
        "madetoorder",
    ]
    .contains(&plain.as_str())
}

impl Said {
    /// Takes over what is offered: in the currency that the page shows, where that is known, the lowest price of what can be
    /// bought. Offers that each name what is offered are variants.
    pub(super) fn offered(&mut self, mut offers: Vec<Offer>, currency: Option<&str>) {
        let shown = |offer: &&Offer| offer.price.is_some() && offer.currency.as_deref() == currency;
        let currency = match offers.iter().find(shown) {
            Some(_) => currency.map(str::to_owned),
            None => offers.iter().find(|offer| offer.price.is_some()).and_then(|offer| offer.currency.clone()),
        };
        offers.retain(|offer| offer.price.is_none() || offer.currency == currency);
        if self.variants.is_empty() && are_variants(&offers) {
            for offer in &offers {
                let id = offer.sku.clone().unwrap_or_default();
                if self.variants.iter().all(|known| known.id != id) {
                    self.variants.push(Said {
                        price: offer.price.clone(),
                        was: offer.was.clone().filter(|_| offer.price.is_some()),
                        currency: offer.currency.clone().filter(|_| offer.price.is_some()),
                        in_stock: offer.in_stock,
                        ..Said::of(id)
                    });
                }
            }
        }
        let known: Vec<bool> = offers.iter().filter_map(|offer| offer.in_stock).collect();
        self.in_stock = (!known.is_empty()).then(|| known.contains(&true));
        if self.in_stock == Some(true) {
            offers.retain(|offer| offer.in_stock != Some(false));
        }
        let lowest =
            offers.into_iter().filter(|offer| offer.price.is_some()).min_by_key(|offer| size(offer.price.as_deref()));
        if let Some(Offer { price, was, currency, .. }) = lowest {
            self.price = price;
            self.was = was;
            self.currency = currency;
        }
    }
}

fn are_variants(offers: &[Offer]) -> bool {
    let mut skus: Vec<&str> = offers.iter().filter_map(|offer| offer.sku.as_deref()).collect();
    skus.sort_unstable();
    skus.dedup();
    offers.len() > 1 && skus.len() == offers.len()
}

/// A plain decimal in ten-thousandths, to compare it with others.
fn size(decimal: Option<&str>) -> u64 {
    let (whole, part) = decimal.and_then(|decimal| decimal.split_once('.')).unwrap_or((decimal.unwrap_or("0"), ""));
    format!("{whole}{part:0<4}").parse().unwrap_or(u64::MAX)
}
