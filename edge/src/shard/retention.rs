//! Forgetting, without being asked: people who give no sign of life for as long as the law of their place
//! allows, addresses that nobody ever confirmed, and what browsers did that never became anybody.

use domain::consent::{EMAIL_MARKETING, Standing};
use domain::law;
use domain::time::{Span, Timestamp};
use domain::why::Why;

use super::erasing::Erasure;
use super::jobs::{self, Job};
use super::joining::{Place, members};
use super::{Shard, consent, ledger, people, sightings};
use crate::problem::Result;
use crate::sql::{Db, values};

/// How long an address is kept that nobody confirmed and the shop does not know.
const UNCONFIRMED: Span = Span::days(30);
/// How often browsers that never became anybody are looked through.
const EVERY: Span = Span::days(1);
/// The most events that are removed at a time, and the most orders.
const MOST_AT_A_TIME: i64 = 5_000;
const MOST_ORDERS_AT_A_TIME: usize = 100;

/// When a new shopper is looked at first.
pub fn first_look(db: &Db, shopper: &str, now: Timestamp) -> Result<()> {
    jobs::add(db, &Job::retention(now + UNCONFIRMED, shopper))
}

impl Shard {
    /// Looks whether a shopper is to be forgotten, and forgets them or looks again when it may be time.
    pub(super) fn look_at_retention(&self, job: &Job) -> Result<()> {
        if job.shopper.is_empty() {
            return self.forget_old_events(job);
        }
        let now = self.now();
        let Place::Here(person) = self.place_of(&job.shopper)? else { return jobs::remove(&self.db, &job.key) };
        let (at, why) = self.to_be_forgotten(&person)?;
        if at > now {
            return jobs::postpone(&self.db, job, at, job.state);
        }
        // Who has said no stays on the list: a later import must not write to them.
        let withdrawn = consent::standing(&self.db, &person, EMAIL_MARKETING)? == Some(Standing::Withdrawn);
        let erasure = if withdrawn { Erasure::Suppress } else { Erasure::Free };
        self.erase(&person, erasure, &why)
    }

    /// When a person is to be forgotten, and why then.
    fn to_be_forgotten(&self, person: &str) -> Result<(Timestamp, Why)> {
        let rules = law::of(people::country(&self.db, person)?, None);
        let last = self.last_sign(person)?;
        let members = serde_json::to_string(&members(&self.db, person)?)?;
        let known = self.db.number(
            "SELECT (SELECT count(*) FROM addresses WHERE state <> 'asked' AND shopper IN (SELECT value FROM json_each(?1)))
                  + (SELECT count(*) FROM customers WHERE shopper IN (SELECT value FROM json_each(?1)))",
            values![members],
        )?;
        if known == 0 {
            return Ok((last + UNCONFIRMED, Why::new("unconfirmed", "nobody confirmed the address")));
        }
        let retention = law::forget(rules, last);
        Ok((retention.at(), retention.why().clone()))
    }

    /// When a person was heard of last. What we wrote or noted ourselves is no sign of life.
    fn last_sign(&self, person: &str) -> Result<Timestamp> {
        let query = format!(
            "{} SELECT max(coalesce((SELECT max(at) FROM theirs
                  WHERE kind NOT LIKE 'message.%' AND kind NOT LIKE 'shopper.%' AND kind <> 'code.issued'), 0),
                (SELECT since FROM shoppers WHERE id = ?1))",
            sightings::theirs()
        );
        Ok(Timestamp(self.db.number(&query, values![person])?))
    }

    /// Removes what nobody did, and orders of which nothing was heard, for longer than anybody's data may be
    /// kept.
    fn forget_old_events(&self, job: &Job) -> Result<()> {
        let now = self.now();
        let before = now.0 - law::of(None, None).silence.value.0.0;
        // Events lie in the order in which they came, so nothing is read that is too young.
        ledger::remove(
            &self.db,
            "seq IN (
               SELECT seq FROM events WHERE shopper IS NULL
                  AND seq < coalesce((SELECT seq FROM events WHERE received >= ?1 ORDER BY seq LIMIT 1), 9e18)
                ORDER BY seq LIMIT ?2)",
            values![before, MOST_AT_A_TIME],
        )?;
        let more_events = self.db.number("SELECT changes()", values![])? == MOST_AT_A_TIME;
        let more_orders = self.forget_orders_before(&*self.shop()?, before, MOST_ORDERS_AT_A_TIME)?;
        let more = more_events || more_orders;
        self.db.run("DELETE FROM orders WHERE heard < ?", values![before])?;
        jobs::postpone(&self.db, job, if more { now + Span::seconds(1) } else { now + EVERY }, job.state)
    }

    /// Sees to it that old events are looked through.
    pub(super) fn look_through_events(&self) -> Result<()> {
        jobs::add(&self.db, &Job::retention(self.now() + EVERY, ""))
    }
}
