//! What the shop's server and its files say of a customer.
//!
//! A [`CustomerRecord`] is a fold: joining records is commutative, associative and idempotent, so any
//! order of arrival, and any repetition, gives the same facts. Field by field the last word counts.

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::address::Email;
use crate::consent::Permission;
use crate::facts::Points;
use crate::form::Birthday;
use crate::id::Malformed;
use crate::latest::{Latest, earliest, join_each, said};
use crate::law::Country;
use crate::phone::Phone;
use crate::published::Language;
use crate::time::Timestamp;

/// Reads a language tag such as `de`, `pt-BR` or `pt_BR` into the form that shops publish in.
pub fn language(text: &str) -> Result<Language, Malformed> {
    let tag = text.trim().to_ascii_lowercase().replace('_', "-");
    let part = |(n, part): (usize, &str)| {
        let size = if n == 0 { 2..=3 } else { 1..=8 };
        size.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_lowercase() || (n > 0 && b.is_ascii_digit()))
    };
    if tag.len() <= 20 && tag.split('-').enumerate().all(part) {
        Ok(tag)
    } else {
        Err(Malformed("expected a language (BCP 47), such as \"de\" or \"pt-br\""))
    }
}

/// A person's name.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Name {
    /// Given name or names; the whole name where its parts are not known.
    pub given: String,
    /// Family name; may be empty.
    pub family: String,
}

/// Never the name itself: debug output ends in logs.
impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Name(…)")
    }
}

/// Where a permission that was given elsewhere comes from: what makes it a right to write.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Origin {
    /// When it was given.
    at: Timestamp,
    /// How, such as `checkbox at checkout`.
    method: String,
    /// The words that were agreed to, where they are known.
    wording: String,
    /// What recorded it, such as `till Hamburg`.
    source: String,
    /// The owner of the address has proven it (double opt-in).
    proven: bool,
}

impl Origin {
    /// An origin says how the permission was given, and the words agreed to or what recorded it.
    pub fn new(at: Timestamp, method: &str, wording: &str, source: &str, proven: bool) -> Result<Self, Malformed> {
        let [method, wording, source] =
            [(method, 80), (wording, 2_000), (source, 80)].map(|(text, most)| crate::event::cut(text, most));
        if method.is_empty() {
            return Err(Malformed("expected how the permission was given, such as \"checkbox at checkout\""));
        }
        if wording.is_empty() && source.is_empty() {
            return Err(Malformed("expected the words that were agreed to, or what recorded the permission"));
        }
        Ok(Self { at, method, wording, source, proven })
    }

    /// When the permission was given.
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// How it was given.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The words agreed to; may be empty.
    pub fn wording(&self) -> &str {
        &self.wording
    }

    /// What recorded it; may be empty.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether the owner of the address has proven it (double opt-in).
    pub const fn proven(&self) -> bool {
        self.proven
    }
}

/// What became of a permission. Of two at the same moment the withdrawal counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Right {
    /// Given, and it is known how.
    Given(Origin),
    /// Taken back.
    Withdrawn,
}

/// What is known of one customer of the shop.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerRecord {
    /// The shop's id for the customer. Guests and old lists have none; they are known by an address.
    pub id: Option<String>,
    /// All e-mail addresses; without an id, those that the customer is known by.
    pub emails: Option<Latest<BTreeSet<Email>>>,
    /// All telephone numbers; likewise.
    pub phones: Option<Latest<BTreeSet<Phone>>>,
    /// The name.
    pub name: Option<Latest<Name>>,
    /// The birthday.
    pub birthday: Option<Latest<Birthday>>,
    /// The language to write in.
    pub language: Option<Latest<Language>>,
    /// The country, which decides the market.
    pub country: Option<Latest<Country>>,
    /// The number of the loyalty card.
    pub loyalty: Option<Latest<String>>,
    /// The points on the account.
    #[serde(default)]
    pub points: Option<Latest<Points>>,
    /// What was allowed elsewhere. A permission without an origin is not in here.
    #[serde(with = "by_name")]
    pub permissions: BTreeMap<Permission, Latest<Right>>,
    /// When the shop deleted the customer.
    pub gone_at: Option<Timestamp>,
}

/// Permissions as JSON can hold them: under their names.
mod by_name {
    use super::{BTreeMap, Latest, Permission, Right};
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    type Rights = BTreeMap<Permission, Latest<Right>>;

    pub fn serialize<S: Serializer>(rights: &Rights, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(rights.iter().map(|(permission, right)| (permission.to_string(), right)))
    }

    pub fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Rights, D::Error> {
        let named = BTreeMap::<String, Latest<Right>>::deserialize(from)?;
        named.into_iter().map(|(name, right)| Ok((name.parse().map_err(D::Error::custom)?, right))).collect()
    }
}

impl CustomerRecord {
    /// Somebody of whom nothing is known but the shop's id.
    pub fn new(id: Option<String>) -> Self {
        Self { id, ..Self::default() }
    }

    /// The shop's id, else the first address: what the record is found by. Nothing, when nobody is meant.
    pub fn key(&self) -> Option<&str> {
        self.id
            .as_deref()
            .or_else(|| said(self.emails.as_ref())?.first().map(Email::as_str))
            .or_else(|| said(self.phones.as_ref())?.first().map(Phone::as_str))
    }

