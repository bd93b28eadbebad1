mod ways;

use serde_json::{Value, json};

use super::*;
use crate::facts::{About, Kind};
use crate::journey::tests::{NOON, World, message, rules};
use crate::journey::{Fate, Given, Input, Rules, RunId, Shopper};
use crate::time::{Span, Timestamp};

fn journey(steps: &Value) -> Value {
    json!({ "name": "walk", "entry": { "event": { "event": "custom" } }, "key": "shopper", "again": "always", "steps": steps })
}

fn wait(id: &str, wait: &Value, next: u16) -> Value {
    json!({ "id": id, "next": next, "act": { "wait": wait } })
}

fn days(n: i64) -> Value {
    json!({ "for": Span::days(n).0 })
}

fn act(id: &str, act: &Value, next: u16) -> Value {
    json!({ "id": id, "next": next, "act": act })
}

/// A welcome, ten days, a reminder.
fn first() -> Value {
    json!([message("hello", "welcome", 1), wait("pause", &days(10), 2), message("again", "reminder", 3)])
}

/// Somebody on the way through a journey of these steps.
fn walking(steps: &Value) -> World {
    let mut world = World::new(json!([journey(steps)]));
    world.happens(NOON, Kind::Custom, About::default());
    world
}

/// Another version with these steps.
fn publish(world: &mut World, now: Timestamp, steps: &Value) {
    publish_all(world, now, &json!([journey(steps)]));
}

fn publish_all(world: &mut World, now: Timestamp, journeys: &Value) {
    let version = format!("v{}", world.earlier.len() + 2);
    let live = Rules { version, ..rules(journeys) };
    world.earlier.push(core::mem::replace(&mut world.rules, live));
    world.step(now, &Input::Published);
}

fn migration(world: &World, steps: &[(&str, &str)], gone: Option<&str>) -> Migration {
    Migration {
        journey: "walk".parse().unwrap(),
        to: world.rules.version.clone(),
        from: None,
        steps: steps.iter().map(|(old, new)| ((*old).to_owned(), (*new).to_owned())).collect(),
        gone: gone.map(Gone::from),
    }
}

/// What becomes of the one run, and what is done.
fn migrate(world: &mut World, now: Timestamp, steps: &[(&str, &str)], gone: Option<&str>) -> (Becomes, Vec<String>) {
    let migration = migration(world, steps, gone);
    let (mut shifts, effects) = world.around(now, |shopper, around| shopper.migrate(&migration, around));
    assert_eq!(Shopper::read(&world.shopper.write()).as_ref(), Ok(&world.shopper));
    let done = effects.into_iter().filter_map(|effect| world.note(effect)).collect();
    assert_eq!(shifts.len(), 1);
    let again = world.around(now, |shopper, around| shopper.migrate(&migration, around));
    let left = again.0.iter().filter(|shift| shift.becomes != Becomes::Stays).count();
    assert_eq!((left, again.1.len()), (0, 0), "told again, nothing is left to do");
    (shifts.remove(0).becomes, done)
}

fn moves(to: &str) -> Becomes {
    Becomes::Moves(to.to_owned())
}

fn run(world: &World) -> RunId {
    world.shopper.runs().keys().next().cloned().unwrap()
}

/// Everything said from now on, until nothing is left to do. Whatever is asked for leaves.
fn rest(world: &mut World, mut did: Vec<String>) -> Vec<String> {
    let mut now = NOON;
    loop {
        let asked = did.iter().filter(|text| text.starts_with("say")).count();
        if let Some(said) = did.last().filter(|_| asked > 0 && !world.shopper.runs().is_empty())
            && said.starts_with("say")
        {
            did.extend(world.fate(now, "walk", Fate::Left));
            continue;
        }
        world.timers.retain(|run, _| run.is_some());
        if world.timers.is_empty() {
            return did;
        }
        let rung = world.ring();
        now = rung.0;
        did.extend(rung.1);
    }
}

#[test]
fn a_run_goes_on_at_the_same_step_under_its_new_name_and_says_why() {
    let mut world = walking(&first());
    world.fate(NOON, "walk", Fate::Left);
    let new = json!([message("hello", "welcome", 1), wait("rest", &days(10), 2), message("again", "other", 3)]);
    publish(&mut world, NOON + Span::days(1), &new);
    let came = migrate(&mut world, NOON + Span::days(2), &[("pause", "rest")], None);
    assert_eq!(came, (moves("rest"), vec!["move from version v1 at pause to version v2 at rest".to_owned()]));
    assert_eq!(world.shopper.runs()[&run(&world)].version, "v2");
    assert_eq!(world.ring(), (NOON + Span::days(10), vec!["say other by email".to_owned()]));
}

