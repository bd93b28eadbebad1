//! Public holidays, for the laws that want silence on them.
//!
//! Sources, beside those of the table's rows: France, Code du travail L. 3133-1 (everywhere),
//! L. 3134-13 (Alsace and Moselle) and L. 3422-2 (overseas); United States, 5 U.S.C. 6103 and
//! Executive Order 11582 (the day kept instead of one on a weekend); Alabama, Code 1-3-8; Louisiana,
//! Revised Statutes 1:55; Mississippi, Code 3-3-7; Pennsylvania, 44 P.S. 11; Rhode Island, General
//! Laws 25-1-1; Utah, Code 63G-1-301; Australia, the days that the calling standard of 2017 calls
//! national. Days that a governor or a president names for one year are not known here, nor are the
//! holidays of other countries: there a holiday is a day like any other.

use super::{Country, Region, Weekday};
use crate::clock::Day;

/// The holiday that a day is in a country, by its name. Where the region or the country is not known,
/// the holidays of all of them count.
pub fn holiday(country: Option<Country>, region: Option<Region>, day: Day) -> Option<&'static str> {
    let (country, region) = country.map_or((None, None), |country| overseas(country, region));
    let held = |(countries, regions, _): &&Calendar| {
        let there = |region: Region| regions.is_empty() || regions.contains(&region.as_str());
        country.is_none_or(|country| countries.contains(&country.letters())) && region.is_none_or(there)
    };
    let moved = country.is_none_or(|country| country == UNITED_STATES);
    let holds = |(rule, _): &&Holiday| rule.holds(day) || (moved && rule.kept_on(day));
    HOLIDAYS.iter().filter(held).flat_map(|(_, _, holidays)| *holidays).find(holds).map(|(_, name)| *name)
}

/// Countries, the regions of theirs of which it is true (all of them where none is named), holidays.
type Calendar = (&'static [[u8; 2]], &'static [&'static str], &'static [Holiday]);

type Holiday = (Rule, &'static str);

/// Which days a holiday falls on.
#[derive(Clone, Copy)]
enum Rule {
    /// A month and a day of it.
    On(u8, u8),
    /// The first such day of the week from a day of a month on; from 1 the first of the month, from
    /// 8 the second.
    First(u8, u8, Weekday),
    /// The last such day of the week in a month.
    Last(u8, Weekday),
    /// So many days after Easter Sunday.
    Easter(i32),
    /// The Tuesday after the first Monday of November, in the years that this number divides.
    Election(i16),
}

impl Rule {
    fn holds(self, day: Day) -> bool {
        let from = |month, first: u8, weekday| {
            day.month() == month && (first..first + 7).contains(&day.day()) && day.weekday() == weekday
        };
        match self {
            Self::On(month, of_month) => (day.month(), day.day()) == (month, of_month),
            Self::First(month, first, weekday) => from(month, first, weekday),
            Self::Last(month, weekday) => {
                day.month() == month && day.weekday() == weekday && day.plus(7).month() != month
            }
            // From Mardi Gras in February to Whit Monday in June.
            Self::Easter(days) => (2..=6).contains(&day.month()) && day.plus(-days) == easter(day),
            Self::Election(years) => from(11, 2, Weekday::Tuesday) && day.year() % years == 0,
        }
    }

    /// Kept on this day because it falls on the weekend: on the Friday before it or the Monday after.
    fn kept_on(self, day: Day) -> bool {
        let weekend = match day.weekday() {
            Weekday::Friday => day.plus(1),
            Weekday::Monday => day.plus(-1),
            _ => return false,
        };
        matches!(self, Self::On(..)) && self.holds(weekend)
    }
}

/// Easter Sunday of a day's year, by the Gregorian reckoning (Meeus, Jones and Butcher).
fn easter(day: Day) -> Day {
    let year = i32::from(day.year());
    let (golden, century, of_century) = (year % 19, year / 100, year % 100);
    let moon = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - moon + 15) % 30;
    let to_sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * to_sunday) / 451;
    // From 1 March on.
    let days = epact + to_sunday - 7 * late + 21;
    Day::new(day.year(), 3, 1).map_or(day, |first| first.plus(days))
}

const UNITED_STATES: Country = Country::known(*b"US");

/// Parts of France that have a code of their own, where they are named as its regions.
fn overseas(country: Country, region: Option<Region>) -> (Option<Country>, Option<Region>) {
    const PARTS: [(&str, [u8; 2]); 11] = [
        ("971", *b"GP"),
        ("972", *b"MQ"),
        ("973", *b"GF"),
        ("974", *b"RE"),
        ("976", *b"YT"),
        ("GP", *b"GP"),
        ("MQ", *b"MQ"),
        ("GF", *b"GF"),
        ("RE", *b"RE"),
        ("YT", *b"YT"),
        ("MF", *b"MF"),
    ];
    let region_of_france = region.filter(|_| country == Country::known(*b"FR"));
    let part = region_of_france.and_then(|region| PARTS.iter().find(|(name, _)| *name == region.as_str()));
    part.map_or((Some(country), region), |(_, part)| (Some(Country::known(*part)), None))
}

