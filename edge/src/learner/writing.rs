//! Files for browsers: how products are shown in each market and what goes with what, compressed.

use std::collections::BTreeMap;
use std::io::Write as _;

use domain::catalogue::Product as Sold;
use domain::id::Slug;
use domain::recommend::Product;
use domain::recommend::count::Profile;
use domain::recommend::pack::bucketed;
use domain::shelf::file::{self, Own};
use domain::shelf::judge::judge;
use domain::shelf::key::Key;
use domain::shelf::{Card, Files, index, name_of};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::counting::{NEXT, TOGETHER};
use super::learning::{Next, ROWS, Stage, UnderWay};
use super::{Learner, work};
use crate::problem::{Failed, Result};
use crate::sql::{Db, values};

/// Products of which all travels in one file, at most …
const MOST_WHOLE: u32 = 3_000;
/// … as long as it does not weigh more than this, compressed.
const MOST_WHOLE_BYTES: usize = 150_000;
/// Products of one file of a large shop.
const BUCKET: u32 = 200;
/// What a file of a large shop weighs, compressed, and a file of its index, which does not get lighter.
const MOST_BYTES: usize = 29_000;
/// Files that are written in one slice.
const FILES_AT_A_TIME: usize = 4;
/// Products of the front of a large shop, at most.
const MOST_IN_FRONT: usize = 200;

/// A product's card in one market, and the keys by which it is found, as they are kept between two stages.
type Kept = (Option<Card>, Vec<u64>);

/// What was written for a market so far.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Named {
    /// The only file of a small shop.
    whole: Option<u64>,
    /// All in one file it weighs too much.
    large: bool,
    front: u64,
    buckets: Vec<(u32, u64)>,
    index: Vec<u64>,
}

impl Learner {
    /// How products are shown, some at a time.
    pub(super) fn make_cards(&self, at: &UnderWay) -> Result<Option<Next>> {
        let ordered: Vec<i64> = work::list(&self.db, "ordered")?;
        let from = usize::try_from(at.part).unwrap_or(usize::MAX).saturating_mul(ROWS);
        let some = ordered.get(from..ordered.len().min(from.saturating_add(ROWS))).unwrap_or_default();
        let mut sold = BTreeMap::new();
        for known in self.known(&some.iter().copied().collect())? {
            sold.insert(known.number, known.product().unwrap_or_default());
        }
        let nothing = Sold::default();
        let sold: Vec<&Sold> = some.iter().map(|number| sold.get(number).unwrap_or(&nothing)).collect();
        let shop = self.shop()?;
        for market in shop.markets() {
            let judged = judge(&shop.shelves, market, &shop.home, &sold);
            let keys = sold.iter().map(|sold| sold.variants.iter().map(|id| Key::of_id(id).0).collect());
            let kept: Vec<Kept> = judged.cards.into_iter().zip(keys).collect();
            work::keep(&self.db, &cards_of(&market.name), at.part, &kept)?;
        }
        let done = from.saturating_add(ROWS) >= ordered.len();
        Ok(Some(if done { Next::Stage(Stage::Files) } else { Next::Part }))
    }

    /// The files of a market, some at a time; one market after the other.
    pub(super) fn write_files(&self, at: &UnderWay) -> Result<Option<Next>> {
        let (shop, db) = (self.shop()?, &self.db);
        for market in shop.markets() {
            let stage = format!("files {}", market.name);
            let mut named: Named = work::parts(db, &stage)?.pop().unwrap_or_default();
            let buckets = bucketed(at.products, BUCKET);
            if named.whole.is_some() || named.front != 0 {
                continue;
            }
            let own: Vec<Own> = work::list::<Kept>(db, &cards_of(&market.name))?
                .into_iter()
                .map(|(card, keys)| Own { card, keys: keys.into_iter().map(Key).collect() })
                .collect();
            let (next, together) = (self.rows(NEXT)?, self.rows(TOGETHER)?);
            let viewers = self.viewers_by_place(NEXT, &Profile::NEXT, &work::list::<i64>(db, "ordered")?, at.today)?;
            #[expect(clippy::cast_possible_truncation, reason = "how often it is looked at, about")]
            let viewers: Vec<f32> = viewers.into_iter().map(|seen| seen as f32).collect();
            let written = file::Shop {
                generation: at.generation,
                next: &next,
                together: &together,
                own: &own,
                viewers: &viewers,
            };
            if at.products <= MOST_WHOLE && !named.large {
                let whole = file::bucket(&written, 0..at.products, usize::MAX, &mut |_| 0);
                let (name, weight) = keep_file(db, at.generation, &whole.bytes, BEST)?;
                if weight <= MOST_WHOLE_BYTES || at.products < 2 * BUCKET {
                    named.whole = Some(name);
                } else {
                    named.large = true;
                    db.run(
                        "DELETE FROM used WHERE name = ? AND generation = ?",
                        values![name_of(name), i64::from(at.generation)],
                    )?;
                }
                work::keep(db, &stage, 0, &named)?;
                return Ok(Some(Next::Part));
            }
            for rows in buckets.iter().skip(named.buckets.len()).take(FILES_AT_A_TIME) {
                let bucket = file::bucket(&written, rows.clone(), MOST_BYTES, &mut |bytes| weight(bytes));
                named.buckets.push((rows.start, keep_file(db, at.generation, &bucket.bytes, BEST)?.0));
            }
            if named.buckets.len() == buckets.len() {
                self.write_the_rest(at, &written, &mut named)?;
            }
            work::keep(db, &stage, 0, &named)?;
            return Ok(Some(Next::Part));
        }
        Ok(Some(Next::Stage(Stage::Done)))
    }

