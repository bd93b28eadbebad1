use super::*;

#[track_caller]
fn kept(source: Source, json: &str) -> Said {
    bounds().check(source, said(json)).unwrap_or_else(|fault| panic!("{json}: {fault:?}"))
}

#[track_caller]
fn refused(source: Source, json: &str, field: &str) {
    let fault = bounds().check(source, said(json)).expect_err(json);
    assert_eq!(fault.field, field, "{json}: {}", fault.detail);
}

#[test]
fn what_is_said_wrongly_is_named_by_its_field() {
    for (json, field) in [
        (r#"{"id":""}"#, "id"),
        (r#"{"id":"a\u0007"}"#, "id"),
        (r#"{"id":"a","group":" "}"#, "group"),
        (r#"{"id":"a","url":"https://elsewhere.example/a"}"#, "url"),
        (r#"{"id":"a","url":"javascript:alert(1)"}"#, "url"),
        (r#"{"id":"a","image":"data:image/png;base64,AAAA"}"#, "image"),
        (r#"{"id":"a","price":"a lot"}"#, "price"),
        (r#"{"id":"a","price":"-5"}"#, "price"),
        (r#"{"id":"a","price":"5","was":"?"}"#, "was"),
        (r#"{"id":"a","price":"5","currency":"EURO"}"#, "currency"),
        (r#"{"id":"a","cost":"?"}"#, "cost"),
        (r#"{"id":"a","variants":[{"id":"b"},{"id":"c","price":"?"}]}"#, "variants[1].price"),
        (r#"{"id":"a","variants":[{"id":"b","variants":[{"id":"c"}]}]}"#, "variants[0].variants"),
    ] {
        refused(Source::Api, json, field);
        refused(Source::Feed, json, field);
    }
    let fault = Bounds::default().check(Source::Feed, said(r#"{"id":"a","price":"5"}"#)).unwrap_err();
    assert_eq!(fault.field, "currency", "{}", fault.detail);
}

#[test]
fn a_page_cannot_lead_to_other_people_s_sites() {
    refused(Source::Page, r#"{"id":"a","url":"https://elsewhere.example/a"}"#, "url");
    refused(Source::Page, r#"{"id":"a","url":"https://shop.example.elsewhere.example/a"}"#, "url");
    refused(
        Source::Page,
        r#"{"id":"a","variants":[{"id":"b","url":"https://shop.example@elsewhere.example/"}]}"#,
        "variants[0].url",
    );
    for (image, kept_image) in [
        ("https://shop.example/a.jpg", true),
        ("https://cdn.shop.example/a.jpg?w=80", true),
        ("https://pictures.example/a.jpg", true),
        ("/a.jpg", true),
        ("https://elsewhere.example/a.jpg", false),
        ("https://evilshop.example/a.jpg", false),
        ("https://shop.example.elsewhere.example/a.jpg", false),
        ("javascript:alert(1)", false),
    ] {
        let said = kept(Source::Page, &format!(r#"{{"id":"a","image":"{image}"}}"#));
        assert_eq!(said.image.is_some(), kept_image, "{image}");
    }
    let feed = kept(Source::Feed, r#"{"id":"a","image":"https://elsewhere.example/a.jpg"}"#);
    assert!(feed.image.is_some(), "the shop itself says so");
}

#[test]
fn what_a_page_says_wrongly_beside_that_is_left_out() {
    let said = kept(Source::Page, r#"{"id":"a","title":"Hat","price":"a lot","was":"5","currency":"EUR","cost":"1"}"#);
    assert_eq!(said, Said { title: Some("Hat".into()), ..Said::of("a") });
    assert_eq!(kept(Source::Page, r#"{"id":"a","price":"0.00"}"#).price, None);
    assert_eq!(kept(Source::Feed, r#"{"id":"a","price":"0.00"}"#).price.as_deref(), Some("0.00"));
}

#[test]
fn what_is_kept_is_written_one_way() {
    let kept = kept(
        Source::Feed,
        r#"{"id":" a ","group":"a","title":" Hat\u0000 ","url":"http://shop.example/hat?utm_source=feed#top",
            "price":"19,9","was":"19.90","categories":[" Women>  Hats > ","Women > Hats",""],
            "attributes":{"Colour":"Red"," ":"x","size":""},"variants":[{"id":"a","in_stock":true},{"id":"b"},{"id":"b"}]}"#,
    );
    let expected = said(
        r#"{"id":"a","title":"Hat","url":"https://shop.example/hat","price":"19.90","currency":"EUR","in_stock":true,
            "categories":["Women > Hats"],"attributes":{"colour":"Red"},"variants":[{"id":"b"}]}"#,
    );
    assert_eq!(kept, expected);
    assert_eq!(bounds().check(Source::Feed, kept.clone()), Ok(kept), "what was checked stays what it is");
}

#[test]
fn what_is_long_is_cut_and_what_is_much_ends() {
    let variants: Vec<Said> = (0..1_000).map(|n| Said::of(format!("v{n}"))).collect();
    let long = Said {
        title: Some("x".repeat(5_000)),
        description: Some("x ".repeat(50_000)),
        categories: (0..99).map(|n| format!("{n}")).collect(),
        attributes: (0..99).map(|n| (format!("{n:>60}"), "y".repeat(999))).collect(),
        variants,
        ..Said::of("a")
    };
    let kept = bounds().check(Source::Feed, long).unwrap();
    assert_eq!(kept.title.unwrap().len(), 200);
    assert!(kept.description.unwrap().len() <= 1_000);
    assert_eq!((kept.categories.len(), kept.attributes.len(), kept.variants.len()), (5, 20, MOST_VARIANTS));
}

#[test]
fn no_address_of_a_person_is_kept() {
    let kept =
        kept(Source::Page, r#"{"id":"a","title":"Hat of anna@example.org","attributes":{"for":"anna@example.org"}}"#);
    assert!(!serde_json::to_string(&kept).unwrap().contains("anna"), "{kept:?}");
}

#[test]
fn a_page_in_another_currency_says_nothing_of_this_market_s_offer() {
    let json = r#"{"id":"a","title":"Hat","price":"5","currency":"USD","in_stock":false,"variants":[{"id":"b"}]}"#;
    assert_eq!(kept(Source::Page, json), Said { title: Some("Hat".into()), ..Said::of("a") });
    assert_eq!(kept(Source::Feed, json).currency.as_deref(), Some("USD"), "whoever sells it knows why");
}

#[test]
#[cfg(feature = "shelf")]
fn the_shop_s_own_market_has_one_name() {
    assert_eq!(DEFAULT_MARKET, crate::shelf::market::DEFAULT);
}
