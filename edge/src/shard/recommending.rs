//! What letters show of the catalogue: what they recommend, and how it shows what lies in a cart or was ordered. The learner
//! is asked before a letter is decided about, because a decision waits for nobody; what it says is kept in memory until
//! the letter is composed. A learner that does not answer keeps no letter waiting: it goes without products, and with
//! what a page said of those in the cart.

use std::collections::BTreeMap;

use domain::facts::Kind;
use domain::message::ProductVariables;
use domain::message::basket::Card;
use domain::published::{ShopConfig, Showcase};
use domain::shelf::market::market_of;

use super::baskets::room;
use super::content::{self, Content};
use super::jobs::{self, Job, MailJob, Task};
use super::joining::{Whereabouts, whereabouts};
use super::{Shard, Shop, people};
use crate::call;
use crate::learner::{LearnerCall, Letter, Named, Wanted};
use crate::problem::Result;

/// Products that somebody looked at, of which the learner is told.
const SEEN: usize = 20;
/// Baskets, likewise.
const BASKETS: usize = 20;

/// What the catalogue says for a letter.
#[derive(Clone, Debug, Default)]
pub struct Picked {
    /// What it recommends.
    pub products: Vec<ProductVariables>,
    /// How that is shown which it is about, by ids.
    pub cards: BTreeMap<String, Card>,
}

/// What the learner is asked for a letter.
#[derive(Default)]
struct Question {
    letter: Option<Letter>,
    named: Option<Named>,
}

/// Whether any message of a version shows something of the catalogue.
fn shows(config: &ShopConfig) -> bool {
    config.mails.values().any(|mail| mail.shelf.is_some() || mail.shows.is_some())
        || config.texts.values().any(|text| text.shows.is_some())
}

impl Shard {
    /// Asks what the next letters are to show, so many at most.
    pub(super) async fn products_for_letters(&self, most: usize) -> Result<()> {
        let shop = self.shop()?;
        if !shop.config.as_ref().is_some_and(|config| shows(config)) && self.picks.borrow().is_empty() {
            return Ok(());
        }
        let letters = jobs::next_of(&self.db, "mail", self.now(), most)?;
        self.picks.borrow_mut().retain(|key, _| letters.contains(key));
        for key in letters {
            if self.picks.borrow().contains_key(&key) {
                continue;
            }
            let Some(job) = jobs::find(&self.db, &key)? else { continue };
            let Task::Mail(mail) = &job.task else { continue };
            // What is wrong with one letter is told when it is decided about, and keeps no other waiting.
            let Question { letter, named } = self.question(&shop, &job, mail).unwrap_or_default();
            let mut picked = Picked::default();
            if let Some(letter) = letter {
                picked.products = self.asked(&shop, &LearnerCall::Letter(Box::new(letter))).await;
            }
            if let Some(named) = named {
                picked.cards = self.asked(&shop, &LearnerCall::Cards(Box::new(named))).await;
            }
            // One that shows nothing is remembered too: it is looked at once, however long it is among the next.
            self.picks.borrow_mut().insert(key, picked);
        }
        Ok(())
    }

    async fn asked<T: serde::de::DeserializeOwned + Default>(&self, shop: &Shop, question: &LearnerCall) -> T {
        let answer = call::learner(&self.env, &shop.key, question).await;
        answer.unwrap_or_else(|error| {
            worker::console_error!("what a letter shows: {error}");
            T::default()
        })
    }

    /// What a letter shows, asked before.
    pub(super) fn picked(&self, job: &Job) -> Picked {
        self.picks.borrow_mut().remove(&job.key).unwrap_or_default()
    }

    /// What the learner is asked for a letter; nothing for one that shows nothing of the catalogue.
    fn question(&self, shop: &Shop, job: &Job, mail: &MailJob) -> Result<Question> {
        let config = self.config(shop, &mail.version)?;
        let content = content::of(&config, mail)?;
        let showcase = if let Content::Mail(mail) = &content { mail.shelf.clone() } else { None };
        if showcase.is_none() && content.shows().is_none() {
            return Ok(Question::default());
        }
        let Whereabouts::Here(person) = whereabouts(&self.db, &job.shopper)? else { return Ok(Question::default()) };
        let Some(reader) = people::person(&self.db, &shop.keys, &person)? else { return Ok(Question::default()) };
        let language = config.language(&reader.language).to_owned();
        let country = people::country(&self.db, &person)?.map(|country| country.to_string());
        let market = market_of(&config.shelves.markets, country.as_deref(), "", &language);
        let market = market.map(|market| market.name.to_string());
        let shown = self.shown(shop, &config, &person, &content, mail)?;
        let ids = |shown: &super::baskets::Shown| shown.basket().shown(room(mail.channel)).map(str::to_owned).collect();
        let ids: Vec<String> = shown.as_ref().map(ids).unwrap_or_default();
        let named = (!ids.is_empty()).then(|| Named { ids, market: market.clone() });
        let letter = showcase.map(|showcase| self.letter(shop, &person, showcase, market, language)).transpose()?;
        Ok(Question { letter, named })
    }

    /// What somebody did, by which a shelf is filled for them.
    fn letter(
        &self,
        shop: &Shop,
        person: &str,
        Showcase { of, most }: Showcase,
        market: Option<String>,
        language: String,
    ) -> Result<Letter> {
        let facts = self.known_of(shop, person)?.facts;
        let mut seen: Vec<String> = facts
            .newest(Kind::ProductViewed)
            .flat_map(|look| look.about.pieces.iter().map(|piece| piece.product.clone()))
            .take(SEEN)
            .collect();
        seen.reverse();
        let cart = facts.cart();
        let mut baskets: Vec<Vec<String>> = facts
            .orders()
            .rev()
            .take(BASKETS)
            .map(|order| order.pieces().iter().map(|piece| piece.product.clone()).collect())
            .collect();
        baskets.reverse();
        let wanted = Wanted {
            shelf: of.to_string(),
            market,
            seen,
            elsewhere: true,
            cart: cart.iter().flat_map(|cart| cart.about.pieces.iter().map(|piece| piece.product.clone())).collect(),
            cart_total: cart.and_then(|cart| cart.about.amount).and_then(|minor| u32::try_from(minor).ok()),
            baskets,
            // What is known of somebody here they have allowed to be known.
            remembers: true,
        };
        Ok(Letter { wanted, language, most })
    }
}
