//! A second version of a shop in which every step is called otherwise and some are changed, and what sets runs
//! from one on the other.

use domain::home::{MessageId, Version};
use domain::journey::{Act, Journey, Key, Migration, Wait};
use domain::time::Span;

/// What the names of steps end in there.
const RENAMED: &str = " now";

/// The same journeys with every step renamed; waits are longer or later, and the first reminder of a cart
/// comes after the wait that it came before, so that some runs have said already what would come.
pub fn version(of: &Version) -> Version {
    let mut version = of.clone();
    version.rules.version.push_str(RENAMED);
    for journey in &mut version.rules.journeys {
        for step in &mut journey.steps {
            step.id.push_str(RENAMED);
            match &mut step.act {
                Act::Wait(Wait::For(span)) => *span = Span(span.0 + span.0 / 2),
                Act::Wait(Wait::Days(_, minute)) => *minute = (*minute + 30).min(1_439),
                Act::Await { at_most, .. } => *at_most = Span(at_most.0 + Span::days(1).0),
                _ => {}
            }
        }
        if journey.key == Key::Cart {
            swap(journey);
        }
    }
    version
}

/// A message and the wait after it change places, where nothing jumps.
fn swap(journey: &mut Journey) {
    let in_a_row = journey.steps.iter().enumerate().all(|(n, step)| {
        usize::from(step.next) == n + 1
            && match &step.act {
                Act::Message(message) => message.otherwise.is_none(),
                act => matches!(act, Act::Wait(_)),
            }
    });
    let fits = |n: usize| {
        let acts = [n, n + 1].map(|n| journey.steps.get(n).map(|step| &step.act));
        matches!(acts, [Some(Act::Message(_)), Some(Act::Wait(_))])
    };
    if let Some(at) = (0..journey.steps.len()).find(|n| in_a_row && fits(*n)) {
        let (one, other) = (journey.steps[at].next, journey.steps[at + 1].next);
        journey.steps.swap(at, at + 1);
        (journey.steps[at].next, journey.steps[at + 1].next) = (one, other);
    }
}

/// What sets the runs of every journey on a version, from the other one.
pub fn migrations(to: &Version) -> impl Iterator<Item = Migration> {
    to.rules.journeys.iter().map(|journey| {
        let names = journey.steps.iter().map(|step| {
            let other = match step.id.strip_suffix(RENAMED) {
                Some(plain) => plain.to_owned(),
                None => format!("{}{RENAMED}", step.id),
            };
            (other, step.id.clone())
        });
        Migration {
            journey: journey.name.clone(),
            to: to.rules.version.clone(),
            from: None,
            steps: names.collect(),
            gone: None,
        }
    })
}

/// The message, whatever its step is called: it is the same in both versions.
pub fn plain(id: &MessageId) -> MessageId {
    MessageId { step: id.step.trim_end_matches(RENAMED).to_owned(), ..id.clone() }
}

#[cfg(test)]
mod tests {
    use domain::time::{Span, Timestamp};

    use super::*;
    use crate::chaos::Chaos;
    use crate::household::{own, pass, seeds};
    use crate::life::{Arrival, Life};
    use crate::oracle;
    use crate::shop::{START, Shop};
    use crate::witness::Witness;

    const DAYS: i64 = 365;

    #[test]
    fn runs_that_are_set_to_and_fro_keep_every_promise() {
        let mut moved = 0;
        for seed in 1..=3 {
            let shop = Shop::of(seed, DAYS, true, None);
            for household in 0..60 {
                let own = own(seed, household);
                let lives = seeds(seed, household).map(|seed| Life::of(seed, DAYS, true));
                let (mut chaos, mut witness) = (Chaos::of(own, true), Witness::default());
                let mut chance = fastrand::Rng::with_seed(own ^ 0x0717);
                let mut moments: Vec<i64> = (0..30).map(|_| chance.i64(0..Span::days(DAYS).0)).collect();
                moments.sort_unstable();
                let numbered = moments.into_iter().enumerate();
                let mut more: Vec<(Timestamp, Arrival)> =
                    numbered.map(|(n, at)| (START + Span(at), Arrival::Migrates { renamed: n % 2 == 0 })).collect();
                if household % 5 == 0 {
                    more.push((START + Span(chance.i64(0..Span::days(DAYS).0)), Arrival::Joins));
                }
                let end = START + Span::days(DAYS);
                let homes = pass(&shop, &lives, more, end, &mut chaos, &mut witness);
                witness.in_flight = chaos.unanswered + chaos.in_flight;
                for home in homes.iter().flatten() {
                    home.close(end, &mut witness);
                }
                witness.close();
                for life in lives.iter().take(if household % 5 == 0 { 0 } else { 2 }) {
                    oracle::check(&life.who, &mut witness, end, false);
                }
                assert!(witness.broken.is_empty(), "seed {seed}, household {household}: {:?}", witness.broken[0]);
                moved += witness.moved;
            }
        }
        assert!(moved > 500, "{moved} runs were set on another version");
    }

    #[test]
    fn what_the_simulation_asks_for_is_possible() {
        let shop = Shop::of(1, DAYS, false, None);
        for (from, to) in [(&shop.version, &shop.renamed), (&shop.renamed, &shop.version)] {
            for migration in migrations(to) {
                let old = from.rules.journey(&migration.journey).unwrap();
                let earlier = [(from.rules.version.as_str(), old)];
                assert_eq!(migration.check(&earlier, to.rules.journey(&migration.journey)), Ok(()));
            }
        }
    }
}
