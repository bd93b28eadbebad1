//! RSS and Atom, cut into items while they arrive.

use quick_xml::events::Event;
use quick_xml::reader::Reader;

use super::google::{Fields, MOST_FIELDS};
use super::{MOST_ITEM, Problem, Raw};
use crate::catalogue::Fault;
use crate::catalogue::text::resolve;
use crate::time::Timestamp;

/// Finds where items begin and end. What stands in them is read by an XML reader, one item at a time, so that a broken one
/// costs no other.
#[derive(Debug, Default)]
pub struct Cutter {
    /// What has come and is not done with.
    bytes: Vec<u8>,
    /// How far it was looked through.
    at: usize,
    /// Where the item begins whose end has not come yet.
    begins: Option<usize>,
    /// That item is too long: its end is looked for, and its bytes are dropped.
    too_long: bool,
    /// How many items there were.
    items: u64,
    /// The feed's own end has come.
    ended: bool,
}

/// A piece of markup.
enum Piece<'a> {
    /// A tag, without its brackets.
    Tag(&'a [u8]),
    /// A comment, a piece of unparsed text, an instruction.
    Other,
    /// Its end has not come yet.
    Unfinished,
}

impl Cutter {
    pub fn push(&mut self, bytes: &[u8], now: Timestamp, raw: &mut Vec<(u64, Raw)>) -> Result<(), Problem> {
        self.bytes.extend_from_slice(bytes);
        while let Some(open) = find(&self.bytes, self.at, b"<") {
            self.at = open;
            let (piece, end) = piece(&self.bytes, open);
            match piece {
                Piece::Unfinished => break,
                Piece::Other => self.at = end,
                Piece::Tag(tag) => {
                    let (name, closes) = local(tag);
                    let is_item = name == b"item" || name == b"entry";
                    let stands_alone = tag.ends_with(b"/");
                    let ends_feed = closes && (name == b"rss" || name == b"feed" || name == b"RDF");
                    self.at = end;
                    self.ended |= ends_feed;
                    if is_item && !closes && !stands_alone && self.begins.is_none() {
                        self.begins = Some(open);
                        self.items += 1;
                    } else if is_item && closes {
                        self.cut(end, now, raw);
                    }
                }
            }
        }
        self.tidy()
    }

    /// What the item says that ends here.
    fn cut(&mut self, end: usize, now: Timestamp, raw: &mut Vec<(u64, Raw)>) {
        let Some(begins) = self.begins.take() else { return };
        let item = self.bytes.get(begins..end).unwrap_or_default();
        let said = if core::mem::take(&mut self.too_long) || item.len() > MOST_ITEM {
            Raw::Fault(None, Fault::new("", format!("longer than {MOST_ITEM} bytes; expected a shorter item")))
        } else {
            read(item, now)
        };
        raw.push((self.items, said));
    }

    /// Drops what is done with.
    fn tidy(&mut self) -> Result<(), Problem> {
        let open = find(&self.bytes, self.at, b"<").unwrap_or(self.bytes.len());
        if self.bytes.len() - open > MOST_ITEM {
            let detail = format!("item {}: markup that does not end; expected XML", self.items);
            return Err(Problem::whole(detail));
        }
        if let Some(begins) = self.begins
            && open - begins > MOST_ITEM
        {
            self.too_long = true;
        }
        let done = match self.begins {
            Some(begins) if !self.too_long => begins,
            _ => open,
        };
        self.bytes.drain(..done);
        self.at = open - done;
        self.begins = self.begins.map(|begins| if self.too_long { 0 } else { begins - done });
        Ok(())
    }

    pub fn end(self) -> Result<(), Problem> {
        if self.ended && self.begins.is_none() {
            Ok(())
        } else {
            let detail =
                format!("the feed was cut off after {} items; expected </rss> or </feed> at its end", self.items);
            Err(Problem::whole(detail))
        }
    }
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    let mut from = from;
    loop {
        from += bytes.get(from..)?.iter().position(|byte| Some(byte) == what.first())?;
        if bytes.get(from..)?.starts_with(what) {
            return Some(from);
        }
        from += 1;
    }
}

