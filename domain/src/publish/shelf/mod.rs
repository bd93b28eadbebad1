//! Shelves: `shelves.toml` and `shelves/NAME.toml`.

mod reader;
#[cfg(feature = "schema")]
pub mod schema;
mod shop;
#[cfg(test)]
mod tests;
mod values;
mod written;

use std::collections::BTreeMap;

use self::reader::Reader;
use self::written::{LeaveOut, ReasonsText, ShelfFile, ShelvesFile};
use super::files::Files;
use super::journey::form::{At, Place};
use super::journey::values::Percent;
use crate::id::Slug;
use crate::money::Currency;
use crate::published::Language;
use crate::shelf::Kind;
use crate::shelf::settings::{Only, Reasons, Shelf, ShelfBrain, ShelfSaid, ShelfText, ShelfView, Shelves};

/// What holds for all shelves.
const FILE: &str = "shelves.toml";
/// Products on a shelf, unless it says otherwise.
const SIZE: u8 = 8;
/// At most.
const MOST_SIZE: u8 = 24;
/// With fewer a shelf is not shown, unless it says otherwise.
const LEAST: u8 = 3;
/// The largest share of visitors who do not see a shelf, in thousandths.
const MOST_HELD: u32 = 500;
/// Rules of a shop, at most: all are asked for each product.
const MOST_RULES: usize = 500;

/// Reads all shelves of a shop.
pub fn read(files: &mut Files, languages: &[Language], currency: Option<Currency>) -> Shelves {
    let found = files.names("shelves");
    if found.is_empty() && files.text(FILE).is_none() {
        return Shelves::default();
    }
    let Some(text) = files.toml::<ShelvesFile>(FILE) else { return Shelves::default() };
    let (mut shelves, said) = shop::read(files, &text, languages, currency);
    let markets: Vec<Slug> = shelves.markets.iter().map(|market| market.name.clone()).collect();
    for (name, path) in found {
        let Some(text) = files.toml::<ShelfFile>(&path) else { continue };
        let mut reader = Reader { files, path: &path, languages, markets: &markets };
        shelves.rules.extend(text.rule.iter().filter_map(|rule| reader.rule(rule, Some(&name))));
        let shelf = reader.shelf(name, &text);
        let texts = reader.words(&text, &said);
        shelves.shelves.push(ShelfSaid { shelf, texts });
    }
    if shelves.rules.len() > MOST_RULES {
        files.wrong(
            FILE,
            format!("{} rules with those of all shelves; expected at most {MOST_RULES}", shelves.rules.len()),
        );
    }
    shelves
}

/// What the browser reads of a shop's shelves, in one language; nothing if it has none.
pub fn brain(shelves: &Shelves, version: &str, language: &str) -> Option<ShelfBrain> {
    if shelves.are_none() {
        return None;
    }
    let view = |said: &ShelfSaid| {
        let text = said.texts.get(language).cloned().unwrap_or_default();
        ShelfView { shelf: said.shelf.clone(), title: text.title, reasons: text.reasons }
    };
    Some(ShelfBrain {
        v: ShelfBrain::VERSION,
        version: version.to_owned(),
        shelves: shelves.shelves.iter().map(view).collect(),
        markets: shelves.markets.clone(),
        badges: shelves.badges.iter().map(|badge| badge.text.get(language).cloned().unwrap_or_default()).collect(),
        words: shelves.words.get(language).cloned().unwrap_or_default(),
    })
}

impl Reader<'_, '_> {
    fn shelf(&mut self, name: Slug, text: &ShelfFile) -> Shelf {
        let kind = *text.kind.get();
        let size = self.within(text.size.as_ref(), 1..=MOST_SIZE, SIZE);
        let leaves = |what: LeaveOut| match &text.leave_out {
            Some(list) => list.get().iter().any(|left| *left.get() == what),
            None => what == LeaveOut::Cart || !matches!(kind, Kind::ForYou | Kind::RecentlyViewed),
        };
        let holdout = text.holdout.as_ref().and_then(|share| {
            let Percent(thousandths) = self.read(share)?;
            if thousandths > MOST_HELD {
                self.wrong(share.place(), "expected at most 50 %: the others are to see it");
            }
            u16::try_from(thousandths).ok()
        });
        let sorts = text.diversity.as_ref().map(At::get);
        let mut most = |number: Option<&At<u8>>| number.map(|number| self.within(Some(number), 1..=MOST_SIZE, 1));
        let most_of_category = most(sorts.and_then(|sorts| sorts.category.as_ref()));
        let most_of_brand = most(sorts.and_then(|sorts| sorts.brand.as_ref()));
        Shelf {
            name,
            kind,
            size,
            least: self.within(text.least.as_ref(), 1..=size.max(1), LEAST.min(size)),
            without_owned: leaves(LeaveOut::Owned),
            without_cart: leaves(LeaveOut::Cart),
            only: self.only(text),
            most_of_category,
            most_of_brand,
            holdout: holdout.unwrap_or_default(),
        }
    }

    fn only(&mut self, text: &ShelfFile) -> Only {
        let Some(only) = text.only.as_ref().map(At::get) else { return Only::default() };
        Only {
            categories: only.category.as_ref().map(|list| list.get().0.clone()).unwrap_or_default(),
            same_category: only.same_category.as_ref().is_some_and(|same| *same.get()),
            prices: only.price.as_ref().map(|prices| self.prices(prices)).unwrap_or_default(),
        }
    }

    fn words(&mut self, text: &ShelfFile, said: &BTreeMap<Language, Reasons>) -> BTreeMap<Language, ShelfText> {
        let mut texts = BTreeMap::new();
        for language in self.languages {
            let Some(own) = text.text.get().get(language) else {
                self.wrong(text.text.place(), format!("[text.{language}] is missing"));
                continue;
            };
            let title = &own.get().title;
            if title.get().trim().is_empty() {
                self.wrong(title.place(), "expected what stands above the shelf");
            }
            let all = said.get(language).cloned().unwrap_or_default();
            let reasons = own.get().reasons.as_ref().map(At::get);
            let reasons = reasons.map_or_else(|| all.clone(), |reasons| self.reasons(reasons, &all));
            texts.insert(language.clone(), ShelfText { title: title.get().clone(), reasons });
        }
        texts
    }

    /// Reasons, where they are said, else those of all shelves.
    fn reasons(&mut self, text: &ReasonsText, all: &Reasons) -> Reasons {
        let mut one = |own: &Option<At<String>>, all: &String, known: &str| {
            let Some(own) = own else { return all.clone() };
            let mut rest = own.get().as_str();
            while let Some((_, behind)) = rest.split_once('{') {
                let (name, behind) = behind.split_once('}').unwrap_or((behind, ""));
                if name != known {
                    let knows = if known.is_empty() { "nothing".to_owned() } else { format!("{{{known}}}") };
                    self.wrong(own.place(), format!("{{{name}}} is not known here; expected {knows}"));
                }
                rest = behind;
            }
            own.get().clone()
        };
        Reasons {
            went_on_from: one(&text.went_on_from, &all.went_on_from, "title"),
            bought_with: one(&text.bought_with, &all.bought_with, "title"),
            like: one(&text.like, &all.like, "title"),
            seen_before: one(&text.seen_before, &all.seen_before, ""),
            bought_before: one(&text.bought_before, &all.bought_before, ""),
            trending: one(&text.trending, &all.trending, ""),
            free_delivery: one(&text.free_delivery, &all.free_delivery, "amount"),
            pinned: one(&text.pinned, &all.pinned, ""),
        }
    }
}
