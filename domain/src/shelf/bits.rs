//! Sets of products, a bit each.

use serde::{Deserialize, Serialize};

use crate::recommend::Product;

/// A set of products. It takes an eighth of a byte for each number up to the largest in it, and hardly anything of
/// that once it is compressed, unless it says much.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bits(Vec<u8>);

impl Bits {
    /// Whether a product is in it.
    pub fn has(&self, product: Product) -> bool {
        self.0.get(product.place() / 8).is_some_and(|byte| byte >> (product.0 % 8) & 1 == 1)
    }

    /// Puts a product in.
    pub fn put(&mut self, product: Product) {
        let place = product.place() / 8;
        if self.0.len() <= place {
            self.0.resize(place.saturating_add(1), 0);
        }
        if let Some(byte) = self.0.get_mut(place) {
            *byte |= 1 << (product.0 % 8);
        }
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|byte| *byte == 0)
    }

    /// What is in it, by number.
    pub fn iter(&self) -> impl Iterator<Item = Product> + '_ {
        (0_u32..).zip(&self.0).flat_map(|(place, byte)| {
            let at = |bit: &u32| byte >> bit & 1 == 1;
            (0..8).filter(at).map(move |bit| Product(place.saturating_mul(8).saturating_add(bit))).collect::<Vec<_>>()
        })
    }
}

impl FromIterator<Product> for Bits {
    fn from_iter<T: IntoIterator<Item = Product>>(products: T) -> Self {
        let mut bits = Self::default();
        for product in products {
            bits.put(product);
        }
        bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_in_it_and_nothing_else() {
        let bits: Bits = [0, 7, 8, 300].into_iter().map(Product).collect();
        assert!(bits.iter().map(|product| product.0).eq([0, 7, 8, 300]));
        assert!(bits.has(Product(300)) && !bits.has(Product(1)) && !bits.has(Product(u32::MAX)));
        assert!(!bits.is_empty() && Bits::default().is_empty());
    }
}
