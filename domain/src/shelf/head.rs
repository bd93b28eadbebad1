//! The short file of a market.

use serde::{Deserialize, Serialize};

use super::Card;
use super::bits::Bits;
use super::key::Key;
use crate::id::{Malformed, Slug};
use crate::recommend::{Product, best};

/// The short file of one market, which lives for seconds: what files there are and what has changed since they were
/// written. Travels as postcard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// Version of this form of data: [`Head::VERSION`].
    pub v: u8,
    /// Counts up with every learning. Products have other numbers then.
    pub generation: u32,
    /// ISO 4217, as text.
    pub currency: String,
    /// How many products there are: numbers from 0.
    pub products: u32,
    /// The immutable files.
    pub files: Files,
    /// What must not be shown: out of stock, excluded by a rule, not in this market, gone.
    pub out: Bits,
    /// What has another card than the files say, by number.
    pub changed: Vec<(Product, Card)>,
    /// What many look at these days in this market, best first, with the share of visitors who do.
    pub trending: Vec<(Product, f32)>,
    /// What the merchant's rules mean for single shelves, under the numbers of this generation.
    pub rules: Vec<Ruled>,
}

impl Head {
    /// The version of the wire form that this code writes and reads.
    pub const VERSION: u8 = 1;

    /// The head of a market of which nothing is known yet.
    pub fn empty(currency: &str) -> Self {
        Self {
            v: Self::VERSION,
            generation: 0,
            currency: currency.to_owned(),
            products: 0,
            files: Files::None,
            out: Bits::default(),
            changed: Vec::new(),
            trending: Vec::new(),
            rules: Vec::new(),
        }
    }

    /// Reads a head. Another version of the form is an error, never a guess.
    ///
    /// # Errors
    /// Bytes that [`Head::write`] would never have written.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        const HOW: Malformed = Malformed("expected the head of a market, version 1");
        if bytes.first() != Some(&Self::VERSION) {
            return Err(HOW);
        }
        let mut head: Self = postcard::from_bytes(bytes).map_err(|_| HOW)?;
        let lifts = head.rules.iter().filter_map(|rule| match rule.deed {
            Deed::Lift(by, _) => Some(by),
            Deed::Pin(_) | Deed::Exclude(_) => None,
        });
        let is_sound = |number: f32| number.is_finite() && number >= 0.0;
        if !lifts.chain(head.trending.iter().map(|seen| seen.1)).all(is_sound) {
            return Err(Malformed("expected shares and lifts that are numbers, not below 0"));
        }
        best::sort(&mut head.changed, &|a, b| a.0 < b.0);
        Ok(head)
    }

    /// Writes it.
    ///
    /// # Errors
    /// None that is known: it is written into memory.
    pub fn write(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_allocvec(self)
    }
}

/// Names of immutable files: the first 64 bits of the SHA-256 of what is in them, before it is compressed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Files {
    /// Nothing was learned yet.
    None,
    /// The whole shop is one file.
    Whole(u64),
    /// A large shop: files of products with neighbouring numbers.
    Buckets {
        /// What is trending, for pages of no product.
        front: u64,
        /// The first number of each bucket, and its file; by number.
        buckets: Vec<(u32, u64)>,
        /// Which number a product has: by the first bits of its key, a file each. A power of two of them.
        index: Vec<u64>,
    },
}

impl Files {
    /// The file with the row and the card of a product.
    pub fn of(&self, product: Product) -> Option<u64> {
        match self {
            Self::None => None,
            Self::Whole(file) => Some(*file),
            Self::Buckets { buckets, .. } => {
                let after = buckets.partition_point(|bucket| bucket.0 <= product.0);
                buckets.get(after.checked_sub(1)?).map(|bucket| bucket.1)
            }
        }
    }

    /// The file to open where no product is looked at.
    pub fn front(&self) -> Option<u64> {
        match self {
            Self::None => None,
            Self::Whole(file) => Some(*file),
            Self::Buckets { front, .. } => Some(*front),
        }
    }

    /// The file that knows which number belongs to a key; none where the only file knows all.
    pub fn slice(&self, key: Key) -> Option<u64> {
        match self {
            Self::None | Self::Whole(_) => None,
            Self::Buckets { index, .. } => index.get(key.slice(index.len())).copied(),
        }
    }
}

/// The name of a file, as it stands in its address: 16 hex digits.
pub fn name_of(file: u64) -> String {
    crate::id::hex(&file.to_be_bytes())
}

/// A rule of the merchant's for one shelf, with products by number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ruled {
    /// Which shelf; all if it is not named.
    pub shelf: Option<Slug>,
    /// Only beside these products; beside all, and on pages of no product, if it does not say.
    pub beside: Option<Bits>,
    /// What it does.
    pub deed: Deed,
    /// Its place among the merchant's rules, from 0, for the why.
    pub rule: u16,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Deed {
    /// Puts these products at the beginning, in this order, unless they are out.
    Pin(Vec<Product>),
    /// Multiplies the scores of these products.
    Lift(f32, Bits),
    /// Leaves these products out.
    Exclude(Bits),
}
