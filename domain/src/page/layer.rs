//! What the data layer says of the product that is looked at: `view_item` of Google Analytics 4
//! (developers.google.com/analytics, "Measure ecommerce") and the detail view of Universal Analytics before it.

use serde_json::Value;

use super::ld::text;
use crate::catalogue::Said;
use crate::catalogue::text::{decimal, number, plain};
use crate::event::is_currency;

/// The longest entry that is read, in bytes, and how many.
const ENTRY_BYTES: usize = 8_192;
const MOST_ENTRIES: usize = 4;

/// What the last entry about one product says. The id is empty where it names none.
pub fn said<'a>(entries: impl Iterator<Item = &'a str>, address: &str) -> Option<Said> {
    let read = |entry: &str| {
        let value: Value = serde_json::from_str(entry).ok()?;
        // The name of the event and what it says, as the loader sends it; pushed as an object; or by
        // `gtag("event", "view_item", …)`.
        let named = value.get(0).or_else(|| value.get("event")).or_else(|| value.get("1")).and_then(Value::as_str);
        let inner = value.get(1).or_else(|| value.get("ecommerce")).or_else(|| value.get("2")).unwrap_or(&value);
        if let Some(item) = inner.get("detail").and_then(|detail| detail.get("products")?.get(0)) {
            return Some(one(item, inner, address));
        }
        let fits = named.is_none_or(|name| name == "view_item");
        inner.get("items").and_then(|items| items.get(0)).filter(|_| fits).map(|item| one(item, inner, address))
    };
    let few = entries.filter(|entry| entry.len() <= ENTRY_BYTES).take(MOST_ENTRIES);
    few.filter_map(read).last().filter(|said| !said.id.is_empty() || said.title.is_some())
}

fn one(item: &Value, around: &Value, address: &str) -> Said {
    let get = |names: &[&str]| names.iter().find_map(|name| text(item, name));
    let price = match item.get("price") {
        Some(Value::Number(price)) => number(price),
        Some(Value::String(price)) => decimal(price),
        _ => None,
    };
    let currency = get(&["currency"])
        .or_else(|| text(around, "currency"))
        .or_else(|| text(around, "currencyCode"))
        .filter(|code| is_currency(code));
    let levels = ["item_category", "item_category2", "item_category3", "item_category4", "item_category5"];
    let path: Vec<String> = levels.iter().map_while(|name| text(item, name)).collect();
    let category = if path.is_empty() {
        text(item, "category").map(|path| path.split('/').map(str::trim).collect::<Vec<_>>().join(" > "))
    } else {
        Some(path.join(" > "))
    };
    let mut said = Said {
        title: get(&["item_name", "name"]).map(|name| plain(&name, 200)),
        url: (!address.is_empty()).then(|| address.to_owned()),
        currency: currency.filter(|_| price.is_some()),
        price,
        categories: category.map(|path| plain(&path, 200)).into_iter().collect(),
        brand: get(&["item_brand", "brand"]).map(|brand| plain(&brand, 80)),
        ..Said::of(get(&["item_id", "id"]).unwrap_or_default())
    };
    let variant = get(&["item_variant", "variant"]).map(|variant| ("variant".to_owned(), plain(&variant, 100)));
    said.attributes.extend(variant);
    said
}
