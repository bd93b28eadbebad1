//! Session-kNN: Jaccard's index of the sets of products; k 500, of the 10,000 latest.
//! Jannach and Ludewig, "When Recurrent Neural Networks meet the Neighborhood" (2017).

use super::neighbours::{Neighbours, most_similar, set, shared};
use crate::judge::Method;

const MOST: usize = 500;
const SAMPLE: usize = 10_000;

pub struct SessionKnn(Neighbours);

impl SessionKnn {
    pub fn new(neighbours: Neighbours) -> Self {
        Self(neighbours)
    }
}

impl Method for SessionKnn {
    fn list(&mut self, items: &[u32], _: &[f64]) -> Vec<u32> {
        let own = set(items);
        let similar = self.0.latest(items, SAMPLE).into_iter().map(|number| {
            let theirs = &self.0.sets[number as usize];
            let shared = shared(&own, theirs);
            (number, shared as f64 / (own.len() + theirs.len() - shared) as f64)
        });
        for (number, similarity) in most_similar(similar.collect(), MOST) {
            for item in self.0.sets[number as usize].clone() {
                self.0.add(item, similarity);
            }
        }
        self.0.best()
    }
}
