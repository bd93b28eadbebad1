//! Journeys: what follows after something happened.
//!
//! A [`Journey`] is a program: steps that wait, ask, and say. [`Shopper::step`] runs the programs of one
//! shopper: something happened, a timer rang, a message met its fate; the answer is a list of
//! [`Effect`]s. The edge performs them; the simulator and the rehearsal only count them. Nothing here
//! knows a clock, chance or storage, so the same inputs give the same effects wherever it runs.

mod act;
mod condition;
mod enter;
mod kept;
mod migration;
mod run;
mod shopper;
mod surroundings;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::act::{Act, Message, Step, Wait};
pub use self::condition::{Condition, Match, Number, Past, Person, Range, Word};
pub use self::migration::{Becomes, Gone, Migration, Mistake, Shift};
pub use self::run::{Fate, Given, Run, Said, State};
pub use self::shopper::{Deed, Effect, Input, RunId, Shopper};
pub use self::surroundings::Surroundings;
use crate::id::Slug;
use crate::time::Span;

/// A series of waits, questions and messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journey {
    /// Its name: the file it is written in.
    pub name: Slug,
    /// What begins it.
    pub entry: Entry,
    /// Who may enter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Condition>,
    /// What there is one run for.
    pub key: Key,
    /// When the same shopper may enter again.
    pub again: Again,
    /// What it is for: when that is reached, it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<Condition>,
    /// What ends it without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exits: Vec<Condition>,
    /// What follows, in order; jumps go forward only.
    pub steps: Vec<Step>,
}

/// What begins a journey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// Something happens.
    Event(Match),
    /// A day of every year comes, at a time of the shopper's day (minutes after midnight).
    Yearly(Yearly, u16),
    /// The shopper comes into a segment.
    Segment(Slug),
    /// They are silent for longer than usual.
    Silence(Silence),
}

/// Days that come every year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Yearly {
    /// The shopper's birthday; that of 29 February is kept on the 28th where there is no 29th.
    Birthday,
    /// The day of their first order.
    FirstOrder,
}

/// Longer than somebody's usual rhythm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// How much longer than the usual time between two days with an order, in percent of it.
    pub percent: u32,
    /// Never shorter than this; and for those whose rhythm is not known yet, this.
    pub at_least: Span,
}

/// What there is one run for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// A shopper: one run at a time.
    Shopper,
    /// What the event is about: an order, a product, a campaign.
    Subject,
    /// A cart, from the first thing in it until it is emptied or bought.
    Cart,
    /// A year.
    Year,
}

/// When the same shopper may enter again. For the same key, never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Again {
    /// Never.
    Never,
    /// Whenever it begins anew.
    Always,
    /// So long after they entered last.
    After(Span),
}

/// A shop's published rules, as the engine needs them: one version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// The version's name.
    pub version: String,
    /// Its journeys.
    pub journeys: Vec<Journey>,
    /// Its segments.
    pub segments: BTreeMap<Slug, Condition>,
}

impl Rules {
    /// A journey by its name.
    pub fn journey(&self, name: &Slug) -> Option<&Journey> {
        self.journeys.iter().find(|journey| journey.name == *name)
    }

    /// Whether who is in a segment depends on what is expected of them, so that another model may change it.
    pub fn asks_for_outlook(&self) -> bool {
        self.segments.values().any(Condition::asks_for_outlook)
    }
}

/// A mark that follows from what it names: a `UUIDv8` (RFC 9562) of two FNV-1a hashes. Not for secrets.
fn mark(parts: &[&str]) -> uuid::Uuid {
    let mut halves = [0xcbf2_9ce4_8422_2325_u64, 0x6c62_272e_07bb_0142];
    for byte in parts.iter().flat_map(|part| part.bytes().chain([0xff])) {
        for (salt, half) in halves.iter_mut().enumerate() {
            *half = (*half ^ (u64::from(byte) + salt as u64)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    let [high, low] = halves.map(|half| {
        // Spreads what the last bytes changed over all bits (the finaliser of MurmurHash3).
        let half = (half ^ (half >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        half ^ (half >> 33)
    });
    uuid::Uuid::from_u64_pair((high & !0xf000) | 0x8000, (low & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000)
}

/// A map whose keys are no texts, as a list of pairs.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(map)
    }

    pub fn deserialize<'a, K: Deserialize<'a> + Ord, V: Deserialize<'a>, D: Deserializer<'a>>(
        from: D,
    ) -> Result<BTreeMap<K, V>, D::Error> {
        Ok(Vec::deserialize(from)?.into_iter().collect())
    }
}
