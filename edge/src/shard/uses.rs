//! Orders use codes: told by pages and by the shop's server, folded where the code was issued
//! ([`domain::offer::uses`]), and told on to where its shopper lives by now, where all of it comes together.

use domain::offer::uses::{Use, standing};
use domain::time::Timestamp;
use serde_json::json;

use super::codes::{issuer, lookup};
use super::hearing::facts;
use super::jobs::{self, Job, RedeemJob};
use super::joining::{Whereabouts, busy, whereabouts};
use super::{Shard, Shop, ledger};
use crate::call::{self, Redemption, ShardCall, ShopCall};
use crate::problem::Result;
use crate::sql::{Db, Value, values};

/// Under this name stands what pages told. They are believed only so far, so one row is enough for all of them.
const BY_PAGES: &[u8] = b"page";
/// … and what is known from before uses were kept one by one.
const FROM_BEFORE: &[u8] = b"before";
/// How many codes that pages told of wait at most for the objects that issued them. Pages are believed only so
/// far.
const MOST_WAITING_CODES: i64 = 1_000;

impl Shard {
    /// Notes that an order used a code, or was cancelled, if the code was issued here; whether it was. Told
    /// twice or in another order, it comes to the same.
    pub(super) fn redeem(&self, shop: &Shop, told: &Redemption) -> Result<bool> {
        let db = &self.db;
        let code = lookup(&told.code);
        let row = db.row("SELECT shopper, offer, used, confirmed FROM codes WHERE code = ?", values![code.as_str()])?;
        let Some(row) = row else { return Ok(false) };
        let (shopper, offer) = (row.text(0)?, row.text(1)?);
        let home = whereabouts(db, shopper)?;
        if home == Whereabouts::Frozen {
            return Err(busy().into());
        }
        let mut all = uses_of(db, &code)?;
        let (used, confirmed) = (row.maybe_int(2).map(Timestamp), row.maybe_int(3).map(Timestamp));
        if let (true, Some(at)) = (all.is_empty(), used)
            && (!told.by_shop || confirmed != Some(told.at))
        {
            let order = if confirmed.is_some() { FROM_BEFORE } else { BY_PAGES };
            all.push(Use { order: order.to_vec(), at, by_shop: confirmed.is_some(), cancelled: None });
        }
        let name = |order: &str| shop.keys.name("code of order", order).to_vec();
        let order = if told.by_shop { name(&told.order) } else { BY_PAGES.to_vec() };
        let mut new =
            Use { order, at: told.at, by_shop: told.by_shop, cancelled: told.cancelled.filter(|_| told.by_shop) };
        // The same order, told of before under this name or another.
        let names: Vec<Vec<u8>> = told.names.iter().map(|order| name(order)).collect();
        let (same, mut others): (Vec<Use>, Vec<Use>) =
            all.into_iter().partition(|each| each.order == new.order || names.contains(&each.order));
        for each in &same {
            new.join(each);
            db.run(
                "DELETE FROM code_uses WHERE code = ? AND of_order = ?",
                values![code.as_str(), each.order.clone()],
            )?;
        }
        others.push(new);
        for each in &others {
            keep_use(db, shopper, &code, each)?;
        }
        let stands = standing(&others);
        let moment = |at: Option<Timestamp>| at.map_or(Value::Null, |at| at.0.into());
        db.run(
            "UPDATE codes SET used = ?, confirmed = ? WHERE code = ?",
            values![moment(stands.used), moment(stands.confirmed), code.as_str()],
        )?;
        match home {
            Whereabouts::Moved(into) => {
                let object = shop.placement.object_of(into.home());
                jobs::add(db, &Job::redeem(self.now(), object, told.clone()))?;
            }
            Whereabouts::Here(person) => {
                self.note_used(shop, &code, (shopper, offer), &told.order, stands.used)?;
                if used.is_some() && stands.used.is_none() {
                    self.refold(&person)?;
                }
                if others.len() > 1 {
                    self.note_used_again(shop, &code, (shopper, offer), &others)?;
                }
            }
            Whereabouts::Frozen | Whereabouts::Unknown => {}
        }
        Ok(true)
    }

