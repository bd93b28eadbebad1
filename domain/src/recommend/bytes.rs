//! Numbers and texts one after the other.

use crate::id::Malformed;

/// The bits that say, in eight bytes, after which of them a number goes on.
pub(crate) const CONTINUED: u64 = 0x8080_8080_8080_8080;

const SHORT: Malformed = Malformed("expected more bytes of the file");

/// What is left to be read.
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl<'a> Bytes<'a> {
    /// So many bytes as they are.
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(SHORT)?;
        self.0 = rest;
        Ok(taken)
    }

    /// A number in LEB128.
    pub(crate) fn varint(&mut self) -> Result<u32, Malformed> {
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

    /// A number of things of at least so many bytes each: never more than there are bytes for.
    pub(crate) fn count(&mut self, each: usize) -> Result<usize, Malformed> {
        let count = usize::try_from(self.varint()?).map_err(|_| SHORT)?;
        if count.checked_mul(each).is_some_and(|bytes| bytes <= self.0.len()) { Ok(count) } else { Err(SHORT) }
    }

    /// So many numbers, one after the other.
    pub(crate) fn varints(&mut self, count: usize) -> Result<Vec<u32>, Malformed> {
        let mut numbers = Vec::with_capacity(count.min(self.0.len()));
        while numbers.len() < count {
            // Most are of one byte: eight at once.
            if let Some((eight, rest)) = self.0.split_first_chunk::<8>()
                && u64::from_le_bytes(*eight) & CONTINUED == 0
                && count - numbers.len() >= eight.len()
            {
                numbers.extend(eight.map(u32::from));
                self.0 = rest;
            } else {
                numbers.push(self.varint()?);
            }
        }
        Ok(numbers)
    }

    /// Nothing may be left.
    pub(crate) fn end(&self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed("expected the end of the file")) }
    }
}

/// Writes a number.
#[cfg(feature = "learning")]
pub(crate) fn varint(written: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        written.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    written.push(number.to_le_bytes()[0]);
}
