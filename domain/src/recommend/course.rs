//! Learning a whole shop in steps that are small enough for an alarm of the edge.
//!
//! A *course* says which rows come next, and what is to be made of them: the caller makes a slice, keeps it with the
//! course in one write, and goes on whenever it can, after a kill too. Slices are kept as [`write_rows`] writes them.
//!
//! 1. [`Task::Direct`]: [`links::direct`](super::links::direct) for each row, from the row's sums.
//! 2. [`Task::Further`]: [`Links::further`](super::links::Links::further) for a slice, from all direct rows and all of the last step.
//! 3. [`Task::Finish`]: all rows of the last step at once. Similar products fill up
//!    ([`Links::fill`](super::links::Links::fill)), numbers are chosen ([`super::order`]), files are written; that is short enough to be
//!    done again, or cut by files.

use core::ops::Range;

use serde::{Deserialize, Serialize};

use super::Product;
use super::links::{Link, Recipe};
use crate::id::Malformed;

/// How far a learning has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    products: u32,
    /// Steps of the recipe.
    steps: u8,
    /// 0 for direct rows.
    step: u8,
    /// The first row that is not made yet.
    next: u32,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// The direct rows of these products.
    Direct(Range<u32>),
    /// Their rows one step further; `step` counts from 1.
    Further {
        /// Which step.
        step: u8,
        /// Which rows.
        rows: Range<u32>,
    },
    /// All rows are there; those of this step are the last ones, 0 for the direct ones.
    Finish {
        /// Which step.
        step: u8,
    },
}

impl Course {
    /// Begins to learn so many products.
    pub fn new(products: u32, recipe: &Recipe) -> Self {
        Self { products, steps: recipe.steps.max(1), step: 0, next: 0 }
    }

    /// What is to be done next, with at most so many rows.
    pub fn task(&self, rows: u32) -> Task {
        let end = self.next.saturating_add(rows.max(1)).min(self.products);
        match self.step {
            step if step >= self.steps => Task::Finish { step: self.steps - 1 },
            0 => Task::Direct(self.next..end),
            step => Task::Further { step, rows: self.next..end },
        }
    }

    /// The rows up to this one are made and kept.
    pub fn done(&mut self, end: u32) {
        self.next = end.max(self.next);
        if self.next >= self.products {
            self.next = 0;
            self.step = self.step.saturating_add(1).min(self.steps);
        }
    }
}

/// Rows as they are kept between two slices: of each how many links, then where each leads and its weight, exactly.
pub fn write_rows(rows: &[Vec<Link>]) -> Vec<u8> {
    let links: usize = rows.iter().map(Vec::len).sum();
    let mut written = Vec::with_capacity(links.saturating_mul(8).saturating_add(rows.len().saturating_mul(2)));
    for row in rows {
        let row = row.get(..row.len().min(usize::from(u16::MAX))).unwrap_or_default();
        written.extend(u16::try_from(row.len()).unwrap_or_default().to_le_bytes());
        for link in row {
            written.extend(link.to.0.to_le_bytes());
            written.extend(link.weight.to_le_bytes());
        }
    }
    written
}

/// Reads what [`write_rows`] has written, behind the rows that there are.
///
/// # Errors
/// Bytes that it would never have written.
pub fn read_rows(mut bytes: &[u8], rows: &mut Vec<Vec<Link>>) -> Result<(), Malformed> {
    const HOW: Malformed = Malformed("expected rows of links");
    while let Some((count, rest)) = bytes.split_first_chunk() {
        let all = usize::from(u16::from_le_bytes(*count)).checked_mul(8).ok_or(HOW)?;
        let (links, rest) = rest.split_at_checked(all).ok_or(HOW)?;
        let link = |bytes: &[u8]| {
            let (to, weight) = bytes.split_first_chunk()?;
            let (weight, _) = weight.split_first_chunk()?;
            let weight = f32::from_le_bytes(*weight);
            weight.is_finite().then_some(Link { to: Product(u32::from_le_bytes(*to)), weight })
        };
        rows.push(links.chunks_exact(8).map(link).collect::<Option<Vec<Link>>>().ok_or(HOW)?);
        bytes = rest;
    }
    if bytes.is_empty() { Ok(()) } else { Err(HOW) }
}
