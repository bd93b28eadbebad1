//! Pools of codes that the shop's own system knows: taken in as lists or made ahead ([`super::making`]), leased to
//! the shards in blocks.
//!
//! A code has one owner at a time: it is free here, or one shard has it in a numbered block. A block that is asked
//! for again is given again, codes that come back are taken only from the block they went out with, so whatever
//! is repeated changes nothing.

use domain::offer::{Offer, Pool};
use domain::time::{Span, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Shop;
use crate::call::{self, ShardCall};
use crate::clock::real_now;
use crate::problem::{Rejected, Result};
use crate::shard::{Block, LowPool, Returned};
use crate::sql::{Value, values};

/// The largest block.
const BLOCK: i64 = 50;
/// A system that is to be asked again within so long is not in trouble yet.
const SOON: Span = Span::seconds(30);

/// What became of a list.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Taken {
    /// How many codes are new in the pool.
    pub added: usize,
    /// Codes that are in another pool, as they are spelled, and which.
    pub elsewhere: Vec<(String, String)>,
}

/// A pool as the shop object knows it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct PoolItem {
    /// The offer.
    pub offer: String,
    /// Codes that no shard has leased.
    pub remaining: i64,
    /// Codes on the way into the shop's system.
    pub making: i64,
    /// Codes that a shard has and that are not issued.
    pub leased: i64,
    /// Codes that were issued to somebody.
    pub issued: i64,
    /// Issued codes that an order has used.
    pub redeemed: i64,
    /// The merchant is told when fewer than this remain.
    pub low: u32,
    /// Fewer remain.
    pub is_low: bool,
    /// How often that came about.
    pub sinkings: i64,
    /// What stands in while the pool is dry.
    pub fallback: String,
    /// The shop system in which codes are made; nothing where they come as lists.
    pub made_in: Option<String>,
    /// Why no more codes could be made at the last attempt.
    pub trouble: Option<String>,
}

impl Shop {
    /// The pools of the live version.
    pub(super) fn live_pools(&self) -> Result<Vec<Offer>> {
        let config = self.config(&self.about()?.version)?;
        Ok(config.into_iter().flat_map(|config| config.offers).filter(|offer| offer.pool().is_some()).collect())
    }

    pub(super) fn live_pool(&self, name: &str) -> Result<Option<Offer>> {
        Ok(self.live_pools()?.into_iter().find(|offer| offer.name.as_str() == name))
    }

    fn known_pool(&self, name: &str) -> Result<Offer> {
        let pool = self.live_pool(name)?;
        Ok(pool.ok_or_else(|| Rejected {
            field: Some("offer".into()),
            ..Rejected::not_found(
                "no published offer with this name is a pool; offers/NAME.toml with kind = \"pool\" makes one",
            )
        })?)
    }

