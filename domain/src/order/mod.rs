//! What the shop's server says of an order.
//!
//! An [`OrderRecord`] is a fold: joining records is commutative, associative and idempotent, so any
//! order of arrival, and any repetition, gives the same facts. Field by field the last word counts;
//! payments, fulfilments, deliveries, refunds and returns are kept by their ids.

mod book;
#[cfg(test)]
mod tests;

pub use book::OrderBook;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::address::Email;
use crate::event;
use crate::latest::{Latest, earliest, join_each, said};
use crate::law::Country;
use crate::money::{Currency, Money};
use crate::phone::Phone;
use crate::published::Language;
use crate::time::Timestamp;

/// What an order is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderName {
    /// The shop's id. Two records with the same are the same order.
    Id(String),
    /// A payment provider's id for what is paid. Two records with the same are the same order.
    Payment(String),
    /// The number shown to people, without a leading `#`. Shops begin numbers anew, so it does not
    /// make two records the same order.
    Number(String),
}

impl OrderName {
    /// A number as shown to people.
    pub fn number(text: &str) -> Self {
        Self::Number(text.trim().trim_start_matches('#').to_owned())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        let (Self::Id(name) | Self::Payment(name) | Self::Number(name)) = self;
        name
    }

    /// Whether records that share this name are about the same order.
    pub const fn identifies(&self) -> bool {
        !matches!(self, Self::Number(_))
    }
}

/// What a page's word for an order may mean, the likeliest first: thank-you pages show numbers.
pub fn names_on_page(order: &event::Order) -> [OrderName; 2] {
    [OrderName::number(&order.id), OrderName::Id(order.id.trim().to_owned())]
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Line {
    /// The shop's id or SKU of the product.
    pub product: String,
    /// Its name.
    pub name: Option<String>,
    /// How many, 1 to 10,000.
    pub quantity: u32,
    /// Price of one.
    pub price: Option<Money>,
    /// Its category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Its size, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
}

/// How far a parcel has come on the shop's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FulfilmentStatus {
    /// It is being packed.
    Pending,
    /// It has left.
    Shipped,
    /// It will not come.
    Cancelled,
}

/// Part of an order on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fulfilment {
    /// How far it has come.
    pub status: Option<Latest<FulfilmentStatus>>,
    /// Who carries it.
    pub carrier: Option<Latest<String>>,
    /// The carrier's number for it.
    pub tracking_number: Option<Latest<String>>,
    /// Where one can see how far it has come.
    pub tracking_url: Option<Latest<String>>,
    /// When it left.
    pub shipped_at: Option<Timestamp>,
}

impl Fulfilment {
    fn join(&mut self, other: Self) {
        Latest::join_option(&mut self.status, other.status);
        Latest::join_option(&mut self.carrier, other.carrier);
        Latest::join_option(&mut self.tracking_number, other.tracking_number);
        Latest::join_option(&mut self.tracking_url, other.tracking_url);
        self.shipped_at = earliest(self.shipped_at, other.shipped_at);
    }
}

/// How far a return has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReturnStatus {
    /// Asked for.
    Requested,
    /// The shop agreed, and waits for the goods.
    Open,
    /// The goods are back.
    Received,
    /// Done.
    Closed,
    /// The shop said no.
    Declined,
    /// Called off.
    Cancelled,
}

impl ReturnStatus {
    /// Whether somebody still waits for something.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Requested | Self::Open | Self::Received)
    }
}

/// Goods that come back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    /// How far it has come.
    pub status: Option<Latest<ReturnStatus>>,
    /// Why, in the shop's words.
    pub reason: Option<Latest<String>>,
}

impl Return {
    fn join(&mut self, other: Self) {
        Latest::join_option(&mut self.status, other.status);
        Latest::join_option(&mut self.reason, other.reason);
    }
}

/// What is known of one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRecord {
    /// What it is called, the shop's ids first; never empty.
    names: BTreeSet<OrderName>,
    /// When it was placed.
    pub placed_at: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// The shop's id for the customer.
    pub customer: Option<Latest<String>>,
    /// The e-mail address given with the order.
    pub email: Option<Latest<Email>>,
    /// The telephone number given with the order.
    pub phone: Option<Latest<Phone>>,
    /// The language it was placed in.
    pub language: Option<Latest<Language>>,
    /// Where it goes.
    pub country: Option<Latest<Country>>,
    /// The sum.
    pub total: Option<Latest<Money>>,
    /// What was bought.
    pub items: Option<Latest<Vec<Line>>>,
    /// Codes that were redeemed.
    pub codes: BTreeSet<String>,
    /// What was paid, by payment.
    pub payments: BTreeMap<String, Latest<Money>>,
    /// What is on its way, by fulfilment.
    pub fulfilments: BTreeMap<String, Fulfilment>,
    /// When parcels arrived, by fulfilment.
    pub deliveries: BTreeMap<String, Latest<Timestamp>>,
    /// What was paid back, by refund.
    pub refunds: BTreeMap<String, Latest<Money>>,
    /// What comes back, by return.
    pub returns: BTreeMap<String, Return>,
}

