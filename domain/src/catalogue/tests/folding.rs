use super::*;
use proptest::prelude::*;

/// A line is who, for which market, and what.
#[track_caller]
fn folded(id: &str, lines: &[(Source, &str, &str)]) -> Option<Product> {
    let told: Vec<(Source, Slug, Said)> =
        lines.iter().map(|(source, market, json)| (*source, market.parse().unwrap(), said(json))).collect();
    let told: Vec<Told> = told.iter().map(|(source, market, said)| Told { source: *source, market, said }).collect();
    fold(id, &told)
}

fn face<'a>(product: &'a Product, market: &str) -> &'a Face {
    &product.faces[&market.parse().unwrap()]
}

fn price(face: &Face) -> Option<String> {
    face.price.map(|price| price.to_string())
}

use Source::{Api, Feed, Page};

const HAT: &str = r#"{"id":"hat","title":"Hat","url":"https://shop.example/hat"}"#;

#[test]
fn nothing_is_a_product_without_a_name_and_a_page() {
    assert_eq!(folded("hat", &[]), None);
    assert_eq!(folded("hat", &[(Api, "default", r#"{"id":"hat","title":"Hat","in_stock":true}"#)]), None);
    let product = folded(
        "hat",
        &[
            (Api, "default", r#"{"id":"hat","title":"Hat"}"#),
            (Page, "default", r#"{"id":"hat","url":"https://shop.example/hat"}"#),
        ],
    );
    assert_eq!(face(&product.unwrap(), "default").title, "Hat");
}

#[test]
fn field_by_field_the_most_trusted_counts() {
    let product = folded("hat", &[
        (Page, "default", r#"{"id":"hat","title":"A page","url":"https://shop.example/hat","price":"9","currency":"EUR","brand":"Page","in_stock":true}"#),
        (Feed, "default", r#"{"id":"hat","title":"A feed","price":"8","was":"12","currency":"EUR","image":"https://shop.example/a.jpg"}"#),
        (Api, "default", r#"{"id":"hat","in_stock":false}"#),
    ])
    .unwrap();
    let shown = face(&product, "default");
    assert_eq!((shown.title.as_str(), shown.image.as_deref()), ("A feed", Some("https://shop.example/a.jpg")));
    assert_eq!(
        (price(shown).as_deref(), shown.was.map(|was| was.to_string()).as_deref()),
        (Some("8.00 EUR"), Some("12.00 EUR"))
    );
    assert_eq!((shown.in_stock, product.brand.as_deref()), (false, Some("Page")));
}

#[test]
fn a_market_takes_words_from_the_shop_s_own_but_never_amounts() {
    let product = folded("hat", &[
        (Feed, "default", r#"{"id":"hat","title":"Hut","url":"https://shop.example/hat","price":"9","currency":"EUR","categories":["Hüte"],"in_stock":false}"#),
        (Feed, "us", r#"{"id":"hat","title":"Hat"}"#),
        (Page, "uk", r#"{"id":"hat","price":"7","currency":"GBP","in_stock":true}"#),
    ])
    .unwrap();
    let (us, uk) = (face(&product, "us"), face(&product, "uk"));
    assert_eq!(
        (us.title.as_str(), us.url.as_str(), us.price, us.in_stock),
        ("Hat", "https://shop.example/hat", None, false)
    );
    assert_eq!((uk.title.as_str(), price(uk).as_deref(), uk.in_stock), ("Hut", Some("7.00 GBP"), false));
    assert_eq!(uk.categories, ["Hüte"]);
}

#[test]
fn variants_are_one_product_at_the_lowest_price_that_can_be_bought() {
    let s = r#"{"id":"hat-s","group":"hat","title":"Wool hat – S","url":"https://shop.example/hat?c=1&v=s","price":"5","currency":"EUR","cost":"1","in_stock":false,"attributes":{"size":"S","sku":"S-1"}}"#;
    let m = r#"{"id":"hat-m","group":"hat","title":"Wool hat – M","url":"https://shop.example/hat?c=1&v=m","price":"8","was":"10","currency":"EUR","cost":"2","in_stock":true,"attributes":{"size":"M"}}"#;
    let l = r#"{"id":"hat-l","group":"hat","title":"Wool hat – L","url":"https://shop.example/hat?c=1&v=l","price":"7","currency":"EUR","cost":"3","in_stock":true,"attributes":{"size":"L"}}"#;
    let product = folded("hat", &[(Feed, "default", s), (Feed, "default", m), (Feed, "default", l)]).unwrap();
    let shown = face(&product, "default");
    assert_eq!((shown.title.as_str(), shown.url.as_str()), ("Wool hat", "https://shop.example/hat?c=1"));
    assert_eq!((price(shown).as_deref(), shown.was, shown.in_stock), (Some("7.00 EUR"), None, true));
    assert_eq!(product.variants, ["hat-s", "S-1", "hat-m", "hat-l"]);
    assert_eq!(product.attributes["size"], "S / M / L");
    assert_eq!(product.cost.unwrap().to_string(), "3.00 EUR", "of the one whose price is shown");

    let gone = |json: &str| json.replace("\"in_stock\":true", "\"in_stock\":false");
    let product =
        folded("hat", &[(Feed, "default", s), (Feed, "default", &gone(m)), (Feed, "default", &gone(l))]).unwrap();
    let shown = face(&product, "default");
    assert_eq!((price(shown).as_deref(), shown.in_stock), (Some("5.00 EUR"), false));
}

#[test]
fn the_server_s_word_on_one_variant_is_joined_with_the_feed_s_on_all() {
    let feed = r#"{"id":"hat","title":"Hat","url":"https://shop.example/hat","variants":[{"id":"s","price":"5","currency":"EUR","in_stock":true},{"id":"m","price":"6","currency":"EUR"}]}"#;
    let product =
        folded("hat", &[(Feed, "default", feed), (Api, "default", r#"{"id":"s","group":"hat","in_stock":false}"#)])
            .unwrap();
    assert_eq!(price(face(&product, "default")).as_deref(), Some("6.00 EUR"));
    // Of the whole product it is said for each of them.
    let product =
        folded("hat", &[(Feed, "default", feed), (Api, "default", r#"{"id":"hat","in_stock":false}"#)]).unwrap();
    assert!(!face(&product, "default").in_stock);
}

#[test]
fn what_the_server_says_is_sold_out_is_so_in_every_market() {
    let product = folded(
        "hat",
        &[
            (Api, "default", r#"{"id":"hat","in_stock":false}"#),
            (Feed, "us", r#"{"id":"hat","title":"Hat","url":"https://shop.example/us/hat","in_stock":true}"#),
        ],
    );
    assert!(!face(&product.unwrap(), "us").in_stock);
}

#[test]
fn a_feed_that_puts_everything_into_one_group_is_still_folded() {
    let all: Vec<Said> = (0..20_000)
        .map(|n| Said {
            group: Some("all".into()),
            title: Some(format!("Product {n}")),
            url: Some(format!("https://shop.example/{n}")),
            price: Some(format!("{}", 20_000 - n)),
            currency: Some("EUR".into()),
            attributes: [("gtin".to_owned(), n.to_string())].into(),
            ..Said::of(format!("v{n}"))
        })
        .collect();
    let market = "default".parse().unwrap();
    let told: Vec<Told> = all.iter().map(|said| Told { source: Feed, market: &market, said }).collect();
    let product = fold("all", &told).unwrap();
    assert_eq!((product.variants.len(), price(face(&product, "default")).as_deref()), (20_000, Some("1.00 EUR")));
}

#[test]
fn pages_add_no_variants_to_those_that_a_feed_lists() {
    let feed =
        r#"{"id":"hat","title":"Hat","url":"https://shop.example/hat","variants":[{"id":"s","in_stock":false}]}"#;
    let page = r#"{"id":"hat","variants":[{"id":"old","in_stock":true}]}"#;
    let product = folded("hat", &[(Page, "default", page), (Feed, "default", feed)]).unwrap();
    assert!(!face(&product, "default").in_stock);
    assert_eq!(product.variants, ["s", "old"], "carts may still name it");
    let product = folded("hat", &[(Page, "default", page), (Feed, "default", HAT)]).unwrap();
    assert!(face(&product, "default").in_stock);
}

#[test]
fn amounts_of_two_currencies_are_not_compared() {
    let product = folded(
        "hat",
        &[
            (Feed, "default", HAT),
            (Feed, "default", r#"{"id":"s","group":"hat","price":"500","currency":"JPY"}"#),
            (Feed, "default", r#"{"id":"m","group":"hat","price":"7","currency":"EUR"}"#),
            (Feed, "default", r#"{"id":"l","group":"hat","price":"400","currency":"JPY"}"#),
        ],
    )
    .unwrap();
    assert_eq!(price(face(&product, "default")).as_deref(), Some("400 JPY"));
}

#[test]
fn words_are_what_recommend_compares() {
    let product = folded("hat", &[(
        Feed,
        "default",
        r#"{"id":"hat","title":"Wool hat","url":"https://shop.example/hat","description":"Warm","brand":"Acme","categories":["Women > Hats","Women"],"attributes":{"colour":"Red","gtin":"123"}}"#,
    )])
    .unwrap();
    let words = product.words();
    assert_eq!((words.text.as_str(), words.categories.join(";").as_str()), ("Wool hat Warm", "Women;Women > Hats"));
    let attributes: Vec<(&str, &str)> =
        words.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(attributes, [("brand", "Acme"), ("colour", "Red")]);
}

fn any_said() -> impl Strategy<Value = (Source, &'static str, Said)> {
    let source = prop_oneof![Just(Api), Just(Feed), Just(Page)];
    let market = prop_oneof![Just("default"), Just("us")];
    let id = prop_oneof![Just("hat"), Just("s"), Just("m")];
    let some = |text: &'static [&'static str]| proptest::option::of(proptest::sample::select(text));
    (source, market, id, some(&["Hat", "Cap"]), some(&["5", "7.5"]), proptest::option::of(any::<bool>())).prop_map(
        |(source, market, id, title, price, in_stock)| {
            let said = Said {
                group: (id != "hat").then(|| "hat".to_owned()),
                url: title.map(|title| format!("https://shop.example/{title}")),
                title: title.map(str::to_owned),
                price: price.map(str::to_owned),
                currency: price.map(|_| "EUR".to_owned()),
                in_stock,
                ..Said::of(id)
            };
            (source, market, said)
        },
    )
}

proptest! {
    #[test]
    fn the_order_among_sources_does_not_matter(told in proptest::collection::vec(any_said(), 0..12)) {
        // One word of each source about each thing in each market, as it is kept.
        let mut kept: BTreeMap<(Source, &str, String), Said> = BTreeMap::new();
        for (source, market, said) in told {
            kept.insert((source, market, said.id.clone()), said);
        }
        let markets: Vec<Slug> = kept.keys().map(|(_, market, _)| market.parse().unwrap()).collect();
        let told: Vec<Told> =
            kept.iter().zip(&markets).map(|(((source, _, _), said), market)| Told { source: *source, market, said }).collect();
        let backwards: Vec<Told> = told.iter().rev().copied().collect();
        let (one, other) = (fold("hat", &told), fold("hat", &backwards));
        prop_assert_eq!(one.is_some(), other.is_some());
        if let (Some(one), Some(other)) = (one, other) {
            let offers = |product: &Product| {
                product.faces.iter().map(|(market, face)| (market.clone(), face.price, face.in_stock)).collect::<Vec<_>>()
            };
            prop_assert_eq!(offers(&one), offers(&other));
            for face in one.faces.values() {
                prop_assert!(face.was.is_none() || face.was > face.price);
            }
        }
    }
}
