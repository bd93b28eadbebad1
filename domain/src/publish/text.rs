//! Text messages: a template in every language, short, signed, with a way to stop.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::files::Files;
use super::mail;
use super::sample::{self, a_code, showing};
use crate::law;
use crate::message::basket::TEXT;
use crate::message::{LinkVariables, Variables, parts::parts, render_text, shows};
use crate::published::{Language, Shows, TextMessage, Topic};
use crate::sending::Kind;

/// The most parts a text message is sent in; each is paid for.
const MOST_PARTS: usize = 3;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TextFile {
    purpose: Kind,
    topic: Option<Spanned<String>>,
    sells: Option<bool>,
    text: Spanned<BTreeMap<Language, Spanned<String>>>,
}

/// Reads `texts/NAME.toml`.
pub fn read(
    files: &mut Files,
    path: &str,
    shop: &str,
    languages: &[Language],
    topics: &[Topic],
) -> Option<TextMessage> {
    let file: TextFile = files.toml(path)?;
    let topic = file.topic.and_then(|topic| mail::topic_of(files, path, &topic, topics));
    let mut texts = BTreeMap::new();
    let shown: Vec<Shows> = file.text.get_ref().values().flat_map(|template| shows(template.get_ref())).collect();
    let shown = mail::shown_of(files, path, Some(file.text.span()), &shown);
    let mut needs_code = false;
    for language in languages {
        let Some(template) = file.text.get_ref().get(language) else {
            files.wrong_at(path, file.text.span(), format!("text.{language} is missing"));
            continue;
        };
        let mut longest = String::new();
        let mut sayable = true;
        for much in [false, true] {
            match render_text(template.get_ref(), &sample(shop, language, much, shown)) {
                Ok(text) => longest = text,
                Err(error) => {
                    sayable = false;
                    files.wrong_at(path, template.span(), format!("as a template: {error}"));
                }
            }
        }
        let no_code = Variables { offer: None, ..sample(shop, language, true, shown) };
        needs_code |= sayable && render_text(template.get_ref(), &no_code).is_err();
        for wrong in mistakes(&longest, shop, template.get_ref(), file.purpose) {
            files.wrong_at(path, template.span(), format!("text.{language}: {wrong}"));
        }
        texts.insert(language.clone(), template.get_ref().clone());
    }
    // What names a code wants to sell, unless it says that it does not.
    let sells = file.sells.unwrap_or(needs_code);
    Some(TextMessage { kind: file.purpose, topic, sells, needs_code, shows: shown, texts })
}

/// What is wrong with a text as it would be sent.
fn mistakes(text: &str, shop: &str, template: &str, purpose: Kind) -> Vec<String> {
    let mut wrong = Vec::new();
    let parts = parts(text);
    if text.is_empty() {
        wrong.push("expected a text that is not empty".to_owned());
    }
    if parts > MOST_PARTS {
        wrong.push(format!("it would be sent in {parts} parts; expected at most {MOST_PARTS}"));
    }
    if purpose == Kind::Marketing {
        // The strictest of the laws: nobody knows at publishing where its readers are.
        let asked = law::of(None, None).text_contents.value;
        if asked.sender && !text.contains(shop) {
            wrong.push("a marketing text needs {{ shop.name }}: the law asks who writes".to_owned());
        }
        if asked.stop && !text.contains("STOP") {
            wrong.push(
                "a marketing text needs the word STOP, such as \"Reply STOP to stop\": the law asks for it".to_owned(),
            );
        }
        if asked.postal && !template.contains("link.") && !template.contains("shop.address") {
            wrong.push(
                "a marketing text needs a link, such as {{ link.preferences }}: it leads to the shop's address"
                    .to_owned(),
            );
        }
    }
    wrong
}

/// Made-up values, with links as long as real ones.
fn sample(shop: &str, language: &str, much: bool, shows: Option<Shows>) -> Variables {
    let mut variables = showing(sample::sample(language, much, Some(a_code(20))), shows, much, TEXT);
    shop.clone_into(&mut variables.shop.name);
    let link = || format!("https://letters.example.org/p/pk_{}/{}", "a".repeat(20), "a".repeat(43));
    variables.link =
        LinkVariables { confirm: link(), unsubscribe: link(), preferences: link(), why: link(), shop: link() };
    variables
}
