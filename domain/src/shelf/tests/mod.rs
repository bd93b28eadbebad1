//! The whole of shelves: files, rules, filling.

mod filing;
mod filling;
#[cfg(feature = "catalogue")]
mod judging;
mod poisoning;

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::file::{Bucket, Own, Shop, bucket};
use super::key::Key;
use super::settings::{Only, Shelf};
use super::{Card, Files, Head, Kind};
use crate::recommend::Product;
use crate::recommend::links::{Link, Links};

const GENERATION: u32 = 3;

/// A card with everything that there can be, as its number says.
fn card(number: u32) -> Card {
    let price = number.is_multiple_of(5).then_some(number * 100 + 99);
    Card {
        id: format!("sku-{number}"),
        title: format!("Red hat, no. {number}"),
        url: if number.is_multiple_of(3) { format!("/p/{number}") } else { format!("/shop/red-hat-no-{number}.html") },
        image: if number.is_multiple_of(4) { String::new() } else { format!("/pictures/{number}.jpg") },
        price: price.xor(Some(number * 7)),
        was: number.is_multiple_of(6).then_some(number + 1_000),
        brand: if number.is_multiple_of(2) { String::new() } else { format!("Brand {}", number % 7) },
        categories: (0..number % 3).map(|n| format!("Hats > Kind {}", (number + n) % 5)).collect(),
        lift: if number.is_multiple_of(8) { 144 } else { Card::NO_LIFT },
        badges: if number.is_multiple_of(9) { 3 } else { 0 },
    }
}

fn own(number: u32) -> Own {
    let variants = (0..number % 4).map(|variant| Key::of_id(&format!("sku-{number}-{variant}")));
    Own { card: (!number.is_multiple_of(11)).then(|| card(number)), keys: variants.collect() }
}

/// Each product leads to those before and after it, and to one far away.
fn links(products: u32) -> Links {
    let row = |n: u32| {
        let to = [n.wrapping_sub(1), n + 1, (n * 7 + 13) % products];
        let mut row: Vec<Link> = Vec::new();
        for (place, to) in (1_u16..).zip(to) {
            if to < products && to != n && row.iter().all(|link| link.to.0 != to) {
                row.push(Link { to: Product(to), weight: 1.0 / f32::from(place) });
            }
        }
        row
    };
    Links { rows: (0..products).map(row).collect() }
}

/// A shop with its files.
struct Made {
    next: Links,
    together: Links,
    own: Vec<Own>,
}

impl Made {
    fn of(products: u32) -> Self {
        Self {
            next: links(products),
            together: Links { rows: vec![Vec::new(); Product(products).place()] },
            own: (0..products).map(own).collect(),
        }
    }

    fn shop(&self) -> Shop<'_> {
        Shop { generation: GENERATION, next: &self.next, together: &self.together, own: &self.own, viewers: &[] }
    }

    fn whole(&self) -> Bucket {
        let all = u32::try_from(self.own.len()).unwrap();
        Bucket::read(bucket(&self.shop(), 0..all, usize::MAX, &mut |bytes| bytes.len()).bytes).unwrap()
    }

    fn head(&self) -> Head {
        let products = u32::try_from(self.own.len()).unwrap();
        Head { generation: GENERATION, products, files: Files::Whole(1), ..Head::empty("EUR") }
    }
}

fn shelf(kind: Kind) -> Shelf {
    Shelf {
        name: "here".parse().unwrap(),
        kind,
        size: 4,
        least: 1,
        without_owned: true,
        without_cart: true,
        only: Only::default(),
        most_of_category: None,
        most_of_brand: None,
        holdout: 0,
    }
}
