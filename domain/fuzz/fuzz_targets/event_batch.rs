//! Batches of events, as browsers send them.
#![no_main]

use domain_fuzz::NOW;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(body) = std::str::from_utf8(data) {
        let _ = domain::event::read_batch(body, NOW);
    }
});
