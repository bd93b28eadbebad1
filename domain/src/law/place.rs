use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::Malformed;

/// A country: two letters of ISO 3166-1, in upper case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

impl Country {
    /// For the table's own constants.
    pub(crate) const fn known(code: [u8; 2]) -> Self {
        Self(code)
    }

    /// The two letters.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }

    #[cfg(feature = "zones")]
    pub(super) const fn letters(self) -> [u8; 2] {
        self.0
    }
}

/// Reads either case. `UK`, which ISO reserves for the same country, is read as `GB`.
impl FromStr for Country {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        match text.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                let code = [a.to_ascii_uppercase(), b.to_ascii_uppercase()];
                Ok(Self(if code == *b"UK" { *b"GB" } else { code }))
            }
            _ => Err(Malformed("expected a country's two letters, such as FR (ISO 3166-1)")),
        }
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A part of a country: what follows the hyphen in ISO 3166-2, in upper case (`FL` of `US-FL`).
/// One to three letters or digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region([u8; 3]);

impl Region {
    /// For the table's own constants, all of two letters.
    pub(super) const fn known(code: [u8; 2]) -> Self {
        Self([code[0], code[1], b' '])
    }

    /// The letters or digits.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default().trim_end()
    }
}

impl FromStr for Region {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if !(1..=3).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(Malformed("expected a region's one to three letters or digits, such as FL (ISO 3166-2)"));
        }
        let mut code = [b' '; 3];
        for (place, byte) in code.iter_mut().zip(text.bytes()) {
            *place = byte.to_ascii_uppercase();
        }
        Ok(Self(code))
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! code {
    ($name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Malformed;

            fn try_from(text: String) -> Result<Self, Malformed> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> Self {
                code.to_string()
            }
        }
    };
}

code!(Country);
code!(Region);

/// Whose law holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Jurisdiction {
    /// The European Union and the European Economic Area.
    Eu,
    /// The United Kingdom.
    Uk,
    /// The United States.
    Us,
    /// Canada.
    Ca,
    /// Australia.
    Au,
    /// Everywhere else: the strictest of all.
    Elsewhere,
}

/// Members of the European Union, as of its 27 since 2020.
pub const EU: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// Members of the European Economic Area outside the Union: the GDPR and Directive 2002/58/EC hold
/// there too (Decision of the EEA Joint Committee No 154/2018; EEA Agreement, annex XI).
pub const EEA: [&str; 3] = ["IS", "LI", "NO"];

/// Parts of members that have their own code and in which the law of the Union holds
/// (TFEU art. 349 and 355; for Åland, the Act of Accession of 1994, protocol 2).
pub const EU_PARTS: [&str; 7] = ["AX", "GF", "GP", "MF", "MQ", "RE", "YT"];

/// Territories of the United States with their own code.
pub const US_PARTS: [&str; 5] = ["AS", "GU", "MP", "PR", "VI"];

/// External territories of Australia with their own code.
pub const AU_PARTS: [&str; 3] = ["CC", "CX", "NF"];

impl Jurisdiction {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 6] = [Self::Eu, Self::Uk, Self::Us, Self::Ca, Self::Au, Self::Elsewhere];

    /// Whose law holds in a country.
    pub fn of(country: Country) -> Self {
        let among = |codes: &[&str]| codes.contains(&country.as_str());
        match country.as_str() {
            "GB" => Self::Uk,
            "US" => Self::Us,
            "CA" => Self::Ca,
            "AU" => Self::Au,
            _ if among(&EU) || among(&EEA) || among(&EU_PARTS) => Self::Eu,
            _ if among(&US_PARTS) => Self::Us,
            _ if among(&AU_PARTS) => Self::Au,
            _ => Self::Elsewhere,
        }
    }

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eu => "European Union and EEA",
            Self::Uk => "United Kingdom",
            Self::Us => "United States",
            Self::Ca => "Canada",
            Self::Au => "Australia",
            Self::Elsewhere => "Elsewhere: the strictest of all",
        }
    }
}
