//! When shoppers order, and when they stop: BG/NBD (Fader, Hardie and Lee, "Counting Your Customers"
//! the Easy Way, Marketing Science 24, 2005).

use serde::{Deserialize, Serialize};

use super::climb::{Unfit, likeliest};
use super::history::{Histogram, Purchases};
use super::special::{Living, digamma, logistic, softplus};
use super::{FEWEST_CAME_BACK, FEWEST_SHOPPERS, ONE_CENTURY, positive};
use crate::id::Malformed;

/// Living shoppers order at rates spread as Gamma(`r`, `alpha`), and after each order leave for good
/// with a chance spread as Beta(`a`, `b`). Time is in weeks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct BgNbd {
    r: f64,
    alpha: f64,
    a: f64,
    b: f64,
}

#[derive(Serialize, Deserialize)]
struct Parameters {
    r: f64,
    alpha: f64,
    a: f64,
    b: f64,
}

impl BgNbd {
    /// The model with these parameters, as the paper names them; `alpha` is in weeks.
    pub fn new(r: f64, alpha: f64, a: f64, b: f64) -> Result<Self, Malformed> {
        if [r, alpha, a, b].into_iter().all(positive) {
            Ok(Self { r, alpha, a, b })
        } else {
            Err(Malformed("expected parameters above zero"))
        }
    }

    /// The model under which these orders are likeliest.
    ///
    /// With a `penalty` above zero, that many times the sum of the squared parameters is held against
    /// a model (time is measured in the longest age for this), per shopper: it keeps parameters small
    /// of which the orders tell little. The same orders give the same model, wherever they were counted.
    pub fn fit(shoppers: &Histogram<Purchases>, penalty: f64) -> Result<Self, Unfit> {
        let counted = shoppers.shoppers();
        if counted < FEWEST_SHOPPERS {
            return Err(Unfit::TooFewShoppers { shoppers: counted, fewest: FEWEST_SHOPPERS });
        }
        let came_back =
            shoppers.rows().filter(|(shopper, _)| shopper.repeat() > 0).map(|(_, count)| u64::from(count)).sum();
        if came_back < FEWEST_CAME_BACK {
            return Err(Unfit::TooFewCameBack { shoppers: came_back, fewest: FEWEST_CAME_BACK });
        }
        let longest = shoppers.rows().fold(0.0, |longest, (shopper, _)| shopper.age().max(longest));
        if longest <= 0.0 {
            return Err(Unfit::NotConverged);
        }
        let rows: Vec<Row> = shoppers.rows().map(|(shopper, count)| Row::new(&shopper, count, longest)).collect();
        let weight: f64 = rows.iter().map(|row| row.count).sum();
        let [r, alpha, a, b] =
            likeliest(["r", "alpha", "a", "b"], weight, penalty, |parameters| likelihood(parameters, &rows))?;
        Self::new(r, alpha * longest, a, b).map_err(|_| Unfit::NotConverged)
    }

    /// Logarithm of how likely these orders are under the model (equation 6 of the paper, time in weeks).
    pub fn log_likelihood(&self, shoppers: &Histogram<Purchases>) -> f64 {
        let rows: Vec<Row> = shoppers.rows().map(|(shopper, count)| Row::new(&shopper, count, 1.0)).collect();
        likelihood(&[self.r, self.alpha, self.a, self.b], &rows).0
    }

    /// The probability that the shopper has not left for good. It is 1 for whoever ordered once: in
    /// this model shoppers leave after repeat orders only.
    pub fn alive(&self, shopper: &Purchases) -> f64 {
        let x = f64::from(shopper.repeat());
        if shopper.repeat() == 0 {
            return 1.0;
        }
        let silence = libm::log((self.alpha + shopper.age()) / (self.alpha + shopper.last()));
        logistic(-(libm::log(self.a / (self.b + x - 1.0)) + (self.r + x) * silence))
    }

    /// How many days with an order are expected in the next so many weeks (equation 10 of the paper);
    /// spans beyond a century count as one.
    pub fn expected_orders(&self, shopper: &Purchases, weeks: f64) -> f64 {
        let Self { a, b, .. } = *self;
        let (shape, rate) = self.pace(shopper);
        let living = Living { shape, rate, a, b: b + f64::from(shopper.repeat()) };
        self.alive(shopper) * living.expected(within_a_century(weeks))
    }

    /// The probability of at least one order in the next so many weeks. Whoever lives now is there
    /// for the next order, so it is P(alive) · (1 − (rate/(rate+t))^shape).
    pub fn chance_of_order(&self, shopper: &Purchases, weeks: f64) -> f64 {
        let (shape, rate) = self.pace(shopper);
        -self.alive(shopper) * libm::expm1(-shape * libm::log1p(within_a_century(weeks) / rate))
    }

