//! What the shopper reads below a product, and what the merchant reads of it.

use super::{Candidate, Cause, Visitor};
use crate::recommend::Product;
use crate::shelf::Kind;
use crate::shelf::settings::{Reasons, Shelf};
use crate::shelf::store::Store;
use crate::why::Why;

/// What speaks for a product, in the shopper's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Others went on to it from the product with this name, which they have looked at.
    WentOnFrom(String),
    /// Others bought it with the product with this name.
    BoughtWith(String),
    /// It is like the product with this name.
    Like(String),
    /// They have looked at it.
    SeenBefore,
    /// They have bought it.
    BoughtBefore,
    /// Many look at it these days.
    Trending,
    /// So much is missing to free delivery, in minor units of the market's currency.
    FreeDelivery(u32),
    /// The shop recommends it.
    Pinned,
}

impl Reason {
    /// Its name, by which events count it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::WentOnFrom(_) => "went-on-from",
            Self::BoughtWith(_) => "bought-with",
            Self::Like(_) => "like",
            Self::SeenBefore => "seen-before",
            Self::BoughtBefore => "bought-before",
            Self::Trending => "trending",
            Self::FreeDelivery(_) => "free-delivery",
            Self::Pinned => "pinned",
        }
    }

    /// In a shelf's words; `money` writes an amount as the market does. Nothing if the shop does not say it.
    pub fn say(&self, words: &Reasons, money: impl FnOnce(u32) -> String) -> Option<String> {
        let said = match self {
            Self::WentOnFrom(title) => with(&words.went_on_from, title),
            Self::BoughtWith(title) => with(&words.bought_with, title),
            Self::Like(title) => with(&words.like, title),
            Self::SeenBefore => words.seen_before.clone(),
            Self::BoughtBefore => words.bought_before.clone(),
            Self::Trending => words.trending.clone(),
            Self::FreeDelivery(gap) => with(&words.free_delivery, &money(*gap)),
            Self::Pinned => words.pinned.clone(),
        };
        Some(said).filter(|said| !said.is_empty())
    }
}

pub(super) fn of(candidate: &Candidate<'_>, shelf: &Shelf, store: Store<'_>, visitor: &Visitor<'_>) -> Reason {
    let title = |product: Product| store.card(product).map(|card| card.title().to_owned());
    if candidate.pinned.is_some() {
        return Reason::Pinned;
    }
    if let (Kind::FreeDelivery, Some(gap)) = (shelf.kind, super::candidates::gap(store, visitor)) {
        return Reason::FreeDelivery(gap);
    }
    let named = match candidate.cause {
        Cause::WentOnFrom(product) => title(product).map(Reason::WentOnFrom),
        Cause::BoughtWith(product) => title(product).map(Reason::BoughtWith),
        Cause::Like(product) => title(product).map(Reason::Like),
        Cause::SeenBefore => Some(Reason::SeenBefore),
        Cause::BoughtBefore => Some(Reason::BoughtBefore),
        Cause::Trending => Some(Reason::Trending),
        Cause::Pinned => Some(Reason::Pinned),
    };
    named.unwrap_or(Reason::Trending)
}

pub(super) fn why(candidate: &Candidate<'_>) -> Why {
    let (rule, from) = match candidate.cause {
        Cause::WentOnFrom(product) => ("went on", Some(product)),
        Cause::BoughtWith(product) => ("bought together", Some(product)),
        Cause::Like(product) => ("like", Some(product)),
        Cause::SeenBefore => ("seen before", None),
        Cause::BoughtBefore => ("bought before", None),
        Cause::Trending => ("trending", None),
        Cause::Pinned => ("pinned", None),
    };
    let from = from.map_or_else(String::new, |product| [", from product ", &whole(product.0)].concat());
    let ruled = candidate.rule.map_or_else(String::new, |rule| [", rule ", &whole(rule.into())].concat());
    let fact = ["score ", &whole(millionths(candidate.score)), " of 1000000", &from, &ruled].concat();
    Why::new(if candidate.pinned.is_some() { "pinned" } else { rule }, fact)
}

/// Words with a text in place of what stands in braces.
fn with(words: &str, text: &str) -> String {
    let mut said = String::new();
    let mut rest = words;
    while let Some((before, (_, after))) = rest.split_once('{').and_then(|(b, r)| Some((b, r.split_once('}')?))) {
        said.push_str(before);
        said.push_str(text);
        rest = after;
    }
    said.push_str(rest);
    said
}

/// A whole number in decimals. What `format!` needs is three kilobytes of the wasm.
pub(super) fn whole(mut number: u32) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit(number % 10, 10).unwrap_or_default());
        number /= 10;
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

/// A score as a whole number, because writing fractions takes kilobytes of the wasm.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is beyond is cut off")]
fn millionths(score: f32) -> u32 {
    (score * 1e6) as u32
}
