//! What is told late, what time brings, and other rules: what begins by it and what does not.

use super::*;

/// Whoever is told of below: an order of so long ago.
fn old_order(world: &mut World, now: Timestamp, days_ago: i64, name: &str) -> Vec<String> {
    world.count += 1;
    let about = About { subject: name.into(), amount: Some(60_000), ..About::default() };
    let at = now + Span::days(-days_ago);
    let happened = Happened::new(at, EventId(uuid::Uuid::from_u128(world.count)), Kind::OrderConfirmed, about);
    world.step(now, &Input::Happened(&happened))
}

fn nothing() -> [&'static str; 0] {
    []
}

fn with_segments(journeys: &serde_json::Value, segments: &serde_json::Value) -> World {
    let rules = json!({ "version": "v1", "journeys": journeys, "segments": segments });
    World { rules: serde_json::from_value(rules).unwrap(), ..World::new(json!([])) }
}

fn alert_on_segment(name: &str, again: &str) -> serde_json::Value {
    json!({ "name": name, "entry": { "segment": name }, "key": "shopper", "again": again,
        "steps": [{ "id": "a", "next": 1, "act": { "alert": name } }] })
}

#[test]
fn an_order_of_a_file_brings_somebody_into_a_segment_and_begins_nothing() {
    let spenders = json!({ "spenders": { "number": { "fact": "spend", "at_least": 50_000 } } });
    let mut world = with_segments(&json!([alert_on_segment("spenders", "never")]), &spenders);
    world.happens(NOON, Kind::PageViewed, About::default());
    assert_eq!(old_order(&mut world, NOON + Span::hours(1), 400, "old"), nothing());
    assert!(world.shopper.segments.iter().any(|name| name.as_str() == "spenders"));
    assert_eq!(world.order(NOON + Span::hours(2), "new"), nothing(), "they were in it before");
    // Whoever comes into it by what they do now is greeted.
    let mut world = with_segments(&json!([alert_on_segment("spenders", "never")]), &spenders);
    world.happens(NOON, Kind::PageViewed, About::default());
    assert_eq!(old_order(&mut world, NOON + Span::hours(1), 0, "new").len(), 3);
}

#[test]
fn whoever_a_file_says_has_been_silent_for_long_is_not_won_back() {
    let journeys = json!([{ "name": "back", "entry": { "silence": { "percent": 150, "at_least": 5_184_000_000_i64 } },
        "key": "shopper", "again": "always", "steps": [message("m", "back", 1)] }]);
    let mut world = World::new(journeys);
    world.happens(NOON, Kind::AddressConfirmed, About::default());
    // Three hundred days later a file says that they ordered in between.
    assert_eq!(old_order(&mut world, NOON + Span::days(300), 200, "old"), nothing());
    // From an order of today on they are missed after sixty days.
    world.order(NOON + Span::days(301), "new");
    let (at, did) = world.ring();
    assert_eq!((at, did.len()), (NOON + Span::days(361), 2), "{did:?}");
}

#[test]
fn a_birthday_that_is_told_months_later_is_kept_the_next_year() {
    let journeys = json!([{ "name": "birthday", "entry": { "yearly": ["birthday", 540] }, "key": "year",
        "again": "always", "steps": [message("present", "birthday", 1)] }]);
    for birthday in ["03-03", "11-24"] {
        let mut world = World::new(journeys.clone());
        // Last heard of in January; told on 25 November.
        world.happens(NOON + Span::days(-320), Kind::PageViewed, About::default());
        world.birthday = birthday.parse().ok();
        assert_eq!(world.step(NOON, &Input::Due(None)), nothing(), "{birthday}");
        let (at, did) = world.ring();
        assert!(at > NOON + Span::days(90) && did.len() == 2, "{birthday} {did:?}");
    }
}

#[test]
fn a_day_that_came_while_nobody_rang_is_kept_when_somebody_does() {
    let journeys = json!([{ "name": "birthday", "entry": { "yearly": ["birthday", 540] }, "key": "year",
        "again": "always", "steps": [message("present", "birthday", 1)] }]);
    let mut world = World::new(journeys);
    world.birthday = "11-26".parse().ok();
    world.happens(NOON, Kind::PageViewed, About::default());
    // The alarm is late, other rules are live by then, and an event comes first.
    world.rules.version = "v2".into();
    assert_eq!(world.happens(NOON + Span::hours(22), Kind::PageViewed, About::default()).len(), 2);
}

