mod asking;
mod going_on;
mod joined;
mod old_news;
mod outlook;
mod runs;

use serde_json::json;

use super::*;
use crate::consent::Channel;
use crate::facts::{About, Happened, Kind, Piece};
use crate::form::Birthday;
use crate::id::EventId;
use crate::time::{Span, Timestamp};
use crate::zone::Zone;

pub(super) const NOON: Timestamp = Timestamp(1_795_608_000_000); // 2026-11-25T12:00:00Z

pub(super) fn rules(journeys: &serde_json::Value) -> Rules {
    let segments = if journeys.to_string().contains("segment") {
        json!({
            "regulars": { "number": { "fact": "orders", "at_least": 3 } },
            "quiet": { "number": { "fact": "days_since_order", "at_least": 10 } },
        })
    } else {
        json!({})
    };
    serde_json::from_value(json!({ "version": "v1", "journeys": journeys, "segments": segments })).unwrap()
}

/// Somebody with the world around them; everything that is to be done is noted in short.
pub(super) struct World {
    pub rules: Rules,
    pub earlier: Vec<Rules>,
    zone: Zone,
    birthday: Option<Birthday>,
    channels: Vec<Channel>,
    pub shopper: Shopper,
    count: u128,
    seed: u64,
    pub timers: std::collections::BTreeMap<Option<RunId>, Timestamp>,
    /// The step that each run has asked to say last.
    asked: std::collections::BTreeMap<RunId, String>,
}

impl World {
    #[allow(clippy::needless_pass_by_value)] // read more easily
    pub fn new(journeys: serde_json::Value) -> Self {
        Self {
            rules: rules(&journeys),
            earlier: Vec::new(),
            zone: "Europe/Berlin".parse().unwrap(),
            birthday: None,
            channels: vec![Channel::Email],
            shopper: Shopper::default(),
            count: 0,
            seed: 7,
            timers: std::collections::BTreeMap::new(),
            asked: std::collections::BTreeMap::new(),
        }
    }

    pub fn step(&mut self, now: Timestamp, input: &Input<'_>) -> Vec<String> {
        if let Input::Due(timer) = input {
            self.timers.remove(&timer.cloned());
        }
        let effects = self.around(now, |shopper, around| shopper.step(input, around));
        // What is kept between two inputs is what is written and read again.
        assert_eq!(Shopper::read(&self.shopper.write()).as_ref(), Ok(&self.shopper));
        effects.into_iter().filter_map(|effect| self.note(effect)).collect()
    }

