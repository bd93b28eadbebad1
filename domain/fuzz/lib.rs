//! What fuzz targets share. Run one from `domain/` with its seeds:
//!
//! ```text
//! cargo +nightly fuzz run hook_shopify fuzz/corpus/hook_shopify fuzz/seeds/hook_shopify
//! ```

use std::collections::BTreeMap;

use domain::campaign::view::{FormView, Theme};
use domain::catalogue::feed::{Form, Item, Reading};
use domain::catalogue::{Bounds, Change, Said, Source as By, Told, Witnesses, fold, shopify};
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

fn shop() -> Bounds {
    Bounds {
        home: "https://shop.example/".to_owned(),
        origins: vec!["https://shop.example".to_owned()],
        currency: "EUR".parse().ok(),
        ..Bounds::default()
    }
}

/// What was checked keeps to the bounds, and what several say of it can be put together.
fn checked(by: By, said: &Said) {
    let again = shop().check(by, said.clone()).expect("what was checked keeps to the bounds");
    assert_eq!(again, *said);
    let Ok(market) = "default".parse() else { return };
    let told = [By::Page, By::Feed, By::Api].map(|source| Told { source, market: &market, said });
    if let Some(product) = fold(said.product(), &told) {
        let face = product.faces.values().next().expect("a product has a face");
        assert!(face.url.starts_with("https://shop.example"), "{}", face.url);
        let _ = product.words();
    }
}

/// Reads a feed that arrives in pieces, and the same as a webhook.
pub fn feed(form: Form, data: &[u8]) {
    let Some((piece, bytes)) = data.split_first() else { return };
    let read = |piece: usize| {
        let mut reading = Reading::new(form, By::Feed, shop(), NOW);
        let mut items: Vec<Item> = bytes.chunks(piece).flat_map(|piece| reading.push(piece)).collect();
        let (rest, named) = reading.end();
        items.extend(rest);
        (items, named.is_ok())
    };
    let (items, whole) = read(usize::from(*piece).max(1));
    assert_eq!((&items, whole), (&read(bytes.len().max(1)).0, read(bytes.len().max(1)).1));
    for item in &items {
        if let Item::Said(said) = item {
            checked(By::Feed, said);
        }
    }
    if let Ok(shopify::Told::Said(said)) = shopify::hook("products/update", bytes, &shop()) {
        checked(By::Api, &said);
    }
}

/// Reads a page, and checks what it says.
pub fn page(text: &str) {
    let mut parts = text.split('\0');
    let address = domain::page::clean_page(parts.next().unwrap_or_default()).unwrap_or_default();
    let (mut ld, mut meta, mut micro, mut layer) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        let (what, text) = part.split_once('\n').unwrap_or((part, ""));
        let pair = text.split_once('\t').unwrap_or((text, ""));
        match what {
            "ld" => ld.push(text),
            "meta" => meta.push(pair),
            "micro" => micro.push(pair),
            _ => layer.push(text),
        }
    }
    let raw = domain::page::Raw { address: &address, ld: &ld, meta: &meta, micro: &micro, layer: &layer };
    for said in domain::page::read(&raw).said {
        if let Ok(said) = shop().check(By::Page, said) {
            checked(By::Page, &said);
        }
    }
}

/// Lets visitors say things, two bytes each: who, and what. Believed is only what enough of them have said.
pub fn witnesses(data: &[u8]) {
    let mut witnesses = Witnesses::default();
    let mut said_by: BTreeMap<u8, std::collections::BTreeSet<u8>> = BTreeMap::new();
    for pair in data.chunks_exact(2) {
        let (who, what) = (pair[0], pair[1]);
        said_by.entry(what).or_default().insert(who);
        let said = Said { title: Some(format!("{what}")), ..Said::of("hat") };
        let change = witnesses.hear(who.into(), &said, 3);
        let kept = serde_json::to_string(&witnesses).expect("it can be kept");
        assert_eq!(serde_json::from_str::<Witnesses>(&kept).expect("it can be read again"), witnesses);
        if change == Change::Believed {
            let title = witnesses.believed().and_then(|said| said.title);
            assert_eq!(title, Some(format!("{what}")));
            assert!(said_by[&what].len() >= 3);
        }
    }
}
