//! Where a shopper's clock stands: time zones by their IANA names, with the summer times of their
//! whole history.

use core::fmt;
use core::str::FromStr;
use std::sync::{LazyLock, OnceLock};

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::id::Malformed;
use crate::time::{Span, Timestamp};

/// A time zone's IANA name, such as `Europe/Berlin`. Cheap to copy and to ask: the history behind a
/// name is read once.
///
/// Written as text it is checked; read back from a table it is not, so that a name which a later
/// database has dropped does no harm: its clock then stands at UTC.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Zone(Name);

#[derive(Clone)]
enum Name {
    /// One of the database.
    Known(&'static Known),
    /// One that the database does not have.
    Dropped(Box<str>),
}

/// A name of the database and, once somebody asked, what the clock there does.
struct Known {
    name: String,
    clock: OnceLock<TimeZone>,
}

/// All names of the database, in the order of their lower-case letters.
static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    // A name of no place: jiff's word for a zone that could not be found out.
    let names = jiff::tz::db().available().map(|name| name.to_string()).filter(|name| name != "Etc/Unknown");
    let mut known: Vec<_> = names.map(|name| Known { name, clock: OnceLock::new() }).collect();
    known.sort_by(|a, b| lower(&a.name).cmp(lower(&b.name)));
    known
});

fn lower(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().map(|b| b.to_ascii_lowercase())
}

fn known(name: &str) -> Option<&'static Known> {
    let place = KNOWN.binary_search_by(|known| lower(&known.name).cmp(lower(name))).ok()?;
    KNOWN.get(place)
}

impl Zone {
    /// The zone of those of whom nobody knows any.
    pub fn utc() -> Self {
        Self::from("UTC".to_owned())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Name::Known(known) => &known.name,
            Name::Dropped(name) => name,
        }
    }

    /// What the clock there does.
    pub(crate) fn clock(&self) -> &TimeZone {
        match &self.0 {
            Name::Known(known) => known.clock.get_or_init(|| TimeZone::get(&known.name).unwrap_or(TimeZone::UTC)),
            Name::Dropped(_) => const { &TimeZone::UTC },
        }
    }

    /// What the clock there shows.
    pub(crate) fn reading(&self, at: Timestamp) -> jiff::civil::DateTime {
        self.clock().to_datetime(moment(at))
    }

    /// Minutes after midnight there, 0 to 1,439.
    pub fn minute(&self, at: Timestamp) -> u16 {
        let local = self.reading(at);
        let minute = i16::from(local.hour()) * 60 + i16::from(local.minute());
        u16::try_from(minute).unwrap_or_default()
    }

    /// The first moment after `at` at which the clock there shows so many minutes after midnight.
    /// A time of day that a change of the clock leaves out counts when it would have been; of one
    /// that comes twice the second counts.
    pub fn next(&self, minute: u16, at: Timestamp) -> Timestamp {
        let clock = self.clock();
        let today = self.reading(at).date();
        let (hour, minute) = (i8::try_from(minute / 60).unwrap_or(0), i8::try_from(minute % 60).unwrap_or(0));
        let on = |day: jiff::civil::Date| {
            let time = jiff::civil::Time::new(hour, minute, 0, 0).ok()?;
            let zoned = clock.to_ambiguous_zoned(day.to_datetime(time)).later().ok()?;
            Some(Timestamp(zoned.timestamp().as_millisecond())).filter(|found| *found > at)
        };
        // Where whole days were left out (Samoa, 2011), the one after.
        let days = core::iter::successors(Some(today), |day| day.tomorrow().ok());
        days.take(4).find_map(on).unwrap_or(at + Span::days(1))
    }

    /// The moment whose reading at UTC is what the clock there shows at `at`; for writing days.
    pub fn shown(&self, at: Timestamp) -> Timestamp {
        at + Span::seconds(i64::from(self.clock().to_offset(moment(at)).seconds()))
    }
}

impl FromStr for Zone {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        const HOW: Malformed = Malformed("expected a time zone's name such as \"Europe/Berlin\" or \"UTC\"");
        // As the database spells it.
        known(text).map(|known| Self(Name::Known(known))).ok_or(HOW)
    }
}

impl From<String> for Zone {
    fn from(name: String) -> Self {
        Self(known(&name).map_or_else(|| Name::Dropped(name.into()), Name::Known))
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.as_str().to_owned()
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Zone {}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({:?})", self.as_str())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

pub(crate) fn moment(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(at.0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        name.parse().unwrap()
    }

    #[track_caller]
    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn a_zone_is_one_that_the_database_has() {
        for (text, name) in [("UTC", "UTC"), ("Asia/Riyadh", "Asia/Riyadh"), ("europe/berlin", "Europe/Berlin")] {
            assert_eq!(text.parse::<Zone>().map(|zone| zone.to_string()).as_deref(), Ok(name), "{text}");
        }
        for text in ["", "Berlin", "Europe/Nowhere", "../etc/passwd", "Europe/Berlin\n", "+01:00", &"A".repeat(41)] {
            assert!(text.parse::<Zone>().is_err(), "{text}");
        }
    }

    #[test]
    fn summer_and_winter_are_told_apart() {
        let berlin = zone("Europe/Berlin");
        assert_eq!(berlin.minute(at("2026-07-01T10:00:00Z")), 12 * 60);
        assert_eq!(berlin.minute(at("2026-12-01T10:00:00Z")), 11 * 60);
        assert_eq!(zone("Asia/Kathmandu").minute(at("2026-12-01T00:00:00Z")), 5 * 60 + 45);
        assert_eq!(berlin.shown(at("2026-12-01T23:30:00Z")), at("2026-12-02T00:30:00Z"));
    }

    #[test]
    fn a_time_of_day_that_is_left_out_or_comes_twice_is_found() {
        let berlin = zone("Europe/Berlin");
        // 2027-03-28: two o'clock is three o'clock.
        assert_eq!(berlin.next(150, at("2027-03-28T00:00:00Z")), at("2027-03-28T01:30:00Z"));
        // 2026-10-25: three o'clock is two o'clock again.
        assert_eq!(berlin.next(150, at("2026-10-24T23:00:00Z")), at("2026-10-25T01:30:00Z"));
        assert_eq!(berlin.next(150, at("2026-10-25T00:45:00Z")), at("2026-10-25T01:30:00Z"));
        // Samoa had no 30 December 2011.
        assert_eq!(zone("Pacific/Apia").next(60, at("2011-12-30T09:59:00Z")), at("2011-12-30T11:00:00Z"));
    }

    #[test]
    fn a_zone_that_a_database_has_dropped_reads_as_utc() {
        let zone: Zone = serde_json::from_str("\"Europe/Atlantis\"").unwrap();
        assert_eq!(zone.minute(at("2026-07-01T10:00:00Z")), 600);
    }
}
