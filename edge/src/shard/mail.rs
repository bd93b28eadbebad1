//! From a message's templates to what is sent: a mail in MIME, or the words of a text.

use domain::consent::Channel;
use domain::id::hex;
use domain::message::{
    LinkVariables, OfferVariables, ShopVariables, ShopperVariables, Variables, day_in_words, render, render_text,
};
use domain::published::{Mail, ShopConfig, TextMessage, direction};
use domain::sending::Kind;
use domain::time::Timestamp;
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::MimePart;
use serde::{Deserialize, Serialize};

use super::content::{self, Content};
use super::jobs::{Job, MailJob};
use super::joining::MEMBERS;
use super::people::{self, Issued, Person};
use super::{Shop, letters, links};
use crate::problem::{Failed, Result};
use crate::secrets::random;
use crate::sql::{Db, Row, values};
use crate::token::{LinkId, LinkKind};

/// A message ready to leave.
pub struct Composed {
    pub mail: String,
    /// It wants to sell something.
    pub sells: bool,
    pub outgoing: Outgoing,
    /// What is kept of it, sealed under the shopper's key.
    pub sealed: Vec<u8>,
}

/// What a sender needs.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The shop's address; of a text the shop's name.
    pub from: String,
    /// The shopper's address or number.
    pub to: String,
    /// The whole mail, headers and all (RFC 5322); of a text its words.
    pub body: String,
}

/// What is kept of a message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    pub from: String,
    pub to: String,
    pub subject: String,
    pub html: String,
    pub text: String,
    pub mime: String,
}

/// The place name under which messages are sealed.
pub const MESSAGE: &str = "message";

/// An address as it is kept.
pub struct AddressRow {
    /// Whose it was first, and whose key opens it.
    pub shopper: String,
    /// The address, sealed.
    pub sealed: Vec<u8>,
    /// Its keyed hash.
    pub hash: Vec<u8>,
}

/// The address that a message goes to on its channel: the one its link is about and no other, where it has one; else a
/// confirmed one, else the first.
pub fn address_for(db: &Db, job: &Job, mail: &MailJob) -> Result<Option<AddressRow>> {
    let row = db.row(
        &format!(
            "SELECT shopper, sealed, hash FROM addresses WHERE shopper IN ({MEMBERS}) AND channel = ?3
                AND (?2 IS NULL OR hash = (SELECT address FROM links WHERE id = ?2))
              ORDER BY state = 'confirmed' DESC, since LIMIT 1"
        ),
        values![job.shopper.as_str(), mail.link.clone(), mail.channel.as_str()],
    )?;
    let read = |row: Row| {
        let (sealed, hash) = (row.bytes(1)?.to_vec(), row.bytes(2)?.to_vec());
        Ok(AddressRow { shopper: row.text(0)?.to_owned(), sealed, hash })
    };
    row.map(read).transpose()
}

impl MailJob {
    /// The code that the mail shows; nothing where no offer comes with it.
    pub fn code(&self, db: &Db, config: &ShopConfig, shopper: &str) -> Result<Option<Issued>> {
        let offer = self.offer.as_deref().and_then(|name| config.offer(name));
        offer.map_or(Ok(None), |offer| people::code(db, shopper, offer))
    }
}

/// Links of a mail that last longer than it.
struct Links {
    unsubscribe: Option<LinkId>,
    visit: LinkId,
    preferences: LinkId,
}

/// Composes a message; nothing when the shopper or the address is gone.
pub fn compose(
    db: &Db,
    shop: &Shop,
    config: &ShopConfig,
    job: &Job,
    mail: &MailJob,
    now: Timestamp,
) -> Result<Option<Composed>> {
    let Some(person) = people::person(db, &shop.keys, &job.shopper)? else { return Ok(None) };
    let Some(address) = address_for(db, job, mail)? else { return Ok(None) };
    let to = people::open_address(db, &shop.keys, &address.shopper, &address.sealed)?;
    let language = config.language(&person.language);
    let content = content::of(config, mail)?;
    let unsubscribe = match content.kind() {
        Kind::Marketing => Some(links::lasting(db, LinkKind::Unsubscribe, &address, now)?),
        Kind::Transactional => None,
    };
    let links = Links {
        unsubscribe,
        visit: links::lasting(db, LinkKind::Visit, &address, now)?,
        preferences: links::lasting(db, LinkKind::Preferences, &address, now)?,
    };
    let variables = variables(db, shop, config, &person, language, mail, &links)?;
    let kept = match &content {
        Content::Mail(mail) => write_mail(mail, config, language, &variables, links.unsubscribe.is_some(), to, now)?,
        Content::Text(text) => write_text(text, config, language, &variables, to)?,
    };
    let sealed = person.key.seal(MESSAGE, &serde_json::to_string(&kept)?)?;
    let body = if mail.channel == Channel::Sms { kept.text } else { kept.mime };
    let outgoing = Outgoing { from: kept.from, to: kept.to, body };
    Ok(Some(Composed { mail: mail.mail.as_str().to_owned(), sells: content.sells(), outgoing, sealed }))
}

