//! A name that changes hands: who shares it waits, and gets it when the shop does not know its owner by it any
//! more.

use domain::hook::{Says, Statement};
use domain::id::{ShopperId, hex};
use serde::{Deserialize, Serialize};

use super::asks::Ask;
use super::customers::{known, names_of};
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
    /// Of whom the shop says so.
    pub shopper: ShopperId,
    /// All shoppers of that person.
    pub shoppers: Vec<String>,
    /// It stays theirs all the same: they gave it themselves.
    pub kept: bool,
}

impl Ask for GiveUp {
    type Answer = ();

    fn here(self, shard: &Shard) -> Result<()> {
        let (hash, ids, db) = (self.name.hash.to_vec(), serde_json::to_string(&self.shoppers)?, &shard.db);
        let theirs = "hash = ? AND shopper IN (SELECT value FROM json_each(?))";
        let values = || values![hash.clone(), ids.as_str()];
        let tables = if self.kept { &["wanted"][..] } else { &["wanted", "names"] };
        for table in tables {
            if db.row(&format!("SELECT 1 FROM {table} WHERE {theirs}"), values())?.is_some() {
                // A newer word that names it again may have overtaken this one.
                let (shop, shopper, name) = (shard.shop()?, self.shopper, self.name);
                shard.ask_later(&shop, shopper.home(), Reconsider { shopper, name, next: false })?;
                db.run(&format!("DELETE FROM {table} WHERE {theirs}"), values())?;
            }
        }
        pass_on(shard, self.name)
    }
}

/// A newer word names what an older one did not: is it theirs, or do they wait for it? The older one's
/// [`GiveUp`] may have come in between.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recheck {
    pub name: Name,
    pub shopper: ShopperId,
    /// All shoppers of that person.
    pub shoppers: Vec<String>,
}

impl Ask for Recheck {
    type Answer = ();

    fn here(self, shard: &Shard) -> Result<()> {
        let (name, shopper) = (self.name, self.shopper);
        let known = shard.db.row(
            "SELECT 1 FROM (SELECT hash, shopper FROM names UNION ALL SELECT hash, shopper FROM wanted)
             WHERE hash = ? AND shopper IN (SELECT value FROM json_each(?))",
            values![name.hash.to_vec(), serde_json::to_string(&self.shoppers)?],
        )?;
        if known.is_some() {
            return Ok(());
        }
        let shop = shard.shop()?;
        shard.ask_later(&shop, shopper.home(), Reconsider { shopper, name, next: false })
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
    // They may be on the way just now: then nothing was done, and it is tried again.
    let shop = shard.shop()?;
    shard.ask_later(&shop, shopper.home(), Reconsider { shopper, name, next: true })?;
    db.run("DELETE FROM wanted WHERE hash = ? AND shopper = ?", values![hash, next.text(0)?])
}

/// Something happened to a name: what the shop said of a customer is heard once more, if it still names it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reconsider {
    pub shopper: ShopperId,
    pub name: Name,
    /// It is their turn to have it; if they do not want it any more, it is the next one's.
    pub next: bool,
}

impl Ask for Reconsider {
    type Answer = ();

    fn here(self, shard: &Shard) -> Result<()> {
        let (shop, name, shopper) = (shard.shop()?, self.name, self.shopper);
        let person = match whereabouts(&shard.db, &shopper.to_string())? {
            Whereabouts::Here(_) => people::person(&shard.db, &shop.keys, &shopper.to_string())?,
            Whereabouts::Moved(into) => return shard.ask_later(&shop, into.home(), self),
            Whereabouts::Frozen => return Err(busy().into()),
            Whereabouts::Unknown => None,
        };
        let record = person.map(|person| known(&shard.db, &person)).transpose()?.flatten();
        match record.filter(|record| record.key().is_some() && names_of(&shop, record).contains(&name)) {
            Some(record) => {
                let now = shard.now();
                let id = format!("again:{}:{shopper}:{}", hex(&name.hash), now.0);
                shard.say_again(&shop, &Statement { id, at: now, says: Says::Customer(Box::new(record)) })
            }
            None if self.next => {
                let shoppers = vec![shopper.to_string()];
                shard.ask_later(&shop, name.bucket(), GiveUp { name, shopper, shoppers, kept: false })
            }
            None => Ok(()),
        }
    }
}
