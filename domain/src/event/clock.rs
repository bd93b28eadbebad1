//! Clocks of devices that are wrong.

use crate::time::{Span, Timestamp};

/// What a device's clock says against the edge's, seen from one request.
///
/// A wrong clock is corrected, not refused: what counts is how long before sending something
/// happened, and that a wrong clock still measures well.
#[derive(Clone, Copy, Debug)]
pub struct DeviceClock {
    ahead: Span,
    now: Timestamp,
}

/// A clock this close to the edge's is taken at its word; the difference is mostly travel time.
const GOOD_ENOUGH: Span = Span::minutes(2);
/// The oldest event that is still taken: an outbox may have waited for weeks, not for years.
const OLDEST: Span = Span::days(60);
/// How much later than the moment of sending an event may claim to be.
const AHEAD: Span = Span::minutes(2);

impl DeviceClock {
    /// `sent` is what the device's clock said when it sent the request, `now` the edge's clock when
    /// the request arrived.
    pub fn read(sent: Timestamp, now: Timestamp) -> Self {
        let off = sent - now;
        let ahead = if off.0.saturating_abs() <= GOOD_ENOUGH.0 { Span(0) } else { off };
        Self { ahead, now }
    }

    /// The moment on the edge's clock, or what is wrong with it.
    pub fn correct(&self, at: Timestamp) -> Result<Timestamp, String> {
        let true_at = Timestamp(at.0.saturating_sub(self.ahead.0));
        if true_at > self.now + AHEAD {
            return Err(format!(
                "lies {} ms after the moment it was sent; expected the time it happened, in milliseconds since 1970",
                (true_at - self.now).0
            ));
        }
        if self.now - true_at > OLDEST {
            return Err(format!("lies more than {OLDEST} back; older events are imported, not sent by a browser"));
        }
        Ok(true_at.min(self.now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    #[test]
    fn a_wrong_clock_is_corrected() {
        let years_ahead = DeviceClock::read(NOW + Span::days(3_650), NOW);
        assert_eq!(years_ahead.correct(NOW + Span::days(3_650) + Span::minutes(-5)), Ok(NOW + Span::minutes(-5)));
        let in_1970 = DeviceClock::read(Timestamp(60_000), NOW);
        assert_eq!(in_1970.correct(Timestamp(0)), Ok(NOW + Span::minutes(-1)));
    }

    #[test]
    fn nothing_happens_after_it_was_heard_of() {
        let clock = DeviceClock::read(NOW + Span::seconds(30), NOW);
        assert_eq!(clock.correct(NOW + Span::seconds(29)), Ok(NOW));
    }

    #[test]
    fn future_and_ancient_times_are_refused() {
        let clock = DeviceClock::read(NOW, NOW);
        assert!(clock.correct(NOW + Span::hours(1)).is_err());
        assert!(clock.correct(NOW + Span::days(-61)).is_err());
        assert!(clock.correct(Timestamp(i64::MAX)).is_err());
        assert!(clock.correct(Timestamp(i64::MIN)).is_err());
        assert!(DeviceClock::read(Timestamp(i64::MIN), NOW).correct(NOW).is_err());
    }
}
