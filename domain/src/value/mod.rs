//! What a shopper is likely to be worth, from counts alone: whether there will be another order, when
//! it is due, and what all of them may come to.
//!
//! Once a day each part of a shop counts its shoppers ([`count`], [`Part`]); the parts add up, and
//! [`Model::fit`] finds the parameters under which the shop's orders are likeliest.
//! The few numbers of a [`Model`] then score a shopper at any moment ([`Model::score`]). Where a fit fails
//! ([`Unfit`]) there is no model, and the scores say nothing.

mod bg_nbd;
mod climb;
mod gamma_gamma;
mod history;
mod part;
mod special;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use bg_nbd::BgNbd;
pub use climb::Unfit;
pub use gamma_gamma::GammaGamma;
pub use history::{Histogram, Purchases, Spend, count};
pub use part::Part;

use crate::id::Malformed;

/// The penalty to fit with where a fit without any is [`Unfit::Unbounded`]: it keeps parameters small
/// that the orders hardly tell, and changes what is expected of a shop by about one part in a hundred.
pub const LIGHT_PENALTY: f64 = 1e-4;

/// With fewer shoppers chance would decide. In simulated shops of 150 the orders of the coming year
/// were missed by 7 % in the median and by a third in one of ten; of 2,000, by 3 % and by a tenth.
const FEWEST_SHOPPERS: u64 = 100;
/// The same for those with more than one order, of whom alone something is learnt of coming back.
const FEWEST_CAME_BACK: u64 = 30;
/// Weeks beyond which nobody plans.
const ONE_CENTURY: f64 = 5_218.0;
/// Weeks in a month, as Lifetimes counts them.
const WEEKS_IN_A_MONTH: f64 = 4.345;

/// A shop's parameters, all that scoring takes; written with [`Model::VERSION`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Versioned", into = "Versioned")]
pub struct Model {
    /// When shoppers order, and when they stop.
    pub orders: BgNbd,
    /// What their orders are worth; `None` where that could not be fitted.
    pub spend: Option<GammaGamma>,
}

#[derive(Serialize, Deserialize)]
struct Versioned {
    version: u32,
    orders: BgNbd,
    spend: Option<GammaGamma>,
}

/// Over how long value is counted, and how much a later order counts less.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Horizon {
    /// Months of 4.345 weeks, at most 120.
    pub months: u32,
    /// What money loses in a week: 0.0023 for about 1 % in a month. Below zero counts as zero.
    pub weekly_discount: f64,
}

/// What is expected is expected within a year; money later in it counts a little less.
pub const A_YEAR: Horizon = Horizon { months: 12, weekly_discount: 0.002 };

/// What is said of a shopper.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Score {
    /// Probability of not having left for good.
    pub alive: f64,
    /// Probability of having left for good: 1 − `alive`.
    pub churn: f64,
    /// Days with an order that are expected within the horizon.
    pub expected_orders: f64,
    /// Probability of any order within the horizon.
    pub chance_of_order: f64,
    /// Weeks from now by which the next order is as likely as not ([`BgNbd::next_order`]).
    pub next_order: Option<f64>,
    /// What an order is worth on average, in the shop's unit of money.
    pub mean_order: Option<f64>,
    /// What all orders within the horizon are worth today, in the shop's unit of money.
    pub lifetime_value: Option<f64>,
}

impl Model {
    /// Version of the form in which a model is written; another is refused when read.
    pub const VERSION: u32 = 1;

    /// Scores a shopper whose orders were counted as of now.
    pub fn score(&self, purchases: &Purchases, spend: &Spend, horizon: Horizon) -> Score {
        let alive = self.orders.alive(purchases);
        let weeks = f64::from(horizon.months()) * WEEKS_IN_A_MONTH;
        Score {
            alive,
            churn: 1.0 - alive,
            expected_orders: self.orders.expected_orders(purchases, weeks),
            chance_of_order: self.orders.chance_of_order(purchases, weeks),
            next_order: self.orders.next_order(purchases, 0.5),
            mean_order: self.spend.map(|model| model.mean_order(spend)),
            lifetime_value: self.spend.map(|model| lifetime_value(&self.orders, &model, purchases, spend, horizon)),
        }
    }
}

impl TryFrom<Versioned> for Model {
    type Error = Malformed;

    fn try_from(Versioned { version, orders, spend }: Versioned) -> Result<Self, Malformed> {
        if version == Self::VERSION { Ok(Self { orders, spend }) } else { Err(Malformed("expected version 1")) }
    }
}

impl From<Model> for Versioned {
    fn from(Model { orders, spend }: Model) -> Self {
        Self { version: Model::VERSION, orders, spend }
    }
}

impl Horizon {
    fn months(self) -> u32 {
        self.months.min(120)
    }
}

/// What all orders within the horizon are worth today: month by month, the orders expected in it times
/// what one is worth, discounted from the month's end, as Lifetimes' `customer_lifetime_value` sums
/// them. Its monthly rate d is a weekly one of (1 + d)^(1/4.345) − 1.
pub fn lifetime_value(
    orders: &BgNbd,
    amounts: &GammaGamma,
    purchases: &Purchases,
    spend: &Spend,
    horizon: Horizon,
) -> f64 {
    let loses = libm::log1p(horizon.weekly_discount.max(0.0));
    let (mut until, mut worth) = (0.0, 0.0);
    for month in 1..=horizon.months() {
        let end = f64::from(month) * WEEKS_IN_A_MONTH;
        let expected = orders.expected_orders(purchases, end);
        worth += (expected - until) * libm::exp(-loses * end);
        until = expected;
    }
    worth * amounts.mean_order(spend)
}

/// Whether a parameter is one that the scores can be computed with.
fn positive(parameter: f64) -> bool {
    (1e-9..=1e12).contains(&parameter)
}
