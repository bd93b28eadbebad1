use super::place::{AU_PARTS, EEA, EU, EU_PARTS, US_PARTS};
use super::*;
use crate::consent::{Basis, Hash, Held, Standing};
use crate::time::{Span, Timestamp};

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn rules(country: &str) -> &'static Rules {
    of(Some(country.parse().expect("a country")), None)
}

fn rules_in(country: &str, region: &str) -> &'static Rules {
    of(Some(country.parse().expect("a country")), Some(region.parse().expect("a region")))
}

fn all() -> impl Iterator<Item = &'static Rules> {
    Jurisdiction::ALL.into_iter().map(row).chain(places().map(|(_, _, rules)| rules))
}

fn sources(rules: &Rules) -> [&[Source]; 12] {
    [
        &rules.email.sources,
        &rules.texts.sources,
        &rules.email_after_purchase.sources,
        &rules.texts_after_purchase.sources,
        &rules.confirmation.sources,
        &rules.device.sources,
        &rules.text_hours.sources,
        &rules.email_contents.sources,
        &rules.text_contents.sources,
        &rules.withdrawal.sources,
        &rules.proof.sources,
        &rules.silence.sources,
    ]
}

#[test]
fn every_fact_has_a_source_that_can_be_looked_up() {
    for source in all().flat_map(|rules| sources(rules).map(<[_]>::to_vec)) {
        assert!(!source.is_empty());
        for Source { law, place, url, .. } in source {
            assert!(!law.is_empty() && !place.is_empty() && url.starts_with("http"), "{law}, {place}: {url}");
        }
    }
}

#[test]
fn elsewhere_is_at_least_as_strict_as_every_place_in_every_fact() {
    for unknown in [of(None, None), rules("CH"), rules("JP"), rules("ZZ"), row(Jurisdiction::Elsewhere)] {
        for known in all() {
            assert!(unknown.satisfies(known), "{known}");
        }
    }
}

#[test]
fn whoever_obeys_a_place_obeys_its_jurisdiction() {
    for (country, region, rules) in places() {
        assert!(rules.satisfies(row(Jurisdiction::of(country))), "{country} {region:?}");
        assert!(of(Some(country), None).satisfies(rules), "an unknown region of {country}");
        assert_eq!(of(Some(country), region), rules);
    }
}

#[test]
fn every_member_state_and_every_part_belongs_to_its_jurisdiction() {
    let of = |code: &str| Jurisdiction::of(code.parse().expect("a country"));
    for code in EU.iter().chain(&EEA).chain(&EU_PARTS) {
        assert_eq!(of(code), Jurisdiction::Eu, "{code}");
        assert!(rules(code).satisfies(row(Jurisdiction::Eu)), "{code}");
    }
    for code in US_PARTS {
        assert_eq!(of(code), Jurisdiction::Us, "{code}");
    }
    for code in AU_PARTS {
        assert_eq!(of(code), Jurisdiction::Au, "{code}");
    }
    for (code, jurisdiction) in [
        ("GB", Jurisdiction::Uk),
        ("uk", Jurisdiction::Uk),
        ("us", Jurisdiction::Us),
        ("CA", Jurisdiction::Ca),
        ("AU", Jurisdiction::Au),
        ("CH", Jurisdiction::Elsewhere),
        ("NZ", Jurisdiction::Elsewhere),
    ] {
        assert_eq!(of(code), jurisdiction, "{code}");
    }
}

#[test]
fn codes_are_read_in_either_case_and_nothing_else() {
    assert_eq!("de".parse::<Country>().map(|c| c.to_string()).as_deref(), Ok("DE"));
    assert_eq!("fl".parse::<Region>().map(|r| r.to_string()).as_deref(), Ok("FL"));
    for text in ["", "D", "DEU", "1A", "é", "D "] {
        assert!(text.parse::<Country>().is_err(), "{text}");
    }
    for text in ["", "ABCD", "F ", "é"] {
        assert!(text.parse::<Region>().is_err(), "{text}");
    }
}

