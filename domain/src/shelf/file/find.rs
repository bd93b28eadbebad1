//! Finding a file's products by what a page knows of them.
//!
//! Of keys that follow from cards only the last byte is written down. A page asks for a few dozen at most: all of them
//! are looked for in one pass, most cards are passed over by that byte, and nothing is made ready when the file is read.

use super::{Bucket, CardRef, Lying};
use crate::recommend::Product;
use crate::recommend::bytes::Part;
use crate::shelf::key::Key;

/// What was found so far of what is looked for.
struct Sought<'a> {
    keys: &'a [Key],
    found: Vec<Found>,
    /// Whether any key that is looked for ends in this byte.
    ends: [bool; 256],
}

#[derive(Clone, Copy, PartialEq)]
enum Found {
    Nothing,
    One(Product),
    Several,
}

impl Sought<'_> {
    fn may_be(&self, end: u8) -> bool {
        self.ends.get(usize::from(end)).is_some_and(|sought| *sought)
    }

    fn has(&mut self, key: u32, product: Product) {
        let [end, ..] = key.to_le_bytes();
        if !self.may_be(end) {
            return;
        }
        for (sought, found) in self.keys.iter().zip(&mut self.found) {
            if sought.short() == key {
                *found = match *found {
                    Found::One(other) if other != product => Found::Several,
                    Found::Several => Found::Several,
                    _ => Found::One(product),
                };
            }
        }
    }
}

impl Bucket {
    /// The products with these keys, in their order; none where none of this file's own has it, or two have.
    pub fn find(&self, keys: &[Key]) -> Vec<Option<Product>> {
        if keys.is_empty() {
            return Vec::new();
        }
        let mut sought = Sought { keys, found: vec![Found::Nothing; keys.len()], ends: [false; 256] };
        for key in keys {
            if let Some(sought) = sought.ends.get_mut(usize::from(key.end())) {
                *sought = true;
            }
        }
        for (key, product) in &self.keys {
            sought.has(*key, *product);
        }
        let ends = |part: Part| part.of(&self.bytes).iter();
        for (place, (id, page)) in ends(self.ends.0).zip(ends(self.ends.1)).enumerate() {
            let (id, page) = (sought.may_be(*id), sought.may_be(*page));
            if !(id || page) || !self.has(place) {
                continue;
            }
            let product = Product(self.own.start.saturating_add(u32::try_from(place).unwrap_or(u32::MAX)));
            if id {
                sought.has(Key::of_id(self.id(place)).short(), product);
            }
            if page {
                sought.has(Key::of_page(&CardRef(Lying::Filed(self, place)).url()).short(), product);
            }
        }
        let one = |found| if let Found::One(product) = found { Some(product) } else { None };
        sought.found.into_iter().map(one).collect()
    }

    /// The product with a key, as [`Bucket::find`] finds it.
    pub fn number(&self, key: Key) -> Option<Product> {
        self.find(&[key]).first().copied().flatten()
    }
}
