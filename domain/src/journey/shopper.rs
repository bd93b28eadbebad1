//! Everything that journeys know of one shopper, and how it goes on: the engine.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::condition::Person;
use super::migration::Moved;
use super::run::{Came, Fate, Given, Run, Said, State, Told};
use super::surroundings::Surroundings;
use super::{Entry, Journey, Key, Rules, enter};
use crate::facts::{Facts, Happened, Kind};
use crate::id::Slug;
use crate::time::{Span, Timestamp, earliest};
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
        // Nothing was true of somebody of whom nobody has heard: they come into segments by the first news.
        let is_new = self.version.is_empty() && self.facts.first().is_none();
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

    /// Up to when it has been seen to what time alone brings: until now, unless a timer that is due has not rung.
    /// What is said to have been due before, by news of old times or by other rules, begins nothing.
    fn since(&self, now: Timestamp) -> Timestamp {
        self.look_at.filter(|due| *due <= now).map_or(now, |due| Timestamp(due.0 - 1))
    }

    /// They are in all segments whose conditions are true already; that begins nothing.
    fn settle(&mut self, since: Timestamp, around: &Surroundings<'_>) {
        self.segments = self.segments_now(&Surroundings { now: since, ..*around }).collect();
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

    /// Two people turn out to be one: this one knows what both did, and goes on with the runs of both. Where
    /// both are in the same, the one that began earlier stays. What only the two together are begins nothing.
    pub fn join(&mut self, mut other: Self, around: &Surroundings<'_>) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.facts.join(&other.facts);
        for (journey, past) in core::mem::take(&mut other.past) {
            let mine = self.past.entry(journey).or_default();
            mine.last = mine.last.max(past.last);
            let known = |key: &String| mine.keys.iter().any(|(known, _)| known == key);
            let new: Vec<(String, u64)> = past.keys.into_iter().filter(|(key, _)| !known(key)).collect();
            mine.keys.extend(new);
        }
        for (id, run) in core::mem::take(&mut other.runs) {
            let rules = around.version(&run.version);
            let what = rules.and_then(|rules| rules.journey(&id.journey)).map_or(Key::Shopper, |known| known.key);
            let cart = self.facts.cart_since().filter(|_| what == Key::Cart);
            let of_cart = |id: &RunId| cart.is_some_and(|cart| enter::since(&id.key).is_some_and(|name| name >= cart));
            let same = |mine: &RunId| {
                *mine == id || mine.journey == id.journey && (what == Key::Shopper || of_cart(mine) && of_cart(&id))
            };
            let rival = self.runs.iter().find(|(mine, _)| same(mine)).map(|(mine, run)| (mine.clone(), run.began));
            let name = cart.filter(|_| of_cart(&id)).map_or_else(|| id.key.clone(), |cart| cart.0.to_string());
            let gone_through = self.past.get(&id.journey).is_some_and(|past| past.knows(what, &name));
            let mut left_out = |id: RunId, of: u64, fact| {
                let deed = Deed::GiveWay(of, Why::new("joined", fact));
                effects.push(Effect { run: Some(id), deed });
            };
            match rival {
                Some((mine, began)) if run.began < began => {
                    self.moved.remove(&mine);
                    if let Some(later) = self.runs.remove(&mine) {
                        left_out(mine, later.of, "the same began earlier for the person whom they turned out to be");
                    }
                }
                Some(_) => {
                    left_out(id, run.of, "the same began earlier for the person whom they turned out to be");
                    continue;
                }
                None if gone_through => {
                    left_out(id, run.of, "the person whom they turned out to be has been through the same");
                    continue;
                }
                None => {}
            }
            if let State::Until(moment) | State::Await(moment) = run.state {
                effects.push(Effect { run: Some(id.clone()), deed: Deed::Wake(moment) });
            }
            if let Some(moved) = other.moved.remove(&id) {
                self.moved.insert(id.clone(), moved);
            }
            self.runs.insert(id, run);
        }
        while self.runs.len() > MOST_RUNS {
            let Some(id) = self.runs.iter().max_by_key(|(_, run)| run.began).map(|(id, _)| id.clone()) else { break };
            self.moved.remove(&id);
            if let Some(run) = self.runs.remove(&id) {
                self.end(&id, run.of, too_many(), &mut effects);
            }
        }
        let since = self.since(around.now);
        self.settle(since, around);
        self.version.clone_from(&around.live.version);
        self.look_at = None;
        self.look(since, true, around, &mut effects);
        self.hear_of_tags(around, &mut effects);
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

    /// One of two who were taken for one goes their own way, with the runs that began for shoppers of
    /// their seeds. `own` and `theirs` are the facts of each, worked out anew from the log, so that neither
    /// keeps a trace of what the other did.
    #[must_use]
    pub fn part(&mut self, own: Facts, of: &[u64], theirs: Facts) -> Self {
        let (mine, runs) = core::mem::take(&mut self.runs).into_iter().partition(|(_, run)| !of.contains(&run.of));
        self.runs = mine;
        let (mine, moved) =
            core::mem::take(&mut self.moved).into_iter().partition(|(id, _)| self.runs.contains_key(id));
        self.moved = mine;
        let mut past = BTreeMap::new();
        for (journey, known) in &mut self.past {
            let (kept, keys): (Vec<_>, Vec<_>) =
                known.keys.drain(..).partition(|(_, began_for)| !of.contains(began_for));
            known.keys = kept;
            // Nobody knows any more whose entry the last one was: it counts for both.
            past.insert(journey.clone(), Past { last: known.last, keys });
        }
        self.facts = own;
        // What they are by themselves begins nothing: they look again as if other rules were published. Timers are
        // set anew, that of the calendar too.
        (self.look_at, self.day) = (None, None);
        self.version.clear();
        Self {
            facts: theirs,
            segments: self.segments.clone(),
            runs,
            past,
            version: String::new(),
            look_at: None,
            day: None,
            moved,
        }
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
        past.keys.push((id.key.clone(), of));
        let surplus = past.keys.len().saturating_sub(MOST_PAST);
        past.keys.drain(..surplus);
        effects.push(Effect { run: Some(id.clone()), deed: Deed::End(why) });
    }

    /// Begins what an event begins.
    fn enter_by(&mut self, happened: &Happened, around: &Surroundings<'_>, effects: &mut Vec<Effect>) {
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
        let under_way = || self.runs.iter().filter(|(run, _)| run.journey == journey.name);
        // What is under way may have everything still to say.
        let last = under_way().map(|(_, run)| run.began).max().max(past.and_then(|past| past.last));
        let same = |run: &RunId| journey.key == Key::Shopper || enter::is_for(journey.key, &run.key, &about);
        if !enter::may_again(journey.again, last, around.now)
            || under_way().any(|(run, _)| same(run))
            || past.is_some_and(|past| past.knows(journey.key, &about))
        {
            return;
        }
        if !journey.filter.as_ref().is_none_or(|filter| filter.holds(&self.person(around.live, around))) {
            return;
        }
        let id = RunId { journey: journey.name.clone(), key: about.clone() };
        let mut run = Run {
            version: around.live.version.clone(),
            began: around.now,
            since,
            about,
            of: around.seed,
            at: 0,
            state: State::Until(around.now),
            code: None,
            met: None,
            said: None,
        };
        effects.push(Effect { run: Some(id.clone()), deed: Deed::Begin });
        if self.runs.len() >= MOST_RUNS {
            self.end(&id, run.of, too_many(), effects);
            return;
        }
        if self.tell(&id, &mut run, &Told::Begin, around, effects) {
            self.runs.insert(id, run);
        }
    }

    fn segments_now<'a>(&'a self, around: &'a Surroundings<'a>) -> impl Iterator<Item = Slug> + 'a {
        let person = self.person(around.live, around);
        let inside = around.live.segments.iter().filter(move |(_, condition)| condition.holds(&person));
        inside.map(|(name, _)| name.clone())
    }

    /// Sees to what time alone brings after a moment, and to the segments; to the calendar too, if that may have
    /// changed.
    fn look(&mut self, since: Timestamp, calendar: bool, around: &Surroundings<'_>, effects: &mut Vec<Effect>) {
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
                    let mut day = next(&self.facts, since);
                    if let Some(come) = day.filter(|day| day.at <= around.now) {
                        self.enter(journey, come.year.to_string(), come.at, around, effects);
                        day = next(&self.facts, around.now);
                    }
                    self.day = earliest(self.day, day.map(|day| day.at));
                }
                Entry::Silence(silence) => {
                    let Some((moment, seen)) = enter::silent(*silence, &self.facts) else { continue };
                    if since < moment && moment <= around.now {
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

fn too_many() -> Why {
    Why::new("runs", format!("{MOST_RUNS} runs of this shopper are under way already"))
}

/// Whether an event can change what day of the year is kept: that of the first order.
const fn about_orders(kind: Kind) -> bool {
    matches!(kind, Kind::OrderPlaced | Kind::OrderConfirmed | Kind::OrderCancelled | Kind::RefundMade)
}
