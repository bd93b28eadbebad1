//! The headers that sign a body: the header on the first line, then the body. None can be right.
#![no_main]

use domain::hook::{Secrets, Source, verify};
use domain_fuzz::NOW;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let (header, body) = domain_fuzz::first_line(data);
    let Ok(secrets) = Secrets::new("a secret that no fuzzer knows", None) else { return };
    for (source, name) in [
        (Source::Generic, "Rapport-Signature"),
        (Source::Shopify, "X-Shopify-Hmac-Sha256"),
        (Source::WooCommerce, "X-WC-Webhook-Signature"),
        (Source::Stripe, "Stripe-Signature"),
    ] {
        assert!(verify(source, &[(name, header)], body, &secrets, NOW).is_err());
    }
});
