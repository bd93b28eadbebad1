//! Runs beside each other and one after the other: carts, tags, limits, joins.

use super::*;

fn nothing() -> [&'static str; 0] {
    []
}

fn at(now: Timestamp, world: &mut World, kind: Kind, about: About, told: Timestamp) -> Vec<String> {
    world.count += 1;
    let happened = Happened::new(now, EventId(uuid::Uuid::from_u128(world.count)), kind, about);
    world.step(told, &Input::Happened(&happened))
}

#[test]
fn a_cart_that_changes_more_often_than_is_remembered_is_the_same_cart() {
    let mut world = World::new(cart());
    assert_eq!(world.happens(NOON, Kind::CartChanged, filled(1)).len(), 1);
    for n in 1..250 {
        let did = world.happens(NOON + Span::seconds(n), Kind::CartChanged, filled(2));
        assert_eq!(did, nothing(), "change {n}");
    }
    assert_eq!(world.shopper.runs().len(), 1);
    let (_, did) = world.ring();
    let did = if did.is_empty() { world.ring().1 } else { did };
    assert_eq!(did, ["say cart by email"]);
}

#[test]
fn what_is_told_late_of_a_cart_makes_it_no_other_cart() {
    let mut world = World::new(cart());
    world.happens(NOON, Kind::CartChanged, filled(1));
    // An hour-old change of a browser that is known only now, then another one of this browser's.
    let late = at(NOON + Span::hours(-1), &mut world, Kind::CartChanged, filled(3), NOON + Span::minutes(1));
    assert_eq!(late, nothing());
    assert_eq!(world.happens(NOON + Span::minutes(2), Kind::CartChanged, filled(4)), nothing());
    assert_eq!(world.shopper.runs().len(), 1);
    let (_, did) = world.ring();
    assert_eq!(if did.is_empty() { world.ring().1 } else { did }, ["say cart by email"]);
    // It is gone through: what is told later still begins no second letter about it.
    world.fate(NOON + Span::hours(2), "cart", Fate::Left);
    while !world.shopper.runs().is_empty() {
        world.ring();
        if world.shopper.runs().values().any(|run| run.state == State::Message) {
            world.fate(NOON + Span::days(2), "cart", Fate::Left);
        }
    }
    let later = at(NOON + Span::hours(-2), &mut world, Kind::CartChanged, filled(9), NOON + Span::hours(60));
    assert_eq!(later, nothing());
}

#[test]
fn a_tag_begins_what_waits_for_it_at_once_and_counts_once() {
    let tag = |id: &str, tag: &str| json!({ "id": id, "next": 1, "act": { "tag": [tag, true] } });
    let mut world = World::new(json!([
        { "name": "a", "entry": { "event": { "event": "order.confirmed" } }, "key": "subject", "again": "always",
          "steps": [tag("t", "vip")] },
        { "name": "b", "entry": { "event": { "event": "tag.added", "subject": "vip" } }, "key": "shopper",
          "again": "always", "filter": { "happened": { "event": "tag.added", "subject": "vip", "at_least": 2 } },
          "steps": [{ "id": "x", "next": 1, "act": { "alert": "twice" } }] },
        { "name": "c", "entry": { "event": { "event": "tag.added" } }, "key": "shopper", "again": "always",
          "steps": [{ "id": "x", "next": 1, "act": { "webhook": "crm" } }] },
    ]));
    let does = |did: &[String], what: &str| did.iter().filter(|text| text.starts_with(what)).count();
    let first = world.order(NOON, "1");
    assert_eq!((does(&first, "alert"), does(&first, "webhook")), (0, 1), "{first:?}");
    let second = world.order(NOON + Span::days(1), "2");
    assert_eq!((does(&second, "alert"), does(&second, "webhook")), (1, 1), "{second:?}");
    // Whoever notes it tells of it under the id it has: that is known.
    let known = world.shopper.facts.newest(Kind::TagAdded).next().cloned().unwrap();
    assert_eq!(world.step(NOON + Span::days(1), &Input::Happened(&known)), nothing());
    assert_eq!(world.shopper.facts.newest(Kind::TagAdded).count(), 2);
}

