//! Whether one method is better than another, or was only lucky: paired, by session.

use crate::judge::{Answer, hit, reciprocal};

/// How often sessions are drawn anew.
const DRAWS: usize = 2_000;

/// How far one method is above another in a figure.
#[derive(Clone, Copy, Debug)]
pub struct Above {
    /// Which figure.
    pub figure: &'static str,
    /// On these sessions.
    pub by: f64,
    /// 95 of 100 draws of as many sessions lie above this.
    pub from: f64,
    /// And below this.
    pub to: f64,
    /// Share of draws in which it is not above the other.
    pub chance: f64,
}

/// Sums over one session, of both methods: the difference and the questions.
#[derive(Clone, Copy, Default)]
struct Sums {
    difference: f64,
    asked: f64,
}

/// `ours` against `theirs`, which were asked the same.
pub fn above(ours: &[Answer], theirs: &[Answer]) -> [Above; 4] {
    let next = |answer: &Answer| Some(answer.next);
    let shelf = |answer: &Answer| answer.shelf;
    [
        compare("next HR@20", ours, theirs, next, hit),
        compare("next MRR@20", ours, theirs, next, reciprocal),
        compare("shelf HR@20", ours, theirs, shelf, hit),
        compare("shelf MRR@20", ours, theirs, shelf, reciprocal),
    ]
}

fn compare(
    figure: &'static str,
    ours: &[Answer],
    theirs: &[Answer],
    place: fn(&Answer) -> Option<u8>,
    worth: fn(u8) -> f64,
) -> Above {
    assert_eq!(ours.len(), theirs.len(), "both were asked the same");
    let sessions = ours.iter().map(|answer| answer.session as usize + 1).max().unwrap_or(0);
    let mut sums = vec![Sums::default(); sessions];
    for (our, their) in ours.iter().zip(theirs) {
        if let (Some(mine), Some(other)) = (place(our), place(their)) {
            let sum = &mut sums[our.session as usize];
            sum.difference += worth(mine) - worth(other);
            sum.asked += 1.0;
        }
    }
    sums.retain(|sum| sum.asked > 0.0);
    let mut random = fastrand::Rng::with_seed(5);
    let mut draws: Vec<f64> =
        (0..DRAWS).map(|_| mean((0..sums.len()).map(|_| sums[random.usize(..sums.len())]))).collect();
    draws.sort_by(f64::total_cmp);
    let at = |share: f64| draws.get((share * DRAWS as f64) as usize).copied().unwrap_or_default();
    Above {
        figure,
        by: mean(sums.iter().copied()),
        from: at(0.025),
        to: at(0.975),
        chance: draws.iter().filter(|draw| **draw <= 0.0).count() as f64 / DRAWS as f64,
    }
}

fn mean(sums: impl Iterator<Item = Sums>) -> f64 {
    let mut total = Sums::default();
    for sum in sums {
        total.difference += sum.difference;
        total.asked += sum.asked;
    }
    total.difference / total.asked.max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(of: impl Fn(u32) -> u8) -> Vec<Answer> {
        (0..400).map(|session| Answer { session, next: of(session), shelf: Some(of(session)) }).collect()
    }

    #[test]
    fn who_is_as_good_is_not_above() {
        let [hits, ..] = above(&places(|n| (n % 2) as u8), &places(|n| ((n + 1) % 2) as u8));
        assert!(hits.by.abs() < 1e-9 && hits.from < 0.0 && hits.to > 0.0 && hits.chance > 0.1, "{hits:?}");
    }

    #[test]
    fn who_is_better_nearly_everywhere_is_above() {
        for above in above(&places(|n| u8::from(n % 10 > 0)), &places(|n| u8::from(n % 10 > 3) * 2)) {
            assert!(above.by > 0.2 && above.from > 0.2 && above.chance == 0.0, "{above:?}");
        }
    }
}
