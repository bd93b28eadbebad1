//! What packs weigh when they travel: compressed with brotli, as they are served.

use std::collections::BTreeSet;
use std::io::Write;

use domain::recommend::pack::{bucketed, write};

use crate::ours::{Ours, Settings};
use crate::sessions::Session;
use crate::split::Split;

/// Products of a small shop.
const SMALL: usize = 2_000;
/// Products in a bucket of a large one.
const BUCKET: u32 = 400;

/// Bytes.
pub struct Sizes {
    /// Products of the whole shop.
    pub products: u32,
    /// All of it in one pack.
    pub whole: usize,
    /// The shop's 2,000 products that most look at, learned as a shop of their own.
    pub small: usize,
    /// The heaviest bucket of 400 products.
    pub heaviest_bucket: usize,
}

/// Of what is learned from the sessions of a split.
pub fn sizes(split: &Split<'_>, products: u32, settings: &Settings) -> Result<Sizes, String> {
    let ours = Ours::learn(&split.learn, products, split.today, settings)?;
    // What nobody has looked at yet has no row worth counting.
    let known = split.learn.iter().flat_map(|session| &session.items).collect::<BTreeSet<_>>().len();
    let bucket = |rows| compressed(&write(&ours.links, rows, &ours.trending, settings.form));
    let small = small_shop(&split.learn, products);
    let small = Ours::learn(&small.iter().collect::<Vec<_>>(), SMALL as u32, split.today, settings)?;
    Ok(Sizes {
        products: known as u32,
        whole: compressed(&ours.written),
        small: compressed(&small.written),
        heaviest_bucket: bucketed(known as u32, BUCKET).into_iter().map(bucket).max().unwrap_or_default(),
    })
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

fn compressed(bytes: &[u8]) -> usize {
    let mut compressed = Vec::new();
    {
        let mut writer = brotli::CompressorWriter::new(&mut compressed, 4_096, 11, 22);
        // Writing into memory does not fail.
        writer.write_all(bytes).unwrap_or_default();
    }
    compressed.len()
}
