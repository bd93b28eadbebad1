//! The merchant's lifts, exclusions and pins.

use super::{Candidate, Cause, Visitor, may_stand};
use crate::recommend::best;
use crate::recommend::score::is_before;
use crate::shelf::Card;
use crate::shelf::head::{Deed, Ruled};
use crate::shelf::settings::Shelf;
use crate::shelf::store::Store;

/// Moves what the merchant's rules move, and puts candidates in the order in which they stand.
pub(super) fn apply<'a>(candidates: &mut Vec<Candidate<'a>>, shelf: &Shelf, store: Store<'a>, visitor: &Visitor<'_>) {
    for candidate in &mut *candidates {
        candidate.score *= lift(candidate.card.lift());
    }
    let mut pinned = Vec::new();
    for Ruled { deed, rule, .. } in store.head.rules.iter().filter(|ruled| is_for(ruled, shelf, visitor)) {
        match deed {
            Deed::Exclude(products) => candidates.retain(|candidate| !products.has(candidate.product)),
            Deed::Lift(by, products) => {
                for candidate in candidates.iter_mut().filter(|candidate| products.has(candidate.product)) {
                    candidate.score *= by;
                    candidate.rule = Some(*rule);
                }
            }
            Deed::Pin(products) => {
                for product in products {
                    pinned.push((*product, *rule));
                }
            }
        }
    }
    let is_excluded = |product| {
        let mut deeds = store.head.rules.iter().filter(|ruled| is_for(ruled, shelf, visitor)).map(|ruled| &ruled.deed);
        deeds.any(|deed| matches!(deed, Deed::Exclude(products) if products.has(product)))
    };
    // What is pinned twice stands where it is pinned first.
    for (place, (product, rule)) in pinned.into_iter().enumerate().rev() {
        if let Some(known) = candidates.iter_mut().find(|candidate| candidate.product == product) {
            (known.pinned, known.rule) = (Some(place), Some(rule));
        } else if may_stand(product, shelf, store, visitor)
            && !is_excluded(product)
            && let Some(card) = store.card(product)
        {
            let (cause, rule, pinned) = (Cause::Pinned, Some(rule), Some(place));
            candidates.push(Candidate { product, card, score: 0.0, cause, rule, pinned });
        }
    }
    best::sort(candidates, &|a, b| match (a.pinned, b.pinned) {
        (None, None) => is_before((a.score, a.product), (b.score, b.product)),
        (Some(a), Some(b)) => a < b,
        (pinned, _) => pinned.is_some(),
    });
}

fn is_for(ruled: &Ruled, shelf: &Shelf, visitor: &Visitor<'_>) -> bool {
    let here = ruled.shelf.as_ref().is_none_or(|name| *name == shelf.name);
    here && ruled.beside.as_ref().is_none_or(|beside| visitor.beside.is_some_and(|product| beside.has(product)))
}

/// What a card's byte says.
fn lift(byte: u8) -> f32 {
    if byte == Card::NO_LIFT { 1.0 } else { libm::exp2f((f32::from(byte) - f32::from(Card::NO_LIFT)) / 16.0) }
}
