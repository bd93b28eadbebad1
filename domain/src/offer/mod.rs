//! Discounts: what they are worth, how long they last, what their codes look like and who has used them.

#[cfg(feature = "message")]
pub mod check;
#[cfg(feature = "hooks")]
pub mod list;
pub mod uses;

use serde::{Deserialize, Serialize};

use crate::id::Slug;
use crate::time::Span;
#[cfg(feature = "zones")]
use crate::{time::Timestamp, zone::Zone};

/// A discount that a shop gives for a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Its name: the file it is written in.
    pub name: Slug,
    /// Percent off, 1 to 100.
    pub percent: u8,
    /// Where its codes come from.
    pub codes: Codes,
    /// A code is good only for whom it was issued to. Nobody is asked about a code that everybody has.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub personal: bool,
}

/// Where an offer's codes come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Codes {
    /// One code for everybody.
    Shared {
        /// The code.
        code: String,
    },
    /// A new code for each shopper.
    Unique {
        /// What every code begins with: `HELLO` gives `HELLO-7KQ2M9XD`.
        prefix: String,
        /// How long a code is good for once it is issued.
        valid_for: Validity,
    },
    /// Codes that the shop's own system knows, each for one shopper.
    Pool(Pool),
}

/// A pool of codes that the shop's own system knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// How long a code is good for once it is issued.
    pub valid_for: Validity,
    /// The offer that stands in while the pool is dry; it has no pool itself.
    pub fallback: Slug,
    /// The merchant is told when fewer codes than this are left.
    pub low: u32,
    /// Codes are made ahead in the shop's system; without it they come as lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<Made>,
}

/// How a pool's codes are made ahead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Where.
    pub system: System,
    /// What every code begins with.
    pub prefix: String,
    /// How many are kept ready.
    pub ahead: u32,
}

/// A shop system in which codes can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum System {
    /// Shopify.
    Shopify,
    /// `WooCommerce`.
    WooCommerce,
}

impl System {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Shopify, Self::WooCommerce];

    /// Its name in texts and addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shopify => "shopify",
            Self::WooCommerce => "woocommerce",
        }
    }
}

/// How long a code is good for once it is issued: written as milliseconds, or as `today`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Validity {
    /// So long.
    For(Span),
    /// Until midnight where the shopper is.
    Until(DayEnd),
}

/// The end of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DayEnd {
    /// The day on which the code is issued.
    Today,
}

impl Validity {
    /// `today` in a shop's text.
    pub const TODAY: Self = Self::Until(DayEnd::Today);

    /// The last moment at which a code is good that is issued now to somebody whose clock stands in a zone.
    #[cfg(feature = "zones")]
    pub fn ends(self, zone: &Zone, now: Timestamp) -> Timestamp {
        match self {
            Self::For(span) => now + span,
            Self::Until(DayEnd::Today) => crate::clock::end_of_local_day(zone, now) + Span::milliseconds(-1),
        }
    }
}

impl Offer {
    /// Its pool, where it has one.
    pub const fn pool(&self) -> Option<&Pool> {
        match &self.codes {
            Codes::Pool(pool) => Some(pool),
            Codes::Shared { .. } | Codes::Unique { .. } => None,
        }
    }
}

/// Letters and digits that are not mistaken for one another when read aloud or typed.
const CODE_ALPHABET: &[u8; 31] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";
const CODE_LEN: usize = 8;

/// Makes a unique code from a seed (at least 64 random bits): `HELLO-7KQ2M9XD`.
///
/// 31^8 codes are about 2^39.6; the caller keeps a table of those issued and draws again on a clash.
pub fn unique_code(prefix: &str, seed: u64) -> String {
    let mut rest = seed;
    let mut code = String::with_capacity(prefix.len() + 1 + CODE_LEN);
    code.push_str(prefix);
    code.push('-');
    for _ in 0..CODE_LEN {
        let n = CODE_ALPHABET.len() as u64;
        code.push(char::from(CODE_ALPHABET[usize::try_from(rest % n).unwrap_or(0)]));
        rest /= n;
    }
    code
}

/// The longest code.
const LONGEST: usize = 64;

/// A code that shoppers can type: letters, digits and signs of ASCII, without spaces.
pub fn check_spelling(code: &str) -> Result<(), String> {
    let fits = |b: u8| b.is_ascii_graphic() && !b",;\"'<>\\".contains(&b);
    if code.is_empty() {
        return Err("is empty".into());
    }
    if code.len() > LONGEST {
        return Err(format!("{} characters; a code has at most {LONGEST}", code.chars().count()));
    }
    if !code.bytes().all(fits) {
        return Err("expected letters, digits and signs such as - and _, without spaces".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_code_begins_as_the_shop_wishes_and_can_be_read_aloud() {
        let code = unique_code("HELLO", 0x1234_5678_9abc_def0);
        assert_eq!(code.len(), "HELLO-".len() + 8);
        assert!(code.starts_with("HELLO-"));
        assert!(!code["HELLO-".len()..].contains(['0', 'O', '1', 'I', 'L']));
    }

    #[test]
    fn an_offer_of_an_older_release_is_read_as_before() {
        let old = r#"{"name":"welcome","percent":10,"codes":{"unique":{"prefix":"HELLO","valid_for":1209600000}}}"#;
        let offer: Offer = serde_json::from_str(old).unwrap();
        let Codes::Unique { valid_for, .. } = &offer.codes else { panic!("{offer:?}") };
        assert_eq!((*valid_for, offer.personal), (Validity::For(Span::days(14)), false));
        assert_eq!(serde_json::to_string(&offer).unwrap(), old);
        assert_eq!(serde_json::to_string(&Validity::TODAY).unwrap(), "\"today\"");
        assert_eq!(serde_json::from_str::<Validity>("\"today\"").unwrap(), Validity::TODAY);
    }

    #[cfg(feature = "zones")]
    #[test]
    fn today_ends_with_the_shopper_s_own_day() {
        let at = |text: &str| Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
        for (zone, now, tomorrow) in [
            ("Europe/London", "2026-11-22T15:00:00Z", "2026-11-23T00:00:00Z"),
            ("Asia/Riyadh", "2026-11-22T21:30:00Z", "2026-11-23T21:00:00Z"),
            ("America/New_York", "2026-11-22T03:00:00Z", "2026-11-22T05:00:00Z"),
            // Days of 23 and of 25 hours.
            ("Europe/Berlin", "2027-03-27T23:00:00Z", "2027-03-28T22:00:00Z"),
            ("Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
            // Cairo has no midnight on the last Friday of April, Havana has two on a Sunday in November.
            ("Africa/Cairo", "2026-04-23T12:00:00Z", "2026-04-23T22:00:00Z"),
            ("America/Havana", "2026-10-31T12:00:00Z", "2026-11-01T04:00:00Z"),
            // Samoa had no 30 December 2011.
            ("Pacific/Apia", "2011-12-30T05:00:00Z", "2011-12-30T10:00:00Z"),
        ] {
            let ends = Validity::TODAY.ends(&zone.parse().unwrap(), at(now));
            assert_eq!(ends + Span::milliseconds(1), at(tomorrow), "{zone} {now}");
        }
    }

    #[test]
    fn different_seeds_give_different_codes() {
        let codes: BTreeSet<String> =
            (0..1_000_u64).map(|n| unique_code("A", n.wrapping_mul(0x9E37_79B9_7F4A_7C15))).collect();
        assert_eq!(codes.len(), 1_000);
    }
}
