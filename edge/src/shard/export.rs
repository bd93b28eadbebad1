//! The log as a rehearsal reads it ([`domain::rehearsal::export`]): person by person, a page at a time.

use domain::consent::Channel;
use domain::id::{EventId, Uuid};
use domain::rehearsal::export::{ConsentLine, EventLine, Head, PersonLine, VERSION, write};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::joining::MEMBERS;
use super::{Shard, Shop, consent, people, preferences, sightings};
use crate::problem::{Failed, Result};
use crate::sql::values;

/// So much of it goes into one page, and whoever comes last whole.
const ENOUGH: usize = 4 * 1024 * 1024;
/// So many people at most.
const MOST_PEOPLE: i64 = 500;

/// A page of the log.
#[derive(Debug, Serialize, Deserialize)]
pub struct LogPage {
    /// Lines: the head, then people with what came about them.
    pub lines: String,
    /// From where on the next page goes; nothing after the last.
    pub next: Option<i64>,
}

impl Shard {
    /// A page of the log, of whoever came after a position.
    pub(super) fn log_page(&self, after: i64) -> Result<LogPage> {
        self.hear_news()?;
        let shop = self.shop()?;
        let config = shop.live()?;
        let head = Head {
            export: VERSION,
            shop: shop.key.to_string(),
            currency: config.currency,
            zone: preferences::home_zone(config),
            until: self.now(),
            outlook: shop.outlook.as_ref().and_then(|outlook| outlook.model),
        };
        let mut lines = write(&head)? + "\n";
        let rows = self.db.rows(
            "SELECT pos, id FROM shoppers WHERE pos > ? AND joined_to IS NULL AND state = 'live' ORDER BY pos LIMIT ?",
            values![after, MOST_PEOPLE],
        )?;
        let mut next = None;
        for row in &rows {
            if lines.len() > ENOUGH {
                return Ok(LogPage { lines, next });
            }
            self.write_person(&shop, row.text(1)?, &mut lines)?;
            next = Some(row.int(0)?);
        }
        let more = i64::try_from(rows.len()).unwrap_or_default() == MOST_PEOPLE;
        Ok(LogPage { lines, next: next.filter(|_| more) })
    }

    fn write_person(&self, shop: &Shop, person: &str, lines: &mut String) -> Result<()> {
        let db = &self.db;
        let mut line = |text: String| {
            lines.push_str(&text);
            lines.push('\n');
        };
        let query = format!("SELECT channel FROM addresses WHERE shopper IN ({MEMBERS})");
        let mut reach = std::collections::BTreeSet::new();
        for row in db.rows(&query, values![person])? {
            reach.insert(if row.text(0)? == Channel::Sms.as_str() { Channel::Sms } else { Channel::Email });
        }
        let query = format!("SELECT at FROM preferences WHERE shopper IN ({MEMBERS}) ORDER BY at DESC LIMIT 1");
        let said = db.row(&query, values![person])?;
        line(write(&PersonLine {
            person: person.parse().map_err(|_| Failed::new("reading a shopper's id", "not a UUID"))?,
            language: people::language(db, person)?,
            country: people::country(db, person)?,
            numbers: self.countries_of_numbers(shop, person)?,
            birthday: people::profile(db, &shop.keys, person)?.birthday,
            reach,
            preferences: said.is_some().then(|| preferences::of(db, person)).transpose()?,
            preferences_at: said.and_then(|row| row.maybe_int(0)).map(Timestamp),
        })?);
        for link in consent::links(db, person)? {
            let domain::consent::Statement { receipt, basis, proof } = link.statement;
            line(write(&ConsentLine {
                consent: receipt.permission.to_string(),
                at: receipt.at,
                standing: receipt.standing,
                basis,
                proven: proof.is_some(),
                worded: !receipt.wording.is_empty(),
            })?);
        }
        let query = format!(
            "{} SELECT id, at, kind, data, shopper, received FROM theirs ORDER BY at, seq",
            sightings::theirs()
        );
        for row in db.rows(&query, values![person])? {
            let id = Uuid::from_slice(row.bytes(0)?).map_err(|_| Failed::new("reading an event", "its id"))?;
            let data = RawValue::from_string(self.said(shop, &row)?.into_owned())?;
            line(write(&EventLine {
                event: EventId(id),
                at: Timestamp(row.int(1)?),
                received: row.maybe_int(5).map(Timestamp),
                kind: row.text(2)?.into(),
                data: &data,
            })?);
        }
        Ok(())
    }
}
