//! What holds for all shelves: `shelves.toml`.

use std::collections::BTreeMap;

use super::FILE;
use super::reader::Reader;
use super::written::{CatalogueText, MarketText, ShelvesFile};
use crate::id::Slug;
use crate::law::Country;
use crate::money::{Currency, Money};
use crate::page::clean_url;
use crate::publish::files::Files;
use crate::publish::journey::form::{At, Place};
use crate::publish::journey::values::Duration;
use crate::published::Language;
use crate::shelf::market::{DEFAULT, Market};
use crate::shelf::rule::Badge;
use crate::shelf::settings::{Feed, FeedKind, Reasons, Shelves, Sources, Words};
use crate::time::Span;

/// Markets of a shop, at most: each has files of its own.
const MOST_MARKETS: usize = 32;
/// Feeds, at most.
const MOST_FEEDS: usize = 32;
/// Badges, at most: a bit of a byte each.
const MOST_BADGES: usize = 8;
/// How often a feed is read, at most, unless it says otherwise, and at least.
const EVERY: [Span; 3] = [Span::minutes(5), Span::hours(1), Span::days(7)];

/// Reads it; with it, what is said below products.
pub fn read(
    files: &mut Files,
    text: &ShelvesFile,
    languages: &[Language],
    currency: Option<Currency>,
) -> (Shelves, BTreeMap<Language, Reasons>) {
    let mut reader = Reader { files, path: FILE, languages, markets: &[] };
    let markets = reader.all_markets(text, currency);
    let names: Vec<Slug> = markets.iter().map(|market| market.name.clone()).collect();
    let mut reader = Reader { files, path: FILE, languages, markets: &names };
    let (mut words, mut reasons) = (BTreeMap::new(), BTreeMap::new());
    for language in languages {
        let Some(own) = text.text.get().get(language) else {
            reader.wrong(text.text.place(), format!("[text.{language}] is missing"));
            continue;
        };
        let own = own.get();
        let mut word = |text: &At<String>| {
            if text.get().trim().is_empty() {
                reader.wrong(text.place(), "expected a text that is not empty");
            }
            text.get().clone()
        };
        let said = Words {
            dismiss: word(&own.dismiss),
            dismissed: word(&own.dismissed),
            was: word(&own.was),
            forth: word(&own.forth),
            back: word(&own.back),
        };
        words.insert(language.clone(), said);
        reasons.insert(language.clone(), reader.reasons(&own.reasons, &Reasons::default()));
    }
    if let Some(over) = text.badge.get(MOST_BADGES) {
        reader.wrong(over.place(), format!("expected at most {MOST_BADGES} badges"));
    }
    let badge = |badge: &At<super::written::BadgeText>| Badge {
        text: reader.said(&badge.get().text),
        market: reader.market(badge.get().market.as_ref()),
        on: reader.products(&badge.get().on),
    };
    let badges = text.badge.iter().take(MOST_BADGES).map(badge).collect();
    let rules = text.rule.iter().filter_map(|rule| reader.rule(rule, None)).collect();
    let catalogue = reader.catalogue(&text.catalogue);
    (Shelves { shelves: Vec::new(), markets, words, badges, rules, catalogue }, reasons)
}

impl Reader<'_, '_> {
    /// The one for everybody else first, the others as they stand in the file.
    fn all_markets(&mut self, text: &ShelvesFile, currency: Option<Currency>) -> Vec<Market> {
        let mut said: Vec<_> = text.markets.iter().collect();
        said.sort_by_key(|(name, _)| (name.get_ref() != DEFAULT, name.span().start));
        if let Some((name, _)) = said.get(MOST_MARKETS) {
            self.wrong(name.span(), format!("expected at most {MOST_MARKETS} markets"));
        }
        let mut markets: Vec<Market> = Vec::new();
        if said.first().is_none_or(|(name, _)| name.get_ref() != DEFAULT) {
            markets.extend(DEFAULT.parse().ok().map(|name| Market::for_everybody(name, currency)));
        }
        for (name, text) in said {
            match name.get_ref().parse() {
                Ok(slug) => markets.push(self.one_market(slug, text, currency)),
                Err(error) => self.wrong(name.span(), format!("{error}")),
            }
        }
        markets
    }

