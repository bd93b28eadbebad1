//! The edge without its storage and its network: the same rules and the same claims, one shopper's home, and
//! every place where it can be killed.
//!
//! A section is what the platform commits as a whole. Between two sections, and between a provider's taking
//! a message and the edge's writing that down, the instance can be gone; what comes after begins as a new
//! instance does, with the claims that are open.

use std::collections::{BTreeMap, HashSet};

use domain::consent::{Basis, Channel, Held, Standing};
use domain::facts::{About, Happened, Kind};
use domain::form::Birthday;
use domain::id::EventId;
use domain::journey::{Deed, Effect, Fate, Input, RunId, Said, Shopper, Surroundings};
use domain::law;
use domain::sending::{self, After, Outcome, Request, Sent, Situation, Verdict, Wishes, after, decide};
use domain::time::{Span, Timestamp};
use domain::zone::Zone;

use crate::chaos::{Chaos, Kill};
use crate::replay::Told;
use crate::shop::{self, Shop};
use crate::witness::{Row, Witness};

/// What is due for one shopper.
#[derive(Clone, Debug)]
struct Job {
    due: Timestamp,
    task: Task,
    attempt: u32,
    deferred: bool,
}

#[derive(Clone, Debug)]
enum Task {
    Timer(Option<RunId>),
    Say(RunId, Said),
}

/// A claim to send one message.
#[derive(Clone, Debug)]
struct Claim {
    run: RunId,
    said: Said,
    attempt: u32,
    open: bool,
}

/// One shopper's home.
pub struct Home<'a> {
    shop: &'a Shop,
    pub shopper: Shopper,
    seed: u64,
    pub zone: Zone,
    birthday: Option<Birthday>,
    has_phone: bool,
    jobs: BTreeMap<String, Job>,
    claims: BTreeMap<String, Claim>,
    standing: BTreeMap<Channel, Held>,
    seen: HashSet<EventId>,
    codes: u64,
    pub steps: u64,
    /// What the engine was told.
    pub told: Vec<Told>,
}

