//! Cutting an export into pieces of whole people, for as many threads as there are.

use std::io::{self, Read};

use domain::rehearsal::export::{Broken, Sort, sort};

/// How much of a file is read at a time, in bytes.
pub const PIECE: usize = 1 << 20;

/// An export that is read from the person after the head on.
pub struct Source<R> {
    reader: R,
    /// How much is read at a time.
    piece: usize,
    /// What was read and not given out.
    rest: Vec<u8>,
    /// The line at which that begins, from 1.
    line: u64,
    given: usize,
    ended: bool,
}

/// Lines about whole people.
pub struct Piece {
    /// Their place among all, from 0.
    pub number: usize,
    /// The first line, from 1.
    pub line: u64,
    /// The lines.
    pub text: String,
}

/// Why there is no further piece.
#[derive(Debug)]
pub enum Failed {
    /// It cannot be read.
    Io(io::Error),
    /// What was read is wrong.
    Broken(Broken),
}

impl<R: Read> Source<R> {
    /// Reads the first line, and keeps what follows.
    pub fn open(reader: R, piece: usize) -> Result<(String, Self), Failed> {
        let mut source = Self { reader, piece, rest: Vec::new(), line: 1, given: 0, ended: false };
        let end = loop {
            if let Some(end) = source.rest.iter().position(|byte| *byte == b'\n') {
                break end + 1;
            }
            if source.ended {
                break source.rest.len();
            }
            source.read_more()?;
        };
        let rest = source.rest.split_off(end);
        let head = text(std::mem::replace(&mut source.rest, rest), 1)?;
        source.line = 2;
        Ok((head, source))
    }

    /// The next piece; nothing at the end.
    pub fn next(&mut self) -> Result<Option<Piece>, Failed> {
        let end = loop {
            if let Some(place) = last_person(&self.rest).filter(|place| *place > 0) {
                break place;
            }
            if self.ended {
                break self.rest.len();
            }
            self.read_more()?;
        };
        if end == 0 {
            return Ok(None);
        }
        let rest = self.rest.split_off(end);
        let bytes = std::mem::replace(&mut self.rest, rest);
        let (number, line) = (self.given, self.line);
        self.given += 1;
        self.line += lines(&bytes);
        Ok(Some(Piece { number, line, text: text(bytes, line)? }))
    }

    fn read_more(&mut self) -> Result<(), Failed> {
        let wanted = u64::try_from(self.piece).unwrap_or(u64::MAX);
        self.rest.reserve(self.piece);
        let read = self.reader.by_ref().take(wanted).read_to_end(&mut self.rest).map_err(Failed::Io)?;
        self.ended = read == 0;
        Ok(())
    }
}

/// Where the last line that begins a person begins.
fn last_person(bytes: &[u8]) -> Option<usize> {
    let mut end = bytes.len();
    loop {
        let begins = bytes[..end].iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
        if sort(&bytes[begins..]) == Some(Sort::Person) {
            return Some(begins);
        }
        end = begins.checked_sub(1)?;
    }
}

/// How many lines end there.
pub fn lines(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

fn text(bytes: Vec<u8>, line: u64) -> Result<String, Failed> {
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = line + lines(&error.as_bytes()[..good]);
        Failed::Broken(Broken { line, field: String::new(), detail: "expected UTF-8".into() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_much_is_read_at_a_time_the_pieces_are_the_file_and_begin_with_people() {
        let mut file = String::from("{\"export\":1}\n");
        for person in 0..50 {
            file.push_str("{\"person\":\"x\"}\n");
            for event in 0..person % 7 {
                file += &["{\"event\":", &event.to_string(), "}\n"].concat();
            }
        }
        file.push_str("{\"end\":{}}\n");
        for size in [1, 7, 64, 100_000] {
            let (head, mut source) = Source::open(file.as_bytes(), size).unwrap();
            let mut all = head;
            let mut pieces = 0;
            while let Some(piece) = source.next().unwrap() {
                assert_eq!(piece.number, pieces);
                assert_eq!(piece.line, lines(all.as_bytes()) + 1);
                assert!(piece.text.starts_with("{\"person\""));
                all.push_str(&piece.text);
                pieces += 1;
            }
            assert_eq!(all, file);
        }
    }

    #[test]
    fn a_byte_that_is_no_text_is_named_by_its_line() {
        let (_, mut source) = Source::open(&b"{\"export\":1}\n{\"person\":1}\n{\"event\":\xff}\n"[..], 8).unwrap();
        let failed = source.next().err().or_else(|| source.next().err());
        assert!(matches!(failed, Some(Failed::Broken(Broken { line: 3, .. }))), "{failed:?}");
    }
}
