//! News on their way from the log to journeys.
//!
//! Whoever notes something about a shopper writes it to the log and nothing more. At the end of every
//! section the journeys of those whom the new rows are about hear of them, in order, each once: how far
//! they have heard is kept beside them. What a kill leaves unheard is heard when the object wakes.

use std::borrow::Cow;

use domain::facts::{Facts, Happened, log};
use domain::id::{EventId, Uuid, VisitorId};
use domain::journey::{Input, Shopper};
use domain::time::Timestamp;

use super::engine::World;
use super::hearing::orders_at_home as orders;
use super::joining::{keeper, members};
use super::{Shard, Shop, schema, sightings};
use crate::problem::{Failed, Result};
use crate::sql::{Row, values};

/// Up to which row of the log journeys have heard.
const HEARD: &str = "heard";

/// What journeys do is noted, too, and heard in the next round. None goes on for ever: forward only.
const MOST_ROUNDS: usize = 16;

/// A person whose journeys are being told something.
struct Listener {
    person: String,
    shopper: Shopper,
    world: World,
}

impl Shard {
    fn heard(&self) -> Result<i64> {
        Ok(schema::meta(&self.db, HEARD)?.and_then(|text| text.parse().ok()).unwrap_or_default())
    }

    fn set_heard(&self, seq: i64) -> Result<()> {
        schema::set_meta(&self.db, HEARD, &seq.to_string())
    }

    /// Journeys hear of what is new in the log; whether there was anything for anybody.
    pub(super) fn hear_news(&self) -> Result<bool> {
        let Some(shop) = self.shop.borrow().clone().filter(|shop| shop.config.is_some()) else { return Ok(false) };
        let mut any = false;
        for _ in 0..MOST_ROUNDS {
            let heard = self.heard()?;
            let last = self.db.number("SELECT coalesce(max(seq), 0) FROM events", values![])?;
            if last <= heard {
                break;
            }
            any |= self.hear_after(&shop, heard)?;
            self.set_heard(last)?;
        }
        Ok(any)
    }

    /// What came in by other ways is known already: rows that were carried here.
    pub(super) fn skip_news(&self) -> Result<()> {
        let last = self.db.number("SELECT coalesce(max(seq), 0) FROM events", values![])?;
        self.set_heard(last)
    }

    fn hear_after(&self, shop: &Shop, after: i64) -> Result<bool> {
        let rows = self.db.rows(
            "SELECT events.id, events.at, events.kind, events.data, coalesce(events.shopper, visits.shopper) AS who, events.seq
               FROM events LEFT JOIN visits ON events.shopper IS NULL AND visits.visitor = events.visitor
                AND events.at >= visits.since AND (visits.until IS NULL OR events.at < visits.until)
              WHERE events.seq > ?1 AND events.copied IS NOT 2 AND who <> '' ORDER BY events.seq",
            values![after],
        )?;
        let mut listener: Option<Listener> = None;
        let any = !rows.is_empty();
        for row in rows {
            let Some(person) = keeper(&self.db, row.text(4)?)? else { continue };
            let Some(happened) = self.logged(shop, &row)? else { continue };
            if listener.as_ref().is_none_or(|known| known.person != person) {
                self.let_go(listener.take())?;
                self.set_heard(row.int(5)? - 1)?;
                let shopper = self.journeys_of(&person)?;
                let world = self.world(shop, &person, &shopper)?;
                listener = Some(Listener { person, shopper, world });
            }
            if let Some(Listener { person, shopper, world }) = &mut listener {
                let effects = world.at(self.now(), |around| shopper.step(&Input::Happened(&happened), around));
                self.perform(shop, person, world, shopper, effects)?;
            }
        }
        self.let_go(listener)?;
        Ok(any)
    }

    fn let_go(&self, listener: Option<Listener>) -> Result<()> {
        listener.map_or(Ok(()), |known| self.keep_journeys(&known.person, &known.shopper))
    }

    /// What a person did as far as journeys have heard of it, worked out from the log.
    pub(super) fn facts_of(&self, shop: &Shop, person: &str) -> Result<Facts> {
        let query = format!(
            "{} SELECT id, at, kind, data, shopper FROM theirs WHERE seq <= ?2 ORDER BY at, id",
            sightings::theirs()
        );
        let mut facts = Facts::default();
        for row in self.db.rows(&query, values![person, self.heard()?])? {
            if let Some(happened) = self.logged(shop, &row)? {
                facts.fold(&happened);
            }
        }
        Ok(facts)
    }

    /// Less is theirs than was: what a person did is worked out anew. Nothing begins by it.
    pub(super) fn refold(&self, person: &str) -> Result<()> {
        self.hear_news()?;
        let shop = self.shop()?;
        let mut shopper = self.journeys_of(person)?;
        shopper.facts = self.facts_of(&shop, person)?;
        self.keep_journeys(person, &shopper)?;
        self.tell(person, &Input::Published)
    }

