//! The lines as they are written. The order of the fields is the order on the line.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::consent::{Basis, Channel, Held, Standing};
use crate::form::Birthday;
use crate::id::{EventId, ShopperId};
use crate::law::Country;
use crate::money::Currency;
use crate::preference::Preferences;
use crate::time::Timestamp;
use crate::value::Model;
use crate::zone::Zone;

/// The first line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// Version of the lines: [`VERSION`](super::VERSION).
    pub export: u8,
    /// The shop's key.
    pub shop: String,
    /// What amounts are in: those in other currencies are not known to journeys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// The shop's zone: in it moments are shown.
    pub zone: Zone,
    /// When the export was made: what is due later is not rehearsed.
    pub until: Timestamp,
    /// What can be expected of shoppers, as the shop's model said when the export was made; nothing where
    /// there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlook: Option<Model>,
}

/// Somebody; the lines up to the next one are about them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonLine {
    /// The shopper's id. Its lower half is their seed.
    pub person: ShopperId,
    /// The language they read; empty where nobody knows.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub language: String,
    /// Where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// The countries to which their number may belong, the likeliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<Country>,
    /// Their birthday.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birthday: Option<Birthday>,
    /// The channels on which there is an address to write to.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub reach: BTreeSet<Channel>,
    /// What they wish …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferences: Option<Preferences>,
    /// … and since when they said so; from the beginning, where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferences_at: Option<Timestamp>,
}

/// An event, as it stands in the log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EventLine<'a> {
    /// Its id.
    pub event: EventId,
    /// When it happened.
    pub at: Timestamp,
    /// When the shopper's home heard of it; when it happened, where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<Timestamp>,
    /// What.
    #[serde(borrow)]
    pub kind: Cow<'a, str>,
    /// What it says. A tag that a journey put on or took off, and a code that one issued, say so with a field
    /// `run`: the rehearsal makes its own.
    #[serde(borrow)]
    pub data: &'a RawValue,
}

/// A word about a permission: what of its receipt decides whether somebody may be written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentLine {
    /// The permission, such as `email.marketing`.
    pub consent: String,
    /// When it was said.
    pub at: Timestamp,
    /// What it became.
    pub standing: Standing,
    /// What it rests on.
    pub basis: Basis,
    /// The address is proven.
    pub proven: bool,
    /// The words that were agreed to are on record.
    pub worded: bool,
}

impl From<&ConsentLine> for Held {
    fn from(line: &ConsentLine) -> Self {
        let ConsentLine { at, standing, ref basis, proven, worded, .. } = *line;
        Self { at, standing, proven, worded, basis: basis.clone() }
    }
}

/// The last line: how much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// People.
    pub people: u64,
    /// Events.
    pub events: u64,
}

impl Counts {
    /// The line, without its end.
    ///
    /// # Errors
    /// None that is known: counts can be written.
    pub fn line(self) -> serde_json::Result<String> {
        write(&End { end: self })
    }

    /// Adds what was counted elsewhere.
    pub const fn add(&mut self, other: Self) {
        self.people += other.people;
        self.events += other.events;
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct End {
    pub end: Counts,
}

/// A line as text, without its end.
///
/// # Errors
/// What cannot be written as JSON.
pub fn write(line: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string(line)
}
