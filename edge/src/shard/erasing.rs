//! Erasing a person: what is kept about them goes, and nothing reaches them any more.
//!
//! What opens their sealed data is destroyed, and every row about them with it. Left are: keyed hashes
//! of their names on the suppression list, so that no later import or webhook writes to them; their
//! receipts, which prove what was allowed and hold nothing personal; and that messages were sent, without
//! a word of them. Somebody who comes back and confirms an address anew is a new shopper.

use domain::consent;
use domain::id::ShopperId;
use domain::place::Bucket;
use domain::time::Timestamp;
use domain::why::Why;
use serde::{Deserialize, Serialize};

use super::jobs::{self, Job};
use super::joining::{self, Place, members};
use super::names::{self, Hash};
use super::sightings::{self, Sighting};
use super::{Shard, Shop, ledger};
use crate::call::ShardCall;
use crate::problem::{Failed, Result};
use crate::sql::{Db, values};

/// A name that is nobody's any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// Keyed hash of the name.
    pub hash: consent::Hash,
    /// What kind of name it is.
    pub kind: String,
    /// Whose it was. Whoever has it by now came later.
    pub shoppers: Vec<String>,
    /// When they were erased.
    pub at: Timestamp,
    /// Why; nothing where the name only becomes free again.
    pub why: Option<String>,
}

/// What becomes of the names of somebody who is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erasure {
    /// They must not be written to again.
    Suppress,
    /// They are nobody's, as if they had never been heard of.
    Free,
}

/// Whether a name must not be written to. Asked where the name is kept.
pub fn is_suppressed(db: &Db, hash: &[u8]) -> Result<bool> {
    Ok(db.row("SELECT 1 FROM suppressed WHERE hash = ?", values![hash.to_vec()])?.is_some())
}

/// Puts a name on the suppression list. One that stands there already is there for the later reason.
pub fn put_on_the_list(db: &Db, hash: Hash, kind: &str, at: Timestamp, why: &str) -> Result<()> {
    db.run(
        "INSERT INTO suppressed (hash, kind, at, why) VALUES (?, ?, ?, ?)
         ON CONFLICT (hash) DO UPDATE SET at = max(at, excluded.at)",
        values![hash.to_vec(), kind, at.0, why],
    )
}

/// What is removed with somebody, and by which column it is theirs.
const REMOVED: [&str; 11] = [
    "addresses",
    "shopper_visitors",
    "consents",
    "submissions",
    "runs",
    "jobs",
    "customers",
    "shopper_orders",
    "preferences",
    "visits",
    "journeys",
];

impl Shard {
    /// Erases the person that a shopper belongs to, wherever they live. Answers once nothing can reach
    /// them any more.
    pub(super) async fn erase_here_or_there(&self, shopper: ShopperId, why: Why) -> Result<()> {
        match self.place_of(&shopper.to_string())? {
            Place::There(object) => {
                let (rule, fact) = (why.rule().to_owned(), why.fact().to_owned());
                self.ask(object, &ShardCall::Erase { shopper, rule, fact }).await
            }
            Place::Here(person) => {
                let members = members(&self.db, &person)?;
                self.erase(&person, Erasure::Suppress, &why)?;
                self.nothing_leaves(&members).await
            }
        }
    }

    /// Erases a person who lives here. One synchronous section.
    pub(super) fn erase(&self, person: &str, erasure: Erasure, why: &Why) -> Result<()> {
        let (shop, now, db) = (self.shop()?, self.now(), &self.db);
        let members = members(db, person)?;
        let ids = serde_json::to_string(&members)?;
        let on_the_way = "SELECT count(*) FROM transfers WHERE source IN (SELECT value FROM json_each(?1))
                            OR target IN (SELECT value FROM json_each(?1))";
        if db.number(on_the_way, values![ids.as_str()])? > 0 {
            return Err(joining::busy().into());
        }
        let reason = (erasure == Erasure::Suppress).then(|| why.rule().to_owned());
        for row in db.rows(
            "SELECT hash, channel FROM addresses WHERE shopper IN (SELECT value FROM json_each(?1))
              UNION ALL SELECT customer, 'customer' FROM customers
              WHERE customer IS NOT NULL AND shopper IN (SELECT value FROM json_each(?1))",
            values![ids.as_str()],
        )? {
            let hash =
                row.bytes(0)?.try_into().map(consent::Hash).map_err(|_| Failed::new("erasing", "a name's hash"))?;
            let (kind, shoppers) = (row.text(1)?.to_owned(), members.clone());
            let suppression = Suppression { hash, kind, shoppers, at: now, why: reason.clone() };
            self.suppress_here_or_there(&shop, suppression)?;
        }
        self.forget_orders_of(&shop, &ids, reason.is_some())?;
        for sighting in sightings::of(db, &ids)? {
            self.forget_visit_here_or_there(&shop, sighting, now)?;
        }
        for table in REMOVED {
            db.run(
                &format!("DELETE FROM {table} WHERE shopper IN (SELECT value FROM json_each(?))"),
                values![ids.as_str()],
            )?;
        }
        ledger::remove(db, "shopper IN (SELECT value FROM json_each(?))", values![ids.as_str()])?;
        // The link that brought this about says so when it is looked at again.
        db.run(
            "DELETE FROM links WHERE shopper IN (SELECT value FROM json_each(?)) AND kind <> 'erase'",
            values![ids.as_str()],
        )?;
        db.run(
            "UPDATE codes SET used_by = NULL WHERE shopper IN (SELECT value FROM json_each(?))",
            values![ids.as_str()],
        )?;
        db.run(
            "UPDATE sends SET message = x'', detail = '', run = NULL WHERE shopper IN (SELECT value FROM json_each(?))",
            values![ids.as_str()],
        )?;
        db.run(
            "UPDATE shoppers SET key = x'', profile = NULL, country = NULL, state = 'erased'
              WHERE id IN (SELECT value FROM json_each(?))",
            values![ids.as_str()],
        )?;
        let data = serde_json::json!({ "rule": why.rule(), "fact": why.fact() });
        ledger::note(db, now, "", None, "shopper.erased", &data)?;
        self.report_later(now)?;
        Ok(())
    }

