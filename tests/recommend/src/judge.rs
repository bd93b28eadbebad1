//! The two protocols: for every event of a session but the last, the next product from the session so far.
//!
//! `next`: among twenty products. `shelf`: the same, but the product that is being looked at is taken out of the list,
//! and targets that are that product are not counted.

use std::time::{Duration, Instant};

use crate::sessions::Session;

/// How long a list is.
pub const LIST: usize = 20;

/// Something that recommends.
pub trait Method {
    /// What fits the session so far, the best first, at least [`LIST`] + 1 if there are as many.
    fn list(&mut self, items: &[u32], times: &[f64]) -> Vec<u32>;
}

/// Where the target of one question stood; 0 where it was not in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Which session was asked.
    pub session: u32,
    /// In `next`.
    pub next: u8,
    /// In `shelf`, if it counts there.
    pub shelf: Option<u8>,
}

/// Asks a method about sessions; they get numbers from `first` on.
pub fn ask(method: &mut dyn Method, sessions: &[Session], first: u32) -> Vec<Answer> {
    let mut answers = Vec::new();
    for (number, session) in (first..).zip(sessions) {
        for seen in 1..session.items.len() {
            let (so_far, target) = (&session.items[..seen], session.items[seen]);
            let current = so_far[seen - 1];
            let list = method.list(so_far, &session.times[..seen]);
            let shelf = list.iter().filter(|item| **item != current);
            answers.push(Answer {
                session: number,
                next: place(list.iter(), target),
                shelf: (target != current).then(|| place(shelf, target)),
            });
        }
    }
    answers
}

/// How long each question takes.
pub fn times(method: &mut dyn Method, sessions: &[Session]) -> Vec<Duration> {
    let mut times = Vec::new();
    for session in sessions {
        for seen in 1..session.items.len() {
            let began = Instant::now();
            std::hint::black_box(method.list(&session.items[..seen], &session.times[..seen]));
            times.push(began.elapsed());
        }
    }
    times
}

fn place<'a>(list: impl Iterator<Item = &'a u32>, target: u32) -> u8 {
    list.take(LIST).position(|item| *item == target).map_or(0, |place| place as u8 + 1)
}

/// Quality by both protocols.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quality {
    /// Hit rate: in how many of the lists of `next` the target was.
    pub next_hr: f64,
    /// Mean of one by its place, 0 where it was not in the list.
    pub next_mrr: f64,
    /// Hit rate of `shelf`.
    pub shelf_hr: f64,
    /// Mean reciprocal rank of `shelf`.
    pub shelf_mrr: f64,
    /// Questions of `next`.
    pub next_asked: usize,
    /// Questions of `shelf`.
    pub shelf_asked: usize,
}

impl Quality {
    /// Over all answers.
    pub fn of(answers: &[Answer]) -> Self {
        let (next, shelf): (Vec<u8>, Vec<Option<u8>>) =
            answers.iter().map(|answer| (answer.next, answer.shelf)).unzip();
        let shelf: Vec<u8> = shelf.into_iter().flatten().collect();
        Self {
            next_hr: mean(&next, hit),
            next_mrr: mean(&next, reciprocal),
            shelf_hr: mean(&shelf, hit),
            shelf_mrr: mean(&shelf, reciprocal),
            next_asked: next.len(),
            shelf_asked: shelf.len(),
        }
    }

    /// In the order of the tables.
    pub fn figures(&self) -> [(&'static str, f64); 4] {
        [
            ("next HR@20", self.next_hr),
            ("next MRR@20", self.next_mrr),
            ("shelf HR@20", self.shelf_hr),
            ("shelf MRR@20", self.shelf_mrr),
        ]
    }
}

/// 1 if the target was in the list.
pub fn hit(place: u8) -> f64 {
    f64::from(u8::from(place > 0))
}

/// One by its place.
pub fn reciprocal(place: u8) -> f64 {
    if place == 0 { 0.0 } else { 1.0 / f64::from(place) }
}

fn mean(places: &[u8], of: fn(u8) -> f64) -> f64 {
    places.iter().map(|place| of(*place)).sum::<f64>() / places.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Always the same list.
    struct Always(Vec<u32>);

    impl Method for Always {
        fn list(&mut self, _: &[u32], _: &[f64]) -> Vec<u32> {
            self.0.clone()
        }
    }

    fn asked(items: &[u32], list: &[u32]) -> Vec<Answer> {
        let session = Session { items: items.to_vec(), times: vec![0.0; items.len()] };
        ask(&mut Always(list.to_vec()), &[session], 0)
    }

    #[test]
    fn the_shelf_leaves_out_what_is_being_looked_at() {
        let answers = asked(&[7, 8, 9], &[7, 8, 9]);
        assert_eq!(answers[0], Answer { session: 0, next: 2, shelf: Some(1) });
        assert_eq!(answers[1], Answer { session: 0, next: 3, shelf: Some(2) });
        let quality = Quality::of(&answers);
        assert_eq!((quality.next_hr, quality.shelf_hr), (1.0, 1.0));
        assert!((quality.next_mrr - 5.0 / 12.0).abs() < 1e-9);
        assert!((quality.shelf_mrr - 0.75).abs() < 1e-9);
    }

    #[test]
    fn a_reload_is_asked_in_next_alone() {
        let answers = asked(&[7, 7, 9], &[9, 7]);
        assert_eq!(answers[0], Answer { session: 0, next: 2, shelf: None });
        let quality = Quality::of(&answers);
        assert_eq!((quality.next_asked, quality.shelf_asked), (2, 1));
    }

    #[test]
    fn a_list_ends_after_twenty() {
        let long: Vec<u32> = (0..=LIST as u32).collect();
        assert_eq!(asked(&[50, LIST as u32 - 1], &long)[0].next, LIST as u8);
        assert_eq!(asked(&[50, LIST as u32], &long)[0].next, 0);
        // The product that is being looked at takes no place on the shelf.
        assert_eq!(asked(&[0, LIST as u32], &long)[0].shelf, Some(LIST as u8));
    }
}