#[test]
fn a_region_counts_where_it_is_known_and_the_strictest_where_it_is_not() {
    let hours = |rules: &Rules| rules.text_hours.value.to_string();
    for (rules, expected) in [
        (row(Jurisdiction::Us), "Mon–Fri 8:00–21:00, Sat 8:00–21:00, Sun 8:00–21:00"),
        (rules_in("US", "NY"), "Mon–Fri 8:00–21:00, Sat 8:00–21:00, Sun 8:00–21:00"),
        (rules_in("US", "FL"), "Mon–Fri 8:00–20:00, Sat 8:00–20:00, Sun 8:00–20:00"),
        (rules_in("US", "TX"), "Mon–Fri 9:00–21:00, Sat 9:00–21:00, Sun 12:00–21:00"),
        (rules("US"), "Mon–Fri 10:00–18:00, Sat 10:00–17:00, Sun silent, holidays silent"),
        (rules("FR"), "Mon–Fri 10:00–20:00, Sat 10:00–20:00, Sun silent, holidays silent"),
        (rules("DE"), "Mon–Fri 9:00–20:00, Sat 9:00–20:00, Sun silent, holidays silent"),
        (rules("AU"), "Mon–Fri 9:00–20:00, Sat 9:00–17:00, Sun silent, holidays silent"),
        (of(None, None), "Mon–Fri 10:00–18:00, Sat 10:00–17:00, Sun silent, holidays silent"),
    ] {
        assert_eq!(hours(rules), expected);
    }
    assert_eq!(rules_in("CA", "ON").device.value, DeviceConsent::Free);
    assert_eq!(rules_in("CA", "QC").device.value, DeviceConsent::Ask);
    assert_eq!(rules("CA").device.value, DeviceConsent::Ask);
    assert_eq!(rules("DE").confirmation.value, Confirmation::Needed);
    assert_eq!(rules("SE").confirmation.value, Confirmation::Advised);
}

#[test]
fn the_unknown_world_is_asked_for_everything() {
    let rules = of(None, None);
    assert_eq!(rules.email.value, Prior::Consent);
    assert_eq!(rules.texts.value, Prior::WrittenConsent);
    assert_eq!(
        (rules.email_after_purchase.value, rules.texts_after_purchase.value),
        (SoftOptIn::Never, SoftOptIn::Never)
    );
    assert_eq!(rules.confirmation.value, Confirmation::Needed);
    assert_eq!(rules.device.value, DeviceConsent::Ask);
    let Contents { sender, postal, stop, stop_works } = rules.email_contents.value;
    assert_eq!((sender, postal, stop, stop_works), (true, true, true, Span::days(60)));
    assert_eq!(rules.withdrawal.value, BusinessDays(0));
}

#[test]
fn a_withdrawal_is_honoured_here_as_soon_as_any_law_asks() {
    for rules in all() {
        assert!(WITHDRAWAL <= rules.withdrawal.value);
    }
}

fn held(standing: Standing, basis: Basis) -> Held {
    Held { at: NOW, standing, proven: true, worded: true, basis }
}

fn given(basis: Basis) -> Held {
    held(Standing::Given, basis)
}

fn bought(days_ago: i64) -> Held {
    given(Basis::SoftOptIn { order: Hash::default(), at: NOW + Span::days(-days_ago) })
}

#[track_caller]
fn check(country: &str, channel: Channel, held: Option<&Held>, allowed: bool, rule: &str) {
    let decision = may_market(channel, held, rules(country), NOW);
    assert_eq!((decision.allowed(), decision.why().rule()), (allowed, rule), "{}", decision.why().fact());
}

#[test]
fn without_a_word_only_american_e_mail_is_allowed() {
    for country in ["FR", "GB", "CA", "AU", "BR"] {
        check(country, Channel::Email, None, false, "consent");
        check(country, Channel::Sms, None, false, "consent");
    }
    check("US", Channel::Email, None, true, "no consent asked");
    check("US", Channel::Sms, None, false, "consent");
}

#[test]
fn a_withdrawal_and_an_open_question_forbid_it_everywhere() {
    for country in ["FR", "GB", "US", "CA", "AU", "BR"] {
        for channel in [Channel::Email, Channel::Sms, Channel::Device] {
            check(country, channel, Some(&held(Standing::Withdrawn, Basis::Consent)), false, "withdrawal");
            check(country, channel, Some(&held(Standing::Asked, Basis::Consent)), false, "confirmation");
        }
    }
}

#[test]
fn a_proven_consent_in_recorded_words_is_enough_everywhere() {
    for country in ["FR", "DE", "GB", "CA", "AU", "BR"] {
        check(country, Channel::Email, Some(&given(Basis::Consent)), true, "consent");
        check(country, Channel::Sms, Some(&given(Basis::Consent)), true, "consent");
    }
    check("US", Channel::Sms, Some(&given(Basis::Consent)), true, "consent");
}

