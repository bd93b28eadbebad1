//! Answers to surveys: what the published survey wants done at once.

use domain::event::{Cart, Event, Fact};
use domain::money::{Currency, Money};

use super::alerts::{Answered, default_language};
use super::hearing::facts;
use super::{Shard, Shop};
use crate::problem::Result;

impl Shard {
    /// Does what an answer asks for: says whether something became due by it, and gives the event that says of which
    /// unhappiness it is a sign, if it is one. Told twice, it counts once.
    pub(super) fn answered(&self, shop: &Shop, event: &Event) -> Result<(bool, Option<Event>)> {
        let Fact::SurveyAnswered { campaign, question, choices, words, url, cart, .. } = &event.fact else {
            return Ok((false, None));
        };
        let mut campaigns = shop.config.iter().flat_map(|config| &config.campaigns);
        let survey = campaigns.find(|known| known.name.as_str() == campaign).and_then(|known| known.survey.as_ref());
        let Some(asked) = survey.and_then(|survey| survey.question(question)) else { return Ok((false, None)) };
        let alarms = asked.alerts(choices);
        if alarms {
            let label = |choice: &String| asked.labels.get(choice).unwrap_or(choice).clone();
            self.tell_of_answer(Answered {
                event: event.id.0.to_string(),
                campaign: campaign.clone(),
                question: asked.title.clone(),
                chosen: choices.iter().map(label).collect(),
                words: words.clone(),
                page: url.clone(),
                cart: cart.as_ref().and_then(|cart| sum(cart, default_language(shop.live().ok()?))),
            })?;
        }
        let sign = asked.sign(choices).map(|sign| Event {
            id: facts::id_of(shop, &[b"sign", event.id.0.as_bytes()]),
            at: event.at,
            fact: Fact::Custom { name: sign.to_owned(), data: None },
        });
        Ok((alarms, sign))
    }
}

/// What a cart costs, in words; nothing where it is empty or does not say.
fn sum(cart: &Cart, language: &str) -> Option<String> {
    let currency: Currency = cart.currency.as_deref()?.parse().ok()?;
    let price = |decimal: &str| Money::rounded(decimal, currency).ok();
    let each = cart.items.iter().filter_map(|item| {
        let one = price(item.price.as_deref()?)?;
        Some(Money { minor: one.minor.saturating_mul(item.quantity.into()), ..one })
    });
    let all = cart.total.as_deref().and_then(price).unwrap_or_else(|| Money::sum(each, currency));
    (!cart.items.is_empty() && all.minor > 0).then(|| all.in_words(language))
}
