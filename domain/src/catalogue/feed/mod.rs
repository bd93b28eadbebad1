//! Product feeds, read while they arrive.
//!
//! A [`Reading`] takes the bytes of a feed in pieces of any size and gives out what its items say as soon as they are
//! whole, each judged by itself: one that cannot be read is named by its place and its field, and the others count. It
//! keeps no more than one item in memory, and of the others a number each. A feed is the whole truth of its source: what
//! it does not name any more is gone ([`Named::gone`]), unless it could not be read to its end.

mod google;
mod json;
mod rows;
mod xml;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Bounds, Fault, Said, Source};
use crate::time::Timestamp;

/// The longest item, in bytes.
pub const MOST_ITEM: usize = 256 * 1024;
/// The longest feed that is not read item by item, in bytes: a list in JSON.
pub const MOST_WHOLE: usize = 8 * 1024 * 1024;

/// How a feed is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Form {
    /// As Google Merchant Center takes it: RSS 2.0 or Atom in XML, or a table separated by tabs or commas.
    Google,
    /// A page of Shopify's `/products.json`.
    Shopify,
    /// Our own: [`Said`] as a JSON list, or one a line. `"gone": true` beside an id takes a product back.
    Rapport,
}

/// An item that does not count, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// Its place, from 1: the line of a table or of NDJSON, else the number of the item. 0 for the feed as a whole.
    pub place: u64,
    /// Its id, where that could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The field at fault; empty when it is the item as a whole.
    pub field: String,
    /// What is wrong and what is expected.
    pub detail: String,
}

impl Problem {
    /// A problem of the feed as a whole.
    fn whole(detail: impl Into<String>) -> Self {
        Self { place: 0, id: None, field: String::new(), detail: detail.into() }
    }
}

/// What an item says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// This.
    Said(Box<Said>),
    /// That the product, or variant, of this id is not sold any more.
    Gone(String),
    /// Nothing that could be read.
    Problem(Problem),
}

/// An item before it is held against the bounds: what it says, or what is wrong with it and whose it is.
pub(super) enum Raw {
    Said(Box<Said>),
    Gone(String),
    Fault(Option<String>, Fault),
}

/// A feed while it is being read.
#[derive(Debug)]
pub struct Reading {
    bounds: Bounds,
    now: Timestamp,
    source: Source,
    way: Way,
    /// What came before it was clear how the feed is written.
    begun: Vec<u8>,
    form: Form,
    named: Named,
    broken: Option<Problem>,
}

#[derive(Debug)]
enum Way {
    /// Nothing has come yet but white space.
    Unknown,
    Xml(xml::Cutter),
    Rows(rows::Rows),
    Lines(json::Lines),
    Whole(Vec<u8>),
}

impl Reading {
    /// Begins. `source` is the one by whose word it counts; `now` decides whether a price is reduced at the moment.
    pub fn new(form: Form, source: Source, bounds: Bounds, now: Timestamp) -> Self {
        let named = Named::default();
        Self { bounds, now, source, way: Way::Unknown, begun: Vec::new(), form, named, broken: None }
    }

