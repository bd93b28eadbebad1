//! How messages are received: which channel gets answers.

use std::collections::BTreeMap;

use super::{Facts, Happened, Kind, Purchase};
use crate::consent::Channel;
use crate::time::{Span, Timestamp};

/// Under this name a message that left says its channel; one that says none is a mail.
pub(super) const CHANNEL: &str = "channel";
/// What comes so long after a message may be an answer to it.
const ANSWERED_WITHIN: Span = Span::days(3);

/// How the messages of one channel were received that are remembered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reception {
    /// How many left.
    pub sent: u32,
    /// How many of them were answered: a click or an order came within three days, and no later message
    /// before it.
    pub answered: u32,
}

impl Facts {
    /// How messages were received, channel by channel.
    pub fn receptions(&self) -> BTreeMap<Channel, Reception> {
        let mut sent: Vec<(Timestamp, Channel)> =
            self.newest(Kind::MessageAccepted).map(|message| (message.at, channel(message))).collect();
        sent.sort_unstable();
        let mut receptions = BTreeMap::<Channel, Reception>::new();
        for (_, channel) in &sent {
            receptions.entry(*channel).or_default().sent += 1;
        }
        let clicks = self.newest(Kind::MessageClicked).map(|clicked| clicked.at);
        let mut answers: Vec<Timestamp> = clicks.chain(self.orders().filter_map(Purchase::placed)).collect();
        answers.sort_unstable();
        let mut answered = None;
        for answer in answers {
            let before = sent.partition_point(|(at, _)| *at <= answer);
            let Some(&(at, channel)) = before.checked_sub(1).and_then(|last| sent.get(last)) else { continue };
            // One message is answered once.
            if at + ANSWERED_WITHIN >= answer && answered.replace(before) != Some(before) {
                receptions.entry(channel).or_default().answered += 1;
            }
        }
        receptions
    }

    /// The channel that gets answers: of those that got any, the one of whose messages the largest share was
    /// answered.
    pub fn answering_channel(&self) -> Option<Channel> {
        let share = |of: &Reception| u64::from(of.answered) * 1_000_000 / u64::from(of.sent.max(1));
        let receptions = self.receptions();
        let answered = receptions.iter().filter(|(_, of)| of.answered > 0);
        // Of equal ones the first.
        answered.rev().max_by_key(|(_, of)| share(of)).map(|(channel, _)| *channel)
    }
}

fn channel(message: &Happened) -> Channel {
    let said = message.about.data.get(CHANNEL);
    if said.is_some_and(|said| said == Channel::Sms.as_str()) { Channel::Sms } else { Channel::Email }
}
