//! Receipts as a file: one JSON object a line, the last of which closes the file.
//!
//! Every line has exactly one spelling, so any byte that differs is found. The closing line holds
//! the number of receipts and the SHA-256 of all bytes before it: a line that is missing at the end
//! of somebody's chain, which the chain itself cannot show, or one that was moved among those of
//! other shoppers does not fit it.

use core::fmt;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::chain::{GENESIS, Link};
use super::{Basis, Hash, Proof, Receipt, Standing, Statement};
use crate::id::{Malformed, ShopperId};
use crate::time::Timestamp;

/// Version of the lines.
const VERSION: u8 = 1;

/// What the closing line, and no other, begins with.
const END: &str = "{\"end\":";

/// A receipt as it is written. The order of the fields is the order on the line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    v: u8,
    shopper: ShopperId,
    permission: String,
    standing: Standing,
    at: Timestamp,
    wording: String,
    version: String,
    page: String,
    method: String,
    basis: Basis,
    proof: Option<Proof>,
    previous: Hash,
    hash: Hash,
}

/// The closing line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    #[serde(rename = "end")]
    v: u8,
    receipts: u64,
    shoppers: u64,
    seal: Hash,
}

/// What an export holds that was found whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How many receipts.
    pub receipts: u64,
    /// Of how many shoppers.
    pub shoppers: u64,
    /// The earliest and the latest moment something was said; none where there are no receipts.
    pub times: Option<(Timestamp, Timestamp)>,
    /// SHA-256 of all receipts' bytes: kept elsewhere, it proves that this very file existed.
    pub seal: Hash,
}

/// The first thing in an export that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The line, from 1.
    pub line: usize,
    /// Why.
    pub reason: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl core::error::Error for Broken {}

/// Writes receipts as a file. Each shopper's stand in the order of their chain; chains may be mixed.
///
/// # Errors
/// When a receipt cannot be written as JSON, which no value of these types brings about.
pub fn write<'a>(links: impl IntoIterator<Item = &'a Link>) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    let mut tally = Tally::default();
    for link in links {
        let line = serde_json::to_string(link)?;
        tally.count(link, &line);
        text.push_str(&line);
        text.push('\n');
    }
    text.push_str(&serde_json::to_string(&tally.end())?);
    text.push('\n');
    Ok(text)
}

/// Checks an exported file from its first byte to its last.
///
/// # Errors
/// The first line that does not hold, and why.
pub fn verify_export(text: &str) -> Result<Summary, Broken> {
    let mut tally = Tally::default();
    let mut lines = (1..).zip(text.split('\n'));
    while let Some((line, found)) = lines.next() {
        let broken = |reason: String| Broken { line, reason };
        if found.is_empty() {
            return Err(broken("the closing line is missing: the file ends too early".to_owned()));
        }
        if found.starts_with(END) {
            tally.fits(&spelled(found).map_err(broken)?).map_err(broken)?;
            return match (lines.next(), lines.next()) {
                (Some((_, "")), None) => Ok(tally.summary()),
                _ => {
                    Err(Broken { line: line + 1, reason: "nothing but the end may follow the closing line".to_owned() })
                }
            };
        }
        tally.add(found).map_err(broken)?;
    }
    Err(Broken { line: 1, reason: "the file is empty".to_owned() })
}

/// Reads a line that must be spelled exactly as it would be written.
fn spelled<T: Serialize + for<'a> Deserialize<'a>>(line: &str) -> Result<T, String> {
    let value: T = serde_json::from_str(line).map_err(|error| format!("it is no receipt: {error}"))?;
    match serde_json::to_string(&value) {
        Ok(again) if again == line => Ok(value),
        _ => Err("it is not spelled as receipts are written".to_owned()),
    }
}

#[derive(Default)]
struct Tally {
    receipts: u64,
    heads: BTreeMap<ShopperId, Hash>,
    times: Option<(Timestamp, Timestamp)>,
    bytes: Sha256,
}

impl Tally {
    /// Takes in the next line, which must follow what its shopper's chain has so far.
    fn add(&mut self, written: &str) -> Result<(), String> {
        let link = spelled::<Link>(written)?;
        let head = self.heads.get(&link.shopper).copied().unwrap_or(GENESIS);
        link.follows(head).map_err(|fault| fault.to_string())?;
        self.count(&link, written);
        Ok(())
    }

    /// Checks the closing line against the lines before it.
    fn fits(&self, end: &End) -> Result<(), String> {
        let found = self.end();
        if (end.v, end.receipts, end.shoppers) != (found.v, found.receipts, found.shoppers) {
            return Err(format!(
                "it promises {} receipts of {} shoppers, but {} of {} precede it",
                end.receipts, end.shoppers, found.receipts, found.shoppers
            ));
        }
        if end.seal == found.seal { Ok(()) } else { Err("its seal does not fit the lines before it".to_owned()) }
    }

    fn count(&mut self, link: &Link, written: &str) {
        let at = link.statement.receipt.at;
        self.receipts += 1;
        self.heads.insert(link.shopper, link.hash);
        self.times = Some(self.times.map_or((at, at), |(first, last)| (first.min(at), last.max(at))));
        self.bytes.update(written.as_bytes());
        self.bytes.update(b"\n");
    }

    fn summary(&self) -> Summary {
        Summary {
            receipts: self.receipts,
            shoppers: self.heads.len() as u64,
            times: self.times,
            seal: Hash(self.bytes.clone().finalize().into()),
        }
    }

    fn end(&self) -> End {
        let Summary { receipts, shoppers, seal, .. } = self.summary();
        End { v: VERSION, receipts, shoppers, seal }
    }
}

impl From<Link> for Line {
    fn from(link: Link) -> Self {
        let Statement { receipt, basis, proof } = link.statement;
        Self {
            v: VERSION,
            shopper: link.shopper,
            permission: receipt.permission.to_string(),
            standing: receipt.standing,
            at: receipt.at,
            wording: receipt.wording,
            version: receipt.version,
            page: receipt.page,
            method: receipt.method,
            basis,
            proof,
            previous: link.previous,
            hash: link.hash,
        }
    }
}

impl TryFrom<Line> for Link {
    type Error = Malformed;

    fn try_from(line: Line) -> Result<Self, Malformed> {
        if line.v != VERSION {
            return Err(Malformed("expected a receipt of version 1"));
        }
        let receipt = Receipt {
            permission: line.permission.parse()?,
            standing: line.standing,
            at: line.at,
            wording: line.wording,
            version: line.version,
            page: line.page,
            method: line.method,
        };
        let statement = Statement { receipt, basis: line.basis, proof: line.proof };
        Ok(Self { shopper: line.shopper, previous: line.previous, statement, hash: line.hash })
    }
}

#[cfg(test)]
mod tests;
