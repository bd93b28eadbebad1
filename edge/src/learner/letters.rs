//! What a letter recommends: a shelf filled for whoever it is for, in its language and with addresses that work in a
//! mail.

use domain::message::ProductVariables;
use domain::money::Money;
use domain::shelf::fill::Item;
use domain::shelf::settings::Reasons;

use super::asks::Letter;
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
