use domain::recommend::links::{Link, Links};
use domain::shelf::file::{Own, Shop, bucket, front};
use domain::shelf::settings::{Only, Reasons, Shelf, ShelfView, Words};
use domain::shelf::{Card, Kind, index};

use super::*;

const PRODUCTS: u32 = 40;

/// Product `n` is looked at before the three after it.
fn links() -> Links {
    let row = |n: u32| (1..4).map(|k| Link { to: Product((n + k) % PRODUCTS), weight: 1.0 / weigh(k) }).collect();
    Links { rows: (0..PRODUCTS).map(row).collect() }
}

/// Nothing is bought together.
fn nothing() -> Links {
    Links { rows: (0..PRODUCTS).map(|_| Vec::new()).collect() }
}

fn weigh(n: u32) -> f32 {
    f32::from(u8::try_from(n).unwrap_or(u8::MAX))
}

fn own() -> Vec<Own> {
    let own = |n: u32| Own {
        card: Some(Card {
            id: format!("p{n}"),
            title: format!("Hat & \"{n}\" <b>"),
            url: if n == 3 { "javascript:alert(1)".into() } else { format!("/p/{n}") },
            image: if n.is_multiple_of(2) { format!("/i/{n}.jpg") } else { String::new() },
            price: Some(100 * n + 50),
            was: (n == 2).then_some(999),
            lift: Card::NO_LIFT,
            badges: u8::from(n == 1),
            ..Card::default()
        }),
        keys: vec![Key::of_path(&format!("/p/{n}"))],
    };
    (0..PRODUCTS).map(own).collect()
}

fn brain() -> ShelfBrain {
    let market = |name: &str, path: &str| Market {
        name: name.parse().unwrap(),
        countries: Vec::new(),
        languages: vec!["en".into()],
        path: path.into(),
        currency: "EUR".into(),
        digits: 2,
        free_delivery: Some(5_000),
    };
    let view = |name: &str, kind: Kind, holdout: u16| ShelfView {
        shelf: Shelf {
            name: name.parse().unwrap(),
            kind,
            size: 3,
            least: 1,
            without_owned: true,
            without_cart: true,
            only: Only::default(),
            most_of_category: None,
            most_of_brand: None,
            holdout,
        },
        title: "Next & more".into(),
        reasons: Reasons {
            went_on_from: "After {title}".into(),
            free_delivery: "{amount} to go".into(),
            ..Reasons::default()
        },
    };
    ShelfBrain {
        v: ShelfBrain::VERSION,
        version: "v1".into(),
        shelves: vec![
            view("next", Kind::Next, 0),
            view("held", Kind::Next, 1_000),
            view("free", Kind::FreeDelivery, 0),
            view("you", Kind::ForYou, 0),
        ],
        markets: vec![market("default", ""), market("de", "/de")],
        badges: vec!["New".into()],
        words: Words { dismiss: "No".into(), dismissed: "Gone".into(), was: "Was".into(), ..Words::default() },
    }
}

fn file(generation: u32, rows: core::ops::Range<u32>) -> Vec<u8> {
    let (links, own) = (links(), own());
    let shop = Shop { generation, next: &links, together: &nothing(), own: &own, viewers: &[] };
    bucket(&shop, rows, usize::MAX, &mut <[u8]>::len).bytes
}

fn head(generation: u32, files: Files) -> Vec<u8> {
    Head { generation, products: PRODUCTS, files, ..Head::empty("EUR") }.write().unwrap()
}

fn money(amount: u32, currency: &str, digits: u8) -> String {
    format!("{currency} {amount}/{digits}")
}

/// An app that has read all of a small shop.
fn ready(said: &str) -> App {
    let mut app = App::default();
    assert!(app.open(&brain().write().unwrap()));
    assert_eq!(app.choose("", "/p/0", "en").as_deref(), Some("default"));
    assert!(app.head(&head(1, Files::Whole(7))));
    app.know(said);
    assert_eq!(app.wanted(), [7]);
    assert!(app.give(7, file(1, 0..PRODUCTS)));
    assert!(app.wanted().is_empty());
    app
}

