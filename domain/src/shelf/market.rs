//! Markets: to whom the shop shows which words and prices.

use serde::{Deserialize, Serialize};

use crate::id::Slug;

/// The name of the market for those whom no other is for.
pub const DEFAULT: &str = "default";

/// A market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Market {
    /// Its name; [`DEFAULT`] for that of everybody else.
    pub name: Slug,
    /// ISO 3166, in lower case.
    pub countries: Vec<String>,
    /// Languages, as the shop names them.
    pub languages: Vec<String>,
    /// What its pages begin with: `/de`; empty if that says nothing.
    pub path: String,
    /// ISO 4217, of its prices; empty if the shop names none.
    pub currency: String,
    /// Digits after the point in that currency.
    pub digits: u8,
    /// From which amount on delivery is free, in minor units.
    pub free_delivery: Option<u32>,
}

/// The market of a page: the one that it names or whose country it names (`wanted`), else the one whose pages begin
/// so, else the one of its language that has no pages of its own, else the one for everybody else. None if the shop
/// has no markets.
pub fn market_of<'a>(markets: &'a [Market], wanted: Option<&str>, path: &str, language: &str) -> Option<&'a Market> {
    let wanted = wanted.map(str::to_ascii_lowercase).unwrap_or_default();
    let language = language.to_ascii_lowercase();
    let base = language.split('-').next().unwrap_or_default();
    let named = || markets.iter().find(|market| market.name.as_str() == wanted);
    let country = || markets.iter().find(|market| market.countries.contains(&wanted));
    let pages = || {
        let here = markets.iter().filter(|market| begins(path, &market.path));
        here.max_by_key(|market| market.path.len())
    };
    let speaks = |language: &str| {
        let here = |market: &&Market| market.path.is_empty() && market.languages.iter().any(|own| own == language);
        markets.iter().find(here)
    };
    named().or_else(country).or_else(pages).or_else(|| speaks(&language)).or_else(|| speaks(base)).or(markets.first())
}

fn begins(path: &str, with: &str) -> bool {
    let rest = path.strip_prefix(with.trim_end_matches('/')).filter(|_| !with.is_empty());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn markets() -> Vec<Market> {
        let market = |name: &str, country: &str, language: &str, path: &str| Market {
            name: name.parse().unwrap(),
            countries: vec![country.into()],
            languages: vec![language.into()],
            path: path.into(),
            currency: "EUR".into(),
            digits: 2,
            free_delivery: None,
        };
        vec![
            market(DEFAULT, "gb", "en", ""),
            market("gulf", "ae", "ar", ""),
            market("germany", "de", "de", "/de"),
            market("austria", "at", "de", "/de/at"),
        ]
    }

    #[track_caller]
    fn is(wanted: Option<&str>, path: &str, language: &str, expected: &str) {
        let markets = markets();
        assert_eq!(market_of(&markets, wanted, path, language).map(|market| market.name.as_str()), Some(expected));
    }

    #[test]
    fn a_page_s_market_is_the_one_it_names_or_begins_with_or_speaks() {
        is(Some("germany"), "/", "en", "germany");
        is(Some("AE"), "/de/hat", "en", "gulf");
        is(Some("mars"), "/de/hat", "en", "germany");
        is(None, "/de/at/hat", "en", "austria");
        is(None, "/de", "en", "germany");
        is(None, "/delivery", "ar-EG", "gulf");
        is(None, "/delivery", "de", DEFAULT);
        is(None, "/", "fr", DEFAULT);
        assert_eq!(market_of(&[], None, "/", "en"), None);
    }
}
