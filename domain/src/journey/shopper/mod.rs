//! Everything that journeys know of one shopper, and how it goes on: the engine.

mod entering;
mod joining;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use self::entering::about_orders;
use super::condition::Person;
use super::migration::Moved;
use super::run::{Came, Fate, Given, Run, Said, State, Told};
use super::surroundings::Surroundings;
use super::{Key, Rules, enter};
use crate::facts::{Facts, Happened};
use crate::id::Slug;
use crate::time::{Span, Timestamp};
use crate::why::Why;

/// What happened longer ago than this begins nothing: old orders come in by files, and nobody wants
/// thanks for them.
const STALE: Span = Span::days(3);

/// So many finished runs of a journey are remembered, the newest, so that none begins twice.
const MOST_PAST: usize = 100;

/// So many runs of one shopper are under way at a time.
const MOST_RUNS: usize = 100;

/// So many tags that one input brings about are heard of. Publishing refuses what would never end.
const MOST_TAGS: usize = 100;

/// Everything that journeys know of one shopper.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shopper {
    /// What they did.
    pub facts: Facts,
    /// The segments they are in.
    pub segments: BTreeSet<Slug>,
    /// Runs under way.
    #[serde(with = "crate::journey::pairs")]
    pub(super) runs: BTreeMap<RunId, Run>,
    /// What they went through before.
    past: BTreeMap<Slug, Past>,
    /// The version of the rules that they heard of last; empty before the first.
    version: String,
    /// When it is to be seen to what time alone brings.
    look_at: Option<Timestamp>,
    /// The next day of the year that begins something: it follows from the calendar, not from what happens.
    day: Option<Timestamp>,
    /// What is remembered of runs that were set on another version.
    #[serde(with = "crate::journey::pairs")]
    pub(super) moved: BTreeMap<RunId, Moved>,
}

/// Names a run of a shopper's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RunId {
    /// Its journey.
    pub journey: Slug,
    /// What there is one run for: an order, a cart, a year.
    pub key: String,
}

/// Finished runs of one journey.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Past {
    /// When the last was begun of those that said or gave something.
    last: Option<Timestamp>,
    /// Their keys, the newest last, and the seeds of the shoppers for whom they began.
    keys: Vec<(String, u64)>,
}

impl Past {
    /// A run of this key, which began for the shopper of a seed, is over.
    fn remember(&mut self, key: &str, of: u64) {
        self.keys.push((key.to_owned(), of));
        let surplus = self.keys.len().saturating_sub(MOST_PAST);
        self.keys.drain(..surplus);
    }

    fn knows(&self, what: Key, key: &str) -> bool {
        self.keys.iter().any(|(known, _)| enter::is_for(what, known, key))
    }
}

/// What the engine is told.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// Something happened.
    Happened(&'a Happened),
    /// A timer rang: a run's, or that of what time alone brings.
    Due(Option<&'a RunId>),
    /// What became of the message that this step of the run, begun for a shopper of this seed, asked for.
    Fate(&'a RunId, u64, &'a str, Fate),
    /// The code a run asked for; nothing where there is none to be had.
    Code(&'a RunId, Option<&'a Given>),
    /// Other rules were published. What they find true already begins nothing.
    Published,
}

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// For which run; nothing for the shopper as such.
    pub run: Option<RunId>,
    /// What.
    pub deed: Deed,
}

/// What can be to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A run begins.
    Begin,
    /// It is on the live version from now on.
    Move(Why),
    /// The run is to be told when this moment has come; instead of any moment before.
    Wake(Timestamp),
    /// A message; whether it may leave is decided when it does.
    Say(Said),
    /// A code of an offer; a new one, or the one the shopper has.
    Issue {
        /// Which offer.
        offer: Slug,
        /// A new one whatever they have.
        fresh: bool,
    },
    /// A tag was put on, or taken off. Journeys have heard of it; it is to be noted as what happened.
    Tag(Happened),
    /// The merchant is to be told.
    Alert(String),
    /// The shop's server is to be told by a step.
    Webhook {
        /// The step's name.
        step: String,
        /// Which of the shop's webhooks.
        name: String,
    },
    /// The run is over; a message of its that has not left must not.
    End(Why),
    /// The run that began for a shopper of this seed is left out, because another is there for the same: two people
    /// are one. Its messages must not leave. The other may bear the same name.
    GiveWay(u64, Why),
}