    /// Weeks until an order has come with this probability: with 0.5, the median of the waiting time
    /// of all shoppers like this one, those who have left included, who wait for ever. `None` when it
    /// takes more than a century, and so always when the shopper has left with a higher probability.
    ///
    /// The median rather than the time at which half an order is expected: it says of one order what
    /// a merchant hears in "the next order is expected by", and many quick orders of a few do not
    /// bring it forward.
    pub fn next_order(&self, shopper: &Purchases, probability: f64) -> Option<f64> {
        let (shape, rate) = self.pace(shopper);
        let missed = 1.0 - probability.max(0.0) / self.alive(shopper);
        let weeks = rate * libm::expm1(-libm::log(missed) / shape);
        (missed > 0.0 && weeks <= ONE_CENTURY).then_some(weeks)
    }

    /// Shape and rate of what is known of how often the shopper orders while staying.
    fn pace(&self, shopper: &Purchases) -> (f64, f64) {
        (self.r + f64::from(shopper.repeat()), self.alpha + shopper.age())
    }
}

/// Not a number counts as no time.
fn within_a_century(weeks: f64) -> f64 {
    if weeks > 0.0 { weeks.min(ONE_CENTURY) } else { 0.0 }
}

impl TryFrom<Parameters> for BgNbd {
    type Error = Malformed;

    fn try_from(Parameters { r, alpha, a, b }: Parameters) -> Result<Self, Malformed> {
        Self::new(r, alpha, a, b)
    }
}

impl From<BgNbd> for Parameters {
    fn from(BgNbd { r, alpha, a, b }: BgNbd) -> Self {
        Self { r, alpha, a, b }
    }
}

/// Equal shoppers, with times in units of the fit.
struct Row {
    repeat: u32,
    last: f64,
    age: f64,
    count: f64,
}

impl Row {
    fn new(shopper: &Purchases, count: u32, unit: f64) -> Self {
        let (repeat, last, age): (u32, f64, f64) = (*shopper).into();
        Self { repeat, last: last / unit, age: age / unit, count: count.into() }
    }
}

/// What depends on the number of orders alone, with slopes by `r`, `a` and `b`.
struct Orders {
    value: f64,
    by_r: f64,
    by_a: f64,
    by_b: f64,
}

impl Orders {
    fn new(&[r, _, a, b]: &[f64; 4], x: f64) -> Self {
        let gamma = libm::lgamma;
        let leaving = digamma(a + b) - digamma(a + b + x);
        Self {
            value: gamma(r + x) - gamma(r) + gamma(a + b) - gamma(a + b + x) + gamma(b + x) - gamma(b),
            by_r: digamma(r + x) - digamma(r),
            by_a: leaving,
            by_b: leaving + digamma(b + x) - digamma(b),
        }
    }
}

/// The log-likelihood and its slopes by the parameters. Rows with equal numbers of orders stand together.
fn likelihood(parameters: &[f64; 4], rows: &[Row]) -> (f64, [f64; 4]) {
    let &[r, alpha, a, b] = parameters;
    let log_alpha = libm::log(alpha);
    let (mut value, mut slope) = (0.0, [0.0; 4]);
    for rows in rows.chunk_by(|one, next| one.repeat == next.repeat) {
        let Some(x) = rows.first().map(|row| f64::from(row.repeat)) else { continue };
        let orders = Orders::new(parameters, x);
        // ln of the odds of having left with the last order rather than having stayed silent since,
        // but for the silence.
        let leaves = if x > 0.0 { libm::log(a / (b + x - 1.0)) } else { f64::NEG_INFINITY };
        for row in rows {
            let until_now = libm::log(alpha + row.age);
            let silence = until_now - libm::log(alpha + row.last);
            let odds = leaves + (r + x) * silence;
            let left = if x > 0.0 { logistic(odds) } else { 0.0 };
            let either = if x > 0.0 { softplus(odds) } else { 0.0 };
            let [now, last] = [row.age, row.last].map(|time| (r + x) / (alpha + time));
            let by_b = if x > 0.0 { left / (b + x - 1.0) } else { 0.0 };
            value += row.count * (orders.value + r * log_alpha - (r + x) * until_now + either);
            slope[0] += row.count * (orders.by_r + log_alpha - until_now + left * silence);
            slope[1] += row.count * (r / alpha - now + left * (now - last));
            slope[2] += row.count * (orders.by_a + left / a);
            slope[3] += row.count * (orders.by_b - by_b);
        }
    }
    (value, slope)
}