    fn one_market(&mut self, name: Slug, text: &MarketText, currency: Option<Currency>) -> Market {
        let own = text.currency.as_ref().and_then(|code| self.parsed::<Currency>(code));
        let mut market = Market::for_everybody(name, own.or(currency));
        for country in &text.countries {
            if self.parsed::<Country>(country).is_some() {
                market.countries.push(country.get().to_ascii_lowercase());
            }
        }
        for language in &text.languages {
            if !self.languages.contains(language.get()) {
                let message = format!("{:?} is not among the languages of shop.toml", language.get());
                self.wrong(language.place(), message);
            }
            market.languages.push(language.get().clone());
        }
        if let Some(path) = &text.path {
            let own = path.get().trim_end_matches('/');
            if !own.starts_with('/') || own.contains(['?', '#', ' ']) {
                self.wrong(path.place(), "expected what the addresses of its pages begin with, such as \"/de\"");
            }
            own.clone_into(&mut market.path);
        }
        if let Some(amount) = &text.free_delivery {
            let Some(currency) = own.or(currency) else {
                self.wrong(amount.place(), "an amount of money needs currency = \"EUR\", or another one");
                return market;
            };
            let minor = Money::exact(&amount.get().0, currency).ok().and_then(|money| u32::try_from(money.minor).ok());
            market.free_delivery = minor.filter(|minor| *minor > 0);
            if market.free_delivery.is_none() {
                self.wrong(amount.place(), format!("expected an amount of {currency} above 0"));
            }
        }
        market
    }

    fn catalogue(&mut self, text: &CatalogueText) -> Sources {
        let mut sources = Sources::default();
        sources.witnesses = self.within(text.witnesses.as_ref(), 1..=20, sources.witnesses);
        for host in &text.image_hosts {
            let is_host = clean_url(&format!("https://{}/", host.get())).is_some()
                && host.get().bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':'));
            if !is_host {
                self.wrong(host.place(), "expected a host such as \"cdn.example.org\"");
            }
            sources.image_hosts.push(host.get().to_ascii_lowercase());
        }
        if let Some(over) = text.feed.get(MOST_FEEDS) {
            self.wrong(over.place(), format!("expected at most {MOST_FEEDS} feeds"));
        }
        for feed in text.feed.iter().map(At::get) {
            let url = feed.url.get();
            let safe = url.starts_with("https://") || url.starts_with("http://localhost");
            if !safe || clean_url(url).is_none() {
                self.wrong(feed.url.place(), "expected the address of a feed, https://…");
            }
            let known = FeedKind::NAMES.iter().find(|kind| kind.0 == feed.kind.get()).map(|kind| kind.1);
            if known.is_none() {
                let kinds: Vec<String> = FeedKind::NAMES.iter().map(|kind| format!("{:?}", kind.0)).collect();
                self.wrong(feed.kind.place(), format!("expected {}", kinds.join(" or ")));
            }
            let [most_often, usual, least_often] = EVERY;
            let every = feed.every.as_ref().and_then(|every| Some((every, self.read(every)?)));
            let every = every.map_or(usual, |(text, Duration(span))| {
                if !(most_often..=least_often).contains(&span) {
                    self.wrong(text.place(), format!("expected a span from {most_often} to {least_often}"));
                }
                span
            });
            let market = self.market(feed.market.as_ref()).or_else(|| DEFAULT.parse().ok());
            if let (Some(kind), Some(market)) = (known, market) {
                sources.feeds.push(Feed { url: url.clone(), kind, market, every });
            }
        }
        sources
    }
}

impl Market {
    fn for_everybody(name: Slug, currency: Option<Currency>) -> Self {
        Self {
            name,
            countries: Vec::new(),
            languages: Vec::new(),
            path: String::new(),
            currency: currency.map(String::from).unwrap_or_default(),
            digits: currency.map_or(2, |currency| u8::try_from(currency.exponent()).unwrap_or(2)),
            free_delivery: None,
        }
    }
}
