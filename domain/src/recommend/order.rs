//! Numbers for products, such that those that are linked stand near one another.
//!
//! Rows of such numbers pack into fewer bytes, because the distances are small, and a bucket of neighbours has more of
//! what a shopper goes on to.

use std::collections::BinaryHeap;

use super::Product;
use super::links::{Link, Links};

/// All products of the links, in an order in which what is linked stands near one another. Whoever stands at place n
/// gets the number n.
///
/// From the product that most links lead to, always the one that those of late lead to most is next.
pub fn order(links: &Links) -> Vec<Product> {
    let count = links.rows.len();
    let mut pulled = vec![0.0_f32; count];
    for link in links.rows.iter().flatten() {
        if let Some(pull) = pulled.get_mut(link.to.place()) {
            *pull += link.weight;
        }
    }
    let mut seeds: Vec<Product> = (0_u32..).take(count).map(Product).collect();
    let pull_of = |product: &Product| pulled.get(product.place()).copied().unwrap_or_default();
    seeds.sort_by(|a, b| pull_of(b).total_cmp(&pull_of(a)).then(a.cmp(b)));

    let mut placed = vec![false; count];
    let mut pull = vec![0.0_f32; count];
    let mut waiting = BinaryHeap::new();
    let mut ordered = Vec::with_capacity(count);
    for seed in seeds {
        waiting.push(Waiting { pull: 0.0, product: seed });
        while let Some(Waiting { product, .. }) = waiting.pop() {
            let Some(is_placed) = placed.get_mut(product.place()) else { continue };
            if core::mem::replace(is_placed, true) {
                continue;
            }
            ordered.push(product);
            let row = links.rows.get(product.place()).map(Vec::as_slice).unwrap_or_default();
            let sum = row.iter().map(|link| link.weight).sum::<f32>().max(f32::MIN_POSITIVE);
            for &Link { to, weight } in row {
                let Some(sofar) = pull.get_mut(to.place()) else { continue };
                *sofar += weight / sum;
                if placed.get(to.place()) == Some(&false) {
                    waiting.push(Waiting { pull: *sofar, product: to });
                }
            }
        }
    }
    ordered
}

/// The links under the numbers of that order: row n is the row of `order[n]`.
pub fn renumbered(links: &Links, order: &[Product]) -> Links {
    let mut numbers = vec![None; links.rows.len()];
    for (number, product) in (0_u32..).zip(order) {
        if let Some(place) = numbers.get_mut(product.place()) {
            *place = Some(Product(number));
        }
    }
    let renumber = |link: &Link| {
        let to = numbers.get(link.to.place()).copied().flatten()?;
        Some(Link { to, weight: link.weight })
    };
    let row = |product: &Product| {
        let row = links.rows.get(product.place()).map(Vec::as_slice).unwrap_or_default();
        row.iter().filter_map(renumber).collect()
    };
    Links { rows: order.iter().map(row).collect() }
}

/// A product that waits for its place; the one that is pulled most comes first.
struct Waiting {
    pull: f32,
    product: Product,
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.pull.total_cmp(&other.pull).then(other.product.cmp(&self.product))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Waiting {}
