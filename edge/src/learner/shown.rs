//! The catalogue as the admin API shows it.

use serde_json::{Value as Json, json};

use domain::catalogue::{Face, Fault, Said, Source, shopify};

use super::Learner;
use super::asks::{Heard, name};
use super::catalogue::{Known, Speaker};
use crate::problem::{Rejected, Result};

impl Learner {
    /// What the shop's server says of products in a market.
    pub(super) fn put(&self, market: Option<&str>, said: &[Said], amend: bool) -> Result<Heard> {
        self.shop()?;
        let market = self.market(market)?;
        let bounds = self.bounds(&market)?;
        let (mut good, mut refused) = (Vec::new(), Vec::new());
        for (index, said) in said.iter().enumerate() {
            match bounds.check(Source::Api, said.clone()) {
                Ok(said) => good.push(said),
                Err(Fault { field, detail }) => refused.push((index, field, detail)),
            }
        }
        let heard = self.take_in(Speaker { source: Source::Api, feed: "" }, &market, &good, amend)?;
        Ok(Heard { refused, ..heard })
    }

    /// What Shopify's webhook tells of a product.
    pub(super) fn hear_shopify(&self, topic: &str, body: &str) -> Result<Heard> {
        let market = self.market(None)?;
        let told = shopify::hook(topic, body.as_bytes(), &self.bounds(&market)?);
        match told.map_err(|Fault { field, detail }| Rejected::field(&field, detail))? {
            shopify::Told::Said(said) => {
                self.take_in(Speaker { source: Source::Api, feed: "" }, &market, &[*said], false)
            }
            shopify::Told::Gone(id) => self.remove(&[id]),
            shopify::Told::Nothing => Ok(Heard::default()),
        }
    }

    /// A page of products.
    pub(super) fn list_products(&self, after: &str, most: u16) -> Result<Json> {
        self.shop()?;
        let known = self.products_after(after, most)?;
        let next = known.last().filter(|_| known.len() == usize::from(most)).map(|last| last.id.clone());
        Ok(json!({ "items": known.iter().map(item).collect::<Vec<_>>(), "next": next }))
    }

    /// One product.
    pub(super) fn show_product(&self, id: &str) -> Result<Json> {
        self.shop()?;
        let missing = || Rejected::not_found("no product has this id, nor any of its variants");
        let number = self.number_of(id)?.ok_or_else(missing)?;
        let known = self.known(&[number].into())?;
        // Something may have been done with it before anybody says what it is.
        let known = known.first().filter(|known| known.told_of);
        Ok(item(known.ok_or_else(missing)?))
    }
}

fn item(known: &Known) -> Json {
    let product = known.product().unwrap_or_default();
    let faces: serde_json::Map<String, Json> =
        product.faces.iter().map(|(market, face)| (market.to_string(), shown(face))).collect();
    let said: Vec<Json> = known
        .said
        .iter()
        .map(|one| {
            let feed = Some(&one.feed).filter(|feed| !feed.is_empty());
            json!({ "source": name(one.source), "feed": feed, "market": one.market, "at": one.at, "said": one.said })
        })
        .collect();
    json!({
        "id": known.id,
        "sold": !known.gone,
        "variants": product.variants,
        "brand": product.brand,
        "attributes": product.attributes,
        "markets": faces,
        "said": said,
    })
}

fn shown(face: &Face) -> Json {
    json!({
        "title": face.title,
        "url": face.url,
        "image": face.image,
        "price": face.price.map(|price| price.to_string()),
        "was": face.was.map(|was| was.to_string()),
        "in_stock": face.in_stock,
        "categories": face.categories,
    })
}
