//! Taking events in: the hot path.
//!
//! Each batch is read and judged as it arrives. Those that arrive together are written together, in
//! one synchronous section, and answered with 202. The answers leave only after the platform has made
//! that section durable.

use domain::catalogue::Said;
use domain::event::{Batch, Event, Fact, Order, read_batch};
use domain::id::VisitorId;
use domain::offer::Codes;
use domain::place::Placement;
use domain::time::{Span, Timestamp};
use wasm_bindgen::prelude::wasm_bindgen;
use worker::wasm_bindgen::JsValue;
use worker::worker_sys::web_sys;
use worker::{Env, Headers};

use super::answers::EventsAnswer;
use super::codes::lookup;
use super::limits::Counted;
use super::schema::CodeForms;
use super::sightings::home;
use super::{Shard, Shop, jobs, limits, report, schema};
use crate::call::{self, Redemption};
use crate::problem::{self, Error, Rejected, Result};
use crate::sql::values;

/// No events are taken in beyond this size of the object's database. The platform ends all writing at ten
/// gigabytes; the rest is for people: forms, withdrawals, erasures, what the shop's server says.
const MOST_BYTES: f64 = 8e9;

/// A development build can be given another bar.
#[cfg(feature = "dev-clock")]
fn most_bytes(env: &Env) -> f64 {
    env.var("MOST_BYTES_OF_EVENTS").ok().and_then(|most| most.to_string().parse().ok()).unwrap_or(MOST_BYTES)
}

#[cfg(not(feature = "dev-clock"))]
const fn most_bytes(_: &Env) -> f64 {
    MOST_BYTES
}

/// How long a full database is taken to be full without looking.
const LOOKED_AT_AGAIN: Span = Span::minutes(1);
/// What was taken in and is not kept yet.
pub(super) struct Taken {
    visitor: VisitorId,
    events: Vec<Event>,
    /// What the pages say of products.
    stated: Vec<Said>,
}

/// What `entry.js` calls for `POST /v1/events`. It does the waiting; nothing here waits.
#[wasm_bindgen]
impl Shard {
    /// Takes a batch in. Gives the answer's body, to be sent once [`Self::keep`] was called, or
    /// nothing when another shard has to take it: the browser knew an older number of objects.
    ///
    /// # Errors
    /// The answer to a batch that is refused as a whole.
    #[wasm_bindgen(js_name = takeIn)]
    pub fn take_in(&self, request: &web_sys::Request, body: &[u8]) -> core::result::Result<Option<String>, JsValue> {
        self.take_in_here(request, body).map_err(|error| refusal(&error, request))
    }

    /// Keeps all that was taken in since the last call, and says whether something became due. To be
    /// called inside of one transaction, with the size of the database in bytes, which Rust cannot ask for: its
    /// whole numbers end at four gigabytes.
    ///
    /// # Errors
    /// The database's.
    pub fn keep(&self, size: f64) -> core::result::Result<bool, JsValue> {
        self.full_since.set((size >= most_bytes(&self.env)).then(|| self.now()));
        self.keep_taken().map_err(|error| JsValue::from(error.to_string()))
    }

    /// Sets the alarm to what is due next.
    #[wasm_bindgen(js_name = arm)]
    pub fn arm_alarm(&self) {
        self.arm();
    }

    /// The shard where a batch belongs that was sent to this address.
    ///
    /// # Errors
    /// The answer to a batch that is refused as a whole.
    #[wasm_bindgen(js_name = homeOf)]
    pub fn home_of(&self, request: &web_sys::Request) -> core::result::Result<String, JsValue> {
        let home = || {
            let shop = self.shop()?;
            let visitor = visitor_of(&request.url())?;
            Ok(call::shard_name(&shop.key, home(&shop, visitor)))
        };
        home().map_err(|error| refusal(&error, request))
    }
}

/// The answer to a refused batch.
fn refusal(error: &Error, request: &web_sys::Request) -> JsValue {
    let headers = Headers(request.headers());
    let header = |name| headers.get(name).ok().flatten();
    let id = problem::request_id(header("cf-ray"));
    match problem::respond(error, &id, header("origin").as_deref()) {
        Ok(response) => web_sys::Response::from(response).into(),
        Err(error) => error.into(),
    }
}

