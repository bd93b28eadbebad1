//! Reading a file. It may come from anywhere: nothing in it is believed before it is checked, and no more memory is
//! taken than in proportion to its bytes.

use super::{Bucket, Cards, MARK, Texts};
use crate::id::Malformed;
use crate::recommend::Product;
use crate::recommend::bytes::Bytes;
use crate::recommend::pack::Rows;

impl Bucket {
    /// The shortest file, of no products.
    pub const EMPTY: [u8; 30] = *b"SB\x01\0\0\0\0\x08RL\x01\0\0\0\0\0\x08RL\x01\0\0\0\0\0\0\0\0\0\0";

    /// Reads what [`super::bucket`] or [`super::front`] has written.
    ///
    /// # Errors
    /// Bytes that they would never have written.
    pub fn read(bytes: Vec<u8>) -> Result<Self, Malformed> {
        let mut rest = Bytes::new(&bytes);
        if rest.take(MARK.len())? != MARK {
            return Err(Malformed("expected a file of shelves, version 1"));
        }
        let generation = rest.varint()?;
        let first = rest.varint()?;
        let own = rest.varint()?;
        let products = rest.varint()?;
        let own = first..first.checked_add(own).filter(|end| *end <= products).ok_or(OUTSIDE)?;
        let next = pack(&mut rest, &own, products)?;
        let together = pack(&mut rest, &own, products)?;
        let foreign = foreign(&mut rest, &own, products)?;
        let categories = Texts::counted(&mut rest)?;
        let brands = Texts::counted(&mut rest)?;
        let around = Texts::read(&mut rest, 2)?;
        let count = own.len().checked_add(foreign.len()).ok_or(OUTSIDE)?;
        let cards = Cards::read(&mut rest, count)?;
        let ends = (rest.part(own.len())?, rest.part(own.len())?);
        let keys = keys(&mut rest, own.clone())?;
        rest.end()?;
        Ok(Self {
            bytes,
            generation,
            own,
            products,
            next,
            together,
            foreign,
            categories,
            brands,
            around,
            cards,
            ends,
            keys,
        })
    }
}

const OUTSIDE: Malformed = Malformed("expected products of the catalogue");

/// Rows of the file's own products, or none at all.
fn pack(rest: &mut Bytes<'_>, own: &core::ops::Range<u32>, products: u32) -> Result<Rows, Malformed> {
    let length = rest.count(1)?;
    let read = Rows::rest(rest.within(length)?)?;
    let pack = read.of(&[]);
    let rows = pack.rows();
    let fits = rows.is_empty() || rows.start >= own.start && rows.end <= own.end;
    if fits && pack.products() == products { Ok(read) } else { Err(Malformed("expected rows of the file's products")) }
}

fn foreign(rest: &mut Bytes<'_>, own: &core::ops::Range<u32>, products: u32) -> Result<Vec<Product>, Malformed> {
    let count = rest.count(1)?;
    let mut foreign = Vec::with_capacity(count);
    let mut next = 0_u32;
    for _ in 0..count {
        let number = next.checked_add(rest.varint()?).filter(|number| *number < products).ok_or(OUTSIDE)?;
        if own.contains(&number) {
            return Err(Malformed("expected foreign products that are not the file's own"));
        }
        foreign.push(Product(number));
        next = number.saturating_add(1);
    }
    Ok(foreign)
}

fn keys(rest: &mut Bytes<'_>, own: core::ops::Range<u32>) -> Result<Vec<(u32, Product)>, Malformed> {
    let counts = rest.varints(own.len())?;
    let all = counts.iter().try_fold(0_u32, |sum, count| sum.checked_add(*count)).ok_or(OUTSIDE)?;
    let mut keys = Vec::with_capacity(Product(all).place().min(rest.rest.len()));
    for (product, count) in own.map(Product).zip(counts) {
        let bytes = Product(count).place().checked_mul(4).ok_or(OUTSIDE)?;
        for key in rest.take(bytes)?.chunks_exact(4) {
            keys.push((key.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte)), product));
        }
    }
    Ok(keys)
}
