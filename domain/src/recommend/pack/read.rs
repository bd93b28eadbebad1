//! Reading a pack. It may come from anywhere: nothing in it is believed before it is checked, and no more memory is
//! taken than in proportion to its bytes.

use super::{MARK, MOST_ROWS, MOST_TRENDING, OF_LEVEL, OF_ROW, ONE, Pack};
use crate::id::Malformed;
use crate::recommend::Product;

impl Pack {
    /// Reads what `pack::write` has written.
    ///
    /// # Errors
    /// Bytes that it would never have written.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut rest = Bytes(bytes);
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
        let strongest = rest.take(count)?;
        let links = counts.iter().map(|&links| usize::from(links)).sum();
        let levels = rest.take(links)?.to_vec();
        let mut starts = Vec::with_capacity(count.saturating_add(1));
        let mut places = Vec::with_capacity(count);
        let numbers = rest.0.to_vec();
        let mut after = numbers.iter();
        let mut start = 0_u32;
        starts.push(start);
        for &links in counts {
            let place = numbers.len() - after.len();
            places.push(u32::try_from(place).map_err(|_| Malformed("expected a smaller pack"))?);
            let mut left = links;
            while left > 0 {
                let byte = after.next().ok_or(Malformed("expected more bytes of the pack"))?;
                left -= u8::from(*byte < 0x80);
            }
            start = start.saturating_add(u32::from(links));
            starts.push(start);
        }
        if after.next().is_some() {
            return Err(Malformed("expected the end of the pack"));
        }
        let strongest = strongest.iter().copied().map(power).collect();
        Ok(Self { first, products, trending, starts, places, strongest, levels, numbers, shares })
    }
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

fn power(byte: u8) -> f32 {
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
    pub(super) fn new(bytes: &'a [u8], own: Product, products: u32) -> Self {
        Self { rest: Bytes(bytes), own: own.0, last: None, products }
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

struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed("expected more bytes of the pack"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn varint(&mut self) -> Result<u32, Malformed> {
        // Nearly all are so short.
        if let Some((&byte, rest)) = self.0.split_first()
            && byte < 0x80
        {
            self.0 = rest;
            return Ok(byte.into());
        }
        self.long_varint()
    }

    fn long_varint(&mut self) -> Result<u32, Malformed> {
        const HOW: Malformed = Malformed("expected a number of at most 32 bits");
        let mut number = 0_u64;
        let mut shift = 0;
        while shift < 35 {
            let (&byte, rest) = self.0.split_first().ok_or(HOW)?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return u32::try_from(number).map_err(|_| HOW);
            }
            shift += 7;
        }
        Err(HOW)
    }
}
