//! What one version did for one shopper.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::consent::Channel;
use crate::home::{Ledger, MessageId, Row};
use crate::id::Slug;
use crate::journey::{Deed, RunId, Said};
use crate::time::Timestamp;
use crate::why::Why;

/// What one version did for one shopper: its runs, in order of journey and key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// The runs.
    pub runs: BTreeMap<RunId, Ran>,
}

/// A run and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// When it began.
    pub began: Timestamp,
    /// The version it is on.
    pub version: String,
    /// When and why it ended; nothing while it is under way.
    pub ended: Option<(Timestamp, Why)>,
    /// Its messages, by the step that says them.
    pub messages: BTreeMap<String, Told>,
    /// What else it did.
    pub deeds: Deeds,
}

/// A message and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// The channel.
    pub channel: Channel,
    /// Which message.
    pub message: Slug,
    /// When the journey wanted it said.
    pub asked: Timestamp,
    /// When it became what it is.
    pub at: Timestamp,
    /// What became of it.
    pub became: Became,
    /// Why.
    pub why: Why,
    /// What held it back before, the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<Why>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// It left.
    Sent,
    /// It never goes out.
    Skipped,
    /// It waits, at the end of the log.
    Waits,
}

/// What a run does besides messages, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Deeds {
    /// Codes it asked for.
    pub codes: u64,
    /// Tags it put on or took off.
    pub tags: u64,
    /// Alerts to the merchant.
    pub alerts: u64,
    /// Calls of the shop's server.
    pub webhooks: u64,
}

impl Course {
    /// Every message, with its run and its step.
    pub fn messages(&self) -> impl Iterator<Item = (&RunId, &str, &Told)> {
        let of = |(run, ran)| {
            let Ran { messages, .. }: &Ran = ran;
            messages.iter().map(move |(step, told)| (run, step.as_str(), told))
        };
        self.runs.iter().flat_map(of)
    }

    fn told(&mut self, id: &MessageId) -> Option<&mut Told> {
        self.runs.get_mut(&id.run)?.messages.get_mut(&id.step)
    }
}

impl Ledger for Course {
    fn begins(&mut self, run: &RunId, version: &str, now: Timestamp) {
        let ran = Ran { began: now, version: version.to_owned(), ..Ran::default() };
        self.runs.insert(run.clone(), ran);
    }

    fn ends(&mut self, run: &RunId, why: &Why, now: Timestamp) {
        if let Some(ran) = self.runs.get_mut(run) {
            ran.ended = Some((now, why.clone()));
        }
    }

    fn does(&mut self, run: &RunId, deed: &Deed) {
        let Some(Ran { deeds, .. }) = self.runs.get_mut(run) else { return };
        match deed {
            Deed::Issue { .. } => deeds.codes += 1,
            Deed::Tag(_) => deeds.tags += 1,
            Deed::Alert(_) => deeds.alerts += 1,
            Deed::Webhook { .. } => deeds.webhooks += 1,
            Deed::Begin | Deed::Move(_) | Deed::Wake(_) | Deed::Say(_) | Deed::End(_) | Deed::GiveWay(..) => {}
        }
    }

    fn asks(&mut self, id: &MessageId, said: &Said, now: Timestamp) {
        let told = Told {
            channel: said.message.channel,
            message: said.message.name.clone(),
            asked: now,
            at: now,
            became: Became::Waits,
            why: Why::new("due", "it is due at the end of the log"),
            held: None,
        };
        if let Some(ran) = self.runs.get_mut(&id.run) {
            ran.messages.insert(id.step.clone(), told);
        }
    }

    fn row(&mut self, id: &MessageId, _: &Said, row: Row, why: &Why, now: Timestamp) {
        let Some(told) = self.told(id) else { return };
        told.at = now;
        told.became = match row {
            // What may have left counts as what left, as it does for limits.
            Row::Sent | Row::Unknown => Became::Sent,
            Row::Skipped | Row::Refused => Became::Skipped,
            Row::Deferred | Row::Again => {
                told.held = Some(why.clone());
                Became::Waits
            }
        };
        told.why = why.clone();
    }
}
