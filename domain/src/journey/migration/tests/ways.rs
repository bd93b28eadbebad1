//! On which ways runs come to their steps, and what was on the way.

use super::*;

#[test]
fn a_run_can_come_from_a_step_by_each_of_its_ways_and_from_none_that_ends_it() {
    let message_or = json!({ "message": { "channel": "email", "name": "m", "valid_for": 1, "otherwise": 2 } });
    let ordered = json!({ "number": { "fact": "orders", "at_least": 1 } });
    let click = json!({ "await": { "what": { "event": "message.clicked" }, "at_most": 1, "otherwise": 2 } });
    for (first, next, leads) in [
        (message_or, 1, true),
        (click, 1, true),
        (json!({ "branch": [[ordered, 2]] }), 1, true),
        (json!({ "split": [[500, 2]] }), 1, true),
        (json!({ "alert": "x" }), 2, true),
        (json!({ "alert": "x" }), 1, false),
        (json!({ "alert": "x" }), 0, false),
        (json!({ "alert": "x" }), 3, false),
        (json!("goal"), 2, false),
        (json!("exit"), 2, false),
    ] {
        let steps = json!([act("a", &first, next), act("b", &json!("exit"), 2), wait("c", &days(1), 3)]);
        let journey: Journey = serde_json::from_value(journey(&steps)).unwrap();
        assert_eq!(leading_to(&journey, 2), [leads, false, true], "{first} {next}");
    }
}

#[test]
fn a_wait_that_was_gone_through_and_comes_later_now_is_waited_for_again() {
    let mut world = walking(&json!([wait("pause", &days(10), 1), message("hello", "welcome", 2)]));
    assert_eq!(world.ring().1, ["say welcome by email"]);
    let now = NOON + Span::days(10);
    let new = json!([message("hello", "welcome", 1), wait("pause", &days(10), 2), message("again", "reminder", 3)]);
    publish(&mut world, now, &new);
    migrate(&mut world, now, &[], None);
    assert_eq!(world.fate(now, "walk", Fate::Left), [] as [&str; 0]);
    assert_eq!(world.ring(), (now + Span::days(10), vec!["say reminder by email".to_owned()]));
}

#[test]
fn a_wait_of_days_counts_from_the_day_it_began_on_however_late_it_is_changed() {
    let steps = |n: u16| json!([wait("pause", &json!({ "days": [n, 600] }), 1), message("m", "m", 2)]);
    let mut world = walking(&steps(21));
    let later = NOON + Span::days(5);
    publish(&mut world, later, &steps(14));
    migrate(&mut world, later, &[], None);
    // 9 December, 10:00 in Berlin; noon in London was one o'clock there.
    assert_eq!(world.ring().0, NOON + Span::days(14) + Span::hours(-3));
}

#[test]
fn no_run_stands_at_a_step_at_which_nothing_is_waited_for_so_it_may_be_gone() {
    let read = |steps: &Value| -> Journey { serde_json::from_value(journey(steps)).unwrap() };
    let old = |gone: &Value| {
        read(&json!([message("hello", "welcome", 1), wait("pause", &days(10), 2), gone, message("again", "again", 4)]))
    };
    let new = read(&json!([message("hello", "welcome", 1), wait("pause", &days(10), 2), message("again", "again", 3)]));
    let wish = Migration {
        journey: "walk".parse().unwrap(),
        to: "v2".into(),
        from: None,
        steps: std::collections::BTreeMap::new(),
        gone: Some(Gone::from("pause")),
    };
    let check = |gone: &Value| wish.check(&[("v1", &old(gone))], Some(&new));
    assert_eq!(check(&act("tell", &json!({ "alert": "x" }), 3)), Ok(()));
    let mistake = check(&wait("nap", &days(1), 3)).unwrap_err();
    assert!(mistake.to_string().starts_with("gone: runs at nap of version v1 have been at pause before"), "{mistake}");
}
