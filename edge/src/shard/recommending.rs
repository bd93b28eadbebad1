//! What letters recommend. The learner is asked before a letter is decided about, because a decision waits for nobody;
//! what it says is kept in memory until the letter is composed. A learner that does not answer keeps no letter waiting:
//! it goes without products.

use domain::facts::Kind;
use domain::message::ProductVariables;
use domain::published::Showcase;
use domain::shelf::market::market_of;

use super::content::{self, Content};
use super::jobs::{self, Job, MailJob, Task};
use super::joining::{Whereabouts, whereabouts};
use super::{Shard, Shop, people};
use crate::call;
use crate::learner::{LearnerCall, Letter, Wanted};
use crate::problem::Result;

/// Products that somebody looked at, of which the learner is told.
const SEEN: usize = 20;
/// Baskets, likewise.
const BASKETS: usize = 20;

impl Shard {
    /// Asks what the next letters are to recommend, so many at most.
    pub(super) async fn products_for_letters(&self, most: usize) -> Result<()> {
        let shop = self.shop()?;
        let shows = |config: &domain::published::ShopConfig| config.mails.values().any(|mail| mail.shelf.is_some());
        if !shop.config.as_ref().is_some_and(|config| shows(config)) && self.picks.borrow().is_empty() {
            return Ok(());
        }
        let letters = self.next_letters(most)?;
        self.picks.borrow_mut().retain(|key, _| letters.iter().any(|job| job.key == *key));
        for job in letters {
            let Task::Mail(mail) = &job.task else { continue };
            if self.picks.borrow().contains_key(&job.key) {
                continue;
            }
            let Some(letter) = self.letter(&shop, &job, mail)? else { continue };
            let answer = call::learner(&self.env, &shop.key, &LearnerCall::Letter(Box::new(letter))).await;
            let products: Vec<ProductVariables> = answer.unwrap_or_else(|error| {
                worker::console_error!("what a letter recommends: {error}");
                Vec::new()
            });
            self.picks.borrow_mut().insert(job.key, products);
        }
        Ok(())
    }

    /// What a letter recommends, asked before.
    pub(super) fn picked(&self, job: &Job) -> Vec<ProductVariables> {
        self.picks.borrow_mut().remove(&job.key).unwrap_or_default()
    }

    fn next_letters(&self, most: usize) -> Result<Vec<Job>> {
        let jobs = jobs::due(&self.db, self.now(), i64::try_from(most).unwrap_or(1))?;
        Ok(jobs.into_iter().filter(|job| matches!(job.task, Task::Mail(_))).collect())
    }

    /// What the learner is asked for a letter; nothing for one that recommends nothing.
    fn letter(&self, shop: &Shop, job: &Job, mail: &MailJob) -> Result<Option<Letter>> {
        let config = self.config(shop, &mail.version)?;
        let Content::Mail(content) = content::of(&config, mail)? else { return Ok(None) };
        let Some(Showcase { of, most }) = content.shelf.clone() else { return Ok(None) };
        let Whereabouts::Here(person) = whereabouts(&self.db, &job.shopper)? else { return Ok(None) };
        let Some(reader) = people::person(&self.db, &shop.keys, &person)? else { return Ok(None) };
        let language = config.language(&reader.language).to_owned();
        let country = people::country(&self.db, &person)?.map(|country| country.to_string());
        let market = market_of(&config.shelves.markets, country.as_deref(), "", &language);
        let facts = self.known_of(shop, &person)?.facts;
        let mut seen: Vec<String> = facts
            .newest(Kind::ProductViewed)
            .flat_map(|look| look.about.pieces.iter().map(|piece| piece.product.clone()))
            .take(SEEN)
            .collect();
        seen.reverse();
        let cart = facts.newest(Kind::CartChanged).next().filter(|_| facts.cart_since().is_some());
        let mut baskets: Vec<Vec<String>> = facts
            .orders()
            .rev()
            .take(BASKETS)
            .map(|order| order.pieces().iter().map(|piece| piece.product.clone()).collect())
            .collect();
        baskets.reverse();
        let wanted = Wanted {
            shelf: of.to_string(),
            market: market.map(|market| market.name.to_string()),
            seen,
            elsewhere: true,
            cart: cart.iter().flat_map(|cart| cart.about.pieces.iter().map(|piece| piece.product.clone())).collect(),
            cart_total: cart.and_then(|cart| cart.about.amount).and_then(|minor| u32::try_from(minor).ok()),
            baskets,
            // What is known of somebody here they have allowed to be known.
            remembers: true,
        };
        Ok(Some(Letter { wanted, language, most }))
    }
}
