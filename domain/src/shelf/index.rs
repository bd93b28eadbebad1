//! Which number a product of a large shop has, for pages that know an id or an address.
//!
//! A shop's keys are spread over a power of two of files by their first bits. Each holds many products, so whoever
//! fetches one does not say which.
//!
//! | bytes | what |
//! | --- | --- |
//! | 3 | `S`, `I`, the version 1 |
//! | varints | generation, products of the catalogue, keys |
//! | varints | keys, ascending, each as distance from the one before |
//! | varints | the number of the product of each |

use super::key::Key;
use crate::id::Malformed;
use crate::recommend::Product;
use crate::recommend::bytes::Bytes;
#[cfg(feature = "learning")]
use crate::recommend::bytes::varint;

const MARK: [u8; 3] = *b"SI\x01";

/// A file of keys, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    generation: u32,
    keys: Vec<u32>,
    numbers: Vec<Product>,
}

impl Index {
    /// Reads what [`write`] has written. It may come from anywhere: nothing in it is believed before it is checked.
    ///
    /// # Errors
    /// Bytes that it would never have written.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut rest = Bytes::new(bytes);
        if rest.take(MARK.len())? != MARK {
            return Err(Malformed("expected an index of products, version 1"));
        }
        let generation = rest.varint()?;
        let products = rest.varint()?;
        let count = rest.count(2)?;
        let mut keys = rest.varints(count)?;
        let mut last = 0_u32;
        for key in &mut keys {
            last = last.checked_add(*key).ok_or(Malformed("expected keys in their order"))?;
            *key = last;
        }
        let numbers = rest.varints(count)?;
        if numbers.iter().any(|number| *number >= products) {
            return Err(Malformed("expected products of the catalogue"));
        }
        rest.end()?;
        Ok(Self { generation, keys, numbers: numbers.into_iter().map(Product).collect() })
    }

    /// By which learning products have these numbers.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// The product with a key; none if there is none, or two.
    pub fn number(&self, key: Key) -> Option<Product> {
        let place = self.keys.binary_search(&key.short()).ok()?;
        self.numbers.get(place).copied()
    }
}

/// The files of a shop's keys: as many as it takes that none has more than `most` bytes. Hashes do not become smaller
/// when they are compressed. What two products have is left out.
#[cfg(feature = "learning")]
pub fn write(generation: u32, products: u32, keys: &[(Key, Product)], most: usize) -> Vec<Vec<u8>> {
    let mut slices = 1;
    loop {
        let written: Vec<Vec<u8>> = (0..slices).map(|slice| file(generation, products, keys, slice, slices)).collect();
        if slices >= super::key::MOST_SLICES || written.iter().all(|file| file.len() <= most) {
            return written;
        }
        slices *= 2;
    }
}

#[cfg(feature = "learning")]
fn file(generation: u32, products: u32, keys: &[(Key, Product)], slice: usize, slices: usize) -> Vec<u8> {
    let here = keys.iter().filter(|known| known.0.slice(slices) == slice && known.1.0 < products);
    let mut keys: Vec<(u32, Product)> = here.map(|known| (known.0.short(), known.1)).collect();
    keys.sort_unstable();
    keys.dedup();
    let of_one = |alike: &[(u32, Product)]| if let [one] = alike { Some(*one) } else { None };
    let keys: Vec<(u32, Product)> = keys.chunk_by(|a, b| a.0 == b.0).filter_map(of_one).collect();
    let mut written = MARK.to_vec();
    for number in [generation, products, u32::try_from(keys.len()).unwrap_or(u32::MAX)] {
        varint(&mut written, number);
    }
    let mut last = 0;
    for (key, _) in &keys {
        varint(&mut written, key - last);
        last = *key;
    }
    for (_, product) in &keys {
        varint(&mut written, product.0);
    }
    written
}
