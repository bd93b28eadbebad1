//! One product of all that is said of it.

use std::collections::{BTreeMap, BTreeSet};

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
/// trusted source counts; of two statements of one source the first. Amounts are never taken from another market; whether
/// something can be bought is, where a source that is trusted more says so there.
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
pub(super) const SKU: &str = "sku";
/// The most values of one attribute that are told of.
const MOST_VALUES: usize = 20;

/// A statement about the product itself, or about one variant.
#[derive(Clone, Copy)]
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
    /// Those about each variant, and about the product itself under nothing: a feed may have thousands in one group.
    about: BTreeMap<Option<&'a str>, Vec<Line<'a>>>,
    /// The variants whose prices and stock count.
    offered: BTreeSet<&'a str>,
}

const BY_TRUST: [Source; 3] = [Source::Api, Source::Feed, Source::Page];

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
        let mut about: BTreeMap<_, Vec<Line>> = BTreeMap::new();
        for line in &lines {
            about.entry(line.variant).or_default().push(*line);
        }
        // Pages lag behind: where a feed or the server names variants, those are all there are.
        let listed = lines.iter().any(|line| line.variant.is_some() && line.source > Source::Page);
        let counts = |line: &&Line| !listed || line.source > Source::Page;
        let offered = lines.iter().filter(counts).filter_map(|line| line.variant).collect();
        Self { id, lines, about, offered }
    }

    /// The first answer, by trust: of the product itself, else of its variants.
    fn ask<T>(&self, market: &Slug, answer: impl Fn(&[&'a Said], bool) -> Option<T>) -> Option<T> {
        BY_TRUST.into_iter().find_map(|source| {
            let of = |own: bool| -> Vec<&'a Said> {
                let fits =
                    |line: &&Line<'a>| line.source == source && line.market == market && line.variant.is_none() == own;
                self.lines.iter().filter(fits).map(|line| line.said).collect()
            };
            answer(&of(true), true).or_else(|| answer(&of(false), false))
        })
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

    /// What is said of one variant, or of the product as a whole where it has none, in the first of these markets: a source
    /// that is trusted more counts in any of them.
    fn say<T>(&self, markets: &[&Slug], variant: Option<&str>, field: impl Fn(&Said) -> Option<T>) -> Option<T> {
        let of = [variant, None].map(|of| self.about.get(&of).map_or(&[][..], Vec::as_slice));
        BY_TRUST.into_iter().find_map(|source| {
            markets.iter().find_map(|market| {
                let fits = |line: &&Line| line.source == source && line.market == *market;
                of.iter().find_map(|lines| lines.iter().filter(fits).find_map(|line| field(line.said)))
            })
        })
    }

    /// The offer that a shopper is shown: the lowest price of those that can be bought.
    fn offer(&self, market: &Slug, markets: &[&Slug]) -> Offer {
        let of = |variant: Option<&str>| {
            // What it cost before is asked of whoever says what it costs.
            let priced = self.say(&[market], variant, |said| {
                Some((amount(said, said.price.as_deref())?, amount(said, said.was.as_deref())))
            });
            let (price, was) = (priced.map(|(price, _)| price), priced.and_then(|(_, was)| was));
            Offer {
                price,
                was: was.filter(|was| price.is_some_and(|price| was.minor > price.minor)),
                cost: self.say(&[market], variant, |said| amount(said, said.cost.as_deref())),
                in_stock: self.say(markets, variant, |said| said.in_stock).unwrap_or(true),
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
        let mut known = BTreeSet::from([self.id]);
        let name = |line: &Line<'a>| [line.variant, line.said.attributes.get(SKU).map(String::as_str)];
        self.lines.iter().flat_map(name).flatten().filter(|name| known.insert(name)).map(str::to_owned).collect()
    }

    fn attributes(&self, markets: &[&Slug]) -> BTreeMap<String, String> {
        let names: BTreeSet<&String> = self.lines.iter().flat_map(|line| line.said.attributes.keys()).collect();
        let value = |name: &str| {
            let all = |said: &[&Said], _| {
                let mut values: Vec<&str> = Vec::new();
                for value in said.iter().filter_map(|said| said.attributes.get(name)) {
                    if values.len() < MOST_VALUES && !values.contains(&value.as_str()) {
                        values.push(value);
                    }
                }
                (!values.is_empty()).then(|| crate::event::cut(&values.join(" / "), 200))
            };
            markets.iter().find_map(|market| self.ask(market, all))
        };
        names.into_iter().filter(|name| *name != SKU).filter_map(|name| Some((name.clone(), value(name)?))).collect()
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
