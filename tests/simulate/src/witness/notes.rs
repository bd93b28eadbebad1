//! What a home does, told to the witness.

use domain::home::{Ledger, MessageId, Row};
use domain::journey::{Deed, Input, RunId, Said, Surroundings};
use domain::sending;
use domain::time::Timestamp;
use domain::why::Why;

use super::{Asked, Began, Claimed, Witness};
use crate::migrated::plain;
use crate::replay::Told;
use crate::shop;

/// What a home does, noted for a shopper by the witness.
pub struct Notes<'a> {
    witness: &'a mut Witness,
    seed: u64,
}

impl<'a> Notes<'a> {
    pub const fn of(witness: &'a mut Witness, seed: u64) -> Self {
        Self { witness, seed }
    }
}

impl Ledger for Notes<'_> {
    fn begins(&mut self, run: &RunId, version: &str, now: Timestamp) {
        let began = Began { at: now, versions: vec![(now, version.to_owned())] };
        if self.witness.began.insert((self.seed, run.journey.to_string(), run.key.clone()), began).is_some() {
            self.witness.fault("begun twice", format!("{}:{}", run.journey, run.key));
        }
        let witness = &mut *self.witness;
        let once = matches!(run.journey.as_str(), "welcome" | "club");
        let by_another = |(of, journey, _): &&(u64, String, String)| {
            *of != self.seed && witness.whose(*of) == self.seed && journey == run.journey.as_str()
        };
        if once && witness.began.keys().any(|known| by_another(&known)) {
            witness.fault("begun twice", format!("{} by somebody they are", run.journey));
        }
        if let Some(course) = &mut self.witness.course {
            course.begins(run, version, now);
        }
    }

    fn moves(&mut self, run: &RunId, _why: &Why, now: Timestamp) {
        self.witness.moved += 1;
        let version = self.witness.moves_to.clone();
        let known = self.witness.began.get_mut(&(self.seed, run.journey.to_string(), run.key.clone()));
        if let Some(began) = known {
            began.versions.push((now, version.clone()));
        }
    }

    fn ends(&mut self, run: &RunId, why: &Why, now: Timestamp) {
        let key = (self.seed, run.journey.to_string(), run.key.clone());
        let ended = (why.rule().to_owned(), now);
        // What gave way to a run of this very name has not undone that it was gone through.
        if why.rule() == "joined" {
            self.witness.ended.entry(key).or_insert(ended);
        } else {
            self.witness.ended.insert(key, ended);
        }
        if let Some(course) = &mut self.witness.course {
            course.ends(run, why, now);
        }
    }

    fn does(&mut self, run: &RunId, deed: &Deed) {
        if let Some(course) = &mut self.witness.course {
            course.does(run, deed);
        }
    }

    fn asks(&mut self, message: &MessageId, said: &Said, now: Timestamp) {
        let home = self.witness.people.get(&self.seed).cloned().unwrap_or_default();
        if self.witness.asked.insert(plain(message), Asked { at: now, home, fate: None }).is_some() {
            self.witness.fault("asked twice", format!("{message:?}"));
        }
        if let Some(course) = &mut self.witness.course {
            course.asks(message, said, now);
        }
    }

    fn rings(&mut self, due: Timestamp, now: Timestamp) {
        self.witness.lateness = self.witness.lateness.max(now - due);
    }

    fn claims(&mut self, message: &MessageId, open: bool, now: Timestamp) {
        let witness = &mut *self.witness;
        witness.claimed += 1;
        if open {
            witness.fault("claimed twice", format!("{message:?}"));
        }
        let id = plain(message);
        let meant = shop::meant(&id);
        let news = meant.as_ref().is_none_or(|meant| meant.kind == sending::Kind::Marketing);
        let sells = meant.is_some_and(|meant| meant.sells);
        witness.claims.push(Claimed { id, at: now, news, sells });
    }

    fn row(&mut self, message: &MessageId, said: &Said, row: Row, why: &Why, now: Timestamp) {
        let witness = &mut *self.witness;
        match row {
            Row::Sent => {}
            Row::Unknown => witness.unknown += 1,
            Row::Skipped => witness.skipped += 1,
            Row::Deferred => witness.deferred += 1,
            Row::Refused | Row::Again => witness.refused += 1,
        }
        if matches!(row, Row::Skipped | Row::Deferred) {
            *witness.rules.entry(why.rule().to_owned()).or_default() += 1;
        }
        let known = plain(message);
        if matches!(row, Row::Refused | Row::Again) {
            witness.claims.retain(|claim| claim.id != known);
        }
        match witness.asked.get_mut(&known) {
            None => witness.fault("a row of nothing", format!("{message:?}")),
            Some(asked) if !matches!(row, Row::Deferred | Row::Again) => {
                if asked.fate.replace((row, why.rule().to_owned(), now)).is_some() {
                    witness.fault("ended twice", format!("{message:?}"));
                }
            }
            Some(_) => {}
        }
        if let Some(course) = &mut witness.course {
            course.row(message, said, row, why, now);
        }
    }

    fn told(&mut self, input: &Input<'_>, around: &Surroundings<'_>) {
        self.witness.steps += 1;
        self.witness.told.entry(self.seed).or_default().push(Told::new(around.now, around.channels, input));
    }
}
