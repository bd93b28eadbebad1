//! How often products were looked at soon after one another, as sums that add up.
//!
//! A shard counts its visitors, a learner adds the counts of all shards; the sums are whole numbers, so the parts
//! give exactly what the whole would have given, in any order. What is older counts less ([`Profile::half_life_days`]).
//!
//! Nobody counts for much: of all that one visitor did, a pair of products counts once, with the most that any of
//! its occurrences is worth, and whoever did more than a person can ([`MOST_IN_A_DAY`], [`MOST_DOINGS`]) does not count at all.
//!
//! Who counts everybody anew uses [`Counts`]. Who learns all the time adds what has changed of each visitor ([`Delta`])
//! to the rows of a [`super::ledger`], and both say the same.

mod delta;
mod doing;
mod visitor;

use core::ops::Range;

use super::Product;
pub use delta::{Change, Delta, ONE, horizon};
use doing::WHOLE;
pub(super) use doing::whole;
pub use doing::{Act, Doing, Profile, REACH, Visit};
use visitor::Contribution;
pub use visitor::visits;

/// Doings of one day beyond which a visitor is no shopper. The busiest of 23,753 real sessions has 196.
pub const MOST_IN_A_DAY: usize = 500;

/// Doings beyond which a visitor is no shopper, however long it took.
pub const MOST_DOINGS: usize = 20_000;

/// Counts that cannot be added: they are of other days, catalogues, parts of them or profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unlike;

impl core::fmt::Display for Unlike {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("these counts were not made alike")
    }
}

impl core::error::Error for Unlike {}

/// Whether a visitor was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Heard {
    /// Everything they did, each pair of products once.
    Counted,
    /// Nothing: no person does that much.
    TooMuch,
}

/// What is known of one product following another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Beside which product.
    pub from: Product,
    /// Which.
    pub to: Product,
    /// How much it was done, in 1/65,536 of a thousandth of a look on the last day.
    pub weight: i64,
    /// By how many visitors.
    pub visitors: u32,
}

impl Pair {
    fn key(&self) -> (Product, Product) {
        (self.from, self.to)
    }
}

/// Sums over visitors.
#[derive(Clone, Debug)]
pub struct Counts {
    profile: Profile,
    today: u32,
    products: u32,
    rows: Range<u32>,
    /// By `from` and `to`, each once.
    sorted: Vec<Pair>,
    /// What came since, in any order.
    fresh: Vec<Pair>,
    /// How many visitors looked at each product, each with the weight of their last time.
    viewers: Vec<i64>,
    /// How many visitors there were, likewise.
    visitors: i64,
}

impl Counts {
    /// Counts nothing yet, of a catalogue of so many products, for the day `today` (since 1970).
    pub fn new(profile: Profile, products: u32, today: u32) -> Self {
        Self::of_rows(profile, products, today, 0..products)
    }

    /// The same for the rows of these products only, so that a large shop is counted in slices that fit into memory.
    pub fn of_rows(profile: Profile, products: u32, today: u32, rows: Range<u32>) -> Self {
        let viewers = vec![0; Product(products).place()];
        Self { profile, today, products, rows, sorted: Vec::new(), fresh: Vec::new(), viewers, visitors: 0 }
    }

