//! Who sits before a browser: known only where it was proven, by the button in a letter that a form on
//! that browser brought about, or by a link that we signed.
//!
//! One browser can be several people's, one after the other: each from the moment at which they said so
//! until the next did. What it did before anybody said anything is the first one's. The browser's object
//! decides (`sightings`) and tells the shoppers' homes (`visits`), with copies of the events that they
//! have to know. All of it can be repeated, and all of it can be undone.

use domain::consent;
use domain::event::SignedName;
use domain::id::{ShopperId, VisitorId};
use domain::place::{Bucket, Placement};
use domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use super::jobs::{self, Job};
use super::joining::{MEMBERS, Place, Whereabouts, keeper, whereabouts};
use super::{Shard, Shop, followed, hearing, ledger, links, names};
use crate::call::ShardCall;
use crate::problem::{Error, Failed, Rejected, Result};
use crate::sql::{Db, Row, Value, values};
use crate::token::{LinkId, LinkKind};

/// Somebody was before a browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// Which browser.
    pub visitor: VisitorId,
    /// Who.
    pub shopper: ShopperId,
    /// When they said so; it names the sighting.
    pub said: Timestamp,
    /// What it did from then on is theirs.
    pub since: Timestamp,
    /// Until then; nothing while they are the last.
    pub until: Option<Timestamp>,
}

/// An event on its way to a shopper's home: id, when it happened, when it arrived, kind, data.
pub type Copied = (String, i64, i64, String, String);

/// How soon a shopper's home hears what they did in a browser that is kept elsewhere.
const FOLLOWED_AFTER: Span = Span::seconds(5);
/// The most events that are passed on at a time.
const MOST_AT_A_TIME: i64 = 200;

/// The object that a browser belongs to.
pub fn home(shop: &Shop, visitor: VisitorId) -> u16 {
    if shop.placement == Placement::ONE {
        return 0;
    }
    shop.placement.object_of(Bucket::of_hash(&shop.keys.name("visitor", &visitor.to_string())))
}

/// A query's first part: `theirs` is everything a person did, whose id is the first parameter.
pub fn theirs() -> String {
    format!(
        "WITH theirs AS (
           SELECT * FROM events WHERE seq IN (
           SELECT seq FROM events WHERE shopper IN ({MEMBERS})
           UNION
           SELECT events.seq FROM visits JOIN events ON events.visitor = visits.visitor
              AND events.at >= visits.since AND (visits.until IS NULL OR events.at < visits.until)
            WHERE visits.shopper IN ({MEMBERS}) AND events.shopper IS NULL))"
    )
}