#[test]
fn rules_that_become_live_begin_nothing_for_whoever_moves_before_they_are_told() {
    let unhappy = |least: i64| json!({ "sad": { "number": { "fact": "unhappy", "at_least": least } } });
    let mut world = with_segments(&json!([alert_on_segment("sad", "always")]), &unhappy(60));
    let sign = || About { subject: "return".into(), ..About::default() };
    assert_eq!(world.happens(NOON, Kind::Frustrated, sign()), nothing());
    world.earlier.push(world.rules.clone());
    let looser = with_segments(&json!([alert_on_segment("sad", "always")]), &unhappy(30)).rules;
    world.rules = Rules { version: "v2".into(), ..looser };
    assert_eq!(world.happens(NOON + Span::minutes(1), Kind::PageViewed, About::default()), nothing());
    assert_eq!(world.step(NOON + Span::minutes(2), &Input::Published), nothing());
    // What brings them in from now on does.
    let mut world = with_segments(&json!([alert_on_segment("sad", "always")]), &unhappy(60));
    world.happens(NOON, Kind::PageViewed, About::default());
    world.rules = Rules {
        version: "v2".into(),
        ..with_segments(&json!([alert_on_segment("sad", "always")]), &unhappy(30)).rules
    };
    assert_eq!(world.happens(NOON + Span::minutes(1), Kind::Frustrated, sign()).len(), 3);
}

#[test]
fn what_a_run_waits_for_may_have_happened_before_it_comes_to_the_step() {
    let journeys = json!([{ "name": "parcel", "entry": { "event": { "event": "order.confirmed" } }, "key": "subject",
        "again": "always", "steps": [
            { "id": "days", "next": 1, "act": { "wait": { "for": 259_200_000 } } },
            { "id": "parcel", "next": 2, "act": { "await":
                { "what": { "event": "delivery.arrived", "same": true }, "at_most": 604_800_000, "otherwise": 3 } } },
            { "id": "here", "next": 4, "act": { "alert": "here" } },
            { "id": "lost", "next": 4, "act": { "alert": "lost" } },
        ] }]);
    for (arrives, expected) in [(Some("7"), "alert here"), (Some("8"), "alert lost"), (None, "alert lost")] {
        let mut world = World::new(journeys.clone());
        world.order(NOON, "7");
        if let Some(order) = arrives {
            let about = About { subject: order.into(), ..About::default() };
            world.happens(NOON + Span::days(2), Kind::DeliveryArrived, about);
        }
        let mut did = world.ring().1;
        if did.is_empty() {
            did = world.ring().1;
        }
        assert_eq!(did[0], expected, "{arrives:?}");
    }
}

#[test]
fn what_was_waited_for_once_is_not_waited_for_again_and_a_click_answers_the_last_letter() {
    let click = |id: &str, next: u16, otherwise: u16| {
        json!({ "id": id, "next": next, "act": { "await":
            { "what": { "event": "message.clicked" }, "at_most": 86_400_000, "otherwise": otherwise } } })
    };
    let mut world = World::new(json!([{ "name": "two", "entry": { "event": { "event": "address.confirmed" } },
        "key": "shopper", "again": "never", "steps": [
            message("one", "one", 1), click("first", 2, 2), message("two", "two", 3), click("second", 5, 4),
            { "id": "text", "next": 5, "act": { "alert": "unanswered" } },
        ] }]));
    world.happens(NOON, Kind::AddressConfirmed, About::default());
    assert_eq!(world.fate(NOON, "two", Fate::Left), nothing());
    let clicked = world.happens(NOON + Span::hours(1), Kind::MessageClicked, About::default());
    assert_eq!(clicked, ["say two by email"]);
    assert_eq!(world.fate(NOON + Span::hours(2), "two", Fate::Left), nothing(), "that click was for the first");
    assert_eq!(world.ring().1[0], "alert unanswered");
}

#[test]
fn an_event_that_begins_a_run_of_the_year_counts_by_the_shopper_s_calendar() {
    let journeys = json!([{ "name": "thanks", "entry": { "event": { "event": "order.confirmed" } }, "key": "year",
        "again": "always", "steps": [{ "id": "a", "next": 1, "act": { "alert": "thanks" } }] }]);
    // In Berlin it is 2027 from 23:00 UTC on; in 2024 not before.
    for (at, year) in [(1_798_758_000_000, 2027), (1_798_757_999_000, 2026), (1_735_675_200_000, 2024)] {
        let mut world = World::new(journeys.clone());
        assert_eq!(world.order(Timestamp(at), "7")[0], format!("begin thanks:{year}"));
    }
}

