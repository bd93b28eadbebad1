//! What a message says, on whichever channel.

use std::borrow::Cow;

use domain::consent::Channel;
use domain::id::Slug;
use domain::published::{Mail, ShopConfig, Shows, TextMessage};
use domain::sending::{Kind, Sent};
use domain::time::Timestamp;

use super::jobs::MailJob;
use super::joining::MEMBERS;
use super::letters;
use crate::problem::{Failed, Result};
use crate::sql::{Db, values};

/// A message's templates, with what is to be known about it.
pub enum Content<'a> {
    /// A mail.
    Mail(Cow<'a, Mail>),
    /// A text message.
    Text(&'a TextMessage),
}

impl Content<'_> {
    /// What it needs to be allowed.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Mail(mail) => mail.kind,
            Self::Text(text) => text.kind,
        }
    }

    /// What it is about.
    pub fn topic(&self) -> Option<&Slug> {
        match self {
            Self::Mail(mail) => mail.topic.as_ref(),
            Self::Text(text) => text.topic.as_ref(),
        }
    }

    /// It names a code, and cannot be said without one.
    pub fn needs_code(&self) -> bool {
        match self {
            Self::Mail(mail) => mail.needs_code,
            Self::Text(text) => text.needs_code,
        }
    }

    /// What it shows of that which its journey is about.
    pub fn shows(&self) -> Option<Shows> {
        match self {
            Self::Mail(mail) => mail.shows,
            Self::Text(text) => text.shows,
        }
    }

    /// It wants to sell something.
    pub fn sells(&self) -> bool {
        match self {
            Self::Mail(mail) => mail.sells,
            Self::Text(text) => text.sells,
        }
    }
}

/// What a message says: as a version of the shop has it, else in our own words.
pub fn find<'a>(config: &'a ShopConfig, channel: Channel, name: &str) -> Option<Content<'a>> {
    if channel == Channel::Sms {
        return config.texts.iter().find(|(known, _)| known.as_str() == name).map(|(_, text)| Content::Text(text));
    }
    let own = || letters::of(name, config).map(Cow::Owned);
    let found = config.mails.iter().find(|(known, _)| known.as_str() == name).map(|(_, mail)| Cow::Borrowed(mail));
    found.or_else(own).map(Content::Mail)
}

/// What a message that is to be sent says.
pub fn of<'a>(config: &'a ShopConfig, mail: &MailJob) -> Result<Content<'a>> {
    let found = find(config, mail.channel, mail.mail.as_str());
    Ok(found.ok_or_else(|| Failed::new("composing", "the message is not in its version"))?)
}

/// News and offers that left or may have left, the newest first, and no more than matter to anybody.
pub fn news(db: &Db, person: &str, config: &ShopConfig) -> Result<Vec<Sent>> {
    let rows = db.rows(
        &format!(
            "SELECT at, mail, channel FROM sends WHERE shopper IN ({MEMBERS}) AND state <> 'refused' ORDER BY at DESC LIMIT 200"
        ),
        values![person],
    )?;
    let mut news = Vec::new();
    for row in rows {
        let channel = if row.text(2)? == Channel::Sms.as_str() { Channel::Sms } else { Channel::Email };
        // What the shop does not have any more was news, for all we know.
        let content = find(config, channel, row.text(1)?);
        if content.as_ref().is_none_or(|content| content.kind() == Kind::Marketing) {
            let sells = content.is_some_and(|content| content.sells());
            news.push(Sent { at: Timestamp(row.int(0)?), sells });
        }
    }
    Ok(news)
}