impl OrderRecord {
    /// An order of which nothing is known but a name.
    pub fn new(name: OrderName) -> Self {
        Self {
            names: BTreeSet::from([name]),
            placed_at: None,
            cancelled_at: None,
            customer: None,
            email: None,
            phone: None,
            language: None,
            country: None,
            total: None,
            items: None,
            codes: BTreeSet::new(),
            payments: BTreeMap::new(),
            fulfilments: BTreeMap::new(),
            deliveries: BTreeMap::new(),
            refunds: BTreeMap::new(),
            returns: BTreeMap::new(),
        }
    }

    /// Adds a name.
    #[must_use]
    pub fn also_called(mut self, name: Option<OrderName>) -> Self {
        self.names.extend(name);
        self
    }

    /// What it is called, the shop's ids first.
    pub fn names(&self) -> impl Iterator<Item = &OrderName> {
        self.names.iter()
    }

    /// The shop's id, where one was said, else the payment's.
    pub fn id(&self) -> &str {
        self.names.first().map_or("", OrderName::as_str)
    }

    /// Whether both are about the same order.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.names.iter().any(|name| name.identifies() && other.names.contains(name))
    }

    /// Whether a page tells of this order. What it tells is a claim: it adds no facts here.
    pub fn is_seen_in(&self, page: &event::Order) -> bool {
        names_on_page(page).iter().any(|name| self.names.contains(name))
    }

    /// Takes in what is said of one fulfilment.
    pub fn fulfil(&mut self, id: String, said: Fulfilment) {
        self.fulfilments.entry(id).or_default().join(said);
    }

    /// Takes in what is said of one return.
    pub fn take_back(&mut self, id: String, said: Return) {
        self.returns.entry(id).or_default().join(said);
    }

    /// Takes in what another record says of the same order.
    pub fn join(&mut self, other: Self) {
        self.names.extend(other.names);
        self.placed_at = earliest(self.placed_at, other.placed_at);
        self.cancelled_at = earliest(self.cancelled_at, other.cancelled_at);
        Latest::join_option(&mut self.customer, other.customer);
        Latest::join_option(&mut self.email, other.email);
        Latest::join_option(&mut self.phone, other.phone);
        Latest::join_option(&mut self.language, other.language);
        Latest::join_option(&mut self.country, other.country);
        Latest::join_option(&mut self.total, other.total);
        Latest::join_option(&mut self.items, other.items);
        self.codes.extend(other.codes);
        join_each(&mut self.payments, other.payments);
        join_each(&mut self.deliveries, other.deliveries);
        join_each(&mut self.refunds, other.refunds);
        other.fulfilments.into_iter().for_each(|(id, said)| self.fulfil(id, said));
        other.returns.into_iter().for_each(|(id, said)| self.take_back(id, said));
    }

    /// What follows from all that was said.
    pub fn state(&self) -> OrderState {
        let currency =
            said(self.total.as_ref()).or_else(|| said(self.payments.values().next())).map(|money| money.currency);
        let sum = |amounts: &BTreeMap<String, Latest<Money>>| {
            currency.map(|currency| Money::sum(amounts.values().map(|amount| amount.value), currency))
        };
        let parcels: Vec<&String> = self
            .fulfilments
            .iter()
            .filter(|(_, parcel)| said(parcel.status.as_ref()) != Some(&FulfilmentStatus::Cancelled))
            .map(|(id, _)| id)
            .collect();
        let arrived = !self.deliveries.is_empty() && parcels.iter().all(|id| self.deliveries.contains_key(*id));
        OrderState {
            currency,
            total: said(self.total.as_ref()).copied(),
            paid: sum(&self.payments),
            refunded: sum(&self.refunds),
            cancelled: self.cancelled_at.is_some(),
            shipped_at: self
                .fulfilments
                .values()
                .filter(|parcel| said(parcel.status.as_ref()) == Some(&FulfilmentStatus::Shipped))
                .filter_map(|parcel| parcel.shipped_at.or(parcel.status.as_ref().map(|status| status.at)))
                .min(),
            delivered_at: self.deliveries.values().map(|arrival| arrival.value).max().filter(|_| arrived),
            open_returns: self
                .returns
                .iter()
                .filter(|(_, back)| said(back.status.as_ref()).is_some_and(|status| status.is_open()))
                .map(|(id, _)| id.clone())
                .collect(),
        }
    }
}

/// An order as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderState {
    /// The money it is counted in: the total's, else its first payment's.
    pub currency: Option<Currency>,
    /// The sum.
    pub total: Option<Money>,
    /// What was paid in that currency; nothing while no currency is known.
    pub paid: Option<Money>,
    /// What was paid back in that currency.
    pub refunded: Option<Money>,
    /// It will not be carried out.
    pub cancelled: bool,
    /// When the first parcel left.
    pub shipped_at: Option<Timestamp>,
    /// When the last parcel arrived; nothing while one of those known is on its way.
    pub delivered_at: Option<Timestamp>,
    /// Returns of which somebody still waits for something.
    pub open_returns: BTreeSet<String>,
}

impl OrderState {
    /// What the shop keeps of it: paid less paid back, in minor units; nothing below zero.
    pub fn kept_minor(&self) -> i64 {
        let minor = |money: Option<Money>| money.map_or(0, |money| money.minor);
        minor(self.paid).saturating_sub(minor(self.refunded)).max(0)
    }
}
