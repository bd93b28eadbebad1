use std::collections::BTreeSet;

use domain::consent::{Basis, Channel, Standing};
use domain::home::Version;
use domain::id::{EventId, ShopperId, Uuid};
use domain::journey::Rules;
use domain::rehearsal::export::{ConsentLine, Counts, EventLine, Head, PersonLine, VERSION, write};
use domain::sending::Limits;
use domain::time::{Span, Timestamp};
use domain::zone::Zone;
use serde_json::json;

use super::run::{Plan, Report, run};
use super::shown::{Paint, Took, report};

const START: Timestamp = Timestamp(1_767_225_600_000); // 2026-01-01T00:00:00Z

/// A shop that thanks for an order after so many days.
fn version(name: &str, days: i64) -> Version {
    let message = json!({ "channel": "email", "name": "thanks", "valid_for": Span::days(2).0 });
    let journey = json!({
        "name": "thanks", "entry": { "event": { "event": "order.confirmed" } }, "key": "subject", "again": "always",
        "steps": [
            { "id": "wait", "next": 1, "act": { "wait": { "for": Span::days(days).0 } } },
            { "id": "send-thanks", "next": 2, "act": { "message": message } },
        ],
    });
    let rules =
        Rules { version: name.into(), journeys: vec![serde_json::from_value(journey).unwrap()], ..Rules::default() };
    Version { rules, contents: [].into(), offers: [].into(), limits: Limits::default(), home: Zone::utc() }
}

/// A log of so many people; all but every seventh may be written to.
fn log(people: u64) -> String {
    let head = Head {
        export: VERSION,
        shop: "pk_00000000000000000000".into(),
        currency: "EUR".parse().ok(),
        zone: Zone::utc(),
        until: START + Span::days(90),
        outlook: None,
    };
    let mut lines = vec![write(&head).unwrap()];
    let mut counts = Counts::default();
    for person in 0..people {
        let id = ShopperId(Uuid::from_u64_pair(7, person));
        let reach = BTreeSet::from([Channel::Email]);
        let line = PersonLine {
            person: id,
            language: String::new(),
            country: None,
            numbers: Vec::new(),
            birthday: None,
            reach,
            preferences: None,
            preferences_at: None,
        };
        lines.push(write(&line).unwrap());
        counts.people += 1;
        if person % 7 != 0 {
            let (consent, at, basis) = ("email.marketing".into(), START, Basis::Consent);
            let standing = Standing::Given;
            lines.push(write(&ConsentLine { consent, at, standing, basis, proven: true, worded: true }).unwrap());
        }
        for order in 0..person % 4 {
            let at = START + Span::days(i64::try_from(order * 10 + person % 5).unwrap());
            let event = EventId(Uuid::from_u64_pair(person + 1, order));
            let data =
                serde_json::value::to_raw_value(&json!({ "order": { "id": format!("{person}-{order}") } })).unwrap();
            let kind = "order.confirmed".into();
            lines.push(write(&EventLine { event, at, received: None, kind, data: &data }).unwrap());
            counts.events += 1;
        }
    }
    lines.push(counts.line().unwrap());
    lines.join("\n") + "\n"
}

fn rehearsed(log: &str, days: i64, threads: usize, piece: usize) -> anyhow::Result<(Report, Vec<String>)> {
    let (live, draft) = (version("live", 1), version("draft", days));
    let plan = Plan { live: &live, draft: &draft, since: None, threads, examples: 2, piece };
    let mut lines = Vec::new();
    let report = run(
        log.as_bytes(),
        &plan,
        |person, rehearsed| Some(super::person::json(person, rehearsed, true)),
        |text| {
            lines.push(text.to_owned());
            Ok(())
        },
    )?;
    Ok((report, lines))
}

fn shown(log: &str, days: i64) -> String {
    let (live, draft) = (version("live", 1), version("draft", days));
    let plan = Plan { live: &live, draft: &draft, since: None, threads: 2, examples: 1, piece: 4_096 };
    let came = run(log.as_bytes(), &plan, |_, _| None, |_| Ok(())).unwrap();
    report(&came, &plan, &Took { seconds: 1.0, threads: 2, peak: None, cores: None }, Paint { colours: false })
}