    fn suppress_here_or_there(&self, shop: &Shop, suppression: Suppression) -> Result<()> {
        let object = shop.placement.object_of(Bucket::of_hash(&suppression.hash.0));
        if object == shop.object {
            return self.suppress(&suppression);
        }
        let (at, key) = (suppression.at, format!("suppress:{}:{}", suppression.hash, suppression.at.0));
        jobs::add(&self.db, &Job::errand(key, at, object, ShardCall::Suppress(suppression)))
    }

    /// A name whose owner has proven it anew may be written to again.
    pub(super) fn lift_here_or_there(&self, shop: &Shop, hash: &[u8], now: Timestamp) -> Result<()> {
        let hash: Hash = hash.try_into().map_err(|_| Failed::new("lifting a suppression", "a name's hash"))?;
        let object = shop.placement.object_of(Bucket::of_hash(&hash));
        if object == shop.object {
            return self.lift(hash, now);
        }
        let (hash, at) = (consent::Hash(hash), now);
        let key = format!("lift:{hash}:{}", at.0);
        jobs::add(&self.db, &Job::errand(key, now, object, ShardCall::Lift { hash, at }))
    }

    /// Takes a name off the suppression list that was proven anew. Whoever was erased after that stays on it,
    /// however late this is heard.
    pub(super) fn lift(&self, hash: Hash, at: Timestamp) -> Result<()> {
        self.db.run("DELETE FROM suppressed WHERE hash = ? AND at < ?", values![hash.to_vec(), at.0])
    }

    /// A name becomes nobody's, and where there is a reason stands on the suppression list. Told once more
    /// after somebody came by that name, it changes nothing.
    pub(super) fn suppress(&self, suppression: &Suppression) -> Result<()> {
        let hash = suppression.hash.0;
        self.db.run(
            "DELETE FROM names WHERE hash = ? AND shopper IN (SELECT value FROM json_each(?))",
            values![hash.to_vec(), serde_json::to_string(&suppression.shoppers)?],
        )?;
        match (&suppression.why, names::owner(&self.db, hash)?) {
            (Some(why), None) => put_on_the_list(&self.db, hash, &suppression.kind, suppression.at, why),
            _ => Ok(()),
        }
    }

    fn forget_visit_here_or_there(&self, shop: &Shop, sighting: Sighting, now: Timestamp) -> Result<()> {
        let object = sightings::home(shop, sighting.visitor);
        if object == shop.object {
            return self.forget_visit(&sighting);
        }
        let key = format!("forget:{}:{}", sighting.visitor, sighting.said.0);
        jobs::add(&self.db, &Job::errand(key, now, object, ShardCall::ForgetVisit(sighting)))
    }

    /// Waits until no message to any of these shoppers is being handed over. Whoever took permission
    /// back is told so only then.
    pub(super) async fn nothing_leaves(&self, shoppers: &[String]) -> Result<()> {
        /// Longer than any sender waits for an answer.
        const PATIENCE: u32 = 1_200;
        const PAUSE: std::time::Duration = std::time::Duration::from_millis(25);
        let ids = serde_json::to_string(shoppers)?;
        for _ in 0..PATIENCE {
            let leaving = self.db.number(
                "SELECT count(*) FROM sends WHERE state = 'claimed' AND shopper IN (SELECT value FROM json_each(?))",
                values![ids.as_str()],
            )?;
            if leaving == 0 {
                return Ok(());
            }
            worker::Delay::from(PAUSE).await;
        }
        Err(joining::busy().into())
    }
}
