//! From a mail's templates to a message in MIME.

use domain::id::hex;
use domain::message::{
    LinkVariables, OfferVariables, ShopVariables, ShopperVariables, Variables, day_in_words, render,
};
use domain::place::Bucket;
use domain::published::{ShopConfig, direction};
use domain::sending::Kind;
use domain::time::{Span, Timestamp};
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::MimePart;
use serde::{Deserialize, Serialize};

use super::Shop;
use super::jobs::{Job, MailJob};
use super::people::{self, Person};
use crate::problem::{Failed, Result};
use crate::secrets::random;
use crate::sql::{Db, values};
use crate::token::{LinkId, LinkKind};

/// A message ready to leave.
pub struct Composed {
    pub mail: String,
    pub outgoing: Outgoing,
    /// What is kept of it, sealed under the shopper's key.
    pub sealed: Vec<u8>,
}

/// What a sender needs.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The shop's address.
    pub from: String,
    /// The shopper's.
    pub to: String,
    /// The whole message, headers and all (RFC 5322).
    pub mime: String,
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

/// How long the links below a mail work: the law asks for 30 to 60 days for the one that unsubscribes,
/// people keep mails longer.
const LINKS_LAST: Span = Span::days(3 * 365);

/// Composes a mail; nothing when the shopper or the address is gone.
pub fn compose(
    db: &Db,
    shop: &Shop,
    config: &ShopConfig,
    job: &Job,
    mail: &MailJob,
    now: Timestamp,
) -> Result<Option<Composed>> {
    let Some(person) = people::person(db, &shop.keys, &job.shopper)? else { return Ok(None) };
    let Some(row) = db.row(
        "SELECT sealed, hash FROM addresses WHERE shopper = ? AND channel = 'email' ORDER BY since LIMIT 1",
        values![job.shopper.as_str()],
    )?
    else {
        return Ok(None);
    };
    let to = person.open_address(row.bytes(0)?)?;
    let language = config.language(&person.language);
    let content =
        config.mails.get(&mail.mail).ok_or_else(|| Failed::new("composing", "the mail is not in its version"))?;
    let words = content.texts.get(language).ok_or_else(|| Failed::new("composing", "the mail has no such language"))?;

    let unsubscribe = match content.kind {
        Kind::Marketing => Some(lasting_link(db, shop, LinkKind::Unsubscribe, &job.shopper, row.bytes(1)?, now)?),
        Kind::Transactional => None,
    };
    let preferences = lasting_link(db, shop, LinkKind::Preferences, &job.shopper, row.bytes(1)?, now)?;
    let link = LinkVariables {
        unsubscribe: unsubscribe.clone().unwrap_or_default(),
        why: format!("{preferences}#why"),
        preferences,
        ..LinkVariables::default()
    };
    let variables = variables(db, shop, config, &person, language, mail, link, now)?;
    let rendered =
        render(words, &variables).map_err(|error| Failed::new("filling a template in", error.to_string()))?;

    let mark = hex(&random::<12>()?);
    let sender =
        config.senders.get(language).ok_or_else(|| Failed::new("composing", "nobody writes in this language"))?;
    let domain = sender.address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let parts =
        vec![MimePart::new("text/plain", rendered.text.as_str()), MimePart::new("text/html", rendered.html.as_str())];
    let mut builder = MessageBuilder::new()
        .from(Address::new_address(Some(sender.name.as_str()), sender.address.as_str()))
        .reply_to(Address::new_address(None::<&str>, sender.reply_to.as_str()))
        .to(Address::new_address(None::<&str>, to.as_str()))
        .subject(rendered.subject.as_str())
        .date(Date::new(now.0.div_euclid(1_000)))
        .message_id(format!("{mark}@{domain}"))
        .body(MimePart::new(
            ContentType::new("multipart/alternative").attribute("boundary", format!("rapport-{mark}")),
            parts,
        ));
    if let Some(link) = &unsubscribe {
        // RFC 2369 and RFC 8058: the mail client's own button.
        builder = builder
            .header("List-Unsubscribe", Raw::new(format!("<{link}>")))
            .header("List-Unsubscribe-Post", Raw::new("List-Unsubscribe=One-Click"))
            .header("List-Id", Raw::new(format!("<news.{domain}>")));
    }
    let mime = builder.write_to_string().map_err(|error| Failed::new("composing", error))?;
    let kept = Kept {
        from: sender.address.clone(),
        to: to.as_str().to_owned(),
        subject: rendered.subject,
        html: rendered.html,
        text: rendered.text,
        mime,
    };
    let sealed = person.key.seal(MESSAGE, &serde_json::to_string(&kept)?)?;
    let outgoing = Outgoing { from: kept.from, to: kept.to, mime: kept.mime };
    Ok(Some(Composed { mail: mail.mail.as_str().to_owned(), outgoing, sealed }))
}

#[allow(clippy::too_many_arguments)]
fn variables(
    db: &Db,
    shop: &Shop,
    config: &ShopConfig,
    person: &Person,
    language: &str,
    mail: &MailJob,
    link: LinkVariables,
    now: Timestamp,
) -> Result<Variables> {
    let code = match &mail.offer {
        Some(offer) => people::code(db, &person.id, offer)?,
        None => None,
    };
    let confirm = mail
        .link
        .as_deref()
        .and_then(LinkId::from_text)
        .map(|link| format!("{}/c/{}/{}", shop.edge, shop.key, link.token(&shop.keys, LinkKind::Confirm)));
    Ok(Variables {
        shop: ShopVariables {
            name: config.name.clone(),
            url: config.url.clone(),
            address: config.senders.get(language).map(|sender| sender.postal.clone()).unwrap_or_default(),
        },
        shopper: ShopperVariables { given_name: person.profile.given_name.clone().unwrap_or_default() },
        link: LinkVariables {
            confirm: confirm.unwrap_or_default(),
            shop: format!("{}#rapport=known", config.url),
            ..link
        },
        offer: code.map(|code| OfferVariables {
            code: code.code,
            percent: code.percent,
            ends: day_in_words(code.ends.unwrap_or(now), language),
        }),
        lang: language.to_owned(),
        dir: direction(language).to_owned(),
    })
}

/// A link for a shopper and an address that is the same in every mail while it lasts.
fn lasting_link(db: &Db, shop: &Shop, kind: LinkKind, shopper: &str, address: &[u8], now: Timestamp) -> Result<String> {
    let known = db.row(
        "SELECT id FROM links WHERE address = ? AND kind = ? AND ends > ? ORDER BY made DESC LIMIT 1",
        values![address.to_vec(), kind.as_str(), now.0],
    )?;
    let known = known.and_then(|row| row.maybe_text(0).and_then(LinkId::from_text));
    let link = if let Some(link) = known {
        link
    } else {
        let link = LinkId::new(Bucket::of_hash(&address.try_into().unwrap_or([0; 32])))?;
        db.run(
            "INSERT INTO links (id, kind, shopper, address, made, ends) VALUES (?, ?, ?, ?, ?, ?)",
            values![link.as_text(), kind.as_str(), shopper, address.to_vec(), now.0, (now + LINKS_LAST).0],
        )?;
        link
    };
    let page = if kind == LinkKind::Preferences { 'p' } else { 'u' };
    Ok(format!("{}/{page}/{}/{}", shop.edge, shop.key, link.token(&shop.keys, kind)))
}
