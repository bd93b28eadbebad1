//! Blocks of a pool's codes: leased from the shop object, kept here until they are issued.
//!
//! Blocks of one object are numbered. What is asked for is the next number, and that moves on in the section
//! that keeps the codes: whatever crashes in between, the same block is asked for and given again.

use domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use super::jobs::{self, Job, State};
use super::{Shard, Shop};
use crate::call::{self, ShopCall};
use crate::problem::Result;
use crate::sql::{Value, values};

/// With fewer codes of a pool than this an object asks for more.
const FEW: i64 = 20;
/// How soon an object that got none asks again; it is also told when there are more.
const DRY_FOR: Span = Span::minutes(5);
/// How often at most somebody who waits for a code asks once more.
const MOST_ASKED: i64 = 20;
/// How many codes go back at a time.
const MOST_BACK: i64 = 500;

/// A block of codes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Block {
    /// Their places in the pool, as they are spelled, and the percentage that they were made with.
    pub codes: Vec<(i64, String, Option<u8>)>,
}

/// A code on the way back: as it is spelled, and the block it came with.
pub type Returned = (String, i64);

/// What an object knows of a pool.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PoolCount {
    /// The offer.
    pub offer: String,
    /// Leased and not issued.
    pub ready: i64,
    /// Issued, used or not.
    pub issued: i64,
    /// Used by an order.
    pub redeemed: i64,
}

impl Shard {
    /// Asks for more codes of a pool, if there are few.
    pub(super) fn refill_soon(&self, offer: &str, now: Timestamp) -> Result<()> {
        if self.few(offer)? { jobs::add(&self.db, &Job::refill(now, offer)) } else { Ok(()) }
    }

    /// There are more codes of a pool: whoever waits for some asks now.
    pub(super) fn refill_now(&self, offer: &str) -> Result<()> {
        let (shop, now) = (self.shop()?, self.now());
        if !is_pool(&shop, offer) || !self.few(offer)? {
            return Ok(());
        }
        let job = Job::refill(now, offer);
        jobs::add(&self.db, &job)?;
        jobs::postpone(&self.db, &job, now, State::Waiting)
    }

    /// Sees to it that so many codes of each pool are here before something is done that may want them, as far as the
    /// shop has any: what stands in is for pools that are dry, not for those whose next block is on the way.
    pub(super) async fn have_ready(&self, wanted: i64) {
        let Ok(shop) = self.shop() else { return };
        for offer in shop.config.iter().flat_map(|config| &config.offers).filter(|offer| offer.pool().is_some()) {
            if let Err(error) = self.have_ready_of(offer.name.as_str(), wanted).await {
                worker::console_error!("codes of a pool: {error}");
            }
        }
    }

    async fn have_ready_of(&self, offer: &str, wanted: i64) -> Result<()> {
        // A block has one code at least, unless there is none; what somebody else has asked for at the same moment may
        // be gone again.
        for _ in 0..wanted + MOST_ASKED {
            let query = "SELECT count(*) FROM (SELECT 1 FROM leased WHERE offer = ? AND back = 0 LIMIT ?)";
            if self.db.number(query, values![offer, wanted])? >= wanted {
                break;
            }
            let job = Job::refill(self.now(), offer);
            jobs::add(&self.db, &job)?;
            let rests = "SELECT 1 FROM jobs WHERE key = ? AND due > ?";
            if self.db.row(rests, values![job.key.as_str(), job.due.0])?.is_some() {
                break;
            }
            self.refill(&job, offer).await?;
        }
        Ok(())
    }

    /// The journeys whose moment has come may want a code each.
    pub(super) async fn codes_for_timers(&self, most: usize) -> Result<()> {
        if !self.shop()?.config.iter().flat_map(|config| &config.offers).any(|offer| offer.pool().is_some()) {
            return Ok(());
        }
        let timers = jobs::next_of(&self.db, "timer", self.now(), most)?;
        if !timers.is_empty() {
            self.have_ready(i64::try_from(timers.len()).unwrap_or(1)).await;
        }
        Ok(())
    }

    fn few(&self, offer: &str) -> Result<bool> {
        let query = "SELECT count(*) FROM (SELECT 1 FROM leased WHERE offer = ? AND back = 0 LIMIT ?)";
        Ok(self.db.number(query, values![offer, FEW])? < FEW)
    }

