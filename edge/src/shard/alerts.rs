//! The merchant is told by mail of what cannot wait: a pool of codes that runs dry, or what a journey wants
//! them to know of a shopper. The mail is in the first of the shop's languages.
//!
//! Told once for each time that it comes about: the event and the mail's claim are named after it, so telling
//! the shard again changes nothing. A shop that names no address for alerts has the
//! event alone.

mod letter;

use domain::consent::Channel;
use domain::id::hex;
use domain::published::ShopConfig;
use domain::time::{Span, Timestamp};
use domain::why::Why;
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::MimePart;
use serde::{Deserialize, Serialize};
use serde_json::json;

use self::letter::Written;
use super::hearing::facts;
use super::jobs::{self, Job, State};
use super::ledger::{self, What};
use super::limits::Counted;
use super::mail::{Composed, Kept, MESSAGE, Outgoing};
use super::sending::Claim;
use super::{Shard, Shop};
use crate::pages::alert_words as words;
use crate::problem::{Failed, Result};
use crate::seal::seal_for_shop;
use crate::secrets::random;
use crate::sender::Sender;
use crate::sql::values;

/// How mails to the merchant are called in lists.
pub const ALERT: &str = "alert";

/// What the merchant is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alert {
    /// A pool has sunk below what they want.
    Pool(LowPool),
    /// A journey of a shopper's tells them something.
    Journey(Told),
    /// Somebody gave an answer of which they want to hear at once.
    Answer(Answered),
}

/// A pool has sunk below what the merchant wants.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LowPool {
    /// The offer.
    pub offer: String,
    /// How often that came about, this time included.
    pub sinking: i64,
    /// How many codes were left.
    pub left: i64,
    /// Fewer than this are few.
    pub low: u32,
    /// What stands in once none is left.
    pub fallback: String,
    /// What keeps more from being made, where they are made here.
    pub trouble: Option<String>,
}

/// What a journey tells the merchant of a shopper.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Told {
    /// Names it: the same is told once.
    pub key: String,
    /// Which journey.
    pub journey: String,
    /// In the merchant's own words.
    pub text: String,
    /// Of whom.
    pub shopper: String,
    /// What happened to them lately that was not right, the newest first.
    pub reasons: Vec<String>,
}

/// An answer of which the merchant wants to hear at once. Nobody may be known who gave it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answered {
    /// Names the event.
    pub event: String,
    /// The survey.
    pub campaign: String,
    /// The question, in the first of the shop's languages.
    pub question: String,
    /// What was chosen, likewise.
    pub chosen: Vec<String>,
    /// What was said in words.
    pub words: Option<String>,
    /// On which page.
    pub page: Option<String>,
    /// What the cart cost, with its currency, where there was one.
    pub cart: Option<String>,
}

impl Alert {
    fn key(&self) -> String {
        match self {
            Self::Pool(pool) => format!("alert:{}:{}", pool.offer, pool.sinking),
            Self::Journey(told) => told.key.clone(),
            Self::Answer(answered) => format!("answer:{}", answered.event),
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Pool(_) => "pool low",
            Self::Journey(_) => "journey",
            Self::Answer(_) => "answer",
        }
    }
}

impl Shard {
    /// A journey tells the merchant something of a shopper who lives here.
    pub(super) fn tell_merchant(&self, told: Told) -> Result<()> {
        let (shop, now) = (self.shop()?, self.now());
        let id = facts::id_of(&shop, &[b"told", told.key.as_bytes()]);
        let data = json!({ "journey": told.journey, "text": told.text, "reasons": told.reasons });
        facts::note_once(self, id, now, &told.shopper, "merchant.alerted", &data)?;
        self.alert_soon(&shop, Alert::Journey(told))
    }

    /// Takes it in that a pool is low. Told twice, it counts once.
    pub(super) fn take_alert(&self, pool: LowPool) -> Result<()> {
        let (shop, now) = (self.shop()?, self.now());
        let LowPool { offer, sinking, left, low, .. } = &pool;
        let id = facts::id_of(&shop, &[b"alert", offer.as_bytes(), &sinking.to_be_bytes()]);
        let why = Why::new("pool low", format!("{left} codes are left, fewer than {low}"));
        facts::note_once(self, id, now, "", "pool.low", &json!({ "offer": offer, "left": left, "why": why }))?;
        self.alert_soon(&shop, Alert::Pool(pool))
    }

