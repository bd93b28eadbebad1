//! One shopper's home without its storage and its network: the rules and the claims of the edge, in memory.
//!
//! What is due is decided about and claimed in one section ([`Home::run_due`]), handed over by whoever owns
//! the home, and concluded ([`Home::conclude`]). The simulation puts kills and a provider that fails in
//! between; the rehearsal takes everything as delivered. What comes of it is told to a [`Ledger`].

mod ledger;
mod version;
mod world;

use std::collections::BTreeMap;

pub use self::ledger::{Ledger, MessageId, Row};
pub use self::version::{Content, Version};
pub use self::world::Who;
use self::world::World;
use crate::clock::Clocks;
use crate::consent::{Channel, Held};
use crate::facts::{About, Facts, Happened, Kind};
use crate::id::{EventId, Slug, Uuid};
use crate::journey::{Deed, Effect, Fate, Input, RunId, Said, Shopper, State};
use crate::law::{self, Opens, text_window};
use crate::preference::Preferences;
use crate::sending::{self, After, Decision, Outcome, Request, Sent, Situation, Verdict, Wishes, after, decide};
use crate::time::{Span, Timestamp};
use crate::why::Why;

/// How long a message waits that nobody knows a moment for.
const LOOK_AGAIN: Span = Span::minutes(15);

/// One shopper's home.
pub struct Home<'a> {
    shopper: Shopper,
    world: World<'a>,
    timers: BTreeMap<Option<RunId>, Timestamp>,
    messages: BTreeMap<MessageId, Waiting<'a>>,
    claims: BTreeMap<MessageId, Claim>,
    /// The end of the latest code of each offer.
    codes: BTreeMap<Slug, Option<Timestamp>>,
    /// News and offers that left or may have, the oldest first, and for whom their runs began.
    sent: Vec<(Sent, u64)>,
    told: u64,
}

/// A message that waits for its moment.
#[derive(Clone)]
struct Waiting<'a> {
    due: Timestamp,
    said: Said,
    /// The version of the run that says it.
    version: &'a Version,
    attempt: u32,
    /// The rule that holds it back.
    held_by: Option<String>,
}

/// A message that may leave: claimed, and not concluded yet.
#[derive(Clone)]
struct Claim {
    at: Timestamp,
    said: Said,
    attempt: u32,
    why: Why,
    content: Content,
}

impl<'a> Home<'a> {
    /// The home of somebody of whom nothing is heard yet.
    pub fn new(version: &'a Version, who: Who) -> Self {
        Self {
            shopper: Shopper::default(),
            world: World::new(version, who),
            timers: BTreeMap::new(),
            messages: BTreeMap::new(),
            claims: BTreeMap::new(),
            codes: BTreeMap::new(),
            sent: Vec::new(),
            told: 0,
        }
    }

    /// Whose it is.
    pub const fn who(&self) -> &Who {
        &self.world.who
    }

    /// What journeys know of them.
    pub const fn shopper(&self) -> &Shopper {
        &self.shopper
    }

    /// Where their clock may stand.
    pub const fn clocks(&self) -> &Clocks {
        &self.world.clocks
    }

