//! Mails: MJML and plain text with their words about them, checked by filling them in as they are sent.

use std::collections::BTreeMap;
use std::ops::Range;

use mrml::prelude::render::RenderOptions;
use serde::Deserialize;
use toml::Spanned;

use super::files::Files;
use super::sample::{a_code, coded, product, sample, showing};
use crate::consent::Channel;
use crate::id::Slug;
use crate::journey::{Act, Step};
use crate::message::basket::LETTER;
use crate::message::{Error, Variables, render, render_text, shows};
use crate::offer::Offer;
use crate::published::{Language, Mail, MailText, ShopConfig, Showcase, Shows, Topic};
use crate::sending::Kind;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MailFile {
    purpose: Kind,
    topic: Option<Spanned<String>>,
    sells: Option<bool>,
    shelf: Option<Spanned<String>>,
    products: Option<Spanned<u8>>,
    subject: BTreeMap<Language, String>,
    preview: BTreeMap<Language, String>,
}

/// Products in a mail, if it does not say how many.
const PRODUCTS: u8 = 3;
/// More would make a catalogue of a letter.
const MOST_PRODUCTS: u8 = 8;

/// Reads `mails/NAME/`.
pub fn read(files: &mut Files, folder: &str, languages: &[Language], topics: &[Topic]) -> Option<Mail> {
    let about = format!("{folder}/mail.toml");
    let mail: MailFile = files.toml(&about)?;
    let topic = mail.topic.and_then(|topic| topic_of(files, &about, &topic, topics));
    let shelf = showcase(files, &about, mail.shelf.as_ref(), mail.products.as_ref());
    let mut texts = BTreeMap::new();
    let (mut needs_code, mut named) = (false, Vec::new());
    for language in languages {
        let path = |ending: &str| format!("{folder}/{language}.{ending}");
        let (mjml, plain) = (path("mjml"), path("txt"));
        let mut need = |what: Option<String>, file: &str, message: String| {
            if what.is_none() {
                files.wrong(file, message);
            }
            what
        };
        let subject = need(mail.subject.get(language).cloned(), &about, format!("subject.{language} is missing"));
        let preview = need(mail.preview.get(language).cloned(), &about, format!("preview.{language} is missing"));
        let (Some(subject), Some(preview)) = (subject, preview) else { continue };
        let (Some(source), Some(text)) = (files.text(&mjml), files.text(&plain)) else {
            for file in [&mjml, &plain] {
                if files.text(file).is_none() {
                    files.wrong(file, "is missing: every mail has both parts in every language");
                }
            }
            continue;
        };
        let html = match html(source, &preview) {
            Ok(html) => html,
            Err(message) => {
                files.wrong(&mjml, message);
                continue;
            }
        };
        let words = MailText { subject, html, text: text.to_owned() };
        let here: Vec<Shows> =
            [&words.subject, &words.html, &words.text].into_iter().flat_map(|part| shows(part)).collect();
        let said = |offer| render(&words, &showing(sample(language, true, offer), here.first().copied(), true, LETTER));
        // What cannot be said with a code either has another mistake, which is told of by itself.
        needs_code |= said(None).is_err() && said(Some(a_code(20))).is_ok();
        named.extend(here);
        if mail.purpose == Kind::Marketing {
            for (file, part) in [(&mjml, &words.html), (&plain, &words.text)] {
                if !part.contains("link.unsubscribe") {
                    files.wrong(file, "a marketing mail needs {{ link.unsubscribe }}");
                }
                if !part.contains("link.preferences") {
                    files.wrong(file, "a marketing mail needs {{ link.preferences }}, the page to choose what comes");
                }
                if !part.contains("shop.address") {
                    files.wrong(file, "a marketing mail needs {{ shop.address }}, the shop's postal address");
                }
            }
        }
        texts.insert(language.clone(), words);
    }
    // What names a code or recommends something wants to sell, unless it says that it does not.
    let sells = mail.sells.unwrap_or(needs_code || shelf.is_some());
    let shows = shown_of(files, &about, None, &named);
    Some(Mail { kind: mail.purpose, topic, sells, needs_code, shelf, shows, texts })
}

/// What a message shows of that which its journey is about: no journey is about a cart and an order.
pub fn shown_of(files: &mut Files, file: &str, place: Option<Range<usize>>, named: &[Shows]) -> Option<Shows> {
    let first = named.first().copied();
    if named.iter().any(|each| Some(*each) != first) {
        files.wrong_at(file, place.unwrap_or_default(), "it shows both a cart and an order: expected one of them");
    }
    first
}

/// What a mail recommends: which shelf, and how many products of it. Whether there is such a shelf is asked once all
/// files are read ([`check`]).
fn showcase(
    files: &mut Files,
    file: &str,
    shelf: Option<&Spanned<String>>,
    products: Option<&Spanned<u8>>,
) -> Option<Showcase> {
    let Some(shelf) = shelf else {
        if let Some(products) = products {
            files.wrong_at(file, products.span(), "`products` goes with `shelf`, which says what is recommended");
        }
        return None;
    };
    let most = products.map_or(PRODUCTS, |products| *products.get_ref());
    if !(1..=MOST_PRODUCTS).contains(&most) {
        let span = products.map_or(shelf.span(), Spanned::span);
        files.wrong_at(file, span, format!("expected 1 to {MOST_PRODUCTS} products"));
        return None;
    }
    match shelf.get_ref().parse() {
        Ok(of) => Some(Showcase { of, most }),
        Err(error) => {
            files.wrong_at(file, shelf.span(), format!("{error}"));
            None
        }
    }
}

