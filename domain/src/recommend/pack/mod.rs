//! Rows of links in few bytes, as they travel to the browser.
//!
//! A pack holds the rows of products with consecutive numbers: a whole shop, or a bucket of a large one. Written by
//! `pack::write`; what travels is compressed by the protocol (brotli), for which like stands beside like:
//!
//! | bytes | what |
//! | --- | --- |
//! | 3 | `R`, `L`, the version 1 |
//! | varint | number of the first row's product |
//! | varint | rows |
//! | varint | products of the catalogue |
//! | 1 | how many sixteenths of a halving there are between two levels |
//! | varint, varints | what many look at these days, best first: how many, then each |
//! | a byte for each of these | the share of visitors who do: 2 to the power of (byte − 192) / 4 |
//! | a byte for each row | how many links |
//! | a byte for each row | weight of its strongest link: 2 to the power of (byte − 192) / 4 |
//! | a byte for each link | its level: how many steps its weight is below the strongest |
//! | varints | where links lead, ascending: the first of a row as distance from the row's own product (zigzag), the others as distance from the one before, less one |
//!
//! Varints are LEB128 of at most 32 bits.

mod read;
#[cfg(feature = "learning")]
mod write;

use core::ops::Range;

use super::Product;
#[cfg(feature = "learning")]
pub use write::{Form, bucketed, write};

/// Rows in one pack, at most.
pub const MOST_ROWS: usize = 65_536;

/// Products that many look at these days, at most.
pub const MOST_TRENDING: usize = 64;

const MARK: [u8; 3] = *b"RL\x01";

/// What the byte of a row's strongest link, or of a share, is for 1, and how many of it halve that.
const ONE: f32 = 192.0;
const OF_ROW: f32 = 4.0;
/// Sixteenths of a halving.
const OF_LEVEL: f32 = 16.0;

/// Rows of links, ready for scoring.
#[derive(Clone, Debug, PartialEq)]
pub struct Pack {
    first: u32,
    products: u32,
    trending: Vec<(Product, f32)>,
    /// Where each row begins among the levels, and at last where the last one ends.
    starts: Vec<u32>,
    /// Where each row begins among the numbers.
    places: Vec<u32>,
    strongest: Vec<f32>,
    levels: Vec<u8>,
    /// Where links lead, as it is written: few rows are ever asked for.
    numbers: Vec<u8>,
    /// Share of the strongest link's weight, by level.
    shares: Vec<f32>,
}

impl Pack {
    /// Numbers of the products whose rows are here.
    pub fn rows(&self) -> Range<u32> {
        let rows = u32::try_from(self.strongest.len()).unwrap_or(u32::MAX);
        self.first..self.first.saturating_add(rows)
    }

    /// How many products the catalogue has.
    pub fn products(&self) -> u32 {
        self.products
    }

    /// What many look at these days, best first, each with the share of visitors who do.
    pub fn trending(&self) -> &[(Product, f32)] {
        &self.trending
    }

    /// The links of a product with their weights, in the order of the numbers they lead to; none if its row is not here.
    /// A row that leads out of the catalogue ends there.
    pub fn row(&self, product: Product) -> impl Iterator<Item = (Product, f32)> + '_ {
        let place = product.0.checked_sub(self.first).map_or(usize::MAX, |place| Product(place).place());
        let levels = self.levels.get(self.bounds(place).unwrap_or_default()).unwrap_or_default();
        let strongest = self.strongest.get(place).copied().unwrap_or_default();
        let from = self.places.get(place).map_or(usize::MAX, |from| Product(*from).place());
        let mut numbers = read::Numbers::new(self.numbers.get(from..).unwrap_or_default(), product, self.products);
        levels.iter().map_while(move |level| {
            let share = self.shares.get(usize::from(*level)).copied().unwrap_or_default();
            Some((numbers.next()?, strongest * share))
        })
    }

    fn bounds(&self, place: usize) -> Option<Range<usize>> {
        let start = *self.starts.get(place)?;
        let end = *self.starts.get(place.checked_add(1)?)?;
        Some(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
    }
}
