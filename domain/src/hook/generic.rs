//! The shop's own server, in our form.

use super::reading::clean_id;
use super::told::{self, Telling};
use super::wire::{Hook, Kind};
use super::{Context, Heard, Refused, Says, statements};
use crate::event::field_at_fault;
use crate::latest::earliest;

pub fn read(body: &[u8], context: &Context) -> Result<Heard, Refused> {
    let hook = parse::<Hook>(body)?;
    if hook.v != 1 {
        let detail = format!("version {} is not known here; this edge reads version 1", hook.v);
        return Err(Refused::unreadable("v", detail));
    }
    let id = clean_id("id", &hook.id)?;
    let at = told::moment("at", &hook.at, context.now)?;
    let telling = Telling { at, context };
    let about_customer = matches!(hook.kind, Kind::CustomerUpdated | Kind::CustomerDeleted);
    let missing = |field: &str| Refused::unreadable(field, "missing; this type of statement needs it");

    let mut said = Vec::new();
    if about_customer {
        let mut record = telling.customer("customer", hook.customer.ok_or_else(|| missing("customer"))?)?.record;
        if hook.kind == Kind::CustomerDeleted {
            record.gone_at = Some(at);
        }
        said.push((at, Says::Customer(Box::new(record))));
    } else {
        let order = hook.order.ok_or_else(|| missing("order"))?;
        let currency = order.currency.clone();
        let mut record = telling.order("order", order)?;
        match hook.kind {
            Kind::OrderPlaced => record.placed_at = record.placed_at.or(Some(at)),
            Kind::OrderCancelled => record.cancelled_at = earliest(record.cancelled_at, Some(at)),
            Kind::PaymentReceived => {
                let payment = hook.payment.ok_or_else(|| missing("payment"))?;
                telling.amount("payment", &payment, currency.as_deref(), &mut record.payments)?;
            }
            Kind::RefundMade => {
                let refund = hook.refund.ok_or_else(|| missing("refund"))?;
                telling.amount("refund", &refund, currency.as_deref(), &mut record.refunds)?;
            }
            Kind::FulfilmentShipped => {
                telling.fulfilment(
                    "fulfilment",
                    &hook.fulfilment.ok_or_else(|| missing("fulfilment"))?,
                    &mut record,
                )?;
            }
            Kind::DeliveryArrived => {
                telling.delivery("delivery", &hook.delivery.ok_or_else(|| missing("delivery"))?, &mut record)?;
            }
            Kind::ReturnRequested | Kind::ReturnReceived => {
                let mut back = hook.back.ok_or_else(|| missing("return"))?;
                back.received = hook.kind == Kind::ReturnReceived;
                telling.take_back("return", &back, &mut record)?;
            }
            Kind::OrderUpdated | Kind::CustomerUpdated | Kind::CustomerDeleted => {}
        }
        said.push((at, Says::Order(Box::new(record))));
        if let Some(customer) = hook.customer {
            said.push((at, Says::Customer(Box::new(telling.customer("customer", customer)?.record))));
        }
    }
    Ok(statements(&format!("generic:{id}"), said))
}

/// Reads JSON into one of our own wire types; a fault names its field.
pub fn parse<T: for<'a> serde::Deserialize<'a>>(body: &[u8]) -> Result<T, Refused> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let mut track = serde_path_to_error::Track::new();
    let tracked = T::deserialize(serde_path_to_error::Deserializer::new(&mut reader, &mut track));
    let refused = |error: &serde_json::Error, path: &str| {
        let said = error.to_string();
        // A path ends in `?` where the text broke off within a name.
        let path = path.trim_end_matches('?').trim_end_matches('.');
        Refused::unreadable(field_at_fault(path, &said), said)
    };
    let value = tracked.map_err(|error| refused(&error, &track.path().to_string()))?;
    reader.end().map_err(|error| refused(&error, ""))?;
    Ok(value)
}
