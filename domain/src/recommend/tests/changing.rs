//! Learning all the time gives what counting everybody anew gives.

use super::*;
use crate::recommend::count::{Change, Delta, horizon, visits};
use crate::recommend::course::{Course, Task, read_rows, write_rows};
use crate::recommend::ledger::{MOST_KEPT, Row, Sum, trending};
use crate::recommend::links::{Ground, direct};
use crate::time::{Span, Timestamp};

/// What a learner keeps, in the form in which it keeps it.
struct Learner {
    rows: Vec<Vec<u8>>,
    viewers: Vec<Sum>,
    visitors: Sum,
}

impl Learner {
    fn new(products: usize) -> Self {
        let nothing = Row::default().write();
        Self { rows: vec![nothing; products], viewers: vec![Sum::default(); products], visitors: Sum::default() }
    }

    fn hear(&mut self, delta: &Delta) {
        let mut delta: Delta = postcard::from_bytes(&postcard::to_allocvec(delta).unwrap()).unwrap();
        let day = delta.horizon;
        for changes in delta.pairs().chunk_by(|a, b| a.from == b.from) {
            let kept = &mut self.rows[changes[0].from.place()];
            let mut row = Row::read(kept).unwrap();
            row.add(&Profile::NEXT, day, changes);
            *kept = row.write();
        }
        for (product, weight) in delta.viewers() {
            self.viewers[product.place()].add(&Profile::NEXT, day, *weight);
        }
        self.visitors.add(&Profile::NEXT, day, delta.visitors);
    }

    /// Rows of a day, by a course that is forgotten and read again before each slice.
    fn learn(&self, today: u32, slice: u32) -> Links {
        let recipe = &Recipe::NEXT;
        let products = u32::try_from(self.rows.len()).unwrap();
        let viewers = self.viewers.iter().map(|sum| sum.as_of(&Profile::NEXT, today)).collect();
        let ground = Ground::of(viewers, recipe);
        let mut kept = postcard::to_allocvec(&Course::new(products, recipe)).unwrap();
        let mut slices: Vec<Vec<Vec<u8>>> = vec![Vec::new(); usize::from(recipe.steps)];
        let all = |slices: &[Vec<u8>]| {
            let mut rows = Vec::new();
            for slice in slices {
                read_rows(slice, &mut rows).unwrap();
            }
            Links { rows }
        };
        loop {
            let mut course: Course = postcard::from_bytes(&kept).unwrap();
            match course.task(slice) {
                Task::Direct(range) => {
                    let made = range.clone().map(|from| {
                        let row = Row::read(&self.rows[Product(from).place()]).unwrap();
                        direct(&ground, Product(from), row.as_of(&Profile::NEXT, today), recipe)
                    });
                    slices[0].push(write_rows(&made.collect::<Vec<_>>()));
                    course.done(range.end);
                }
                Task::Further { step, rows } => {
                    let (direct, last) = (all(&slices[0]), all(&slices[usize::from(step) - 1]));
                    slices[usize::from(step)].push(write_rows(&last.further(&direct, rows.clone(), recipe, step)));
                    course.done(rows.end);
                }
                Task::Finish { step } => return all(&slices[usize::from(step)]),
            }
            kept = postcard::to_allocvec(&course).unwrap();
        }
    }
}

#[track_caller]
fn alike(learned: &Links, counted: &Links) {
    for (from, (learned, counted)) in learned.rows.iter().zip(&counted.rows).enumerate() {
        let weight_of = |row: &[Link], to| row.iter().find(|link| link.to == to).map_or(0.0, |link| link.weight);
        for link in learned.iter().chain(counted) {
            let (one, other) = (weight_of(learned, link.to), weight_of(counted, link.to));
            let same = (one - other).abs() <= 0.01 * one.max(other) + 1e-4;
            assert!(same, "from {from} to {:?}: {one} learned, {other} counted", link.to);
        }
    }
}

/// Visits of a visitor, by day, some of whose last ones are not counted yet.
type Histories = Vec<Vec<(u32, Vec<u32>)>>;

