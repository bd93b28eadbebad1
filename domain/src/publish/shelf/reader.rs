//! Reading one file of shelves: what it may name, and what is wrong in it.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::Range;
use std::str::FromStr;

use super::values::Between;
use super::written::{MatchText, RuleText};
use crate::id::Slug;
use crate::money::{Currency, Money};
use crate::publish::files::Files;
use crate::publish::journey::form::{At, Place, Read, sort};
use crate::publish::journey::values::{Decimal, Name, OneOf, Percent};
use crate::publish::shop::Said;
use crate::published::Language;
use crate::shelf::rule::{Margin, Match, Rule, RuleAct};
use crate::shelf::settings::Prices;

/// One file being read.
pub struct Reader<'f, 's> {
    pub files: &'f mut Files<'s>,
    pub path: &'f str,
    pub languages: &'f [Language],
    /// Names of the shop's markets.
    pub markets: &'f [Slug],
}

impl Reader<'_, '_> {
    /// Notes what is wrong at a place.
    pub fn wrong(&mut self, place: Range<usize>, message: impl Into<String>) {
        self.files.wrong_at(self.path, place, message);
    }

    /// What a text says.
    pub fn read<T: FromStr<Err: Display>>(&mut self, text: &Read<T>) -> Option<T> {
        self.parsed(&text.0)
    }

    /// What a text says.
    pub fn parsed<T: FromStr<Err: Display>>(&mut self, text: &At<String>) -> Option<T> {
        match text.get().parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(text.place(), format!("{error}, not {:?}", text.get()));
                None
            }
        }
    }

    /// A number within bounds.
    pub fn within(&mut self, number: Option<&At<u8>>, bounds: std::ops::RangeInclusive<u8>, otherwise: u8) -> u8 {
        let Some(number) = number else { return otherwise };
        if !bounds.contains(number.get()) {
            self.wrong(number.place(), format!("expected {} to {}", bounds.start(), bounds.end()));
        }
        *number.get()
    }

    /// A market's name, which has to be one of the shop's.
    pub fn market(&mut self, name: Option<&Read<Name>>) -> Option<Slug> {
        let text = name?;
        let Name(name) = self.read(text)?;
        if !self.markets.contains(&name) {
            self.wrong(text.place(), format!("there is no [markets.{name}] in shelves.toml"));
        }
        Some(name)
    }

    /// A text in every language of the shop.
    pub fn said(&mut self, text: &At<Said>) -> BTreeMap<Language, String> {
        let mut all = BTreeMap::new();
        for language in self.languages {
            match text.get().within(language).filter(|text| !text.trim().is_empty()) {
                Some(said) => drop(all.insert(language.clone(), said.clone())),
                None => self.wrong(text.place(), format!("text is missing for {language:?}")),
            }
        }
        all
    }

    /// Ranges of prices by currency.
    pub fn prices(&mut self, text: &At<BTreeMap<String, Read<Between>>>) -> Vec<Prices> {
        let mut all = Vec::new();
        for (code, range) in text.get() {
            let Ok(currency) = code.parse::<Currency>() else {
                self.wrong(
                    range.place(),
                    format!("expected prices by a currency of ISO 4217, such as EUR, not {code:?}"),
                );
                continue;
            };
            let Some(Between { from, to }) = self.read(range) else { continue };
            let amount =
                |text: &str| Money::exact(text, currency).ok().and_then(|money| u32::try_from(money.minor).ok());
            let from = from.map_or(Some(0), |text| amount(&text));
            let to = to.map_or(Some(u32::MAX), |text| amount(&text));
            match (from, to) {
                (Some(from), Some(to)) if from <= to => {
                    all.push(Prices { currency: currency.as_str().to_owned(), from, to });
                }
                _ => self.wrong(range.place(), format!("expected amounts of {currency}, the lower one first")),
            }
        }
        all
    }

    fn margin(&mut self, text: &Read<Between>) -> Option<Margin> {
        let Between { from, to } = self.read(text)?;
        let percent = |text: String| {
            let text = text.trim_end_matches('%').trim_end();
            i32::try_from(format!("{text} %").parse::<Percent>().ok()?.0).ok()
        };
        let from = from.map_or(Some(i32::MIN), percent);
        let to = to.map_or(Some(i32::MAX), percent);
        match (from, to) {
            (Some(from), Some(to)) if from <= to => Some(Margin { from, to }),
            _ => {
                self.wrong(text.place(), "expected percent of the price such as \"from 40 %\", the lower one first");
                None
            }
        }
    }

    /// Which products are meant.
    pub fn products(&mut self, at: &At<MatchText>) -> Match {
        let text = at.get();
        let list = |list: Option<&At<OneOf>>| list.map(|list| list.get().0.clone()).unwrap_or_default();
        let found = Match {
            ids: list(text.id.as_ref()),
            categories: list(text.category.as_ref()),
            brands: list(text.brand.as_ref()),
            prices: text.price.as_ref().map(|prices| self.prices(prices)).unwrap_or_default(),
            margin: text.margin.as_ref().and_then(|margin| self.margin(margin)),
            reduced: text.reduced.as_ref().is_some_and(|reduced| *reduced.get()),
            attributes: text.attribute.as_ref().map_or_else(BTreeMap::new, |attributes| {
                attributes.get().iter().map(|(name, values)| (name.clone(), values.0.clone())).collect()
            }),
        };
        if let Some(reduced) = text.reduced.as_ref().filter(|reduced| !*reduced.get()) {
            self.wrong(reduced.place(), "reduced is true, or left out");
        }
        let asks = text.margin.is_some() || text.reduced.is_some() || text.price.is_some() || found != Match::default();
        if !asks {
            self.wrong(
                at.place(),
                "expected at least one of id, category, brand, price, margin, reduced and attribute",
            );
        }
        found
    }

    /// What the merchant wants.
    pub fn rule(&mut self, at: &At<RuleText>, on: Option<&Slug>) -> Option<Rule> {
        let text = at.get();
        if let Err((place, message)) = sort(RuleText::SORTS, &text.given(), &at.place()) {
            self.wrong(place, message);
            return None;
        }
        let by = text.by.as_ref().map_or(Some(16), |by| self.sixteenths(by));
        let (act, with) = match (&text.pin, &text.boost, &text.bury, &text.exclude) {
            (Some(with), ..) => (RuleAct::Pin, with),
            (_, Some(with), ..) => (RuleAct::Lift(by?), with),
            (_, _, Some(with), _) => (RuleAct::Lift(-by?), with),
            (.., with) => (RuleAct::Exclude, with.as_ref()?),
        };
        Some(Rule {
            shelf: on.cloned(),
            market: self.market(text.market.as_ref()),
            beside: text.beside.as_ref().map(|beside| self.products(beside)),
            act,
            with: self.products(with),
            place: self.files.named(self.path, &at.place()),
        })
    }

    /// A factor as sixteenths of a doubling.
    fn sixteenths(&mut self, by: &At<Decimal>) -> Option<i8> {
        let factor = by.get().0.parse::<f64>().ok().filter(|by| *by > 1.0 && *by <= 200.0);
        if factor.is_none() {
            self.wrong(by.place(), "expected a number above 1 and at most 200");
        }
        #[expect(clippy::cast_possible_truncation, reason = "at most 122")]
        let sixteenths = |by: f64| (libm::round(libm::log2(by) * 16.0) as i8).max(1);
        factor.map(sixteenths)
    }
}
