//! What visitors did with products, counted for the learner, newest behaviour first.
//!
//! A *pass* goes from the newest event down to where the last pass began, window by window. Whoever did something with a
//! product is counted in the window of their last such deed: what all they did until then counts, less what was counted
//! of them by the last pass. So everybody counts once in a pass, those who were here last come first, and what is learned
//! is the same as if everybody had been counted anew.
//!
//! A window is written down before it is told, under a number; told again after a kill, it is the same, and the learner
//! knows the number. Only the object that a browser belongs to counts what it did: copies at shoppers' homes do not.

mod deeds;

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::recommend::count::{Act, Delta, Doing, MOST_DOINGS, Profile, Visit, horizon, visits};
use domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use self::deeds::{Done, Names, deeds};
use super::hearing::orders_at_home::opened;
use super::jobs::{self, Job, Task};
use super::{Shard, Shop, crediting, people, schema};
use crate::call;
use crate::learner::{Counted, Credits, LearnerCall, Seen, Trail};
use crate::problem::{Failed, Result};
use crate::sql::{Row, Value, values};

/// There is one job for it.
const COUNT: &str = "count products";
/// How long after something was done with a product it is counted.
const COUNTED_AFTER: Span = Span::seconds(15);
/// Rows of events that a window reads at most, to find out who did something.
const WINDOW: i64 = 2_000;
/// Visitors of one window, at most.
const MOST_VISITORS: usize = 400;
/// Events of visitors that one window reads, about: then it ends with the visitor that it is at.
const MOST_EVENTS: usize = 20_000;
/// What browsers did with products and shelves.
const BY_BROWSER: &str = "visitor IS NOT NULL AND copied IS NULL AND kind IN ('product.viewed', 'cart.changed',
    'order.placed', 'shelf.dismissed', 'shelf.shown', 'shelf.held', 'shelf.clicked')";
/// What customers ordered, as the shop's server says.
const BY_CUSTOMER: &str = "shopper IS NOT NULL AND visitor IS NULL AND copied IS NULL AND kind = 'order.confirmed'";

/// A pass under way.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Pass {
    /// Events up to this one were counted by the last pass.
    floor: i64,
    /// Up to this one they are counted by this pass.
    target: i64,
    /// Visitors whose last deed was after this one are counted.
    upto: i64,
    /// The window that is being told: down to, but not including, this one.
    telling: Option<i64>,
    /// Its number.
    serial: i64,
}

/// Somebody who did something with products.
enum Who {
    /// A browser.
    Browser(Vec<u8>),
    /// A customer who ordered, as the shop's server says. Who they are is not told: only what they bought together.
    Customer(String),
}

/// Somebody, and the last event of the window that is theirs.
type Visitor = (Who, i64);

/// What one visitor did, in its order.
struct History {
    /// What was done until the floor …
    before: Vec<Done>,
    /// … and until the target.
    now: Vec<Done>,
    /// The same, as far as shelves are credited with it.
    trail: Trail,
}

impl Shard {
    /// Something was done with a product: sees to it that it is counted soon. Says whether that is one more thing due.
    pub(super) fn count_later(&self, now: Timestamp) -> Result<bool> {
        let learns = || self.shop.borrow().as_ref().is_some_and(|shop| shop.learns());
        let new = !self.count_due.get() && learns();
        if new {
            jobs::add(&self.db, &Job::new(COUNT.into(), now + COUNTED_AFTER, "", None, Task::Count {}))?;
            self.count_due.set(true);
        }
        Ok(new)
    }

    /// Counts a window and tells the learner of it.
    pub(super) async fn count_products(&self, job: &Job) -> Result<()> {
        let shop = self.shop()?;
        let Some((pass, counted)) = self.db.whole(|| self.count_window(&shop))? else {
            self.count_due.set(false);
            return jobs::remove(&self.db, &job.key);
        };
        if let Some(counted) = counted {
            call::learner::<()>(&self.env, &shop.key, &LearnerCall::Counted(Box::new(counted))).await?;
        }
        // From here on one section: the window is told.
        let upto = pass.telling.unwrap_or(pass.floor);
        let serial = pass.serial + 1;
        let due = if upto <= pass.floor {
            schema::set_meta(&self.db, "counted", &pass.target.to_string())?;
            schema::set_meta(&self.db, "count serial", &serial.to_string())?;
            self.db.run("DELETE FROM meta WHERE name = 'counting'", values![])?;
            // What happened meanwhile waits for more: the next pass counts all of it together.
            self.now() + COUNTED_AFTER
        } else {
            keep(self, &Pass { upto, telling: None, serial, ..pass })?;
            self.now()
        };
        self.db.run("UPDATE jobs SET due = ?, attempts = 0 WHERE key = ?", values![due.0, COUNT])
    }

