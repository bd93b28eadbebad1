//! Shoppers and their addresses, codes and permissions.

use std::fmt::Write as _;

use domain::law::Country;
use domain::offer::{Codes, Offer, unique_code};
use domain::place::Placement;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::joining::{self, MEMBERS, Whereabouts, whereabouts};
use super::{Shard, Shop, jobs, ledger};
use crate::call::Redemption;
use crate::problem::{Failed, Result};
use crate::seal::{PersonKey, Wrapped};
use crate::secrets::{ShopKeys, random};
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

/// A code as stored.
#[derive(Clone, Debug)]
pub struct Issued {
    pub code: String,
    pub percent: u8,
    pub ends: Option<Timestamp>,
    pub used: bool,
}

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

/// A person's code of an offer: the one that everybody has, or the latest that was issued to them.
pub fn code(db: &Db, shopper: &str, offer: &Offer) -> Result<Option<Issued>> {
    if let Codes::Shared { code } = &offer.codes {
        return Ok(Some(Issued { code: code.clone(), percent: offer.percent, ends: None, used: false }));
    }
    let row = db.row(
        &format!(
            "SELECT code, percent, ends, used FROM codes WHERE shopper IN ({MEMBERS}) AND offer = ?2
             ORDER BY issued DESC LIMIT 1"
        ),
        values![shopper, offer.name.as_str()],
    )?;
    row.map(|row| {
        Ok(Issued {
            code: row.text(0)?.to_owned(),
            percent: u8::try_from(row.int(1)?).unwrap_or_default(),
            ends: row.maybe_int(2).map(Timestamp),
            used: row.maybe_int(3).is_some(),
        })
    })
    .transpose()
}

/// The object that issued a code, in a shop of several: its last two digits say so.
pub fn issuer(placement: Placement, code: &str) -> Option<u16> {
    let digits = code.trim().get(code.trim().len().checked_sub(2)?..)?;
    let object = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())??;
    (placement.objects() > 1 && object < placement.objects()).then_some(object)
}

impl Shard {
    /// Notes that an order used a code. Somebody else's, or none of ours, changes nothing. The word of the
    /// shop's server is final. Where its owner has gone to live elsewhere, it is noted there, too.
    pub(super) fn redeem(&self, redemption: &Redemption) -> Result<()> {
        let (db, shop) = (&self.db, self.shop()?);
        let known = db.row(
            "SELECT code, shopper, offer, used, confirmed FROM codes WHERE code = upper(?)",
            values![redemption.code.as_str()],
        )?;
        let Some(known) = known else { return Ok(()) };
        let (code, shopper) = (known.text(0)?, known.text(1)?);
        let (used, confirmed) = (known.maybe_int(3).is_some(), known.maybe_int(4).is_some());
        if used && (confirmed || !redemption.by_shop) {
            return Ok(());
        }
        let by_shop = redemption.by_shop.then_some(redemption.at.0);
        db.run(
            "UPDATE codes SET used = coalesce(used, ?), confirmed = coalesce(confirmed, ?) WHERE code = ?",
            values![redemption.at.0, by_shop, code],
        )?;
        match whereabouts(db, shopper)? {
            Whereabouts::Moved(into) => {
                let object = shop.placement.object_of(into.home());
                jobs::add(db, &jobs::Job::redeem(self.now(), object, redemption.clone()))
            }
            Whereabouts::Here(_) | Whereabouts::Frozen if !used => {
                let data = serde_json::json!({ "offer": known.text(2)?, "order": { "id": redemption.order } });
                ledger::note(db, redemption.at, shopper, None, "code.used", &data)
            }
            _ => Ok(()),
        }
    }

    /// The shopper's code of an offer; a new one when there is none.
    pub(super) fn issue(&self, shop: &Shop, shopper: &str, offer: &Offer, now: Timestamp) -> Result<Issued> {
        match code(&self.db, shopper, offer)? {
            Some(issued) => Ok(issued),
            None => self.issue_new(shop, shopper, offer, now),
        }
    }

    /// A new code of an offer, whatever the shopper has already.
    pub(super) fn issue_new(&self, shop: &Shop, shopper: &str, offer: &Offer, now: Timestamp) -> Result<Issued> {
        let (text, ends) = match &offer.codes {
            Codes::Shared { code } => {
                return Ok(Issued { code: code.clone(), percent: offer.percent, ends: None, used: false });
            }
            Codes::Unique { prefix, valid_for } => (self.unused_code(shop, prefix)?, now + *valid_for),
        };
        self.db.run(
            "INSERT INTO codes (code, offer, shopper, percent, issued, ends) VALUES (?, ?, ?, ?, ?, ?)",
            values![text.as_str(), offer.name.as_str(), shopper, i64::from(offer.percent), now.0, ends.0],
        )?;
        ledger::note(
            &self.db,
            now,
            shopper,
            None,
            "code.issued",
            &serde_json::json!({ "offer": offer.name, "percent": offer.percent }),
        )?;
        Ok(Issued { code: text, percent: offer.percent, ends: Some(ends), used: false })
    }

    /// Draws until a code is free. In a shop of several shards the code's last digits follow from
    /// the shard, so that two never issue the same.
    fn unused_code(&self, shop: &Shop, prefix: &str) -> Result<String> {
        for _ in 0..16 {
            let seed = u64::from_be_bytes(random()?);
            let mut text = unique_code(prefix, seed);
            if shop.placement.objects() > 1 {
                let _ = write!(text, "{:02}", shop.object);
            }
            if self.db.row("SELECT 1 FROM codes WHERE code = ?", values![text.as_str()])?.is_none() {
                return Ok(text);
            }
        }
        Err(Failed::new("drawing a code", "sixteen draws were all taken").into())
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

#[cfg(test)]
mod tests {
    use domain::place::Placement;

    use super::issuer;

    #[test]
    fn a_code_says_which_object_issued_it() {
        let eight = Placement::over(8).unwrap();
        assert_eq!(issuer(eight, "HELLO-7KQ2M9XD07"), Some(7));
        assert_eq!(issuer(eight, " hello-7kq2m9xd00 "), Some(0));
        for none in ["HELLO-7KQ2M9XD08", "SUMMER", "X", "", "٣٤", "HELLO-7", "-1"] {
            assert_eq!(issuer(eight, none), None, "{none}");
        }
        assert_eq!(issuer(Placement::ONE, "HELLO-7KQ2M9XD00"), None);
    }
}
