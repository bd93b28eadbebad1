//! Numbers and texts one after the other.

use crate::id::Malformed;

/// The bits that say, in eight bytes, after which of them a number goes on.
pub(crate) const CONTINUED: u64 = 0x8080_8080_8080_8080;

const SHORT: Malformed = Malformed("expected more bytes of the file");

/// A part of the bytes of a file: it is kept where it lies, for copying takes longer than reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Part {
    from: usize,
    to: usize,
}

impl Part {
    /// The part, of the bytes that it was read from.
    pub(crate) fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.from..self.to).unwrap_or_default()
    }
}

/// What is left to be read, and where it ends in its file.
pub(crate) struct Bytes<'a> {
    pub(crate) rest: &'a [u8],
    end: usize,
}

impl<'a> Bytes<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, end: bytes.len() }
    }

    /// So many bytes as they are.
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(SHORT)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Where so many bytes lie.
    pub(crate) fn part(&mut self, count: usize) -> Result<Part, Malformed> {
        let from = self.end - self.rest.len();
        let to = from + self.take(count)?.len();
        Ok(Part { from, to })
    }

    /// Where a text of so many bytes lies.
    pub(crate) fn text(&mut self, count: usize) -> Result<Part, Malformed> {
        let text = self.rest.get(..count).unwrap_or_default();
        core::str::from_utf8(text).map_err(|_| Malformed("expected texts in UTF-8"))?;
        self.part(count)
    }

    /// So many bytes, to be read by themselves.
    pub(crate) fn within(&mut self, count: usize) -> Result<Self, Malformed> {
        let rest = self.take(count)?;
        Ok(Self { rest, end: self.end - self.rest.len() })
    }

    /// A number in LEB128.
    pub(crate) fn varint(&mut self) -> Result<u32, Malformed> {
        // Nearly all are so short.
        if let Some((&byte, rest)) = self.rest.split_first()
            && byte < 0x80
        {
            self.rest = rest;
            return Ok(byte.into());
        }
        self.long_varint()
    }

    fn long_varint(&mut self) -> Result<u32, Malformed> {
        const HOW: Malformed = Malformed("expected a number of at most 32 bits");
        let mut number = 0_u64;
        let mut shift = 0;
        while shift < 35 {
            let (&byte, rest) = self.rest.split_first().ok_or(HOW)?;
            self.rest = rest;
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
        if count.checked_mul(each).is_some_and(|bytes| bytes <= self.rest.len()) { Ok(count) } else { Err(SHORT) }
    }

    /// So many numbers, one after the other.
    pub(crate) fn varints(&mut self, count: usize) -> Result<Vec<u32>, Malformed> {
        let mut numbers = Vec::with_capacity(count.min(self.rest.len()));
        while numbers.len() < count {
            // Most are of one byte: eight at once.
            if let Some((eight, rest)) = self.rest.split_first_chunk::<8>()
                && u64::from_le_bytes(*eight) & CONTINUED == 0
                && count - numbers.len() >= eight.len()
            {
                numbers.extend(eight.map(u32::from));
                self.rest = rest;
            } else {
                numbers.push(self.varint()?);
            }
        }
        Ok(numbers)
    }

    /// Nothing may be left.
    pub(crate) fn end(&self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(Malformed("expected the end of the file")) }
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
