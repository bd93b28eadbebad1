use super::*;
use crate::message::{LinkVariables, MailText, ShopVariables, ShopperVariables, Variables, render};

fn eur() -> Currency {
    "EUR".parse().unwrap()
}

/// A cart as a row of the event log says it, in a shop that sells in euros.
fn cart(json: &str) -> Basket {
    let row: Row = serde_json::from_str(&format!(r#"{{"cart":{json}}}"#)).unwrap();
    row.cart.unwrap().basket(Some(eur()), &[eur()])
}

fn card(title: &str) -> Card {
    Card { title: title.into(), url: format!("https://shop.example/{title}"), ..Card::default() }
}

fn cards<const N: usize>(known: [(&str, Card); N]) -> BTreeMap<String, Card> {
    known.map(|(id, card)| (id.to_owned(), card)).into()
}

/// What a letter shows of a cart of one line.
fn line(json: &str) -> ItemVariables {
    let (mut items, more) = cart(&format!(r#"{{"items":[{json}]}}"#)).items(&BTreeMap::new(), "en", LETTER);
    assert_eq!((items.len(), more), (1, 0));
    items.remove(0)
}

#[track_caller]
fn is_called(said: &str, shown: &str) {
    let said = serde_json::to_string(said).unwrap();
    assert_eq!(line(&format!(r#"{{"product":"x","quantity":1,"name":{said}}}"#)).title, shown);
}

#[test]
fn a_product_of_the_catalogue_is_shown_by_its_words_and_others_by_what_the_page_says() {
    let said = r#"{"items":[
        {"product":"suit-k-m","name":"a page's word","quantity":2,"price":"89.00","size":"m"},
        {"product":"mug","name":"Ferry mug","quantity":1,"price":"14.5","size":"0.3 l"}]}"#;
    let suit =
        Card { image: "https://shop.example/k.jpg".into(), colour: "Kelp".into(), size: "M".into(), ..card("Suit") };
    let (items, more) = cart(said).items(&cards([("suit-k-m", suit)]), "en", LETTER);
    let text = |text: &str| text.to_owned();
    let suit = ItemVariables {
        title: text("Suit"),
        variant: text("Kelp · M"),
        quantity: 2,
        price: text("€89.00"),
        sum: text("€178.00"),
        url: text("https://shop.example/Suit"),
        image: text("https://shop.example/k.jpg"),
    };
    let mug = ItemVariables {
        title: text("Ferry mug"),
        variant: text("0.3 l"),
        quantity: 1,
        price: text("€14.50"),
        sum: text("€14.50"),
        url: String::new(),
        image: String::new(),
    };
    assert_eq!((items, more), (vec![suit, mug], 0));
}

#[test]
fn of_many_lines_the_first_are_shown_and_the_others_counted() {
    let lines: Vec<String> =
        (1..=7).map(|n| format!(r#"{{"product":"p{n}","name":"Thing {n}","quantity":1}}"#)).collect();
    let cart = cart(&format!(r#"{{"items":[{}]}}"#, lines.join(",")));
    let titles = |room| -> (Vec<String>, usize) {
        let (items, more) = cart.items(&BTreeMap::new(), "en", room);
        (items.into_iter().map(|item| item.title).collect(), more)
    };
    assert_eq!(titles(LETTER), (["Thing 1", "Thing 2", "Thing 3", "Thing 4"].map(str::to_owned).into(), 3));
    assert_eq!(titles(TEXT), (["Thing 1", "Thing 2"].map(str::to_owned).into(), 5));
    assert_eq!(cart.shown(LETTER).collect::<Vec<_>>(), ["p1", "p2", "p3", "p4"]);
}

#[test]
fn names_of_pages_are_short_and_on_one_line_and_hold_no_addresses() {
    is_called("  Lookout \n\t hat ", "Lookout hat");
    is_called("Hat\u{202e}tah\u{2066}\u{200b}", "Hattah");
    is_called("Win at https://evil.example/x now", "Win at … now");
    is_called("write to me@evil.example", "write to …");
    is_called("Go to evil.example/win or WWW.EVIL.COM", "Go to evil. example/win or WWW. EVIL. COM");
    is_called("Dr.Sea no. 5, 0.3 l", "Dr. Sea no. 5, 0.3 l");
    is_called(&"ä".repeat(81), &format!("{}…", "ä".repeat(79)));
    is_called(&"ä".repeat(80), &"ä".repeat(80));
    // What has no name at all goes by its id.
    is_called("\u{202e} ", "x");
    assert_eq!(number("SK-1001"), "SK-1001");
    assert_eq!(number("1\r\nhttps://evil.example"), "1 …");
}

#[test]
fn amounts_are_those_of_a_currency_that_the_shop_sells_in() {
    #[track_caller]
    fn is(said: &str, price: &str, total: &str) {
        let cart = cart(said);
        let (items, _) = cart.items(&BTreeMap::new(), "en", LETTER);
        assert_eq!((items[0].price.as_str(), cart.total("en").as_str()), (price, total), "{said}");
    }
    let two = |rest: &str| format!(r#"{{"items":[{{"product":"a","quantity":2,"price":"9.90"}}]{rest}}}"#);
    is(&two(""), "€9.90", "€19.80");
    is(&two(r#","currency":"EUR","total":"15.00""#), "€9.90", "€15.00");
    is(&two(r#","currency":"USD","total":"15.00""#), "", "");
    is(&two(r#","currency":"free beer","total":"15.00""#), "", "");
    is(&two(r#","total":"<b>1</b>""#), "€9.90", "€19.80");
    is(r#"{"items":[{"product":"a","quantity":1,"price":"9.90"},{"product":"b","quantity":1}]}"#, "€9.90", "");
    is(
        r#"{"items":[{"product":"a","quantity":10000,"price":"999999999999.99"}]}"#,
        "€999,999,999,999.99",
        "€9,999,999,999,999,900.00",
    );
    let row: Row = serde_json::from_str(r#"{"cart":{"items":[{"product":"a","price":"5"}],"total":"5"}}"#).unwrap();
    let without = row.cart.unwrap().basket(None, &[]);
    assert_eq!((without.total, without.lines[0].price, without.lines[0].quantity), (None, None, 1));
}

#[test]
fn amounts_are_written_as_the_reader_s_language_writes_them() {
    let cart = cart(r#"{"items":[{"product":"a","quantity":1,"price":"1234.50"}]}"#);
    let (items, _) = cart.items(&BTreeMap::new(), "ar", LETTER);
    assert_eq!((items[0].price.as_str(), cart.total("de").as_str()), ("1,234.50\u{a0}€", "1.234,50\u{a0}€"));
}

#[test]
fn what_a_page_calls_things_is_text_in_html_and_never_markup() {
    let named = r#"<script>alert(1)</script>\" onload='x'{{ 7 * 7 }}"#;
    let (items, more) = cart(&format!(r#"{{"items":[{{"product":"x","quantity":1,"name":"{named}"}}]}}"#)).items(
        &BTreeMap::new(),
        "en",
        LETTER,
    );
    let variables = Variables {
        shop: ShopVariables { name: "Shop".into(), url: String::new(), address: String::new() },
        shopper: ShopperVariables::default(),
        link: LinkVariables::default(),
        offer: None,
        products: Vec::new(),
        cart: Some(CartVariables { items, more, total: String::new(), url: "https://shop.example/cart".into() }),
        order: None,
        lang: "en".into(),
        dir: "ltr".into(),
    };
    let template = r#"{% for item in cart.items %}<td title="{{ item.title }}">{{ item.title }}</td>{% endfor %}"#;
    let mail = MailText { subject: "Hi".into(), html: template.into(), text: template.into() };
    let html = render(&mail, &variables).unwrap().html;
    let escaped = "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;x&#39;{{ 7 * 7 }}";
    assert_eq!(html, format!(r#"<td title="{escaped}">{escaped}</td>"#));
}
