//! Conditions and the events they mean.

use std::collections::BTreeSet;
use std::ops::Range;

use super::form::{At, Place};
use super::reader::{About, Reader, about};
use super::values::{By, Fact};
use super::written::{ConditionText, Events};
use crate::consent::Channel;
use crate::facts::{Kind, SIGNS};
use crate::journey::{self, Condition, Match, Number, Past, Word};
use crate::law::Country;

/// Where a condition stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// In a segment or a filter: there is no run.
    Before,
    /// In a branch.
    Within,
    /// In a goal or an exit.
    End,
}

/// All of them, if all are right; all are read, so that all that is wrong is said.
pub fn each<T, U>(list: &[T], mut read: impl FnMut(&T) -> Option<U>) -> Option<Vec<U>> {
    let read: Vec<Option<U>> = list.iter().map(&mut read).collect();
    read.into_iter().collect()
}

impl Reader<'_, '_> {
    /// A condition at its place.
    pub fn condition(&mut self, text: &At<ConditionText>, place: Where) -> Option<Condition> {
        self.condition_in(text.get(), &text.place(), place)
    }

    fn condition_in(&mut self, text: &ConditionText, around: &Range<usize>, place: Where) -> Option<Condition> {
        self.sort(ConditionText::SORTS, &text.given(), around)?;
        if let Some(list) = &text.all {
            return self.conditions(list, place).map(Condition::All);
        }
        if let Some(list) = &text.any {
            return self.conditions(list, place).map(Condition::Any);
        }
        if let Some(not) = &text.not {
            return self.condition_in(not.get(), &not.place(), place).map(|not| Condition::Not(Box::new(not)));
        }
        if let Some(fact) = &text.fact {
            return match fact.get() {
                Fact::Number(number) => self.number(*number, text, fact.place()),
                Fact::Word(word) => self.word(*word, text, fact.place()),
            };
        }
        if text.event.is_some() {
            return self.past(text, place).map(Condition::Happened);
        }
        if let Some(tag) = &text.tag {
            return self.read(tag).map(|tag| Condition::Tag(tag.0));
        }
        if let Some(segment) = &text.segment {
            return self.segment(segment).map(Condition::Segment);
        }
        if let Some(product) = &text.bought {
            return self.compared(product).map(Condition::Bought);
        }
        if let Some(category) = &text.likes {
            return self.compared(category).map(Condition::Likes);
        }
        Some(Condition::May(match text.may.as_ref()?.get() {
            By::Email => Channel::Email,
            By::Sms => Channel::Sms,
        }))
    }

    fn conditions(&mut self, list: &At<Vec<At<ConditionText>>>, place: Where) -> Option<Vec<Condition>> {
        if list.get().is_empty() {
            self.wrong(list.place(), "expected at least one condition");
        }
        each(list.get(), |one| self.condition(one, place))
    }

    fn number(&mut self, fact: Number, text: &ConditionText, place: Range<usize>) -> Option<Condition> {
        if let Some(is) = &text.is {
            self.wrong(is.place(), "this fact is a number: expected at_least, at_most or both");
            return None;
        }
        if text.at_least.is_none() && text.at_most.is_none() {
            self.wrong(place, "a number needs at_least, at_most or both");
            return None;
        }
        let mut limit = |number: &Option<At<_>>| match number {
            Some(number) if fact.is_money() => self.amount(number).map(Some),
            Some(number) => self.whole(number).map(Some),
            None => Some(None),
        };
        let (least, most) = (limit(&text.at_least), limit(&text.at_most));
        let (at_least, at_most) = (least?, most?);
        if at_least.zip(at_most).is_some_and(|(least, most)| least > most) {
            self.wrong(place, "at_least is more than at_most: this is never true");
            return None;
        }
        let of_hundred = matches!(fact, Number::Unhappy | Number::Churn);
        if of_hundred && at_least.into_iter().chain(at_most).any(|limit| !(0..=100).contains(&limit)) {
            self.wrong(place, "expected limits from 0 to 100");
            return None;
        }
        Some(Condition::Number(journey::Range { fact, at_least, at_most }))
    }

    fn word(&mut self, fact: Word, text: &ConditionText, place: Range<usize>) -> Option<Condition> {
        let limits = [&text.at_least, &text.at_most];
        if let Some(limit) = limits.into_iter().flatten().next() {
            self.wrong(limit.place(), "this fact is a word: expected is = \"…\" or a list of them");
            return None;
        }
        let Some(is) = text.is.as_ref().filter(|is| !is.get().0.is_empty()) else {
            self.wrong(place, "a word needs is = \"…\" or a list of them");
            return None;
        };
        if fact == Word::Country {
            let country =
                |text: &String| text.parse::<Country>().map(|country| country.to_string().to_ascii_lowercase());
            return match is.get().0.iter().map(country).collect() {
                Ok(is) => Some(Condition::Word { fact, is }),
                Err(error) => {
                    self.wrong(is.place(), error.to_string());
                    None
                }
            };
        }
        let words: BTreeSet<String> = is.get().0.iter().map(|word| word.to_lowercase()).collect();
        let channels = [Channel::Email, Channel::Sms].map(Channel::as_str);
        if fact == Word::AnswersBy && words.iter().any(|word| !channels.contains(&word.as_str())) {
            self.wrong(is.place(), format!("they answer by one of {}", channels.join(", ")));
            return None;
        }
        Some(Condition::Word { fact, is: words })
    }

