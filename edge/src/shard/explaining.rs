//! Why somebody sees what they see, and was written what they were written: asked by the merchant, who stands on a
//! page of the shop. Asking changes nothing.

use domain::campaign::Asked;
use domain::id::{ShopperId, VisitorId};
use domain::why::Why;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::checking::Reason;
use super::joining::{MEMBERS, Place, read_id};
use super::{Shard, sightings};
use crate::call::ShardCall;
use crate::problem::Result;
use crate::sql::values;

/// What would be shown on a page as it is, and whom its browser is known to be.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct WhyAnswer {
    /// The live version; a page that was opened before may still show another.
    pub version: String,
    /// Campaigns are switched on.
    pub on: bool,
    /// Every campaign of the live version, the first in order first.
    pub campaigns: Vec<CampaignWhy>,
    /// Who has proven to sit before the browser; nothing while nobody has.
    #[schemars(with = "Option<String>")]
    pub shopper: Option<ShopperId>,
}

/// A campaign, and why it would be shown or not.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CampaignWhy {
    /// Its name.
    pub campaign: String,
    /// What it shows: `form` or `survey`.
    pub kind: String,
    /// It would be shown now.
    pub shown: bool,
    /// The rule that says so, and what it saw.
    pub why: Reason,
}

impl Shard {
    /// What is decided on a page, as far as this object knows its visitor.
    pub(super) fn explain(&self, asked: &Asked) -> Result<WhyAnswer> {
        let shop = self.shop()?;
        let config = shop.live()?;
        let on = shop.switches.campaigns;
        let decision = asked.decide(&config.campaigns, &config.shown, config.currency);
        let off = Why::new("switch", "all campaigns are switched off");
        let campaigns = config.campaigns.iter().zip(decision.why()).map(|(campaign, (name, why))| CampaignWhy {
            campaign: name.to_string(),
            kind: if campaign.survey.is_some() { "survey" } else { "form" }.to_owned(),
            shown: on && decision.show() == Some(name),
            why: Reason::from(if on { why } else { &off }),
        });
        Ok(WhyAnswer {
            version: shop.version.clone(),
            on,
            campaigns: campaigns.collect(),
            shopper: asked.visitor.map(|visitor| self.seen_last(visitor)).transpose()?.flatten(),
        })
    }

    /// Who was the last to prove that they sit before a browser of this object.
    fn seen_last(&self, visitor: VisitorId) -> Result<Option<ShopperId>> {
        let row = self.db.row(
            "SELECT shopper FROM sightings WHERE visitor = ? ORDER BY said DESC LIMIT 1",
            values![sightings::key(visitor)],
        )?;
        row.map(|row| read_id(row.text(0)?)).transpose()
    }

    pub(super) async fn decisions_here_or_there(
        &self,
        shopper: ShopperId,
        before: i64,
        most: u16,
    ) -> Result<Vec<Json>> {
        match self.place_of(&shopper.to_string())? {
            Place::Here(person) => self.decisions_about(&person, before, most.into()),
            Place::There(object) => self.ask(object, &ShardCall::Decisions { shopper, before, most }).await,
        }
    }

    /// What was decided about a person who lives here, newest first.
    fn decisions_about(&self, person: &str, before: i64, most: i64) -> Result<Vec<Json>> {
        let query = format!(
            "SELECT pos, at, what, message, rule, fact FROM decisions
              WHERE shopper IN ({MEMBERS}) AND pos < ?2 ORDER BY pos DESC LIMIT ?3"
        );
        let rows = self.db.rows(&query, values![person, before, most])?;
        rows.iter()
            .map(|row| {
                Ok(json!({
                    "seq": row.int(0)?, "at": row.int(1)?, "what": row.text(2)?, "message": row.text(3)?,
                    "why": { "rule": row.text(4)?, "fact": row.text(5)? },
                }))
            })
            .collect()
    }
}
