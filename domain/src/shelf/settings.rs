//! What the merchant wants of shelves: for the browser ([`ShelfBrain`], a file for each language) and for the edge
//! ([`Shelves`], part of a shop's configuration).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Kind;
use super::key::lot;
use super::market::Market;
use super::rule::{Badge, Rule};
use crate::id::{Malformed, Slug, VisitorId};
use crate::published::Language;
use crate::time::Span;

/// A shelf, without its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shelf {
    /// Its name: that of its file, and of its place in the shop's pages.
    pub name: Slug,
    /// What it is for.
    pub kind: Kind,
    /// Products on it, at most.
    pub size: u8,
    /// With fewer it is not shown.
    pub least: u8,
    /// What they have bought is left out.
    pub without_owned: bool,
    /// What lies in the cart is left out.
    pub without_cart: bool,
    /// What else is left out.
    pub only: Only,
    /// At most so many of one category.
    pub most_of_category: Option<u8>,
    /// At most so many of one brand.
    pub most_of_brand: Option<u8>,
    /// Of a thousand visitors, how many do not see it, so that what it brings can be told.
    pub holdout: u16,
}

/// What may stand on a shelf. Where it says nothing, everything may.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Only {
    /// Only what is in one of these categories or below it.
    pub categories: Vec<String>,
    /// Only what shares a category with what is looked at.
    pub same_category: bool,
    /// Only what costs so much, in markets of these currencies.
    pub prices: Vec<Prices>,
}

/// A range of prices in minor units of a currency, both ends included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prices {
    /// ISO 4217.
    pub currency: String,
    /// The lowest.
    pub from: u32,
    /// The highest.
    pub to: u32,
}

/// Whether a visitor does not see a shelf, so that what it brings can be told: `share` of a thousand do not. Decided
/// alike wherever it is asked, and for each shelf anew.
pub fn holdout(visitor: VisitorId, shelf: &Slug, share: u16) -> bool {
    lot(visitor.0.as_bytes(), shelf.as_str()) < share
}

/// What the wasm reads of a published version's shelves, in one language. Travels as postcard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShelfBrain {
    /// Version of this form of data: [`ShelfBrain::VERSION`].
    pub v: u8,
    /// The published version.
    pub version: String,
    /// Every shelf of the shop.
    pub shelves: Vec<ShelfView>,
    /// The shop's markets, the one for everybody else first.
    pub markets: Vec<Market>,
    /// What badges say, by the bit that they have on cards.
    pub badges: Vec<String>,
    /// Words that all shelves share.
    pub words: Words,
}

impl ShelfBrain {
    /// The version of the wire form that this code writes and reads.
    pub const VERSION: u8 = 1;

    /// Reads a published brain. Another version of the form is an error, never a guess.
    ///
    /// # Errors
    /// Bytes that [`ShelfBrain::write`] would never have written.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        const HOW: Malformed = Malformed("expected the settings of shelves, version 1");
        match bytes.first() {
            Some(&Self::VERSION) => postcard::from_bytes(bytes).map_err(|_| HOW),
            _ => Err(HOW),
        }
    }

    /// Writes it.
    ///
    /// # Errors
    /// None that is known: it is written into memory.
    pub fn write(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_allocvec(self)
    }

    /// A shelf by its name.
    pub fn shelf(&self, name: &str) -> Option<&ShelfView> {
        self.shelves.iter().find(|view| view.shelf.name.as_str() == name)
    }
}

/// A shelf in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShelfView {
    /// What it is.
    pub shelf: Shelf,
    /// What stands above it.
    pub title: String,
    /// What is said below a product, by reason.
    pub reasons: Reasons,
}

/// Words of a shelf for each reason; `{title}` stands for a product, `{amount}` for money. An empty one is not said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reasons {
    /// Others went on to it from `{title}`.
    pub went_on_from: String,
    /// It is bought with `{title}`.
    pub bought_with: String,
    /// It is like `{title}`.
    pub like: String,
    /// It was looked at before.
    pub seen_before: String,
    /// It was bought before.
    pub bought_before: String,
    /// Many look at it these days.
    pub trending: String,
    /// It brings the cart nearer to free delivery, to which `{amount}` is missing.
    pub free_delivery: String,
    /// The shop itself recommends it.
    pub pinned: String,
}

/// Words that all shelves share. None of them is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// On the button that takes a product off the shelf: "Not for me".
    pub dismiss: String,
    /// Said once it is gone: "We will not show it again".
    pub dismissed: String,
    /// Before what it cost before: "Before".
    pub was: String,
    /// On the button to what comes further on in the row: "More".
    pub forth: String,
    /// On the button back: "Back".
    pub back: String,
}

/// What the edge knows of a shop's shelves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shelves {
    /// The shelves, with their words in every language of the shop.
    pub shelves: Vec<ShelfSaid>,
    /// The shop's markets, the one for everybody else first: always at least that one where there are shelves.
    pub markets: Vec<Market>,
    /// Words that all shelves share, in every language of the shop.
    pub words: BTreeMap<Language, Words>,
    /// Badges, by the bit that they have on cards; at most eight.
    pub badges: Vec<Badge>,
    /// The merchant's rules, by the place that a why names.
    pub rules: Vec<Rule>,
    /// Where the catalogue comes from.
    pub catalogue: Sources,
}

impl Shelves {
    /// Whether the shop has no shelves: nothing is learned for it then.
    pub fn are_none(&self) -> bool {
        self.shelves.is_empty()
    }

    /// A shelf by its name.
    pub fn shelf(&self, name: &str) -> Option<&Shelf> {
        self.shelves.iter().map(|said| &said.shelf).find(|shelf| shelf.name.as_str() == name)
    }
}

/// A shelf in all languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShelfSaid {
    /// What it is.
    pub shelf: Shelf,
    /// Its title and its reasons, in every language of the shop.
    pub texts: BTreeMap<Language, ShelfText>,
}

/// A shelf's words in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShelfText {
    /// What stands above it.
    pub title: String,
    /// What is said below a product.
    pub reasons: Reasons,
}

/// Where the catalogue comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sources {
    /// How many visitors have to have seen the same on a page before it is believed.
    pub witnesses: u8,
    /// What the shop publishes.
    pub feeds: Vec<Feed>,
    /// Hosts from which pictures may come, beside the shop's own.
    pub image_hosts: Vec<String>,
}

impl Default for Sources {
    fn default() -> Self {
        Self { witnesses: 2, feeds: Vec::new(), image_hosts: Vec::new() }
    }
}

/// A list of products that the shop publishes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// Where.
    pub url: String,
    /// In which form.
    pub kind: FeedKind,
    /// Of which market.
    pub market: Slug,
    /// How often it is read.
    pub every: Span,
}

/// The form of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeedKind {
    /// Google Merchant's, as XML or as a table.
    Google,
    /// Shopify's `products.json`.
    Shopify,
}

impl FeedKind {
    /// All of them, by the names that they have in a shop's file.
    pub const NAMES: [(&'static str, Self); 2] = [("google", Self::Google), ("shopify", Self::Shopify)];
}