#[test]
fn a_click_counts_after_the_last_letter_and_everything_else_from_the_beginning() {
    let steps = |event: &str| {
        json!([
            message("one", "one", 1), { "id": "pause", "next": 2, "act": { "wait": { "for": 7_200_000 } } },
            message("two", "two", 3),
            { "id": "answer", "next": 4, "act": { "await":
                { "what": { "event": event }, "at_most": 86_400_000, "otherwise": 5 } } },
            { "id": "yes", "next": 6, "act": { "alert": "answered" } },
            { "id": "no", "next": 6, "act": { "alert": "silent" } },
        ])
    };
    for (event, kind, expected) in
        [("message.clicked", Kind::MessageClicked, "alert silent"), ("custom", Kind::Custom, "alert answered")]
    {
        let mut world = World::new(json!([{ "name": "two", "entry": { "event": { "event": "address.confirmed" } },
            "key": "shopper", "again": "never", "steps": steps(event) }]));
        world.happens(NOON, Kind::AddressConfirmed, About::default());
        world.fate(NOON, "two", Fate::Left);
        // In answer to the first letter, or to none.
        assert_eq!(world.happens(NOON + Span::hours(1), kind, About::default()), nothing());
        let (at, did) = world.ring();
        assert_eq!(did, ["say two by email"]);
        let mut did = world.fate(at, "two", Fate::Left);
        if did.is_empty() {
            did = world.ring().1;
        }
        assert_eq!(did[0], expected, "{event}");
    }
}

#[test]
fn of_whom_no_sign_of_life_is_known_is_quiet_from_the_beginning_of_the_wait() {
    let mut world = World::new(json!([{ "name": "tagged", "entry": { "event": { "event": "tag.added" } },
        "key": "shopper", "again": "never", "steps": [
            { "id": "quiet", "next": 1, "act": { "wait": { "quiet": 3_600_000 } } },
            { "id": "tell", "next": 2, "act": { "alert": "quiet" } },
        ] }]));
    world.happens(NOON, Kind::TagAdded, About { subject: "vip".into(), ..About::default() });
    assert_eq!(world.shopper.facts.seen(), None, "the merchant's tag is none");
    let (at, did) = world.ring();
    assert_eq!((at, did[0].as_str()), (NOON + Span::hours(1), "alert quiet"));
}

#[test]
fn a_day_of_the_year_is_kept_by_whatever_is_told_first_on_it_and_by_nothing_before() {
    let mut world = World::new(json!([{ "name": "birthday", "entry": { "yearly": ["birthday", 540] }, "key": "year",
        "again": "always", "steps": [message("present", "birthday", 1)] }]));
    world.birthday = "11-26".parse().ok();
    world.happens(NOON, Kind::PageViewed, About::default());
    // Nine in the morning in Berlin is eight in London; the alarm is late.
    let nine = NOON + Span::hours(20);
    assert_eq!(world.happens(nine + Span(-1), Kind::PageViewed, About::default()), nothing());
    assert_eq!(world.timers[&None], nine);
    assert_eq!(world.happens(nine + Span::hours(1), Kind::PageViewed, About::default()).len(), 2);
}

#[test]
fn whoever_came_into_a_segment_by_time_before_other_rules_were_live_has_come_into_it() {
    let quiet = json!({ "quiet": { "number": { "fact": "days_since_order", "at_least": 10 } } });
    let mut world = with_segments(&json!([alert_on_segment("quiet", "always")]), &quiet);
    world.order(NOON, "7");
    assert_eq!(world.timers[&None], NOON + Span::days(10));
    // Other rules come before the alarm, which is late.
    world.rules.version = "v2".into();
    assert_eq!(world.step(NOON + Span::days(10) + Span::minutes(1), &Input::Published).len(), 3);
    // Who is told of it only now was in it before, as far as anybody knows.
    let mut world = with_segments(&json!([alert_on_segment("quiet", "always")]), &quiet);
    assert_eq!(old_order(&mut world, NOON, 10, "old"), nothing());
    assert_eq!(world.shopper.segments.len(), 1);
}

#[test]
fn a_silence_that_is_complete_in_the_moment_in_which_it_is_told_of_begins_nothing() {
    let journeys = json!([{ "name": "back", "entry": { "silence": { "percent": 150, "at_least": 5_184_000_000_i64 } },
        "key": "shopper", "again": "always", "steps": [message("m", "back", 1)] }]);
    let mut world = World::new(journeys.clone());
    assert_eq!(old_order(&mut world, NOON, 60, "old"), nothing());
    assert!(world.timers.is_empty());
    // A moment before that it is waited for.
    let mut world = World::new(journeys);
    assert_eq!(old_order(&mut world, NOON, 59, "old"), nothing());
    assert_eq!(world.ring().1.len(), 2);
}
