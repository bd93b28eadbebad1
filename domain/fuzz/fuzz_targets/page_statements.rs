//! What pages say about themselves, in parts separated by NUL: the address, then texts that each begin with what they are,
//! `ld`, `meta`, `micro` or `layer`, on a line of its own. Of the pairs, a name ends at a tab.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = domain::page::recognise(text.split('\0'));
        let _ = (domain::page::clean_url(text), domain::page::picture_url(text));
        domain_fuzz::page(text);
    }
});
