//! From a message's templates to what is sent: a mail in MIME, or the words of a text.

use domain::consent::Channel;
use domain::id::hex;
use domain::journey::Fate;
use domain::message::{
    LinkVariables, OfferVariables, ProductVariables, ShopVariables, ShopperVariables, Variables, render, render_text,
};
use domain::published::{Mail, ShopConfig, TextMessage, direction};
use domain::sending::Kind;
use domain::time::Timestamp;
use domain::why::Why;
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::MimePart;
use serde::{Deserialize, Serialize};

use super::baskets::{self, Shown};
use super::codes::{self, Issued};
use super::content::{self, Content};
use super::jobs::{Job, MailJob};
use super::joining::MEMBERS;
use super::people::{self, Person};
use super::recommending::Picked;
use super::{Shop, followed, letters, links};
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
    /// The code that the mail shows, whether it is good or not; nothing where no offer comes with it.
    pub fn code(&self, db: &Db, config: &ShopConfig, shopper: &str, now: Timestamp) -> Result<Option<Issued>> {
        let Some(offer) = self.offer.as_deref() else { return Ok(None) };
        match (&self.code, config.offer(offer)) {
            (Some(code), _) => codes::issued(db, config, shopper, offer, code),
            (None, Some(offer)) => codes::code(db, config, shopper, offer, now),
            (None, None) => Ok(None),
        }
    }
}

/// A message that cannot be said.
pub struct Unsaid {
    /// Why.
    pub why: Why,
    /// What its journey hears.
    pub fate: Fate,
}

impl Unsaid {
    fn gone() -> Self {
        Self { why: Why::new("address", "the address is not the shopper's any more"), fate: Fate::Unsayable }
    }

    /// Its template cannot be filled in: in which part and line, and what is wrong there in general. What was to be
    /// filled in is not told: it may be personal.
    fn unfilled(error: &domain::message::Error) -> Self {
        let (part, line) = (error.name().unwrap_or("text"), error.line().unwrap_or_default());
        let fact = format!("the {part} cannot be filled in: {} in line {line}", error.kind());
        Self { why: Why::new("template", fact), fate: Fate::Unsaid }
    }

    fn no_language() -> Self {
        Self { why: Why::new("template", "the message has no such language"), fate: Fate::Unsaid }
    }
}

/// A message's words, or why there are none.
type Written = core::result::Result<Kept, Unsaid>;

/// Links of a mail that last longer than it.
struct Links {
    unsubscribe: Option<LinkId>,
    visit: LinkId,
    preferences: LinkId,
}

/// What comes with a message.
pub struct With {
    /// The code that it may show.
    pub code: Option<Issued>,
    /// What the catalogue says for it.
    pub picked: Picked,
    /// The cart or the order that it shows.
    pub shown: Option<Shown>,
}

/// Composes a message with what comes with it, or says why it cannot be said.
pub fn compose(
    db: &Db,
    shop: &Shop,
    config: &ShopConfig,
    job: &Job,
    mail: &MailJob,
    with: With,
    now: Timestamp,
) -> Result<core::result::Result<Composed, Unsaid>> {
    let Some(person) = people::person(db, &shop.keys, &job.shopper)? else { return Ok(Err(Unsaid::gone())) };
    let Some(address) = address_for(db, job, mail)? else { return Ok(Err(Unsaid::gone())) };
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
    let variables = variables(shop, config, &person, language, (job, mail), &links, with);
    let written = match &content {
        Content::Mail(mail) => write_mail(mail, config, language, &variables, links.unsubscribe.is_some(), to, now)?,
        Content::Text(text) => write_text(text, config, language, &variables, to),
    };
    let kept = match written {
        Ok(kept) => kept,
        Err(unsaid) => return Ok(Err(unsaid)),
    };
    let sealed = person.key.seal(MESSAGE, &serde_json::to_string(&kept)?)?;
    let body = if mail.channel == Channel::Sms { kept.text } else { kept.mime };
    let outgoing = Outgoing { from: kept.from, to: kept.to, body };
    Ok(Ok(Composed { mail: mail.mail.as_str().to_owned(), sells: content.sells(), outgoing, sealed }))
}

fn write_text(text: &TextMessage, config: &ShopConfig, language: &str, variables: &Variables, to: String) -> Written {
    let words = text.texts.get(language).ok_or_else(Unsaid::no_language)?;
    let words = render_text(words, variables).map_err(|error| Unsaid::unfilled(&error))?;
    let none = String::new;
    Ok(Kept { from: config.name.clone(), to, subject: none(), html: none(), text: words, mime: none() })
}

fn write_mail(
    mail: &Mail,
    config: &ShopConfig,
    language: &str,
    variables: &Variables,
    unsubscribe: bool,
    to: String,
    now: Timestamp,
) -> Result<Written> {
    let Some(words) = mail.texts.get(language) else { return Ok(Err(Unsaid::no_language())) };
    let rendered = match render(words, variables) {
        Ok(rendered) => rendered,
        Err(error) => return Ok(Err(Unsaid::unfilled(&error))),
    };
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
    Ok(Ok(Kept {
        from: sender.address.clone(),
        to,
        subject: rendered.subject,
        html: rendered.html,
        text: rendered.text,
        mime,
    }))
}

fn variables(
    shop: &Shop,
    config: &ShopConfig,
    person: &Person,
    language: &str,
    (job, mail): (&Job, &MailJob),
    links: &Links,
    With { code, picked, shown }: With,
) -> Variables {
    let link =
        |path: &str, link: &LinkId, kind| format!("{}/{path}/{}/{}", shop.edge, shop.key, link.token(&shop.keys, kind));
    let (path, kind) = match mail.mail.as_str() {
        letters::EXPORT => ("e", LinkKind::Export),
        letters::ERASE => ("x", LinkKind::Erase),
        _ => ("c", LinkKind::Confirm),
    };
    let confirm = mail.link.as_deref().and_then(LinkId::from_text).map(|id| link(path, &id, kind));
    let preferences = link("p", &links.preferences, LinkKind::Preferences);
    // With the letter's mark, so that it is known which one was followed.
    let visit = format!("{}.{}", links.visit.token(&shop.keys, LinkKind::Visit), followed::mark(&shop.keys, &job.key));
    let marked = |url: &str| marked(url, &visit);
    let (cart, order) = baskets::variables((shop, config), shown, &picked.cards, language, mail.channel, &marked);
    Variables {
        shop: ShopVariables {
            name: config.name.clone(),
            url: config.url.clone(),
            address: config.senders.get(language).map(|sender| sender.postal.clone()).unwrap_or_default(),
        },
        shopper: ShopperVariables { given_name: person.profile.given_name.clone().unwrap_or_default() },
        link: LinkVariables {
            confirm: confirm.unwrap_or_default(),
            unsubscribe: links.unsubscribe.as_ref().map(|id| link("u", id, LinkKind::Unsubscribe)).unwrap_or_default(),
            shop: marked(&config.url),
            why: format!("{preferences}#why"),
            preferences,
        },
        offer: code.map(|code| OfferVariables {
            ends: code.last_day(language),
            code: code.code,
            percent: code.percent,
        }),
        products: picked
            .products
            .into_iter()
            .map(|product| ProductVariables { url: marked(&product.url), ..product })
            .collect(),
        cart,
        order,
        lang: language.to_owned(),
        dir: direction(language).to_owned(),
    }
}

/// A page of the shop, marked as the visit of whoever the letter was for.
fn marked(url: &str, visit: &str) -> String {
    format!("{}#rapport={visit}", url.split('#').next().unwrap_or_default())
}
