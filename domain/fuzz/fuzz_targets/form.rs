//! What somebody types into a form.
#![no_main]

use domain::phone::{CallingCode, Phone};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let (entered, sure) = text.split_once('\n').unwrap_or((text, ""));
        if let Ok(email) = domain::form::check_email(entered, Some(sure)) {
            assert_eq!(email.as_str().parse(), Ok(email.clone()));
            let _ = email.suggestion();
        }
        let _ = entered.parse::<domain::form::Birthday>();
        if let Ok(phone) = Phone::parse(entered, CallingCode::new(49)) {
            assert_eq!(phone.as_str().parse(), Ok(phone));
        }
    }
});
