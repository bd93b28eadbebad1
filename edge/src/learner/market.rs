//! The market that every shop has.

use domain::money::Currency;
use domain::shelf::market::{DEFAULT, Market};

/// The market of a shop that names none.
pub fn own(currency: Option<Currency>) -> Option<Market> {
    Some(Market {
        name: DEFAULT.parse().ok()?,
        countries: Vec::new(),
        languages: Vec::new(),
        path: String::new(),
        currency: currency.map(|currency| currency.to_string()).unwrap_or_default(),
        digits: currency.and_then(|currency| u8::try_from(currency.exponent()).ok()).unwrap_or(2),
        free_delivery: None,
    })
}