#[test]
fn only_the_live_version_is_a_goal_and_runs_of_other_versions_are_left_alone() {
    let mut world = walking(&first());
    world.fate(NOON, "walk", Fate::Left);
    publish(&mut world, NOON, &first());
    let wish = migration(&world, &[], None);
    let elsewhere = [
        Migration { to: "v1".into(), ..wish.clone() },
        Migration { to: "v9".into(), ..wish.clone() },
        Migration { from: Some("v0".into()), ..wish.clone() },
        Migration { journey: "other".parse().unwrap(), ..wish.clone() },
    ];
    for wish in elsewhere {
        let before = world.shopper.clone();
        assert_eq!(world.around(NOON, |shopper, around| shopper.migrate(&wish, around)), (vec![], vec![]));
        assert_eq!(world.shopper, before);
    }
    let from = Migration { from: Some("v1".into()), ..wish };
    assert_eq!(world.around(NOON, |shopper, around| shopper.migrate(&from, around)).0.len(), 1);
}

#[test]
fn a_message_that_was_asked_for_stays_asked_and_is_not_asked_for_under_its_new_name() {
    let mut world = walking(&first());
    let new = json!([message("greeting", "welcome", 1), wait("pause", &days(10), 2), message("again", "reminder", 3)]);
    publish(&mut world, NOON, &new);
    let (becomes, did) = migrate(&mut world, NOON, &[("hello", "greeting")], None);
    assert_eq!((becomes, did.len()), (moves("greeting"), 1), "{did:?}");
    let id = run(&world);
    let over = |world: &mut World, step: &str| world.around(NOON, |shopper, around| shopper.over(&id, 7, step, around));
    assert_eq!(over(&mut world, "hello"), None);
    assert!(over(&mut world, "greeting").is_some(), "nobody has asked for that");
    // Set on a third version, it is asked for under the first name still.
    let third = json!([message("hi", "welcome", 1), wait("pause", &days(10), 2), message("again", "reminder", 3)]);
    publish(&mut world, NOON, &third);
    migrate(&mut world, NOON, &[("greeting", "hi")], None);
    assert_eq!(over(&mut world, "hello"), None);
    assert_eq!(world.step(NOON, &Input::Fate(&id, 7, "hi", Fate::Left)), [] as [&str; 0]);
    assert_eq!(world.fate(NOON, "walk", Fate::Left), [] as [&str; 0]);
    assert_eq!(world.ring().1, ["say reminder by email"]);
}

#[test]
fn what_was_done_is_not_done_again_where_it_comes_later_now_whatever_it_is_called() {
    let old = json!([
        act("code", &json!({ "code": { "offer": "vip", "fresh": true } }), 1),
        message("hello", "welcome", 2),
        act("mark", &json!({ "tag": ["seen", true] }), 3),
        act("tell", &json!({ "alert": "x" }), 4),
        act("call", &json!({ "webhook": "crm" }), 5),
        wait("pause", &days(10), 6),
        message("again", "reminder", 7),
    ]);
    let new = json!([
        wait("pause", &days(10), 1),
        act("present", &json!({ "code": { "offer": "vip", "fresh": true } }), 2),
        message("greeting", "welcome", 3),
        act("mark", &json!({ "tag": ["seen", true] }), 4),
        act("tell", &json!({ "alert": "x" }), 5),
        act("call", &json!({ "webhook": "crm" }), 6),
        wait("more", &days(1), 7),
        message("again", "reminder", 8),
    ]);
    let renamed = [("hello", "greeting"), ("code", "present")];
    let mut world = walking(&old);
    let id = run(&world);
    let code = Given { offer: "vip".parse().unwrap(), code: "VIP-1".into(), ends: None };
    world.step(NOON, &Input::Code(&id, Some(&code)));
    world.fate(NOON, "walk", Fate::Left);
    publish(&mut world, NOON, &new);
    let (becomes, _) = migrate(&mut world, NOON, &renamed, None);
    assert_eq!(becomes, moves("pause"));
    assert!(world.shopper.runs()[&id].code.is_some(), "its code is its own");
    let said = rest(&mut world, Vec::new());
    assert_eq!(said.iter().filter(|did| !did.starts_with("end")).collect::<Vec<_>>(), ["say reminder by email"]);
    // What is on another way was not done: it is done on this one.
    let forked = json!([
        act("lot", &json!({ "split": [[1000, 2]] }), 1),
        message("left", "left", 3),
        message("right", "right", 3),
        wait("pause", &days(10), 4),
    ]);
    let late = json!([
        wait("pause", &days(10), 1),
        message("left", "left", 2),
        message("right", "right", 3),
        message("new", "new", 4)
    ]);
    let mut world = walking(&forked);
    publish(&mut world, NOON, &late);
    // It stands at the message of the right, so that it has not come by the left.
    let (_, did) = migrate(&mut world, NOON, &[], None);
    assert_eq!(did.len(), 1);
    let said = rest(&mut world, Vec::new());
    assert_eq!(said.iter().filter(|text| text.contains("left")).count(), 0, "{said:?}");
}

