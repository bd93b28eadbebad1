//! Everything that journeys know of one shopper, and how it goes on: the engine.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::condition::Person;
use super::run::{Came, Fate, Run, Said, State, Told};
use super::surroundings::Surroundings;
use super::{Entry, Journey, Key, Rules, enter};
use crate::facts::{About, Facts, Happened, Kind};
use crate::id::Slug;
use crate::time::{Span, Timestamp, earliest};
use crate::why::Why;

/// What happened longer ago than this begins nothing: old orders come in by files, and nobody wants
/// thanks for them.
const STALE: Span = Span::days(3);

/// So many finished runs of a journey are remembered, the newest, so that none begins twice.
const MOST_PAST: usize = 200;

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
    runs: BTreeMap<RunId, Run>,
    /// What they went through before.
    past: BTreeMap<Slug, Past>,
    /// When it was last seen to what time alone brings.
    looked: Option<Timestamp>,
    /// When that is to be seen to again.
    look_at: Option<Timestamp>,
    /// The next day of the year that begins something: it follows from the calendar, not from what happens.
    day: Option<Timestamp>,
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
    /// When one was last begun.
    last: Timestamp,
    /// Their keys, the newest last, and the seeds of the shoppers for whom they began.
    keys: Vec<(String, u64)>,
}

impl Past {
    fn knows(&self, key: &str) -> bool {
        self.keys.iter().any(|(known, _)| known == key)
    }
}

