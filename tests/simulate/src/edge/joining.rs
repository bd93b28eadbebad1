//! Two homes that become one, and one that becomes two, with all that is on its way.

use domain::facts::{Facts, Happened};
use domain::home::Who;
use domain::journey::RunId;
use domain::time::Timestamp;

use super::{Flight, Home, Letter, standing_of};
use crate::shop;
use crate::witness::{Notes, Witness};

impl Home<'_> {
    /// The other of the household turns out to be the same person. Rows of the log that come along were heard.
    pub fn join(&mut self, mut other: Self, now: Timestamp, witness: &mut Witness) {
        self.hear_news(now, witness);
        other.hear_news(now, witness);
        witness.joined(self.seed(), other.seed());
        self.known.extend(other.known);
        self.log.extend(other.log);
        self.heard = self.log.len();
        self.members.extend(other.members);
        self.unacknowledged.extend(other.unacknowledged);
        self.sweep = self.sweep.into_iter().chain(other.sweep).min();
        self.flight = match (self.flight.take(), other.flight) {
            (Some(mine), Some(theirs)) => Some(Flight {
                answered: mine.answered.max(theirs.answered),
                letters: mine.letters.into_iter().chain(theirs.letters).collect(),
            }),
            (mine, theirs) => mine.or(theirs),
        };
        let seed = self.seed();
        let before: Vec<RunId> =
            [&self.within, &other.within].iter().flat_map(|home| home.shopper().runs().keys().cloned()).collect();
        self.within.join(other.within, now, &mut Notes::of(witness, seed));
        self.within.stands(standing_of(&self.members), now);
        for run in before {
            // Of two that there can be one of, one goes on; and what was gone through is not gone through again.
            let goes_on = |known: &RunId| {
                *known == run || known.journey == run.journey && (shop::is_single(&run) || shop::is_cart(&run))
            };
            if !self.shopper().runs().keys().any(goes_on) && !witness.went_through(seed, &run) {
                witness.fault("lost in a join", format!("{run:?}"));
            }
        }
        self.is_sound(now, witness);
    }

    /// The other goes their own way again; nothing where nobody was joined.
    pub fn part(&mut self, now: Timestamp, witness: &mut Witness) -> Option<Self> {
        self.hear_news(now, witness);
        if self.members.len() < 2 {
            return None;
        }
        let theirs = self.members.pop()?;
        let (seed, of) = (self.seed(), theirs.who.seed);
        let own = self.members.first()?.who.clone();
        witness.parted(of);
        let before = self.shopper().runs().clone();
        let (log, left): (Vec<_>, Vec<_>) = core::mem::take(&mut self.log).into_iter().partition(|(to, _)| *to == of);
        self.log = left;
        self.heard = self.log.len();
        let facts = [facts_of(&self.log), facts_of(&log)];
        let [ours, others] = facts;
        let within =
            self.within.part((own, ours), &[of], (theirs.who.clone(), others), now, &mut Notes::of(witness, seed));
        let mut other = Self {
            within,
            heard: log.len(),
            log,
            known: self.known.clone(),
            members: vec![theirs],
            sweep: self.sweep,
            ..Self::new(self.shop, Who::default())
        };
        if let Some(flight) = self.flight.take() {
            let (letters, mine): (Vec<_>, Vec<_>) = flight.letters.into_iter().partition(|letter| letter.id.of == of);
            let in_the_air =
                |letters: Vec<Letter>| (!letters.is_empty()).then_some(Flight { answered: flight.answered, letters });
            (other.flight, self.flight) = (in_the_air(letters), in_the_air(mine));
            // Whatever waits for the end of it is acknowledged by the one whose messages are in flight still.
            let waiting = core::mem::take(&mut self.unacknowledged);
            if self.flight.is_some() { self.unacknowledged = waiting } else { other.unacknowledged = waiting }
        }
        for (run, known) in before {
            let home = if known.of == of { &other } else { &*self };
            if !home.shopper().runs().contains_key(&run) {
                witness.fault("lost in a parting", format!("{run:?}"));
            }
        }
        for home in [&mut *self, &mut other] {
            home.within.stands(standing_of(&home.members), now);
            home.is_sound(now, witness);
        }
        Some(other)
    }
}

/// What somebody did, worked out from their log.
fn facts_of(log: &[(u64, Happened)]) -> Facts {
    let mut rows: Vec<&Happened> = log.iter().map(|(_, happened)| happened).collect();
    rows.sort_by_key(|happened| (happened.at, happened.id));
    let mut facts = Facts::default();
    for happened in rows {
        facts.fold(happened);
    }
    facts
}
