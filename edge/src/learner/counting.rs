//! What visitors did, as sums that add up.
//!
//! What objects tell is kept as it came, a row each, and added to the sums of products many at a time: a value is
//! written once for all that has changed of it. A product that is not in the catalogue yet gets its number all the
//! same, so that nothing is lost of what was done before anybody said what it is.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::id::{Slug, hex};
use domain::recommend::Product;
use domain::recommend::count::{Delta, Profile};
use domain::recommend::ledger::{MOST_KEPT, Row, Sum, trending};
use domain::recommend::pack::MOST_TRENDING;
use domain::time::Span;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::asks::{Counted, Seen};
use super::due::{self, Due};
use super::{Learner, schema};
use crate::problem::{Failed, Result};
use crate::sql::{Db, values};

/// Products of which nothing is known but that something was done with them, at most.
const MOST_STRANGERS: i64 = 50_000;
/// So many tellings may wait; what is more is added without waiting for the next learning.
const MOST_TOLD: i64 = 32;
/// Tellings that are added in one slice, at most …
const AT_A_TIME: i64 = 16;
/// … and bytes of them.
const BYTES_AT_A_TIME: i64 = 4_000_000;
/// Products of one part of the sums of viewers.
const PART: usize = 20_000;
/// The part of a sum that is of all visitors.
const ALL: i64 = -1;

/// Where it is kept how many visitors were counted that were not learned from.
pub const FRESH: &str = "fresh";
/// One in so many is enough to learn anew before long.
const ENOUGH: i64 = 50;

/// What follows what.
pub const NEXT: &str = "next";
/// What is bought with what.
pub const TOGETHER: &str = "together";

/// A telling as it is kept: under numbers of the catalogue.
#[derive(Serialize, Deserialize)]
struct Told {
    next: Option<Delta>,
    together: Option<Delta>,
    seen: Vec<(String, Seen)>,
}

impl Learner {
    /// Takes in what an object has counted. Told again, it changes nothing. One section.
    pub(super) fn hear_counts(&self, counted: &Counted) -> Result<()> {
        self.shop()?;
        let (db, now, object) = (&self.db, self.now(), i64::from(counted.object));
        let known = db.number("SELECT serial FROM counted WHERE object = ?", values![object])?;
        if counted.serial <= known {
            return Ok(());
        }
        let numbers = self.numbers_of(&counted.ids)?;
        let number = |product: Product| numbers.get(product.place()).copied().flatten();
        let read = |text: &str| -> Result<Option<Delta>> {
            if text.is_empty() {
                return Ok(None);
            }
            let bytes = STANDARD.decode(text).map_err(|error| Failed::new("reading counts", error))?;
            let delta: Delta = postcard::from_bytes(&bytes).map_err(|error| Failed::new("reading counts", error))?;
            Ok(Some(delta.renumbered(number)))
        };
        let home = self.market(None)?;
        let seen = counted.seen.iter().map(|seen| {
            let market = seen.market.as_ref().unwrap_or(&home);
            let viewers =
                seen.viewers.iter().filter_map(|(product, weight)| Some((number(Product(*product))?.0, *weight)));
            (market.to_string(), Seen { viewers: viewers.collect(), market: None, ..*seen })
        });
        let told = Told { next: read(&counted.next)?, together: read(&counted.together)?, seen: seen.collect() };
        let body = postcard::to_allocvec(&told).map_err(|error| Failed::new("keeping counts", error))?;
        db.run(
            "INSERT INTO told (bytes, body) VALUES (?, ?)",
            values![i64::try_from(body.len()).unwrap_or(i64::MAX), body],
        )?;
        db.run(
            "INSERT INTO counted (object, serial, at, visitors) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (object) DO UPDATE SET serial = ?2, at = ?3, visitors = visitors + ?4",
            values![object, counted.serial, now.0, i64::from(counted.visitors)],
        )?;
        self.hear_credits(&counted.credits)?;
        if db.number("SELECT count(*) FROM told", values![])? >= MOST_TOLD {
            due::by(db, Due::Count, now)?;
        }
        let fresh = schema::number(db, FRESH)? + i64::from(counted.visitors);
        schema::set_meta(db, FRESH, &fresh.to_string())?;
        let all = db.number("SELECT sum(visitors) FROM counted", values![])?;
        if fresh.saturating_mul(ENOUGH) >= all { self.learn_soon() } else { self.learn_later() }
    }

