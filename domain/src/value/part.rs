//! What a part of a shop counts, and the model of what all parts have counted.

use serde::{Deserialize, Serialize};

use super::{BgNbd, GammaGamma, Histogram, LIGHT_PENALTY, Model, Purchases, Spend, Unfit};
use crate::id::Malformed;

/// What a part of a shop has counted: how many shoppers ordered so often, at such times, for so much. It
/// names nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    purchases: Histogram<Purchases>,
    spends: Histogram<Spend>,
}

impl Part {
    /// Counts one shopper more.
    pub fn add(&mut self, purchases: Purchases, spend: Spend) {
        self.purchases.add(purchases);
        // Of a first order the model of amounts learns nothing.
        if spend.orders() > 0 {
            self.spends.add(spend);
        }
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: &Self) {
        self.purchases.merge(&other.purchases);
        self.spends.merge(&other.spends);
    }

    /// How many shoppers were counted.
    pub fn shoppers(&self) -> u64 {
        self.purchases.shoppers()
    }

    /// So many shoppers at most, taken at even distances of all in their order.
    #[must_use]
    pub fn thinned(&self, most: u64) -> Self {
        Self { purchases: self.purchases.thinned(most), spends: self.spends.thinned(most) }
    }

    /// As it travels and is kept: bytes, the version first.
    pub fn write(&self) -> Vec<u8> {
        // Nothing here can be without a length, the one thing that cannot be written.
        postcard::to_extend(self, vec![Self::VERSION]).unwrap_or_default()
    }

    /// Reads what was written.
    ///
    /// # Errors
    /// What no version has written.
    pub fn read(written: &[u8]) -> Result<Self, Malformed> {
        const HOW: Malformed = Malformed("expected what a part of a shop has counted");
        match written.split_first() {
            Some((&Self::VERSION, body)) => postcard::from_bytes(body).map_err(|_| HOW),
            _ => Err(HOW),
        }
    }

    const VERSION: u8 = 1;
}

impl Model {
    /// The model under which what was counted is likeliest. Parameters of which the orders tell too little
    /// are held small ([`LIGHT_PENALTY`]). Beside a model without amounts stands why there are none.
    ///
    /// # Errors
    /// Why there is no model of when shoppers order; one of amounts alone would say nothing.
    pub fn fit(counted: &Part) -> Result<(Self, Option<Unfit>), Unfit> {
        let orders = held(|penalty| BgNbd::fit(&counted.purchases, penalty))?;
        let spend = held(|penalty| GammaGamma::fit(&counted.spends, penalty));
        Ok((Self { orders, spend: spend.ok() }, spend.err()))
    }
}

fn held<T>(fit: impl Fn(f64) -> Result<T, Unfit>) -> Result<T, Unfit> {
    match fit(0.0) {
        Err(Unfit::Unbounded { .. } | Unfit::NotConverged) => fit(LIGHT_PENALTY),
        fitted => fitted,
    }
}