fn some_histories() -> impl Strategy<Value = Histories> {
    let visit = (TODAY - 60..=TODAY, prop::collection::vec(0_u32..15, 0..10));
    prop::collection::vec(prop::collection::vec(visit, 0..6), 0..12).prop_map(|mut histories| {
        for history in &mut histories {
            history.sort_by_key(|visit| visit.0);
        }
        histories
    })
}

fn doings(history: &[(u32, Vec<u32>)]) -> Vec<(u32, Vec<Doing>)> {
    history.iter().map(|(day, seen)| (*day, looks(seen))).collect()
}

fn seen(doings: &[(u32, Vec<Doing>)]) -> Vec<Visit<'_>> {
    doings.iter().map(|(day, doings)| Visit { day: *day, doings }).collect()
}

/// What has changed of a history between two of its lengths, as a shard counts it on the day of the last visit.
fn change(history: &[(u32, Vec<u32>)], before: usize, now: usize, day: u32) -> Delta {
    let (before, now) = (doings(&history[..before]), doings(&history[..now]));
    Delta::of(&Profile::NEXT, horizon(&Profile::NEXT, day), &seen(&before), &seen(&now))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_added_visit_by_visit_is_what_is_counted_at_once(
        histories in some_histories(), shards in 1_usize..4, slice in 1_u32..20,
    ) {
        let mut learner = Learner::new(15);
        let mut whole = Counts::new(Profile::NEXT, 15, TODAY);
        let mut waiting: Vec<Delta> = vec![Delta::none(horizon(&Profile::NEXT, TODAY)); shards];
        for (visitor, history) in histories.iter().enumerate() {
            for now in 1..=history.len() {
                // The half of what shards hear is kept for later and told together.
                let delta = change(history, now - 1, now, TODAY);
                if now % 2 == 0 { learner.hear(&delta) } else { waiting[visitor % shards].add(&delta) }
            }
            prop_assert_eq!(whole.visitor(&seen(&doings(history))), Heard::Counted);
        }
        for delta in &waiting {
            learner.hear(delta);
        }
        for (sum, viewers) in learner.viewers.iter().zip(whole.viewers()) {
            prop_assert!((sum.as_of(&Profile::NEXT, TODAY) - viewers).abs() < 1e-3);
        }
        alike(&learner.learn(TODAY, slice), &Links::learn(&mut whole, &Recipe::NEXT));
    }

    #[test]
    fn what_is_taken_back_is_gone(histories in some_histories()) {
        let mut learner = Learner::new(15);
        for history in &histories {
            learner.hear(&change(history, 0, history.len(), TODAY));
        }
        for history in &histories {
            learner.hear(&change(history, history.len(), 0, TODAY));
        }
        for row in &learner.rows {
            prop_assert!(Row::read(row).unwrap().entries().is_empty());
        }
        prop_assert!(learner.viewers.iter().all(|sum| sum.weight == 0));
    }

    #[test]
    fn a_row_is_read_as_it_was_written(changes in prop::collection::btree_map(any::<u32>(), (any::<i64>(), 1_i32..9), 0..50)) {
        let changes: Vec<Change> = changes.into_iter().map(|(to, (weight, visitors))| {
            Change { from: Product(0), to: Product(to), weight, visitors }
        }).filter(|change| change.to.0 < u32::MAX).collect();
        let mut row = Row::default();
        row.add(&Profile::NEXT, 20_100, &changes);
        prop_assert_eq!(Row::read(&row.write()), Ok(row));
    }

    #[test]
    fn arbitrary_bytes_are_no_row_or_a_row_but_break_nothing(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        if let Ok(row) = Row::read(&bytes) {
            prop_assert!(row.entries().windows(2).all(|two| two[0].to < two[1].to));
        }
        let mut rows = Vec::new();
        if read_rows(&bytes, &mut rows).is_ok() {
            prop_assert_eq!(write_rows(&rows), bytes);
        }
    }
}