    /// What a browser did in a time turns out to be somebody's: their journeys hear of it, as of whatever
    /// is told late. What is not heard yet is heard with the rest.
    pub(super) fn hear_of_past(
        &self,
        shopper: &str,
        visitor: VisitorId,
        (since, until): (Timestamp, Option<Timestamp>),
    ) -> Result<()> {
        let shop = self.shop()?;
        let Some(person) = keeper(&self.db, shopper)?.filter(|_| shop.config.is_some()) else { return Ok(()) };
        let rows = self.db.rows(
            "SELECT id, at, kind, data, shopper FROM events
              WHERE visitor = ?1 AND shopper IS NULL AND at >= ?2 AND at < coalesce(?3, 9e18) AND seq <= ?4 ORDER BY seq",
            values![visitor.0.as_bytes().to_vec(), since.0, until.map(|until| until.0), self.heard()?],
        )?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut shopper = self.journeys_of(&person)?;
        let world = self.world(&shop, &person, &shopper)?;
        for row in rows {
            let Some(happened) = self.logged(&shop, &row)? else { continue };
            let effects = world.at(self.now(), |around| shopper.step(&Input::Happened(&happened), around));
            self.perform(&shop, &person, &world, &mut shopper, effects)?;
        }
        self.keep_journeys(&person, &shopper)
    }

    /// Two people who live here are to be one: what journeys know of each is known first.
    pub(super) fn before_joining<const N: usize>(&self, people: [&str; N]) -> Result<()> {
        self.hear_news()?;
        for person in people {
            let shopper = self.journeys_of(person)?;
            self.keep_journeys(person, &shopper)?;
        }
        Ok(())
    }

    /// Two are one now: the older's journeys know of the younger's, too, and go on with them.
    pub(super) fn join_journeys(&self, older: &str, younger: &str) -> Result<()> {
        let shop = self.shop()?;
        let (mut shopper, other) = (self.journeys_of(older)?, self.journeys_of(younger)?);
        self.db.run("DELETE FROM journeys WHERE shopper = ?", values![younger])?;
        super::jobs::drop_timers(&self.db, younger)?;
        if shop.config.is_some() {
            let world = self.world(&shop, older, &shopper)?;
            let effects = world.at(self.now(), |around| shopper.join(other, around));
            self.perform(&shop, older, &world, &mut shopper, effects)?;
        }
        self.keep_journeys(older, &shopper)
    }

    /// One of two is to go their own way: what journeys know of them goes along, and no trace of it stays.
    pub(super) fn part_journeys(&self, older: &str, younger: &str) -> Result<()> {
        self.hear_news()?;
        if self.db.row("SELECT 1 FROM journeys WHERE shopper = ?", values![younger])?.is_some() {
            return Ok(());
        }
        let shop = self.shop()?;
        let mut shopper = self.journeys_of(older)?;
        let of = members(&self.db, younger)?.iter().map(|id| super::engine::seed(id)).collect::<Result<Vec<u64>>>()?;
        let own = shopper.facts.clone();
        let other = shopper.part(own, &of, self.facts_of(&shop, younger)?);
        super::jobs::drop_timers(&self.db, older)?;
        self.keep_journeys(older, &shopper)?;
        self.keep_journeys(younger, &other)?;
        self.set_timers(older, &shopper)?;
        self.set_timers(younger, &other)?;
        for seed in of {
            super::jobs::hand_on(&self.db, older, younger, seed)?;
        }
        Ok(())
    }

    /// A row of the log (id, when, kind, data, whose) as journeys read it; nothing where they do not look at it.
    fn logged(&self, shop: &Shop, row: &Row) -> Result<Option<Happened>> {
        let id = Uuid::from_slice(row.bytes(0)?).map_err(|_| Failed::new("reading an event", "its id"))?;
        let currency = shop.config.as_ref().and_then(|config| config.currency);
        let data = self.said(shop, row)?;
        Ok(log::read(row.text(2)?, &data, EventId(id), Timestamp(row.int(1)?), currency))
    }

    /// What a row of the log (…, …, …, data, whose) says, what is sealed in it too.
    pub(super) fn said<'a>(&self, shop: &Shop, row: &'a Row) -> Result<Cow<'a, str>> {
        match row.maybe_text(4) {
            Some(shopper) if row.text(3)?.contains(orders::SEALED) => {
                Ok(Cow::Owned(orders::opened(row.text(3)?, &self.key_of(shop, shopper)?)?))
            }
            _ => Ok(Cow::Borrowed(row.text(3)?)),
        }
    }
}
