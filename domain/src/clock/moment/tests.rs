use proptest::prelude::*;

use super::*;
use crate::zone::moment;

fn zone(name: &str) -> Zone {
    name.parse().unwrap()
}

#[track_caller]
fn utc(text: &str) -> Timestamp {
    Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

const TEN: u16 = 10 * 60;
const HALF_PAST_TWO: u16 = 150;

#[test]
fn three_weeks_later_at_ten_is_ten_by_the_clock_there_in_summer_and_winter() {
    for (place, from, expected) in [
        // The clock went forward on 29 March, and goes back on 25 October.
        ("Europe/Berlin", "2026-03-15T15:00:00Z", "2026-04-05T08:00:00Z"),
        ("Europe/Berlin", "2026-10-10T15:00:00Z", "2026-10-31T09:00:00Z"),
        // Where the calendar day is another one already.
        ("Europe/Berlin", "2026-07-01T22:30:00Z", "2026-07-23T08:00:00Z"),
        ("America/New_York", "2026-10-20T02:00:00Z", "2026-11-09T15:00:00Z"),
        ("Asia/Riyadh", "2026-10-10T22:00:00Z", "2026-11-01T07:00:00Z"),
    ] {
        assert_eq!(after_days_at(&zone(place), utc(from), 21, TEN), utc(expected), "{place} {from}");
    }
}

#[test]
fn what_would_be_over_today_comes_tomorrow() {
    let berlin = zone("Europe/Berlin");
    assert_eq!(after_days_at(&berlin, utc("2026-11-22T08:59:59Z"), 0, TEN), utc("2026-11-22T09:00:00Z"));
    assert_eq!(after_days_at(&berlin, utc("2026-11-22T09:00:00Z"), 0, TEN), utc("2026-11-23T09:00:00Z"));
}

#[test]
fn a_time_that_is_left_out_counts_when_it_would_have_been() {
    let berlin = zone("Europe/Berlin");
    let later = after_days_at(&berlin, utc("2026-03-28T12:00:00Z"), 1, HALF_PAST_TWO);
    assert_eq!((later, berlin.minute(later)), (utc("2026-03-29T01:30:00Z"), 210));
    let new_york = zone("America/New_York");
    let later = after_days_at(&new_york, utc("2026-03-07T12:00:00Z"), 1, HALF_PAST_TWO);
    assert_eq!((later, new_york.minute(later)), (utc("2026-03-08T07:30:00Z"), 210));
}

#[test]
fn a_time_that_comes_twice_counts_the_first_time_only() {
    let berlin = zone("Europe/Berlin");
    let first = utc("2026-10-25T00:30:00Z");
    assert_eq!(after_days_at(&berlin, utc("2026-10-24T12:00:00Z"), 1, HALF_PAST_TWO), first);
    assert_eq!(after_days_at(&berlin, utc("2026-10-25T00:29:59Z"), 0, HALF_PAST_TWO), first);
    // Between the two, and it is over.
    assert_eq!(after_days_at(&berlin, first, 0, HALF_PAST_TWO), utc("2026-10-26T01:30:00Z"));
    let new_york = zone("America/New_York");
    let first = utc("2026-11-01T05:30:00Z");
    assert_eq!(after_days_at(&new_york, utc("2026-10-31T12:00:00Z"), 1, 90), first);
    assert_eq!(after_days_at(&new_york, utc("2026-11-01T06:00:00Z"), 0, 90), utc("2026-11-02T06:30:00Z"));
}

#[test]
fn the_next_friday_at_nine_may_be_today() {
    let riyadh = zone("Asia/Riyadh");
    let next = |from: &str| next_weekday_at(&riyadh, utc(from), Weekday::Friday, 9 * 60);
    assert_eq!(next("2026-11-18T12:00:00Z"), utc("2026-11-20T06:00:00Z"));
    assert_eq!(next("2026-11-20T05:59:59Z"), utc("2026-11-20T06:00:00Z"));
    assert_eq!(next("2026-11-20T06:00:00Z"), utc("2026-11-27T06:00:00Z"));
    // Samoa had no Friday, 30 December 2011: it counts when it would have been.
    let samoa = next_weekday_at(&zone("Pacific/Apia"), utc("2011-12-29T20:00:00Z"), Weekday::Friday, 9 * 60);
    assert_eq!(samoa, utc("2011-12-30T19:00:00Z"));
}

#[test]
fn a_birthday_on_29_february_is_kept_on_the_28th_in_common_years() {
    let berlin = zone("Europe/Berlin");
    let next = |after: Timestamp| next_yearly(&berlin, 2, 29, 9 * 60, after);
    let in_2026 = next(utc("2025-06-01T00:00:00Z"));
    assert_eq!(in_2026, Yearly { at: utc("2026-02-28T08:00:00Z"), year: 2026 });
    let in_2027 = next(in_2026.at);
    assert_eq!(in_2027, Yearly { at: utc("2027-02-28T08:00:00Z"), year: 2027 });
    assert_eq!(next(in_2027.at), Yearly { at: utc("2028-02-29T08:00:00Z"), year: 2028 });
    assert_eq!(yearly_in(&berlin, 2100, 2, 29, 0).at, utc("2100-02-27T23:00:00Z"));
}

#[test]
fn a_year_names_the_birthday_wherever_the_clock_stands_by_then() {
    let asked = utc("2026-12-31T16:00:00Z");
    let (tokyo, honolulu) = (zone("Asia/Tokyo"), zone("Pacific/Honolulu"));
    let new_year = |zone: &Zone| next_yearly(zone, 1, 1, 0, asked);
    // It is 2027 in Tokyo already, and the first of January is over when the day begins.
    assert_eq!(new_year(&tokyo), Yearly { at: utc("2027-12-31T15:00:00Z"), year: 2028 });
    assert_eq!(new_year(&honolulu), Yearly { at: utc("2027-01-01T10:00:00Z"), year: 2027 });
    assert_eq!((local_year(&tokyo, asked), local_year(&honolulu, asked)), (2027, 2026));
    // Who kept 2027 in Tokyo and moves on to Hawaii does not start again.
    assert_eq!(yearly_in(&tokyo, 2027, 1, 1, 0).year, new_year(&honolulu).year);
}

#[test]
fn today_ends_where_tomorrow_begins_however_long_it_is() {
    for (place, at, ends) in [
        ("Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-29T22:00:00Z"),
        ("Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-25T23:00:00Z"),
        ("America/New_York", "2026-11-22T04:59:59Z", "2026-11-22T05:00:00Z"),
        ("America/New_York", "2026-11-22T05:00:00Z", "2026-11-23T05:00:00Z"),
        // The day begins at one where midnight is left out.
        ("America/Havana", "2026-03-07T12:00:00Z", "2026-03-08T05:00:00Z"),
        // Newfoundland went back over midnight at one past it: the second evening belongs to the new day.
        ("America/St_Johns", "2006-10-29T02:29:00Z", "2006-10-29T02:30:00Z"),
        ("America/St_Johns", "2006-10-29T03:00:00Z", "2006-10-30T03:30:00Z"),
        ("Pacific/Apia", "2011-12-30T09:00:00Z", "2011-12-30T10:00:00Z"),
    ] {
        assert_eq!(end_of_local_day(&zone(place), utc(at)), utc(ends), "{place} {at}");
    }
    assert_eq!(local_day(&zone("America/St_Johns"), utc("2006-10-29T03:00:00Z")).to_string(), "2006-10-29");
    assert_eq!(local_day(&zone("Asia/Tokyo"), utc("2026-11-22T15:00:00Z")), Day::new(2026, 11, 23).unwrap());
}

#[test]
fn nonsense_is_bounded_and_never_fails() {
    let berlin = zone("Europe/Berlin");
    for from in [Timestamp(i64::MIN), Timestamp(i64::MAX), Timestamp(0)] {
        for moment in [
            after_days_at(&berlin, from, u16::MAX, u16::MAX),
            next_weekday_at(&berlin, from, Weekday::Monday, u16::MAX),
            next_yearly(&berlin, 0, 0, 0, from).at,
            next_yearly(&berlin, 13, 99, 9_999, from).at,
            end_of_local_day(&berlin, from),
        ] {
            assert!(moment > from || from == Timestamp(i64::MAX), "{from:?} {moment:?}");
        }
    }
    let last = Day::new(9999, 12, 31).unwrap();
    assert_eq!((last.plus(1), at(&berlin, last.plus(40), 0) > Timestamp(0)), (last, true));
}

const PLACES: [&str; 16] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Riyadh",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/St_Johns",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "America/Havana",
    "America/Nuuk",
    "Africa/Cairo",
    "America/Sao_Paulo",
    "Pacific/Kiritimati",
];

