//! What somebody chooses on their preference page.
#![no_main]

use domain::preference::Entered;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let entered = Entered::read(text.lines().filter_map(|line| line.split_once('=')));
        // What was wrong stays wrong, however often it is sent.
        let languages = ["en".to_owned(), "ar".to_owned()];
        assert_eq!(entered.check(&languages), entered.check(&languages));
    }
});
