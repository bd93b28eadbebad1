//! Learning a large shop in slices, as an object of the edge does that may take 128 MB and 30 s of CPU at a time.
//!
//! A million events are the given ones several times over, each time with other products of a catalogue of 20,000.

use std::time::{Duration, Instant};

use domain::recommend::count::{Counts, Pair, Profile};
use domain::recommend::links::{Links, Recipe};

use crate::ours::count;
use crate::report::Report;
use crate::sessions::Session;
use crate::split::Split;

const EVENTS: usize = 1_000_000;
const PRODUCTS: u32 = 20_000;
const SLICES: u32 = 8;

/// Prints how long it takes and how much is held at a time.
pub fn measure(report: Report, split: &Split<'_>, products: u32) -> Result<(), String> {
    let events: usize = split.learn.iter().map(|session| session.items.len()).sum();
    let copies = EVENTS.div_ceil(events.max(1)) as u32;
    let catalogue = PRODUCTS.max(products);
    let sessions: Vec<Session> = (0..copies).flat_map(|copy| moved(&split.learn, copy, copies, catalogue)).collect();
    let sessions: Vec<&Session> = sessions.iter().collect();
    let mut links = Links { rows: vec![Vec::new(); catalogue as usize] };
    let (mut longest, mut most, mut sum) = (Duration::ZERO, 0, Duration::ZERO);
    for slice in 0..SLICES {
        let began = Instant::now();
        let rows = catalogue * slice / SLICES..catalogue * (slice + 1) / SLICES;
        let mut counts = count(&sessions, Counts::of_rows(Profile::NEXT, catalogue, split.today, rows));
        most = most.max(counts.pairs().len());
        links.join(Links::direct(&mut counts, &Recipe::NEXT));
        longest = longest.max(began.elapsed());
        sum += began.elapsed();
    }
    let began = Instant::now();
    let walked = links.walked(&Recipe::NEXT);
    let walking = began.elapsed();
    if walked.rows.iter().all(Vec::is_empty) {
        return Err("nothing was learned".to_owned());
    }
    let events: usize = sessions.iter().map(|session| session.items.len()).sum();
    let title = format!("large shop, learning {events} events of {catalogue} products");
    report.figure("ours", &title, (sum + walking).as_secs_f64(), "s");
    report.figure("ours", "large shop, longest of eight slices", longest.as_secs_f64(), "s");
    report.figure("ours", "large shop, further steps of all rows", walking.as_secs_f64(), "s");
    report.figure("ours", "large shop, counts of the largest slice", (most * size_of::<Pair>()) as f64 / 1e6, "MB");
    Ok(())
}

fn moved(sessions: &[&Session], copy: u32, copies: u32, catalogue: u32) -> Vec<Session> {
    let other = |item: &u32| (item + copy * (catalogue / copies)) % catalogue;
    let moved =
        |session: &&Session| Session { items: session.items.iter().map(other).collect(), times: session.times.clone() };
    sessions.iter().map(moved).collect()
}
