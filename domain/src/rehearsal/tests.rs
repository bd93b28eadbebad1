use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::consent::{Basis, Held, Standing};
use crate::facts::{About, Happened, Kind as Event};
use crate::home::{Content, Who};
use crate::id::{EventId, ShopperId, Uuid};
use crate::journey::Rules;
use crate::preference::{Preferences, Quiet};
use crate::sending::{self, Limits};
use crate::time::Span;
use crate::why::Why;
use crate::zone::Zone;

const START: Timestamp = Timestamp(1_767_225_600_000); // 2026-01-01T00:00:00Z
const DAY: i64 = Span::days(1).0;
const HOUR: i64 = Span::hours(1).0;

fn at(days: i64) -> Timestamp {
    START + Span::days(days)
}

fn mail(id: &str, name: &str, next: u16) -> Value {
    json!({ "id": id, "next": next, "act": { "message": { "channel": "email", "name": name, "valid_for": 2 * DAY } } })
}

fn text(id: &str, name: &str, next: u16) -> Value {
    json!({ "id": id, "next": next, "act": { "message":
        { "channel": "sms", "name": name, "valid_for": 2 * DAY, "otherwise": next } } })
}

fn wait(id: &str, span: i64, next: u16) -> Value {
    json!({ "id": id, "next": next, "act": { "wait": { "for": span } } })
}

/// A journey that an order begins.
fn journey(name: &str, steps: &[Value]) -> Value {
    json!({
        "name": name, "entry": { "event": { "event": "order.confirmed" } }, "key": "subject", "again": "always",
        "steps": steps,
    })
}

fn version(name: &str, journeys: &[Value]) -> Version {
    let rules: Rules = serde_json::from_value(json!({ "version": name, "journeys": journeys })).unwrap();
    let thanks = Content { kind: sending::Kind::Transactional, topic: None, sells: false, needs_code: false };
    Version {
        rules,
        contents: [(Channel::Email, [("thanks".parse().unwrap(), thanks)].into())].into(),
        offers: [("gift".parse().unwrap(), Some(crate::offer::Validity::For(Span::days(7))))].into(),
        limits: Limits::default(),
        home: Zone::utc(),
    }
}

fn news(day: i64, kind: Event, subject: &str) -> News {
    let id = EventId(Uuid::from_u64_pair(u64::try_from(day).unwrap(), subject.len() as u64));
    let about = About { subject: subject.into(), ..About::default() };
    News { at: at(day), what: What::Happened(Happened::new(at(day), id, kind, about)) }
}

fn says(day: i64, standing: Standing) -> News {
    let held = Held { at: at(day), standing, proven: true, worded: true, basis: Basis::Consent };
    News { at: at(day), what: What::Says(Channel::Email, held) }
}

/// Somebody with an address who may be written to, and orders of theirs.
fn person(more: Vec<News>) -> Person {
    let mut news = vec![says(0, Standing::Given)];
    news.extend(more);
    news.sort_by_key(|news| news.at);
    let who = Who { seed: 7, language: "en".into(), reach: [Channel::Email].into(), ..Who::default() };
    Person { id: ShopperId(Uuid::from_u64_pair(1, 7)), who, news }
}

fn order(day: i64) -> News {
    news(day, Event::OrderConfirmed, &format!("o{day}"))
}

/// The differences in short: how, which message, when in the live version and in the draft.
fn differences(live: &Version, draft: &Version, person: &Person) -> Vec<(Kind, String, Option<i64>, Option<i64>)> {
    let rehearsal = Rehearsal { live, draft, since: None, until: at(60), outlook: None };
    let sent = |side: &Side| {
        let sent = side.told().filter(|told| told.became == Became::Sent)?;
        Some((sent.at - START).0)
    };
    let short = |change: &Change| (change.change, change.message.to_string(), sent(&change.live), sent(&change.draft));
    rehearsal.of(person).changes.iter().map(short).collect()
}

#[test]
fn what_only_the_draft_sends_is_added_and_what_only_the_live_version_does_is_gone() {
    let live = version("live", &[journey("a", &[mail("one", "first", 1)])]);
    let draft = version("draft", &[journey("a", &[mail("two", "second", 1)])]);
    let found = differences(&live, &draft, &person(vec![order(3)]));
    let day = Some(3 * DAY);
    assert_eq!(found, [(Kind::Gone, "first".into(), day, None), (Kind::Added, "second".into(), None, day)]);
}