    /// Takes the next bytes, and gives out what is whole by now.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Item> {
        let raw = self.take(bytes);
        self.judge(raw)
    }

    /// The feed has ended. What is still there is given out, with what it named; a problem of the feed as a whole means
    /// that it was cut off, or is no feed: what it says counts, but nothing is gone because of it.
    pub fn end(mut self) -> (Vec<Item>, Result<Named, Problem>) {
        let mut raw = Vec::new();
        let way = core::mem::replace(&mut self.way, Way::Unknown);
        let ended = match way {
            // It was given up, and what was left of it with it.
            _ if self.broken.is_some() => Ok(()),
            Way::Unknown => Err(Problem::whole("the feed is empty")),
            Way::Xml(cutter) => cutter.end(),
            Way::Rows(rows) => rows.end(self.now, &mut raw),
            Way::Lines(lines) => {
                lines.end(&mut raw);
                Ok(())
            }
            Way::Whole(bytes) => match self.form {
                Form::Shopify => super::shopify::page(&bytes, &self.bounds.home, &mut raw),
                _ => json::list(&bytes, &mut raw),
            },
        };
        let items = self.judge(raw);
        let whole = match (self.broken, ended) {
            (Some(problem), _) | (None, Err(problem)) => Err(problem),
            (None, Ok(())) => Ok(self.named),
        };
        (items, whole)
    }

    fn take(&mut self, bytes: &[u8]) -> Vec<(u64, Raw)> {
        let mut raw = Vec::new();
        if self.broken.is_some() {
            return raw;
        }
        if matches!(self.way, Way::Unknown) {
            self.begun.extend_from_slice(bytes);
            let begun = self.begun.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.begun).trim_ascii_start();
            let Some(first) = begun.first() else {
                if self.begun.len() > MOST_ITEM {
                    self.broken = Some(Problem::whole("the feed begins with nothing but white space"));
                }
                return raw;
            };
            // A mark of the byte order can arrive in pieces.
            if *first == 0xef && begun.len() < 3 {
                return raw;
            }
            if matches!(first, 0xff | 0xfe) {
                self.broken = Some(Problem::whole("the feed is in UTF-16; expected UTF-8"));
                return raw;
            }
            self.way = match (self.form, first) {
                (Form::Google, b'<') => Way::Xml(xml::Cutter::default()),
                (Form::Google, _) => Way::Rows(rows::Rows::default()),
                (Form::Rapport, b'{') => Way::Lines(json::Lines::default()),
                _ => Way::Whole(Vec::new()),
            };
            let begun = core::mem::take(&mut self.begun);
            let begun = begun.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&begun);
            self.go_on(begun, &mut raw);
        } else {
            self.go_on(bytes, &mut raw);
        }
        raw
    }

    fn go_on(&mut self, bytes: &[u8], raw: &mut Vec<(u64, Raw)>) {
        let went = match &mut self.way {
            Way::Unknown => Ok(()),
            Way::Xml(cutter) => cutter.push(bytes, self.now, raw),
            Way::Rows(rows) => rows.push(bytes, self.now, raw),
            Way::Lines(lines) => {
                lines.push(bytes, raw);
                Ok(())
            }
            Way::Whole(whole) if whole.len() + bytes.len() > MOST_WHOLE => {
                whole.clear();
                Err(Problem::whole(format!("more than {MOST_WHOLE} bytes in one list; expected one product a line")))
            }
            Way::Whole(whole) => {
                whole.extend_from_slice(bytes);
                Ok(())
            }
        };
        self.broken = went.err();
    }

    fn judge(&mut self, raw: Vec<(u64, Raw)>) -> Vec<Item> {
        raw.into_iter().map(|(place, raw)| self.one(place, raw)).collect()
    }

    fn one(&mut self, place: u64, raw: Raw) -> Item {
        let problem = |id: Option<String>, fault: Fault| {
            Item::Problem(Problem { place, id, field: fault.field, detail: fault.detail })
        };
        match raw {
            Raw::Said(said) => {
                self.named.note(&said.id);
                let id = said.id.clone();
                match self.bounds.check(self.source, *said) {
                    Ok(said) => Item::Said(Box::new(said)),
                    Err(fault) => problem(Some(id), fault),
                }
            }
            Raw::Gone(id) => Item::Gone(id),
            Raw::Fault(id, fault) => {
                if let Some(id) = &id {
                    self.named.note(id);
                }
                problem(id, fault)
            }
        }
    }
}

/// Which ids a feed has named, those included that it says something wrong of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    hashes: BTreeSet<u64>,
}

impl Named {
    fn note(&mut self, id: &str) {
        self.hashes.insert(hash(id.trim()));
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.hashes.len()
    }

    /// Whether it was named.
    pub fn has(&self, id: &str) -> bool {
        self.hashes.contains(&hash(id))
    }

    /// The same together with the next page of a feed.
    pub fn join(&mut self, other: Self) {
        self.hashes.extend(other.hashes);
    }

    /// Of what the source said before, what it does not name any more. A feed that names nothing at all takes nothing
    /// back: it is more likely broken than the shop empty.
    pub fn gone<'a>(&self, before: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        if self.hashes.is_empty() {
            return Vec::new();
        }
        before.into_iter().filter(|id| !self.has(id)).collect()
    }
}

/// The first 64 bits of an id's SHA-256.
fn hash(id: &str) -> u64 {
    use sha2::{Digest as _, Sha256};
    let mut first = [0; 8];
    first.iter_mut().zip(Sha256::digest(id)).for_each(|(to, from)| *to = from);
    u64::from_be_bytes(first)
}