impl<'a> Home<'a> {
    pub fn new(shop: &'a Shop, who: &crate::life::Who) -> Self {
        Self {
            shop,
            shopper: Shopper::default(),
            seed: who.seed,
            zone: who.zone.clone(),
            birthday: who.birthday,
            has_phone: who.has_phone,
            jobs: BTreeMap::new(),
            claims: BTreeMap::new(),
            standing: BTreeMap::new(),
            seen: HashSet::new(),
            codes: 0,
            steps: 0,
            told: Vec::new(),
        }
    }

    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// When something is due next.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.jobs.values().map(|job| job.due).min()
    }

    /// Tells the engine something and does what it wants done, in one section.
    fn step(&mut self, now: Timestamp, input: &Input<'_>, witness: &mut Witness) {
        self.steps += 1;
        let (channels, zone) = (self.channels(), self.zone.clone());
        let around = self.around(now, &channels, &zone);
        let told = Told::new(now, &channels, input);
        let effects = self.shopper.step(input, &around);
        self.told.push(told);
        self.perform(now, effects, witness);
    }

    fn channels(&self) -> Vec<Channel> {
        let given = self.standing.iter().filter(|(_, held)| held.standing == Standing::Given);
        given.map(|(channel, _)| *channel).collect()
    }

    /// The world around the shopper at a moment.
    pub fn around<'b>(&self, now: Timestamp, channels: &'b [Channel], zone: &'b Zone) -> Surroundings<'b>
    where
        'a: 'b,
    {
        Surroundings {
            now,
            live: &self.shop.rules,
            earlier: &[],
            zone,
            country: None,
            language: "en",
            birthday: self.birthday,
            channels,
            outlook: None,
            seed: self.seed,
        }
    }

    fn perform(&mut self, now: Timestamp, effects: Vec<Effect>, witness: &mut Witness) {
        for Effect { run, deed } in effects {
            match (deed, run) {
                (Deed::Wake(due), run) => {
                    let key = timer(run.as_ref());
                    self.jobs.insert(key, Job { due, task: Task::Timer(run), attempt: 0, deferred: false });
                }
                (Deed::Say(said), Some(run)) => {
                    let key = Self::claim_key(&run, &said);
                    witness.asked(&key, now);
                    self.jobs.insert(key, Job { due: now, task: Task::Say(run, said), attempt: 0, deferred: false });
                }
                (Deed::Issue { .. }, Some(run)) => {
                    self.codes += 1;
                    self.step(now, &Input::Code(&run, Some(Some(now + Span::days(14)))), witness);
                }
                (Deed::End(why), Some(run)) => {
                    self.jobs.remove(&timer(Some(&run)));
                    witness.ended(self.seed, &run, why.rule(), now);
                }
                (Deed::Begin, Some(run)) => witness.began(self.seed, &run, now),
                _ => witness.deeds += 1,
            }
        }
    }

    fn claim_key(run: &RunId, said: &Said) -> String {
        format!("{:x}:{}:{}:{}", said.of, run.journey, run.key, said.step)
    }

    /// News arrives: known ids change nothing. Whether the answer got back.
    pub fn hear(&mut self, happened: &Happened, now: Timestamp, chaos: &mut Chaos, witness: &mut Witness) -> bool {
        if chaos.kills(Kill::Before) {
            self.wake(now, witness);
            return false;
        }
        if self.seen.insert(happened.id) {
            witness.heard(self.seed, happened, now);
            self.step(now, &Input::Happened(happened), witness);
        }
        if chaos.kills(Kill::After) {
            self.wake(now, witness);
            return false;
        }
        true
    }

    /// A permission is given or taken back, and acknowledged.
    pub fn permit(&mut self, channel: Channel, standing: Standing, now: Timestamp, witness: &mut Witness) {
        let held = Held { at: now, standing, proven: true, worded: true, basis: Basis::Consent };
        self.standing.insert(channel, held);
        witness.permitted(self.seed, channel, standing, now);
    }

    /// Other rules: the same under another name would change nothing, so the version's name is all that differs.
    pub fn publish(&mut self, now: Timestamp, witness: &mut Witness) {
        self.step(now, &Input::Published, witness);
    }

    /// What a new instance does first.
    fn wake(&mut self, now: Timestamp, witness: &mut Witness) {
        let open: Vec<String> =
            self.claims.iter().filter(|(_, claim)| claim.open).map(|(key, _)| key.clone()).collect();
        for key in open {
            self.conclude(&key, Outcome::Unknown, now, witness);
        }
    }

    /// Runs what is due, a batch at a time: decided and claimed in one section, handed over, concluded.
    pub fn run_due(&mut self, now: Timestamp, chaos: &mut Chaos, witness: &mut Witness) {
        if chaos.kills(Kill::Before) {
            self.wake(now, witness);
            return;
        }
        let due: Vec<String> = self.jobs.iter().filter(|(_, job)| job.due <= now).map(|(key, _)| key.clone()).collect();
        let mut claimed = Vec::new();
        for key in due {
            // One that ran before it in this section may have taken it off the list.
            let Some(job) = self.jobs.get(&key).filter(|job| job.due <= now).cloned() else { continue };
            witness.ran(job.due, now);
            match job.task {
                Task::Timer(ref run) => {
                    self.jobs.remove(&key);
                    self.step(now, &Input::Due(run.as_ref()), witness);
                }
                Task::Say(ref run, ref said) => claimed.extend(self.decide(&key, &job, run, said, now, witness)),
            }
        }
        if chaos.kills(Kill::After) {
            chaos.in_flight += claimed.len() as u64;
            self.wake(now, witness);
            return;
        }
        let mut answers = Vec::new();
        for key in claimed {
            let Some(claim) = self.claims.get(&key) else { continue };
            witness.begins(self.seed, &key, &claim.said, now);
            let (taken, outcome) = chaos.provider(self.shop, now);
            if taken {
                witness.delivered(self.seed, &key, &claim.said, &self.zone, now);
            }
            answers.push((key, outcome));
        }
        let later = now + Span(chaos.latency());
        if !answers.is_empty() && chaos.kills(Kill::Between) {
            chaos.in_flight += answers.len() as u64;
            self.wake(later, witness);
            return;
        }
        for (key, outcome) in answers {
            self.conclude(&key, outcome, later, witness);
        }
    }

    fn decide(
        &mut self,
        key: &str,
        job: &Job,
        run: &RunId,
        said: &Said,
        now: Timestamp,
        witness: &mut Witness,
    ) -> Option<String> {
        let (kind, sells) = shop::message(said.message.name.as_str());
        let channel = said.message.channel;
        let request = Request { kind, channel, asks_to_confirm: false, valid_until: Some(said.valid_until) };
        let (channels, zone) = (self.channels(), self.zone.clone());
        let over = self.shopper.over(run, said.of, &self.around(now, &channels, &zone));
        let situation = Situation {
            marketing: self.standing.get(&channel).cloned(),
            law: law::of(None, None),
            reachable: channel == Channel::Email || self.has_phone,
            suppressed: false,
            sending_off: Shop::within(&self.shop.off, now),
            sender_present: true,
            confirmed: true,
            over,
            hours: (channel == Channel::Sms).then(|| crate::hours::opens(&self.zone, now)).flatten(),
            wishes: Wishes::default(),
            room: self.shop.limits.room(&self.sent(), sells, now),
        };
        let decision = decide(&request, &situation, now);
        match decision.verdict() {
            Verdict::Send => {
                self.jobs.remove(key);
                let claim = Claim { run: run.clone(), said: said.clone(), attempt: job.attempt + 1, open: true };
                // A claim that was written before and not refused for now is never written again.
                let known = self.claims.insert(key.to_owned(), claim);
                witness.claimed(key, known.is_some_and(|known| known.open), now);
                Some(key.to_owned())
            }
            Verdict::Defer => {
                let due = decision.until().unwrap_or(now + Span::minutes(15)).max(now + Span(1));
                if !job.deferred {
                    witness.row(key, Row::Deferred, decision.why().rule(), now);
                }
                self.jobs.insert(key.to_owned(), Job { due, deferred: true, ..job.clone() });
                None
            }
            verdict @ (Verdict::Skip | Verdict::Unsayable) => {
                self.jobs.remove(key);
                witness.row(key, Row::Skipped, decision.why().rule(), now);
                let fate = if verdict == Verdict::Unsayable { Fate::Unsayable } else { Fate::Unsaid };
                self.step(now, &Input::Fate(run, said.of, fate), witness);
                None
            }
        }
    }

    /// News and offers that left or may have, the newest first.
    fn sent(&self) -> Vec<Sent> {
        let left = |kind: Kind| self.shopper.facts.told(kind);
        let mut sent: Vec<Sent> = left(Kind::MessageAccepted)
            .chain(left(Kind::MessageUnknown))
            .filter_map(|told| {
                let (kind, sells) = shop::message(told.subject);
                (kind == sending::Kind::Marketing).then_some(Sent { at: told.at, sells })
            })
            .collect();
        sent.sort_by_key(|one| core::cmp::Reverse(one.at));
        sent
    }

    fn conclude(&mut self, key: &str, outcome: Outcome, now: Timestamp, witness: &mut Witness) {
        let Some(claim) = self.claims.get_mut(key) else { return };
        claim.open = false;
        let claim = claim.clone();
        match after(outcome, claim.attempt) {
            After::Again(span) => {
                witness.row(key, Row::Refused, "not now", now);
                let task = Task::Say(claim.run, claim.said);
                self.jobs
                    .insert(key.to_owned(), Job { due: now + span, task, attempt: claim.attempt, deferred: false });
            }
            After::Done(fate) => {
                let (row, kind) = match outcome {
                    Outcome::Accepted => (Row::Sent, Kind::MessageAccepted),
                    Outcome::Unknown => (Row::Unknown, Kind::MessageUnknown),
                    Outcome::Refused | Outcome::NotNow => (Row::Refused, Kind::MessageRefused),
                };
                witness.row(key, row, "provider", now);
                let about = About { subject: claim.said.message.name.to_string(), ..About::default() };
                let id = EventId(uuid::Uuid::from_u64_pair(witness.fresh(), self.seed));
                self.step(now, &Input::Happened(&Happened::new(now, id, kind, about)), witness);
                self.step(now, &Input::Fate(&claim.run, claim.said.of, fate), witness);
            }
        }
    }

    /// The other of the household turns out to be the same person.
    pub fn join(&mut self, other: Self, now: Timestamp, witness: &mut Witness) {
        let (channels, zone) = (self.channels(), self.zone.clone());
        self.birthday = self.birthday.or(other.birthday);
        // A no of either is a no.
        for (channel, held) in other.standing {
            let mine = self.standing.get(&channel);
            if mine.is_none_or(|mine| {
                held.standing == Standing::Withdrawn || mine.at < held.at && mine.standing != Standing::Withdrawn
            }) {
                self.standing.insert(channel, held);
            }
        }
        self.has_phone |= other.has_phone;
        self.seen.extend(other.seen);
        let effects = self.shopper.join(other.shopper, &self.around(now, &channels, &zone));
        // Messages that wait go over; timers are set anew.
        for (key, job) in other.jobs {
            if matches!(job.task, Task::Say(..)) {
                self.jobs.insert(key, job);
            }
        }
        self.claims.extend(other.claims);
        self.steps += other.steps;
        witness.joined(self.seed, other.seed, now);
        self.perform(now, effects, witness);
    }

    /// What is due was seen to at the end, what was claimed is concluded; messages that wait for later.
    pub fn close(&self, end: Timestamp, witness: &mut Witness) {
        // What was due within the last hours may ring later than the end.
        let late = self.jobs.iter().filter(|(_, job)| job.due + Span::hours(3) <= end).map(|(key, _)| key);
        let open = self.claims.iter().filter(|(_, claim)| claim.open).map(|(key, _)| key);
        for key in late.chain(open) {
            witness.fault("left over", key);
        }
        for (key, job) in &self.jobs {
            if matches!(job.task, Task::Say(..)) {
                witness.waits(key);
            }
        }
    }
}

fn timer(run: Option<&RunId>) -> String {
    run.map_or_else(|| "look".to_owned(), |run| format!("timer:{}:{}", run.journey, run.key))
}
