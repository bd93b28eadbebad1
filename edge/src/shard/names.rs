//! Whose a name is. A name is kept by its keyed hash, in the object of its bucket, and becomes
//! somebody's there and nowhere else: so it never has two owners.

use domain::address::Email;
use domain::id::ShopperId;
use domain::identity::NameKind;
use domain::place::Bucket;
use domain::time::Timestamp;

use super::{people, retention};
use crate::problem::{Failed, Result};
use crate::seal::PersonKey;
use crate::secrets::{ShopKeys, random};
use crate::sql::{Db, values};

/// A name as it is looked for.
pub type Hash = [u8; 32];

/// Who owns a name: the shopper whose it was first, whoever that one was joined to since.
pub fn owner(db: &Db, hash: Hash) -> Result<Option<ShopperId>> {
    let row = db.row("SELECT shopper FROM names WHERE hash = ?", values![hash.to_vec()])?;
    row.map(|row| Ok(row.text(0)?.parse().map_err(|_| Failed::new("reading a name", "its owner is no shopper"))?))
        .transpose()
}

/// Makes a name somebody's that is nobody's yet, and says whose it is now.
pub fn claim(db: &Db, hash: Hash, kind: NameKind, shopper: ShopperId, now: Timestamp) -> Result<ShopperId> {
    db.run(
        "INSERT OR IGNORE INTO names (hash, kind, shopper, since) VALUES (?, ?, ?, ?)",
        values![hash.to_vec(), kind.as_str(), shopper.to_string(), now.0],
    )?;
    Ok(owner(db, hash)?.unwrap_or(shopper))
}

/// Makes somebody of an e-mail address that nobody has. They live where the address's name is. An address
/// that somebody is written to by stays theirs, even where its name was given up meanwhile.
pub fn newcomer(
    db: &Db,
    keys: &ShopKeys,
    email: &Email,
    hash: Hash,
    language: &str,
    now: Timestamp,
) -> Result<ShopperId> {
    if let Some(row) = db.row("SELECT shopper FROM addresses WHERE hash = ?", values![hash.to_vec()])? {
        let shopper = row.text(0)?.parse().map_err(|_| Failed::new("reading an address", "its owner is no shopper"))?;
        return claim(db, hash, NameKind::Email, shopper, now);
    }
    let shopper = ShopperId::at_home(now, Bucket::of_hash(&hash), random()?);
    claim(db, hash, NameKind::Email, shopper, now)?;
    let id = shopper.to_string();
    let (key, wrapped) = PersonKey::create(keys, &id)?;
    db.run(
        "INSERT INTO shoppers (id, since, language, key_version, key) VALUES (?, ?, ?, ?, ?)",
        values![id.as_str(), now.0, language, i64::from(wrapped.version), wrapped.bytes],
    )?;
    db.run(
        "INSERT INTO addresses (hash, shopper, channel, sealed, state, since) VALUES (?, ?, 'email', ?, 'asked', ?)",
        values![hash.to_vec(), id.as_str(), key.seal(people::ADDRESS, email.as_str())?, now.0],
    )?;
    retention::first_look(db, &id, now)?;
    Ok(shopper)
}
