//! What visitors did with products, counted for the learner, newest behaviour first.
//!
//! A *pass* goes from the newest event down to where the last pass began, window by window. Whoever did something with a
//! product is counted in the window of their last such deed: what all they did until then counts, less what was counted
//! of them by the last pass. So everybody counts once in a pass, those who were here last come first, and what is learned
//! is the same as if everybody had been counted anew.
//!
//! A window is written down before it is told, under a number; told again after a kill, it is the same, and the learner
//! knows the number. Only the object that a browser belongs to counts what it did: copies at shoppers' homes do not.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::id::Slug;
use domain::recommend::Product;
use domain::recommend::count::{Act, Delta, Doing, MOST_DOINGS, Profile, Visit, horizon, visits};
use domain::shelf::market::market_of;
use domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::jobs::{self, Job, Task};
use super::{Shard, Shop, crediting, schema};
use crate::call;
use crate::learner::{Counted, Credits, LearnerCall, Seen, Trail};
use crate::problem::{Failed, Result};
use crate::sql::{Row, values};

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
/// The kinds of events that are about products and shelves.
const KINDS: &str = "('product.viewed', 'cart.changed', 'order.placed', 'shelf.dismissed', 'shelf.shown', 'shelf.held',
    'shelf.clicked')";

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

/// A browser's id, and the last event of the window that is theirs.
type Visitor = (Vec<u8>, i64);

/// What one visitor did, in its order.
struct History {
    /// What was done until the floor …
    before: Vec<Done>,
    /// … and until the target.
    now: Vec<Done>,
    /// The same, as far as shelves are credited with it.
    trail: Trail,
}

/// A deed.
#[derive(Clone, Debug)]
struct Done {
    at: Timestamp,
    doing: Doing,
    market: u16,
}

/// Names of products, numbered for one telling.
#[derive(Default)]
struct Names {
    numbers: BTreeMap<String, Product>,
    ids: Vec<String>,
}

impl Names {
    fn number(&mut self, id: &str) -> Product {
        if let Some(number) = self.numbers.get(id) {
            return *number;
        }
        let number = Product(u32::try_from(self.ids.len()).unwrap_or(u32::MAX));
        self.ids.push(id.to_owned());
        self.numbers.insert(id.to_owned(), number);
        number
    }
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
        if upto <= pass.floor {
            schema::set_meta(&self.db, "counted", &pass.target.to_string())?;
            schema::set_meta(&self.db, "count serial", &serial.to_string())?;
            self.db.run("DELETE FROM meta WHERE name = 'counting'", values![])?;
        } else {
            keep(self, &Pass { upto, telling: None, serial, ..pass })?;
        }
        self.db.run("UPDATE jobs SET due = ?, attempts = 0 WHERE key = ?", values![self.now().0, COUNT])
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
        for (visitor, last) in &visitors {
            // A window that was told already stays as it was.
            if pass.telling.is_none() && read >= MOST_EVENTS {
                lowest = *last;
                break;
            }
            let Some(History { before, now, trail }) = self.history(shop, visitor, &pass, &mut names)? else {
                continue;
            };
            credits.add(trail);
            counted += 1;
            read = read.saturating_add(before.len()).saturating_add(now.len());
            next.add(&change(&Profile::NEXT, horizons[0], &before, &now, |_| true));
            let bought = |done: &Done| matches!(done.doing.act, Act::Carted | Act::Ordered);
            together.add(&change(&Profile::TOGETHER, horizons[1], &before, &now, bought));
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
        let query = format!(
            "SELECT visitor, max(seq) FROM events WHERE seq > ? AND seq <= ? AND kind IN {KINDS} AND visitor IS NOT NULL
                AND copied IS NULL GROUP BY visitor ORDER BY 2 DESC"
        );
        let rows = self.db.rows(&query, values![lowest, pass.upto])?;
        let later = format!(
            "SELECT 1 FROM events WHERE visitor = ? AND seq > ? AND seq <= ? AND kind IN {KINDS} AND copied IS NULL LIMIT 1"
        );
        let mut visitors = Vec::new();
        let mut reached = lowest;
        for row in &rows {
            let (visitor, last) = (row.bytes(0)?.to_vec(), row.int(1)?);
            if pass.telling.is_none() && visitors.len() >= MOST_VISITORS {
                reached = last;
                break;
            }
            if self.db.row(&later, values![visitor.clone(), pass.upto, pass.target])?.is_none() {
                visitors.push((visitor, last));
            }
        }
        Ok((visitors, reached))
    }

