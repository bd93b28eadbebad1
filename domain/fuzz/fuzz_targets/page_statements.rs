//! What pages say about themselves in JSON-LD, blocks separated by NUL.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = domain::page::recognise(text.split('\0'));
        let _ = (domain::page::clean_url(text), domain::page::picture_url(text));
    }
});
