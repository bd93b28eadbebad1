//! The edge as it is killed: a shopper's home, and every place where its instance can be gone.
//!
//! The home itself is [`domain::home`]. A section is what the platform commits as a whole. Between two
//! sections, and between a provider's taking a message and the edge's writing that down, the instance can be
//! gone; what comes after begins as a new instance does, with the claims that are open. While messages are in
//! flight, everything else goes on.

mod joining;

use std::collections::{BTreeMap, HashSet};

use domain::consent::{Basis, Channel, Held, Standing, Words};
use domain::facts::Happened;
use domain::home::{self, MessageId, Who};
use domain::id::EventId;
use domain::journey::{Said, Shopper, Surroundings};
use domain::preference::Preferences;
use domain::sending::Outcome;
use domain::time::{Span, Timestamp};

use crate::chaos::{Chaos, Kill};
use crate::migrated;
use crate::shop::Shop;
use crate::witness::{Notes, Witness, Word};

/// One person's home: a shopper's, or that of several who turned out to be one.
pub struct Home<'a> {
    shop: &'a Shop,
    within: home::Home<'a>,
    /// The first is the one to whom the others were joined.
    members: Vec<Member>,
    /// The log: what happened, and to which member. Journeys have heard of so many rows.
    log: Vec<(u64, Happened)>,
    heard: usize,
    known: HashSet<EventId>,
    flight: Option<Flight>,
    /// What shoppers said about whether they may be written to, and was not acknowledged yet: something is in
    /// flight that left before.
    unacknowledged: Vec<Word>,
    /// Other rules are live: when it is this person's turn to hear of it.
    sweep: Option<Timestamp>,
}

/// Somebody as they are by themselves.
struct Member {
    who: Who,
    words: BTreeMap<Channel, Words>,
}

/// Messages that were claimed together and are with the provider.
struct Flight {
    answered: Timestamp,
    letters: Vec<Letter>,
}

struct Letter {
    id: MessageId,
    said: Said,
    /// Whether the provider really takes it …
    taken: bool,
    /// … and what it answers.
    outcome: Outcome,
}

impl<'a> Home<'a> {
    pub fn new(shop: &'a Shop, who: Who) -> Self {
        Self {
            shop,
            within: home::Home::new(&shop.version, who.clone()),
            members: vec![Member { who, words: BTreeMap::new() }],
            log: Vec::new(),
            heard: 0,
            known: HashSet::new(),
            flight: None,
            unacknowledged: Vec::new(),
            sweep: None,
        }
    }

    /// When there is something to go on with. What is due meanwhile waits until a batch is through.
    pub fn next_due(&self) -> Option<Timestamp> {
        let batch = self.flight.as_ref().map(|flight| flight.answered);
        batch.or_else(|| self.within.next_due().into_iter().chain(self.sweep).min())
    }

    /// By it lots fall.
    pub fn seed(&self) -> u64 {
        self.within.who().seed
    }

    /// What journeys know of the shopper.
    pub const fn shopper(&self) -> &Shopper {
        self.within.shopper()
    }

