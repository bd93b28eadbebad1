//! A table: a row that names the columns, then a product in each row, separated by tabs or commas.

use super::google::{Fields, MOST_FIELDS, field_name};
use super::{MOST_ITEM, Problem, Raw};
use crate::catalogue::Fault;
use crate::time::Timestamp;

#[derive(Clone, Copy, Debug, Default)]
enum Cell {
    #[default]
    Begins,
    Plain,
    Quoted,
    /// Behind a quote that ends the cell, unless another follows it.
    Closed,
}

/// Rows while they arrive.
#[derive(Debug, Default)]
pub struct Rows {
    /// What has come and is not done with.
    bytes: Vec<u8>,
    /// How far it was looked through.
    at: usize,
    /// Where in a cell that is.
    cell: Cell,
    /// The line on which the next row begins, from 0.
    line: u64,
    /// The names of the columns, once they have come, and what separates them.
    head: Option<(Vec<String>, u8)>,
}

impl Rows {
    pub fn push(&mut self, bytes: &[u8], now: Timestamp, raw: &mut Vec<(u64, Raw)>) -> Result<(), Problem> {
        self.bytes.extend_from_slice(bytes);
        self.go_on(false, now, raw)
    }

    pub fn end(mut self, now: Timestamp, raw: &mut Vec<(u64, Raw)>) -> Result<(), Problem> {
        self.bytes.push(b'\n');
        self.go_on(true, now, raw)
    }

    /// Reads the rows that are whole; all, once nothing more comes.
    fn go_on(&mut self, is_all: bool, now: Timestamp, raw: &mut Vec<(u64, Raw)>) -> Result<(), Problem> {
        let mut done = 0;
        loop {
            if let Some(end) = self.row_end(done) {
                let row = self.bytes.get(done..end).unwrap_or_default().to_vec();
                self.row(&row, now, raw)?;
                done = end;
            } else if done == self.bytes.len() || (!is_all && self.bytes.len() - done <= MOST_ITEM) {
                break;
            } else {
                // A quote does not end: then the row ends with its line.
                let line = self.bytes.get(done..).unwrap_or_default().iter().position(|byte| *byte == b'\n');
                let Some(line) = line else {
                    let detail = format!("line {}: longer than {MOST_ITEM} bytes; expected a table", self.line + 1);
                    return Err(Problem::whole(detail));
                };
                let fault = Fault::new("", "a quote does not end; expected \"\" for a quote within quotes");
                raw.push((self.line + 1, Raw::Fault(None, fault)));
                self.line += 1;
                done += line + 1;
                self.at = done;
                self.cell = Cell::Begins;
            }
        }
        self.bytes.drain(..done);
        self.at = self.at.saturating_sub(done);
        Ok(())
    }

    /// Where the row ends that begins here, its end of line included, if that has come.
    fn row_end(&mut self, begins: usize) -> Option<usize> {
        let separator = self.head.as_ref().map_or(b'\t', |(_, separator)| *separator);
        self.at = self.at.max(begins);
        while let Some(byte) = self.bytes.get(self.at) {
            self.at += 1;
            self.cell = match (self.cell, byte) {
                (Cell::Quoted, b'"') => Cell::Closed,
                (Cell::Quoted, _) | (Cell::Begins | Cell::Closed, b'"') => Cell::Quoted,
                (_, b'\n') => {
                    self.cell = Cell::Begins;
                    return Some(self.at);
                }
                (_, byte) if *byte == separator => Cell::Begins,
                _ => Cell::Plain,
            };
        }
        None
    }

    fn row(&mut self, row: &[u8], now: Timestamp, raw: &mut Vec<(u64, Raw)>) -> Result<(), Problem> {
        let line = self.line + 1;
        self.line += row.iter().filter(|byte| **byte == b'\n').map(|_| 1_u64).sum::<u64>();
        if row.trim_ascii().is_empty() {
            return Ok(());
        }
        let Some((columns, separator)) = &self.head else {
            self.head = Some(head(row)?);
            return Ok(());
        };
        let said = match cells(row, *separator) {
            Ok(cells) if cells.len() > columns.len() => {
                let detail =
                    format!("{} cells where the first row has {}; is a quote missing?", cells.len(), columns.len());
                Raw::Fault(None, Fault::new("", detail))
            }
            Ok(cells) => {
                let mut fields = Fields::default();
                for (column, cell) in columns.iter().zip(&cells) {
                    fields.add(column, cell);
                }
                fields.read(now)
            }
            Err(detail) => Raw::Fault(None, Fault::new("", detail)),
        };
        raw.push((line, said));
        Ok(())
    }
}

fn head(row: &[u8]) -> Result<(Vec<String>, u8), Problem> {
    let count = |separator: u8| row.split(|byte| *byte == separator).count();
    let separator = [b'\t', b',', b';'].into_iter().rev().max_by_key(|separator| count(*separator)).unwrap_or(b'\t');
    let cells = cells(row, separator).map_err(|detail| Problem::whole(format!("line 1: {detail}")))?;
    if cells.len() > MOST_FIELDS {
        return Err(Problem::whole(format!("{} columns; at most {MOST_FIELDS} are read", cells.len())));
    }
    let columns: Vec<String> = cells.iter().map(|name| field_name(name)).collect();
    if columns.iter().any(|column| column == "id") {
        Ok((columns, separator))
    } else {
        let detail = "the first line names no column id; expected the names of Google's product data there, \
            separated by tabs";
        Err(Problem::whole(detail))
    }
}

/// The cells of a row (RFC 4180). The reader of `csv` wants a whole file and builds its tables anew for each, so it is of no use
/// for rows that come one by one.
fn cells(row: &[u8], separator: u8) -> Result<Vec<String>, String> {
    let row = core::str::from_utf8(row).map_err(|_| "not in UTF-8; expected a feed in UTF-8".to_owned())?;
    let row = row.strip_suffix('\n').unwrap_or(row);
    let row = row.strip_suffix('\r').unwrap_or(row);
    let separator = char::from(separator);
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut begun = false;
    let mut chars = row.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '"' if quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
            '"' if quoted => quoted = false,
            '"' if !begun => quoted = true,
            char if char == separator && !quoted => {
                cells.push(core::mem::take(&mut cell));
                begun = false;
                continue;
            }
            char => cell.push(char),
        }
        begun = true;
    }
    cells.push(cell);
    Ok(cells)
}
