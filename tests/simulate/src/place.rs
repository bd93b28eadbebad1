//! Where somebody may be, and at which hours texts may reach them there: read off the law by hand.

use domain::consent::Channel;
use domain::law::Country;
use domain::time::{Span, Timestamp};
use domain::zone::Zone;

/// Where somebody may be.
#[derive(Clone, Debug)]
pub struct Place {
    /// The zone that they named.
    pub named: Option<Zone>,
    /// The country they live in.
    pub country: Option<Country>,
    /// The countries to which their number may belong.
    pub of_number: Vec<Country>,
    /// All zones in which their clock may stand by that; the first plans.
    pub zones: Vec<Zone>,
    /// The hours for texts from Monday to Friday and on Saturday, in minutes; on Sundays there are none.
    hours: [(u16, u16); 2],
    /// Holidays that are certain there, by month and day.
    holidays: &'static [(u8, u8)],
}

/// The strictest of all: Florida's and Texas's evenings, France's mornings.
const STRICTEST: [(u16, u16); 2] = [(600, 1_080), (600, 1_020)];
const NINE_TO_EIGHT: [(u16, u16); 2] = [(540, 1_200), (540, 1_200)];
const EVERYWHERE: &[(u8, u8)] = &[(1, 1), (12, 25)];
/// The law's table has the holidays of a few countries only.
const NONE_KNOWN: &[(u8, u8)] = &[];

const NAMED: [&str; 6] =
    ["Europe/Berlin", "Europe/London", "America/New_York", "Asia/Riyadh", "Australia/Lord_Howe", "Asia/Kolkata"];
const OF_AMERICA: [&str; 8] = [
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/Adak",
    "Pacific/Honolulu",
];

fn zone(name: &str) -> Zone {
    name.parse().expect("a zone of the database")
}

fn country(code: &str) -> Country {
    code.parse().expect("two letters")
}

impl Default for Place {
    fn default() -> Self {
        Self {
            named: None,
            country: None,
            of_number: Vec::new(),
            zones: vec![Zone::utc()],
            hours: STRICTEST,
            holidays: EVERYWHERE,
        }
    }
}

impl Place {
    /// Where somebody is by lot: most named their zone, of some a country or a number is all that is known.
    pub fn drawn(chance: &mut fastrand::Rng) -> Self {
        let named = zone(NAMED[chance.usize(0..NAMED.len())]);
        match chance.u8(0..10) {
            0 => Self {
                country: Some(country("DE")),
                zones: vec![zone("Europe/Berlin")],
                hours: NINE_TO_EIGHT,
                holidays: NONE_KNOWN,
                ..Self::default()
            },
            1 => Self { country: Some(country("US")), zones: OF_AMERICA.map(zone).into(), ..Self::default() },
            2 => Self {
                of_number: vec![country("GB")],
                zones: vec![zone("Europe/London")],
                hours: NINE_TO_EIGHT,
                holidays: NONE_KNOWN,
                ..Self::default()
            },
            _ => Self { zones: vec![named.clone()], named: Some(named), ..Self::default() },
        }
    }

    /// The zone by which days are planned.
    pub fn planning(&self) -> &Zone {
        &self.zones[0]
    }

    /// Whether a marketing text may arrive: it is an hour and a day for it by each of the clocks.
    pub fn texts_may_arrive(&self, now: Timestamp) -> bool {
        self.zones.iter().all(|zone| {
            let (_, month, day) = date_of(zone, now);
            // 1 January 1970 was a Thursday.
            let weekday = (zone.shown(now).0.div_euclid(Span::days(1).0) + 3).rem_euclid(7);
            let (from, until) = self.hours[usize::from(weekday == 5)];
            weekday < 6 && (from..until).contains(&minute_of(zone, now)) && !self.holidays.contains(&(month, day))
        })
    }

    /// Whether the law there lets everybody be written to who never objected: mails in the United States.
    pub fn asks_nobody(&self, channel: Channel) -> bool {
        channel == Channel::Email && self.country.is_some_and(|country| country.as_str() == "US")
    }

    /// The time of day by the clock that wishes are meant by: the zone that they named, else the shop's.
    pub fn minute_of_wishes(&self, now: Timestamp) -> u16 {
        self.named.as_ref().map_or_else(|| minute_of(&Zone::utc(), now), |zone| minute_of(zone, now))
    }

    /// Year, month and day where they are.
    pub fn date(&self, at: Timestamp) -> (i64, u8, u8) {
        date_of(self.planning(), at)
    }

    /// When it is so many minutes after midnight on the day so many days after a moment there. Not for the
    /// hours in which a clock is changed.
    pub fn moment(&self, from: Timestamp, days: i64, minute: i64) -> Timestamp {
        let zone = self.planning();
        let midnight = zone.shown(from).0.div_euclid(Span::days(1).0) + days;
        let shown = Timestamp(midnight * Span::days(1).0 + Span::minutes(minute).0);
        // What the clock is ahead of UTC is what it was a few hours before, or what it will be.
        let guess = Timestamp(shown.0 - (zone.shown(shown) - shown).0);
        Timestamp(shown.0 - (zone.shown(guess) - guess).0)
    }
}

fn minute_of(zone: &Zone, at: Timestamp) -> u16 {
    u16::try_from(zone.shown(at).0.rem_euclid(Span::days(1).0) / Span::minutes(1).0).unwrap_or_default()
}

/// Year, month and day of a moment by a clock, by counting days (Howard Hinnant's civil calendar).
fn date_of(zone: &Zone, at: Timestamp) -> (i64, u8, u8) {
    let days = zone.shown(at).0.div_euclid(Span::days(1).0) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, u8::try_from(month).unwrap_or(0), u8::try_from(day).unwrap_or(0))
}