    /// That a code is used up is news to its shopper's journeys, as long as it is so.
    fn note_used(
        &self,
        shop: &Shop,
        code: &str,
        (shopper, offer): (&str, &str),
        order: &str,
        used: Option<Timestamp>,
    ) -> Result<()> {
        let id = facts::id_of(shop, &[b"code used", code.as_bytes(), shopper.as_bytes()]);
        match used {
            Some(at) => {
                let data = json!({ "offer": offer, "order": { "id": order } });
                facts::note_once(self, id, at, shopper, "code.used", &data)
            }
            None => ledger::remove(&self.db, "id = ?", values![id.0.as_bytes().to_vec()]),
        }
    }

    /// Tells the merchant of orders that used a code which an earlier one had, as long as that is so.
    fn note_used_again(&self, shop: &Shop, code: &str, (shopper, offer): (&str, &str), uses: &[Use]) -> Result<()> {
        let again = standing(uses).again;
        for each in uses.iter().filter(|each| each.by_shop) {
            let id = facts::id_of(shop, &[b"code again", code.as_bytes(), &each.order, shopper.as_bytes()]);
            if again.contains(&each.order) {
                let data = json!({ "offer": offer, "code": code });
                facts::note_once(self, id, each.at, shopper, "code.used_again", &data)?;
            } else {
                ledger::remove(&self.db, "id = ?", values![id.0.as_bytes().to_vec()])?;
            }
        }
        Ok(())
    }

    /// Notes that an order used a code, here or by way of the object that issued it; whether something became
    /// due. Codes of pools do not say which object that is: the shop object knows.
    pub(super) fn redeem_here_or_there(&self, shop: &Shop, told: Redemption, now: Timestamp) -> Result<bool> {
        match self.redeem(shop, &told) {
            Ok(true) => return Ok(false),
            Ok(false) => {}
            // Its shopper is on the way: told again in a moment.
            Err(crate::problem::Error::Rejected(_)) => {
                jobs::add(&self.db, &Job::redeem(now, shop.object, told))?;
                return Ok(true);
            }
            Err(error) => return Err(error),
        }
        let object = issuer(shop.placement, &told.code).filter(|object| *object != shop.object);
        let object = match object {
            Some(object) => object,
            // In a shop of one object all codes are here.
            None if shop.placement.objects() > 1 && self.forms(shop)?.pools => shop.object,
            None => return Ok(false),
        };
        if !told.by_shop && jobs::waiting_codes(&self.db, MOST_WAITING_CODES)? >= MOST_WAITING_CODES {
            return Ok(false);
        }
        jobs::add(&self.db, &Job::redeem(now, object, told))?;
        Ok(true)
    }

    /// Tells the object that issued a code of an order that used it.
    pub(super) async fn pass_on_use(&self, job: &RedeemJob) -> Result<()> {
        let shop = self.shop()?;
        if self.redeem_at(&shop, job.object, &job.redemption).await? || !self.forms(&shop)?.pools {
            return Ok(());
        }
        let asked = ShopCall::WhoHas { code: lookup(&job.redemption.code) };
        if let Some(object) = call::shop::<Option<u16>>(&self.env, &shop.key, &asked).await? {
            self.redeem_at(&shop, object, &job.redemption).await?;
        }
        Ok(())
    }

    async fn redeem_at(&self, shop: &Shop, object: u16, told: &Redemption) -> Result<bool> {
        if object == shop.object {
            return self.redeem(shop, told);
        }
        self.ask(object, &ShardCall::Use(told.clone())).await
    }
}

fn uses_of(db: &Db, code: &str) -> Result<Vec<Use>> {
    let rows = db.rows("SELECT of_order, at, by_shop, cancelled FROM code_uses WHERE code = ?", values![code])?;
    rows.iter()
        .map(|row| {
            Ok(Use {
                order: row.bytes(0)?.to_vec(),
                at: Timestamp(row.int(1)?),
                by_shop: row.int(2)? != 0,
                cancelled: row.maybe_int(3).map(Timestamp),
            })
        })
        .collect()
}

fn keep_use(db: &Db, shopper: &str, code: &str, each: &Use) -> Result<()> {
    db.run(
        "INSERT INTO code_uses (shopper, code, of_order, at, by_shop, cancelled) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (code, of_order) DO UPDATE SET at = excluded.at, by_shop = excluded.by_shop, cancelled = excluded.cancelled",
        values![
            shopper,
            code,
            each.order.clone(),
            each.at.0,
            i64::from(each.by_shop),
            each.cancelled.map_or(Value::Null, |at| at.0.into()),
        ],
    )
}