    /// Leases for the pools there are now, and gives back what belongs to none any more.
    pub(super) fn look_at_pools(&self, now: Timestamp) -> Result<()> {
        let shop = self.shop()?;
        let offers = shop.config.iter().flat_map(|config| &config.offers);
        for offer in offers.filter(|offer| offer.pool().is_some()) {
            self.refill_soon(offer.name.as_str(), now)?;
        }
        for row in self.db.rows("SELECT DISTINCT offer FROM leased", values![])? {
            if !is_pool(&shop, row.text(0)?) {
                self.give_back_soon(row.text(0)?)?;
            }
        }
        Ok(())
    }

    /// Codes of a pool that were not issued go back to the shop object; none of them is issued from now on.
    pub(super) fn give_back_soon(&self, offer: &str) -> Result<()> {
        self.db.run("UPDATE leased SET back = 1 WHERE offer = ?", values![offer])?;
        jobs::add(&self.db, &Job::give_back(self.now(), offer))
    }

    /// Gets the next block of a pool.
    pub(super) async fn refill(&self, job: &Job, offer: &str) -> Result<()> {
        let shop = self.shop()?;
        if !is_pool(&shop, offer) || !self.few(offer)? {
            return jobs::remove(&self.db, &job.key);
        }
        let number = self.next_block(offer)?;
        let lease = ShopCall::Lease { offer: offer.to_owned(), object: shop.object, block: number };
        let block: Block = call::shop(&self.env, &shop.key, &lease).await?;
        // From here on one section: the codes are kept and the number moves on, or neither.
        if self.next_block(offer)? != number {
            return Ok(());
        }
        if block.codes.is_empty() {
            return jobs::postpone(&self.db, job, self.now() + DRY_FOR, job.state);
        }
        for (n, code, percent) in block.codes {
            let percent = percent.map_or(Value::Null, |percent| i64::from(percent).into());
            // What has gone back, though this object has not heard so yet, may come again.
            self.db.run(
                "INSERT INTO leased (offer, n, code, block, percent) VALUES (?, ?, ?, ?, ?)
                     ON CONFLICT (offer, n) DO UPDATE SET
                        code = excluded.code, block = excluded.block, percent = excluded.percent, back = 0",
                values![offer, n, code, number, percent],
            )?;
        }
        self.db.run(
            "INSERT INTO leases (offer, block) VALUES (?1, ?2) ON CONFLICT (offer) DO UPDATE SET block = ?2",
            values![offer, number + 1],
        )?;
        jobs::remove(&self.db, &job.key)
    }

    fn next_block(&self, offer: &str) -> Result<i64> {
        self.db.number("SELECT block FROM leases WHERE offer = ?", values![offer])
    }

    /// Gives codes back that are on the way; whether that is all.
    pub(super) async fn return_codes(&self, offer: &str) -> Result<bool> {
        let shop = self.shop()?;
        let query = "SELECT n, code, block FROM leased WHERE offer = ? AND back = 1 ORDER BY n LIMIT ?";
        let rows = self.db.rows(query, values![offer, MOST_BACK])?;
        let codes: Vec<Returned> =
            rows.iter().map(|row| Ok((row.text(1)?.to_owned(), row.int(2)?))).collect::<Result<_>>()?;
        if codes.is_empty() {
            if is_pool(&shop, offer) {
                self.refill_soon(offer, self.now())?;
            }
            return Ok(true);
        }
        let back = ShopCall::GiveBack { offer: offer.to_owned(), object: shop.object, codes };
        call::shop::<()>(&self.env, &shop.key, &back).await?;
        for row in rows {
            let query = "DELETE FROM leased WHERE offer = ? AND n = ? AND block = ? AND back = 1";
            self.db.run(query, values![offer, row.int(0)?, row.int(2)?])?;
        }
        Ok(false)
    }

    /// What is here of each of some pools. Whoever went to another object is counted there.
    pub(super) fn count_pools(&self, offers: &[String]) -> Result<Vec<PoolCount>> {
        self.shop()?;
        let count = |offer: &String| {
            let row = self.db.row(
                "SELECT (SELECT count(*) FROM leased WHERE offer = ?1), count(*), count(used) FROM codes
                  WHERE offer = ?1 AND NOT EXISTS (SELECT 1 FROM shoppers WHERE id = codes.shopper AND state = 'moved')",
                values![offer.as_str()],
            )?;
            let number = |n| row.as_ref().and_then(|row| row.maybe_int(n)).unwrap_or_default();
            Ok(PoolCount { offer: offer.clone(), ready: number(0), issued: number(1), redeemed: number(2) })
        };
        offers.iter().map(count).collect()
    }
}

fn is_pool(shop: &Shop, offer: &str) -> bool {
    shop.config.as_ref().and_then(|config| config.offer(offer)).is_some_and(|offer| offer.pool().is_some())
}
