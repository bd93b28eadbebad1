//! The shop's server is told by a journey: a signed call, repeated until it is taken.
//!
//! The body is signed as the shop's own calls to us are ([`domain::hook::verify`]), with the same secret.
//! Whoever listens may hear of the same thing more than once, and knows it by its `id`.

use std::time::Duration;

use domain::hook::Source;
use domain::id::hex;
use domain::time::{Span, Timestamp};
use domain::why::Why;
use futures_util::future::{Either, select};
use schemars::JsonSchema;
use serde::Serialize;
use worker::{AbortController, Delay, Fetch, Headers, Method, Request, RequestInit, RequestRedirect};

use super::jobs::{self, Job, State, WebhookJob};
use super::joining::keeper;
use super::ledger::{self, What};
use super::{Shard, Shop};
use crate::clock::real_now;
use crate::problem::Result;
use crate::sql::values;

/// How long the shop's server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long all that is to be told under a name waits after a server did not answer at all.
const REST: Span = Span::minutes(1);

/// What a journey tells the shop's server, as `POST` to the address that `[webhooks]` of `shop.toml` names. Signed in
/// the header `Rapport-Signature` as calls of the shop's server to us are.
#[derive(Debug, Serialize, JsonSchema)]
pub struct JourneyCall {
    /// The same each time that the same is told: it can come more than once, until a 2xx answers it.
    pub id: String,
    /// `journey.webhook`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Which of the shop's webhooks.
    pub name: String,
    /// When the journey came to that, in milliseconds since 1970.
    pub at: i64,
    /// Which journey.
    pub journey: String,
    /// What its run is about: an order, a cart, a year; empty where there is one run for a shopper at a time.
    pub key: String,
    /// Of whom.
    pub shopper: ShopperTold,
}

/// What the shop's server is told of a shopper: no address, no number, no name.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ShopperTold {
    /// Their id, as in the admin API.
    pub id: String,
    /// Since when they are known, in milliseconds since 1970.
    pub since: Option<i64>,
    /// The segments they are in.
    pub segments: Vec<String>,
    /// The shop's own id for them, where one is known.
    pub customer: Option<String>,
}

impl Shard {
    /// Tells the shop's server, or looks again later; after two days no more.
    pub(super) async fn call_webhook(&self, job: &Job, webhook: &WebhookJob) -> Result<()> {
        let (shop, now) = (self.shop()?, self.now());
        // Another of this batch may have found that nobody answers.
        let due = self.db.row("SELECT due FROM jobs WHERE key = ?", values![job.key.as_str()])?;
        if due.and_then(|row| row.maybe_int(0)).is_none_or(|due| due > now.0) {
            return Ok(());
        }
        let Some(person) = keeper(&self.db, &job.shopper)? else { return jobs::remove(&self.db, &job.key) };
        let done = |what, why: Why| {
            jobs::remove(&self.db, &job.key)?;
            ledger::decided(&self.db, self.now(), &person, what, &webhook.name, &why)
        };
        if job.valid_until.is_some_and(|until| now > until) {
            return done(What::Skip, Why::new("webhook", "the shop's server did not take it within two days"));
        }
        let url = shop.config.as_ref().and_then(|config| {
            config.webhooks.iter().find(|(name, _)| name.as_str() == webhook.name).map(|(_, url)| url.clone())
        });
        let Some(url) = url else {
            return done(What::Skip, Why::new("webhook", "the shop has no webhook of this name any more"));
        };
        let Some(connection) = shop.hooks.get(&Source::Generic) else {
            return done(What::Skip, Why::new("webhook", "there is no secret to sign with: connect the shop's server"));
        };
        let body = self.webhook_body(&shop, &person, job, webhook)?;
        let signature = connection.secrets(&shop.keys, Source::Generic)?.sign(body.as_bytes(), real_now());
        match post(&url, &body, &signature).await {
            Ok(status @ 200..=299) => {
                done(What::Send, Why::new("webhook", format!("the shop's server answered {status}")))
            }
            // What will not be taken tomorrow either.
            Ok(status @ (400 | 404 | 405 | 410 | 413 | 422)) => {
                done(What::Refused, Why::new("webhook", format!("the shop's server answered {status}")))
            }
            Ok(_) => jobs::postpone(&self.db, job, now + jobs::backoff(job.attempts), State::Deferred),
            // One that hangs must not keep everything else waiting, time and again.
            Err(_) => {
                self.rest(&webhook.name, now)?;
                jobs::postpone(&self.db, job, now + jobs::backoff(job.attempts), State::Deferred)
            }
        }
    }

    /// Nobody answered: whatever else is to be told there waits a little.
    fn rest(&self, name: &str, now: Timestamp) -> Result<()> {
        self.db.run(
            "UPDATE jobs SET due = ? WHERE kind = 'webhook' AND due <= ? AND body ->> '$.webhook.name' = ?",
            values![(now + REST).0, now.0, name],
        )
    }

    fn webhook_body(&self, shop: &Shop, person: &str, job: &Job, webhook: &WebhookJob) -> Result<String> {
        let id = hex(shop.keys.name("webhook", &job.key).first_chunk::<16>().unwrap_or(&[0; 16]));
        let members = super::joining::MEMBERS;
        let segments = self.journeys_of(person)?.segments;
        let since =
            self.db.row(&format!("SELECT min(since) FROM shoppers WHERE id IN ({members})"), values![person])?;
        let call = JourneyCall {
            id,
            kind: "journey.webhook",
            name: webhook.name.clone(),
            at: webhook.at.0,
            journey: webhook.run.journey.to_string(),
            key: webhook.run.key.clone(),
            shopper: ShopperTold {
                id: person.to_owned(),
                since: since.and_then(|row| row.maybe_int(0)),
                segments: segments.iter().map(ToString::to_string).collect(),
                customer: self.customer_of(shop, person)?,
            },
        };
        Ok(serde_json::to_string(&call)?)
    }
}

/// The status that the shop's server answers with.
async fn post(url: &str, body: &str, signature: &str) -> worker::Result<u16> {
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    headers.set("rapport-signature", signature)?;
    let mut init = RequestInit::new();
    // What is said of a shopper goes where the shop said it should, and nowhere else.
    init.with_method(Method::Post).with_headers(headers).with_body(Some(body.into()));
    init.with_redirect(RequestRedirect::Manual);
    let request = Request::new_with_init(url, &init)?;
    let abort = AbortController::default();
    let signal = abort.signal();
    let fetch = Fetch::Request(request);
    let answer = Box::pin(fetch.send_with_signal(&signal));
    match select(answer, Box::pin(Delay::from(PATIENCE))).await {
        Either::Left((answer, _)) => Ok(answer?.status_code()),
        Either::Right(_) => {
            abort.abort();
            Err(worker::Error::RustError(format!("no answer within {} seconds", PATIENCE.as_secs())))
        }
    }
}
