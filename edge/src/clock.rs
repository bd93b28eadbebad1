//! What time it is. Only a development build can move it.

use domain::time::Timestamp;

/// The real clock.
pub fn real_now() -> Timestamp {
    Timestamp(i64::try_from(worker::Date::now().as_millis()).unwrap_or(i64::MAX))
}

/// The clock of one object.
#[cfg(not(feature = "dev-clock"))]
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {}

#[cfg(not(feature = "dev-clock"))]
impl Clock {
    /// Now.
    #[allow(clippy::unused_self)]
    pub fn now(self) -> Timestamp {
        real_now()
    }

    /// The real moment at which this clock will show `at`.
    #[allow(clippy::unused_self)]
    pub fn real(self, at: Timestamp) -> Timestamp {
        at
    }
}

/// The clock of one object, which can be ahead of the real one.
#[cfg(feature = "dev-clock")]
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    /// How far it is ahead.
    pub ahead: domain::time::Span,
}

#[cfg(feature = "dev-clock")]
impl Clock {
    /// Now, on this clock.
    pub fn now(self) -> Timestamp {
        real_now() + self.ahead
    }

    /// The real moment at which this clock will show `at`.
    pub fn real(self, at: Timestamp) -> Timestamp {
        Timestamp(at.0.saturating_sub(self.ahead.0))
    }
}
