//! From a template and a shopper to the words of a message.

pub mod basket;
pub mod parts;

use jiff::civil::Date;
pub use minijinja::Error;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};
use serde::{Deserialize, Serialize};

pub use self::basket::{CartVariables, ItemVariables, OrderVariables};
use crate::published::{MailText, Shows};
use crate::time::{Span, Timestamp};

/// What templates may use.
#[derive(Clone, Debug, Serialize)]
pub struct Variables {
    /// The shop.
    pub shop: ShopVariables,
    /// The person written to.
    pub shopper: ShopperVariables,
    /// Addresses of pages.
    pub link: LinkVariables,
    /// The shopper's code, where the message has one.
    pub offer: Option<OfferVariables>,
    /// What the message recommends, best first; empty where nothing suits.
    pub products: Vec<ProductVariables>,
    /// The cart that the message is about.
    pub cart: Option<CartVariables>,
    /// The order that the message is about.
    pub order: Option<OrderVariables>,
    /// Language of the message.
    pub lang: String,
    /// `ltr` or `rtl`.
    pub dir: String,
}

/// The shop in templates.
#[derive(Clone, Debug, Serialize)]
pub struct ShopVariables {
    /// Its name.
    pub name: String,
    /// Its home page.
    pub url: String,
    /// Its postal address.
    pub address: String,
}

/// The shopper in templates.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ShopperVariables {
    /// Empty when it is not known.
    pub given_name: String,
}

/// Links in templates.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LinkVariables {
    /// Confirms the address.
    pub confirm: String,
    /// Takes permission back.
    pub unsubscribe: String,
    /// Where the shopper says how they want to be talked to.
    pub preferences: String,
    /// The place on that page that says why this was sent.
    pub why: String,
    /// The shop, marked as a known shopper's visit.
    pub shop: String,
}

/// An issued code in templates.
#[derive(Clone, Debug, Serialize)]
pub struct OfferVariables {
    /// The code.
    pub code: String,
    /// Percent off.
    pub percent: u8,
    /// The last day it is valid, in words of the message's language; nothing where it has no end.
    pub ends: Option<String>,
}

/// A recommended product in templates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductVariables {
    /// Its name.
    pub title: String,
    /// Its page, marked as a known shopper's visit.
    pub url: String,
    /// Its picture; empty if there is none.
    pub image: String,
    /// Its price in words of the message's language; empty if it is not known.
    pub price: String,
    /// Why it is recommended, in words of the message's language.
    pub reason: String,
}

/// A message in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Subject line, on one line.
    pub subject: String,
    /// HTML part.
    pub html: String,
    /// Plain-text part.
    pub text: String,
}

/// Fills a mail's templates in. The HTML part escapes what it is given; a variable that does not
/// exist, or holds nothing for this shopper, is an error, at publishing and not at the shopper's.
pub fn render(mail: &MailText, variables: &Variables) -> Result<Rendered, Error> {
    let mut environment = strict();
    environment.set_auto_escape_callback(|name| if name == "html" { AutoEscape::Html } else { AutoEscape::None });
    let fill =
        |name: &str, source: &str| environment.render_named_str(name, source, minijinja::value::Serde(variables));
    Ok(Rendered {
        subject: fill("subject", &mail.subject)?.split_whitespace().collect::<Vec<_>>().join(" "),
        html: fill("html", &mail.html)?,
        text: fill("text", &mail.text)?,
    })
}

/// Fills a text message's template in; white space at its ends falls away.
pub fn render_text(template: &str, variables: &Variables) -> Result<String, minijinja::Error> {
    let text = strict().render_named_str("text", template, minijinja::value::Serde(variables))?;
    Ok(text.trim().replace("\r\n", "\n"))
}

/// Fills a template of HTML in with anything; it escapes what it is given, and addresses stay as they are.
pub fn render_html(template: &str, variables: &impl Serialize) -> Result<String, Error> {
    let mut environment = strict();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.render_named_str("html", template, minijinja::value::Serde(variables))
}

/// What a template speaks of that only some messages have: a cart, an order. Nothing of one that is no template.
pub fn shows(template: &str) -> Vec<Shows> {
    let mut environment = Environment::new();
    if environment.add_template("it", template).is_err() {
        return Vec::new();
    }
    let named = environment.get_template("it").map(|it| it.undeclared_variables(false)).unwrap_or_default();
    Shows::ALL.into_iter().filter(|shows| named.contains(shows.as_str())).collect()
}

/// A variable that does not exist, or holds nothing, is an error.
fn strict() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // minijinja's own escaping writes every slash of an address as `&#x2f;`, which not everything
    // that reads mails undoes.
    environment.set_formatter(|out, state, value| match state.auto_escape() {
        _ if value.is_none() => Err(Error::new(ErrorKind::UndefinedError, "there is nothing to write here")),
        AutoEscape::Html if !value.is_safe() => Ok(out.write_str(&escape(&value.to_string()))?),
        _ => minijinja::escape_formatter(out, state, value),
    });
    environment
}