    fn past(&mut self, text: &ConditionText, place: Where) -> Option<Past> {
        let event = text.event.as_ref()?;
        let what = self.events(&text.events(), place != Where::Before);
        if *event.get() == Kind::PageViewed {
            self.wrong(event.place(), "looks at pages are not remembered: ask for days_since_seen or active_days");
            return None;
        }
        if let Some(since) = text.since_start.as_ref().filter(|since| *since.get() && place == Where::Before) {
            self.wrong(since.place(), "there is no run yet that could have begun: expected within");
            return None;
        }
        let at_least = match &text.at_least {
            Some(number) => {
                let often = self.whole(number)?;
                let often = u32::try_from(often).ok().filter(|often| (1..=200).contains(often));
                if often.is_none() {
                    self.wrong(number.place(), "expected how often it happened, 1 to 200");
                }
                often
            }
            None => Some(1),
        };
        let within = match &text.within {
            Some(span) => Some(self.span(span)?),
            None => None,
        };
        let since_start =
            text.since_start.as_ref().map_or(place == Where::End && within.is_none(), |since| *since.get());
        Some(Past { what: what?, within, since_start, at_least: at_least? })
    }

    /// The events that are meant. In a run they can be about the same as it.
    pub fn events(&mut self, of: &Events<'_>, in_run: bool) -> Option<Match> {
        let event = *of.event?.get();
        let about = about(event);
        let mut meant = Match::any(event);
        let mut right = true;
        let mut fits = |reader: &mut Self, word: &str, place: Option<Range<usize>>, fits: bool, with: &str| {
            if let Some(place) = place.filter(|_| !fits) {
                reader.wrong(place, format!("{word} does not go with {}: it goes with {with}", event.as_str()));
                right = false;
            }
        };
        let product = of.product.map(Place::place);
        fits(self, "product", product, about == About::Product, "product.viewed");
        let with = "campaign.shown, campaign.closed, campaign.answered, survey.answered and address.confirmed";
        fits(self, "campaign", of.campaign.map(Place::place), about == About::Campaign, with);
        fits(self, "offer", of.offer.map(Place::place), about == About::Offer, "code.issued and code.used");
        let with = "custom, frustrated, tag.added and tag.removed";
        fits(self, "name", of.name.map(Place::place), about == About::Name, with);
        let pieces = matches!(about, About::Product | About::Cart | About::Order);
        fits(self, "category", of.category.map(Place::place), pieces, "events about products, carts and orders");
        let amounts = matches!(event, Kind::CartChanged | Kind::OrderPlaced | Kind::OrderConfirmed | Kind::RefundMade);
        let with = "cart.changed, order.placed, order.confirmed and refund.made";
        fits(self, "amount_at_least", of.amount.map(Place::place), amounts, with);
        fits(
            self,
            "data",
            of.data.map(Place::place),
            matches!(event, Kind::Custom | Kind::SurveyAnswered),
            "custom and survey.answered",
        );
        if let (Some(name), Kind::Frustrated | Kind::Custom) = (of.name, event) {
            let is_sign = SIGNS.contains(&name.get().trim());
            if is_sign != (event == Kind::Frustrated) {
                let expected = match event {
                    Kind::Frustrated => format!("no sign of unhappiness is called so: expected {}", SIGNS.join(", ")),
                    _ => "this is a sign of unhappiness: expected event = \"frustrated\"".to_owned(),
                };
                self.wrong(name.place(), expected);
                return None;
            }
        }
        if !right {
            return None;
        }
        meant.subject = match (of.product.or(of.name), of.campaign, of.offer) {
            (Some(said), ..) => Some(self.compared(said)?),
            (_, Some(name), _) => {
                Some(self.pointer(name, "campaigns", |known, name| known.campaigns.contains(name))?.to_string())
            }
            (.., Some(name)) => {
                Some(self.pointer(name, "offers", |known, name| known.offers.contains(name))?.to_string())
            }
            _ => None,
        };
        meant.category = match of.category {
            Some(category) => Some(self.compared(category)?),
            None => None,
        };
        meant.amount = match of.amount {
            Some(amount) => Some(self.amount(amount)?),
            None => None,
        };
        meant.data = of.data.map(|data| data.get().0.clone()).unwrap_or_default();
        if let Some(same) = of.same.filter(|same| *same.get()) {
            if !in_run || self.about != Some(about) {
                let what = "same = true is for journeys with one run for each order or product, and events about one";
                self.wrong(same.place(), what);
                return None;
            }
            meant.same = true;
        }
        Some(meant)
    }
}