/// What the engine is told.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// Something happened.
    Happened(&'a Happened),
    /// A timer rang: a run's, or that of what time alone brings.
    Due(Option<&'a RunId>),
    /// What became of a message of the run that began for a shopper of this seed.
    Fate(&'a RunId, u64, Fate),
    /// The code a run asked for, with its end; nothing where there is none to be had.
    Code(&'a RunId, Option<Option<Timestamp>>),
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
    /// A tag was put on, or taken off.
    Tag(Slug, bool),
    /// The merchant is to be told.
    Alert(String),
    /// The shop's server is to be told.
    Webhook(String),
    /// The run is over; a message of its that has not left must not.
    End(Why),
}

impl Shopper {
    /// Takes an input in; says what is to be done.
    pub fn step(&mut self, input: &Input<'_>, around: &Surroundings<'_>) -> Vec<Effect> {
        let mut effects = Vec::new();
        match input {
            Input::Happened(happened) => {
                if !self.facts.fold(happened) {
                    return effects;
                }
                self.tell_all(happened, around, &mut effects);
                self.enter_by(happened, around, &mut effects);
                self.look(self.looked.is_none() || about_orders(happened.kind), around, &mut effects);
            }
            Input::Due(Some(run)) => self.tell_one(run, &Told::Due, around, &mut effects),
            Input::Fate(run, of, fate) => {
                if self.runs.get(*run).is_some_and(|run| run.of == *of) {
                    self.tell_one(run, &Told::Fate(*fate), around, &mut effects);
                }
            }
            Input::Code(run, code) => self.tell_one(run, &Told::Code(*code), around, &mut effects),
            Input::Due(None) => {
                // The timer is spent, whether it rang too early or twice.
                self.look_at = None;
                self.look(true, around, &mut effects);
            }
            Input::Published => {
                self.looked = Some(around.now);
                self.segments = self.segments_now(around).collect();
                self.look(true, around, &mut effects);
            }
        }
        effects
    }

    /// Two people turn out to be one: this one knows what both did, and goes on with the runs of both. Where
    /// both are in the same, the one that began earlier stays. What only the two together are begins nothing.
    pub fn join(&mut self, other: Self, around: &Surroundings<'_>) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.facts.join(&other.facts);
        for (journey, past) in other.past {
            let mine = self.past.entry(journey).or_default();
            mine.last = mine.last.max(past.last);
            let new: Vec<(String, u64)> = past.keys.into_iter().filter(|(key, _)| !mine.knows(key)).collect();
            mine.keys.extend(new);
        }
        for (id, run) in other.runs {
            let rules = around.version(&run.version);
            let single =
                rules.and_then(|rules| rules.journey(&id.journey)).is_none_or(|known| known.key == Key::Shopper);
            let same = |mine: &RunId| *mine == id || (single && mine.journey == id.journey);
            let rival = self.runs.iter().find(|(mine, _)| same(mine)).map(|(mine, run)| (mine.clone(), run.began));
            let gone_through = self.past.get(&id.journey).is_some_and(|past| past.knows(&id.key));
            match rival {
                Some((mine, began)) if run.began < began => drop(self.runs.remove(&mine)),
                Some(_) => continue,
                None if gone_through => continue,
                None => {}
            }
            if let State::Until(moment) | State::Await(moment) = run.state {
                effects.push(Effect { run: Some(id.clone()), deed: Deed::Wake(moment) });
            }
            self.runs.insert(id, run);
        }
        self.segments = self.segments_now(around).collect();
        self.look_at = None;
        self.look(true, around, &mut effects);
        effects
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
        past.last = past.last.max(began);
        let mut run = Run {
            version: version.to_owned(),
            began,
            since: began,
            about: id.key.clone(),
            of: around.seed,
            at: step,
            state: State::Until(around.now),
            codes: BTreeMap::new(),
        };
        if self.tell(id, &mut run, &Told::Begin, around, &mut effects) {
            self.runs.insert(id.clone(), run);
        }
        effects
    }

    /// One of two who were taken for one goes their own way, with the runs that began for shoppers of
    /// their seeds. `own` and `theirs` are the facts of each, worked out anew from the log, so that neither
    /// keeps a trace of what the other did.
    #[must_use]
    pub fn part(&mut self, own: Facts, of: &[u64], theirs: Facts) -> Self {
        let (mine, runs) = core::mem::take(&mut self.runs).into_iter().partition(|(_, run)| !of.contains(&run.of));
        self.runs = mine;
        let mut past = BTreeMap::new();
        for (journey, known) in &mut self.past {
            let (kept, keys): (Vec<_>, Vec<_>) =
                known.keys.drain(..).partition(|(_, began_for)| !of.contains(began_for));
            known.keys = kept;
            // Nobody knows any more whose entry the last one was: it counts for both.
            past.insert(journey.clone(), Past { last: known.last, keys });
        }
        self.facts = own;
        // What they are by themselves begins nothing: they look again as if other rules were published.
        Self {
            facts: theirs,
            segments: self.segments.clone(),
            runs,
            past,
            looked: self.looked,
            look_at: None,
            day: None,
        }
    }

    /// Runs under way.
    pub const fn runs(&self) -> &BTreeMap<RunId, Run> {
        &self.runs
    }

    /// Why a message of a run, begun for a shopper of this seed, must not leave, if so: asked at the moment of
    /// sending.
    pub fn over(&self, id: &RunId, of: u64, around: &Surroundings<'_>) -> Option<Why> {
        let gone = || Some(Why::new("run", "the run is over"));
        let Some(run) = self.runs.get(id).filter(|run| run.of == of) else { return gone() };
        let Some(rules) = around.version(&run.version) else { return gone() };
        let Some(journey) = rules.journey(&id.journey) else { return gone() };
        run.over(journey, &self.person(rules, around))
    }

    fn person<'a>(&'a self, rules: &'a Rules, around: &Surroundings<'a>) -> Person<'a> {
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
    fn tell(
        &mut self,
        id: &RunId,
        run: &mut Run,
        told: &Told<'_>,
        around: &Surroundings<'_>,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let rules = around.version(&run.version);
        let Some((rules, journey)) = rules.and_then(|rules| Some((rules, rules.journey(&id.journey)?))) else {
            self.end(id, run.of, Why::new("version", "the version it was on is gone"), effects);
            return false;
        };
        let from = effects.len();
        let mut deeds = |deed| effects.push(Effect { run: Some(id.clone()), deed });
        let came = run.tell(journey, told, &self.person(rules, around), around, &mut deeds);
        // What only heard and waits on has its timer still.
        let heard = matches!(told, Told::Happened(_));
        if let (Came::Waits { moved }, State::Until(moment) | State::Await(moment)) = (&came, &run.state)
            && (*moved || !heard)
        {
            deeds(Deed::Wake(*moment));
        }
        for effect in &effects[from..] {
            self.note(id, run.began, &effect.deed, around.now);
        }
        match came {
            Came::Waits { .. } => true,
            Came::Ended(why) => {
                self.end(id, run.of, why, effects);
                false
            }
        }
    }

    /// Notes what a run did to its shopper.
    fn note(&mut self, id: &RunId, began: Timestamp, deed: &Deed, now: Timestamp) {
        if let Deed::Tag(tag, on) = deed {
            let kind = if *on { Kind::TagAdded } else { Kind::TagRemoved };
            let about = About { subject: tag.to_string(), ..About::default() };
            let id = super::mark(&[id.journey.as_str(), &id.key, tag.as_str(), kind.as_str(), &began.0.to_string()]);
            self.facts.fold(&Happened::new(now, crate::id::EventId(id), kind, about));
        }
    }

    fn end(&mut self, id: &RunId, of: u64, why: Why, effects: &mut Vec<Effect>) {
        // There is one since it began.
        if let Some(past) = self.past.get_mut(&id.journey) {
            past.keys.push((id.key.clone(), of));
            let surplus = past.keys.len().saturating_sub(MOST_PAST);
            past.keys.drain(..surplus);
        }
        effects.push(Effect { run: Some(id.clone()), deed: Deed::End(why) });
    }

    /// Begins what an event begins.
    fn enter_by(&mut self, happened: &Happened, around: &Surroundings<'_>, effects: &mut Vec<Effect>) {
        if happened.at + STALE < around.now {
            return;
        }
        for journey in &around.live.journeys {
            if let Some(about) = enter::at_event(journey, happened, &self.facts, around) {
                self.enter(journey, about, happened.at, around, effects);
            }
        }
    }

    /// Begins a run, if it may and none was begun for the same.
    fn enter(
        &mut self,
        journey: &Journey,
        about: String,
        since: Timestamp,
        around: &Surroundings<'_>,
        effects: &mut Vec<Effect>,
    ) {
        let past = self.past.get(&journey.name);
        let may = enter::may_again(journey.again, past.map(|past| past.last), around.now);
        let mut under_way = self.runs.keys().filter(|run| run.journey == journey.name);
        let same = |run: &RunId| journey.key == Key::Shopper || run.key == about;
        if !may || under_way.any(same) || past.is_some_and(|past| past.knows(&about)) {
            return;
        }
        if !journey.filter.as_ref().is_none_or(|filter| filter.holds(&self.person(around.live, around))) {
            return;
        }
        self.past.entry(journey.name.clone()).or_default().last = around.now;
        let id = RunId { journey: journey.name.clone(), key: about.clone() };
        let mut run = Run {
            version: around.live.version.clone(),
            began: around.now,
            since,
            about,
            of: around.seed,
            at: 0,
            state: State::Until(around.now),
            codes: BTreeMap::new(),
        };
        effects.push(Effect { run: Some(id.clone()), deed: Deed::Begin });
        if self.tell(&id, &mut run, &Told::Begin, around, effects) {
            self.runs.insert(id, run);
        }
    }

    fn segments_now<'a>(&'a self, around: &'a Surroundings<'a>) -> impl Iterator<Item = Slug> + 'a {
        let person = self.person(around.live, around);
        let inside = around.live.segments.iter().filter(move |(_, condition)| condition.holds(&person));
        inside.map(|(name, _)| name.clone())
    }

    /// Sees to what time alone brings, and to the segments; to the calendar too, if that may have changed.
    fn look(&mut self, calendar: bool, around: &Surroundings<'_>, effects: &mut Vec<Effect>) {
        let looked = self.looked.replace(around.now).unwrap_or(around.now);
        let come = calendar || self.day.is_some_and(|day| day <= around.now);
        if come {
            self.day = None;
        }
        let later = |moment: &Timestamp| *moment > around.now;
        let mut silent = None;
        for journey in &around.live.journeys {
            match &journey.entry {
                Entry::Yearly(which, minute) if come => {
                    let next = |facts: &Facts, after| enter::next_day(*which, *minute, facts, after, around);
                    let mut day = next(&self.facts, looked.min(around.now));
                    if let Some(come) = day.filter(|day| day.at <= around.now) {
                        self.enter(journey, come.year.to_string(), come.at, around, effects);
                        day = next(&self.facts, around.now);
                    }
                    self.day = earliest(self.day, day.map(|day| day.at));
                }
                Entry::Silence(silence) => {
                    let Some((moment, seen)) = enter::silent(*silence, &self.facts) else { continue };
                    if looked < moment && moment <= around.now {
                        self.enter(journey, seen.0.to_string(), moment, around, effects);
                    }
                    silent = earliest(silent, Some(moment).filter(later));
                }
                Entry::Yearly(..) | Entry::Event(_) | Entry::Segment(_) => {}
            }
        }
        // What a run does can bring them into a further segment: a few rounds, then at the next look.
        let mut rounds = 0..4;
        let change = loop {
            let (settled, change) = self.survey(around);
            if settled || rounds.next().is_none() {
                break change;
            }
            let now = self.segments_now(around).collect();
            let before = core::mem::replace(&mut self.segments, now);
            for journey in &around.live.journeys {
                let Entry::Segment(name) = &journey.entry else { continue };
                if self.segments.contains(name) && !before.contains(name) {
                    self.enter(journey, around.now.0.to_string(), around.now, around, effects);
                }
            }
        };
        let next = earliest(earliest(change, silent), self.day.filter(later));
        if next != self.look_at {
            self.look_at = next;
            if let Some(moment) = next {
                effects.push(Effect { run: None, deed: Deed::Wake(moment) });
            }
        }
    }

    /// Whether they are in the very segments whose conditions are true, and when time alone may change that.
    fn survey(&self, around: &Surroundings<'_>) -> (bool, Option<Timestamp>) {
        let person = self.person(around.live, around);
        around.live.segments.iter().fold((true, None), |(settled, next), (name, condition)| {
            let (holds, change) = condition.now_and_next(&person);
            let settled = settled && holds == self.segments.contains(name);
            (settled, earliest(next, change.filter(|moment| *moment > around.now)))
        })
    }
}

/// Whether an event can change what day of the year is kept: that of the first order.
const fn about_orders(kind: Kind) -> bool {
    matches!(kind, Kind::OrderPlaced | Kind::OrderConfirmed | Kind::OrderCancelled | Kind::RefundMade)
}
