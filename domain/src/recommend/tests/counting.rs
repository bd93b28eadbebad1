//! Counts add up, and links follow from them.

use super::*;
use crate::recommend::count::Unlike;
use crate::recommend::order::{order, renumbered};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn parts_add_up_to_the_whole_in_any_order(visitors in some_visitors(), shards in 1_usize..6) {
        let whole = counted(30, &visitors);
        let mut parts: Vec<Counts> = (0..shards).map(|_| Counts::new(Profile::NEXT, 30, TODAY)).collect();
        for (number, (day, seen)) in visitors.iter().enumerate() {
            hear(&mut parts[number % shards], *day, seen);
        }
        let mut forwards = Counts::new(Profile::NEXT, 30, TODAY);
        let mut backwards = forwards.clone();
        for (part, other) in parts.iter().zip(parts.iter().rev()) {
            prop_assert_eq!(forwards.merge(part), Ok(()));
            prop_assert_eq!(backwards.merge(other), Ok(()));
        }
        prop_assert_eq!(&forwards, &whole);
        prop_assert_eq!(&backwards, &whole);
    }

    #[test]
    fn slices_of_rows_have_together_what_the_whole_has(visitors in some_visitors(), cut in 0_u32..=30) {
        let mut whole = counted(30, &visitors);
        let links = Links::learn(&mut whole, &Recipe::NEXT);
        let mut slices = Vec::new();
        let mut joined = Links { rows: vec![Vec::new(); 30] };
        for rows in [0..cut, cut..30] {
            let mut slice = Counts::of_rows(Profile::NEXT, 30, TODAY, rows);
            for (day, seen) in &visitors {
                hear(&mut slice, *day, seen);
            }
            prop_assert!(slice.viewers().eq(whole.viewers()));
            slices.extend_from_slice(slice.pairs());
            joined.join(Links::direct(&mut slice, &Recipe::NEXT));
        }
        prop_assert_eq!(joined.walked(&Recipe::NEXT), links);
        prop_assert_eq!(slices.as_slice(), whole.pairs());
    }

    #[test]
    fn the_same_visitors_in_any_order_give_the_same_links(visitors in some_visitors()) {
        let backwards: Visitors = visitors.iter().rev().cloned().collect();
        let links = learned(30, &visitors);
        prop_assert_eq!(&links, &learned(30, &backwards));
        prop_assert!(links.rows.iter().all(|row| row.len() <= Recipe::NEXT.links));
        prop_assert!(links.rows.iter().flatten().all(|link| link.weight > 0.0 && link.weight.is_finite()));
    }

    #[test]
    fn products_that_are_not_in_the_catalogue_are_passed_over(seen in prop::collection::vec(any::<u32>(), 0..20)) {
        let mut counts = Counts::new(Profile::NEXT, 3, TODAY);
        hear(&mut counts, TODAY, &seen);
        prop_assert!(counts.pairs().iter().all(|pair| pair.from.0 < 3 && pair.to.0 < 3));
    }

    #[test]
    fn an_order_has_each_product_once_and_renumbering_keeps_every_link(links in some_links()) {
        let ordered = order(&links);
        let mut sorted = ordered.clone();
        sorted.sort();
        prop_assert!(sorted.iter().map(|product| product.place()).eq(0..links.rows.len()));
        let renumbered = renumbered(&links, &ordered);
        for (product, row) in ordered.iter().zip(&renumbered.rows) {
            let back: Vec<Link> = row.iter().map(|link| Link { to: ordered[link.to.place()], ..*link }).collect();
            prop_assert_eq!(&back, &links.rows[product.place()]);
        }
    }
}

#[test]
fn counts_that_were_not_made_alike_do_not_add_up() {
    let mut counts = Counts::new(Profile::NEXT, 3, TODAY);
    assert_eq!(counts.merge(&Counts::new(Profile::NEXT, 3, TODAY + 1)), Err(Unlike));
    assert_eq!(counts.merge(&Counts::new(Profile::NEXT, 4, TODAY)), Err(Unlike));
    assert_eq!(counts.merge(&Counts::new(Profile::TOGETHER, 3, TODAY)), Err(Unlike));
    assert_eq!(counts.merge(&Counts::of_rows(Profile::NEXT, 3, TODAY, 0..1)), Err(Unlike));
    assert_eq!(counts.merge(&Counts::new(Profile::NEXT, 3, TODAY)), Ok(()));
}

#[test]
fn what_came_directly_after_counts_more_than_what_came_later_or_before() {
    let mut counts = counted(4, &[(TODAY, vec![0, 1, 2]), (TODAY, vec![3, 0])]);
    let links = Links::learn(&mut counts, &Recipe { steps: 1, ..Recipe::NEXT });
    assert_eq!(row(&links, 0), [1, 3, 2]);
}

#[test]
fn what_is_older_counts_less() {
    let links = learned(3, &[(TODAY - 60, vec![0, 1]), (TODAY, vec![0, 2])]);
    assert_eq!(row(&links, 0), [2, 1]);
}

#[test]
fn counts_that_age_are_those_that_were_made_later() {
    let visitors = [(TODAY - 30, vec![0, 1, 2]), (TODAY - 10, vec![1, 2, 0])];
    let mut aged = Counts::new(Profile::NEXT, 3, TODAY - 10);
    for (day, seen) in &visitors {
        hear(&mut aged, *day, seen);
    }
    aged.fade(TODAY);
    let mut later = counted(3, &visitors);
    assert_eq!(aged.pairs().len(), later.pairs().len());
    for (aged, later) in aged.pairs().iter().zip(later.pairs()) {
        // A ten-thousandth of a look.
        assert!((aged.weight - later.weight).abs() < 6_554, "{aged:?} {later:?}");
    }
}

#[test]
fn the_links_of_the_linked_fill_rows_of_which_little_is_known() {
    let visitors = [(TODAY, vec![0, 1]), (TODAY, vec![1, 2]), (TODAY, vec![2, 3])];
    let one_step = Links::learn(&mut counted(4, &visitors), &Recipe { steps: 1, ..Recipe::NEXT });
    assert_eq!(row(&one_step, 0), [1]);
    assert_eq!(row(&learned(4, &visitors), 0), [1, 2, 3]);
}

#[test]
fn what_is_bought_says_more_than_what_is_looked_at() {
    let mut counts = Counts::new(Profile::NEXT, 3, TODAY);
    for (product, act) in [(1, Act::Viewed), (2, Act::Ordered)] {
        let doings = [Doing { product: Product(0), act: Act::Viewed }, Doing { product: Product(product), act }];
        assert_eq!(counts.visitor(&[Visit { day: TODAY, doings: &doings }]), Heard::Counted);
    }
    let links = Links::learn(&mut counts, &Recipe::NEXT);
    assert_eq!(row(&links, 0), [2, 1]);
}

#[test]
fn what_many_do_not_want_to_see_beside_a_product_goes() {
    let mut counts = Counts::new(Profile::NEXT, 2, TODAY);
    hear(&mut counts, TODAY, &[0, 1]);
    let doings = [Doing { product: Product(0), act: Act::Viewed }, Doing { product: Product(1), act: Act::Dismissed }];
    assert_eq!(counts.visitor(&[Visit { day: TODAY, doings: &doings }]), Heard::Counted);
    let links = Links::learn(&mut counts, &Recipe::NEXT);
    assert_eq!(row(&links, 0), Vec::<u32>::new());
    assert_eq!(row(&links, 1), [0]);
}
