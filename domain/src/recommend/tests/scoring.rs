//! What comes next for somebody.

use super::*;
use crate::recommend::pack::{Form, Pack, Rows, write};
use crate::recommend::score::{Because, Scored, Scorer, Taste};

/// A pack with its bytes.
struct Held(Vec<u8>, Rows);

impl Held {
    fn of(written: Vec<u8>) -> Self {
        let rows = Rows::read(&written).expect("what was written can be read");
        Self(written, rows)
    }

    fn pack(&self) -> Pack<'_> {
        self.1.of(&self.0)
    }
}

fn pack_of(links: &Links, trending: &[u32]) -> Held {
    let trending: Vec<(Product, f32)> = trending.iter().map(|&product| (Product(product), 0.5)).collect();
    let all = u32::try_from(links.rows.len()).unwrap_or_default();
    Held::of(write(links, 0..all, &trending, Form::NEXT))
}

fn shelf(pack: &Held, recent: &[u32], taste: &Taste) -> Vec<u32> {
    let recent: Vec<Product> = recent.iter().copied().map(Product).collect();
    Scorer::default().shelf(&[pack.pack()], &recent, taste, 20).iter().map(|scored| scored.product.0).collect()
}

/// Row n leads to n + 1, and less to n + 2, of six products.
fn a_street() -> Links {
    let link = |to, weight| Link { to: Product(to), weight };
    let row = |n: u32| [link(n + 1, 0.5), link(n + 2, 0.1)].into_iter().filter(|link| link.to.0 < 6).collect();
    Links { rows: (0..6).map(row).collect() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_shelf_has_each_product_once_the_best_first_and_never_the_current_one(
        links in some_links(), recent in prop::collection::vec(0_u32..80, 0..90), most in 0_usize..30,
    ) {
        let pack = pack_of(&links, &[0]);
        let recent: Vec<Product> = recent.into_iter().map(Product).collect();
        let mut scorer = Scorer::default();
        for taste in [Taste::NEXT, Taste::NEW] {
            let best: Vec<Scored> = scorer.shelf(&[pack.pack()], &recent, &taste, most).to_vec();
            prop_assert!(best.len() <= most);
            prop_assert!(best.windows(2).all(|two| two[0].score >= two[1].score));
            prop_assert!(best.iter().all(|scored| scored.score > 0.0 && Some(&scored.product) != recent.last()));
            let mut products: Vec<Product> = best.iter().map(|scored| scored.product).collect();
            products.sort();
            products.dedup();
            prop_assert_eq!(products.len(), best.len());
            let mut anew = Scorer::default();
            prop_assert_eq!(anew.shelf(&[pack.pack()], &recent, &taste, most), best.as_slice());
        }
    }

    #[test]
    fn buckets_say_what_the_whole_says(links in some_links(), recent in prop::collection::vec(0_u32..60, 1..10), cut in 0_u32..60) {
        let products = u32::try_from(links.rows.len()).unwrap_or_default();
        let cut = cut.min(products);
        let bucket = |rows| Held::of(write(&links, rows, &[], Form::NEXT));
        let (low, high, whole) = (bucket(0..cut), bucket(cut..products), pack_of(&links, &[]));
        let recent: Vec<Product> = recent.into_iter().map(Product).collect();
        let (mut one, mut other) = (Scorer::default(), Scorer::default());
        prop_assert_eq!(
            one.shelf(&[low.pack(), high.pack()], &recent, &Taste::NEXT, 20),
            other.shelf(&[whole.pack()], &recent, &Taste::NEXT, 20)
        );
    }
}

#[test]
fn the_last_product_counts_most() {
    assert_eq!(shelf(&pack_of(&a_street(), &[]), &[0, 3], &Taste::NEW), [4, 1, 5, 2]);
}

#[test]
fn what_was_seen_before_the_last_is_likely_to_be_seen_again() {
    assert_eq!(shelf(&pack_of(&a_street(), &[]), &[0, 3], &Taste::NEXT)[0], 0);
    assert!(!shelf(&pack_of(&a_street(), &[]), &[0, 3], &Taste::NEW).contains(&0));
}

#[test]
fn what_is_trending_follows_where_rows_lead_to_too_few() {
    let pack = pack_of(&a_street(), &[5, 2]);
    assert_eq!(shelf(&pack, &[0], &Taste::NEXT), [1, 2, 5]);
    assert_eq!(shelf(&pack, &[], &Taste::NEXT), [5, 2]);
    assert_eq!(shelf(&pack, &[5], &Taste::NEXT), [2]);
}

#[test]
fn somebody_with_thousands_of_products_gets_a_shelf_too() {
    let pack = pack_of(&a_street(), &[]);
    let recent: Vec<u32> = (0..10_000).collect();
    assert!(!shelf(&pack, &recent, &Taste::NEXT).is_empty());
}

#[test]
fn what_was_bought_oftener_and_later_will_be_bought_again() {
    use crate::recommend::habit::Habit;
    let pack = pack_of(&a_street(), &[4]);
    let baskets: [&[Product]; 3] = [&[Product(1), Product(0)], &[Product(2), Product(0)], &[Product(3)]];
    let mut scorer = Scorer::default();
    let usual: Vec<u32> = scorer
        .usual(pack.pack().trending(), &baskets, &Habit::NEXT, 20)
        .iter()
        .map(|scored| scored.product.0)
        .collect();
    assert_eq!(usual, [0, 4, 3, 2, 1]);
    assert_eq!(scorer.usual(pack.pack().trending(), &[], &Habit::NEXT, 20).len(), 1);
}

#[test]
fn every_product_says_what_speaks_for_it_most() {
    let pack = pack_of(&a_street(), &[0]);
    let mut scorer = Scorer::default();
    let because = |recent: &[Product], scorer: &mut Scorer| -> Vec<(u32, Because)> {
        scorer.shelf(&[pack.pack()], recent, &Taste::NEXT, 20).iter().map(|one| (one.product.0, one.because)).collect()
    };
    let recent = [Product(0), Product(1), Product(3)];
    let shelf = because(&recent, &mut scorer);
    assert!(shelf.contains(&(1, Because::SeenBefore)), "{shelf:?}");
    assert!(shelf.contains(&(4, Because::From(Product(3)))), "{shelf:?}");
    assert!(shelf.contains(&(2, Because::From(Product(1)))), "{shelf:?}");
    assert_eq!(because(&[], &mut scorer), [(0, Because::Trending)]);
}
