//! Where a shelf's products come from, by what it is for.

use super::{Visitor, share_category};
use crate::recommend::habit::Habit;
use crate::recommend::score::{Because, Scored, Scorer, Taste, is_before};
use crate::recommend::{Product, best};
use crate::shelf::Kind;
use crate::shelf::settings::Shelf;
use crate::shelf::store::Store;
use crate::why::Why;

/// What speaks for a product most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Others went on to it from this product.
    WentOnFrom(Product),
    /// Others bought it with this product.
    BoughtWith(Product),
    /// It is like this product.
    Like(Product),
    /// It was looked at before.
    SeenBefore,
    /// It was bought before.
    BoughtBefore,
    /// Many look at it these days.
    Trending,
    /// The merchant wants it there.
    Pinned,
}

type Found = Vec<(Product, f32, Cause)>;

/// Candidates that are asked for, for each place of a shelf: most of them may be out, unwanted or too like others.
const FOR_EACH: usize = 8;
/// And beyond that.
const MORE: usize = 32;

/// For what lies in a cart or is looked at, each as much as the others.
const ALIKE: Taste = Taste { reach: 8, before: 1.0, fading: 1.0, again: None };
/// For what somebody may want by all that they have looked at.
const LONG: Taste = Taste { reach: 40, before: 0.7, fading: 0.93, again: None };

/// The candidates for a shelf, the best first, or why there are none.
pub(super) fn of(shelf: &Shelf, store: Store<'_>, visitor: &Visitor<'_>, scorer: &mut Scorer) -> Result<Found, Why> {
    let most = usize::from(shelf.size) * FOR_EACH + MORE;
    let found = match shelf.kind {
        Kind::Next => next(store, visitor, scorer, most),
        Kind::BoughtTogether => together(store, visitor, scorer, most),
        Kind::Similar => similar(store, visitor, scorer, most)?,
        Kind::RecentlyViewed => return Ok(recent(visitor)),
        Kind::Trending => Vec::new(),
        Kind::ForYou => for_you(store, visitor, scorer, most)?,
        Kind::FreeDelivery => return free_delivery(store, visitor, scorer, most),
    };
    Ok(topped_up(found, store, shelf.kind, most))
}

/// What is trending follows where rows lead to too few.
fn topped_up(mut found: Found, store: Store<'_>, kind: Kind, most: usize) -> Found {
    if !matches!(kind, Kind::Next | Kind::Trending | Kind::ForYou) {
        return found;
    }
    let scale = if kind == Kind::Trending { 1.0 } else { f32::MIN_POSITIVE };
    for &(product, share) in &store.head.trending {
        if found.len() >= most {
            break;
        }
        if found.iter().all(|known| known.0 != product) {
            found.push((product, share.min(1.0) * scale, Cause::Trending));
        }
    }
    found
}

fn next(store: Store<'_>, visitor: &Visitor<'_>, scorer: &mut Scorer, most: usize) -> Found {
    scored(scorer.shelf(&store.next(), visitor.recent, &Taste::NEW, most), Cause::WentOnFrom)
}

fn scored(scored: &[Scored], from: fn(Product) -> Cause) -> Found {
    let cause = |because| match because {
        Because::From(product) => from(product),
        Because::SeenBefore => Cause::SeenBefore,
        Because::BoughtBefore => Cause::BoughtBefore,
        Because::Trending => Cause::Trending,
    };
    scored.iter().map(|scored| (scored.product, scored.score, cause(scored.because))).collect()
}

/// What is bought with it; then what is looked at next and of another category, because that may complete it.
fn together(store: Store<'_>, visitor: &Visitor<'_>, scorer: &mut Scorer, most: usize) -> Found {
    let mut seeds: Vec<Product> = visitor.cart.to_vec();
    seeds.extend(visitor.beside);
    if seeds.is_empty() {
        seeds.extend(visitor.recent.last());
    }
    let mut found = scored(scorer.shelf(&store.together(), &seeds, &ALIKE, most), Cause::BoughtWith);
    let weakest = found.last().map_or(1.0, |found| found.1);
    let more = scored(scorer.shelf(&store.next(), &seeds, &ALIKE, most), Cause::WentOnFrom);
    let top = more.first().map_or(1.0, |found| found.1).max(f32::MIN_POSITIVE);
    let beside: Vec<_> = seeds.iter().filter_map(|seed| store.card(*seed)).collect();
    for (product, score, cause) in more {
        let completes = || {
            let card = store.card(product);
            card.is_some_and(|card| beside.iter().all(|beside| !share_category(card, *beside)))
        };
        if found.len() < most && found.iter().all(|known| known.0 != product) && completes() {
            found.push((product, weakest * 0.5 * score / top, cause));
        }
    }
    found
}

