//! Whoever sees everything and believes nobody: the mailbox, the shopper's own memory of what they said, and
//! an account of every row. It knows nothing of how the engine works.

use std::collections::{BTreeMap, BTreeSet};

use domain::consent::{Channel, Standing};
use domain::facts::{Happened, Kind};
use domain::home::{Ledger, MessageId, Row};
use domain::journey::{Deed, Input, RunId, Said, Surroundings};
use domain::rehearsal::Course;
use domain::sending;
use domain::time::{Span, Timestamp};
use domain::why::Why;
use domain::zone::Zone;

use crate::migrated::plain;
use crate::replay::Told;
use crate::shop;

/// A promise that was broken.
#[derive(Clone, Debug)]
pub struct Broken {
    pub promise: &'static str,
    pub about: String,
}

/// What one household's witness saw.
#[derive(Default)]
pub struct Witness {
    pub broken: Vec<Broken>,
    pub delivered: u64,
    pub claimed: u64,
    pub unknown: u64,
    pub skipped: u64,
    pub deferred: u64,
    pub refused: u64,
    /// Runs that were set on another version.
    pub moved: u64,
    /// Steps of the engine.
    pub steps: u64,
    /// What it was told, by the shopper's seed.
    pub told: BTreeMap<u64, Vec<Told>>,
    pub lateness: Span,
    /// Sends that were in flight at a kill, or without an answer.
    pub in_flight: u64,
    /// What was really sent and why, where somebody wants to compare it.
    pub course: Option<Course>,
    mailbox: BTreeMap<MessageId, u32>,
    /// Messages that were due, and whether they have met their end.
    asked: BTreeMap<MessageId, bool>,
    words: BTreeMap<(u64, Channel), Standing>,
    joined: BTreeMap<u64, u64>,
    pub heard: Vec<(u64, Timestamp, Happened)>,
    pub began: BTreeSet<(u64, String, String)>,
    pub ended: BTreeMap<(u64, String, String), (String, Timestamp)>,
}

impl Witness {
    pub fn fault(&mut self, promise: &'static str, about: impl Into<String>) {
        self.broken.push(Broken { promise, about: about.into() });
    }

    pub fn heard(&mut self, seed: u64, happened: &Happened, now: Timestamp) {
        if matches!(happened.kind, Kind::OrderConfirmed | Kind::OrderCancelled | Kind::PageViewed) {
            self.heard.push((self.whose(seed), now, happened.clone()));
        }
    }

    pub fn waits(&mut self, message: &MessageId) {
        self.asked.remove(&plain(message));
    }

    /// The shopper said something about a channel, and was told that it is done.
    pub fn permitted(&mut self, seed: u64, channel: Channel, standing: Standing, _now: Timestamp) {
        self.words.insert((self.whose(seed), channel), standing);
    }

    pub fn joined(&mut self, into: u64, other: u64, _now: Timestamp) {
        for channel in [Channel::Email, Channel::Sms] {
            let words = [into, other].map(|seed| self.words.get(&(seed, channel)).copied());
            let word = if words.contains(&Some(Standing::Withdrawn)) {
                Some(Standing::Withdrawn)
            } else {
                words[0].or(words[1])
            };
            if let Some(word) = word {
                self.words.insert((into, channel), word);
            }
        }
        self.joined.insert(other, into);
    }

    fn whose(&self, seed: u64) -> u64 {
        self.joined.get(&seed).copied().unwrap_or(seed)
    }

    /// A message begins to leave.
    pub fn begins(&mut self, seed: u64, message: &MessageId, said: &Said, _now: Timestamp) {
        let (kind, _) = shop::message(said.message.name.as_str());
        let word = self.words.get(&(self.whose(seed), said.message.channel));
        if kind == sending::Kind::Marketing && word != Some(&Standing::Given) {
            self.fault("after a withdrawal", format!("{message:?}"));
        }
    }

