//! Sessions by product, and sums over products.

use crate::judge::LIST;
use crate::sessions::Session;

/// What all of the methods look their neighbours up in.
pub struct Neighbours {
    /// In the order of their ends, so that a later one has the higher number.
    pub sessions: Vec<Session>,
    /// The products of each, each once, ascending.
    pub sets: Vec<Vec<u32>>,
    /// Which sessions have a product, ascending.
    by_item: Vec<Vec<u32>>,
    scores: Vec<f64>,
    touched: Vec<u32>,
}

impl Neighbours {
    /// Of sessions in the order of their ends.
    pub fn learn(sessions: &[&Session], products: u32) -> Self {
        let mut by_item = vec![Vec::new(); products as usize];
        let mut sets = Vec::new();
        for (number, session) in (0_u32..).zip(sessions) {
            let set = set(&session.items);
            for item in &set {
                by_item[*item as usize].push(number);
            }
            sets.push(set);
        }
        let scores = vec![0.0; products as usize];
        Self {
            sessions: sessions.iter().map(|session| (*session).clone()).collect(),
            sets,
            by_item,
            scores,
            touched: Vec::new(),
        }
    }

    /// The latest sessions that share a product with these, at most `most`.
    pub fn latest(&self, items: &[u32], most: usize) -> Vec<u32> {
        let mut sessions: Vec<u32> =
            set(items).iter().flat_map(|item| &self.by_item[*item as usize]).copied().collect();
        sessions.sort_unstable();
        sessions.dedup();
        sessions.split_off(sessions.len().saturating_sub(most))
    }

    /// Adds to a product's score.
    pub fn add(&mut self, item: u32, score: f64) {
        let sum = &mut self.scores[item as usize];
        if *sum == 0.0 {
            self.touched.push(item);
        }
        *sum += score;
    }

    /// The products with the highest scores, which are forgotten then.
    pub fn best(&mut self) -> Vec<u32> {
        let scores = &self.scores;
        self.touched.sort_by(|a, b| scores[*b as usize].total_cmp(&scores[*a as usize]).then(a.cmp(b)));
        self.touched.dedup();
        for item in &self.touched {
            self.scores[*item as usize] = 0.0;
        }
        let mut best = std::mem::take(&mut self.touched);
        best.truncate(LIST + 1);
        best
    }
}

/// The most similar, at most `most`; of equals the later one.
pub fn most_similar(mut neighbours: Vec<(u32, f64)>, most: usize) -> Vec<(u32, f64)> {
    neighbours.retain(|neighbour| neighbour.1 > 0.0);
    neighbours.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
    neighbours.truncate(most);
    neighbours
}

/// Each product once, ascending.
pub fn set(items: &[u32]) -> Vec<u32> {
    let mut set = items.to_vec();
    set.sort_unstable();
    set.dedup();
    set
}

/// How many products two sets share.
pub fn shared(a: &[u32], b: &[u32]) -> usize {
    a.iter().filter(|item| b.binary_search(item).is_ok()).count()
}

/// What each product of the session counts, by its last place (from 1).
pub fn weights(items: &[u32], weight: impl Fn(usize) -> f64) -> Vec<(u32, f64)> {
    set(items)
        .into_iter()
        .filter_map(|item| Some((item, weight(items.iter().rposition(|seen| *seen == item)? + 1))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baselines::{NAMES, learn};

    fn session(items: &[u32]) -> Session {
        Session { items: items.to_vec(), times: vec![1.0; items.len()] }
    }

    #[test]
    fn the_latest_sessions_with_any_of_the_products_are_neighbours() {
        let sessions = [session(&[0, 1, 0]), session(&[2]), session(&[1, 2])];
        let neighbours = Neighbours::learn(&sessions.iter().collect::<Vec<_>>(), 3);
        assert_eq!(neighbours.sets[0], [0, 1]);
        assert_eq!(neighbours.latest(&[0], 9), [0]);
        assert_eq!(neighbours.latest(&[1, 2], 9), [0, 1, 2]);
        assert_eq!(neighbours.latest(&[1, 2], 2), [1, 2]);
    }

    #[test]
    fn every_method_recommends_what_similar_sessions_have() {
        let sessions = [session(&[0, 1]), session(&[0, 1]), session(&[0, 2]), session(&[3, 4])];
        for name in NAMES.iter().filter(|name| **name != "popularity") {
            let mut method = learn(name, &sessions.iter().collect::<Vec<_>>(), 5).expect("it has a name");
            let others: Vec<u32> = method.list(&[0], &[2.0]).into_iter().filter(|item| *item != 0).collect();
            assert_eq!(others, [1, 2], "{name}");
            assert_eq!(method.list(&[3], &[2.0]).len(), 2, "{name} forgets the question before");
        }
    }
}
