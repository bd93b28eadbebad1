//! What somebody sends with a form, checked the same way in the browser and at the edge.

use serde::{Deserialize, Serialize};

use crate::address::{Email, EmailError, Typed};
use crate::campaign::Field;

/// One complaint about one field. `code` selects the words; the words come with the published form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldError {
    /// The field's name.
    pub field: String,
    /// What is wrong with it.
    pub code: Complaint,
    /// What was probably meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

/// What can be wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Complaint {
    /// It is empty.
    Required,
    /// It is not what the field asks for.
    Invalid,
    /// It is probably a slip; sent again as it is, it is taken.
    Typo,
}

impl Complaint {
    /// As it stands on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Invalid => "invalid",
            Self::Typo => "typo",
        }
    }
}

impl FieldError {
    fn new(field: &str, code: Complaint) -> Self {
        Self { field: field.to_owned(), code, suggestion: None }
    }
}

/// Checks an address as entered. `sure` is the address that the shopper insists on after a
/// suggestion.
pub fn check_email(entered: &str, sure: Option<&str>) -> Result<Email, FieldError> {
    check_typed(entered, sure)?;
    entered.parse().map_err(wrong)
}

/// The same as far as a browser can tell ([`Typed`]).
pub fn check_typed(entered: &str, sure: Option<&str>) -> Result<(), FieldError> {
    let typed: Typed = entered.parse().map_err(wrong)?;
    let insists = sure.and_then(|sure| sure.parse().ok()).is_some_and(|sure: Typed| sure == typed);
    match typed.suggestion() {
        Some(meant) if !insists => {
            Err(FieldError { suggestion: Some(meant), ..FieldError::new("email", Complaint::Typo) })
        }
        _ => Ok(()),
    }
}

fn wrong(error: EmailError) -> FieldError {
    let code = match error {
        EmailError::Missing => Complaint::Required,
        EmailError::Invalid => Complaint::Invalid,
    };
    FieldError::new("email", code)
}

/// A birthday: the day, and the year where somebody gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Birthday {
    year: Option<u16>,
    month: u8,
    day: u8,
}

impl Birthday {
    /// A day that some year has: 29 February counts without a year, and with a leap year.
    pub fn new(year: Option<u16>, month: u8, day: u8) -> Option<Self> {
        let leap = year.is_none_or(|y| y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        let plausible = year.is_none_or(|y| (1900..=2100).contains(&y));
        ((1..=days).contains(&day) && plausible).then_some(Self { year, month, day })
    }

    /// The year, where it is known.
    pub const fn year(self) -> Option<u16> {
        self.year
    }

    /// The month, 1 to 12.
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    pub const fn day(self) -> u8 {
        self.day
    }
}

/// Reads `MM-DD` and `YYYY-MM-DD`.
impl core::str::FromStr for Birthday {
    type Err = crate::id::Malformed;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.trim().rsplit('-');
        let number = |part: Option<&str>| {
            part.filter(|p| p.len() <= 4 && p.bytes().all(|b| b.is_ascii_digit()))?.parse::<u16>().ok()
        };
        let day = number(parts.next());
        let month = number(parts.next());
        let year = match parts.next() {
            None => Some(None),
            year => number(year).map(Some),
        };
        match (year, month, day, parts.next()) {
            (Some(year), Some(month), Some(day), None) => u8::try_from(month)
                .ok()
                .zip(u8::try_from(day).ok())
                .and_then(|(month, day)| Self::new(year, month, day)),
            _ => None,
        }
        .ok_or(crate::id::Malformed("expected a day such as 02-29 or 1990-12-31"))
    }
}

impl TryFrom<String> for Birthday {
    type Error = crate::id::Malformed;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Birthday> for String {
    fn from(birthday: Birthday) -> Self {
        // Digit by digit: the machinery of `format!` is more than a shopper should download for a date.
        let digits = |number: u16, most: u32| {
            (0..most)
                .rev()
                .map(move |place| char::from_digit(u32::from(number / 10_u16.pow(place) % 10), 10).unwrap_or('0'))
        };
        let year = birthday.year.into_iter().flat_map(|year| digits(year, 4).chain(['-']));
        year.chain(digits(birthday.month.into(), 2)).chain(['-']).chain(digits(birthday.day.into(), 2)).collect()
    }
}

/// The longest name that is kept, in characters; what is longer is cut.
const NAME_CHARS: usize = 80;

/// A given name as it may stand in a greeting: control characters and angle brackets removed,
/// white space folded, at most 80 characters. Addresses of web pages are no names.
pub fn clean_name(entered: &str) -> Option<String> {
    let plain: String =
        entered.chars().map(|c| if c.is_control() || matches!(c, '<' | '>') { ' ' } else { c }).collect();
    let name: String = plain.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(NAME_CHARS).collect();
    let looks_like_a_link = name.contains("://") || name.contains("www.");
    (!name.is_empty() && !looks_like_a_link).then_some(name)
}

/// Checks a further field. An empty one is fine: nobody has to say more than their address.
pub fn check_field(field: Field, entered: &str) -> Result<(), FieldError> {
    let entered = entered.trim();
    match field {
        Field::Birthday if !entered.is_empty() && entered.parse::<Birthday>().is_err() => {
            Err(FieldError::new(field.as_str(), Complaint::Invalid))
        }
        Field::Birthday | Field::GivenName => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_asked_about_once_and_taken_when_insisted_on() {
        let error = check_email("anna@gmial.com", None).unwrap_err();
        assert_eq!((error.code, error.suggestion.as_deref()), (Complaint::Typo, Some("anna@gmail.com")));
        assert!(check_email("anna@gmial.com", Some("anna@gmial.com")).is_ok());
        assert!(check_email("anna@gmial.com", Some("bob@gmial.com")).is_err());
    }

    #[test]
    fn birthdays_are_days_that_exist() {
        for (text, kept) in
            [("02-29", "02-29"), ("2000-02-29", "2000-02-29"), ("1990-12-31", "1990-12-31"), ("7-4", "07-04")]
        {
            assert_eq!(text.parse::<Birthday>().map(String::from).as_deref(), Ok(kept), "{text}");
        }
        for text in ["", "02-30", "1900-02-29", "13-01", "00-10", "1990-12-31-1", "31.12.1990", "+1-01", "1899-01-01"] {
            assert!(text.parse::<Birthday>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_is_kept_as_people_write_it() {
        assert_eq!(clean_name("  Anne\u{a0}Marie \n").as_deref(), Some("Anne Marie"));
        assert_eq!(clean_name("محمد").as_deref(), Some("محمد"));
        assert_eq!(clean_name("<b>Bo</b>").as_deref(), Some("b Bo /b"));
        assert_eq!(clean_name("http://spam.example win"), None);
        assert_eq!(clean_name(" \t "), None);
        assert_eq!(clean_name(&"ж".repeat(200)).map(|n| n.chars().count()), Some(80));
    }
}