#[test]
fn a_message_at_another_moment_has_moved() {
    let of = |name, span| version(name, &[journey("a", &[wait("wait", span, 1), mail("say", "first", 2)])]);
    let found = differences(&of("live", DAY), &of("draft", 3 * DAY), &person(vec![order(3)]));
    assert_eq!(found, [(Kind::Moved, "first".into(), Some(4 * DAY), Some(6 * DAY))]);
}

#[test]
fn a_message_on_another_channel_has_moved() {
    let live = version("live", &[journey("a", &[text("text", "first", 1), mail("mail", "first", 2)])]);
    let mut person = person(vec![order(3)]);
    person.who.reach.insert(Channel::Sms);
    person.who.wishes =
        Some((START, Preferences { zone: Some("Europe/Berlin".parse().unwrap()), ..Preferences::default() }));
    person.news.insert(0, {
        let News { what, .. } = says(0, Standing::Given);
        let What::Says(_, held) = what else { unreachable!() };
        News { at: START, what: What::Says(Channel::Sms, held) }
    });
    let only_mail = version("draft", &[journey("a", &[mail("mail", "first", 1)])]);
    let rehearsal = Rehearsal { live: &live, draft: &only_mail, since: None, until: at(60), outlook: None };
    let changes = rehearsal.of(&person).changes;
    // By law the text waits for the morning; then the letter would follow it too, which stays.
    let texts: Vec<_> = changes.iter().filter(|change| change.step == "text").collect();
    assert_eq!(texts.len(), 1);
    assert_eq!(texts[0].change, Kind::Gone);
    assert_eq!(texts[0].draft.why(), &Why::new("step", "a has no step text"));
    // Where a step changes its channel and its name, the message is the same.
    let by_text = version("live", &[journey("a", &[text("text", "first", 1)])]);
    let changes =
        Rehearsal { live: &by_text, draft: &only_mail, since: None, until: at(60), outlook: None }.of(&person).changes;
    assert_eq!(changes.len(), 1);
    assert_eq!((changes[0].change, changes[0].step.as_str()), (Kind::Moved, "mail"));
    let channels = [&changes[0].live, &changes[0].draft].map(|side| side.told().map(|told| told.channel));
    assert_eq!(channels, [Some(Channel::Sms), Some(Channel::Email)]);
}

#[test]
fn a_step_that_is_only_called_otherwise_changes_nothing() {
    let live = version("live", &[journey("a", &[mail("one", "first", 1)])]);
    let draft = version("draft", &[journey("a", &[mail("renamed", "first", 1)])]);
    assert_eq!(differences(&live, &draft, &person(vec![order(3), order(9)])), []);
}

#[test]
fn the_same_for_another_reason_is_told_as_that() {
    let with_exit = |name, exits: Value| {
        let mut journey = journey("a", &[wait("wait", 2 * DAY, 1), mail("say", "first", 2)]);
        journey["exits"] = exits;
        version(name, &[journey])
    };
    let live = with_exit("live", json!([]));
    let draft = with_exit("draft", json!([{ "happened": { "event": "order.cancelled", "at_least": 1 } }]));
    // Nobody may write to them, and the draft does not even want to.
    let withdrawn = person(vec![order(3), says(4, Standing::Withdrawn), news(4, Event::OrderCancelled, "o3")]);
    let rehearsed = Rehearsal { live: &live, draft: &draft, since: None, until: at(60), outlook: None }.of(&withdrawn);
    // What is never said has no reason to be told of twice: the draft's run ended before.
    assert_eq!(rehearsed.changes, []);
    assert_eq!(rehearsed.live.messages().next().unwrap().2.why.rule(), "withdrawal");
    // Where both want it said and both leave it out, the reasons are compared.
    let short = |name, valid_for: i64| {
        let mut say = mail("say", "first", 2);
        say["act"]["message"]["valid_for"] = json!(valid_for);
        version(name, &[journey("a", &[wait("wait", DAY, 1), say])])
    };
    let mut quiet = person(vec![order(3), says(5, Standing::Withdrawn)]);
    let pause = Preferences { paused_until: Some(at(9)), ..Preferences::default() };
    quiet.who.wishes = Some((START, pause));
    let (live, draft) = (short("live", HOUR), short("draft", 20 * DAY));
    let changes =
        Rehearsal { live: &live, draft: &draft, since: None, until: at(60), outlook: None }.of(&quiet).changes;
    assert_eq!((changes.len(), changes[0].change), (1, Kind::Reason));
    assert_eq!([&changes[0].live, &changes[0].draft].map(|side| side.why().rule()), ["valid_until", "withdrawal"]);
}

