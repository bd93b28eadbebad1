//! What should have begun, worked out anew from what was heard: slowly, plainly, and without the engine.

use std::collections::BTreeSet;

use domain::facts::{Happened, Kind};
use domain::time::{Span, Timestamp};

use crate::life::Who;
use crate::witness::Witness;

/// Looks for journeys that should have begun or gone on and did not.
pub fn check(who: &Who, witness: &mut Witness, end: Timestamp) {
    let heard: Vec<(Timestamp, Happened)> =
        witness.heard.iter().filter(|(seed, ..)| *seed == who.seed).map(|(_, at, what)| (*at, what.clone())).collect();
    orders(who, &heard, witness, end);
    birthdays(who, &heard, witness, end);
}

/// Every order is thanked for once, and three weeks later there is a present unless they ordered again or
/// called it off.
fn orders(who: &Who, heard: &[(Timestamp, Happened)], witness: &mut Witness, end: Timestamp) {
    let confirmed = |what: &Happened| what.kind == Kind::OrderConfirmed;
    let mut known = BTreeSet::new();
    for (at, order) in heard.iter().filter(|(_, what)| confirmed(what)) {
        let name = order.about.subject.as_str();
        if !known.insert(name) || *at - order.at > Span::days(3) {
            continue;
        }
        let key = |journey: &str| (who.seed, journey.to_owned(), name.to_owned());
        let called_off = |until: Timestamp| {
            heard
                .iter()
                .any(|(told, what)| what.kind == Kind::OrderCancelled && what.about.subject == name && *told <= until)
        };
        if called_off(*at) {
            continue;
        }
        for journey in ["thank-you", "vip"] {
            if !witness.began.contains(&key(journey)) && !ordered_since(heard, order, *at) {
                witness.fault("never begun", format!("{journey} of {name}"));
            }
        }
        let due = *at + Span::days(22);
        let Some((rule, ended)) = witness.ended.get(&key("vip")).cloned() else {
            if due + Span::days(3) < end && witness.began.contains(&key("vip")) {
                witness.fault("never ended", format!("vip of {name}"));
            }
            continue;
        };
        let before = Timestamp(ended.0 - 1);
        let expected = match rule.as_str() {
            "exit" => called_off(ended),
            "goal" => ordered_since(heard, order, ended),
            "end" => !called_off(before) && !ordered_since(heard, order, before),
            _ => false,
        };
        if !expected {
            witness.fault("ended wrongly", format!("vip of {name} by {rule}"));
        }
        if rule == "end" && ended < *at + Span::days(20) {
            witness.fault("too early", format!("vip of {name}"));
        }
    }
}

fn ordered_since(heard: &[(Timestamp, Happened)], order: &Happened, until: Timestamp) -> bool {
    heard.iter().any(|(told, what)| what.kind == Kind::OrderConfirmed && what.at > order.at && *told <= until)
}

/// Every birthday that came while they were known.
fn birthdays(who: &Who, heard: &[(Timestamp, Happened)], witness: &mut Witness, end: Timestamp) {
    let Some((birthday, first)) = who.birthday.zip(heard.iter().map(|(at, _)| *at).min()) else { return };
    let mut day = first;
    while day < end {
        let next = day + Span::days(1);
        // Noon of each day: whichever zone it is, the day of the year is that of the calendar there.
        let date = date_of(who, next);
        let leap = date.0 % 4 == 0;
        let is_it = (date.1, date.2) == (birthday.month(), birthday.day())
            || (!leap && (birthday.month(), birthday.day()) == (2, 29) && (date.1, date.2) == (2, 28));
        let certain = next > first + Span::days(2) && next + Span::days(2) < end;
        if is_it && certain {
            let key = (who.seed, "birthday".to_owned(), date.0.to_string());
            if !witness.began.contains(&key) {
                witness.fault("never begun", format!("birthday of {} in {}", who.seed, date.0));
            }
        }
        day = next;
    }
}

/// Year, month and day of a moment where somebody is, by counting days (Howard Hinnant's civil calendar).
fn date_of(who: &Who, at: Timestamp) -> (i64, u8, u8) {
    let days = who.zone.shown(at).0.div_euclid(Span::days(1).0) + 719_468;
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
