//! What shelves bring: clicks, carts and orders, and what those do who are shown a shelf against those who are held out.
//!
//! Everything is a sum over visitors, so what many objects count adds up, and what one visitor brings can be taken
//! back and counted anew when more is known of them. Two questions are answered apart from each other:
//!
//! - *What came by way of it?* Of products that were clicked on a shelf, what went into the cart and was ordered soon
//!   after. A product is credited to the shelf on which it was clicked last, so no order counts twice.
//! - *What would not have come without it?* Everybody who would have seen the shelf counts from that moment on, whether
//!   they were shown it or held out: how many order, and what they spend. Clicks play no part in it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::Slug;
use crate::time::{Span, Timestamp};

/// So long after a click a cart or an order is credited to it.
pub const CREDITED: Span = Span::days(7);
/// So long after somebody would have seen a shelf first, what they order counts.
pub const WATCHED: Span = Span::days(30);

/// Something that a visitor did, as far as shelves go by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deed {
    /// Saw a shelf.
    Shown(Slug),
    /// Would have seen a shelf, and was held out.
    Held(Slug),
    /// Clicked a product on a shelf.
    Clicked(Slug, String),
    /// Put a product into the cart.
    Carted(String),
    /// Ordered.
    Ordered {
        /// The shop's number of the order: told twice, it counts once.
        order: String,
        /// Products with what was paid for each, in the currency's minor unit.
        lines: Vec<(String, i64)>,
        /// All of it.
        total: i64,
    },
}

/// When it was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// When.
    pub at: Timestamp,
    /// What.
    pub deed: Deed,
}

/// Sums over the visitors of one shelf who are shown it, or over those who are held out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Visitors.
    pub visitors: i64,
    /// How often it was seen, or would have been.
    pub seen: i64,
    /// Products that were clicked; of each visitor one counts once.
    pub clicks: i64,
    /// Of these, what went into the cart within [`CREDITED`].
    pub carts: i64,
    /// Of these, what was ordered within [`CREDITED`].
    pub orders: i64,
    /// What was paid for these, in minor units.
    pub sold: i64,
    /// Visitors who ordered anything within [`WATCHED`].
    pub ordering: i64,
    /// What they spent, in minor units.
    pub spent: i64,
    /// The squares of what each spent, in whole units of a hundred.
    pub spent_squared: i64,
}

impl Sums {
    fn each(self, other: Self, f: impl Fn(i64, i64) -> i64) -> Self {
        Self {
            visitors: f(self.visitors, other.visitors),
            seen: f(self.seen, other.seen),
            clicks: f(self.clicks, other.clicks),
            carts: f(self.carts, other.carts),
            orders: f(self.orders, other.orders),
            sold: f(self.sold, other.sold),
            ordering: f(self.ordering, other.ordering),
            spent: f(self.spent, other.spent),
            spent_squared: f(self.spent_squared, other.spent_squared),
        }
    }
}

/// What a shelf brings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arms {
    /// Of those who are shown it.
    pub shown: Sums,
    /// Of those who are held out.
    pub held: Sums,
}

/// What shelves bring, by shelf. It can be added, and what was counted before taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Credit(pub BTreeMap<Slug, Arms>);

impl Credit {
    /// What one visitor brings, by everything they did, in any order. `name_of` gives products that are the same one
    /// name: carts and orders name variants.
    pub fn of<'a>(done: &'a [Done], name_of: impl Fn(&'a str) -> &'a str) -> Self {
        let mut done: Vec<&Done> = done.iter().collect();
        done.sort_by_key(|done| done.at);
        let mut credit = Self::default();
        let mut met: BTreeMap<&Slug, Met> = BTreeMap::new();
        // By product: when it was clicked last, and where.
        let mut clicked: BTreeMap<&str, (Timestamp, &Slug)> = BTreeMap::new();
        let mut counted: BTreeSet<(What, &str)> = BTreeSet::new();
        for &Done { at, ref deed } in done {
            match deed {
                Deed::Shown(shelf) | Deed::Held(shelf) => {
                    let held = matches!(deed, Deed::Held(_));
                    // Who was ever held out stays so; whoever took the holdout away took its numbers with it.
                    met.entry(shelf).or_insert(Met { since: at, held, spent: 0, ordered: false });
                    credit.arm(shelf, held).seen += 1;
                }
                Deed::Clicked(shelf, product) => {
                    let product = name_of(product);
                    clicked.insert(product, (at, shelf));
                    if counted.insert((What::Click(shelf), product)) {
                        credit.arm(shelf, false).clicks += 1;
                    }
                }
                Deed::Carted(product) => {
                    let product = name_of(product);
                    let Some(shelf) = credited(&clicked, product, at) else { continue };
                    if counted.insert((What::Cart, product)) {
                        credit.arm(shelf, false).carts += 1;
                    }
                }
                Deed::Ordered { order, lines, total } => {
                    if !counted.insert((What::Order, order)) {
                        continue;
                    }
                    for (product, paid) in lines {
                        if let Some(shelf) = credited(&clicked, name_of(product), at) {
                            let arm = credit.arm(shelf, false);
                            arm.orders += 1;
                            arm.sold = arm.sold.saturating_add(*paid);
                        }
                    }
                    for met in met.values_mut().filter(|met| at - met.since <= WATCHED) {
                        met.ordered = true;
                        met.spent = met.spent.saturating_add(*total);
                    }
                }
            }
        }
        for (shelf, met) in met {
            let arm = credit.arm(shelf, met.held);
            arm.visitors += 1;
            arm.ordering += i64::from(met.ordered);
            arm.spent = arm.spent.saturating_add(met.spent);
            let units = met.spent / 100;
            arm.spent_squared = arm.spent_squared.saturating_add(units.saturating_mul(units));
        }
        credit
    }

