//! Whether a message may leave, decided from the facts at that moment, and what follows from what the
//! provider answered.

mod limits;
mod outcome;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use self::limits::{Limits, Sent};
pub use self::outcome::{After, Outcome, after};
use crate::consent::{Channel, Held};
use crate::law::{self, Rules};
pub use crate::published::Kind;
use crate::time::{Span, Timestamp};
use crate::why::Why;

/// What makes a message superfluous, as journeys of older versions say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unless {
    /// The shopper's code has been used.
    CodeUsed,
    /// The shopper's code is not valid any longer.
    CodeEnded,
}

/// What is known at the moment of sending.
#[allow(clippy::struct_excessive_bools)] // each is a fact of its own
#[derive(Clone, Debug)]
pub struct Situation {
    /// Where the permission for marketing on this channel stands, and what it rests on.
    pub marketing: Option<Held>,
    /// The law where the shopper is; the strictest where nobody knows.
    pub law: &'static Rules,
    /// There is an address on this channel to write to.
    pub reachable: bool,
    /// The address is on the suppression list.
    pub suppressed: bool,
    /// The shop has switched all sending off.
    pub sending_off: bool,
    /// There is somebody to carry the message.
    pub sender_present: bool,
    /// The address was proven already (a question to confirm it is superfluous).
    pub confirmed: bool,
    /// Why the journey does not want to say it any more: its goal is reached, or it is to end.
    pub over: Option<Why>,
    /// When marketing texts may arrive where the shopper is, if not now.
    pub hours: Option<Timestamp>,
    /// What the shopper wishes of news and offers at this moment.
    pub wishes: Wishes,
    /// When the shop's own limits leave room, if not now, and which of them does not.
    pub room: Option<(Timestamp, &'static str)>,
}

/// What a shopper's preferences mean for one message at one moment; nothing hinders it by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// It is about something that they do not want to hear of.
    pub topic_off: bool,
    /// They want to hear nothing before that moment.
    pub paused_until: Option<Timestamp>,
    /// It is an hour at which they want to hear nothing; when it ends.
    pub quiet_until: Option<Timestamp>,
    /// The last message was not long enough ago for them; when it will be.
    pub room_from: Option<Timestamp>,
}

/// What is to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Its kind.
    pub kind: Kind,
    /// The channel it takes.
    pub channel: Channel,
    /// It asks to confirm the address.
    pub asks_to_confirm: bool,
    /// When it stops being worth saying.
    pub valid_until: Option<Timestamp>,
}

/// What happens to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes out now.
    Send,
    /// It waits: what holds it may pass.
    Defer,
    /// It never goes out.
    Skip,
    /// It never goes out, and nothing like it could on this channel: another one may.
    Unsayable,
}

/// A verdict with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    verdict: Verdict,
    why: Why,
    until: Option<Timestamp>,
}

impl Decision {
    fn new(verdict: Verdict, rule: &str, fact: &str) -> Self {
        Self { verdict, why: Why::new(rule, fact), until: None }
    }

    /// What happens to the message.
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Why.
    pub const fn why(&self) -> &Why {
        &self.why
    }

    /// When a message that waits is to be looked at again; nothing where nobody can know.
    pub const fn until(&self) -> Option<Timestamp> {
        self.until
    }
}

/// Decides at the moment of sending. What is final is looked at before what may pass.
pub fn decide(request: &Request, at: &Situation, now: Timestamp) -> Decision {
    use Verdict::{Defer, Send, Skip, Unsayable};
    if request.valid_until.is_some_and(|until| now > until) {
        return Decision::new(Skip, "valid_until", "it is not worth saying any longer");
    }
    if let Some(why) = &at.over {
        return Decision { verdict: Skip, why: why.clone(), until: None };
    }
    if at.suppressed {
        return Decision::new(Unsayable, "suppression", "this address must not be written to");
    }
    if !at.reachable {
        return Decision::new(Unsayable, "address", "the shopper has no address on this channel");
    }
    if request.asks_to_confirm && at.confirmed {
        return Decision::new(Skip, "confirmation", "the address is confirmed already");
    }
    let mut granted = None;
    if request.kind == Kind::Marketing {
        if at.wishes.topic_off {
            return Decision::new(Skip, "topic", "the shopper does not want to hear of this topic");
        }
        let lawful = law::may_market(request.channel, at.marketing.as_ref(), at.law, now);
        if !lawful.allowed() {
            return Decision { verdict: Unsayable, why: lawful.why().clone(), until: None };
        }
        granted = Some(lawful.why().clone());
    }
    if at.sending_off {
        return Decision::new(Defer, "kill switch", "the shop has switched sending off");
    }
    if !at.sender_present {
        // Letters wait for a provider; what a text would say may be said by letter.
        let verdict = if request.channel == Channel::Sms { Unsayable } else { Defer };
        return Decision::new(verdict, "sender", "no provider is set up for this channel");
    }
    if let Some(waits) = wait(request, at) {
        return waits;
    }
    let why = granted.unwrap_or_else(|| Why::new("transactional", "the answer to what the shopper did"));
    Decision { verdict: Send, why, until: None }
}

/// What holds news and offers back for a while. A message that will not be worth saying by then is looked
/// at again when that is certain.
fn wait(request: &Request, at: &Situation) -> Option<Decision> {
    if request.kind != Kind::Marketing {
        return None;
    }
    let (wishes, texts) = (&at.wishes, request.channel == Channel::Sms);
    let held = [
        (at.hours.filter(|_| texts), "hours for texts", "it is outside the hours for texts there"),
        (wishes.paused_until, "pause", "the shopper has paused the letters"),
        (wishes.quiet_until, "quiet hours", "it is an hour at which the shopper wants quiet"),
        (wishes.room_from, "frequency", "the last letter is not as long ago as the shopper wishes"),
        (at.room.map(|room| room.0), "limit", at.room.map_or("", |room| room.1)),
    ];
    let (until, rule, fact) = held.into_iter().find_map(|(until, rule, fact)| Some((until?, rule, fact)))?;
    let stale = request.valid_until.map(|valid| valid + Span(1));
    let until = Some(stale.map_or(until, |stale| stale.min(until)));
    Some(Decision { until, ..Decision::new(Verdict::Defer, rule, fact) })
}
