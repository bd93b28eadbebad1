//! What the admin API reads: lists, newest first, and counts.

use domain::consent::Channel;
use domain::message::parts::parts;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::jobs::RunOf;
use super::joining::MEMBERS;
use super::mail::{Kept, MESSAGE};
use super::{Shard, Shop, jobs, people, sending};
use crate::call::Listing;
use crate::problem::{Rejected, Result};
use crate::seal::open_for_shop;
use crate::sql::{Row, values};

/// What [`Shard::person_item`] reads of one person.
pub const PERSON: &str = "SELECT pos, since, id FROM shoppers WHERE id = ?";

/// A position before which everything is; the largest whole number of the platform.
pub const NEWEST: i64 = i64::MAX >> 11;

/// A part of a list: items with their position in this object.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Page {
    /// Position, moment, item.
    pub items: Vec<(i64, i64, Json)>,
}

/// Position, moment and item of a row.
type ReadItem = fn(&Shard, &Shop, &Row) -> Result<(i64, i64, Json)>;

/// What an object says about itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShardStatus {
    pub now: i64,
    pub people: i64,
    pub events: i64,
    pub jobs: i64,
    pub messages: i64,
    pub unknown: i64,
    pub next_due: Option<i64>,
    pub version: String,
}

impl Shard {
    pub(super) fn status(&self) -> Result<ShardStatus> {
        let shop = self.shop()?;
        // Rows of these tables are only added: the last position is the count, without reading them.
        let count = |table: &str| self.db.number(&format!("SELECT coalesce(max(pos), 0) FROM {table}"), values![]);
        Ok(ShardStatus {
            now: self.now().0,
            people: self
                .db
                .number("SELECT count(*) FROM shoppers WHERE joined_to IS NULL AND state = 'live'", values![])?,
            events: self.db.number("SELECT coalesce(max(seq), 0) FROM events", values![])?,
            jobs: self.db.number("SELECT count(*) FROM jobs WHERE kind NOT IN ('retention', 'outlook')", values![])?,
            messages: count("sends")?,
            unknown: sending::count_unknown(&self.db)?,
            next_due: jobs::next_due(&self.db)?.map(|due| due.0),
            version: shop.version.clone(),
        })
    }

    pub(super) fn list(&self, what: Listing, before: Option<i64>, most: u16) -> Result<Page> {
        let shop = self.shop()?;
        let before = before.unwrap_or(NEWEST);
        let (query, read): (&str, ReadItem) = match what {
            Listing::Messages => (
                "SELECT pos, at, claim, mail, shopper, sender, state, detail, rule, fact, message, channel, run FROM sends WHERE pos < ? ORDER BY pos DESC LIMIT ?",
                Self::message_item,
            ),
            Listing::People => ("SELECT pos, since, id FROM shoppers WHERE pos < ? AND joined_to IS NULL AND state = 'live' ORDER BY pos DESC LIMIT ?", Self::person_item),
            Listing::Events => (
                "SELECT seq, received, lower(hex(id)), at, kind, lower(hex(visitor)), shopper, data FROM events WHERE seq < ? AND copied IS NOT 1 ORDER BY seq DESC LIMIT ?",
                Self::event_item,
            ),
            Listing::Jobs => (
                "SELECT row_number() OVER (ORDER BY due DESC, key) AS pos, due, key, kind, shopper, state, valid_until, body FROM jobs
                  WHERE ?1 IS NOT NULL AND kind NOT IN ('retention', 'outlook') ORDER BY due, key LIMIT ?2",
                Self::job_item,
            ),
            Listing::Decisions => (
                "SELECT pos, at, shopper, what, message, rule, fact FROM decisions WHERE pos < ? ORDER BY pos DESC LIMIT ?",
                Self::decision_item,
            ),
        };
        let rows = self.db.rows(query, values![before, i64::from(most)])?;
        Ok(Page { items: rows.iter().map(|row| read(self, &shop, row)).collect::<Result<_>>()? })
    }