#[test]
fn a_wait_that_is_changed_counts_from_when_it_began_as_far_as_that_is_known() {
    // 25 November 2026 is a Wednesday; noon in London is one in the afternoon in Berlin.
    let at = |text: &str| -> Timestamp { Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond()) };
    let noon = "2026-11-25T12:00:00Z";
    let friday = "2026-11-27T08:00:00Z";
    let (until, other) = (at("2027-01-01T00:00:00Z"), at("2027-02-01T00:00:00Z"));
    let (ten, three) = (days(10), days(3));
    let (until, other) = (json!({ "until": until.0 }), json!({ "until": other.0 }));
    let weekday = json!({ "weekday": [4, 540] });
    for (old, new, expected) in [
        (&ten, &ten, "2026-12-05T12:00:00Z"),
        (&ten, &three, "2026-11-28T12:00:00Z"),
        (&ten, &days(30), "2026-12-25T12:00:00Z"),
        (&ten, &json!({ "days": [2, 540] }), "2026-11-27T08:00:00Z"),
        (&ten, &json!({ "days": [0, 540] }), "2026-11-26T08:00:00Z"),
        (&ten, &weekday, friday),
        (&ten, &other, "2027-02-01T00:00:00Z"),
        // A day is known, not its hour.
        (&json!({ "days": [21, 600] }), &json!({ "days": [14, 1080] }), "2026-12-09T17:00:00Z"),
        (&json!({ "days": [21, 600] }), &three, "2026-12-16T09:00:00Z"),
        (&json!({ "days": [21, 600] }), &json!({ "days": [0, 540] }), "2026-12-16T09:00:00Z"),
        // Nothing is known: what was planned stays.
        (&json!({ "days": [0, 600] }), &json!({ "days": [5, 600] }), "2026-11-26T09:00:00Z"),
        (&weekday, &three, friday),
        (&until, &three, "2027-01-01T00:00:00Z"),
        (&until, &other, "2027-02-01T00:00:00Z"),
        // Quiet counts from the last sign of life, and there is no code whose end could be waited for.
        (&ten, &json!({ "quiet": Span::days(4).0 }), "2026-11-29T12:00:00Z"),
        (&json!({ "quiet": Span::days(4).0 }), &json!({ "quiet": Span::days(6).0 }), "2026-12-01T12:00:00Z"),
        (&ten, &json!({ "before_code_ends": 1 }), "2026-11-25T20:00:00Z"),
    ] {
        let steps = |wait_: &Value| json!([wait("pause", wait_, 1), message("m", "m", 2)]);
        let mut world = walking(&steps(old));
        let now = at(noon) + Span::hours(8);
        publish(&mut world, now, &steps(new));
        migrate(&mut world, now, &[], None);
        let due = world.timers[&Some(run(&world))];
        assert_eq!(due, at(expected), "{old} {new}: {}", jiff::Timestamp::from_millisecond(due.0).unwrap());
        let (came, did) = world.ring();
        assert_eq!((came, did), (due, vec!["say m by email".to_owned()]));
    }
}

#[test]
fn a_wait_that_is_over_by_its_new_length_is_over_now_and_one_that_moved_twice_counts_from_its_begin() {
    let steps = |wait_: &Value| json!([wait("pause", wait_, 1), message("m", "m", 2)]);
    let mut world = walking(&steps(&days(10)));
    // On Friday at nine, and then seven days after all: from the begin on, which the weekday does not tell.
    publish(&mut world, NOON, &steps(&json!({ "weekday": [4, 540] })));
    migrate(&mut world, NOON + Span::hours(1), &[], None);
    publish(&mut world, NOON, &steps(&days(7)));
    migrate(&mut world, NOON + Span::hours(2), &[], None);
    assert_eq!(world.timers[&Some(run(&world))], NOON + Span::days(7));
    publish(&mut world, NOON, &steps(&days(1)));
    let later = NOON + Span::days(3);
    migrate(&mut world, later, &[], None);
    assert_eq!(world.ring(), (later, vec!["say m by email".to_owned()]));
}

