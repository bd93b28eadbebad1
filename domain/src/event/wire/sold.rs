//! What events say of products, carts and orders.

use serde::Deserialize;

use super::{Fault, Text, clean_id, currency, cut, decimal, fault, page_url, picture_url, shown};
use crate::event::fact::{Cart, Item, Order, Product};

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Product"))]
pub struct WireProduct<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(default, borrow)]
    name: Option<Text<'a>>,
    #[serde(default, borrow)]
    price: Option<Text<'a>>,
    #[serde(default, borrow)]
    currency: Option<Text<'a>>,
    #[serde(default, borrow)]
    url: Option<Text<'a>>,
    #[serde(default, borrow)]
    image: Option<Text<'a>>,
    #[serde(default, borrow)]
    category: Option<Text<'a>>,
    #[serde(default, borrow)]
    size: Option<Text<'a>>,
    #[serde(default)]
    in_stock: Option<bool>,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Item"))]
struct WireItem<'a> {
    #[serde(borrow)]
    product: Text<'a>,
    #[serde(default, borrow)]
    name: Option<Text<'a>>,
    quantity: u32,
    #[serde(default, borrow)]
    price: Option<Text<'a>>,
    #[serde(default, borrow)]
    category: Option<Text<'a>>,
    #[serde(default, borrow)]
    size: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Cart"))]
pub struct WireCart<'a> {
    #[serde(borrow)]
    items: Vec<WireItem<'a>>,
    #[serde(default, borrow)]
    currency: Option<Text<'a>>,
    #[serde(default, borrow)]
    total: Option<Text<'a>>,
    #[serde(default, borrow)]
    url: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Order"))]
pub struct WireOrder<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(default, borrow)]
    total: Option<Text<'a>>,
    #[serde(default, borrow)]
    currency: Option<Text<'a>>,
    #[serde(default, borrow)]
    items: Vec<WireItem<'a>>,
    #[serde(default, borrow)]
    codes: Vec<Text<'a>>,
}

#[allow(clippy::needless_pass_by_value)] // like its siblings
pub fn product(wire: WireProduct) -> Result<Product, Fault> {
    Ok(Product {
        id: clean_id("product.id", &wire.id)?,
        name: wire.name.as_deref().map(|name| cut(name, 200)),
        price: decimal("product.price", wire.price.as_deref())?,
        currency: currency("product.currency", wire.currency.as_deref())?,
        url: wire.url.as_deref().map(|url| page_url("product.url", url)).transpose()?,
        image: wire.image.as_deref().map(|url| picture_url("product.image", url)).transpose()?,
        category: shown(wire.category.as_deref(), 200),
        size: shown(wire.size.as_deref(), 40),
        in_stock: wire.in_stock,
    })
}

/// The most lines of one cart or order.
const MOST_ITEMS: usize = 200;

fn items(of: &str, wire: Vec<WireItem>) -> Result<Vec<Item>, Fault> {
    if wire.len() > MOST_ITEMS {
        return Err(fault(format!("{of}.items"), format!("{} lines; at most {MOST_ITEMS} are kept", wire.len())));
    }
    let read = |(n, item): (usize, WireItem)| {
        let field = |name: &str| format!("{of}.items[{n}].{name}");
        if !(1..=10_000).contains(&item.quantity) {
            return Err(fault(field("quantity"), "expected 1 to 10000"));
        }
        Ok(Item {
            product: clean_id(&field("product"), &item.product)?,
            name: item.name.as_deref().map(|name| cut(name, 200)),
            quantity: item.quantity,
            price: decimal(&field("price"), item.price.as_deref())?,
            category: shown(item.category.as_deref(), 200),
            size: shown(item.size.as_deref(), 40),
        })
    };
    wire.into_iter().enumerate().map(read).collect()
}

pub fn cart(wire: WireCart) -> Result<Cart, Fault> {
    Ok(Cart {
        items: items("cart", wire.items)?,
        currency: currency("cart.currency", wire.currency.as_deref())?,
        total: decimal("cart.total", wire.total.as_deref())?,
        url: wire.url.as_deref().map(|url| page_url("cart.url", url)).transpose()?,
    })
}

pub fn order(wire: WireOrder) -> Result<Order, Fault> {
    Ok(Order {
        id: clean_id("order.id", &wire.id)?,
        total: decimal("order.total", wire.total.as_deref())?,
        currency: currency("order.currency", wire.currency.as_deref())?,
        items: items("order", wire.items)?,
        codes: codes(&wire.codes)?,
    })
}

/// The most codes of one order.
const MOST_CODES: usize = 10;

fn codes(wire: &[Text]) -> Result<Vec<String>, Fault> {
    if wire.len() > MOST_CODES {
        return Err(fault("order.codes", format!("{} codes; at most {MOST_CODES} are kept", wire.len())));
    }
    wire.iter().enumerate().map(|(n, code)| clean_id(&format!("order.codes[{n}]"), code)).collect()
}