    fn message_item(&self, shop: &Shop, row: &Row) -> Result<(i64, i64, Json)> {
        let kept = self.open_message(shop, row.text(4)?, row.bytes(10)?)?;
        let of = |part: fn(&Kept) -> &str| kept.as_ref().map(part);
        let run: Option<RunOf> = row.maybe_text(12).map(serde_json::from_str).transpose()?;
        let by_text = row.text(11)? == Channel::Sms.as_str();
        let mut item = json!({
            "id": row.text(2)?, "at": row.int(1)?, "mail": row.text(3)?, "shopper": row.text(4)?, "channel": row.text(11)?,
            "journey": run.map(|of| of.run.journey),
            "sender": row.text(5)?, "state": row.text(6)?, "detail": row.text(7)?,
            "why": { "rule": row.text(8)?, "fact": row.text(9)? },
            "to": of(|kept| &kept.to), "from": of(|kept| &kept.from), "subject": of(|kept| &kept.subject),
        });
        // A text has no subject: it is short enough to be told whole.
        if let (Some(fields), Some(kept)) = (item.as_object_mut(), kept.filter(|_| by_text)) {
            fields.insert("parts".into(), parts(&kept.text).into());
            fields.insert("text".into(), kept.text.into());
        }
        Ok((row.int(0)?, row.int(1)?, item))
    }

    /// A message's words; nothing when its shopper was erased.
    pub(super) fn open_message(&self, shop: &Shop, shopper: &str, sealed: &[u8]) -> Result<Option<Kept>> {
        if sealed.is_empty() {
            return Ok(None);
        }
        // What went to the merchant is nobody's.
        if shopper.is_empty() {
            return Ok(Some(serde_json::from_str(&open_for_shop(&shop.keys, MESSAGE, sealed)?)?));
        }
        let person =
            people::person(&self.db, &shop.keys, shopper)?.ok_or_else(|| Rejected::not_found("the shopper is gone"))?;
        Ok(Some(serde_json::from_str(&person.key.open(MESSAGE, sealed)?)?))
    }

    /// One message in full.
    pub(super) fn message(&self, id: &str) -> Result<Json> {
        let shop = self.shop()?;
        let row = self.db.row(
            "SELECT pos, at, claim, mail, shopper, sender, state, detail, rule, fact, message, channel, run FROM sends WHERE claim = ?",
            values![id],
        )?;
        let row = row.ok_or_else(|| Rejected::not_found("no message has this id"))?;
        let (_, _, mut item) = self.message_item(&shop, &row)?;
        let kept = self.open_message(&shop, row.text(4)?, row.bytes(10)?)?;
        if let (Some(fields), Some(kept)) = (item.as_object_mut(), kept) {
            let headers: Vec<(String, String)> = headers(&kept.mime);
            fields.insert("html".into(), kept.html.into());
            fields.insert("text".into(), kept.text.into());
            fields.insert("headers".into(), json!(headers));
            fields.insert("source".into(), kept.mime.into());
        }
        Ok(item)
    }

    pub(super) fn person_item(&self, shop: &Shop, row: &Row) -> Result<(i64, i64, Json)> {
        let id = row.text(2)?;
        let person =
            people::person(&self.db, &shop.keys, id)?.ok_or_else(|| Rejected::not_found("the shopper is gone"))?;
        let of = |query: &str| self.db.rows(&query.replace("PERSON", &format!("IN ({MEMBERS})")), values![id]);
        let addresses: Vec<Json> =
            of("SELECT channel, sealed, state, shopper FROM addresses WHERE shopper PERSON ORDER BY since")?
                .iter()
                .map(|row| {
                    let address = people::open_address(&self.db, &shop.keys, row.text(3)?, row.bytes(1)?)?;
                    Ok(json!({ "channel": row.text(0)?, "address": address, "state": row.text(2)? }))
                })
                .collect::<Result<_>>()?;
        let joined: Vec<Json> = of("SELECT id FROM shoppers WHERE id PERSON AND id <> ?1")?
            .iter()
            .map(|row| Ok(Json::from(row.text(0)?)))
            .collect::<Result<_>>()?;
        let consents: Vec<Json> = of("SELECT channel, purpose, standing, at, wording, version, page, method, basis ->> '$.kind' FROM receipts WHERE shopper PERSON ORDER BY at DESC, seq DESC")?
            .iter()
            .map(|row| {
                Ok(json!({
                    "channel": row.text(0)?, "purpose": row.text(1)?, "state": row.text(2)?, "at": row.int(3)?,
                    "wording": row.text(4)?, "version": row.text(5)?, "page": row.text(6)?, "method": row.text(7)?,
                    "basis": row.maybe_text(8).unwrap_or("consent"),
                }))
            })
            .collect::<Result<_>>()?;
        let codes: Vec<Json> = of("SELECT coalesce(spelled, code), offer, ends, used, percent, confirmed FROM codes WHERE shopper PERSON ORDER BY issued DESC")?
            .iter()
            .map(|row| {
                let state = if row.maybe_int(3).is_some() { "used" } else { "issued" };
                Ok(json!({ "code": row.text(0)?, "offer": row.text(1)?, "ends": row.maybe_int(2), "state": state, "percent": row.int(4)?, "confirmed": row.maybe_int(5).is_some() }))
            })
            .collect::<Result<_>>()?;
        let runs: Vec<Json> =
            of("SELECT journey, began, ended, rule, fact FROM runs WHERE shopper PERSON ORDER BY began DESC LIMIT 20")?
                .iter()
                .map(|row| {
                    let why = row.maybe_text(3).map(|rule| json!({ "rule": rule, "fact": row.maybe_text(4) }));
                    Ok(json!({ "journey": row.text(0)?, "began": row.int(1)?, "ended": row.maybe_int(2), "why": why }))
                })
                .collect::<Result<_>>()?;
        let profile = people::profile(&self.db, &shop.keys, id)?;
        let visitors = self
            .db
            .number(&format!("SELECT count(DISTINCT visitor) FROM visits WHERE shopper IN ({MEMBERS})"), values![id])?;
        let item = json!({
            "id": id, "since": row.int(1)?, "language": person.language, "addresses": addresses,
            "given_name": profile.given_name, "birthday": profile.birthday,
            "joined": joined, "visitors": visitors, "consents": consents, "codes": codes, "runs": runs,
            "country": people::country(&self.db, id)?.map(String::from), "orders": self.orders_of(shop, id)?,
        });
        Ok((row.int(0)?, row.int(1)?, item))
    }