#[test]
fn what_has_not_come_so_far_by_the_end_of_the_log_is_neither_added_nor_gone() {
    let of = |name, span| version(name, &[journey("a", &[wait("wait", span, 1), mail("say", "first", 2)])]);
    let found = differences(&of("live", DAY), &of("draft", 30 * DAY), &person(vec![order(40)]));
    assert_eq!(found, [(Kind::Open, "first".into(), Some(41 * DAY), None)]);
}

#[test]
fn every_side_says_why() {
    let say = |id: &str| mail(id, "first", 1);
    let live = version("live", &[journey("a", &[say("one")]), journey("b", &[say("one")])]);
    let draft = version("draft", &[journey("a", &[mail("one", "other", 1)])]);
    let rehearsal = Rehearsal { live: &live, draft: &draft, since: None, until: at(60), outlook: None };
    let changes = rehearsal.of(&person(vec![order(3)])).changes;
    let whys: Vec<_> = changes
        .iter()
        .map(|change| (change.journey.as_str(), change.change, change.live.why().rule(), change.draft.why().rule()))
        .collect();
    assert_eq!(
        whys,
        [
            ("a", Kind::Gone, "consent", "step"),
            ("a", Kind::Added, "step", "consent"),
            ("b", Kind::Gone, "consent", "journey"),
        ]
    );
    let never = {
        let mut never = journey("b", &[say("one")]);
        never["filter"] = json!({ "tag": "vip" });
        version("draft", &[journey("a", &[say("one")]), never])
    };
    let changes = Rehearsal { draft: &never, ..rehearsal }.of(&person(vec![order(3)])).changes;
    assert_eq!((changes.len(), changes[0].draft.why().rule()), (1, "entry"));
}

#[test]
fn runs_under_way_stay_on_the_version_they_began_on() {
    let of = |name, span| version(name, &[journey("a", &[wait("wait", span, 1), mail("say", "first", 2)])]);
    let (live, draft) = (of("live", 5 * DAY), of("draft", DAY));
    let rehearsal = Rehearsal { live: &live, draft: &draft, since: Some(at(10)), until: at(60), outlook: None };
    let rehearsed = rehearsal.of(&person(vec![order(3), order(8), order(20)]));
    let versions: Vec<_> =
        rehearsed.draft.runs.iter().map(|(run, ran)| (run.key.as_str(), ran.version.as_str())).collect();
    assert_eq!(versions, [("o20", "draft"), ("o3", "live"), ("o8", "live")]);
    let moved: Vec<_> = rehearsed.changes.iter().map(|change| (change.change, change.key.as_str())).collect();
    assert_eq!(moved, [(Kind::Moved, "o20")]);
}

#[test]
fn wishes_hold_from_when_they_were_said() {
    let live = version("live", &[journey("a", &[mail("say", "first", 1)])]);
    let mut person = person(vec![order(3), order(20)]);
    let quiet = Preferences { quiet: Quiet::new(0, 8 * 60), ..Preferences::default() };
    person.who.wishes = Some((at(10), quiet));
    let course = play(&person, &live, None, None, at(60));
    let sent: Vec<_> = course.messages().map(|(run, _, told)| (run.key.as_str(), (told.at - START).0)).collect();
    assert_eq!(sent, [("o20", 20 * DAY + 8 * HOUR), ("o3", 3 * DAY)]);
    let held = course.messages().next().unwrap().2.held.as_ref().map(Why::rule);
    assert_eq!(held, Some("quiet hours"));
}

#[test]
fn limits_are_counted_over_what_the_rehearsal_has_sent() {
    let of = |name, most| {
        let both = [journey("a", &[mail("say", "first", 1)]), journey("b", &[mail("say", "second", 1)])];
        Version { limits: Limits { most, selling: None }, ..version(name, &both) }
    };
    let (live, draft) = (of("live", Vec::new()), of("draft", vec![(1, Span::days(1))]));
    let found = differences(&live, &draft, &person(vec![order(3)]));
    assert_eq!(found, [(Kind::Moved, "second".into(), Some(3 * DAY), Some(4 * DAY))]);
}

