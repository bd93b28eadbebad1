//! What can be expected of somebody, from their orders and the shop's model.

use super::{Facts, day};
use crate::time::Timestamp;
use crate::value::{self, A_YEAR, Model, Purchases, Score, Spend};

impl Facts {
    /// Their orders that stand, counted as the models see them at a moment. Days are those of UTC, as in all
    /// facts, wherever the shop is, so that what is counted for a fit and what is scored are the same. Nothing
    /// for whoever has not ordered.
    pub fn counted(&self, now: Timestamp) -> Option<(Purchases, Spend)> {
        let orders = self.orders().filter_map(|order| Some((day(order.placed()?), order.worth())));
        value::count(orders, day(now))
    }

    /// What a model expects of them within a year from a moment on; nothing for whoever has not ordered.
    pub fn expected(&self, model: &Model, now: Timestamp) -> Option<Score> {
        let (purchases, spend) = self.counted(now)?;
        Some(model.score(&purchases, &spend, A_YEAR))
    }
}
