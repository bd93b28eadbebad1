//! Webhooks in our own form, past their signature.
#![no_main]

use domain::hook::Source;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    domain_fuzz::hear(Source::Generic, "", data);
});
