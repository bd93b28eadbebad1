//! Shelves: rows of recommended products, as a shop wants them, filled in the browser or at the edge.
//!
//! What is learned travels in files that never change ([`file`], [`index`]), each with the rows of some products and
//! what has to be known to show them ([`Card`]); what changes by the minute (stock, prices, what is trending) in one
//! short file for each market ([`Head`]). What the merchant wants stands in [`settings`]; [`fill::fill`] makes a row
//! of cards of all of it, with a reason that the shopper can read and a why for the merchant.
//!
//! Files are written with the feature `learning`; without it only reading and filling are there, which is what
//! shoppers download.

pub mod bits;
pub mod file;
pub mod fill;
mod head;
pub mod index;
#[cfg(feature = "catalogue")]
pub mod judge;
pub mod key;
pub mod market;
pub mod rule;
pub mod settings;
pub mod store;
#[cfg(all(test, feature = "learning"))]
mod tests;

#[cfg(feature = "learning")]
pub mod credit;

use serde::{Deserialize, Serialize};

pub use head::{Deed, Files, Head, Ruled, name_of};

/// What a shelf is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

impl Kind {
    /// Its name, as it stands in a shelf's file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::BoughtTogether => "bought-together",
            Self::Similar => "similar",
            Self::RecentlyViewed => "recently-viewed",
            Self::Trending => "trending",
            Self::ForYou => "for-you",
            Self::FreeDelivery => "free-delivery",
        }
    }
}

/// What has to be known of a product to show it, in one market.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Who makes it; empty if that is not known.
    pub brand: String,
    /// Its categories, each as a path such as `Women > Dresses`.
    pub categories: Vec<String>,
    /// How much the merchant's rules lift it on all shelves: 2 to the power of (byte − 128) / 16.
    pub lift: u8,
    /// Badges of the shelves' settings, a bit each.
    pub badges: u8,
}

impl Card {
    /// The lift of what no rule lifts.
    pub const NO_LIFT: u8 = 128;
}
