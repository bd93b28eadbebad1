//! A copy of everything that is kept about a person, for themselves (GDPR art. 15 and 20).

use domain::consent::export;
use domain::id::ShopperId;
use serde_json::{Value as Json, json};

use super::joining::{MEMBERS, Place, members};
use super::mail::Kept;
use super::{Shard, Shop, consent, lists, sightings};
use crate::call::ShardCall;
use crate::problem::Result;
use crate::sql::{Row, values};

impl Shard {
    pub(super) async fn copy_here_or_there(&self, shopper: ShopperId) -> Result<String> {
        match self.place_of(&shopper.to_string())? {
            Place::Here(person) => self.copy_of(&*self.shop()?, &person),
            Place::There(object) => self.ask(object, &ShardCall::Copy { shopper }).await,
        }
    }

    pub(super) async fn timeline_here_or_there(&self, shopper: ShopperId, before: i64, most: u16) -> Result<Vec<Json>> {
        match self.place_of(&shopper.to_string())? {
            Place::Here(person) => self.timeline(&person, before, most.into()),
            Place::There(object) => self.ask(object, &ShardCall::Timeline { shopper, before, most }).await,
        }
    }

    /// Everything about a person who lives here, as JSON.
    pub(super) fn copy_of(&self, shop: &Shop, person: &str) -> Result<String> {
        let about = self.about(shop, person)?;
        let copy = json!({
            "format": "rapport copy 1",
            "shop": shop.live()?.name,
            "made": self.now(),
            "about": about,
            "receipts": export::write(&consent::links(&self.db, person)?)?,
            "messages": self.messages_of(shop, person)?,
            "decisions": self.of(
                "SELECT at, what, message, rule, fact FROM decisions WHERE shopper PERSON ORDER BY pos",
                person,
                |row| Ok(json!({
                    "at": row.int(0)?, "what": row.text(1)?, "message": row.text(2)?,
                    "why": { "rule": row.text(3)?, "fact": row.text(4)? },
                })),
            )?,
            "forms": self.of(
                "SELECT campaign, at, page, asked FROM submissions WHERE shopper PERSON ORDER BY at",
                person,
                |row| {
                    let asked: Json = serde_json::from_str(row.text(3)?)?;
                    Ok(json!({ "campaign": row.text(0)?, "at": row.int(1)?, "page": row.text(2)?, "asked": asked }))
                },
            )?,
            "events": self.timeline(person, i64::MAX, i64::MAX)?,
            "browsers": sightings::of(&self.db, &serde_json::to_string(&members(&self.db, person)?)?)?
                .into_iter()
                .map(|seen| json!({ "id": seen.visitor, "since": seen.since, "until": seen.until }))
                .collect::<Vec<_>>(),
        });
        Ok(serde_json::to_string_pretty(&copy)?)
    }

    /// What the admin API shows of a person.
    fn about(&self, shop: &Shop, person: &str) -> Result<Json> {
        let row = self.db.row(lists::PERSON, values![person])?;
        row.map_or(Ok(Json::Null), |row| Ok(self.person_item(shop, &row)?.2))
    }

    fn messages_of(&self, shop: &Shop, person: &str) -> Result<Vec<Json>> {
        let query = "SELECT at, mail, state, shopper, message FROM sends WHERE shopper PERSON ORDER BY pos";
        self.of(query, person, |row| {
            let kept: Option<Kept> = self.open_message(shop, row.text(3)?, row.bytes(4)?)?;
            Ok(json!({
                "at": row.int(0)?, "mail": row.text(1)?, "state": row.text(2)?,
                "to": kept.as_ref().map(|kept| kept.to.clone()),
                "subject": kept.as_ref().map(|kept| kept.subject.clone()),
                "text": kept.map(|kept| kept.text),
            }))
        })
    }

    /// Rows of a query about a person; `PERSON` stands for the condition on their ids.
    pub(super) fn of(&self, query: &str, person: &str, read: impl Fn(&Row) -> Result<Json>) -> Result<Vec<Json>> {
        let query = query.replace("PERSON", &format!("IN ({MEMBERS})"));
        self.db.rows(&query, values![person])?.iter().map(read).collect()
    }

    /// What a person did, newest first, as far as it is known that it was them.
    pub(super) fn timeline(&self, person: &str, before: i64, most: i64) -> Result<Vec<Json>> {
        let query = format!(
            "{} SELECT seq, received, lower(hex(id)), at, kind, lower(hex(visitor)), shopper, data FROM theirs
              WHERE seq < ?2 ORDER BY seq DESC LIMIT ?3",
            sightings::theirs()
        );
        let rows = self.db.rows(&query, values![person, before, most])?;
        rows.iter()
            .map(|row| {
                let (seq, _, mut item) = lists::event(row)?;
                if let Some(fields) = item.as_object_mut() {
                    fields.insert("seq".into(), seq.into());
                }
                Ok(item)
            })
            .collect()
    }
}
