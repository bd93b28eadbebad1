//! What can be expected of shoppers: counted here early every morning, fitted by the shop object for the whole
//! shop, and kept here with what followed from it.
//!
//! Counting goes from shopper to shopper, some at a time, each time in one section with how far it has come, so a
//! kill in between repeats nothing. What leaves this object says how often, when and for how much somebody ordered,
//! and of nobody who they are.

use domain::clock;
use domain::journey::{Input, Shopper};
use domain::time::{Span, Timestamp};
use domain::value::Part;
use serde::{Deserialize, Serialize};

use super::jobs::{self, Job, Task};
use super::{Shard, Shop, preferences, schema};
use crate::call::{self, ShopCall};
use crate::problem::Result;
use crate::seal::{open_bytes_for_shop, seal_bytes_for_shop};
use crate::shop::Outlook;
use crate::sql::{Db, values};

/// There is one job for counting …
const COUNT: &str = "outlook";
/// … and one for having everybody look at what is expected of them.
const LOOK: &str = "outlook look";
/// Under this name it is sealed what was counted.
const COUNTED: &str = "counted";
/// Minutes after midnight where the shop is.
const EARLY: u16 = 3 * 60 + 40;
/// So many shoppers are counted at a time, and then some time is left for others.
const AT_A_TIME: i64 = 500;
const PAUSE: Span = Span::seconds(1);
/// So many shoppers of a shop make a model; more would not change it.
const MOST: u64 = 50_000;

/// What is to be done about what can be expected.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutlookJob {
    /// Shoppers are to be counted: from which position on, and when that began.
    Count {
        /// Nothing before it has begun.
        began: Option<Timestamp>,
        /// The last position that was counted.
        after: i64,
    },
    /// What was counted goes to the shop object.
    Send {
        /// When counting began.
        began: Timestamp,
    },
    /// Journeys look at what is expected by another model.
    Look {
        /// The last position that has looked.
        after: i64,
        /// What they find true already begins nothing.
        quiet: bool,
    },
}

/// What a shard has counted of its shoppers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Counted {
    /// Which shard.
    pub object: u16,
    /// When it began.
    pub at: Timestamp,
    /// A [`Part`] as it is written.
    pub part: Vec<u8>,
}

/// What can be expected, as the shop object said last. What other code has kept in another form is not known until
/// it is said again.
pub fn kept(db: &Db) -> Result<Option<Outlook>> {
    Ok(schema::meta(db, "outlook")?.and_then(|text| serde_json::from_str(&text).ok()))
}

/// The next early morning where the shop is.
fn next_morning(shop: &Shop, now: Timestamp) -> Result<Timestamp> {
    Ok(clock::after_days_at(&preferences::home_zone(shop.live()?), now, 0, EARLY))
}

fn job(key: &str, due: Timestamp, task: OutlookJob) -> Job {
    Job::new(key.to_owned(), due, "", None, Task::Outlook(task))
}

impl Shard {
    /// Sees to it that shoppers are counted every morning, once something is published.
    pub(super) fn count_daily(&self) -> Result<()> {
        let Some(shop) = self.shop.borrow().clone().filter(|shop| shop.config.is_some()) else { return Ok(()) };
        let due = next_morning(&shop, self.now())?;
        jobs::add(&self.db, &job(COUNT, due, OutlookJob::Count { began: None, after: 0 }))
    }

    pub(super) async fn see_to_outlook(&self, job: &Job, task: &OutlookJob) -> Result<()> {
        match *task {
            OutlookJob::Count { began, after } => self.db.whole(|| self.count_some(began, after)),
            OutlookJob::Send { began } => self.send_counted(job, began).await,
            OutlookJob::Look { after, quiet } => self.db.whole(|| self.look_some(after, quiet)),
        }
    }

