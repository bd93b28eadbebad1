//! The world around one shopper: the versions they are on, and what is known of who they are.

use std::collections::{BTreeMap, BTreeSet};

use super::Version;
use crate::clock::Clocks;
use crate::consent::{Basis, Channel, Held};
use crate::form::Birthday;
use crate::journey::{Rules, Surroundings};
use crate::law::{self, Country};
use crate::preference::Preferences;
use crate::time::Timestamp;
use crate::value::Model;

/// Who somebody is.
#[derive(Clone, Debug, Default)]
pub struct Who {
    /// By it lots fall: the lower half of the shopper's id.
    pub seed: u64,
    /// Where they are.
    pub country: Option<Country>,
    /// The countries to which their number may belong, the likeliest first.
    pub of_number: Vec<Country>,
    /// The language they read.
    pub language: String,
    /// Their birthday.
    pub birthday: Option<Birthday>,
    /// The channels on which there is an address to write to.
    pub reach: BTreeSet<Channel>,
    /// What they wish, and since when they said so. Their zone, which is among it, is theirs at any time.
    pub wishes: Option<(Timestamp, Preferences)>,
}

/// The world around a shopper.
pub(super) struct World<'a> {
    pub version: &'a Version,
    pub who: Who,
    pub clocks: Clocks,
    /// What can be expected of them.
    pub outlook: Option<Model>,
    earlier: Vec<&'a Version>,
    /// The rules of those.
    rules: Vec<&'a Rules>,
    standing: BTreeMap<Channel, Held>,
    /// Channels on which the law lets them be written to about news and offers.
    channels: Vec<Channel>,
    /// Those may change by the passing of time.
    fading: bool,
}

impl<'a> World<'a> {
    /// The zone by which their days are planned.
    pub const fn zone(&self) -> &crate::zone::Zone {
        self.clocks.planning()
    }

    pub fn new(version: &'a Version, who: Who) -> Self {
        let mut world = Self {
            version,
            clocks: clocks(version, &who),
            who,
            outlook: None,
            earlier: Vec::new(),
            rules: Vec::new(),
            standing: BTreeMap::new(),
            channels: Vec::new(),
            fading: false,
        };
        world.settle(Timestamp::default());
        world
    }

    /// Where the permission for news and offers on a channel stands.
    pub fn standing(&self, channel: Channel) -> Option<&Held> {
        self.standing.get(&channel)
    }

    /// Where each stands.
    pub fn into_standing(self) -> BTreeMap<Channel, Held> {
        self.standing
    }

    pub fn permit(&mut self, channel: Channel, held: Held) {
        let now = held.at;
        self.standing.insert(channel, held);
        self.settle(now);
    }

    /// Where they stand from now on, whatever stood before.
    pub fn stands(&mut self, standing: BTreeMap<Channel, Held>, now: Timestamp) {
        self.standing = standing;
        self.settle(now);
    }

    /// They turn out to be this somebody.
    pub fn is(&mut self, who: Who) {
        self.clocks = clocks(self.version, &who);
        self.who = who;
    }

    /// The same versions as another one's: those that runs under way are on.
    pub fn stays_on(&mut self, other: &Self) {
        self.earlier.clone_from(&other.earlier);
        self.rules.clone_from(&other.rules);
    }

    /// The versions that runs under way of another one's may be on are known here too.
    pub fn knows_versions_of(&mut self, other: &Self) {
        for version in other.earlier.iter().copied().chain([other.version]) {
            if self.version_named(&version.rules.version).is_none() {
                self.earlier.push(version);
                self.rules.push(&version.rules);
            }
        }
    }

    /// Another version is live; the one before stays for runs under way.
    pub fn publish(&mut self, version: &'a Version) {
        if version.rules.version != self.version.rules.version {
            self.earlier.push(self.version);
            self.rules.push(&self.version.rules);
        }
        self.version = version;
        self.clocks = clocks(version, &self.who);
    }

    pub fn version_named(&self, name: &str) -> Option<&'a Version> {
        core::iter::once(self.version).chain(self.earlier.iter().copied()).find(|known| known.rules.version == name)
    }

    /// What the engine is told of it at a moment.
    pub fn around(&mut self, now: Timestamp) -> Surroundings<'_> {
        if self.fading {
            self.settle(now);
        }
        Surroundings {
            now,
            live: &self.version.rules,
            earlier: &self.rules,
            zone: self.clocks.planning(),
            country: self.who.country,
            language: &self.who.language,
            birthday: self.who.birthday,
            channels: &self.channels,
            outlook: self.outlook.as_ref(),
            seed: self.who.seed,
        }
    }

    /// Works out anew on which channels they may be written to.
    fn settle(&mut self, now: Timestamp) {
        let rules = law::of(self.who.country, None);
        let may = |channel: &Channel| law::may_market(*channel, self.standing.get(channel), rules, now).allowed();
        self.channels = [Channel::Email, Channel::Sms].into_iter().filter(may).collect();
        // What rests on a purchase ends some time after it.
        self.fading = self.standing.values().any(|held| matches!(held.basis, Basis::SoftOptIn { .. }));
    }
}

fn clocks(version: &Version, who: &Who) -> Clocks {
    let zone = who.wishes.as_ref().and_then(|(_, wishes)| wishes.zone.as_ref());
    Clocks::told(zone, who.country, &who.of_number, &version.home)
}