    /// Calls something with the shopper and the world around them.
    pub fn around<T>(&mut self, now: Timestamp, f: impl FnOnce(&mut Shopper, &Surroundings<'_>) -> T) -> T {
        let earlier: Vec<&Rules> = self.earlier.iter().collect();
        let around = Surroundings {
            now,
            live: &self.rules,
            earlier: &earlier,
            zone: &self.zone,
            country: None,
            language: "en",
            birthday: self.birthday,
            channels: &self.channels,
            outlook: None,
            seed: self.seed,
        };
        f(&mut self.shopper, &around)
    }

    fn joins(&mut self, other: Shopper, now: Timestamp) {
        let effects = self.around(now, |shopper, around| shopper.join(other, around));
        for effect in effects {
            self.note(effect);
        }
    }

    fn resumes(&mut self, id: &RunId, began: Timestamp, step: u16, now: Timestamp) -> Vec<String> {
        let effects = self.around(now, |shopper, around| shopper.resume(id, "v1", began, step, around));
        effects.into_iter().filter_map(|effect| self.note(effect)).collect()
    }

    fn over(&mut self, id: &RunId, of: u64, step: &str, now: Timestamp) -> Option<crate::why::Why> {
        self.around(now, |shopper, around| shopper.over(id, of, step, around))
    }

    pub fn note(&mut self, effect: Effect) -> Option<String> {
        let Effect { run, deed } = effect;
        let name = run.as_ref().map(|run| format!("{}:{}", run.journey, run.key)).unwrap_or_default();
        Some(match deed {
            Deed::Wake(at) => {
                self.timers.insert(run, at);
                return None;
            }
            Deed::Begin => format!("begin {name}"),
            Deed::Move(why) => format!("move {}", why.fact()),
            Deed::Say(said) => {
                self.asked.extend(run.map(|run| (run, said.step.clone())));
                format!("say {} by {}", said.message.name, said.message.channel.as_str())
            }
            Deed::Issue { offer, .. } => format!("issue {offer}"),
            Deed::Tag(happened) => format!("tag {} {}", happened.about.subject, happened.kind == Kind::TagAdded),
            Deed::GiveWay(of, why) => format!("give way {name} of {of}: {}", why.rule()),
            Deed::Alert(text) => format!("alert {text}"),
            Deed::Webhook { name, .. } => format!("webhook {name}"),
            Deed::End(why) => {
                self.timers.remove(&run);
                format!("end {name}: {}", why.rule())
            }
        })
    }

    pub fn happens(&mut self, now: Timestamp, kind: Kind, about: About) -> Vec<String> {
        self.count += 1;
        let happened = Happened::new(now, EventId(uuid::Uuid::from_u128(self.count)), kind, about);
        self.step(now, &Input::Happened(&happened))
    }

    pub fn order(&mut self, now: Timestamp, name: &str) -> Vec<String> {
        self.happens(now, Kind::OrderConfirmed, About { subject: name.into(), amount: Some(5_000), ..About::default() })
    }

    /// The next timer rings.
    pub fn ring(&mut self) -> (Timestamp, Vec<String>) {
        let (timer, at) =
            self.timers.iter().min_by_key(|(_, at)| **at).map(|(timer, at)| (timer.clone(), *at)).unwrap();
        (at, self.step(at, &Input::Due(timer.as_ref())))
    }

    pub fn fate(&mut self, now: Timestamp, journey: &str, fate: Fate) -> Vec<String> {
        let id = self.shopper.runs().keys().find(|id| id.journey.as_str() == journey).cloned().unwrap();
        let step = self.asked[&id].clone();
        self.step(now, &Input::Fate(&id, 7, &step, fate))
    }
}

pub(super) fn message(id: &str, name: &str, next: u16) -> serde_json::Value {
    json!({ "id": id, "next": next, "act": { "message": { "channel": "email", "name": name, "valid_for": 86_400_000 } } })
}

fn vip() -> serde_json::Value {
    json!([{
        "name": "vip", "entry": { "event": { "event": "order.confirmed" } }, "key": "subject", "again": "always",
        "goal": { "happened": { "event": "order.confirmed", "since_start": true, "at_least": 1 } },
        "exits": [{ "happened": { "event": "order.cancelled", "same": true, "at_least": 1 } }],
        "steps": [
            { "id": "three weeks", "next": 1, "act": { "wait": { "days": [21, 600] } } },
            { "id": "code", "next": 2, "act": { "code": { "offer": "vip", "fresh": true } } },
            message("letter", "vip", 3),
        ],
    }])
}

#[test]
fn three_weeks_after_an_order_at_ten_in_the_morning() {
    let mut world = World::new(vip());
    assert_eq!(world.order(NOON, "7"), ["begin vip:7"]);
    let (at, did) = world.ring();
    // 16 December 2026, 10:00 in Berlin.
    assert_eq!((at, did), (Timestamp(1_797_411_600_000), vec!["issue vip".to_owned()]));
    let id = world.shopper.runs().keys().next().cloned().unwrap();
    let code = Given { offer: "vip".parse().unwrap(), code: "VIP-1".into(), ends: Some(at + Span::days(7)) };
    assert_eq!(world.step(at, &Input::Code(&id, Some(&code))), ["say vip by email"]);
    assert_eq!(world.fate(at, "vip", Fate::Left), ["end vip:7: end"]);
    assert_eq!(world.order(at + Span::hours(1), "7"), [] as [&str; 0], "the same order begins nothing again");
}

#[test]
fn a_run_remembers_the_code_that_it_was_given_last() {
    let code =
        |id: &str, next: u16| json!({ "id": id, "next": next, "act": { "code": { "offer": id, "fresh": true } } });
    let before = json!({ "id": "wait", "next": 3, "act": { "wait": { "before_code_ends": 86_400_000 } } });
    let mut world = World::new(json!([{
        "name": "two", "entry": { "event": { "event": "order.confirmed" } }, "key": "subject", "again": "always",
        "steps": [code("small", 1), code("great", 2), before],
    }]));
    world.order(NOON, "7");
    let id = world.shopper.runs().keys().next().cloned().unwrap();
    let given = |offer: &str, days| Given {
        offer: offer.parse().unwrap(),
        code: format!("{offer}-1"),
        ends: Some(NOON + Span::days(days)),
    };
    world.step(NOON, &Input::Code(&id, Some(&given("small", 2))));
    world.step(NOON, &Input::Code(&id, Some(&given("great", 9))));
    assert_eq!(world.shopper.runs()[&id].code, Some(given("great", 9)));
    assert_eq!(world.timers[&Some(id)], NOON + Span::days(8), "it is that code's end that is waited for");
}

#[test]
fn an_order_more_reaches_the_goal_and_a_cancelled_one_ends_its_own_run() {
    let mut world = World::new(vip());
    world.order(NOON, "7");
    assert_eq!(world.order(NOON + Span::days(1), "8"), ["end vip:7: goal", "begin vip:8"]);
    let about = |name: &str| About { subject: name.into(), ..About::default() };
    assert_eq!(world.happens(NOON + Span::days(2), Kind::OrderCancelled, about("7")), [] as [&str; 0]);
    assert_eq!(world.happens(NOON + Span::days(2), Kind::OrderCancelled, about("8")), ["end vip:8: exit"]);
    assert!(world.timers.is_empty());
}

#[test]
fn what_is_long_past_begins_nothing() {
    let mut world = World::new(vip());
    let old = Happened::new(
        NOON + Span::days(-30),
        EventId(uuid::Uuid::from_u128(9)),
        Kind::OrderConfirmed,
        About { subject: "1".into(), ..About::default() },
    );
    assert_eq!(world.step(NOON, &Input::Happened(&old)), [] as [&str; 0]);
    assert_eq!(world.shopper.facts.orders().count(), 1);
}

fn cart() -> serde_json::Value {
    json!([{
        "name": "cart", "entry": { "event": { "event": "cart.changed" } }, "key": "cart", "again": "always",
        "steps": [
            { "id": "left", "next": 1, "act": { "wait": { "quiet": 3_600_000 } } },
            message("first", "cart", 2),
            { "id": "a day", "next": 3, "act": { "wait": { "for": 86_400_000 } } },
            message("second", "cart-again", 4),
        ],
    }])
}

fn filled(n: u32) -> About {
    About { pieces: vec![Piece { product: "hat".into(), quantity: n, ..Piece::default() }], ..About::default() }
}

#[test]
fn a_cart_is_left_when_it_was_quiet_for_an_hour_and_forgotten_when_it_is_bought() {
    let mut world = World::new(cart());
    assert_eq!(world.happens(NOON, Kind::CartChanged, About::default()), [] as [&str; 0], "an empty cart is none");
    let begun = world.happens(NOON, Kind::CartChanged, filled(1));
    assert_eq!(begun.len(), 1);
    // Half an hour later they are there still; the hour begins anew, and it is the same cart.
    assert_eq!(world.happens(NOON + Span::minutes(30), Kind::CartChanged, filled(2)), [] as [&str; 0]);
    assert_eq!(world.ring(), (NOON + Span::hours(1), vec![]));
    assert_eq!(world.ring(), (NOON + Span::minutes(90), vec!["say cart by email".to_owned()]));
    assert_eq!(world.fate(NOON + Span::minutes(90), "cart", Fate::Left), [] as [&str; 0]);
    let bought =
        world.happens(NOON + Span::hours(3), Kind::OrderPlaced, About { subject: "7".into(), ..About::default() });
    assert!(bought[0].ends_with(": cart"), "{bought:?}");
    // The next cart is another one.
    assert_eq!(world.happens(NOON + Span::hours(4), Kind::CartChanged, filled(1)).len(), 1);
}

#[test]
fn a_birthday_comes_once_a_year_at_the_shopper_s_own_time() {
    let mut world = World::new(json!([{
        "name": "birthday", "entry": { "yearly": ["birthday", 540] }, "key": "year", "again": "always",
        "steps": [message("present", "birthday", 1)],
    }]));
    world.birthday = "02-29".parse().ok();
    assert_eq!(world.happens(NOON, Kind::PageViewed, About::default()), [] as [&str; 0]);
    let mut days = Vec::new();
    for _ in 0..3 {
        let (at, did) = world.ring();
        assert_eq!(did.len(), 2, "{did:?}");
        days.push(at.0);
        assert_eq!(world.fate(at, "birthday", Fate::Left).len(), 1);
        // Told late, or again, it is the same year.
        assert_eq!(world.step(at + Span::hours(5), &Input::Due(None)), [] as [&str; 0]);
    }
    // 28 February 2027, 29 February 2028, 28 February 2029, nine in the morning in Berlin.
    assert_eq!(days, [1_803_801_600_000, 1_835_424_000_000, 1_866_960_000_000]);
}

#[test]
fn a_segment_is_entered_by_an_event_and_by_the_passing_of_time() {
    let mut world = World::new(json!([
        { "name": "club", "entry": { "segment": "regulars" }, "key": "shopper", "again": "never",
          "steps": [{ "id": "t", "next": 1, "act": { "tag": ["club", true] } }] },
        { "name": "back", "entry": { "segment": "quiet" }, "key": "shopper", "again": "always",
          "steps": [message("m", "back", 1)] },
    ]));
    for (n, name) in ["a", "b", "c", "d"].iter().enumerate() {
        let did = world.order(NOON + Span::days(i64::try_from(n).unwrap()), name);
        let expected: &[&str] = if n == 2 { &["begin club", "tag club true", "end club: end"] } else { &[] };
        assert_eq!(
            did.iter().map(|text| text.split(':').next().unwrap()).collect::<Vec<_>>().len(),
            expected.len(),
            "{did:?}"
        );
    }
    assert!(world.shopper.facts.has_tag("club"));
    let (at, did) = world.ring();
    assert_eq!((at, did.len()), (NOON + Span::days(13), 2), "{did:?}");
    assert_eq!(world.shopper.segments.iter().map(Slug::as_str).collect::<Vec<_>>(), ["quiet", "regulars"]);
}

#[test]
fn other_rules_begin_nothing_for_what_was_true_before_and_runs_stay_on_theirs() {
    let mut world = World::new(vip());
    for (n, name) in ["a", "b", "c"].iter().enumerate() {
        world.order(NOON + Span::days(i64::try_from(n).unwrap()), name);
    }
    world.earlier.push(world.rules.clone());
    world.rules = Rules {
        version: "v2".into(),
        ..rules(&json!([
            { "name": "club", "entry": { "segment": "regulars" }, "key": "shopper", "again": "never",
              "steps": [message("m", "club", 1)] },
            { "name": "gone", "entry": { "silence": { "percent": 150, "at_least": 0 } }, "key": "subject", "again": "always",
              "steps": [message("m", "gone", 1)] },
        ]))
    };
    assert_eq!(world.step(NOON + Span::days(3), &Input::Published), [] as [&str; 0]);
    let (at, did) = world.ring();
    // A rhythm of one day, the last sign of life on the second: silent from half past three on.
    assert_eq!((at, did.len()), (NOON + Span::hours(84), 2), "{did:?}");
    let (_, did) = loop {
        let rung = world.ring();
        if !rung.1.is_empty() {
            break rung;
        }
    };
    assert_eq!(did, ["issue vip"], "the old version's run goes on");
}

#[test]
fn what_cannot_be_said_by_mail_is_said_by_text_and_so_is_what_is_not_answered() {
    let mut world = World::new(json!([{
        "name": "both", "entry": { "event": { "event": "address.confirmed" } }, "key": "shopper", "again": "never",
        "steps": [
            { "id": "mail", "next": 1, "act": { "message": { "channel": "email", "name": "m", "valid_for": 1, "otherwise": 3 } } },
            { "id": "answer", "next": 4, "act": { "await": { "what": { "event": "message.clicked" }, "at_most": 172_800_000, "otherwise": 3 } } },
            { "id": "never", "next": 3, "act": "exit" },
            { "id": "text", "next": 4, "act": { "message": { "channel": "sms", "name": "t", "valid_for": 1 } } },
        ],
    }]));
    for (fate, click, expected) in [
        (Fate::Unsayable, false, vec!["say t by sms"]),
        (Fate::Left, true, vec!["end"]),
        (Fate::Left, false, vec!["say t by sms"]),
    ] {
        world.shopper = Shopper::default();
        world.timers.clear();
        world.happens(NOON, Kind::AddressConfirmed, About::default());
        let mut did = world.fate(NOON, "both", fate);
        if click {
            did = world.happens(NOON + Span::hours(1), Kind::MessageClicked, About::default());
        } else if fate == Fate::Left {
            did = world.ring().1;
        }
        let short: Vec<&str> = did.iter().map(|text| if text.starts_with("end") { "end" } else { text }).collect();
        assert_eq!(short, expected);
    }
}

#[test]
fn lots_fall_by_their_shares_and_for_each_shopper_always_alike() {
    let mut world = World::new(json!([{
        "name": "test", "entry": { "event": { "event": "custom" } }, "key": "shopper", "again": "always",
        "steps": [
            { "id": "lot", "next": 1, "act": { "split": [[300, 2], [300, 3]] } },
            { "id": "rest", "next": 4, "act": "exit" },
            { "id": "a", "next": 4, "act": { "alert": "a" } },
            { "id": "b", "next": 4, "act": { "alert": "b" } },
        ],
    }]));
    let mut count = [0_i32; 3];
    let journey = world.rules.journeys[0].clone();
    for seed in 0..3_000 {
        let around = Surroundings {
            now: NOON,
            live: &world.rules,
            earlier: &[],
            zone: &world.zone,
            country: None,
            language: "en",
            birthday: None,
            channels: &[],
            outlook: None,
            seed,
        };
        let lot = around.lot(&journey, "lot");
        assert_eq!(lot, around.lot(&journey, "lot"));
        count[usize::from(lot / 300).min(2)] += 1;
    }
    for (counted, expected) in count.into_iter().zip([900, 900, 1_200]) {
        assert!((counted - expected).abs() < 100, "{count:?}");
    }
    assert!(world.happens(NOON, Kind::Custom, About::default()).len() >= 2);
}

#[test]
fn two_who_are_one_go_on_together_and_apart_again_without_a_trace() {
    let mut anna = World::new(vip());
    anna.order(NOON, "a");
    let mut ben = World::new(vip());
    ben.count = 100;
    let other = Happened::new(
        NOON + Span::hours(1),
        EventId(uuid::Uuid::from_u128(200)),
        Kind::OrderConfirmed,
        About { subject: "b".into(), ..About::default() },
    );
    let around = |world: &'_ World, seed| Surroundings {
        now: NOON + Span::hours(2),
        live: Box::leak(Box::new(world.rules.clone())),
        earlier: &[],
        zone: Box::leak(Box::new(world.zone.clone())),
        country: None,
        language: "en",
        birthday: None,
        channels: &[],
        outlook: None,
        seed,
    };
    ben.shopper.step(&Input::Happened(&other), &around(&ben, 8));
    let (alone, theirs) = (anna.shopper.clone(), ben.shopper.clone());
    let effects = anna.shopper.join(ben.shopper.clone(), &around(&anna, 7));
    assert!(effects.iter().all(|effect| matches!(effect.deed, Deed::Wake(_))), "{effects:?}");
    assert_eq!((anna.shopper.runs().len(), anna.shopper.facts.orders().count()), (2, 2));
    // Anna's present is off: the person ordered again. Ben's is still to come.
    let (mut ended, mut went_on) = (0, 0);
    for id in anna.shopper.runs().keys().cloned().collect::<Vec<_>>() {
        let at = Surroundings { now: NOON + Span::days(22), ..around(&anna, 7) };
        let did = anna.shopper.clone().step(&Input::Due(Some(&id)), &at);
        match &did[0].deed {
            Deed::End(why) if why.rule() == "goal" => ended += 1,
            Deed::Issue { .. } => went_on += 1,
            deed => panic!("{deed:?}"),
        }
    }
    assert_eq!((ended, went_on), (1, 1));
    let parted = anna.shopper.part(alone.facts.clone(), &[8], theirs.facts.clone());
    assert_eq!((&parted.facts, parted.runs()), (&theirs.facts, theirs.runs()));
    assert_eq!((&anna.shopper.facts, anna.shopper.runs()), (&alone.facts, alone.runs()));
}