fn place() -> impl Strategy<Value = Zone> {
    prop::sample::select(PLACES.to_vec()).prop_map(zone)
}

/// Minutes of the years 2000 to 2080, and more often those around changes of the clock.
fn moments(zone: &Zone) -> impl Strategy<Value = Timestamp> + use<> {
    let (first, last) = (utc("2000-01-01T00:00:00Z"), utc("2080-01-01T00:00:00Z"));
    let changes = zone.clock().following(moment(first)).map(|change| of(change.timestamp()));
    let mut near: Vec<_> = changes.take_while(|at| *at < last).collect();
    near.push(first);
    let around = (prop::sample::select(near), -2_000_i64..2_000).prop_map(|(at, off)| at + Span::minutes(off));
    let anywhere = (0..(last - first).0).prop_map(move |off| first + Span(off));
    prop_oneof![around, anywhere]
}

fn place_and_moments() -> impl Strategy<Value = (Zone, Timestamp, Timestamp)> {
    place().prop_flat_map(|zone| (moments(&zone), moments(&zone), Just(zone))).prop_map(|(a, b, zone)| (zone, a, b))
}

/// The clock there shows the wished minute, or it is one that a change left out, that day or, before
/// midnight, the day before.
fn shows(zone: &Zone, at: Timestamp, minute: u16) -> bool {
    let day = Day(zone.reading(at).date());
    let offset = |day: Day| zone.clock().to_ambiguous_timestamp(day.at_minute(minute)).offset();
    let skipped = |day| matches!(offset(day), AmbiguousOffset::Gap { .. });
    zone.minute(at) == minute || skipped(day) || skipped(day.plus(-1))
}

