//! A product as a cart or an order names it: by its own id, or by that of a variant.

use core::cmp::Reverse;
use core::iter::once;

use super::fold::SKU;
use super::{DEFAULT_MARKET, Product, Said, Told};
use crate::id::Slug;
use crate::message::basket::Card;

/// What a source says, of the product and of its variants one by one.
fn each<'a>(told: &'a Told<'a>) -> impl Iterator<Item = (&'a Told<'a>, &'a Said)> {
    once(told.said).chain(&told.said.variants).map(move |said| (told, said))
}

/// How a message shows what an id names: the product in the words of a market, and of the variant, where it is one, its
/// own picture, page, colour and size. `told` is all that is said of the product. Nothing where the market has neither
/// name nor page for it.
pub fn card(product: &Product, id: &str, told: &[Told], market: &Slug) -> Option<Card> {
    let own = || product.faces.iter().find(|(name, _)| name.as_str() == DEFAULT_MARKET).map(|(_, face)| face);
    let face = product.faces.get(market).or_else(own)?;
    let here = |told: &&Told| told.market == market || told.market.as_str() == DEFAULT_MARKET;
    let is_it = |said: &Said| said.id == id || said.attributes.get(SKU).is_some_and(|sku| sku == id);
    let mut of_it: Vec<(&Told, &Said)> = told.iter().filter(here).flat_map(each).collect();
    of_it.retain(|(_, said)| said.id != product.id && is_it(said));
    of_it.sort_by_key(|(told, _)| (told.market != market, Reverse(told.source)));
    let find = |field: fn(&Said) -> Option<&String>| of_it.iter().find_map(|(_, said)| field(said).cloned());
    Some(Card {
        title: face.title.clone(),
        url: find(|said| said.url.as_ref()).unwrap_or_else(|| face.url.clone()),
        image: find(|said| said.image.as_ref()).or_else(|| face.image.clone()).unwrap_or_default(),
        colour: find(|said| said.attributes.get("colour").or(said.attributes.get("color"))).unwrap_or_default(),
        size: find(|said| said.attributes.get("size")).unwrap_or_default(),
    })
}