#[test]
fn a_wait_for_an_event_lasts_as_long_as_the_new_one_from_when_it_began() {
    let steps = |at_most: i64| {
        let what = json!({ "await": { "what": { "event": "message.clicked" }, "at_most": Span::days(at_most).0, "otherwise": 2 } });
        json!([act("answer", &what, 1), message("thanks", "thanks", 3), message("sorry", "sorry", 3)])
    };
    let mut world = walking(&steps(5));
    publish(&mut world, NOON, &steps(2));
    migrate(&mut world, NOON + Span::days(1), &[], None);
    assert_eq!(world.timers[&Some(run(&world))], NOON + Span::days(2));
    let mut clicked = walking(&steps(2));
    clicked.shopper = world.shopper.clone();
    clicked.rules.version = "v2".into();
    let click = clicked.happens(NOON + Span::hours(30), Kind::MessageClicked, About::default());
    assert_eq!(click, ["say thanks by email"]);
    assert_eq!(world.ring().1, ["say sorry by email"]);
}

#[test]
fn a_run_whose_step_is_gone_stays_ends_or_goes_on_as_it_is_said() {
    let new = json!([message("hello", "welcome", 1), wait("rest", &days(3), 2), message("again", "reminder", 3)]);
    for (gone, becomes, did) in [
        (None, Becomes::Stays, vec![]),
        (Some("exit"), Becomes::Ends, vec!["end walk"]),
        (
            Some("again"),
            moves("again"),
            vec!["move from version v1 at pause to version v2 at again", "say reminder by email"],
        ),
        (Some("rest"), moves("rest"), vec!["move from version v1 at pause to version v2 at rest"]),
    ] {
        let mut world = walking(&first());
        world.fate(NOON, "walk", Fate::Left);
        publish(&mut world, NOON, &new);
        let came = migrate(&mut world, NOON + Span::days(1), &[], gone);
        let shortly: Vec<&str> = came.1.iter().map(|text| text.split(':').next().unwrap()).collect();
        assert_eq!((came.0, shortly), (becomes.clone(), did));
        match gone {
            None => assert_eq!(world.shopper.runs()[&run(&world)].version, "v1"),
            Some("exit") => assert!(world.shopper.runs().is_empty() && world.timers.values().all(|at| *at < NOON)),
            // It begins to wait when it comes there.
            Some("rest") => assert_eq!(world.timers[&Some(run(&world))], NOON + Span::days(4)),
            Some(_) => {}
        }
    }
}

#[test]
fn a_message_whose_step_is_gone_is_not_said_and_its_fate_does_not_count_as_that_of_the_next() {
    let new = json!([message("other", "other", 1), wait("rest", &days(3), 2), message("again", "reminder", 3)]);
    let mut world = walking(&first());
    publish(&mut world, NOON, &new);
    let (becomes, did) = migrate(&mut world, NOON, &[], Some("other"));
    assert_eq!((becomes, did.len()), (moves("other"), 2));
    let id = run(&world);
    let why = world.around(NOON, |shopper, around| shopper.over(&id, 7, "hello", around)).unwrap();
    assert_eq!((why.rule(), why.fact()), ("step", "the journey has gone on without hello"));
    // It was in the provider's hands already: what became of it says nothing of the other.
    assert_eq!(world.step(NOON, &Input::Fate(&id, 7, "hello", Fate::Left)), [] as [&str; 0]);
    assert!(world.around(NOON, |shopper, around| shopper.over(&id, 7, "other", around)).is_none());
    world.fate(NOON, "walk", Fate::Left);
    assert_eq!(world.timers[&Some(id)], NOON + Span::days(3));
}

