use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::journey::{Act, Condition, Message};

#[test]
fn a_message_may_name_a_code_where_every_way_that_leads_to_it_has_issued_one() {
    let code = r#"{ code = "vip" }"#;
    let gold = r#"if = { tag = "gold" }"#;
    for ways in [
        format!("{{ branch = [{{ {gold}, step = [{code}] }}, {{ step = [{code}] }}] }}"),
        // Whoever has none goes no further.
        format!("{{ branch = [{{ {gold}, step = [{code}] }}, {{ step = [{{ exit = true }}] }}] }}"),
        format!("{{ split = [{{ share = \"50 %\", step = [{code}] }}, {{ share = \"50 %\", step = [{code}] }}] }}"),
        format!(
            "{{ wait_for = {{ event = \"custom\" }}, at_most = \"1 day\", step = [{code}], otherwise = [{code}] }}"
        ),
        format!("{code}, {{ branch = [{{ {gold}, step = [{{ tag = \"a\" }}] }}] }}"),
    ] {
        steps(&format!("{ways}, {{ send = \"present\" }}"));
    }
    // The end of a code that only some have can be waited for: the others go on at once.
    steps(&format!("{{ branch = [{{ {gold}, step = [{code}] }}] }}, {{ before_code_ends = \"1 day\" }}"));
}