    /// Notes that a permission was given.
    pub fn give(&mut self, permission: Permission, origin: Origin) {
        join_each(&mut self.permissions, BTreeMap::from([(permission, Latest::new(origin.at, Right::Given(origin)))]));
    }

    /// Notes that a permission was taken back.
    pub fn withdraw(&mut self, permission: Permission, at: Timestamp) {
        join_each(&mut self.permissions, BTreeMap::from([(permission, Latest::new(at, Right::Withdrawn))]));
    }

    /// What makes it right to write, where it is.
    pub fn right(&self, permission: Permission) -> Option<&Origin> {
        match said(self.permissions.get(&permission))? {
            Right::Given(origin) if self.gone_at.is_none() => Some(origin),
            _ => None,
        }
    }

    /// Takes in what another record says of the same customer.
    pub fn join(&mut self, other: Self) {
        // A guest who becomes a customer gets an id; should two differ, the smaller counts everywhere.
        self.id = match (self.id.take(), other.id) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Latest::join_option(&mut self.emails, other.emails);
        Latest::join_option(&mut self.phones, other.phones);
        Latest::join_option(&mut self.name, other.name);
        Latest::join_option(&mut self.birthday, other.birthday);
        Latest::join_option(&mut self.language, other.language);
        Latest::join_option(&mut self.country, other.country);
        Latest::join_option(&mut self.loyalty, other.loyalty);
        Latest::join_option(&mut self.points, other.points);
        join_each(&mut self.permissions, other.permissions);
        self.gone_at = earliest(self.gone_at, other.gone_at);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::consent::EMAIL_MARKETING;

    fn record() -> impl Strategy<Value = CustomerRecord> {
        let at = (0..4_i64).prop_map(Timestamp);
        let email = prop::sample::select(vec!["a@example.org", "b@example.org"]);
        let permission = prop::option::of((0..4_i64, any::<bool>()));
        (at, prop::option::of(email), prop::option::of(0..3_u8), permission, prop::option::of(0..3_i64)).prop_map(
            |(at, email, name, permission, gone)| {
                let mut record = CustomerRecord::new(Some("c1".into()));
                record.emails = email.map(|email| Latest::new(at, BTreeSet::from([email.parse().unwrap()])));
                record.name = name.map(|n| Latest::new(at, Name { given: n.to_string(), family: String::new() }));
                match permission {
                    Some((when, true)) => record
                        .give(EMAIL_MARKETING, Origin::new(Timestamp(when), "checkbox", "", "till", false).unwrap()),
                    Some((when, false)) => record.withdraw(EMAIL_MARKETING, Timestamp(when)),
                    None => {}
                }
                record.gone_at = gone.map(Timestamp);
                record
            },
        )
    }

    proptest! {
        #[test]
        fn any_order_and_repetition_gives_the_same_customer(
            (told, shuffled) in prop::collection::vec(record(), 1..6).prop_flat_map(|told| {
                let twice: Vec<_> = told.iter().chain(&told).cloned().collect();
                (Just(told), Just(twice).prop_shuffle())
            })
        ) {
            let fold = |records: Vec<CustomerRecord>| records.into_iter().reduce(|mut a, b| { a.join(b); a });
            prop_assert_eq!(fold(told), fold(shuffled));
        }
    }

    #[test]
    fn a_permission_without_an_origin_cannot_be_built() {
        assert!(Origin::new(Timestamp(1), "", "yes", "till", true).is_err());
        assert!(Origin::new(Timestamp(1), "checkbox", " ", "", true).is_err());
        assert!(Origin::new(Timestamp(1), "checkbox", "Write to me", "", true).is_ok());
    }

    #[test]
    fn a_withdrawal_ends_the_right_to_write_until_it_is_given_anew() {
        let given = |at| Origin::new(Timestamp(at), "checkbox", "", "till", false).unwrap();
        let mut record = CustomerRecord::new(Some("c1".into()));
        record.give(EMAIL_MARKETING, given(5));
        assert!(record.right(EMAIL_MARKETING).is_some());
        record.withdraw(EMAIL_MARKETING, Timestamp(5));
        record.give(EMAIL_MARKETING, given(4));
        assert!(record.right(EMAIL_MARKETING).is_none());
        record.give(EMAIL_MARKETING, given(6));
        assert!(record.right(EMAIL_MARKETING).is_some());
        record.gone_at = Some(Timestamp(7));
        assert!(record.right(EMAIL_MARKETING).is_none());
    }

    #[test]
    fn a_record_survives_its_json() {
        let mut record = CustomerRecord::new(Some("c1".into()));
        record.give(EMAIL_MARKETING, Origin::new(Timestamp(1), "checkbox", "", "till", true).unwrap());
        let json = serde_json::to_string(&record).unwrap();
        assert!(json.contains("\"email.marketing\""), "{json}");
        assert_eq!(serde_json::from_str::<CustomerRecord>(&json).unwrap(), record);
    }

    #[test]
    fn languages_and_countries_are_read_in_one_form() {
        assert_eq!(language("pt_BR").as_deref(), Ok("pt-br"));
        assert_eq!(language("en").as_deref(), Ok("en"));
        for text in ["", "english", "e", "d1", "de-", "de--at"] {
            assert!(language(text).is_err(), "{text}");
        }
        assert_eq!("de".parse::<Country>().map(String::from).as_deref(), Ok("DE"));
        assert!("Germany".parse::<Country>().is_err());
    }
}
