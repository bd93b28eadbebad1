use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::happened::{Happened, Kind, Piece, Told};
use crate::time::{Timestamp, earliest};

/// An order, as far as journeys look at it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Purchase {
    /// What it is called. Two that share a name are one.
    names: BTreeSet<String>,
    /// What a page told of it …
    page: Telling,
    /// … and what the shop's server did, which counts more.
    shop: Telling,
    /// When it was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<Timestamp>,
    /// What was paid back, in the smallest unit of the shop's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refunded: Option<i64>,
    /// When it was paid back first.
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_at: Option<Timestamp>,
    /// When money for it came first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid: Option<Timestamp>,
    /// When its first parcel left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipped: Option<Timestamp>,
    /// When its first parcel arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered: Option<Timestamp>,
    /// When something of it came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returned: Option<Timestamp>,
}

/// What somebody told of an order. Of two tellings the earlier moment and the greater rest count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Telling {
    /// The name it was told under.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    placed: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pieces: Vec<Piece>,
}

impl Telling {
    fn join(&mut self, other: &Self) {
        if (other.placed.is_some(), &other.name) > (self.placed.is_some(), &self.name) {
            self.name.clone_from(&other.name);
        }
        self.placed = earliest(self.placed, other.placed);
        self.total = self.total.max(other.total);
        if other.pieces > self.pieces {
            self.pieces.clone_from(&other.pieces);
        }
    }
}

/// Whether an event is about an order.
pub const fn concerns(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::OrderPlaced
            | Kind::OrderConfirmed
            | Kind::PaymentReceived
            | Kind::FulfilmentShipped
            | Kind::DeliveryArrived
            | Kind::OrderCancelled
            | Kind::RefundMade
            | Kind::ReturnReceived
    )
}

impl Purchase {
    /// What one event tells of an order.
    pub(super) fn told(happened: &Happened) -> Self {
        let (at, about) = (Some(happened.at), &happened.about);
        let names = about.names.iter().chain([&about.subject]).cloned().collect();
        let mut said = Self { names, ..Self::default() };
        let name = Some(about.subject.clone());
        let told = || Telling { name, placed: at, total: about.amount, pieces: about.pieces.clone() };
        match happened.kind {
            Kind::OrderPlaced => said.page = told(),
            Kind::OrderConfirmed => said.shop = told(),
            Kind::FulfilmentShipped => said.shipped = at,
            Kind::DeliveryArrived => said.delivered = at,
            Kind::OrderCancelled => said.cancelled = at,
            Kind::RefundMade => (said.refund_at, said.refunded) = (at, about.amount),
            Kind::PaymentReceived => said.paid = at,
            Kind::ReturnReceived => said.returned = at,
            _ => {}
        }
        said
    }

    /// What is known of one thing about it.
    pub(super) fn tell(&self, kind: Kind) -> Option<Told<'_>> {
        let (at, amount) = match kind {
            Kind::OrderPlaced => (self.placed(), self.total()),
            Kind::OrderConfirmed => (self.shop.placed, self.shop.total),
            Kind::FulfilmentShipped => (self.shipped, None),
            Kind::DeliveryArrived => (self.delivered, None),
            Kind::OrderCancelled => (self.cancelled, None),
            Kind::RefundMade => (self.refund_at, self.refunded),
            Kind::ReturnReceived => (self.returned, None),
            Kind::PaymentReceived => (self.paid, None),
            _ => (None, None),
        };
        Some(Told { kind, at: at?, subject: self.order(), amount, pieces: self.pieces(), data: None })
    }

    /// Whether both are about the same order.
    pub(super) fn is(&self, other: &Self) -> bool {
        !self.names.is_disjoint(&other.names)
    }

    /// Whether it is called so.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// What it is called: as the shop's server does, else as a page did.
    pub fn order(&self) -> &str {
        let said = self.shop.name.as_deref().or(self.page.name.as_deref());
        said.or(self.names.first().map(String::as_str)).unwrap_or_default()
    }

    /// All that is known of the same order.
    pub(super) fn join(&mut self, other: &Self) {
        self.names.extend(other.names.iter().cloned());
        self.page.join(&other.page);
        self.shop.join(&other.shop);
        self.cancelled = earliest(self.cancelled, other.cancelled);
        self.refunded = self.refunded.max(other.refunded);
        self.refund_at = earliest(self.refund_at, other.refund_at);
        self.paid = earliest(self.paid, other.paid);
        self.shipped = earliest(self.shipped, other.shipped);
        self.delivered = earliest(self.delivered, other.delivered);
        self.returned = earliest(self.returned, other.returned);
    }

    /// When it was placed.
    pub fn placed(&self) -> Option<Timestamp> {
        self.shop.placed.or(self.page.placed)
    }

    /// The shop's server said so; else only a page did, or not even that.
    pub const fn confirmed(&self) -> bool {
        self.shop.placed.is_some()
    }

    /// Its sum in the smallest unit of the shop's currency.
    pub fn total(&self) -> Option<i64> {
        self.shop.total.or(self.page.total)
    }

    /// What was bought.
    pub fn pieces(&self) -> &[Piece] {
        if self.shop.pieces.is_empty() { &self.page.pieces } else { &self.shop.pieces }
    }

    /// It was placed, not cancelled, and not paid back as a whole.
    pub fn stands(&self) -> bool {
        let paid_back = self.total().zip(self.refunded).is_some_and(|(total, back)| total > 0 && back >= total);
        self.placed().is_some() && self.cancelled.is_none() && !paid_back
    }

    /// What it brought, refunds taken off.
    pub fn worth(&self) -> i64 {
        self.total().unwrap_or_default().saturating_sub(self.refunded.unwrap_or_default())
    }
}