    /// Whether products have to be told apart for it: somebody clicked.
    pub fn is_about_products(done: &[Done]) -> bool {
        done.iter().any(|done| matches!(done.deed, Deed::Clicked(..)))
    }

    /// Adds what others brought.
    pub fn add(&mut self, other: &Self) {
        self.change(other, i64::saturating_add);
    }

    /// Takes away what was counted before.
    pub fn subtract(&mut self, other: &Self) {
        self.change(other, i64::saturating_sub);
    }

    fn change(&mut self, other: &Self, how: impl Fn(i64, i64) -> i64) {
        for (shelf, theirs) in &other.0 {
            let ours = self.0.entry(shelf.clone()).or_default();
            ours.shown = ours.shown.each(theirs.shown, &how);
            ours.held = ours.held.each(theirs.held, &how);
        }
        self.0.retain(|_, arms| *arms != Arms::default());
    }

    fn arm(&mut self, of: &Slug, held: bool) -> &mut Sums {
        let arms = self.0.entry(of.clone()).or_default();
        if held { &mut arms.held } else { &mut arms.shown }
    }
}

/// What counts once.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum What<'a> {
    Click(&'a Slug),
    Cart,
    Order,
}

/// A visitor before one shelf.
struct Met {
    since: Timestamp,
    held: bool,
    spent: i64,
    ordered: bool,
}

/// The shelf that is credited with a product at a moment.
fn credited<'a>(clicked: &BTreeMap<&str, (Timestamp, &'a Slug)>, product: &str, at: Timestamp) -> Option<&'a Slug> {
    clicked.get(product).filter(|(since, _)| at - *since <= CREDITED).map(|(_, shelf)| *shelf)
}

/// A difference between those who are shown a shelf and those who are held out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Difference {
    /// Shown less held, for each visitor.
    pub by: f64,
    /// It is above this …
    pub least: f64,
    /// … and below this, with 95 % certainty, however often one looks.
    pub most: f64,
    /// So many more visitors are needed, about, until it can be told from nothing if it stays as it is; 0 when it can.
    pub needs: u64,
}

impl Arms {
    /// How much oftener those order who are shown the shelf: orders a visitor.
    pub fn ordering(&self) -> Option<Difference> {
        let arm = |sums: &Sums| Mean::of(sums.visitors, real(sums.ordering), real(sums.ordering));
        difference(arm(&self.shown)?, arm(&self.held)?)
    }

    /// How much more they spend: hundredths of the currency a visitor, which are its minor unit for most.
    pub fn spending(&self) -> Option<Difference> {
        let arm = |sums: &Sums| Mean::of(sums.visitors, real(sums.spent) / 100.0, real(sums.spent_squared));
        let found = difference(arm(&self.shown)?, arm(&self.held)?)?;
        Some(Difference { by: found.by * 100.0, least: found.least * 100.0, most: found.most * 100.0, ..found })
    }
}

/// A mean over visitors, and how far they are apart.
#[derive(Clone, Copy)]
struct Mean {
    visitors: f64,
    value: f64,
    variance: f64,
}

impl Mean {
    /// Nothing while there are too few for any word about it.
    fn of(visitors: i64, sum: f64, squares: f64) -> Option<Self> {
        const FEWEST: i64 = 20;
        if visitors < FEWEST {
            return None;
        }
        let n = real(visitors);
        let value = sum / n;
        // Nobody who ordered yet is no proof that nobody will: as if one more had.
        let variance = (squares / n - value * value).max(1.0 / n * (1.0 - 1.0 / n));
        Some(Self { visitors: n, value, variance })
    }

    /// Half the width of an asymptotic confidence sequence for the mean (Waudby-Smith, Arbour, Sinha, Kennedy and
    /// Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences", 2021, Theorem 2.2), which holds
    /// at all looks together. It is narrowest at about 1,000 visitors.
    fn half_width(&self, n: f64) -> f64 {
        // (−2 ln α + ln(1 − 2 ln α)) / 1,000, for half of 5 %.
        const RHO_2: f64 = 0.009_503;
        const ALPHA: f64 = 0.025;
        let grown = n * RHO_2 + 1.0;
        let bound = 2.0 * grown / (n * n * RHO_2) * libm::log(libm::sqrt(grown) / ALPHA);
        libm::sqrt(self.variance * bound)
    }
}

fn difference(shown: Mean, held: Mean) -> Option<Difference> {
    let by = shown.value - held.value;
    let width = |more: f64| shown.half_width(shown.visitors * more) + held.half_width(held.visitors * more);
    let wide = width(1.0);
    let mut more = 1.0;
    while width(more) > by.abs() && more < 1e6 {
        more *= 1.05;
    }
    let needs = if by == 0.0 { 0.0 } else { (shown.visitors + held.visitors) * (more - 1.0) };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative; what is beyond stays at the end"
    )]
    let needs = libm::ceil(needs) as u64;
    by.is_finite().then_some(Difference { by, least: by - wide, most: by + wide, needs })
}

#[expect(clippy::cast_precision_loss, reason = "sums beyond 2^53 may be rounded")]
fn real(count: i64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;
