//! Visitors who say things of a product, two bytes each: who, and what.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    domain_fuzz::witnesses(data);
});
