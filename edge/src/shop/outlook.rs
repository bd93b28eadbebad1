//! What can be expected of the shop's shoppers: fitted from what its shards have counted, and told to all of them.
//!
//! Each shard counts early in the morning and sends what it has counted. Once all have, the model is fitted; a
//! shard that has not sent for a while is not waited for: what it counted the day before stands in. Its part may
//! come later, and then the model is fitted anew.

use domain::time::{Span, Timestamp};
use domain::value::{Model, Part};
use serde::{Deserialize, Serialize};

use super::Shop;
use crate::call::{self, ShardCall};
use crate::clock::real_now;
use crate::problem::Result;
use crate::seal::{open_bytes_for_shop, seal_bytes_for_shop};
use crate::shard::Counted;
use crate::sql::values;

/// Under this name it is sealed what a shard has counted.
const PART: &str = "part";
/// Where it is kept when to fit.
const FIT_AT: &str = "fit at";
/// So long is waited for the shards that have not counted yet.
const PATIENCE: Span = Span::minutes(30);
/// What began within so long of each other is of one morning.
const ONE_MORNING: Span = Span::hours(12);
/// What was counted longer ago tells nothing of today.
const STALE: Span = Span::days(7);

/// What can be expected of a shop's shoppers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    /// Counts up with every fit.
    pub serial: i64,
    /// As of when shoppers were counted.
    pub at: Timestamp,
    /// How many were counted: those who ordered.
    pub shoppers: u64,
    /// What was found; nothing where too little is known.
    pub model: Option<Model>,
    /// What could not be found, and why, for people.
    pub why: Option<String>,
}

impl Shop {
    /// Takes in what a shard has counted. Told twice, it counts once.
    pub(super) fn take_part(&self, counted: &Counted) -> Result<()> {
        let about = self.about()?;
        let sealed = seal_bytes_for_shop(&self.keys()?, PART, &counted.part)?;
        let object = i64::from(counted.object);
        let known = self.db.number("SELECT at FROM outlook_parts WHERE object = ?", values![object])?;
        if known >= counted.at.0 {
            return Ok(());
        }
        self.db.run(
            "INSERT INTO outlook_parts (object, at, sealed) VALUES (?1, ?2, ?3)
               ON CONFLICT (object) DO UPDATE SET at = ?2, sealed = ?3",
            values![object, counted.at.0, sealed],
        )?;
        let come = self.db.number(
            "SELECT count(*) FROM outlook_parts WHERE at > (SELECT max(at) FROM outlook_parts) - ?",
            values![ONE_MORNING.0],
        )?;
        let now = real_now();
        let all = come >= i64::from(about.new.placement.objects());
        let due = if all { now } else { self.fit_due()?.unwrap_or(now + PATIENCE) };
        self.set_meta(FIT_AT, &due.0.to_string())?;
        self.soon()
    }

    /// When what was counted is to be fitted.
    pub(super) fn fit_due(&self) -> Result<Option<Timestamp>> {
        Ok(self.meta(FIT_AT)?.and_then(|text| text.parse().ok()).map(Timestamp))
    }

    fn outlook(&self) -> Result<Option<Outlook>> {
        Ok(self.meta("outlook")?.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Fits what was counted, if it is time, and tells the shards that do not know of the last fit.
    pub(super) async fn see_to_outlook(&self) -> Result<()> {
        if self.fit_due()?.is_some_and(|due| due <= real_now()) {
            self.fit()?;
        }
        let Some(outlook) = self.outlook()? else { return Ok(()) };
        let key = self.key()?;
        let mut told = Ok(());
        for row in self.db.rows("SELECT object FROM shards WHERE outlook < ?", values![outlook.serial])? {
            let object = u16::try_from(row.int(0)?).unwrap_or_default();
            let call = ShardCall::Outlook(Box::new(outlook.clone()));
            match call::shard::<i64>(&self.env, &key, object, &call).await {
                Ok(serial) => self.db.run(
                    "UPDATE shards SET outlook = max(outlook, ?) WHERE object = ?",
                    values![serial, i64::from(object)],
                )?,
                Err(error) => told = Err(error),
            }
        }
        told
    }

    /// Finds the model of what was counted, in one section.
    fn fit(&self) -> Result<()> {
        let keys = self.keys()?;
        let rows = self.db.rows(
            "SELECT at, sealed FROM outlook_parts WHERE at > (SELECT max(at) FROM outlook_parts) - ? ORDER BY object",
            values![STALE.0],
        )?;
        let (mut all, mut at) = (Part::default(), Timestamp::default());
        for row in rows {
            // One under a master key that is gone is counted again tomorrow.
            let Ok(written) = open_bytes_for_shop(&keys, PART, row.bytes(1)?) else { continue };
            all.merge(&Part::read(&written).unwrap_or_default());
            at = at.max(Timestamp(row.int(0)?));
        }
        let (model, why) = match Model::fit(&all) {
            Ok((model, why)) => (Some(model), why.map(|why| format!("Nothing is known of amounts: {why}."))),
            Err(why) => (None, Some(format!("Nothing can be expected of shoppers yet: {why}."))),
        };
        let told = self.db.number("SELECT max(outlook) FROM shards", values![])?;
        let serial = self.outlook()?.map_or(0, |known| known.serial).max(told) + 1;
        let outlook = Outlook { serial, at, shoppers: all.shoppers(), model, why };
        self.set_meta("outlook", &serde_json::to_string(&outlook)?)?;
        self.db.run("DELETE FROM meta WHERE name = ?", values![FIT_AT])
    }
}
