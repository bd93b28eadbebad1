//! One shopper's home without its storage and its network: the rules and the claims of the edge, in memory.
//!
//! What is due is decided about and claimed in one section ([`Home::run_due`]), handed over by whoever owns
//! the home, and concluded ([`Home::conclude`]). The simulation puts kills and a provider that fails in
//! between; the rehearsal takes everything as delivered. What comes of it is told to a [`Ledger`].

mod joining;
mod ledger;
mod sending;
mod version;
mod world;

use std::collections::BTreeMap;

pub use self::ledger::{Ledger, MessageId, Row};
pub use self::version::{Content, Version};
pub use self::world::Who;
use self::world::World;
use crate::clock::Clocks;
use crate::consent::{Channel, Held};
use crate::facts::Happened;
use crate::id::Slug;
use crate::journey::{Deed, Effect, Input, RunId, Said, Shopper, State};
use crate::preference::Preferences;
use crate::sending::Sent;
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
        let who = Who { wishes: Some((now, wishes)), ..self.world.who.clone() };
        self.world.is(who);
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