    /// Counts some more shoppers, of those who are one only whom they are joined to.
    fn count_some(&self, began: Option<Timestamp>, after: i64) -> Result<()> {
        let (shop, now, db) = (self.shop()?, self.now(), &self.db);
        let began = if let Some(began) = began {
            began
        } else {
            db.run("DELETE FROM outlook_counted", values![])?;
            now
        };
        let people = db.rows(
            "SELECT pos, id FROM shoppers WHERE pos > ? AND joined_to IS NULL AND state = 'live' ORDER BY pos LIMIT ?",
            values![after, AT_A_TIME],
        )?;
        let mut part = Part::default();
        for row in &people {
            match self.known_of(&shop, row.text(1)?) {
                Ok(known) => {
                    if let Some((purchases, spend)) = known.facts.counted(began) {
                        part.add(purchases, spend);
                    }
                }
                // One of whom nothing can be read must not keep the others from being counted.
                Err(error) => worker::console_error!("counting shoppers: {error}"),
            }
        }
        let upto = people.last().map_or(Ok(after), |last| last.int(0))?;
        if part.shoppers() > 0 {
            let sealed = seal_bytes_for_shop(&shop.keys, COUNTED, &part.write())?;
            db.run("INSERT OR REPLACE INTO outlook_counted (upto, sealed) VALUES (?, ?)", values![upto, sealed])?;
        }
        let more = i64::try_from(people.len()).unwrap_or(i64::MAX) == AT_A_TIME;
        jobs::remove(db, COUNT)?;
        jobs::add(
            db,
            &if more {
                job(COUNT, now + PAUSE, OutlookJob::Count { began: Some(began), after: upto })
            } else {
                job(COUNT, now, OutlookJob::Send { began })
            },
        )
    }

    /// What journeys know of a person; nothing is kept or begun by asking.
    pub(super) fn known_of(&self, shop: &Shop, person: &str) -> Result<Shopper> {
        if self.db.row("SELECT 1 FROM journeys WHERE shopper = ?", values![person])?.is_some() {
            return self.journeys_of(person);
        }
        let mut shopper = Shopper::default();
        shopper.facts = self.facts_of(shop, person)?;
        Ok(shopper)
    }

    /// Sends what was counted to the shop object. Sent twice, it counts once.
    async fn send_counted(&self, due: &Job, began: Timestamp) -> Result<()> {
        let shop = self.shop()?;
        let rows = self.db.rows("SELECT sealed FROM outlook_counted", values![])?;
        let mut all = Part::default();
        for row in rows {
            let Ok(written) = open_bytes_for_shop(&shop.keys, COUNTED, row.bytes(0)?) else {
                // The master key was exchanged meanwhile.
                jobs::remove(&self.db, COUNT)?;
                return jobs::add(&self.db, &job(COUNT, self.now(), OutlookJob::Count { began: None, after: 0 }));
            };
            all.merge(&Part::read(&written).unwrap_or_default());
        }
        let part = all.thinned(MOST / u64::from(shop.placement.objects()).max(1)).write();
        let counted = Counted { object: shop.object, at: began, part };
        call::shop::<()>(&self.env, &shop.key, &ShopCall::Counted(counted)).await?;
        // From here on one section.
        self.db.run("DELETE FROM outlook_counted", values![])?;
        jobs::remove(&self.db, &due.key)?;
        self.count_daily()
    }

    /// Takes over what can be expected from now on. Who is in a segment by it is looked at by everybody. What a
    /// first model finds true, or the lack of one, begins nothing: it was true before, and only not known.
    pub(super) fn take_outlook(&self, new: &Outlook) -> Result<i64> {
        let shop = self.shop()?;
        let before = shop.outlook.as_ref();
        if let Some(known) = before.filter(|known| known.serial >= new.serial) {
            return Ok(known.serial);
        }
        let had = before.is_some_and(|known| known.model.is_some());
        schema::set_meta(&self.db, "outlook", &serde_json::to_string(new)?)?;
        self.load()?;
        let asks = shop.config.as_ref().is_some_and(|config| config.rules(&shop.version).asks_for_outlook());
        if asks && (had || new.model.is_some()) {
            let under_way =
                self.db.row("SELECT body ->> '$.outlook.look.quiet' FROM jobs WHERE key = ?", values![LOOK])?;
            let quiet = had != new.model.is_some() || under_way.is_some_and(|row| row.maybe_int(0) == Some(1));
            jobs::remove(&self.db, LOOK)?;
            jobs::add(&self.db, &job(LOOK, self.now(), OutlookJob::Look { after: 0, quiet }))?;
        }
        Ok(new.serial)
    }

    fn look_some(&self, after: i64, quiet: bool) -> Result<()> {
        let input = if quiet { Input::Published } else { Input::Due(None) };
        jobs::remove(&self.db, LOOK)?;
        match self.tell_some(after, &input)? {
            Some(last) => jobs::add(&self.db, &job(LOOK, self.now(), OutlookJob::Look { after: last, quiet })),
            None => Ok(()),
        }
    }
}