impl Shopper {
    /// Takes an input in; says what is to be done.
    pub fn step(&mut self, input: &Input<'_>, around: &Surroundings<'_>) -> Vec<Effect> {
        let mut effects = Vec::new();
        let since = self.since(around.now);
        let old = |happened: &Happened| happened.at + STALE < around.now;
        let is_new = self.facts.first().is_none();
        let begins = is_new && matches!(input, Input::Happened(happened) if !old(happened));
        let mut looks = self.version != around.live.version;
        if looks {
            self.version.clone_from(&around.live.version);
            // Of rules that are new to somebody, what is true already begins nothing.
            if !begins {
                self.settle(since, around);
            }
        }
        let mut calendar = looks;
        match input {
            Input::Happened(happened) => {
                if self.facts.fold(happened) {
                    self.tell_all(happened, around, &mut effects);
                    if old(happened) {
                        self.settle(since, around);
                    } else {
                        self.enter_by(happened, around, &mut effects);
                    }
                    calendar |= about_orders(happened.kind);
                    looks = true;
                }
            }
            Input::Due(Some(run)) => self.tell_one(run, &Told::Due, around, &mut effects),
            Input::Fate(run, of, step, fate) => {
                if self.runs.get(*run).is_some_and(|run| run.of == *of) {
                    self.tell_one(run, &Told::Fate(step, *fate), around, &mut effects);
                } else if let (Fate::Left, Some(past)) = (fate, self.past.get_mut(&run.journey)) {
                    // It was over before it was known that its message left.
                    past.last = past.last.max(Some(around.now));
                }
            }
            Input::Code(run, code) => self.tell_one(run, &Told::Code(*code), around, &mut effects),
            Input::Due(None) => {
                // The timer is spent, whether it rang too early or twice.
                self.look_at = None;
                (looks, calendar) = (true, true);
            }
            Input::Published => {
                self.settle(since, around);
                (looks, calendar) = (true, true);
            }
        }
        if looks {
            self.look(since, calendar, around, &mut effects);
        }
        self.hear_of_tags(around, &mut effects);
        effects
    }

    /// Tags that journeys put on or take off are heard of like all that happens.
    pub(super) fn hear_of_tags(&mut self, around: &Surroundings<'_>, effects: &mut Vec<Effect>) {
        let (mut place, mut heard) = (0, 0);
        while let Some(effect) = effects.get(place) {
            place += 1;
            let Deed::Tag(happened) = &effect.deed else { continue };
            let happened = happened.clone();
            heard += 1;
            if heard > MOST_TAGS {
                return;
            }
            self.tell_all(&happened, around, effects);
            self.enter_by(&happened, around, effects);
            self.look(self.since(around.now), false, around, effects);
        }
    }