/// What is looked at next of the same category; then whatever else of it is known here, nearest numbers first, because
/// neighbours are linked; then the rest of what is looked at next.
fn similar(store: Store<'_>, visitor: &Visitor<'_>, scorer: &mut Scorer, most: usize) -> Result<Found, Why> {
    let beside = visitor.beside.or(visitor.recent.last().copied());
    let beside = beside.ok_or_else(|| Why::new("similar", "nothing to be like: no product was looked at"))?;
    let card = store.card(beside);
    let is_like = |product: Product| {
        let both = card.zip(store.card(product));
        both.is_some_and(|(one, other)| share_category(one, other))
    };
    let mut found = scored(scorer.shelf(&store.next(), &[beside], &ALIKE, most), Cause::Like);
    let weakest = found.last().map_or(1.0, |found| found.1);
    for found in &mut found {
        // Whatever it scores, it stands behind what is of the same category.
        if !is_like(found.0) {
            found.1 *= 1e-6;
        }
    }
    let mut near: Vec<Product> = store.known().filter(|product| *product != beside && is_like(*product)).collect();
    let away = |product: &Product| (product.0.abs_diff(beside.0), *product);
    best::sort(&mut near, &|a, b| away(a) < away(b));
    near.dedup();
    let mut little = weakest * 0.5;
    for product in near {
        if found.len() >= most {
            break;
        }
        if found.iter().all(|known| known.0 != product) {
            found.push((product, little, Cause::Like(beside)));
            little *= 0.98;
        }
    }
    sort(&mut found);
    Ok(found)
}

fn sort(found: &mut Found) {
    best::sort(found, &|a, b| is_before((a.1, a.0), (b.1, b.0)));
}

fn recent(visitor: &Visitor<'_>) -> Found {
    let mut found = Found::new();
    let mut score = 1.0;
    for &product in visitor.recent.iter().rev() {
        if found.iter().all(|known| known.0 != product) {
            found.push((product, score, Cause::SeenBefore));
            score *= 0.98;
        }
    }
    found
}

/// What follows from all that somebody has looked at, and what they buy again and again.
fn for_you(store: Store<'_>, visitor: &Visitor<'_>, scorer: &mut Scorer, most: usize) -> Result<Found, Why> {
    if !visitor.remembers {
        return Err(Why::new("for-you", "not allowed to remember"));
    }
    if visitor.recent.is_empty() && visitor.baskets.is_empty() {
        return Err(Why::new("for-you", "nothing is known of them"));
    }
    let mut found = scored(scorer.shelf(&store.next(), visitor.recent, &LONG, most), Cause::WentOnFrom);
    scale(&mut found);
    if visitor.baskets.is_empty() {
        return Ok(found);
    }
    let mut usual = scored(scorer.usual(&store.head.trending, visitor.baskets, &Habit::NEXT, most), Cause::WentOnFrom);
    scale(&mut usual);
    for (product, score, cause) in usual {
        match found.iter_mut().find(|known| known.0 == product) {
            Some(known) => {
                if score > known.1 {
                    known.2 = cause;
                }
                known.1 += score;
            }
            None => found.push((product, score, cause)),
        }
    }
    sort(&mut found);
    found.truncate(most);
    Ok(found)
}

/// Makes the best 1.
fn scale(found: &mut Found) {
    let top = found.first().map_or(1.0, |found| found.1).max(f32::MIN_POSITIVE);
    for found in found {
        found.1 /= top;
    }
}

/// What is missing to free delivery; none if nothing is, or it is not known.
pub(super) fn gap(store: Store<'_>, visitor: &Visitor<'_>) -> Option<u32> {
    let from = store.market?.free_delivery?;
    from.checked_sub(visitor.cart_total?).filter(|gap| *gap > 0)
}

/// What goes with the cart, most of all what closes the gap and hardly more.
fn free_delivery(store: Store<'_>, visitor: &Visitor<'_>, scorer: &mut Scorer, most: usize) -> Result<Found, Why> {
    let gap = gap(store, visitor).ok_or_else(|| Why::new("free-delivery", "nothing is missing, or it is not known"))?;
    let mut found = together(store, visitor, scorer, most);
    scale(&mut found);
    let mut more = next(store, visitor, scorer, most);
    scale(&mut more);
    for (product, score, cause) in more {
        if found.iter().all(|known| known.0 != product) {
            found.push((product, score * 0.5, cause));
        }
    }
    for &(product, share) in &store.head.trending {
        if found.iter().all(|known| known.0 != product) {
            found.push((product, share.min(1.0) * 0.1, Cause::Trending));
        }
    }
    for found in &mut found {
        found.1 *= store.card(found.0).and_then(super::CardRef::price).map_or(0.0, |price| closing(price, gap));
    }
    found.retain(|found| found.1 > 0.0);
    sort(&mut found);
    Ok(found)
}

/// How well a price closes a gap, from 0 to 1.
#[expect(clippy::cast_precision_loss, reason = "sixteen million cents are compared closely enough")]
fn closing(price: u32, gap: u32) -> f32 {
    let (price, gap) = (price as f32, gap.max(1) as f32);
    if price >= gap { gap / price } else { 0.3 * price / gap }
}
