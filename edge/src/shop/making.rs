//! Codes that are made ahead in the shop's own system: where that is, and the making itself.
//!
//! Codes are drawn and written down as `making` before the system hears of them. They become free when it says
//! that they are there; a step whose fate nobody knows is taken again with the same codes.

use domain::offer::{Made, Offer, System, unique_code};
use domain::time::{Span, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Shop;
use crate::clock::real_now;
use crate::problem::{Failed, Rejected, Result};
use crate::seal::{newest_for_shop, open_for_shop, seal_for_shop};
use crate::secrets::random;
use crate::sql::values;
use crate::system::{AT_A_TIME, Came, Next, Opens, Progress, Wanted, make};

/// How long a system is left alone that refuses us until somebody does something.
const REFUSED_FOR: Span = Span::hours(1);

/// A shop system as the admin API shows it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SystemItem {
    /// `shopify` or `woocommerce`.
    #[schemars(with = "String")]
    pub system: System,
    /// Where it is.
    pub address: String,
    /// Since when it is used, in milliseconds since 1970.
    #[schemars(with = "i64")]
    pub since: Timestamp,
}

fn place(system: &str) -> String {
    format!("shop system/{system}")
}

/// What is stored of the making of an offer's codes.
struct Making {
    progress: Progress,
    attempts: i64,
    due: Option<Timestamp>,
}

impl Shop {
    /// Keeps what opens a system, sealed. What was refused before is tried again.
    pub(super) fn connect_system(&self, system: System, opens: &Opens) -> Result<()> {
        self.about()?;
        let (keys, name) = (self.keys()?, system.as_str());
        let sealed = seal_for_shop(&keys, &place(name), &serde_json::to_string(opens)?)?;
        let known = self.db.row("SELECT address FROM systems WHERE system = ?", values![name])?;
        let elsewhere = known.is_some_and(|row| row.maybe_text(0) != Some(opens.address.as_str()));
        self.db.run(
            "INSERT INTO systems (system, address, since, sealed) VALUES (?, ?, ?, ?)
             ON CONFLICT (system) DO UPDATE SET address = excluded.address, sealed = excluded.sealed",
            values![name, opens.address.as_str(), real_now().0, sealed],
        )?;
        self.db.run("UPDATE pools SET due = ? WHERE due IS NOT NULL", values![real_now().0])?;
        // Another shop knows nothing of the discount.
        for offer in self.live_pools()?.iter().filter(|offer| elsewhere && made_in(offer) == Some(system)) {
            self.db
                .run("UPDATE pools SET discount = NULL, bulk = NULL WHERE offer = ?", values![offer.name.as_str()])?;
        }
        self.soon()
    }

    /// The systems in use.
    pub(super) fn systems(&self) -> Result<Vec<SystemItem>> {
        self.about()?;
        let rows = self.db.rows("SELECT system, address, since FROM systems ORDER BY system", values![])?;
        rows.iter()
            .filter_map(|row| Some((row, System::ALL.into_iter().find(|one| row.maybe_text(0) == Some(one.as_str()))?)))
            .map(|(row, system)| {
                Ok(SystemItem { system, address: row.text(1)?.to_owned(), since: Timestamp(row.int(2)?) })
            })
            .collect()
    }

    /// A system is not used any more.
    pub(super) fn disconnect_system(&self, system: System) -> Result<()> {
        self.about()?;
        let gone = self.db.row("DELETE FROM systems WHERE system = ? RETURNING 1", values![system.as_str()])?;
        if gone.is_none() {
            let detail = "this system is not connected; PUT connects it";
            return Err(Rejected { field: Some("system".into()), ..Rejected::not_found(detail) }.into());
        }
        Ok(())
    }

    /// Seals what opens the systems anew under the newest master.
    pub(super) fn reseal_systems(&self) -> Result<()> {
        let keys = self.keys()?;
        let rows = self.db.rows(
            "SELECT system, sealed FROM systems WHERE substr(sealed, 1, 4) <> ?",
            values![newest_for_shop(&keys)],
        )?;
        for row in rows {
            let place = place(row.text(0)?);
            let sealed = seal_for_shop(&keys, &place, &open_for_shop(&keys, &place, row.bytes(1)?)?)?;
            self.db.run("UPDATE systems SET sealed = ? WHERE system = ?", values![sealed, row.text(0)?])?;
        }
        Ok(())
    }

    fn opens(&self, system: System) -> Result<Option<Opens>> {
        let name = system.as_str();
        let Some(row) = self.db.row("SELECT sealed FROM systems WHERE system = ?", values![name])? else {
            return Ok(None);
        };
        Ok(Some(serde_json::from_str(&open_for_shop(&self.keys()?, &place(name), row.bytes(0)?)?)?))
    }

    /// Takes the next step for every pool whose codes are made and for which one is due.
    pub(super) async fn make_codes(&self) -> Result<()> {
        for offer in self.live_pools()? {
            let Some(made) = offer.pool().and_then(|pool| pool.made.clone()) else { continue };
            if self.making(offer.name.as_str())?.due.is_none_or(|due| due <= real_now()) {
                self.make_some(&offer, &made).await?;
            }
        }
        Ok(())
    }