    /// When something is due next.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.timers.values().copied().chain(self.messages.values().map(|waiting| waiting.due)).min()
    }

    /// Something happened.
    pub fn hear(&mut self, happened: &Happened, now: Timestamp, ledger: &mut impl Ledger) {
        self.step(&Input::Happened(happened), now, ledger);
    }

    /// A permission stands so from now on.
    pub fn permit(&mut self, channel: Channel, held: Held) {
        self.world.permit(channel, held);
    }

    /// A code of an offer was issued elsewhere, by a form.
    pub fn issued(&mut self, offer: Slug, now: Timestamp) {
        if let Some(valid_for) = self.world.version.offers.get(&offer) {
            let zone = self.world.zone();
            self.codes.insert(offer, valid_for.map(|valid_for| valid_for.ends(zone, now)));
        }
    }

    /// Where the permissions stand from now on, whatever was known of them before.
    pub fn stands(&mut self, standing: BTreeMap<Channel, Held>, now: Timestamp) {
        self.world.stands(standing, now);
    }

    /// They wish this from now on: what waits is looked at again.
    pub fn wish(&mut self, wishes: Preferences, now: Timestamp) {
        self.world.who.wishes = Some((now, wishes));
        self.look_again(now);
    }

    /// What held messages back may have passed: they are looked at again now.
    pub fn look_again(&mut self, now: Timestamp) {
        for waiting in self.messages.values_mut().filter(|waiting| waiting.held_by.is_some()) {
            waiting.due = waiting.due.min(now);
        }
    }

    /// Another version is live from now on; runs under way stay on theirs.
    pub fn publish(&mut self, version: &'a Version, now: Timestamp, ledger: &mut impl Ledger) {
        self.roll_out(version);
        self.hear_of_rules(now, ledger);
    }

    /// Another version is live; the journeys are to be told ([`Home::hear_of_rules`]).
    pub fn roll_out(&mut self, version: &'a Version) {
        self.world.publish(version);
    }

    /// The journeys hear that other rules are live.
    pub fn hear_of_rules(&mut self, now: Timestamp, ledger: &mut impl Ledger) {
        self.step(&Input::Published, now, ledger);
    }

    /// Tells the journeys something and does what they want done, in one section.
    fn step(&mut self, input: &Input<'_>, now: Timestamp, ledger: &mut impl Ledger) {
        let around = self.world.around(now);
        ledger.told(input, &around);
        let effects = self.shopper.step(input, &around);
        self.perform(effects, now, ledger);
    }

    fn perform(&mut self, effects: Vec<Effect>, now: Timestamp, ledger: &mut impl Ledger) {
        for Effect { run, deed } in effects {
            let Some(run) = run else {
                if let Deed::Wake(due) = deed {
                    self.timers.insert(None, due);
                }
                continue;
            };
            match deed {
                Deed::Begin => ledger.begins(&run, &self.world.version.rules.version, now),
                Deed::Wake(due) => drop(self.timers.insert(Some(run), due)),
                Deed::Say(said) => {
                    let known = self.shopper.runs().get(&run).and_then(|run| self.world.version_named(&run.version));
                    let version = known.unwrap_or(self.world.version);
                    let id = MessageId { of: said.of, run, step: said.step.clone() };
                    ledger.asks(&id, &said, now);
                    let waiting = Waiting { due: now, said, version, attempt: 0, held_by: None };
                    self.messages.insert(id, waiting);
                }
                Deed::Issue { offer, fresh } => {
                    ledger.does(&run, &Deed::Issue { offer: offer.clone(), fresh });
                    let code = self.code(offer, fresh, now);
                    self.step(&Input::Code(&run, code), now, ledger);
                }
                Deed::End(why) => {
                    // A message of its that has not left is looked at once more, and leaves a word of why not.
                    for (_, waiting) in self.messages.iter_mut().filter(|(id, _)| id.run == run) {
                        waiting.due = waiting.due.min(now);
                    }
                    ledger.ends(&run, &why, now);
                    self.timers.remove(&Some(run));
                }
                deed @ (Deed::Tag(..) | Deed::Alert(_) | Deed::Webhook(_)) => ledger.does(&run, &deed),
            }
        }
    }

    /// A code of an offer: the one they have, or a new one; nothing where there is no such offer.
    #[allow(clippy::option_option)] // as the engine is told it
    fn code(&mut self, offer: Slug, fresh: bool, now: Timestamp) -> Option<Option<Timestamp>> {
        let valid_for = *self.world.version.offers.get(&offer)?;
        if let Some(ends) = self.codes.get(&offer).filter(|_| !fresh) {
            return Some(*ends);
        }
        let ends = valid_for.map(|valid_for| valid_for.ends(self.world.zone(), now));
        self.codes.insert(offer, ends);
        Some(ends)
    }

    /// Runs what is due by now, in one section. Returns what was claimed: it is to be handed over, and then
    /// concluded. `sending_off`: the shop has switched all sending off.
    pub fn run_due(&mut self, now: Timestamp, sending_off: bool, ledger: &mut impl Ledger) -> Vec<(MessageId, Said)> {
        let due = self.messages.iter().filter(|(_, waiting)| waiting.due <= now);
        let messages: Vec<MessageId> = due.map(|(id, _)| id.clone()).collect();
        let due = self.timers.iter().filter(|(_, due)| **due <= now);
        let timers: Vec<Option<RunId>> = due.map(|(run, _)| run.clone()).collect();
        let mut claimed = Vec::new();
        // One that ran before another in this section may have taken it off the list.
        for id in messages {
            let Some(waiting) = self.messages.remove(&id) else { continue };
            ledger.rings(waiting.due, now);
            if let Some(said) = self.decide(&id, waiting, now, sending_off, ledger) {
                claimed.push((id, said));
            }
        }
        for run in timers {
            let Some(due) = self.timers.get(&run).copied().filter(|due| *due <= now) else { continue };
            ledger.rings(due, now);
            self.timers.remove(&run);
            self.step(&Input::Due(run.as_ref()), now, ledger);
        }
        claimed
    }

    fn decide(
        &mut self,
        id: &MessageId,
        waiting: Waiting<'a>,
        now: Timestamp,
        sending_off: bool,
        ledger: &mut impl Ledger,
    ) -> Option<Said> {
        let content = waiting.version.content(&waiting.said.message);
        let decision = self.decision(id, &waiting, &content, now, sending_off);
        let (why, said) = (decision.why(), waiting.said);
        match decision.verdict() {
            Verdict::Send => {
                let (why, attempt) = (why.clone(), waiting.attempt + 1);
                let claim = Claim { at: now, said: said.clone(), attempt, why, content };
                // A claim that was written before and not refused for now is never written again.
                let open = self.claims.insert(id.clone(), claim).is_some();
                ledger.claims(id, open, now);
                Some(said)
            }
            Verdict::Defer => {
                let due = decision.until().unwrap_or(now + LOOK_AGAIN).max(now + Span(1));
                if waiting.held_by.as_deref() != Some(why.rule()) {
                    ledger.row(id, &said, Row::Deferred, why, now);
                }
                let held_by = Some(why.rule().to_owned());
                self.messages.insert(id.clone(), Waiting { due, said, held_by, ..waiting });
                None
            }
            verdict @ (Verdict::Skip | Verdict::Unsayable) => {
                ledger.row(id, &said, Row::Skipped, why, now);
                let fate = if verdict == Verdict::Unsayable { Fate::Unsayable } else { Fate::Unsaid };
                self.step(&Input::Fate(&id.run, said.of, fate), now, ledger);
                None
            }
        }
    }

    /// Whether a message may leave, from what is known at this moment.
    fn decision(
        &mut self,
        id: &MessageId,
        waiting: &Waiting<'_>,
        content: &Content,
        now: Timestamp,
        sending_off: bool,
    ) -> Decision {
        let channel = waiting.said.message.channel;
        let valid_until = Some(waiting.said.valid_until);
        let request = Request { kind: content.kind, channel, asks_to_confirm: false, valid_until };
        let around = self.world.around(now);
        let over = self.shopper.over(&id.run, id.of, &around);
        let sent = self.heard_from_us();
        let who = &self.world.who;
        let reachable = who.reach.contains(&channel);
        // Of the clocks of somebody without a number, or for what is no marketing, nobody asks.
        let asks_hours = channel == Channel::Sms && content.kind == sending::Kind::Marketing && reachable;
        let situation = Situation {
            marketing: self.world.standing(channel).cloned(),
            law: law::of(who.country, None),
            reachable,
            suppressed: false,
            sending_off,
            sender_present: true,
            confirmed: true,
            over,
            hours: asks_hours.then(|| self.hours(now)).flatten(),
            wishes: self.wishes(content, sent.first().map(|sent| sent.at), now),
            room: waiting.version.limits.room(&sent, content.sells, now),
        };
        decide(&request, &situation, now)
    }

    /// When marketing texts may arrive, if not now.
    fn hours(&self, now: Timestamp) -> Option<Timestamp> {
        match text_window(&self.world.clocks, None, now).opens() {
            Opens::Now => None,
            Opens::At(moment) => Some(moment),
            Opens::Never => Some(now + Span::days(1)),
        }
    }

    /// News and offers that left, may have, or are about to, the newest first.
    fn heard_from_us(&self) -> Vec<Sent> {
        let news = self.claims.values().filter(|claim| claim.content.kind == sending::Kind::Marketing);
        let claimed = news.map(|claim| Sent { at: claim.at, sells: claim.content.sells });
        let mut sent: Vec<Sent> = self.sent.iter().map(|(sent, _)| *sent).chain(claimed).collect();
        sent.sort_by_key(|sent| core::cmp::Reverse(sent.at));
        sent
    }

    fn wishes(&self, content: &Content, last: Option<Timestamp>, now: Timestamp) -> Wishes {
        let said = self.world.who.wishes.as_ref().filter(|(since, _)| *since <= now);
        let home = &self.world.version.home;
        said.map(|(_, wishes)| wishes.towards(content.topic.as_ref(), home, last, now)).unwrap_or_default()
    }

    /// Writes down what a provider answered to a message that was claimed.
    pub fn conclude(&mut self, id: &MessageId, outcome: Outcome, now: Timestamp, ledger: &mut impl Ledger) {
        let Some(Claim { at, said, attempt, why, content }) = self.claims.remove(id) else { return };
        let kind = match outcome {
            Outcome::Accepted => Kind::MessageAccepted,
            Outcome::Unknown => Kind::MessageUnknown,
            Outcome::Refused | Outcome::NotNow => Kind::MessageRefused,
        };
        self.note(kind, &said, now, ledger);
        match after(outcome, attempt) {
            After::Again(span) => {
                ledger.row(id, &said, Row::Again, &Why::new("provider", "not now"), now);
                let run = self.shopper.runs().get(&id.run);
                let version = run.and_then(|run| self.world.version_named(&run.version)).unwrap_or(self.world.version);
                let waiting = Waiting { due: now + span, said, version, attempt, held_by: None };
                self.messages.insert(id.clone(), waiting);
            }
            After::Done(fate) => {
                let row = match outcome {
                    Outcome::Accepted => Row::Sent,
                    Outcome::Unknown => Row::Unknown,
                    Outcome::Refused | Outcome::NotNow => Row::Refused,
                };
                ledger.row(id, &said, row, &why, now);
                if content.kind == sending::Kind::Marketing && row != Row::Refused {
                    self.left(Sent { at, sells: content.sells }, id.of);
                }
                self.step(&Input::Fate(&id.run, said.of, fate), now, ledger);
            }
        }
    }

    /// The journeys hear what a provider answered.
    fn note(&mut self, kind: Kind, said: &Said, now: Timestamp, ledger: &mut impl Ledger) {
        self.told += 1;
        // Nothing that happened elsewhere bears such an id.
        let event = EventId(Uuid::from_u64_pair(u64::MAX - self.told, self.world.who.seed));
        let about = About { subject: said.message.name.to_string(), ..About::default() };
        self.step(&Input::Happened(&Happened::new(now, event, kind, about)), now, ledger);
    }

    fn left(&mut self, sent: Sent, of: u64) {
        let place = self.sent.partition_point(|(known, _)| known.at <= sent.at);
        self.sent.insert(place, (sent, of));
    }

    /// What was claimed and not concluded: whoever held it is gone, and nobody knows whether it left.
    pub fn doubt_open_claims(&mut self, now: Timestamp, ledger: &mut impl Ledger) {
        let open: Vec<MessageId> = self.claims.keys().cloned().collect();
        for id in open {
            self.conclude(&id, Outcome::Unknown, now, ledger);
        }
    }

    /// Somebody else turns out to be the same person. Messages of both that wait stay; timers are set anew.
    pub fn join(&mut self, other: Self, now: Timestamp, ledger: &mut impl Ledger) {
        let who = &mut self.world.who;
        who.birthday = who.birthday.or(other.world.who.birthday);
        who.reach.extend(&other.world.who.reach);
        // What either said last holds for both.
        for (channel, held) in other.world.into_standing() {
            if self.world.standing(channel).is_none_or(|mine| *mine < held) {
                self.world.permit(channel, held);
            }
        }
        for (sent, of) in other.sent {
            self.left(sent, of);
        }
        for (id, waiting) in other.messages {
            self.messages.insert(id, waiting);
        }
        self.claims.extend(other.claims);
        let effects = self.shopper.join(other.shopper, &self.world.around(now));
        self.perform(effects, now, ledger);
    }

    /// One of two who were taken for one goes their own way: `theirs`, with what began for shoppers of the
    /// seeds `of`. Facts are those of each alone, from their own log; nothing begins by it.
    pub fn part(
        &mut self,
        (own, facts): (Who, Facts),
        of: &[u64],
        (theirs, their_facts): (Who, Facts),
        now: Timestamp,
        ledger: &mut impl Ledger,
    ) -> Self {
        let went = self.shopper.part(facts, of, their_facts);
        let mut other = Self { shopper: went, codes: self.codes.clone(), ..Self::new(self.world.version, theirs) };
        other.world.stays_on(&self.world);
        self.world.is(own);
        let is_theirs = |id: &MessageId| of.contains(&id.of);
        (other.messages, self.messages) =
            core::mem::take(&mut self.messages).into_iter().partition(|(id, _)| is_theirs(id));
        (other.claims, self.claims) = core::mem::take(&mut self.claims).into_iter().partition(|(id, _)| is_theirs(id));
        (other.sent, self.sent) =
            core::mem::take(&mut self.sent).into_iter().partition(|(_, begun)| of.contains(begun));
        for home in [self, &mut other] {
            home.set_timers();
            home.hear_of_rules(now, ledger);
        }
        other
    }

    /// Timers as the runs stand.
    fn set_timers(&mut self) {
        let runs = self.shopper.runs().iter();
        let moments = runs.filter_map(|(id, run)| match run.state {
            State::Until(moment) | State::Await(moment) => Some((Some(id.clone()), moment)),
            State::Message | State::Code => None,
        });
        self.timers = moments.collect();
    }

    /// Runs under way that nothing would ever move on: they wait for a timer, a message or a code, and there is
    /// none on its way. None is to be found between two sections.
    pub fn stuck(&self) -> impl Iterator<Item = &RunId> {
        let runs = self.shopper.runs().iter();
        let stuck = runs.filter(|(id, run)| match run.state {
            State::Until(moment) | State::Await(moment) => {
                self.timers.get(&Some((*id).clone())).is_none_or(|timer| *timer > moment)
            }
            State::Message => {
                let of_run = |message: &MessageId| message.run == **id && message.of == run.of;
                !self.messages.keys().chain(self.claims.keys()).any(of_run)
            }
            State::Code => true,
        });
        stuck.map(|(id, _)| id)
    }

    /// Messages that wait for their moment, and whether it is due by now.
    pub fn waiting(&self, now: Timestamp) -> impl Iterator<Item = (&MessageId, bool)> {
        self.messages.iter().map(move |(id, waiting)| (id, waiting.due <= now))
    }

    /// Timers that were due by now and did not ring; nothing names that of what time alone brings.
    pub fn missed_timers(&self, now: Timestamp) -> impl Iterator<Item = Option<&RunId>> {
        self.timers.iter().filter(move |(_, due)| **due <= now).map(|(run, _)| run.as_ref())
    }

    /// Claims that are open.
    pub fn open_claims(&self) -> impl Iterator<Item = &MessageId> {
        self.claims.keys()
    }
}
