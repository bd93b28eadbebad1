//! A shopper as they are kept from one input to the next: bytes, since reading text took a hundred times as
//! long as the input itself.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::run::{Given, Run, State};
use super::{RunId, Shopper};
use crate::facts::Facts;
use crate::id::{Malformed, Slug};
use crate::time::Timestamp;

impl Shopper {
    /// Version of the form in which a shopper is kept. It is the first byte; whatever of [`Shopper`] changes
    /// in its fields or their order makes another version, and the one before is read still.
    pub const VERSION: u8 = 2;

    /// All that is known, to be kept.
    pub fn write(&self) -> Vec<u8> {
        // Nothing here can be without a length, the one thing that cannot be written.
        postcard::to_extend(self, vec![Self::VERSION]).unwrap_or_default()
    }

    /// Reads what was kept; fails on what no version has written.
    pub fn read(kept: &[u8]) -> Result<Self, Malformed> {
        const HOW: Malformed = Malformed("expected a shopper's journeys as they were written");
        match kept.split_first() {
            Some((&Self::VERSION, body)) => postcard::from_bytes(body).map_err(|_| HOW),
            Some((1, body)) => {
                let first: Kept<First> = postcard::from_bytes(body).map_err(|_| HOW)?;
                let second = postcard::to_allocvec(&first.map(Run::from)).map_err(|_| HOW)?;
                postcard::from_bytes(&second).map_err(|_| HOW)
            }
            _ => Err(HOW),
        }
    }
}

/// A shopper as versions 1 and 2 are written; they differ in the form of runs.
#[derive(Serialize, Deserialize)]
struct Kept<R> {
    facts: Facts,
    segments: BTreeSet<Slug>,
    runs: Vec<(RunId, R)>,
    past: BTreeMap<Slug, (Timestamp, Vec<(String, u64)>)>,
    looked: Option<Timestamp>,
    look_at: Option<Timestamp>,
    day: Option<Timestamp>,
}

impl<R> Kept<R> {
    fn map<S>(self, run: impl Fn(R) -> S) -> Kept<S> {
        let Self { facts, segments, runs, past, looked, look_at, day } = self;
        let runs = runs.into_iter().map(|(id, standing)| (id, run(standing))).collect();
        Kept { facts, segments, runs, past, looked, look_at, day }
    }
}

/// A run in version 1: it knew when the code of each offer ends, and not which code it is.
#[derive(Serialize, Deserialize)]
struct First {
    version: String,
    began: Timestamp,
    since: Timestamp,
    about: String,
    of: u64,
    at: u16,
    state: State,
    codes: BTreeMap<Slug, Option<Timestamp>>,
}

impl From<First> for Run {
    fn from(first: First) -> Self {
        let First { version, began, since, about, of, at, state, codes } = first;
        // Of several that with the latest end was issued last, as a rule.
        let last = codes.into_iter().max_by_key(|(_, ends)| ends.unwrap_or(Timestamp(i64::MAX)));
        let code = last.map(|(offer, ends)| Given { offer, code: String::new(), ends });
        Self { version, began, since, about, of, at, state, code }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{About, Happened, Kind, Piece};
    use crate::id::{EventId, hex};
    use crate::journey::{Input, Rules, Surroundings};
    use crate::zone::Zone;

    fn somebody() -> Shopper {
        let journey = serde_json::json!({
            "name": "vip", "entry": { "event": { "event": "order.confirmed" } }, "key": "subject", "again": "always",
            "steps": [
                { "id": "code", "next": 1, "act": { "code": { "offer": "vip", "fresh": true } } },
                { "id": "wait", "next": 2, "act": { "wait": { "for": 1_000 } } },
            ],
        });
        let segments = serde_json::json!({ "buyers": { "number": { "fact": "orders", "at_least": 1 } } });
        let rules = serde_json::json!({ "version": "v1", "journeys": [journey], "segments": segments });
        let rules: Rules = serde_json::from_value(rules).unwrap();
        let around = Surroundings {
            now: Timestamp(1_795_608_000_000),
            live: &rules,
            earlier: &[],
            zone: &Zone::utc(),
            country: None,
            language: "en",
            birthday: None,
            channels: &[],
            outlook: None,
            seed: 7,
        };
        let mut shopper = Shopper::default();
        for (n, kind) in Kind::ALL.iter().enumerate() {
            let piece = Piece { product: "hat".into(), category: Some("hats".into()), size: None, quantity: 2 };
            let about = About {
                subject: format!("s{}", n % 2),
                amount: Some(1_990),
                pieces: vec![piece],
                data: [("size".to_owned(), "M".to_owned())].into(),
                names: vec!["#1001".into()],
            };
            let id = EventId(uuid::Uuid::from_u128(n as u128));
            shopper.step(&Input::Happened(&Happened::new(around.now, id, *kind, about)), &around);
        }
        let given = Given { offer: "vip".parse().unwrap(), code: "VIP-1".into(), ends: Some(Timestamp(7)) };
        let runs: Vec<RunId> = shopper.runs().keys().cloned().collect();
        for run in runs {
            shopper.step(&Input::Code(&run, Some(&given)), &around);
        }
        shopper
    }

    #[test]
    fn a_shopper_that_is_kept_is_the_same_when_read() {
        for shopper in [Shopper::default(), somebody()] {
            assert_eq!(Shopper::read(&shopper.write()), Ok(shopper));
        }
    }

    #[test]
    fn what_the_version_before_has_written_is_read() {
        let shopper = somebody();
        let second: Kept<Run> = postcard::from_bytes(&shopper.write()[1..]).unwrap();
        let first = second.map(|run| {
            let Run { version, began, since, about, of, at, state, code } = run;
            let codes = code.map(|code| (code.offer, code.ends)).into_iter().collect();
            First { version, began, since, about, of, at, state, codes }
        });
        let read = Shopper::read(&postcard::to_extend(&first, vec![1]).unwrap()).unwrap();
        let bare = |shopper: &Shopper| {
            let runs = shopper.runs().values();
            runs.map(|run| run.code.as_ref().map(|code| (code.offer.clone(), code.ends))).collect::<Vec<_>>()
        };
        assert!(bare(&read).len() == 1 && bare(&read) == bare(&shopper) && read.facts == shopper.facts);
    }

    #[test]
    fn what_no_version_has_written_is_refused() {
        let kept = somebody().write();
        let other = [&[Shopper::VERSION + 1], &kept[1..]].concat();
        for wrong in [&[][..], &kept[..kept.len() / 2], &other, b"{}"] {
            assert!(Shopper::read(wrong).is_err());
        }
    }

    /// What shops keep is read by the next release. Who changes the form writes another version, lets this one
    /// be read still, and freezes the new one here.
    #[test]
    fn the_form_in_which_shoppers_are_kept_is_frozen() {
        let kept = somebody().write();
        assert_eq!(
            (kept.len(), hex(super::super::mark(&[&hex(&kept)]).as_bytes()).as_str()),
            (1_344, "b01f8fc8e3be824594c4437a933b6ac1")
        );
    }
}
