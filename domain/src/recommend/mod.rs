//! What a shopper may want to see next, learned from what shoppers looked at after one another.
//!
//! Shards count how often one product was looked at soon after another (`count`); counts add up, so a learner
//! merges those of all shards. Of the sums it makes a row of links for each product (`links`), and packs rows
//! into a few kilobytes ([`pack`]). The browser, or the edge for a letter, blends the rows of what somebody has
//! looked at last ([`score`]); nothing about them leaves the browser for it.
//!
//! How good that is, and what each part of it brings, is measured by `cargo xtask bench recommend`;
//! `tests/recommend/README.md` has the tables.

pub mod best;
pub(crate) mod bytes;
#[cfg(feature = "learning")]
pub mod count;
#[cfg(feature = "learning")]
pub mod course;
pub mod habit;
#[cfg(feature = "learning")]
pub mod ledger;
#[cfg(feature = "learning")]
pub mod links;
#[cfg(feature = "learning")]
pub mod order;
pub mod pack;
pub mod score;
#[cfg(feature = "learning")]
pub mod similar;
#[cfg(all(test, feature = "learning"))]
mod tests;

use serde::{Deserialize, Serialize};

/// A product by its number in the shop's catalogue. Numbers are dense: a catalogue of n products has 0 to n − 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Product(pub u32);

impl Product {
    /// The number as a place in a list.
    pub fn place(self) -> usize {
        // `usize` has at least 32 bits wherever this runs.
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}
