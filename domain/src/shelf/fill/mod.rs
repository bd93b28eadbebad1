//! Filling a shelf: from rows and cards to a row of products that may be shown, each with a reason and a why.
//!
//! In this order: candidates by the shelf's kind; what is out, in the cart, owned, dismissed or without a card goes;
//! the merchant's lifts; pins come first; what the shelf does not want goes; at most so many of one category and brand;
//! as many as the shelf wants, or nothing if there are too few.

mod candidates;
mod reason;
mod ruling;

use super::Card;
use super::file::CardRef;
use super::rule::is_below;
use super::settings::Shelf;
use super::store::Store;
use crate::recommend::Product;
use crate::recommend::score::Scorer;
use crate::why::Why;
pub use candidates::Cause;
pub use reason::Reason;

/// What is known of who looks at the page, all under the numbers of the head's generation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Visitor<'a> {
    /// The product that the page is about.
    pub beside: Option<Product>,
    /// Products that were looked at, the last one last; `beside` too, at the end, if the page is about one.
    pub recent: &'a [Product],
    /// What lies in the cart.
    pub cart: &'a [Product],
    /// What that costs, in minor units of the market's currency.
    pub cart_total: Option<u32>,
    /// What was bought.
    pub owned: &'a [Product],
    /// What was bought together, the last basket last.
    pub baskets: &'a [&'a [Product]],
    /// What they did not want to see again.
    pub dismissed: &'a [Product],
    /// Whether they allowed to be remembered.
    pub remembers: bool,
}

/// A shelf as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    /// In the order in which they stand; none if the shelf is not shown.
    pub items: Vec<Item>,
    why: Why,
}

impl Filled {
    /// Why it is shown, or is not.
    pub fn why(&self) -> &Why {
        &self.why
    }
}

/// A product on a shelf.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its number.
    pub product: Product,
    /// How it is shown.
    pub card: Card,
    /// What the shopper reads below it.
    pub reason: Reason,
    why: Why,
}

impl Item {
    /// Why it stands there, for the merchant: the rule and its numbers.
    pub fn why(&self) -> &Why {
        &self.why
    }
}

/// A product that may come onto the shelf.
struct Candidate<'a> {
    product: Product,
    card: CardRef<'a>,
    score: f32,
    cause: Cause,
    /// The place of the merchant's rule that moved it last.
    rule: Option<u16>,
    /// Its place among what the merchant has pinned.
    pinned: Option<usize>,
}

/// Fills a shelf for somebody.
pub fn fill(shelf: &Shelf, store: Store<'_>, visitor: &Visitor<'_>, scorer: &mut Scorer) -> Filled {
    let found = match candidates::of(shelf, store, visitor, scorer) {
        Ok(found) => found,
        Err(why) => return Filled { items: Vec::new(), why },
    };
    let mut candidates: Vec<Candidate<'_>> = Vec::with_capacity(found.len());
    for (product, score, cause) in found {
        if may_stand(product, shelf, store, visitor)
            && let Some(card) = store.card(product)
        {
            candidates.push(Candidate { product, card, score, cause, rule: None, pinned: None });
        }
    }
    ruling::apply(&mut candidates, shelf, store, visitor);
    candidates.retain(|candidate| is_wanted(candidate.card, shelf, store, visitor));
    let mut items: Vec<Item> = Vec::new();
    let mut taken: Vec<CardRef<'_>> = Vec::new();
    for candidate in candidates {
        if items.len() >= usize::from(shelf.size) {
            break;
        }
        if candidate.pinned.is_some() || is_different(candidate.card, shelf, &taken) {
            taken.push(candidate.card);
            items.push(item(&candidate, shelf, store, visitor));
        }
    }
    let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
    let said = [&reason::whole(count), " of at least ", &reason::whole(shelf.least.into())].concat();
    if items.len() < usize::from(shelf.least.max(1)) {
        return Filled { items: Vec::new(), why: Why::new("too few", said) };
    }
    Filled { items, why: Why::new(shelf.kind.as_str(), said) }
}

/// Whether a product may stand on a shelf at all.
fn may_stand(product: Product, shelf: &Shelf, store: Store<'_>, visitor: &Visitor<'_>) -> bool {
    let unwanted = store.head.out.has(product)
        || visitor.beside == Some(product)
        || visitor.dismissed.contains(&product)
        || shelf.without_cart && visitor.cart.contains(&product)
        || shelf.without_owned && visitor.owned.contains(&product);
    !unwanted
}

/// Whether the shelf wants it.
fn is_wanted(card: CardRef<'_>, shelf: &Shelf, store: Store<'_>, visitor: &Visitor<'_>) -> bool {
    let only = &shelf.only;
    let below =
        |wanted: &str| (0..card.categories()).any(|n| card.category(n).is_some_and(|own| is_below(own, wanted)));
    if !only.categories.is_empty() && !only.categories.iter().any(|wanted| below(wanted)) {
        return false;
    }
    if only.same_category {
        let beside = visitor.beside.and_then(|beside| store.card(beside));
        if beside.is_some_and(|beside| !share_category(card, beside)) {
            return false;
        }
    }
    let mut prices = only.prices.iter().filter(|prices| prices.currency == store.head.currency);
    prices.all(|prices| card.price().is_some_and(|price| (prices.from..=prices.to).contains(&price)))
}

fn share_category(one: CardRef<'_>, other: CardRef<'_>) -> bool {
    (0..one.categories()).any(|n| {
        let own = one.category(n);
        own.is_some() && (0..other.categories()).any(|m| other.category(m) == own)
    })
}

/// Whether there are not yet too many like it.
fn is_different(card: CardRef<'_>, shelf: &Shelf, taken: &[CardRef<'_>]) -> bool {
    let few = |most: Option<u8>, is_like: &dyn Fn(CardRef<'_>) -> bool| {
        most.is_none_or(|most| taken.iter().filter(|taken| is_like(**taken)).count() < usize::from(most))
    };
    let category = card.category(0);
    few(shelf.most_of_category, &|taken| category.is_some() && taken.category(0) == category)
        && few(shelf.most_of_brand, &|taken| !card.brand().is_empty() && taken.brand() == card.brand())
}

fn item(candidate: &Candidate<'_>, shelf: &Shelf, store: Store<'_>, visitor: &Visitor<'_>) -> Item {
    Item {
        product: candidate.product,
        card: candidate.card.to_card(),
        reason: reason::of(candidate, shelf, store, visitor),
        why: reason::why(candidate),
    }
}
