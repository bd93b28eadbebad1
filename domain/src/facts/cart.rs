//! The cart: since when there is something in it, and whether it was emptied or bought.

use serde::{Deserialize, Serialize};

use super::{Facts, Happened, Kind};
use crate::id::{EventId, Uuid};
use crate::time::Timestamp;

/// How it stands with somebody's cart. Kept beside what is remembered of its changes, so that a cart that
/// changes often is the same still when its first changes are forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cart {
    /// When one was emptied or bought last.
    over: Option<Moment>,
    /// The first that was put into it since.
    began: Option<Moment>,
}

/// What happens in the same millisecond comes in order of the events' ids.
type Moment = (Timestamp, EventId);

/// The place of something among all that happened. What an order holds was put in before it.
fn moment(happened: &Happened) -> Moment {
    let id = if happened.kind == Kind::CartChanged { happened.id } else { EventId(Uuid::from_u128(u128::MAX)) };
    (happened.at, id)
}

/// Whether what happened empties the cart. An order does so whatever becomes of it later.
fn ends_a_cart(happened: &Happened) -> bool {
    match happened.kind {
        Kind::CartChanged => happened.about.pieces.is_empty(),
        Kind::OrderPlaced | Kind::OrderConfirmed => true,
        _ => false,
    }
}

impl Cart {
    fn is_after(&self, moment: Moment) -> bool {
        self.over.is_none_or(|over| moment > over)
    }
}

impl Facts {
    /// Takes in what happened to the cart. It is remembered by then.
    pub(super) fn fold_cart(&mut self, happened: &Happened) {
        let at = moment(happened);
        if ends_a_cart(happened) {
            if self.cart.is_after(at) {
                self.settle_cart(Cart { over: Some(at), began: None });
            }
        } else if happened.kind == Kind::CartChanged && self.cart.is_after(at) {
            self.cart.began = Some(self.cart.began.map_or(at, |began| began.min(at)));
        }
    }

    /// What is known of the cart by others, too.
    pub(super) fn settle_cart(&mut self, other: Cart) {
        let over = self.cart.over.max(other.over);
        let cart = Cart { over, began: None };
        let filled = self.recent[Kind::CartChanged].iter().filter(|change| !ends_a_cart(change));
        let began = [self.cart.began, other.began].into_iter().flatten().chain(filled.map(moment));
        self.cart = Cart { over, began: began.filter(|began| cart.is_after(*began)).min() };
    }

    /// The cart as it is now: nothing when it is empty or was bought.
    pub fn cart(&self) -> Option<&Happened> {
        let last = self.newest(Kind::CartChanged).next()?;
        (!last.about.pieces.is_empty() && self.cart.is_after(moment(last))).then_some(last)
    }

    /// Since when there is something in the cart as it is now: since the first change after it was empty or
    /// bought. A change that is told of late can make that earlier.
    pub fn cart_since(&self) -> Option<Timestamp> {
        self.cart().and(self.cart.began).map(|(at, _)| at)
    }
}
