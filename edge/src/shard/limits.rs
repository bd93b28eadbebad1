//! How much one browser or one network address may send. Kept in memory: it protects, it does not
//! prove.

use std::collections::HashMap;

use domain::time::Timestamp;

/// A bucket that holds `burst` and gains one every `every_ms`.
#[derive(Clone, Copy)]
pub struct Rate {
    burst: f64,
    every_ms: f64,
}

/// What is counted, each by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counted {
    /// Requests with events from one network; a university can share one.
    Requests,
    /// Bytes of events from one network.
    Bytes,
    /// Events from one browser.
    Events,
    /// Forms from one network.
    Forms,
    /// Forms from one network that nobody wonders about: a household, an open day at a school.
    FormsInCalm,
    /// Requests from one network address that were not signed rightly.
    Unsigned,
    /// Answers of which the merchant is told at once: anybody can send them, and a mail is read by somebody.
    Alarms,
}

impl Counted {
    const fn rate(self) -> Rate {
        match self {
            Self::Requests => Rate { burst: 1_200.0, every_ms: 20.0 },
            // An office of thousands behind one address reads some ten pages a second, of less than a kilobyte
            // each. Whoever sends a hundred kilobytes a second for hours is no reader.
            Self::Bytes => Rate { burst: 4_000_000.0, every_ms: 0.01 },
            Self::Events => Rate { burst: 600.0, every_ms: 200.0 },
            Self::Forms => Rate { burst: 30.0, every_ms: 10_000.0 },
            Self::FormsInCalm => Rate { burst: 8.0, every_ms: 120_000.0 },
            Self::Unsigned => Rate { burst: 60.0, every_ms: 1_000.0 },
            Self::Alarms => Rate { burst: 10.0, every_ms: 600_000.0 },
        }
    }
}

/// The most callers remembered; beyond that the memory starts afresh.
const MOST_CALLERS: usize = 20_000;

/// Who has sent how much lately.
#[derive(Default)]
pub struct Limits {
    left: HashMap<(Counted, u64), (f64, Timestamp)>,
}

impl Limits {
    /// Takes `n` from a caller's bucket; when it does not hold that much, the seconds until it does.
    pub fn take(&mut self, what: Counted, caller: u64, n: usize, now: Timestamp) -> Result<(), u32> {
        self.take_at(what.rate(), (what, caller), n, now)
    }

    /// Gives one back that was taken before.
    pub fn give_back(&mut self, what: Counted, caller: u64) {
        if let Some((left, _)) = self.left.get_mut(&(what, caller)) {
            *left += 1.0;
        }
    }

    fn take_at(&mut self, rate: Rate, bucket: (Counted, u64), n: usize, now: Timestamp) -> Result<(), u32> {
        if self.left.len() > MOST_CALLERS {
            self.left.clear();
        }
        #[allow(clippy::cast_precision_loss)]
        let (n, now_ms) = (n as f64, now.0 as f64);
        let (left, since) = self.left.entry(bucket).or_insert((rate.burst, now));
        #[allow(clippy::cast_precision_loss)]
        let gained = (now_ms - since.0 as f64).max(0.0) / rate.every_ms;
        *left = (*left + gained).min(rate.burst);
        *since = now;
        if *left >= n {
            *left -= n;
            return Ok(());
        }
        let wait_ms = (n.min(rate.burst) - *left) * rate.every_ms;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let seconds = (wait_ms / 1_000.0).ceil() as u32;
        Err(seconds.max(1))
    }
}

/// The network that an address belongs to: of IPv6 the half that providers give to one household.
pub fn network(address: &str) -> u64 {
    match address.parse::<std::net::Ipv6Addr>() {
        Ok(address) => caller(address.octets().first_chunk::<8>().map_or(&[], |prefix| prefix.as_slice())),
        Err(_) => caller(address.as_bytes()),
    }
}

/// A caller in memory: not reversible in practice, never written down.
pub fn caller(name: &[u8]) -> u64 {
    // FNV-1a: spreads well enough to tell callers apart, nothing hangs on it being hard to guess.
    name.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_then_it_waits_then_it_passes_again() {
        let mut limits = Limits::default();
        let rate = Rate { burst: 3.0, every_ms: 1_000.0 };
        let at = |seconds: i64| Timestamp(seconds * 1_000);
        for _ in 0..3 {
            assert_eq!(limits.take_at(rate, (Counted::Forms, 7), 1, at(0)), Ok(()));
        }
        assert_eq!(limits.take_at(rate, (Counted::Forms, 7), 1, at(0)), Err(1));
        assert_eq!(limits.take_at(rate, (Counted::Forms, 8), 1, at(0)), Ok(()), "another caller is not held up");
        assert_eq!(limits.take_at(rate, (Counted::Forms, 7), 3, at(1)), Err(2));
        assert_eq!(limits.take_at(rate, (Counted::Forms, 7), 1, at(1)), Ok(()));
    }

    #[test]
    fn a_household_is_one_network() {
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }

    #[test]
    fn a_clock_that_goes_back_takes_nothing_away() {
        let mut limits = Limits::default();
        let rate = Rate { burst: 2.0, every_ms: 1_000.0 };
        assert_eq!(limits.take_at(rate, (Counted::Forms, 1), 1, Timestamp(10_000)), Ok(()));
        assert_eq!(limits.take_at(rate, (Counted::Forms, 1), 1, Timestamp(0)), Ok(()));
    }
}
