//! What has changed of a visitor since they were counted last.
//!
//! A pair counts once of each visitor, so more of what they do does not simply add up: what they count now is set
//! against what they counted before, and the difference is what is added. Sums stay what they would be if everybody
//! were counted anew.
//!
//! Weights of today would have to be lowered every day. Here they are those of a day to come, the *horizon*: what is done on
//! that day will weigh [`ONE`], what was done a half-life before it half of that. So weights never change, whenever
//! they are counted; who reads them lets them grow to what they are today. Each horizon serves for ten half-lives;
//! then comes the next, and what was counted for the last one is lowered once.

use serde::{Deserialize, Serialize};

use super::visitor::Contribution;
use super::{Profile, Visit};
use crate::recommend::Product;

/// What a look weighs that is done on the day of the horizon. Ten half-lives before, four million are left of it; and
/// a quarter of a million visitors with all their weight fit into a sum.
pub const ONE: f64 = 4_294_967_296.0;

/// The day since 1970 for which is counted on a day: always the same for all of ten half-lives.
pub fn horizon(profile: &Profile, day: u32) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundred days")]
    let span = (libm::round(profile.half_life_days * 10.0) as u32).max(1);
    (day / span).saturating_add(1).saturating_mul(span)
}

/// What has changed of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Beside which product.
    pub from: Product,
    /// Which.
    pub to: Product,
    /// How much, in parts of [`ONE`] of a thousandth of a look; below 0 for less.
    pub weight: i64,
    /// How many visitors more, or less.
    pub visitors: i32,
}

/// What has changed of one visitor, or of several together. Products have whatever numbers the caller gives them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Delta {
    /// Day since 1970 for which weights are.
    pub horizon: u32,
    /// By `from` and `to`, each once.
    pairs: Vec<Change>,
    /// Of each product, how much more or less it was looked at, in parts of [`ONE`]; each once.
    viewers: Vec<(Product, i64)>,
    /// The same of all visitors.
    pub visitors: i64,
    /// How much of it may not be in order.
    #[serde(skip, default = "all")]
    fresh: usize,
}

fn all() -> usize {
    usize::MAX
}

impl Delta {
    /// Nothing, for a horizon.
    pub fn none(horizon: u32) -> Self {
        Self { horizon, ..Self::default() }
    }

    /// What has changed of a visitor whose visits were `before` when they were counted last, and are `now`. Whoever
    /// has done too much for a person in between takes back all that they counted.
    pub fn of(profile: &Profile, horizon: u32, before: &[Visit<'_>], now: &[Visit<'_>]) -> Self {
        let weight = |day: u32| super::whole(ONE * profile.faded(f64::from(horizon.saturating_sub(day))));
        let count = |visits| Contribution::of(profile, visits, &weight, u32::MAX);
        let mut delta = Self::none(horizon);
        for (counted, sign) in [(count(before), -1), (count(now), 1)] {
            let Some(Contribution { pairs, seen, latest }) = counted else { continue };
            delta.pairs.extend(pairs.into_iter().map(|pair| Change {
                from: pair.from,
                to: pair.to,
                weight: pair.weight * i64::from(sign),
                visitors: sign,
            }));
            delta.viewers.extend(seen.into_iter().map(|(product, weight)| (product, weight * i64::from(sign))));
            delta.visitors = delta.visitors.saturating_add(latest * i64::from(sign));
        }
        delta.fresh = all();
        delta.settle();
        delta
    }

    /// Adds what has changed of others.
    pub fn add(&mut self, other: &Self) {
        self.pairs.extend_from_slice(&other.pairs);
        self.viewers.extend_from_slice(&other.viewers);
        self.visitors = self.visitors.saturating_add(other.visitors);
        self.fresh = self.fresh.saturating_add(other.pairs.len()).saturating_add(other.viewers.len()).max(1);
        if self.fresh > super::FRESH_MOST.max(self.pairs.len() / 2) {
            self.settle();
        }
    }

    /// What has changed of pairs, by `from` and `to`.
    pub fn pairs(&mut self) -> &[Change] {
        self.settle();
        &self.pairs
    }

    /// Of each product, how much more or less it was looked at, in parts of [`ONE`].
    pub fn viewers(&mut self) -> &[(Product, i64)] {
        self.settle();
        &self.viewers
    }

    /// Whether nothing has changed.
    pub fn is_empty(&mut self) -> bool {
        self.settle();
        self.pairs.is_empty() && self.viewers.is_empty() && self.visitors == 0
    }

    /// The same with other numbers of products; what gets none is passed over.
    #[must_use]
    pub fn renumbered(mut self, number: impl Fn(Product) -> Option<Product>) -> Self {
        let pair = |change: &Change| Some(Change { from: number(change.from)?, to: number(change.to)?, ..*change });
        self.pairs = self.pairs.iter().filter_map(pair).collect();
        self.viewers = self.viewers.iter().filter_map(|(product, weight)| Some((number(*product)?, *weight))).collect();
        self.fresh = all();
        self.settle();
        self
    }

    fn settle(&mut self) {
        if core::mem::take(&mut self.fresh) == 0 {
            return;
        }
        self.pairs.sort_unstable_by_key(|change| (change.from, change.to));
        self.pairs.dedup_by(|next, last| {
            let same = (next.from, next.to) == (last.from, last.to);
            if same {
                last.weight = last.weight.saturating_add(next.weight);
                last.visitors = last.visitors.saturating_add(next.visitors);
            }
            same
        });
        self.pairs.retain(|change| change.weight != 0 || change.visitors != 0);
        self.viewers.sort_unstable();
        self.viewers.dedup_by(|next, last| {
            let same = next.0 == last.0;
            if same {
                last.1 = last.1.saturating_add(next.1);
            }
            same
        });
        self.viewers.retain(|viewers| viewers.1 != 0);
    }
}