    /// The numbers of products, of new ones too; nothing for those for which there is no room.
    fn numbers_of(&self, ids: &[String]) -> Result<Vec<Option<Product>>> {
        let strangers = self.db.number("SELECT count(*) FROM products WHERE gone = 1", values![])?;
        let mut room = (MOST_STRANGERS - strangers).max(0);
        let known = self.db.rows(
            "SELECT coalesce(variants.number, products.number) FROM json_each(?) AS named
               LEFT JOIN variants ON variants.id = named.value LEFT JOIN products ON products.id = named.value
              ORDER BY named.key",
            values![serde_json::to_string(ids)?],
        )?;
        ids.iter()
            .zip(known)
            .map(|(id, row)| {
                let number = match row.maybe_int(0) {
                    Some(number) => Some(number),
                    None if room > 0 && id.len() <= MOST_ID => {
                        room -= 1;
                        Some(self.add_product(id)?)
                    }
                    None => None,
                };
                Ok(number.and_then(|number| u32::try_from(number).ok()).map(Product))
            })
            .collect()
    }

    /// Adds some of what was told to the sums; whether there is more.
    pub(super) fn merge(&self) -> Result<bool> {
        let db = &self.db;
        let rows = db.rows("SELECT pos, bytes, body FROM told ORDER BY pos LIMIT ?", values![AT_A_TIME])?;
        let (mut last, mut bytes) = (None, 0);
        let (mut next, mut together) = (None, None);
        let mut seen: BTreeMap<String, Vec<Seen>> = BTreeMap::new();
        for row in &rows {
            if last.is_some() && bytes >= BYTES_AT_A_TIME {
                break;
            }
            (last, bytes) = (Some(row.int(0)?), bytes + row.int(1)?);
            // What newer code has kept in another form is left out rather than in the way.
            let Ok(told) = postcard::from_bytes::<Told>(row.bytes(2)?) else { continue };
            for (all, one) in [(&mut next, told.next), (&mut together, told.together)] {
                add(all, one);
            }
            for (market, one) in told.seen {
                seen.entry(market).or_default().push(one);
            }
        }
        let Some(last) = last else { return Ok(false) };
        for (what, profile, delta) in [(NEXT, &Profile::NEXT, next), (TOGETHER, &Profile::TOGETHER, together)] {
            for mut delta in delta.into_iter().flatten() {
                add_pairs(db, what, profile, &mut delta)?;
                let (horizon, visitors) = (delta.horizon, delta.visitors);
                let viewers: Vec<(u32, i64)> =
                    delta.viewers().iter().map(|(product, weight)| (product.0, *weight)).collect();
                add_viewers(db, what, profile, horizon, visitors, &viewers)?;
            }
        }
        for (market, all) in seen {
            for one in all {
                let what = format!("seen {market}");
                add_viewers(db, &what, &Profile::TRENDING, one.horizon, one.visitors, &one.viewers)?;
            }
        }
        db.run("DELETE FROM told WHERE pos <= ?", values![last])?;
        Ok(db.number("SELECT count(*) FROM told", values![])? > 0)
    }

    /// Adds what waits, some at a time, without waiting for the next learning.
    pub(super) fn merge_some(&self) -> Result<()> {
        let more = self.whole(|| self.merge())?;
        if more { due::set(&self.db, Due::Count, self.now() + PAUSE, 0) } else { due::clear(&self.db, Due::Count) }
    }

