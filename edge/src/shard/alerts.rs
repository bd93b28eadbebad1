//! The merchant is told by mail of what cannot wait: a pool of codes that runs dry, or what a journey wants
//! them to know of a shopper.
//!
//! Told once for each time that it comes about: the event and the mail's claim are named after it, so telling
//! the shard again changes nothing. A shop that names no address for alerts has the
//! event alone.

use domain::consent::Channel;
use domain::id::hex;
use domain::published::ShopConfig;
use domain::time::{Span, Timestamp};
use domain::why::Why;
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::date::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::hearing::facts;
use super::jobs::{self, Job, State};
use super::ledger::{self, What};
use super::mail::{Composed, Kept, MESSAGE, Outgoing};
use super::sending::Claim;
use super::{Shard, Shop};
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

impl Alert {
    fn key(&self) -> String {
        match self {
            Self::Pool(pool) => format!("alert:{}:{}", pool.offer, pool.sinking),
            Self::Journey(told) => told.key.clone(),
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Pool(_) => "pool low",
            Self::Journey(_) => "journey",
        }
    }

    fn subject(&self) -> String {
        match self {
            Self::Pool(pool) if pool.left == 0 => format!("No codes left: {}", pool.offer),
            Self::Pool(pool) => format!("{} codes left: {}", pool.left, pool.offer),
            Self::Journey(told) => {
                let first = told.text.split_inclusive(['.', '!', '?', '\n']).next().unwrap_or(&told.text);
                first.trim().chars().take(90).collect()
            }
        }
    }

    fn text(&self, shop: &Shop) -> String {
        match self {
            Self::Pool(pool) => pool.text(shop),
            Self::Journey(told) => told.text(shop),
        }
    }
}

impl Told {
    fn text(&self, shop: &Shop) -> String {
        let Self { journey, text, shopper, reasons, .. } = self;
        let lately =
            if reasons.is_empty() { String::new() } else { format!("\nLately:\n- {}\n", reasons.join("\n- ")) };
        format!(
            "{text}\n{lately}\nAll that is known: GET {}/admin/v1/shops/{}/people/{shopper}/timeline\n\n\
             Your journey {journey} told you this.\n",
            shop.edge, shop.key
        )
    }
}

impl LowPool {
    fn text(&self, shop: &Shop) -> String {
        let Self { offer, left, low, fallback, .. } = self;
        let trouble =
            self.trouble.as_ref().map(|what| format!("\nNo more could be made: {what}\n")).unwrap_or_default();
        format!(
            "The pool of codes for the offer {offer} is running dry: {left} are left, and you want to hear of fewer than {low}.\n\
             {trouble}\n\
             Once none is left, whoever earns a code gets one of the offer {fallback} instead.\n\n\
             More codes: POST {}/admin/v1/shops/{}/pools/{offer}/codes, one code in each line.\n\n\
             You get this letter once each time that it comes to this.\n",
            shop.edge, shop.key
        )
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
        let claim = Claim { key: job.key.clone(), job: job.clone(), composed, channel: Channel::Email, run: None };
        let why = Why::new(alert.rule(), alert.subject());
        self.write_claim(&claim, ALERT, &sender, &why, now)?;
        Ok(Some(claim))
    }
}

fn compose(shop: &Shop, config: &ShopConfig, to: &str, alert: &Alert, now: Timestamp) -> Result<Composed> {
    let sender = config.languages.first().and_then(|language| config.senders.get(language));
    let sender = sender.ok_or_else(|| Failed::new("composing an alert", "nobody writes in the shop's language"))?;
    let domain = sender.address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let (subject, text) = (alert.subject(), alert.text(shop));
    let mime = MessageBuilder::new()
        .from(Address::new_address(Some("Rapport"), sender.address.as_str()))
        .to(Address::new_address(None::<&str>, to))
        .subject(subject.as_str())
        .date(Date::new(now.0.div_euclid(1_000)))
        .message_id(format!("{}@{domain}", hex(&random::<12>()?)))
        .text_body(text.as_str())
        .write_to_string()
        .map_err(|error| Failed::new("composing an alert", error))?;
    let kept = Kept { from: sender.address.clone(), to: to.to_owned(), subject, html: String::new(), text, mime };
    let sealed = seal_for_shop(&shop.keys, MESSAGE, &serde_json::to_string(&kept)?)?;
    let outgoing = Outgoing { from: kept.from, to: kept.to, body: kept.mime };
    Ok(Composed { mail: ALERT.to_owned(), sells: false, outgoing, sealed })
}
