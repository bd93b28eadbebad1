//! What is counted of a shopper: when the orders came, and what they were worth.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::Malformed;

/// When a shopper ordered, as the models see it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(try_from = "(u32, f64, f64)", into = "(u32, f64, f64)")]
pub struct Purchases {
    repeat: u32,
    last: f64,
    age: f64,
}

impl Purchases {
    /// So many days with an order after the first one (`x` in the papers), the weeks from the first
    /// such day to the last (`t_x`), and the weeks since the first (`T`).
    pub fn new(repeat: u32, last: f64, age: f64) -> Result<Self, Malformed> {
        if !(age.is_finite() && last >= 0.0 && last <= age) {
            return Err(Malformed("expected weeks from the first order to the last, within those since the first"));
        }
        if repeat == 0 && last > 0.0 {
            return Err(Malformed("expected no time between the first order and the last where there is but one"));
        }
        // Without the sign of zero.
        Ok(Self { repeat, last: last + 0.0, age: age + 0.0 })
    }

    /// Days with an order after the first one.
    pub const fn repeat(&self) -> u32 {
        self.repeat
    }

    /// Weeks from the first order to the last.
    pub const fn last(&self) -> f64 {
        self.last
    }

    /// Weeks since the first order.
    pub const fn age(&self) -> f64 {
        self.age
    }

    /// Above zero, numbers are ordered as their bits are.
    fn key(&self) -> (u32, u64, u64) {
        (self.repeat, self.last.to_bits(), self.age.to_bits())
    }
}

impl TryFrom<(u32, f64, f64)> for Purchases {
    type Error = Malformed;

    fn try_from((repeat, last, age): (u32, f64, f64)) -> Result<Self, Malformed> {
        Self::new(repeat, last, age)
    }
}

impl From<Purchases> for (u32, f64, f64) {
    fn from(Purchases { repeat, last, age }: Purchases) -> Self {
        (repeat, last, age)
    }
}

/// What a shopper's orders were worth.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(try_from = "(u32, f64)", into = "(u32, f64)")]
pub struct Spend {
    orders: u32,
    mean: f64,
}

impl Spend {
    /// So many days with an order after the first one, and the mean of what was spent on such a day,
    /// in the unit of money that the shop uses throughout (minor units: cents for EUR).
    pub fn new(orders: u32, mean: f64) -> Result<Self, Malformed> {
        // More than all money there is, in the smallest unit there is.
        if mean.abs() <= 1e30 {
            Ok(Self { orders, mean: if orders == 0 { 0.0 } else { mean + 0.0 } })
        } else {
            Err(Malformed("expected a mean amount"))
        }
    }

    /// Days with an order after the first one.
    pub const fn orders(&self) -> u32 {
        self.orders
    }

    /// Mean of what was spent on such a day; 0 where there is none.
    pub const fn mean(&self) -> f64 {
        self.mean
    }

    fn key(&self) -> (u32, i64) {
        // Signed numbers are ordered as these bits are.
        let bits = self.mean.to_bits().cast_signed();
        (self.orders, bits ^ (((bits >> 63).cast_unsigned()) >> 1).cast_signed())
    }
}

impl TryFrom<(u32, f64)> for Spend {
    type Error = Malformed;

    fn try_from((orders, mean): (u32, f64)) -> Result<Self, Malformed> {
        Self::new(orders, mean)
    }
}

impl From<Spend> for (u32, f64) {
    fn from(Spend { orders, mean }: Spend) -> Self {
        (orders, mean)
    }
}

macro_rules! ordered_by_key {
    ($($name:ty)+) => {$(
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.key() == other.key()
            }
        }

        impl Eq for $name {}

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> core::cmp::Ordering {
                self.key().cmp(&other.key())
            }
        }
    )+};
}

ordered_by_key!(Purchases Spend);