fn no_language() -> Failed {
    Failed::new("composing", "the message has no such language")
}

fn write_text(
    text: &TextMessage,
    config: &ShopConfig,
    language: &str,
    variables: &Variables,
    to: String,
) -> Result<Kept> {
    let words = text.texts.get(language).ok_or_else(no_language)?;
    let words = render_text(words, variables).map_err(|error| unfilled(&error))?;
    let none = String::new;
    Ok(Kept { from: config.name.clone(), to, subject: none(), html: none(), text: words, mime: none() })
}

fn unfilled(error: &impl ToString) -> Failed {
    Failed::new("filling a template in", error.to_string())
}

fn write_mail(
    mail: &Mail,
    config: &ShopConfig,
    language: &str,
    variables: &Variables,
    unsubscribe: bool,
    to: String,
    now: Timestamp,
) -> Result<Kept> {
    let words = mail.texts.get(language).ok_or_else(no_language)?;
    let rendered = render(words, variables).map_err(|error| unfilled(&error))?;
    let mark = hex(&random::<12>()?);
    let sender =
        config.senders.get(language).ok_or_else(|| Failed::new("composing", "nobody writes in this language"))?;
    let domain = sender.address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let parts =
        vec![MimePart::new("text/plain", rendered.text.as_str()), MimePart::new("text/html", rendered.html.as_str())];
    let mut builder = MessageBuilder::new()
        .from(Address::new_address(Some(sender.name.as_str()), sender.address.as_str()))
        .reply_to(Address::new_address(Some(sender.name.as_str()), sender.reply_to.as_str()))
        .to(Address::new_address(None::<&str>, to.as_str()))
        .subject(rendered.subject.as_str())
        .date(Date::new(now.0.div_euclid(1_000)))
        .message_id(format!("{mark}@{domain}"))
        .body(MimePart::new(
            ContentType::new("multipart/alternative").attribute("boundary", format!("rapport-{mark}")),
            parts,
        ));
    if unsubscribe {
        let link = &variables.link.unsubscribe;
        // RFC 2369 and RFC 8058: the mail client's own button.
        builder = builder
            .header("List-Unsubscribe", Raw::new(format!("<{link}>")))
            .header("List-Unsubscribe-Post", Raw::new("List-Unsubscribe=One-Click"))
            .header("List-Id", Raw::new(format!("<news.{domain}>")));
    }
    let mime = builder.write_to_string().map_err(|error| Failed::new("composing", error))?;
    Ok(Kept {
        from: sender.address.clone(),
        to,
        subject: rendered.subject,
        html: rendered.html,
        text: rendered.text,
        mime,
    })
}

#[allow(clippy::too_many_arguments)]
fn variables(
    db: &Db,
    shop: &Shop,
    config: &ShopConfig,
    person: &Person,
    language: &str,
    mail: &MailJob,
    links: &Links,
) -> Result<Variables> {
    let link =
        |path: &str, link: &LinkId, kind| format!("{}/{path}/{}/{}", shop.edge, shop.key, link.token(&shop.keys, kind));
    let code = mail.code(db, config, &person.id)?;
    let (path, kind) = match mail.mail.as_str() {
        letters::EXPORT => ("e", LinkKind::Export),
        letters::ERASE => ("x", LinkKind::Erase),
        _ => ("c", LinkKind::Confirm),
    };
    let confirm = mail.link.as_deref().and_then(LinkId::from_text).map(|id| link(path, &id, kind));
    let preferences = link("p", &links.preferences, LinkKind::Preferences);
    let visit = links.visit.token(&shop.keys, LinkKind::Visit);
    Ok(Variables {
        shop: ShopVariables {
            name: config.name.clone(),
            url: config.url.clone(),
            address: config.senders.get(language).map(|sender| sender.postal.clone()).unwrap_or_default(),
        },
        shopper: ShopperVariables { given_name: person.profile.given_name.clone().unwrap_or_default() },
        link: LinkVariables {
            confirm: confirm.unwrap_or_default(),
            unsubscribe: links.unsubscribe.as_ref().map(|id| link("u", id, LinkKind::Unsubscribe)).unwrap_or_default(),
            shop: format!("{}#rapport={visit}", config.url),
            why: format!("{preferences}#why"),
            preferences,
        },
        offer: code.map(|code| OfferVariables {
            code: code.code,
            percent: code.percent,
            ends: code.ends.map(|ends| day_in_words(ends, language)),
        }),
        lang: language.to_owned(),
        dir: direction(language).to_owned(),
    })
}
