//! One product of all that is said of it.

use std::collections::BTreeMap;

use super::{Face, Product, Said, Source};
use crate::id::Slug;
use crate::money::Money;

/// The name of the market for those whom no other is for.
pub const DEFAULT_MARKET: &str = "default";

/// Something that was said, by whom and about which market. What it says has been checked
/// ([`super::Bounds::check`]), and a page's word has its witnesses.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// Who says it.
    pub source: Source,
    /// For which market; what was said for [`DEFAULT_MARKET`] also describes what other markets say too little of.
    pub market: &'a Slug,
    /// What.
    pub said: &'a Said,
}

/// Puts together what is said of a product and of its variants: `told` are the statements whose [`Said::product`] it is,
/// and those that name it although another one of the same source says that it is a variant. Field by field the most
/// trusted source counts; of two statements of one source the first. Amounts are never taken from another market.
///
/// Nothing comes of it as long as no market has a name and a page for it.
pub fn fold(id: &str, told: &[Told]) -> Option<Product> {
    let telling = Telling::of(id, told);
    let mut faces = BTreeMap::new();
    let mut costs = Vec::new();
    let mut markets: Vec<&Slug> = told.iter().map(|told| told.market).collect();
    markets.sort_unstable_by_key(|market| (market.as_str() != DEFAULT_MARKET, *market));
    markets.dedup();
    for market in &markets {
        if let Some((face, cost)) = telling.face(market) {
            faces.insert((*market).clone(), face);
            costs.extend(cost);
        }
    }
    if faces.is_empty() {
        return None;
    }
    Some(Product {
        id: id.to_owned(),
        variants: telling.names(),
        brand: telling.find(&markets, |said| said.brand.clone()),
        description: telling.find(&markets, |said| said.description.clone()),
        attributes: telling.attributes(&markets),
        cost: costs.into_iter().next(),
        faces,
    })
}

/// The attribute under which something has another name that carts and orders may use.
const SKU: &str = "sku";

/// A statement about the product itself, or about one variant.
struct Line<'a> {
    source: Source,
    market: &'a Slug,
    variant: Option<&'a str>,
    said: &'a Said,
}

/// All statements, the most trusted first.
struct Telling<'a> {
    id: &'a str,
    lines: Vec<Line<'a>>,
    /// The variants whose prices and stock count.
    offered: Vec<&'a str>,
}

