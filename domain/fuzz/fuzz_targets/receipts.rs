//! A file that says it is receipts.
#![no_main]

use domain::consent::export::verify_export;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = verify_export(text);
    }
});
