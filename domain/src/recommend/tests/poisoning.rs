//! What one visitor can do to everybody's shelves.

use super::*;
use crate::recommend::count::{MOST_DOINGS, MOST_IN_A_DAY};
use crate::recommend::pack::{Form, Rows, write};
use crate::recommend::score::{Scorer, Taste};

/// Five products that a hundred visitors go through, and one that nobody wants.
const UNWANTED: u32 = 5;

fn a_shop() -> Visitors {
    (0..100).map(|n| (TODAY - n % 30, vec![n % 5, (n + 1) % 5, (n + 2) % 5])).collect()
}

/// The shelf beside each product.
fn shelves(counts: &mut Counts) -> Vec<Vec<Product>> {
    let links = Links::learn(counts, &Recipe::NEXT);
    let written = write(&links, 0..6, &[], Form::NEXT);
    let rows = Rows::read(&written).expect("what was written can be read");
    let mut scorer = Scorer::default();
    let shelf = |product| {
        scorer.shelf(&[rows.of(&written)], &[Product(product)], &Taste::NEXT, 4).iter().map(|s| s.product).collect()
    };
    (0..5).map(shelf).collect()
}

fn alternating(times: usize) -> Vec<u32> {
    (0..times).map(|n| if n % 2 == 0 { u32::try_from(n / 2 % 5).unwrap_or_default() } else { UNWANTED }).collect()
}

#[test]
fn a_hundred_thousand_fake_views_of_one_visitor_move_no_shelf() {
    let mut counts = counted(6, &a_shop());
    let (before, honest) = (shelves(&mut counts), counts.clone());
    let fake = looks(&alternating(100_000));
    assert_eq!(counts.visitor(&[Visit { day: TODAY, doings: &fake }]), Heard::TooMuch);
    assert_eq!(counts, honest);
    assert_eq!(shelves(&mut counts), before);
}

#[test]
fn nor_do_they_in_many_visits() {
    let mut counts = counted(6, &a_shop());
    let honest = counts.clone();
    let fake = looks(&alternating(100));
    let visits: Vec<Visit> = (0..1_000).map(|n| Visit { day: TODAY - n % 30, doings: &fake }).collect();
    assert_eq!(counts.visitor(&visits), Heard::TooMuch);
    assert_eq!(counts, honest);
}

#[test]
fn nor_do_they_over_a_year() {
    let mut counts = counted(6, &a_shop());
    let honest = counts.clone();
    let fake = looks(&alternating(274));
    let visits: Vec<Visit> = (0..365).map(|n| Visit { day: TODAY - n, doings: &fake }).collect();
    assert_eq!(counts.visitor(&visits), Heard::TooMuch);
    assert_eq!(counts, honest);
}

#[test]
fn as_many_views_as_are_believed_count_no_more_than_one_look_at_each_pair() {
    let mut counts = counted(6, &a_shop());
    let before = shelves(&mut counts);
    let fake = looks(&alternating(MOST_IN_A_DAY));
    let days = u32::try_from(MOST_DOINGS / MOST_IN_A_DAY).unwrap_or_default();
    let visits: Vec<Visit> = (0..days).map(|n| Visit { day: TODAY - n, doings: &fake }).collect();
    assert_eq!(counts.visitor(&visits), Heard::Counted);
    assert_eq!(shelves(&mut counts), before);

    let most = i64::from(Profile::NEXT.ahead[0] + Profile::NEXT.behind[0]) * 65_536;
    for pair in counts.pairs().iter().filter(|pair| pair.to.0 == UNWANTED) {
        assert_eq!(pair.visitors, 1, "{pair:?}");
        assert!(pair.weight <= most, "{pair:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_one_visitor_does_a_pair_counts_at_most_once(
        visits in prop::collection::vec((TODAY - 60..=TODAY, prop::collection::vec((0_u32..6, 0_u8..3), 0..60)), 0..20),
    ) {
        let act = |act| match act { 0 => Act::Viewed, 1 => Act::Carted, _ => Act::Ordered };
        let doings: Vec<(u32, Vec<Doing>)> = visits
            .into_iter()
            .map(|(day, did)| {
                (day, did.into_iter().map(|(product, n)| Doing { product: Product(product), act: act(n) }).collect())
            })
            .collect();
        let visits: Vec<Visit> = doings.iter().map(|(day, doings)| Visit { day: *day, doings }).collect();
        let mut counts = Counts::new(Profile::NEXT, 6, TODAY);
        prop_assert_eq!(counts.visitor(&visits), Heard::Counted);
        let most = 3 * i64::from(Profile::NEXT.ahead[0] + Profile::NEXT.behind[0]) * 65_536;
        prop_assert!(counts.pairs().iter().all(|pair| pair.visitors == 1 && pair.weight <= most));
        prop_assert!(counts.viewers().all(|viewers| viewers <= 1.0));
    }
}
