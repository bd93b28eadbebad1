//! Bodies as the platforms send them, signed by Node's crypto (`fixtures/hooks/sign.mjs`): they are
//! verified and read, in any order, and nothing that was tampered with is.
#![cfg(feature = "hooks")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use domain::consent::EMAIL_MARKETING;
use domain::customer::CustomerRecord;
use domain::event;
use domain::hook::{
    self, Context, Heard, Privacy, Refused, Says, Secrets, Source, Statement, hear, is_ping, read, verify,
};
use domain::money::Money;
use domain::order::{OrderBook, OrderName, OrderRecord};
use domain::time::Timestamp;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixtures {
    at: i64,
    secrets: BTreeMap<String, String>,
    signed: Vec<Request>,
}

#[derive(Deserialize)]
struct Request {
    source: String,
    file: String,
    headers: BTreeMap<String, String>,
    #[serde(skip)]
    body: Vec<u8>,
}

impl Request {
    fn source(&self) -> Source {
        Source::ALL.into_iter().find(|source| source.as_str() == self.source).unwrap()
    }

    fn headers(&self) -> Vec<(String, String)> {
        self.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/hooks")
}

fn fixtures() -> Fixtures {
    let mut all: Fixtures = serde_json::from_slice(&std::fs::read(folder().join("signed.json")).unwrap()).unwrap();
    for request in &mut all.signed {
        request.body = std::fs::read(folder().join(&request.file)).unwrap();
    }
    all
}

impl Fixtures {
    fn context(&self) -> Context {
        Context { now: Timestamp(self.at * 1_000), calling_code: None }
    }

    fn secrets(&self, source: Source) -> Secrets {
        Secrets::new(&self.secrets[source.as_str()], None).unwrap()
    }

    fn of(&self, source: Source) -> Vec<&Request> {
        self.signed.iter().filter(|request| request.source() == source).collect()
    }

    fn hear(&self, request: &Request) -> Result<Heard, Refused> {
        let source = request.source();
        hear(source, &request.headers(), &request.body, &self.secrets(source), &self.context())
    }

    /// All that a source says.
    fn statements(&self, source: Source) -> Vec<Statement> {
        let heard = |request| match self.hear(request).unwrap() {
            Heard::Statements(statements) => statements,
            Heard::Nothing(_) => Vec::new(),
        };
        self.of(source).into_iter().flat_map(heard).collect()
    }
}

/// All that was said, put together in the order in which it arrives.
#[derive(Default, Debug, PartialEq)]
struct Facts {
    orders: OrderBook,
    customers: BTreeMap<String, CustomerRecord>,
}

fn facts<'a>(statements: impl IntoIterator<Item = &'a Statement>) -> Facts {
    let mut facts = Facts::default();
    for statement in statements {
        match &statement.says {
            Says::Order(record) => facts.orders.take(OrderRecord::clone(record)),
            Says::Customer(record) => {
                let key = record.key().unwrap().to_owned();
                facts
                    .customers
                    .entry(key)
                    .or_insert_with(|| CustomerRecord::new(None))
                    .join(CustomerRecord::clone(record));
            }
            Says::Privacy(_) => {}
        }
    }
    facts
}

/// A repeatable source of numbers (xorshift64*).
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let n = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        usize::try_from(n).unwrap() % sides.max(1)
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for n in (1..list.len()).rev() {
            list.swap(n, self.throw(n + 1));
        }
    }
}

fn money(decimal: &str, currency: &str) -> Money {
    Money::exact(decimal, currency.parse().unwrap()).unwrap()
}

fn order<'a>(facts: &'a Facts, id: &str) -> &'a OrderRecord {
    facts.orders.find(&OrderName::Id(id.into())).unwrap()
}

#[test]
fn what_node_signed_is_verified_and_read() {
    let all = fixtures();
    assert!(all.signed.len() >= 40);
    for request in &all.signed {
        let heard = all.hear(request).unwrap_or_else(|refused| panic!("{}: {refused:?}", request.file));
        let nothing = [
            "shopify/orders-edited.json",
            "shopify/products-update.json",
            "stripe/invoice-paid.json",
            "stripe/customer-deleted.json",
        ];
        assert_eq!(matches!(heard, Heard::Nothing(_)), nothing.contains(&request.file.as_str()), "{}", request.file);
    }
}

