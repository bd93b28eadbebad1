//! Statements tied to each other by hash, one chain for each shopper.
//!
//! Every link carries the hash of the one before it, so nothing in the middle can be changed, left
//! out, doubled or moved without all that follows ceasing to fit. Whoever rewrites a chain to its
//! end can make it fit again: what gives that away is an older copy, such as an export kept outside
//! or the hash that a shopper was given with the confirmation.
//!
//! A chain survives erasing. Its links hold no address, number or name: the shopper stands there as
//! a random id, an order as a keyed hash, the page without its query. Erasing destroys the key of
//! the data that ties the id to a person; the links stay, and stay verifiable, as proof that
//! somebody who cannot be named any longer allowed something in these words at that time.

use core::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::export::Line;
use super::{Basis, Hash, Statement};
use crate::id::ShopperId;

/// What the first link of a chain names as the one before it.
pub const GENESIS: Hash = Hash([0; 32]);

/// Version of the canonical bytes.
const VERSION: u8 = 1;

/// A statement in its chain. Its JSON is a line of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Line", try_from = "Line")]
pub struct Link {
    /// Whose chain.
    pub shopper: ShopperId,
    /// The hash of the link before it; [`GENESIS`] for the first.
    pub previous: Hash,
    /// What was said.
    pub statement: Statement,
    /// SHA-256 over the canonical bytes of all the above.
    pub hash: Hash,
}

/// What is wrong with a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its hash does not fit what it says: something in it was changed.
    Content,
    /// It does not follow the link before it: one was dropped, doubled, moved or put in between.
    Order,
    /// It belongs to another shopper.
    Shopper,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Content => "its hash does not fit what it says: something in it was changed",
            Self::Order => {
                "it does not follow the receipt before it: one was dropped, doubled, moved or put in between"
            }
            Self::Shopper => "it belongs to another shopper",
        })
    }
}

/// The first link of a chain that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which, from 0.
    pub index: usize,
    /// Why.
    pub fault: Fault,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "link {}: {}", self.index, self.fault)
    }
}

impl core::error::Error for Broken {}

/// Ties a statement to the chain that ends with `head` ([`GENESIS`] for a chain that is empty).
pub fn append(shopper: ShopperId, head: Hash, statement: Statement) -> Link {
    let hash = hash_of(shopper, head, &statement);
    Link { shopper, previous: head, statement, hash }
}

/// Checks a shopper's chain from its first link and returns its head.
pub fn verify(shopper: ShopperId, links: &[Link]) -> Result<Hash, Broken> {
    links.iter().enumerate().try_fold(GENESIS, |head, (index, link)| {
        if link.shopper != shopper {
            return Err(Broken { index, fault: Fault::Shopper });
        }
        link.follows(head).map_err(|fault| Broken { index, fault })
    })
}

impl Link {
    /// Checks that this link is whole and follows `head`, and returns the new head.
    pub fn follows(&self, head: Hash) -> Result<Hash, Fault> {
        if self.hash != hash_of(self.shopper, self.previous, &self.statement) {
            return Err(Fault::Content);
        }
        if self.previous != head {
            return Err(Fault::Order);
        }
        Ok(self.hash)
    }
}

/// SHA-256 over the canonical bytes: the version byte, then each field as its length (four bytes,
/// most significant first) and its bytes. Texts are UTF-8; moments are eight bytes, most
/// significant first, two's complement; what has kinds or may be absent begins with a field that
/// names the kind (`none` where it is absent). The order is that of the code below and never changes within a version.
fn hash_of(shopper: ShopperId, previous: Hash, statement: &Statement) -> Hash {
    let mut canonical = Canonical(Sha256::new_with_prefix([VERSION]));
    let receipt = &statement.receipt;
    canonical.field(shopper.0.as_bytes());
    canonical.field(&previous.0);
    canonical.field(receipt.permission.to_string().as_bytes());
    canonical.field(receipt.standing.as_str().as_bytes());
    canonical.field(&receipt.at.0.to_be_bytes());
    for text in [&receipt.wording, &receipt.version, &receipt.page, &receipt.method] {
        canonical.field(text.as_bytes());
    }
    match &statement.basis {
        Basis::Consent => canonical.field(b"consent"),
        Basis::SoftOptIn { order, at } => {
            canonical.field(b"soft_opt_in");
            canonical.field(&order.0);
            canonical.field(&at.0.to_be_bytes());
        }
        Basis::Imported { origin } => {
            canonical.field(b"imported");
            canonical.field(origin.as_bytes());
        }
    }
    match &statement.proof {
        None => canonical.field(b"none"),
        Some(proof) => {
            canonical.field(b"proof");
            canonical.field(proof.method.as_bytes());
            canonical.field(&proof.at.0.to_be_bytes());
        }
    }
    Hash(canonical.0.finalize().into())
}

struct Canonical(Sha256);

impl Canonical {
    fn field(&mut self, bytes: &[u8]) {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.0.update(length.to_be_bytes());
        self.0.update(bytes);
    }
}
