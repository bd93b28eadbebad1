//! What is told of a home: to whoever counts, keeps account or compares.

use crate::journey::{Deed, Input, RunId, Said, Surroundings};
use crate::time::Timestamp;
use crate::why::Why;

/// Names one message of one shopper, for ever: there is one claim to say it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId {
    /// The seed of the shopper for whom its run began.
    pub of: u64,
    /// Its run.
    pub run: RunId,
    /// The step that says it.
    pub step: String,
}

/// What became of a message at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// It left.
    Sent,
    /// It may have left.
    Unknown,
    /// It never goes out.
    Skipped,
    /// It waits for what may pass.
    Deferred,
    /// No provider took it, and none is asked again.
    Refused,
    /// A provider did not take it now, and is asked again.
    Again,
}

/// Hears what a home does. Whoever does not care for something leaves it out.
pub trait Ledger {
    /// A run begins, on a version.
    fn begins(&mut self, _run: &RunId, _version: &str, _now: Timestamp) {}
    /// A run is set on the live version.
    fn moves(&mut self, _run: &RunId, _why: &Why, _now: Timestamp) {}
    /// A run is over.
    fn ends(&mut self, _run: &RunId, _why: &Why, _now: Timestamp) {}
    /// A run wants something done besides messages: a code, a tag, an alert, a call of the shop's server.
    fn does(&mut self, _run: &RunId, _deed: &Deed) {}
    /// A run wants something said.
    fn asks(&mut self, _message: &MessageId, _said: &Said, _now: Timestamp) {}
    /// Something due is seen to.
    fn rings(&mut self, _due: Timestamp, _now: Timestamp) {}
    /// A message is claimed; `open`: an earlier claim to it was not concluded.
    fn claims(&mut self, _message: &MessageId, _open: bool, _now: Timestamp) {}
    /// Something became of a message.
    fn row(&mut self, _message: &MessageId, _said: &Said, _row: Row, _why: &Why, _now: Timestamp) {}
    /// The engine is told something, by somebody of these surroundings.
    fn told(&mut self, _input: &Input<'_>, _around: &Surroundings<'_>) {}
}
