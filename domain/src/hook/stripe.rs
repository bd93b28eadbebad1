//! Stripe's events (docs.stripe.com, "Types of events").
//!
//! Stripe knows payments, the shop knows orders. An order is called by `metadata.order_id` where the
//! shop wrote one, and by the payment intent; records that share either are the same order, so the
//! shop has to write its id on one object only. `client_reference_id` counts as the order's number.
//!
//! Stripe's id for a customer is not the shop's: guests get one each time they buy. So it names nobody; whose
//! an order is follows from the addresses, and from what the shop itself says of that order.

use serde_json::Value;

use super::reading::{Node, object};
use super::{Context, Heard, Refused, Says, plausible, statements};
use crate::consent::EMAIL_MARKETING;
use crate::customer::{CustomerRecord, Name, Origin, language};
use crate::latest::Latest;
use crate::money::{Currency, Money};
use crate::order::{OrderName, OrderRecord};
use crate::time::Timestamp;

type Said = Vec<(Timestamp, Says)>;

pub fn read(body: &[u8], context: &Context) -> Result<Heard, Refused> {
    let value: Value = object(body)?;
    let top = Node::top(&value);
    let id = top.need_id("id")?;
    let kind = top.text("type", 120)?.ok_or_else(|| top.refused("type", "missing"))?;
    let seconds = top.whole("created")?.ok_or_else(|| top.refused("created", "missing"))?;
    let at = plausible("created", Timestamp(seconds.saturating_mul(1_000)), context.now)?;
    let thing = top.need("data")?.need("object")?;
    let said = match kind.as_str() {
        "checkout.session.completed" if thing.text("mode", 20)?.as_deref() == Some("setup") => {
            return Ok(Heard::Nothing("a session that sold nothing"));
        }
        "checkout.session.completed" | "checkout.session.async_payment_succeeded" => session(&thing, at, context)?,
        "payment_intent.succeeded" => payment(&thing, at)?,
        "charge.refunded" => refund(&thing, at)?,
        "customer.created" | "customer.updated" => {
            let record = customer(&thing, at, context)?;
            if record.key().is_none() {
                return Ok(Heard::Nothing("a customer without an address"));
            }
            vec![customer_says(at, record)]
        }
        "customer.deleted" => return Ok(Heard::Nothing("Stripe's end of a customer, who may still be the shop's")),
        _ => return Ok(Heard::Nothing("a type of event that is not about customers or orders")),
    };
    Ok(statements(&format!("stripe:{id}"), said))
}

fn customer_says(at: Timestamp, record: CustomerRecord) -> (Timestamp, Says) {
    (at, Says::Customer(Box::new(record)))
}

/// An id, or the id of the object that stands in its place when the shop expands it.
fn reference(node: &Node, key: &str) -> Result<Option<String>, Refused> {
    match node.inner(key) {
        Ok(Some(expanded)) => expanded.id("id"),
        _ => node.id(key),
    }
}

/// The order that a thing of Stripe's belongs to. `payment` is its payment intent; a thing that has
/// none is named by its own id.
fn order_of(node: &Node, payment: Option<String>) -> Result<OrderRecord, Refused> {
    let own = match node.inner("metadata")? {
        Some(metadata) => metadata.id("order_id")?,
        None => None,
    };
    let payment = match payment {
        Some(payment) => payment,
        None => node.need_id("id")?,
    };
    let record = OrderRecord::new(OrderName::Payment(payment)).also_called(own.map(OrderName::Id));
    Ok(record.also_called(node.id("client_reference_id")?.map(|number| OrderName::number(&number))))
}

/// An amount in Stripe's smallest unit, which is ISO 4217's but for a few currencies
/// (docs.stripe.com, "Currencies", special cases).
fn amount(node: &Node, key: &str) -> Result<Option<Money>, Refused> {
    let Some(units) = node.whole(key)? else { return Ok(None) };
    let currency: Currency = node.currency("currency")?;
    let minor = match currency.as_str() {
        "ISK" | "UGX" => units / 100,
        "MGA" => units.saturating_mul(100),
        _ => units,
    };
    if minor < 0 {
        return Err(node.refused(key, "expected an amount not below zero"));
    }
    Ok(Some(Money { currency, minor }))
}