    async fn make_some(&self, offer: &Offer, made: &Made) -> Result<()> {
        let name = offer.name.as_str();
        let codes = self.codes_to_make(offer, made)?;
        if codes.is_empty() {
            return self.db.run("UPDATE pools SET due = NULL, attempts = 0 WHERE offer = ?", values![name]);
        }
        let Some(opens) = self.opens(made.system)? else {
            let trouble = format!("{} is not connected; PUT …/systems/{0} connects it", made.system.as_str());
            self.make_later(name, REFUSED_FOR, &trouble)?;
            return self.look_at_level(name);
        };
        let Making { progress, attempts, .. } = self.making(name)?;
        // Counted before the step is taken, so that a crash within it is known.
        self.db.run("UPDATE pools SET attempts = attempts + 1 WHERE offer = ?", values![name])?;
        self.state.storage().sync().await?;
        let wanted =
            Wanted { offer: name, percent: offer.percent, codes: &codes, tried: attempts > 0, now: real_now() };
        let came = make(made.system, &opens, &wanted, &progress).await;
        self.conclude(name, &came, attempts)?;
        if !came.made.is_empty() {
            self.tell_of_more(name).await;
        }
        Ok(())
    }

    /// The codes that are on the way; else new ones, if fewer are ready than the shop wants.
    fn codes_to_make(&self, offer: &Offer, made: &Made) -> Result<Vec<String>> {
        let name = offer.name.as_str();
        // Nobody has those of another percentage, and nobody gets them any more.
        self.db.run(
            "DELETE FROM pool_codes WHERE offer = ? AND state IN ('free', 'making') AND percent <> ?",
            values![name, i64::from(offer.percent)],
        )?;
        let most = i64::try_from(AT_A_TIME).unwrap_or(i64::MAX);
        let on_the_way = || {
            let query = "SELECT spelled FROM pool_codes WHERE offer = ? AND state = 'making' ORDER BY n LIMIT ?";
            let rows = self.db.rows(query, values![name, most])?;
            rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect::<Result<Vec<String>>>()
        };
        let codes = on_the_way()?;
        if !codes.is_empty() {
            return Ok(codes);
        }
        let ahead = i64::from(made.ahead);
        let missing = (ahead - self.free_codes(name, ahead)?).min(most);
        let draw = |_| Ok(unique_code(&made.prefix, u64::from_be_bytes(random()?)));
        let new: Vec<String> = (0..missing).map(draw).collect::<Result<_>>()?;
        self.db.run("UPDATE pools SET attempts = 0, bulk = NULL WHERE offer = ?", values![name])?;
        self.add_codes(name, &serde_json::to_string(&new)?, new.len(), "making", Some(offer.percent))?;
        on_the_way()
    }

    /// Writes down what came of a step.
    fn conclude(&self, name: &str, came: &Came, attempts: i64) -> Result<()> {
        let set = |query: &str, codes: &[String]| self.db.run(query, values![name, serde_json::to_string(codes)?]);
        set(
            "UPDATE pool_codes SET state = 'free' WHERE offer = ? AND state = 'making'
                AND spelled IN (SELECT value FROM json_each(?))",
            &came.made,
        )?;
        let refused: Vec<String> = came.refused.iter().map(|(code, _)| code.clone()).collect();
        set(
            "DELETE FROM pool_codes WHERE offer = ? AND state = 'making' AND spelled IN (SELECT value FROM json_each(?))",
            &refused,
        )?;
        let Progress { discount, bulk } = &came.progress;
        self.db.run(
            "UPDATE pools SET discount = ?, bulk = ? WHERE offer = ?",
            values![discount.clone(), bulk.clone(), name],
        )?;
        match (&came.next, came.refused.first()) {
            (Next::Later(why, wait), _) => {
                let patience = Span::seconds(1 << attempts.clamp(0, 8)).min(Span::minutes(5));
                self.make_later(name, wait.unwrap_or(patience), why)?;
            }
            (Next::Never(why), _) => self.make_later(name, REFUSED_FOR, why)?,
            // A system that refuses every single code will refuse the next ones too.
            (_, Some((_, why))) if came.made.is_empty() => self.make_later(name, REFUSED_FOR, why)?,
            (Next::Now | Next::After(_), _) => {
                // Not none: of what may be left of these codes nobody knows the fate for certain.
                let wait = if let Next::After(wait) = came.next { wait } else { Span::default() };
                self.db.run(
                    "UPDATE pools SET due = ?, trouble = NULL, attempts = 1 WHERE offer = ?",
                    values![(real_now() + wait).0, name],
                )?;
            }
        }
        self.look_at_level(name)
    }

    fn make_later(&self, name: &str, wait: Span, trouble: &str) -> Result<()> {
        self.db
            .run("UPDATE pools SET due = ?, trouble = ? WHERE offer = ?", values![(real_now() + wait).0, trouble, name])
    }

    fn making(&self, name: &str) -> Result<Making> {
        let query = "SELECT discount, bulk, attempts, due FROM pools WHERE offer = ?";
        let row = self.db.row(query, values![name])?;
        let row = row.ok_or_else(|| Failed::new("making codes", "the pool was not looked at"))?;
        let text = |n| row.maybe_text(n).map(str::to_owned);
        Ok(Making {
            progress: Progress { discount: text(0), bulk: text(1) },
            attempts: row.int(2)?,
            due: row.maybe_int(3).map(Timestamp),
        })
    }
}

fn made_in(offer: &Offer) -> Option<System> {
    offer.pool().and_then(|pool| pool.made.as_ref()).map(|made| made.system)
}
