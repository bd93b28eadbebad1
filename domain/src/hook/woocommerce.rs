//! WooCommerce's webhooks: bodies in the form of its REST API, version 3.

use super::reading::{Node, object};
use super::{Context, Headers, Heard, Refused, Says, digest, statements};
use crate::customer::{CustomerRecord, Name};
use crate::latest::Latest;
use crate::money::Money;
use crate::order::{OrderName, OrderRecord};
use crate::time::Timestamp;

/// Whether this is the unsigned `webhook_id=<n>` by which WooCommerce tries an address when a webhook
/// is saved (`WC_Webhook::deliver_ping`).
pub fn is_ping(body: &[u8]) -> bool {
    body.strip_prefix(b"webhook_id=")
        .is_some_and(|number| (1..=20).contains(&number.len()) && number.iter().all(u8::is_ascii_digit))
}

pub fn read(headers: &dyn Headers, body: &[u8], context: &Context) -> Result<Heard, Refused> {
    if is_ping(body) {
        return Ok(Heard::Nothing("a ping"));
    }
    let topic = headers
        .header("X-WC-Webhook-Topic")
        .ok_or_else(|| Refused::unreadable("X-WC-Webhook-Topic", "missing"))?
        .to_ascii_lowercase();
    // A delivery id is a hash of webhook and second, so two deliveries can share it.
    let delivery = headers.header("X-WC-Webhook-Delivery-ID").unwrap_or_default();
    let id = format!("woocommerce:{}", digest(&[topic.as_bytes(), delivery.as_bytes(), body]));
    let value = object(body)?;
    let top = Node::top(&value);
    let said = match topic.as_str() {
        "customer.created" | "customer.updated" => customer(&top, context)?,
        "customer.deleted" => {
            only_an_id(&top)?;
            let mut record = CustomerRecord::new(Some(top.need_id("id")?));
            record.gone_at = Some(context.now);
            vec![(context.now, Says::Customer(Box::new(record)))]
        }
        "order.created" | "order.updated" | "order.restored" => order(&top, context)?,
        "order.deleted" => {
            only_an_id(&top)?;
            let mut record = OrderRecord::new(OrderName::Id(top.need_id("id")?));
            record.cancelled_at = Some(context.now);
            vec![(context.now, Says::Order(Box::new(record)))]
        }
        _ => return Ok(Heard::Nothing("a topic that is not about customers or orders")),
    };
    Ok(statements(&id, said))
}

/// The signature does not cover the topic, so a deletion is believed only of a body that names an id
/// and nothing else.
fn only_an_id(top: &Node) -> Result<(), Refused> {
    match top.keys().find(|key| *key != "id") {
        Some(key) => Err(top.refused(key, "not expected: a deletion names an id only")),
        None => Ok(()),
    }
}

/// When the thing was changed last. The `_gmt` moments are in UTC, the others in the shop's zone.
fn changed(top: &Node, now: Timestamp) -> Result<Timestamp, Refused> {
    Ok(match top.instant("date_modified_gmt", now)? {
        Some(at) => at,
        None => top.instant("date_created_gmt", now)?.unwrap_or(now),
    })
}

fn customer(top: &Node, context: &Context) -> Result<Vec<(Timestamp, Says)>, Refused> {
    let at = changed(top, context.now)?;
    let mut record = CustomerRecord::new(Some(top.need_id("id")?));
    record.emails = top.email("email").map(|email| Latest::new(at, [email].into()));
    record.name = name(top)?.map(|name| Latest::new(at, name));
    if let Some(billing) = top.inner("billing")? {
        record.phones = billing.phone("phone", context.calling_code).map(|phone| Latest::new(at, [phone].into()));
        record.country = billing.parsed("country").map(|country| Latest::new(at, country));
        if record.name.is_none() {
            record.name = name(&billing)?.map(|name| Latest::new(at, name));
        }
    }
    Ok(vec![(at, Says::Customer(Box::new(record)))])
}

fn name(node: &Node) -> Result<Option<Name>, Refused> {
    let name = Name {
        given: node.text("first_name", 100)?.unwrap_or_default(),
        family: node.text("last_name", 100)?.unwrap_or_default(),
    };
    Ok((name != Name::default()).then_some(name))
}

fn order(top: &Node, context: &Context) -> Result<Vec<(Timestamp, Says)>, Refused> {
    let now = context.now;
    let at = changed(top, now)?;
    let status = top.text("status", 40)?.unwrap_or_default();
    let mut record = OrderRecord::new(OrderName::Id(top.need_id("id")?))
        .also_called(top.id("number")?.map(|number| OrderName::number(&number)));
    let currency = top.currency("currency")?;
    // A draft is a checkout that nobody has finished.
    if matches!(status.as_str(), "checkout-draft" | "auto-draft") {
        return Ok(Vec::new());
    }
    record.placed_at = top.instant("date_created_gmt", now)?;
    if matches!(status.as_str(), "cancelled" | "failed" | "trash") {
        record.cancelled_at = Some(at);
    }
    record.customer = top.id("customer_id")?.map(|id| Latest::new(at, id));
    let total = top.money("total", currency)?;
    record.total = total.map(|total| Latest::new(at, total));
    if top.get("line_items").is_some() {
        let lines = top.list("line_items")?.iter().map(|item| item.line(currency)).collect::<Result<Vec<_>, _>>()?;
        record.items = Some(Latest::new(at, lines.into_iter().flatten().collect()));
    }
    for coupon in top.list("coupon_lines")?.iter().take(20) {
        record.codes.extend(coupon.id("code")?);
    }
    // An order is paid at once and in full; its transaction's id may come later, so it is not the key.
    if top.instant("date_paid_gmt", now)?.is_some()
        && let Some(total) = total
    {
        record.payments.insert("order".to_owned(), Latest::new(at, total));
    }
    for refund in top.list("refunds")?.iter().take(100) {
        if let Some(back) = refund.money("total", currency)?.map(Money::abs) {
            record.refunds.insert(refund.need_id("id")?, Latest::new(at, back));
        }
    }
    if status == "refunded"
        && record.refunds.is_empty()
        && let Some(total) = total
    {
        record.refunds.insert("order".to_owned(), Latest::new(at, total));
    }
    let mut said = Vec::new();
    if let Some(billing) = top.inner("billing")? {
        record.email = billing.email("email").map(|email| Latest::new(at, email));
        record.phone = billing.phone("phone", context.calling_code).map(|phone| Latest::new(at, phone));
        let mut buyer = CustomerRecord::new(record.customer.as_ref().map(|id| id.value.clone()));
        // What stands on one order is no later word on somebody who has an account.
        if buyer.id.is_none() {
            buyer.emails = record.email.as_ref().map(|email| Latest::new(at, [email.value.clone()].into()));
            buyer.phones = record.phone.as_ref().map(|phone| Latest::new(at, [phone.value.clone()].into()));
            buyer.name = name(&billing)?.map(|name| Latest::new(at, name));
            buyer.country = billing.parsed("country").map(|country| Latest::new(at, country));
            if buyer.key().is_some() {
                said.push((at, Says::Customer(Box::new(buyer))));
            }
        }
        let goes_to = top.inner("shipping")?.and_then(|shipping| shipping.parsed("country"));
        record.country = goes_to.or_else(|| billing.parsed("country")).map(|country| Latest::new(at, country));
    }
    said.insert(0, (at, Says::Order(Box::new(record))));
    Ok(said)
}
