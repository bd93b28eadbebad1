//! Taking events in: the hot path.
//!
//! Parsing comes first, then one synchronous section that decides and writes, then 202. The answer
//! leaves only after the platform has made the section durable.

use domain::event::{Batch, Event, Fact, Order, read_batch};
use domain::id::VisitorId;
use domain::place::{Bucket, Placement};
use domain::time::{Span, Timestamp};
use worker::js_sys::Uint8Array;
use worker::{Headers, Method, Request, RequestInit, Response};

use super::answers::EventsAnswer;
use super::{Shard, Shop, jobs, limits, people, report};
use crate::call::{self, Redemption};
use crate::problem::{self, Rejected, Result};
use crate::sql::values;

impl Shard {
    /// Answers `POST /v1/events`.
    pub(super) async fn ingest(&self, mut request: Request) -> worker::Result<Response> {
        let origin = request.headers().get("origin")?;
        match self.take_in_here_or_there(&mut request, origin.as_deref()).await {
            Ok(response) => Ok(response),
            Err(error) => problem::respond(&error, &problem::request_id(&request), origin.as_deref()),
        }
    }

    async fn take_in_here_or_there(&self, request: &mut Request, origin: Option<&str>) -> Result<Response> {
        let shop = self.shop()?;
        let sender = request.headers().get("cf-connecting-ip")?;
        let url = request.inner().url();
        // As bytes: one copy into the wasm's memory, where a string would cross letter by letter.
        let body = request.bytes().await?;
        allowed_origin(&shop, origin)?;
        let visitor = visitor_of(&url)?;
        let object = home(&shop, visitor);
        if object != shop.object {
            return self.hand_on(&shop, object, &url, origin, sender.as_deref(), body).await;
        }
        let text =
            core::str::from_utf8(&body).map_err(|_| Rejected::new(400, "The batch cannot be read", "not UTF-8"))?;
        let batch = self.take_in(visitor, sender.as_deref(), text)?;
        let body = serde_json::to_vec(&EventsAnswer { accepted: batch.accepted, refused: &batch.refused })?;
        Ok(Response::builder()
            .with_status(202)
            .with_header("content-type", "application/json")?
            .with_header("access-control-allow-origin", origin.unwrap_or("*"))?
            .fixed(body))
    }

    /// Hands a batch on to the shard where it belongs: the browser knew an older number of objects.
    async fn hand_on(
        &self,
        shop: &Shop,
        object: u16,
        url: &str,
        origin: Option<&str>,
        sender: Option<&str>,
        body: Vec<u8>,
    ) -> Result<Response> {
        let headers = Headers::new();
        for (name, value) in [("origin", origin), ("cf-connecting-ip", sender)] {
            if let Some(value) = value {
                headers.set(name, value)?;
            }
        }
        let mut init = RequestInit::new();
        init.with_method(Method::Post).with_headers(headers).with_body(Some(Uint8Array::from(body.as_slice()).into()));
        let request = Request::new_with_init(url, &init)?;
        let stub = self.env.durable_object("SHARD")?.get_by_name(&call::shard_name(&shop.key, object))?;
        Ok(stub.fetch_with_request(request).await?)
    }

    fn take_in(&self, visitor: VisitorId, sender: Option<&str>, body: &str) -> Result<Batch> {
        let now = self.now();
        let mut limits = self.limits.borrow_mut();
        if let Some(sender) = sender {
            limits
                .take(0, limits::caller(sender.as_bytes()), 1, limits::SENDER_REQUESTS, now)
                .map_err(|wait| Rejected::too_many("too many requests from this network address", wait))?;
        }
        let batch = read_batch(body, now).map_err(|error| Rejected {
            field: (!error.field.is_empty()).then(|| error.field.to_owned()),
            ..Rejected::new(if error.too_large { 413 } else { 400 }, "The batch cannot be read", error.detail)
        })?;
        limits
            .take(1, limits::caller(visitor.0.as_bytes()), batch.accepted, limits::VISITOR_EVENTS, now)
            .map_err(|wait| Rejected::too_many("too many events from this browser", wait))?;
        drop(limits);
        if !batch.events.is_empty() {
            self.write_events(visitor, &batch.events, now)?;
        }
        Ok(batch)
    }

