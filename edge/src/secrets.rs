//! The deployment's secrets and the keys derived from them for each shop.
//!
//! Two kinds: the index key names things (buckets, addresses, link tokens) and stays, because what
//! it named could not be found again; the master keys seal personal data and rotate.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::id::ShopKey;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use worker::Env;

use crate::problem::{Failed, Result};

/// A key of 256 bits.
pub type Key = [u8; 32];

/// The deployment's secrets.
pub struct Secrets {
    index: Key,
    masters: Vec<(u32, Key)>,
}

/// One shop's keys.
pub struct ShopKeys {
    names: Key,
    tokens: Key,
    seals: Vec<(u32, Key)>,
    shares: Vec<(u32, Key)>,
}

impl Secrets {
    /// Reads `RAPPORT_INDEX_KEY` (base64 of 32 bytes) and `RAPPORT_MASTER_KEYS` (`2:BASE64,1:BASE64`,
    /// the newest first).
    pub fn read(env: &Env) -> Result<Self> {
        let read = |name: &'static str| {
            env.secret(name)
                .map(|secret| secret.to_string())
                .map_err(|_| Failed::new("reading secrets", format!("{name} is not set; see README, \"Secrets\"")))
        };
        let key = |text: &str| STANDARD.decode(text.trim()).ok().and_then(|bytes| Key::try_from(bytes).ok());
        let bad = |name| Failed::new("reading secrets", format!("{name} is not base64 of 32 bytes"));
        let index = key(&read("RAPPORT_INDEX_KEY")?).ok_or_else(|| bad("RAPPORT_INDEX_KEY"))?;
        let masters: Option<Vec<(u32, Key)>> = read("RAPPORT_MASTER_KEYS")?
            .split(',')
            .map(|part| {
                part.split_once(':').and_then(|(version, text)| Some((version.trim().parse().ok()?, key(text)?)))
            })
            .collect();
        let masters = masters.filter(|list| !list.is_empty()).ok_or_else(|| bad("RAPPORT_MASTER_KEYS"))?;
        Ok(Self { index, masters })
    }

    /// The keys of one shop.
    pub fn of(&self, shop: &ShopKey) -> ShopKeys {
        let masters =
            |purpose| self.masters.iter().map(|(version, master)| (*version, derive(master, purpose, shop))).collect();
        ShopKeys {
            names: derive(&self.index, "names", shop),
            tokens: derive(&self.index, "tokens", shop),
            seals: masters("seal"),
            shares: masters("share"),
        }
    }
}

fn derive(secret: &Key, purpose: &str, shop: &ShopKey) -> Key {
    let mut key = Key::default();
    // An output of 32 bytes is always possible (RFC 5869 allows 255 times that).
    let _ = Hkdf::<Sha256>::new(None, secret)
        .expand_multi_info(&[b"rapport/1/", purpose.as_bytes(), b"/", shop.as_str().as_bytes()], &mut key);
    key
}

impl ShopKeys {
    /// The keyed hash by which an address or a visitor is found; its first bits are the bucket.
    pub fn name(&self, kind: &str, text: &str) -> [u8; 32] {
        mac(&self.names, &[kind.as_bytes(), b":", text.as_bytes()])
    }

    /// A keyed hash that proves a link was made here.
    pub fn sign(&self, parts: &[&[u8]]) -> [u8; 32] {
        mac(&self.tokens, parts)
    }

    /// The newest key for sealing, with its version.
    pub fn newest_seal(&self) -> Option<(u32, &Key)> {
        self.seals.first().map(|(version, key)| (*version, key))
    }

    /// The newest key for what belongs to the shop and to no person yet, with its version.
    pub fn newest_share(&self) -> Option<(u32, &Key)> {
        self.shares.first().map(|(version, key)| (*version, key))
    }

    /// That key of one version.
    pub fn share(&self, version: u32) -> Option<&Key> {
        self.shares.iter().find(|(have, _)| *have == version).map(|(_, key)| key)
    }

    /// The key of one version.
    pub fn seal(&self, version: u32) -> Option<&Key> {
        self.seals.iter().find(|(have, _)| *have == version).map(|(_, key)| key)
    }
}

fn mac(key: &Key, parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length; one of 32 bytes cannot be refused.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Fills an array with random bytes of the platform.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Failed::new("drawing random bytes", error))?;
    Ok(bytes)
}
