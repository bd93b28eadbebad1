//! Moments as servers and files write them.

use jiff::civil;
use jiff::tz::TimeZone;

use crate::time::Timestamp;

/// Reads RFC 3339 (`2026-11-22T06:00:00+01:00`); without an offset, UTC is meant. A day alone is its
/// beginning.
pub fn read(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if !(10..=40).contains(&text.len()) {
        return None;
    }
    let instant = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let civil = text.parse::<civil::DateTime>().ok()?;
        TimeZone::UTC.to_ambiguous_timestamp(civil).compatible().ok()
    })?;
    Some(Timestamp(instant.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_servers_write_them() {
        for (text, at) in [
            ("2026-11-22T06:00:00Z", 1_795_327_200_000),
            ("2026-11-22T07:00:00+01:00", 1_795_327_200_000),
            ("2026-11-22T06:00:00.250Z", 1_795_327_200_250),
            ("2026-11-22T06:00:00", 1_795_327_200_000),
            ("2026-11-22 06:00", 1_795_327_200_000),
            ("2026-11-22", 1_795_305_600_000),
        ] {
            assert_eq!(read(text), Some(Timestamp(at)), "{text}");
        }
        for text in ["", "yesterday", "22.11.2026", "2026-13-01", "2026-02-30", "06:00:00", "1795327200"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
