//! One shopper: every message of both versions, for people and for programs.

use std::fmt::Write as _;

use domain::journey::RunId;
use domain::rehearsal::{Became, Change, Course, Person, Rehearsed, Side, Told};
use domain::time::Timestamp;
use domain::zone::Zone;
use serde::Serialize;

use crate::moments::{apart, count, moment};

#[derive(Serialize)]
struct Line<'a> {
    person: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<Vec<Message<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    draft: Option<Vec<Message<'a>>>,
    changes: &'a [Change],
}

#[derive(Serialize)]
struct Message<'a> {
    #[serde(flatten)]
    run: &'a RunId,
    step: &'a str,
    #[serde(flatten)]
    told: &'a Told,
}

/// A line of JSON; with all messages, if they are wanted.
pub fn json(person: &Person, rehearsed: &Rehearsed, everything: bool) -> String {
    let messages = |course| everything.then(|| messages(course));
    let (live, draft) = (messages(&rehearsed.live), messages(&rehearsed.draft));
    let all = Line { person: person.id.to_string(), live, draft, changes: &rehearsed.changes };
    serde_json::to_string(&all).unwrap_or_default()
}

/// All messages of a version, in order of time.
fn messages(course: &Course) -> Vec<Message<'_>> {
    let mut messages: Vec<_> = course.messages().map(|(run, step, told)| Message { run, step, told }).collect();
    messages.sort_by_key(|message| message.told.at);
    messages
}

/// Everything about one shopper in words.
pub fn told(person: &Person, rehearsed: &Rehearsed) -> String {
    let zone = person.who.wishes.as_ref().and_then(|(_, wishes)| wishes.zone.clone()).unwrap_or_else(Zone::utc);
    let mut text =
        format!("{}: {} in the log; times are those of {zone}\n", person.id, count(person.news.len() as u64, "line"));
    for (name, course) in [("live", &rehearsed.live), ("draft", &rehearsed.draft)] {
        let messages = messages(course);
        let _ = writeln!(text, "\n{name}:{}", if messages.is_empty() { " no message" } else { "" });
        for Message { run, told, .. } in messages {
            let journey = run.journey.as_str();
            let _ = writeln!(text, "  {:<18} {:<12} {}", moment(told.at, &zone), journey, became(told));
        }
    }
    if rehearsed.changes.is_empty() {
        text.push_str("\nnothing differs\n");
        return text;
    }
    text.push_str("\nwhat differs:\n");
    for change in &rehearsed.changes {
        let _ = writeln!(text, "  {:<7} {} {}", change.change.as_str(), change.journey, change.message);
        for line in sides(change, &zone) {
            let _ = writeln!(text, "          {line}");
        }
    }
    text
}

/// What became of a message, in words.
fn became(told: &Told) -> String {
    let Told { channel, message, why, .. } = told;
    let word = match told.became {
        Became::Sent => "sent",
        Became::Skipped => "left out",
        Became::Waits => "waits",
    };
    let held = held(told).map_or_else(String::new, |held| format!("; {held}"));
    format!("{} {message} {word}: {}{held}", channel.as_str(), why.fact())
}

/// What held a message back that is no longer held back.
fn held(told: &Told) -> Option<String> {
    let held = told.held.as_ref().filter(|held| **held != told.why)?;
    Some(format!("held back until then: {}", held.fact()))
}

/// A difference in words: what the live version does, and the draft.
pub fn sides(change: &Change, zone: &Zone) -> Vec<String> {
    let mut lines = Vec::new();
    let from = change.live.told().map(|told| told.at);
    for (name, side, other) in [("live ", &change.live, None), ("draft", &change.draft, from)] {
        lines.push(format!("{name}  {}", side_told(side, other, zone)));
    }
    lines
}

fn side_told(side: &Side, other: Option<Timestamp>, zone: &Zone) -> String {
    let Side::Told(told) = side else { return format!("not at all: {}", side.why().fact()) };
    let later = match (other, told.became) {
        (Some(other), Became::Sent) if other != told.at => format!(" ({})", apart(other, told.at)),
        _ => String::new(),
    };
    let when = moment(told.at, zone);
    let channel = told.channel.as_str();
    let held = held(told).map_or_else(String::new, |held| format!("; {held}"));
    match told.became {
        Became::Sent => format!("{when}, {channel}{later}: {}{held}", told.why.fact()),
        Became::Skipped => format!("left out on {when}, {channel}: {}", told.why.fact()),
        Became::Waits => format!("waits, {channel}: {}", told.why.fact()),
    }
}
