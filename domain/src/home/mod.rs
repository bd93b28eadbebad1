//! One shopper's home without its storage and its network: the rules and the claims of the edge, in memory.
//!
//! What is due is decided about and claimed in one section ([`Home::run_due`]), handed over by whoever owns
//! the home, and concluded ([`Home::conclude`]). The simulation puts kills and a provider that fails in
//! between; the rehearsal takes everything as delivered. What comes of it is told to a [`Ledger`].

mod joining;
mod leaving;
mod ledger;
mod version;
mod world;

use std::collections::BTreeMap;

use self::leaving::{Claim, Waiting};
pub use self::ledger::{Ledger, MessageId, Row};
pub use self::version::{Content, Version};
pub use self::world::Who;
use self::world::World;
use crate::clock::Clocks;
use crate::consent::{Channel, Held};
use crate::facts::{Happened, Kind};
use crate::id::Slug;
use crate::journey::{Deed, Effect, Given, Input, Migration, RunId, Said, Shopper, State};
use crate::preference::Preferences;
use crate::sending::Sent;
use crate::time::Timestamp;
use crate::value::Model;
use crate::why::Why;

/// One shopper's home.
pub struct Home<'a> {
    shopper: Shopper,
    world: World<'a>,
    timers: BTreeMap<Option<RunId>, Timestamp>,
    messages: BTreeMap<MessageId, Waiting<'a>>,
    claims: BTreeMap<MessageId, Claim<'a>>,
    /// The codes of each offer, the newest last.
    codes: BTreeMap<Slug, Vec<Issued>>,
    /// News and offers that left or may have, the oldest first, and for whom their runs began.
    sent: Vec<(Sent, u64)>,
    told: u64,
}

/// A code.
#[derive(Clone)]
struct Issued {
    /// A number in place of the code that the edge would draw.
    code: String,
    ends: Option<Timestamp>,
    used: bool,
}

impl Issued {
    /// Whether it is good at a moment.
    fn good(&self, now: Timestamp) -> bool {
        !self.used && self.ends.is_none_or(|ends| now <= ends)
    }
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

    /// The same, where a model says what can be expected of them.
    #[must_use]
    pub fn expecting(mut self, outlook: Option<Model>) -> Self {
        self.world.outlook = outlook;
        self
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
        let again = || self.shopper.facts.newest(Kind::CodeUsed).any(|known| known.id == happened.id);
        if happened.kind == Kind::CodeUsed && !again() {
            // The log names the offer. It was the newest that is not used yet, as a rule.
            let known = self.codes.iter_mut().find(|(offer, _)| offer.as_str() == happened.about.subject);
            let issued = known.and_then(|(_, codes)| codes.iter_mut().rev().find(|code| !code.used));
            if let Some(code) = issued {
                code.used = true;
            }
        }
        self.step(&Input::Happened(happened), now, ledger);
    }

    /// A permission stands so from now on.
    pub fn permit(&mut self, channel: Channel, held: Held) {
        self.world.permit(channel, held);
    }

    /// A code of an offer was issued elsewhere, by a form.
    pub fn issued(&mut self, offer: &Slug, now: Timestamp) {
        if let Some(valid_for) = self.world.version.offers.get(offer) {
            let ends = valid_for.map(|valid_for| valid_for.ends(self.world.zone(), now));
            self.draw(offer, ends);
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

    /// Runs under way are set on the live version, as the merchant says.
    pub fn migrate(&mut self, migration: &Migration, now: Timestamp, ledger: &mut impl Ledger) {
        let (_, effects) = self.shopper.migrate(migration, &self.world.around(now));
        self.perform(effects, now, ledger);
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
                Deed::Move(why) => ledger.moves(&run, &why, now),
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
                    self.step(&Input::Code(&run, code.as_ref()), now, ledger);
                }
                Deed::End(why) => {
                    self.hurry(&run, now);
                    ledger.ends(&run, &why, now);
                    self.timers.remove(&Some(run));
                }
                Deed::GiveWay(_, why) => {
                    self.hurry(&run, now);
                    // The one that goes on may bear the same name.
                    if !self.shopper.runs().contains_key(&run) {
                        ledger.ends(&run, &why, now);
                        self.timers.remove(&Some(run));
                    }
                }
                deed @ (Deed::Tag(_) | Deed::Alert(_) | Deed::Webhook { .. }) => ledger.does(&run, &deed),
            }
        }
    }

    /// Messages of a run that have not left are looked at once more, and leave a word of why not.
    fn hurry(&mut self, run: &RunId, now: Timestamp) {
        for (_, waiting) in self.messages.iter_mut().filter(|(id, _)| id.run == *run) {
            waiting.due = waiting.due.min(now);
        }
    }

    /// A code of an offer: the one they have, as long as it is good, or a new one; nothing where there is no such
    /// offer.
    fn code(&mut self, offer: Slug, fresh: bool, now: Timestamp) -> Option<Given> {
        let valid_for = *self.world.version.offers.get(&offer)?;
        let known = self.codes.get(&offer).and_then(|codes| codes.iter().rfind(|code| code.good(now)));
        let Issued { code, ends, .. } = known.filter(|_| !fresh).cloned().unwrap_or_else(|| {
            let ends = valid_for.map(|valid_for| valid_for.ends(self.world.zone(), now));
            self.draw(&offer, ends)
        });
        Some(Given { offer, code, ends })
    }

    fn draw(&mut self, offer: &Slug, ends: Option<Timestamp>) -> Issued {
        let codes = self.codes.entry(offer.clone()).or_default();
        let code = format!("{:x}-{}", self.world.who.seed, codes.len());
        let drawn = Issued { code, ends, used: false };
        codes.push(drawn.clone());
        drawn
    }

    /// Why a message that names a code must not leave, if its code is good no longer or there is none.
    pub(super) fn spent(&self, said: &Said, content: &Content, now: Timestamp) -> Option<Why> {
        let shown = || {
            let given = said.code.as_ref()?;
            self.codes.get(&given.offer)?.iter().find(|code| code.code == given.code)
        };
        match shown() {
            _ if !content.needs_code => None,
            Some(code) if code.used => Some(Why::new("code", "the code has been used")),
            Some(code) if !code.good(now) => Some(Why::new("code", "the code is not valid any longer")),
            Some(_) => None,
            None => Some(Why::new("code", "there is no code to show")),
        }
    }

    /// Runs under way that nothing would ever move on: they wait for a timer, a message or a code, and there is
    /// none on its way. None is to be found between two sections, of which one is over now.
    pub fn stuck(&self, now: Timestamp) -> impl Iterator<Item = &RunId> {
        let runs = self.shopper.runs().iter();
        let stuck = runs.filter(move |(id, run)| match run.state {
            State::Until(moment) | State::Await(moment) => {
                self.timers.get(&Some((*id).clone())).is_none_or(|timer| *timer > moment.max(now))
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
