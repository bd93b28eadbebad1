use super::*;
use crate::message::basket::Card;

const TEE: &str = r#"{"id":"tee","title":"Tee","url":"https://shop.example/tee","image":"https://shop.example/tee.jpg","variants":[
    {"id":"tee-k-m","image":"https://shop.example/kelp.jpg","attributes":{"colour":"Kelp","size":"M","sku":"4711"}},
    {"id":"tee-i-l","url":"https://shop.example/tee?c=ink","attributes":{"color":"Ink","size":"L"}}]}"#;

/// Title, page, picture, colour and size of what an id names, from statements of the shop's server.
#[track_caller]
fn names(id: &str, market: &str, lines: &[(&str, &str)], expected: Option<[&str; 5]>) {
    let told: Vec<(Slug, Said)> = lines.iter().map(|(market, json)| (market.parse().unwrap(), said(json))).collect();
    let told: Vec<Told> = told.iter().map(|(market, said)| Told { source: Source::Api, market, said }).collect();
    let product = fold("tee", &told).unwrap();
    let found = card(&product, id, &told, &market.parse().unwrap());
    let fields = |card: &Card| [&card.title, &card.url, &card.image, &card.colour, &card.size].map(Clone::clone);
    assert_eq!(found.as_ref().map(fields), expected.map(|fields| fields.map(str::to_owned)));
}

#[test]
fn a_product_is_shown_as_itself_and_a_variant_with_what_is_its_own() {
    let (page, picture) = ("https://shop.example/tee", "https://shop.example/tee.jpg");
    names("tee", "default", &[("default", TEE)], Some(["Tee", page, picture, "", ""]));
    let kelp = ["Tee", page, "https://shop.example/kelp.jpg", "Kelp", "M"];
    names("tee-k-m", "default", &[("default", TEE)], Some(kelp));
    names("4711", "default", &[("default", TEE)], Some(kelp));
    names(
        "tee-i-l",
        "default",
        &[("default", TEE)],
        Some(["Tee", "https://shop.example/tee?c=ink", picture, "Ink", "L"]),
    );
}

#[test]
fn a_market_s_own_words_come_first_and_another_market_s_never() {
    let arabic = r#"{"id":"tee","title":"قميص","variants":[{"id":"tee-k-m","attributes":{"colour":"أخضر"}}]}"#;
    let lines = [("default", TEE), ("gulf", arabic)];
    let (page, picture) = ("https://shop.example/tee", "https://shop.example/kelp.jpg");
    names("tee-k-m", "gulf", &lines, Some(["قميص", page, picture, "أخضر", "M"]));
    names("tee-k-m", "default", &lines, Some(["Tee", page, picture, "Kelp", "M"]));
    names("tee-k-m", "germany", &lines, Some(["Tee", page, picture, "Kelp", "M"]));
    names("tee", "default", &[("gulf", TEE)], None);
}