    /// How much was counted, for the admin API.
    pub(super) fn counted_so_far(&self) -> Result<Json> {
        let rows = self.db.rows("SELECT object, serial, at, visitors FROM counted ORDER BY object", values![])?;
        let objects: Vec<Json> = rows
            .iter()
            .map(|row| {
                let (object, serial, at, visitors) = (row.int(0)?, row.int(1)?, row.int(2)?, row.int(3)?);
                Ok(json!({ "object": object, "serial": serial, "at": at, "visitors": visitors }))
            })
            .collect::<Result<_>>()?;
        let count = |query: &str| self.db.number(query, values![]);
        Ok(json!({
            "objects": objects,
            "waiting": count("SELECT count(*) FROM told")?,
            "rows": count("SELECT count(*) FROM counts")?,
            "bytes": count("SELECT sum(length(body)) FROM counts")?,
        }))
    }

    /// What many look at these days in a market, under the numbers of an order.
    pub(super) fn trending_in(&self, market: &Slug, ordered: &[i64], today: u32) -> Result<Vec<(Product, f32)>> {
        let (viewers, all) = self.viewers(&format!("seen {market}"), &Profile::TRENDING, today)?;
        let places = self.places(ordered)?;
        let mut by_place = vec![0.0; ordered.len()];
        for (number, seen) in viewers {
            if let Some(sum) = places.get(&number).and_then(|place| by_place.get_mut(place.place())) {
                *sum += seen;
            }
        }
        #[expect(clippy::cast_possible_truncation, reason = "a share needs no more than seven digits")]
        let share = |(product, share): (Product, f64)| (product, share as f32);
        Ok(trending(by_place.into_iter(), all, MOST_TRENDING).into_iter().map(share).collect())
    }

    /// How many looked at each product by its number in the catalogue, and how many there were.
    pub(super) fn viewers(&self, what: &str, profile: &Profile, today: u32) -> Result<(Vec<(i64, f64)>, f64)> {
        let (mut viewers, mut all) = (Vec::new(), 0.0);
        for row in self.db.rows("SELECT part, body FROM sums WHERE what = ? ORDER BY part", values![what])? {
            let (part, sums) = (row.int(0)?, read_sums(row.bytes(1)?));
            if part == ALL {
                all = sums.first().map_or(0.0, |sum| sum.as_of(profile, today));
                continue;
            }
            let first = part.saturating_mul(i64::try_from(PART).unwrap_or(i64::MAX));
            let numbered = (first..).zip(sums).filter(|(_, sum)| sum.weight != 0);
            viewers.extend(numbered.map(|(number, sum)| (number, sum.as_of(profile, today))));
        }
        Ok((viewers, all))
    }

    /// Where each product stands in an order, also under numbers that it had before.
    pub(super) fn places(&self, ordered: &[i64]) -> Result<BTreeMap<i64, Product>> {
        let mut places: BTreeMap<i64, Product> = ordered.iter().copied().zip((0_u32..).map(Product)).collect();
        for row in self.db.rows("SELECT number, of FROM products WHERE of IS NOT NULL", values![])? {
            if let Some(place) = places.get(&row.int(1)?).copied() {
                places.insert(row.int(0)?, place);
            }
        }
        Ok(places)
    }

    /// What was counted of products by their numbers in the catalogue.
    pub(super) fn counts_of(&self, what: &str, numbers: &BTreeSet<i64>) -> Result<BTreeMap<i64, Row>> {
        read_rows(&self.db, what, &serde_json::to_string(numbers)?)
    }
}

/// A little time for whoever waits.
const PAUSE: Span = Span::milliseconds(50);
/// The longest id of a product, in bytes.
const MOST_ID: usize = 200;

/// Those of one horizon are added up; there are two at most, a few days in a year.
fn add(all: &mut Option<Vec<Delta>>, one: Option<Delta>) {
    let (all, Some(one)) = (all.get_or_insert_default(), one) else { return };
    match all.iter_mut().find(|known| known.horizon == one.horizon) {
        Some(known) => known.add(&one),
        None => all.push(one),
    }
}

fn read_rows(db: &Db, what: &str, numbers: &str) -> Result<BTreeMap<i64, Row>> {
    let query = "SELECT number, body FROM counts WHERE what = ? AND number IN (SELECT value FROM json_each(?))";
    let read = |row: &crate::sql::Row| {
        let read = Row::read(row.bytes(1)?).map_err(|error| Failed::new("reading what was counted", error))?;
        Ok((row.int(0)?, read))
    };
    db.rows(query, values![what, numbers])?.iter().map(read).collect()
}

