//! What an order is worth: Gamma-Gamma (Fader and Hardie, The Gamma-Gamma Model of Monetary Value,
//! 2013, brucehardie.com/notes/025).

use serde::{Deserialize, Serialize};

use super::climb::{Unfit, likeliest};
use super::history::{Histogram, Spend};
use super::special::digamma;
use super::{FEWEST_CAME_BACK, positive};
use crate::id::Malformed;

/// A shopper's orders are worth Gamma(`p`, ν) each, where ν is spread over shoppers as Gamma(`q`, `v`);
/// `v` is an amount in the unit of the shop's money.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct GammaGamma {
    p: f64,
    q: f64,
    v: f64,
}

#[derive(Serialize, Deserialize)]
struct Parameters {
    p: f64,
    q: f64,
    v: f64,
}

impl GammaGamma {
    /// The model with these parameters, as the paper names them.
    pub fn new(p: f64, q: f64, v: f64) -> Result<Self, Malformed> {
        if [p, q - 1.0, v].into_iter().all(positive) {
            Ok(Self { p, q, v })
        } else {
            Err(Malformed("expected p and v above zero, and q above one"))
        }
    }

    /// The model under which these means are likeliest, of all shoppers who ordered more than once
    /// and whose mean is above zero (the model knows no gifts).
    ///
    /// With a `penalty` above zero, that many times the sum of the squared parameters is held against
    /// a model, per shopper; other than in Lifetimes, money is measured in its mean for this, so that
    /// the currency does not matter.
    pub fn fit(shoppers: &Histogram<Spend>, penalty: f64) -> Result<Self, Unfit> {
        let paying = || shoppers.rows().filter(|(spend, _)| pays(spend));
        let counted = paying().map(|(_, count)| u64::from(count)).sum();
        if counted < FEWEST_CAME_BACK {
            return Err(Unfit::TooFewCameBack { shoppers: counted, fewest: FEWEST_CAME_BACK });
        }
        let weight: f64 = paying().map(|(_, count)| f64::from(count)).sum();
        let mean = paying().map(|(spend, count)| spend.mean() / weight * f64::from(count)).sum();
        let rows: Vec<Row> = paying().map(|(spend, count)| Row::new(&spend, count, mean)).collect();
        let [p, q, v] = likeliest(["p", "q", "v"], weight, penalty, |parameters| likelihood(parameters, &rows))?;
        Self::new(p, q, v * mean).map_err(|_| Unfit::NoMean)
    }

    /// Logarithm of how likely these means are under the model (equation 1a of the paper).
    pub fn log_likelihood(&self, shoppers: &Histogram<Spend>) -> f64 {
        let paying = shoppers.rows().filter(|(spend, _)| pays(spend));
        let rows: Vec<Row> = paying.map(|(spend, count)| Row::new(&spend, count, 1.0)).collect();
        likelihood(&[self.p, self.q, self.v], &rows).0
    }

    /// What an order of this shopper is worth on average in the long run (equation 5 of the paper):
    /// between the shopper's own mean and that of all shoppers, the nearer to the own the more orders
    /// it is of. Never below zero.
    pub fn mean_order(&self, shopper: &Spend) -> f64 {
        let orders = self.p * f64::from(shopper.orders());
        let own = orders / (orders + self.q - 1.0);
        own * shopper.mean().max(0.0) + (1.0 - own) * (self.p * self.v / (self.q - 1.0))
    }
}

impl TryFrom<Parameters> for GammaGamma {
    type Error = Malformed;

    fn try_from(Parameters { p, q, v }: Parameters) -> Result<Self, Malformed> {
        Self::new(p, q, v)
    }
}

impl From<GammaGamma> for Parameters {
    fn from(GammaGamma { p, q, v }: GammaGamma) -> Self {
        Self { p, q, v }
    }
}

fn pays(spend: &Spend) -> bool {
    spend.orders() > 0 && spend.mean() > 0.0
}

/// Equal shoppers, with amounts in units of the fit.
struct Row {
    orders: u32,
    mean: f64,
    log_mean: f64,
    count: f64,
}

impl Row {
    fn new(spend: &Spend, count: u32, unit: f64) -> Self {
        // An amount too small for the unit is still an amount.
        let mean = (spend.mean() / unit).max(f64::MIN_POSITIVE);
        Self { orders: spend.orders(), mean, log_mean: libm::log(mean), count: count.into() }
    }
}

/// The log-likelihood and its slopes by the parameters. Rows with equal numbers of orders stand together.
fn likelihood(&[p, q, v]: &[f64; 3], rows: &[Row]) -> (f64, [f64; 3]) {
    let log_v = libm::log(v);
    let (mut value, mut slope) = (0.0, [0.0; 3]);
    for rows in rows.chunk_by(|one, next| one.orders == next.orders) {
        let Some(x) = rows.first().map(|row| f64::from(row.orders)) else { continue };
        let log_x = libm::log(x);
        let constant = libm::lgamma(p * x + q) - libm::lgamma(p * x) - libm::lgamma(q);
        let all = digamma(p * x + q);
        let (by_p, by_q) = (all - digamma(p * x), all - digamma(q));
        for row in rows {
            let spent = x * row.mean + v;
            let log_spent = libm::log(spent);
            let log_own = log_x + row.log_mean - log_spent;
            value += row.count * (constant + p * x * log_own - row.log_mean + q * (log_v - log_spent));
            slope[0] += row.count * x * (by_p + log_own);
            slope[1] += row.count * (by_q + log_v - log_spent);
            slope[2] += row.count * (q / v - (p * x + q) / spent);
        }
    }
    (value, slope)
}
