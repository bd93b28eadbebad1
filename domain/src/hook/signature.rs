//! Whether a body was signed by somebody who knows the secret.
//!
//! All schemes are HMAC-SHA256 (RFC 2104) over the raw bytes that arrived, compared in constant time.
//! Shopify's and WooCommerce's schemes sign neither time nor headers: what protects from a repetition
//! there is that statements are folds.

use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{Headers, MOST_BYTES, Refused, Source};
use crate::id::Malformed;
use crate::time::{Span, Timestamp};

/// How far a signed time may lie from the edge's clock, before or after it.
const WINDOW: Span = Span::minutes(5);
/// The shortest secret, in bytes.
const SHORTEST: usize = 16;
/// The most signatures of one header that are looked at.
const MOST_SIGNATURES: usize = 8;

/// The secret shared with a speaker, and the one before it while it is being exchanged.
#[derive(Clone, PartialEq, Eq)]
pub struct Secrets {
    current: Vec<u8>,
    previous: Option<Vec<u8>>,
}

impl Secrets {
    /// Secrets as they are shown where they are made, Stripe's prefix `whsec_` included; each at least
    /// 16 bytes long.
    pub fn new(current: &str, previous: Option<&str>) -> Result<Self, Malformed> {
        if [Some(current), previous].into_iter().flatten().any(|secret| secret.len() < SHORTEST) {
            return Err(Malformed("expected a secret of at least 16 characters"));
        }
        Ok(Self { current: current.into(), previous: previous.map(Into::into) })
    }

    /// The header that signs a body of ours, as [`verify`] reads it of [`Source::Generic`].
    pub fn sign(&self, body: &[u8], now: Timestamp) -> String {
        let time = now.0.div_euclid(1_000).to_string();
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.current) else { return String::new() };
        for part in [time.as_bytes(), b".", body] {
            mac.update(part);
        }
        format!("t={time},v1={}", crate::id::hex(&mac.finalize().into_bytes()))
    }

    fn each(&self) -> impl Iterator<Item = &[u8]> {
        core::iter::once(self.current.as_slice()).chain(self.previous.as_deref())
    }

    /// Whether one of the signatures is the HMAC of the parts under one of the secrets.
    fn signed(&self, parts: &[&[u8]], signatures: &[Vec<u8>]) -> bool {
        self.each().any(|secret| {
            let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return false };
            for part in parts {
                mac.update(part);
            }
            signatures.iter().any(|signature| mac.clone().verify_slice(signature).is_ok())
        })
    }
}

/// Never the secrets themselves.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

/// Refuses a request that was not signed with one of the secrets. `now` is the edge's clock.
///
/// - Ours: `Rapport-Signature: t=<unix seconds>,v1=<hex>`, over `t`, a point and the body; several
///   `v1` while the speaker exchanges secrets; `t` within five minutes.
/// - Shopify: `X-Shopify-Hmac-Sha256`, base64 over the body (shopify.dev, "Verify the webhook").
/// - WooCommerce: `X-WC-Webhook-Signature`, likewise (`WC_Webhook::generate_signature`).
/// - Stripe: `Stripe-Signature`, as ours (docs.stripe.com, "Verify webhook signatures manually").
pub fn verify(
    source: Source,
    headers: &dyn Headers,
    body: &[u8],
    secrets: &Secrets,
    now: Timestamp,
) -> Result<(), Refused> {
    if body.len() > MOST_BYTES {
        let detail = format!("{} bytes in one request; at most {MOST_BYTES} are read", body.len());
        return Err(Refused { status: 413, field: String::new(), detail });
    }
    let name = match source {
        Source::Generic => "Rapport-Signature",
        Source::Shopify => "X-Shopify-Hmac-Sha256",
        Source::WooCommerce => "X-WC-Webhook-Signature",
        Source::Stripe => "Stripe-Signature",
    };
    let refused = |detail: &str| Refused { status: 401, field: name.to_owned(), detail: detail.to_owned() };
    let header = headers.header(name).ok_or_else(|| refused("missing; the body must be signed"))?;
    let signed = match source {
        Source::Generic | Source::Stripe => {
            let Timed { time, signatures } =
                Timed::read(&header).ok_or_else(|| refused("expected t=<unix seconds>,v1=<64 hex digits>"))?;
            let at = time.parse().ok().and_then(|seconds: i64| seconds.checked_mul(1_000)).map(Timestamp);
            if at.is_none_or(|at| (at - now).0.saturating_abs() > WINDOW.0) {
                return Err(refused(
                    "signed more than five minutes from now: check the clock, and sign at each attempt",
                ));
            }
            secrets.signed(&[time.as_bytes(), b".", body], &signatures)
        }
        Source::Shopify | Source::WooCommerce => {
            let signature =
                STANDARD.decode(header.as_bytes()).map_err(|_| refused("expected the base64 of an HMAC-SHA256"))?;
            secrets.signed(&[body], &[signature])
        }
    };
    if signed { Ok(()) } else { Err(refused("does not fit this body and the shop's secret")) }
}

