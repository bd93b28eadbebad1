//! Segments by what is expected of a shopper: true at every event, entered by time alone, and by no model itself.

use std::collections::BTreeMap;

use serde_json::json;

use super::NOON;
use crate::facts::{About, Happened, Kind};
use crate::id::EventId;
use crate::journey::{Condition, Deed, Input, Person, Rules, Shopper, Surroundings};
use crate::time::{Span, Timestamp};
use crate::value::{BgNbd, GammaGamma, Model};
use crate::zone::Zone;

fn rules() -> Rules {
    let range = |fact: &str, least: i64| json!({ "number": { "fact": fact, "at_least": least } });
    serde_json::from_value(json!({
        "version": "v1",
        "journeys": [{
            "name": "rescue", "entry": { "segment": "lost" }, "key": "shopper", "again": "always",
            "steps": [{ "id": "tell", "next": 1, "act": { "alert": "lost" } }],
        }],
        "segments": {
            "lost": range("churn", 50),
            "soon": { "number": { "fact": "days_to_order", "at_most": 14 } },
            "dear": { "not": { "all": [{ "not": range("value", 1_000) }] } },
        },
    }))
    .unwrap()
}

fn model() -> Model {
    Model {
        orders: BgNbd::new(0.51, 5.5, 0.38, 1.78).unwrap(),
        spend: Some(GammaGamma::new(6.5, 4.6, 1_080.0).unwrap()),
    }
}

struct Regular {
    rules: Rules,
    shopper: Shopper,
    outlook: Option<Model>,
}

impl Regular {
    /// Somebody who has ordered every week, the last time at noon.
    fn new(outlook: Option<Model>) -> Self {
        let mut regular = Self { rules: rules(), shopper: Shopper::default(), outlook };
        for week in 0..12 {
            regular.order(NOON + Span::days(7 * (week - 11)), u128::from(week.unsigned_abs()));
        }
        regular
    }

    fn order(&mut self, at: Timestamp, n: u128) -> Vec<Deed> {
        let about = About { subject: format!("o{n}"), amount: Some(2_500), ..About::default() };
        self.step(
            at,
            &Input::Happened(&Happened::new(at, EventId(uuid::Uuid::from_u128(n)), Kind::OrderConfirmed, about)),
        )
    }

    fn step(&mut self, now: Timestamp, input: &Input<'_>) -> Vec<Deed> {
        let around = Surroundings {
            now,
            live: &self.rules,
            earlier: &[],
            zone: &Zone::utc(),
            country: None,
            language: "en",
            birthday: None,
            channels: &[],
            outlook: self.outlook.as_ref(),
            seed: 7,
        };
        self.shopper.step(input, &around).into_iter().map(|effect| effect.deed).collect()
    }

    fn is_in(&self, segment: &str) -> bool {
        self.shopper.segments.iter().any(|name| name.as_str() == segment)
    }
}

fn wake(deeds: &[Deed]) -> Timestamp {
    deeds.iter().find_map(|deed| if let Deed::Wake(at) = deed { Some(*at) } else { None }).unwrap()
}

#[test]
fn a_segment_by_churn_is_entered_by_time_alone_and_left_by_an_order() {
    let mut regular = Regular::new(Some(model()));
    assert!(regular.is_in("dear") && regular.is_in("soon") && !regular.is_in("lost"));
    let mut now = NOON;
    let mut began = Vec::new();
    // Amounts are looked at once a day; the looks end with the silence becoming too long.
    for _ in 0..60 {
        let deeds = regular.step(now, &Input::Due(None));
        if deeds.contains(&Deed::Begin) {
            began.push(now);
        }
        now = wake(&deeds);
    }
    let [began] = began[..] else { panic!("{began:?}") };
    assert!((Span::days(30)..Span::days(45)).contains(&(began - NOON)), "{began:?}");
    assert!(regular.is_in("lost") && !regular.is_in("soon"));
    regular.order(now, 99);
    assert!(!regular.is_in("lost") && regular.is_in("soon"));
}

#[test]
fn without_a_model_nobody_is_in_such_a_segment_and_nothing_is_waited_for() {
    let mut regular = Regular::new(None);
    assert_eq!(regular.step(NOON + Span::days(300), &Input::Due(None)), []);
    assert!(["lost", "dear", "soon"].iter().all(|segment| !regular.is_in(segment)));
}

#[test]
fn what_a_first_model_finds_true_begins_nothing_and_a_later_one_is_a_look_like_any_other() {
    let late = NOON + Span::days(60);
    let mut regular = Regular::new(None);
    regular.outlook = Some(model());
    assert!(!regular.step(late, &Input::Published).contains(&Deed::Begin));
    assert!(regular.is_in("lost"));

    let mut regular = Regular::new(Some(model()));
    // Another model thinks less of a silence of three weeks.
    let orders = BgNbd::new(0.51, 5.5, 3.8, 1.78).unwrap();
    regular.outlook = Some(Model { orders, ..model() });
    assert!(regular.step(NOON + Span::days(21), &Input::Due(None)).contains(&Deed::Begin));
}

#[test]
fn rules_say_whether_another_model_can_change_who_is_in_a_segment() {
    assert!(rules().asks_for_outlook());
    let mut others = rules();
    others.segments.retain(|name, _| name.as_str() != "lost");
    assert!(others.asks_for_outlook());
    others.segments.clear();
    assert!(!others.asks_for_outlook());
}

#[test]
fn a_condition_asks_for_the_model_wherever_in_it_that_is() {
    let number = |fact: &str| json!({ "number": { "fact": fact, "at_least": 1 } });
    for (text, asks) in [
        (number("churn"), true),
        (number("value"), true),
        (number("days_to_order"), true),
        (number("orders"), false),
        (json!({ "tag": "vip" }), false),
        (json!({ "not": number("churn") }), true),
        (json!({ "not": number("orders") }), false),
        (json!({ "all": [number("orders"), number("value")] }), true),
        (json!({ "any": [number("orders"), { "not": { "any": [number("churn")] } }] }), true),
        (json!({ "any": [number("orders"), number("spend")] }), false),
    ] {
        let condition: Condition = serde_json::from_value(text.clone()).unwrap();
        assert_eq!(condition.asks_for_outlook(), asks, "{text}");
    }
}

#[test]
fn the_days_to_the_next_order_are_whole_days_and_not_weeks() {
    let regular = Regular::new(Some(model()));
    let (segments, outlook) = (BTreeMap::new(), model());
    let person = Person {
        facts: &regular.shopper.facts,
        now: NOON,
        country: None,
        language: "en",
        channels: &[],
        outlook: Some(&outlook),
        segments: &segments,
        run: None,
    };
    let weeks = regular.shopper.facts.expected(&outlook, NOON).unwrap().next_order.unwrap();
    assert!((1.0..2.0).contains(&weeks), "{weeks}");
    let within = |days: i64| {
        let text = json!({ "number": { "fact": "days_to_order", "at_most": days } });
        serde_json::from_value::<Condition>(text).unwrap().holds(&person)
    };
    assert_eq!((0..30).find(|days| within(*days)), Some(7));
}
