//! How runs wait, go on and end, to the millisecond.

use serde_json::json;

use super::{NOON, World, message, vip};
use crate::facts::{About, Happened, Kind};
use crate::id::EventId;
use crate::journey::{Deed, Fate, Given, Input};
use crate::time::Span;

fn of(subject: &str) -> About {
    About { subject: subject.into(), ..About::default() }
}

#[allow(clippy::needless_pass_by_value)] // read more easily
fn journey(steps: serde_json::Value) -> World {
    World::new(json!([{
        "name": "j", "entry": { "event": { "event": "custom" } }, "key": "subject", "again": "always", "steps": steps,
    }]))
}

#[test]
fn a_wait_is_over_at_its_moment_and_not_before() {
    for (wait, until) in [
        (json!({ "for": 1_000 }), NOON + Span(1_000)),
        // 25 November 2026 is a Wednesday; noon in London is one o'clock in Berlin.
        (json!({ "weekday": [4, 600] }), NOON + Span::days(2) + Span::hours(-3)),
        (json!({ "weekday": [2, 600] }), NOON + Span::days(7) + Span::hours(-3)),
        (json!({ "days": [1, 0] }), NOON + Span::hours(11)),
        (json!({ "until": (NOON + Span(7)).0 }), NOON + Span(7)),
    ] {
        let mut world = journey(json!([
            { "id": "wait", "next": 1, "act": { "wait": wait } }, { "id": "tell", "next": 2, "act": { "alert": "now" } },
        ]));
        assert_eq!(world.happens(NOON, Kind::Custom, of("7")), ["begin j:7"], "{wait}");
        let id = world.shopper.runs().keys().next().cloned().unwrap();
        assert_eq!(world.step(until + Span(-1), &Input::Due(Some(&id))), [] as [&str; 0], "{wait}");
        assert_eq!(world.ring(), (until, vec!["alert now".to_owned(), "end j:7: end".to_owned()]), "{wait}");
    }
}

#[test]
fn a_wait_for_what_is_past_is_none() {
    let mut world = journey(json!([
        { "id": "wait", "next": 1, "act": { "wait": { "until": NOON.0 } } }, { "id": "goal", "next": 2, "act": "goal" },
    ]));
    assert_eq!(world.happens(NOON, Kind::Custom, of("7")), ["begin j:7", "end j:7: goal"]);
}

#[test]
fn what_is_awaited_counts_up_to_the_last_moment_and_only_after_the_beginning() {
    let steps = json!([
        { "id": "answer", "next": 1, "act": { "await": { "what": { "event": "message.clicked", "same": true }, "at_most": 1_000, "otherwise": 2 } } },
        { "id": "yes", "next": 3, "act": { "alert": "answered" } },
        { "id": "no", "next": 3, "act": { "alert": "silent" } },
    ]);
    for (at, subject, answered) in
        [(0, "7", false), (1, "8", false), (1, "7", true), (1_000, "7", true), (1_001, "7", false)]
    {
        let mut world = journey(steps.clone());
        world.happens(NOON, Kind::Custom, of("7"));
        let run = world.shopper.runs().keys().next().cloned().unwrap();
        assert_eq!(world.step(NOON + Span(999), &Input::Due(Some(&run))), [] as [&str; 0], "too early");
        // The click is told before the timer rings, whenever it was.
        world.count += 1;
        let id = EventId(uuid::Uuid::from_u128(world.count));
        let click = Happened::new(NOON + Span(at), id, Kind::MessageClicked, of(subject));
        let mut did = world.step(NOON + Span(999), &Input::Happened(&click));
        if did.is_empty() {
            let (due, rung) = world.ring();
            assert_eq!(due, NOON + Span(1_000));
            did = rung;
        }
        assert_eq!(did[0], if answered { "alert answered" } else { "alert silent" }, "{at} {subject}");
    }
}

