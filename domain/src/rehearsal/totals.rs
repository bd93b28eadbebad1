//! What a rehearsal comes to, over many shoppers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::change::Kind;
use super::course::{Became, Course, Deeds, Ran};
use super::{Person, Rehearsed};
use crate::consent::Channel;
use crate::id::Slug;

/// A figure of the live version, and of the draft.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Both {
    /// The live version's.
    pub live: u64,
    /// The draft's.
    pub draft: u64,
}

/// What a rehearsal comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Shoppers for whom it was rehearsed.
    pub shoppers: u64,
    /// What came about them: events and words about permissions.
    pub news: u64,
    /// Shoppers for whom something differs that they would notice.
    pub touched: u64,
    /// By journey.
    pub journeys: BTreeMap<Slug, JourneyTotals>,
}

/// What it comes to for one journey.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JourneyTotals {
    /// Runs that began.
    pub runs: Both,
    /// Codes.
    pub codes: Both,
    /// Tags put on or taken off.
    pub tags: Both,
    /// Alerts to the merchant.
    pub alerts: Both,
    /// Calls of the shop's server.
    pub webhooks: Both,
    /// By message.
    pub messages: BTreeMap<Slug, MessageTotals>,
}

/// What it comes to for one message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MessageTotals {
    /// How often it leaves, by channel.
    pub sent: BTreeMap<Channel, Both>,
    /// How often it is skipped, by the rule that decides so.
    pub skipped: BTreeMap<String, Both>,
    /// How often it waits at the end of the log.
    pub waits: Both,
    /// Only the draft sends it.
    pub added: u64,
    /// Only the live version does.
    pub gone: u64,
    /// At another moment, or on another channel.
    pub moved: u64,
    /// The same for another reason.
    pub reason: u64,
    /// One of both has not come so far by the end of the log.
    pub open: u64,
}

impl Both {
    fn add(&mut self, other: Self) {
        self.live += other.live;
        self.draft += other.draft;
    }
}

/// Which figure of both.
type Which = fn(&mut Both) -> &mut u64;

impl Totals {
    /// Counts one shopper.
    pub fn count(&mut self, person: &Person, rehearsed: &Rehearsed) {
        self.shoppers += 1;
        self.news += person.news.len() as u64;
        let noticed = |kind| matches!(kind, Kind::Added | Kind::Gone | Kind::Moved);
        self.touched += u64::from(rehearsed.changes.iter().any(|change| noticed(change.change)));
        self.count_course(&rehearsed.live, |both| &mut both.live);
        self.count_course(&rehearsed.draft, |both| &mut both.draft);
        for change in &rehearsed.changes {
            let message = self.message(&change.journey, &change.message);
            *match change.change {
                Kind::Added => &mut message.added,
                Kind::Gone => &mut message.gone,
                Kind::Moved => &mut message.moved,
                Kind::Reason => &mut message.reason,
                Kind::Open => &mut message.open,
            } += 1;
        }
    }

    fn count_course(&mut self, course: &Course, which: Which) {
        for (run, Ran { messages, deeds: Deeds { codes, tags, alerts, webhooks }, .. }) in &course.runs {
            let journey = self.journeys.entry(run.journey.clone()).or_default();
            *which(&mut journey.runs) += 1;
            *which(&mut journey.codes) += codes;
            *which(&mut journey.tags) += tags;
            *which(&mut journey.alerts) += alerts;
            *which(&mut journey.webhooks) += webhooks;
            for told in messages.values() {
                let message = journey.messages.entry(told.message.clone()).or_default();
                *match told.became {
                    Became::Sent => which(message.sent.entry(told.channel).or_default()),
                    Became::Skipped => which(message.skipped.entry(told.why.rule().to_owned()).or_default()),
                    Became::Waits => which(&mut message.waits),
                } += 1;
            }
        }
    }

    fn message(&mut self, journey: &Slug, message: &Slug) -> &mut MessageTotals {
        let journey = self.journeys.entry(journey.clone()).or_default();
        journey.messages.entry(message.clone()).or_default()
    }

    /// Adds what was counted elsewhere. The order does not matter.
    pub fn add(&mut self, other: Self) {
        self.shoppers += other.shoppers;
        self.news += other.news;
        self.touched += other.touched;
        for (name, theirs) in other.journeys {
            let journey = self.journeys.entry(name).or_default();
            journey.runs.add(theirs.runs);
            journey.codes.add(theirs.codes);
            journey.tags.add(theirs.tags);
            journey.alerts.add(theirs.alerts);
            journey.webhooks.add(theirs.webhooks);
            for (name, theirs) in theirs.messages {
                journey.messages.entry(name).or_default().add(theirs);
            }
        }
    }

    /// How many messages differ in a way that a shopper would notice: added, gone or moved.
    pub fn noticed(&self) -> u64 {
        let messages = self.journeys.values().flat_map(|journey| journey.messages.values());
        messages.map(|message| message.added + message.gone + message.moved).sum()
    }
}

impl MessageTotals {
    fn add(&mut self, other: Self) {
        for (channel, sent) in other.sent {
            self.sent.entry(channel).or_default().add(sent);
        }
        for (rule, skipped) in other.skipped {
            self.skipped.entry(rule).or_default().add(skipped);
        }
        self.waits.add(other.waits);
        self.added += other.added;
        self.gone += other.gone;
        self.moved += other.moved;
        self.reason += other.reason;
        self.open += other.open;
    }

    /// How often it leaves, on whichever channel.
    pub fn sent(&self) -> Both {
        let mut sum = Both::default();
        for sent in self.sent.values() {
            sum.add(*sent);
        }
        sum
    }

    /// How often it is skipped, for whichever reason.
    pub fn skipped(&self) -> Both {
        let mut sum = Both::default();
        for skipped in self.skipped.values() {
            sum.add(*skipped);
        }
        sum
    }

    /// Nothing about it differs.
    pub const fn is_same(&self) -> bool {
        self.added == 0 && self.gone == 0 && self.moved == 0 && self.reason == 0 && self.open == 0
    }
}