    /// What a visitor did until the floor and until the target.
    fn history(&self, shop: &Shop, visitor: &[u8], pass: &Pass, names: &mut Names) -> Result<Option<History>> {
        let most = i64::try_from(MOST_DOINGS).unwrap_or(i64::MAX).saturating_add(1);
        let query = format!(
            "SELECT seq, at, kind, data FROM events WHERE visitor = ? AND seq <= ? AND kind IN {KINDS}
                AND copied IS NULL ORDER BY seq LIMIT ?"
        );
        let rows = self.db.rows(&query, values![visitor.to_vec(), pass.target, most])?;
        let too_many = rows.len() > MOST_DOINGS;
        let upto = rows.iter().take_while(|row| row.int(0).is_ok_and(|seq| seq <= pass.floor)).count();
        let (old, _) = rows.split_at_checked(upto).unwrap_or_default();
        // Who does more than a person can counts nothing, and takes back what they counted before.
        let of = |rows: &[Row], names: &mut Names| -> Result<Vec<Done>> {
            if rows.len() > MOST_DOINGS { Ok(Vec::new()) } else { deeds(shop, rows, names) }
        };
        let credited =
            |rows: &[Row]| if rows.len() > MOST_DOINGS { Ok(Vec::new()) } else { crediting::deeds(shop, rows) };
        let trail = Trail { before: credited(old)?, now: if too_many { Vec::new() } else { credited(&rows)? } };
        let before = of(old, names)?;
        let now = if too_many { Vec::new() } else { of(&rows, names)? };
        let nothing = before.is_empty() && now.is_empty() && trail.is_empty();
        Ok((!nothing).then_some(History { before, now, trail }))
    }
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

/// What events say that somebody did with products, in the order in which it happened.
fn deeds(shop: &Shop, rows: &[Row], names: &mut Names) -> Result<Vec<Done>> {
    let mut events: Vec<(i64, i64, &Row)> =
        rows.iter().map(|row| Ok((row.int(1)?, row.int(0)?, row))).collect::<Result<_>>()?;
    events.sort_by_key(|event| (event.0, event.1));
    let mut cart: BTreeSet<String> = BTreeSet::new();
    let (mut market, mut done) = (0, Vec::new());
    for (at, _, row) in events {
        let Ok(data) = serde_json::from_str::<Json>(row.text(3)?) else { continue };
        let mut did = |act, id: &str, market| {
            if !id.is_empty() {
                done.push(Done { at: Timestamp(at), doing: Doing { product: names.number(id), act }, market });
            }
        };
        let items = |of: &str| -> Vec<String> {
            let items = data.get(of).and_then(|of| of.get("items")).and_then(Json::as_array);
            let id = |item: &Json| Some(item.get("product")?.as_str()?.to_owned());
            items.into_iter().flatten().filter_map(id).collect()
        };
        let product = || data.get("product").and_then(|product| product.get("id")).and_then(Json::as_str);
        match row.text(2)? {
            "product.viewed" => {
                if let Some(url) = data.get("url").and_then(Json::as_str) {
                    market = shop.market_at(url);
                }
                did(Act::Viewed, product().unwrap_or_default(), market);
            }
            "shelf.dismissed" => did(Act::Dismissed, product().unwrap_or_default(), market),
            "cart.changed" => {
                let now: BTreeSet<String> = items("cart").into_iter().collect();
                for new in now.difference(&cart) {
                    did(Act::Carted, new, market);
                }
                cart = now;
            }
            "order.placed" => items("order").iter().for_each(|id| did(Act::Ordered, id, market)),
            // What is seen and clicked on shelves would make them see themselves.
            _ => {}
        }
    }
    Ok(done)
}

impl Shop {
    /// Whether anything is learned for it: whether it has shelves.
    pub(super) fn learns(&self) -> bool {
        self.config.as_ref().is_some_and(|config| !config.shelves.are_none())
    }

    /// The market of a page, by its place among all.
    fn market_at(&self, url: &str) -> u16 {
        let Some(markets) = self.config.as_ref().map(|config| &config.shelves.markets) else { return 0 };
        let path = crate::routes::path_of(url);
        let here = market_of(markets, None, path, "");
        let place = here.and_then(|here| markets.iter().position(|market| market.name == here.name));
        place.and_then(|place| u16::try_from(place).ok()).unwrap_or_default()
    }

    fn market_name(&self, place: u16) -> Option<Slug> {
        let markets = self.config.as_ref().map(|config| &config.shelves.markets)?;
        markets.get(usize::from(place)).map(|market| market.name.clone())
    }
}