#[test]
fn a_statement_has_the_same_id_at_each_delivery_and_no_other_has_it() {
    let all = fixtures();
    let ids = |source| all.statements(source).into_iter().map(|statement| statement.id).collect::<Vec<_>>();
    for source in Source::ALL {
        let once = ids(source);
        assert_eq!(once, ids(source));
        let mut unique = once.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), once.len(), "{source:?}");
        assert!(once.iter().all(|id| id.starts_with(source.as_str())));
    }
}

#[test]
fn any_order_of_arrival_and_any_repetition_gives_the_same_facts() {
    let all = fixtures();
    let mut dice = Dice(7);
    for source in Source::ALL {
        let told = all.statements(source);
        let expected = facts(&told);
        for _ in 0..100 {
            let mut again: Vec<&Statement> = told.iter().chain(&told).collect();
            dice.shuffle(&mut again);
            assert_eq!(facts(again), expected, "{source:?}");
        }
    }
}

#[test]
fn our_own_form_tells_the_whole_life_of_an_order() {
    let facts = facts(&fixtures().statements(Source::Generic));
    let told = order(&facts, "A-1001");
    let state = told.state();
    assert_eq!(
        (state.total, state.paid, state.refunded),
        (Some(money("39.80", "EUR")), Some(money("59.70", "EUR")), Some(money("19.90", "EUR")))
    );
    assert!(state.shipped_at.is_some() && state.delivered_at.is_some() && !state.cancelled);
    assert_eq!(state.open_returns.len(), 1);
    assert_eq!(told.returns["ret-3"].reason.as_ref().unwrap().value, "too small");
    assert!(order(&facts, "A-1002").state().cancelled);
    let lena = &facts.customers["c-17"];
    assert_eq!(lena.right(EMAIL_MARKETING).unwrap().method(), "checkbox at checkout");
    assert!(facts.customers["c-18"].right(EMAIL_MARKETING).is_none());
    assert!(facts.customers["c-19"].gone_at.is_some());
    let seen = event::Order { id: "#1001".into(), total: None, currency: None, items: Vec::new(), codes: Vec::new() };
    assert_eq!(facts.orders.find_seen(&seen), Some(told));
}

#[test]
fn shopify_tells_the_whole_life_of_an_order() {
    let all = fixtures();
    let told = all.statements(Source::Shopify);
    let facts = facts(&told);
    let state = order(&facts, "5800220033001").state();
    assert_eq!(
        (state.total, state.paid, state.refunded),
        (Some(money("64.90", "GBP")), Some(money("64.90", "GBP")), Some(money("20.00", "GBP")))
    );
    assert!(state.shipped_at.is_some() && state.delivered_at.is_some() && !state.cancelled);
    assert!(order(&facts, "5800220033002").state().cancelled);
    let mara = &facts.customers["7700110022001"];
    assert_eq!(mara.name.as_ref().unwrap().value.family, "Okafor-Hale");
    assert!(mara.permissions.contains_key(&EMAIL_MARKETING));
    assert!(mara.gone_at.is_some() && mara.right(EMAIL_MARKETING).is_none());
    let privacy: Vec<&Privacy> = told
        .iter()
        .filter_map(|statement| match &statement.says {
            Says::Privacy(privacy) => Some(privacy),
            _ => None,
        })
        .collect();
    assert!(matches!(
        privacy[..],
        [
            Privacy::DataRequest { request, orders: asked, .. },
            Privacy::CustomerRedact { orders: gone, .. },
            Privacy::ShopRedact { shop },
        ] if request == "9999" && asked.len() == 2 && gone == &["5800220033001"] && shop == "driftmoor.myshopify.example"
    ));
}

