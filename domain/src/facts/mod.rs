//! What is known of a shopper's doings.
//!
//! [`Facts`] are bounded sets of what happened, the newest of each sort. Folding is commutative,
//! associative and idempotent as long as nothing has fallen out, so whatever the order of arrival, and
//! however often something is told, the facts are the same; two people who turn out to be one are the
//! union ([`Facts::join`]). What is asked of them (how many orders, how long silent) is worked out when
//! it is asked.

mod answers;
mod by_kind;
mod cart;
mod happened;
#[cfg(feature = "json")]
pub mod log;
mod points;
mod purchase;
mod taste;
mod worth;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use self::answers::Reception;
use self::by_kind::ByKind;
use self::cart::Cart;
pub use self::happened::{About, Happened, Kind, LONGEST, Piece, Told};
pub use self::points::{Ending, Points};
pub use self::purchase::Purchase;
use crate::id::Slug;
use crate::time::{Span, Timestamp};

/// The most of each sort that is kept, the newest.
const MOST_PURCHASES: usize = 500;
const MOST_OF_A_KIND: usize = 100;
const MOST_DAYS: usize = 120;
/// So many lines of orders are kept, those of the newest orders …
const MOST_LINES: usize = 1_000;
/// … and so many of what else happened of one kind.
const MOST_LINES_OF_A_KIND: usize = 300;
/// So many names of one order.
const MOST_NAMES: usize = 6;

/// What is known of a shopper's doings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// When they were first heard of.
    first: Option<Timestamp>,
    /// Their last sign of life.
    seen: Option<Timestamp>,
    /// Days (since 1970, UTC) on which they gave one.
    days: BTreeSet<i32>,
    /// Their orders, by the shop's name for them.
    purchases: Vec<Purchase>,
    /// How long it usually is between two of their days with an order.
    rhythm: Option<Span>,
    /// What else happened, by kind and in order of time.
    recent: ByKind,
    /// How it stands with their cart.
    cart: Cart,
}

impl Facts {
    /// Takes something in; says whether it was new.
    pub fn fold(&mut self, happened: &Happened) -> bool {
        let at = happened.at;
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        if happened.kind.is_sign_of_life() {
            self.seen = Some(self.seen.map_or(at, |seen| seen.max(at)));
            let today = day(at);
            if self.days.last() != Some(&today) && self.days.insert(today) && self.days.len() > MOST_DAYS {
                self.days.pop_first();
            }
        }
        let new = match happened.kind {
            // Of pages only the days are kept.
            Kind::PageViewed => true,
            kind if purchase::concerns(kind) => self.fold_purchase(happened),
            _ => self.remember(happened),
        };
        self.fold_cart(happened);
        new
    }

    fn remember(&mut self, happened: &Happened) -> bool {
        let key = (happened.at, happened.id);
        let known = &mut self.recent[happened.kind];
        // Nearly everything arrives in order.
        let place = if known.back().is_none_or(|last| (last.at, last.id) < key) {
            known.len()
        } else {
            match known.binary_search_by_key(&key, |known| (known.at, known.id)) {
                Ok(_) => return false,
                Err(place) => place,
            }
        };
        if known.len() >= MOST_OF_A_KIND {
            if place == 0 {
                return false;
            }
            known.insert(place, happened.clone());
            known.pop_front();
        } else {
            known.insert(place, happened.clone());
        }
        // With few lines each there are never too many.
        if happened.about.pieces.len() * MOST_OF_A_KIND > MOST_LINES_OF_A_KIND {
            forget_lines(known);
        }
        true
    }

    fn fold_purchase(&mut self, happened: &Happened) -> bool {
        let changed = self.learn(Purchase::told(happened));
        if changed {
            self.settle_purchases();
        }
        changed
    }

