//! Moments and numbers as people read them.

use domain::time::{Span, Timestamp};
use domain::zone::Zone;

/// A moment by the shop's clock: `4 Mar 2026 10:00`.
pub fn moment(at: Timestamp, zone: &Zone) -> String {
    formatted(at, zone, "%-d %b %Y %H:%M")
}

/// A day by the shop's clock: `4 Mar 2026`.
pub fn day(at: Timestamp, zone: &Zone) -> String {
    formatted(at, zone, "%-d %b %Y")
}

fn formatted(at: Timestamp, zone: &Zone, format: &str) -> String {
    let shown = jiff::Timestamp::from_millisecond(zone.shown(at).0).unwrap_or_default();
    shown.to_zoned(jiff::tz::TimeZone::UTC).strftime(format).to_string()
}

/// How much later, in the two greatest units that count: `7 days later`, `1 hour 20 minutes earlier`.
pub fn apart(from: Timestamp, to: Timestamp) -> String {
    let span = to - from;
    let word = if span.0 < 0 { "earlier" } else { "later" };
    let units =
        [(Span::days(1), "day"), (Span::hours(1), "hour"), (Span::minutes(1), "minute"), (Span::seconds(1), "second")];
    let mut rest = span.0.abs();
    let mut parts = Vec::new();
    for (unit, name) in units {
        let n = rest / unit.0;
        rest %= unit.0;
        if n > 0 && parts.len() < 2 {
            parts.push(format!("{n} {name}{}", if n == 1 { "" } else { "s" }));
        } else if !parts.is_empty() {
            break;
        }
    }
    match parts.as_slice() {
        [] if span.0 == 0 => "at the same moment".to_owned(),
        [] => format!("less than a second {word}"),
        parts => format!("{} {word}", parts.join(" ")),
    }
}

/// A number with its thousands apart: `12,345`.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// So many of something: `1 shopper`, `2 shoppers`.
pub fn count(n: u64, what: &str) -> String {
    format!("{} {what}{}", number(n), if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_between_moments_read_well() {
        let at = |ms| apart(Timestamp(0), Timestamp(ms));
        assert_eq!(at(Span::days(7).0), "7 days later");
        assert_eq!(at(-Span::minutes(80).0), "1 hour 20 minutes earlier");
        assert_eq!(at(Span::days(1).0 + 5_000), "1 day later");
        assert_eq!(at(1), "less than a second later");
        assert_eq!(at(0), "at the same moment");
    }

    #[test]
    fn numbers_and_moments_read_well() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(count(1, "shopper"), "1 shopper");
        let summer = Timestamp(1_782_900_000_000); // 2026-07-01T10:00:00Z
        assert_eq!(moment(summer, &"Europe/Berlin".parse().unwrap()), "1 Jul 2026 12:00");
    }
}