/// Fills every mail in once, as it is sent: with each offer whose code comes with it, and without one where
/// none does.
pub fn check(files: &mut Files, config: &ShopConfig) {
    for (name, mail) in &config.mails {
        if let Some(shelf) = mail.shelf.as_ref().filter(|shelf| config.shelves.shelf(shelf.of.as_str()).is_none()) {
            let wrong = format!("`shelf = \"{0}\"`: there is no shelves/{0}.toml", shelf.of);
            files.wrong(&format!("mails/{name}/mail.toml"), wrong);
        }
        for (language, words) in &mail.texts {
            for offer in offers_with(config, name) {
                // Nothing may suit somebody, so a mail must be sayable without products, too; and of what it shows
                // little may be known.
                let products =
                    |with: bool| if with { mail.shelf.iter().map(|_| product()).collect() } else { Vec::new() };
                let sample = |much| {
                    let plain = Variables { products: products(much), ..sample(language, much, offer.map(coded)) };
                    showing(plain, mail.shows, much, LETTER)
                };
                let wrong = [true, false].into_iter().find_map(|much| {
                    let sample = sample(much);
                    render(words, &sample).err().map(|error| (error, sample))
                });
                let Some((error, sample)) = wrong else { continue };
                let sent = match offer {
                    Some(offer) => format!("sent with the offer {}", offer.name),
                    None => "sent without an offer".to_owned(),
                };
                unfilled(files, &format!("mails/{name}"), language, &sent, &error, &sample);
                break;
            }
        }
    }
}

/// Names the place of what cannot be filled in.
fn unfilled(files: &mut Files, folder: &str, language: &str, sent: &str, error: &Error, sample: &Variables) {
    let (file, line) = match error.name() {
        Some("html") => {
            let file = format!("{folder}/{language}.mjml");
            // What was made of it has other lines than the file itself, which trips over the same.
            let line = files.text(&file).and_then(|source| render_text(source, sample).err()?.line());
            (file, line)
        }
        Some("text") => (format!("{folder}/{language}.txt"), error.line()),
        _ => (format!("{folder}/mail.toml"), None),
    };
    files.wrong_on(&file, line, format!("as a template, {sent}: {error}"));
}

/// The offers that a mail is sent with. One that nothing sends may count on any.
fn offers_with<'a>(config: &'a ShopConfig, mail: &Slug) -> Vec<Option<&'a Offer>> {
    let mut offers = Vec::new();
    if config.campaigns.iter().filter_map(|campaign| campaign.form.as_ref()).any(|form| form.confirm_mail == *mail) {
        offers.push(None);
    }
    for journey in &config.journeys {
        let says = |step: &Step| matches!(&step.act, Act::Message(said) if said.channel == Channel::Email && said.name == *mail);
        if !journey.steps.iter().any(says) {
            continue;
        }
        let issued = journey.steps.iter().filter_map(|step| match &step.act {
            Act::Code { offer, .. } => config.offer(offer.as_str()),
            _ => None,
        });
        let before = offers.len();
        offers.extend(issued.map(Some));
        if offers.len() == before {
            offers.push(None);
        }
    }
    if offers.is_empty() {
        offers.push(config.offers.first());
    }
    // While a pool is dry its mails go out with the code of the offer that stands in.
    let pools = offers.iter().filter_map(|offer| offer.as_ref()?.pool());
    let stand_ins: Vec<_> = pools.filter_map(|pool| config.offer(pool.fallback.as_str())).map(Some).collect();
    offers.extend(stand_ins);
    offers
}

/// The topic of a mail, which the shop has to have.
pub fn topic_of(files: &mut Files, file: &str, name: &Spanned<String>, topics: &[Topic]) -> Option<Slug> {
    let known = topics.iter().find(|topic| topic.name.as_str() == name.get_ref());
    if known.is_none() {
        files.wrong_at(file, name.span(), format!("there is no [topics.{}] in shop.toml", name.get_ref()));
    }
    known.map(|topic| topic.name.clone())
}

/// MJML to HTML, with the preview text in front.
fn html(source: &str, preview: &str) -> Result<String, String> {
    let escaped = preview.replace('&', "&amp;").replace('<', "&lt;");
    let source = source.replacen("<mj-head>", &format!("<mj-head><mj-preview>{escaped}</mj-preview>"), 1);
    // No fonts from third parties: the mail's reader has not agreed to be seen by them.
    let mut options = RenderOptions::default();
    options.fonts.clear();
    let parsed = mrml::parse(&source).map_err(|error| format!("as MJML: {error}"))?;
    parsed.element.render(&options).map_err(|error| format!("as MJML: {error}"))
}
