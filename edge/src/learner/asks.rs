//! What a learner can be asked. Every call names its shop by the object's name.

use domain::catalogue::{Said, Source};
use domain::id::Slug;
use domain::shelf::credit::{Credit, Done};
use serde::{Deserialize, Serialize};

use super::filling::Wanted;
use crate::call::Configuration;

/// A call.
#[derive(Debug, Serialize, Deserialize)]
pub enum LearnerCall {
    /// Takes a configuration over.
    Configure(Box<Configuration>),
    /// What pages say of products, each by the mouth of one visitor.
    Tell(Vec<Telling>),
    /// What visitors of an object did, as sums. Told twice, it counts once.
    Counted(Box<Counted>),
    /// What the shop's server says of products in a market: all that it says of each, or a part of it.
    Put {
        /// In which market; the shop's own, if it is not named.
        market: Option<String>,
        /// What is said.
        said: Vec<Said>,
        /// What is not said stays as it was said before.
        amend: bool,
    },
    /// These products are not sold any more.
    Remove {
        /// Ids of products, or of variants.
        ids: Vec<String>,
    },
    /// Products in the order of their ids, from the one after this.
    Products {
        /// The last one that is known.
        after: String,
        /// So many.
        most: u16,
    },
    /// One product, by its id or that of a variant.
    Product {
        /// The id.
        id: String,
    },
    /// The short file of a market, as it is sent to browsers.
    Head {
        /// Which market.
        market: String,
    },
    /// A file that never changes, as it is sent to browsers.
    Pack {
        /// Its name: 16 hex digits.
        name: String,
    },
    /// What Shopify tells of a product: a webhook's topic and its body, whose signature has been checked.
    Shopify {
        /// The topic.
        topic: String,
        /// The body.
        body: String,
    },
    /// What became of the shop's feeds; all are read as soon as possible, if `now`.
    Feeds {
        /// They are.
        now: bool,
    },
    /// A shelf, filled for somebody.
    Shelf(Box<Wanted>),
    /// What a letter recommends.
    Letter(Box<Letter>),
    /// What is known of that which a letter names: what lies in a cart, what was ordered.
    Cards(Box<Named>),
    /// What shelves bring.
    Shelves,
    /// How it goes.
    Status,
    /// Learns anew as soon as possible.
    Learn,
    /// Moves the development clock: so far ahead of the real one.
    #[cfg(feature = "dev-clock")]
    Advance { ahead: domain::time::Span },
}

/// What a page said of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    /// Who read it there: a keyed hash, which says nothing of them.
    pub visitor: u64,
    /// What it said.
    pub said: Said,
}

/// A letter that recommends something.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Letter {
    /// What, and to whom.
    pub wanted: Wanted,
    /// In which of the shop's languages.
    pub language: String,
    /// How many products.
    pub most: u8,
}

/// What a letter names.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Named {
    /// Ids of products, or of variants.
    pub ids: Vec<String>,
    /// In which market; the shop's own, if it is not named.
    pub market: Option<String>,
}

/// What some visitors of an object did with products since they were counted last.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Counted {
    /// Which object.
    pub object: u16,
    /// Counts up with everything that it tells.
    pub serial: i64,
    /// How many visitors were counted.
    pub visitors: u32,
    /// Ids of products by the numbers that they have here.
    pub ids: Vec<String>,
    /// What is looked at after what: a [`domain::recommend::count::Delta`] in base64; empty for nothing.
    pub next: String,
    /// What is bought together, likewise.
    pub together: String,
    /// Who looked at what, by market.
    pub seen: Vec<Seen>,
    /// What shelves are credited with.
    #[serde(default)]
    pub credits: Credits,
}

/// What shelves are credited with, of some visitors.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Credits {
    /// Of those who clicked nothing, added up.
    pub sum: Credit,
    /// Of each who clicked something, all of it: which variants are of which product is known here alone.
    pub trails: Vec<Trail>,
}

/// What somebody did before shelves and after them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Trail {
    /// As far as it was told before.
    pub before: Vec<Done>,
    /// All of it.
    pub now: Vec<Done>,
}

impl Trail {
    /// Nothing was done.
    pub fn is_empty(&self) -> bool {
        self.before.is_empty() && self.now.is_empty()
    }
}

impl Credits {
    /// Adds what one visitor did.
    pub fn add(&mut self, trail: Trail) {
        if Credit::is_about_products(&trail.now) || Credit::is_about_products(&trail.before) {
            self.trails.push(trail);
        } else {
            self.sum.add(&Credit::of(&trail.now, |id| id));
            self.sum.subtract(&Credit::of(&trail.before, |id| id));
        }
    }
}

/// Who looked at what in a market.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seen {
    /// Which market; the shop's own, if it is not known.
    pub market: Option<Slug>,
    /// The day since 1970 for which weights are.
    pub horizon: u32,
    /// How much more or less is seen in all.
    pub visitors: i64,
    /// Of each product by its number here.
    pub viewers: Vec<(u32, i64)>,
}

/// Where a statement comes from, as it stands in tables.
pub const fn name(source: Source) -> &'static str {
    match source {
        Source::Page => "page",
        Source::Feed => "feed",
        Source::Api => "api",
    }
}

/// What became of what was said of several products.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Heard {
    /// How many products are known otherwise than before.
    pub changed: usize,
    /// How many are in the catalogue now.
    pub products: i64,
    /// What does not count: its place, the field at fault and what is wrong with it.
    #[serde(default)]
    pub refused: Vec<(usize, String, String)>,
}