    fn learn(&mut self, told: Purchase) -> bool {
        // Most news are of the newest.
        let Some(place) = self.purchases.iter().rposition(|known| known.is(&told)) else {
            self.purchases.push(told);
            return true;
        };
        let mut known = self.purchases.remove(place);
        let changed = known.join(told);
        // Its names may say that two which were known apart are the same.
        while changed && let Some(other) = self.purchases.iter().position(|other| other.is(&known)) {
            known.join(self.purchases.remove(other));
        }
        self.purchases.insert(place.min(self.purchases.len()), known);
        changed
    }

    fn settle_purchases(&mut self) {
        self.purchases.sort_by(|a, b| (a.placed(), a.order()).cmp(&(b.placed(), b.order())));
        let surplus = self.purchases.len().saturating_sub(MOST_PURCHASES);
        self.purchases.drain(..surplus);
        let mut lines = 0;
        for purchase in self.purchases.iter_mut().rev() {
            lines += purchase.lines();
            if lines > MOST_LINES {
                purchase.forget_lines();
            }
        }
        self.rhythm = self.median_gap();
    }

    /// Two people who are one: all that is known of either.
    pub fn join(&mut self, other: &Self) {
        self.first = crate::time::earliest(self.first, other.first);
        self.seen = self.seen.max(other.seen);
        self.days.extend(&other.days);
        while self.days.len() > MOST_DAYS {
            self.days.pop_first();
        }
        for happened in other.recent.iter() {
            self.remember(happened);
        }
        for theirs in &other.purchases {
            self.learn(theirs.clone());
        }
        self.settle_purchases();
        self.settle_cart(other.cart);
    }

    /// When they were first heard of.
    pub const fn first(&self) -> Option<Timestamp> {
        self.first
    }

    /// Their last sign of life: a visit, a click, an order.
    pub const fn seen(&self) -> Option<Timestamp> {
        self.seen
    }

    /// On how many days they gave one.
    pub fn active_days(&self) -> usize {
        self.days.len()
    }

    /// Their orders that stand, the oldest first: neither cancelled nor sent back as a whole.
    pub fn orders(&self) -> impl DoubleEndedIterator<Item = &Purchase> {
        self.purchases.iter().filter(|purchase| purchase.stands())
    }

    /// An order by the shop's name for it, whatever became of it.
    pub fn order(&self, name: &str) -> Option<&Purchase> {
        self.purchases.iter().find(|purchase| purchase.is_called(name))
    }

    /// What they spent, refunds taken off, in the smallest unit of the shop's currency.
    pub fn spent(&self) -> i64 {
        self.orders().map(Purchase::worth).fold(0, i64::saturating_add)
    }

    /// What is remembered of a kind that is about no order, the newest first.
    pub fn newest(&self, kind: Kind) -> impl Iterator<Item = &Happened> {
        self.recent[kind].iter().rev()
    }

