//! Shoppers and their addresses.

use domain::clock::{Clocks, calling};
use domain::law::Country;
use domain::published::ShopConfig;
use serde::{Deserialize, Serialize};

use super::joining::{self, MEMBERS};
use super::{Shard, Shop, preferences};
use crate::problem::{Failed, Result};
use crate::seal::{PersonKey, Wrapped};
use crate::secrets::ShopKeys;
use crate::sql::{Db, Value, values};

/// What somebody told us about themselves. Sealed at rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// What to call them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// Their birthday.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birthday: Option<domain::form::Birthday>,
}

impl Profile {
    /// What is newly said replaces what was said before; what is left out stays.
    pub fn overlay(self, newer: Self) -> Self {
        Self { given_name: newer.given_name.or(self.given_name), birthday: newer.birthday.or(self.birthday) }
    }

    /// Nothing was said.
    pub fn is_empty(&self) -> bool {
        self.given_name.is_none() && self.birthday.is_none()
    }
}

/// A shopper as stored, with the key that opens what is sealed.
pub struct Person {
    pub id: String,
    pub language: String,
    pub key: PersonKey,
    pub profile: Profile,
}

/// The countries of so many numbers are remembered at a time.
const MOST_NUMBERS: usize = 10_000;

/// The place names under which things are sealed.
pub const ADDRESS: &str = "address";
const PROFILE: &str = "profile";

/// A shopper by id.
pub fn person(db: &Db, keys: &ShopKeys, id: &str) -> Result<Option<Person>> {
    let Some(row) = db.row("SELECT language, key_version, key, profile FROM shoppers WHERE id = ?", values![id])?
    else {
        return Ok(None);
    };
    let version = u32::try_from(row.int(1)?).map_err(|_| Failed::new("reading a shopper", "key version"))?;
    let key = PersonKey::unwrap(keys, id, &Wrapped { version, bytes: row.bytes(2)?.to_vec() })?;
    let profile = match row.maybe_bytes(3) {
        Some(sealed) => serde_json::from_str(&key.open(PROFILE, sealed)?)?,
        None => Profile::default(),
    };
    Ok(Some(Person { id: id.to_owned(), language: row.text(0)?.to_owned(), key, profile }))
}

/// An address or a telephone number in plain, by the key of the shopper whose it was first.
pub fn open_address(db: &Db, keys: &ShopKeys, shopper: &str, sealed: &[u8]) -> Result<String> {
    let person = person(db, keys, shopper)?.ok_or_else(|| Failed::new("reading an address", "its shopper is gone"))?;
    person.key.open(ADDRESS, sealed)
}

impl Person {
    /// Keeps a profile.
    pub fn keep_profile(&self, db: &Db, profile: &Profile) -> Result<()> {
        let sealed = self.seal_profile(profile)?;
        db.run("UPDATE shoppers SET profile = ? WHERE id = ?", values![sealed, self.id.as_str()])
    }

    /// A profile in the form in which it is stored; nothing when nothing was said.
    pub fn seal_profile(&self, profile: &Profile) -> Result<Value> {
        if profile.is_empty() {
            return Ok(Value::Null);
        }
        Ok(self.key.seal(PROFILE, &serde_json::to_string(profile)?)?.into())
    }

    /// A stored profile in plain.
    pub fn open_profile(&self, sealed: &[u8]) -> Result<Profile> {
        Ok(serde_json::from_str(&self.key.open(PROFILE, sealed)?)?)
    }
}

/// The language in which a shopper reads; empty where nobody knows.
pub fn language(db: &Db, shopper: &str) -> Result<String> {
    let row = db.row("SELECT language FROM shoppers WHERE id = ?", values![shopper])?;
    Ok(row.and_then(|row| row.maybe_text(0).map(str::to_owned)).unwrap_or_default())
}

/// What a person told about themselves; the older shopper's word counts among those that are joined.
pub fn profile(db: &Db, keys: &ShopKeys, person: &str) -> Result<Profile> {
    let mut profile = Profile::default();
    for member in joining::members(db, person)? {
        if let Some(member) = self::person(db, keys, &member)? {
            profile = member.profile.overlay(profile);
        }
    }
    Ok(profile)
}

/// Where a person is; nothing where nobody knows.
pub fn country(db: &Db, shopper: &str) -> Result<Option<Country>> {
    let query =
        format!("SELECT country FROM shoppers WHERE id IN ({MEMBERS}) AND country IS NOT NULL ORDER BY id LIMIT 1");
    Ok(db.row(&query, values![shopper])?.and_then(|row| row.maybe_text(0)?.parse().ok()))
}

impl Shard {
    /// Where a person's clock may stand: their zone, their country's, those of their numbers.
    pub(super) fn clocks_of(&self, shop: &Shop, config: &ShopConfig, person: &str) -> Result<Clocks> {
        let zone = preferences::of(&self.db, person)?.zone;
        let numbers = self.countries_of_numbers(shop, person)?;
        let home = preferences::home_zone(config);
        Ok(Clocks::told(zone.as_ref(), country(&self.db, person)?, &numbers, &home))
    }

    /// The countries in which a person's numbers may be, the likeliest first. A number lies sealed: it is opened once,
    /// and its countries are remembered as long as this object is awake.
    pub(super) fn countries_of_numbers(&self, shop: &Shop, person: &str) -> Result<Vec<Country>> {
        let query = format!(
            "SELECT hash, sealed, shopper FROM addresses WHERE shopper IN ({MEMBERS}) AND channel = 'sms'
              ORDER BY state = 'confirmed' DESC, since, hash"
        );
        let mut countries = Vec::new();
        for row in self.db.rows(&query, values![person])? {
            let known = shop.numbers.borrow().get(row.bytes(0)?).copied();
            let of_number = if let Some(known) = known {
                known
            } else {
                let number = open_address(&self.db, &shop.keys, row.text(2)?, row.bytes(1)?)?;
                let found = number.parse().map(|number| calling::countries(&number)).unwrap_or_default();
                let mut numbers = shop.numbers.borrow_mut();
                if numbers.len() >= MOST_NUMBERS {
                    numbers.clear();
                }
                numbers.insert(row.bytes(0)?.to_vec(), found);
                found
            };
            for country in of_number {
                if !countries.contains(country) {
                    countries.push(*country);
                }
            }
        }
        Ok(countries)
    }

    /// Seals people's keys anew under the newest master; how many were left to do.
    pub(super) fn rewrap(&self, most: u16) -> Result<i64> {
        let shop = self.shop()?;
        let newest = shop.keys.newest_seal().map(|(version, _)| i64::from(version)).unwrap_or_default();
        let rows = self.db.rows(
            "SELECT id, key_version, key FROM shoppers WHERE key_version <> ? AND state NOT IN ('moved', 'erased') LIMIT ?",
            values![newest, i64::from(most)],
        )?;
        for row in rows {
            let id = row.text(0)?;
            let version = u32::try_from(row.int(1)?).map_err(|_| Failed::new("reading a shopper", "key version"))?;
            let key = PersonKey::unwrap(&shop.keys, id, &Wrapped { version, bytes: row.bytes(2)?.to_vec() })?;
            let wrapped = key.wrap(&shop.keys, id)?;
            self.db.run(
                "UPDATE shoppers SET key = ?, key_version = ? WHERE id = ?",
                values![wrapped.bytes, i64::from(wrapped.version), id],
            )?;
        }
        self.db.number(
            "SELECT count(*) FROM shoppers WHERE key_version <> ? AND state NOT IN ('moved', 'erased')",
            values![newest],
        )
    }
}
