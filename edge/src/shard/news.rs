//! News on their way from the log to journeys.
//!
//! Whoever notes something about a shopper writes it to the log and nothing more. At the end of every
//! section the journeys of those whom the new rows are about hear of them, in order, each once: how far
//! they have heard is kept beside them. What a kill leaves unheard is heard when the object wakes. Where
//! somebody's journeys cannot be told, they alone wait.

use std::borrow::Cow;
use std::rc::Rc;

use domain::facts::{Facts, Happened, log};
use domain::id::{EventId, Uuid, VisitorId};
use domain::journey::Input;
use domain::time::Timestamp;

use super::hearing::orders_at_home as orders;
use super::jobs::{self, Job};
use super::joining::{keeper, members};
use super::{Shard, Shop, schema, sightings};
use crate::problem::{Failed, Result};
use crate::sql::{Row, values};

/// Up to which row of the log journeys have heard.
const HEARD: &str = "heard";

/// What journeys do is noted, too, and heard in the next round. What is left then is heard at the next alarm.
const MOST_ROUNDS: usize = 16;
/// So many rows are told in one round: they are in memory together.
const MOST_ROWS: usize = 250;
/// So many rows about one person are looked at, the newest. Far more than facts keep.
const MOST_OF_ONE: usize = 4_000;

/// Columns of the rows that are told.
const WHO: usize = 4;
const SEQ: usize = 5;
const RECEIVED: usize = 6;

/// What one person's journeys are told beside what the log says of them.
struct Then<'a> {
    person: &'a str,
    more: &'a Input<'a>,
}

impl Shard {
    fn heard(&self) -> Result<i64> {
        Ok(schema::meta(&self.db, HEARD)?.and_then(|text| text.parse().ok()).unwrap_or_default())
    }

    fn set_heard(&self, seq: i64) -> Result<()> {
        schema::set_meta(&self.db, HEARD, &seq.to_string())
    }

    /// Journeys hear of what is new in the log; whether there was anything for anybody. Where there is more than
    /// one section should take, the next alarm goes on.
    pub(super) fn hear_news(&self) -> Result<bool> {
        self.hear_and(&mut None)
    }

    /// The same, and one person's journeys hear of something else right after the last that is new of them: they are
    /// opened once for both. Whether they were told; where the log has nothing new of that person, they were not.
    pub(super) fn hear_news_and(&self, person: &str, more: &Input<'_>) -> Result<bool> {
        let mut then = Some(Then { person, more });
        self.hear_and(&mut then)?;
        Ok(then.is_none())
    }

    fn hear_and(&self, then: &mut Option<Then<'_>>) -> Result<bool> {
        let Some(shop) = self.shop.borrow().clone() else { return Ok(false) };
        if shop.config.is_none() {
            // Nobody listens yet. Who begins to looks up what there was.
            return self.skip_news().map(|()| false);
        }
        let mut any = false;
        for _ in 0..MOST_ROUNDS {
            let heard = self.heard()?;
            let last = self.last_news()?;
            if last <= heard {
                break;
            }
            let rows = self.news_after(heard)?;
            any |= !rows.is_empty();
            let until = rows.last().filter(|_| rows.len() >= MOST_ROWS).map_or(Ok(last), |row| row.int(SEQ))?;
            self.tell_people(&shop, &rows, then)?;
            self.set_heard(until)?;
        }
        Ok(any)
    }

    /// Whether there is something in the log that journeys have not heard of.
    pub(super) fn has_news(&self) -> Result<bool> {
        Ok(self.last_news()? > self.heard()?)
    }

    fn last_news(&self) -> Result<i64> {
        self.db.number("SELECT coalesce(max(seq), 0) FROM events", values![])
    }

    /// What came in by other ways is known already: rows that were carried here.
    pub(super) fn skip_news(&self) -> Result<()> {
        let last = self.last_news()?;
        if last > self.heard()? { self.set_heard(last) } else { Ok(()) }
    }

    /// The next rows of the log that are about somebody.
    fn news_after(&self, heard: i64) -> Result<Vec<Row>> {
        let query = format!(
            "SELECT events.id, events.at, events.kind, events.data, coalesce(events.shopper, visits.shopper) AS who,
                    events.seq, events.received
               FROM events LEFT JOIN visits ON events.shopper IS NULL AND visits.visitor = events.visitor
                AND events.at >= visits.since AND (visits.until IS NULL OR events.at < visits.until)
              WHERE events.seq > ?1 AND events.copied IS NOT 2 AND who <> '' ORDER BY events.seq LIMIT {MOST_ROWS}"
        );
        self.db.rows(&query, values![heard])
    }

