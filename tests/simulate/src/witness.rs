//! Whoever sees everything and believes nobody: the mailbox, the shopper's own memory of what they said, and
//! an account of every row. It knows nothing of how the engine works.

use std::collections::{BTreeMap, BTreeSet};

use domain::consent::{Channel, Standing};
use domain::facts::{Happened, Kind};
use domain::journey::{RunId, Said};
use domain::sending;
use domain::time::{Span, Timestamp};
use domain::zone::Zone;

use crate::shop;

/// A row of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    Sent,
    Unknown,
    Skipped,
    Deferred,
    Refused,
}

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
    pub deeds: u64,
    pub lateness: Span,
    /// Sends that were in flight at a kill, or without an answer.
    pub in_flight: u64,
    mailbox: BTreeMap<String, u32>,
    /// Messages that were due, and whether they have met their end.
    asked: BTreeMap<String, bool>,
    words: BTreeMap<(u64, Channel), Standing>,
    joined: BTreeMap<u64, u64>,
    pub heard: Vec<(u64, Timestamp, Happened)>,
    pub began: BTreeSet<(u64, String, String)>,
    pub ended: BTreeMap<(u64, String, String), (String, Timestamp)>,
    count: u64,
}

impl Witness {
    pub fn fault(&mut self, promise: &'static str, about: impl Into<String>) {
        self.broken.push(Broken { promise, about: about.into() });
    }

    /// A number that nobody had before.
    pub fn fresh(&mut self) -> u64 {
        self.count += 1;
        u64::MAX - self.count
    }

    pub fn heard(&mut self, seed: u64, happened: &Happened, now: Timestamp) {
        if matches!(happened.kind, Kind::OrderConfirmed | Kind::OrderCancelled | Kind::PageViewed) {
            self.heard.push((self.whose(seed), now, happened.clone()));
        }
    }

    pub fn began(&mut self, seed: u64, run: &RunId, _now: Timestamp) {
        let key = (seed, run.journey.to_string(), run.key.clone());
        if !self.began.insert(key) {
            self.fault("begun twice", format!("{}:{}", run.journey, run.key));
        }
    }

    pub fn ended(&mut self, seed: u64, run: &RunId, rule: &str, now: Timestamp) {
        self.ended.insert((seed, run.journey.to_string(), run.key.clone()), (rule.to_owned(), now));
    }

    pub fn asked(&mut self, key: &str, _now: Timestamp) {
        if self.asked.insert(key.to_owned(), false).is_some() {
            self.fault("asked twice", key);
        }
    }

    pub fn ran(&mut self, due: Timestamp, now: Timestamp) {
        self.lateness = self.lateness.max(now - due);
    }

    pub fn claimed(&mut self, key: &str, open: bool, _now: Timestamp) {
        self.claimed += 1;
        if open {
            self.fault("claimed twice", key);
        }
    }

    pub fn row(&mut self, key: &str, row: Row, rule: &str, _now: Timestamp) {
        match row {
            Row::Sent => {}
            Row::Unknown => self.unknown += 1,
            Row::Skipped => self.skipped += 1,
            Row::Deferred => self.deferred += 1,
            Row::Refused => self.refused += 1,
        }
        let last = !(row == Row::Deferred || row == Row::Refused && rule == "not now");
        match self.asked.get_mut(key) {
            None => self.fault("a row of nothing", key),
            Some(ended) if last => {
                if core::mem::replace(ended, true) {
                    self.fault("ended twice", key);
                }
            }
            Some(_) => {}
        }
    }

    pub fn waits(&mut self, key: &str) {
        self.asked.remove(key);
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
    pub fn begins(&mut self, seed: u64, key: &str, said: &Said, _now: Timestamp) {
        let (kind, _) = shop::message(said.message.name.as_str());
        let word = self.words.get(&(self.whose(seed), said.message.channel));
        if kind == sending::Kind::Marketing && word != Some(&Standing::Given) {
            self.fault("after a withdrawal", key);
        }
    }

    /// A message lies in the mailbox.
    pub fn delivered(&mut self, _seed: u64, key: &str, said: &Said, zone: &Zone, now: Timestamp) {
        self.delivered += 1;
        let count = self.mailbox.entry(key.to_owned()).or_default();
        *count += 1;
        if *count > 1 {
            self.fault("doubled", key);
        }
        let (kind, _) = shop::message(said.message.name.as_str());
        let minute = zone.minute(now);
        // The strictest law of the table, read off by hand: never before ten, never from six in the evening on.
        let hours = (10 * 60..18 * 60).contains(&minute);
        if kind == sending::Kind::Marketing && said.message.channel == Channel::Sms && !hours {
            self.fault("outside hours", format!("{key} at minute {minute} in {zone}"));
        }
    }

    /// The account at the end.
    pub fn close(&mut self) {
        let missed: Vec<String> = self.asked.iter().filter(|(_, ended)| !**ended).map(|(key, _)| key.clone()).collect();
        for key in missed {
            self.fault("missed", key);
        }
        if self.unknown > self.in_flight {
            self.fault("more unknown than in flight", format!("{} of {}", self.unknown, self.in_flight));
        }
    }
}
