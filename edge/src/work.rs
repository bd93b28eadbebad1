//! Work that a form in doubt has to show (see [`domain::signup`]): a number `n` for which the SHA-256 of
//! `challenge.n` begins with so many zero bits. A challenge is good for one form and an hour or two, and
//! nothing has to be remembered for it: it proves that we made it.

use domain::id::{EventId, hex};
use domain::signup::shows;
use domain::time::{Span, Timestamp};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::secrets::ShopKeys;

/// The challenge for a form: how many bits, in which hour it was made, and the proof that we made it.
pub fn challenge(keys: &ShopKeys, form: EventId, bits: u8, now: Timestamp) -> String {
    made(keys, form, bits, hour(now))
}

/// Whether a form shows the work that is asked for: `challenge.n`.
pub fn is_shown(keys: &ShopKeys, form: EventId, bits: u8, shown: &str, now: Timestamp) -> bool {
    let Some((challenge, _)) = shown.rsplit_once('.') else { return false };
    let hash: [u8; 32] = Sha256::digest(shown.as_bytes()).into();
    let ours = |hour| bool::from(made(keys, form, asked(challenge), hour).as_bytes().ct_eq(challenge.as_bytes()));
    // What was asked for a moment ago may be a little less than what is asked for by now.
    asked(challenge) + 2 >= bits && shows(&hash, asked(challenge)) && (ours(hour(now)) || ours(hour(now) - 1))
}

/// How many bits a challenge says that it asks for.
fn asked(challenge: &str) -> u8 {
    challenge.split('.').next().and_then(|bits| bits.parse().ok()).filter(|bits| *bits <= 32).unwrap_or_default()
}

fn made(keys: &ShopKeys, form: EventId, bits: u8, hour: i64) -> String {
    let proof = keys.sign(&[b"work:", form.0.as_bytes(), &[bits], &hour.to_be_bytes()]);
    format!("{bits}.{hour}.{}", hex(proof.get(..12).unwrap_or_default()))
}

fn hour(now: Timestamp) -> i64 {
    now.0.div_euclid(Span::hours(1).0)
}
