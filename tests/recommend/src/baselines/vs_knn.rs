//! VS-kNN with idf: what was looked at later counts more; k 500, of the 2,500 latest, quadratic, idf 5.
//! Ludewig and Jannach, "Evaluation of Session-based Recommendation Algorithms", UMUAI 2018.

use super::neighbours::{Neighbours, most_similar, weights};
use crate::judge::Method;
use crate::sessions::Session;

const MOST: usize = 500;
const SAMPLE: usize = 2_500;
const IDF: f64 = 5.0;

pub struct VsKnn {
    neighbours: Neighbours,
    idf: Vec<f64>,
}

impl VsKnn {
    pub fn new(neighbours: Neighbours, sessions: &[&Session], products: u32) -> Self {
        let mut seen = vec![0.0_f64; products as usize];
        for item in sessions.iter().flat_map(|session| &session.items) {
            seen[*item as usize] += 1.0;
        }
        Self { neighbours, idf: seen.iter().map(|seen| (sessions.len() as f64 / seen.max(1.0)).ln()).collect() }
    }
}

impl Method for VsKnn {
    fn list(&mut self, items: &[u32], _: &[f64]) -> Vec<u32> {
        let length = items.len() as f64;
        let own = weights(items, |place| (place as f64 / length).powi(2));
        let similar = self.neighbours.latest(items, SAMPLE).into_iter().map(|number| {
            let theirs = &self.neighbours.sets[number as usize];
            let sum: f64 = own.iter().filter(|(item, _)| theirs.binary_search(item).is_ok()).map(|own| own.1).sum();
            (number, sum / own.len() as f64)
        });
        for (number, similarity) in most_similar(similar.collect(), MOST) {
            let theirs = self.neighbours.sets[number as usize].clone();
            let back = items.iter().rev().position(|item| theirs.binary_search(item).is_ok()).unwrap_or(0) + 1;
            let fading = 1.0 / (back as f64).powi(2);
            for item in theirs {
                self.neighbours.add(item, similarity * (1.0 + IDF * self.idf[item as usize]) * fading);
            }
        }
        self.neighbours.best()
    }
}
