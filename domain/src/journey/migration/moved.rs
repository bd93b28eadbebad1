//! How a run is set on the live version.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Migration, Place, does};
use crate::journey::run::Told;
use crate::journey::{Act, Deed, Effect, Journey, Run, RunId, Shopper, State, Surroundings, Wait};
use crate::time::Timestamp;
use crate::why::Why;

/// What is remembered of a run that was set on another version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::journey) struct Moved {
    /// What it has done or may have done before, by the names that the steps have and had: it is not done again.
    pub passed: BTreeSet<String>,
    /// The step of its version at which it was set.
    pub from: u16,
    /// How it stands there, until it goes on.
    pub standing: Option<Standing>,
}

/// How a run stands at the step at which it was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::journey) enum Standing {
    /// It waits, since then.
    Waits(Since),
    /// It has asked for a message under this name.
    Asked(String),
}

/// Since when a run waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::journey) enum Since {
    /// Since this moment.
    At(Timestamp),
    /// Since some moment of the day that begins then.
    Day(Timestamp),
    /// Nobody knows.
    Unknown,
}

/// A run that a migration means, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The run.
    pub run: RunId,
    /// The seed of the shopper for whom it began.
    pub of: u64,
    /// The version it is on.
    pub version: String,
    /// The step it stands at there.
    pub step: String,
    /// What becomes of it.
    pub becomes: Becomes,
}

/// What becomes of a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Becomes {
    /// It is set on the live version, at this step.
    Moves(String),
    /// It ends: its step is gone, or the live version's goal or exits say so.
    Ends,
    /// It stays: its step is gone, and nothing was said about such runs.
    Stays,
}

impl Moved {
    /// Whether a step is passed over.
    pub fn passes(&self, step: &crate::journey::Step) -> bool {
        does(&step.act) && self.passed.contains(&step.id)
    }

    /// Under which name the run has asked for its message, where that is another than its step's.
    pub fn asked(&self) -> Option<&str> {
        match &self.standing {
            Some(Standing::Asked(step)) => Some(step),
            Some(Standing::Waits(_)) | None => None,
        }
    }
}

impl Shopper {
    /// Sets runs on the live version; says what becomes of those that are meant, and what is to be done. Told
    /// again, nothing is left to do.
    pub fn migrate(&mut self, migration: &Migration, around: &Surroundings<'_>) -> (Vec<Shift>, Vec<Effect>) {
        let (mut shifts, mut effects) = (Vec::new(), Vec::new());
        if migration.to != around.live.version {
            return (shifts, effects);
        }
        let meant =
            self.runs.iter().filter(|(id, run)| id.journey == migration.journey && migration.means(&run.version));
        let meant: Vec<RunId> = meant.map(|(id, _)| id.clone()).collect();
        for id in meant {
            let Some(mut run) = self.runs.remove(&id) else { continue };
            let old = around.version(&run.version).and_then(|rules| rules.journey(&id.journey));
            // Of a version that is gone nothing is known: the engine ends its runs.
            let Some(old) = old else {
                self.runs.insert(id, run);
                continue;
            };
            let step = old.steps.get(usize::from(run.at)).map(|step| step.id.clone()).unwrap_or_default();
            let (of, version) = (run.of, run.version.clone());
            let (becomes, stays) = self.set_on(&id, &mut run, (old, &step), migration, around, &mut effects);
            if stays {
                self.runs.insert(id.clone(), run);
            }
            shifts.push(Shift { run: id, of, version, step, becomes });
        }
        self.hear_of_tags(around, &mut effects);
        (shifts, effects)
    }