    /// Writes events and what follows from them, in one synchronous section.
    fn write_events(&self, visitor: VisitorId, events: &[Event], now: Timestamp) -> Result<()> {
        let mut new = Vec::with_capacity(events.len());
        for event in events {
            match &event.fact {
                Fact::OrderPlaced { order } => {
                    // Each telling can name codes that the others leave out.
                    self.redeemed(order, event.at, now)?;
                    if !self.heard_of(visitor, &order.id, now)? {
                        new.push(event);
                    }
                }
                _ => new.push(event),
            }
        }
        let rows = rows_json(&new);
        // One crossing for the whole batch. An id seen before changes nothing.
        self.db.run(
            "INSERT OR IGNORE INTO events (id, visitor, at, received, kind, data)
             SELECT unhex(value ->> 0), ?, value ->> 1, ?, value ->> 2, value ->> 3 FROM json_each(?)",
            values![visitor.0.as_bytes().to_vec(), now.0, rows],
        )?;
        self.report_later(now)
    }

    /// Whether this browser has told of an order before: a thank-you page states it in its markup,
    /// says it by a command and says it all again when it is reloaded.
    fn heard_of(&self, visitor: VisitorId, order: &str, now: Timestamp) -> Result<bool> {
        let known = self.db.row(
            "INSERT INTO orders (visitor, id, heard) VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1",
            values![visitor.0.as_bytes().to_vec(), order, now.0],
        )?;
        Ok(known.is_none())
    }

    /// Notes codes that an order used, here or by way of the shard that issued them. The page is
    /// believed only so far: it may end a journey.
    fn redeemed(&self, order: &Order, at: Timestamp, now: Timestamp) -> Result<()> {
        let shop = self.shop()?;
        for code in &order.codes {
            let redemption = Redemption { code: code.clone(), order: order.id.clone(), at };
            match people::issuer(shop.placement, code) {
                Some(object) if object != shop.object => {
                    jobs::add(&self.db, &jobs::Job::redeem(now, object, redemption))?;
                    self.arm();
                }
                _ => people::redeem(&self.db, &redemption)?,
            }
        }
        Ok(())
    }

    /// Sees to it that new events reach the reports.
    pub(super) fn report_later(&self, now: Timestamp) -> Result<()> {
        if !self.report_due.replace(true) {
            jobs::add(&self.db, &jobs::Job::report(now + Span::seconds(report::EVERY_S)))?;
            self.arm();
        }
        Ok(())
    }
}

/// Events as a JSON array of arrays, for `json_each`: id in hex, moment, kind, data.
fn rows_json(events: &[&Event]) -> String {
    let rows: Vec<(String, i64, &str, String)> = events
        .iter()
        .map(|event| {
            let data = serde_json::to_string(&event.fact).unwrap_or_else(|_| "{}".to_owned());
            (event.id.0.simple().to_string(), event.at.0, event.fact.kind(), data)
        })
        .collect();
    serde_json::to_string(&rows).unwrap_or_else(|_| "[]".to_owned())
}

/// Pages of other origins may not send. What is no page has no origin and only the public key.
pub(super) fn allowed_origin(shop: &Shop, origin: Option<&str>) -> Result<()> {
    match origin {
        Some(origin) if !shop.origins.iter().any(|allowed| allowed == origin) => Err(Rejected {
            field: Some("origin".into()),
            ..Rejected::new(
                403,
                "Foreign origin",
                "this page's origin is not one of the shop's; the shop's settings name them",
            )
        }
        .into()),
        _ => Ok(()),
    }
}

fn visitor_of(url: &str) -> Result<VisitorId> {
    let text = query(url, "visitor")
        .ok_or_else(|| Rejected::field("visitor", "missing; the browser's id goes into the address"))?;
    Ok(text.parse().map_err(|error| Rejected::field("visitor", format!("{error}")))?)
}

/// The object that a visitor belongs to.
fn home(shop: &Shop, visitor: VisitorId) -> u16 {
    if shop.placement == Placement::ONE {
        return 0;
    }
    shop.placement.object_of(Bucket::of_hash(&shop.keys.name("visitor", &visitor.to_string())))
}

/// A parameter of an address's query. Our own parameters hold nothing that needs decoding.
pub(crate) fn query<'a>(url: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = url.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_by_their_whole_name() {
        let url = "https://edge.example/v1/events?shop=pk_a&visitor=v&objects=8";
        assert_eq!(query(url, "visitor"), Some("v"));
        assert_eq!(query(url, "objects"), Some("8"));
        assert_eq!(query(url, "object"), None);
        assert_eq!(query("https://edge.example/", "shop"), None);
    }
}