    /// Tells the merchant of an answer, unless many have just been told: those stand in the log.
    pub(super) fn tell_of_answer(&self, answered: Answered) -> Result<()> {
        let (shop, now) = (self.shop()?, self.now());
        if self.limits.borrow_mut().take(Counted::Alarms, 0, 1, now).is_err() {
            let why = Why::new("many answers", "ten were told at once, then one every ten minutes");
            return ledger::decided(&self.db, now, "", What::Skip, ALERT, &why);
        }
        self.alert_soon(&shop, Alert::Answer(answered))
    }

    fn alert_soon(&self, shop: &Shop, alert: Alert) -> Result<()> {
        if self.db.row("SELECT 1 FROM sends WHERE claim = ?", values![alert.key()])?.is_some() {
            return Ok(());
        }
        if shop.config.as_ref().is_none_or(|config| config.alerts.is_none()) {
            return Ok(());
        }
        jobs::add(&self.db, &Job::alert(alert.key(), self.now(), alert))
    }

    /// Decides about an alert that is due, in the synchronous section of its batch.
    pub(super) fn decide_alert(&self, job: &Job, alert: &Alert) -> Result<Option<Claim>> {
        let (shop, now) = (self.shop()?, self.now());
        let config = shop.live()?;
        let (Some(to), Some(sender)) = (&config.alerts, Sender::of(&self.env)) else {
            let why = Why::new("no way", "no address for alerts, or no provider that sends");
            jobs::remove(&self.db, &job.key)?;
            ledger::decided(&self.db, now, "", What::Skip, ALERT, &why)?;
            return Ok(None);
        };
        if !shop.switches.sending {
            if job.state != State::Deferred {
                let why = Why::new("switch", "sending is switched off for the shop");
                ledger::decided(&self.db, now, "", What::Defer, ALERT, &why)?;
            }
            jobs::postpone(&self.db, job, now + Span::minutes(15), State::Deferred)?;
            return Ok(None);
        }
        let composed = compose(&shop, config, to, alert, now)?;
        let subject = letter::subject(alert, words::of(default_language(config)));
        let claim = Claim { key: job.key.clone(), job: job.clone(), composed, channel: Channel::Email, run: None };
        let why = Why::new(alert.rule(), subject);
        self.write_claim(&claim, ALERT, &sender, &why, now)?;
        Ok(Some(claim))
    }
}

/// The mail in the shop's first language.
fn compose(shop: &Shop, config: &ShopConfig, to: &str, alert: &Alert, now: Timestamp) -> Result<Composed> {
    let language = default_language(config);
    let sender = config.senders.get(language);
    let sender = sender.ok_or_else(|| Failed::new("composing an alert", "nobody writes in the shop's language"))?;
    let domain = sender.address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let Written { subject, html, text } = letter::write(shop, config, alert, language)?;
    let mark = hex(&random::<12>()?);
    let parts = vec![MimePart::new("text/plain", text.as_str()), MimePart::new("text/html", html.as_str())];
    let both = ContentType::new("multipart/alternative").attribute("boundary", format!("rapport-{mark}"));
    let mime = MessageBuilder::new()
        .from(Address::new_address(Some("Rapport"), sender.address.as_str()))
        .to(Address::new_address(None::<&str>, to))
        .subject(subject.as_str())
        .date(Date::new(now.0.div_euclid(1_000)))
        .message_id(format!("{mark}@{domain}"))
        // Nobody's holiday answers it (RFC 3834).
        .header("Auto-Submitted", Raw::new("auto-generated"))
        .body(MimePart::new(both, parts))
        .write_to_string()
        .map_err(|error| Failed::new("composing an alert", error))?;
    let kept = Kept { from: sender.address.clone(), to: to.to_owned(), subject, html, text, mime };
    let sealed = seal_for_shop(&shop.keys, MESSAGE, &serde_json::to_string(&kept)?)?;
    let outgoing = Outgoing { from: kept.from, to: kept.to, body: kept.mime };
    Ok(Composed { mail: ALERT.to_owned(), sells: false, outgoing, sealed })
}

/// The language in which the shop is told things: the first of those it speaks.
pub(super) fn default_language(config: &ShopConfig) -> &str {
    config.languages.first().map_or("en", String::as_str)
}
