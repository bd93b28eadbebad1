//! The event log as journeys read it: a row's kind and data, whoever wrote it.

use serde::Deserialize;

use super::happened::{About, Happened, Kind, Piece};
use super::{Points, SIGNS};
use crate::id::EventId;
use crate::money::{Currency, Money};
use crate::time::Timestamp;

/// What rows say, all kinds in one: each has its own part of it. What else they say is not looked at.
#[derive(Default, Deserialize)]
#[serde(default)]
#[allow(clippy::struct_field_names)] // as rows name them
struct Data {
    product: Option<Product>,
    cart: Option<Cart>,
    order: Option<Order>,
    campaign: Option<String>,
    permission: Option<String>,
    mail: Option<String>,
    text: Option<String>,
    sells: bool,
    offer: Option<String>,
    tag: Option<String>,
    points: Option<Points>,
    name: Option<String>,
    data: Option<serde_json::Value>,
    question: String,
    choices: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Product {
    id: String,
    price: Option<String>,
    currency: Option<String>,
    category: Option<String>,
    size: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cart {
    items: Vec<Item>,
    currency: Option<String>,
    total: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Order {
    id: String,
    /// The number that people see.
    number: Option<String>,
    items: Vec<Item>,
    currency: Option<String>,
    /// A decimal; our own rows have the currency after it.
    total: Option<String>,
    refunded: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Item {
    product: String,
    quantity: u32,
    category: Option<String>,
    size: Option<String>,
}

/// Reads a row of the event log. Nothing, where journeys do not look at its kind. `currency` is the
/// shop's: amounts in others are not known.
pub fn read(kind: &str, data: &str, id: EventId, at: Timestamp, currency: Option<Currency>) -> Option<Happened> {
    let kind = match kind {
        // Said for the device or for the shopper: to journeys it is the same word.
        "consent.changed" => return None,
        kind => kind.parse().ok()?,
    };
    let said: Data = serde_json::from_str(data).unwrap_or_default();
    let about = about(kind, said, currency)?;
    // The page of a shop can say how its visitors feel; the names are ours.
    let kind = if kind == Kind::Custom && SIGNS.contains(&about.subject.as_str()) { Kind::Frustrated } else { kind };
    Some(Happened::new(at, id, kind, about))
}

fn about(kind: Kind, said: Data, currency: Option<Currency>) -> Option<About> {
    let subject = |subject: Option<String>| About { subject: subject.unwrap_or_default(), ..About::default() };
    Some(match kind {
        Kind::PageViewed
        | Kind::AddressConfirmed
        | Kind::CampaignShown
        | Kind::CampaignClosed
        | Kind::CampaignAnswered => subject(said.campaign),
        Kind::ProductViewed => {
            let product = said.product?;
            let amount = amount(product.price.as_deref(), product.currency.as_deref(), currency);
            let piece =
                Piece { product: product.id.clone(), category: product.category, size: product.size, quantity: 1 };
            About { subject: product.id, amount, pieces: vec![piece], ..About::default() }
        }
        Kind::CartChanged => {
            let cart = said.cart?;
            let amount = amount(cart.total.as_deref(), cart.currency.as_deref(), currency);
            About { amount, pieces: pieces(cart.items), ..About::default() }
        }
        Kind::OrderPlaced
        | Kind::OrderConfirmed
        | Kind::PaymentReceived
        | Kind::FulfilmentShipped
        | Kind::DeliveryArrived
        | Kind::OrderCancelled
        | Kind::RefundMade
        | Kind::ReturnRequested
        | Kind::ReturnReceived => {
            let order = said.order?;
            let id = order.id.trim().trim_start_matches('#').to_owned();
            let number = order.number.map(|number| number.trim().trim_start_matches('#').to_owned());
            let sum = if kind == Kind::RefundMade { &order.refunded } else { &order.total };
            let amount = amount(sum.as_deref(), order.currency.as_deref(), currency);
            let names = if number.is_some() { vec![id.clone()] } else { Vec::new() };
            About { subject: number.unwrap_or(id), names, amount, pieces: pieces(order.items), ..About::default() }
        }
        Kind::ConsentGiven | Kind::ConsentWithdrawn => subject(said.permission),
        Kind::MessageAccepted | Kind::MessageUnknown | Kind::MessageRefused | Kind::MessageClicked => {
            let by_text = said.mail.is_none() && said.text.is_some();
            About::message(said.mail.or(said.text).unwrap_or_default(), by_text, said.sells)
        }
        Kind::CodeIssued | Kind::CodeUsed => subject(said.offer),
        Kind::TagAdded | Kind::TagRemoved => subject(said.tag),
        Kind::Frustrated => subject(said.name),
        Kind::PointsChanged => About { data: said.points?.written(), ..About::default() },
        // As a journey asks for it: the question's name, and what was chosen.
        Kind::SurveyAnswered => {
            About { data: [(said.question, said.choices.join(","))].into(), ..subject(said.campaign) }
        }
        Kind::Custom => About { data: flat(said.data), ..subject(said.name) },
    })
}

fn pieces(items: Vec<Item>) -> Vec<Piece> {
    let piece = |item: Item| Piece {
        product: item.product,
        category: item.category,
        size: item.size,
        quantity: item.quantity.max(1),
    };
    items.into_iter().map(piece).collect()
}

/// The texts, numbers and truths that a custom event says, one level deep.
fn flat(data: Option<serde_json::Value>) -> std::collections::BTreeMap<String, String> {
    let Some(serde_json::Value::Object(fields)) = data else { return std::collections::BTreeMap::new() };
    let plain = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    };
    fields.iter().filter_map(|(name, value)| Some((name.clone(), plain(value)?))).collect()
}

/// An amount in the shop's currency: a decimal with its currency beside it, or after it.
fn amount(decimal: Option<&str>, said: Option<&str>, shop: Option<Currency>) -> Option<i64> {
    let (number, after) = decimal?.split_once(' ').map_or((decimal?, None), |(number, after)| (number, Some(after)));
    let shop =
        shop.filter(|shop| after.or(said).is_some_and(|said| said.trim().eq_ignore_ascii_case(shop.as_str())))?;
    Some(Money::rounded(number, shop).ok()?.minor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;

    fn row(kind: &str, data: &str) -> Option<Happened> {
        let id = EventId(uuid::Uuid::from_u128(data.len() as u128));
        read(kind, data, id, Timestamp(1_000), "EUR".parse().ok())
    }

    #[test]
    fn what_a_page_and_a_server_say_of_an_order_is_one_order() {
        let page = row(
            "order.placed",
            r##"{"order":{"id":"#1001","total":"19.90","currency":"EUR","items":[{"product":"hat","quantity":2}]}}"##,
        );
        let shop = row("order.confirmed", r#"{"order":{"id":"5551","number":"1001","total":"19.90 EUR"}}"#);
        let mut facts = Facts::default();
        facts.fold(&page.unwrap());
        facts.fold(&shop.unwrap());
        let order = facts.orders().next().unwrap();
        assert_eq!(
            (facts.orders().count(), order.order(), order.total(), order.pieces().len()),
            (1, "1001", Some(1_990), 1)
        );
        assert!(facts.order("5551").is_some() && facts.bought("hat"));
    }

    #[test]
    fn amounts_in_other_currencies_are_not_known() {
        let cart = |currency: &str| {
            row("cart.changed", &format!(r#"{{"cart":{{"items":[],"total":"5","currency":"{currency}"}}}}"#))
                .unwrap()
                .about
                .amount
        };
        assert_eq!((cart("EUR"), cart("USD"), cart("")), (Some(500), None, None));
    }

    #[test]
    fn a_message_that_is_a_text_says_its_channel() {
        let channel = |data: &str| row("message.accepted", data).unwrap().about.data.get("channel").cloned();
        assert_eq!((channel(r#"{"text":"vip"}"#).as_deref(), channel(r#"{"mail":"vip"}"#)), (Some("sms"), None));
    }

    #[test]
    fn hostile_data_says_nothing_and_breaks_nothing() {
        for data in ["", "null", "[]", "{\"order\":7}", "{\"cart\":{\"items\":[{\"quantity\":-1}]}}"] {
            for kind in Kind::ALL {
                let _ = row(kind.as_str(), data);
            }
        }
        assert!(row("order.placed", "{}").is_none() && row("nonsense", "{}").is_none());
    }

    #[test]
    fn a_page_s_own_word_for_frustration_is_a_sign_of_it() {
        assert_eq!(row("custom", r#"{"name":"rage click"}"#).unwrap().kind, Kind::Frustrated);
        let own = row("custom", r#"{"name":"wishlist","data":{"size":"M","n":2,"deep":{"a":1}}}"#).unwrap();
        assert_eq!((own.kind, own.about.subject.as_str(), own.about.data.len()), (Kind::Custom, "wishlist", 2));
    }
}
