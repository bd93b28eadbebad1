use crate::journey::Fate;
use crate::time::Span;

/// What a provider answered, or did not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It took the message.
    Accepted,
    /// It did not, and will not.
    Refused,
    /// It did not now; it may later.
    NotNow,
    /// Nobody knows whether it did: no answer came, or whoever waited for it is gone.
    Unknown,
}

/// What follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// The message has met its fate.
    Done(Fate),
    /// It is offered again after so long; then everything is decided again.
    Again(Span),
}

/// How often a message that a provider refused for now is offered.
const MOST_ATTEMPTS: u32 = 6;

/// What follows from an answer to the `attempt`th offer, from 1. What may have left is never offered
/// again: a marketing message is never risked twice, and another question to confirm an address is asked
/// by whoever wants one.
pub const fn after(outcome: Outcome, attempt: u32) -> After {
    match outcome {
        Outcome::Accepted | Outcome::Unknown => After::Done(Fate::Left),
        Outcome::Refused => After::Done(Fate::Unsayable),
        Outcome::NotNow if attempt < MOST_ATTEMPTS => After::Again(backoff(attempt)),
        Outcome::NotNow => After::Done(Fate::Unsaid),
    }
}

/// A minute, two, four … half an hour.
const fn backoff(attempt: u32) -> Span {
    let doublings = if attempt > 6 { 5 } else { attempt.saturating_sub(1) };
    Span::minutes(1 << if doublings > 5 { 5 } else { doublings })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_surely_did_not_leave_is_offered_again() {
        assert_eq!(after(Outcome::Accepted, 1), After::Done(Fate::Left));
        assert_eq!(after(Outcome::Unknown, 1), After::Done(Fate::Left));
        assert_eq!(after(Outcome::Refused, 1), After::Done(Fate::Unsayable));
        let minutes = (1..6).map(|attempt| after(Outcome::NotNow, attempt));
        let expected = [1, 2, 4, 8, 16].map(|minutes| After::Again(Span::minutes(minutes)));
        assert!(minutes.eq(expected));
        assert_eq!(after(Outcome::NotNow, 6), After::Done(Fate::Unsaid));
    }
}
