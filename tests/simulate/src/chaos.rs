//! What goes wrong, by seed: kills at every place where one can fall, and a provider that is none.

use domain::sending::Outcome;
use domain::time::Timestamp;

use crate::shop::Shop;

/// Where an instance can be killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kill {
    /// Before a section is committed: what came has to come again.
    Before,
    /// After something was written to the log, before journeys heard of it.
    Unheard,
    /// After a section: the answer does not get back, and nothing was handed over yet.
    After,
    /// After the provider was called and before its answer was written down.
    Between,
}

/// What goes wrong.
pub struct Chaos {
    chance: fastrand::Rng,
    faults: bool,
    punctual: bool,
    pub kills: u64,
    /// Sends to which no answer came.
    pub unanswered: u64,
    /// Sends that were claimed and not concluded when it was killed.
    pub in_flight: u64,
}

impl Chaos {
    pub fn of(seed: u64, faults: bool) -> Self {
        let chance = fastrand::Rng::with_seed(seed ^ 0xc4a05);
        Self { chance, faults, punctual: false, kills: 0, unanswered: 0, in_flight: 0 }
    }

    /// Nothing goes wrong, and nothing takes any time.
    #[cfg(test)]
    pub fn punctual() -> Self {
        Self { punctual: true, ..Self::of(0, false) }
    }

    /// Whether it is killed here.
    pub fn kills(&mut self, place: Kill) -> bool {
        let one_in = match place {
            Kill::Before | Kill::Unheard | Kill::After => 200,
            Kill::Between => 40,
        };
        let killed = self.faults && self.chance.u16(0..one_in) == 0;
        self.kills += u64::from(killed);
        killed
    }

    /// What the provider does with a message: whether it really takes it, and what the edge hears.
    pub fn provider(&mut self, shop: &Shop, now: Timestamp) -> (bool, Outcome) {
        if Shop::within(&shop.outages, now) {
            return (false, Outcome::NotNow);
        }
        if !self.faults {
            return (true, Outcome::Accepted);
        }
        match self.chance.u8(0..100) {
            0..3 => (false, Outcome::NotNow),
            3 => (false, Outcome::Refused),
            4 => (self.chance.bool(), Outcome::Unknown),
            _ => (true, Outcome::Accepted),
        }
    }

    /// How long a provider takes to answer, in milliseconds.
    pub fn latency(&mut self) -> i64 {
        if self.punctual { 0 } else { self.chance.i64(20..400) }
    }

    /// How long until an outbox, a shop's server or an alarm tries again, in milliseconds.
    pub fn again(&mut self) -> i64 {
        self.chance.i64(500..120_000)
    }

    /// How much later than due an alarm rings, in milliseconds; now and then the platform sleeps.
    pub fn lateness(&mut self) -> i64 {
        if self.punctual {
            return 0;
        }
        if self.faults && self.chance.u16(0..300) == 0 { self.chance.i64(0..7_200_000) } else { self.chance.i64(0..50) }
    }
}
