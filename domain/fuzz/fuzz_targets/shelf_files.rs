//! A file of shelves, a slice of an index, a head or settings from anywhere: they lead nowhere outside their catalogue,
//! and a shelf can be filled from them.
#![no_main]

use domain::recommend::Product;
use domain::recommend::score::Scorer;
use domain::shelf::{Head, Kind};
use domain::shelf::file::Bucket;
use domain::shelf::fill::{Visitor, fill};
use domain::shelf::index::Index;
use domain::shelf::key::Key;
use domain::shelf::settings::{Only, Shelf, ShelfBrain};
use domain::shelf::store::Store;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(index) = Index::read(bytes) {
        index.number(Key(0));
    }
    let head = Head::read(bytes).unwrap_or_else(|_| Head::empty("EUR"));
    let _ = ShelfBrain::read(bytes);
    let Ok(file) = Bucket::read(bytes.to_vec()) else { return };
    let recent: Vec<Product> = file.own().take(20).map(Product).collect();
    for product in file.own().take(200).map(Product).chain(file.foreign().iter().copied()) {
        if let Some(card) = file.card(product) {
            assert_eq!(card.to_card().title, card.title());
        }
    }
    let head = Head { generation: file.generation(), products: file.products(), ..head };
    let files = [file];
    let store = Store { head: &head, files: &files, indexes: &[], market: None };
    let visitor = Visitor { beside: recent.last().copied(), recent: &recent, remembers: true, ..Visitor::default() };
    for kind in [Kind::Next, Kind::BoughtTogether, Kind::Similar, Kind::RecentlyViewed, Kind::Trending, Kind::ForYou] {
        let Ok(name) = kind.as_str().parse() else { continue };
        let shelf = Shelf {
            name,
            kind,
            size: 8,
            least: 1,
            without_owned: true,
            without_cart: true,
            only: Only::default(),
            most_of_category: Some(3),
            most_of_brand: None,
            holdout: 0,
        };
        assert!(fill(&shelf, store, &visitor, &mut Scorer::default()).items.len() <= 8);
    }
});
