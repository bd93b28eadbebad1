//! Stripe's events, past their signature.
#![no_main]

use domain::hook::Source;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    domain_fuzz::hear(Source::Stripe, "", data);
});
