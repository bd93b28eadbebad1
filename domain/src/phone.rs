//! Telephone numbers as they can be dialled from anywhere.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::Malformed;

/// A telephone number in the form of E.164 (ITU-T): `+` and 8 to 15 digits, the first not 0.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

/// A country calling code, such as 49 for Germany.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallingCode(u16);

const HOW: Malformed = Malformed("expected a number with its country, such as +49 30 901820: + and 8 to 15 digits");

impl CallingCode {
    /// A code of one to three digits, the first not 0.
    pub fn new(code: u16) -> Option<Self> {
        (1..=999).contains(&code).then_some(Self(code))
    }

    /// Whether a 0 at the beginning of a national number is part of it: so in Italy (39), San Marino (378)
    /// and the Vatican City (379). Elsewhere it is dialled within the country only.
    const fn keeps_zero(self) -> bool {
        matches!(self.0, 39 | 378 | 379)
    }
}

impl Phone {
    /// The number, `+` included.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads a number as people write it. Without `+` it is refused, unless it is known which country's
    /// numbers are meant.
    pub fn parse(text: &str, country: Option<CallingCode>) -> Result<Self, Malformed> {
        let text = text.trim();
        let (international, rest) = match (text.strip_prefix('+'), country) {
            (Some(rest), _) => (true, rest),
            (None, Some(_)) => (false, text),
            (None, None) => return Err(HOW),
        };
        let mut digits = String::new();
        for c in rest.chars() {
            match c {
                '0'..='9' => digits.push(c),
                ' ' | '\u{a0}' | '\u{202f}' | '-' | '\u{2010}' | '\u{2011}' | '\u{2013}' | '(' | ')' | '.' | '/' => {}
                _ => return Err(HOW),
            }
        }
        // `+44 (0)20 …` names the national prefix only to say that it is left out.
        if international && let Some((code, _)) = rest.split_once("(0)") {
            let before = code.chars().filter(char::is_ascii_digit).count();
            if before > 0 && !matches!(digits.get(..before), Some("39" | "378" | "379")) {
                digits.remove(before);
            }
        }
        if let (false, Some(country)) = (international, country) {
            digits = match digits.strip_prefix("00") {
                Some(abroad) if country.0 != 1 => abroad.to_owned(),
                _ if country.keeps_zero() => format!("{}{digits}", country.0),
                _ => format!("{}{}", country.0, digits.strip_prefix('0').unwrap_or(&digits)),
            };
        }
        if (8..=15).contains(&digits.len()) && !digits.starts_with('0') {
            Ok(Self(format!("+{digits}")))
        } else {
            Err(HOW)
        }
    }
}

impl FromStr for Phone {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        Self::parse(text, None)
    }
}

impl TryFrom<String> for Phone {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

/// Never the number itself: debug output ends in logs.
impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_in_one_form() {
        for (text, number) in [
            ("+49 30 901820", "+4930901820"),
            ("+1 (415) 555-0123", "+14155550123"),
            ("+44 (0)20 7946 0000", "+442079460000"),
            ("+39 06 6982", "+39066982"),
            ("  +351-21-793-0000 ", "+351217930000"),
        ] {
            assert_eq!(text.parse::<Phone>().as_ref().map(Phone::as_str), Ok(number), "{text}");
        }
    }

    #[test]
    fn a_number_without_its_country_is_refused() {
        for text in [
            "",
            "+",
            "030 901820",
            "0049 30 901820",
            "+0301234567",
            "+1234567",
            "+1234567890123456",
            "+49 30 abc",
            "call me",
        ] {
            assert!(text.parse::<Phone>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_default_country_completes_national_numbers() {
        let read = |text, code| Phone::parse(text, CallingCode::new(code)).map(String::from);
        assert_eq!(read("030 901820", 49).as_deref(), Ok("+4930901820"));
        assert_eq!(read("+43 1 711000", 49).as_deref(), Ok("+431711000"));
        assert_eq!(read("0043 1 711000", 49).as_deref(), Ok("+431711000"));
        assert_eq!(read("06 69820000", 39).as_deref(), Ok("+390669820000"));
        assert_eq!(read("(415) 555-0123", 1).as_deref(), Ok("+14155550123"));
        assert!(CallingCode::new(0).is_none());
    }

    #[test]
    fn a_number_is_not_printed_by_accident() {
        assert!(!format!("{:?}", "+4930901820".parse::<Phone>()).contains("901820"));
    }
}
