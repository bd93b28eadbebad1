//! The shop of the simulation: its journeys, its limits, and what its messages are.

use std::collections::BTreeMap;

use domain::consent::Channel;
use domain::home::{Content, MessageId, Version};
use domain::id::Slug;
use domain::journey::RunId;
use domain::offer::Validity;
use domain::sending::{Kind, Limits};
use domain::time::{Span, Timestamp};
use domain::zone::Zone;
use serde_json::{Value, json};

use crate::migrated;

/// 1 January 2026, when every simulation begins.
pub const START: Timestamp = Timestamp(1_767_225_600_000);

/// A shop and what happens to it as a whole.
pub struct Shop {
    pub version: Version,
    /// The same with renamed steps.
    pub renamed: Version,
    /// What is published some day: presents a week sooner, an hour later and by mail only.
    pub next: Version,
    /// When its merchant has switched all sending off: from, until.
    pub off: Vec<(Timestamp, Timestamp)>,
    /// When its provider takes nothing.
    pub outages: Vec<(Timestamp, Timestamp)>,
}

/// When a version's presents come: so many days after an order, at so many minutes after midnight; and the step that
/// says so.
pub fn presents(version: &str) -> (i64, i64, &'static str) {
    match version {
        "v1" => (21, 600, "text"),
        "v1 now" => (21, 630, "text"),
        _ => (14, 660, "mail"),
    }
}

/// What a message is: its kind, and whether it sells.
pub fn message(name: &str) -> (Kind, bool) {
    match name {
        "thanks" | "thank-you" => (Kind::Transactional, false),
        "vip" | "present" | "birthday" | "cart" | "cart-again" | "left-cart" | "left-cart-again" | "back"
        | "win-back" | "win-back-code" => (Kind::Marketing, true),
        _ => (Kind::Marketing, false),
    }
}

/// The topic of a message; of some there is none.
fn topic(name: &str) -> Option<&'static str> {
    match name {
        "vip" | "cart" | "cart-again" | "back" => Some("offers"),
        "club" | "welcome" => Some("news"),
        _ => None,
    }
}

/// What a step is meant to say, and how long that is worth saying: beside the journeys, a second time and by
/// hand, for whoever watches over them.
pub struct Meant {
    pub name: &'static str,
    pub channel: Channel,
    pub kind: Kind,
    pub sells: bool,
    /// The topic; empty where there is none.
    pub topic: &'static str,
    pub valid_for: Span,
    pub today_only: bool,
    /// The same shopper hears it again only after so long.
    pub apart: Option<Span>,
}

/// Whether one shopper is in such a run once at most.
pub fn is_single(run: &RunId) -> bool {
    matches!(run.journey.as_str(), "welcome" | "club" | "rescue")
}

/// Whether it is about a cart: what two browsers of one person have in it is one.
pub fn is_cart(run: &RunId) -> bool {
    run.journey.as_str() == "left-cart"
}

/// What a message of the standard journeys is meant to be; nothing for those of other rules.
pub fn meant(message: &MessageId) -> Option<Meant> {
    const EVER: Option<Span> = Some(Span::days(36_500));
    let (journey, step) = (message.run.journey.as_str(), message.step.as_str());
    let (name, days, apart) = match (journey, step) {
        ("welcome", "welcome") => ("welcome", 3, EVER),
        ("welcome", "reminder") => ("reminder", 2, EVER),
        ("thank-you", "text" | "mail") => ("thanks", 1, None),
        ("vip", "text" | "mail") => ("vip", 2, None),
        ("birthday", "present") => ("present", 1, Some(Span::days(300))),
        ("left-cart", "first") => ("cart", 1, None),
        ("left-cart", "second") => ("cart-again", 1, None),
        ("win-back", "letter") => ("back", 5, Some(Span::days(84))),
        ("club", "letter") => ("club", 7, EVER),
        ("rescue", "letter") => ("sorry", 3, Some(Span::days(56))),
        _ => return None,
    };
    let (kind, sells) = self::message(name);
    let channel = if step == "text" { Channel::Sms } else { Channel::Email };
    let (topic, today_only) = (topic(name).unwrap_or_default(), name == "present");
    Some(Meant { name, channel, kind, sells, topic, valid_for: Span::days(days), today_only, apart })
}

fn contents() -> BTreeMap<Channel, BTreeMap<Slug, Content>> {
    let names = ["welcome", "reminder", "thanks", "vip", "present", "cart", "cart-again", "back", "club", "sorry"];
    let content = |name: &str| {
        let (kind, sells) = message(name);
        let needs_code = matches!(name, "welcome" | "reminder" | "vip");
        (slug(name), Content { kind, topic: topic(name).map(slug), sells, needs_code })
    };
    let contents: BTreeMap<_, _> = names.map(content).into();
    [(Channel::Email, contents.clone()), (Channel::Sms, contents)].into()
}

fn slug(name: &str) -> Slug {
    name.parse().expect("the shop's own names are names")
}

const HOUR: i64 = Span::hours(1).0;
const DAY: i64 = Span::days(1).0;

fn say(id: &str, channel: Channel, name: &str, valid_for: i64, otherwise: Option<u16>, next: u16) -> Value {
    let message = json!({ "channel": channel, "name": name, "valid_for": valid_for, "otherwise": otherwise });
    json!({ "id": id, "next": next, "act": { "message": message } })
}

fn mail(id: &str, name: &str, days: i64, next: u16) -> Value {
    say(id, Channel::Email, name, days * DAY, None, next)
}