const ABOLITION: &str = "Abolition of Slavery";

use Rule::{Easter, Election, First, Last, On};
use Weekday::{Friday, Monday, Thursday};

#[rustfmt::skip]
const HOLIDAYS: [Calendar; 16] = [
    (&[*b"FR", *b"GF", *b"GP", *b"MF", *b"BL", *b"MQ", *b"PM", *b"RE", *b"YT"], &[], &[
        (On(1, 1), "New Year's Day"), (Easter(1), "Easter Monday"), (On(5, 1), "Labour Day"),
        (On(5, 8), "Victory Day"), (Easter(39), "Ascension Day"), (Easter(50), "Whit Monday"),
        (On(7, 14), "Bastille Day"), (On(8, 15), "Assumption Day"), (On(11, 1), "All Saints' Day"),
        (On(11, 11), "Armistice Day"), (On(12, 25), "Christmas Day"),
    ]),
    // Moselle, Bas-Rhin, Haut-Rhin, Alsace, and the greater region around them.
    (&[*b"FR"], &["57", "67", "68", "6AE", "GES"], &[
        (Easter(-2), "Good Friday"), (On(12, 26), "Second Day of Christmas"),
    ]),
    (&[*b"YT"], &[], &[(On(4, 27), ABOLITION)]), (&[*b"MQ"], &[], &[(On(5, 22), ABOLITION)]),
    (&[*b"GP", *b"MF"], &[], &[(On(5, 27), ABOLITION)]), (&[*b"GF"], &[], &[(On(6, 10), ABOLITION)]),
    (&[*b"BL"], &[], &[(On(10, 9), ABOLITION)]), (&[*b"RE"], &[], &[(On(12, 20), ABOLITION)]),
    (&[*b"US"], &[], &[
        (On(1, 1), "New Year's Day"), (First(1, 15, Monday), "Martin Luther King Day"),
        (First(2, 15, Monday), "Washington's Birthday"), (Last(5, Monday), "Memorial Day"),
        (On(6, 19), "Juneteenth"), (On(7, 4), "Independence Day"), (First(9, 1, Monday), "Labor Day"),
        (First(10, 8, Monday), "Columbus Day"), (On(11, 11), "Veterans Day"),
        (First(11, 22, Thursday), "Thanksgiving Day"), (On(12, 25), "Christmas Day"),
    ]),
    (&[*b"US"], &["AL"], &[
        (Easter(-47), "Mardi Gras"), (First(4, 22, Monday), "Confederate Memorial Day"),
        (First(6, 1, Monday), "Jefferson Davis' Birthday"), (On(12, 1), "Rosa Parks Day"),
    ]),
    (&[*b"US"], &["LA"], &[
        (On(1, 8), "Battle of New Orleans"), (Easter(-47), "Mardi Gras"), (Easter(-2), "Good Friday"),
        (On(11, 1), "All Saints' Day"), (Election(2), "Election Day"), (First(11, 23, Friday), "Acadian Day"),
    ]),
    (&[*b"US"], &["MS"], &[(Last(4, Monday), "Confederate Memorial Day")]),
    (&[*b"US"], &["PA"], &[
        (On(2, 12), "Lincoln's Birthday"), (Easter(-2), "Good Friday"), (On(6, 14), "Flag Day"),
        (Election(1), "Election Day"),
    ]),
    (&[*b"US"], &["RI"], &[
        (On(5, 4), "Rhode Island Independence Day"), (First(8, 8, Monday), "Victory Day"),
        (Election(2), "Election Day"),
    ]),
    // Juneteenth is kept on a Monday there.
    (&[*b"US"], &["UT"], &[
        (Easter(-2), "Good Friday"), (First(6, 15, Monday), "Juneteenth"), (On(7, 24), "Pioneer Day"),
    ]),
    (&[*b"AU", *b"CC", *b"CX", *b"NF"], &[], &[
        (On(1, 1), "New Year's Day"), (On(1, 26), "Australia Day"), (Easter(-2), "Good Friday"),
        (Easter(1), "Easter Monday"), (On(4, 25), "Anzac Day"), (On(12, 25), "Christmas Day"),
        (On(12, 26), "Boxing Day"),
    ]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        let mut parts = text.split('-').map(|part| part.parse::<i16>().unwrap());
        let mut next = || parts.next().unwrap();
        let (year, month, of_month) = (next(), next(), next());
        Day::new(year, u8::try_from(month).unwrap(), u8::try_from(of_month).unwrap()).unwrap()
    }

    #[track_caller]
    fn check(place: &str, date: &str, expected: Option<&str>) {
        let (country, region) =
            place.split_once('-').map_or((place, None), |(country, region)| (country, Some(region)));
        let region = region.map(|region| region.parse().unwrap());
        assert_eq!(holiday(country.parse().ok(), region, day(date)), expected, "{place} {date}");
    }

    #[test]
    fn easter_is_when_the_almanacs_have_it() {
        for date in [
            "1961-04-02",
            "1998-04-12",
            "2000-04-23",
            "2008-03-23",
            "2024-03-31",
            "2025-04-20",
            "2026-04-05",
            "2027-03-28",
            "2028-04-16",
            "2038-04-25",
            "2049-04-18",
            "2076-04-19",
            "2285-03-22",
        ] {
            assert_eq!(easter(day(date)), day(date));
        }
    }

    #[test]
    fn france_keeps_its_holidays_and_its_parts_their_own() {
        for (place, date, expected) in [
            ("FR", "2026-07-14", Some("Bastille Day")),
            ("FR", "2027-03-29", Some("Easter Monday")),
            ("FR", "2027-05-06", Some("Ascension Day")),
            ("FR", "2027-05-17", Some("Whit Monday")),
            ("FR", "2026-07-15", None),
            // On a Saturday in 2026: no day is free instead of it.
            ("FR", "2026-08-14", None),
            // Good Friday where somebody may be in Alsace.
            ("FR", "2027-03-26", Some("Good Friday")),
            ("FR-GES", "2027-03-26", Some("Good Friday")),
            ("FR-IDF", "2027-03-26", None),
            ("FR-IDF", "2027-03-29", Some("Easter Monday")),
            ("RE", "2026-12-20", Some(ABOLITION)),
            ("FR-974", "2026-12-20", Some(ABOLITION)),
            ("MQ", "2026-12-20", None),
            ("MQ-972", "2026-05-22", Some(ABOLITION)),
        ] {
            check(place, date, expected);
        }
    }

    #[test]
    fn american_holidays_are_kept_on_weekdays_too_and_states_add_theirs() {
        for (place, date, expected) in [
            ("US-NY", "2026-11-26", Some("Thanksgiving Day")),
            ("US-NY", "2026-11-19", None),
            ("US-NY", "2026-05-25", Some("Memorial Day")),
            ("US-NY", "2027-01-18", Some("Martin Luther King Day")),
            // On a Saturday in 2026, on a Sunday in 2027.
            ("US-NY", "2026-07-03", Some("Independence Day")),
            ("US-NY", "2026-07-04", Some("Independence Day")),
            ("US-NY", "2027-07-05", Some("Independence Day")),
            ("US-NY", "2027-12-31", Some("New Year's Day")),
            ("US-UT", "2026-07-24", Some("Pioneer Day")),
            ("US-UT", "2028-06-19", Some("Juneteenth")),
            ("US-UT", "2029-06-18", Some("Juneteenth")),
            ("US-NY", "2026-07-24", None),
            ("US", "2026-07-24", Some("Pioneer Day")),
            ("US-LA", "2027-02-09", Some("Mardi Gras")),
            ("US-RI", "2026-08-10", Some("Victory Day")),
            ("US-RI", "2026-11-03", Some("Election Day")),
            ("US-RI", "2027-11-02", None),
            ("US-PA", "2027-11-02", Some("Election Day")),
            ("US-MS", "2027-04-26", Some("Confederate Memorial Day")),
            ("AU", "2027-04-25", Some("Anzac Day")),
        ] {
            check(place, date, expected);
        }
    }

    #[test]
    fn a_country_whose_holidays_nobody_wrote_down_has_none() {
        check("DE", "2026-10-03", None);
        check("IN", "2026-01-26", None);
    }

    #[test]
    fn somebody_who_may_be_anywhere_has_the_holidays_of_all() {
        for date in ["2026-07-14", "2026-07-03", "2027-04-25", "2026-12-20"] {
            assert!(holiday(None, None, day(date)).is_some(), "{date}");
        }
        check("", "2026-11-18", None);
    }

    #[test]
    fn every_region_that_is_silent_on_holidays_has_them() {
        for (country, region, rules) in super::super::places() {
            let christmas = holiday(Some(country), region, day("2026-12-25"));
            let silent = !rules.text_hours.value.holidays();
            let known = HOLIDAYS.iter().any(|(countries, _, _)| countries.contains(&country.letters()));
            assert!(!silent || !known || christmas.is_some(), "{country} {region:?}");
        }
    }
}