fn ids(html: &str) -> Vec<&str> {
    html.split("data-id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[track_caller]
fn shows(said: &str, shelf: &str, expected: &[&str]) {
    let html = ready(said).fill(shelf, "en", &money).unwrap_or_default();
    assert_eq!(ids(&html), expected, "{html}");
}

#[test]
fn a_page_is_known_by_its_address_and_what_is_looked_at_next_stands_beside_it() {
    shows("phttps://shop.example/p/10?utm_source=x", "next", &["p11", "p12", "p13"]);
}

#[test]
fn what_lies_in_the_cart_was_bought_or_dismissed_is_not_shown() {
    shows("p/p/10\nc p11", "next", &["p12", "p13"]);
    shows("p/p/10\nb\nop12\nop13", "next", &["p11"]);
    shows("p/p/10\nnp13", "next", &["p11", "p12"]);
}

#[test]
fn a_page_that_was_loaded_again_is_one_look() {
    let app = ready("p/p/10\ns/p/9\ns/p/10\ns/p/10");
    assert_eq!(app.found(app.store().unwrap()).recent, [Product(9), Product(10)]);
    let app = ready("p/category\ns/p/9\ns/category");
    assert_eq!(app.found(app.store().unwrap()).recent, [Product(9)]);
}

#[test]
fn markup_in_names_stays_text_and_addresses_that_are_none_lead_nowhere() {
    let html = ready("p/p/1").fill("next", "en", &money).unwrap();
    assert!(html.contains("Hat &amp; &quot;2&quot; &lt;b>") && !html.contains("<b>"), "{html}");
    assert!(html.contains("href=\"/p/2\"") && !html.contains("javascript") && !html.contains("href=\"\""), "{html}");
    assert!(html.contains("Next &amp; more"), "{html}");
    assert!(html.contains("EUR 250/2 <s><span class=\"unseen\">Was </span>EUR 999/2</s>"), "{html}");
    assert!(html.contains("After \u{2068}Hat &amp; &quot;1&quot; &lt;b>\u{2069}"), "{html}");
    assert!(html.contains(" data-beside=\"p1\">"), "{html}");
}

#[test]
fn pictures_and_badges_stand_only_where_there_are_any() {
    let html = ready("p/p/0").fill("next", "en", &money).unwrap();
    let cards: Vec<&str> = html.split("<li").skip(1).collect();
    assert!(cards[0].contains("class=\"badge\"") && !cards[0].contains("<img"), "{html}");
    assert!(!cards[1].contains("class=\"badge\"") && cards[1].contains("<img alt=\"\" width"), "{html}");
}

#[test]
fn a_language_that_runs_the_other_way_says_so() {
    let html = ready("p/p/0").fill("next", "ar", &money).unwrap();
    assert!(html.contains(" lang=\"ar\" dir=\"rtl\" "), "{html}");
}

#[test]
fn nobody_is_held_out_whom_we_may_not_remember() {
    let held = |said: &str| ready(said).fill("held", "en", &money).unwrap().contains(" data-held>");
    assert!(!held("p/p/0"));
    assert!(held("p/p/0\nv0191e2a07c3e7b1a9c550123456789ab"));
}

#[test]
fn what_is_for_somebody_needs_permission_to_remember() {
    assert_eq!(ready("p/p/0\ns/p/5").fill("you", "en", &money), None);
    shows("p/category\ns/p/5\nv0191e2a07c3e7b1a9c550123456789ab", "you", &["p6", "p7", "p8"]);
}

#[test]
fn what_is_missing_to_free_delivery_follows_from_the_cart_if_it_is_in_the_market_s_currency() {
    let html = ready("p/p/0\ncp0\nt48.5 EUR").fill("free", "en", &money).unwrap();
    assert!(html.contains("EUR 150/2 to go"), "{html}");
    for said in ["p/p/0\ncp0\nt48.50 USD", "p/p/0\ncp0\nt48.505 EUR", "p/p/0\ncp0", "p/p/0\ncp0\nt-1 EUR", "p/p/0\nt"] {
        assert_eq!(ready(said).fill("free", "en", &money), None, "{said}");
    }
}

#[test]
fn a_large_shop_s_page_asks_for_the_index_then_for_its_bucket_then_for_what_was_seen() {
    let keys: Vec<_> = (0..PRODUCTS).map(|n| (Key::of_path(&format!("/p/{n}")), Product(n))).collect();
    let slices = index::write(1, PRODUCTS, &keys, 60);
    assert!(slices.len() > 1);
    let name = |slice: usize| 100 + u64::try_from(slice).unwrap();
    let slice = |path: &str| Key::of_path(path).slice(slices.len());
    let files = Files::Buckets {
        front: 50,
        buckets: vec![(0, 1), (10, 2), (20, 3)],
        index: (0..slices.len()).map(name).collect(),
    };
    let mut app = App::default();
    assert!(app.open(&brain().write().unwrap()) && app.head(&head(1, files)));
    app.know("p/p/25\ns/p/3\ns/p/25");
    assert_eq!(app.wanted()[..2], [name(slice("/p/25")), 50]);
    assert!(app.give(name(slice("/p/25")), slices[slice("/p/25")].clone()));
    assert_eq!(app.wanted()[0], 3);
    assert!(app.give(3, file(1, 20..PRODUCTS)));
    assert_eq!(ids(&app.fill("next", "en", &money).unwrap()), ["p26", "p27", "p28"]);
    if slice("/p/3") != slice("/p/25") {
        assert_eq!(app.wanted()[0], name(slice("/p/3")));
        assert!(app.give(name(slice("/p/3")), slices[slice("/p/3")].clone()));
    }
    assert_eq!(app.wanted()[0], 1);
}

#[test]
fn a_page_of_no_product_of_a_large_shop_opens_the_front() {
    let (links, own) = (links(), own());
    let shop = Shop { generation: 1, next: &links, together: &nothing(), own: &own, viewers: &[] };
    let files = Files::Buckets { front: 50, buckets: vec![(0, 1)], index: vec![] };
    let mut app = App::default();
    assert!(app.open(&brain().write().unwrap()) && app.head(&head(1, files)));
    app.know("p/");
    assert_eq!(app.wanted(), [50]);
    assert!(app.give(50, front(&shop, &[Product(3)], usize::MAX, &mut <[u8]>::len).bytes));
    assert!(app.wanted().is_empty());
}

#[test]
fn a_new_learning_and_another_market_forget_what_was_read() {
    let mut app = ready("p/p/0");
    assert!(app.head(&head(2, Files::Whole(8))));
    assert_eq!((app.wanted(), app.fill("next", "en", &money)), (vec![8], None));
    assert!(app.give(8, file(1, 0..PRODUCTS)), "an old file under a new name is read");
    assert_eq!(app.fill("next", "en", &money), None, "and passed over");
    let mut app = ready("p/p/0");
    assert_eq!(app.choose("", "/de/p/0", "en").as_deref(), Some("de"));
    assert_eq!((app.wanted(), app.fill("next", "en", &money)), (Vec::new(), None));
}

#[test]
fn what_cannot_be_read_is_said_and_changes_nothing() {
    let mut app = App::default();
    assert!(!app.open(&[]) && !app.open(&[9, 9]));
    assert_eq!((app.choose("", "/", "en"), app.fill("next", "en", &money)), (None, None));
    let mut app = ready("p/p/0");
    assert!(!app.head(&[1, 255]) && !app.give(9, b"SB\x01".to_vec()) && !app.give(9, Vec::new()));
    app.know("\n\u{e9}\nx");
    app.know("p/p/0");
    assert!(app.fill("next", "en", &money).is_some());
    assert_eq!(app.fill("none", "en", &money), None);
}
