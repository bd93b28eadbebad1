//! Statements of schema.org in microdata (html.spec.whatwg.org, "Microdata"), as the loader takes them out of the page.

use serde_json::{Map, Value};

use super::ld::Reading;
use crate::catalogue::Said;

/// What belongs to an offer, also where a list does not say so.
const OF_OFFERS: [&str; 5] = ["price", "priceCurrency", "availability", "lowPrice", "highPrice"];

/// What the pairs say. The id is empty where they name none. Where they name several products none is the page's.
pub fn said(pairs: &[(String, String)], reading: &Reading) -> Option<Said> {
    if pairs.is_empty() {
        return None;
    }
    let mut thing = Map::new();
    let mut offers: Vec<Map<String, Value>> = Vec::new();
    for (name, value) in pairs {
        let value = || Value::String(value.clone());
        match name.rsplit_once('.').unwrap_or(("", name)) {
            ("offers" | "priceSpecification", name) => offer(&mut offers, name, value()),
            // The product itself, also where it is what its page is about.
            ("" | "mainEntity", name) if OF_OFFERS.contains(&name) => offer(&mut offers, name, value()),
            ("" | "mainEntity", name) => {
                let known = thing.entry(name).or_insert_with(value);
                if ["name", "sku", "productID"].contains(&name) && *known != value() {
                    return None;
                }
            }
            ("brand", "name") => {
                thing.entry("brand").or_insert_with(value);
            }
            // Properties of reviews and the like, which are not the product's.
            _ => {}
        }
    }
    thing.insert("offers".to_owned(), offers.into_iter().map(Value::Object).collect());
    let named = thing.contains_key("name") || thing.contains_key("sku");
    // An id has to be there for what is read; none is better than one that the page does not state.
    let has_id = reading.product(&Value::Object(thing.clone())).is_some();
    if !has_id {
        thing.insert("@id".to_owned(), Value::String("-".to_owned()));
    }
    let mut said = reading.product(&Value::Object(thing))?.said;
    if !has_id {
        said.id.clear();
    }
    named.then_some(said)
}

/// A property that an offer has already begins the next one.
fn offer(offers: &mut Vec<Map<String, Value>>, name: &str, value: Value) {
    match offers.last_mut().filter(|last| !last.contains_key(name)) {
        Some(last) => {
            last.insert(name.to_owned(), value);
        }
        None => offers.push(core::iter::once((name.to_owned(), value)).collect()),
    }
}
