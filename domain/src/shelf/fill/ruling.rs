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
    best::sort(candidates, &|a, b| is_before((a.score, a.product), (b.score, b.product)));
    let is_excluded = |product| {
        let mut deeds = store.head.rules.iter().filter(|ruled| is_for(ruled, shelf, visitor)).map(|ruled| &ruled.deed);
        deeds.any(|deed| matches!(deed, Deed::Exclude(products) if products.has(product)))
    };
    // The last one first, so that each is put before those behind it.
    for (product, rule) in pinned.into_iter().rev() {
        let known = candidates.iter().position(|candidate| candidate.product == product);
        let anew = || {
            let may = may_stand(product, shelf, store, visitor) && !is_excluded(product);
            let card = store.card(product).filter(|_| may)?;
            Some(Candidate { product, card, score: 0.0, cause: Cause::Pinned, rule: None, pinned: true })
        };
        if let Some(mut candidate) = known.map(|place| candidates.remove(place)).or_else(anew) {
            candidate.pinned = true;
            candidate.rule = Some(rule);
            candidates.insert(0, candidate);
        }
    }
}

fn is_for(ruled: &Ruled, shelf: &Shelf, visitor: &Visitor<'_>) -> bool {
    let here = ruled.shelf.as_ref().is_none_or(|name| *name == shelf.name);
    here && ruled.beside.as_ref().is_none_or(|beside| visitor.beside.is_some_and(|product| beside.has(product)))
}

/// What a card's byte says.
fn lift(byte: u8) -> f32 {
    if byte == Card::NO_LIFT { 1.0 } else { libm::exp2f((f32::from(byte) - f32::from(Card::NO_LIFT)) / 16.0) }
}