    /// A run that was begun by other means goes on from a step.
    pub fn resume(
        &mut self,
        id: &RunId,
        version: &str,
        began: Timestamp,
        step: u16,
        around: &Surroundings<'_>,
    ) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.runs.contains_key(id) {
            return effects;
        }
        let past = self.past.entry(id.journey.clone()).or_default();
        past.last = past.last.max(Some(began));
        let mut run = Run {
            version: version.to_owned(),
            began,
            since: began,
            about: id.key.clone(),
            of: around.seed,
            at: step,
            state: State::Until(around.now),
            code: None,
            met: None,
            said: None,
        };
        if self.tell(id, &mut run, &Told::Begin, around, &mut effects) {
            self.runs.insert(id.clone(), run);
        }
        self.hear_of_tags(around, &mut effects);
        effects
    }

    /// Runs under way.
    pub const fn runs(&self) -> &BTreeMap<RunId, Run> {
        &self.runs
    }

    /// Why the message that a step of a run, begun for a shopper of this seed, has asked for must not leave, if
    /// so: asked at the moment of sending.
    pub fn over(&self, id: &RunId, of: u64, step: &str, around: &Surroundings<'_>) -> Option<Why> {
        let gone = || Some(Why::new("run", "the run is over"));
        let Some(run) = self.runs.get(id).filter(|run| run.of == of) else { return gone() };
        let Some(rules) = around.version(&run.version) else { return gone() };
        let Some(journey) = rules.journey(&id.journey) else { return gone() };
        if run.asks(journey, self.moved.get(id)) != Some(step) {
            return Some(Why::new("step", format!("the journey has gone on without {step}")));
        }
        run.over(journey, &self.person(rules, around))
    }

    pub(super) fn person<'a>(&'a self, rules: &'a Rules, around: &Surroundings<'a>) -> Person<'a> {
        Person {
            facts: &self.facts,
            now: around.now,
            country: around.country,
            language: around.language,
            channels: around.channels,
            outlook: around.outlook,
            segments: &rules.segments,
            run: None,
        }
    }

    /// Every run hears of what happened, in order of their names.
    fn tell_all(&mut self, happened: &Happened, around: &Surroundings<'_>, effects: &mut Vec<Effect>) {
        let mut runs = core::mem::take(&mut self.runs);
        runs.retain(|id, run| self.tell(id, run, &Told::Happened(happened), around, effects));
        self.runs = runs;
    }

    /// One run is told something.
    fn tell_one(&mut self, id: &RunId, told: &Told<'_>, around: &Surroundings<'_>, effects: &mut Vec<Effect>) {
        let mut runs = core::mem::take(&mut self.runs);
        if runs.get_mut(id).is_some_and(|run| !self.tell(id, run, told, around, effects)) {
            runs.remove(id);
        }
        self.runs = runs;
    }

    /// Tells a run something; says whether it waits on.
    pub(super) fn tell(
        &mut self,
        id: &RunId,
        run: &mut Run,
        told: &Told<'_>,
        around: &Surroundings<'_>,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let mut moved = self.moved.remove(id);
        let rules = around.version(&run.version);
        let Some((rules, journey)) = rules.and_then(|rules| Some((rules, rules.journey(&id.journey)?))) else {
            self.end(id, run.of, Why::new("version", "the version it was on is gone"), effects);
            return false;
        };
        let from = effects.len();
        let mut deeds = |deed| effects.push(Effect { run: Some(id.clone()), deed });
        let came = run.tell(journey, told, &self.person(rules, around), around, moved.as_mut(), &mut deeds);
        // What only heard and waits on has its timer still.
        let heard = matches!(told, Told::Happened(_));
        if let (Came::Waits { moved }, State::Until(moment) | State::Await(moment)) = (&came, &run.state)
            && (*moved || !heard)
        {
            deeds(Deed::Wake(*moment));
        }
        let mut counts = matches!(told, Told::Fate(_, Fate::Left) | Told::Code(Some(_)));
        for effect in &effects[from..] {
            match &effect.deed {
                Deed::Tag(happened) => {
                    self.facts.fold(happened);
                    counts = true;
                }
                Deed::Alert(_) | Deed::Webhook { .. } => counts = true,
                _ => {}
            }
        }
        // Something came of it: it is said when the same shopper may enter again.
        if counts {
            let past = self.past.entry(id.journey.clone()).or_default();
            past.last = past.last.max(Some(run.began));
        }
        match came {
            Came::Waits { .. } => {
                if let Some(moved) = moved {
                    self.moved.insert(id.clone(), moved);
                }
                true
            }
            Came::Ended(why) => {
                self.end(id, run.of, why, effects);
                false
            }
        }
    }

    pub(super) fn end(&mut self, id: &RunId, of: u64, why: Why, effects: &mut Vec<Effect>) {
        let past = self.past.entry(id.journey.clone()).or_default();
        past.remember(&id.key, of);
        effects.push(Effect { run: Some(id.clone()), deed: Deed::End(why) });
    }
}

fn too_many() -> Why {
    Why::new("runs", format!("{MOST_RUNS} runs of this shopper are under way already"))
}
