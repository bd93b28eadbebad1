//! What a shop sells, as its pages, its feeds and its server say it.
//!
//! Each source says what it knows ([`Said`]); what is said of one product by all of them is put together into one
//! `Product` with a face for each market ([`fold`]). What a page says came by way of a browser, so it is only believed once
//! several visitors have said the same ([`Witnesses`]); what a feed or the shop's server says is read by [`feed`] and
//! [`shopify`]. All of it keeps within [`Bounds`]. Nothing here fetches or keeps anything.
//!
//! Statements are part of what pages say, so they are there wherever events are read; the rest is for whoever learns.

#[cfg(feature = "catalogue")]
mod bounds;
#[cfg(feature = "catalogue")]
pub mod feed;
#[cfg(feature = "catalogue")]
mod fold;
#[cfg(all(feature = "catalogue", feature = "message"))]
mod named;
mod said;
#[cfg(feature = "catalogue")]
pub mod shopify;
#[cfg(all(test, feature = "catalogue"))]
mod tests;
pub(crate) mod text;
#[cfg(feature = "catalogue")]
mod witnesses;
#[cfg(feature = "catalogue")]
mod words;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[cfg(all(feature = "catalogue", feature = "message"))]
pub use self::named::card;
#[cfg(feature = "catalogue")]
pub use self::{
    bounds::{Bounds, Fault},
    fold::{DEFAULT_MARKET, Told, fold},
    witnesses::{Change, Witnesses},
    words::Words,
};
pub use said::MOST_VARIANTS;

#[cfg(feature = "catalogue")]
use crate::id::Slug;
#[cfg(feature = "catalogue")]
use crate::money::Money;

/// Who says it. Of two that speak of the same field the later in this order is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A page of the shop, by way of a browser: believed once several visitors have said the same.
    Page,
    /// A product feed that the shop publishes.
    Feed,
    /// The shop's server.
    Api,
}

/// What is said of one product, or of one of its variants, in one market. Everything but the id may be missing:
/// then another source is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// The shop's id for it.
    pub id: String,
    /// The product that it is a variant of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// More about it, in words; only for what is alike, never shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Price of one, a plain decimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<String>,
    /// What it cost before, a plain decimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// ISO 4217.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// What the shop pays for it, a plain decimal; never leaves the edge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<String>,
    /// Whether it can be bought now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_stock: Option<bool>,
    /// The categories it is in, each as a path such as `Women > Dresses`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Who makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// What else is known of it by name, such as `colour`, `size`, `material`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// Its variants, where they are said together with it. A variant has none of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Said>,
}

/// A product, put together from all that is said of it.
#[cfg(feature = "catalogue")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Product {
    /// The shop's id.
    pub id: String,
    /// Ids of its variants, under which carts and orders may name it.
    pub variants: Vec<String>,
    /// Who makes it.
    pub brand: Option<String>,
    /// More about it, in words.
    pub description: Option<String>,
    /// What else is known of it; of variants all values, each once, with ` / ` between.
    pub attributes: BTreeMap<String, String>,
    /// What the shop pays for it.
    pub cost: Option<Money>,
    /// How it is shown, by market. The shop's own market, for those whom no other is for, has the name `default`.
    pub faces: BTreeMap<Slug, Face>,
}

/// How a product is shown in one market.
#[cfg(feature = "catalogue")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Face {
    /// Its name.
    pub title: String,
    /// Its page.
    pub url: String,
    /// Its picture.
    pub image: Option<String>,
    /// Price of one; of variants the lowest that can be bought.
    pub price: Option<Money>,
    /// What it cost before, if that was more.
    pub was: Option<Money>,
    /// Whether it, or one of its variants, can be bought now.
    pub in_stock: bool,
    /// The categories it is in, each as a path.
    pub categories: Vec<String>,
}
