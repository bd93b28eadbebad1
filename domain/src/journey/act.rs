//! What a step does.

use serde::{Deserialize, Serialize};

use super::condition::{Condition, Match};
use crate::consent::Channel;
use crate::id::Slug;
use crate::law::Weekday;
use crate::time::Span;

/// One step of a journey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its name, the same in every version in which it is the same step.
    pub id: String,
    /// What it does.
    pub act: Act,
    /// The step after it; the number of steps is the end.
    pub next: u16,
}

/// What a step does. Jumps go to later steps only, so every run ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Time passes.
    Wait(Wait),
    /// Until something happens, or until it has taken too long.
    Await {
        /// What.
        what: Match,
        /// How long at most.
        at_most: Span,
        /// Where it goes on when it took too long; when it happened, with the next step.
        otherwise: u16,
    },
    /// The first way whose condition is true; none, then the next step.
    Branch(Vec<(Condition, u16)>),
    /// One of several ways by lot, with their shares in thousandths; the rest goes on with the next step.
    /// The same shopper draws the same lot in every run.
    Split(Vec<(u16, u16)>),
    /// A message.
    Message(Message),
    /// A code of an offer for this run.
    Code {
        /// Which offer.
        offer: Slug,
        /// A new one, even where the shopper has one of this offer that is good still.
        fresh: bool,
    },
    /// A tag is put on, or taken off.
    Tag(Slug, bool),
    /// The merchant is told by mail.
    Alert(String),
    /// The shop's server is told.
    Webhook(String),
    /// What it is for is reached.
    Goal,
    /// It ends.
    Exit,
}

/// How long a wait lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// So long.
    For(Span),
    /// So many days of the shopper's calendar, until a time of day (minutes after midnight).
    Days(u16, u16),
    /// Until a day of the week and a time of day.
    Weekday(#[serde(with = "weekday")] Weekday, u16),
    /// Until the shopper gave no sign of life for so long.
    Quiet(Span),
    /// Until so long before the run's code ends; not at all where it has none.
    BeforeCodeEnds(Span),
    /// Until a moment.
    Until(crate::time::Timestamp),
}

/// A message to the shopper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The channel.
    pub channel: Channel,
    /// Which one, of that channel's.
    pub name: Slug,
    /// How long it is worth saying.
    pub valid_for: Span,
    /// The last moment is the end of the shopper's day.
    #[serde(default)]
    pub today_only: bool,
    /// Where it goes on when it cannot be said on this channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<u16>,
}

mod weekday {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::law::Weekday;

    const ALL: [Weekday; 7] = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];

    #[allow(clippy::trivially_copy_pass_by_ref)] // serde hands it so
    pub fn serialize<S: Serializer>(day: &Weekday, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u8(*day as u8)
    }

    pub fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Weekday, D::Error> {
        let number = usize::from(u8::deserialize(from)?);
        ALL.get(number).copied().ok_or_else(|| serde::de::Error::custom("expected 0 for Monday to 6 for Sunday"))
    }
}
