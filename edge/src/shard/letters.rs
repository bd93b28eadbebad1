//! Letters in our own words, for what the shop did not write a mail for: proving that a wish about
//! somebody's data is their own. A shop that publishes mails named `export` and `erase` says it itself.

use std::collections::BTreeMap;

use domain::published::{Mail, MailText, ShopConfig};
use domain::sending::Kind;

use crate::pages::words::{self, Letter, Words};

/// The letter with the link to a copy of everything.
pub const EXPORT: &str = "export";
/// The letter with the link that erases everything.
pub const ERASE: &str = "erase";

const HTML: &str = include_str!("letters/letter.html");

/// One of our own letters, in each of the shop's languages.
pub fn of(name: &str, config: &ShopConfig) -> Option<Mail> {
    let pick: fn(&Words) -> &Letter = match name {
        EXPORT => |words| &words.export_letter,
        ERASE => |words| &words.erase_letter,
        _ => return None,
    };
    let in_language = |language: &String| {
        let words = words::of(language);
        (language.clone(), text(words, pick(words), config))
    };
    let texts = config.languages.iter().map(in_language);
    Some(Mail {
        kind: Kind::Transactional,
        topic: None,
        sells: false,
        needs_code: false,
        shelf: None,
        shows: None,
        texts: texts.collect::<BTreeMap<_, _>>(),
    })
}

/// The words are ours and hold nothing that a template could trip over.
fn text(words: &Words, letter: &Letter, config: &ShopConfig) -> MailText {
    let html = [
        ("TITLE", letter.title),
        ("BODY", letter.body),
        ("BUTTON", letter.button),
        ("IGNORE", letter.ignore),
        ("PREFERENCES", words.preferences),
        ("WHY", words.why),
        ("ACCENT_INK", config.accent.1.as_str()),
        ("ACCENT", config.accent.0.as_str()),
    ]
    .into_iter()
    .fold(HTML.to_owned(), |html, (place, word)| html.replace(place, word));
    let text = format!(
        "{}\n\n{}\n\n{}:\n{{{{ link.confirm }}}}\n\n{}\n\n{{{{ shop.name }}}}\n{{{{ shop.address }}}}\n\n{}: {{{{ link.preferences }}}}\n{} {{{{ link.why }}}}\n",
        letter.title, letter.body, letter.button, letter.ignore, words.preferences, words.why
    );
    MailText { subject: letter.title.to_owned(), html, text }
}
