//! Personal data at rest: AES-256-GCM under a key for each person, itself wrapped by the shop's
//! current master. Destroying a person's wrapped key erases everything sealed under it.

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _, Nonce};

use crate::problem::{Error, Failed, Result};
use crate::secrets::{Key, ShopKeys, random};

const NONCE_BYTES: usize = 12;

/// A person's key as it is stored.
pub struct Wrapped {
    /// Version of the master it is wrapped by.
    pub version: u32,
    /// The wrapped key.
    pub bytes: Vec<u8>,
}

/// A person's key, usable.
pub struct PersonKey(Key);

impl PersonKey {
    /// A new key, and the form in which it is stored. `owner` is the shopper's id.
    pub fn create(keys: &ShopKeys, owner: &str) -> Result<(Self, Wrapped)> {
        let person = Self(random()?);
        let wrapped = person.wrap(keys, owner)?;
        Ok((person, wrapped))
    }

    /// The same key under the newest master.
    pub fn wrap(&self, keys: &ShopKeys, owner: &str) -> Result<Wrapped> {
        let (version, master) = keys.newest_seal().ok_or_else(|| Failed::new("sealing", "no master key"))?;
        Ok(Wrapped { version, bytes: lock(master, owner, &self.0)? })
    }

    /// Opens a stored key.
    pub fn unwrap(keys: &ShopKeys, owner: &str, wrapped: &Wrapped) -> Result<Self> {
        let master = keys.seal(wrapped.version).ok_or_else(|| gone(wrapped.version))?;
        let bytes = unlock(master, owner, &wrapped.bytes)?;
        Key::try_from(bytes)
            .map(Self)
            .map_err(|_| Error::from(Failed::new("unsealing", "a person's key has a wrong length")))
    }

    /// Seals a text. `place` is where it is kept (`address`, `profile`): it opens nowhere else.
    pub fn seal(&self, place: &str, text: &str) -> Result<Vec<u8>> {
        self.seal_bytes(place, text.as_bytes())
    }

    /// Seals bytes, likewise.
    pub fn seal_bytes(&self, place: &str, bytes: &[u8]) -> Result<Vec<u8>> {
        lock(&self.0, place, bytes)
    }

    /// Opens a sealed text.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<String> {
        let bytes = self.open_bytes(place, sealed)?;
        String::from_utf8(bytes).map_err(|_| Failed::new("unsealing", "not text").into())
    }

    /// Opens sealed bytes.
    pub fn open_bytes(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        unlock(&self.0, place, sealed)
    }
}

/// Seals a text that belongs to the shop and to no person yet. In front stands the version of the key.
pub fn seal_for_shop(keys: &ShopKeys, place: &str, text: &str) -> Result<Vec<u8>> {
    seal_bytes_for_shop(keys, place, text.as_bytes())
}

/// Seals bytes that belong to the shop, likewise.
pub fn seal_bytes_for_shop(keys: &ShopKeys, place: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    let (version, key) = keys.newest_share().ok_or_else(|| Failed::new("sealing", "no master key"))?;
    Ok([version.to_be_bytes().as_slice(), &lock(key, place, bytes)?].concat())
}

/// Opens what [`seal_for_shop`] sealed.
pub fn open_for_shop(keys: &ShopKeys, place: &str, sealed: &[u8]) -> Result<String> {
    let bytes = open_bytes_for_shop(keys, place, sealed)?;
    String::from_utf8(bytes).map_err(|_| Failed::new("unsealing", "not text").into())
}

/// Opens what [`seal_bytes_for_shop`] sealed.
pub fn open_bytes_for_shop(keys: &ShopKeys, place: &str, sealed: &[u8]) -> Result<Vec<u8>> {
    let (version, sealed) = sealed.split_first_chunk().ok_or_else(|| Failed::new("unsealing", "too short"))?;
    let version = u32::from_be_bytes(*version);
    let key = keys.share(version).ok_or_else(|| gone(version))?;
    unlock(key, place, sealed)
}

/// The first bytes of what [`seal_for_shop`] seals now; what begins otherwise is under an older key.
pub fn newest_for_shop(keys: &ShopKeys) -> Vec<u8> {
    keys.newest_share().map(|(version, _)| version.to_be_bytes().to_vec()).unwrap_or_default()
}

fn gone(version: u32) -> Failed {
    Failed::new("unsealing", format!("master key {version} is gone; put it back into RAPPORT_MASTER_KEYS"))
}

fn lock(key: &Key, place: &str, plain: &[u8]) -> Result<Vec<u8>> {
    let nonce: [u8; NONCE_BYTES] = random()?;
    let sealed = Aes256Gcm::new(key.into())
        .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: place.as_bytes() })
        .map_err(|_| Failed::new("sealing", "too long"))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn unlock(key: &Key, place: &str, sealed: &[u8]) -> Result<Vec<u8>> {
    let (nonce, sealed) =
        sealed.split_first_chunk::<NONCE_BYTES>().ok_or_else(|| Failed::new("unsealing", "too short"))?;
    Aes256Gcm::new(key.into())
        .decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: place.as_bytes() })
        .map_err(|_| Failed::new("unsealing", "wrong key, wrong place or changed").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_with_its_key_at_its_place() {
        let (anna, ben) = (PersonKey([1; 32]), PersonKey([2; 32]));
        let sealed = anna.seal("address", "anna@example.org").unwrap();
        assert_eq!(anna.open("address", &sealed).unwrap(), "anna@example.org");
        assert!(ben.open("address", &sealed).is_err());
        assert!(anna.open("profile", &sealed).is_err());
        let mut changed = sealed.clone();
        changed[20] ^= 1;
        assert!(anna.open("address", &changed).is_err());
        assert!(anna.open("address", &sealed[..5]).is_err());
        assert!(!sealed.windows(4).any(|part| part == b"anna"));
    }
}
