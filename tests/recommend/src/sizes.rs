//! What packs weigh when they travel: compressed with brotli, as they are served.

use std::collections::BTreeSet;
use std::io::Write;
use std::time::Instant;

use domain::recommend::Product;
use domain::recommend::pack::write;
use domain::shelf::file::Bucket;
use domain::shelf::index;
use domain::shelf::key::Key;

use crate::made;
use crate::ours::{Learned, Ours, Settings};
use crate::sessions::Session;
use crate::split::Split;

/// Products of a small shop.
const SMALL: usize = 2_000;
/// Bytes of a file of the index, at most.
const MOST_INDEX: usize = 29_000;
/// How hard is compressed to see what fits, and for good.
pub const QUICK: u32 = 5;
const BEST: u32 = 11;

/// Bytes of rows alone, and of files with everything in them.
pub struct Sizes {
    /// Products of the whole shop.
    pub products: u32,
    /// Rows of all of it in one pack.
    pub whole: usize,
    /// Rows of the shop's 2,000 products that most look at, learned as a shop of their own.
    pub small: usize,
    /// The file of that shop.
    pub small_file: usize,
    /// The same before it is compressed.
    pub small_raw: usize,
    /// How long that takes to be read.
    pub small_reading: f64,
    /// Files of the whole shop.
    pub buckets: Vec<usize>,
    /// Foreign cards in these, and how many their rows lead to.
    pub foreign: (usize, usize),
    /// Files of its index.
    pub index: Vec<usize>,
}

/// Of what is learned from the sessions of a split.
pub fn sizes(split: &Split<'_>, products: u32, settings: &Settings) -> Result<Sizes, String> {
    let ours = Ours::learn(
        &split.learn,
        products,
        split.today,
        &Settings { files: Settings::BUCKETED.files, ..settings.clone() },
    )?;
    let small = small_shop(&split.learn, products);
    let small: Vec<&Session> = small.iter().collect();
    let small = Learned::of(&small, SMALL as u32, split.today, settings, true).written(&Settings::SHIPPED)?;
    let small_file = small.files.first().ok_or("nothing was written")?;
    let mut keys = Vec::new();
    for (product, own) in (0..).map(Product).zip(made::catalogue(products, u64::from(products))) {
        keys.extend(own.keys.into_iter().map(|key| (key, product)));
        if let Some(card) = own.card {
            keys.extend([(Key::of_id(&card.id), product), (Key::of_page(&card.url), product)]);
        }
    }
    Ok(Sizes {
        products,
        whole: compressed(&ours.written, BEST),
        small: compressed(&write(&small.links, 0..SMALL as u32, &small.trending, settings.form), BEST),
        small_file: compressed(small_file, BEST),
        small_raw: small_file.len(),
        small_reading: reading(small_file),
        buckets: ours.files.iter().map(|file| compressed(file, BEST)).collect(),
        foreign: ours.foreign,
        index: index::write(1, products, &keys, MOST_INDEX).iter().map(Vec::len).collect(),
    })
}

/// Milliseconds that it takes to read a file, the median of many times.
fn reading(file: &[u8]) -> f64 {
    let mut times: Vec<f64> = (0..101)
        .map(|_| {
            let file = file.to_vec();
            let began = Instant::now();
            std::hint::black_box(Bucket::read(std::hint::black_box(file)).is_ok());
            began.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times.get(50).copied().unwrap_or_default()
}

/// Rows of the products that anybody has looked at, a product.
pub fn each(split: &Split<'_>, products: u32, settings: &Settings) -> Result<f64, String> {
    let ours = Ours::learn(&split.learn, products, split.today, settings)?;
    let known = split.learn.iter().flat_map(|session| &session.items).collect::<BTreeSet<_>>().len();
    Ok(compressed(&ours.written, BEST) as f64 / known.max(1) as f64)
}

/// The same sessions in a shop that only has the products that most look at.
fn small_shop(sessions: &[&Session], products: u32) -> Vec<Session> {
    let mut seen = vec![0_u32; products as usize];
    for item in sessions.iter().flat_map(|session| &session.items) {
        seen[*item as usize] += 1;
    }
    let mut most: Vec<u32> = (0..products).collect();
    most.sort_by_key(|item| std::cmp::Reverse(seen[*item as usize]));
    let mut numbers = vec![None; products as usize];
    for (number, item) in (0..).zip(most.iter().take(SMALL)) {
        numbers[*item as usize] = Some(number);
    }
    let only = |session: &&Session| {
        let events = session.items.iter().zip(&session.times);
        let (items, times) = events.filter_map(|(item, time)| Some((numbers[*item as usize]?, *time))).unzip();
        Session { items, times }
    };
    sessions.iter().map(only).filter(|session| !session.items.is_empty()).collect()
}

/// Bytes under brotli.
pub fn compressed(bytes: &[u8], quality: u32) -> usize {
    let mut compressed = Vec::new();
    {
        let mut writer = brotli::CompressorWriter::new(&mut compressed, 65_536, quality, 22);
        // Writing into memory does not fail.
        writer.write_all(bytes).unwrap_or_default();
    }
    compressed.len()
}
