//! Moments and spans. The clock itself is always an argument.

use core::fmt;
use core::ops::{Add, Sub};
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::Malformed;

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// A span of time in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(pub i64);

impl Span {
    /// So many seconds.
    pub const fn milliseconds(n: i64) -> Self {
        Self(n)
    }

    /// So many seconds.
    pub const fn seconds(n: i64) -> Self {
        Self(n * 1_000)
    }

    /// So many minutes.
    pub const fn minutes(n: i64) -> Self {
        Self::seconds(n * 60)
    }

    /// So many hours.
    pub const fn hours(n: i64) -> Self {
        Self::minutes(n * 60)
    }

    /// So many days of 24 hours.
    pub const fn days(n: i64) -> Self {
        Self::hours(n * 24)
    }

    /// Whole days in the span, rounded up.
    pub const fn days_ceil(self) -> i64 {
        (self.0 + Self::days(1).0 - 1).div_euclid(Self::days(1).0)
    }
}

impl Add<Span> for Timestamp {
    type Output = Self;

    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub for Timestamp {
    type Output = Span;

    fn sub(self, other: Self) -> Span {
        Span(self.0.saturating_sub(other.0))
    }
}

/// Reads spans as merchants write them: `2s`, `90 minutes`, `10 days`, `3 weeks`.
impl FromStr for Span {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        const HOW: Malformed = Malformed("expected a span such as \"2s\", \"90 minutes\", \"10 days\" or \"3 weeks\"");
        let text = text.trim();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let n: i64 = number.parse().map_err(|_| HOW)?;
        let one = match unit.trim() {
            "ms" => Self(1),
            "s" | "second" | "seconds" => Self::seconds(1),
            "min" | "minute" | "minutes" => Self::minutes(1),
            "h" | "hour" | "hours" => Self::hours(1),
            "d" | "day" | "days" => Self::days(1),
            "week" | "weeks" => Self::days(7),
            _ => return Err(HOW),
        };
        n.checked_mul(one.0).filter(|ms| *ms <= Self::days(3_660).0).map(Self).ok_or(HOW)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [
            (Self::days(1), "day"),
            (Self::hours(1), "hour"),
            (Self::minutes(1), "minute"),
            (Self::seconds(1), "second"),
        ];
        for (unit, name) in units {
            let n = self.0 / unit.0;
            if n > 0 && self.0 % unit.0 == 0 {
                return write!(f, "{n} {name}{}", if n == 1 { "" } else { "s" });
            }
        }
        write!(f, "{} ms", self.0)
    }
}

/// The earlier of two moments that may not be known.
pub fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_merchants_write_them() {
        for (text, span) in [
            ("2s", Span::seconds(2)),
            ("90 minutes", Span::minutes(90)),
            ("10 days", Span::days(10)),
            ("3 weeks", Span::days(21)),
            (" 1 hour ", Span::hours(1)),
        ] {
            assert_eq!(text.parse(), Ok(span), "{text}");
        }
        for text in ["", "days", "-1 days", "1 month", "1.5 days", "99999999999999999999 days", "4000 days"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_span_reads_well() {
        assert_eq!(Span::days(1).to_string(), "1 day");
        assert_eq!(Span::minutes(90).to_string(), "90 minutes");
    }

    #[test]
    fn part_of_a_day_counts_as_a_day() {
        assert_eq!(Span::hours(25).days_ceil(), 2);
        assert_eq!(Span::days(2).days_ceil(), 2);
    }
}
