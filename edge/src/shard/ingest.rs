//! Taking events in: the hot path.
//!
//! Parsing comes first, then one synchronous section that decides and writes, then 202. The answer
//! leaves only after the platform has made the section durable.

use domain::event::{Batch, Event, Fact, read_batch};
use domain::id::VisitorId;
use domain::place::Placement;
use domain::time::{Span, Timestamp};
use serde::Serialize;
use worker::{Request, Response};

use super::{Shard, Shop, jobs, limits, report};
use crate::problem::{self, Error, Rejected, Result};
use crate::sql::values;

/// What a browser is told about its batch.
#[derive(Serialize)]
struct Answer<'a> {
    accepted: usize,
    refused: &'a [domain::event::Refused],
}

impl Shard {
    /// Answers `POST /v1/events`.
    pub(super) async fn ingest(&self, mut request: Request) -> Result<Response> {
        let shop = self.shop()?;
        let headers = request.headers();
        let origin = headers.get("origin")?;
        let sender = headers.get("cf-connecting-ip")?;
        let url = request.inner().url();
        let body = request.text().await?;
        let answer =
            allowed_origin(&shop, origin.as_deref()).and_then(|()| self.take_in(&shop, &url, sender.as_deref(), &body));
        match answer {
            Ok(batch) => {
                let body = serde_json::to_vec(&Answer { accepted: batch.accepted, refused: &batch.refused })?;
                Ok(Response::builder()
                    .with_status(202)
                    .with_header("content-type", "application/json")?
                    .with_header("access-control-allow-origin", origin.as_deref().unwrap_or("*"))?
                    .fixed(body))
            }
            Err(error) => Ok(problem::respond(&error, "", origin.as_deref())?),
        }
    }

    fn take_in(&self, shop: &Shop, url: &str, sender: Option<&str>, body: &str) -> Result<Batch> {
        let visitor: VisitorId = query(url, "visitor")
            .ok_or_else(|| Rejected::field("visitor", "missing; the browser's id goes into the address"))?
            .parse()
            .map_err(|error| Rejected::field("visitor", format!("{error}")))?;
        if shop.placement != Placement::ONE {
            let bucket = domain::place::Bucket::of_hash(&shop.keys.name("visitor", &visitor.to_string()));
            if shop.placement.object_of(bucket) != shop.object {
                return Err(misplaced(shop.placement));
            }
        }
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
        let rows = rows_json(events);
        // One crossing for the whole batch. An id seen before changes nothing.
        self.db.run(
            "INSERT OR IGNORE INTO events (id, visitor, at, received, kind, data)
             SELECT unhex(value ->> 0), ?, value ->> 1, ?, value ->> 2, value ->> 3 FROM json_each(?)",
            values![visitor.0.as_bytes().to_vec(), now.0, rows],
        )?;
        for event in events {
            if let Fact::OrderPlaced { order } = &event.fact {
                self.redeemed(&order.codes, &order.id, event.at)?;
            }
        }
        self.report_later(now)
    }

    /// Notes codes that an order used. The page is believed only so far: it may end a journey.
    fn redeemed(&self, codes: &[String], order: &str, at: Timestamp) -> Result<()> {
        for code in codes {
            self.db.run(
                "UPDATE codes SET used = ?, used_by = ? WHERE code = upper(?) AND used IS NULL",
                values![at.0, order, code.as_str()],
            )?;
        }
        Ok(())
    }

    /// Sees to it that new events reach the reports.
    pub(super) fn report_later(&self, now: Timestamp) -> Result<()> {
        if !self.report_due.replace(true) {
            jobs::add(&self.db, &jobs::Job::report(now + Span::seconds(report::EVERY_S)))?;
        }
        Ok(())
    }
}

/// Events as a JSON array of arrays, for `json_each`: id in hex, moment, kind, data.
fn rows_json(events: &[Event]) -> String {
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

/// This shard is not the one; the caller learns how many there are and asks the right one.
fn misplaced(placement: Placement) -> Error {
    Rejected { field: Some("objects".into()), ..Rejected::new(421, "Misplaced", placement.objects().to_string()) }
        .into()
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
