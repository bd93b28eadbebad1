//! Links in mails. A token names its bucket and a random number and proves that we made it, so a
//! made-up one is refused before any object is asked. A copy of the database alone makes no links.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::place::Bucket;
use subtle::ConstantTimeEq as _;

use crate::problem::Result;
use crate::secrets::{ShopKeys, random};

const ID_BYTES: usize = 12;
const PROOF_BYTES: usize = 16;

/// What a link is for. A token for one purpose is none for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// Confirms an address.
    Confirm,
    /// Takes permission back.
    Unsubscribe,
    /// Says who comes from a letter.
    Visit,
    /// Hands out a copy of everything.
    Export,
    /// Erases everything.
    Erase,
}

impl LinkKind {
    /// The kind as it stands in tables and in proofs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Unsubscribe => "unsubscribe",
            Self::Visit => "visit",
            Self::Export => "export",
            Self::Erase => "erase",
        }
    }
}

/// What a token names: its bucket and a random number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkId {
    /// The bucket of the address it was sent to.
    pub bucket: Bucket,
    random: [u8; ID_BYTES],
}

impl LinkId {
    /// A new one for an address in that bucket.
    pub fn new(bucket: Bucket) -> Result<Self> {
        Ok(Self { bucket, random: random()? })
    }

    /// As it is kept in tables.
    pub fn as_text(&self) -> String {
        let bytes = [self.bucket.number().to_be_bytes().as_slice(), &self.random].concat();
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// From a table.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::from_bytes(&URL_SAFE_NO_PAD.decode(text).ok()?)
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (number, random) = bytes.split_first_chunk::<2>()?;
        Some(Self { bucket: Bucket::from_number(u16::from_be_bytes(*number)).ok()?, random: random.try_into().ok()? })
    }

    /// The token that stands in a link.
    pub fn token(&self, keys: &ShopKeys, kind: LinkKind) -> String {
        let id = [self.bucket.number().to_be_bytes().as_slice(), &self.random].concat();
        let proof = keys.sign(&[kind.as_str().as_bytes(), b":", &id]);
        URL_SAFE_NO_PAD.encode([id.as_slice(), proof.get(..PROOF_BYTES).unwrap_or_default()].concat())
    }

    /// What a token names, if we made it for this purpose.
    pub fn verify(keys: &ShopKeys, kind: LinkKind, token: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (id, proof) = bytes.split_at_checked(2 + ID_BYTES)?;
        let expected = keys.sign(&[kind.as_str().as_bytes(), b":", id]);
        let expected = expected.get(..PROOF_BYTES)?;
        bool::from(expected.ct_eq(proof)).then(|| Self::from_bytes(id))?
    }
}