    /// A message lies in the mailbox.
    pub fn delivered(&mut self, message: &MessageId, said: &Said, zone: &Zone, now: Timestamp) {
        self.delivered += 1;
        let count = self.mailbox.entry(plain(message)).or_default();
        *count += 1;
        if *count > 1 {
            self.fault("doubled", format!("{message:?}"));
        }
        let (kind, _) = shop::message(said.message.name.as_str());
        let minute = zone.minute(now);
        // The strictest law of the table, read off by hand: never before ten, never from six in the evening on.
        let hours = (10 * 60..18 * 60).contains(&minute);
        if kind == sending::Kind::Marketing && said.message.channel == Channel::Sms && !hours {
            self.fault("outside hours", format!("{message:?} at minute {minute} in {zone}"));
        }
    }

    /// The account at the end.
    pub fn close(&mut self) {
        let missed: Vec<String> =
            self.asked.iter().filter(|(_, ended)| !**ended).map(|(message, _)| format!("{message:?}")).collect();
        for message in missed {
            self.fault("missed", message);
        }
        if self.unknown > self.in_flight {
            self.fault("more unknown than in flight", format!("{} of {}", self.unknown, self.in_flight));
        }
    }
}

/// What a home does, noted for a shopper by the witness.
pub struct Notes<'a> {
    witness: &'a mut Witness,
    seed: u64,
}

impl<'a> Notes<'a> {
    pub const fn of(witness: &'a mut Witness, seed: u64) -> Self {
        Self { witness, seed }
    }
}

impl Ledger for Notes<'_> {
    fn begins(&mut self, run: &RunId, version: &str, now: Timestamp) {
        if !self.witness.began.insert((self.seed, run.journey.to_string(), run.key.clone())) {
            self.witness.fault("begun twice", format!("{}:{}", run.journey, run.key));
        }
        if let Some(course) = &mut self.witness.course {
            course.begins(run, version, now);
        }
    }

    fn moves(&mut self, _run: &RunId, _why: &Why, _now: Timestamp) {
        self.witness.moved += 1;
    }

    fn ends(&mut self, run: &RunId, why: &Why, now: Timestamp) {
        let key = (self.seed, run.journey.to_string(), run.key.clone());
        self.witness.ended.insert(key, (why.rule().to_owned(), now));
        if let Some(course) = &mut self.witness.course {
            course.ends(run, why, now);
        }
    }

    fn does(&mut self, run: &RunId, deed: &Deed) {
        if let Some(course) = &mut self.witness.course {
            course.does(run, deed);
        }
    }

    fn asks(&mut self, message: &MessageId, said: &Said, now: Timestamp) {
        if self.witness.asked.insert(plain(message), false).is_some() {
            self.witness.fault("asked twice", format!("{message:?}"));
        }
        if let Some(course) = &mut self.witness.course {
            course.asks(message, said, now);
        }
    }

    fn rings(&mut self, due: Timestamp, now: Timestamp) {
        self.witness.lateness = self.witness.lateness.max(now - due);
    }

    fn claims(&mut self, message: &MessageId, open: bool, _now: Timestamp) {
        self.witness.claimed += 1;
        if open {
            self.witness.fault("claimed twice", format!("{message:?}"));
        }
    }

    fn row(&mut self, message: &MessageId, said: &Said, row: Row, why: &Why, now: Timestamp) {
        let witness = &mut *self.witness;
        match row {
            Row::Sent => {}
            Row::Unknown => witness.unknown += 1,
            Row::Skipped => witness.skipped += 1,
            Row::Deferred => witness.deferred += 1,
            Row::Refused | Row::Again => witness.refused += 1,
        }
        match witness.asked.get_mut(&plain(message)) {
            None => witness.fault("a row of nothing", format!("{message:?}")),
            Some(ended) if !matches!(row, Row::Deferred | Row::Again) => {
                if core::mem::replace(ended, true) {
                    witness.fault("ended twice", format!("{message:?}"));
                }
            }
            Some(_) => {}
        }
        if let Some(course) = &mut witness.course {
            course.row(message, said, row, why, now);
        }
    }

    fn told(&mut self, input: &Input<'_>, around: &Surroundings<'_>) {
        self.witness.steps += 1;
        self.witness.told.entry(self.seed).or_default().push(Told::new(around.now, around.channels, input));
    }
}