    /// The index and the front of a large shop.
    fn write_the_rest(&self, at: &UnderWay, shop: &file::Shop<'_>, named: &mut Named) -> Result<()> {
        let mut keys = Vec::new();
        for (product, own) in (0_u32..).map(Product).zip(shop.own) {
            keys.extend(own.keys.iter().map(|key| (*key, product)));
            if let Some(card) = &own.card {
                keys.extend([(Key::of_id(&card.id), product), (Key::of_page(&card.url), product)]);
            }
        }
        for written in index::write(at.generation, at.products, &keys, MOST_BYTES) {
            named.index.push(keep_file(&self.db, at.generation, &written, QUICK)?.0);
        }
        let mut front: Vec<Product> = (0..at.products).map(Product).collect();
        let seen = |product: &Product| shop.viewers.get(product.place()).copied().unwrap_or_default();
        front.sort_by(|a, b| seen(b).total_cmp(&seen(a)));
        front.truncate(MOST_IN_FRONT);
        let front = file::front(shop, &front, MOST_BYTES, &mut |bytes| weight(bytes));
        named.front = keep_file(&self.db, at.generation, &front.bytes, BEST)?.0;
        Ok(())
    }

    /// The files of a market, as its head names them.
    pub(super) fn files_of(&self, market: &Slug) -> Result<Files> {
        let named: Named = work::parts(&self.db, &format!("files {market}"))?.pop().unwrap_or_default();
        Ok(match named.whole {
            Some(whole) => Files::Whole(whole),
            None if named.buckets.is_empty() => Files::None,
            None => Files::Buckets { front: named.front, buckets: named.buckets, index: named.index },
        })
    }

    /// The cards of a market, as its files have them.
    pub(super) fn cards_of(&self, market: &Slug) -> Result<Vec<Option<Card>>> {
        Ok(work::list::<Kept>(&self.db, &cards_of(market))?.into_iter().map(|kept| kept.0).collect())
    }
}

fn cards_of(market: &Slug) -> String {
    format!("cards {market}")
}

/// How hard it is compressed: for ever, or to see what it would weigh.
const BEST: i32 = 11;
const QUICK: i32 = 5;

/// Compresses a file and keeps it under its name: the first 64 bits of the SHA-256 of what is in it. Its name and its
/// weight.
fn keep_file(db: &Db, generation: u32, bytes: &[u8], quality: i32) -> Result<(u64, usize)> {
    let name = hash_of(bytes);
    let known = db.row("SELECT length(body) FROM files WHERE name = ?", values![name_of(name)])?;
    let weight = if let Some(row) = known {
        usize::try_from(row.int(0)?).unwrap_or_default()
    } else {
        let body = compressed(bytes, quality)?;
        let weight = body.len();
        db.run(
            "INSERT INTO files (name, bytes, body) VALUES (?, ?, ?)",
            values![name_of(name), i64::try_from(bytes.len()).unwrap_or(i64::MAX), body],
        )?;
        weight
    };
    db.run(
        "INSERT OR IGNORE INTO used (generation, name) VALUES (?, ?)",
        values![i64::from(generation), name_of(name)],
    )?;
    Ok((name, weight))
}

/// The first 64 bits of the SHA-256.
pub(super) fn hash_of(bytes: &[u8]) -> u64 {
    let hash = Sha256::digest(bytes);
    hash.first_chunk::<8>().map(|first| u64::from_be_bytes(*first)).unwrap_or_default()
}

fn compressed(bytes: &[u8], quality: i32) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    // A window of the file's own size: the compressor takes memory in proportion to it.
    let window = (usize::BITS - bytes.len().leading_zeros()).clamp(16, 22);
    let mut writer = brotli::CompressorWriter::new(&mut body, 65_536, quality.unsigned_abs(), window);
    writer.write_all(bytes).map_err(|error| Failed::new("compressing a file", error))?;
    drop(writer);
    Ok(body)
}

/// What a file weighs, about: a little more than it will.
fn weight(bytes: &[u8]) -> usize {
    compressed(bytes, QUICK).map_or(usize::MAX, |body| body.len())
}
