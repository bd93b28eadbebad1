//! What is to be beaten: nearest neighbours among sessions, as they are known from research.
//!
//! Each follows the reference implementation of rn5l/session-rec in what it computes: neighbours are the latest
//! sessions that share a product with the session so far, the most similar of them recommend what they have.

mod neighbours;
mod session_knn;
mod stan;
mod vs_knn;

use crate::judge::Method;
use crate::sessions::Session;
use neighbours::Neighbours;
pub use neighbours::set;

/// Names by which they can be asked for.
pub const NAMES: [&str; 4] = ["popularity", "session-knn", "vs-knn", "stan"];

/// The baseline of that name, learned.
pub fn learn(name: &str, sessions: &[&Session], products: u32) -> Option<Box<dyn Method>> {
    let neighbours = || Neighbours::learn(sessions, products);
    match name {
        "popularity" => Some(Box::new(Popular::learn(sessions, products))),
        "session-knn" => Some(Box::new(session_knn::SessionKnn::new(neighbours()))),
        "vs-knn" => Some(Box::new(vs_knn::VsKnn::new(neighbours(), sessions, products))),
        "stan" => Some(Box::new(stan::Stan::new(neighbours()))),
        _ => None,
    }
}

/// What most have looked at, for everybody.
struct Popular(Vec<u32>);

impl Popular {
    fn learn(sessions: &[&Session], products: u32) -> Self {
        let mut seen = vec![0_u32; products as usize];
        for item in sessions.iter().flat_map(|session| &session.items) {
            seen[*item as usize] += 1;
        }
        let mut items: Vec<u32> = (0..products).collect();
        items.sort_by_key(|item| std::cmp::Reverse(seen[*item as usize]));
        items.truncate(crate::judge::LIST + 1);
        Self(items)
    }
}

impl Method for Popular {
    fn list(&mut self, _: &[u32], _: &[f64]) -> Vec<u32> {
        self.0.clone()
    }
}
