//! Values as merchants write them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::civil;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};

use crate::id::{Malformed, Slug};
use crate::journey::{Again, Number, Word};
use crate::law::Weekday;
use crate::time::Span;

/// The name of a file without its ending, or a tag.
pub struct Name(pub Slug);

impl FromStr for Name {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        text.parse().map(Self)
    }
}

/// A span of time.
pub struct Duration(pub Span);

impl FromStr for Duration {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        text.parse().map(Self)
    }
}

/// A time of day, in minutes after midnight.
pub struct TimeOfDay(pub u16);

impl FromStr for TimeOfDay {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        const HOW: Malformed = Malformed("expected a time of day such as \"09:30\"");
        let (hour, minute) = text.split_once(':').ok_or(HOW)?;
        let number = |digits: &str, below: u16| {
            let plain = (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            digits.parse::<u16>().ok().filter(|n| plain && *n < below).ok_or(HOW)
        };
        if minute.len() != 2 {
            return Err(HOW);
        }
        Ok(Self(number(hour, 24)? * 60 + number(minute, 60)?))
    }
}

/// A share in thousandths.
pub struct Percent(pub u32);

impl FromStr for Percent {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        const HOW: Malformed = Malformed("expected a number of percent such as \"50 %\" or \"12.5 %\"");
        let number = text.trim().strip_suffix('%').ok_or(HOW)?.trim_end();
        let (whole, tenth) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(tenth) || tenth.len() != 1 {
            return Err(HOW);
        }
        let (whole, tenth): (u32, u32) = (whole.parse().map_err(|_| HOW)?, tenth.parse().map_err(|_| HOW)?);
        whole.checked_mul(10).and_then(|thousandths| thousandths.checked_add(tenth)).map(Self).ok_or(HOW)
    }
}

/// What can be waited for on a calendar.
pub enum Day {
    /// A day of the week.
    Weekday(Weekday),
    /// A day.
    Date(civil::Date),
    /// The next time a clock shows this.
    Time(u16),
}

impl FromStr for Day {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        const HOW: Malformed = Malformed(
            "expected a weekday such as \"monday\", a date such as \"2026-12-24\" or a time such as \"10:00\"",
        );
        let weekday = match text.to_ascii_lowercase().as_str() {
            "monday" => Weekday::Monday,
            "tuesday" => Weekday::Tuesday,
            "wednesday" => Weekday::Wednesday,
            "thursday" => Weekday::Thursday,
            "friday" => Weekday::Friday,
            "saturday" => Weekday::Saturday,
            "sunday" => Weekday::Sunday,
            other if other.contains(':') => {
                return other.parse().map(|TimeOfDay(minute)| Self::Time(minute)).map_err(|_| HOW);
            }
            other => return other.parse().map(Self::Date).map_err(|_| HOW),
        };
        Ok(Self::Weekday(weekday))
    }
}

/// When the same shopper may enter again.
pub struct Often(pub Again);

impl FromStr for Often {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        const HOW: Malformed = Malformed("expected \"never\", \"always\" or a span such as \"90 days\"");
        Ok(Self(match text {
            "never" => Again::Never,
            "always" => Again::Always,
            span => Again::After(span.parse().map_err(|_| HOW)?),
        }))
    }
}

/// A number, kept as it was written.
pub struct Decimal(pub String);

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Digits;
        impl Visitor<'_> for Digits {
            type Value = Decimal;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number such as 3 or 49.90")
            }

            fn visit_i64<E: de::Error>(self, n: i64) -> Result<Decimal, E> {
                Ok(Decimal(n.to_string()))
            }

            fn visit_f64<E: de::Error>(self, n: f64) -> Result<Decimal, E> {
                Ok(Decimal(n.to_string()))
            }
        }
        from.deserialize_any(Digits)
    }
}

/// One text, or several.
pub struct OneOf(pub Vec<String>);

impl<'de> Deserialize<'de> for OneOf {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = OneOf;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<OneOf, E> {
                Ok(OneOf(vec![text.to_owned()]))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<OneOf, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = list.next_element()? {
                    texts.push(text);
                }
                Ok(OneOf(texts))
            }
        }
        from.deserialize_any(Texts)
    }
}

/// What a custom event says.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Data(pub BTreeMap<String, String>);

/// Something that is known of a shopper.
#[derive(Clone, Copy)]
pub enum Fact {
    /// A number.
    Number(Number),
    /// A word.
    Word(Word),
}

impl<'de> Deserialize<'de> for Fact {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let read = || de::value::StrDeserializer::<de::value::Error>::new(&text);
        if let Ok(word) = Word::deserialize(read()) {
            return Ok(Self::Word(word));
        }
        Number::deserialize(read()).map(Self::Number).map_err(|error| {
            let words = "`country`, `language`, `category`, `size`, `answers_by`";
            de::Error::custom(format!("{error}, or the words {words}"))
        })
    }
}

/// What there is one run for, in the words of a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum OneFor {
    /// A shopper: one run at a time.
    Shopper,
    /// An order.
    Order,
    /// A product.
    Product,
    /// A cart, from the first thing in it until it is emptied or bought.
    Cart,
    /// A year.
    Year,
}

/// A channel on which messages come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// Mails.
    Email,
    /// Text messages.
    Sms,
}
