//! Runs under way are set on the live version, because the merchant says so.
//!
//! Without it they stay on the version they began with. A run is set at the same step: the one with the same
//! name or, where the merchant has renamed it, the one they name. A step that does something of another kind
//! now is not the same step. What becomes of runs whose step is not there any more is said by [`Gone`]; where
//! nothing is said of them they stay where they are. A run goes to the live version and to no other.
//!
//! - **Goals and exits** of the live version count at once.
//! - **A message that is asked for** stays as it was asked, under its old name, and the run waits for what
//!   becomes of it.
//! - **What was done is done once**: messages, codes, tags, alerts and webhooks that the run may have come to
//!   before are passed over where the live version has them later, whatever they are called there. Waits,
//!   branches and splits count again. Codes it was given stay its own.
//! - **A wait** that is written as before ends when it was to end. One that was changed is planned anew: a
//!   wait for an event, a span, a time of day or a weekday from the moment at which the run began to wait,
//!   quiet from the last sign of life, before a code's end and until a date from what they name. When a run
//!   began to wait for a time of day, only the day is known, which is enough for another such wait; for a
//!   weekday not even that. Where it is not known, the moment that was planned stays. A moment that is past
//!   by then is now.

mod check;
mod moved;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use self::check::Mistake;
pub(super) use self::moved::Moved;
pub use self::moved::{Becomes, Shift};
use super::{Act, Journey, Message};
use crate::id::Slug;

/// Runs of a journey are to be set on the live version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Migration {
    /// The journey.
    pub journey: Slug,
    /// The version that is live; where another one is, nothing happens.
    pub to: String,
    /// The version whose runs are meant; those of all others but the live one, if none is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Steps that are called otherwise now: their names before, and now.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub steps: BTreeMap<String, String>,
    /// What becomes of runs that stand at a step which is not there any more; if it is not said, they stay
    /// on their version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<Gone>,
}

/// What becomes of a run whose step is not there any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gone {
    /// It ends.
    Exit,
    /// It goes on with a step of the live version. A message of its that waits is not said any more.
    At(String),
}

/// As merchants write it: `exit`, or the name of a step.
impl From<&str> for Gone {
    fn from(text: &str) -> Self {
        if text == "exit" { Self::Exit } else { Self::At(text.to_owned()) }
    }
}

/// Where a run is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At the same step.
    Same(u16),
    /// It goes on with another one.
    On(u16),
    /// It ends.
    End,
    /// It stays on its version.
    Stay,
}

impl Migration {
    /// Whether runs on a version are meant.
    pub fn means(&self, version: &str) -> bool {
        version != self.to && self.from.as_ref().is_none_or(|from| from == version)
    }

    /// What a step is called now.
    fn now<'a>(&'a self, step: &'a str) -> &'a str {
        self.steps.get(step).map_or(step, String::as_str)
    }

    /// Where a run is set that stands at a step of the older version.
    fn place(&self, old: &Journey, new: Option<&Journey>, at: u16) -> Place {
        let new = new.filter(|new| new.key == old.key);
        match (new.and_then(|new| self.same(old, new, at)), &self.gone) {
            (Some(at), _) => Place::Same(at),
            (None, Some(Gone::Exit)) => Place::End,
            (None, Some(Gone::At(step))) => new.and_then(|new| place_of(new, step)).map_or(Place::Stay, Place::On),
            (None, None) => Place::Stay,
        }
    }

    /// The same step in the live version.
    fn same(&self, old: &Journey, new: &Journey, at: u16) -> Option<u16> {
        let step = old.steps.get(usize::from(at))?;
        let place = place_of(new, self.now(&step.id))?;
        let known = new.steps.get(usize::from(place))?;
        (kind(&known.act) == kind(&step.act)).then_some(place)
    }

    /// What a run has done or may have done, by the names of now and of before.
    fn done(&self, old: &Journey, at: u16, in_hand: bool, before: &Moved) -> BTreeSet<String> {
        let mut names = before.passed.clone();
        let leads = leading_to(old, at);
        for (n, step) in old.steps.iter().enumerate().skip(usize::from(before.from)) {
            let been = leads.get(n) == Some(&true) && (n != usize::from(at) || in_hand);
            if been && does(&step.act) {
                names.insert(step.id.clone());
            }
        }
        let now: Vec<String> = names.iter().filter_map(|name| self.steps.get(name).cloned()).collect();
        names.extend(now);
        names
    }
}

fn place_of(journey: &Journey, step: &str) -> Option<u16> {
    u16::try_from(journey.steps.iter().position(|known| known.id == step)?).ok()
}

/// For each step up to one, whether a run can come from it to that one.
fn leading_to(journey: &Journey, at: u16) -> Vec<bool> {
    let mut leads = vec![false; usize::from(at) + 1];
    for n in (0..leads.len()).rev() {
        let leads_there = journey.steps.get(n).is_some_and(|step| {
            let mut ways = vec![step.next];
            match &step.act {
                Act::Await { otherwise, .. } | Act::Message(Message { otherwise: Some(otherwise), .. }) => {
                    ways.push(*otherwise);
                }
                Act::Branch(further) => ways.extend(further.iter().map(|(_, to)| *to)),
                Act::Split(further) => ways.extend(further.iter().map(|(_, to)| *to)),
                Act::Goal | Act::Exit => ways.clear(),
                _ => {}
            }
            ways.iter().any(|to| usize::from(*to) > n && leads.get(usize::from(*to)) == Some(&true))
        });
        if let Some(known) = leads.get_mut(n) {
            *known = leads_there || n == usize::from(at);
        }
    }
    leads
}

/// Whether a step does something that is not to be done twice.
pub(super) const fn does(act: &Act) -> bool {
    matches!(act, Act::Message(_) | Act::Code { .. } | Act::Tag(..) | Act::Alert(_) | Act::Webhook(_))
}

/// Whether a run can stand at a step.
const fn rests(act: &Act) -> bool {
    matches!(act, Act::Wait(_) | Act::Await { .. } | Act::Message(_) | Act::Code { .. })
}

/// What kind of step it is, in words.
const fn kind(act: &Act) -> &'static str {
    match act {
        Act::Wait(_) => "a wait",
        Act::Await { .. } => "a wait for an event",
        Act::Branch(_) => "a branch",
        Act::Split(_) => "a split",
        Act::Message(_) => "a message",
        Act::Code { .. } => "a code",
        Act::Tag(..) => "a tag",
        Act::Alert(_) => "an alert",
        Act::Webhook(_) => "a webhook",
        Act::Goal => "the goal",
        Act::Exit => "an exit",
    }
}
