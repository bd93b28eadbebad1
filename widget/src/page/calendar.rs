//! Words for days, months and years that were not published: every browser knows them in every language.

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

use domain::campaign::view::Calendar;

#[wasm_bindgen]
extern "C" {
    type DateTimeFormat;
    #[wasm_bindgen(constructor, catch, js_namespace = Intl)]
    fn new(lang: &str, options: &Object) -> Result<DateTimeFormat, JsValue>;
    #[wasm_bindgen(method, structural)]
    fn format(this: &DateTimeFormat, at: f64) -> String;

    type DisplayNames;
    #[wasm_bindgen(constructor, catch, js_namespace = Intl)]
    fn new(lang: &str, options: &Object) -> Result<DisplayNames, JsValue>;
    #[wasm_bindgen(method, catch, structural)]
    fn of(this: &DisplayNames, code: &str) -> Result<Option<String>, JsValue>;
}

/// The middle of a January, and the way from the middle of a month to the next, in milliseconds.
const MIDDLE: f64 = 1_263_513_600_000.0;
const STRIDE: f64 = 2_629_746_000.0;

/// The words in a language; where a browser does not know it, numbers and English.
pub fn words(lang: &str) -> Calendar {
    let months = options(&[("month", "long"), ("calendar", "gregory"), ("timeZone", "UTC")]);
    let months = DateTimeFormat::new(lang, &months).ok();
    let names = DisplayNames::new(lang, &options(&[("type", "dateTimeField")])).ok();
    let word = |code: &str| names.as_ref().and_then(|names| names.of(code).ok()?).unwrap_or_else(|| code.to_owned());
    Calendar {
        day: word("day"),
        month: word("month"),
        year: word("year"),
        months: (0..12_u8)
            .map(|index| match &months {
                Some(months) => months.format(MIDDLE + STRIDE * f64::from(index)),
                None => (index + 1).to_string(),
            })
            .collect(),
    }
}

fn options(pairs: &[(&str, &str)]) -> Object {
    let options = Object::new();
    for (name, value) in pairs {
        let _ = Reflect::set(&options, &(*name).into(), &(*value).into());
    }
    options
}
