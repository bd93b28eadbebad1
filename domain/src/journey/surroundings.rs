//! What the engine is told about the world around a shopper.

use super::{Journey, Rules};
use crate::clock::{self, Yearly};
use crate::consent::Channel;
use crate::form::Birthday;
use crate::law::{Country, Weekday};
use crate::time::Timestamp;
use crate::value::Model;
use crate::zone::Zone;

/// The world around a shopper at a moment.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The moment.
    pub now: Timestamp,
    /// The rules that are live: what begins now begins on them.
    pub live: &'a Rules,
    /// Earlier versions that runs under way are on.
    pub earlier: &'a [&'a Rules],
    /// The zone by which the shopper's days are planned.
    pub zone: &'a Zone,
    /// Where they are.
    pub country: Option<Country>,
    /// The language they read.
    pub language: &'a str,
    /// Their birthday.
    pub birthday: Option<Birthday>,
    /// On which channels they may be written to about news and offers.
    pub channels: &'a [Channel],
    /// What can be expected of them.
    pub outlook: Option<&'a Model>,
    /// Of the shopper's id: by it lots fall.
    pub seed: u64,
}

impl<'a> Surroundings<'a> {
    /// A version's rules.
    pub(super) fn version(&self, name: &str) -> Option<&'a Rules> {
        if self.live.version == name {
            return Some(self.live);
        }
        self.earlier.iter().copied().find(|rules| rules.version == name)
    }

    /// A lot of 0 to 999 for a step: always the same for the same shopper.
    pub(super) fn lot(&self, journey: &Journey, step: &str) -> u16 {
        let mark = super::mark(&[journey.name.as_str(), step, &self.seed.to_string()]);
        u16::try_from(mark.as_u128() % 1_000).unwrap_or_default()
    }

    pub(super) fn weekday_at(&self, weekday: Weekday, minute: u16) -> Timestamp {
        clock::next_weekday_at(self.zone, self.now, weekday, minute)
    }
}

impl Surroundings<'_> {
    pub(super) fn days_at(&self, from: Timestamp, days: u16, minute: u16) -> Timestamp {
        clock::after_days_at(self.zone, from, days, minute)
    }

    /// When the day began there that was so many days before that of a moment.
    pub(super) fn days_before(&self, at: Timestamp, days: u16) -> Timestamp {
        clock::start(self.zone, clock::local_day(self.zone, at).plus(-i32::from(days)))
    }

    pub(super) fn end_of_day(&self, at: Timestamp) -> Timestamp {
        clock::end_of_local_day(self.zone, at)
    }

    /// The next moment after another at which the clock shows a time on a day of the year, and its year.
    pub(super) fn yearly(&self, month: u8, day: u8, minute: u16, after: Timestamp) -> Yearly {
        clock::next_yearly(self.zone, month, day, minute, after)
    }

    /// The year there.
    pub(super) fn year(&self, at: Timestamp) -> i16 {
        clock::local_year(self.zone, at)
    }

    /// The day of the year on which a moment falls there.
    pub(super) fn month_and_day(&self, at: Timestamp) -> (u8, u8) {
        let day = clock::local_day(self.zone, at);
        (day.month(), day.day())
    }
}
