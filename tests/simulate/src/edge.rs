//! The edge as it is killed: a shopper's home, and every place where its instance can be gone.
//!
//! The home itself is [`domain::home`]. A section is what the platform commits as a whole. Between two
//! sections, and between a provider's taking a message and the edge's writing that down, the instance can be
//! gone; what comes after begins as a new instance does, with the claims that are open.

use std::collections::HashSet;

use domain::consent::{Basis, Channel, Held, Standing};
use domain::facts::Happened;
use domain::home::{self, MessageId, Who};
use domain::id::EventId;
use domain::journey::{Said, Shopper, Surroundings};
use domain::sending::Outcome;
use domain::time::{Span, Timestamp};

use crate::chaos::{Chaos, Kill};
use crate::migrated;
use crate::shop::Shop;
use crate::witness::{Notes, Witness};

/// One shopper's home.
pub struct Home<'a> {
    shop: &'a Shop,
    within: home::Home<'a>,
    seed: u64,
    seen: HashSet<EventId>,
}

impl<'a> Home<'a> {
    pub fn new(shop: &'a Shop, who: Who) -> Self {
        Self { shop, seed: who.seed, within: home::Home::new(&shop.version, who), seen: HashSet::new() }
    }

    /// When something is due next.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.within.next_due()
    }

    /// By it lots fall.
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// What journeys know of the shopper.
    pub const fn shopper(&self) -> &Shopper {
        self.within.shopper()
    }

    /// The world around the shopper at a moment.
    pub fn around<'b>(&'b self, now: Timestamp, channels: &'b [Channel]) -> Surroundings<'b> {
        let who = self.within.who();
        Surroundings {
            now,
            live: &self.shop.version.rules,
            earlier: &[],
            zone: self.within.clocks().planning(),
            country: who.country,
            language: &who.language,
            birthday: who.birthday,
            channels,
            outlook: None,
            seed: self.seed,
        }
    }

    /// News arrives: known ids change nothing. Whether the answer got back.
    pub fn hear(&mut self, happened: &Happened, now: Timestamp, chaos: &mut Chaos, witness: &mut Witness) -> bool {
        if chaos.kills(Kill::Before) {
            self.wake(now, witness);
            return false;
        }
        if self.seen.insert(happened.id) {
            witness.heard(self.seed, happened, now);
            self.within.hear(happened, now, &mut Notes::of(witness, self.seed));
        }
        if chaos.kills(Kill::After) {
            self.wake(now, witness);
            return false;
        }
        true
    }

    /// A permission is given or taken back, and acknowledged.
    pub fn permit(&mut self, channel: Channel, standing: Standing, now: Timestamp, witness: &mut Witness) {
        self.within.permit(channel, held(standing, now));
        witness.permitted(self.seed, channel, standing, now);
    }

    /// The same rules once more: what they find true already begins nothing.
    pub fn publish(&mut self, now: Timestamp, witness: &mut Witness) {
        self.within.publish(&self.shop.version, now, &mut Notes::of(witness, self.seed));
    }

    /// Another version is live, and runs under way are set on it. Whether the answer got back: asked again,
    /// nothing is left to do.
    pub fn migrate(&mut self, renamed: bool, now: Timestamp, chaos: &mut Chaos, witness: &mut Witness) -> bool {
        if chaos.kills(Kill::Before) {
            self.wake(now, witness);
            return false;
        }
        let live = if renamed { &self.shop.renamed } else { &self.shop.version };
        self.within.publish(live, now, &mut Notes::of(witness, self.seed));
        for migration in migrated::migrations(live) {
            self.within.migrate(&migration, now, &mut Notes::of(witness, self.seed));
        }
        if chaos.kills(Kill::After) {
            self.wake(now, witness);
            return false;
        }
        true
    }

    /// What a new instance does first.
    fn wake(&mut self, now: Timestamp, witness: &mut Witness) {
        self.within.doubt_open_claims(now, &mut Notes::of(witness, self.seed));
    }

    /// Runs what is due, a batch at a time: decided and claimed in one section, handed over, concluded.
    pub fn run_due(&mut self, now: Timestamp, chaos: &mut Chaos, witness: &mut Witness) {
        if chaos.kills(Kill::Before) {
            self.wake(now, witness);
            return;
        }
        let sending_off = Shop::within(&self.shop.off, now);
        let claimed = self.within.run_due(now, sending_off, &mut Notes::of(witness, self.seed));
        if chaos.kills(Kill::After) {
            chaos.in_flight += claimed.len() as u64;
            self.wake(now, witness);
            return;
        }
        let handed: Vec<(MessageId, Outcome)> =
            claimed.into_iter().map(|(id, said)| self.hand_over(id, &said, now, chaos, witness)).collect();
        let later = now + Span(chaos.latency());
        if !handed.is_empty() && chaos.kills(Kill::Between) {
            chaos.in_flight += handed.len() as u64;
            self.wake(later, witness);
            return;
        }
        for (id, outcome) in handed {
            self.within.conclude(&id, outcome, later, &mut Notes::of(witness, self.seed));
        }
    }

    fn hand_over(
        &self,
        id: MessageId,
        said: &Said,
        now: Timestamp,
        chaos: &mut Chaos,
        witness: &mut Witness,
    ) -> (MessageId, Outcome) {
        witness.begins(self.seed, &id, said, now);
        let (taken, outcome) = chaos.provider(self.shop, now);
        if taken {
            witness.delivered(&id, said, self.within.clocks().planning(), now);
        }
        (id, outcome)
    }

    /// The other of the household turns out to be the same person.
    pub fn join(&mut self, other: Self, now: Timestamp, witness: &mut Witness) {
        self.seen.extend(other.seen);
        witness.joined(self.seed, other.seed, now);
        self.within.join(other.within, now, &mut Notes::of(witness, self.seed));
    }

    /// What is due was seen to at the end, what was claimed is concluded; messages that wait for later.
    pub fn close(&self, end: Timestamp, witness: &mut Witness) {
        // What was due within the last hours may ring later than the end.
        let late = Timestamp(end.0 - Span::hours(3).0);
        for run in self.within.missed_timers(late) {
            witness.fault("left over", format!("timer of {run:?}"));
        }
        let messages = self.within.waiting(late).filter(|(_, late)| *late).map(|(id, _)| id);
        for id in messages.chain(self.within.open_claims()) {
            witness.fault("left over", format!("{id:?}"));
        }
        for (id, _) in self.within.waiting(end) {
            witness.waits(id);
        }
    }
}

/// A permission as a shopper gives it or takes it back.
pub const fn held(standing: Standing, at: Timestamp) -> Held {
    Held { at, standing, proven: true, worded: true, basis: Basis::Consent }
}
