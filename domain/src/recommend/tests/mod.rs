//! The whole of recommending: counts, links, packs, scores.

mod changing;
mod counting;
mod likeness;
mod packing;
mod poisoning;
mod scoring;

use proptest::prelude::*;

use super::Product;
use super::count::{Act, Counts, Doing, Heard, Profile, Visit};
use super::links::{Link, Links, Recipe};

const TODAY: u32 = 20_000;

/// What visitors looked at, each in one visit, with its day.
type Visitors = Vec<(u32, Vec<u32>)>;

fn looks(products: &[u32]) -> Vec<Doing> {
    products.iter().map(|&product| Doing { product: Product(product), act: Act::Viewed }).collect()
}

fn hear(counts: &mut Counts, day: u32, products: &[u32]) {
    assert_eq!(counts.visitor(&[Visit { day, doings: &looks(products) }]), Heard::Counted);
}

fn counted(products: u32, visitors: &[(u32, Vec<u32>)]) -> Counts {
    let mut counts = Counts::new(Profile::NEXT, products, TODAY);
    for (day, seen) in visitors {
        hear(&mut counts, *day, seen);
    }
    counts
}

fn learned(products: u32, visitors: &[(u32, Vec<u32>)]) -> Links {
    Links::learn(&mut counted(products, visitors), &Recipe::NEXT)
}

/// Where a row leads, the strongest first.
fn row(links: &Links, from: u32) -> Vec<u32> {
    links.rows.get(Product(from).place()).into_iter().flatten().map(|link| link.to.0).collect()
}

/// Visitors of a shop of thirty products, over two months.
fn some_visitors() -> impl Strategy<Value = Visitors> {
    prop::collection::vec((TODAY - 60..=TODAY, prop::collection::vec(0_u32..30, 0..12)), 0..40)
}

fn some_links() -> impl Strategy<Value = Links> {
    (1_usize..60).prop_flat_map(|products| {
        // Of proptest's own ranges of floats some seeds break an assertion of its sampler.
        let weight =
            (1_u16..=10_000, any::<bool>()).prop_map(|(n, small)| f32::from(n) / if small { 1e6 } else { 1e3 });
        let link = (0..products, weight);
        let row = prop::collection::vec(link, 0..20).prop_map(|mut row| {
            row.sort_by_key(|link| link.0);
            row.dedup_by_key(|link| link.0);
            row.into_iter()
                .map(|(to, weight)| Link { to: Product(u32::try_from(to).unwrap_or_default()), weight })
                .collect::<Vec<_>>()
        });
        prop::collection::vec(row, products).prop_map(|rows| Links { rows })
    })
}
