//! What a page says about itself: schema.org statements in JSON-LD. The one implementation, for
//! browser and edge.

mod address;

use serde_json::Value;

pub use address::{clean_page, clean_url, host, picture_url, product_url, resolved};

use crate::event::{Item, Order, Product, cut, is_currency, is_decimal};

/// Something that a page states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// The page is about this product.
    Product(Product),
    /// The page confirms this order.
    Order(Order),
}

/// The most statements taken from one page.
const MOST_STATEMENTS: usize = 4;
/// How deep `@graph` and the like are followed.
const DEEPEST: usize = 4;

/// Reads the raw texts of a page's `<script type="application/ld+json">`. What cannot be read is
/// left out: a shop's broken markup is not an error of the event.
pub fn recognise<'a>(blocks: impl Iterator<Item = &'a str>) -> Vec<Statement> {
    let mut found = Vec::new();
    for block in blocks {
        if let Ok(value) = serde_json::from_str::<Value>(block) {
            walk(&value, DEEPEST, &mut found);
        }
    }
    found.truncate(MOST_STATEMENTS);
    found
}

fn walk(value: &Value, depth: usize, found: &mut Vec<Statement>) {
    if depth == 0 || found.len() >= MOST_STATEMENTS {
        return;
    }
    match value {
        Value::Array(list) => list.iter().for_each(|each| walk(each, depth - 1, found)),
        Value::Object(thing) => {
            let is = |name| is_type(thing.get("@type"), name);
            if is("Product") || is("ProductGroup") {
                found.extend(product(value).map(Statement::Product));
            } else if is("Order") {
                found.extend(order(value).map(Statement::Order));
            } else {
                for key in ["@graph", "mainEntity"] {
                    if let Some(inner) = thing.get(key) {
                        walk(inner, depth - 1, found);
                    }
                }
            }
        }
        _ => {}
    }
}

/// Whether `@type` names a type, alone or in a list, with or without the vocabulary's address.
fn is_type(stated: Option<&Value>, name: &str) -> bool {
    let fits = |text: &str| text == name || text.strip_suffix(name).is_some_and(|rest| rest.ends_with("schema.org/"));
    match stated {
        Some(Value::String(text)) => fits(text),
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).any(fits),
        _ => false,
    }
}

