//! Shelves: rows of recommended products, as a shop wants them, filled in the browser or at the edge.
//!
//! What is learned travels in files that never change, each with the rows of some products and what has to be
//! known to show them ([`Card`]); what changes by the minute (stock, prices, what is trending) in one short file for
//! each market ([`Head`]).

use serde::{Deserialize, Serialize};

use crate::id::Slug;
use crate::recommend::Product;

/// What a shelf is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// What others went on to look at.
    Next,
    /// What is bought with what is looked at or lies in the cart.
    BoughtTogether,
    /// What is like what is looked at: of the same category, described alike.
    Similar,
    /// What was looked at last.
    RecentlyViewed,
    /// What many look at these days in this market.
    Trending,
    /// What somebody may want, by all that they have looked at and bought; needs permission to remember.
    ForYou,
    /// What brings a cart over the amount from which delivery is free.
    FreeDelivery,
}

/// What has to be known of a product to show it, in one market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The shop's id.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Its page; without scheme and host if they are those of the shop's home page.
    pub url: String,
    /// Its picture, likewise; empty if there is none.
    pub image: String,
    /// Price of one in minor units of the market's currency; nothing if it is not known.
    pub price: Option<u32>,
    /// What it cost before.
    pub was: Option<u32>,
    /// Its categories, by their place in the file's list.
    pub categories: Vec<u16>,
    /// How much the merchant's rules lift it on all shelves: 2 to the power of (byte − 128) / 16.
    pub lift: u8,
    /// Badges of the shelves' settings, a bit each.
    pub badges: u8,
}

/// The short file of one market, which lives for seconds: what files there are and what has changed since they were
/// written. Travels as postcard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// Version of this form of data: 1.
    pub v: u8,
    /// Counts up with every learning. Products have other numbers then.
    pub generation: u32,
    /// ISO 4217, as text.
    pub currency: String,
    /// How many products there are: numbers from 0.
    pub products: u32,
    /// The immutable files.
    pub files: Files,
    /// A bit for each product that must not be shown: out of stock, excluded by a rule, not in this market, gone.
    pub out: Vec<u8>,
    /// What has another card than the files say.
    pub changed: Vec<(Product, Card)>,
    /// What many look at these days in this market, best first, with the share of visitors who do.
    pub trending: Vec<(Product, f32)>,
    /// What the merchant's rules mean for single shelves, under the numbers of this generation.
    pub rules: Vec<Ruled>,
}

/// Names of immutable files, 16 hex digits each: the first 64 bits of their SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Files {
    /// Nothing was learned yet.
    None,
    /// The whole shop is one file.
    Whole(u64),
    /// A large shop: files of products with neighbouring numbers.
    Buckets {
        /// What is trending, for pages of no product.
        front: u64,
        /// The first number of each bucket, and its file.
        buckets: Vec<(u32, u64)>,
        /// Which number a product has: by the first bits of a hash of its id or its page's path, a file each.
        index: Vec<u64>,
    },
}

/// A rule of the merchant's for one shelf, with products by number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ruled {
    /// Which shelf; all if it is not named.
    pub shelf: Option<Slug>,
    /// Only beside these products; all if it is empty.
    pub beside: Vec<Product>,
    /// What it does.
    pub deed: Deed,
    /// Its place among the merchant's rules, for the why.
    pub rule: u16,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Deed {
    /// Puts these products at the beginning, in this order, unless they are out.
    Pin(Vec<Product>),
    /// Multiplies the scores of these products.
    Lift(Vec<(Product, f32)>),
    /// Leaves these products out.
    Exclude(Vec<Product>),
}
