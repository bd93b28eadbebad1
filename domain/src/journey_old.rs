//! Follow-ups after something happened: what is due next, as data.

use serde::{Deserialize, Serialize};

use crate::id::Slug;
use crate::time::{Span, Timestamp};

/// A series of messages and waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journey {
    /// Its name: the file it is written in.
    pub name: Slug,
    /// What begins it.
    pub begins: Begins,
    /// What follows, in order.
    pub steps: Vec<Step>,
}

/// What begins a journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Begins {
    /// An address was confirmed.
    Confirmed,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Nothing happens for so long.
    Wait(Span),
    /// A mail is due.
    Send {
        /// Which one.
        mail: Slug,
        /// What makes it superfluous.
        unless: Option<Unless>,
    },
}

/// What makes a message superfluous, checked when it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unless {
    /// The shopper's code has been used.
    CodeUsed,
    /// The shopper's code is not valid any longer.
    CodeEnded,
}

/// What has to be done for a journey; the caller does it or only counts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A mail is due now. Whether it may go out is decided when it is sent.
    Due {
        /// The step it belongs to.
        step: usize,
        /// Which mail.
        mail: Slug,
        /// What would make it superfluous.
        unless: Option<Unless>,
    },
    /// Go on with `step` at a moment.
    Resume {
        /// The step to go on with.
        step: usize,
        /// When.
        at: Timestamp,
    },
    /// Nothing is left to do.
    Ended,
}

/// Walks a journey from a step as far as it goes without waiting.
pub fn advance(journey: &Journey, from: usize, now: Timestamp) -> Vec<Effect> {
    let mut effects = Vec::new();
    for (step, what) in journey.steps.iter().enumerate().skip(from) {
        match what {
            Step::Wait(span) => {
                effects.push(Effect::Resume { step: step + 1, at: now + *span });
                return effects;
            }
            Step::Send { mail, unless } => effects.push(Effect::Due { step, mail: mail.clone(), unless: *unless }),
        }
    }
    effects.push(Effect::Ended);
    effects
}

#[cfg(test)]
mod tests {
    use super::*;

    fn welcome() -> Journey {
        let send = |mail: &str, unless| Step::Send { mail: mail.parse().unwrap(), unless };
        Journey {
            name: "welcome".parse().unwrap(),
            begins: Begins::Confirmed,
            steps: vec![send("welcome", None), Step::Wait(Span::days(10)), send("reminder", Some(Unless::CodeUsed))],
        }
    }

    #[test]
    fn a_journey_goes_as_far_as_it_can_and_then_waits() {
        let now = Timestamp(1_000);
        let effects = advance(&welcome(), 0, now);
        assert_eq!(
            effects,
            [
                Effect::Due { step: 0, mail: "welcome".parse().unwrap(), unless: None },
                Effect::Resume { step: 2, at: now + Span::days(10) },
            ]
        );
        let later = advance(&welcome(), 2, now + Span::days(10));
        assert_eq!(
            later[0],
            Effect::Due { step: 2, mail: "reminder".parse().unwrap(), unless: Some(Unless::CodeUsed) }
        );
        assert_eq!(later[1], Effect::Ended);
    }

    #[test]
    fn a_step_beyond_the_end_ends_it() {
        assert_eq!(advance(&welcome(), 99, Timestamp(0)), [Effect::Ended]);
    }
}
