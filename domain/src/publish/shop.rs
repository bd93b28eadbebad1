//! A shop's folder as a whole: every file read, every name that points to another looked up.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Deserialize;
use toml::Spanned;

use super::Problem;
use super::campaign::{self, View};
use super::files::Files;
use super::journey::{self, Known, Needs};
use super::{mail, offer, shelf, text};
use crate::address::Email;
use crate::campaign::Campaign;
use crate::campaign::view::Theme;
use crate::id::Slug;
use crate::journey::Journey;
use crate::money::Currency;
use crate::published::{DeviceConsent, Language, Mail, Sender, ShopConfig, TextMessage, Topic};
use crate::sending::Limits;
use crate::time::Span;
use crate::zone::Zone;

/// A shop's folder, read and checked.
pub struct Shop {
    pub config: ShopConfig,
    pub theme: Theme,
    pub consent: DeviceConsent,
    /// What campaigns look like, in their order, by language.
    pub views: BTreeMap<Language, Vec<View>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShopFile {
    name: Spanned<String>,
    url: Spanned<String>,
    languages: Spanned<Vec<Language>>,
    consent: DeviceConsent,
    sender: Spanned<SenderFile>,
    links: Links,
    theme: Theme,
    zone: Option<Spanned<String>>,
    currency: Option<Spanned<String>>,
    #[serde(default)]
    refusal_offered: bool,
    limits: Option<LimitsFile>,
    #[serde(default)]
    webhooks: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    topics: BTreeMap<Spanned<String>, TopicFile>,
    merchant: Option<Merchant>,
}

/// How the merchant is reached.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Merchant {
    alerts: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsFile {
    #[serde(default)]
    most: Vec<Spanned<String>>,
    #[serde(default)]
    shown: Vec<Spanned<String>>,
    selling: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TopicFile {
    title: Spanned<Said>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SenderFile {
    name: Said,
    address: String,
    reply_to: String,
    postal: Said,
}

/// Words that are the same in every language, or a table of them.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "expected a text, or one for each language")]
pub enum Said {
    /// The same in every language.
    Once(String),
    /// By language.
    Each(BTreeMap<Language, String>),
}

impl Said {
    /// What is said in a language.
    pub fn within(&self, language: &str) -> Option<&String> {
        match self {
            Self::Once(text) => Some(text),
            Self::Each(texts) => texts.get(language),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Links {
    privacy: Option<String>,
}

/// Reads the whole folder, or says everything that is wrong with it.
pub fn read(sources: &BTreeMap<String, String>) -> Result<Shop, Vec<Problem>> {
    let mut files = Files::new(sources);
    let shop = read_all(&mut files);
    match shop {
        Some(shop) if files.problems.is_empty() => Ok(shop),
        _ => Err(files.problems),
    }
}

fn read_all(files: &mut Files) -> Option<Shop> {
    const FILE: &str = "shop.toml";
    let shop: ShopFile = files.toml(FILE)?;
    check_shop(files, FILE, &shop);
    let senders = senders(files, FILE, &shop);
    let topics = topics(files, FILE, &shop);
    let zone = match &shop.zone {
        Some(text) => parsed(files, FILE, text).unwrap_or_else(Zone::utc),
        None => Zone::utc(),
    };
    let limits = shop.limits.as_ref().map_or_else(Limits::default, |said| limits(files, FILE, said));
    let shown = shop.limits.as_ref().map(|said| campaign::limits(files, FILE, &said.shown)).unwrap_or_default();
    let webhooks = webhooks(files, FILE, &shop);
    let alerts = shop.merchant.as_ref().and_then(|merchant| merchant.alerts.as_ref());
    let alerts: Option<Email> = alerts.and_then(|address| parsed(files, FILE, address));
    let languages = shop.languages.into_inner();

    let currency: Option<Currency> = shop.currency.as_ref().and_then(|text| parsed(files, FILE, text));

    let mails: BTreeMap<Slug, Mail> = files
        .folders("mails", "mail.toml")
        .into_iter()
        .filter_map(|(name, folder)| Some((name, mail::read(files, &folder, &languages, &topics)?)))
        .collect();
    let texts: BTreeMap<Slug, TextMessage> = files
        .names("texts")
        .into_iter()
        .filter_map(|(name, path)| Some((name, text::read(files, &path, shop.name.get_ref(), &languages, &topics)?)))
        .collect();
    let offers = offer::read_all(files);
    let found = files.names("segments");
    let campaigns = files.names("campaigns");
    let known = Known {
        mails: mails.iter().map(|(name, mail)| (name.clone(), Needs::of(mail.needs_code, mail.shows))).collect(),
        texts: texts.iter().map(|(name, text)| (name.clone(), Needs::of(text.needs_code, text.shows))).collect(),
        offers: offers.iter().map(|offer| offer.name.clone()).collect(),
        segments: found.iter().map(|(name, _)| name.clone()).collect(),
        campaigns: campaigns.iter().map(|(name, _)| name.clone()).collect(),
        webhooks: webhooks.keys().cloned().collect(),
        currency,
        zone: zone.clone(),
    };
    let segments = journey::segments(files, &found, &known, &languages);
    let found = files.names("journeys");
    let read = |(name, path): &(Slug, String)| journey::journey(files, name.clone(), path, &known);
    let journeys: Vec<Journey> = found.iter().filter_map(read).collect();
    journey::check_tags(files, &journeys, &found);

    let shelves = shelf::read(files, &languages, currency);
    let mut config = ShopConfig {
        name: shop.name.into_inner(),
        url: shop.url.into_inner(),
        languages,
        privacy: shop.links.privacy,
        senders,
        accent: (shop.theme.accent.clone(), shop.theme.accent_ink.clone()),
        campaigns: Vec::new(),
        wordings: BTreeMap::new(),
        offers,
        journeys,
        segments,
        mails,
        texts,
        currency,
        topics,
        zone: zone.to_string(),
        refusal_offered: shop.refusal_offered,
        webhooks,
        limits,
        shown,
        alerts: alerts.map(String::from),
        shelves,
    };
    let mut views: BTreeMap<Language, Vec<View>> = config.languages.iter().map(|l| (l.clone(), Vec::new())).collect();
    let mut read: Vec<(Campaign, BTreeMap<Language, View>)> =
        campaigns.iter().filter_map(|(name, path)| campaign::read(files, &config, name, path)).collect();
    read.sort_by_key(|(campaign, _)| core::cmp::Reverse(campaign.priority));
    for (campaign, seen) in read {
        let asks = seen.iter().filter_map(|(language, view)| match view {
            View::Form(form) => Some((language.clone(), form.asks.clone())),
            View::Survey(_) => None,
        });
        config.wordings.insert(campaign.name.clone(), asks.collect());
        config.campaigns.push(campaign);
        for (language, view) in seen {
            views.entry(language).or_default().push(view);
        }
    }
    mail::check(files, &config);
    Some(Shop { config, theme: shop.theme, consent: shop.consent, views })
}

fn check_shop(files: &mut Files, file: &str, shop: &ShopFile) {
    if shop.name.get_ref().trim().is_empty() {
        files.wrong_at(file, shop.name.span(), "the shop needs a name");
    }
    if crate::page::clean_url(shop.url.get_ref()).is_none() {
        files.wrong_at(file, shop.url.span(), "expected the address of the shop's home page, https://…");
    }
    let plain = |language: &String| {
        (2..=12).contains(&language.len())
            && language.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if shop.languages.get_ref().is_empty() || !shop.languages.get_ref().iter().all(plain) {
        files.wrong_at(
            file,
            shop.languages.span(),
            "expected at least one language tag in lower case, such as \"en\" or \"pt-br\"",
        );
    }
    let sender = shop.sender.get_ref();
    for (field, address) in [("address", &sender.address), ("reply_to", &sender.reply_to)] {
        if address.parse::<Email>().is_err() {
            files.wrong_at(file, shop.sender.span(), format!("sender.{field}: expected an e-mail address"));
        }
    }
}

/// Who writes, in every language of the shop.
fn senders(files: &mut Files, file: &str, shop: &ShopFile) -> BTreeMap<Language, Sender> {
    let said = shop.sender.get_ref();
    let mut senders = BTreeMap::new();
    for language in shop.languages.get_ref() {
        let mut need = |field: &str, text: &Said, why: &str| {
            let text = text.within(language).filter(|text| !text.trim().is_empty()).cloned();
            if text.is_none() {
                files.wrong_at(file, shop.sender.span(), format!("sender.{field} is missing for {language:?}: {why}"));
            }
            text.unwrap_or_default()
        };
        let sender = Sender {
            name: need("name", &said.name, "a person writes, with a name"),
            postal: need("postal", &said.postal, "the law asks for a postal address in every marketing mail"),
            address: said.address.clone(),
            reply_to: said.reply_to.clone(),
        };
        senders.insert(language.clone(), sender);
    }
    senders
}

/// Where the shop's server listens to journeys.
fn webhooks(files: &mut Files, file: &str, shop: &ShopFile) -> BTreeMap<Slug, String> {
    let mut webhooks = BTreeMap::new();
    for (name, url) in &shop.webhooks {
        let said = url.get_ref();
        // Nothing of a shopper's travels in the clear, but on the developer's own machine.
        let safe = said.starts_with("https://") || said.starts_with("http://localhost");
        if !safe || crate::page::clean_url(said).is_none() {
            files.wrong_at(file, url.span(), "expected the address of the shop's server, https://…");
        } else if let Some(name) = parsed(files, file, name) {
            webhooks.insert(name, said.clone());
        }
    }
    webhooks
}

/// How often one shopper hears from the shop, across all journeys.
fn limits(files: &mut Files, file: &str, said: &LimitsFile) -> Limits {
    let mut read = |text, unit, most, example| limit(files, file, text, unit, most, example);
    let most = said.most.iter().filter_map(|text| read(text, "", 1_000, "2 in 7 days")).collect();
    let selling = said.selling.as_ref().and_then(|text| read(text, "%", 100, "50 % in 60 days"));
    let selling = selling.map(|(percent, span)| (u8::try_from(percent).unwrap_or(100), span));
    Limits { most, selling }
}

/// A limit such as "2 in 7 days": how much, in a unit and no more than `most`, within how long.
pub(super) fn limit(
    files: &mut Files,
    file: &str,
    text: &Spanned<String>,
    unit: &str,
    most: u16,
    example: &str,
) -> Option<(u16, Span)> {
    let within = text.get_ref().split_once(" in ").and_then(|(number, span)| {
        let number = number.trim().strip_suffix(unit).unwrap_or(number).trim().parse::<u16>().ok()?;
        (1..=most).contains(&number).then_some((number, span.trim().parse().ok()?))
    });
    if within.is_none() {
        files.wrong_at(file, text.span(), format!("expected such as {example:?}, at most {most}{unit}"));
    }
    within
}

/// What mails can be about, in the order of the file, with a title in every language of the shop.
fn topics(files: &mut Files, file: &str, shop: &ShopFile) -> Vec<Topic> {
    let mut said: Vec<_> = shop.topics.iter().collect();
    said.sort_by_key(|(name, _)| name.span().start);
    let mut topics = Vec::new();
    for (name, topic) in said {
        let Some(slug) = parsed(files, file, name) else { continue };
        let mut title = BTreeMap::new();
        for language in shop.languages.get_ref() {
            match topic.title.get_ref().within(language).filter(|text| !text.trim().is_empty()) {
                Some(text) => drop(title.insert(language.clone(), text.clone())),
                None => files.wrong_at(file, topic.title.span(), format!("title is missing for {language:?}")),
            }
        }
        topics.push(Topic { name: slug, title });
    }
    topics
}

/// One of several words, each with its meaning.
pub(super) fn word<T: Copy>(files: &mut Files, file: &str, text: &Spanned<String>, words: &[(&str, T)]) -> Option<T> {
    let found = words.iter().find(|(word, _)| word == text.get_ref()).map(|(_, meaning)| *meaning);
    if found.is_none() {
        let expected = words.iter().map(|(word, _)| format!("{word:?}")).collect::<Vec<_>>().join(" or ");
        files.wrong_at(file, text.span(), format!("{:?} is not known here; expected {expected}", text.get_ref()));
    }
    found
}

pub(super) fn parsed<T: FromStr<Err: std::fmt::Display>>(
    files: &mut Files,
    file: &str,
    text: &Spanned<String>,
) -> Option<T> {
    text.get_ref().parse().map_err(|error| files.wrong_at(file, text.span(), format!("{error}"))).ok()
}

/// A name that points to another file, which has to be there.
pub(super) fn pointer(
    files: &mut Files,
    file: &str,
    text: &Spanned<String>,
    folder: &str,
    exists: &dyn Fn(&Slug) -> bool,
) -> Option<Slug> {
    let slug: Slug = parsed(files, file, text)?;
    if exists(&slug) {
        return Some(slug);
    }
    files.wrong_at(file, text.span(), format!("there is no {slug} in {folder}/"));
    None
}
