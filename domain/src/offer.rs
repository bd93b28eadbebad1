//! Discounts: what they are worth, how long they last and what their codes look like.

use serde::{Deserialize, Serialize};

use crate::id::Slug;
use crate::time::Span;

/// A discount that a shop gives for a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Its name: the file it is written in.
    pub name: Slug,
    /// Percent off, 1 to 100.
    pub percent: u8,
    /// Where its codes come from.
    pub codes: Codes,
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
        valid_for: Span,
    },
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
    fn different_seeds_give_different_codes() {
        let codes: BTreeSet<String> =
            (0..1_000_u64).map(|n| unique_code("A", n.wrapping_mul(0x9E37_79B9_7F4A_7C15))).collect();
        assert_eq!(codes.len(), 1_000);
    }
}