    /// The world around the shopper at a moment, as long as nothing else was published.
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
            seed: who.seed,
        }
    }

    /// Something about one of them arrives: it is written to the log, and known ids change nothing. Whether the
    /// answer got back.
    pub fn keep(
        &mut self,
        whose: u64,
        happened: &Happened,
        now: Timestamp,
        chaos: &mut Chaos,
        witness: &mut Witness,
    ) -> bool {
        if chaos.kills(Kill::Before) {
            self.dies(now, chaos, witness);
            return false;
        }
        if self.known.insert(happened.id) {
            self.log.push((whose, happened.clone()));
            witness.heard(self.seed(), happened, now);
            if chaos.kills(Kill::Unheard) {
                self.dies(now, chaos, witness);
                return false;
            }
            self.hear_news(now, witness);
        }
        if chaos.kills(Kill::After) {
            self.dies(now, chaos, witness);
            return false;
        }
        true
    }

    /// Journeys hear of what is new in the log, in order and each row once.
    fn hear_news(&mut self, now: Timestamp, witness: &mut Witness) {
        while let Some((_, happened)) = self.log.get(self.heard) {
            let seed = self.within.who().seed;
            self.within.hear(happened, now, &mut Notes::of(witness, seed));
            self.heard += 1;
        }
    }

    /// A permission is given or taken back. A no is acknowledged when nothing can leave any more.
    pub fn permit(&mut self, whose: u64, channel: Channel, standing: Standing, now: Timestamp, witness: &mut Witness) {
        if let Some(member) = self.members.iter_mut().find(|member| member.who.seed == whose) {
            member.words.entry(channel).or_default().hear(held(standing, now));
        }
        self.within.stands(standing_of(&self.members), now);
        self.said(Word::Standing { whose, channel, standing, at: now }, now, witness);
    }

    /// Somebody says how they want to be written to.
    pub fn wish(&mut self, wishes: &Preferences, now: Timestamp, witness: &mut Witness) {
        // Their zone is not said on that page, whoever of two is on it.
        let known = self.within.who().wishes.as_ref().and_then(|(_, wishes)| wishes.zone.clone());
        let wishes = Preferences { zone: known, ..wishes.clone() };
        if let Some(member) = self.members.first_mut() {
            member.who.wishes = Some((now, wishes.clone()));
        }
        self.within.wish(wishes.clone(), now);
        self.said(Word::Wishes { of: self.seed(), wishes }, now, witness);
    }

    fn said(&mut self, word: Word, now: Timestamp, witness: &mut Witness) {
        let waits = self.flight.is_some() && !matches!(word, Word::Standing { standing: Standing::Given, .. });
        if waits {
            self.unacknowledged.push(word);
        } else {
            // Whoever says yes again takes back what they were not told of yet.
            self.unacknowledged.retain(|earlier| !earlier.is_about_the_same(&word));
            witness.acknowledged(word, now);
        }
    }

    fn acknowledge(&mut self, now: Timestamp, witness: &mut Witness) {
        for word in self.unacknowledged.drain(..) {
            witness.acknowledged(word, now);
        }
    }

    /// Sending was switched on again: what waited for that is looked at.
    pub fn look_again(&mut self, now: Timestamp) {
        self.within.look_again(now);
    }

    /// Other rules are live. The sweep tells this person's journeys some time later.
    pub fn roll_out(&mut self, now: Timestamp, chaos: &mut Chaos) {
        self.within.roll_out(&self.shop.next);
        // Of whom nothing is known yet nobody can be told.
        self.sweep = (!self.log.is_empty()).then(|| now + Span(chaos.again()));
    }

    /// The instance is gone, and a new one wakes. What was with the provider may have been taken by it.
    fn dies(&mut self, now: Timestamp, chaos: &mut Chaos, witness: &mut Witness) {
        if let Some(flight) = self.flight.take() {
            chaos.in_flight += flight.letters.len() as u64;
            self.deliver(&flight.letters, now, witness);
        }
        self.wakes(now, witness);
    }

    /// Another version is live, and runs under way are set on it. Whether the answer got back: asked again,
    /// nothing is left to do.
    pub fn migrate(&mut self, renamed: bool, now: Timestamp, chaos: &mut Chaos, witness: &mut Witness) -> bool {
        if chaos.kills(Kill::Before) {
            self.dies(now, chaos, witness);
            return false;
        }
        self.hear_news(now, witness);
        let live = if renamed { &self.shop.renamed } else { &self.shop.version };
        // Of whom nothing is known yet nobody can be told, and they are in no run.
        if self.log.is_empty() {
            self.within.roll_out(live);
            return true;
        }
        let seed = self.seed();
        witness.moves_to(&live.rules.version);
        self.within.publish(live, now, &mut Notes::of(witness, seed));
        for migration in migrated::migrations(live) {
            self.within.migrate(&migration, now, &mut Notes::of(witness, seed));
        }
        self.is_sound(now, witness);
        if chaos.kills(Kill::After) {
            self.dies(now, chaos, witness);
            return false;
        }
        true
    }

    /// What a new instance does first.
    fn wakes(&mut self, now: Timestamp, witness: &mut Witness) {
        let seed = self.seed();
        self.within.doubt_open_claims(now, &mut Notes::of(witness, seed));
        self.hear_news(now, witness);
        // Whoever got no answer asks again, and nothing can leave by now.
        self.acknowledge(now, witness);
        self.is_sound(now, witness);
    }

    /// Goes on with what is due, a batch at a time: decided and claimed in one section, handed over, concluded.
    pub fn go_on(&mut self, now: Timestamp, chaos: &mut Chaos, witness: &mut Witness) {
        let seed = self.seed();
        if self.flight.is_some() {
            if chaos.kills(Kill::Between) {
                self.dies(now, chaos, witness);
                return;
            }
            let letters = self.flight.take().map(|flight| flight.letters).unwrap_or_default();
            self.deliver(&letters, now, witness);
            for Letter { id, outcome, .. } in letters {
                chaos.unanswered += u64::from(outcome == Outcome::Unknown);
                self.within.conclude(&id, outcome, now, &mut Notes::of(witness, seed));
            }
            self.acknowledge(now, witness);
            self.is_sound(now, witness);
            return;
        }
        if chaos.kills(Kill::Before) {
            self.dies(now, chaos, witness);
            return;
        }
        self.hear_news(now, witness);
        if self.sweep.take_if(|turn| *turn <= now).is_some() {
            self.within.hear_of_rules(now, &mut Notes::of(witness, seed));
        }
        let sending_off = Shop::within(&self.shop.off, now);
        let claimed = self.within.run_due(now, sending_off, &mut Notes::of(witness, seed));
        if chaos.kills(Kill::After) {
            chaos.in_flight += claimed.len() as u64;
            self.wakes(now, witness);
            return;
        }
        if claimed.is_empty() {
            return;
        }
        let mut letters = Vec::new();
        for (id, said) in claimed {
            witness.leaves(&id, &said, self.within.who(), now);
            let (taken, outcome) = chaos.provider(self.shop, now);
            letters.push(Letter { id, said, taken, outcome });
        }
        self.flight = Some(Flight { answered: now + Span(chaos.latency()), letters });
    }

    fn deliver(&self, letters: &[Letter], now: Timestamp, witness: &mut Witness) {
        for Letter { id, said, .. } in letters.iter().filter(|letter| letter.taken) {
            witness.delivered(id, said, self.seed(), now);
        }
    }

    /// No run waits for what will never come.
    fn is_sound(&self, now: Timestamp, witness: &mut Witness) {
        for run in self.within.stuck(now) {
            witness.fault("stuck", format!("{run:?}"));
        }
    }

    /// What is due was seen to at the end, what was claimed is concluded; messages that wait for later.
    pub fn close(&self, end: Timestamp, witness: &mut Witness) {
        // What was due within the last hours may ring later than the end.
        let late = Timestamp(end.0 - Span::hours(3).0);
        for run in self.within.missed_timers(late) {
            witness.fault("left over", format!("timer of {run:?}"));
        }
        let messages = self.within.waiting(late).filter(|(_, late)| *late).map(|(id, _)| id);
        let open = self.within.open_claims().filter(|_| self.flight.is_none());
        for id in messages.chain(open) {
            witness.fault("left over", format!("{id:?}"));
        }
        for (id, _) in self.within.waiting(end) {
            witness.waits(id, late);
        }
        for id in self.within.open_claims() {
            witness.is_in_flight(id);
        }
        self.is_sound(end, witness);
    }
}

/// Where the permissions of all members together stand.
fn standing_of(members: &[Member]) -> BTreeMap<Channel, Held> {
    let mut all = BTreeMap::<Channel, Vec<Held>>::new();
    for (channel, words) in members.iter().flat_map(|member| &member.words) {
        all.entry(*channel).or_default().extend(words.clone().standing());
    }
    let fold = |held: Vec<Held>| {
        let mut words = Words::default();
        for held in held {
            words.hear(held);
        }
        words.standing()
    };
    all.into_iter().filter_map(|(channel, held)| Some((channel, fold(held)?))).collect()
}

/// A permission as a shopper gives it or takes it back.
pub const fn held(standing: Standing, at: Timestamp) -> Held {
    Held { at, standing, proven: true, worded: true, basis: Basis::Consent }
}
