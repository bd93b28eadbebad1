//! Amounts in words of a language, as they stand in letters. In the browser, its own words are taken.
//!
//! Signs, their places and the marks between digits are facts of Unicode CLDR 46 for the languages named here; others
//! get the plain form with the code of the currency.

use super::{Currency, Money};

/// How a language writes amounts.
struct Style {
    /// Between thousands.
    group: char,
    /// Before the minor unit.
    point: char,
    /// Where the sign stands.
    sign: Place,
}

enum Place {
    /// `€19.90`
    Before,
    /// `€ 19,90`
    BeforeApart,
    /// `19,90 €`
    After,
}

const NARROW: char = '\u{202f}';
const FIXED: char = '\u{a0}';

fn style(language: &str) -> Option<Style> {
    let of = |group, point, sign| Some(Style { group, point, sign });
    match language.split('-').next().unwrap_or_default() {
        "en" | "ja" | "zh" | "ko" | "th" => of(',', '.', Place::Before),
        "ar" | "he" => of(',', '.', Place::After),
        "de" | "es" | "it" | "da" | "el" | "id" | "ro" | "sl" | "hr" => of('.', ',', Place::After),
        "nl" => of('.', ',', Place::BeforeApart),
        "pt" | "sv" | "fi" | "pl" | "cs" | "sk" | "hu" | "nb" | "no" | "uk" | "ru" | "bg" => {
            of(FIXED, ',', Place::After)
        }
        "fr" => of(NARROW, ',', Place::After),
        _ => None,
    }
}

/// The sign that a currency has everywhere; of others the code is less easily mistaken.
fn sign(currency: Currency) -> Option<&'static str> {
    Some(match currency.as_str() {
        "EUR" => "€",
        "GBP" => "£",
        "USD" => "$",
        "JPY" => "¥",
        "INR" => "₹",
        "KRW" => "₩",
        "ILS" => "₪",
        "UAH" => "₴",
        "PLN" => "zł",
        "CZK" => "Kč",
        _ => return None,
    })
}

impl Money {
    /// The amount as it is written in a language (a tag such as `en` or `pt-br`): `€1,234.50`, `1.234,50 €`.
    pub fn in_words(self, language: &str) -> String {
        let (Some(style), Some(sign)) = (style(language), sign(self.currency)) else { return self.to_string() };
        let exponent = self.currency.exponent();
        let one = 10_u64.pow(exponent);
        let size = self.minor.unsigned_abs();
        let whole = (size / one).to_string();
        let mut digits = String::new();
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place).is_multiple_of(3) {
                digits.push(style.group);
            }
            digits.push(digit);
        }
        if exponent > 0 {
            let width = usize::try_from(exponent).unwrap_or_default();
            digits.push(style.point);
            let minor = (size % one).to_string();
            digits.extend(core::iter::repeat_n('0', width.saturating_sub(minor.len())));
            digits.push_str(&minor);
        }
        let minus = if self.minor < 0 { "-" } else { "" };
        match style.sign {
            Place::Before => format!("{minus}{sign}{digits}"),
            Place::BeforeApart => format!("{sign}{FIXED}{minus}{digits}"),
            Place::After => format!("{minus}{digits}{FIXED}{sign}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_a_language_writes_them() {
        for (decimal, currency, language, words) in [
            ("19.90", "EUR", "en", "€19.90"),
            ("1234567.50", "USD", "en-us", "$1,234,567.50"),
            ("1234.50", "EUR", "de", "1.234,50\u{a0}€"),
            ("1234.50", "EUR", "fr", "1\u{202f}234,50\u{a0}€"),
            ("19.90", "EUR", "nl", "€\u{a0}19,90"),
            ("1980", "JPY", "ja", "¥1,980"),
            ("19.90", "EUR", "ar", "19.90\u{a0}€"),
            ("-5", "GBP", "en", "-£5.00"),
            ("19.90", "SEK", "sv", "19.90 SEK"),
            ("19.90", "EUR", "tlh", "19.90 EUR"),
        ] {
            let money = Money::exact(decimal, currency.parse().unwrap()).unwrap();
            assert_eq!(money.in_words(language), words, "{decimal} {currency} {language}");
        }
    }
}
