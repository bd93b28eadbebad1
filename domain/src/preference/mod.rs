//! How somebody wants to be talked to: about what, how often, at which hours, from when on again.
//!
//! What they wish holds for news and offers. The answer to something that they did (a question to
//! confirm an address, a word on an order) is not held back. [`Preferences::towards`] says what the
//! wishes mean for one message at one moment; [`crate::sending::decide`] obeys it.

mod entered;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use self::entered::{Entered, Mistake, PauseWish, Said, time_of_day};
use crate::id::Slug;
use crate::sending::Wishes;
use crate::time::{Span, Timestamp};
use crate::zone::Zone;

/// What somebody said about it. Whatever is not said is as open as can be, also in rows that were
/// written before there was such a wish.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// What they do not want to hear of. A topic that is new is heard of until somebody says no.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub topics_off: BTreeSet<Slug>,
    /// How often.
    pub frequency: Frequency,
    /// At which hours not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Quiet>,
    /// Nothing before that moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused_until: Option<Timestamp>,
    /// Where their clock stands; the shop's holds where nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
}

/// How often news and offers may come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Frequency {
    /// Whenever there is something to say.
    #[default]
    Any,
    /// Not within seven days of the last one.
    Week,
    /// Not within thirty days of the last one.
    Month,
}

impl Frequency {
    /// Every one of them, the most open first.
    pub const ALL: [Self; 3] = [Self::Any, Self::Week, Self::Month];

    /// The word for it in forms and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// How long it is quiet after a message.
    const fn apart(self) -> Span {
        match self {
            Self::Any => Span(0),
            Self::Week => Span::days(7),
            Self::Month => Span::days(30),
        }
    }
}

/// Hours of every day at which nothing shall arrive, in minutes after local midnight: from the
/// first, before the second. They may go over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    from: u16,
    until: u16,
}

impl Quiet {
    /// Quiet between two times of day; nothing where they are the same or no times of day.
    pub const fn new(from: u16, until: u16) -> Option<Self> {
        if from < 1_440 && until < 1_440 && from != until { Some(Self { from, until }) } else { None }
    }

    /// When it begins.
    pub const fn from(self) -> u16 {
        self.from
    }

    /// When it ends.
    pub const fn until(self) -> u16 {
        self.until
    }

    const fn holds(self, minute: u16) -> bool {
        if self.from < self.until {
            self.from <= minute && minute < self.until
        } else {
            self.from <= minute || minute < self.until
        }
    }

    /// When it ends, if it is quiet now.
    pub fn ends(self, zone: &Zone, now: Timestamp) -> Option<Timestamp> {
        self.holds(zone.minute(now)).then(|| zone.next(self.until, now))
    }
}

