//! Pages of Shopify's products, and bodies of its webhooks about them: the first byte is the length of the pieces.
#![no_main]

use domain::catalogue::feed::Form;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    domain_fuzz::feed(Form::Shopify, data);
});