/// A string, or a number written as one.
fn text(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::String(text) => Some(cut(text, 200)).filter(|t| !t.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The first of a list, or the thing itself.
fn first<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value.get(key)? {
        Value::Array(list) => list.first(),
        thing => Some(thing),
    }
}

fn product(value: &Value) -> Option<Product> {
    let id = ["sku", "productID", "productGroupID", "mpn", "gtin13", "gtin", "@id", "url"]
        .iter()
        .find_map(|key| text(value, key))?;
    let offer =
        first(value, "offers").or_else(|| first(value, "hasVariant").and_then(|variant| first(variant, "offers")));
    let price = offer.and_then(|offer| {
        text(offer, "price")
            .or_else(|| text(offer, "lowPrice"))
            .or_else(|| text(first(offer, "priceSpecification")?, "price"))
    });
    let currency = offer.and_then(|offer| {
        text(offer, "priceCurrency").or_else(|| text(first(offer, "priceSpecification")?, "priceCurrency"))
    });
    let availability = offer.and_then(|offer| text(offer, "availability"));
    let image = match first(value, "image") {
        Some(Value::String(address)) => picture_url(address),
        Some(thing) => thing.get("url").and_then(Value::as_str).and_then(picture_url),
        None => None,
    };
    Some(Product {
        id,
        name: text(value, "name"),
        price: price.filter(|price| is_decimal(price)),
        currency: currency.filter(|currency| is_currency(currency)),
        url: value.get("url").and_then(Value::as_str).and_then(clean_url),
        image,
        category: text(value, "category"),
        size: size(value),
        in_stock: availability.map(|text| {
            ["InStock", "LimitedAvailability", "OnlineOnly", "PreOrder"].iter().any(|state| text.ends_with(state))
        }),
    })
}

fn order(value: &Value) -> Option<Order> {
    let lines = ["orderedItem", "acceptedOffer"].iter().find_map(|key| value.get(key));
    let lines = match lines {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(thing) => vec![thing],
        None => Vec::new(),
    };
    Some(Order {
        id: text(value, "orderNumber")?,
        total: text(value, "price")
            .or_else(|| text(first(value, "totalPaymentDue")?, "price"))
            .filter(|price| is_decimal(price)),
        currency: text(value, "priceCurrency").filter(|currency| is_currency(currency)),
        items: lines.into_iter().filter_map(line).collect(),
        codes: text(value, "discountCode").into_iter().collect(),
    })
}

fn line(value: &Value) -> Option<Item> {
    let thing = ["orderedItem", "itemOffered"].iter().find_map(|key| value.get(key)).unwrap_or(value);
    let quantity = value
        .get("orderQuantity")
        .or_else(|| value.get("eligibleQuantity").and_then(|q| q.get("value")))
        .and_then(Value::as_u64)
        .and_then(|n| u32::try_from(n).ok())
        .filter(|n| (1..=10_000).contains(n))
        .unwrap_or(1);
    let known = product(thing)?;
    Some(Item {
        product: known.id,
        name: known.name,
        quantity,
        price: text(value, "price").filter(|price| is_decimal(price)).or(known.price),
        category: known.category,
        size: known.size,
    })
}

/// A size: a text, or a `SizeSpecification` with a name.
fn size(value: &Value) -> Option<String> {
    text(value, "size").or_else(|| text(first(value, "size")?, "name")).map(|size| cut(&size, 40))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_recognised_in_the_usual_forms() {
        let plain = r#"{"@context":"https://schema.org","@type":"Product","sku":"A-1","name":"Wool hat","image":["https://x.example/a.jpg?w=80"],
            "offers":{"@type":"Offer","price":"19.90","priceCurrency":"EUR","availability":"https://schema.org/InStock"}}"#;
        let graph = format!(r#"{{"@graph":[{{"@type":"BreadcrumbList"}},{plain}]}}"#);
        let listed = format!("[{plain}]");
        for block in [plain, &graph, &listed] {
            let [Statement::Product(product)] = &recognise([block].into_iter())[..] else { panic!("{block}") };
            assert_eq!(
                (product.id.as_str(), product.price.as_deref(), product.in_stock),
                ("A-1", Some("19.90"), Some(true))
            );
            assert_eq!(product.image.as_deref(), Some("https://x.example/a.jpg?w=80"));
        }
        let numeric = r#"{"@type":["Product"],"productID":7,"offers":[{"price":5,"priceCurrency":"EUR","availability":"OutOfStock"}]}"#;
        let [Statement::Product(product)] = &recognise([numeric].into_iter())[..] else { panic!() };
        assert_eq!((product.id.as_str(), product.price.as_deref(), product.in_stock), ("7", Some("5"), Some(false)));
    }

    #[test]
    fn an_order_is_recognised() {
        let block = r#"{"@type":"Order","orderNumber":"1001","price":"59.70","priceCurrency":"EUR",
            "orderedItem":[{"@type":"OrderItem","orderQuantity":3,"orderedItem":{"@type":"Product","sku":"A-1","name":"Hat"}}]}"#;
        let [Statement::Order(order)] = &recognise([block].into_iter())[..] else { panic!() };
        assert_eq!((order.id.as_str(), order.items[0].quantity, order.items[0].product.as_str()), ("1001", 3, "A-1"));
    }

    #[test]
    fn broken_and_hostile_markup_is_left_out() {
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        for block in ["", "{", "null", "[]", r#"{"@type":"Product"}"#, r#"{"@type":"Product","sku":{"a":1}}"#, &deep] {
            assert!(recognise([block].into_iter()).is_empty(), "{block}");
        }
        let many = format!("[{}]", vec![r#"{"@type":"Product","sku":"x"}"#; 50].join(","));
        assert_eq!(recognise([many.as_str()].into_iter()).len(), 4);
    }
}
