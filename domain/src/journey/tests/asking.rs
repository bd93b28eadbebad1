//! What can be asked of a shopper, and when the answer may change by itself.

use std::collections::BTreeMap;

use serde_json::json;

use super::{NOON, World, message};
use crate::consent::Channel;
use crate::facts::{About, Ending, Facts, Happened, Kind, Piece, Points};
use crate::id::{EventId, Slug};
use crate::journey::{Condition, Number, Person};
use crate::time::{Span, Timestamp};

/// A log that is told in order.
#[derive(Default)]
struct Log {
    facts: Facts,
    count: u128,
}

impl Log {
    fn tell(&mut self, at: Timestamp, kind: Kind, about: About) -> &mut Self {
        self.count += 1;
        self.facts.fold(&Happened::new(at, EventId(uuid::Uuid::from_u128(self.count)), kind, about));
        self
    }

    fn person(&self, now: Timestamp) -> Person<'_> {
        static NONE: BTreeMap<Slug, Condition> = BTreeMap::new();
        Person {
            facts: &self.facts,
            now,
            country: "DE".parse().ok(),
            language: "en",
            channels: &[Channel::Email],
            outlook: None,
            segments: &NONE,
            run: None,
        }
    }
}

fn condition(text: serde_json::Value) -> Condition {
    serde_json::from_value(text).unwrap()
}

fn number(fact: &str, at_least: Option<i64>, at_most: Option<i64>) -> Condition {
    condition(json!({ "number": { "fact": fact, "at_least": at_least, "at_most": at_most } }))
}

/// A number is exactly so much.
#[track_caller]
fn is(person: &Person<'_>, fact: &str, n: i64) {
    for (at_least, at_most, holds) in [
        (Some(n), None, true),
        (Some(n + 1), None, false),
        (None, Some(n), true),
        (None, Some(n - 1), false),
        (Some(n), Some(n), true),
        (Some(n - 2), Some(n - 1), false),
    ] {
        assert_eq!(number(fact, at_least, at_most).holds(person), holds, "{fact} {at_least:?} {at_most:?}");
    }
}

fn about(subject: &str, amount: i64) -> About {
    About { subject: subject.into(), amount: Some(amount), ..About::default() }
}

fn pieces(of: &[(&str, &str, u32)]) -> Vec<Piece> {
    let piece = |(product, category, quantity): &(&str, &str, u32)| Piece {
        product: (*product).into(),
        category: Some((*category).into()),
        size: Some("M".into()),
        quantity: *quantity,
    };
    of.iter().map(piece).collect()
}

fn regular() -> Log {
    let mut log = Log::default();
    log.tell(NOON + Span::days(-20), Kind::PageViewed, About::default())
        .tell(NOON + Span::days(-10), Kind::OrderConfirmed, about("a", 3_000))
        .tell(
            NOON + Span::days(-5),
            Kind::OrderConfirmed,
            About { pieces: pieces(&[("hat", "Hats", 2)]), ..about("b", 5_000) },
        )
        .tell(NOON + Span::days(-4), Kind::RefundMade, about("b", 1_000))
        .tell(NOON + Span::days(-3), Kind::OrderConfirmed, about("c", 9_000))
        .tell(NOON + Span::days(-2), Kind::OrderCancelled, about("c", 9_000))
        .tell(
            NOON + Span::hours(-36),
            Kind::CartChanged,
            About { pieces: pieces(&[("hat", "Hats", 2), ("boot", "Boots", 3)]), ..about("", 4_400) },
        );
    log
}

#[test]
fn numbers_are_what_happened_counted_to_the_last_one() {
    let log = regular();
    let person = log.person(NOON);
    for (fact, n) in [
        ("orders", 2),
        ("spend", 7_000),
        ("average_order", 3_500),
        ("days_since_order", 5),
        ("days_since_seen", 1),
        ("days_known", 20),
        ("active_days", 5),
        ("cart_value", 4_400),
        ("cart_items", 5),
        ("unanswered", 0),
        ("unhappy", 0),
    ] {
        is(&person, fact, n);
    }
    let mut bought = regular();
    bought.tell(NOON + Span::hours(-1), Kind::OrderPlaced, about("d", 4_400));
    assert!(!number("cart_value", Some(0), None).holds(&bought.person(NOON)), "the cart was bought");
    let nobody = Log::default();
    for unknown in
        ["average_order", "days_since_order", "days_since_seen", "days_known", "cart_value", "churn", "value"]
    {
        assert!(!number(unknown, Some(i64::MIN), None).holds(&nobody.person(NOON)), "{unknown}");
    }
    is(&nobody.person(NOON), "orders", 0);
    is(&nobody.person(NOON), "cart_items", 0);
}

