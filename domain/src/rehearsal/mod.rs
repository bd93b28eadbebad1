//! The rehearsal: what a draft would have sent, over what really happened, against the live version.
//!
//! Both versions are played to one shopper's log ([`Person`]) through virtual time, with the engine and the
//! decisions of the edge: timers ring at their moment, codes are there at once, every message is decided
//! about when it is due and is taken as delivered. What happened stays what it was: a click, an order or a
//! withdrawal counts where it stands in the log, whichever version brought it about.
//!
//! What the log does not hold is not rehearsed: hours at which sending was switched off or a provider failed,
//! earlier preferences than the last ones, and limits that hold across shoppers (a provider's rate, a pool of
//! codes that is used up). Each shopper's own limits are counted over what the rehearsal has sent to them.

mod change;
mod course;
pub mod export;
mod person;
#[cfg(test)]
mod tests;
mod totals;

use std::collections::BTreeMap;

pub use self::change::{Change, Kind, Side};
pub use self::course::{Became, Course, Deeds, Ran, Told};
pub use self::person::{News, Person, What};
pub use self::totals::{Both, JourneyTotals, MessageTotals, Totals};
use crate::consent::{Channel, Words};
use crate::home::{Home, Version};
use crate::sending::Outcome;
use crate::time::Timestamp;
use crate::value::Model;

/// A draft beside the live version.
#[derive(Clone, Copy)]
pub struct Rehearsal<'a> {
    /// What is live.
    pub live: &'a Version,
    /// What may become so.
    pub draft: &'a Version,
    /// When the draft is published: runs under way stay on the live version. Without it, both are played from
    /// the beginning.
    pub since: Option<Timestamp>,
    /// The end of the log: what is due later is not played.
    pub until: Timestamp,
    /// What can be expected of shoppers, by the shop's model at the time of the export; it counts for the whole
    /// log. Without it, what asks for it is not true.
    pub outlook: Option<Model>,
}

/// What came of it for one shopper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rehearsed {
    /// What the live version does.
    pub live: Course,
    /// What the draft does.
    pub draft: Course,
    /// What differs, in order of time.
    pub changes: Vec<Change>,
}

impl Rehearsal<'_> {
    /// Rehearses for one shopper.
    pub fn of(&self, person: &Person) -> Rehearsed {
        let play = |version, then| play(person, version, then, self.outlook, self.until);
        let live = play(self.live, None);
        let draft = match self.since {
            Some(since) => play(self.live, Some((since, self.draft))),
            None => play(self.draft, None),
        };
        let changes = change::between(&live, &draft, self);
        Rehearsed { live, draft, changes }
    }
}

/// Plays a version to a shopper's log until a moment; at another one, a second version may be published.
/// `outlook` says what can be expected of them.
pub fn play(
    person: &Person,
    version: &Version,
    mut then: Option<(Timestamp, &Version)>,
    outlook: Option<Model>,
    until: Timestamp,
) -> Course {
    let mut course = Course::default();
    let mut home = Home::new(version, person.who.clone()).expecting(outlook);
    let mut words = BTreeMap::<Channel, Words>::new();
    let mut news = person.news.iter().peekable();
    let (mut clock, mut known) = (Timestamp(i64::MIN), false);
    loop {
        let next = news.peek().map(|news| news.at);
        let moments = [then.map(|(at, _)| at), next, home.next_due()];
        let Some(moment) = moments.into_iter().flatten().min().filter(|moment| *moment <= until) else { break };
        let now = clock.max(moment);
        clock = now;
        if let Some((_, version)) = then.take_if(|(at, _)| *at <= now) {
            // Of whom nothing is known yet nobody can be told.
            home.roll_out(version);
            if known {
                home.hear_of_rules(now, &mut course);
            }
        } else if let Some(News { what, .. }) = news.next_if(|news| news.at <= now) {
            known = true;
            match what {
                What::Happened(happened) => home.hear(happened, now, &mut course),
                What::Says(channel, held) => {
                    let words = words.entry(*channel).or_default();
                    words.hear(held.clone());
                    if let Some(held) = words.clone().standing() {
                        home.permit(*channel, held);
                    }
                }
                What::Code(offer) => home.issued(offer, now),
            }
        } else {
            for (message, _) in home.run_due(now, false, &mut course) {
                home.conclude(&message, Outcome::Accepted, now, &mut course);
            }
        }
    }
    course
}
