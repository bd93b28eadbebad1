//! A published version, as far as a home looks at it.

use std::collections::BTreeMap;

use crate::consent::Channel;
use crate::id::Slug;
use crate::journey::{Message, Rules};
use crate::offer::{Codes, Validity};
use crate::published::ShopConfig;
use crate::sending::{Kind, Limits};
use crate::zone::Zone;

/// A published version, as far as a home looks at it.
#[derive(Clone, Debug)]
pub struct Version {
    /// Journeys and segments.
    pub rules: Rules,
    /// Messages, by channel and name.
    pub contents: BTreeMap<Channel, BTreeMap<Slug, Content>>,
    /// Offers: how long a code is good once it is issued; nothing for codes without an end.
    pub offers: BTreeMap<Slug, Option<Validity>>,
    /// How often one shopper may be written to.
    pub limits: Limits,
    /// The zone of those of whom none is known.
    pub home: Zone,
}

/// What a message is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// What it needs to be allowed.
    pub kind: Kind,
    /// What it is about.
    pub topic: Option<Slug>,
    /// It sells.
    pub sells: bool,
    /// It names a code, and cannot be said without one.
    pub needs_code: bool,
}

impl Version {
    /// What a home needs of a shop's configuration.
    pub fn of(name: &str, config: &ShopConfig) -> Self {
        let mails = config.mails.iter().map(|(name, mail)| {
            let content =
                Content { kind: mail.kind, topic: mail.topic.clone(), sells: mail.sells, needs_code: mail.needs_code };
            (name.clone(), content)
        });
        let texts = config.texts.iter().map(|(name, text)| {
            let content =
                Content { kind: text.kind, topic: text.topic.clone(), sells: text.sells, needs_code: text.needs_code };
            (name.clone(), content)
        });
        let offers = config.offers.iter().map(|offer| {
            let valid_for = match offer.codes {
                Codes::Unique { valid_for, .. } => Some(valid_for),
                Codes::Pool(ref pool) => Some(pool.valid_for),
                Codes::Shared { .. } => None,
            };
            (offer.name.clone(), valid_for)
        });
        Self {
            rules: config.rules(name),
            contents: [(Channel::Email, mails.collect()), (Channel::Sms, texts.collect())].into(),
            offers: offers.collect(),
            limits: config.limits.clone(),
            home: Zone::from(config.zone.clone()),
        }
    }

    /// What a message is; of one that the version does not have, that it needs permission.
    pub(super) fn content(&self, message: &Message) -> Content {
        let known = self.contents.get(&message.channel).and_then(|contents| contents.get(&message.name));
        known.cloned().unwrap_or(Content { kind: Kind::Marketing, topic: None, sells: false, needs_code: false })
    }
}