    #[allow(clippy::unused_self)]
    fn event_item(&self, _: &Shop, row: &Row) -> Result<(i64, i64, Json)> {
        event(row)
    }

    #[allow(clippy::unused_self)]
    fn job_item(&self, _: &Shop, row: &Row) -> Result<(i64, i64, Json)> {
        let body: Json = serde_json::from_str(row.text(7)?)?;
        let older = body.pointer("/journey/run").and_then(Json::as_str).and_then(|run| run.split(':').next());
        let places = ["/timer/run/journey", "/mail/run/run/journey", "/webhook/run/journey"];
        let journey = places.iter().find_map(|place| body.pointer(place).and_then(Json::as_str)).or(older);
        let item = json!({
            "due_at": row.int(1)?, "key": row.text(2)?, "kind": row.text(3)?, "shopper": row.text(4)?,
            "state": row.text(5)?, "valid_until": row.maybe_int(6), "mail": body.pointer("/mail/mail"), "channel": body.pointer("/mail/channel"), "journey": journey,
        });
        Ok((row.int(0)?, row.int(1)?, item))
    }

    #[allow(clippy::unused_self)]
    fn decision_item(&self, _: &Shop, row: &Row) -> Result<(i64, i64, Json)> {
        let item = json!({
            "at": row.int(1)?, "shopper": row.text(2)?, "what": row.text(3)?, "message": row.text(4)?,
            "why": { "rule": row.text(5)?, "fact": row.text(6)? },
        });
        Ok((row.int(0)?, row.int(1)?, item))
    }
}

/// An event.
pub fn event(row: &Row) -> Result<(i64, i64, Json)> {
    let data: Json = serde_json::from_str(row.text(7)?)?;
    let item = json!({
        "id": row.text(2)?, "received": row.int(1)?, "at": row.int(3)?, "type": row.text(4)?,
        "visitor": row.maybe_text(5).filter(|text| !text.is_empty()), "shopper": row.maybe_text(6), "data": data,
    });
    Ok((row.int(0)?, row.int(1)?, item))
}

/// The headers of a message, unfolded.
fn headers(mime: &str) -> Vec<(String, String)> {
    let head = mime.split_once("\r\n\r\n").map_or(mime, |(head, _)| head);
    let mut list: Vec<(String, String)> = Vec::new();
    for line in head.split("\r\n") {
        match (line.starts_with([' ', '\t']), list.last_mut()) {
            (true, Some((_, value))) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            _ => {
                if let Some((name, value)) = line.split_once(':') {
                    list.push((name.to_owned(), value.trim().to_owned()));
                }
            }
        }
    }
    list
}
