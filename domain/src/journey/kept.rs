//! A shopper as they are kept from one input to the next: bytes, since reading text took a hundred times as
//! long as the input itself.

use super::Shopper;
use crate::id::Malformed;

impl Shopper {
    /// Version of the form in which a shopper is kept. It is the first byte; whatever of [`Shopper`] changes
    /// in its fields or their order makes another version, and the one before is read still.
    pub const VERSION: u8 = 1;

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
            _ => Err(HOW),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{About, Happened, Kind, Piece};
    use crate::id::{EventId, hex};
    use crate::journey::{Given, Input, Migration, Rules, RunId, Surroundings};
    use crate::time::Timestamp;
    use crate::zone::Zone;

    fn somebody() -> Shopper {
        somebody_with(false)
    }

    /// The same with a run that was set on another version.
    fn somebody_moved() -> Shopper {
        somebody_with(true)
    }

    fn somebody_with(moved: bool) -> Shopper {
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
        // Kinds that were added later are at the end, and change nothing of what is kept of the others.
        let first = Kind::ALL.iter().take_while(|kind| **kind != Kind::PointsChanged);
        for (n, kind) in first.enumerate() {
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
        if moved {
            let live = Rules { version: "v2".into(), ..rules.clone() };
            let around = Surroundings { live: &live, earlier: &[&rules], ..around };
            let migration = Migration {
                journey: "vip".parse().unwrap(),
                to: "v2".into(),
                from: None,
                steps: std::collections::BTreeMap::new(),
                gone: None,
            };
            assert!(!shopper.migrate(&migration, &around).0.is_empty());
        }
        shopper
    }

    #[test]
    fn a_shopper_that_is_kept_is_the_same_when_read() {
        for shopper in [Shopper::default(), somebody(), somebody_moved()] {
            assert_eq!(Shopper::read(&shopper.write()), Ok(shopper));
        }
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
        let kept = [somebody(), somebody_moved()].map(|shopper| print(&shopper.write()));
        let frozen = [(1_069, "b72fbef65a6e816cb69fc5cae53dd447"), (1_092, "3c35a9734c9a89ee97f76c9d551c42a5")];
        assert_eq!(kept, frozen.map(|(length, mark)| (length, mark.to_owned())));
    }

    fn print(kept: &[u8]) -> (usize, String) {
        (kept.len(), hex(super::super::mark(&[&hex(kept)]).as_bytes()))
    }
}
