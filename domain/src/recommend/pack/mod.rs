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
use super::bytes::Part;
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

/// Rows of links, ready for scoring: bytes, and what is where in them.
#[derive(Clone, Copy, Debug)]
pub struct Pack<'a> {
    rows: &'a Rows,
    bytes: &'a [u8],
}

/// What was read of a pack, without its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    first: u32,
    products: u32,
    trending: Vec<(Product, f32)>,
    /// How many links there are before each row, and at last how many there are.
    starts: Vec<u32>,
    /// What is written of weights and of where links lead: few rows are ever asked for.
    strongest: Part,
    levels: Part,
    numbers: Part,
    /// How many numbers have ended before each block of those, by which a row is found.
    ended: Vec<u32>,
    /// Share of the strongest link's weight, by level.
    shares: Vec<f32>,
}

impl Rows {
    /// The pack, with the bytes that it was read from.
    pub fn of<'a>(&'a self, bytes: &'a [u8]) -> Pack<'a> {
        Pack { rows: self, bytes }
    }

    /// Which links are a row's: the first one's place, and the one's behind the last.
    fn bounds(&self, place: usize) -> Option<(u32, u32)> {
        Some((*self.starts.get(place)?, *self.starts.get(place.checked_add(1)?)?))
    }
}

impl<'a> Pack<'a> {
    /// Numbers of the products whose rows are here.
    pub fn rows(self) -> Range<u32> {
        let rows = u32::try_from(self.rows.starts.len().saturating_sub(1)).unwrap_or(u32::MAX);
        self.rows.first..self.rows.first.saturating_add(rows)
    }

    /// How many products the catalogue has.
    pub fn products(self) -> u32 {
        self.rows.products
    }

    /// What many look at these days, best first, each with the share of visitors who do.
    pub fn trending(self) -> &'a [(Product, f32)] {
        &self.rows.trending
    }

    /// The links of a product with their weights, in the order of the numbers they lead to; none if its row is not here.
    /// A row that leads out of the catalogue ends there.
    pub fn row(self, product: Product) -> impl Iterator<Item = (Product, f32)> + 'a {
        let Self { rows, bytes } = self;
        let place = product.0.checked_sub(rows.first).map_or(usize::MAX, |place| Product(place).place());
        let (from, to) = rows.bounds(place).unwrap_or_default();
        let levels = rows.levels.of(bytes).get(Product(from).place()..Product(to).place()).unwrap_or_default();
        let strongest = rows.strongest.of(bytes).get(place).copied().map_or(0.0, read::power);
        let mut numbers = read::Numbers::of(self.numbers_from(from), product, rows.products);
        levels.iter().map_while(move |level| {
            let share = rows.shares.get(usize::from(*level)).copied().unwrap_or_default();
            Some((numbers.next()?, strongest * share))
        })
    }
}
