//! What the merchant's rules mean for a catalogue in one market: cards, what is out, badges, and what is left to be
//! asked shelf by shelf. Costs are read here and go nowhere.

use super::bits::Bits;
use super::market::Market;
use super::rule::{Match, Rule, RuleAct, is_below};
use super::settings::{Prices, Shelves};
use super::{Card, Deed, Ruled};
use crate::catalogue::{Face, Product as Sold};
use crate::money::Money;
use crate::recommend::Product;

/// A catalogue in one market.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judged {
    /// By number; nothing where a product is not shown in this market.
    pub cards: Vec<Option<Card>>,
    /// What must not be shown: out of stock, not in this market, or left out on all shelves.
    pub out: Bits,
    /// What is left to be asked shelf by shelf.
    pub rules: Vec<Ruled>,
}

/// Judges a catalogue, its products in the order of their numbers. `home` is the shop's home page: addresses on its host
/// travel without it.
pub fn judge(shelves: &Shelves, market: &Market, home: &str, catalogue: &[&Sold]) -> Judged {
    let faces: Vec<Option<&Face>> = catalogue.iter().map(|sold| face(sold, market)).collect();
    let numbered = || (0_u32..).map(Product).zip(catalogue.iter().zip(&faces));
    let mut judged = Judged {
        cards: catalogue.iter().zip(&faces).map(|(sold, face)| Some(card(sold, (*face)?, home))).collect(),
        out: numbered().filter(|one| one.1.1.is_none_or(|face| !face.in_stock)).map(|one| one.0).collect(),
        rules: Vec::new(),
    };
    // In the order in which their ids are named, or else of their numbers.
    let all = |what: &Match| -> Vec<Product> {
        let found = numbered().filter(|one| one.1.1.is_some_and(|face| is(what, one.1.0, face)));
        let named = |sold: &Sold| what.ids.iter().position(|id| has_id(sold, id));
        let mut found: Vec<(Option<usize>, Product)> = found.map(|one| (named(one.1.0), one.0)).collect();
        found.sort_unstable();
        found.into_iter().map(|one| one.1).collect()
    };
    for (bit, badge) in shelves.badges.iter().enumerate().take(8) {
        if badge.market.as_ref().is_some_and(|named| *named != market.name) {
            continue;
        }
        for product in all(&badge.on) {
            if let Some(Some(card)) = judged.cards.get_mut(product.place()) {
                card.badges |= 1 << bit;
            }
        }
    }
    for (place, rule) in (0_u16..).zip(&shelves.rules) {
        if rule.market.as_ref().is_none_or(|named| *named == market.name) {
            judged.rule(place, rule, &all);
        }
    }
    judged
}

impl Judged {
    fn rule(&mut self, place: u16, rule: &Rule, all: &dyn Fn(&Match) -> Vec<Product>) {
        let with = all(&rule.with);
        let everywhere = rule.shelf.is_none() && rule.beside.is_none();
        match rule.act {
            RuleAct::Lift(by) if everywhere => {
                for product in with {
                    if let Some(Some(card)) = self.cards.get_mut(product.place()) {
                        card.lift = card.lift.saturating_add_signed(by);
                    }
                }
            }
            RuleAct::Exclude if everywhere => with.into_iter().for_each(|product| self.out.put(product)),
            act => {
                let beside = rule.beside.as_ref().map(|beside| all(beside).into_iter().collect::<Bits>());
                if with.is_empty() || beside.as_ref().is_some_and(Bits::is_empty) {
                    return;
                }
                let deed = match act {
                    RuleAct::Pin => Deed::Pin(with.into_iter().take(MOST_PINNED).collect()),
                    RuleAct::Lift(by) => Deed::Lift(libm::exp2f(f32::from(by) / 16.0), with.into_iter().collect()),
                    RuleAct::Exclude => Deed::Exclude(with.into_iter().collect()),
                };
                self.rules.push(Ruled { shelf: rule.shelf.clone(), beside, deed, rule: place });
            }
        }
    }
}

