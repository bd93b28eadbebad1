use super::*;
use crate::catalogue::feed::{MOST_ITEM, Named};

const RSS: &str = include_str!("../../../fixtures/catalogue/google-rss.xml");
const ATOM: &str = include_str!("../../../fixtures/catalogue/google-atom.xml");
const TABLE: &str = include_str!("../../../fixtures/catalogue/google.tsv");

/// Reads a feed that arrives in pieces of so many bytes.
pub fn read(form: Form, bytes: &[u8], piece: usize) -> (Vec<Item>, Result<Named, Problem>) {
    let mut reading = Reading::new(form, Source::Feed, bounds(), NOW);
    let mut items: Vec<Item> = bytes.chunks(piece).flat_map(|piece| reading.push(piece)).collect();
    let (rest, named) = reading.end();
    items.extend(rest);
    (items, named)
}

fn said_of(items: &[Item]) -> Vec<&Said> {
    items.iter().filter_map(|item| if let Item::Said(said) = item { Some(&**said) } else { None }).collect()
}

/// Place, id and field of what is wrong.
fn problems(items: &[Item]) -> Vec<(u64, Option<&str>, &str)> {
    items
        .iter()
        .filter_map(|item| match item {
            Item::Problem(problem) => Some((problem.place, problem.id.as_deref(), problem.field.as_str())),
            _ => None,
        })
        .collect()
}

#[test]
fn a_feed_in_rss_is_read_item_by_item() {
    let (items, named) = read(Form::Google, RSS.as_bytes(), 1_000);
    let [small, medium, belt] = said_of(&items)[..] else { panic!("{items:#?}") };
    let expected = said(
        r#"{"id":"hat-s","group":"hat","title":"Wool hat – S","description":"Warm & soft. No here.","url":"https://shop.example/p/hat?v=s",
            "image":"https://cdn.example/hat.jpg?w=800&h=800","price":"19.90","was":"24.90","currency":"EUR","cost":"7.10","in_stock":true,
            "categories":["Women > Hats","Winter"],"brand":"Acme",
            "attributes":{"colour":"Red","gtin":"4006381333931","material":"Wool","size":"S"}}"#,
    );
    assert_eq!(*small, expected);
    assert_eq!((medium.price.as_deref(), medium.was.as_deref(), medium.in_stock), (Some("24.90"), None, Some(false)));
    assert_eq!(belt.categories, ["Apparel > Belts"]);
    assert_eq!(
        problems(&items),
        [(3, Some("cap"), "price"), (4, None, "id"), (5, None, ""), (6, Some("scarf"), "url")]
    );
    let named = named.unwrap();
    assert_eq!(named.gone(["hat-s", "hat-m", "cap", "scarf", "belt", "glove"]), ["glove"], "bad news is no deletion");
}

#[test]
fn a_feed_in_atom_is_read() {
    let (items, named) = read(Form::Google, ATOM.as_bytes(), 7);
    let [hat] = said_of(&items)[..] else { panic!("{items:#?}") };
    assert_eq!(
        (hat.url.as_deref(), hat.description.as_deref(), hat.in_stock),
        (Some("https://shop.example/p/hat"), Some("Warm"), Some(true))
    );
    assert_eq!(named.map(|named| named.count()), Ok(1));
}

#[test]
fn a_table_is_read_row_by_row() {
    for table in [TABLE.to_owned(), TABLE.replace('\n', "\r\n"), format!("\u{feff}{TABLE}")] {
        let (items, named) = read(Form::Google, table.as_bytes(), 1_000);
        let [hat, sock] = said_of(&items)[..] else { panic!("{items:#?}") };
        assert_eq!(hat.description.as_deref(), Some("Warm and \"soft\", for all"));
        assert_eq!((hat.price.as_deref(), hat.categories.join(";").as_str()), (Some("19.90"), "Women > Hats"));
        assert_eq!((sock.id.as_str(), sock.in_stock), ("sock", Some(true)));
        assert_eq!(problems(&items), [(5, Some("cap"), "price"), (6, Some("tie"), "availability"), (7, None, "")]);
        assert_eq!(named.map(|named| named.count()), Ok(4));
    }
    let quotes = "id\ttitle\na\tCap 5\"\" wide\nb\t\"Hat\"s\" x\nc\t\"\"\n";
    let (items, _) = read(Form::Google, quotes.as_bytes(), 5);
    let titles: Vec<Option<&str>> = said_of(&items).iter().map(|said| said.title.as_deref()).collect();
    assert_eq!(titles, [Some("Cap 5\"\" wide"), Some("Hats\" x"), None]);
    let commas = "id,title,link\nhat,\"Hat, warm\",https://shop.example/hat\n";
    let (items, _) = read(Form::Google, commas.as_bytes(), 9);
    assert_eq!(said_of(&items)[0].title.as_deref(), Some("Hat, warm"));
}

