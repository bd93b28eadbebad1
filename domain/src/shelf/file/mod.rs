//! A file of a shop: rows of products with neighbouring numbers, and what has to be known to show them and what their
//! rows lead to. The whole of a small shop, a bucket of a large one, or its front.
//!
//! Like stands beside like, for brotli:
//!
//! | bytes | what |
//! | --- | --- |
//! | 3 | `S`, `B`, the version 1 |
//! | varints | generation, first number, own products, products of the catalogue |
//! | varint, bytes | rows of what is looked at next, as a pack ([`crate::recommend::pack`]) |
//! | varint, bytes | rows of what is bought together, likewise |
//! | varint, varints | foreign products, ascending: how many, then each as distance from the one before, less one |
//! | texts | categories |
//! | texts | brands |
//! | 2 texts | what most addresses of pages begin and end with, around their titles |
//! | a byte for each card | what of it there is ([`flag`]) |
//! | texts | ids |
//! | texts | titles |
//! | texts | addresses of pages, of those that are not made of their titles |
//! | texts | pictures |
//! | varints | prices |
//! | varints | prices before |
//! | varints | brands, by their place |
//! | varints | categories: for each card how many, then all by their place |
//! | bytes | lifts |
//! | bytes | badges |
//! | a byte for each own product | the last byte of its id's key |
//! | a byte for each own product | the last byte of its page's key |
//! | varints | for each own product how many further keys it has |
//! | 4 bytes for each | these keys |
//!
//! Texts are their lengths in bytes, then all of them; before categories and brands stands how many there are, all
//! others are one for each card. What a card does not have is empty or 0, which costs brotli nothing. Cards are those of
//! the own products by number, then those of the foreign ones. Varints are LEB128 of at most 32 bits.

mod cards;
mod find;
mod read;
mod slug;
#[cfg(feature = "learning")]
mod write;

use core::ops::Range;

use crate::recommend::Product;
use crate::recommend::bytes::Part;
use crate::recommend::pack::{Pack, Rows};
pub use cards::CardRef;
use cards::{Cards, Lying, Texts};
#[cfg(feature = "learning")]
pub use write::{Own, Shop, Written, bucket, front};

const MARK: [u8; 3] = *b"SB\x01";

/// What of a card there is.
mod flag {
    /// Anything at all: without it nothing of the product is known.
    pub const KNOWN: u8 = 1;
    /// A price.
    pub const PRICE: u8 = 1 << 1;
    /// A price before.
    pub const WAS: u8 = 1 << 2;
    /// A page whose address is not made of its title.
    pub const URL: u8 = 1 << 3;
    /// A brand.
    pub const BRAND: u8 = 1 << 4;
}

/// A file, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Bucket {
    bytes: Vec<u8>,
    generation: u32,
    own: Range<u32>,
    products: u32,
    next: Rows,
    together: Rows,
    foreign: Vec<Product>,
    categories: Texts,
    brands: Texts,
    around: Texts,
    /// Of own products by number, then of foreign ones.
    cards: Cards,
    /// The last byte of the key of each own product's id, and of its page.
    ends: (Part, Part),
    /// What own products are found by beyond what follows from their cards.
    keys: Vec<(u32, Product)>,
}

impl Bucket {
    /// Numbers of the products whose rows are here.
    pub fn own(&self) -> Range<u32> {
        self.own.clone()
    }

    /// Products of which only the card is here, by number.
    pub fn foreign(&self) -> &[Product] {
        &self.foreign
    }

    /// By which learning products have these numbers.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// How many products the catalogue has.
    pub fn products(&self) -> u32 {
        self.products
    }

    /// Rows of what is looked at next.
    pub fn next(&self) -> Pack<'_> {
        self.next.of(&self.bytes)
    }

    /// Rows of what is bought together.
    pub fn together(&self) -> Pack<'_> {
        self.together.of(&self.bytes)
    }

    /// What is known of a product.
    pub fn card(&self, product: Product) -> Option<CardRef<'_>> {
        let place = if self.own.contains(&product.0) {
            Product(product.0.checked_sub(self.own.start)?).place()
        } else {
            self.own.len().checked_add(self.foreign.binary_search(&product).ok()?)?
        };
        self.has(place).then_some(CardRef(Lying::Filed(self, place)))
    }
}
