//! Stand-in until the real one is merged.
use crate::law::Weekday;
use crate::time::{Span, Timestamp};
use crate::zone::Zone;

const DAY: i64 = Span::days(1).0;

fn local(zone: &Zone, at: Timestamp) -> i64 {
    zone.shown(at).0.div_euclid(DAY)
}

fn on(zone: &Zone, day: i64, minute: u16) -> Timestamp {
    let mut at = Timestamp((day - 2) * DAY);
    for _ in 0..6 {
        at = zone.next(minute, at);
        if local(zone, at) >= day {
            return at;
        }
    }
    at
}

pub fn after_days_at(zone: &Zone, from: Timestamp, days: u16, minute: u16) -> Timestamp {
    let day = local(zone, from) + i64::from(days);
    let at = on(zone, day, minute);
    if at > from { at } else { on(zone, day + 1, minute) }
}

pub fn next_weekday_at(zone: &Zone, from: Timestamp, weekday: Weekday, minute: u16) -> Timestamp {
    let today = local(zone, from);
    (0..9).map(|n| today + n).filter(|day| (day + 3).rem_euclid(7) == weekday as i64).map(|day| on(zone, day, minute)).find(|at| *at > from).unwrap_or(from)
}

pub fn end_of_local_day(zone: &Zone, at: Timestamp) -> Timestamp {
    on(zone, local(zone, at) + 1, 0)
}

fn date(day: i64) -> jiff::civil::Date {
    jiff::Timestamp::from_millisecond(day * DAY).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC).date()
}

pub fn month_and_day(zone: &Zone, at: Timestamp) -> (u8, u8) {
    let date = date(local(zone, at));
    (date.month().unsigned_abs(), date.day().unsigned_abs())
}

pub fn next_yearly(zone: &Zone, month: u8, day: u8, minute: u16, after: Timestamp) -> (Timestamp, i16) {
    let year = date(local(zone, after)).year();
    for year in year..year + 9 {
        let Some(date) = [day, 28].iter().find_map(|day| jiff::civil::Date::new(year, month as i8, *day as i8).ok()) else { continue };
        let days = (date - jiff::civil::date(1970, 1, 1)).get_days();
        let at = on(zone, i64::from(days), minute);
        if at > after {
            return (at, year);
        }
    }
    (after + Span::days(365), year)
}
