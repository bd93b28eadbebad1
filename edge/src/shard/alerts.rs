//! The merchant is told by mail of what cannot wait: a pool of codes that runs dry.
//!
//! Told once for each time that a pool sinks below what the merchant wants: the event and the mail's claim are
//! named after it, so telling the shard again changes nothing. A shop that names no address for alerts has the
//! event alone.

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

/// A pool has sunk below what the merchant wants.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Alert {
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

impl Alert {
    fn key(&self) -> String {
        format!("alert:{}:{}", self.offer, self.sinking)
    }

    fn subject(&self) -> String {
        match self.left {
            0 => format!("No codes left: {}", self.offer),
            left => format!("{left} codes left: {}", self.offer),
        }
    }

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
    /// Takes an alert in. Told twice, it counts once.
    pub(super) fn take_alert(&self, alert: Alert) -> Result<()> {
        let (shop, now) = (self.shop()?, self.now());
        let Alert { offer, sinking, left, low, .. } = &alert;
        let id = facts::id_of(&shop, &[b"alert", offer.as_bytes(), &sinking.to_be_bytes()]);
        let why = Why::new("pool low", format!("{left} codes are left, fewer than {low}"));
        facts::note_once(self, id, now, "", "pool.low", &json!({ "offer": offer, "left": left, "why": why }))?;
        if self.db.row("SELECT 1 FROM sends WHERE claim = ?", values![alert.key()])?.is_some() {
            return Ok(());
        }
        if shop.config.as_ref().is_none_or(|config| config.alerts.is_none()) {
            return Ok(());
        }
        jobs::add(&self.db, &Job::alert(alert.key(), now, alert))
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
        let claim = Claim { key: job.key.clone(), job: job.clone(), composed };
        let why = Why::new("pool low", alert.subject());
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
    let outgoing = Outgoing { from: kept.from, to: kept.to, mime: kept.mime };
    Ok(Composed { mail: ALERT.to_owned(), outgoing, sealed })
}