    /// Takes codes in; one that is there counts once.
    pub(super) fn take_codes(&self, offer: &str, codes: &[String]) -> Result<Taken> {
        self.known_pool(offer)?;
        let list = serde_json::to_string(codes)?;
        let elsewhere = self.db.rows(
            "SELECT list.value, pool_codes.offer FROM json_each(?) AS list
               JOIN pool_codes ON pool_codes.code = upper(list.value) WHERE pool_codes.offer <> ?",
            values![list.as_str(), offer],
        )?;
        let elsewhere = elsewhere.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned())));
        let elsewhere = elsewhere.collect::<Result<_>>()?;
        let added = self.add_codes(offer, &list, codes.len(), "free", None)?;
        self.look_at_level(offer)?;
        Ok(Taken { added, elsewhere })
    }

    /// Adds codes (a JSON list) in a state; how many are new.
    pub(super) fn add_codes(
        &self,
        offer: &str,
        list: &str,
        length: usize,
        state: &str,
        percent: Option<u8>,
    ) -> Result<usize> {
        let first = self.db.number("SELECT next FROM pools WHERE offer = ?", values![offer])?;
        let new = self.db.rows(
            "INSERT OR IGNORE INTO pool_codes (code, spelled, offer, n, state, percent)
             SELECT upper(value), value, ?1, ?2 + key, ?3, ?4 FROM json_each(?5) RETURNING 1",
            values![offer, first, state, percent.map_or(Value::Null, |percent| i64::from(percent).into()), list],
        )?;
        let next = first.saturating_add(i64::try_from(length).unwrap_or(i64::MAX));
        self.db.run(
            "INSERT INTO pools (offer, next) VALUES (?1, ?2) ON CONFLICT (offer) DO UPDATE SET next = ?2",
            values![offer, next],
        )?;
        Ok(new.len())
    }

    /// The block of a shard with a number: the one it was given before, or a new one. Less is given when little
    /// is left, so that one shard does not hoard what another needs.
    pub(super) fn lease(&self, offer: &str, object: u16, block: i64) -> Result<Block> {
        let given = self.block(offer, object, block)?;
        if !given.codes.is_empty() {
            return Ok(given);
        }
        let Some(live) = self.live_pool(offer)? else { return Ok(Block::default()) };
        let shards = i64::from(self.about()?.new.placement.objects());
        let left = self.free_codes(offer, 2 * BLOCK * shards)?;
        let size = (left / (2 * shards)).clamp(1, BLOCK);
        self.db.run(
            "UPDATE pool_codes SET state = 'leased', object = ?1, block = ?2 WHERE code IN (
               SELECT code FROM pool_codes WHERE offer = ?3 AND state = 'free' AND (percent IS NULL OR percent = ?4)
                ORDER BY n LIMIT ?5)",
            values![i64::from(object), block, offer, i64::from(live.percent), size],
        )?;
        self.look_at_level(offer)?;
        self.block(offer, object, block)
    }

    fn block(&self, offer: &str, object: u16, block: i64) -> Result<Block> {
        let rows = self.db.rows(
            "SELECT n, spelled, percent FROM pool_codes
              WHERE offer = ? AND object = ? AND block = ? AND state = 'leased' ORDER BY n",
            values![offer, i64::from(object), block],
        )?;
        let read = |row: &crate::sql::Row| {
            let percent = row.maybe_int(2).and_then(|percent| u8::try_from(percent).ok());
            Ok((row.int(0)?, row.text(1)?.to_owned(), percent))
        };
        Ok(Block { codes: rows.iter().map(read).collect::<Result<_>>()? })
    }

    /// Takes codes back that a shard has not issued.
    pub(super) fn take_back(&self, offer: &str, object: u16, codes: &[Returned]) -> Result<()> {
        self.about()?;
        self.db.run(
            "UPDATE pool_codes SET state = 'free', object = NULL, block = NULL
              WHERE state = 'leased' AND offer = ?1 AND object = ?2
                AND (code, block) IN (SELECT upper(value ->> 0), value ->> 1 FROM json_each(?3))",
            values![offer, i64::from(object), serde_json::to_string(codes)?],
        )?;
        self.look_at_level(offer)
    }

    /// The shard that has leased a code.
    pub(super) fn who_has(&self, code: &str) -> Result<Option<u16>> {
        self.about()?;
        let row = self.db.row("SELECT object FROM pool_codes WHERE code = ? AND state = 'leased'", values![code])?;
        Ok(row.and_then(|row| row.maybe_int(0)).and_then(|object| u16::try_from(object).ok()))
    }

    /// How many codes are free, counted up to so many.
    pub(super) fn free_codes(&self, offer: &str, most: i64) -> Result<i64> {
        let query = "SELECT count(*) FROM (SELECT 1 FROM pool_codes WHERE offer = ? AND state = 'free' LIMIT ?)";
        self.db.number(query, values![offer, most])
    }

    /// Notes whether a pool is low. Each time that it comes to this the merchant is told once.
    pub(super) fn look_at_level(&self, offer: &str) -> Result<()> {
        let Some(pool) = self.live_pool(offer)?.as_ref().and_then(Offer::pool).cloned() else { return Ok(()) };
        let few = few(&pool);
        let is_low = self.free_codes(offer, few)? < few && !(pool.made.is_some() && self.is_making(offer)?);
        self.db.run(
            "INSERT INTO pools (offer, next, low, sinkings) VALUES (?1, 0, ?2, ?2) ON CONFLICT (offer)
               DO UPDATE SET sinkings = sinkings + (?2 > low), low = ?2",
            values![offer, i64::from(is_low)],
        )?;
        if self.untold()?.is_empty() && pool.made.is_none() { Ok(()) } else { self.soon() }
    }

    /// Whether more codes come by themselves before long: nothing keeps them from being made, or only for a moment.
    fn is_making(&self, offer: &str) -> Result<bool> {
        let soon = real_now() + SOON;
        let query = "SELECT 1 FROM pools WHERE offer = ? AND trouble IS NOT NULL AND due > ?";
        Ok(self.db.row(query, values![offer, soon.0])?.is_none())
    }

    /// Sinkings of which the merchant was not told.
    fn untold(&self) -> Result<Vec<(String, i64)>> {
        let rows = self.db.rows("SELECT offer, sinkings FROM pools WHERE sinkings > told ORDER BY offer", values![])?;
        rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.int(1)?))).collect()
    }

    /// Has the merchant told, by the shop's first shard.
    pub(super) async fn tell_of_sinkings(&self) -> Result<()> {
        let key = self.key()?;
        for (offer, sinking) in self.untold()? {
            if let Some(pool) = self.live_pool(&offer)?.as_ref().and_then(Offer::pool) {
                let trouble = self.db.row("SELECT trouble FROM pools WHERE offer = ?", values![offer.as_str()])?;
                let few = few(pool);
                let alert = LowPool {
                    offer: offer.clone(),
                    sinking,
                    left: self.free_codes(&offer, few)?,
                    low: u32::try_from(few).unwrap_or(u32::MAX),
                    fallback: pool.fallback.to_string(),
                    trouble: trouble.and_then(|row| row.maybe_text(0).map(str::to_owned)),
                };
                call::shard::<()>(&self.env, &key, crate::shard::hearing::EAR, &ShardCall::Alert(alert)).await?;
            }
            self.db.run("UPDATE pools SET told = max(told, ?) WHERE offer = ?", values![sinking, offer.as_str()])?;
        }
        Ok(())
    }

    /// Tells the shards that there are more codes. One that does not hear it asks by itself before long.
    pub(super) async fn tell_of_more(&self, offer: &str) {
        self.tell_shards(|| ShardCall::Refill { offer: offer.to_owned() }).await;
    }

    /// Has the shards give back what they have not issued.
    pub(super) async fn recall(&self, offer: &str) -> Result<()> {
        let key = self.key()?;
        for object in 0..self.about()?.new.placement.objects() {
            call::shard::<()>(&self.env, &key, object, &ShardCall::Recall { offer: offer.to_owned() }).await?;
        }
        Ok(())
    }

    async fn tell_shards(&self, call: impl Fn() -> ShardCall) {
        let Ok(about) = self.about() else { return };
        for object in 0..about.new.placement.objects() {
            if let Err(error) = call::shard::<()>(&self.env, &about.new.key, object, &call()).await {
                worker::console_error!("a shard was not told of codes: {error}");
            }
        }
    }

    /// The pools. What was issued, the shards know.
    pub(super) fn pools(&self) -> Result<Vec<PoolItem>> {
        let item = |offer: Offer| {
            let name = offer.name.as_str();
            let count = |state: &str| {
                let query = "SELECT count(*) FROM pool_codes WHERE offer = ? AND state = ?";
                self.db.number(query, values![name, state])
            };
            let known = self.db.row("SELECT low, sinkings, trouble FROM pools WHERE offer = ?", values![name])?;
            let number = |n| known.as_ref().and_then(|row| row.maybe_int(n)).unwrap_or_default();
            let pool = offer.pool();
            Ok(PoolItem {
                offer: name.to_owned(),
                remaining: count("free")?,
                making: count("making")?,
                low: pool.map_or(0, |pool| pool.low),
                is_low: number(0) != 0,
                sinkings: number(1),
                fallback: pool.map(|pool| pool.fallback.to_string()).unwrap_or_default(),
                made_in: pool.and_then(|pool| pool.made.as_ref()).map(|made| made.system.as_str().to_owned()),
                trouble: known.as_ref().and_then(|row| row.maybe_text(2).map(str::to_owned)),
                ..PoolItem::default()
            })
        };
        self.live_pools()?.into_iter().map(item).collect()
    }

    /// After publishing: pools that are new may be low already.
    pub(super) fn look_at_pools(&self) -> Result<()> {
        self.live_pools()?.iter().try_for_each(|offer| self.look_at_level(offer.name.as_str()))
    }

    /// Whether there is such a pool.
    pub(super) fn is_pool(&self, offer: &str) -> Result<()> {
        self.known_pool(offer).map(drop)
    }

    /// When codes are to be made next.
    pub(super) fn making_due(&self) -> Result<Option<Timestamp>> {
        let row = self.db.row("SELECT min(due) FROM pools WHERE due IS NOT NULL", values![])?;
        Ok(row.and_then(|row| row.maybe_int(0)).map(Timestamp))
    }
}

/// Fewer than this are few; a pool that is dry always is.
fn few(pool: &Pool) -> i64 {
    i64::from(pool.low.max(1))
}