#[test]
fn messages_without_an_answer_count_until_there_is_one() {
    let mut log = regular();
    log.tell(NOON, Kind::MessageAccepted, About::default()).tell(
        NOON + Span(1),
        Kind::MessageAccepted,
        About::default(),
    );
    is(&log.person(NOON + Span(2)), "unanswered", 2);
    log.tell(NOON + Span(1), Kind::MessageClicked, About::default());
    is(&log.person(NOON + Span(2)), "unanswered", 0);
}

#[test]
fn words_are_compared_in_lower_case() {
    let log = regular();
    let person = log.person(NOON);
    let word = |fact: &str, is: &[&str]| condition(json!({ "word": { "fact": fact, "is": is } })).holds(&person);
    assert!(word("country", &["at", "de"]) && !word("country", &["at"]));
    assert!(word("language", &["en"]) && !word("language", &["de"]));
    assert!(word("category", &["hats"]) && !word("category", &["boots"]));
    assert!(word("size", &["m"]) && !word("size", &["l"]));
    let holds = |text| condition(text).holds(&person);
    assert!(holds(json!({ "bought": "hat" })) && !holds(json!({ "bought": "boot" })));
    assert!(holds(json!({ "likes": "Boots" })) && !holds(json!({ "likes": "Bags" })));
    assert!(holds(json!({ "may": "email" })) && !holds(json!({ "may": "sms" })));
}

#[test]
fn what_happened_is_counted_within_its_span_and_since_the_run_began() {
    let mut log = Log::default();
    for day in [1, 2, 3] {
        log.tell(NOON + Span::days(-day), Kind::MessageClicked, About::default());
    }
    // Told of the future, by a clock that goes wrong.
    log.tell(NOON + Span(1), Kind::MessageClicked, About::default());
    let person = log.person(NOON);
    let clicked = |at_least: u32, within: Option<Span>, since_start: bool, person: &Person<'_>| {
        let past = json!({ "happened": { "event": "message.clicked", "at_least": at_least, "within": within.map(|span| span.0), "since_start": since_start } });
        condition(past).now_and_next(person)
    };
    assert!(clicked(3, None, false, &person).0 && !clicked(4, None, false, &person).0);
    assert_eq!(clicked(2, Some(Span::days(2)), false, &person), (true, Some(NOON + Span(1))));
    assert!(!clicked(3, Some(Span::days(2)), false, &person).0);
    assert!(!clicked(2, Some(Span(Span::days(2).0 - 1)), false, &person).0);
    let of_run = |since| Person { run: Some((since, "7")), ..person };
    // What happened at the very moment in which the run began was before it.
    assert!(clicked(1, None, true, &of_run(NOON + Span::days(-2))).0);
    assert!(!clicked(2, None, true, &of_run(NOON + Span::days(-2))).0);
    assert!(clicked(2, None, true, &of_run(NOON + Span::days(-2) + Span(-1))).0);
}

#[test]
fn an_event_is_meant_by_all_that_is_said_of_it_at_once() {
    let mut log = Log::default();
    let data = BTreeMap::from([("size".to_owned(), "M".to_owned())]);
    let order = About { pieces: pieces(&[("hat", "hats", 1), ("boot", "boots", 1)]), data, ..about("7", 5_000) };
    log.tell(NOON, Kind::ReturnRequested, order);
    let person = Person { run: Some((NOON + Span(-1), "7")), ..log.person(NOON) };
    let other = Person { run: Some((NOON + Span(-1), "8")), ..person };
    let meant = |what: serde_json::Value, person: &Person<'_>| {
        let mut past = json!({ "event": "return.requested", "at_least": 1 });
        past.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        condition(json!({ "happened": past })).holds(person)
    };
    for (fits, does_not) in [
        (json!({ "subject": "7" }), json!({ "subject": "8" })),
        (json!({ "category": "boots" }), json!({ "category": "bags" })),
        (json!({ "amount": 5_000 }), json!({ "amount": 5_001 })),
        (json!({ "data": { "size": "M" } }), json!({ "data": { "size": "M", "colour": "red" } })),
        (
            json!({ "subject": "7", "category": "hats", "amount": 1, "data": { "size": "M" } }),
            json!({ "subject": "8", "category": "hats", "amount": 1, "data": { "size": "M" } }),
        ),
    ] {
        assert!(meant(fits.clone(), &person), "{fits}");
        assert!(!meant(does_not.clone(), &person), "{does_not}");
    }
    assert!(meant(json!({ "same": true }), &person) && !meant(json!({ "same": true }), &other));
}