#[test]
fn a_new_horizon_lowers_what_was_counted_for_the_last_one() {
    let (first, second) = (horizon(&Profile::NEXT, TODAY), horizon(&Profile::NEXT, TODAY) + 300);
    assert!(first > TODAY && first - TODAY <= 300 && horizon(&Profile::NEXT, first) == second);
    let history = |day, seen: &[u32]| vec![(day, seen.to_vec())];
    let (old, new) = (history(TODAY, &[0, 1]), history(first + 10, &[0, 1, 2]));
    let (earlier, later) = (change(&old, 0, 1, TODAY), change(&new, 0, 1, first + 10));
    let today = first + 20;
    let mut whole = Counts::new(Profile::NEXT, 3, today);
    for one in [&old, &new] {
        assert_eq!(whole.visitor(&seen(&doings(one))), Heard::Counted);
    }
    let counted = Links::learn(&mut whole, &Recipe::NEXT);
    // In whatever order they are heard.
    for deltas in [[&earlier, &later], [&later, &earlier]] {
        let mut learner = Learner::new(3);
        for delta in deltas {
            learner.hear(delta);
        }
        alike(&learner.learn(today, 2), &counted);
    }
}

#[test]
fn whoever_does_too_much_takes_back_what_they_counted() {
    let honest = vec![(TODAY, vec![0, 1, 2])];
    let mut fake = honest.clone();
    fake.push((TODAY, (0..100_000).map(|n| n % 15).collect()));
    let mut delta = change(&honest, 0, 1, TODAY);
    assert!(!delta.is_empty());
    delta.add(&change(&fake, 1, 2, TODAY));
    assert!(delta.is_empty());
    // And nothing more comes of whatever they do afterwards.
    fake.push((TODAY, vec![3, 4]));
    assert!(change(&fake, 2, 3, TODAY).is_empty());
}

#[test]
fn a_row_that_is_too_long_keeps_its_strongest_pairs() {
    let weight = |to: u32| i64::from(to % 2_000) << 32;
    let change = |to: u32| Change { from: Product(0), to: Product(to), weight: weight(to), visitors: 1 };
    let mut row = Row::default();
    row.add(&Profile::NEXT, 20_100, &(0..4_000).map(change).collect::<Vec<_>>());
    row.prune(MOST_KEPT);
    assert_eq!(row.entries().len(), MOST_KEPT);
    assert!(row.entries().iter().all(|entry| entry.weight >= weight(1_500)));
    assert!(row.entries().windows(2).all(|two| two[0].to < two[1].to));
}

#[test]
fn what_is_trending_is_what_a_larger_share_of_visitors_looked_at() {
    let mut learner = Learner::new(3);
    for seen in [vec![0, 1], vec![1], vec![1, 2]] {
        learner.hear(&change(&[(TODAY, seen)], 0, 1, TODAY));
    }
    let viewers = learner.viewers.iter().map(|sum| sum.as_of(&Profile::NEXT, TODAY));
    let trending = trending(viewers, learner.visitors.as_of(&Profile::NEXT, TODAY), 2);
    assert_eq!(trending.iter().map(|seen| seen.0.0).collect::<Vec<_>>(), [1, 0]);
    assert!((trending[0].1 - 1.0).abs() < 1e-6 && (trending[1].1 - 1.0 / 3.0).abs() < 1e-6);
}

#[test]
fn an_hour_without_a_doing_ends_a_visit() {
    let day = Span::days(1).0 * i64::from(TODAY);
    let at = |minute: i64, product| {
        (Timestamp(day) + Span::minutes(minute), Doing { product: Product(product), act: Act::Viewed })
    };
    let found = visits(&[at(0, 0), at(59, 1), at(120, 2), at(24 * 60 - 1, 3), at(24 * 60 + 10, 4)]);
    let products = |visit: &(u32, Vec<Doing>)| visit.1.iter().map(|doing| doing.product.0).collect::<Vec<_>>();
    assert_eq!(found.iter().map(products).collect::<Vec<_>>(), [vec![0, 1], vec![2], vec![3, 4]]);
    assert_eq!(found.iter().map(|visit| visit.0).collect::<Vec<_>>(), [TODAY, TODAY, TODAY + 1]);
}
