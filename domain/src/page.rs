//! What a page says about itself: schema.org statements in JSON-LD. The one implementation, for
//! browser and edge.

use serde_json::Value;

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

/// The longest address that is kept, in bytes.
const URL_BYTES: usize = 2_048;
/// What a shop's own campaigns need of a query; the rest may be personal.
const KEPT_QUERY: [&str; 5] = ["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"];

/// An address without what may be personal: no user name, no fragment, of the query only the
/// campaign marks, and no e-mail address anywhere. Nothing, when it is not http or https.
pub fn clean_url(address: &str) -> Option<String> {
    let address = picture_url(address)?;
    let address = address.split('#').next().unwrap_or_default();
    let (rest, query) = address.split_once('?').unwrap_or((address, ""));
    let mut clean = rest.split('/').filter(|part| !may_be_mail(part)).collect::<Vec<_>>().join("/");
    let is_kept = |pair: &&str| KEPT_QUERY.contains(&pair.split('=').next().unwrap_or_default()) && !may_be_mail(pair);
    for pair in query.split('&').filter(is_kept) {
        clean.push(if clean.contains('?') { '&' } else { '?' });
        clean.push_str(pair);
    }
    Some(clean)
}

/// An address as [`clean_url`] gives it, without what is left of its query.
pub fn clean_page(address: &str) -> Option<String> {
    clean_url(address).map(|clean| clean.split('?').next().unwrap_or_default().to_owned())
}

/// Whether a part of an address may hold an e-mail address, escaped or not: `%40` is an at sign, and so is
/// `%2540` for whoever unescapes twice.
fn may_be_mail(part: &str) -> bool {
    let mut part = part.to_ascii_lowercase();
    while part.contains("%25") {
        part = part.replace("%25", "%");
    }
    part.contains('@') || part.contains("%40")
}

/// The address of a picture, which keeps its query.
pub fn picture_url(address: &str) -> Option<String> {
    let address = address.trim();
    let (scheme, rest) = address.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let fine = (scheme == "http" || scheme == "https")
        && address.len() <= URL_BYTES
        && !rest.is_empty()
        && !address.chars().any(|c| {
            c.is_control() || c.is_whitespace() || matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
        });
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = host.rsplit('@').next().unwrap_or_default();
    (fine && !host.is_empty()).then(|| format!("{scheme}://{host}{path}"))
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

    #[test]
    fn addresses_lose_what_may_be_personal() {
        for (address, clean) in [
            ("https://x.example/a?email=a@b.cc&utm_source=mail&x=1#frag", Some("https://x.example/a?utm_source=mail")),
            ("HTTPS://user:pw@x.example/a", Some("https://x.example/a")),
            ("http://localhost:8788/p/hat", Some("http://localhost:8788/p/hat")),
            ("https://x.example", Some("https://x.example")),
            (
                "https://x.example/?utm_term=anna@example.org&utm_source=mail",
                Some("https://x.example/?utm_source=mail"),
            ),
            ("https://x.example/u/anna@example.org/orders", Some("https://x.example/u/orders")),
            ("https://x.example/u/anna%40example.org?utm_term=anna%2540example.org", Some("https://x.example/u")),
            ("https://x.example/u;mail=anna%25252540example.org/", Some("https://x.example/")),
            ("https://x.example/sale%2520now/40%25off", Some("https://x.example/sale%2520now/40%25off")),
            ("javascript:alert(1)", None),
            ("https://", None),
            ("https://x.example/\"><script>", None),
            ("/relative", None),
        ] {
            assert_eq!(clean_url(address).as_deref(), clean, "{address}");
        }
        assert_eq!(clean_page("https://x.example/a?utm_source=mail").as_deref(), Some("https://x.example/a"));
        assert_eq!(clean_url(&format!("https://x.example/{}", "a".repeat(3_000))), None);
    }
}