#[test]
fn what_is_put_together_holds_as_its_parts_do() {
    let log = regular();
    let person = log.person(NOON);
    let (yes, no) = (json!({ "bought": "hat" }), json!({ "bought": "boot" }));
    for (text, holds) in [
        (json!({ "all": [yes] }), true),
        (json!({ "all": [yes, yes] }), true),
        (json!({ "all": [yes, no] }), false),
        (json!({ "any": [no, yes] }), true),
        (json!({ "any": [yes, yes] }), true),
        (json!({ "any": [no, no] }), false),
        (json!({ "not": no }), true),
        (json!({ "not": yes }), false),
        (json!({ "segment": "nobody-wrote" }), false),
    ] {
        let condition = condition(text.clone());
        assert_eq!((condition.holds(&person), condition.now_and_next(&person).0), (holds, holds), "{text}");
    }
}

#[test]
fn days_that_are_counted_say_when_they_will_be_enough_or_too_many() {
    let log = regular();
    let next =
        |fact: &str, least: Option<i64>, most: Option<i64>| number(fact, least, most).next_change(&log.person(NOON));
    let order = NOON + Span::days(-5);
    assert_eq!(next("days_since_order", Some(7), None), Some(order + Span::days(7)));
    assert_eq!(next("days_since_order", None, Some(7)), Some(order + Span::days(8)));
    assert_eq!(next("days_since_order", Some(9), Some(7)), Some(order + Span::days(8)));
    assert_eq!(next("days_since_order", Some(5), Some(4)), None, "now is not later");
    assert_eq!(next("days_since_seen", Some(2), None), Some(NOON + Span::hours(12)));
    assert_eq!(next("days_known", Some(21), None), Some(NOON + Span::days(1)));
    assert_eq!(next("orders", Some(7), None), None);
    // What is put together changes when the first of its parts does.
    let both = |how: &str| {
        let each = json!([number("days_known", Some(30), None), number("days_since_order", Some(7), None)]);
        condition(json!({ how: each })).next_change(&log.person(NOON))
    };
    assert_eq!((both("all"), both("any")), (Some(order + Span::days(7)), Some(order + Span::days(7))));
}

#[test]
fn points_about_to_end_say_when_they_are_and_when_they_are_gone() {
    let ends = NOON + Span::days(20) + Span::hours(6);
    let points = Points { balance: 120, ending: Some(Ending { at: ends, count: 50 }) };
    let mut log = Log::default();
    log.tell(NOON, Kind::PointsChanged, About { data: points.written(), ..About::default() });
    for (now, balance, ending, days) in
        [(NOON, 120, 50, Some(20)), (ends + Span(-1), 120, 50, Some(0)), (ends, 70, 0, None)]
    {
        let person = log.person(now);
        is(&person, "points", balance);
        is(&person, "points_ending", ending);
        match days {
            Some(days) => is(&person, "days_to_points_end", days),
            None => assert!(!number("days_to_points_end", Some(i64::MIN), None).holds(&person)),
        }
    }
    for unknown in ["points", "points_ending", "days_to_points_end"] {
        assert!(!number(unknown, Some(0), None).holds(&regular().person(NOON)), "{unknown}");
    }
    // Wherever an answer changes, it was said that it would, and when to the millisecond.
    for condition in [
        number("points", Some(100), None),
        number("points_ending", None, Some(0)),
        number("days_to_points_end", None, Some(14)),
        number("days_to_points_end", Some(3), None),
        number("days_to_points_end", Some(3), Some(14)),
        number("days_to_points_end", None, Some(0)),
    ] {
        let mut changes = Vec::new();
        let mut now = NOON;
        while let Some(next) = condition.next_change(&log.person(now)) {
            let (before, at) = (condition.holds(&log.person(next + Span(-1))), condition.holds(&log.person(next)));
            if before != at {
                changes.push((next, at));
            }
            assert!(next > now, "{condition:?}");
            now = next;
        }
        let mut seen = Vec::new();
        for hour in 0..30 * 24 {
            let at = NOON + Span::hours(hour) + Span(1);
            let holds = condition.holds(&log.person(at));
            if condition.holds(&log.person(at + Span::hours(-1))) != holds && hour > 0 {
                seen.push(holds);
            }
        }
        assert_eq!(changes.iter().map(|(_, at)| *at).collect::<Vec<_>>(), seen, "{condition:?} {changes:?}");
        assert!(!changes.is_empty(), "{condition:?}");
    }
}