#[test]
fn before_a_code_ends_there_is_a_wait_and_none_where_it_has_no_end() {
    let steps = json!([
        { "id": "code", "next": 1, "act": { "code": { "offer": "vip", "fresh": true } } },
        { "id": "wait", "next": 2, "act": { "wait": { "before_code_ends": 1_000 } } },
        { "id": "tell", "next": 3, "act": { "alert": "soon" } },
    ]);
    let given = |ends| Given { offer: "vip".parse().unwrap(), code: "VIP-1".into(), ends };
    for (code, waits) in [(Some(given(Some(NOON + Span(5_000)))), true), (Some(given(None)), false), (None, false)] {
        let mut world = journey(steps.clone());
        world.happens(NOON, Kind::Custom, of("7"));
        let id = world.shopper.runs().keys().next().cloned().unwrap();
        let mut did = world.step(NOON, &Input::Code(&id, code.as_ref()));
        if waits {
            let (at, rung) = world.ring();
            assert_eq!(at, NOON + Span(4_000));
            did = rung;
        }
        assert_eq!(did, ["alert soon", "end j:7: end"]);
    }
}

#[test]
fn a_step_that_leads_back_ends_the_run() {
    let mut world = journey(json!([
        { "id": "a", "next": 1, "act": { "tag": ["seen", true] } }, { "id": "b", "next": 1, "act": { "webhook": "crm" } },
    ]));
    assert_eq!(
        world.happens(NOON, Kind::Custom, of("7")),
        ["begin j:7", "tag seen true", "webhook crm", "end j:7: end"]
    );
    assert!(world.shopper.facts.has_tag("seen"));
}

#[test]
fn what_somebody_is_told_leaves_the_run_where_it_is_unless_it_waits_for_that() {
    let mut world = journey(json!([message("m", "news", 1)]));
    world.happens(NOON, Kind::Custom, of("7"));
    let id = world.shopper.runs().keys().next().cloned().unwrap();
    for input in [
        Input::Due(Some(&id)),
        Input::Code(&id, None),
        Input::Fate(&id, 8, "m", Fate::Left),
        Input::Fate(&id, 7, "n", Fate::Left),
    ] {
        assert_eq!(world.step(NOON + Span::days(9), &input), [] as [&str; 0], "{input:?}");
    }
    assert_eq!(world.step(NOON, &Input::Fate(&id, 7, "m", Fate::Left)), ["end j:7: end"]);
}

#[test]
fn three_days_are_not_too_late_to_begin_and_a_millisecond_more_is() {
    for (late, begins) in [(0, true), (1, false)] {
        let mut world = World::new(vip());
        world.count += 1;
        let told = Happened::new(NOON, EventId(uuid::Uuid::from_u128(1)), Kind::OrderConfirmed, of("7"));
        let did = world.step(NOON + Span::days(3) + Span(late), &Input::Happened(&told));
        assert_eq!(!did.is_empty(), begins, "{late}");
    }
}

#[test]
fn whoever_came_may_come_again_after_the_time_that_is_written() {
    let mut world = World::new(json!([{
        "name": "j", "entry": { "event": { "event": "custom" } }, "key": "shopper", "again": { "after": 1_000 },
        "steps": [{ "id": "a", "next": 1, "act": { "alert": "here" } }],
    }]));
    for (at, begins) in [(0, true), (999, false), (1_000, true), (1_999, false), (2_000, true)] {
        assert_eq!(!world.happens(NOON + Span(at), Kind::Custom, of("7")).is_empty(), begins, "{at}");
    }
}

#[test]
fn a_filter_lets_in_whom_it_fits() {
    let mut world = World::new(json!([{
        "name": "j", "entry": { "event": { "event": "custom" } }, "key": "subject", "again": "always",
        "filter": { "number": { "fact": "orders", "at_least": 1 } },
        "steps": [{ "id": "a", "next": 1, "act": "exit" }],
    }]));
    assert_eq!(world.happens(NOON, Kind::Custom, of("1")), [] as [&str; 0]);
    world.order(NOON, "a");
    assert_eq!(world.happens(NOON, Kind::Custom, of("1")).len(), 2, "who was not let in may come still");
}

