use super::*;

const DAY: i64 = 86_400_000;

fn slug(name: &str) -> Slug {
    name.parse().unwrap()
}

fn at(day: i64, deed: Deed) -> Done {
    Done { at: Timestamp(day * DAY), deed }
}

fn ordered(order: &str, product: &str, paid: i64, total: i64) -> Deed {
    Deed::Ordered { order: order.into(), lines: vec![(product.into(), paid)], total }
}

fn credit(done: &[Done]) -> Credit {
    Credit::of(done, |name| name)
}

#[test]
fn what_was_clicked_carted_and_ordered_soon_after_is_credited() {
    let shelf = slug("goes-with");
    let credit = credit(&[
        at(0, Deed::Shown(shelf.clone())),
        at(0, Deed::Clicked(shelf.clone(), "hat".into())),
        at(1, Deed::Carted("hat".into())),
        at(2, Deed::Carted("mug".into())),
        at(2, ordered("1", "hat", 1_900, 5_000)),
    ]);
    let shown = credit.0[&shelf].shown;
    assert_eq!(
        (shown.visitors, shown.seen, shown.clicks, shown.carts, shown.orders, shown.sold),
        (1, 1, 1, 1, 1, 1_900)
    );
    assert_eq!((shown.ordering, shown.spent, shown.spent_squared), (1, 5_000, 2_500));
}

#[test]
fn what_comes_long_after_a_click_is_not() {
    let shelf = slug("goes-with");
    let credit = credit(&[
        at(0, Deed::Shown(shelf.clone())),
        at(0, Deed::Clicked(shelf.clone(), "hat".into())),
        at(8, Deed::Carted("hat".into())),
        at(40, ordered("1", "hat", 1_900, 5_000)),
    ]);
    let shown = credit.0[&shelf].shown;
    assert_eq!((shown.carts, shown.orders, shown.ordering, shown.spent), (0, 0, 0, 0));
}

#[test]
fn a_product_belongs_to_the_shelf_on_which_it_was_clicked_last() {
    let (first, last) = (slug("next"), slug("trending"));
    let credit = credit(&[
        at(0, Deed::Clicked(first.clone(), "hat".into())),
        at(1, Deed::Clicked(last.clone(), "hat".into())),
        at(2, ordered("1", "hat", 1_900, 1_900)),
        at(3, ordered("1", "hat", 1_900, 1_900)),
    ]);
    assert_eq!((credit.0[&first].shown.orders, credit.0[&last].shown.orders), (0, 1));
}

#[test]
fn a_variant_in_the_cart_is_the_product_that_was_clicked() {
    let shelf = slug("next");
    let done = [at(0, Deed::Clicked(shelf.clone(), "hat".into())), at(1, Deed::Carted("hat-red".into()))];
    let credit = Credit::of(&done, |name| name.split('-').next().unwrap());
    assert_eq!(credit.0[&shelf].shown.carts, 1);
}

#[test]
fn who_is_held_out_counts_apart_and_orders_without_any_click() {
    let shelf = slug("next");
    let credit = credit(&[at(0, Deed::Held(shelf.clone())), at(3, ordered("1", "hat", 1_900, 1_900))]);
    let Arms { shown, held } = credit.0[&shelf];
    assert_eq!(shown, Sums::default());
    assert_eq!((held.visitors, held.seen, held.ordering, held.spent, held.orders), (1, 1, 1, 1_900, 0));
}

#[test]
fn an_order_before_anything_was_seen_says_nothing() {
    let shelf = slug("next");
    let credit = credit(&[at(0, ordered("1", "hat", 1_900, 1_900)), at(1, Deed::Shown(shelf.clone()))]);
    assert_eq!(credit.0[&shelf].shown.ordering, 0);
}

#[test]
fn what_is_known_later_takes_the_place_of_what_was_counted_before() {
    let shelf = slug("next");
    let before = vec![at(0, Deed::Shown(shelf.clone()))];
    let mut after = before.clone();
    after.push(at(1, ordered("1", "hat", 1_900, 1_900)));
    let mut sum = credit(&before);
    sum.add(&credit(&[at(0, Deed::Held(shelf.clone()))]));
    let mut change = credit(&after);
    change.subtract(&credit(&before));
    sum.add(&change);
    let mut once = credit(&after);
    once.add(&credit(&[at(0, Deed::Held(shelf))]));
    assert_eq!(sum, once);
    let mut nothing = once.clone();
    nothing.subtract(&once);
    assert_eq!(nothing, Credit::default());
}

/// So many visitors of both kinds, who order so often.
fn arms(chance: &mut u64, visitors: i64, shown: f64, held: f64) -> Arms {
    let mut next = || {
        *chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(*chance >> 32).unwrap()) / f64::from(u32::MAX)
    };
    let mut sums = |rate: f64| {
        let ordering: i64 = (0..visitors).map(|_| i64::from(next() < rate)).sum();
        Sums { visitors, ordering, spent: ordering * 4_000, spent_squared: ordering * 1_600, ..Sums::default() }
    };
    Arms { shown: sums(shown), held: sums(held) }
}

fn plus(a: Arms, b: Arms) -> Arms {
    Arms { shown: a.shown.each(b.shown, i64::saturating_add), held: a.held.each(b.held, i64::saturating_add) }
}

#[test]
fn looking_again_and_again_at_nothing_hardly_ever_finds_something() {
    let mut chance = 7;
    let mut wrong = 0;
    for _ in 0..150 {
        let mut sum = Arms::default();
        let found = (0..30).any(|_| {
            sum = plus(sum, arms(&mut chance, 100, 0.1, 0.1));
            [sum.ordering(), sum.spending()].iter().flatten().any(|found| found.least > 0.0 || found.most < 0.0)
        });
        wrong += u32::from(found);
    }
    assert!(wrong <= 8, "{wrong} of 150");
}

#[test]
fn what_is_there_is_found_and_before_that_it_says_how_many_are_needed() {
    let mut chance = 3;
    let few = arms(&mut chance, 400, 0.15, 0.1).ordering().unwrap();
    assert!(few.least < 0.0 && few.most > 0.0 && few.needs > 1_000, "{few:?}");
    let many = arms(&mut chance, 20_000, 0.15, 0.1);
    let (ordering, spending) = (many.ordering().unwrap(), many.spending().unwrap());
    assert!(ordering.least > 0.0 && ordering.needs == 0, "{ordering:?}");
    assert!((ordering.by - 0.05).abs() < 0.01 && (spending.by - 200.0).abs() < 50.0, "{spending:?}");
}

#[test]
fn of_a_handful_nothing_is_said() {
    let arms = Arms {
        shown: Sums { visitors: 19, ordering: 19, ..Sums::default() },
        held: Sums { visitors: 900, ..Sums::default() },
    };
    assert_eq!(arms.ordering(), None);
}