impl Shard {
    fn take_in_here(&self, request: &web_sys::Request, body: &[u8]) -> Result<Option<String>> {
        let shop = self.shop()?;
        let headers = Headers(request.headers());
        allowed_origin(&shop, headers.get("origin")?.as_deref())?;
        let visitor = visitor_of(&request.url())?;
        if home(&shop, visitor) != shop.object {
            return Ok(None);
        }
        let sender = headers.get("cf-connecting-ip")?;
        let text =
            core::str::from_utf8(body).map_err(|_| Rejected::new(400, "The batch cannot be read", "not UTF-8"))?;
        let batch = self.read(visitor, sender.as_deref(), text)?;
        let answer = serde_json::to_string(&EventsAnswer { accepted: batch.accepted, refused: &batch.refused })?;
        self.taken.borrow_mut().push(Taken { visitor, events: batch.events, stated: batch.stated });
        Ok(Some(answer))
    }

    fn read(&self, visitor: VisitorId, sender: Option<&str>, body: &str) -> Result<Batch> {
        let now = self.now();
        self.has_room(now)?;
        let mut limits = self.limits.borrow_mut();
        if let Some(sender) = sender {
            limits
                .take(Counted::Requests, limits::network(sender), 1, now)
                .map_err(|wait| Rejected::too_many("too many requests from this network address", wait))?;
        }
        let batch = read_batch(body, now).map_err(|error| Rejected {
            field: (!error.field.is_empty()).then(|| error.field.to_owned()),
            ..Rejected::new(if error.too_large { 413 } else { 400 }, "The batch cannot be read", error.detail)
        })?;
        // What was refused takes no room.
        if let Some(sender) = sender {
            limits
                .take(Counted::Bytes, limits::network(sender), body.len(), now)
                .map_err(|wait| Rejected::too_many("too many bytes from this network address", wait))?;
        }
        limits
            .take(Counted::Events, limits::caller(visitor.0.as_bytes()), batch.accepted, now)
            .map_err(|wait| Rejected::too_many("too many events from this browser", wait))?;
        Ok(batch)
    }

    /// Refuses events while little room is left: forms, withdrawals and erasures go on. How much there is was
    /// looked at with the last commit; now and then a batch passes, so that it is looked at again.
    fn has_room(&self, now: Timestamp) -> Result<()> {
        match self.full_since.get() {
            Some(since) if now - since < LOOKED_AT_AGAIN => {
                let detail = "this part of the shop has no room for events until older ones are forgotten";
                let rejected = Rejected::new(507, "No room for events", detail);
                Err(Rejected { retry_after: Some(600), ..rejected }.into())
            }
            _ => Ok(()),
        }
    }

    /// Writes what was taken in and what follows from it.
    fn keep_taken(&self) -> Result<bool> {
        let now = self.now();
        let taken = self.taken.take();
        let mut due = false;
        let mut rows = Rows::default();
        for Taken { visitor, events, .. } in &taken {
            for event in events {
                if let Fact::OrderPlaced { order } = &event.fact {
                    // Each telling can name codes that the others leave out.
                    due |= self.redeemed(*visitor, order, event.at, now)?;
                    if self.heard_of(*visitor, &order.id, now)? {
                        continue;
                    }
                }
                if let Fact::Identified { link, signed, .. } = &event.fact {
                    due = true;
                    if let Some(token) = link {
                        self.opened_here_or_there(token, *visitor, event.at)?;
                    }
                    if let Some(name) = signed {
                        self.named_here_or_there(name, *visitor, event.at)?;
                    }
                }
                rows.add(*visitor, now, event)?;
                let (alarms, sign) = self.answered(&*self.shop()?, event)?;
                due |= alarms;
                if let Some(sign) = sign {
                    rows.add(*visitor, now, &sign)?;
                }
                if rows.are_many() {
                    self.write(core::mem::take(&mut rows))?;
                }
            }
        }
        if self.shop()?.placement != Placement::ONE {
            for Taken { visitor, .. } in &taken {
                due |= self.follow_soon(*visitor, now)?;
            }
        }
        let shop = self.shop()?;
        for Taken { visitor, stated, .. } in taken {
            due |= self.state(&shop, visitor, stated)?;
        }
        if !rows.are_none() {
            self.write(rows)?;
            due |= self.report_later(now)?;
            due |= self.count_later(now)?;
        }
        due |= self.hear_news()?;
        Ok(due)
    }

