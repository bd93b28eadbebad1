//! What one visitor can do to everybody's files and shelves, all the way from what a shard counts.

use super::*;
use crate::recommend::count::{Act, Delta, Doing, MOST_DOINGS, MOST_IN_A_DAY, Profile, Visit, horizon};
use crate::recommend::ledger::{Row, Sum, trending};
use crate::recommend::links::{Ground, Recipe, direct};
use crate::recommend::score::Scorer;
use crate::shelf::fill::{Visitor, fill};
use crate::shelf::store::Store;

const TODAY: u32 = 20_000;
const PRODUCTS: u32 = 40;
/// Nobody wants it.
const UNWANTED: u32 = 39;

/// Sums of a shop, as a learner keeps them.
struct Sums {
    rows: Vec<Row>,
    viewers: Vec<Sum>,
    visitors: Sum,
}

impl Sums {
    /// A hundred visitors, each of whom looked at five products that stand near one another.
    fn of_a_shop() -> Self {
        let nothing = Product(PRODUCTS).place();
        let mut sums = Self {
            rows: vec![Row::default(); nothing],
            viewers: vec![Sum::default(); nothing],
            visitors: Sum::default(),
        };
        for visitor in 0..100 {
            let seen: Vec<u32> = (0..5).map(|step| (visitor * 3 + step * step) % UNWANTED).collect();
            sums.hear(&[], &[(TODAY - visitor % 20, looks(&seen))]);
        }
        sums
    }

    fn hear(&mut self, before: &[(u32, Vec<Doing>)], now: &[(u32, Vec<Doing>)]) {
        fn visits(all: &[(u32, Vec<Doing>)]) -> Vec<Visit<'_>> {
            all.iter().map(|(day, doings)| Visit { day: *day, doings }).collect()
        }
        let day = horizon(&Profile::NEXT, TODAY);
        let mut delta = Delta::of(&Profile::NEXT, day, &visits(before), &visits(now));
        for changes in delta.pairs().chunk_by(|a, b| a.from == b.from) {
            self.rows[changes[0].from.place()].add(&Profile::NEXT, day, changes);
        }
        for (product, weight) in delta.viewers() {
            self.viewers[product.place()].add(&Profile::NEXT, day, *weight);
        }
        self.visitors.add(&Profile::NEXT, day, delta.visitors);
    }

    /// What browsers read of it: the file and the head, in bytes.
    fn published(&self) -> (Vec<u8>, Vec<u8>) {
        let viewers: Vec<f64> = self.viewers.iter().map(|sum| sum.as_of(&Profile::NEXT, TODAY)).collect();
        let ground = Ground::of(viewers.clone(), &Recipe::NEXT);
        let row =
            |(from, row): (u32, &Row)| direct(&ground, Product(from), row.as_of(&Profile::NEXT, TODAY), &Recipe::NEXT);
        let next = Links { rows: (0..).zip(&self.rows).map(row).collect() }.walked(&Recipe::NEXT);
        let made = Made { next, ..Made::of(PRODUCTS) };
        let visitors = self.visitors.as_of(&Profile::NEXT, TODAY);
        #[expect(clippy::cast_possible_truncation, reason = "a share")]
        let single = |(product, share): (Product, f64)| (product, share as f32);
        let trending = trending(viewers.into_iter(), visitors, 20).into_iter().map(single).collect();
        let head = Head { trending, ..made.head() };
        (bucket(&made.shop(), 0..PRODUCTS, usize::MAX, &mut |_| 0).bytes, head.write().unwrap())
    }
}

/// What stands beside each product.
fn shelves((file, head): &(Vec<u8>, Vec<u8>)) -> Vec<Vec<Product>> {
    let (files, head) = ([Bucket::read(file.clone()).unwrap()], Head::read(head).unwrap());
    let store = Store { head: &head, files: &files, indexes: &[], market: None };
    let beside = |product: u32| {
        let visitor = Visitor { beside: Some(Product(product)), recent: &[Product(product)], ..Visitor::default() };
        let filled = fill(&shelf(Kind::Next), store, &visitor, &mut Scorer::default());
        filled.items.into_iter().map(|item| item.product).collect()
    };
    (0..UNWANTED).map(beside).collect()
}

fn looks(products: &[u32]) -> Vec<Doing> {
    products.iter().map(|product| Doing { product: Product(*product), act: Act::Viewed }).collect()
}

/// The unwanted product after each other one, over and over.
fn fake(times: u32) -> Vec<Doing> {
    looks(&(0..times).map(|n| if n % 2 == 0 { n / 2 % UNWANTED } else { UNWANTED }).collect::<Vec<_>>())
}

#[test]
fn a_hundred_thousand_fake_views_of_one_visitor_change_no_byte_of_any_file() {
    let mut sums = Sums::of_a_shop();
    let before = sums.published();
    sums.hear(&[], &[(TODAY, fake(100_000))]);
    assert_eq!(sums.published(), before);
    // Nor do they in a thousand visits, told as they come: what was counted of the first ones is taken back.
    let visits: Vec<(u32, Vec<Doing>)> = (0..1_000).map(|n| (TODAY - n % 30, fake(100))).collect();
    for told in [0, 1, 2, 100, 200, 1_000].windows(2) {
        sums.hear(&visits[..told[0]], &visits[..told[1]]);
    }
    assert_eq!(sums.published(), before);
}

#[test]
fn as_many_as_are_believed_bring_it_to_no_shelf_of_a_product_that_others_looked_at() {
    let mut sums = Sums::of_a_shop();
    let known: Vec<bool> = sums.rows.iter().map(|row| row.entries().len() > 3).collect();
    let most = u32::try_from(MOST_IN_A_DAY).unwrap();
    let days = u32::try_from(MOST_DOINGS / MOST_IN_A_DAY).unwrap();
    let visits: Vec<(u32, Vec<Doing>)> = (0..days).map(|n| (TODAY - n, fake(most))).collect();
    sums.hear(&[], &visits);
    let after = shelves(&sums.published());
    let reached: Vec<usize> = (0..after.len()).filter(|beside| after[*beside].contains(&Product(UNWANTED))).collect();
    assert!(known.iter().filter(|known| **known).count() > 20);
    assert!(reached.iter().all(|beside| !known[*beside]), "{reached:?}");
}
