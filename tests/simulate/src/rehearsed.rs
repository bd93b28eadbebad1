//! The rehearsal beside the simulated edge: what it says was sent is what was sent.

use domain::home::Version;
use domain::rehearsal::export::{self, People};
use domain::rehearsal::{Course, Person, Rehearsal, play};
use domain::time::{Span, Timestamp};

use crate::chaos::Chaos;
use crate::household::{own, pass, seeds};
use crate::life::{Arrival, Life};
use crate::log;
use crate::shop::{START, Shop};
use crate::witness::Witness;

const DAYS: i64 = 365;
const END: Timestamp = Timestamp(START.0 + Span::days(DAYS).0);

fn lives(households: u64) -> impl Iterator<Item = (u64, Life)> {
    (0..households).flat_map(|household| seeds(1, household).map(|seed| (own(1, household), life(seed))))
}

/// A life in which wishes stay as they are: an export says the last ones only.
fn life(seed: u64) -> Life {
    let mut life = Life::of(seed, DAYS, false);
    life.arrivals.retain(|(_, arrival)| !matches!(arrival, Arrival::Wishes(_)));
    life
}

/// What the edge really did.
fn really(shop: &Shop, life: &Life, mut chaos: Chaos) -> Course {
    let mut witness = Witness::default();
    witness.course = Some(Course::default());
    pass(shop, std::slice::from_ref(life), Vec::new(), END, &mut chaos, &mut witness);
    assert!(witness.broken.is_empty());
    witness.course.unwrap()
}

/// The same shopper as their export says.
fn exported(life: &Life) -> Person {
    let mut text = Vec::new();
    log::person(life, 0, END, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let mut people = People::of(&text, 2, "EUR".parse().ok());
    let person = people.next().unwrap().unwrap();
    assert!(people.next().is_none());
    person
}

#[test]
fn a_rehearsal_of_the_live_version_says_what_a_punctual_edge_really_did() {
    let shop = Shop::of(1, DAYS, false, None);
    let (mut messages, mut runs) = (0, 0);
    for (_, life) in lives(150) {
        let really = really(&shop, &life, Chaos::punctual());
        let rehearsed = play(&exported(&life), &shop.version, None, None, END);
        assert_eq!(rehearsed, really, "shopper {}", life.who.seed);
        messages += really.messages().count();
        runs += really.runs.len();
    }
    assert!(messages > 2_000 && runs > 2_000, "{messages} messages of {runs} runs");
}

#[test]
fn an_edge_whose_alarms_and_providers_take_their_time_sent_the_same_within_seconds() {
    let shop = Shop::of(1, DAYS, false, None);
    let mut close = 0;
    for (own, life) in lives(150) {
        let really = really(&shop, &life, Chaos::of(own, false));
        let rehearsed = play(&exported(&life), &shop.version, None, None, END);
        // What leaves in the last millisecond in which it is worth saying is too late at an edge that takes
        // its time.
        if rehearsed.messages().any(|(_, _, told)| told.at - told.asked == Span::days(2)) {
            close += 1;
            continue;
        }
        let ours: Vec<_> = rehearsed.messages().collect();
        let theirs: Vec<_> = really.messages().collect();
        assert_eq!(ours.len(), theirs.len(), "shopper {}", life.who.seed);
        for (ours, theirs) in ours.into_iter().zip(theirs) {
            assert_eq!((ours.0, ours.1), (theirs.0, theirs.1));
            let (ours, theirs) = (ours.2, theirs.2);
            assert_eq!((&ours.message, ours.channel, ours.became), (&theirs.message, theirs.channel, theirs.became));
            assert_eq!(ours.why.rule(), theirs.why.rule());
            assert!((ours.at - theirs.at).0.abs() < Span::seconds(5).0, "{ours:?} {theirs:?}");
        }
    }
    assert!(close < 15, "{close} of 300");
}

#[test]
fn the_same_rules_rehearsed_twice_differ_nowhere() {
    let shop = Shop::of(1, DAYS, false, None);
    let again = Version { ..shop.version.clone() };
    let rehearsal = |since| Rehearsal { live: &shop.version, draft: &again, since, until: END, outlook: None };
    for (_, life) in lives(100) {
        let person = exported(&life);
        for since in [None, Some(START), Some(START + Span::days(200))] {
            let rehearsed = rehearsal(since).of(&person);
            assert_eq!(rehearsed.changes, [], "shopper {}", life.who.seed);
        }
    }
}

#[test]
fn an_export_follows_from_its_seed_and_reads_as_what_it_counts() {
    let written = |seed| {
        let mut text = Vec::new();
        let counts = log::export(seed, 40, 60, &mut text).unwrap();
        (counts, String::from_utf8(text).unwrap())
    };
    let (counts, text) = written(7);
    assert!(text == written(7).1 && text != written(8).1);
    let (head, rest) = text.split_once('\n').unwrap();
    let head = export::head(head).unwrap();
    let mut people = People::of(rest, 2, head.currency);
    assert_eq!(people.by_ref().map(Result::unwrap).count(), 40);
    assert_eq!((people.counts(), people.end()), (counts, Some(counts)));
}