fn session(node: &Node, at: Timestamp, context: &Context) -> Result<Said, Refused> {
    let payment = reference(node, "payment_intent")?;
    let session = node.need_id("id")?;
    let mut record = order_of(node, payment.clone())?;
    record.placed_at = Some(match node.whole("created")? {
        Some(seconds) => plausible("data.object.created", Timestamp(seconds.saturating_mul(1_000)), context.now)?,
        None => at,
    });
    let total = amount(node, "amount_total")?;
    record.total = total.map(|total| Latest::new(at, total));
    if node.text("payment_status", 40)?.as_deref() == Some("paid")
        && let Some(total) = total
    {
        record.payments.insert(payment.unwrap_or(session), Latest::new(at, total));
    }
    let tag = node.text("locale", 20)?.and_then(|tag| language(&tag).ok());
    record.language = tag.clone().map(|tag| Latest::new(at, tag));
    let mut said = Vec::new();
    if let Some(details) = node.inner("customer_details")? {
        let mut buyer = customer(&details, at, context)?;
        record.email = buyer.emails.as_ref().and_then(|all| all.value.first().cloned()).map(|e| Latest::new(at, e));
        record.phone = buyer.phones.as_ref().and_then(|all| all.value.first().cloned()).map(|p| Latest::new(at, p));
        record.country.clone_from(&buyer.country);
        promotions(node, at, &mut buyer)?;
        if buyer.key().is_some() {
            said.push(customer_says(at, buyer));
        }
    }
    said.insert(0, (at, Says::Order(Box::new(record))));
    Ok(said)
}

/// Stripe's own box for news and offers at the checkout (`consent.promotions`).
fn promotions(session: &Node, at: Timestamp, buyer: &mut CustomerRecord) -> Result<(), Refused> {
    let Some(consent) = session.inner("consent")? else { return Ok(()) };
    match consent.text("promotions", 20)?.as_deref() {
        Some("opt_in") => {
            let origin = Origin::new(at, "checkbox at checkout", "", "Stripe Checkout", false)
                .map_err(|malformed| consent.refused("promotions", malformed.0))?;
            buyer.give(EMAIL_MARKETING, origin);
        }
        Some("opt_out") => buyer.withdraw(EMAIL_MARKETING, at),
        _ => {}
    }
    Ok(())
}

fn payment(node: &Node, at: Timestamp) -> Result<Said, Refused> {
    let id = node.need_id("id")?;
    let mut record = order_of(node, Some(id.clone()))?;
    let received = match amount(node, "amount_received")? {
        None => amount(node, "amount")?,
        received => received,
    };
    let received = received.ok_or_else(|| node.refused("amount_received", "missing"))?;
    record.payments.insert(id, Latest::new(at, received));
    record.email = node.email("receipt_email").map(|email| Latest::new(at, email));
    Ok(vec![(at, Says::Order(Box::new(record)))])
}

/// A charge tells all that was paid back of it so far, so its refunds count as one.
fn refund(node: &Node, at: Timestamp) -> Result<Said, Refused> {
    let id = node.need_id("id")?;
    let mut record = order_of(node, reference(node, "payment_intent")?)?;
    let back = amount(node, "amount_refunded")?.ok_or_else(|| node.refused("amount_refunded", "missing"))?;
    record.refunds.insert(id, Latest::new(at, back));
    Ok(vec![(at, Says::Order(Box::new(record)))])
}

fn customer(node: &Node, at: Timestamp, context: &Context) -> Result<CustomerRecord, Refused> {
    let mut record = CustomerRecord::new(None);
    record.emails = node.email("email").map(|email| Latest::new(at, [email].into()));
    record.phones = node.phone("phone", context.calling_code).map(|phone| Latest::new(at, [phone].into()));
    record.name = node.text("name", 100)?.map(|given| Latest::new(at, Name { given, family: String::new() }));
    if let Some(address) = node.inner("address")? {
        record.country = address.parsed("country").map(|country| Latest::new(at, country));
    }
    let preferred = node.list("preferred_locales")?;
    let tag = preferred.first().and_then(|tag| tag.own_id().ok()).and_then(|tag| language(&tag).ok());
    record.language = tag.map(|tag| Latest::new(at, tag));
    Ok(record)
}
