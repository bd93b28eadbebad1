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
//! | bytes | lifts, of those that have one |
//! | bytes | badges, of those that have any |
//! | varints | for each own product how many further keys it has |
//! | 4 bytes for each | these keys |
//!
//! Texts are their number, their lengths in bytes, then all of them. Cards are those of the own products by number, then those of the
//! foreign ones. Varints are LEB128 of at most 32 bits.

mod bytes;
mod read;
mod slug;
#[cfg(feature = "learning")]
mod write;

use core::ops::Range;
use std::borrow::Cow;

use super::Card;
use super::key::Key;
use crate::recommend::Product;
use crate::recommend::pack::Pack;
pub(super) use bytes::Bytes;
#[cfg(feature = "learning")]
pub(super) use bytes::varint;
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
    /// A picture.
    pub const IMAGE: u8 = 1 << 3;
    /// A page whose address is not made of its title.
    pub const URL: u8 = 1 << 4;
    /// A brand.
    pub const BRAND: u8 = 1 << 5;
    /// A lift.
    pub const LIFT: u8 = 1 << 6;
    /// Badges.
    pub const BADGES: u8 = 1 << 7;
}

/// A file, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Bucket {
    generation: u32,
    own: Range<u32>,
    products: u32,
    next: Pack,
    together: Pack,
    foreign: Vec<Product>,
    categories: Vec<String>,
    brands: Vec<String>,
    around: (String, String),
    /// Of own products by number, then of foreign ones.
    cards: Vec<Stored>,
    /// Which categories they are in, all of them one after the other.
    of_cards: Vec<u16>,
    texts: String,
    /// What own products are found by, by group.
    keys: Vec<(u32, Product)>,
    /// Where each group of keys begins, and at last where the last one ends.
    groups: Vec<u32>,
}

/// Into which group a key belongs: looking through one of them is quick, and so is dividing them.
fn group(key: u32) -> u8 {
    key.to_le_bytes()[0]
}

/// A card by places in what the file holds.
#[derive(Clone, Debug, Default, PartialEq)]
struct Stored {
    known: bool,
    id: (u32, u32),
    title: (u32, u32),
    url: Option<(u32, u32)>,
    image: (u32, u32),
    price: Option<u32>,
    was: Option<u32>,
    brand: Option<u16>,
    categories: (u32, u32),
    lift: u8,
    badges: u8,
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
    pub fn next(&self) -> &Pack {
        &self.next
    }

    /// Rows of what is bought together.
    pub fn together(&self) -> &Pack {
        &self.together
    }

    /// The product with a key; none if none of this file's own has it, or two have.
    pub fn number(&self, key: Key) -> Option<Product> {
        let group = usize::from(group(key.short()));
        let from = self.groups.get(group).copied().unwrap_or_default();
        let to = self.groups.get(group + 1).copied().unwrap_or_default();
        let keys = self.keys.get(Product(from).place()..Product(to).place()).unwrap_or_default();
        let mut found = keys.iter().filter(|known| known.0 == key.short()).map(|known| known.1);
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    }

    /// What is known of a product.
    pub fn card(&self, product: Product) -> Option<CardRef<'_>> {
        let place = if self.own.contains(&product.0) {
            Product(product.0.checked_sub(self.own.start)?).place()
        } else {
            self.own.len().checked_add(self.foreign.binary_search(&product).ok()?)?
        };
        let stored = self.cards.get(place).filter(|stored| stored.known)?;
        Some(CardRef(Filed(self, stored)))
    }

    fn text(&self, (from, to): (u32, u32)) -> &str {
        self.texts.get(Product(from).place()..Product(to).place()).unwrap_or_default()
    }
}

/// A card where it lies.
#[derive(Clone, Copy, Debug)]
pub struct CardRef<'a>(Lying<'a>);

#[derive(Clone, Copy, Debug)]
enum Lying<'a> {
    /// In a file.
    Filed(&'a Bucket, &'a Stored),
    /// By itself.
    Whole(&'a Card),
}
use Lying::{Filed, Whole};

impl<'a> From<&'a Card> for CardRef<'a> {
    fn from(card: &'a Card) -> Self {
        Self(Whole(card))
    }
}

impl<'a> CardRef<'a> {
    /// Its name.
    pub fn title(self) -> &'a str {
        match self.0 {
            Filed(file, stored) => file.text(stored.title),
            Whole(card) => &card.title,
        }
    }

    /// Price of one in minor units.
    pub fn price(self) -> Option<u32> {
        match self.0 {
            Filed(_, stored) => stored.price,
            Whole(card) => card.price,
        }
    }

    /// Who makes it; empty if that is not known.
    pub fn brand(self) -> &'a str {
        match self.0 {
            Filed(file, stored) => {
                stored.brand.and_then(|place| file.brands.get(usize::from(place))).map_or("", String::as_str)
            }
            Whole(card) => &card.brand,
        }
    }

    /// The merchant's lift, as in [`Card::lift`].
    pub fn lift(self) -> u8 {
        match self.0 {
            Filed(_, stored) => stored.lift,
            Whole(card) => card.lift,
        }
    }

    /// How many categories it is in.
    pub fn categories(self) -> usize {
        match self.0 {
            Filed(_, stored) => Product(stored.categories.1.saturating_sub(stored.categories.0)).place(),
            Whole(card) => card.categories.len(),
        }
    }

    /// One of its categories.
    pub fn category(self, place: usize) -> Option<&'a str> {
        match self.0 {
            Filed(file, stored) => {
                let place = Product(stored.categories.0).place().checked_add(place)?;
                let place = file.of_cards.get(place).filter(|_| place < Product(stored.categories.1).place())?;
                file.categories.get(usize::from(*place)).map(String::as_str)
            }
            Whole(card) => card.categories.get(place).map(String::as_str),
        }
    }

    /// Its page.
    pub fn url(self) -> Cow<'a, str> {
        match self.0 {
            Filed(file, stored) => match stored.url {
                Some(url) => Cow::Borrowed(file.text(url)),
                None => Cow::Owned(slug::around(&file.around, self.title())),
            },
            Whole(card) => Cow::Borrowed(&card.url),
        }
    }

    /// The whole card.
    pub fn to_card(self) -> Card {
        match self.0 {
            Filed(file, stored) => Card {
                id: file.text(stored.id).to_owned(),
                title: self.title().to_owned(),
                url: self.url().into_owned(),
                image: file.text(stored.image).to_owned(),
                price: stored.price,
                was: stored.was,
                brand: self.brand().to_owned(),
                categories: (0..self.categories()).filter_map(|n| self.category(n)).map(str::to_owned).collect(),
                lift: stored.lift,
                badges: stored.badges,
            },
            Whole(card) => card.clone(),
        }
    }
}