#[test]
fn unhappiness_fades_by_half_in_thirty_days_and_says_when_it_is_below() {
    let mut log = Log::default();
    log.tell(NOON, Kind::Frustrated, about("low answer", 0)).tell(NOON, Kind::Frustrated, about("rage click", 0));
    is(&log.person(NOON), "unhappy", 80);
    is(&log.person(NOON + Span::days(30)), "unhappy", 40);
    let (holds, calm) = number("unhappy", Some(40), None).now_and_next(&log.person(NOON));
    assert_eq!((holds, calm), (true, Some(NOON + Span::days(30) + Span(1))));
    assert!(!number("unhappy", Some(40), None).holds(&log.person(calm.unwrap())));
    // Just as much: it is looked at again when the clock has gone on.
    let limit = number("unhappy", Some(80), None).now_and_next(&log.person(NOON));
    assert_eq!(limit, (true, Some(NOON + Span::seconds(1))));
    assert_eq!(number("unhappy", Some(81), None).now_and_next(&log.person(NOON)), (false, None));
    // Ten at most: when it will be less than eleven.
    let below = number("unhappy", None, Some(10)).next_change(&log.person(NOON)).unwrap();
    assert!(!number("unhappy", None, Some(10)).holds(&log.person(below + Span::minutes(-1))));
    assert!(number("unhappy", None, Some(10)).holds(&log.person(below)));
}

#[test]
fn a_segment_of_the_unhappy_is_left_when_it_has_faded_and_can_be_entered_anew() {
    let mut world = World::new(json!([{
        "name": "rescue", "entry": { "segment": "quiet" }, "key": "shopper", "again": "always",
        "steps": [message("m", "sorry", 1)],
    }]));
    world.rules.segments =
        serde_json::from_value(json!({ "quiet": { "number": { "fact": "unhappy", "at_least": 50 } } })).unwrap();
    let trust = || about("low answer", 0);
    assert_eq!(world.happens(NOON, Kind::Frustrated, trust()).len(), 2);
    let (at, did) = world.ring();
    assert!(did.is_empty() && world.shopper.segments.is_empty(), "{did:?}");
    // Sixty has faded to fifty.
    assert!(((at - NOON).0 - Span::hours(189).0).abs() < Span::hours(1).0, "{at:?}");
    world.fate(at, "rescue", crate::journey::Fate::Left);
    assert_eq!(world.happens(at + Span::days(1), Kind::Frustrated, trust()).len(), 2);
}

#[test]
fn amounts_of_money_are_told_from_what_is_counted() {
    let money = [Number::Spend, Number::AverageOrder, Number::CartValue, Number::Value];
    let counted = [Number::Orders, Number::DaysSinceOrder, Number::CartItems, Number::Churn, Number::DaysToOrder];
    assert!(money.into_iter().all(Number::is_money));
    assert!(!counted.into_iter().any(Number::is_money));
}

#[test]
fn a_condition_asks_as_much_as_its_parts() {
    let one = json!({ "bought": "hat" });
    for (text, questions) in [
        (one.clone(), 1),
        (json!({ "segment": "regulars" }), 1),
        (json!({ "all": [] }), 0),
        (json!({ "all": [one, one] }), 2),
        (json!({ "not": { "any": [one, { "all": [one, one] }] } }), 3),
    ] {
        assert_eq!(condition(text.clone()).questions(), questions, "{text}");
    }
}
