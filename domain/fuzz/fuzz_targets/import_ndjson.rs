//! NDJSON files of customers and of orders.
#![no_main]

use domain::import::Format;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    domain_fuzz::import(Format::Ndjson, data);
});