#[test]
fn our_own_form_is_read_as_a_list_and_by_the_line() {
    let one = r#"{"id":"hat","title":"Hat","url":"/p/hat","price":"5","variants":[{"id":"hat-s","in_stock":false}]}"#;
    let gone = r#"{"id":"cap","gone":true}"#;
    for (feed, places) in [
        (
            format!(
                "{one}\n\n{gone}\n{{\"id\":7}}\n{{\"id\":\"tie\",\"colour\":\"red\"}}\nnonsense\n{{\"id\":\"a\",\"gone\":true,\"title\":\"A\"}}"
            ),
            [4, 5, 6, 7],
        ),
        (
            format!(
                "[{one},{gone},{{\"id\":7}},{{\"id\":\"tie\",\"colour\":\"red\"}},\"nonsense\",{{\"id\":\"a\",\"gone\":true,\"title\":\"A\"}}]"
            ),
            [3, 4, 5, 6],
        ),
    ] {
        let (items, named) = read(Form::Rapport, feed.as_bytes(), 11);
        let [Item::Said(hat), Item::Gone(cap), ..] = &items[..] else { panic!("{items:#?}") };
        assert_eq!(
            (hat.url.as_deref(), hat.currency.as_deref(), cap.as_str()),
            (Some("https://shop.example/p/hat"), Some("EUR"), "cap")
        );
        let found = problems(&items);
        assert_eq!(found.iter().map(|(place, ..)| *place).collect::<Vec<_>>(), places);
        assert_eq!(
            found.iter().map(|(_, id, field)| (*id, *field)).collect::<Vec<_>>(),
            [(None, "id"), (Some("tie"), "colour"), (None, ""), (Some("a"), "gone")]
        );
        assert!(!named.unwrap().has("cap"));
    }
}

#[test]
fn the_size_of_the_pieces_does_not_matter() {
    for (form, feed) in [
        (Form::Google, RSS),
        (Form::Google, ATOM),
        (Form::Google, TABLE),
        (Form::Google, "sku\ttitle\n1\t\"a\n2\t\"b\n"),
        (Form::Rapport, "\n \n {\"id\":7}"),
        (Form::Rapport, "{\"id\":\"a\"}\n{\"id\":\"b\"}"),
    ] {
        let whole = read(form, feed.as_bytes(), feed.len());
        for piece in [1, 2, 3, 5, 64] {
            assert_eq!(read(form, feed.as_bytes(), piece), whole, "{piece}");
        }
    }
}

#[test]
fn a_feed_that_breaks_off_takes_nothing_back() {
    let half = &RSS[..RSS.find("<g:id>cap").unwrap()];
    let (items, named) = read(Form::Google, half.as_bytes(), 100);
    assert_eq!(said_of(&items).len(), 2);
    assert!(named.unwrap_err().detail.contains("cut off"));
    for (form, feed) in [
        (Form::Google, ""),
        (Form::Google, " \n"),
        (Form::Google, "<html><body>404</body></html>"),
        (Form::Google, "sku\ttitle\n1\tHat\n"),
        (Form::Shopify, "{}"),
        (Form::Shopify, "<html>"),
        (Form::Rapport, "[{\"id\":\"a\"},"),
        (Form::Google, "\u{0}\u{0}"),
    ] {
        let (items, named) = read(form, feed.as_bytes(), 3);
        assert_eq!(items, [], "{feed}");
        assert_eq!(named.unwrap_err().place, 0, "{feed}");
    }
    assert!(read(Form::Google, b"\xff\xfei\0d\0", 2).1.unwrap_err().detail.contains("UTF-16"));
    let (_, empty) = read(Form::Google, b"id\ttitle\n", 3);
    assert_eq!(empty.unwrap().gone(["hat"]), Vec::<&str>::new());
}

#[test]
fn one_broken_item_costs_no_other() {
    let item = |inner: &str| format!("<item><id>a</id>{inner}</item>");
    for broken in [
        item("<title>Hat</b></title>"),
        item("<title>&lol9;</title>"),
        item("<title>Hat"),
        item(&"<x/>".repeat(500)),
        item(&format!("<title>{}</title>", "x".repeat(MOST_ITEM))),
        item(&format!("<title>{}</title>", "<![CDATA[x]]>".repeat(MOST_ITEM / 10))),
    ] {
        let good = "<item><id>b</id></item>";
        let feed = format!("<!DOCTYPE rss [<!ENTITY lol9 \"&lol8;\">]><rss>{broken}{good}</rss>");
        for piece in [1_000, 70_000, feed.len()] {
            let (items, named) = read(Form::Google, feed.as_bytes(), piece);
            assert_eq!(problems(&items).len(), 1, "{broken:.60} {items:?}");
            assert_eq!(said_of(&items).iter().map(|said| said.id.as_str()).collect::<Vec<_>>(), ["b"]);
            assert!(named.is_ok());
        }
    }
    let latin = b"<rss><item><id>a</id><title>H\xfct</title></item><item><id>b</id></item></rss>";
    let (items, _) = read(Form::Google, latin, 10);
    assert_eq!((problems(&items).len(), said_of(&items).len()), (1, 1));
    let quote = format!("id\ttitle\na\t\"never ends\n{}b\tHat\n", "c\tCap\n".repeat(40_000));
    let (items, _) = read(Form::Google, quote.as_bytes(), 4_096);
    assert_eq!((problems(&items), said_of(&items).len()), (vec![(2, None, "")], 40_001));
    let long = format!("{{\"id\":\"a\",\"title\":\"{}\"}}\n{{\"id\":\"b\"}}\n", "x".repeat(MOST_ITEM));
    let (items, _) = read(Form::Rapport, long.as_bytes(), 5_000);
    assert_eq!((problems(&items), said_of(&items).len()), (vec![(1, None, "")], 1));
}

#[test]
fn what_never_ends_is_given_up() {
    for (begin, more) in
        [("<rss><item>", "<a b='"), ("<rss><!-- ", "x"), ("<rss><item><![CDATA[", "x"), ("id\ttitle", "x")]
    {
        let mut reading = Reading::new(Form::Google, Source::Feed, bounds(), NOW);
        reading.push(begin.as_bytes());
        for _ in 0..100 {
            reading.push(more.repeat(10_000).as_bytes());
        }
        let size = format!("{reading:?}").len();
        assert!(size < 8 * MOST_ITEM, "{begin} {size}");
        assert!(reading.end().1.is_err(), "{begin}");
    }
}
