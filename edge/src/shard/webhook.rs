//! The shop's server is told by a journey: a signed call, repeated until it is taken.
//!
//! The body is signed as the shop's own calls to us are ([`domain::hook::verify`]), with the same secret.
//! Whoever listens may hear of the same thing more than once, and knows it by its `id`.

use std::time::Duration;

use domain::hook::Source;
use domain::why::Why;
use futures_util::future::{Either, select};
use serde_json::json;
use worker::{AbortController, Delay, Fetch, Headers, Method, Request, RequestInit};

use super::jobs::{self, Job, State, WebhookJob};
use super::joining::keeper;
use super::ledger::{self, What};
use super::{Shard, Shop};
use crate::clock::real_now;
use crate::problem::Result;
use crate::sql::values;

/// How long the shop's server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

impl Shard {
    /// Tells the shop's server, or looks again later; after two days no more.
    pub(super) async fn call_webhook(&self, job: &Job, webhook: &WebhookJob) -> Result<()> {
        let (shop, now) = (self.shop()?, self.now());
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
            Ok(_) | Err(_) => jobs::postpone(&self.db, job, now + jobs::backoff(job.attempts), State::Deferred),
        }
    }

    fn webhook_body(&self, shop: &Shop, person: &str, job: &Job, webhook: &WebhookJob) -> Result<String> {
        let id = domain::id::hex(&shop.keys.name("webhook", &job.key)).get(..32).map(str::to_owned);
        let members = super::joining::MEMBERS;
        let segments = self.journeys_of(person)?.segments;
        let since =
            self.db.row(&format!("SELECT min(since) FROM shoppers WHERE id IN ({members})"), values![person])?;
        let body = json!({
            "id": id, "type": "journey.webhook", "name": webhook.name, "at": webhook.at.0,
            "journey": webhook.run.journey, "key": webhook.run.key,
            "shopper": { "id": person, "since": since.and_then(|row| row.maybe_int(0)), "segments": segments,
                         "customer": self.customer_of(shop, person)? },
        });
        Ok(body.to_string())
    }
}

/// The status that the shop's server answers with.
async fn post(url: &str, body: &str, signature: &str) -> worker::Result<u16> {
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    headers.set("rapport-signature", signature)?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_headers(headers).with_body(Some(body.into()));
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