#[test]
fn the_newest_hundred_runs_of_a_journey_are_remembered() {
    let mut world = journey(json!([{ "id": "a", "next": 1, "act": "exit" }]));
    for n in 0..=100 {
        assert_eq!(world.happens(NOON + Span(n), Kind::Custom, of(&n.to_string())).len(), 2);
    }
    assert_eq!(world.happens(NOON + Span(500), Kind::Custom, of("1")), [] as [&str; 0]);
    assert_eq!(world.happens(NOON + Span(501), Kind::Custom, of("0")).len(), 2, "the oldest is forgotten");
}

#[test]
fn who_is_silent_for_half_as_long_again_as_usual_is_missed_on_the_dot() {
    let mut world = World::new(json!([{
        "name": "back", "entry": { "silence": { "percent": 150, "at_least": 0 } }, "key": "subject", "again": "always",
        "steps": [{ "id": "a", "next": 1, "act": "exit" }],
    }]));
    world.happens(NOON, Kind::PageViewed, About::default());
    assert!(world.timers.is_empty(), "who never bought has nothing to come back to");
    for (n, day) in [0, 10, 20].into_iter().enumerate() {
        world.order(NOON + Span::days(day), &n.to_string());
    }
    let moment = NOON + Span::days(35);
    assert_eq!(world.step(moment + Span(-1), &Input::Due(None)), [] as [&str; 0]);
    assert_eq!(world.step(moment, &Input::Due(None)).len(), 2);
    assert_eq!(world.step(moment + Span(1), &Input::Due(None)), [] as [&str; 0]);
}

#[test]
fn the_day_of_the_first_order_comes_back_a_year_later_and_not_on_the_same_day() {
    let mut world = World::new(json!([{
        "name": "year", "entry": { "yearly": ["first_order", 1_439] }, "key": "year", "again": "always",
        "steps": [{ "id": "a", "next": 1, "act": "exit" }],
    }]));
    world.happens(NOON + Span::days(-1), Kind::PageViewed, About::default());
    world.order(NOON, "7");
    let (at, did) = world.ring();
    // 25 November 2027, 23:59 in Berlin.
    assert_eq!((at, did.len()), (NOON + Span::days(365) + Span::minutes(659), 2));
}

#[test]
fn of_two_runs_that_are_one_the_earlier_goes_on() {
    let club = || {
        World::new(json!([{
            "name": "club", "entry": { "event": { "event": "custom" } }, "key": "shopper", "again": "always",
            "steps": [message("m", "club", 1)],
        }]))
    };
    for (theirs, expected) in [(-1, 0), (0, 1), (1, 1)] {
        let (mut world, mut other) = (club(), club());
        world.happens(NOON, Kind::Custom, of("1"));
        other.count = 50;
        other.happens(NOON + Span(theirs), Kind::Custom, of("2"));
        let ours: Vec<_> = world.shopper.runs().keys().cloned().collect();
        world.joins(other.shopper, NOON + Span::days(1));
        assert_eq!(world.shopper.runs().len(), 1);
        let kept = usize::from(world.shopper.runs().contains_key(&ours[0]));
        assert_eq!(kept, expected, "{theirs}");
    }
}

#[test]
fn what_one_of_two_went_through_begins_for_neither_again() {
    let said = || journey(json!([message("m", "news", 1)]));
    let (mut world, mut other) = (said(), said());
    other.count = 50;
    other.happens(NOON, Kind::Custom, of("7"));
    other.fate(NOON, "j", Fate::Left);
    world.joins(other.shopper, NOON);
    assert_eq!(world.happens(NOON + Span(1), Kind::Custom, of("7")), [] as [&str; 0]);
    // Who is in something that the other has gone through leaves it.
    let (mut world, mut other) = (said(), said());
    other.count = 50;
    other.happens(NOON, Kind::Custom, of("8"));
    world.happens(NOON, Kind::Custom, of("8"));
    world.fate(NOON, "j", Fate::Left);
    world.joins(other.shopper, NOON);
    assert!(world.shopper.runs().is_empty());
}