    /// Sets a run on the live version. Says what becomes of it, and whether it is under way still.
    fn set_on(
        &mut self,
        id: &RunId,
        run: &mut Run,
        (old, step): (&Journey, &str),
        migration: &Migration,
        around: &Surroundings<'_>,
        effects: &mut Vec<Effect>,
    ) -> (Becomes, bool) {
        let new = around.live.journey(&id.journey);
        let (at, same) = match (migration.place(old, new, run.at), new) {
            (Place::Same(at), Some(_)) => (at, true),
            (Place::On(at), Some(_)) => (at, false),
            (Place::End, _) => {
                let fact = format!("step {step} of version {} is not there in version {}", run.version, migration.to);
                self.moved.remove(id);
                self.end(id, run.of, Why::new("migration", fact), effects);
                return (Becomes::Ends, false);
            }
            (Place::Same(_) | Place::On(_), None) | (Place::Stay, _) => return (Becomes::Stays, true),
        };
        let Some((new, now)) = new.and_then(|new| Some((new, new.steps.get(usize::from(at))?))) else {
            return (Becomes::Stays, true);
        };
        let before = self.moved.remove(id).unwrap_or_default();
        let in_hand = matches!(run.state, State::Message | State::Code);
        let mut moved = Moved { passed: migration.done(old, run.at, in_hand, &before), from: at, standing: None };
        let fact = format!("from version {} at {step} to version {} at {}", run.version, migration.to, now.id);
        effects.push(Effect { run: Some(id.clone()), deed: Deed::Move(Why::new("migration", fact)) });
        migration.to.clone_into(&mut run.version);
        let was = old.steps.get(usize::from(core::mem::replace(&mut run.at, at))).map(|step| &step.act);
        let becomes = Becomes::Moves(now.id.clone());
        if !same {
            self.moved.insert(id.clone(), moved);
            return (becomes, self.tell(id, run, &Told::Begin, around, effects));
        }
        if let Some(why) = run.over(new, &self.person(around.live, around)) {
            self.end(id, run.of, why, effects);
            return (Becomes::Ends, false);
        }
        moved.standing = self.stand(run, step, was, &now.act, &before, around);
        self.moved.insert(id.clone(), moved);
        if let State::Until(moment) | State::Await(moment) = run.state {
            effects.push(Effect { run: Some(id.clone()), deed: Deed::Wake(moment.max(around.now)) });
        }
        (becomes, true)
    }

    /// How a run stands at the same step of the live version; plans anew until when it waits.
    fn stand(
        &self,
        run: &mut Run,
        step: &str,
        was: Option<&Act>,
        is: &Act,
        before: &Moved,
        around: &Surroundings<'_>,
    ) -> Option<Standing> {
        match (&run.state, was, is) {
            (State::Message, ..) => Some(before.standing.clone().unwrap_or_else(|| Standing::Asked(step.to_owned()))),
            (State::Until(moment), Some(Act::Wait(old)), Act::Wait(new)) => {
                let since = match before.standing {
                    Some(Standing::Waits(since)) => since,
                    _ => began_to_wait(old, *moment, around),
                };
                if old != new {
                    run.state = State::Until(self.planned(run, new, since, around).unwrap_or(*moment));
                }
                Some(Standing::Waits(since))
            }
            (State::Await(until), Some(Act::Await { at_most: old, .. }), Act::Await { at_most: new, .. }) => {
                run.state = State::Await(Timestamp(until.0.saturating_sub(old.0)) + *new);
                None
            }
            _ => None,
        }
    }

    /// When a changed wait ends; nothing where that counts from a moment that is not known.
    fn planned(&self, run: &Run, wait: &Wait, since: Since, around: &Surroundings<'_>) -> Option<Timestamp> {
        match (wait, since) {
            (Wait::Quiet(_) | Wait::BeforeCodeEnds(_) | Wait::Until(_), _) => {
                Some(run.until(wait, &self.person(around.live, around), around).unwrap_or(around.now))
            }
            (Wait::For(_) | Wait::Days(..) | Wait::Weekday(..), Since::At(reached)) => {
                let then = Surroundings { now: reached, ..*around };
                run.until(wait, &self.person(around.live, &then), &then)
            }
            // The first moment of the day stands for all of them.
            (Wait::Days(1.., _), Since::Day(day)) => {
                let then = Surroundings { now: day, ..*around };
                run.until(wait, &self.person(around.live, &then), &then)
            }
            (Wait::For(_) | Wait::Days(..) | Wait::Weekday(..), Since::Day(_) | Since::Unknown) => None,
        }
    }
}

/// Since when a run waits that is to go on at a moment.
fn began_to_wait(wait: &Wait, until: Timestamp, around: &Surroundings<'_>) -> Since {
    match wait {
        Wait::For(span) => Since::At(Timestamp(until.0.saturating_sub(span.0))),
        Wait::Days(days @ 1.., _) => Since::Day(around.days_before(until, *days)),
        _ => Since::Unknown,
    }
}