    /// The next window, written down, and what is to be told of it: nothing where nobody did anything in it. Nothing at
    /// all where all is counted.
    fn count_window(&self, shop: &Shop) -> Result<Option<(Pass, Option<Counted>)>> {
        let Some(mut pass) = self.pass()? else { return Ok(None) };
        let (visitors, mut lowest) = self.visitors_of(&pass)?;
        let mut names = Names::default();
        let today = day(self.now());
        let horizons = [&Profile::NEXT, &Profile::TOGETHER, &Profile::TRENDING].map(|profile| horizon(profile, today));
        let [mut next, mut together, _] = horizons.map(Delta::none);
        let mut seen: BTreeMap<u16, Delta> = BTreeMap::new();
        let mut credits = Credits::default();
        let (mut counted, mut read) = (0, 0_usize);
        for (who, last) in &visitors {
            // A window that was told already stays as it was.
            if pass.telling.is_none() && read >= MOST_EVENTS {
                lowest = *last;
                break;
            }
            let Some(History { before, now, trail }) = self.history(shop, who, &pass, &mut names)? else {
                continue;
            };
            credits.add(trail);
            counted += 1;
            read = read.saturating_add(before.len()).saturating_add(now.len());
            let bought = |done: &Done| matches!(done.doing.act, Act::Carted | Act::Ordered);
            together.add(&change(&Profile::TOGETHER, horizons[1], &before, &now, bought));
            if matches!(who, Who::Customer(_)) {
                continue;
            }
            next.add(&change(&Profile::NEXT, horizons[0], &before, &now, |_| true));
            for market in before.iter().chain(&now).map(|done| done.market).collect::<BTreeSet<u16>>() {
                let here = |done: &Done| done.market == market && done.doing.act != Act::Dismissed;
                let delta = change(&Profile::TRENDING, horizons[2], &before, &now, here);
                seen.entry(market).or_insert_with(|| Delta::none(horizons[2])).add(&delta);
            }
        }
        pass.telling = Some(lowest);
        keep(self, &pass)?;
        if counted == 0 {
            return Ok(Some((pass, None)));
        }
        let seen = seen.into_iter().map(|(market, mut delta)| Seen {
            market: shop.market_name(market),
            horizon: delta.horizon,
            visitors: delta.visitors,
            viewers: delta.viewers().iter().map(|(product, weight)| (product.0, *weight)).collect(),
        });
        let counted = Counted {
            object: shop.object,
            serial: pass.serial,
            visitors: counted,
            seen: seen.collect(),
            next: written(&mut next)?,
            together: written(&mut together)?,
            ids: names.ids,
            credits,
        };
        Ok(Some((pass, Some(counted))))
    }

    /// The pass under way, or the next one, if anything happened since the last.
    fn pass(&self) -> Result<Option<Pass>> {
        if let Some(text) = schema::meta(&self.db, "counting")? {
            return Ok(Some(serde_json::from_str(&text)?));
        }
        let known = |name| -> Result<i64> {
            Ok(schema::meta(&self.db, name)?.and_then(|text| text.parse().ok()).unwrap_or_default())
        };
        let (floor, serial) = (known("counted")?, known("count serial")?.max(1));
        let target = self.db.number("SELECT max(seq) FROM events", values![])?;
        Ok((target > floor).then_some(Pass { floor, target, upto: target, telling: None, serial }))
    }

    /// Who did something with a product in the next window and nothing since, each with their last such event, and down
    /// to where that goes.
    fn visitors_of(&self, pass: &Pass) -> Result<(Vec<Visitor>, i64)> {
        let lowest = pass.telling.unwrap_or_else(|| (pass.upto - WINDOW).max(pass.floor));
        let mut here = Vec::new();
        for (column, which) in [("visitor", BY_BROWSER), ("shopper", BY_CUSTOMER)] {
            let query = format!(
                "SELECT {column}, max(seq) FROM events WHERE seq > ? AND seq <= ? AND {which} GROUP BY {column}"
            );
            for row in self.db.rows(&query, values![lowest, pass.upto])? {
                let who = match row.maybe_bytes(0) {
                    Some(visitor) => Who::Browser(visitor.to_vec()),
                    None => Who::Customer(row.text(0)?.to_owned()),
                };
                here.push((who, row.int(1)?));
            }
        }
        here.sort_by_key(|(_, last)| core::cmp::Reverse(*last));
        let mut visitors = Vec::new();
        for (who, last) in here {
            if pass.telling.is_none() && visitors.len() >= MOST_VISITORS {
                return Ok((visitors, last));
            }
            let query = format!("SELECT 1 FROM events WHERE {} AND seq > ? AND seq <= ? LIMIT 1", who.which());
            if self.db.row(&query, values![who.id(), pass.upto, pass.target])?.is_none() {
                visitors.push((who, last));
            }
        }
        Ok((visitors, lowest))
    }

