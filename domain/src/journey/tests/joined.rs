//! Two people who turn out to be one, with carts and many runs under way.

use serde_json::json;

use super::{NOON, World, cart, filled, vip};
use crate::facts::{About, Kind};
use crate::time::Span;

fn of(subject: &str) -> About {
    About { subject: subject.into(), ..About::default() }
}

/// Two who are not known to be one yet, with the journeys of the same shop.
fn two(journeys: &serde_json::Value) -> (World, World) {
    let other = World { count: 1_000, seed: 8, ..World::new(journeys.clone()) };
    (World::new(journeys.clone()), other)
}

fn keys(world: &World) -> Vec<&str> {
    world.shopper.runs().keys().map(|id| id.key.as_str()).collect()
}

#[test]
fn what_both_have_put_into_carts_is_one_cart_and_gets_one_letter() {
    for (mine, theirs) in [(0, 1), (1, 0)] {
        let (mut anna, mut ben) = two(&cart());
        anna.happens(NOON + Span::minutes(mine), Kind::CartChanged, filled(1));
        ben.happens(NOON + Span::minutes(theirs), Kind::CartChanged, filled(2));
        anna.joins(ben.shopper, NOON + Span::minutes(10));
        assert_eq!(keys(&anna), [NOON.0.to_string()], "{mine} {theirs}");
    }
}

#[test]
fn a_cart_that_the_other_has_bought_is_not_taken_for_the_one_they_filled_since() {
    let (mut anna, mut ben) = two(&cart());
    anna.happens(NOON, Kind::CartChanged, filled(1));
    ben.happens(NOON + Span::minutes(1), Kind::OrderPlaced, of("7"));
    let filled_at = NOON + Span::minutes(2);
    ben.happens(filled_at, Kind::CartChanged, filled(2));
    anna.joins(ben.shopper, NOON + Span::minutes(10));
    assert!(keys(&anna).contains(&filled_at.0.to_string().as_str()), "{:?}", keys(&anna));
    let said = core::iter::from_fn(|| (!anna.timers.is_empty()).then(|| anna.ring().1)).flatten();
    let said: Vec<String> = said.collect();
    let ended = format!("end cart:{}: cart", NOON.0);
    assert!(said.contains(&ended) && said.contains(&"say cart by email".to_owned()), "{said:?}");
}

#[test]
fn what_gave_way_at_a_join_does_not_begin_anew_at_a_parting() {
    for ben_is_later in [true, false] {
        let (mut anna, mut ben) = two(&cart());
        let (early, late) = if ben_is_later { (&mut anna, &mut ben) } else { (&mut ben, &mut anna) };
        early.happens(NOON, Kind::CartChanged, filled(1));
        late.happens(NOON + Span::minutes(1), Kind::CartChanged, filled(2));
        let theirs = ben.shopper.facts.clone();
        let own = anna.shopper.facts.clone();
        anna.joins(ben.shopper, NOON + Span::minutes(10));
        assert_eq!(keys(&anna).len(), 1);
        // Each fills their own cart on: whoever's run gave way has had it.
        let parted = anna.shopper.part(own, &[8], theirs);
        let mut ben = World { count: 2_000, seed: 8, shopper: parted, ..World::new(cart()) };
        let later = NOON + Span::minutes(20);
        let began = |did: Vec<String>| did.iter().any(|deed| deed.starts_with("begin"));
        let anna_again = began(anna.happens(later, Kind::CartChanged, filled(3)));
        let ben_again = began(ben.happens(later, Kind::CartChanged, filled(4)));
        assert_eq!((anna_again, ben_again), (false, false), "{ben_is_later}");
    }
}

#[test]
fn orders_are_no_carts_whatever_their_numbers_are() {
    let mut journeys = vip();
    journeys[0].as_object_mut().unwrap().remove("goal");
    let (mut anna, mut ben) = two(&journeys);
    // The numbers are as great as the moment that names the cart.
    anna.order(NOON, "9000000000001");
    ben.order(NOON, "9000000000002");
    ben.happens(NOON + Span(1), Kind::CartChanged, filled(1));
    anna.joins(ben.shopper, NOON + Span::minutes(10));
    assert_eq!(keys(&anna), ["9000000000001", "9000000000002"]);
}

#[test]
fn of_the_runs_of_both_a_hundred_go_on_and_the_newest_end() {
    let journeys = json!([{ "name": "looked", "entry": { "event": { "event": "product.viewed" } },
        "key": "subject", "again": "always",
        "steps": [{ "id": "w", "next": 1, "act": { "wait": { "for": 86_400_000 } } }] }]);
    for (theirs, left) in [(50, 100), (51, 100), (70, 100), (40, 90)] {
        let (mut anna, mut ben) = two(&journeys);
        for n in 0..50 {
            anna.happens(NOON + Span::seconds(n), Kind::ProductViewed, of(&format!("a{n}")));
        }
        for n in 0..theirs {
            ben.happens(NOON + Span::seconds(100 + n), Kind::ProductViewed, of(&format!("b{n:02}")));
        }
        anna.joins(ben.shopper, NOON + Span::minutes(10));
        let known = keys(&anna);
        assert_eq!(known.len(), left, "{theirs}");
        let newest = format!("b{:02}", left - 51);
        assert_eq!(known.last(), Some(&newest.as_str()), "{theirs}");
    }
}
