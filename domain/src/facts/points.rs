//! Points of a loyalty programme that the shop runs: how many somebody has, and which of them end next.

use std::collections::BTreeMap;

use super::{Facts, Kind};
use crate::time::Timestamp;

/// Points on somebody's account, as the shop's server last said it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct Points {
    /// How many.
    pub balance: u32,
    /// Those of them that end first.
    pub ending: Option<Ending>,
}

/// Points that end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct Ending {
    /// The first moment at which they are gone.
    pub at: Timestamp,
    /// How many.
    pub count: u32,
}

/// As what happened says it, one word for each number.
const BALANCE: &str = "balance";
const COUNT: &str = "ending";
const AT: &str = "ends";

impl Points {
    /// In the words of what happened.
    pub fn written(self) -> BTreeMap<String, String> {
        let ending = self.ending.map(|ending| [(COUNT, ending.count.to_string()), (AT, ending.at.0.to_string())]);
        let words = core::iter::once((BALANCE, self.balance.to_string())).chain(ending.into_iter().flatten());
        words.map(|(name, number)| (name.to_owned(), number)).collect()
    }

    fn read(words: &BTreeMap<String, String>) -> Option<Self> {
        let number = |name| words.get(name).and_then(|number| number.parse::<i64>().ok());
        let count = |name| u32::try_from(number(name)?).ok();
        let ending = number(AT).zip(count(COUNT)).map(|(at, count)| Ending { at: Timestamp(at), count });
        Some(Self { balance: count(BALANCE)?, ending })
    }

    /// What is left of them at a moment: what has ended by then is gone, also where the shop does not say so.
    fn at(self, now: Timestamp) -> Self {
        match self.ending {
            Some(ending) if ending.at <= now => {
                Self { balance: self.balance.saturating_sub(ending.count), ending: None }
            }
            _ => self,
        }
    }
}

impl Facts {
    /// Their points at a moment; nothing where the shop never spoke of any.
    pub fn points(&self, now: Timestamp) -> Option<Points> {
        let newest = self.newest(Kind::PointsChanged).find(|said| said.at <= now)?;
        Some(Points::read(&newest.about.data)?.at(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{About, Happened};
    use crate::id::EventId;

    fn told(said: &[(i64, Points)]) -> Facts {
        let mut facts = Facts::default();
        for (n, (at, points)) in said.iter().enumerate() {
            let about = About { data: points.written(), ..About::default() };
            let id = EventId(uuid::Uuid::from_u128(n as u128));
            facts.fold(&Happened::new(Timestamp(*at), id, Kind::PointsChanged, about));
        }
        facts
    }

    #[test]
    fn the_last_word_counts_and_what_has_ended_is_gone() {
        let ending = |at, count| Some(Ending { at: Timestamp(at), count });
        let first = Points { balance: 120, ending: ending(50, 40) };
        let second = Points { balance: 300, ending: None };
        let facts = told(&[(30, second), (10, first)]);
        for (now, points) in [(9, None), (10, Some(first)), (29, Some(first)), (30, Some(second)), (90, Some(second))] {
            assert_eq!(facts.points(Timestamp(now)), points, "{now}");
        }
        let facts = told(&[(10, first)]);
        assert_eq!(facts.points(Timestamp(49)), Some(first));
        assert_eq!(facts.points(Timestamp(50)), Some(Points { balance: 80, ending: None }));
        let all = told(&[(10, Points { balance: 0, ending: ending(20, u32::MAX) })]);
        assert_eq!(all.points(Timestamp(20)), Some(Points::default()));
    }

    #[test]
    fn words_that_say_no_number_say_nothing() {
        let words = |balance: &str, count: &str, at: &str| {
            let words =
                [(BALANCE, balance), (COUNT, count), (AT, at)].map(|(name, word)| (name.to_owned(), word.to_owned()));
            Points::read(&BTreeMap::from(words))
        };
        assert_eq!(words("-1", "1", "1"), None);
        assert_eq!(words("many", "1", "1"), None);
        assert_eq!(words("5", "-1", "1"), Some(Points { balance: 5, ending: None }));
        assert_eq!(Points::read(&BTreeMap::new()), None);
    }
}