/// Counts a shopper's orders as of `today`: days since 1970-01-01 by one clock, and amounts in
/// minor units of one currency, in any order. Orders of one day count as one, as in the published
/// method, and the first day's amount is no part of the mean (Fader and Hardie 2013: it is often
/// unlike the others). Later days than `today` are left out; `None` where nothing is left.
pub fn count(orders: impl IntoIterator<Item = (i32, i64)>, today: i32) -> Option<(Purchases, Spend)> {
    let mut days: BTreeMap<i32, i128> = BTreeMap::new();
    for (day, minor) in orders.into_iter().filter(|(day, _)| *day <= today) {
        *days.entry(day).or_default() += i128::from(minor);
    }
    let (&first, _) = days.first_key_value()?;
    let (&last, _) = days.last_key_value()?;
    let repeat = u32::try_from(days.len() - 1).unwrap_or(u32::MAX);
    let spent: i128 = days.values().skip(1).sum();
    let weeks = |until: i32| (f64::from(until) - f64::from(first)) / 7.0;
    #[expect(clippy::cast_precision_loss, reason = "amounts beyond 2^53 may be rounded")]
    let mean = if repeat == 0 { 0.0 } else { spent as f64 / f64::from(repeat) };
    Some((Purchases::new(repeat, weeks(last), weeks(today)).ok()?, Spend::new(repeat, mean).ok()?))
}

/// Many shoppers, equal ones counted together. Parts counted in several places add up to the same
/// whole in any order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(T, u32)>", into = "Vec<(T, u32)>")]
#[serde(bound(serialize = "T: Copy + Ord + Serialize", deserialize = "T: Copy + Ord + Deserialize<'de>"))]
pub struct Histogram<T: Copy + Ord>(BTreeMap<T, u32>);

impl<T: Copy + Ord> Histogram<T> {
    /// Counts one shopper more.
    pub fn add(&mut self, shopper: T) {
        self.add_many(shopper, 1);
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: &Self) {
        other.rows().for_each(|(shopper, count)| self.add_many(shopper, count));
    }

    /// How many shoppers were counted.
    pub fn shoppers(&self) -> u64 {
        self.0.values().map(|count| u64::from(*count)).sum()
    }

    /// What differs, each with how many shoppers are so.
    pub fn rows(&self) -> impl Iterator<Item = (T, u32)> {
        self.0.iter().map(|(shopper, count)| (*shopper, *count))
    }

    /// So many shoppers at most: every so many-th of all in their order, so that what is common stays as
    /// common as it is.
    #[must_use]
    pub fn thinned(&self, most: u64) -> Self {
        let all = self.shoppers();
        let every = all.div_ceil(most.max(1)).max(1);
        let mut thinned = Self::default();
        let mut passed = every / 2;
        for (shopper, count) in self.rows() {
            passed += u64::from(count);
            thinned.add_many(shopper, u32::try_from(passed / every).unwrap_or(u32::MAX));
            passed %= every;
        }
        thinned
    }

    fn add_many(&mut self, shopper: T, count: u32) {
        if count > 0 {
            let counted = self.0.entry(shopper).or_default();
            *counted = counted.saturating_add(count);
        }
    }
}

impl<T: Copy + Ord> Default for Histogram<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Copy + Ord> FromIterator<T> for Histogram<T> {
    fn from_iter<I: IntoIterator<Item = T>>(shoppers: I) -> Self {
        let mut histogram = Self::default();
        shoppers.into_iter().for_each(|shopper| histogram.add(shopper));
        histogram
    }
}

impl<T: Copy + Ord> From<Vec<(T, u32)>> for Histogram<T> {
    fn from(rows: Vec<(T, u32)>) -> Self {
        let mut histogram = Self::default();
        for (shopper, count) in rows {
            histogram.add_many(shopper, count);
        }
        histogram
    }
}

impl<T: Copy + Ord> From<Histogram<T>> for Vec<(T, u32)> {
    fn from(histogram: Histogram<T>) -> Self {
        histogram.0.into_iter().collect()
    }
}
