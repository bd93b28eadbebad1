//! What fuzz targets share. Run one from `domain/` with its seeds:
//!
//! ```text
//! cargo +nightly fuzz run hook_shopify fuzz/corpus/hook_shopify fuzz/seeds/hook_shopify
//! ```

use std::collections::BTreeMap;

use domain::campaign::view::{FormView, Theme};
use domain::hook::{Context, Heard, Says, Source, read};
use domain::import::{About, File, Format};
use domain::order::OrderBook;
use domain::publish::{Markup, compile};
use domain::time::Timestamp;

/// The clock of all targets: a finding must replay.
pub const NOW: Timestamp = Timestamp(1_795_327_200_000);

const CONTEXT: Context = Context { now: NOW, calling_code: None };

/// The first line, where it is text, and what follows it.
pub fn first_line(data: &[u8]) -> (&str, &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let line = std::str::from_utf8(&data[..end]).unwrap_or_default();
    (line, data.get(end + 1..).unwrap_or_default())
}

/// Reads a body whose topic is on its first line.
pub fn hear_topic(source: Source, header: &str, data: &[u8]) {
    let (topic, body) = first_line(data);
    said(source, &[(header, topic)], body);
}

/// Reads a body.
pub fn hear(source: Source, header: &str, body: &[u8]) {
    said(source, &[(header, "")], body);
}

/// What is read can be kept, and joined in either direction.
fn said(source: Source, headers: &[(&str, &str); 1], body: &[u8]) {
    let Ok(Heard::Statements(told)) = read(source, headers, body, &CONTEXT) else { return };
    let kept = serde(&told);
    assert_eq!(kept, told);
    let book = |told: &mut dyn Iterator<Item = &domain::hook::Statement>| {
        let mut book = OrderBook::default();
        for statement in told {
            if let Says::Order(record) = &statement.says {
                book.take(domain::order::OrderRecord::clone(record));
            }
        }
        book
    };
    assert_eq!(book(&mut told.iter()), book(&mut told.iter().rev().chain(&told)));
}

fn serde(told: &Vec<domain::hook::Statement>) -> Vec<domain::hook::Statement> {
    let json = serde_json::to_string(told).expect("statements can be kept");
    serde_json::from_str(&json).expect("statements can be read again")
}

/// Reads a file about customers, and about orders.
pub fn import(format: Format, bytes: &[u8]) {
    for about in [About::Customers, About::Orders] {
        let file = File { about, format, bytes, prefix: "till/", as_of: NOW };
        let _ = domain::import::read(&file, &CONTEXT);
    }
}

struct Nothing;

impl Markup for Nothing {
    fn first_step(&self, _: &FormView) -> String {
        String::new()
    }

    fn stylesheet(&self, _: &Theme) -> Result<String, String> {
        Ok(String::new())
    }
}

/// Compiles a shop of files that each begin with a line `=== path`.
pub fn publish(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let file = |part: &str| part.split_once('\n').map(|(path, text)| (path.trim().to_owned(), text.to_owned()));
    let sources: BTreeMap<String, String> = text.split("=== ").filter_map(file).collect();
    let _ = compile(sources, &Nothing);
}