/// For HTML, inside an element or a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// The months by name, where we know a language's.
pub fn months(language: &str) -> Option<&'static [&'static str; 12]> {
    const EN: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    const AR: [&str; 12] =
        ["يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"];
    match language.split('-').next() {
        Some("en") => Some(&EN),
        Some("ar") => Some(&AR),
        _ => None,
    }
}

/// A day in words: `6 December 2026`, `6 ديسمبر 2026`; for other languages `2026-12-06`.
pub fn day_in_words(at: Timestamp, language: &str) -> String {
    let date = utc_date(at);
    let month = usize::try_from(date.month() - 1).unwrap_or_default();
    let name = months(language).and_then(|names| names.get(month));
    name.map_or_else(|| date.to_string(), |name| format!("{} {name} {}", date.day(), date.year()))
}

/// A moment as machines write it, at UTC (RFC 3339).
pub fn rfc3339(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).unwrap_or_default().to_string()
}

fn utc_date(at: Timestamp) -> Date {
    let days = i32::try_from(at.0.div_euclid(Span::days(1).0)).unwrap_or_default();
    jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().try_days(days).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anna(name: &str) -> Variables {
        Variables {
            shop: ShopVariables {
                name: "Tom & Co".into(),
                url: "https://shop.example".into(),
                address: "1 Street".into(),
            },
            shopper: ShopperVariables { given_name: name.into() },
            link: LinkVariables::default(),
            offer: Some(OfferVariables { code: "HELLO-1".into(), percent: 10, ends: Some("6 December 2026".into()) }),
            products: Vec::new(),
            cart: None,
            order: None,
            lang: "en".into(),
            dir: "ltr".into(),
        }
    }

    fn mail(template: &str) -> MailText {
        MailText { subject: template.into(), html: template.into(), text: template.into() }
    }

    #[test]
    fn html_is_escaped_and_plain_text_is_not() {
        let rendered = render(&mail("{{ shop.name }} {{ shopper.given_name }}"), &anna("<b>")).unwrap();
        assert_eq!(rendered.html, "Tom &amp; Co &lt;b&gt;");
        assert_eq!(rendered.text, "Tom & Co <b>");
    }

    #[test]
    fn addresses_stand_in_html_as_they_are() {
        let rendered = render(&mail(r#"<a href="{{ shop.url }}/?a=1&b='2'">"#), &anna("")).unwrap();
        assert_eq!(rendered.html, r#"<a href="https://shop.example/?a=1&b='2'">"#);
        let mut odd = anna("");
        odd.shop.url = r#"https://shop.example/?a="1"&b='2'"#.into();
        let rendered = render(&mail("{{ shop.url }}"), &odd).unwrap();
        assert_eq!(rendered.html, "https://shop.example/?a=&quot;1&quot;&amp;b=&#39;2&#39;");
    }

    #[test]
    fn a_subject_stays_on_one_line() {
        let rendered = render(&mail("Hi {{ shopper.given_name }}"), &anna("A\r\nBcc: x@y.example")).unwrap();
        assert_eq!(rendered.subject, "Hi A Bcc: x@y.example");
    }

    #[test]
    fn a_variable_that_does_not_exist_is_an_error() {
        assert!(render(&mail("{{ shopper.shoe_size }}"), &anna("")).is_err());
    }

    #[test]
    fn a_code_without_an_end_can_be_asked_for_its_end_but_not_say_it() {
        let mut endless = anna("");
        if let Some(offer) = &mut endless.offer {
            offer.ends = None;
        }
        let asked = mail("{{ offer.code }}{% if offer.ends %} until {{ offer.ends }}{% endif %}");
        assert_eq!(render(&asked, &endless).unwrap().text, "HELLO-1");
        assert_eq!(render(&asked, &anna("")).unwrap().text, "HELLO-1 until 6 December 2026");
        assert!(render(&mail("until {{ offer.ends }}"), &endless).is_err());
        endless.offer = None;
        assert_eq!(render(&mail("Hi{% if offer %} {{ offer.code }}{% endif %}"), &endless).unwrap().text, "Hi");
        assert!(render(&mail("{{ offer.code }}"), &endless).is_err());
    }

    #[test]
    fn days_are_said_in_the_readers_language() {
        let at = Timestamp(1_796_515_200_000);
        assert_eq!(day_in_words(at, "en"), "6 December 2026");
        assert_eq!(day_in_words(at, "ar"), "6 ديسمبر 2026");
        assert_eq!(day_in_words(at, "fr"), "2026-12-06");
        assert_eq!(rfc3339(Timestamp(1_800_000_000_000)), "2027-01-15T08:00:00Z");
    }
}