    /// What somebody did until the floor and until the target.
    fn history(&self, shop: &Shop, who: &Who, pass: &Pass, names: &mut Names) -> Result<Option<History>> {
        let most = i64::try_from(MOST_DOINGS).unwrap_or(i64::MAX).saturating_add(1);
        let query =
            format!("SELECT seq, at, kind, data FROM events WHERE {} AND seq <= ? ORDER BY seq LIMIT ?", who.which());
        let rows = self.db.rows(&query, values![who.id(), pass.target, most])?;
        let upto = rows.iter().take_while(|row| row.int(0).is_ok_and(|seq| seq <= pass.floor)).count();
        let (old, _) = rows.split_at_checked(upto).unwrap_or_default();
        let mut trail = Trail::default();
        if let Who::Browser(_) = who {
            let credited = |rows: &[Row]| if is_too_much(rows) { Ok(Vec::new()) } else { crediting::deeds(shop, rows) };
            trail = Trail { before: credited(old)?, now: credited(&rows)? };
        }
        let before = self.deeds_of(shop, who, old, names)?;
        let now = self.deeds_of(shop, who, &rows, names)?;
        let nothing = before.is_empty() && now.is_empty() && trail.is_empty();
        Ok((!nothing).then_some(History { before, now, trail }))
    }

    /// What some events say. Who does more than a person can counts nothing, and takes back what they counted before.
    fn deeds_of(&self, shop: &Shop, who: &Who, rows: &[Row], names: &mut Names) -> Result<Vec<Done>> {
        if rows.is_empty() || is_too_much(rows) {
            return Ok(Vec::new());
        }
        let mut orders = Vec::new();
        if let Who::Customer(shopper) = who {
            // Somebody who was erased meanwhile has bought nothing.
            let Some(person) = people::person(&self.db, &shop.keys, shopper)? else { return Ok(Vec::new()) };
            for row in rows {
                orders.push(opened(row.text(3)?, &person.key).unwrap_or_default());
            }
        }
        let told = rows.iter().enumerate().map(|(n, row)| {
            let data = orders.get(n).map_or_else(|| row.text(3), |data| Ok(data.as_str()))?;
            Ok((row.int(1)?, row.int(0)?, row.text(2)?, data))
        });
        Ok(deeds(shop, told.collect::<Result<_>>()?, names))
    }
}

impl Who {
    /// Which events are theirs that are about products; their id is the first parameter.
    fn which(&self) -> String {
        match self {
            Self::Browser(_) => format!("visitor = ? AND {BY_BROWSER}"),
            Self::Customer(_) => format!("shopper = ? AND {BY_CUSTOMER}"),
        }
    }

    fn id(&self) -> Value {
        match self {
            Self::Browser(id) => id.clone().into(),
            Self::Customer(id) => id.as_str().into(),
        }
    }
}

fn is_too_much(rows: &[Row]) -> bool {
    rows.len() > MOST_DOINGS
}

fn keep(shard: &Shard, pass: &Pass) -> Result<()> {
    schema::set_meta(&shard.db, "counting", &serde_json::to_string(pass)?)
}

fn day(at: Timestamp) -> u32 {
    u32::try_from(at.0.div_euclid(Span::days(1).0)).unwrap_or_default()
}

/// What has changed of a visitor, in some of what they did.
fn change(profile: &Profile, horizon: u32, before: &[Done], now: &[Done], which: impl Fn(&Done) -> bool) -> Delta {
    let visited = |done: &[Done]| {
        let some: Vec<(Timestamp, Doing)> =
            done.iter().filter(|done| which(done)).map(|done| (done.at, done.doing)).collect();
        visits(&some)
    };
    let (before, now) = (visited(before), visited(now));
    Delta::of(profile, horizon, &lent(&before), &lent(&now))
}

fn lent(visits: &[(u32, Vec<Doing>)]) -> Vec<Visit<'_>> {
    visits.iter().map(|(day, doings)| Visit { day: *day, doings }).collect()
}

fn written(delta: &mut Delta) -> Result<String> {
    if delta.is_empty() {
        return Ok(String::new());
    }
    let bytes = postcard::to_allocvec(delta).map_err(|error| Failed::new("writing counts", error))?;
    Ok(STANDARD.encode(bytes))
}