/// The piece of markup that begins here, and where it ends.
fn piece(bytes: &[u8], open: usize) -> (Piece<'_>, usize) {
    const OTHERS: [(&[u8], &[u8]); 3] = [(b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>")];
    let rest = bytes.get(open..).unwrap_or_default();
    for (begin, end) in OTHERS {
        if rest.starts_with(begin) {
            return match find(bytes, open + begin.len(), end) {
                Some(place) => (Piece::Other, place + end.len()),
                None => (Piece::Unfinished, open),
            };
        }
        if begin.starts_with(rest) {
            return (Piece::Unfinished, open);
        }
    }
    let mut quote = None;
    for (n, byte) in rest.iter().enumerate().skip(1) {
        match (quote, byte) {
            (None, b'>') => return (Piece::Tag(rest.get(1..n).unwrap_or_default()), open + n + 1),
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            _ => {}
        }
    }
    (Piece::Unfinished, open)
}

/// A tag's name without its prefix, and whether it closes.
fn local(tag: &[u8]) -> (&[u8], bool) {
    let (tag, closes) = tag.strip_prefix(b"/").map_or((tag, false), |tag| (tag, true));
    let end = tag.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'/').unwrap_or(tag.len());
    let name = tag.get(..end).unwrap_or_default();
    (name.rsplit(|byte| *byte == b':').next().unwrap_or(name), closes)
}

/// What one item says: the texts of its children, those of their children left out.
fn read(item: &[u8], now: Timestamp) -> Raw {
    let fault = |detail: String| Raw::Fault(None, Fault::new("", detail));
    let Ok(text) = core::str::from_utf8(item) else { return fault("not in UTF-8; expected a feed in UTF-8".into()) };
    match fields(text) {
        Ok(fields) => fields.read(now),
        Err(detail) => fault(detail),
    }
}

fn fields(item: &str) -> Result<Fields, String> {
    let mut reader = Reader::from_str(item);
    let mut fields = Fields::default();
    let mut count = 0;
    let mut depth = 0_usize;
    let mut value = String::new();
    loop {
        let event = reader.read_event().map_err(|error| format!("{error}; expected XML"))?;
        match event {
            Event::Start(tag) | Event::Empty(tag) if count > MOST_FIELDS => {
                return Err(format!("more than {MOST_FIELDS} fields; the next is {}", tag.name().as_ref()));
            }
            Event::Start(tag) => {
                depth += 1;
                if depth == 2 {
                    count += 1;
                    value.clear();
                    link(&tag, &mut fields);
                }
            }
            Event::Empty(tag) => {
                count += 1;
                if depth == 1 {
                    link(&tag, &mut fields);
                }
            }
            Event::End(tag) => {
                if depth == 2 {
                    fields.add(tag.name().as_ref(), &value);
                }
                depth = depth.saturating_sub(1);
            }
            Event::Text(text) if depth == 2 => value.push_str(&text.xml10_content()),
            Event::CData(text) if depth == 2 => value.push_str(&text.xml10_content()),
            Event::GeneralRef(name) if depth == 2 => {
                let known = resolve(&name).filter(|c| !c.is_control());
                value.push(known.ok_or_else(|| format!("&{}; is not known; expected &amp;amp; and the like", &*name))?);
            }
            Event::Eof => return Ok(fields),
            _ => {}
        }
    }
}

/// Atom writes the address of a page as an attribute.
fn link(tag: &quick_xml::events::BytesStart, fields: &mut Fields) {
    let attribute = |name: &str| {
        let found = tag.attributes().flatten().find(|attribute| attribute.key.as_ref() == name)?;
        found.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
    };
    if tag.local_name().as_ref() == "link" && attribute("rel").is_none_or(|rel| rel == "alternate") {
        fields.add("link", &attribute("href").unwrap_or_default());
    }
}
