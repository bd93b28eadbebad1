//! What begins: by an event, by time alone, by coming into a segment.

use super::{Deed, Effect, MOST_RUNS, RunId, Shopper, too_many};
use crate::facts::{Facts, Happened, Kind};
use crate::id::Slug;
use crate::journey::enter;
use crate::journey::run::{Run, State, Told};
use crate::journey::surroundings::Surroundings;
use crate::journey::{Entry, Journey, Key};
use crate::time::{Timestamp, earliest};

impl Shopper {
    /// Begins what an event begins.
    pub(super) fn enter_by(&mut self, happened: &Happened, around: &Surroundings<'_>, effects: &mut Vec<Effect>) {
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

    /// Up to when it has been seen to what time alone brings: until now, unless a timer that is due has not rung.
    /// What is said to have been due before, by news of old times or by other rules, begins nothing.
    pub(super) fn since(&self, now: Timestamp) -> Timestamp {
        self.look_at.filter(|due| *due <= now).map_or(now, |due| Timestamp(due.0 - 1))
    }

    /// They are in all segments whose conditions are true already; that begins nothing.
    pub(super) fn settle(&mut self, since: Timestamp, around: &Surroundings<'_>) {
        self.segments = self.segments_now(&Surroundings { now: since, ..*around }).collect();
    }

    /// The segments they are in. Of whom nothing is known is in none: the first that is heard of them brings them in.
    fn segments_now<'a>(&'a self, around: &'a Surroundings<'a>) -> impl Iterator<Item = Slug> + 'a {
        let person = self.person(around.live, around);
        let known = self.facts.first().is_some();
        let inside = around.live.segments.iter().filter(move |(_, condition)| known && condition.holds(&person));
        inside.map(|(name, _)| name.clone())
    }

    /// Sees to what time alone brings after a moment, and to the segments; to the calendar too, if that may have
    /// changed.
    pub(super) fn look(
        &mut self,
        since: Timestamp,
        calendar: bool,
        around: &Surroundings<'_>,
        effects: &mut Vec<Effect>,
    ) {
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
        let known = self.facts.first().is_some();
        around.live.segments.iter().fold((true, None), |(settled, next), (name, condition)| {
            let (holds, change) = condition.now_and_next(&person);
            let settled = settled && (known && holds) == self.segments.contains(name);
            (settled, earliest(next, change.filter(|moment| *moment > around.now)))
        })
    }
}

/// Whether an event can change what day of the year is kept: that of the first order.
pub(super) const fn about_orders(kind: Kind) -> bool {
    matches!(kind, Kind::OrderPlaced | Kind::OrderConfirmed | Kind::OrderCancelled | Kind::RefundMade)
}