#[test]
fn a_body_about_another_shop_of_the_same_app_is_refused() {
    let ours = Some("ours.myshopify.com");
    let about = |header: Option<&str>, body: &str, domain| {
        let headers: Vec<_> = header.map(|value| ("x-shopify-shop-domain", value)).into_iter().collect();
        hook::is_about(Source::Shopify, &headers, body.as_bytes(), domain).map_err(|refused| refused.field)
    };
    let named = r#"{"shop_domain":"others.myshopify.com"}"#;
    assert_eq!(about(Some(" Ours.MyShopify.com "), "{}", ours), Ok(()));
    assert_eq!(about(None, r#"{"shop_domain":"ours.myshopify.com"}"#, ours), Ok(()));
    assert_eq!(about(Some("ours.myshopify.com"), named, ours), Err("shop_domain".into()));
    for (header, domain) in [(Some("others.myshopify.com"), ours), (None, ours), (Some("ours.myshopify.com"), None)] {
        assert_eq!(about(header, r#"{"id":1}"#, domain), Err("X-Shopify-Shop-Domain".into()));
    }
    let stripe = hook::is_about(Source::Stripe, &[("X-Shopify-Shop-Domain", "others")], named.as_bytes(), None);
    assert_eq!(stripe, Ok(()));
    assert_eq!(hook::host_name(" Ours.MyShopify.com ").as_deref(), ours);
    for wrong in
        ["", "ours", "https://ours.example", "ours.example/", "-ours.example", "ours..example", "o urs.example"]
    {
        assert_eq!(hook::host_name(wrong), None, "{wrong}");
    }
}

#[test]
fn shopify_s_topics_cannot_be_exchanged_for_one_that_erases() {
    let all = fixtures();
    for request in all.of(Source::Shopify) {
        for topic in ["customers/redact", "shop/redact", "customers/data_request", "customers/delete"] {
            let mut headers = request.headers.clone();
            let own = headers.insert("X-Shopify-Topic".into(), topic.into()).unwrap();
            let headers: Vec<_> = headers.into_iter().collect();
            let heard = read(Source::Shopify, &headers, &request.body, &all.context());
            let bare = topic == "customers/delete" && !request.body.windows(10).any(|part| part == b"\"email\":\"m");
            assert!(heard.is_err() || own == topic || bare, "{} as {topic}", request.file);
        }
    }
}

#[test]
fn woocommerce_tells_the_whole_life_of_an_order() {
    let facts = facts(&fixtures().statements(Source::WooCommerce));
    let state = order(&facts, "1727").state();
    assert_eq!(
        (state.total, state.paid, state.refunded),
        (Some(money("50.70", "EUR")), Some(money("50.70", "EUR")), Some(money("50.70", "EUR")))
    );
    assert_eq!(state.kept_minor(), 0);
    assert!(order(&facts, "1728").state().cancelled && order(&facts, "1729").state().cancelled);
    assert!(facts.customers["25"].gone_at.is_some());
    assert!(facts.customers.contains_key("ines.morel@example.fr"));
}

#[test]
fn woocommerce_s_ping_is_answered_and_says_nothing() {
    let all = fixtures();
    let ping = std::fs::read(folder().join("woocommerce/ping.txt")).unwrap();
    assert!(is_ping(&ping));
    let none: [(&str, &str); 0] = [];
    let heard = hear(Source::WooCommerce, &none, &ping, &all.secrets(Source::WooCommerce), &all.context());
    assert!(matches!(heard, Ok(Heard::Nothing(_))));
    assert!(!is_ping(b"webhook_id=1&order=2") && !is_ping(b"webhook_id="));
    assert_eq!(
        hear(Source::Shopify, &none, &ping, &all.secrets(Source::Shopify), &all.context()).unwrap_err().status,
        401
    );
}

#[test]
fn stripe_s_session_payment_and_refund_are_one_order() {
    let facts = facts(&fixtures().statements(Source::Stripe));
    let orders: Vec<&OrderRecord> = facts.orders.orders().collect();
    assert_eq!(orders.len(), 1);
    let state = orders[0].state();
    assert_eq!(orders[0].id(), "310");
    assert_eq!((state.paid, state.refunded), (Some(money("42.50", "USD")), Some(money("10.00", "USD"))));
    let theo = &facts.customers["theo.lindqvist@example.se"];
    assert_eq!(theo.language.as_ref().unwrap().value, "sv-se");
}

#[test]
fn stripe_s_id_for_a_customer_names_nobody() {
    let told = fixtures().statements(Source::Stripe);
    assert!(!told.is_empty());
    for statement in told {
        match statement.says {
            Says::Order(record) => assert_eq!(record.customer, None),
            Says::Customer(record) => assert_eq!((record.id, record.gone_at), (None, None)),
            Says::Privacy(_) => panic!("Stripe asks for nothing"),
        }
    }
}

#[test]
fn stripe_s_smallest_units_are_not_always_those_of_iso_4217() {
    let all = fixtures();
    let paid = |currency: &str, units: i64| {
        let body = format!(
            r#"{{"id":"evt_1","type":"payment_intent.succeeded","created":{},"data":{{"object":{{"id":"pi_1","amount_received":{units},"currency":"{currency}"}}}}}}"#,
            all.at
        );
        let none: [(&str, &str); 0] = [];
        let Heard::Statements(told) = read(Source::Stripe, &none, body.as_bytes(), &all.context()).unwrap() else {
            panic!("a statement")
        };
        let Says::Order(record) = &told[0].says else { panic!("an order") };
        record.state().paid.unwrap().to_string()
    };
    assert_eq!(paid("eur", 1_990), "19.90 EUR");
    assert_eq!(paid("jpy", 500), "500 JPY");
    assert_eq!(paid("isk", 50_000), "500 ISK");
    assert_eq!(paid("ugx", 50_000), "500 UGX");
    assert_eq!(paid("mga", 500), "500.00 MGA");
    assert_eq!(paid("kwd", 5_120), "5.120 KWD");
}

#[test]
fn what_is_wrong_is_named_by_its_field() {
    let all = fixtures();
    let refused = |body: &str| {
        let none: [(&str, &str); 0] = [];
        read(Source::Generic, &none, body.as_bytes(), &all.context()).unwrap_err().field
    };
    let with = |rest: &str| format!(r#"{{"v":1,"id":"x","at":"2026-11-22T05:00:00Z",{rest}}}"#);
    for (body, field) in [
        ("{", ""),
        ("[]", ""),
        (r#"{"v":2,"id":"x","at":"2026-11-22T05:00:00Z","type":"order.placed"}"#, "v"),
        (r#"{"v":1,"at":"2026-11-22T05:00:00Z","type":"order.placed"}"#, "id"),
        (r#"{"v":1,"id":"","at":"2026-11-22T05:00:00Z","type":"order.placed"}"#, "id"),
        (r#"{"v":1,"id":"x","at":"yesterday","type":"order.placed"}"#, "at"),
        (r#"{"v":1,"id":"x","at":"2036-11-22T05:00:00Z","type":"order.placed"}"#, "at"),
        (&with(r#""type":"order.lost""#), "type"),
        (&with(r#""type":"order.placed""#), "order"),
        (&with(r#""type":"order.placed","order":{}"#), "order.id"),
        (&with(r#""type":"order.placed","order":{"id":7}"#), "order.id"),
        (&with(r#""type":"order.placed","order":{"id":"7","total":"5"}"#), "order.currency"),
        (&with(r#""type":"order.placed","order":{"id":"7","total":"5.001","currency":"EUR"}"#), "order.total"),
        (
            &with(
                r#""type":"order.placed","order":{"id":"7","items":[{"product":"a","quantity":1},{"product":"b","quantity":0}]}"#,
            ),
            "order.items[1].quantity",
        ),
        (&with(r#""type":"payment.received","order":{"id":"7"}"#), "payment"),
        (
            &with(r#""type":"refund.made","order":{"id":"7"},"refund":{"id":"r","amount":"-5","currency":"EUR"}"#),
            "refund.amount",
        ),
        (&with(r#""type":"customer.updated","customer":{}"#), "customer.id"),
        (&with(r#""type":"customer.updated","customer":{"id":"c","emails":["no"]}"#), "customer.emails[0]"),
        (
            &with(
                r#""type":"customer.updated","customer":{"id":"c","points":{"balance":5,"ending":6,"ends":"2027-01-01"}}"#,
            ),
            "customer.points.ending",
        ),
        (
            &with(r#""type":"customer.updated","customer":{"id":"c","points":{"balance":5,"ending":5}}"#),
            "customer.points.ends",
        ),
        (
            &with(r#""type":"customer.updated","customer":{"id":"c","points":{"balance":5,"ends":"2027-01-01"}}"#),
            "customer.points.ending",
        ),
        (
            &with(r#""type":"customer.updated","customer":{"id":"c","points":{"balance":5,"ending":5,"ends":"soon"}}"#),
            "customer.points.ends",
        ),
        (
            &with(r#""type":"customer.updated","customer":{"id":"c","points":{"balance":-1}}"#),
            "customer.points.balance",
        ),
        (&with(r#""type":"customer.updated","customer":{"id":"c","phones":["030 1234567"]}"#), "customer.phones[0]"),
        (
            &with(
                r#""type":"customer.updated","customer":{"id":"c","permissions":[{"permission":"post.marketing","given":true}]}"#,
            ),
            "customer.permissions[0].permission",
        ),
    ] {
        assert_eq!(refused(body), field, "{body}");
    }
}

#[test]
fn a_body_that_is_too_long_is_refused_unread() {
    let all = fixtures();
    let long = vec![b' '; domain::hook::MOST_BYTES + 1];
    let none: [(&str, &str); 0] = [];
    for source in Source::ALL {
        assert_eq!(read(source, &none, &long, &all.context()).unwrap_err().status, 413);
        assert_eq!(verify(source, &none, &long, &all.secrets(source), all.context().now).unwrap_err().status, 413);
    }
}

/// Pieces that parsers stumble over.
const PIECES: [&[u8]; 24] = [
    b"null",
    b"true",
    b"-1",
    b"0",
    b"1e999",
    b"99999999999999999999",
    b"-9223372036854775808",
    b"\"\"",
    b"{}",
    b"[]",
    b"{\"id\":",
    b"[[[[[[[[",
    b",",
    b":",
    b"\"",
    b"\\u0000",
    b"\\ud800",
    b"\xff",
    b"\xf0\x9f\x92\xa9",
    b"\"0.005\"",
    b"\"XXX\"",
    b"\"2026-02-30T25:61:61Z\"",
    b"\"-9999-01-01\"",
    b"\"+99999999999999999\"",
];

fn mutated(text: &[u8], dice: &mut Dice, times: usize) -> Vec<u8> {
    let mut text = text.to_vec();
    for _ in 0..times {
        let at = dice.throw(text.len());
        let to = (at + dice.throw(12)).min(text.len());
        match dice.throw(5) {
            0 if !text.is_empty() => text[at] ^= 1 << dice.throw(8),
            1 => drop(text.drain(at..to)),
            2 => {
                let again = text[at..to].to_vec();
                drop(text.splice(at..at, again));
            }
            3 => drop(text.splice(at..to, PIECES[dice.throw(PIECES.len())].iter().copied())),
            _ => text.truncate(at),
        }
    }
    text
}

/// Every mutation of a signed body, and of the header that signs it, is refused as the caller's fault.
#[test]
fn a_hundred_thousand_tampered_webhooks_are_refused() {
    let all = fixtures();
    let mut dice = Dice(0x5eed);
    let mut tampered = 0;
    while tampered < 100_000 {
        let request = &all.signed[dice.throw(all.signed.len())];
        let source = request.source();
        let (mut headers, mut body) = (request.headers(), request.body.clone());
        if dice.throw(2) == 0 {
            let times = 1 + dice.throw(3);
            body = mutated(&body, &mut dice, times);
        } else {
            let signs = |name: &str| name.ends_with("ignature") || name.ends_with("Hmac-Sha256");
            let header = headers.iter_mut().find(|(name, _)| signs(name)).unwrap();
            let value = mutated(header.1.as_bytes(), &mut dice, 1);
            // A further scheme says nothing of the one that counts.
            let counts = |header: &str| header.split(",v0=").next().unwrap_or_default().to_owned();
            let Ok(value) = String::from_utf8(value) else { continue };
            if counts(&value) == counts(&header.1) || value.contains(&counts(&header.1)) {
                continue;
            }
            header.1 = value;
        }
        if headers == request.headers() && body == request.body {
            continue;
        }
        tampered += 1;
        match hear(source, &headers, &body, &all.secrets(source), &all.context()) {
            Err(refused) => assert_eq!(refused.status, 401, "{}", request.file),
            Ok(heard) => panic!("{} was believed, mutation {tampered}: {heard:?}", request.file),
        }
    }
}

/// Whatever stands in a body, also in one that is rightly signed, reading answers.
#[test]
fn twenty_thousand_mutated_bodies_are_read_or_refused_without_a_panic() {
    let all = fixtures();
    let mut dice = Dice(0xfeed);
    let (mut heard, mut refused) = (0, 0);
    for _ in 0..20_000 {
        let request = &all.signed[dice.throw(all.signed.len())];
        let times = 1 + dice.throw(4);
        let body = mutated(&request.body, &mut dice, times);
        match read(request.source(), &request.headers(), &body, &all.context()) {
            Ok(Heard::Statements(told)) => {
                heard += 1;
                let _ = facts(&told);
                let kept = serde_json::to_vec(&told).unwrap();
                assert_eq!(serde_json::from_slice::<Vec<Statement>>(&kept).unwrap(), told);
            }
            Ok(Heard::Nothing(_)) => {}
            Err(fault) => {
                refused += 1;
                assert!((400..500).contains(&fault.status));
            }
        }
    }
    assert!(heard > 100 && refused > 1_000, "{heard} heard, {refused} refused");
}