    /// One crossing for all rows. An id seen before changes nothing.
    fn write(&self, rows: Rows) -> Result<()> {
        self.db.run(
            "INSERT OR IGNORE INTO events (id, visitor, at, received, kind, data)
             SELECT unhex(value ->> 0), unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5
             FROM json_each(?)",
            values![rows.into_json()],
        )
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
    /// believed only so far: it may end a journey. Says whether something became due.
    fn redeemed(&self, visitor: VisitorId, order: &Order, at: Timestamp, now: Timestamp) -> Result<bool> {
        let shop = self.shop()?;
        let mut due = false;
        for code in &order.codes {
            // What no offer ever issued is not looked for, nor what this browser has told of before.
            if !self.may_be_issued(&shop, code)? || self.heard_of(visitor, &code_of(&order.id, code), now)? {
                continue;
            }
            let (code, order) = (code.clone(), order.id.clone());
            let told = Redemption { code, order, at, by_shop: false, cancelled: None, names: Vec::new() };
            due |= self.redeem_here_or_there(&shop, told, now)?;
        }
        Ok(due)
    }

    /// Whether a code may be one of the shop's: it begins as those of an offer do, in any version that is known
    /// here, or there are pools. A code that everybody has is used up by nobody.
    fn may_be_issued(&self, shop: &Shop, code: &str) -> Result<bool> {
        let forms = self.forms(shop)?;
        let code = lookup(code);
        let prefix = code.split_once('-').map(|(prefix, _)| prefix);
        if prefix.is_some_and(|prefix| forms.prefixes.contains(prefix)) {
            return Ok(true);
        }
        if shop.placement == Placement::ONE {
            // Then it is here, if it is anywhere.
            let query = "SELECT 1 FROM codes WHERE code = ?";
            return Ok(forms.pools && self.db.row(query, values![code.as_str()])?.is_some());
        }
        let mut offers = shop.config.iter().flat_map(|config| &config.offers);
        Ok(forms.pools
            && !offers.any(|offer| matches!(&offer.codes, Codes::Shared { code: own } if lookup(own) == code)))
    }

    /// What codes of the shop's offers look like.
    pub(super) fn forms<'a>(&self, shop: &'a Shop) -> Result<&'a CodeForms> {
        if let Some(forms) = shop.forms.get() {
            return Ok(forms);
        }
        let forms = schema::code_forms(&self.db)?;
        Ok(shop.forms.get_or_init(|| forms))
    }

    /// Sees to it that new events reach the reports; says whether that is one more thing due.
    pub(super) fn report_later(&self, now: Timestamp) -> Result<bool> {
        let new = !self.report_due.get();
        if new {
            jobs::add(&self.db, &jobs::Job::report(now + Span::seconds(report::EVERY_S)))?;
            self.report_due.set(true);
        }
        Ok(new)
    }
}

/// Under this name a code of an order stands beside it among what a browser has told of.
fn code_of(order: &str, code: &str) -> String {
    format!("{order}\n{code}")
}

/// Events as a JSON array of arrays, for `json_each`: id and visitor in hex, when it happened and
/// arrived, kind, data.
#[derive(Default)]
struct Rows(String);

impl Rows {
    fn add(&mut self, visitor: VisitorId, received: Timestamp, event: &Event) -> Result<()> {
        let data = serde_json::to_string(&event.fact)?;
        let (id, visitor) = (event.id.0.simple().to_string(), visitor.0.simple().to_string());
        let row = (id, visitor, event.at.0, received.0, event.fact.kind(), data);
        self.0.push(if self.0.is_empty() { '[' } else { ',' });
        self.0.push_str(&serde_json::to_string(&row)?);
        Ok(())
    }

    fn are_none(&self) -> bool {
        self.0.is_empty()
    }

    /// The platform takes values of up to 2 MB.
    fn are_many(&self) -> bool {
        self.0.len() > 1_000_000
    }

    fn into_json(mut self) -> String {
        self.0.push(']');
        self.0
    }
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
