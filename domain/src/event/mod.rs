//! Events as browsers send them, and as they are kept.
//!
//! What arrives is hostile until it has passed [`read_batch`]: every event is judged by itself, a
//! refused one is named by its index, its field and a reason, and the others count.

mod clock;
mod fact;
mod wire;

pub(crate) use wire::{cut, is_currency, is_decimal};

pub use clock::DeviceClock;
pub use fact::{Cart, Fact, Item, Order, Product, Shelf, SignedName};
pub use wire::field_at_fault;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::catalogue::Said;
use crate::id::EventId;
use crate::page;
use crate::time::Timestamp;

/// The most events one request may carry.
pub const MOST_EVENTS: usize = 100;
/// The longest body of one request, in bytes. Browsers allow 64 KiB to requests that outlive a page.
pub const MOST_BYTES: usize = 64 * 1024;

/// An event that may be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Where it happened, somebody gave it this id.
    pub id: EventId,
    /// When it happened, corrected for a device clock that is wrong.
    pub at: Timestamp,
    /// What happened.
    pub fact: Fact,
}

/// An event that is not kept, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refused {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// The field at fault, such as `cart.items[0].price`; empty when it is the event as a whole.
    pub field: String,
    /// What is wrong and what is expected.
    pub detail: String,
}

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// Events to keep, those derived from pages' own statements among them.
    pub events: Vec<Event>,
    /// How many of the sent events are kept; derived ones do not count.
    pub accepted: usize,
    /// Those that are not.
    pub refused: Vec<Refused>,
    /// What the pages, or their scripts, say of products: by way of a browser, so it needs witnesses.
    pub stated: Vec<Said>,
}

impl Batch {
    /// Adds an event. An order that is told of again in the same batch, by the page's markup and by a
    /// command, stays one event that knows what both said.
    fn add(&mut self, event: Event) {
        if let Fact::OrderPlaced { order: again } = &event.fact {
            let told = self.events.iter_mut().find_map(|earlier| match &mut earlier.fact {
                Fact::OrderPlaced { order } if order.id == again.id => Some(order),
                _ => None,
            });
            if let Some(order) = told {
                order.learn(again);
                return;
            }
        }
        self.events.push(event);
    }

    /// Adds what is said of a product. Markup and a command that speak of the same one say one thing together.
    fn state(&mut self, said: Said) {
        match self.stated.iter_mut().find(|earlier| earlier.id == said.id) {
            Some(earlier) => earlier.learn(said),
            None => self.stated.push(said),
        }
    }
}

/// Why a whole batch is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The field at fault; empty when it is the body as a whole.
    pub field: &'static str,
    /// What is wrong and what is expected.
    pub detail: String,
    /// It is too long, rather than malformed.
    pub too_large: bool,
}

/// The body of `POST /v1/events`.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Batch"))]
pub struct Envelope<'a> {
    /// Version of this form of data: 1.
    v: u32,
    /// What the device's clock said when it was sent, in milliseconds since 1970.
    sent: i64,
    /// At most 100, each judged by itself.
    #[serde(borrow)]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<wire::WireEvent>"))]
    events: Vec<&'a RawValue>,
}

/// Reads the body of `POST /v1/events`. `now` is the edge's clock when it arrived.
pub fn read_batch(body: &str, now: Timestamp) -> Result<Batch, Unreadable> {
    let unreadable = |field, detail: String| Unreadable { field, detail, too_large: false };
    if body.len() > MOST_BYTES {
        let detail =
            format!("{} bytes in one request; at most {MOST_BYTES} are read: send fewer at a time", body.len());
        return Err(Unreadable { too_large: true, ..unreadable("events", detail) });
    }
    let envelope: Envelope =
        serde_json::from_str(body).map_err(|error| unreadable(wire::top_field(body), error.to_string()))?;
    if envelope.v != 1 {
        return Err(unreadable("v", format!("version {} is not known here; this edge reads version 1", envelope.v)));
    }
    if envelope.events.len() > MOST_EVENTS {
        let detail = format!("{} events in one request; at most {MOST_EVENTS} are read", envelope.events.len());
        return Err(Unreadable { too_large: true, ..unreadable("events", detail) });
    }
    let clock = DeviceClock::read(Timestamp(envelope.sent), now);
    let mut batch = Batch::default();
    for (index, raw) in envelope.events.iter().enumerate() {
        match wire::read_event(raw.get(), &clock) {
            Ok((event, stated)) => {
                batch.accepted += 1;
                stated.said.into_iter().for_each(|said| batch.state(said));
                let derived = derived(&event, stated.statements);
                core::iter::once(event).chain(derived).for_each(|event| batch.add(event));
            }
            Err(fault) => batch.refused.push(Refused { index, field: fault.field, detail: fault.detail }),
        }
    }
    Ok(batch)
}

/// The facts that a page states about itself, as events with ids that follow from the page view's:
/// sent twice, they too count once.
fn derived(view: &Event, statements: Vec<page::Statement>) -> impl Iterator<Item = Event> + use<> {
    let (id, at) = (view.id, view.at);
    let url = match &view.fact {
        Fact::PageViewed { url, .. } => Some(url.clone()),
        _ => None,
    };
    statements.into_iter().enumerate().map(move |(n, statement)| {
        let fact = match statement {
            page::Statement::Product(product) => Fact::ProductViewed { url: url.clone(), product },
            page::Statement::Order(order) => Fact::OrderPlaced { order },
        };
        Event { id: id.derived(u8::try_from(n).unwrap_or(u8::MAX)), at, fact }
    })
}

impl EventId {
    /// The id of the `n`th event that follows from this one: the same bytes with the last two mixed
    /// with the number, so it is stable and stays beside its origin.
    fn derived(self, n: u8) -> Self {
        let mut bytes = *self.0.as_bytes();
        bytes[14] ^= 0xd5;
        bytes[15] ^= n.wrapping_add(1);
        Self(uuid::Uuid::from_bytes(bytes))
    }
}

#[cfg(test)]
mod tests;