impl<'a> Telling<'a> {
    fn of(id: &'a str, told: &[Told<'a>]) -> Self {
        let mut lines = Vec::new();
        for &Told { source, market, said } in told {
            let variant = (said.id != id).then_some(said.id.as_str());
            lines.push(Line { source, market, variant, said });
            for said in &said.variants {
                lines.push(Line { source, market, variant: Some(&said.id), said });
            }
        }
        lines.sort_by_key(|line| core::cmp::Reverse(line.source));
        // Pages lag behind: where a feed or the server names variants, those are all there are.
        let listed = lines.iter().any(|line| line.variant.is_some() && line.source > Source::Page);
        let mut offered = Vec::new();
        for line in lines.iter().filter(|line| !listed || line.source > Source::Page) {
            if let Some(variant) = line.variant.filter(|variant| !offered.contains(variant)) {
                offered.push(variant);
            }
        }
        Self { id, lines, offered }
    }

    /// The first answer, by trust: of the product itself, else of its variants.
    fn ask<T>(&self, market: &Slug, answer: impl Fn(&[&'a Said], bool) -> Option<T>) -> Option<T> {
        for source in [Source::Api, Source::Feed, Source::Page] {
            let of = |own: bool| -> Vec<&'a Said> {
                let fits =
                    |line: &&Line<'a>| line.source == source && line.market == market && line.variant.is_none() == own;
                self.lines.iter().filter(fits).map(|line| line.said).collect()
            };
            if let Some(found) = answer(&of(true), true).or_else(|| answer(&of(false), false)) {
                return Some(found);
            }
        }
        None
    }

    /// A field, in the first of these markets where something says it.
    fn find<T>(&self, markets: &[&Slug], field: impl Fn(&Said) -> Option<T>) -> Option<T> {
        markets.iter().find_map(|market| self.ask(market, |said, _| said.iter().find_map(|said| field(said))))
    }

    /// Where to look for what this market does not say of a product: in the shop's own.
    fn markets(&self, market: &'a Slug) -> Vec<&'a Slug> {
        let own = self.lines.iter().map(|line| line.market).find(|market| market.as_str() == DEFAULT_MARKET);
        core::iter::once(market).chain(own.filter(|own| *own != market)).collect()
    }

    fn face(&self, market: &'a Slug) -> Option<(Face, Option<Money>)> {
        let markets = self.markets(market);
        let ask = |answer: &dyn Fn(&[&'a Said], bool) -> Option<String>| {
            markets.iter().find_map(|market| self.ask(market, answer))
        };
        let list = |said: &[&'a Said], field: fn(&Said) -> Option<&String>| -> Vec<&'a str> {
            said.iter().filter_map(|said| field(said)).map(String::as_str).collect()
        };
        let title = ask(&|said, own| {
            let titles = list(said, |said| said.title.as_ref());
            if own { titles.first().map(|title| (*title).to_owned()) } else { common_words(&titles) }
        })?;
        let url = ask(&|said, own| {
            let urls = list(said, |said| said.url.as_ref());
            if own { urls.first().map(|url| (*url).to_owned()) } else { common_address(&urls) }
        })?;
        let categories = markets.iter().find_map(|market| {
            self.ask(market, |said, _| said.iter().map(|said| &said.categories).find(|list| !list.is_empty()).cloned())
        });
        let offer = self.offer(market, &markets);
        let face = Face {
            title,
            url,
            image: self.find(&markets, |said| said.image.clone()),
            price: offer.price,
            was: offer.was,
            in_stock: offer.in_stock,
            categories: categories.unwrap_or_default(),
        };
        Some((face, offer.cost))
    }

    /// What is said of one variant, or of the product as a whole where it has none.
    fn say<T>(&self, market: &Slug, variant: Option<&str>, field: impl Fn(&Said) -> Option<T>) -> Option<T> {
        for source in [Source::Api, Source::Feed, Source::Page] {
            for of in [variant, None] {
                let fits = |line: &&Line| line.source == source && line.market == market && line.variant == of;
                if let Some(found) = self.lines.iter().filter(fits).find_map(|line| field(line.said)) {
                    return Some(found);
                }
            }
        }
        None
    }

    /// The offer that a shopper is shown: the lowest price of those that can be bought.
    fn offer(&self, market: &Slug, markets: &[&Slug]) -> Offer {
        let of = |variant: Option<&str>| {
            // What it cost before is asked of whoever says what it costs.
            let priced = self.say(market, variant, |said| {
                Some((amount(said, said.price.as_deref())?, amount(said, said.was.as_deref())))
            });
            let (price, was) = (priced.map(|(price, _)| price), priced.and_then(|(_, was)| was));
            Offer {
                price,
                was: was.filter(|was| price.is_some_and(|price| was.minor > price.minor)),
                cost: self.say(market, variant, |said| amount(said, said.cost.as_deref())),
                in_stock: markets
                    .iter()
                    .find_map(|market| self.say(market, variant, |said| said.in_stock))
                    .unwrap_or(true),
            }
        };
        let mut offers: Vec<Offer> = self.offered.iter().map(|variant| of(Some(variant))).collect();
        if offers.is_empty() {
            offers.push(of(None));
        }
        let in_stock = offers.iter().any(|offer| offer.in_stock);
        offers.retain(|offer| offer.in_stock || !in_stock);
        // Amounts in another currency than the first cannot be compared with it.
        let currency = offers.iter().find_map(|offer| offer.price).map(|price| price.currency);
        let priced = offers.iter().filter(|offer| offer.price.is_some_and(|price| Some(price.currency) == currency));
        let lowest = priced.min_by_key(|offer| offer.price.map(|price| price.minor)).copied();
        lowest.or(offers.first().copied()).unwrap_or(Offer { price: None, was: None, cost: None, in_stock })
    }

    /// Other ids under which carts and orders may name it.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<&str> = Vec::new();
        for line in &self.lines {
            for name in line.variant.into_iter().chain(line.said.attributes.get(SKU).map(String::as_str)) {
                if name != self.id && !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names.into_iter().map(str::to_owned).collect()
    }

    fn attributes(&self, markets: &[&Slug]) -> BTreeMap<String, String> {
        let names = self.lines.iter().flat_map(|line| line.said.attributes.keys()).filter(|name| *name != SKU);
        let value = |name: &str| {
            let all = |said: &[&Said], _| {
                let mut values: Vec<&str> = Vec::new();
                for value in said.iter().filter_map(|said| said.attributes.get(name)) {
                    if !values.contains(&value.as_str()) {
                        values.push(value);
                    }
                }
                (!values.is_empty()).then(|| crate::event::cut(&values.join(" / "), 200))
            };
            markets.iter().find_map(|market| self.ask(market, all))
        };
        names.filter_map(|name| Some((name.clone(), value(name)?))).collect()
    }
}

#[derive(Clone, Copy)]
struct Offer {
    price: Option<Money>,
    was: Option<Money>,
    cost: Option<Money>,
    in_stock: bool,
}

fn amount(said: &Said, decimal: Option<&str>) -> Option<Money> {
    Money::rounded(decimal?, said.currency.as_deref()?.parse().ok()?).ok()
}

/// What the names of all variants begin with; the first where they have no word in common.
fn common_words(titles: &[&str]) -> Option<String> {
    let (first, others) = titles.split_first()?;
    let mut common: Vec<&str> = first.split(' ').collect();
    for other in others {
        let shared = common.iter().zip(other.split(' ')).take_while(|(a, b)| **a == *b).count();
        common.truncate(shared);
    }
    let common = common.join(" ");
    let common =
        common.trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, ')' | ']' | '"' | '!' | '?' | '%'));
    Some(if common.is_empty() { (*first).to_owned() } else { common.to_owned() })
}

/// The address of all variants without what tells them apart in the query; the first where they have pages of their own.
fn common_address(urls: &[&str]) -> Option<String> {
    let (first, others) = urls.split_first()?;
    let (page, query) = first.split_once('?').unwrap_or((first, ""));
    let mut kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
    for other in others {
        let (its, query) = other.split_once('?').unwrap_or((other, ""));
        if its != page {
            return Some((*first).to_owned());
        }
        kept.retain(|pair| query.split('&').any(|other| other == *pair));
    }
    Some(if kept.is_empty() { page.to_owned() } else { format!("{page}?{}", kept.join("&")) })
}