proptest! {
    #[test]
    fn days_later_is_later_and_near_and_at_the_wished_minute(
        (zone, from, other) in place_and_moments(), days in 0_u16..400, minute in 0_u16..1_440,
    ) {
        let found = after_days_at(&zone, from, days, minute);
        prop_assert!(found > from);
        prop_assert!(found - from <= Span::hours(24 * i64::from(days) + 50), "{found:?}");
        prop_assert!(found - from >= Span::hours(24 * i64::from(days) - 50), "{found:?}");
        prop_assert!(shows(&zone, found, minute));
        // Whoever starts later is not served sooner.
        let (sooner, later) = (from.min(other), from.max(other));
        prop_assert!(after_days_at(&zone, sooner, days, minute) <= after_days_at(&zone, later, days, minute));
        // One plan is one moment: it is the same until it has come.
        if days == 0 {
            prop_assert_eq!(after_days_at(&zone, from, 0, minute), after_days_at(&zone, Timestamp(found.0 - 1), 0, minute));
        }
    }

    #[test]
    fn a_weekday_comes_within_the_week_and_only_once(
        (zone, from, other) in place_and_moments(), weekday in 0_u8..7, minute in 0_u16..1_440,
    ) {
        let weekday = Day::new(2026, 11, 16).unwrap().plus(weekday.into()).weekday();
        let found = next_weekday_at(&zone, from, weekday, minute);
        prop_assert!(found > from && found - from <= Span::days(8), "{found:?}");
        prop_assert!(shows(&zone, found, minute));
        prop_assert_eq!(next_weekday_at(&zone, Timestamp(found.0 - 1), weekday, minute), found);
        let (sooner, later) = (from.min(other), from.max(other));
        prop_assert!(next_weekday_at(&zone, sooner, weekday, minute) <= next_weekday_at(&zone, later, weekday, minute));
    }

    #[test]
    fn a_birthday_comes_exactly_once_in_each_local_year(
        zone in place(), month in 1_u8..=12, day in 1_u8..=31, minute in 0_u16..1_440,
    ) {
        let mut after = yearly_in(&zone, 1999, month, day, minute).at;
        for year in 2000..2080 {
            let found = next_yearly(&zone, month, day, minute, after);
            prop_assert_eq!((found.year, local_year(&zone, found.at)), (year, year));
            prop_assert!(found.at > after && found.at - after <= Span::days(367));
            prop_assert_eq!(found, yearly_in(&zone, year, month, day, minute));
            prop_assert!(shows(&zone, found.at, minute));
            after = found.at;
        }
    }

    #[test]
    fn days_follow_one_another_without_a_gap((zone, from, other) in place_and_moments()) {
        let (sooner, later) = (from.min(other), from.max(other));
        prop_assert!(local_day(&zone, sooner) <= local_day(&zone, later));
        let (today, end) = (local_day(&zone, from), end_of_local_day(&zone, from));
        prop_assert!(end > from && end - from <= Span::hours(27));
        prop_assert_eq!(local_day(&zone, Timestamp(end.0 - 1)), today);
        let tomorrow = local_day(&zone, end);
        prop_assert!(tomorrow == today.plus(1) || (tomorrow == today.plus(2) && start(&zone, tomorrow) == end));
        prop_assert!(start(&zone, today) <= from);
    }
}