/// A header of the form `t=<unix seconds>,v1=<hex>`; further schemes are passed over.
struct Timed<'a> {
    time: &'a str,
    signatures: Vec<Vec<u8>>,
}

impl<'a> Timed<'a> {
    fn read(header: &'a str) -> Option<Self> {
        let mut time = None;
        let mut signatures = Vec::new();
        for part in header.split(',') {
            match part.split_once('=')? {
                ("t", seconds) => {
                    let plain = (1..=12).contains(&seconds.len()) && seconds.bytes().all(|b| b.is_ascii_digit());
                    if time.replace(seconds).is_some() || !plain {
                        return None;
                    }
                }
                ("v1", hex) if signatures.len() < MOST_SIGNATURES => signatures.push(unhex(hex)?),
                (scheme, _) if scheme.bytes().all(|b| b.is_ascii_alphanumeric()) => {}
                _ => return None,
            }
        }
        let time = time?;
        (!signatures.is_empty()).then_some(Self { time, signatures })
    }
}

/// The 32 bytes of 64 lower-case hex digits.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        _ => None,
    };
    let bytes = text.as_bytes();
    (bytes.len() == 64).then(|| bytes.chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);
    const SECRET: &str = "a secret of the shop";

    fn sign(time: i64, body: &str, secret: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{time}.{body}").as_bytes());
        crate::id::hex(&mac.finalize().into_bytes())
    }

    fn verified(header: &str, current: &str, previous: Option<&str>) -> Result<(), u16> {
        let secrets = Secrets::new(current, previous).unwrap();
        verify(Source::Generic, &[("rapport-signature", header)], b"{}", &secrets, NOW)
            .map_err(|refused| refused.status)
    }

    #[test]
    fn a_signed_time_counts_for_five_minutes_both_ways() {
        for (off, holds) in [(0, true), (-300, true), (300, true), (-301, false), (301, false)] {
            let time = NOW.0 / 1_000 + off;
            let header = format!("t={time},v1={}", sign(time, "{}", SECRET));
            assert_eq!(verified(&header, SECRET, None).is_ok(), holds, "{off}");
        }
    }

    #[test]
    fn two_secrets_hold_while_one_is_exchanged_on_either_side() {
        let time = NOW.0 / 1_000;
        let [old, new] = [SECRET, "the next secret of the shop"].map(|secret| sign(time, "{}", secret));
        assert_eq!(verified(&format!("t={time},v1={old}"), "the next secret of the shop", Some(SECRET)), Ok(()));
        assert_eq!(verified(&format!("t={time},v1={new},v1={old}"), SECRET, None), Ok(()));
        assert_eq!(verified(&format!("t={time},v1={old}"), "the next secret of the shop", None), Err(401));
    }

    #[test]
    fn headers_of_another_form_are_refused() {
        let time = NOW.0 / 1_000;
        let good = sign(time, "{}", SECRET);
        for header in [
            String::new(),
            format!("v1={good}"),
            format!("t={time}"),
            format!("t={time},v0={good}"),
            format!("t={time},t={time},v1={good}"),
            format!("t={time}, v1={good}"),
            format!("t={time},v1={}", good.to_uppercase()),
            format!("t=-{time},v1={good}"),
            format!("t=9223372036854775807,v1={good}"),
            format!("t={time},v1={good},"),
        ] {
            assert_eq!(verified(&header, SECRET, None), Err(401), "{header}");
        }
    }

    #[test]
    fn a_secret_that_can_be_guessed_is_refused() {
        assert!(Secrets::new("", None).is_err());
        assert!(Secrets::new(SECRET, Some("short")).is_err());
        assert!(!format!("{:?}", Secrets::new(SECRET, None)).contains("shop"));
    }
}