#[test]
fn an_unproven_address_is_not_enough_where_confirmation_is_needed() {
    let unproven = Held { proven: false, ..given(Basis::Consent) };
    for (country, allowed, rule) in [
        ("DE", false, "confirmation"),
        ("AT", false, "confirmation"),
        ("BR", false, "confirmation"),
        ("SE", true, "consent"),
        ("GB", true, "consent"),
    ] {
        check(country, Channel::Email, Some(&unproven), allowed, rule);
    }
    check("BR", Channel::Device, Some(&unproven), true, "consent");
}

#[test]
fn written_consent_needs_the_words() {
    let wordless = Held { worded: false, ..given(Basis::Consent) };
    let imported = given(Basis::Imported { origin: "old shop".to_owned() });
    for held in [&wordless, &imported] {
        check("US", Channel::Sms, Some(held), false, "written consent");
        check("GB", Channel::Sms, Some(held), true, "consent");
    }
}

#[test]
fn a_purchase_stands_in_for_consent_where_and_as_long_as_the_law_says() {
    for (country, channel, days_ago, allowed, rule) in [
        ("CA", Channel::Email, 730, true, "soft opt-in"),
        ("CA", Channel::Email, 731, false, "soft opt-in"),
        ("CA", Channel::Sms, 1, true, "soft opt-in"),
        ("GB", Channel::Email, 1_000, true, "soft opt-in"),
        ("FR", Channel::Email, 1_096, false, "soft opt-in"),
        ("AU", Channel::Email, 1, false, "soft opt-in"),
        ("US", Channel::Email, 9_999, true, "no consent asked"),
        ("US", Channel::Sms, 1, false, "soft opt-in"),
        ("BR", Channel::Email, 1, false, "soft opt-in"),
        ("FR", Channel::Device, 1, false, "soft opt-in"),
    ] {
        check(country, channel, Some(&bought(days_ago)), allowed, rule);
    }
}

fn local(weekday: Weekday, hour: u16, minute: u16) -> Local {
    Local { weekday, minute: hour * 60 + minute, holiday: false }
}

#[test]
fn texts_wait_for_decent_hours() {
    use Weekday::{Friday, Monday, Saturday, Sunday};
    for (country, now, wait) in [
        ("FR", local(Monday, 10, 0), Span(0)),
        ("FR", local(Monday, 9, 59), Span::minutes(1)),
        ("FR", local(Monday, 19, 59), Span(0)),
        ("FR", local(Monday, 20, 0), Span::hours(14)),
        ("FR", local(Saturday, 20, 0), Span::hours(38)),
        ("FR", local(Sunday, 12, 0), Span::hours(22)),
        ("FR", Local { holiday: true, ..local(Friday, 12, 0) }, Span::hours(22)),
        ("US", local(Saturday, 17, 0), Span::hours(41)),
    ] {
        let rules = rules(country);
        assert_eq!(rules.text_hours.value.opens_in(now), Some(wait), "{country} {now:?}");
        let decision = may_text(rules, now);
        assert_eq!((decision.allowed(), decision.why().rule()), (wait == Span(0), "hours for texts"), "{now:?}");
    }
}

#[test]
fn hours_that_leave_no_time_never_open() {
    let morning = Hours::weekly(Window::hours(8, 12), None, None);
    let evening = Hours::weekly(Window::hours(12, 20), Window::hours(8, 20), None);
    let neither = morning.within(&evening);
    assert_eq!(neither.opens_in(local(Weekday::Monday, 9, 0)), None);
}

#[test]
fn the_silent_are_forgotten_and_the_proof_outlives_them() {
    for rules in all() {
        let forgotten = forget(rules, NOW);
        assert_eq!(forgotten.at(), NOW + Span::days(1_095));
        assert_eq!(forgotten.why().rule(), "silence");
        assert!(rules.proof.value.0 >= rules.silence.value.0);
    }
}

#[test]
fn the_document_shows_every_row_and_every_place_with_its_source() {
    let text = markdown();
    for jurisdiction in Jurisdiction::ALL {
        assert!(text.contains(&format!("## {}\n", jurisdiction.as_str())));
    }
    for (country, region, _) in places() {
        let name = region.map_or_else(|| country.to_string(), |region| format!("{country}-{region}"));
        assert!(text.contains(&format!("## {name}: beyond")), "{name}");
    }
    for line in
        text.lines().filter(|line| line.starts_with('|') && !line.starts_with("| what") && !line.contains("---"))
    {
        assert_eq!(line.matches('|').count(), 4, "{line}");
        assert!(line.contains("](http"), "{line}");
    }
}
