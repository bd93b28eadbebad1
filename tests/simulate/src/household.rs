//! A household, two shoppers at most: what comes to their homes, and what is due there, in order of time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use domain::consent::Standing;
use domain::time::{Span, Timestamp};

use crate::chaos::Chaos;
use crate::edge::Home;
use crate::life::{Arrival, Life};
use crate::shop::Shop;
use crate::witness::Witness;

/// The seeds of the two of a household of a shop.
pub const fn seeds(shop: u64, household: u64) -> [u64; 2] {
    let own = own(shop, household);
    [own | 1, own.rotate_left(17) & !1]
}

/// A household's own seed.
pub const fn own(shop: u64, household: u64) -> u64 {
    shop.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ household.wrapping_mul(0xd1b5_4a32_d192_ed03)
}

/// More often than that nothing becomes due for one household in some years.
const MOST_RINGS: u32 = 20_000;

/// What is to come: the earliest first, of equal ones the first that was told.
#[derive(Default)]
struct Coming {
    queue: BinaryHeap<Reverse<(Timestamp, usize)>>,
    told: Vec<(usize, Arrival)>,
}

impl Coming {
    fn tell(&mut self, at: Timestamp, whose: usize, arrival: Arrival) {
        self.queue.push(Reverse((at, self.told.len())));
        self.told.push((whose, arrival));
    }

    fn next(&self) -> Option<Timestamp> {
        self.queue.peek().map(|Reverse((at, _))| *at)
    }

    fn take(&mut self) -> Option<(usize, Arrival)> {
        let Reverse((_, place)) = self.queue.pop()?;
        self.told.get(place).cloned()
    }
}

/// Lets the lives of a household pass, and what else comes to the first of them. Whoever turned out to be
/// the other has no home of their own at the end.
pub fn pass<'a>(
    shop: &'a Shop,
    lives: &[Life],
    more: Vec<(Timestamp, Arrival)>,
    end: Timestamp,
    chaos: &mut Chaos,
    witness: &mut Witness,
) -> Vec<Option<Home<'a>>> {
    let mut homes: Vec<Option<Home<'a>>> = lives.iter().map(|life| Some(Home::new(shop, life.who.at_home()))).collect();
    let mut coming = Coming::default();
    for life in lives {
        witness.knows(&life.who);
    }
    for (whose, life) in lives.iter().enumerate() {
        for (at, arrival) in &life.arrivals {
            coming.tell(*at, whose, arrival.clone());
        }
    }
    for (at, arrival) in more {
        // Runs are set on another version one home after the other.
        let homes = if matches!(arrival, Arrival::Migrates { .. }) { lives.len() } else { 1 };
        (0..homes).for_each(|whose| coming.tell(at, whose, arrival.clone()));
    }
    let (mut rings, mut clock) = (0_u32, Timestamp(i64::MIN));
    loop {
        let due = homes.iter().flatten().filter_map(Home::next_due).min();
        // However late something was meant to be, time does not go back.
        let due = due.map(|due| (due + Span(chaos.lateness())).max(clock));
        let next = coming.next();
        let Some(now) = due.into_iter().chain(next).min().filter(|now| *now <= end) else { break };
        clock = now;
        if next != Some(now) {
            rings += 1;
            if rings > MOST_RINGS {
                witness.fault("never at rest", format!("at {}", now.0));
                break;
            }
            for home in homes.iter_mut().flatten() {
                if home.next_due().is_some_and(|due| due <= now) {
                    home.go_on(now, chaos, witness);
                }
            }
            continue;
        }
        let Some((whose, arrival)) = coming.take() else { break };
        match arrival {
            Arrival::Joins => {
                if let (Some(other), Some(home)) = (homes[1].take(), homes[0].as_mut()) {
                    home.join(other, now, witness);
                }
            }
            Arrival::Parts if homes[1].is_none() => {
                homes[1] = homes[0].as_mut().and_then(|home| home.part(now, witness));
            }
            Arrival::Publishes => homes.iter_mut().flatten().for_each(|home| home.roll_out(now, chaos)),
            Arrival::Resumes => homes.iter_mut().flatten().for_each(|home| home.look_again(now)),
            _ => {}
        }
        let seed = lives[whose].who.seed;
        // Whoever was joined lives with the other.
        let lives_at = if homes.get(whose).is_some_and(Option::is_some) { whose } else { 0 };
        let Some(home) = homes[lives_at].as_mut() else { continue };
        match &arrival {
            Arrival::Happened(happened) => {
                if !home.keep(seed, happened, now, chaos, witness) {
                    coming.tell(now + Span(chaos.again()), whose, arrival);
                }
            }
            Arrival::Gives(channel) => home.permit(seed, *channel, Standing::Given, now, witness),
            Arrival::Withdraws(channel) => home.permit(seed, *channel, Standing::Withdrawn, now, witness),
            Arrival::Wishes(wishes) => home.wish(wishes, now, witness),
            Arrival::Migrates { renamed } => {
                if !home.migrate(*renamed, now, chaos, witness) {
                    coming.tell(now + Span(chaos.again()), whose, arrival);
                }
            }
            Arrival::Joins | Arrival::Parts | Arrival::Publishes | Arrival::Resumes => {}
        }
    }
    homes
}
