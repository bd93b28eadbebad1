//! Moments that are said in local time: "three weeks later at ten", "on Friday at nine", "on the
//! birthday".
//!
//! Every one is the moment of a calendar day and a time of that day ([`at`]). A time that a change of
//! the clock leaves out counts when it would have been: half past two is half past three where the
//! clock goes from two to three. One that comes twice counts the first time only. So a day and a
//! time are one moment, whoever asks and whenever.

use core::fmt;

use jiff::civil::{Date, DateTime};
use jiff::tz::AmbiguousOffset;

use crate::law::Weekday;
use crate::time::{Span, Timestamp};
use crate::zone::Zone;

/// A day of the calendar, without a place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// The day with that date; nothing where no calendar has it.
    pub fn new(year: i16, month: u8, day: u8) -> Option<Self> {
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok().map(Self)
    }

    /// The year.
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u8 {
        self.0.month().unsigned_abs()
    }

    /// The day of the month, 1 to 31.
    pub fn day(self) -> u8 {
        self.0.day().unsigned_abs()
    }

    /// The day of the week.
    pub fn weekday(self) -> Weekday {
        Weekday::of(self.0.weekday())
    }

    /// So many days later; earlier, if negative. At the end of the calendar the day stays what it is.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        self.0.checked_add(jiff::Span::new().try_days(days).unwrap_or_default()).map_or(self, Self)
    }

    pub(crate) const fn of(date: Date) -> Self {
        Self(date)
    }

    /// So many minutes after its midnight; what is past 23:59 counts as 23:59.
    pub(crate) fn at_minute(self, minute: u16) -> DateTime {
        let minute = minute.min(1_439);
        let part = |number: u16| i8::try_from(number).unwrap_or_default();
        self.0.at(part(minute / 60), part(minute % 60), 0, 0)
    }

    /// The day of a year: the last of the month where the month is shorter (29 February).
    fn of_year(year: i16, month: u8, day: u8) -> Option<Self> {
        let first = Self::new(year, month.clamp(1, 12), 1)?;
        Self::new(year, first.month(), day.clamp(1, first.0.days_in_month().unsigned_abs()))
    }
}

/// As ISO 8601 writes it: `2026-03-29`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The moment of a day at so many minutes after midnight there; what is past 23:59 counts as 23:59.
pub fn at(zone: &Zone, day: Day, minute: u16) -> Timestamp {
    // Where the calendar ends, so do moments.
    zone.clock().to_ambiguous_timestamp(day.at_minute(minute)).compatible().map_or(Timestamp(i64::MAX), of)
}

/// The first moment of a day there; of one that was left out as a whole (Samoa, 2011), that of the
/// next.
pub fn start(zone: &Zone, day: Day) -> Timestamp {
    let clock = zone.clock();
    let midnight = clock.to_ambiguous_timestamp(day.0.at(0, 0, 0, 0));
    if let AmbiguousOffset::Gap { after, .. } = midnight.offset()
        && let Ok(before) = after.to_timestamp(day.0.at(0, 0, 0, 0))
        && let Some(change) = clock.following(before).next()
    {
        return of(change.timestamp());
    }
    midnight.compatible().map_or(Timestamp(i64::MAX), of)
}

/// The day there. Where the clock was put back over midnight, the day that had begun goes on, so
/// that no day comes twice.
pub fn local_day(zone: &Zone, at: Timestamp) -> Day {
    let shown = Day(zone.reading(at).date());
    let next = shown.plus(1);
    if next > shown && start(zone, next) <= at { next } else { shown }
}

/// When the day is over there: the first moment of the next, for what holds "today only".
pub fn end_of_local_day(zone: &Zone, at: Timestamp) -> Timestamp {
    after(at, days_from(local_day(zone, at).plus(1)).map(|day| start(zone, day)))
}

/// So many days after the day of `from` there, at so many minutes after midnight; a day later where
/// that is not later than `from`.
pub fn after_days_at(zone: &Zone, from: Timestamp, days: u16, minute: u16) -> Timestamp {
    after(from, days_from(local_day(zone, from).plus(days.into())).map(|day| at(zone, day, minute)))
}

/// The next time after `from` at which it is such a day of the week there and so many minutes after
/// midnight.
pub fn next_weekday_at(zone: &Zone, from: Timestamp, weekday: Weekday, minute: u16) -> Timestamp {
    let first = yesterday(zone, from);
    after(from, days_from(first).filter(|day| day.weekday() == weekday).map(|day| at(zone, day, minute)))
}

/// A yearly day in one year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Yearly {
    /// When.
    pub at: Timestamp,
    /// The year there. It names what happens on that day: whoever keeps it does it once a year, also
    /// when the zone changes in between or the work is done late.
    pub year: i16,
}

/// The next time after `after` at which a day of the year comes there, at so many minutes after
/// midnight. In common years 29 February is kept on the 28th.
pub fn next_yearly(zone: &Zone, month: u8, day: u8, minute: u16, after: Timestamp) -> Yearly {
    // A time that yesterday's change of the clock put off may still be to come.
    let today = zone.reading(after).date();
    let first = today.yesterday().unwrap_or(today).year();
    let found = (first..).take(3).map(|year| yearly_in(zone, year, month, day, minute)).find(|found| found.at > after);
    found.unwrap_or(Yearly { at: Timestamp(i64::MAX), year: first })
}

/// When a day of the year comes there in one year.
pub fn yearly_in(zone: &Zone, year: i16, month: u8, day: u8, minute: u16) -> Yearly {
    let moment = Day::of_year(year, month, day).map_or(Timestamp(i64::MAX), |day| at(zone, day, minute));
    Yearly { at: moment, year }
}

/// The year there: the key of what is done once a year and follows no day ([`Yearly::year`]).
pub fn local_year(zone: &Zone, at: Timestamp) -> i16 {
    local_day(zone, at).year()
}

/// A time that yesterday's change of the clock put off may still be to come.
fn yesterday(zone: &Zone, at: Timestamp) -> Day {
    local_day(zone, at).plus(-1)
}

/// The days from one on: more than a week of them, so that every day of the week is among them, also
/// where one was left out.
fn days_from(first: Day) -> impl Iterator<Item = Day> {
    (0..16).map(move |ahead| first.plus(ahead))
}

fn after(from: Timestamp, mut moments: impl Iterator<Item = Timestamp>) -> Timestamp {
    moments.find(|moment| *moment > from).unwrap_or(from + Span::days(1))
}

fn of(timestamp: jiff::Timestamp) -> Timestamp {
    Timestamp(timestamp.as_millisecond())
}

#[cfg(test)]
mod tests;