/// Products that one rule pins, at most: no shelf is longer.
const MOST_PINNED: usize = 64;

/// How a product is shown in a market: by its face there, else by that of everybody else if it has the same currency.
fn face<'a>(sold: &'a Sold, market: &Market) -> Option<&'a Face> {
    let of_default = || {
        let default = sold.faces.iter().find(|face| face.0.as_str() == super::market::DEFAULT).map(|face| face.1)?;
        let currency = default.price.map(|price| price.currency.to_string());
        currency.is_none_or(|currency| market.currency.is_empty() || currency == market.currency).then_some(default)
    };
    sold.faces.get(&market.name).or_else(of_default)
}

fn card(sold: &Sold, face: &Face, home: &str) -> Card {
    Card {
        id: sold.id.clone(),
        title: face.title.clone(),
        url: short(&face.url, home).to_owned(),
        image: face.image.as_deref().map_or("", |image| short(image, home)).to_owned(),
        price: face.price.and_then(minor),
        was: face.was.and_then(minor),
        brand: sold.brand.clone().unwrap_or_default(),
        categories: face.categories.clone(),
        lift: Card::NO_LIFT,
        badges: 0,
    }
}

fn minor(money: Money) -> Option<u32> {
    u32::try_from(money.minor).ok()
}

/// An address without scheme and host, if they are those of the shop's home page.
fn short<'a>(url: &'a str, home: &str) -> &'a str {
    let origin_ends = home.find("://").and_then(|at| {
        let from = at.checked_add(3)?;
        Some(home.get(from..)?.find('/').map_or(home.len(), |slash| from.saturating_add(slash)))
    });
    let rest = origin_ends.and_then(|end| home.get(..end)).and_then(|origin| url.strip_prefix(origin));
    rest.filter(|rest| rest.starts_with('/')).unwrap_or(url)
}

/// Whether all of it is true of a product.
fn is(what: &Match, sold: &Sold, face: &Face) -> bool {
    let one_of = |wanted: &[String], own: &dyn Fn(&str) -> bool| wanted.is_empty() || wanted.iter().any(|w| own(w));
    one_of(&what.ids, &|id| has_id(sold, id))
        && one_of(&what.categories, &|wanted| face.categories.iter().any(|own| is_below(own, wanted)))
        && one_of(&what.brands, &|wanted| sold.brand.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(wanted)))
        && (what.prices.is_empty() || what.prices.iter().any(|prices| costs(prices, face)))
        && what
            .margin
            .is_none_or(|wanted| margin(sold, face).is_some_and(|margin| (wanted.from..=wanted.to).contains(&margin)))
        && (!what.reduced || face.was > face.price)
        && what.attributes.iter().all(|(name, wanted)| {
            let own = sold.attributes.iter().find(|own| own.0.eq_ignore_ascii_case(name)).map(|own| own.1);
            own.is_some_and(|own| own.split(" / ").any(|own| wanted.iter().any(|w| w.eq_ignore_ascii_case(own.trim()))))
        })
}

fn has_id(sold: &Sold, id: &str) -> bool {
    sold.id == id || sold.variants.iter().any(|variant| variant == id)
}

fn costs(prices: &Prices, face: &Face) -> bool {
    let price = face.price.filter(|price| price.currency.as_str() == prices.currency).and_then(minor);
    price.is_some_and(|price| (prices.from..=prices.to).contains(&price))
}

/// What is left of the price, in thousandths of it.
fn margin(sold: &Sold, face: &Face) -> Option<i32> {
    let (price, cost) = (face.price?, sold.cost?);
    if price.currency != cost.currency || price.minor <= 0 {
        return None;
    }
    let left = price.minor.checked_sub(cost.minor)?.checked_mul(1_000)?;
    i32::try_from(left / price.minor).ok()
}
