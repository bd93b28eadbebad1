//! Names and ids as types, so that one is never taken for another.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};
pub use uuid::Uuid;

use crate::place::Bucket;
use crate::time::Timestamp;

/// A shop's public key, as it stands in the script tag: `pk_` and twenty of `a`–`z`, `0`–`9`.
///
/// It names the tenant everywhere. Whoever holds it may write events and read what is published,
/// nothing else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShopKey(String);

/// A string that is not what its type asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl core::error::Error for Malformed {}

const KEY_PREFIX: &str = "pk_";
const KEY_LEN: usize = 20;
const KEY_ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

impl ShopKey {
    /// Makes a new key from random bytes; each byte gives one character (a bias of 4 in 256 does
    /// not matter: the key is public).
    pub fn from_random(bytes: [u8; KEY_LEN]) -> Self {
        let mut key = String::with_capacity(KEY_PREFIX.len() + KEY_LEN);
        key.push_str(KEY_PREFIX);
        key.extend(bytes.iter().map(|b| char::from(KEY_ALPHABET[usize::from(*b) % KEY_ALPHABET.len()])));
        Self(key)
    }

    /// The key as text, prefix included.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key without its prefix, as it stands inside an admin token.
    pub fn bare(&self) -> &str {
        self.0.get(KEY_PREFIX.len()..).unwrap_or_default()
    }
}

impl FromStr for ShopKey {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let bare = text.strip_prefix(KEY_PREFIX).unwrap_or_default();
        if bare.len() == KEY_LEN && bare.bytes().all(|b| KEY_ALPHABET.contains(&b)) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Malformed("expected a shop's public key: pk_ and twenty letters or digits"))
        }
    }
}

impl TryFrom<String> for ShopKey {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<ShopKey> for String {
    fn from(key: ShopKey) -> Self {
        key.0
    }
}

impl fmt::Display for ShopKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl FromStr for $name {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                Uuid::try_parse(text).map(Self).map_err(|_| Malformed("expected a UUID"))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

uuid_id!(
    /// An event's id, a `UUIDv7` (RFC 9562) made where the event happened. Seen twice, it counts once.
    EventId
);
uuid_id!(
    /// A browser that allowed to be recognised.
    VisitorId
);
uuid_id!(
    /// A person.
    ShopperId
);

impl ShopperId {
    /// A new shopper: a `UUIDv7` (RFC 9562) of that moment whose twelve bits `rand_a` are the bucket
    /// where everything about them lives, so that whoever has the id knows where to ask.
    pub fn at_home(now: Timestamp, home: Bucket, random: [u8; 8]) -> Self {
        let ms = u64::try_from(now.0).unwrap_or_default();
        Self(Uuid::from_u64_pair(
            (ms << 16) | 0x7000 | u64::from(home.number()),
            (u64::from_be_bytes(random) & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000,
        ))
    }

    /// The bucket where everything about them lives.
    pub fn home(self) -> Bucket {
        let (high, _) = self.0.as_u64_pair();
        #[allow(clippy::cast_possible_truncation)] // twelve bits are left
        let number = (high & 0x0fff) as u16;
        Bucket::from_number(number).unwrap_or_default()
    }
}

/// The name of something a merchant wrote a file for (a campaign, an offer, a mail): its file name
/// without the ending; `a`–`z`, `0`–`9`, `-`, at most 40 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

impl Slug {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if (1..=40).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Malformed("expected a name of lower-case letters, digits and hyphens, at most 40"))
        }
    }
}

impl TryFrom<String> for Slug {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Bytes as lower-case hex digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 0x0f)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shopper_s_id_names_its_home_and_sorts_by_age() {
        let bucket = |number| Bucket::from_number(number).unwrap();
        let old = ShopperId::at_home(Timestamp(1_800_000_000_000), bucket(4_095), [0xff; 8]);
        let young = ShopperId::at_home(Timestamp(1_800_000_000_001), bucket(0), [0; 8]);
        assert_eq!((old.home(), young.home()), (bucket(4_095), bucket(0)));
        assert!(old < young);
        assert_eq!(old.to_string().as_bytes()[14], b'7', "{old}");
        assert_eq!(old.to_string().parse(), Ok(old));
    }

    #[test]
    fn bytes_are_written_in_hex() {
        assert_eq!(hex(&[0x00, 0x0f, 0xa5, 0xff]), "000fa5ff");
    }

    #[test]
    fn a_key_survives_its_text() {
        let key = ShopKey::from_random([7; 20]);
        assert_eq!(key.as_str().parse::<ShopKey>(), Ok(key.clone()));
        assert_eq!(format!("pk_{}", key.bare()), key.as_str());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in
            ["", "pk_", "pk_short", "sk_aaaaaaaaaaaaaaaaaaaa", "pk_aaaaaaaaaaaaaaaaaaaA", "pk_aaaaaaaaaaaaaaaaaaa/"]
        {
            assert!(text.parse::<ShopKey>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_slug_cannot_leave_its_folder() {
        for text in ["", "..", "a/b", "A", "ä", &"a".repeat(41)] {
            assert!(text.parse::<Slug>().is_err(), "{text}");
        }
    }
}
