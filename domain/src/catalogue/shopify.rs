//! Products as Shopify writes them: a page of `/products.json`, which every shop publishes, and the bodies of its webhooks
//! about products (shopify.dev, "Product" of the REST Admin API).

use serde_json::Value;

use super::feed::{Problem, Raw};
use super::text::{decimal, plain};
use super::{Bounds, Fault, MOST_VARIANTS, Said, Source};

/// The name of the only variant of a product that has none.
const NO_VARIANT: &str = "Default Title";
/// What an option is called by default, which says nothing.
const NO_OPTION: &str = "Title";

/// What a webhook about a product says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// This of a product, with its variants.
    Said(Box<Said>),
    /// The product of this id is not sold any more.
    Gone(String),
    /// The topic is about something else.
    Nothing,
}

/// Reads the body of a webhook with one of the topics `products/create`, `products/update` and `products/delete`. Its
/// signature has been checked. A product that is a draft, archived or published nowhere is gone.
pub fn hook(topic: &str, body: &[u8], bounds: &Bounds) -> Result<Told, Fault> {
    let deletes = match topic {
        "products/create" | "products/update" => false,
        "products/delete" => true,
        _ => return Ok(Told::Nothing),
    };
    let value: Value = serde_json::from_slice(body).map_err(|error| Fault::new("", error.to_string()))?;
    let id = text(&value, "id").ok_or_else(|| Fault::new("id", "missing; expected the product's id"))?;
    if deletes || !is_sold(&value) {
        return super::bounds::own_id("id", &id).map(Told::Gone);
    }
    let said = product(&value, &bounds.home)?;
    bounds.check(Source::Api, said).map(|said| Told::Said(Box::new(said)))
}

/// Reads a page of `/products.json`. `home` is the shop's home page.
pub(super) fn page(bytes: &[u8], home: &str, raw: &mut Vec<(u64, Raw)>) -> Result<(), Problem> {
    let whole = |detail: String| Problem { place: 0, id: None, field: "products".into(), detail };
    let value: Value = serde_json::from_slice(bytes).map_err(|error| whole(error.to_string()))?;
    let list = value.get("products").and_then(Value::as_array);
    let list = list.ok_or_else(|| whole("missing; expected Shopify's list of products".into()))?;
    for (place, value) in (1..).zip(list) {
        let read = match product(value, home) {
            Ok(said) => Raw::Said(Box::new(said)),
            Err(fault) => Raw::Fault(text(value, "id"), fault),
        };
        raw.push((place, read));
    }
    Ok(())
}

/// Whether it can be seen in the shop. What does not say is.
fn is_sold(value: &Value) -> bool {
    let active = value.get("status").and_then(Value::as_str).is_none_or(|status| status == "active");
    active && value.get("published_at").is_none_or(|at| !at.is_null())
}

/// A text, or a number as it is written; nothing that is empty.
fn text(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn product(value: &Value, home: &str) -> Result<Said, Fault> {
    let id = text(value, "id").ok_or_else(|| Fault::new("id", "missing; expected the product's id"))?;
    let pictures: Vec<&Value> = list(value, "images").chain(value.get("image")).collect();
    let address = |picture: &Value| text(picture, "src");
    let options: Vec<String> = list(value, "options").filter_map(|option| text(option, "name")).collect();
    let tags = match value.get("tags") {
        Some(Value::String(tags)) => tags.clone(),
        _ => list(value, "tags").filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
    };
    let mut said = Said {
        title: text(value, "title").map(|title| plain(&title, 200)),
        description: text(value, "body_html").map(|html| plain(&html, 1_000)),
        url: text(value, "handle").map(|handle| format!("{}/products/{handle}", origin(home))),
        image: pictures.iter().find_map(|picture| address(picture)),
        categories: text(value, "product_type").into_iter().collect(),
        brand: text(value, "vendor"),
        ..Said::of(id)
    };
    if !tags.trim().is_empty() {
        said.attributes.insert("tags".to_owned(), plain(&tags, 100));
    }
    for (n, value) in list(value, "variants").enumerate().take(MOST_VARIANTS) {
        let id = text(value, "id").ok_or_else(|| Fault::new(format!("variants[{n}].id"), "missing"))?;
        let mut variant = variant(id, value, &options);
        let whose = value.get("image_id").filter(|whose| !whose.is_null());
        variant.image = value.get("featured_image").and_then(address).or_else(|| {
            pictures.iter().find(|picture| whose.is_some() && picture.get("id") == whose).and_then(|p| address(p))
        });
        said.variants.push(variant);
    }
    Ok(said)
}

fn variant(id: String, value: &Value, options: &[String]) -> Said {
    let amount = |key: &str| text(value, key).and_then(|text| decimal(&text));
    let mut said = Said {
        price: amount("price"),
        was: amount("compare_at_price"),
        in_stock: stock(value),
        title: text(value, "title").filter(|title| title != NO_VARIANT),
        ..Said::of(id)
    };
    for (option, key) in options.iter().zip(["option1", "option2", "option3"]) {
        if let Some(chosen) = text(value, key).filter(|chosen| option != NO_OPTION && chosen != NO_VARIANT) {
            let name = if option.eq_ignore_ascii_case("color") { "colour".to_owned() } else { option.to_lowercase() };
            said.attributes.insert(name, chosen);
        }
    }
    said.attributes.extend(text(value, "sku").map(|sku| ("sku".to_owned(), sku)));
    said
}

/// Whether a variant can be bought: as the shop's page says it, else by what is counted.
fn stock(value: &Value) -> Option<bool> {
    if let Some(available) = value.get("available").and_then(Value::as_bool) {
        return Some(available);
    }
    let is = |key: &str, word: &str| value.get(key).and_then(Value::as_str) == Some(word);
    if is("inventory_policy", "continue") || value.get("inventory_management").is_some_and(Value::is_null) {
        return Some(true);
    }
    value.get("inventory_quantity").and_then(Value::as_i64).map(|left| left > 0)
}

/// Scheme and host of an address.
fn origin(address: &str) -> &str {
    let Some((scheme, rest)) = address.split_once("://") else { return address.trim_end_matches('/') };
    let host = rest.find('/').unwrap_or(rest.len());
    address.get(..scheme.len() + 3 + host).unwrap_or(address)
}
