//! Two people who turn out to be one, and one who turns out to be two.

use std::collections::BTreeMap;

use super::{Deed, Effect, MOST_RUNS, Past, RunId, Shopper, too_many};
use crate::facts::Facts;
use crate::id::Slug;
use crate::journey::run::State;
use crate::journey::surroundings::Surroundings;
use crate::journey::{Key, enter};
use crate::why::Why;

impl Shopper {
    /// Two people turn out to be one: this one knows what both did, and goes on with the runs of both. Where
    /// both are in the same, the one that began earlier stays. What only the two together are begins nothing.
    pub fn join(&mut self, mut other: Self, around: &Surroundings<'_>) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.facts.join(&other.facts);
        for (journey, past) in core::mem::take(&mut other.past) {
            let mine = self.past.entry(journey).or_default();
            mine.last = mine.last.max(past.last);
            // What both went through each of them keeps, should they part again.
            let new: Vec<(String, u64)> = past.keys.into_iter().filter(|one| !mine.keys.contains(one)).collect();
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
            let mut left_out = |past: &mut BTreeMap<Slug, Past>, id: RunId, of: u64, fact| {
                // Should they part again, it does not begin a second time.
                past.entry(id.journey.clone()).or_default().remember(&id.key, of);
                let deed = Deed::GiveWay(of, Why::new("joined", fact));
                effects.push(Effect { run: Some(id), deed });
            };
            match rival {
                Some((mine, began)) if run.began < began => {
                    self.moved.remove(&mine);
                    if let Some(later) = self.runs.remove(&mine) {
                        left_out(
                            &mut self.past,
                            mine,
                            later.of,
                            "the same began earlier for the person whom they turned out to be",
                        );
                    }
                }
                Some(_) => {
                    left_out(
                        &mut self.past,
                        id,
                        run.of,
                        "the same began earlier for the person whom they turned out to be",
                    );
                    continue;
                }
                None if gone_through => {
                    left_out(
                        &mut self.past,
                        id,
                        run.of,
                        "the person whom they turned out to be has been through the same",
                    );
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
}