#[test]
fn however_many_threads_there_are_and_however_much_is_read_at_once_the_same_comes_of_it() {
    let log = log(500);
    let (one, lines) = rehearsed(&log, 3, 1, 1 << 20).unwrap();
    assert_eq!((one.counts.people, lines.len()), (500, 500));
    assert!(one.totals.noticed() > 500, "{:?}", one.totals);
    for (threads, piece) in [(1, 300), (2, 300), (3, 5_000), (8, 64)] {
        let (other, others) = rehearsed(&log, 3, threads, piece).unwrap();
        assert_eq!(other.totals, one.totals);
        assert_eq!(other.examples, one.examples);
        assert!(others == lines, "{threads} threads, {piece} bytes");
    }
}

#[test]
fn a_message_that_moves_is_shown_with_both_moments() {
    let text = shown(&log(30), 3);
    assert!(text.contains("would notice"), "{text}");
    let sides = "    live   3 Jan 2026 00:00, email: permission was given\n    draft  5 Jan 2026 00:00, email (2 days later): permission was given\n";
    assert!(text.contains(sides), "{text}");
    let (_, end) = text.split_once("\nNot rehearsed: ").unwrap();
    assert!(end.lines().count() <= 5 && end.contains("every pool has a\ncode left"), "{end}");
}

#[test]
fn what_does_not_change_is_said_plainly() {
    assert!(shown(&log(30), 1).contains("Nothing changes: the draft sends every shopper what the live version sends"));
    assert!(shown(&log(30), 1).trim_end().ends_with("is not known here."), "and what is not rehearsed");
    assert!(shown(&log(0), 1).contains("The log holds no shoppers"));
    assert!(shown(&log(1), 3).contains("Neither version begins a journey"));
}

#[track_caller]
fn refused(log: &str, expected: &str) {
    for (threads, piece) in [(1, 1 << 20), (2, 100)] {
        let error = rehearsed(log, 3, threads, piece).err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(error, expected);
    }
}

#[test]
fn a_malformed_export_is_refused_with_its_line_and_field() {
    let good = log(40);
    let changed = |from: &str, to: &str| {
        assert!(good.contains(from));
        good.replacen(from, to, 1)
    };
    refused("", "line 1: expected the head of an export: {\"export\":1,\"shop\":…");
    refused(&changed("{\"export\":1", "{\"export\":2"), "line 1: export: it is version 2; expected 1");
    refused(&changed("\"EUR\"", "\"EURO\""), "line 1: currency: expected a currency of ISO 4217, such as \"EUR\"");
    refused(
        &changed("\"given\"", "\"maybe\""),
        "line 4: standing: unknown variant `maybe`, expected one of `asked`, `given`, `withdrawn`",
    );
    refused(
        &changed("email.marketing", "email"),
        "line 4: consent: expected a permission such as email.marketing or device.personalisation",
    );
    refused(&changed("\"data\":{", "\"data\":7,\"x\":{"), "line 5: data: expected an object");
    refused(
        &changed("\"at\":1767312000000", "\"at\":\"noon\""),
        "line 5: at: invalid type: string \"noon\", expected i64",
    );
    refused(
        &changed("\"at\":1767312000000", "\"at\":-1"),
        "line 5: at: expected milliseconds since 1970, before the year 2100",
    );
    refused(
        &changed("{\"event\":", "{\"happening\":"),
        "line 5: expected an object whose first field is \"person\", \"event\", \"consent\" or \"end\"",
    );
    refused(
        &changed("{\"event\":", "{\"event\":1,"),
        "line 5: event: invalid type: integer `1`, expected a formatted UUID string",
    );
    let without_end = good.rsplit_once("{\"end\"").unwrap().0;
    let lines = without_end.lines().count();
    refused(without_end, &format!("line {lines}: the export was cut off: its last line is not the end"));
    let lines = lines + 1;
    refused(
        &changed("\"people\":40", "\"people\":41"),
        &format!("line {lines}: end: it says 41 people and 60 events, and there are 40 and 60"),
    );
    let person = "{\"person\":\"00000000-0000-0000-0000-000000000000\"}\n";
    refused(&format!("{good}{person}"), &format!("line {}: nothing is expected after the end", lines + 1));
}
