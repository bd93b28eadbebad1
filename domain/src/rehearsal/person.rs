//! One shopper's record: who they are, and what came to the edge about them.

use crate::consent::{Channel, Held};
use crate::facts::Happened;
use crate::home::Who;
use crate::id::{ShopperId, Slug};
use crate::time::Timestamp;

/// One shopper's record. People who turned out to be one are one.
#[derive(Clone, Debug)]
pub struct Person {
    /// The shopper.
    pub id: ShopperId,
    /// Who they are.
    pub who: Who,
    /// What came about them, in the order in which it did.
    pub news: Vec<News>,
}

/// Something that came to the edge.
#[derive(Clone, Debug)]
pub struct News {
    /// When it came; it may have happened before.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// What can come.
#[derive(Clone, Debug)]
pub enum What {
    /// Something happened.
    Happened(Happened),
    /// Something was said about the permission for news and offers on a channel.
    Says(Channel, Held),
    /// A code of an offer was issued by no journey.
    Code(Slug),
}
