//! Journeys as they were published before they had entries of their own: a campaign named one, an
//! address that was confirmed began it, and its mails named the campaign's code.

use serde::{Deserialize, Deserializer};

use super::ShopConfig;
use crate::consent::Channel;
use crate::facts::Kind;
use crate::id::Slug;
use crate::journey::{Act, Again, Condition, Entry, Journey, Key, Match, Message, Past, Step, Wait};
use crate::offer::{Codes, Offer, Validity};
use crate::time::Span;

#[derive(Deserialize)]
#[serde(untagged)]
enum Either {
    Now(Box<Journey>),
    Before(Before),
}

#[derive(Deserialize)]
struct Before {
    name: Slug,
    steps: Vec<StepBefore>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum StepBefore {
    Wait(Span),
    Send { mail: Slug, unless: Option<String> },
}

/// Reads journeys of either form.
pub fn journeys<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Journey>, D::Error> {
    let read = |either| match either {
        Either::Now(journey) => *journey,
        Either::Before(before) => before.now(),
    };
    Ok(Vec::<Either>::deserialize(from)?.into_iter().map(read).collect())
}

impl Before {
    fn now(self) -> Journey {
        let mut superfluous = false;
        let mut steps = Vec::new();
        for (n, step) in self.steps.into_iter().enumerate() {
            let act = match step {
                StepBefore::Wait(span) => Act::Wait(Wait::For(span)),
                StepBefore::Send { mail, unless } => {
                    superfluous |= unless.is_some();
                    let (channel, valid_for) = (Channel::Email, Span::days(3));
                    Act::Message(Message { channel, name: mail, valid_for, today_only: false, otherwise: None })
                }
            };
            let what = match &act {
                Act::Message(message) => format!("send-{}", message.name),
                _ => "wait".into(),
            };
            steps.push(Step { id: format!("{what}-{n}"), act, next: 0 });
        }
        let used = Match::any(Kind::CodeUsed);
        let used = Past { what: used, within: None, since_start: false, at_least: 1 };
        let mut journey = Journey {
            name: self.name,
            entry: Entry::Event(Match::any(Kind::AddressConfirmed)),
            filter: None,
            key: Key::Shopper,
            again: Again::Never,
            goal: None,
            exits: superfluous.then_some(Condition::Happened(used)).into_iter().collect(),
            steps,
        };
        journey.in_order();
        journey
    }
}

/// What campaigns said of their journeys is said by the journeys themselves.
pub fn brought_up_to_date(mut config: ShopConfig) -> ShopConfig {
    let named = |campaign: &crate::campaign::Campaign| campaign.form.as_ref()?.journey.clone();
    for journey in &mut config.journeys {
        let by: Vec<_> = config.campaigns.iter().filter(|by| named(by).as_ref() == Some(&journey.name)).collect();
        let [first, others @ ..] = by.as_slice() else { continue };
        if let (Entry::Event(what), []) = (&mut journey.entry, others) {
            what.subject = Some(first.name.to_string());
        }
        let offer = first
            .form
            .as_ref()
            .and_then(|form| form.offer.as_ref())
            .and_then(|name| config.offers.iter().find(|offer| offer.name == *name));
        if let Some(offer) = offer {
            journey.bring(offer);
        }
    }
    for form in config.campaigns.iter_mut().filter_map(|campaign| campaign.form.as_mut()) {
        form.journey = None;
    }
    config
}

impl Journey {
    /// The shopper's code of an offer is what its mails name, as long as it is good.
    fn bring(&mut self, offer: &Offer) {
        for exit in &mut self.exits {
            if let Condition::Happened(past) = exit {
                past.what.subject = Some(offer.name.to_string());
            }
        }
        let mut good = match offer.codes {
            Codes::Unique { valid_for: Validity::For(span), .. } => Some(span),
            Codes::Unique { .. } | Codes::Shared { .. } | Codes::Pool(_) => None,
        };
        for step in &mut self.steps {
            match (&mut step.act, &mut good) {
                (Act::Wait(Wait::For(span)), Some(good)) => good.0 = good.0.saturating_sub(span.0).max(1),
                (Act::Message(message), Some(good)) => message.valid_for = message.valid_for.min(*good),
                _ => {}
            }
        }
        let act = Act::Code { offer: offer.name.clone(), fresh: false };
        self.steps.insert(0, Step { id: format!("code-{}", offer.name), act, next: 0 });
        self.in_order();
    }

    /// Every step leads to the one after it.
    fn in_order(&mut self) {
        for (n, step) in self.steps.iter_mut().enumerate() {
            step.next = u16::try_from(n + 1).unwrap_or(u16::MAX);
        }
    }
}
