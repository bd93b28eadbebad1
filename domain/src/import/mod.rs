//! Files: customers and orders from tills and old lists, as CSV or NDJSON, into the statements that
//! hooks make too.
//!
//! Each line is judged by itself: a bad one is refused by its number and field, the others count. The
//! same file read again says the same under the same ids, so it changes nothing.

mod columns;
mod csv_file;
mod ndjson;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::hook::told::{Telling, moment};
use crate::hook::{Context, Refused, Says, Statement, digest, wire};
use crate::time::Timestamp;

/// The longest file that is read in one go, in bytes. Longer ones are split by whoever sends them.
pub const MOST_BYTES: usize = 8 * 1024 * 1024;

/// What the lines of a file are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum About {
    /// A customer in each line.
    Customers,
    /// An order in each line of NDJSON; in CSV an order, or one line of its goods.
    Orders,
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Format {
    /// A header row, then rows; separated by commas, semicolons or tabs (RFC 4180).
    Csv,
    /// A JSON object in each line, in the form of [`wire::Customer`] or [`wire::Order`].
    Ndjson,
}

/// A file that is to be read.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// What it is about.
    pub about: About,
    /// How it is written.
    pub format: Format,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Put before every id of an order or a customer, so that a till's numbers are not taken for the
    /// shop's: `till/`.
    pub prefix: &'a str,
    /// When the file was written: as old as lines are that name no moment of their own.
    pub as_of: Timestamp,
}

/// A line that does not count, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefusedLine {
    /// Its number, from 1, header and empty lines counted.
    pub line: u64,
    /// The column or field at fault; empty when it is the line as a whole.
    pub field: String,
    /// What is wrong and what is expected.
    pub detail: String,
}

/// What became of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// What the good lines say.
    pub statements: Vec<Statement>,
    /// How many lines count.
    pub accepted: usize,
    /// Those that do not.
    pub refused: Vec<RefusedLine>,
    /// Lines that count, but whose permission gives no right to write, because they do not say when,
    /// how, and in which words or by what it was recorded.
    pub without_right: Vec<u64>,
}

/// Reads a file. A fault of the file as a whole refuses all of it: it is too long, not in UTF-8, or its
/// header names no id.
pub fn read(file: &File, context: &Context) -> Result<Import, Refused> {
    if file.bytes.len() > MOST_BYTES {
        let detail = format!("{} bytes; at most {MOST_BYTES} are read at once: split the file", file.bytes.len());
        return Err(Refused { status: 413, field: String::new(), detail });
    }
    let text = text(file.bytes)?;
    let mut reading = Reading { file, context, import: Import::default() };
    match file.format {
        Format::Csv => csv_file::read(text, &mut reading)?,
        Format::Ndjson => ndjson::read(text, &mut reading),
    }
    Ok(reading.import)
}

/// Reads when a file was written, as its sender says (RFC 3339).
pub fn as_of(text: &str, now: Timestamp) -> Result<Timestamp, Refused> {
    moment("as_of", text, now)
}

/// The file as text, without a byte order mark. Only UTF-8 is read, because a guess would spoil names.
fn text(bytes: &[u8]) -> Result<&str, Refused> {
    let refused = |detail: String| Err(Refused::unreadable("", detail));
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return refused("the file is in UTF-16; save it as UTF-8".to_owned());
    }
    match core::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = good.split(|byte| *byte == b'\n').count();
            refused(format!(
                "line {line} is not in UTF-8; it looks like Latin-1 or Windows-1252: save the file as UTF-8"
            ))
        }
    }
}

/// A file while it is being read.
struct Reading<'a> {
    file: &'a File<'a>,
    context: &'a Context,
    import: Import,
}

impl Reading<'_> {
    fn refuse(&mut self, line: u64, refused: Refused) {
        self.import.refused.push(RefusedLine { line, field: refused.field, detail: refused.detail });
    }

    /// When what a line says was so.
    fn said_at(&self, updated: Option<&String>) -> Result<Timestamp, Refused> {
        match updated.filter(|text| !text.trim().is_empty()) {
            Some(text) => moment("updated", text, self.context.now),
            None => Ok(self.file.as_of),
        }
    }

    /// An id as it is told apart from those of others.
    fn own(&self, id: &str) -> String {
        let id = id.trim();
        if id.is_empty() { String::new() } else { format!("{}{id}", self.file.prefix) }
    }

    fn customer(&mut self, line: u64, raw: &str, mut wire: wire::Customer) {
        wire.id = wire.id.map(|id| self.own(&id));
        let read = || {
            let at = self.said_at(wire.updated.as_ref())?;
            Ok((at, Telling { at, context: self.context }.customer("", wire)?))
        };
        match read() {
            Ok((at, told)) => {
                if !told.without_right.is_empty() {
                    self.import.without_right.push(line);
                }
                self.accept(1, raw, at, Says::Customer(Box::new(told.record)));
            }
            Err(refused) => self.refuse(line, refused),
        }
    }

    /// Takes in an order that so many lines tell of; `line` is the first.
    fn order(&mut self, line: u64, lines: usize, raw: &str, mut wire: wire::Order) {
        wire.id = self.own(&wire.id);
        wire.customer_id = wire.customer_id.map(|id| self.own(&id));
        let read = || {
            let at = self.said_at(wire.updated.as_ref())?;
            Ok((at, Telling { at, context: self.context }.order("", wire)?))
        };
        match read() {
            Ok((at, record)) => self.accept(lines, raw, at, Says::Order(Box::new(record))),
            Err(refused) => self.refuse(line, refused),
        }
    }

    fn accept(&mut self, lines: usize, raw: &str, at: Timestamp, says: Says) {
        self.import.accepted += lines;
        let kind = match says {
            Says::Order(_) => "order",
            _ => "customer",
        };
        let id = digest(&[kind.as_bytes(), self.file.prefix.as_bytes(), &at.0.to_be_bytes(), raw.as_bytes()]);
        self.import.statements.push(Statement { id: format!("import:{id}"), at, says });
    }
}