    /// What is remembered of a kind, the newest first.
    pub fn told(&self, kind: Kind) -> impl Iterator<Item = Told<'_>> {
        self.told_since(kind, Timestamp(i64::MIN))
    }

    /// What is remembered of a kind from a moment on, the newest first.
    pub fn told_since(&self, kind: Kind, since: Timestamp) -> impl Iterator<Item = Told<'_>> {
        let orders: &[Purchase] = if purchase::concerns(kind) { &self.purchases } else { &[] };
        // Orders stand by when they were placed, not by what came of them later.
        let placing = matches!(kind, Kind::OrderPlaced | Kind::OrderConfirmed);
        let orders = orders.iter().rev().take_while(move |known| !placing || known.placed() >= Some(since));
        let orders = orders.filter_map(move |known| known.tell(kind)).filter(move |told| told.at >= since);
        orders.chain(self.newest(kind).take_while(move |happened| happened.at >= since).map(Happened::told))
    }

    /// The tags they bear.
    pub fn tags(&self) -> BTreeSet<Slug> {
        let named = self.newest(Kind::TagAdded).map(|added| added.about.subject.as_str());
        named.filter(|tag| self.has_tag(tag)).filter_map(|tag| tag.parse().ok()).collect()
    }

    /// Whether they bear a tag.
    pub fn has_tag(&self, tag: &str) -> bool {
        let last = |kind| {
            let of_tag = self.newest(kind).find(|happened| happened.about.subject == tag);
            of_tag.map(|happened| (happened.at, happened.id))
        };
        last(Kind::TagAdded).is_some_and(|added| last(Kind::TagRemoved).is_none_or(|removed| removed < added))
    }

    /// How long it usually is between two of their days with an order: the median, from three such days
    /// on; nothing before.
    pub const fn rhythm(&self) -> Option<Span> {
        self.rhythm
    }

    fn median_gap(&self) -> Option<Span> {
        let mut last = None;
        let since_last = |day: i32| last.replace(day).map(|last| day - last).filter(|gap| *gap != 0);
        let mut gaps = Vec::with_capacity(self.purchases.len());
        gaps.extend(self.orders().filter_map(Purchase::placed).map(day).filter_map(since_last));
        gaps.sort_unstable();
        let middle = gaps.len() / 2;
        match gaps.len() {
            0 | 1 => None,
            n if n % 2 == 1 => Some(Span::days(i64::from(gaps[middle]))),
            _ => Some(Span(Span::days(i64::from(gaps[middle - 1]) + i64::from(gaps[middle])).0 / 2)),
        }
    }

    /// How many messages in a row, the newest, were followed by no click and no order.
    pub fn unanswered(&self) -> usize {
        let ordered = self.orders().next_back().and_then(Purchase::placed);
        let answered = self.newest(Kind::MessageClicked).next().map(|clicked| clicked.at).max(ordered);
        let unanswered = |sent: &&Happened| answered.is_none_or(|answered| sent.at > answered);
        self.newest(Kind::MessageAccepted).take_while(unanswered).count()
    }

    /// How unhappy they are, 0 to 100, at a moment: signs count by their weight and by half for every
    /// thirty days that have passed since.
    pub fn unhappiness(&self, now: Timestamp) -> f64 {
        let weighed = self.signs().filter(|sign| sign.0 <= now).map(|(at, weight, _)| {
            #[allow(clippy::cast_precision_loss)] // thousands of years in milliseconds are exact
            let halves = (now - at).0 as f64 / HALF_LIFE.0 as f64;
            weight * libm::exp2(-halves)
        });
        weighed.sum::<f64>().min(100.0)
    }

    /// The signs of unhappiness that are remembered: when, how heavy, which.
    pub fn signs(&self) -> impl Iterator<Item = (Timestamp, f64, &str)> {
        let said = self.newest(Kind::Frustrated).map(|sign| (sign.at, sign.about.subject.as_str()));
        let returns = self.newest(Kind::ReturnRequested).map(|sign| (sign.at, "return"));
        said.chain(returns).map(|(at, sign)| (at, weight(sign), sign))
    }
}

/// Of the oldest only what they were about is kept, not with which products.
fn forget_lines(known: &mut VecDeque<Happened>) {
    let mut lines = 0;
    for happened in known.iter_mut().rev() {
        lines += happened.about.pieces.len();
        if lines > MOST_LINES_OF_A_KIND && !happened.about.pieces.is_empty() {
            happened.about = Arc::new(About { pieces: Vec::new(), ..About::clone(&happened.about) });
        }
    }
}

/// After so long a sign of unhappiness counts half.
pub const HALF_LIFE: Span = Span::days(30);

/// Custom events that are signs of unhappiness.
pub const SIGNS: [&str; 8] = [
    "damaged trust",
    "low answer",
    "coupon failed",
    "rage click",
    "form fight",
    "empty search",
    "dead click",
    "return",
];

/// How heavy a sign of unhappiness is, of a hundred.
fn weight(sign: &str) -> f64 {
    match sign {
        "damaged trust" => 100.0,
        "low answer" => 60.0,
        "return" => 40.0,
        "coupon failed" => 25.0,
        "rage click" => 20.0,
        "form fight" | "empty search" => 15.0,
        "dead click" => 10.0,
        _ => 5.0,
    }
}

fn day(at: Timestamp) -> i32 {
    i32::try_from(at.0.div_euclid(Span::days(1).0)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
