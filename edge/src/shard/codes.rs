//! Codes: issued from an offer, each to one shopper.
//!
//! A pool's codes were leased before ([`super::leases`]), so that issuing is one synchronous section like all
//! else. While none is here, the pool's fallback stands in, and that is noted with its why.

use std::fmt::Write as _;

use domain::id::Slug;
use domain::journey::RunId;
use domain::message::day_in_words;
use domain::offer::{Codes, Offer, Pool, Validity, unique_code};
use domain::place::Placement;
use domain::published::ShopConfig;
use domain::time::Timestamp;
use domain::why::Why;
use domain::zone::Zone;
use serde_json::json;

use super::joining::MEMBERS;
use super::{Shard, Shop, ledger};
use crate::problem::{Failed, Result};
use crate::secrets::random;
use crate::sql::{Db, Row, Value, values};

/// A code as stored.
#[derive(Clone, Debug)]
pub struct Issued {
    /// As it is spelled.
    pub code: String,
    pub percent: u8,
    pub ends: Option<Timestamp>,
    pub used: bool,
    /// Whose it is: another offer's than was asked for, where that one stands in for a pool.
    pub offer: Slug,
    /// The zone in which its last day is counted; UTC where it has none.
    zone: Option<Zone>,
}

impl Issued {
    fn shared(code: &str, offer: &Offer) -> Self {
        Self {
            code: code.to_owned(),
            percent: offer.percent,
            ends: None,
            used: false,
            offer: offer.name.clone(),
            zone: None,
        }
    }

    /// Why it is good no longer at a moment, if so.
    pub fn spent(&self, now: Timestamp) -> Option<Why> {
        if self.used {
            return Some(Why::new("code", "the code has been used"));
        }
        let ended = self.ends.is_some_and(|ends| ends < now);
        ended.then(|| Why::new("code", "the code is not valid any longer"))
    }

    /// Its last day, in words of a language.
    pub fn last_day(&self, language: &str) -> Option<String> {
        let shown = |ends| self.zone.as_ref().map_or(ends, |zone| zone.shown(ends));
        self.ends.map(|ends| day_in_words(shown(ends), language))
    }

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            code: row.text(0)?.to_owned(),
            percent: u8::try_from(row.int(1)?).unwrap_or_default(),
            ends: row.maybe_int(2).map(Timestamp),
            used: row.maybe_int(3).is_some(),
            zone: row.maybe_text(4).and_then(|text| text.parse().ok()),
            offer: row.text(5)?.parse().map_err(|_| Failed::new("reading a code", "its offer's name"))?,
        })
    }
}

/// A code that was issued to a person, or the one that everybody has.
pub fn issued(db: &Db, config: &ShopConfig, shopper: &str, offer: &str, code: &str) -> Result<Option<Issued>> {
    let query = format!(
        "SELECT coalesce(spelled, code), percent, ends, used, zone, offer FROM codes WHERE shopper IN ({MEMBERS}) AND code = ?2"
    );
    if let Some(row) = db.row(&query, values![shopper, lookup(code)])? {
        return Issued::read(&row).map(Some);
    }
    Ok(match config.offer(offer) {
        Some(offer) if matches!(offer.codes, Codes::Shared { .. }) => Some(Issued::shared(code, offer)),
        _ => None,
    })
}

/// A person's code of an offer, as long as it is good: the one that everybody has, or the latest that was issued to
/// them and has neither been used nor ended. Whoever got another offer's code in place of a pool's has that one.
pub fn code(db: &Db, config: &ShopConfig, shopper: &str, offer: &Offer, now: Timestamp) -> Result<Option<Issued>> {
    if let Codes::Shared { code } = &offer.codes {
        return Ok(Some(Issued::shared(code, offer)));
    }
    let query = format!(
        "SELECT coalesce(spelled, code), percent, ends, used, zone, offer FROM codes
          WHERE shopper IN ({MEMBERS}) AND offer = ?2 AND used IS NULL AND coalesce(ends, ?3) >= ?3
          ORDER BY issued DESC LIMIT 1"
    );
    if let Some(row) = db.row(&query, values![shopper, offer.name.as_str(), now.0])? {
        return Issued::read(&row).map(Some);
    }
    if offer.pool().is_none() {
        return Ok(None);
    }
    let query =
        format!("SELECT instead FROM stand_ins WHERE shopper IN ({MEMBERS}) AND offer = ?2 ORDER BY at DESC LIMIT 1");
    let Some(row) = db.row(&query, values![shopper, offer.name.as_str()])? else { return Ok(None) };
    match config.offer(row.text(0)?) {
        // What stands in has no pool itself, so this comes to an end.
        Some(instead) if instead.pool().is_none() => code(db, config, shopper, instead, now),
        _ => Ok(None),
    }
}

