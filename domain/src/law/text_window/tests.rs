use proptest::prelude::*;

use super::*;
use crate::phone::Phone;

#[track_caller]
fn at(text: &str) -> Timestamp {
    Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

fn clocks(zone: Option<&str>, country: Option<&str>, phone: Option<&str>) -> Clocks {
    let zone: Option<Zone> = zone.map(|zone| zone.parse().unwrap());
    let phone: Option<Phone> = phone.map(|phone| phone.parse().unwrap());
    let home = "Europe/Berlin".parse().unwrap();
    Clocks::of(zone.as_ref(), country.map(|country| country.parse().unwrap()), phone.as_ref(), &home)
}

#[track_caller]
fn check(clocks: &Clocks, region: Option<&str>, cases: &[(&str, Option<&str>)]) {
    for (now, opens) in cases {
        let found = text_window(clocks, region.map(|region| region.parse().unwrap()), at(now));
        let expected = opens.map_or(Opens::Now, |opens| Opens::At(at(opens)));
        assert_eq!(found.opens(), expected, "{now}: {}", found.why().fact());
        assert_eq!(found.allowed(), opens.is_none());
        assert_eq!(found.why().rule(), "hours for texts");
    }
}

#[test]
fn a_french_number_is_silent_in_the_evening_on_sundays_and_on_holidays() {
    let cases = [
        ("2026-07-13T17:59:59Z", None),
        ("2026-07-13T18:00:00Z", Some("2026-07-15T08:00:00Z")),
        ("2026-07-14T12:00:00Z", Some("2026-07-15T08:00:00Z")),
        // Good Friday counts where somebody may be in Alsace; the clock goes forward on Easter Sunday.
        ("2027-03-26T12:00:00Z", Some("2027-03-27T09:00:00Z")),
        ("2027-03-27T19:00:00Z", Some("2027-03-30T08:00:00Z")),
        ("2027-03-29T10:00:00Z", Some("2027-03-30T08:00:00Z")),
        ("2027-03-30T08:00:00Z", None),
        // The clock goes back on a Sunday.
        ("2026-10-24T18:00:00Z", Some("2026-10-26T09:00:00Z")),
    ];
    check(&clocks(None, None, Some("+33612345678")), None, &cases);
    check(&clocks(Some("Europe/Paris"), Some("FR"), None), None, &cases);
    check(&clocks(None, Some("FR"), None), Some("IDF"), &[("2027-03-26T12:00:00Z", None)]);
}

#[test]
fn an_american_number_of_unknown_state_waits_for_hawaii_and_ends_in_new_york() {
    let new_york = clocks(None, None, Some("+12125550123"));
    check(
        &new_york,
        None,
        &[
            // 20:30 in New York.
            ("2026-11-19T01:30:00Z", Some("2026-11-19T20:00:00Z")),
            // From 10:00 in Hawaii to 18:00 in New York.
            ("2026-11-19T22:59:59Z", None),
            ("2026-11-19T23:00:00Z", Some("2026-11-20T20:00:00Z")),
            // Thanksgiving, and on Saturdays an hour less.
            ("2026-11-26T21:00:00Z", Some("2026-11-28T20:00:00Z")),
            ("2026-11-28T22:00:00Z", Some("2026-11-30T20:00:00Z")),
            ("2026-11-18T19:59:59Z", Some("2026-11-18T20:00:00Z")),
        ],
    );
}

#[test]
fn a_state_that_is_known_has_its_own_hours() {
    let florida = clocks(Some("America/New_York"), Some("US"), None);
    // 20:30 on a Wednesday.
    check(&florida, Some("FL"), &[("2026-11-19T01:30:00Z", Some("2026-11-19T13:00:00Z"))]);
    check(&florida, Some("NY"), &[("2026-11-19T01:30:00Z", None)]);
    check(&florida, Some("NY"), &[("2026-11-26T15:00:00Z", None)]);
    check(&florida, None, &[("2026-11-26T15:00:00Z", Some("2026-11-28T15:00:00Z"))]);
}

#[test]
fn an_indian_number_is_held_to_the_strictest_hours_by_its_own_clock() {
    check(
        &clocks(None, None, Some("+919876543210")),
        None,
        &[
            ("2026-11-20T04:29:59Z", Some("2026-11-20T04:30:00Z")),
            ("2026-11-20T04:30:00Z", None),
            ("2026-11-20T12:29:59Z", None),
            ("2026-11-20T12:30:00Z", Some("2026-11-21T04:30:00Z")),
            ("2026-11-21T11:30:00Z", Some("2026-11-23T04:30:00Z")),
        ],
    );
}

#[test]
fn somebody_in_riyadh_is_served_by_riyadh_s_clock() {
    let saudi = clocks(None, Some("SA"), None);
    check(&saudi, None, &[("2026-11-20T07:00:00Z", None), ("2026-11-20T15:00:00Z", Some("2026-11-21T07:00:00Z"))]);
}

#[test]
fn whoever_may_be_anywhere_gets_no_texts() {
    for unknown in [clocks(None, None, None), clocks(None, None, Some("+881612345678"))] {
        let found = text_window(&unknown, None, at("2026-11-20T12:00:00Z"));
        assert_eq!(found.opens(), Opens::Never);
        // It is asked again the next day, at the edge as in a rehearsal.
        assert_eq!(found.closed_until(at("2026-11-20T12:00:00Z")), Some(at("2026-11-21T12:00:00Z")));
        assert!(found.why().fact().starts_with("nobody knows where they are; it is "), "{}", found.why().fact());
        assert!(found.why().fact().ends_with("which leaves no hour that all allow"), "{}", found.why().fact());
    }
}

#[test]
fn the_reason_says_what_the_clock_shows_there() {
    let fact = |clocks: &Clocks, now: &str| text_window(clocks, None, at(now)).why().fact().to_owned();
    let paris = clocks(Some("Europe/Paris"), Some("FR"), None);
    assert_eq!(
        fact(&paris, "2026-07-13T18:30:00Z"),
        "it is Mon 20:30 there; texts may arrive Mon–Fri 10:00–20:00, Sat 10:00–20:00, Sun silent, holidays silent"
    );
    assert_eq!(
        fact(&paris, "2026-07-14T10:00:00Z"),
        "it is a holiday (Bastille Day) there; \
         texts may arrive Mon–Fri 10:00–20:00, Sat 10:00–20:00, Sun silent, holidays silent"
    );
    assert_eq!(fact(&paris, "2026-07-15T10:00:00Z"), "it is within the hours for texts there");
    let toll_free = clocks(None, None, Some("+18885550123"));
    let said = fact(&toll_free, "2026-11-20T03:00:00Z");
    assert!(said.starts_with("their zone is not known, only where they may be: US, CA; it is Thu 22:00 in"), "{said}");
}

#[test]
fn a_region_without_a_country_means_nothing() {
    let toll_free = clocks(None, None, Some("+18885550123"));
    let now = at("2026-11-20T20:15:00Z");
    assert_eq!(text_window(&toll_free, Some("NY".parse().unwrap()), now), text_window(&toll_free, None, now));
}

fn somebody() -> impl Strategy<Value = Clocks> {
    let zones = [
        "Europe/Berlin",
        "America/St_Johns",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Africa/Cairo",
        "America/Havana",
        "Asia/Tehran",
        "Antarctica/Troll",
        "Pacific/Apia",
        "America/Nuuk",
    ];
    let known = (prop::sample::select(zones.to_vec()), prop::sample::select(vec!["FR", "US", "AU", "CA", "IN"]));
    let numbers =
        vec!["+12125550123", "+14165550123", "+18885550123", "+61412345678", "+5511912345678", "+33612345678"];
    prop_oneof![
        known.prop_map(|(zone, country)| clocks(Some(zone), Some(country), None)),
        prop::sample::select(numbers).prop_map(|number| clocks(None, None, Some(number))),
    ]
}

proptest! {
    #[test]
    fn a_text_that_waits_may_go_out_then_and_not_a_minute_sooner(
        clocks in somebody(), hours in 0_i64..24 * 365 * 20, minute in 0_i64..60,
    ) {
        let now = at("2000-01-01T00:00:00Z") + Span::hours(hours) + Span::minutes(minute);
        let found = text_window(&clocks, None, now).opens();
        let Opens::At(opens) = found else {
            prop_assert!(found == Opens::Now);
            return Ok(());
        };
        prop_assert!(opens > now && opens <= now + AHEAD);
        prop_assert!(text_window(&clocks, None, opens).allowed());
        let law = Law::of(clocks.countries(), None);
        let mut sooner = now;
        while sooner < opens {
            let allowed = clocks.zones().iter().all(|zone| law.allows(zone.reading(sooner)));
            prop_assert!(!allowed, "{sooner:?}");
            sooner = sooner + Span::minutes(1);
        }
    }

    #[test]
    fn a_window_that_a_change_of_the_clock_cuts_is_found_to_the_minute(
        zone in prop::sample::select(vec![
            "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Cairo", "America/Havana",
            "Pacific/Apia", "America/Nuuk", "Antarctica/Troll", "Africa/Casablanca", "America/Sao_Paulo",
        ]),
        change in 0_usize..30, before in -30_i64..180, from in 0_u16..24, long in 1_u16..4, sunday in any::<bool>(),
    ) {
        let zone: Zone = zone.parse().unwrap();
        let changes = zone.clock().following(moment(at("2000-01-01T00:00:00Z")));
        let Some(change) = changes.skip(change).map(|change| change.timestamp().as_millisecond()).next() else {
            return Ok(());
        };
        let window = super::super::Window::hours(from, (from + long).min(24));
        let hours = Hours::weekly(window, window, window.filter(|_| sunday));
        let law = Law { hours, silent: Silent { countries: &[], region: None } };
        let now = Timestamp(change) + Span::minutes(-before);
        let allowed = |at: &Timestamp| law.allows(zone.reading(*at));
        let minutes = (0..24 * 60 * 3).map(|ahead| now + Span::minutes(ahead));
        prop_assert_eq!(law.opens_in(&zone, now), minutes.clone().find(allowed));
    }
}
