//! The words of a mail to the merchant.

use domain::message::render_html;
use domain::published::{ShopConfig, direction};
use serde::Serialize;

use super::{Alert, Answered, LowPool, Shop, Told};
use crate::pages::alert_words::{self, Words};
use crate::problem::{Failed, Result};

const HTML: &str = include_str!("letter.html");
/// The longest subject, in characters.
const SUBJECT: usize = 90;

/// A mail in words.
pub struct Written {
    pub subject: String,
    pub html: String,
    pub text: String,
}

/// What the template shows.
#[derive(Serialize)]
struct View<'a> {
    lang: &'a str,
    dir: &'a str,
    shop: &'a str,
    accent: &'a str,
    accent_ink: &'a str,
    subject: &'a str,
    title: String,
    /// Paragraphs, in order.
    body: Vec<String>,
    /// Above a list of what happened lately.
    lately: &'a str,
    reasons: &'a [String],
    /// Where to look, and what the button says.
    button: Option<(String, &'a str)>,
    /// What a developer can do about it.
    call: Option<(&'a str, String)>,
    foot: String,
}

/// An alert in a language.
pub fn write(shop: &Shop, config: &ShopConfig, alert: &Alert, language: &str) -> Result<Written> {
    let words = alert_words::of(language);
    let subject = subject(alert, words);
    let view = match alert {
        Alert::Pool(pool) => of_pool(shop, pool, words),
        Alert::Journey(told) => of_journey(shop, told, words),
        Alert::Answer(answered) => of_answer(answered, words),
    };
    let view = View {
        lang: words.language,
        dir: direction(words.language),
        shop: &config.name,
        accent: &config.accent.0,
        accent_ink: &config.accent.1,
        subject: &subject,
        ..view
    };
    let (html, text) = (html(&view)?, text(&view));
    Ok(Written { subject, html, text })
}

/// The subject of the mail: what it is about in one line.
pub fn subject(alert: &Alert, words: &Words) -> String {
    match alert {
        Alert::Pool(pool) => {
            let says = if pool.left == 0 { words.none_left } else { words.some_left };
            filled(says, &[("{n}", &pool.left.to_string()), ("{offer}", &alone(&pool.offer, words))])
        }
        Alert::Journey(told) => shortened(first_sentence(&told.text).0),
        Alert::Answer(answered) => shortened(&answer(answered, words)),
    }
}

/// In one line of a list of letters.
fn shortened(text: &str) -> String {
    if text.chars().count() <= SUBJECT {
        return text.to_owned();
    }
    let cut: String = text.chars().take(SUBJECT).collect();
    format!("{}…", cut.rsplit_once(char::is_whitespace).map_or(cut.as_str(), |(words, _)| words))
}

/// What was answered, in quotation marks.
fn answer(answered: &Answered, words: &Words) -> String {
    words.quoted.replace("{text}", &answered.chosen.join(" · "))
}

fn of_answer<'a>(answered: &'a Answered, words: &'a Words) -> View<'a> {
    let Answered { campaign, question, words: said, page, cart, .. } = answered;
    let mut body = vec![words.asked.replace("{question}", question)];
    body.extend(said.as_ref().map(|said| words.quoted.replace("{text}", said)));
    body.extend(page.as_ref().map(|page| words.on_page.replace("{page}", page)));
    body.extend(cart.as_ref().map(|sum| words.with_cart.replace("{sum}", &alone(sum, words))));
    View {
        title: answer(answered, words),
        body,
        foot: words.survey.replace("{survey}", &alone(campaign, words)),
        ..View::empty()
    }
}

fn of_pool<'a>(shop: &Shop, pool: &'a LowPool, words: &'a Words) -> View<'a> {
    let LowPool { offer, left, low, fallback, .. } = pool;
    let (left, low) = (left.to_string(), low.to_string());
    let fill = |says: &str| {
        filled(
            says,
            &[
                ("{offer}", &alone(offer, words)),
                ("{n}", &left),
                ("{low}", &low),
                ("{fallback}", &alone(fallback, words)),
            ],
        )
    };
    let mut body = vec![fill(words.running_dry), fill(words.set_aside)];
    body.extend(pool.trouble.as_ref().map(|what| words.trouble.replace("{what}", what)));
    body.push(fill(if pool.left == 0 { words.then_empty } else { words.then }));
    let address = format!("POST {}/admin/v1/shops/{}/pools/{offer}/codes", shop.edge, shop.key);
    View {
        title: fill(if pool.left == 0 { words.none_left } else { words.some_left }),
        body,
        button: None,
        call: Some((words.more_codes, address)),
        foot: words.once.to_owned(),
        ..View::empty()
    }
}

fn of_journey<'a>(shop: &Shop, told: &'a Told, words: &'a Words) -> View<'a> {
    let (first, rest) = first_sentence(&told.text);
    let body = rest.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    View {
        title: first.to_owned(),
        body,
        lately: words.lately,
        reasons: &told.reasons,
        button: Some((format!("{}/inbox/#/people/{}", shop.edge, told.shopper), words.look)),
        foot: words.journey.replace("{journey}", &alone(&told.journey, words)),
        ..View::empty()
    }
}

impl View<'_> {
    const fn empty() -> Self {
        Self {
            lang: "",
            dir: "",
            shop: "",
            accent: "",
            accent_ink: "",
            subject: "",
            title: String::new(),
            body: Vec::new(),
            lately: "",
            reasons: &[],
            button: None,
            call: None,
            foot: String::new(),
        }
    }
}

