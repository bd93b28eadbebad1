//! A name that changes hands: who shares it waits, and gets it when the shop does not know its owner by it any
//! more.

use domain::hook::{Says, Statement};
use domain::id::{ShopperId, hex};
use serde::{Deserialize, Serialize};

use super::asks::Ask;
use super::customers::known;
use super::names::Name;
use crate::problem::{Failed, Result};
use crate::shard::joining::{Whereabouts, busy, whereabouts};
use crate::shard::names as kept;
use crate::shard::{Shard, people};
use crate::sql::values;

/// A customer of the shop shares a name that is somebody else's, and waits for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Want {
    pub name: Name,
    pub shopper: ShopperId,
}

impl Ask for Want {
    type Answer = ();

    fn here(self, shard: &Shard) -> Result<()> {
        shard.db.run(
            "INSERT OR IGNORE INTO wanted (hash, shopper, at) VALUES (?, ?, ?)",
            values![self.name.hash.to_vec(), self.shopper.to_string(), shard.now().0],
        )?;
        // It may have become free since it was looked for, when nobody waited yet.
        pass_on(shard, self.name)
    }
}

/// The shop does not know somebody by a name any more: neither have they it nor do they wait for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GiveUp {
    pub name: Name,
    /// All shoppers of that person.
    pub shoppers: Vec<String>,
    /// It stays theirs all the same: they gave it themselves.
    pub kept: bool,
}

impl Ask for GiveUp {
    type Answer = ();

    fn here(self, shard: &Shard) -> Result<()> {
        let (hash, ids, db) = (self.name.hash.to_vec(), serde_json::to_string(&self.shoppers)?, &shard.db);
        db.run(
            "DELETE FROM wanted WHERE hash = ? AND shopper IN (SELECT value FROM json_each(?))",
            values![hash.clone(), ids.as_str()],
        )?;
        if self.kept {
            return Ok(());
        }
        let freed = db.row(
            "DELETE FROM names WHERE hash = ? AND shopper IN (SELECT value FROM json_each(?)) RETURNING 1",
            values![hash.clone(), ids],
        )?;
        if freed.is_none() {
            return Ok(());
        }
        pass_on(shard, self.name)
    }
}

/// Whoever waits longest for a name that is nobody's gets it: what the shop said of them is heard once more.
fn pass_on(shard: &Shard, name: Name) -> Result<()> {
    let (hash, db) = (name.hash.to_vec(), &shard.db);
    if kept::owner(db, name.hash)?.is_some() {
        return Ok(());
    }
    let next =
        db.row("SELECT shopper FROM wanted WHERE hash = ? ORDER BY at, shopper LIMIT 1", values![hash.clone()])?;
    let Some(next) = next else { return Ok(()) };
    let shopper: ShopperId = next.text(0)?.parse().map_err(|_| Failed::new("reading a shopper's id", "not a UUID"))?;
    db.run("DELETE FROM wanted WHERE hash = ? AND shopper = ?", values![hash, next.text(0)?])?;
    let shop = shard.shop()?;
    shard.ask_later(&shop, shopper.home(), Reconsider { shopper, name })
}

/// A name that a customer of the shop waits for is free: what the shop said of them is heard once more.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reconsider {
    pub shopper: ShopperId,
    pub name: Name,
}

impl Ask for Reconsider {
    type Answer = ();

    fn here(self, shard: &Shard) -> Result<()> {
        let shop = shard.shop()?;
        match whereabouts(&shard.db, &self.shopper.to_string())? {
            Whereabouts::Here(_) => {}
            Whereabouts::Moved(into) => return shard.ask_later(&shop, into.home(), self),
            Whereabouts::Frozen => return Err(busy().into()),
            Whereabouts::Unknown => return Ok(()),
        }
        let Some(person) = people::person(&shard.db, &shop.keys, &self.shopper.to_string())? else { return Ok(()) };
        let Some(record) = known(&shard.db, &person)?.filter(|record| record.key().is_some()) else { return Ok(()) };
        let now = shard.now();
        let id = format!("again:{}:{}:{}", hex(&self.name.hash), self.shopper, now.0);
        shard.say_again(&shop, &Statement { id, at: now, says: Says::Customer(Box::new(record)) })
    }
}