#[test]
fn goals_and_exits_of_the_live_version_count_at_once() {
    let ordered = json!({ "happened": { "event": "order.confirmed", "since_start": true, "at_least": 1 } });
    for (field, value, rule) in [("goal", ordered.clone(), "goal"), ("exits", json!([ordered]), "exit")] {
        let mut world = walking(&first());
        world.fate(NOON, "walk", Fate::Left);
        world.order(NOON + Span::hours(1), "7");
        let mut new = journey(&first());
        new[field] = value;
        publish_all(&mut world, NOON, &json!([new]));
        assert_eq!(world.shopper.runs().len(), 1);
        let (becomes, did) = migrate(&mut world, NOON + Span::days(1), &[], None);
        assert_eq!(becomes, Becomes::Ends);
        assert!(did[1].ends_with(rule), "{did:?}");
        assert!(world.shopper.runs().is_empty());
    }
}

#[test]
fn runs_of_a_journey_that_is_gone_stay_unless_they_are_to_end() {
    let mut world = walking(&first());
    world.fate(NOON, "walk", Fate::Left);
    publish_all(&mut world, NOON, &json!([]));
    assert_eq!(migrate(&mut world, NOON, &[], None), (Becomes::Stays, vec![]));
    let (becomes, did) = migrate(&mut world, NOON, &[], Some("exit"));
    assert_eq!((becomes, did.len()), (Becomes::Ends, 1));
}

#[test]
fn whoever_is_joined_and_parted_keeps_what_is_remembered_of_their_runs() {
    let late = json!([wait("pause", &days(10), 1), message("hello", "welcome", 2), message("again", "reminder", 3)]);
    let mut world = walking(&first());
    world.fate(NOON, "walk", Fate::Left);
    publish(&mut world, NOON, &late);
    migrate(&mut world, NOON, &[], None);
    let moved = core::mem::take(&mut world.shopper);
    world.around(NOON, |shopper, around| drop(shopper.join(moved.clone(), around)));
    let other = world.shopper.part(world.shopper.facts.clone(), &[7], moved.facts.clone());
    assert!(world.shopper.runs().is_empty());
    world.shopper = other;
    assert_eq!(world.ring().1, ["say reminder by email"]);
}

#[test]
fn what_is_wrong_with_a_migration_is_named_with_what_there_is() {
    let read = |value: Value| -> Journey { serde_json::from_value(value).unwrap() };
    let old = read(journey(&first()));
    let new = read(journey(&json!([
        message("hello", "welcome", 1),
        wait("rest", &days(3), 2),
        message("news", "news", 3),
        message("bye", "bye", 4),
    ])));
    let mut orders = new.clone();
    orders.key = crate::journey::Key::Subject;
    let wish = |steps: &[(&str, &str)], gone: Option<&str>| Migration {
        journey: "walk".parse().unwrap(),
        to: "v2".into(),
        from: None,
        steps: steps.iter().map(|(old, new)| ((*old).to_owned(), (*new).to_owned())).collect(),
        gone: gone.map(Gone::from),
    };
    for (steps, gone, live, field, says) in [
        (&[("pase", "rest")][..], None, Some(&new), "steps.pase", "there are: hello, pause, again"),
        (&[("pause", "nap")], None, Some(&new), "steps.pause", "there are: hello, rest, news, bye"),
        (&[("pause", "news")], None, Some(&new), "steps.pause", "a wait in version v1 and news is a message"),
        (&[("again", "hello")], None, Some(&new), "steps.again", "two steps cannot become one"),
        (&[("hello", "news")], None, Some(&new), "steps.hello", "has a step hello of its own"),
        (&[], Some("nap"), Some(&new), "gone", "expected exit or a step"),
        (&[], Some("hello"), Some(&new), "gone", "have been at hello before"),
        (&[], None, None, "gone", "is not in the live version v2"),
        (&[], Some("rest"), None, "gone", "is not in the live version v2"),
        (&[], Some("rest"), Some(&orders), "gone", "for each shopper"),
    ] {
        let mistake = wish(steps, gone).check(&[("v1", &old)], live).unwrap_err();
        assert_eq!(mistake.field, field, "{mistake}");
        assert!(mistake.detail.contains(says), "{mistake}");
    }
    for (steps, gone, live) in [
        (&[][..], None, Some(&new)),
        (&[("pause", "rest"), ("again", "bye")], None, Some(&new)),
        (&[], Some("rest"), Some(&new)),
        (&[], Some("news"), Some(&new)),
        (&[], Some("exit"), Some(&new)),
        (&[], Some("exit"), None),
        (&[], Some("exit"), Some(&orders)),
    ] {
        assert_eq!(wish(steps, gone).check(&[("v1", &old)], live), Ok(()));
    }
}
