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

/// Events from one browser.
pub const VISITOR_EVENTS: Rate = Rate { burst: 600.0, every_ms: 200.0 };
/// Requests with events from one network address; a university can share one.
pub const SENDER_REQUESTS: Rate = Rate { burst: 1_200.0, every_ms: 20.0 };
/// Forms from one network address.
pub const SENDER_FORMS: Rate = Rate { burst: 30.0, every_ms: 10_000.0 };

/// Forms from one network address that nobody wonders about: a household, an open day at a school.
pub const SENDER_FORMS_IN_CALM: Rate = Rate { burst: 8.0, every_ms: 120_000.0 };
/// Requests from one network address that were not signed rightly.
pub const SENDER_UNSIGNED: Rate = Rate { burst: 60.0, every_ms: 1_000.0 };

/// The most callers remembered; beyond that the memory starts afresh.
const MOST_CALLERS: usize = 20_000;

/// Who has sent how much lately.
#[derive(Default)]
pub struct Limits {
    left: HashMap<(u8, u64), (f64, Timestamp)>,
}

impl Limits {
    /// Takes `n` from a caller's bucket; when it does not hold that much, the seconds until it does.
    pub fn take(&mut self, kind: u8, caller: u64, n: usize, rate: Rate, now: Timestamp) -> Result<(), u32> {
        if self.left.len() > MOST_CALLERS {
            self.left.clear();
        }
        #[allow(clippy::cast_precision_loss)]
        self.take_some(kind, caller, n as f64, rate, now)
    }

    /// Gives one back that was taken before.
    pub fn give_back(&mut self, kind: u8, caller: u64) {
        if let Some((left, _)) = self.left.get_mut(&(kind, caller)) {
            *left += 1.0;
        }
    }

    fn take_some(&mut self, kind: u8, caller: u64, n: f64, rate: Rate, now: Timestamp) -> Result<(), u32> {
        #[allow(clippy::cast_precision_loss)]
        let now_ms = now.0 as f64;
        let (left, since) = self.left.entry((kind, caller)).or_insert((rate.burst, now));
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
            assert_eq!(limits.take(0, 7, 1, rate, at(0)), Ok(()));
        }
        assert_eq!(limits.take(0, 7, 1, rate, at(0)), Err(1));
        assert_eq!(limits.take(0, 8, 1, rate, at(0)), Ok(()), "another caller is not held up");
        assert_eq!(limits.take(0, 7, 3, rate, at(1)), Err(2));
        assert_eq!(limits.take(0, 7, 1, rate, at(1)), Ok(()));
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
        assert_eq!(limits.take(0, 1, 1, rate, Timestamp(10_000)), Ok(()));
        assert_eq!(limits.take(0, 1, 1, rate, Timestamp(0)), Ok(()));
    }
}
