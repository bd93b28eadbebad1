use super::*;
use crate::catalogue::shopify::{Told, hook};

const HOOK: &str = include_str!("../../../fixtures/catalogue/shopify-hook.json");
const PAGE: &str = include_str!("../../../fixtures/catalogue/shopify-products.json");

#[test]
fn a_webhook_tells_of_a_product_and_its_variants() {
    for topic in ["products/create", "products/update"] {
        let Ok(Told::Said(said)) = hook(topic, HOOK.as_bytes(), &bounds()) else { panic!("{topic}") };
        assert_eq!((said.id.as_str(), said.title.as_deref()), ("788032119674292922", Some("Linen dress")));
        assert_eq!(said.url.as_deref(), Some("https://shop.example/products/linen-dress"));
        assert_eq!(said.description.as_deref(), Some("Light & airy"));
        let variants: Vec<_> =
            said.variants.iter().map(|v| (v.id.as_str(), v.price.as_deref(), v.was.as_deref(), v.in_stock)).collect();
        assert_eq!(
            variants,
            [
                ("642667041472713922", Some("89.00"), Some("119.00"), Some(true)),
                ("642667041472713923", Some("89.00"), None, Some(false)),
                ("642667041472713924", Some("95.00"), None, Some(true)),
            ]
        );
        assert_eq!(said.variants[0].attributes["colour"], "Navy");
        assert_eq!(said.variants[0].attributes["sku"], "LD-NAVY-S");
        assert_eq!(said.variants[1].image.as_deref(), Some("https://cdn.shopify.example/s/2.jpg"));
    }
}

#[test]
fn what_is_deleted_or_hidden_is_gone() {
    let gone = Ok(Told::Gone("788032119674292922".into()));
    assert_eq!(hook("products/delete", br#"{"id":788032119674292922}"#, &bounds()), gone);
    assert_eq!(hook("products/update", HOOK.replace("\"active\"", "\"draft\"").as_bytes(), &bounds()), gone);
    let hidden = HOOK.replace("\"published_at\": \"2026-11-01T08:00:00+01:00\"", "\"published_at\": null");
    assert_eq!(hook("products/update", hidden.as_bytes(), &bounds()), gone);
    assert_eq!(hook("orders/create", HOOK.as_bytes(), &bounds()), Ok(Told::Nothing));
}

#[test]
fn a_webhook_that_cannot_be_read_is_named_by_its_field() {
    for (body, field) in [
        ("", ""),
        ("[]", "id"),
        (r#"{"id":{}}"#, "id"),
        (r#"{"id":1,"variants":[{"id":2},{"title":"M"}]}"#, "variants[1].id"),
        (r#"{"id":1,"handle":"a","image":{"src":"ftp://shop.example/a"}}"#, "image"),
    ] {
        let read = hook("products/update", body.as_bytes(), &bounds());
        assert_eq!(read.map_err(|fault| fault.field).unwrap_err(), field, "{body}");
    }
}

#[test]
fn the_page_that_every_shop_publishes_is_a_feed() {
    let (items, named) = super::feeds::read(Form::Shopify, PAGE.as_bytes(), 100);
    let [Item::Said(dress), Item::Said(card), Item::Problem(problem)] = &items[..] else { panic!("{items:#?}") };
    assert_eq!((dress.id.as_str(), dress.variants.len(), dress.brand.as_deref()), ("6601", 2, Some("Acme")));
    assert_eq!(dress.variants.iter().map(|v| v.in_stock).collect::<Vec<_>>(), [Some(true), Some(false)]);
    assert_eq!((card.variants.len(), card.variants[0].title.as_deref()), (1, None));
    assert_eq!((problem.place, problem.id.as_deref(), problem.field.as_str()), (3, Some("6603"), "variants[0].id"));
    assert_eq!(named.unwrap().count(), 3);
}
