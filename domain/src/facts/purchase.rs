use serde::{Deserialize, Serialize};

use super::MOST_NAMES;
use super::happened::{Happened, Kind, Piece, Told};
use crate::time::{Timestamp, earliest};

/// An order, as far as journeys look at it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Purchase {
    /// What it is called, in order of the letters. Two that share a name are one.
    names: Vec<String>,
    /// What a page told of it …
    page: Telling,
    /// … and what the shop's server did, which counts more.
    shop: Telling,
    /// When it was cancelled.
    pub cancelled: Option<Timestamp>,
    /// What was paid back, in the smallest unit of the shop's currency.
    pub refunded: Option<i64>,
    /// When it was paid back first.
    refund_at: Option<Timestamp>,
    /// When money for it came first.
    pub paid: Option<Timestamp>,
    /// When its first parcel left.
    pub shipped: Option<Timestamp>,
    /// When its first parcel arrived.
    pub delivered: Option<Timestamp>,
    /// When something of it came back.
    pub returned: Option<Timestamp>,
}

/// What somebody told of an order. Of two tellings the earlier moment and the greater rest count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Telling {
    /// The name it was told under.
    name: Option<String>,
    placed: Option<Timestamp>,
    total: Option<i64>,
    pieces: Vec<Piece>,
}

impl Telling {
    /// Takes in what else was told; says whether anything of it was new.
    fn join(&mut self, other: Self) -> bool {
        let named = (other.placed.is_some(), &other.name) > (self.placed.is_some(), &self.name);
        if named {
            self.name = other.name;
        }
        let said = other.pieces > self.pieces;
        if said {
            self.pieces = other.pieces;
        }
        let placed = becomes(&mut self.placed, |known| earliest(known, other.placed));
        let total = becomes(&mut self.total, |known| known.max(other.total));
        named | said | placed | total
    }
}

/// Makes another value of one; says whether it is another.
fn becomes<T: Copy + PartialEq>(known: &mut T, then: impl Fn(T) -> T) -> bool {
    let before = *known;
    *known = then(before);
    *known != before
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
        let mut names: Vec<String> = about.names.iter().chain([&about.subject]).cloned().collect();
        names.sort_unstable();
        names.dedup();
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
        Some(Told {
            kind,
            at: at?,
            subject: self.order(),
            names: &self.names,
            amount,
            pieces: self.pieces(),
            data: None,
        })
    }

    /// How many lines are kept of it.
    pub(super) fn lines(&self) -> usize {
        self.page.pieces.len() + self.shop.pieces.len()
    }

    /// What was bought is not kept any longer.
    pub(super) fn forget_lines(&mut self) {
        self.page.pieces = Vec::new();
        self.shop.pieces = Vec::new();
    }

    /// Whether both are about the same order.
    pub(super) fn is(&self, other: &Self) -> bool {
        other.names.iter().any(|name| self.is_called(name))
    }

    /// Whether it is called so.
    pub fn is_called(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// What it is called: as the shop's server does, else as a page did.
    pub fn order(&self) -> &str {
        let said = self.shop.name.as_deref().or(self.page.name.as_deref());
        said.or(self.names.first().map(String::as_str)).unwrap_or_default()
    }

    /// All that is known of the same order; says whether anything of it was new.
    pub(super) fn join(&mut self, other: Self) -> bool {
        let named = self.names.len();
        for name in other.names {
            if let Err(place) = self.names.binary_search(&name)
                && self.names.len() < MOST_NAMES
            {
                self.names.insert(place, name);
            }
        }
        let mut changed = self.names.len() > named;
        changed |= self.page.join(other.page);
        changed |= self.shop.join(other.shop);
        changed |= becomes(&mut self.refunded, |known| known.max(other.refunded));
        for (mine, theirs) in [
            (&mut self.cancelled, other.cancelled),
            (&mut self.refund_at, other.refund_at),
            (&mut self.paid, other.paid),
            (&mut self.shipped, other.shipped),
            (&mut self.delivered, other.delivered),
            (&mut self.returned, other.returned),
        ] {
            changed |= becomes(mine, |known| earliest(known, theirs));
        }
        changed
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