#[test]
fn a_run_that_older_code_began_goes_on_from_its_step_once() {
    let mut world = journey(json!([
        { "id": "a", "next": 1, "act": { "alert": "a" } }, { "id": "b", "next": 2, "act": { "wait": { "for": 1_000 } } },
        { "id": "c", "next": 3, "act": { "alert": "c" } },
    ]));
    let id = crate::journey::RunId { journey: "j".parse().unwrap(), key: "7".into() };
    assert_eq!(world.resumes(&id, NOON + Span::days(-9), 1, NOON), [] as [&str; 0]);
    assert_eq!(world.resumes(&id, NOON, 0, NOON), [] as [&str; 0], "it is under way");
    assert_eq!(world.ring(), (NOON + Span(1_000), vec!["alert c".to_owned(), "end j:7: end".to_owned()]));
    assert_eq!(world.happens(NOON, Kind::Custom, of("7")), [] as [&str; 0], "and was gone through");
}

#[test]
fn nobody_knows_a_run_that_was_never_begun() {
    let mut world = journey(json!([message("m", "news", 1)]));
    let id = crate::journey::RunId { journey: "j".parse().unwrap(), key: "7".into() };
    let over = |world: &mut World, of| world.over(&id, of, "m", NOON).map(|why| why.rule().to_owned());
    assert_eq!(over(&mut world, 7).as_deref(), Some("run"));
    world.happens(NOON, Kind::Custom, of("7"));
    assert_eq!(over(&mut world, 7), None);
    assert_eq!(over(&mut world, 8).as_deref(), Some("run"), "it is another's");
    world.rules.version = "v2".into();
    assert_eq!(over(&mut world, 7).as_deref(), Some("run"), "its version is gone");
    assert_eq!(world.step(NOON, &Input::Fate(&id, 7, "m", Fate::Left)), ["end j:7: version"]);
    assert_eq!(world.shopper.runs().len(), 0);
}

#[test]
fn what_is_for_today_only_is_worth_saying_until_midnight_there() {
    for (today_only, hours) in [(true, 11), (false, 24)] {
        let mut world = journey(json!([{ "id": "m", "next": 1, "act": { "message":
            { "channel": "email", "name": "news", "valid_for": 86_400_000, "today_only": today_only } } }]));
        let told = Happened::new(NOON, EventId(uuid::Uuid::from_u128(1)), Kind::Custom, of("7"));
        let effects = world.around(NOON, |shopper, around| shopper.step(&Input::Happened(&told), around));
        let said =
            effects.into_iter().find_map(|effect| if let Deed::Say(said) = effect.deed { Some(said) } else { None });
        // Noon in London is one o'clock in Berlin.
        assert_eq!(said.unwrap().valid_until, NOON + Span::hours(hours), "{today_only}");
    }
}

#[test]
fn once_a_year_is_once_a_year_of_the_shopper_s_calendar() {
    let mut world = World::new(json!([{
        "name": "j", "entry": { "event": { "event": "custom", "subject": "7" } }, "key": "year", "again": "always",
        "steps": [{ "id": "a", "next": 1, "act": "exit" }],
    }]));
    // 31 December 2026, 23:00 in London, is next year in Berlin.
    let new_year = NOON + Span::days(36) + Span::hours(11);
    for (at, began) in
        [(-1, Some("begin j:2026")), (0, Some("begin j:2027")), (1, None), (Span::days(365).0, Some("begin j:2028"))]
    {
        assert_eq!(world.happens(new_year + Span(at), Kind::Custom, of("8")), [] as [&str; 0], "it is about another");
        assert_eq!(world.happens(new_year + Span(at), Kind::Custom, of("7")).first().map(String::as_str), began);
    }
}

#[test]
fn what_was_bought_at_the_very_moment_is_no_part_of_the_next_cart() {
    let mut world = World::new(super::cart());
    world.happens(NOON, Kind::CartChanged, super::filled(1));
    assert!(world.happens(NOON, Kind::OrderPlaced, of("7"))[0].ends_with(": cart"));
    assert_eq!(
        world.happens(NOON + Span(1), Kind::CartChanged, super::filled(1)),
        [format!("begin cart:{}", NOON.0 + 1)]
    );
}

