//! What the learner is told of the shop, as the shards are.

use super::{About, Shop};
use crate::call::{self, Configuration};
use crate::learner::LearnerCall;
use crate::problem::Result;

/// Where it is kept how far the learner has heard.
const HEARD: &str = "learner";

impl Shop {
    /// Whether the learner has not acknowledged the newest change.
    pub(super) fn learner_is_behind(&self, about: &About) -> Result<bool> {
        let heard: i64 = self.meta(HEARD)?.and_then(|text| text.parse().ok()).unwrap_or_default();
        Ok(heard < about.serial)
    }

    /// Tells the learner. Who may speak for the shop is none of its business.
    pub(super) async fn tell_learner(&self, mut configuration: Configuration) -> Result<()> {
        configuration.hooks.clear();
        configuration.migrations.clear();
        // Nor is what messages say: the learner reads its configuration whenever it wakes.
        if let Some(config) = configuration.config.as_mut() {
            config.campaigns.clear();
            config.wordings.clear();
            config.journeys.clear();
            config.segments.clear();
            config.mails.clear();
            config.texts.clear();
        }
        let key = configuration.shop.clone();
        let call = LearnerCall::Configure(Box::new(configuration));
        let serial = call::learner::<i64>(&self.env, &key, &call).await?;
        self.set_meta(HEARD, &serial.to_string())
    }
}