    /// Tells each person what the rows say of them, in order; and what else there is for whoever comes last.
    fn tell_people(&self, shop: &Rc<Shop>, rows: &[Row], then: &mut Option<Then<'_>>) -> Result<()> {
        let mut people = Vec::with_capacity(rows.len());
        for row in rows {
            people.push(keeper(&self.db, row.text(WHO)?)?);
        }
        // Where there are more rows than these there may be more of the same person.
        let are_all = rows.len() < MOST_ROWS;
        let mut from = 0;
        while let (Some(person), Some(first)) = (people.get(from), rows.get(from)) {
            let others = people.iter().skip(from).position(|other| other != person);
            let next = others.map_or(rows.len(), |others| from + others);
            if let (Some(person), Some(news)) = (person, rows.get(from..next)) {
                self.set_heard(first.int(SEQ)? - 1)?;
                if !self.is_deaf(person)? {
                    let more = then.take_if(|then| are_all && next == rows.len() && then.person == person);
                    if let Err(error) = self.db.whole(|| self.tell_rows(shop, person, news, more.as_ref())) {
                        worker::console_error!("news: {error}");
                        self.tell_later(person, Timestamp(first.int(RECEIVED)?))?;
                        *then = more;
                    }
                }
            }
            from = next;
        }
        Ok(())
    }

    /// Tells one person's journeys what rows say of them, and what else there is.
    fn tell_rows(&self, shop: &Rc<Shop>, person: &str, rows: &[Row], then: Option<&Then<'_>>) -> Result<()> {
        let mut news = Vec::with_capacity(rows.len());
        for row in rows {
            news.extend(self.logged(shop, row)?);
        }
        if news.is_empty() && then.is_none() {
            return Ok(());
        }
        let mut shopper = self.journeys_of(person)?;
        let world = self.world(shop, person, &shopper)?;
        let news: Vec<Input<'_>> = news.iter().map(Input::Happened).collect();
        for input in news.iter().chain(then.map(|then| then.more)) {
            let effects = world.at(self.now(), |around| shopper.step(input, around));
            self.perform(shop, person, &world, &mut shopper, effects)?;
        }
        self.keep_journeys(person, &shopper)
    }

    /// Somebody's journeys cannot be told at the moment: what came in since is told to them later, and nothing of
    /// theirs goes on before. Nobody else waits for that.
    pub(super) fn tell_later(&self, person: &str, since: Timestamp) -> Result<()> {
        jobs::add(&self.db, &Job::news(self.now() + jobs::backoff(0), person, since))
    }

    /// Whether there is something that somebody's journeys could not be told yet.
    pub(super) fn is_deaf(&self, person: &str) -> Result<bool> {
        Ok(self.db.row("SELECT 1 FROM jobs WHERE key = ?", values![jobs::news_key(person)])?.is_some())
    }

    /// Tells somebody's journeys what they could not be told; what they know already changes nothing.
    pub(super) fn tell_at_last(&self, job: &Job, since: Timestamp) -> Result<()> {
        let shop = self.shop()?;
        if let Some(person) = keeper(&self.db, &job.shopper)? {
            let query = format!(
                "{} SELECT id, at, kind, data, shopper FROM theirs
                    WHERE received >= ?2 AND seq <= ?3 ORDER BY seq LIMIT {MOST_OF_ONE}",
                sightings::theirs()
            );
            let rows = self.db.rows(&query, values![person.as_str(), since.0, self.heard()?])?;
            self.tell_rows(&shop, &person, &rows, None)?;
            self.tell(&person, &Input::Due(None))?;
        }
        jobs::remove(&self.db, &job.key)
    }

    /// What a person did as far as journeys have heard of it, worked out from the log.
    pub(super) fn facts_of(&self, shop: &Shop, person: &str) -> Result<Facts> {
        let mut facts = Facts::default();
        // Of pages only the days count. The newest are enough, and whoever sends millions stops nothing.
        for (which, data) in [("<> 'page.viewed'", "data"), ("= 'page.viewed'", "'{}'")] {
            let query = format!(
                "{} SELECT id, at, kind, {data}, shopper FROM theirs WHERE seq <= ?2 AND kind {which}
                    ORDER BY at DESC, id DESC LIMIT {MOST_OF_ONE}",
                sightings::theirs()
            );
            for row in self.db.rows(&query, values![person, self.heard()?])?.iter().rev() {
                if let Some(happened) = self.logged(shop, row)? {
                    facts.fold(&happened);
                }
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
        let query = format!(
            "SELECT id, at, kind, data, shopper FROM events
              WHERE visitor = ?1 AND shopper IS NULL AND at >= ?2 AND at < coalesce(?3, 9e18) AND seq <= ?4
              ORDER BY seq DESC LIMIT {MOST_OF_ONE}"
        );
        let (until, visitor) = (until.map(|until| until.0), visitor.0.as_bytes().to_vec());
        let mut rows = self.db.rows(&query, values![visitor, since.0, until, self.heard()?])?;
        rows.reverse();
        self.tell_rows(&shop, &person, &rows, None)
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
        jobs::drop_timers(&self.db, younger)?;
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
        jobs::drop_timers(&self.db, older)?;
        self.keep_journeys(older, &shopper)?;
        self.keep_journeys(younger, &other)?;
        self.set_timers(older, &shopper)?;
        self.set_timers(younger, &other)?;
        for seed in of {
            jobs::hand_on(&self.db, older, younger, seed)?;
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