/// Rows of one crossing, at most.
const ROWS_AT_A_TIME: usize = 1_000;

fn add_pairs(db: &Db, what: &str, profile: &Profile, delta: &mut Delta) -> Result<()> {
    let horizon = delta.horizon;
    let changed: Vec<_> = delta.pairs().chunk_by(|a, b| a.from == b.from).collect();
    for some in changed.chunks(ROWS_AT_A_TIME) {
        let numbers: Vec<u32> = some.iter().filter_map(|changes| Some(changes.first()?.from.0)).collect();
        let mut rows = read_rows(db, what, &serde_json::to_string(&numbers)?)?;
        let mut written: Vec<(u32, String)> = Vec::new();
        for (number, changes) in numbers.iter().zip(some) {
            let row = rows.entry(i64::from(*number)).or_default();
            row.add(profile, horizon, changes);
            if row.entries().len() > MOST_KEPT.saturating_add(MOST_KEPT / 4) {
                row.prune(MOST_KEPT);
            }
            written.push((*number, hex(&row.write())));
        }
        let mut left = written.as_slice();
        while !left.is_empty() {
            // The platform takes values of up to 2 MB.
            let mut bytes = 0_usize;
            let fits = |row: &&(u32, String)| {
                bytes = bytes.saturating_add(row.1.len());
                bytes <= 1_000_000
            };
            let count = left.iter().take_while(fits).count().max(1);
            let (now, later) = left.split_at_checked(count).unwrap_or((left, &[]));
            db.run(
                "INSERT OR REPLACE INTO counts (what, number, body)
                 SELECT ?1, value ->> 0, unhex(value ->> 1) FROM json_each(?2)",
                values![what, serde_json::to_string(now)?],
            )?;
            left = later;
        }
    }
    Ok(())
}

fn add_viewers(
    db: &Db,
    what: &str,
    profile: &Profile,
    horizon: u32,
    visitors: i64,
    viewers: &[(u32, i64)],
) -> Result<()> {
    let mut parts: BTreeMap<i64, Vec<(usize, i64)>> = BTreeMap::new();
    parts.insert(ALL, vec![(0, visitors)]);
    for (number, weight) in viewers {
        let place = Product(*number).place();
        let part = i64::try_from(place / PART).unwrap_or(i64::MAX);
        parts.entry(part).or_default().push((place % PART, *weight));
    }
    for (part, changes) in parts {
        let row = db.row("SELECT body FROM sums WHERE what = ? AND part = ?", values![what, part])?;
        let mut sums = row.map_or_else(|| Ok(Vec::new()), |row| row.bytes(0).map(read_sums))?;
        for (place, weight) in changes {
            if sums.len() <= place {
                sums.resize(place.saturating_add(1), Sum::default());
            }
            if let Some(sum) = sums.get_mut(place) {
                sum.add(profile, horizon, weight);
            }
        }
        db.run(
            "INSERT OR REPLACE INTO sums (what, part, body) VALUES (?, ?, ?)",
            values![what, part, write_sums(&sums)],
        )?;
    }
    Ok(())
}

/// Twelve bytes each: the horizon and the weight.
fn write_sums(sums: &[Sum]) -> Vec<u8> {
    let bytes = |sum: &Sum| sum.horizon.to_le_bytes().into_iter().chain(sum.weight.to_le_bytes());
    sums.iter().flat_map(bytes).collect()
}

fn read_sums(bytes: &[u8]) -> Vec<Sum> {
    let sum = |bytes: &[u8]| {
        let (horizon, weight) = bytes.split_first_chunk()?;
        let (weight, _) = weight.split_first_chunk()?;
        Some(Sum { horizon: u32::from_le_bytes(*horizon), weight: i64::from_le_bytes(*weight) })
    };
    bytes.chunks_exact(12).filter_map(sum).collect()
}
