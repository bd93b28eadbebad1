//! Whether a marketing text may arrive now, wherever the shopper may be, and from when on it may.

use jiff::civil::DateTime;
use jiff::tz::AmbiguousOffset;

use super::{Country, Hours, Local, Region, Weekday, holiday, of};
use crate::clock::{Clocks, Day};
use crate::time::{Span, Timestamp};
use crate::why::Why;
use crate::zone::{Zone, moment};

/// When texts may arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    /// They may now.
    Now,
    /// At that moment, not before; by then somebody may have changed what is known, so ask again.
    At(Timestamp),
    /// Not within ten days: no hour is allowed by all clocks that may be theirs.
    Never,
}

/// When texts may arrive, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextWindow {
    opens: Opens,
    why: Why,
}

impl TextWindow {
    /// When.
    pub const fn opens(&self) -> Opens {
        self.opens
    }

    /// Until when a text waits that may not arrive now. Where no hour is allowed by all clocks that may be theirs, it
    /// is asked again after a day: by then more may be known of where they are.
    pub fn closed_until(&self, now: Timestamp) -> Option<Timestamp> {
        match self.opens {
            Opens::Now => None,
            Opens::At(moment) => Some(moment),
            Opens::Never => Some(now + Span::days(1)),
        }
    }

    /// A marketing text may arrive now.
    pub const fn allowed(&self) -> bool {
        matches!(self.opens, Opens::Now)
    }

    /// Why.
    pub const fn why(&self) -> &Why {
        &self.why
    }
}

const RULE: &str = "hours for texts";
/// How far ahead a window is looked for. The longest silence is that of holidays around a Sunday.
const AHEAD: Span = Span::days(10);

/// Whether a marketing text may arrive now: the hours of the law where somebody is must allow it by
/// every clock that may be theirs. Where several countries come into question, the strictest of
/// their hours hold, and the holidays of all of them. `region` is that of their one country.
pub fn text_window(clocks: &Clocks, region: Option<Region>, now: Timestamp) -> TextWindow {
    let law = Law::of(clocks.countries(), region);
    let Some(closed) = clocks.zones().iter().find(|zone| !law.allows(zone.reading(now))) else {
        let fact = if clocks.known() {
            "it is within the hours for texts there"
        } else {
            "it is within the hours for texts wherever they may be"
        };
        return TextWindow { opens: Opens::Now, why: Why::new(RULE, fact) };
    };
    let opens = law.opens(clocks.zones(), now).map_or(Opens::Never, Opens::At);
    TextWindow { opens, why: Why::new(RULE, law.fact(clocks, closed, opens, now)) }
}

/// The hours for texts where somebody is or may be.
struct Law<'a> {
    hours: Hours,
    /// Where a holiday is a day of silence.
    silent: Silent<'a>,
}

struct Silent<'a> {
    countries: &'a [Country],
    region: Option<Region>,
}

impl Silent<'_> {
    fn holiday(&self, day: Day) -> Option<&'static str> {
        let holds = |country: &&Country| !of(Some(**country), self.region).text_hours.value.holidays();
        if self.countries.is_empty() {
            return holiday(None, None, day);
        }
        self.countries.iter().filter(holds).find_map(|country| holiday(Some(*country), self.region, day))
    }
}

impl<'a> Law<'a> {
    fn of(countries: &'a [Country], region: Option<Region>) -> Self {
        // A region is one of one country.
        let region = region.filter(|_| countries.len() == 1);
        let hours = |country: &Country| of(Some(*country), region).text_hours.value;
        let strictest = countries.iter().map(hours).reduce(|one, other| one.within(&other));
        let hours = strictest.unwrap_or_else(|| of(None, None).text_hours.value);
        Self { hours, silent: Silent { countries, region } }
    }

    fn holiday(&self, reading: DateTime) -> Option<&'static str> {
        if self.hours.holidays() { None } else { self.silent.holiday(Day::of(reading.date())) }
    }

    fn allows(&self, reading: DateTime) -> bool {
        let minute = i16::from(reading.hour()) * 60 + i16::from(reading.minute());
        let weekday = Weekday::of(reading.date().weekday());
        let local = Local { weekday, minute: minute.unsigned_abs(), holiday: false };
        self.hours.allow(local) && self.holiday(reading).is_none()
    }

    /// The first moment from `now` on that every zone allows.
    fn opens(&self, zones: &[Zone], now: Timestamp) -> Option<Timestamp> {
        let mut at = now;
        let mut agreed = 0;
        // Each zone in turn moves the moment on to where it allows it, until all agree.
        for zone in zones.iter().cycle() {
            let opens = self.opens_in(zone, at).filter(|opens| *opens <= now + AHEAD)?;
            agreed = if opens == at { agreed + 1 } else { 1 };
            at = opens;
            if agreed == zones.len() {
                return Some(at);
            }
        }
        None
    }

    /// The first moment from `from` on that one zone allows. A window begins at its hour, by either
    /// reading of one that comes twice, or where a change of the clock leads into it.
    fn opens_in(&self, zone: &Zone, from: Timestamp) -> Option<Timestamp> {
        let allows = |at: &Timestamp| self.allows(zone.reading(*at));
        if allows(&from) {
            return Some(from);
        }
        let clock = zone.clock();
        let today = Day::of(zone.reading(from).date());
        // The day before as well: a clock that is put back over midnight returns to it.
        let days = (-1..=i32::try_from(AHEAD.days_ceil()).unwrap_or(0)).map(|ahead| today.plus(ahead));
        let opening = |day: Day| {
            let from = self.hours.on(day.weekday())?.from();
            Some(day.at_minute(from))
        };
        let hours = days.filter_map(opening).flat_map(|civil| {
            let offsets = match clock.to_ambiguous_timestamp(civil).offset() {
                AmbiguousOffset::Unambiguous { offset } => [Some(offset), None],
                AmbiguousOffset::Gap { before, .. } => [Some(before), None],
                AmbiguousOffset::Fold { before, after } => [Some(before), Some(after)],
            };
            offsets.into_iter().flatten().filter_map(move |offset| offset.to_timestamp(civil).ok())
        });
        let hour = hours.map(|at| Timestamp(at.as_millisecond())).filter(|at| *at > from).find(allows);
        let last = hour.unwrap_or(from + AHEAD);
        let changes = clock.following(moment(from)).map(|change| Timestamp(change.timestamp().as_millisecond()));
        changes.take_while(|at| *at < last).filter(|at| *at > from).find(allows).or(hour)
    }

    /// What a person reads about it. It is kept in plain text, so a zone that somebody named is not.
    fn fact(&self, clocks: &Clocks, zone: &Zone, opens: Opens, now: Timestamp) -> String {
        let reading = zone.reading(now);
        let whose = match (clocks.known(), clocks.countries()) {
            (true, _) => String::new(),
            (false, []) => "nobody knows where they are; ".to_owned(),
            (false, countries) => {
                let names: Vec<_> = countries.iter().map(Country::as_str).collect();
                format!("their zone is not known, only where they may be: {}; ", names.join(", "))
            }
        };
        let place = if clocks.known() { "there".to_owned() } else { format!("in {zone}") };
        let state = match self.holiday(reading) {
            Some(name) => format!("it is a holiday ({name}) {place}"),
            None => {
                format!("it is {} {:02}:{:02} {place}", reading.date().strftime("%a"), reading.hour(), reading.minute())
            }
        };
        let never = if opens == Opens::Never { ", which leaves no hour that all allow" } else { "" };
        format!("{whose}{state}; texts may arrive {}{never}", self.hours)
    }
}

#[cfg(test)]
mod tests;
