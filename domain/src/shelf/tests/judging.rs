//! The merchant's rules over a catalogue.

use super::*;
use crate::catalogue::{Face, Product as Sold};
use crate::money::Money;
use crate::shelf::judge::{Judged, judge};
use crate::shelf::market::{DEFAULT, Market};
use crate::shelf::rule::{Badge, Margin, Match, Rule, RuleAct};
use crate::shelf::settings::{Prices, Shelves};
use crate::shelf::{Deed, Ruled};

const HOME: &str = "https://shop.example/start";

fn euros(decimal: &str) -> Option<Money> {
    Money::exact(decimal, "EUR".parse().unwrap()).ok()
}

/// Prices of 10, 20, 30 and 40 euros, costs of 9, 10, 10 and none.
fn a_catalogue() -> Vec<Sold> {
    let sold = |n: usize, cost: Option<&str>| {
        let face = Face {
            title: format!("Thing {n}"),
            url: format!("https://shop.example/p/{n}"),
            image: Some(format!("https://cdn.example/{n}.jpg")),
            price: euros(&format!("{n}0")),
            was: (n == 2).then(|| euros("25")).flatten(),
            in_stock: n != 3,
            categories: vec![if n < 3 { "Wear > Hats" } else { "Wear > Coats" }.to_owned()],
        };
        Sold {
            id: n.to_string(),
            variants: vec![format!("{n}-small")],
            brand: Some(if n == 1 { "Acme" } else { "Other" }.to_owned()),
            attributes: BTreeMap::from([("Colour".to_owned(), if n == 4 { "red / blue" } else { "red" }.to_owned())]),
            cost: cost.and_then(euros),
            faces: BTreeMap::from([(DEFAULT.parse().unwrap(), face)]),
            ..Sold::default()
        }
    };
    vec![sold(1, Some("9")), sold(2, Some("10")), sold(3, Some("10")), sold(4, None)]
}

fn market(name: &str, currency: &str) -> Market {
    let (countries, languages, path) = (vec![], vec![], String::new());
    Market {
        name: name.parse().unwrap(),
        countries,
        languages,
        path,
        currency: currency.into(),
        digits: 2,
        free_delivery: None,
    }
}

fn rule(act: RuleAct, with: Match) -> Rule {
    Rule { shelf: None, market: None, beside: None, act, with, place: "shelves.toml:1".into() }
}

fn judged(rules: Vec<Rule>) -> Judged {
    let catalogue = a_catalogue();
    let shelves = Shelves { rules, ..Shelves::default() };
    judge(&shelves, &market(DEFAULT, "EUR"), HOME, &catalogue.iter().collect::<Vec<_>>())
}

/// Which products a match is true of.
#[track_caller]
fn matches(what: &Match, expected: &[u32]) {
    let Judged { cards, .. } = judged(vec![rule(RuleAct::Lift(16), what.clone())]);
    let lifted =
        (0..).zip(&cards).filter(|card| card.1.as_ref().is_some_and(|card| card.lift == 144)).map(|card| card.0);
    assert_eq!(lifted.collect::<Vec<u32>>(), expected, "{what:?}");
}

#[test]
fn cards_follow_from_the_catalogue_and_what_cannot_be_bought_is_out() {
    let judged = judged(vec![]);
    let card = judged.cards[1].clone().unwrap();
    assert_eq!((card.url.as_str(), card.image.as_str()), ("/p/2", "https://cdn.example/2.jpg"));
    assert_eq!((card.price, card.was, card.brand.as_str(), card.lift), (Some(2_000), Some(2_500), "Other", 128));
    assert_eq!(judged.out.iter().collect::<Vec<_>>(), [Product(2)]);
}

#[test]
fn a_market_shows_what_has_a_face_in_it_or_the_same_currency() {
    let catalogue = a_catalogue();
    let all: Vec<&Sold> = catalogue.iter().collect();
    let judged = |currency| judge(&Shelves::default(), &market("gulf", currency), HOME, &all);
    assert!(judged("EUR").cards[0].is_some());
    assert!(judged("AED").cards.iter().all(Option::is_none));
    assert!(judged("AED").out.has(Product(0)));
}

