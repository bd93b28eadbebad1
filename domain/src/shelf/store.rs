//! What a page has read so far: the head, and the files that were opened.

use super::Head;
use super::file::{Bucket, CardRef};
use super::index::Index;
use super::key::Key;
use super::market::Market;
use crate::recommend::Product;
use crate::recommend::pack::Pack;

/// What shelves are filled from. Files of another learning than the head's are passed over: their numbers are others.
#[derive(Clone, Copy, Debug)]
pub struct Store<'a> {
    /// What changes by the minute.
    pub head: &'a Head,
    /// Files that were opened, this page's own first.
    pub files: &'a [Bucket],
    /// Slices of the index that were opened.
    pub indexes: &'a [Index],
    /// The market of the page.
    pub market: Option<&'a Market>,
}

impl<'a> Store<'a> {
    fn files(self) -> impl Iterator<Item = &'a Bucket> {
        self.files.iter().filter(move |file| file.generation() == self.head.generation)
    }

    /// The products with these keys, in their order, as far as they are known here.
    pub fn find(self, keys: &[Key]) -> Vec<Option<Product>> {
        let mut found = vec![None; keys.len()];
        for file in self.files() {
            for (found, here) in found.iter_mut().zip(file.find(keys)) {
                *found = found.or(here);
            }
        }
        for index in self.indexes.iter().filter(|index| index.generation() == self.head.generation) {
            for (found, key) in found.iter_mut().zip(keys) {
                *found = found.or_else(|| index.number(*key));
            }
        }
        found
    }

    /// The products of pages, by their addresses or paths.
    pub fn pages<'p>(self, addresses: impl IntoIterator<Item = &'p str>) -> Vec<Option<Product>> {
        let keys: Vec<Key> =
            addresses.into_iter().flat_map(|address| [Key::of_page(address), Key::of_path(address)]).collect();
        self.find(&keys).chunks(2).map(|found| found.iter().copied().find_map(|found| found)).collect()
    }

    /// What is known of a product.
    pub fn card(self, product: Product) -> Option<CardRef<'a>> {
        let changed = &self.head.changed;
        let changed = changed.binary_search_by_key(&product, |changed| changed.0).ok().and_then(|at| changed.get(at));
        changed.map(|changed| CardRef::from(&changed.1)).or_else(|| self.files().find_map(|file| file.card(product)))
    }

    /// Rows of what is looked at next.
    pub fn next(self) -> Vec<Pack<'a>> {
        self.files().map(Bucket::next).collect()
    }

    /// Rows of what is bought together.
    pub fn together(self) -> Vec<Pack<'a>> {
        self.files().map(Bucket::together).collect()
    }

    /// Numbers of products of which something is known here.
    pub fn known(self) -> impl Iterator<Item = Product> + 'a {
        self.files().flat_map(|file| file.own().map(Product).chain(file.foreign().iter().copied()))
    }
}
