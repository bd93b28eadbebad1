//! A shop's text files: each begins with a line `=== path`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    domain_fuzz::publish(data);
});
