//! Where a shopper's clock stands: time zones by their IANA names, with the summer times of their
//! whole history.

use core::fmt;
use core::str::FromStr;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::id::Malformed;
use crate::law::Country;
use crate::time::{Span, Timestamp};

/// A time zone's IANA name, such as `Europe/Berlin`.
///
/// Written as text it is checked; read back from a table it is not, so that a name which a later
/// database has dropped does no harm: its clock then stands at UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Zone(String);

impl Zone {
    /// The zone of those of whom nobody knows any.
    pub fn utc() -> Self {
        Self("UTC".into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn clock(&self) -> TimeZone {
        TimeZone::get(&self.0).unwrap_or(TimeZone::UTC)
    }

    /// Minutes after midnight there, 0 to 1,439.
    pub fn minute(&self, at: Timestamp) -> u16 {
        let local = self.clock().to_datetime(moment(at));
        let minute = i16::from(local.hour()) * 60 + i16::from(local.minute());
        u16::try_from(minute).unwrap_or_default()
    }

    /// The first moment after `at` at which the clock there shows so many minutes after midnight.
    /// A time of day that a change of the clock leaves out counts when it would have been; of one
    /// that comes twice the second counts.
    pub fn next(&self, minute: u16, at: Timestamp) -> Timestamp {
        let clock = self.clock();
        let today = clock.to_datetime(moment(at)).date();
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

    /// The first moment of the next day there. Of a midnight that comes twice the first counts; one that a
    /// change of the clock leaves out is where the clock goes on.
    pub fn tomorrow(&self, at: Timestamp) -> Timestamp {
        let clock = self.clock();
        let next = clock.to_datetime(moment(at)).date().tomorrow().ok();
        let midnight =
            |day: jiff::civil::Date| clock.to_ambiguous_zoned(day.to_datetime(jiff::civil::Time::midnight()));
        let found = next.and_then(|day| midnight(day).compatible().ok());
        found.map_or(at + Span::days(1), |zoned| Timestamp(zoned.timestamp().as_millisecond()))
    }

    /// The zone of a country whose clocks all show the same; nothing for those with several.
    ///
    /// From `zone.tab` of the time zone database (IANA), with the zone of nearly everybody in Cyprus, Germany,
    /// Malaysia and Ukraine.
    pub fn of_country(country: Country) -> Option<Self> {
        let country = country.to_string();
        let line = include_str!("countries.txt").lines().find_map(|line| line.strip_prefix(country.as_str()));
        line.map(|zone| Self(zone.trim().to_owned()))
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
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"/_+-".contains(&b);
        if !(1..=40).contains(&text.len()) || !text.bytes().all(plain) {
            return Err(HOW);
        }
        let known = TimeZone::get(text).map_err(|_| HOW)?;
        // As the database spells it.
        known.iana_name().filter(|name| *name != "Etc/Unknown").map(|name| Self(name.to_owned())).ok_or(HOW)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn moment(at: Timestamp) -> jiff::Timestamp {
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
    fn a_country_with_one_clock_names_its_zone() {
        for line in include_str!("countries.txt").lines() {
            let (country, name) = line.split_once(' ').unwrap();
            assert_eq!(Zone::of_country(country.parse().unwrap()), Some(zone(name)));
        }
        for several in ["US", "AU", "BR", "ES", "ZZ"] {
            assert_eq!(Zone::of_country(several.parse().unwrap()), None, "{several}");
        }
    }

    #[test]
    fn a_zone_that_a_database_has_dropped_reads_as_utc() {
        let zone: Zone = serde_json::from_str("\"Europe/Atlantis\"").unwrap();
        assert_eq!(zone.minute(at("2026-07-01T10:00:00Z")), 600);
    }
}