    /// Counts one visitor, with all of their visits at once. Products that are not in the catalogue are passed over.
    pub fn visitor(&mut self, visits: &[Visit<'_>]) -> Heard {
        let weight = |day| self.profile.weight(self.today.saturating_sub(day));
        let Some(Contribution { mut pairs, seen, latest }) =
            Contribution::of(&self.profile, visits, &weight, self.products)
        else {
            return Heard::TooMuch;
        };
        self.visitors = self.visitors.saturating_add(latest);
        for (product, weight) in seen {
            if let Some(viewers) = self.viewers.get_mut(product.place()) {
                *viewers = viewers.saturating_add(weight);
            }
        }
        pairs.retain(|pair| self.rows.contains(&pair.from.0));
        self.fresh.extend(pairs);
        if self.fresh.len() > FRESH_MOST.max(self.sorted.len() / 4) {
            self.settle();
        }
        Heard::Counted
    }

    /// Adds what was counted elsewhere, of other visitors.
    ///
    /// # Errors
    /// [`Unlike`] if it was counted for another day, another catalogue, other rows or by another profile.
    pub fn merge(&mut self, other: &Self) -> Result<(), Unlike> {
        let alike = self.profile == other.profile
            && (self.today, self.products, &self.rows) == (other.today, other.products, &other.rows);
        if !alike {
            return Err(Unlike);
        }
        for (viewers, theirs) in self.viewers.iter_mut().zip(&other.viewers) {
            *viewers = viewers.saturating_add(*theirs);
        }
        self.visitors = self.visitors.saturating_add(other.visitors);
        self.fresh.extend_from_slice(&other.sorted);
        self.fresh.extend_from_slice(&other.fresh);
        self.settle();
        Ok(())
    }

    /// Lets the counts age to a later day, as if all had been counted for that day; what is lost by rounding is less
    /// than a ten-thousandth of a look for each pair.
    pub fn fade(&mut self, today: u32) {
        let days = today.saturating_sub(self.today);
        self.settle();
        let factor = self.profile.weight(days);
        let faded = |weight: i64| weight.saturating_mul(factor) / 65_536;
        for pair in &mut self.sorted {
            pair.weight = faded(pair.weight);
        }
        self.sorted.retain(|pair| pair.weight != 0);
        for viewers in &mut self.viewers {
            *viewers = faded(*viewers);
        }
        self.visitors = faded(self.visitors);
        self.today = self.today.max(today);
    }

    /// All pairs, by `from` and `to`.
    pub fn pairs(&mut self) -> &[Pair] {
        self.settle();
        &self.sorted
    }

    /// How many visitors looked at each product by its number, each with the weight of their last time: a look today
    /// is 1.
    pub fn viewers(&self) -> impl Iterator<Item = f64> + '_ {
        self.viewers.iter().map(|&viewers| real(viewers) / WHOLE)
    }

    /// What most visitors looked at, best first, with their share of all visitors. How fast that changes is the
    /// profile's half-life; for one market, its visitors are counted alone, where that is all without rows (`0..0`).
    pub fn trending(&self, most: usize) -> Vec<(Product, f64)> {
        let everybody = real(self.visitors).max(1.0);
        let seen = (0_u32..).map(Product).zip(&self.viewers).filter(|seen| *seen.1 > 0);
        let mut seen: Vec<(Product, i64)> = seen.map(|(product, viewers)| (product, *viewers)).collect();
        seen.sort_unstable_by_key(|&(product, viewers)| (-viewers, product));
        seen.truncate(most);
        seen.into_iter().map(|(product, viewers)| (product, real(viewers) / everybody)).collect()
    }

    /// How many products the catalogue has.
    pub fn products(&self) -> u32 {
        self.products
    }

    fn settle(&mut self) {
        if self.fresh.is_empty() {
            return;
        }
        self.fresh.sort_unstable_by_key(Pair::key);
        let mut all = Vec::with_capacity(self.sorted.len().saturating_add(self.fresh.len()));
        let (mut old, mut new) = (self.sorted.iter().peekable(), self.fresh.iter().peekable());
        loop {
            let next = match (old.peek(), new.peek()) {
                (Some(a), Some(b)) if a.key() <= b.key() => old.next(),
                (_, Some(_)) => new.next(),
                (_, None) => old.next(),
            };
            let Some(&next) = next else { break };
            match all.last_mut() {
                Some(Pair { from, to, weight, visitors }) if (*from, *to) == next.key() => {
                    *weight = weight.saturating_add(next.weight);
                    *visitors = visitors.saturating_add(next.visitors);
                }
                _ => all.push(next),
            }
        }
        all.shrink_to_fit();
        self.sorted = all;
        self.fresh = Vec::new();
    }
}

/// Counts are the same if they say the same, however they were put together.
impl PartialEq for Counts {
    fn eq(&self, other: &Self) -> bool {
        let (mut mine, mut theirs) = (self.clone(), other.clone());
        mine.settle();
        theirs.settle();
        mine.profile == theirs.profile
            && (mine.today, mine.products, &mine.rows) == (theirs.today, theirs.products, &theirs.rows)
            && (mine.visitors, &mine.viewers) == (theirs.visitors, &theirs.viewers)
            && mine.sorted == theirs.sorted
    }
}

/// Pairs that may wait before they are sorted in.
const FRESH_MOST: usize = 65_536;

#[expect(clippy::cast_precision_loss, reason = "sums beyond 2^53 may be rounded")]
pub(super) fn real(weight: i64) -> f64 {
    weight as f64
}