#[test]
fn what_the_shopper_did_for_themselves_needs_no_permission_and_codes_are_there_at_once() {
    let code = json!({ "id": "code", "next": 1, "act": { "code": { "offer": "gift", "fresh": false } } });
    let before = json!({ "id": "wait", "next": 2, "act": { "wait": { "before_code_ends": DAY } } });
    let live = version("live", &[journey("a", &[code, before, mail("say", "thanks", 3)])]);
    let refuses = person(vec![says(1, Standing::Withdrawn), order(3)]);
    let course = play(&refuses, &live, None, None, at(60));
    let (_, _, told) = course.messages().next().unwrap();
    assert_eq!((told.became, told.why.rule(), (told.at - START).0), (Became::Sent, "transactional", 9 * DAY));
    assert_eq!(course.runs.values().map(|ran| ran.deeds.codes).sum::<u64>(), 1);
    // A code that a form has shown before is the one.
    let mut shown = refuses;
    shown.news.insert(1, News { at: at(1), what: What::Code("gift".parse().unwrap()) });
    shown.news.sort_by_key(|news| news.at);
    let course = play(&shown, &live, None, None, at(60));
    assert_eq!((course.messages().next().unwrap().2.at - START).0, 7 * DAY);
}

#[test]
fn an_old_order_that_comes_in_late_begins_nothing() {
    let live = version("live", &[journey("a", &[mail("say", "first", 1)])]);
    let mut late = person(vec![order(3)]);
    late.news[1].at = at(30);
    assert!(play(&late, &live, None, None, at(60)).runs.is_empty());
}

#[test]
fn totals_add_up_to_what_was_found() {
    let of = |name, span| version(name, &[journey("a", &[wait("wait", span, 1), mail("say", "first", 2)])]);
    let (live, draft) = (of("live", DAY), of("draft", 3 * DAY));
    let rehearsal = Rehearsal { live: &live, draft: &draft, since: None, until: at(60), outlook: None };
    let (one, other) = (person(vec![order(3), order(5)]), person(vec![]));
    let mut totals = Totals::default();
    for person in [&one, &other] {
        let mut each = Totals::default();
        each.count(person, &rehearsal.of(person));
        totals.add(each);
    }
    let message = &totals.journeys[&"a".parse().unwrap()].messages[&"first".parse().unwrap()];
    assert_eq!((totals.shoppers, totals.touched, totals.noticed()), (2, 1, 2));
    assert_eq!((message.sent(), message.moved), (Both { live: 2, draft: 2 }, 2));
}

/// Rules of some kind: their waits, whether they write twice, and to whom.
fn rules() -> impl Strategy<Value = Vec<Value>> {
    let step = prop_oneof![
        (0..10 * DAY).prop_map(|span| (wait("", span, 0), "wait")),
        Just((mail("", "first", 0), "mail")),
        Just((mail("", "thanks", 0), "mail")),
        Just((text("", "second", 0), "text")),
    ];
    let steps = prop::collection::vec(step, 1..6).prop_map(|steps| {
        let numbered = steps.into_iter().enumerate().map(|(n, (mut step, sort))| {
            step["id"] = json!(format!("{sort}-{n}"));
            step["next"] = json!(n + 1);
            if sort == "text" {
                step["act"]["message"]["otherwise"] = json!(n + 1);
            }
            step
        });
        numbered.collect::<Vec<_>>()
    });
    prop::collection::vec(steps, 1..4)
        .prop_map(|all| all.iter().enumerate().map(|(n, steps)| journey(&format!("j{n}"), steps)).collect())
}

fn lives() -> impl Strategy<Value = Person> {
    let news = prop_oneof![
        (1..50_i64).prop_map(order),
        (1..50_i64).prop_map(|day| says(day, Standing::Withdrawn)),
        (1..50_i64).prop_map(|day| says(day, Standing::Given)),
        (1..50_i64).prop_map(|day| news(day, Event::OrderCancelled, &format!("o{day}"))),
    ];
    prop::collection::vec(news, 0..12).prop_map(person)
}

