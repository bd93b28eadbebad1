//! Product feeds as Google Merchant Center takes them: the first byte is the length of the pieces in which they arrive.
#![no_main]

use domain::catalogue::feed::Form;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    domain_fuzz::feed(Form::Google, data);
});