#[test]
fn rules_match_by_what_is_known_of_a_product() {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    matches(&Match::default(), &[0, 1, 2, 3]);
    matches(&Match { ids: texts(&["2", "4-small"]), ..Match::default() }, &[1, 3]);
    matches(&Match { categories: texts(&["wear > hats"]), ..Match::default() }, &[0, 1]);
    matches(&Match { brands: texts(&["acme"]), ..Match::default() }, &[0]);
    matches(&Match { attributes: BTreeMap::from([("colour".into(), texts(&["Blue"]))]), ..Match::default() }, &[3]);
    matches(&Match { reduced: true, ..Match::default() }, &[1]);
    let prices = vec![Prices { currency: "EUR".into(), from: 2_000, to: 3_000 }];
    matches(&Match { prices: prices.clone(), ..Match::default() }, &[1, 2]);
    matches(&Match { prices, brands: texts(&["acme"]), ..Match::default() }, &[]);
    // 10 %, 50 % and 66.6 % are left; of the last nobody knows.
    matches(&Match { margin: Some(Margin { from: 500, to: 1_000 }), ..Match::default() }, &[1, 2]);
    matches(&Match { margin: Some(Margin { from: i32::MIN, to: 499 }), ..Match::default() }, &[0]);
}

#[test]
fn rules_for_everything_are_said_by_cards_and_others_shelf_by_shelf() {
    let hats = || Match { categories: vec!["Wear > Hats".into()], ..Match::default() };
    let one = |id: &str| Match { ids: vec![id.into()], ..Match::default() };
    let judged = judged(vec![
        rule(RuleAct::Lift(-32), hats()),
        rule(RuleAct::Exclude, one("4")),
        Rule { beside: Some(hats()), ..rule(RuleAct::Lift(16), one("3")) },
        Rule {
            shelf: Some("next".parse().unwrap()),
            ..rule(RuleAct::Pin, Match { ids: vec!["4".into(), "1".into()], ..Match::default() })
        },
        Rule { market: Some("gulf".parse().unwrap()), ..rule(RuleAct::Exclude, hats()) },
        Rule { beside: Some(one("gone")), ..rule(RuleAct::Exclude, hats()) },
    ]);
    assert_eq!(judged.cards[0].as_ref().map(|card| card.lift), Some(96));
    assert_eq!(judged.out.iter().map(|product| product.0).collect::<Vec<_>>(), [2, 3]);
    let set = |numbers: &[u32]| numbers.iter().copied().map(Product).collect();
    assert_eq!(
        judged.rules,
        [
            Ruled { shelf: None, beside: Some(set(&[0, 1])), deed: Deed::Lift(2.0, set(&[2])), rule: 2 },
            Ruled {
                shelf: Some("next".parse().unwrap()),
                beside: None,
                deed: Deed::Pin(vec![Product(3), Product(0)]),
                rule: 3
            },
        ]
    );
}

#[test]
fn badges_are_put_on_what_they_are_for_in_their_market() {
    let badge = |market: Option<&str>| Badge {
        text: BTreeMap::new(),
        market: market.map(|name| name.parse().unwrap()),
        on: Match { reduced: true, ..Match::default() },
    };
    let catalogue = a_catalogue();
    let badges = vec![badge(Some("gulf")), badge(None), badge(Some(DEFAULT))];
    let shelves = Shelves { badges, ..Shelves::default() };
    let judged = judge(&shelves, &market(DEFAULT, "EUR"), HOME, &catalogue.iter().collect::<Vec<_>>());
    let badges: Vec<u8> = judged.cards.iter().flatten().map(|card| card.badges).collect();
    assert_eq!(badges, [0, 0b110, 0, 0]);
}

#[test]
fn what_a_product_costs_the_shop_is_in_no_card() {
    let mut dear = a_catalogue();
    dear[0].cost = euros("1");
    let of = |catalogue: &[Sold]| {
        judge(&Shelves::default(), &market(DEFAULT, "EUR"), HOME, &catalogue.iter().collect::<Vec<_>>())
    };
    assert_eq!(of(&dear), of(&a_catalogue()));
}
