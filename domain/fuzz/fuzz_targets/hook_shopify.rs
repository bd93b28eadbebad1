//! Shopify's webhooks, past their signature: the topic on the first line, then the body.
#![no_main]

use domain::hook::Source;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    domain_fuzz::hear_topic(Source::Shopify, "X-Shopify-Topic", data);
});