fn html(view: &View<'_>) -> Result<String> {
    Ok(render_html(HTML, view).map_err(|error| Failed::new("writing an alert", error.to_string()))?)
}

fn text(view: &View<'_>) -> String {
    let mut parts = vec![view.title.clone()];
    parts.extend(view.body.iter().cloned());
    if !view.reasons.is_empty() {
        parts.push(format!("{}\n- {}", view.lately, view.reasons.join("\n- ")));
    }
    if let Some((address, says)) = &view.button {
        parts.push(format!("{says}:\n{address}"));
    }
    if let Some((says, address)) = &view.call {
        parts.push(format!("{says}\n{address}"));
    }
    parts.push(view.foot.clone());
    format!("{}\n", parts.join("\n\n"))
}

/// The first sentence of a text, and the rest.
fn first_sentence(text: &str) -> (&str, &str) {
    let end = text
        .char_indices()
        .find(|(at, c)| {
            let after = text.get(at + c.len_utf8()..).unwrap_or_default();
            *c == '\n' || ".!?؟".contains(*c) && after.starts_with([' ', '\n'])
        })
        .map_or(text.len(), |(at, c)| at + c.len_utf8());
    let (first, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    (first.trim(), rest.trim())
}

/// A name that keeps its direction among words that run the other way.
fn alone(name: &str, words: &Words) -> String {
    if direction(words.language) == "rtl" { format!("\u{2068}{name}\u{2069}") } else { name.to_owned() }
}

fn filled(says: &str, with: &[(&str, &str)]) -> String {
    with.iter().fold(says.to_owned(), |text, (place, word)| text.replace(place, word))
}

#[cfg(test)]
mod tests {
    use super::first_sentence;

    #[test]
    fn a_title_is_the_first_sentence_of_what_the_merchant_wrote() {
        for (text, title, rest) in [
            ("A shopper is unhappy. In an hour a letter asks.", "A shopper is unhappy.", "In an hour a letter asks."),
            ("A shopper is unhappy; their page says why.", "A shopper is unhappy; their page says why.", ""),
            ("Spent 1.500 EUR", "Spent 1.500 EUR", ""),
            ("Look\nat this", "Look", "at this"),
            ("زبون غير راضٍ. اكتب إليه.", "زبون غير راضٍ.", "اكتب إليه."),
            ("", "", ""),
        ] {
            assert_eq!(first_sentence(text), (title, rest), "{text}");
        }
    }
}