/// The standard journeys, in the form in which they are published; presents come so many days after an order, at
/// a time of day in minutes, by a step of that name.
fn journeys((days, minute, step): (i64, i64, &str)) -> Value {
    let presents = if step == "text" {
        [say("text", Channel::Sms, "vip", 2 * DAY, Some(3), 4), mail("mail", "vip", 2, 4)]
    } else {
        [mail("mail", "vip", 2, 4), json!({ "id": "over", "next": 4, "act": "exit" })]
    };
    let ordered = json!({ "happened": { "event": "order.confirmed", "since_start": true, "at_least": 1 } });
    let cancelled = json!({ "happened": { "event": "order.cancelled", "same": true, "at_least": 1 } });
    json!([
        { "name": "welcome", "entry": { "event": { "event": "address.confirmed" } }, "key": "shopper", "again": "never",
          "steps": [
            { "id": "code", "next": 1, "act": { "code": { "offer": "hello", "fresh": false } } },
            mail("welcome", "welcome", 3, 2),
            { "id": "wait", "next": 3, "act": { "wait": { "before_code_ends": 4 * DAY } } },
            { "id": "used", "next": 4, "act": { "branch": [[ordered, 5]] } },
            mail("reminder", "reminder", 2, 5),
          ] },
        { "name": "thank-you", "entry": { "event": { "event": "order.confirmed" } }, "key": "subject", "again": "always",
          "exits": [cancelled],
          "steps": [
            say("text", Channel::Sms, "thanks", DAY, Some(1), 2),
            say("mail", Channel::Email, "thanks", DAY, None, 2),
          ] },
        { "name": "vip", "entry": { "event": { "event": "order.confirmed" } }, "key": "subject", "again": "always",
          "goal": ordered, "exits": [cancelled],
          "steps": [
            { "id": "three weeks", "next": 1, "act": { "wait": { "days": [days, minute] } } },
            { "id": "code", "next": 2, "act": { "code": { "offer": "vip", "fresh": true } } },
            presents[0],
            presents[1],
          ] },
        { "name": "birthday", "entry": { "yearly": ["birthday", 540] }, "key": "year", "again": "always",
          "steps": [{ "id": "present", "next": 1, "act": { "message":
            { "channel": "email", "name": "present", "valid_for": DAY, "today_only": true } } }] },
        { "name": "left-cart", "entry": { "event": { "event": "cart.changed" } }, "key": "cart", "again": "always",
          "steps": [
            { "id": "left", "next": 1, "act": { "wait": { "quiet": HOUR } } },
            mail("first", "cart", 1, 2),
            { "id": "a day", "next": 3, "act": { "wait": { "for": DAY } } },
            mail("second", "cart-again", 1, 4),
          ] },
        { "name": "win-back", "entry": { "silence": { "percent": 150, "at_least": 45 * DAY } }, "key": "subject",
          "again": { "after": 90 * DAY },
          "steps": [
            { "id": "lot", "next": 1, "act": { "split": [[100, 3]] } },
            mail("letter", "back", 5, 2),
            { "id": "answer", "next": 3, "act": { "await":
              { "what": { "event": "message.clicked" }, "at_most": 3 * DAY, "otherwise": 3 } } },
          ] },
        { "name": "club", "entry": { "segment": "regulars" }, "key": "shopper", "again": "never",
          "steps": [
            { "id": "tag", "next": 1, "act": { "tag": ["club", true] } },
            mail("letter", "club", 7, 2),
          ] },
        { "name": "rescue", "entry": { "segment": "unhappy" }, "key": "shopper", "again": { "after": 60 * DAY },
          "steps": [
            { "id": "tell", "next": 1, "act": { "alert": "somebody is unhappy" } },
            mail("letter", "sorry", 3, 2),
          ] },
    ])
}

impl Shop {
    /// The shop of a seed with its own rules or others; with faults, what goes wrong for everybody at once.
    pub fn of(seed: u64, days: i64, faults: bool, rules_of: Option<&Version>) -> Self {
        let segments = json!({
            "regulars": { "number": { "fact": "orders", "at_least": 3 } },
            "unhappy": { "number": { "fact": "unhappy", "at_least": 50 } },
            "asleep": { "number": { "fact": "days_since_seen", "at_least": 120 } },
        });
        let rules = |version: &str| json!({ "version": version, "journeys": journeys(presents(version)), "segments": segments });
        let mut chance = fastrand::Rng::with_seed(seed ^ 0x5107);
        let mut spells = |most: usize, hours: i64| -> Vec<(Timestamp, Timestamp)> {
            let count = if faults { chance.usize(0..=most) } else { 0 };
            let spell = |chance: &mut fastrand::Rng| {
                let from = START + Span(chance.i64(0..days * DAY));
                (from, from + Span(chance.i64(HOUR / 60..hours * HOUR)))
            };
            (0..count).map(|_| spell(&mut chance)).collect()
        };
        let limits =
            Limits { most: vec![(3, Span::days(7)), (8, Span::days(30))], selling: Some((75, Span::days(60))) };
        let own = |name: &str| Version {
            rules: serde_json::from_value(rules(name)).expect("the shop's journeys are written as they are published"),
            contents: contents(),
            offers: ["hello", "vip"].map(|offer| (slug(offer), Some(Validity::For(Span::days(14))))).into(),
            limits: limits.clone(),
            home: Zone::utc(),
        };
        let other = |name: &str, other: &Version| {
            let mut version = Version { limits: limits.clone(), ..other.clone() };
            name.clone_into(&mut version.rules.version);
            version
        };
        let [version, next] = ["v1", "v2"].map(|name| rules_of.map_or_else(|| own(name), |rules| other(name, rules)));
        Self { renamed: migrated::version(&version), version, next, off: spells(3, 48), outages: spells(12, 10) }
    }

    /// Whether a moment lies in one of some spells.
    pub fn within(spells: &[(Timestamp, Timestamp)], at: Timestamp) -> bool {
        spells.iter().any(|(from, until)| (*from..*until).contains(&at))
    }
}
