//! Rules of the merchant's, as they stand in files: which products, beside which, in which market, and what becomes
//! of them. `judge` turns them into cards, bits and [`super::Ruled`] for one market.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::settings::Prices;
use crate::id::Slug;
use crate::published::Language;

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// On which shelf; on all if it is not named.
    pub shelf: Option<Slug>,
    /// In which market; in all if it is not named.
    pub market: Option<Slug>,
    /// Only beside products of this kind.
    pub beside: Option<Match>,
    /// What it does.
    pub act: RuleAct,
    /// With which products.
    pub with: Match,
    /// The file and the line on which it stands, for the why: `shelves/next.toml:12`.
    pub place: String,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleAct {
    /// Puts them at the beginning of a shelf, in the order in which their ids are named.
    Pin,
    /// Multiplies their scores: by 2 to the power of so many sixteenths, below 0 for less.
    Lift(i8),
    /// Leaves them out.
    Exclude,
}

/// A badge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Badge {
    /// What it says, in every language of the shop.
    pub text: BTreeMap<Language, String>,
    /// In which market; in all if it is not named.
    pub market: Option<Slug>,
    /// On which products.
    pub on: Match,
}

/// Products of which all of this is true. Where it says nothing, it is true of all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// One of these ids, of a product or of a variant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
    /// In one of these categories or below.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Made by one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub brands: Vec<String>,
    /// It costs so much; not true in markets of other currencies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<Prices>,
    /// What is left of its price once the shop has paid for it, in thousandths of the price; not true if either is
    /// not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<Margin>,
    /// It costs less than before.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub reduced: bool,
    /// It has one of these values, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Vec<String>>,
}

/// A range of margins in thousandths of the price, both ends included; below 0 the shop pays for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Margin {
    /// The lowest.
    pub from: i32,
    /// The highest.
    pub to: i32,
}

/// Whether a category's path is a wanted one or below it, however it is written.
pub fn is_below(path: &str, wanted: &str) -> bool {
    let mut parts = path.split('>').map(str::trim);
    let mut wanted = wanted.split('>').map(str::trim);
    wanted.all(|wanted| parts.next().is_some_and(|part| part.eq_ignore_ascii_case(wanted)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_holds_what_is_below_it() {
        assert!(is_below("Women > Dresses > Maxi", "women>dresses"));
        assert!(is_below("Women", "Women"));
        assert!(!is_below("Women", "Women > Dresses"));
        assert!(!is_below("Womenswear > Dresses", "Women"));
    }
}