proptest! {
    #[test]
    fn the_same_text_rehearsed_against_itself_differs_nowhere(rules in rules(), person in lives(), since in 0..60_i64) {
        let (live, draft) = (version("live", &rules), version("draft", &rules));
        for since in [None, Some(at(since))] {
            let rehearsed = Rehearsal { live: &live, draft: &draft, since, until: at(60), outlook: None }.of(&person);
            prop_assert_eq!(&rehearsed.changes, &Vec::new());
        }
    }

    #[test]
    fn a_difference_turned_round_is_the_opposite(one in rules(), other in rules(), person in lives()) {
        let (one, other) = (version("one", &one), version("other", &other));
        let there = Rehearsal { live: &one, draft: &other, since: None, until: at(60), outlook: None }.of(&person);
        let back = Rehearsal { live: &other, draft: &one, since: None, until: at(60), outlook: None }.of(&person);
        let count = |changes: &[Change], kind| changes.iter().filter(|change| change.change == kind).count();
        for (kind, opposite) in [
            (Kind::Added, Kind::Gone), (Kind::Gone, Kind::Added), (Kind::Open, Kind::Open), (Kind::Moved, Kind::Moved),
        ] {
            prop_assert_eq!(count(&there.changes, kind), count(&back.changes, opposite));
        }
        // What is sent in one and not in the other is told of: the sums differ by just that.
        let sent = |course: &Course| course.messages().filter(|(_, _, told)| told.became == Became::Sent).count();
        let waits = |kind, live: bool| there.changes.iter().filter(|change| {
            let side = if live { &change.live } else { &change.draft };
            change.change == kind && side.told().is_some_and(|told| told.became == Became::Sent)
        }).count();
        prop_assert_eq!(
            sent(&there.draft) + count(&there.changes, Kind::Gone) + waits(Kind::Open, true),
            sent(&there.live) + count(&there.changes, Kind::Added) + waits(Kind::Open, false)
        );
    }
}

#[test]
fn a_code_that_was_used_or_has_ended_is_not_given_again_and_a_letter_that_names_it_is_left_out() {
    let code = json!({ "id": "code", "next": 1, "act": { "code": { "offer": "gift", "fresh": false } } });
    let steps = [code, wait("later", 2 * DAY, 2), mail("say", "present", 3)];
    let mut live = version("live", &[journey("a", &steps)]);
    let present = Content { kind: sending::Kind::Transactional, topic: None, sells: true, needs_code: true };
    live.contents.entry(Channel::Email).or_default().insert("present".parse().unwrap(), present);
    let became = |news: Vec<News>| {
        let course = play(&person(news), &live, None, None, at(60));
        course.messages().map(|(_, _, told)| (told.became, told.why.rule().to_owned())).collect::<Vec<_>>()
    };
    let shown = || News { at: at(1), what: What::Code("gift".parse().unwrap()) };
    let sent = [(Became::Sent, "transactional".to_owned())];
    let left_out = [(Became::Skipped, "code".to_owned())];
    assert_eq!(became(vec![shown(), order(3)]), sent);
    // Used before the journey asks: it gets another one. Used after that: the letter would show what is gone.
    assert_eq!(became(vec![shown(), news(2, Event::CodeUsed, "gift"), order(3)]), sent);
    assert_eq!(became(vec![shown(), order(3), news(4, Event::CodeUsed, "gift")]), left_out);
    // The shown one ends on the eighth day: asked on the seventh it is good still, on the ninth not.
    assert_eq!(became(vec![shown(), order(7)]), left_out);
    assert_eq!(became(vec![shown(), order(9)]), sent);
}

#[test]
fn a_draft_that_asks_for_value_is_rehearsed_with_the_model_of_the_export() {
    let mut draft = version("draft", &[]);
    draft.rules = serde_json::from_value(json!({
        "version": "draft",
        "journeys": [{ "name": "lost", "entry": { "segment": "lost" }, "key": "shopper", "again": "always",
            "steps": [mail("say", "thanks", 1)] }],
        "segments": { "lost": { "number": { "fact": "churn", "at_least": 60 } } },
    }))
    .unwrap();
    let live = version("live", &[]);
    let model = r#"{"version":1,"orders":{"r":0.51,"alpha":5.5,"a":0.38,"b":1.78},"spend":null}"#;
    let head = format!(r#"{{"export":1,"shop":"pk_x","zone":"UTC","until":{},"outlook":{model}}}"#, at(300).0);
    let head = export::head(&head).unwrap();
    let regular = person((0..12).map(|week| order(7 * week)).collect());
    let rehearsal = |outlook| Rehearsal { live: &live, draft: &draft, since: None, until: head.until, outlook };
    let with = rehearsal(head.outlook).of(&regular);
    let began: Vec<i64> = with.draft.runs.values().map(|ran| (ran.began - START).0 / DAY).collect();
    assert!(matches!(began[..], [day] if (100..130).contains(&day)), "{began:?}");
    assert_eq!(with.changes.len(), 1);
    assert_eq!(rehearsal(None).of(&regular).changes, []);
    // Files of before have none.
    let older = format!(r#"{{"export":1,"shop":"pk_x","zone":"UTC","until":{}}}"#, at(300).0);
    assert_eq!(export::head(&older).unwrap().outlook, None);
    let text = export::write(&head).unwrap();
    assert_eq!(export::head(&text).unwrap().outlook, head.outlook);
}
