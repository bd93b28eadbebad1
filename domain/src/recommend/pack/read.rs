//! Reading a pack. It may come from anywhere: nothing in it is believed before it is checked, and no more memory is
//! taken than in proportion to its bytes.

use super::{MARK, MOST_ROWS, MOST_TRENDING, OF_LEVEL, OF_ROW, ONE, Pack, Rows};
use crate::id::Malformed;
use crate::recommend::Product;
use crate::recommend::bytes::{Bytes, CONTINUED};

impl Rows {
    /// Reads what `pack::write` has written.
    ///
    /// # Errors
    /// Bytes that it would never have written.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        Self::rest(Bytes::new(bytes))
    }

    /// Reads a pack that is a part of something, whose bytes are its own.
    pub(crate) fn rest(mut rest: Bytes<'_>) -> Result<Self, Malformed> {
        if rest.take(MARK.len())? != MARK {
            return Err(Malformed("expected a pack of links, version 1"));
        }
        let first = rest.varint()?;
        let rows = rest.varint()?;
        let products = rest.varint()?;
        let in_catalogue = first.checked_add(rows).is_some_and(|end| end <= products);
        let count = Product(rows).place();
        if !in_catalogue || count > MOST_ROWS {
            return Err(Malformed("expected rows of products of the catalogue, at most 65,536"));
        }
        let shares = shares(rest.take(1)?);
        let trending = trending(&mut rest, products)?;
        let counts = rest.take(count)?;
        let strongest = rest.part(count)?;
        let links = counts.iter().map(|&links| usize::from(links)).sum();
        let levels = rest.part(links)?;
        let mut starts = Vec::with_capacity(count.saturating_add(1));
        let mut start = 0_u32;
        starts.push(start);
        for &links in counts {
            start = start.saturating_add(u32::from(links));
            starts.push(start);
        }
        let numbers = rest.rest;
        let ended = ended(numbers);
        if ended.last() != Some(&start) || numbers.last().is_some_and(|last| *last >= 0x80) {
            return Err(Malformed("expected a number for each link of the pack, and nothing more"));
        }
        let numbers = rest.part(numbers.len())?;
        Ok(Self { first, products, trending, starts, strongest, levels, numbers, ended, shares })
    }
}

impl<'a> Pack<'a> {
    /// The numbers from one on, in the order in which they are written.
    pub(super) fn numbers_from(self, number: u32) -> &'a [u8] {
        let Self { rows, bytes } = self;
        // The last block before whose end it begins: fewer have ended before that.
        let block = rows.ended.partition_point(|ended| *ended < number).saturating_sub(1);
        let mut left = number.saturating_sub(rows.ended.get(block).copied().unwrap_or_default());
        let mut rest = rows.numbers.of(bytes).get(block.saturating_mul(BLOCK)..).unwrap_or_default();
        while left > 0
            && let Some((byte, after)) = rest.split_first()
        {
            left -= u32::from(*byte < 0x80);
            rest = after;
        }
        rest
    }
}

/// Bytes whose ends of numbers are counted at once.
const BLOCK: usize = 64;

/// How many numbers have ended before each block, and at last before the end. Eight bytes are looked at together:
/// a number ends with a byte whose highest bit is not set.
fn ended(numbers: &[u8]) -> Vec<u32> {
    let mut sum = 0_u32;
    let mut ended = Vec::with_capacity(numbers.len() / BLOCK + 2);
    ended.push(sum);
    for block in numbers.chunks(BLOCK) {
        let (eights, rest) = block.as_chunks::<8>();
        for eight in eights {
            sum = sum.saturating_add((!u64::from_le_bytes(*eight) & CONTINUED).count_ones());
        }
        for byte in rest {
            sum = sum.saturating_add(u32::from(*byte < 0x80));
        }
        ended.push(sum);
    }
    ended
}

/// For every level that a byte can be, so that a level needs no check of its own.
fn shares(step: &[u8]) -> Vec<f32> {
    let step = f32::from(step.first().copied().unwrap_or_default()) / OF_LEVEL;
    (0..=u8::MAX).map(|level| libm::exp2f(-f32::from(level) * step)).collect()
}

fn trending(rest: &mut Bytes<'_>, products: u32) -> Result<Vec<(Product, f32)>, Malformed> {
    let count = Product(rest.varint()?).place();
    if count > MOST_TRENDING {
        return Err(Malformed("expected at most 64 products that many look at"));
    }
    let numbers: Vec<Product> = (0..count).map(|_| product(rest.varint()?, products)).collect::<Result<_, _>>()?;
    Ok(numbers.into_iter().zip(rest.take(count)?.iter().copied().map(power)).collect())
}

pub(super) fn power(byte: u8) -> f32 {
    libm::exp2f((f32::from(byte) - ONE) / OF_ROW)
}

/// The numbers of a row, one after the other.
pub(super) struct Numbers<'a> {
    rest: Bytes<'a>,
    own: u32,
    last: Option<u32>,
    products: u32,
}

impl<'a> Numbers<'a> {
    pub(super) fn of(bytes: &'a [u8], own: Product, products: u32) -> Self {
        Self { rest: Bytes::new(bytes), own: own.0, last: None, products }
    }

    pub(super) fn next(&mut self) -> Option<Product> {
        let distance = self.rest.varint().ok()?;
        let next = match self.last {
            None => self.own.checked_add_signed(unzigzag(distance))?,
            Some(last) => distance.checked_add(1)?.checked_add(last)?,
        };
        self.last = Some(next);
        product(next, self.products).ok()
    }
}

fn product(number: u32, products: u32) -> Result<Product, Malformed> {
    if number < products { Ok(Product(number)) } else { Err(Malformed("expected a product of the catalogue")) }
}

fn unzigzag(number: u32) -> i32 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}
