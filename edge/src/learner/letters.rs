//! What a letter shows of the catalogue: a shelf filled for whoever it is for, in its language and with addresses that
//! work in a mail; and what lies in their cart or was ordered.

use std::collections::{BTreeMap, BTreeSet};

use domain::catalogue;
use domain::message::ProductVariables;
use domain::message::basket::Card;
use domain::money::Money;
use domain::shelf::fill::Item;
use domain::shelf::settings::Reasons;

use super::asks::{Letter, Named};
use super::{Learner, Shop};
use crate::problem::Result;

impl Learner {
    /// The products, best first; none if too few suit, or the shop has no such shelf any more.
    pub(super) fn picks(&self, letter: &Letter) -> Result<Vec<ProductVariables>> {
        let shop = self.shop()?;
        let said = shop.shelves.shelves.iter().find(|said| said.shelf.name.as_str() == letter.wanted.shelf);
        let Some(said) = said else { return Ok(Vec::new()) };
        let market = self.market(letter.wanted.market.as_deref())?;
        let currency = shop.markets().iter().find(|one| one.name == market).and_then(|one| one.currency.parse().ok());
        let money = |minor: u32| {
            let money = currency.map(|currency| Money { currency, minor: i64::from(minor) });
            money.map(|money| money.in_words(&letter.language)).unwrap_or_default()
        };
        let words = said.texts.get(&letter.language).map(|text| text.reasons.clone()).unwrap_or_default();
        let filled = self.filled(&said.shelf, &letter.wanted)?;
        Ok(filled.items.iter().take(letter.most.into()).map(|item| product(&shop, item, &words, &money)).collect())
    }

    /// What is known of products and variants, by their ids; nothing of what is not sold, or not known here.
    pub(super) fn cards(&self, named: &Named) -> Result<BTreeMap<String, Card>> {
        let market = self.market(named.market.as_deref())?;
        let mut cards = BTreeMap::new();
        for id in &named.ids {
            let Some(number) = self.number_of(id)? else { continue };
            let known = self.known(&BTreeSet::from([number]))?;
            let card = known.first().and_then(|known| catalogue::card(&known.product()?, id, &known.told(), &market));
            cards.extend(card.map(|card| (id.clone(), card)));
        }
        Ok(cards)
    }
}

fn product(shop: &Shop, item: &Item, words: &Reasons, money: &impl Fn(u32) -> String) -> ProductVariables {
    let card = &item.card;
    ProductVariables {
        title: card.title.clone(),
        url: absolute(&shop.home, &card.url),
        image: absolute(&shop.home, &card.image),
        price: card.price.map(money).unwrap_or_default(),
        reason: item.reason.say(words, money).unwrap_or_default(),
    }
}

/// An address with scheme and host: those of the shop's home page, where it names none.
fn absolute(home: &str, address: &str) -> String {
    if !address.starts_with('/') {
        return address.to_owned();
    }
    let host = home.find("://").map_or(0, |at| at.saturating_add(3));
    let end = home.get(host..).and_then(|rest| rest.find('/')).map_or(home.len(), |at| at.saturating_add(host));
    format!("{}{address}", home.get(..end).unwrap_or(home))
}

#[cfg(test)]
mod tests {
    use super::absolute;

    #[test]
    fn an_address_of_the_shop_gets_its_host_and_others_stay() {
        for (home, address, whole) in [
            ("https://shop.example/", "/p/hat", "https://shop.example/p/hat"),
            ("https://shop.example/de/", "/p/hat", "https://shop.example/p/hat"),
            ("https://shop.example", "/p/hat", "https://shop.example/p/hat"),
            ("https://shop.example", "https://pics.example/a.jpg", "https://pics.example/a.jpg"),
            ("https://shop.example", "", ""),
        ] {
            assert_eq!(absolute(home, address), whole);
        }
    }
}