impl Preferences {
    /// What these wishes mean for a message at this moment. `topic` is what it is about, `home` the
    /// shop's zone, `last` when the last one of news and offers went out.
    pub fn towards(&self, topic: Option<&Slug>, home: &Zone, last: Option<Timestamp>, now: Timestamp) -> Wishes {
        let later = |moment: Timestamp| Some(moment).filter(|moment| *moment > now);
        Wishes {
            topic_off: topic.is_some_and(|topic| self.topics_off.contains(topic)),
            paused_until: self.paused_until.and_then(later),
            quiet_until: self.quiet.and_then(|quiet| quiet.ends(self.zone.as_ref().unwrap_or(home), now)),
            room_from: last
                .filter(|_| self.frequency != Frequency::Any)
                .and_then(|last| later(last + self.frequency.apart())),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOON: Timestamp = Timestamp(1_795_608_000_000); // 2026-11-25T12:00:00Z

    fn quiet(from: u16, until: u16) -> Quiet {
        Quiet::new(from * 60, until * 60).unwrap()
    }

    fn utc() -> Zone {
        Zone::utc()
    }

    #[test]
    fn whoever_said_nothing_hinders_nothing() {
        let topic = "offers".parse().unwrap();
        let said_nothing: Preferences = serde_json::from_str("{}").unwrap();
        assert_eq!(said_nothing.towards(Some(&topic), &utc(), Some(NOON), NOON), Wishes::default());
        assert_eq!(said_nothing, Preferences::default());
    }

    #[test]
    fn a_row_survives_its_text_and_words_of_a_later_version() {
        let all = Preferences {
            topics_off: ["offers".parse().unwrap()].into(),
            frequency: Frequency::Week,
            quiet: Some(quiet(22, 8)),
            paused_until: Some(NOON),
            zone: Some("Asia/Riyadh".parse().unwrap()),
        };
        let text = serde_json::to_string(&all).unwrap();
        assert_eq!(serde_json::from_str::<Preferences>(&text).unwrap(), all);
        let newer = text.replacen('{', "{\"mood\":\"blue\",", 1);
        assert_eq!(serde_json::from_str::<Preferences>(&newer).unwrap(), all);
    }

    #[test]
    fn quiet_hours_end_at_the_reader_s_clock_over_midnight_too() {
        let at = |hours: i64| NOON + Span::hours(hours);
        assert_eq!(quiet(22, 8).ends(&utc(), NOON), None);
        assert_eq!(quiet(22, 8).ends(&utc(), at(9)), None);
        assert_eq!(quiet(22, 8).ends(&utc(), at(10)), Some(at(20)));
        assert_eq!(quiet(22, 8).ends(&utc(), at(19)), Some(at(20)));
        assert_eq!(quiet(22, 8).ends(&utc(), at(20)), None);
        assert_eq!(quiet(11, 15).ends(&utc(), NOON), Some(at(3)));
        // Three in the afternoon in Riyadh, four in the morning in Los Angeles.
        assert_eq!(quiet(22, 8).ends(&"Asia/Riyadh".parse().unwrap(), NOON), None);
        assert_eq!(quiet(22, 8).ends(&"America/Los_Angeles".parse().unwrap(), NOON), Some(at(4)));
    }

    #[test]
    fn their_own_zone_counts_before_the_shop_s() {
        let riyadh: Zone = "Asia/Riyadh".parse().unwrap();
        let wishes = |zone: Option<Zone>| Preferences { quiet: Some(quiet(15, 16)), zone, ..Preferences::default() };
        assert!(wishes(Some(riyadh.clone())).towards(None, &utc(), None, NOON).quiet_until.is_some());
        assert!(wishes(None).towards(None, &riyadh, None, NOON).quiet_until.is_some());
        assert!(wishes(Some(utc())).towards(None, &riyadh, None, NOON).quiet_until.is_none());
    }

    #[test]
    fn a_pause_is_over_when_it_is_over() {
        let paused = Preferences { paused_until: Some(NOON), ..Preferences::default() };
        let wishes = |now| paused.towards(None, &utc(), None, now).paused_until;
        assert_eq!(wishes(NOON + Span(-1)), Some(NOON));
        assert_eq!(wishes(NOON), None);
    }

    #[test]
    fn there_is_room_again_a_week_or_a_month_after_the_last_one() {
        for (frequency, days) in [(Frequency::Week, 7), (Frequency::Month, 30)] {
            let rare = Preferences { frequency, ..Preferences::default() };
            let room = |last| rare.towards(None, &utc(), last, NOON).room_from;
            assert_eq!(room(Some(NOON)), Some(NOON + Span::days(days)));
            assert_eq!(room(Some(NOON + Span::days(-days))), None);
            assert_eq!(room(None), None);
        }
    }

    proptest! {
        #[test]
        fn quiet_hours_always_end_and_it_is_not_quiet_then(
            from in 0_u16..1_440, until in 0_u16..1_440, hours in 0_i64..900_000, minute in 0_i64..60,
            zone in prop::sample::select(vec![
                "UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca",
                "America/Sao_Paulo", "Pacific/Apia", "Asia/Tehran", "Antarctica/Troll",
            ]),
        ) {
            prop_assume!(from != until);
            let (quiet, zone): (_, Zone) = (Quiet::new(from, until).unwrap(), zone.parse().unwrap());
            let now = Timestamp(Span::hours(hours).0 + Span::minutes(minute).0);
            match quiet.ends(&zone, now) {
                Some(end) => {
                    prop_assert!(end > now);
                    prop_assert!(end - now <= Span::hours(50), "{end:?}");
                    // A clock that was put forward may stand in the middle of the next quiet hours by then.
                    let skipped = zone.minute(end) != until;
                    prop_assert!(skipped || !quiet.holds(zone.minute(end)));
                }
                None => prop_assert!(!quiet.holds(zone.minute(now))),
            }
        }
    }
}