fn vip_again() -> serde_json::Value {
    let mut journeys = vip();
    journeys[0]["again"] = json!({ "after": Span::days(90).0 });
    journeys
}

#[test]
fn whoever_buys_most_is_thanked_too() {
    let mut world = World::new(vip_again());
    world.order(NOON, "1");
    // The goal of the first is reached before it said anything; the second is to be thanked for.
    assert_eq!(world.order(NOON + Span::days(10), "2"), ["end vip:1: goal", "begin vip:2"]);
    let (at, did) = world.ring();
    assert_eq!(did, ["issue vip"]);
    let id = world.shopper.runs().keys().next().cloned().unwrap();
    let code = Given { offer: "vip".parse().unwrap(), code: "VIP-1".into(), ends: None };
    world.step(at, &Input::Code(&id, Some(&code)));
    world.fate(at, "vip", Fate::Left);
    // From when that one began it counts.
    assert_eq!(world.order(NOON + Span::days(99), "3"), nothing());
    assert_eq!(world.order(NOON + Span::days(100), "4"), ["begin vip:4"]);
}

#[test]
fn what_is_under_way_still_has_its_say_before_it_begins_again() {
    let mut journeys = vip_again();
    journeys[0].as_object_mut().unwrap().remove("goal");
    let mut world = World::new(journeys);
    assert_eq!(world.order(NOON, "1"), ["begin vip:1"]);
    assert_eq!(world.order(NOON + Span::days(5), "2"), nothing());
}

#[test]
fn of_more_than_a_hundred_runs_at_a_time_the_others_end_at_once_and_say_why() {
    let mut world = World::new(json!([{ "name": "looked", "entry": { "event": { "event": "product.viewed" } },
        "key": "subject", "again": "always",
        "steps": [{ "id": "w", "next": 1, "act": { "wait": { "for": 86_400_000 } } }] }]));
    let mut look = |n: i64| {
        let about = About { subject: format!("p{n}"), ..About::default() };
        world.happens(NOON + Span::seconds(n), Kind::ProductViewed, about)
    };
    for n in 0..100 {
        assert_eq!(look(n).len(), 1);
    }
    assert_eq!(look(600), ["begin looked:p600", "end looked:p600: runs"]);
    assert_eq!(world.shopper.runs().len(), 100);
}

#[test]
fn what_is_left_out_at_a_join_says_why() {
    let journeys = json!([{ "name": "hello", "entry": { "event": { "event": "address.confirmed" } }, "key": "shopper",
        "again": "never", "steps": [{ "id": "w", "next": 1, "act": { "wait": { "for": 86_400_000 } } }] }]);
    for (mine, theirs) in [(0, 1), (1, 0)] {
        let [mut anna, mut ben] = [World::new(journeys.clone()), World::new(journeys.clone())];
        ben.count = 100;
        ben.seed = 8;
        anna.happens(NOON + Span::hours(mine), Kind::AddressConfirmed, About::default());
        ben.happens(NOON + Span::hours(theirs), Kind::AddressConfirmed, About::default());
        let later = if mine > theirs { 7 } else { 8 };
        let effects = anna.around(NOON + Span::hours(2), |shopper, around| shopper.join(ben.shopper.clone(), around));
        let said: Vec<String> = effects.into_iter().filter_map(|effect| anna.note(effect)).collect();
        assert!(said.len() == 1 && said[0].starts_with("give way hello:"), "{said:?}");
        assert!(said[0].ends_with(&format!(" of {later}: joined")), "{said:?}");
        assert_eq!(anna.shopper.runs().len(), 1);
    }
}

#[test]
fn whoever_goes_their_own_way_keeps_their_birthday() {
    let mut world = World::new(json!([{ "name": "birthday", "entry": { "yearly": ["birthday", 540] }, "key": "year",
        "again": "always", "steps": [message("present", "birthday", 1)] }]));
    world.birthday = "12-24".parse().ok();
    world.happens(NOON, Kind::PageViewed, About::default());
    let own = world.shopper.facts.clone();
    let mut other = world.shopper.part(own.clone(), &[8], own);
    // Their timers are dropped when they part; both are told to look.
    for _ in 0..2 {
        world.timers.clear();
        assert_eq!(world.step(NOON + Span::hours(1), &Input::Published), nothing());
        assert!(world.timers.contains_key(&None));
        core::mem::swap(&mut world.shopper, &mut other);
    }
}

