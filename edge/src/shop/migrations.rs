//! Orders to set runs under way on the live version: checked here, where all versions are, and told to the
//! shards with the version they are for.

use std::collections::BTreeMap;

use domain::id::Slug;
use domain::journey::{Gone, Journey, Migration, Rules};
use serde::{Deserialize, Serialize};

use super::Shop;
use crate::clock::real_now;
use crate::problem::{Rejected, Result};
use crate::shard::Order;

/// A migration as it is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asked {
    /// The journey.
    pub journey: Slug,
    /// The live version as whoever asks knows it.
    pub live: String,
    /// Whose runs; those of all but the live version, if none is said.
    pub from: Option<String>,
    /// Steps that are called otherwise now.
    pub steps: BTreeMap<String, String>,
    /// `exit` or a step.
    pub gone: Option<String>,
    /// The other versions on which runs of it are under way, and how many.
    pub under_way: BTreeMap<String, i64>,
    /// It is only asked what would become of them.
    pub only_try: bool,
}

impl Shop {
    /// Checks a migration against the versions that it is about, and orders it. The same again is the same order.
    pub(super) fn order_migration(&self, asked: &Asked) -> Result<Order> {
        let mut about = self.about()?;
        if about.version != asked.live {
            let detail = "a version was published just now: look at it and ask again";
            return Err(Rejected::new(409, "Another version is live", detail).into());
        }
        let migration = Migration {
            journey: asked.journey.clone(),
            to: about.version.clone(),
            from: asked.from.clone(),
            steps: asked.steps.clone(),
            gone: asked.gone.as_deref().map(Gone::from),
        };
        self.check_migration(&migration, &asked.under_way)?;
        let mut order = Order { id: about.serial + 1, at: real_now(), migration };
        if asked.only_try {
            return Ok(order);
        }
        if let Some(known) = about.migrations.get(&asked.journey).filter(|known| known.migration == order.migration) {
            return Ok(known.clone());
        }
        about.serial += 1;
        order.id = about.serial;
        about.migrations.insert(asked.journey.clone(), order.clone());
        self.keep(about)?;
        Ok(order)
    }

    /// The order for a journey that is in force.
    pub(super) fn ordered_migration(&self, journey: &str) -> Result<Order> {
        let about = self.about()?;
        let order =
            about.migrations.iter().find(|(known, _)| known.as_str() == journey).map(|(_, order)| order.clone());
        let detail = format!("no migration of {journey:.40} was asked for since version {} is live", about.version);
        Ok(order.ok_or_else(|| Rejected::not_found(detail))?)
    }

    fn check_migration(&self, migration: &Migration, under_way: &BTreeMap<String, i64>) -> Result<()> {
        let rules_of =
            |version: &str| -> Result<Option<Rules>> { Ok(self.config(version)?.map(|config| config.rules(version))) };
        let live = rules_of(&migration.to)?;
        let live =
            live.ok_or_else(|| Rejected::new(409, "Nothing is published", "publish a version of the shop first"))?;
        let name = &migration.journey;
        let versions: Vec<&str> = match &migration.from {
            Some(from) if *from == migration.to => {
                let detail = format!("version {from} is the live one: its runs are on it; {}", told(under_way));
                return Err(Rejected::field("from", detail).into());
            }
            Some(from) => vec![from],
            None => under_way.keys().map(String::as_str).collect(),
        };
        let mut earlier: Vec<(&str, Journey)> = Vec::new();
        for version in versions {
            let rules = rules_of(version)?;
            match (rules.as_ref().map(|rules| rules.journey(name)), &migration.from) {
                (Some(Some(journey)), _) => earlier.push((version, journey.clone())),
                (None, Some(from)) => {
                    let detail = format!("no version {from:.40} was published; {}", told(under_way));
                    return Err(Rejected::field("from", detail).into());
                }
                (Some(None), Some(from)) => {
                    let detail = format!("version {from} has no journey {name}; {}", told(under_way));
                    return Err(Rejected::field("from", detail).into());
                }
                (None | Some(None), None) => {}
            }
        }
        if live.journey(name).is_none() && earlier.is_empty() {
            let there: Vec<&str> = live.journeys.iter().map(|journey| journey.name.as_str()).collect();
            let detail = format!(
                "the live version {} has no journey {name}, and none is under way; there are: {}",
                migration.to,
                there.join(", ")
            );
            return Err(Rejected { field: Some("journey".into()), ..Rejected::not_found(detail) }.into());
        }
        let earlier: Vec<(&str, &Journey)> = earlier.iter().map(|(version, journey)| (*version, journey)).collect();
        migration
            .check(&earlier, live.journey(name))
            .map_err(|mistake| Rejected::field(&mistake.field, mistake.detail).into())
    }
}

/// On which versions runs are under way.
fn told(under_way: &BTreeMap<String, i64>) -> String {
    if under_way.is_empty() {
        return "no runs are under way on an earlier version".to_owned();
    }
    let versions: Vec<String> = under_way.iter().map(|(version, runs)| format!("{version} ({runs})")).collect();
    format!("runs are under way on: {}", versions.join(", "))
}