/// The browsers of some shoppers (a JSON list of ids), with the times at which they were theirs.
pub fn of(db: &Db, shoppers: &str) -> Result<Vec<Sighting>> {
    let query = "SELECT visitor, shopper, said, since, until FROM visits
                  WHERE shopper IN (SELECT value FROM json_each(?)) ORDER BY said";
    db.rows(query, values![shoppers])?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Sighting> {
    let wrong = |_| Failed::new("reading a sighting", "an id is none");
    Ok(Sighting {
        visitor: VisitorId(
            domain::id::Uuid::from_slice(row.bytes(0)?)
                .map_err(|_| Failed::new("reading a sighting", "its visitor"))?,
        ),
        shopper: row.text(1)?.parse().map_err(wrong)?,
        said: Timestamp(row.int(2)?),
        since: Timestamp(row.int(3)?),
        until: row.maybe_int(4).map(Timestamp),
    })
}

/// Whether a time lies within another one; what has no end lasts.
fn is_within(time: (i64, Option<i64>), other: (i64, Option<i64>)) -> bool {
    let end = |time: (i64, Option<i64>)| time.1.unwrap_or(i64::MAX);
    other.0 <= time.0 && end(time) <= end(other)
}

/// A browser's id as it stands in tables.
pub fn key(visitor: VisitorId) -> Vec<u8> {
    visitor.0.as_bytes().to_vec()
}

impl Shard {
    /// Notes that a shopper has proven to sit before a browser, here or where the browser is kept.
    pub(super) fn see_here_or_there(
        &self,
        visitor: VisitorId,
        shopper: ShopperId,
        said: Timestamp,
        proof: &str,
    ) -> Result<()> {
        let shop = self.shop()?;
        let object = home(&shop, visitor);
        if object == shop.object {
            return self.see(visitor, shopper, said, proof);
        }
        let call = ShardCall::See { visitor, shopper, said, proof: proof.to_owned() };
        jobs::add(&self.db, &Job::errand(format!("see:{visitor}:{}", said.0), self.now(), object, call))
    }

    /// Notes it in the browser's own object.
    pub(super) fn see(&self, visitor: VisitorId, shopper: ShopperId, said: Timestamp, proof: &str) -> Result<()> {
        // Who is there still has nothing new to say.
        let before = self.db.row(
            "SELECT shopper FROM sightings WHERE visitor = ? AND said <= ? ORDER BY said DESC LIMIT 1",
            values![key(visitor), said.0],
        )?;
        if before.is_some_and(|row| row.maybe_text(0) == Some(shopper.to_string().as_str())) {
            return Ok(());
        }
        self.db.run(
            "INSERT OR IGNORE INTO sightings (visitor, said, shopper, since, proof) VALUES (?, ?, ?, ?, ?)",
            values![key(visitor), said.0, shopper.to_string(), said.0, proof],
        )?;
        self.arrange(visitor)
    }

    /// A browser says that it comes from one of our letters: looked up where that link is kept. What we
    /// did not sign says nothing.
    pub(super) fn opened_here_or_there(&self, token: &str, visitor: VisitorId, at: Timestamp) -> Result<()> {
        let shop = self.shop()?;
        let (token, letter) = followed::parts(token);
        let Some(link) = LinkId::verify(&shop.keys, LinkKind::Visit, token) else { return Ok(()) };
        let (object, link) = (shop.placement.object_of(link.bucket), link.as_text());
        if object == shop.object {
            return self.opened(&link, letter, visitor, at);
        }
        let key = format!("opened:{visitor}:{link}:{}", letter.unwrap_or_default());
        let call = ShardCall::Opened { link, letter: letter.map(str::to_owned), visitor, at };
        jobs::add(&self.db, &Job::errand(key, self.now(), object, call))
    }

    /// A page says whom the shop knows to sit before it: looked up where that name is kept. What the shop's
    /// server did not sign says nothing, nor a name that is nobody's.
    pub(super) fn named_here_or_there(&self, signed: &SignedName, visitor: VisitorId, at: Timestamp) -> Result<()> {
        let shop = self.shop()?;
        let Some(name) = hearing::signed_name(&shop, signed)? else { return Ok(()) };
        let hash = shop.keys.name(signed.kind.as_str(), &name);
        let object = shop.placement.object_of(Bucket::of_hash(&hash));
        if object == shop.object {
            return self.named(hash, visitor, at);
        }
        let call = ShardCall::Named { name: consent::Hash(hash), visitor, at };
        jobs::add(&self.db, &Job::errand(format!("named:{visitor}:{}", at.0), self.now(), object, call))
    }

    /// Somebody of whom a name is kept here sits before a browser.
    pub(super) fn named(&self, name: names::Hash, visitor: VisitorId, at: Timestamp) -> Result<()> {
        let Some(shopper) = names::owner(&self.db, name)? else { return Ok(()) };
        self.see_here_or_there(visitor, shopper, at, "signed by the shop")
    }

    /// A signed link that is kept here was opened in a browser.
    pub(super) fn opened(&self, link: &str, letter: Option<&str>, visitor: VisitorId, at: Timestamp) -> Result<()> {
        let row = self.db.row(
            "SELECT shopper, address FROM links WHERE id = ? AND kind = 'visit' AND ends > ?",
            values![link, self.now().0],
        )?;
        let Some(row) = row else { return Ok(()) };
        if let Whereabouts::Here(person) = whereabouts(&self.db, row.text(0)?)?
            && !links::is_address_of(&self.db, row.bytes(1)?, &person)?
        {
            return Ok(());
        }
        if let Some(letter) = letter {
            self.followed_here_or_there(row.text(0)?, letter, at)?;
        }
        let shopper = row.text(0)?.parse().map_err(|_| Failed::new("reading a link", "its shopper is none"))?;
        let shop = self.shop()?;
        let object = home(&shop, visitor);
        if object == shop.object {
            return self.see_by_link(visitor, shopper, at);
        }
        let call = ShardCall::SeeByLink { visitor, shopper, said: at };
        jobs::add(&self.db, &Job::errand(format!("see:{visitor}:{}", at.0), self.now(), object, call))
    }

    /// A signed link was opened in a browser. A letter can be handed on, so it says nothing of a browser
    /// that is somebody's already.
    pub(super) fn see_by_link(&self, visitor: VisitorId, shopper: ShopperId, said: Timestamp) -> Result<()> {
        let known = self.db.row("SELECT 1 FROM sightings WHERE visitor = ?", values![key(visitor)])?;
        if known.is_some() { Ok(()) } else { self.see(visitor, shopper, said, "signed link") }
    }

    /// A browser was not that shopper's after all; what it did goes back to who was there before.
    pub(super) fn unsee(&self, visitor: VisitorId, shopper: ShopperId) -> Result<()> {
        let gone = self.sightings("visitor = ?1 AND shopper = ?2", values![key(visitor), shopper.to_string()])?;
        if gone.is_empty() {
            return Err(Rejected::not_found("this browser was not known to be theirs").into());
        }
        self.db.run(
            "DELETE FROM sightings WHERE visitor = ? AND shopper = ?",
            values![key(visitor), shopper.to_string()],
        )?;
        for sighting in gone {
            self.tell_home(&Sighting { until: Some(sighting.since), ..sighting }, Vec::new())?;
        }
        self.arrange(visitor)
    }

    /// An erased shopper's visit: what the browser did then goes, too.
    pub(super) fn forget_visit(&self, sighting: &Sighting) -> Result<()> {
        self.db.run(
            "DELETE FROM orders WHERE visitor = ?1 AND substr(id, 1, instr(id || char(10), char(10)) - 1) IN (SELECT data ->> '$.order.id' FROM events
               WHERE visitor = ?1 AND at >= ?2 AND at < coalesce(?3, 9e18) AND kind = 'order.placed')",
            values![key(sighting.visitor), sighting.since.0, sighting.until.map(|until| until.0)],
        )?;
        ledger::remove(
            &self.db,
            "visitor = ?1 AND at >= ?2 AND at < coalesce(?3, 9e18) AND shopper IS NULL",
            values![key(sighting.visitor), sighting.since.0, sighting.until.map(|until| until.0)],
        )?;
        self.db.run(
            "DELETE FROM sightings WHERE visitor = ? AND said = ?",
            values![key(sighting.visitor), sighting.said.0],
        )
    }

    /// Each was there until the next one said so, the first from the beginning; whose time that changes
    /// is told.
    fn arrange(&self, visitor: VisitorId) -> Result<()> {
        let mut due = self.sightings("visitor = ?1", values![key(visitor)])?;
        let said: Vec<Timestamp> = due.iter().map(|sighting| sighting.said).collect();
        for (n, sighting) in due.iter_mut().enumerate() {
            let arranged = (if n == 0 { Timestamp(0) } else { sighting.said }, said.get(n + 1).copied());
            (sighting.since, sighting.until) = arranged;
            self.db.run(
                "UPDATE sightings SET since = ?, until = ?, forwarded = 0 WHERE visitor = ? AND said = ?",
                values![arranged.0.0, arranged.1.map(|until| until.0), key(visitor), sighting.said.0],
            )?;
            self.follow(sighting, self.now())?;
        }
        Ok(())
    }

    fn sightings(&self, which: &str, bound: Vec<Value>) -> Result<Vec<Sighting>> {
        let query = format!("SELECT visitor, shopper, said, since, until FROM sightings WHERE {which} ORDER BY said");
        self.db.rows(&query, bound)?.iter().map(read).collect()
    }

    /// Tells the shopper's home: at once where it is this object, else by a job.
    fn follow(&self, sighting: &Sighting, due: Timestamp) -> Result<()> {
        match self.place_of(&sighting.shopper.to_string()) {
            Ok(Place::Here(_)) => self.take_visit(sighting, &[]),
            _ => jobs::add(&self.db, &Job::follow(due, sighting.visitor, sighting.said)),
        }
    }

    /// A browser of this object did something: whoever it is and lives elsewhere is told soon. Says
    /// whether something became due.
    pub(super) fn follow_soon(&self, visitor: VisitorId, now: Timestamp) -> Result<bool> {
        let open = self.sightings("visitor = ?1 AND until IS NULL", values![key(visitor)])?;
        let Some(sighting) = open.first() else { return Ok(false) };
        if let Ok(Place::Here(_)) = self.place_of(&sighting.shopper.to_string()) {
            return Ok(false);
        }
        jobs::add(&self.db, &Job::follow(now + FOLLOWED_AFTER, visitor, sighting.said))?;
        Ok(true)
    }

    /// A shopper went to live elsewhere: what their browsers of this object did has to follow.
    pub(super) fn follow_all(&self, shoppers: &str) -> Result<()> {
        self.db.run(
            "UPDATE sightings SET forwarded = 0 WHERE shopper IN (SELECT value FROM json_each(?))",
            values![shoppers],
        )?;
        for sighting in self.sightings("shopper IN (SELECT value FROM json_each(?1))", values![shoppers])? {
            jobs::add(&self.db, &Job::follow(self.now(), sighting.visitor, sighting.said))?;
        }
        Ok(())
    }

    /// Passes on what a browser did to where its shopper lives; whether all of it is there.
    pub(super) async fn pass_on_visit(&self, visitor: VisitorId, said: Timestamp) -> Result<bool> {
        let known = self.sightings("visitor = ?1 AND said = ?2", values![key(visitor), said.0])?;
        let Some(sighting) = known.first() else { return Ok(true) };
        let forwarded = self
            .db
            .number("SELECT forwarded FROM sightings WHERE visitor = ? AND said = ?", values![key(visitor), said.0])?;
        let rows = self.db.rows(
            "SELECT seq, lower(hex(id)), at, received, kind, data FROM events
              WHERE visitor = ?1 AND seq > ?2 AND at >= ?3 AND at < coalesce(?4, 9e18) AND copied IS NULL
              ORDER BY seq LIMIT ?5",
            values![key(visitor), forwarded, sighting.since.0, sighting.until.map(|until| until.0), MOST_AT_A_TIME],
        )?;
        let last = rows.last().map_or(Ok(forwarded), |row| row.int(0))?;
        let events: Vec<Copied> = rows
            .iter()
            .map(|row| {
                Ok((
                    row.text(1)?.to_owned(),
                    row.int(2)?,
                    row.int(3)?,
                    row.text(4)?.to_owned(),
                    row.text(5)?.to_owned(),
                ))
            })
            .collect::<Result<_>>()?;
        match self.place_of(&sighting.shopper.to_string())? {
            Place::Here(_) => self.take_visit(sighting, &[])?,
            Place::There(object) => {
                let call = ShardCall::Visited { sighting: sighting.clone(), events };
                self.ask::<()>(object, &call).await?;
            }
        }
        // Somebody may have come before or after them meanwhile: then it begins anew.
        self.db.run(
            "UPDATE sightings SET forwarded = ?1 WHERE visitor = ?2 AND said = ?3 AND forwarded = ?4
                AND since = ?5 AND until IS ?6",
            values![last, key(visitor), said.0, forwarded, sighting.since.0, sighting.until.map(|until| until.0)],
        )?;
        // More may have happened while this was on its way, or all of it is wanted once more.
        let left = self.db.number(
            "SELECT count(*) FROM sightings WHERE visitor = ?1 AND said = ?2 AND (forwarded <> ?3 OR EXISTS (
               SELECT 1 FROM events WHERE events.visitor = ?1 AND events.seq > ?3 AND events.copied IS NULL
                  AND events.at >= sightings.since AND events.at < coalesce(sightings.until, 9e18)))",
            values![key(visitor), said.0, last],
        )?;
        Ok(left == 0)
    }

    /// Takes in what a shopper who lives here did elsewhere, or hands it on to where they live by now.
    pub(super) async fn take_visit_here_or_there(&self, sighting: Sighting, events: Vec<Copied>) -> Result<()> {
        match self.place_of(&sighting.shopper.to_string())? {
            Place::Here(_) => self.take_visit(&sighting, &events),
            Place::There(object) => self.ask(object, &ShardCall::Visited { sighting, events }).await,
        }
    }

    fn take_visit(&self, sighting: &Sighting, events: &[Copied]) -> Result<()> {
        let Sighting { visitor, shopper, said, since, until } = sighting;
        let (id, until) = (shopper.to_string(), until.map(|until| until.0));
        self.hear_news()?;
        let before = self.db.row(
            "SELECT since, until FROM visits WHERE shopper = ? AND visitor = ? AND said = ?",
            values![id.as_str(), key(*visitor), said.0],
        )?;
        let before = before.map(|row| Ok::<_, Error>((row.int(0)?, row.maybe_int(1)))).transpose()?;
        let after = (until != Some(since.0)).then_some((since.0, until));
        // A time that ends where it begins is none: they were not there after all.
        if until == Some(since.0) {
            self.db.run(
                "DELETE FROM visits WHERE shopper = ? AND visitor = ? AND said = ?",
                values![id.as_str(), key(*visitor), said.0],
            )?;
        } else {
            self.db.run(
                "INSERT INTO visits (shopper, visitor, said, since, until) VALUES (?, ?, ?, ?, ?)
                 ON CONFLICT (shopper, visitor, said) DO UPDATE SET since = excluded.since, until = excluded.until",
                values![id.as_str(), key(*visitor), said.0, since.0, until],
            )?;
        }
        // Copies that are not theirs any more.
        ledger::remove(
            &self.db,
            "visitor = ?1 AND shopper = ?2 AND copied = 1 AND NOT EXISTS (
               SELECT 1 FROM visits WHERE visits.visitor = ?1 AND visits.shopper = ?2
                  AND events.at >= visits.since AND (visits.until IS NULL OR events.at < visits.until))",
            values![key(*visitor), id.as_str()],
        )?;
        // Copies that were somebody else's who lives here, too: that they are not any more may be heard later.
        let events = serde_json::to_string(events)?;
        ledger::remove(
            &self.db,
            "visitor = ?1 AND shopper <> ?2 AND copied = 1 AND id IN (SELECT unhex(value ->> 0) FROM json_each(?3))",
            values![key(*visitor), id.as_str(), events.as_str()],
        )?;
        self.db.run(
            "INSERT OR IGNORE INTO events (id, visitor, shopper, at, received, kind, data, copied)
             SELECT unhex(value ->> 0), ?1, ?2, value ->> 1, value ->> 2, value ->> 3, value ->> 4, 1 FROM json_each(?3)",
            values![key(*visitor), id.as_str(), events.as_str()],
        )?;
        // More or less of what the browser did is theirs than their journeys know.
        if before.is_some_and(|before| !after.is_some_and(|after| is_within(before, after)))
            && let Some(person) = keeper(&self.db, &id)?
        {
            self.refold(&person)?;
        }
        match after {
            Some(after) if !before.is_some_and(|before| is_within(after, before)) => {
                self.hear_of_past(&id, *visitor, (Timestamp(after.0), after.1.map(Timestamp)))
            }
            _ => Ok(()),
        }
    }

    fn tell_home(&self, sighting: &Sighting, events: Vec<Copied>) -> Result<()> {
        let object = match self.place_of(&sighting.shopper.to_string()) {
            Ok(Place::Here(_)) => return self.take_visit(sighting, &events),
            Ok(Place::There(object)) => object,
            Err(_) => self.shop()?.placement.object_of(sighting.shopper.home()),
        };
        let key = format!("unsee:{}:{}", sighting.visitor, sighting.said.0);
        let call = ShardCall::Visited { sighting: sighting.clone(), events };
        jobs::add(&self.db, &Job::errand(key, self.now(), object, call))
    }
}
