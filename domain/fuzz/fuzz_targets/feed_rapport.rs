//! Our own form of products: the first byte is the length of the pieces in which it arrives.
#![no_main]

use domain::catalogue::feed::Form;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    domain_fuzz::feed(Form::Rapport, data);
});