#[test]
fn of_whom_nothing_is_known_is_in_no_segment_and_the_first_news_bring_them_in() {
    let newcomer = || {
        let mut world = World::new(json!([{
            "name": "j", "entry": { "segment": "new" }, "key": "shopper", "again": "never",
            "steps": [{ "id": "a", "next": 1, "act": { "alert": "hello" } }],
        }]));
        world.rules.segments =
            serde_json::from_value(json!({ "new": { "not": { "number": { "fact": "orders", "at_least": 1 } } } }))
                .unwrap();
        world
    };
    for told in [None, Some(Input::Published), Some(Input::Due(None))] {
        let mut world = newcomer();
        let before = told.map(|told| world.step(NOON, &told)).unwrap_or_default();
        assert_eq!(before, [] as [&str; 0]);
        assert!(world.shopper.segments.is_empty());
        assert_eq!(world.happens(NOON + Span(1), Kind::PageViewed, About::default())[1], "alert hello");
    }
    // What is long past brings them in, too, and begins nothing.
    let mut world = newcomer();
    let id = EventId(uuid::Uuid::from_u128(1));
    let old = Happened::new(NOON + Span::days(-4), id, Kind::PageViewed, About::default());
    assert_eq!(world.step(NOON, &Input::Happened(&old)), [] as [&str; 0]);
    assert_eq!(world.shopper.segments.len(), 1);
}

#[test]
fn a_lot_falls_within_its_share_and_not_beside_it() {
    let steps = |share: u16| {
        json!([
            { "id": "lot", "next": 1, "act": { "split": [[share, 2]] } }, { "id": "rest", "next": 3, "act": { "alert": "rest" } },
            { "id": "way", "next": 3, "act": { "alert": "way" } },
        ])
    };
    let mut world = journey(steps(0));
    let lot = world.around(NOON, |_, around| around.lot(&around.live.journeys[0], "lot"));
    for (share, way) in [(0, "alert rest"), (lot, "alert rest"), (lot + 1, "alert way"), (1_000, "alert way")] {
        assert_eq!(journey(steps(share)).happens(NOON, Kind::Custom, of("7"))[1], way, "{share} of {lot}");
    }
}

#[test]
fn of_two_runs_for_the_same_the_earlier_goes_on() {
    for (theirs, began) in [(-1, -1), (1, 0)] {
        let said = || journey(json!([message("m", "news", 1)]));
        let (mut world, mut other) = (said(), said());
        other.count = 50;
        world.happens(NOON, Kind::Custom, of("7"));
        world.happens(NOON, Kind::Custom, of("8"));
        other.happens(NOON + Span(theirs), Kind::Custom, of("7"));
        world.joins(other.shopper, NOON + Span(1));
        let runs: Vec<_> = world.shopper.runs().iter().map(|(id, run)| (id.key.as_str(), run.began)).collect();
        assert_eq!(runs, [("7", NOON + Span(began)), ("8", NOON)]);
    }
}

#[test]
fn who_goes_their_own_way_takes_along_what_they_went_through() {
    let said = || journey(json!([message("m", "news", 1)]));
    let (mut world, mut other) = (said(), said());
    (other.seed, other.count) = (8, 50);
    for (whose, subject) in [(&mut world, "1"), (&mut other, "2")] {
        whose.happens(NOON, Kind::Custom, of(subject));
        let id = whose.shopper.runs().keys().next().cloned().unwrap();
        whose.step(NOON, &Input::Fate(&id, whose.seed, "m", Fate::Left));
    }
    let (own, theirs) = (world.shopper.facts.clone(), other.shopper.facts.clone());
    world.joins(core::mem::take(&mut other.shopper), NOON);
    other.shopper = world.shopper.part(own, &[8], theirs);
    let begins = |world: &mut World, subject| !world.happens(NOON + Span(1), Kind::Custom, of(subject)).is_empty();
    assert_eq!((begins(&mut world, "1"), begins(&mut world, "2")), (false, true));
    assert_eq!((begins(&mut other, "1"), begins(&mut other, "2")), (true, false));
}
