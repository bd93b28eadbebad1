//! What a page says about itself: schema.org statements in JSON-LD or microdata, Open Graph, and the data layer that is
//! there for tag managers. The one implementation, for all who read events.
//!
//! One page can say the same in several ways, and in each another part of it. All of it becomes one statement; where two
//! speak of the same field, JSON-LD counts before microdata, Open Graph and the data layer.

mod address;
mod graph;
mod layer;
mod ld;
mod micro;
mod offer;

pub use address::{clean_page, clean_url, host, picture_url, product_url, resolved};

use crate::catalogue::Said;
use crate::event::{Order, Product, cut};

/// Something that a page states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// The page is about this product.
    Product(Product),
    /// The page confirms this order.
    Order(Order),
}

/// The raw texts of a page. What is too long or too much of it is left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Raw<'a, T> {
    /// Its address, as [`clean_page`] gives it: what counts where it names no other for its product.
    pub address: &'a str,
    /// The contents of its `<script type="application/ld+json">`.
    pub ld: &'a [T],
    /// Names and contents of `<meta>`: those that begin with `og:` or `product:`.
    pub meta: &'a [(T, T)],
    /// Properties of its product in microdata and their values. Before each stands the property that its thing is of
    /// another, nothing for the product itself: `.name`, `offers.price`.
    pub micro: &'a [(T, T)],
    /// What the data layer says of what is looked at, as JSON: the name of the event and the object behind `ecommerce`, in
    /// a list, or a whole entry.
    pub layer: &'a [T],
}

/// What a page says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stated {
    /// As events, so many at most as [`recognise`] gives.
    pub statements: Vec<Statement>,
    /// All that is said of products, for the catalogue. It came by way of a browser.
    pub said: Vec<Said>,
}

/// The most statements taken from one page.
const MOST_STATEMENTS: usize = 4;
/// The most names with values of one kind that are looked at.
const MOST_PAIRS: usize = 100;
/// The longest name, in bytes.
const NAME_BYTES: usize = 100;
/// The longest value, in bytes.
const VALUE_BYTES: usize = 4_096;

/// Reads the raw texts of a page's `<script type="application/ld+json">`. What cannot be read is
/// left out: a shop's broken markup is not an error of the event.
pub fn recognise<'a>(blocks: impl Iterator<Item = &'a str>) -> Vec<Statement> {
    let ld: Vec<&str> = blocks.collect();
    read(&Raw { ld: &ld, ..Raw::default() }).statements
}

/// Reads what a page says of itself.
pub fn read<T: AsRef<str>>(raw: &Raw<T>) -> Stated {
    let graph = graph::said(&pairs(raw.meta), raw.address);
    let layer = layer::said(raw.layer.iter().map(AsRef::as_ref), raw.address);
    // What a page shows amounts in, of several that its markup knows.
    let currency = [&graph, &layer].into_iter().flatten().find_map(|said| said.currency.clone());
    let reading = ld::Reading { address: raw.address, currency: currency.as_deref() };
    let mut things = reading.things(raw.ld.iter().map(AsRef::as_ref));
    let others = [micro::said(&pairs(raw.micro), &reading), graph, layer].into_iter().flatten();
    if let Some(other) = others.reduce(joined) {
        match products(&mut things)[..] {
            [] => {
                things.extend(ld::Seen::beside(other, raw.address).map(|seen| ld::Thing::Product(Box::new(seen))));
            }
            [ref mut only] => only.said.learn(other),
            // Of several nobody knows which of them is meant.
            _ => {}
        }
    }
    if let [only] = &mut products(&mut things)[..]
        && only.said.url.is_none()
        && !raw.address.is_empty()
    {
        only.said.url = Some(raw.address.to_owned());
    }
    let mut stated = Stated::default();
    for thing in things.into_iter().take(MOST_STATEMENTS) {
        stated.statements.push(match thing {
            ld::Thing::Order(order) => Statement::Order(order),
            ld::Thing::Product(seen) => {
                let product = viewed(&seen.said, seen.category);
                stated.said.push(seen.said);
                Statement::Product(product)
            }
        });
    }
    stated
}

fn pairs<T: AsRef<str>>(list: &[(T, T)]) -> Vec<(String, String)> {
    list.iter()
        .take(MOST_PAIRS)
        .map(|(name, value)| (name.as_ref().trim(), value.as_ref().trim()))
        .filter(|(name, value)| name.len() <= NAME_BYTES && (1..=VALUE_BYTES).contains(&value.len()))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn joined(mut said: Said, other: Said) -> Said {
    if said.id.is_empty() {
        said.id.clone_from(&other.id);
    }
    said.learn(other);
    said
}

fn products(things: &mut [ld::Thing]) -> Vec<&mut ld::Seen> {
    things
        .iter_mut()
        .filter_map(|thing| match thing {
            ld::Thing::Product(seen) => Some(&mut **seen),
            ld::Thing::Order(_) => None,
        })
        .collect()
}

/// A statement as the event that somebody has looked at it.
fn viewed(said: &Said, category: Option<String>) -> Product {
    Product {
        id: said.id.clone(),
        name: said.title.clone(),
        price: said.price.clone(),
        currency: said.currency.clone(),
        url: said.url.as_deref().and_then(clean_url),
        image: said.image.clone(),
        category: category.or_else(|| said.categories.first().cloned()),
        size: said.attributes.get("size").map(|size| cut(size, 40)),
        in_stock: said.in_stock,
    }
}

#[cfg(test)]
mod tests;
