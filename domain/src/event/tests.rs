use super::*;
use crate::time::Span;

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const ID: &str = "0191e2a0-7c3e-7b1a-9c55-0123456789ab";

fn one(event: &str) -> String {
    format!(r#"{{"v":1,"sent":{},"events":[{event}]}}"#, NOW.0)
}

fn event(rest: &str) -> String {
    format!(r#"{{"id":"{ID}","at":{},{rest}}}"#, NOW.0 - 1_000)
}

#[track_caller]
fn kept(rest: &str) -> Fact {
    let batch = read_batch(&one(&event(rest)), NOW).unwrap();
    assert_eq!(batch.refused, []);
    batch.events[0].fact.clone()
}

#[track_caller]
fn refused(rest: &str, field: &str) {
    let batch = read_batch(&one(&event(rest)), NOW).unwrap();
    assert_eq!(batch.events, [], "{rest}");
    assert_eq!(batch.refused.iter().map(|r| r.field.as_str()).collect::<Vec<_>>(), [field], "{:?}", batch.refused);
}

#[test]
fn a_page_view_is_kept_without_personal_parts() {
    let fact = kept(
        r#""type":"page.viewed","url":"https://x.example/a?email=a@b.cc","referrer":"https://www.google.com/search?q=secret","title":"A \u0000page""#,
    );
    assert_eq!(
        fact,
        Fact::PageViewed {
            url: "https://x.example/a".into(),
            referrer: Some("https://www.google.com".into()),
            title: Some("A page".into()),
        }
    );
}

#[test]
fn a_page_that_states_its_product_gives_a_second_event_with_a_stable_id() {
    let ld = r#"{\"@type\":\"Product\",\"sku\":\"A-1\",\"name\":\"Hat\"}"#;
    let body = one(&event(&format!(r#""type":"page.viewed","url":"https://x.example/hat","ld":["{ld}"]"#)));
    let batch = read_batch(&body, NOW).unwrap();
    assert_eq!(batch.accepted, 1);
    assert_eq!(batch.events.iter().map(|e| e.fact.kind()).collect::<Vec<_>>(), ["page.viewed", "product.viewed"]);
    assert_ne!(batch.events[0].id, batch.events[1].id);
    assert_eq!(read_batch(&body, NOW).unwrap().events[1].id, batch.events[1].id);
}

#[test]
fn what_is_wrong_is_named_by_its_field() {
    refused(r#""type":"page.viewed""#, "url");
    refused(r#""type":"page.viewed","url":"ftp://x""#, "url");
    refused(r#""type":"page.viewed","url":7"#, "url");
    refused(
        r#""type":"cart.changed","cart":{"items":[{"product":"a","quantity":1,"price":"1,90"}]}"#,
        "cart.items[0].price",
    );
    refused(r#""type":"cart.changed","cart":{"items":[{"product":"a","quantity":0}]}"#, "cart.items[0].quantity");
    refused(r#""type":"cart.changed","cart":{"items":[{"product":"a","quantity":-1}]}"#, "cart.items[0].quantity");
    refused(r#""type":"cart.changed","cart":{"items":[{"product":"a"}]}"#, "cart.items[0].quantity");
    refused(r#""type":"order.placed","order":{"id":""}"#, "order.id");
    refused(r#""type":"product.viewed","product":{"id":"a","currency":"euro"}"#, "product.currency");
    refused(r#""type":"campaign.shown","campaign":"../etc""#, "campaign");
    refused(r#""type":"custom","name":"<script>""#, "name");
    refused(r#""type":"launch.missiles""#, "type");
    refused(r#""type":7"#, "type");
}

#[test]
fn what_happens_on_a_shelf_says_which_and_on_what_page() {
    let of = r#""shelf":"goes-with","version":"v","market":"default","beside":"robe""#;
    let Fact::ShelfShown { shelf, products } = kept(&format!(r#""type":"shelf.shown",{of},"products":["a","b"]"#))
    else {
        panic!()
    };
    assert_eq!((shelf.shelf.as_str(), shelf.beside.as_deref(), products.len()), ("goes-with", Some("robe"), 2));
    let clicked = kept(&format!(r#""type":"shelf.clicked",{of},"product":{{"id":"b"}},"place":2,"why":"next""#));
    assert_eq!(
        serde_json::to_string(&clicked).unwrap(),
        format!(r#"{{{of},"product":{{"id":"b"}},"place":2,"why":"next"}}"#)
    );
    refused(&format!(r#""type":"shelf.held",{of},"products":[]"#), "products");
    refused(&format!(r#""type":"shelf.dismissed",{of},"product":{{"id":"b"}},"place":25"#), "place");
    refused(r#""type":"shelf.shown","shelf":"Goes With","market":"default","products":["a"]"#, "shelf");
}

#[test]
fn the_others_count_when_one_is_refused() {
    let good = event(r#""type":"page.viewed","url":"https://x.example/""#);
    let body = one(&format!(r#"{good},{{"id":"nope","at":1,"type":"page.viewed"}},{good},{{}},7"#));
    let batch = read_batch(&body, NOW).unwrap();
    assert_eq!(batch.accepted, 2);
    assert_eq!(batch.refused.iter().map(|r| r.index).collect::<Vec<_>>(), [1, 3, 4]);
}

#[test]
fn what_is_missing_is_named_by_its_field() {
    for (missing, event) in [
        ("id", r#"{"at":1,"type":"page.viewed"}"#.to_owned()),
        ("at", format!(r#"{{"id":"{ID}","type":"page.viewed"}}"#)),
        ("type", format!(r#"{{"id":"{ID}","at":1}}"#)),
    ] {
        assert_eq!(read_batch(&one(&event), NOW).unwrap().refused[0].field, missing);
    }
}

#[test]
fn what_cannot_be_read_at_all_is_refused_whole() {
    let too_many = vec!["{}"; MOST_EVENTS + 1].join(",");
    for (body, field, too_large) in [
        (String::new(), "", false),
        ("{".into(), "", false),
        ("[]".into(), "", false),
        (r#"{"v":1,"events":[]}"#.into(), "sent", false),
        (r#"{"v":1,"sent":"now","events":[]}"#.into(), "sent", false),
        (r#"{"v":1,"sent":1,"events":{}}"#.into(), "events", false),
        (r#"{"v":2,"sent":1,"events":[]}"#.into(), "v", false),
        (one(&too_many), "events", true),
        (" ".repeat(MOST_BYTES + 1), "events", true),
    ] {
        let error = read_batch(&body, NOW).unwrap_err();
        assert_eq!((error.field, error.too_large), (field, too_large), "{body:.60} {error:?}");
    }
}

#[test]
fn times_are_corrected_or_refused_by_name() {
    let at = |at: i64| format!(r#"{{"id":"{ID}","at":{at},"type":"page.viewed","url":"https://x.example/"}}"#);
    let batch =
        |event: &str, sent: i64| read_batch(&format!(r#"{{"v":1,"sent":{sent},"events":[{event}]}}"#), NOW).unwrap();
    assert_eq!(batch(&at(1_000), 61_000).events[0].at, NOW + Span::minutes(-1));
    assert_eq!(batch(&at(NOW.0 + 3_600_000), NOW.0).refused[0].field, "at");
    assert_eq!(batch(&at(0), NOW.0).refused[0].field, "at");
}

#[test]
fn hostile_text_stays_text() {
    let fact = kept(
        r#""type":"cart.changed","cart":{"items":[{"product":"'); DROP TABLE events;--","name":"</script><img onerror=alert(1)>","quantity":1}]}"#,
    );
    let Fact::CartChanged { cart } = fact else { panic!() };
    assert_eq!(cart.items[0].product, "'); DROP TABLE events;--");
}

#[test]
fn a_claim_of_identity_is_noted_and_not_kept() {
    let fact = kept(r#""type":"identified","email":"anna@example.org""#);
    assert!(!serde_json::to_string(&fact).unwrap().contains("anna"));
    assert_eq!(fact, Fact::Identified { claims: vec!["email"], link: None, signed: None });
}

#[test]
fn a_signed_name_is_handed_on_and_not_kept() {
    let fact = kept(r#""type":"identified","customer":17,"email":"anna@example.org","proof":"t=1,v1=ab""#);
    assert!(!serde_json::to_string(&fact).unwrap().contains("17"));
    let Fact::Identified { signed: Some(signed), .. } = fact else { panic!() };
    assert_eq!((signed.text().as_str(), signed.proof.as_str()), ("customer:17", "t=1,v1=ab"));
    assert!(!format!("{signed:?}").contains("17"));
}

#[test]
fn an_order_that_markup_and_command_tell_of_is_one_that_knows_both() {
    const OTHER: &str = "01928f8e-3c5b-7cc2-8d3e-0123456789ac";
    let command = format!(
        r#"{{"id":"{ID}","at":{},"type":"order.placed","order":{{"id":"1007","total":"19.90","items":[{{"product":"hat","quantity":1}}]}}}}"#,
        NOW.0
    );
    let markup = format!(
        r#"{{"id":"{OTHER}","at":{},"type":"page.viewed","url":"https://x.example/thanks","ld":["{{\"@type\":\"Order\",\"orderNumber\":\"1007\",\"discountCode\":\"HELLO-2\"}}"]}}"#,
        NOW.0
    );
    for events in [format!("{command},{markup}"), format!("{markup},{command}")] {
        let batch = read_batch(&format!(r#"{{"v":1,"sent":{},"events":[{events}]}}"#, NOW.0), NOW).unwrap();
        let orders = batch.events.iter().filter_map(|event| match &event.fact {
            Fact::OrderPlaced { order } => Some(order),
            _ => None,
        });
        let [order] = orders.collect::<Vec<_>>()[..] else { panic!("{:?}", batch.events) };
        assert_eq!((order.total.as_deref(), order.items.len()), (Some("19.90"), 1));
        assert_eq!(order.codes, ["HELLO-2"]);
        assert_eq!(batch.accepted, 2);
    }
}

#[test]
fn a_page_that_states_its_product_by_other_means_gives_the_same() {
    for stated in [
        r#""micro":[["name","Hat"],["sku","A-1"],["offers.price","5"],["offers.priceCurrency","EUR"]]"#,
        r#""meta":[["og:title","Hat"],["product:retailer_item_id","A-1"],["product:price:amount","5"],["product:price:currency","EUR"]]"#,
        r#""layer":["{\"currency\":\"EUR\",\"items\":[{\"item_id\":\"A-1\",\"item_name\":\"Hat\",\"price\":\"5\"}]}"]"#,
    ] {
        let page = event(&format!(r#""type":"page.viewed","url":"https://x.example/hat?q=1",{stated}"#));
        let batch = read_batch(&one(&page), NOW).unwrap();
        assert_eq!(batch.events.iter().map(|e| e.fact.kind()).collect::<Vec<_>>(), ["page.viewed", "product.viewed"]);
        let [said] = &batch.stated[..] else { panic!("{stated}") };
        assert_eq!((said.id.as_str(), said.title.as_deref(), said.price.as_deref()), ("A-1", Some("Hat"), Some("5")));
        assert_eq!(said.url.as_deref(), Some("https://x.example/hat"));
    }
    refused(r#""type":"page.viewed","url":"https://x.example/","meta":7"#, "meta");
    refused(r#""type":"page.viewed","url":"https://x.example/","micro":[["name"]]"#, "micro[0]");
    refused(r#""type":"page.viewed","url":"https://x.example/","layer":[{}]"#, "layer[0]");
}

#[test]
fn a_command_about_a_product_says_it_too_and_together_with_the_page() {
    let ld = r#"{\"@type\":\"Product\",\"sku\":\"A-1\",\"name\":\"Hat\"}"#;
    let page = event(&format!(r#""type":"page.viewed","url":"https://x.example/hat","ld":["{ld}"]"#));
    let command = event(
        r#""type":"product.viewed","product":{"id":"A-1","name":"A hat","price":"5","currency":"EUR","size":"M","in_stock":true}"#,
    );
    let batch = read_batch(&one(&format!("{page},{command}")), NOW).unwrap();
    let [said] = &batch.stated[..] else { panic!("{:?}", batch.stated) };
    assert_eq!((said.title.as_deref(), said.price.as_deref(), said.in_stock), (Some("Hat"), Some("5"), Some(true)));
    assert_eq!(said.attributes["size"], "M");
    let alone = read_batch(&one(&command), NOW).unwrap();
    assert_eq!(alone.stated[0].title.as_deref(), Some("A hat"));
}