#[test]
fn an_order_is_the_same_under_all_its_names() {
    let mut journeys = vip();
    journeys[0]["entry"]["event"]["event"] = json!("order.placed");
    journeys[0].as_object_mut().unwrap().remove("goal");
    let mut world = World::new(journeys);
    let about = |subject: &str, names: &[&str]| About {
        subject: subject.into(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        ..About::default()
    };
    // A page names it by its id, the shop by its number, and what comes of it too.
    assert_eq!(world.happens(NOON, Kind::OrderPlaced, about("5551", &[])), ["begin vip:5551"]);
    world.happens(NOON + Span::minutes(1), Kind::OrderConfirmed, about("1001", &["5551"]));
    assert_eq!(world.happens(NOON + Span::days(1), Kind::OrderCancelled, about("1001", &[])), ["end vip:5551: exit"]);
}

#[test]
fn what_is_kept_of_somebody_has_an_end_whatever_pages_say() {
    let mut world = World::new(json!([]));
    let long = |n: i64| format!("{n:x<120}");
    let pieces = |n: i64| {
        let piece = |line: i64| Piece {
            product: long(n * 100 + line),
            category: Some(long(line)),
            size: Some(long(line)),
            quantity: 1,
        };
        (0..60).map(piece).collect::<Vec<_>>()
    };
    let mut told = Vec::new();
    for n in 0..500 {
        for kind in Kind::ALL {
            let about = About {
                subject: long(n),
                names: (0..9).map(|name| long(n * 10 + name)).collect(),
                amount: Some(n),
                pieces: pieces(n),
                data: (0..30).map(|field| (long(field), long(n))).collect(),
            };
            told.push(Happened::new(
                NOON + Span::seconds(n),
                EventId(uuid::Uuid::from_u128(told.len() as u128)),
                *kind,
                about,
            ));
        }
    }
    for happened in &told {
        world.shopper.facts.fold(happened);
    }
    let kept = world.shopper.write();
    assert!(kept.len() < 1_700_000, "{} bytes", kept.len());
    assert_eq!(Shopper::read(&kept).as_ref(), Ok(&world.shopper));
    // What was bought lately is known still.
    let order = told.iter().rfind(|happened| happened.kind == Kind::OrderConfirmed).unwrap();
    let known = world.shopper.facts.order(&order.about.subject).unwrap();
    assert_eq!((known.pieces(), known.pieces().len()), (order.about.pieces.as_slice(), 40));
    assert!(order.about.pieces.iter().all(|piece| piece.product.len() == 80));
}

#[test]
fn the_average_order_counts_orders_in_the_shop_s_currency_only() {
    let average = json!({ "number": { "fact": "average_order", "at_least": 5_000, "at_most": 5_000 } });
    let average: Condition = serde_json::from_value(average).unwrap();
    let mut world = World::new(json!([]));
    world.order(NOON, "1");
    let abroad = About { subject: "2".into(), amount: None, ..About::default() };
    world.happens(NOON, Kind::OrderConfirmed, abroad);
    let segments = std::collections::BTreeMap::new();
    let facts = world.shopper.facts.clone();
    let person = Person {
        facts: &facts,
        now: NOON,
        country: None,
        language: "en",
        channels: &[],
        outlook: None,
        segments: &segments,
        run: None,
    };
    assert!(average.holds(&person));
}

#[test]
fn tags_that_chase_each_other_are_heard_of_a_hundred_times_and_no_more() {
    let tag = |name: &str, entry: serde_json::Value| {
        json!({ "name": name, "entry": { "event": entry }, "key": "shopper", "again": "always",
            "steps": [{ "id": "t", "next": 1, "act": { "tag": ["round", true] } }] })
    };
    // Publishing refuses such journeys.
    let mut world =
        World::new(json!([tag("start", json!({ "event": "custom" })), tag("chase", json!({ "event": "tag.added" }))]));
    let did = world.happens(NOON, Kind::Custom, About::default());
    assert_eq!(did.iter().filter(|text| *text == "tag round true").count(), 101);
}
