//! STAN: sequence and time aware neighbourhoods; k 1,000, of the 10,000 latest, spw 0.5, snh 20 days, inh 0.5.
//! Garg, Gupta, Malhotra, Vig and Shroff, "Sequence and Time Aware Neighborhood for Session-based
//! Recommendations", SIGIR 2019.

use super::neighbours::{Neighbours, most_similar, weights};
use crate::judge::Method;
use crate::split::DAY;

const MOST: usize = 1_000;
const SAMPLE: usize = 10_000;
/// How fast what was looked at earlier in the session counts less.
const WITHIN: f64 = 0.5;
/// Seconds after which a session counts 1/e.
const AGE: f64 = 20.0 * DAY;
/// How fast products of a neighbour count less that stand further from what is shared.
const APART: f64 = 0.5;

pub struct Stan(Neighbours);

impl Stan {
    pub fn new(neighbours: Neighbours) -> Self {
        Self(neighbours)
    }
}

impl Method for Stan {
    fn list(&mut self, items: &[u32], times: &[f64]) -> Vec<u32> {
        let now = times.last().copied().unwrap_or_default();
        let length = items.len() as f64;
        let own = weights(items, |place| ((place as f64 - length) / WITHIN).exp());
        let norm = own.iter().map(|own| own.1 * own.1).sum::<f64>().sqrt();
        let similar = self.0.latest(items, SAMPLE).into_iter().map(|number| {
            let theirs = &self.0.sets[number as usize];
            let sum: f64 = own.iter().filter(|(item, _)| theirs.binary_search(item).is_ok()).map(|own| own.1).sum();
            let age = now - self.0.sessions[number as usize].end();
            (number, sum / (norm * (theirs.len() as f64).sqrt()) * (-age / AGE).exp())
        });
        for (number, similarity) in most_similar(similar.collect(), MOST) {
            let theirs = self.0.sessions[number as usize].items.clone();
            let is_own = |item: &u32| own.binary_search_by_key(item, |own| own.0).is_ok();
            let Some(common) = theirs.iter().rposition(is_own) else { continue };
            for (item, place) in weights(&theirs, |place| place as f64) {
                let apart = (place - (common + 1) as f64).abs();
                self.0.add(item, similarity * (-apart / APART).exp());
            }
        }
        self.0.best()
    }
}