/// The object that issued a code, in a shop of several: its last two digits say so.
pub fn issuer(placement: Placement, code: &str) -> Option<u16> {
    let digits = code.trim().get(code.trim().len().checked_sub(2)?..)?;
    let object = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())??;
    (placement.objects() > 1 && object < placement.objects()).then_some(object)
}

/// The form in which a code is looked for.
pub fn lookup(code: &str) -> String {
    code.trim().to_ascii_uppercase()
}

impl Shard {
    /// The shopper's code of an offer; a new one when there is none that is good. `run`: which journey asks for it, if one does.
    pub(super) fn issue(
        &self,
        shop: &Shop,
        config: &ShopConfig,
        shopper: &str,
        offer: &Offer,
        run: Option<&RunId>,
        now: Timestamp,
    ) -> Result<Issued> {
        match code(&self.db, config, shopper, offer, now)? {
            Some(issued) => Ok(issued),
            None => self.issue_new(shop, config, shopper, offer, run, now),
        }
    }

    /// A new code of an offer, whatever the shopper has already.
    pub(super) fn issue_new(
        &self,
        shop: &Shop,
        config: &ShopConfig,
        shopper: &str,
        offer: &Offer,
        run: Option<&RunId>,
        now: Timestamp,
    ) -> Result<Issued> {
        match &offer.codes {
            Codes::Shared { code } => Ok(Issued::shared(code, offer)),
            Codes::Unique { prefix, valid_for } => {
                let code = New { spelled: self.unused_code(shop, prefix)?, percent: offer.percent };
                self.keep_code(config, shopper, offer, code, *valid_for, run, now)
            }
            Codes::Pool(pool) => match self.next_of_pool(offer)? {
                Some(code) => {
                    self.refill_soon(offer.name.as_str(), now)?;
                    self.keep_code(config, shopper, offer, code, pool.valid_for, run, now)
                }
                None => self.stand_in(shop, config, shopper, (offer, pool), run, now),
            },
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn keep_code(
        &self,
        config: &ShopConfig,
        shopper: &str,
        offer: &Offer,
        new: New,
        valid_for: Validity,
        run: Option<&RunId>,
        now: Timestamp,
    ) -> Result<Issued> {
        let New { spelled, percent } = new;
        let zone = match valid_for {
            Validity::For(_) => None,
            Validity::Until(_) => Some(self.zone_of(config, shopper)?),
        };
        let ends = valid_for.ends(zone.as_ref().unwrap_or(&Zone::utc()), now);
        let code = lookup(&spelled);
        self.db.run(
            "INSERT INTO codes (code, offer, shopper, percent, issued, ends, spelled, zone) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            values![
                code.as_str(),
                offer.name.as_str(),
                shopper,
                i64::from(percent),
                now.0,
                ends.0,
                if spelled == code { Value::Null } else { spelled.as_str().into() },
                zone.as_ref().map_or(Value::Null, |zone| zone.as_str().into()),
            ],
        )?;
        let mut data = json!({ "offer": offer.name, "percent": percent });
        if let (Some(run), Some(fields)) = (run, data.as_object_mut()) {
            fields.insert("run".into(), run.journey.as_str().into());
        }
        ledger::note(&self.db, now, shopper, None, "code.issued", &data)?;
        Ok(Issued { code: spelled, percent, ends: Some(ends), used: false, offer: offer.name.clone(), zone })
    }

    /// The next code of a pool that was leased; nothing while none is here.
    fn next_of_pool(&self, offer: &Offer) -> Result<Option<New>> {
        loop {
            let taken = self.db.row(
                "DELETE FROM leased WHERE offer = ?1
                    AND n = (SELECT n FROM leased WHERE offer = ?1 AND back = 0 ORDER BY n LIMIT 1)
                 RETURNING code, percent",
                values![offer.name.as_str()],
            )?;
            let Some(taken) = taken else { return Ok(None) };
            let spelled = taken.text(0)?.to_owned();
            // A list can name a code that another offer has issued.
            if self.db.row("SELECT 1 FROM codes WHERE code = ?", values![lookup(&spelled)])?.is_none() {
                let made_with = taken.maybe_int(1).and_then(|percent| u8::try_from(percent).ok());
                return Ok(Some(New { spelled, percent: made_with.unwrap_or(offer.percent) }));
            }
        }
    }

    /// Gives the fallback of a pool that is dry here.
    fn stand_in(
        &self,
        shop: &Shop,
        config: &ShopConfig,
        shopper: &str,
        (offer, pool): (&Offer, &Pool),
        run: Option<&RunId>,
        now: Timestamp,
    ) -> Result<Issued> {
        let fallback = config.offer(pool.fallback.as_str()).filter(|fallback| fallback.pool().is_none());
        let fallback = fallback.ok_or_else(|| Failed::new("issuing a code", "the pool's fallback is not published"))?;
        let issued = self.issue_new(shop, config, shopper, fallback, run, now)?;
        self.db.run(
            "INSERT INTO stand_ins (shopper, offer, instead, at) VALUES (?, ?, ?, ?)
             ON CONFLICT (shopper, offer) DO UPDATE SET instead = excluded.instead, at = excluded.at",
            values![shopper, offer.name.as_str(), fallback.name.as_str(), now.0],
        )?;
        let why = Why::new("pool dry", format!("no code of {} was left; {} stands in", offer.name, fallback.name));
        let data = json!({ "offer": offer.name, "fallback": fallback.name, "why": why });
        ledger::note(&self.db, now, shopper, None, "code.fallback", &data)?;
        self.refill_soon(offer.name.as_str(), now)?;
        Ok(issued)
    }

    /// The zone in which a shopper's days are counted.
    fn zone_of(&self, config: &ShopConfig, shopper: &str) -> Result<Zone> {
        Ok(self.clocks_of(&*self.shop()?, config, shopper)?.planning().clone())
    }

    /// Draws until a code is free. In a shop of several shards the code's last digits follow from
    /// the shard, so that two never issue the same.
    fn unused_code(&self, shop: &Shop, prefix: &str) -> Result<String> {
        for _ in 0..16 {
            let seed = u64::from_be_bytes(random()?);
            let mut text = unique_code(prefix, seed);
            if shop.placement.objects() > 1 {
                let _ = write!(text, "{:02}", shop.object);
            }
            if self.db.row("SELECT 1 FROM codes WHERE code = ?", values![text.as_str()])?.is_none() {
                return Ok(text);
            }
        }
        Err(Failed::new("drawing a code", "sixteen draws were all taken").into())
    }
}

/// A code that is about to be issued.
struct New {
    spelled: String,
    percent: u8,
}

#[cfg(test)]
mod tests {
    use domain::place::Placement;

    use super::issuer;

    #[test]
    fn a_code_says_which_object_issued_it() {
        let eight = Placement::over(8).unwrap();
        assert_eq!(issuer(eight, "HELLO-7KQ2M9XD07"), Some(7));
        assert_eq!(issuer(eight, " hello-7kq2m9xd00 "), Some(0));
        for none in ["HELLO-7KQ2M9XD08", "SUMMER", "X", "", "٣٤", "HELLO-7", "-1"] {
            assert_eq!(issuer(eight, none), None, "{none}");
        }
        assert_eq!(issuer(Placement::ONE, "HELLO-7KQ2M9XD00"), None);
    }
}
