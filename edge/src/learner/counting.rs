//! What visitors did, as sums that add up.

use domain::id::Slug;
use domain::recommend::Product;
use serde_json::{Value as Json, json};

use super::Learner;
use crate::problem::Result;

impl Learner {
    /// How much was counted, for the admin API.
    pub(super) fn counted_so_far(&self) -> Result<Json> {
        self.shop()?;
        Ok(json!([]))
    }

    /// What many look at these days in a market.
    pub(super) fn trending_in(&self, _market: &Slug) -> Result<Vec<(Product, f32)>> {
        self.shop()?;
        Ok(Vec::new())
    }
}