#[test]
fn entries_say_what_begins_a_journey_and_what_there_is_one_run_for() {
    for (entry, expected, key, again) in [
        (
            r#"{ event = "order.confirmed", amount_at_least = 49.90, category = "hats" }"#,
            json!({ "event": { "event": "order.confirmed", "same": false, "category": "hats", "amount": 4_990 } }),
            "subject",
            json!("always"),
        ),
        (
            r#"{ event = "address.confirmed", campaign = "popup" }"#,
            json!({ "event": { "event": "address.confirmed", "subject": "popup", "same": false } }),
            "shopper",
            json!("never"),
        ),
        (
            r#"{ event = "custom", name = "plan", data = { plan = "gold" } }"#,
            json!({ "event": { "event": "custom", "subject": "plan", "same": false, "data": { "plan": "gold" } } }),
            "shopper",
            json!("never"),
        ),
        (
            r#"{ event = "cart.changed" }"#,
            json!({ "event": { "event": "cart.changed", "same": false } }),
            "cart",
            json!("always"),
        ),
        (
            r#"{ event = "product.viewed", product = "SKU-1" }"#,
            json!({ "event": { "event": "product.viewed", "subject": "SKU-1", "same": false } }),
            "subject",
            json!("always"),
        ),
        (r#"{ yearly = "birthday", at = "10:30" }"#, json!({ "yearly": ["birthday", 630] }), "year", json!("always")),
        (r#"{ yearly = "first_order" }"#, json!({ "yearly": ["first_order", 540] }), "year", json!("always")),
        (r#"{ segment = "regulars" }"#, json!({ "segment": "regulars" }), "shopper", json!("never")),
        (
            r#"{ silence = "150 %", at_least = "30 days" }"#,
            json!({ "silence": { "percent": 150, "at_least": 2_592_000_000_i64 } }),
            "shopper",
            json!("never"),
        ),
    ] {
        let journey = read(&format!("entry = {entry}\nstep = [{{ goal = true }}]"));
        let read = serde_json::to_value(&journey).unwrap();
        assert_eq!((&read["entry"], &read["key"], &read["again"]), (&expected, &json!(key), &again), "{entry}");
    }
    let text =
        "entry = { event = \"order.confirmed\" }\nkey = \"shopper\"\nagain = \"90 days\"\n[[step]]\ngoal = true\n";
    let journey = serde_json::to_value(read(text)).unwrap();
    assert_eq!((&journey["key"], &journey["again"]), (&json!("shopper"), &json!({ "after": 7_776_000_000_i64 })));
}

#[test]
fn conditions_ask_what_they_say() {
    for (text, expected) in [
        (
            r#"{ fact = "orders", at_least = 2, at_most = 5 }"#,
            json!({ "number": { "fact": "orders", "at_least": 2, "at_most": 5 } }),
        ),
        (r#"{ fact = "spend", at_least = 99.9 }"#, json!({ "number": { "fact": "spend", "at_least": 9_990 } })),
        (r#"{ fact = "country", is = ["DE", "uk"] }"#, json!({ "word": { "fact": "country", "is": ["de", "gb"] } })),
        (r#"{ fact = "size", is = "XL" }"#, json!({ "word": { "fact": "size", "is": ["xl"] } })),
        (r#"{ tag = "vip" }"#, json!({ "tag": "vip" })),
        (r#"{ segment = "regulars" }"#, json!({ "segment": "regulars" })),
        (r#"{ bought = "SKU" }"#, json!({ "bought": "SKU" })),
        (r#"{ likes = "dresses" }"#, json!({ "likes": "dresses" })),
        (r#"{ may = "sms" }"#, json!({ "may": "sms" })),
        (
            r#"{ event = "product.viewed", category = "dresses", within = "14 days", at_least = 3 }"#,
            json!({ "happened": { "event": "product.viewed", "same": false, "category": "dresses",
                "within": 1_209_600_000, "since_start": false, "at_least": 3 } }),
        ),
        (
            r#"{ any = [{ not = { tag = "a" } }, { all = [{ tag = "b" }] }] }"#,
            json!({ "any": [{ "not": { "tag": "a" } }, { "all": [{ "tag": "b" }] }] }),
        ),
    ] {
        assert_eq!(condition(text), expected, "{text}");
    }
}

#[test]
fn what_happened_counts_since_the_run_began_in_goals_and_exits_unless_they_say_otherwise() {
    let journey = read(
        r#"
entry = { event = "order.confirmed" }
goal = { event = "order.confirmed" }
exit = [
  { event = "order.cancelled", same = true },
  { event = "order.confirmed", within = "1 day", at_least = 3 },
  { any = [{ event = "code.used", offer = "vip", since_start = false }] },
]
[[step]]
branch = [{ if = { event = "code.used" }, step = [{ exit = true }] }]
"#,
    );
    let since =
        |condition: &Condition| serde_json::to_value(condition).unwrap()["happened"]["since_start"] == json!(true);
    assert!(since(journey.goal.as_ref().unwrap()) && since(&journey.exits[0]) && !since(&journey.exits[1]));
    let Condition::Any(inner) = &journey.exits[2] else { panic!() };
    let Act::Branch(ways) = &journey.steps[0].act else { panic!() };
    assert!(!since(&inner[0]) && !since(&ways[0].0));
}

#[test]
fn steps_in_a_row_lead_to_each_other_and_are_named_after_what_they_do() {
    let text = r#"
        { wait = "3 weeks" }, { wait = "2 days", at = "10:00" }, { wait_until = "monday" },
        { wait_until = "2026-12-24", at = "18:00" }, { wait_until = "8:05" }, { quiet_for = "1 hour" },
        { code = "vip" }, { code = "vip", fresh = false }, { before_code_ends = "4 days" },
        { tag = "a" }, { untag = "a" }, { alert = "Look" }, { webhook = "crm" }, { id = "mine", exit = true },
    "#;
    let read = steps(text);
    let expected = [
        ("wait-3-weeks", json!({ "wait": { "for": 1_814_400_000 } })),
        ("wait-2-days", json!({ "wait": { "days": [2, 600] } })),
        ("until-monday", json!({ "wait": { "weekday": [0, 540] } })),
        // By the shop's clock, an hour ahead of UTC.
        ("until-2026-12-24", json!({ "wait": { "until": 1_798_131_600_000_i64 } })),
        ("until-8-05", json!({ "wait": { "days": [0, 485] } })),
        ("quiet", json!({ "wait": { "quiet": 3_600_000 } })),
        ("code-vip", json!({ "code": { "offer": "vip", "fresh": true } })),
        ("code-vip-2", json!({ "code": { "offer": "vip", "fresh": false } })),
        ("before-code-ends", json!({ "wait": { "before_code_ends": 345_600_000 } })),
        ("tag-a", json!({ "tag": ["a", true] })),
        ("untag-a", json!({ "tag": ["a", false] })),
        ("alert", json!({ "alert": "Look" })),
        ("webhook-crm", json!({ "webhook": "crm" })),
        ("mine", json!("exit")),
    ];
    let expected: Vec<Value> =
        expected.into_iter().enumerate().map(|(n, (id, act))| json!({ "id": id, "act": act, "next": n + 1 })).collect();
    assert_eq!(read, json!(expected));
}

#[test]
fn a_name_that_was_given_stays_free_of_those_that_are_made_up() {
    let ids = |text: &str| -> Vec<String> {
        read(&format!("{ENTRY}step = [{text}]")).steps.into_iter().map(|step| step.id).collect()
    };
    let one = r#"{ send = "hello" }, { wait = "1 day" }, { send = "hello", id = "send-hello" }"#;
    assert_eq!(ids(one), ["send-hello-2", "wait-1-day", "send-hello"]);
    let before = ids(r#"{ code = "vip" }, { text = "gift" }, { send = "hello" }"#);
    let after = ids(r#"{ code = "vip" }, { wait = "1 day" }, { send = "hello" }"#);
    assert_eq!((&before[0], &before[2]), (&after[0], &after[2]));
}

#[test]
fn ways_meet_again_after_their_branch_even_from_within_others() {
    let read = steps(
        r#"
        { branch = [
            { if = { tag = "a" }, step = [
                { tag = "x" },
                { branch = [{ if = { tag = "b" }, step = [{ tag = "y" }] }] },
            ] },
            { if = { tag = "c" }, step = [] },
            { step = [{ exit = true }] },
        ] },
        { goal = true },
    "#,
    );
    let short: Vec<(Value, Value)> =
        read.as_array().unwrap().iter().map(|step| (step["act"].clone(), step["next"].clone())).collect();
    assert_eq!(
        short,
        [
            (json!({ "branch": [[{ "tag": "a" }, 1], [{ "tag": "c" }, 5]] }), json!(4)),
            (json!({ "tag": ["x", true] }), json!(2)),
            (json!({ "branch": [[{ "tag": "b" }, 3]] }), json!(5)),
            (json!({ "tag": ["y", true] }), json!(5)),
            (json!("exit"), json!(5)),
            (json!("goal"), json!(6)),
        ]
    );
}

#[test]
fn lots_and_awaited_events_have_their_ways() {
    let read = steps(
        r#"
        { split = [{ share = "12.5 %", step = [{ tag = "a" }] }, { share = "50%", step = [{ tag = "b" }] }] },
        { wait_for = { event = "message.clicked" }, at_most = "14 days", step = [{ tag = "c" }], otherwise = [{ tag = "d" }] },
        { wait_for = { event = "order.confirmed" }, at_most = "1 day" },
    "#,
    );
    assert_eq!((&read[0]["act"], &read[0]["next"]), (&json!({ "split": [[125, 1], [500, 2]] }), &json!(3)));
    assert_eq!((&read[1]["next"], &read[2]["next"]), (&json!(3), &json!(3)));
    let what = json!({ "event": "message.clicked", "same": false });
    let waits = json!({ "await": { "what": what, "at_most": 1_209_600_000, "otherwise": 5 } });
    assert_eq!((&read[3]["act"], &read[3]["next"], &read[4]["next"]), (&waits, &json!(4), &json!(6)));
    assert_eq!((&read[6]["act"]["await"]["otherwise"], &read[6]["next"]), (&json!(7), &json!(7)));
}

#[test]
fn a_fallback_is_said_when_the_first_cannot_be_and_when_nobody_answers() {
    let read = steps(
        r#"
        { code = "vip" },
        { send = "present", today_only = true, fallback = { text = "gift", valid_for = "2 hours" } },
        { text = "short", valid_for = "1 day", fallback = { send = "hello", no_answer = "2 days" } },
        { send = "hello", fallback = { send = "present", no_answer = "3 days" } },
    "#,
    );
    let days = |n: i64| n * 86_400_000;
    let message = |channel: &str, name: &str, valid_for: i64, otherwise: Option<u16>| {
        let mut message = json!({ "channel": channel, "name": name, "valid_for": valid_for, "today_only": false });
        if let Some(otherwise) = otherwise {
            message["otherwise"] = json!(otherwise);
        }
        json!({ "message": message })
    };
    let mut first = message("email", "present", days(3), Some(2));
    first["message"]["today_only"] = json!(true);
    let answer = |days: i64, otherwise: u16| json!({ "await": { "what": { "event": "message.clicked", "same": false }, "at_most": days, "otherwise": otherwise } });
    let expected = [
        ("send-present", first, 3),
        ("send-present-fallback", message("sms", "gift", 7_200_000, None), 3),
        ("text-short", message("sms", "short", days(1), Some(5)), 4),
        ("text-short-answer", answer(days(2), 5), 6),
        ("text-short-fallback", message("email", "hello", days(3), None), 6),
        ("send-hello", message("email", "hello", days(3), None), 7),
        ("send-hello-answer", answer(days(3), 8), 9),
        ("send-hello-fallback", message("email", "present", days(3), None), 9),
    ];
    for (n, (id, act, next)) in expected.into_iter().enumerate() {
        assert_eq!(read[n + 1], json!({ "id": id, "act": act, "next": next }));
    }
}

/// Steps in any depth.
fn any_steps() -> impl Strategy<Value = String> {
    let plain = prop::sample::select(vec![
        r#"{ wait = "1 day" }"#,
        r#"{ code = "vip" }"#,
        r#"{ send = "hello" }"#,
        r#"{ send = "hello", fallback = { text = "short", no_answer = "1 day" } }"#,
        r#"{ text = "short", fallback = { send = "hello" } }"#,
        r#"{ tag = "a" }"#,
    ]);
    let end = prop::sample::select(vec!["", "{ exit = true }", "{ goal = true }"]);
    let block = move |step: BoxedStrategy<String>| {
        (prop::collection::vec(step, 0..4), end.clone()).prop_map(|(mut steps, end)| {
            steps.extend((!end.is_empty()).then(|| end.to_owned()));
            steps.join(", ")
        })
    };
    let step = plain.prop_map(str::to_owned).boxed().prop_recursive(4, 40, 4, move |inner| {
        let way = block(inner);
        prop_oneof![
            (way.clone(), way.clone()).prop_map(|(a, b)| {
                format!(r#"{{ branch = [{{ if = {{ tag = "a" }}, step = [{a}] }}, {{ if = {{ tag = "b" }}, step = [{b}] }}] }}"#)
            }),
            (way.clone(), way.clone()).prop_map(|(a, b)| {
                format!(r#"{{ split = [{{ share = "50 %", step = [{a}] }}, {{ share = "49 %", step = [{b}] }}] }}"#)
            }),
            way.prop_map(|a| format!(r#"{{ wait_for = {{ event = "code.used" }}, at_most = "1 day", otherwise = [{a}] }}"#)),
        ]
        .boxed()
    });
    let end = prop::sample::select(vec!["", "{ exit = true }"]);
    (prop::collection::vec(step, 1..5), end).prop_map(|(mut steps, end)| {
        steps.extend((!end.is_empty()).then(|| end.to_owned()));
        steps.join(", ")
    })
}

/// Where a step can lead.
fn onward(step: &crate::journey::Step) -> Vec<u16> {
    let mut to = vec![step.next];
    match &step.act {
        Act::Await { otherwise, .. } | Act::Message(Message { otherwise: Some(otherwise), .. }) => to.push(*otherwise),
        Act::Branch(ways) => to.extend(ways.iter().map(|(_, to)| to)),
        Act::Split(ways) => to.extend(ways.iter().map(|(_, to)| to)),
        _ => {}
    }
    to
}

proptest! {
    #[test]
    fn every_program_goes_forward_only_ends_and_reaches_all_of_its_steps(text in any_steps()) {
        let steps = read(&format!("{ENTRY}step = [{text}]")).steps;
        let mut reached = vec![false; steps.len() + 1];
        reached[0] = true;
        for (n, step) in steps.iter().enumerate() {
            prop_assert!(reached[n], "{} is never reached: {text}", step.id);
            for to in onward(step) {
                prop_assert!(usize::from(to) > n && usize::from(to) <= steps.len(), "{} leads to {to}: {text}", step.id);
                if !matches!(step.act, Act::Exit | Act::Goal) {
                    reached[usize::from(to)] = true;
                }
            }
        }
        let ids: std::collections::BTreeSet<&str> = steps.iter().map(|step| step.id.as_str()).collect();
        prop_assert_eq!(ids.len(), steps.len());
    }
}
