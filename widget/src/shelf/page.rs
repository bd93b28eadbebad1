//! What the wasm can be asked, by `www/shelf/shelf.js`. A page has one app, so there is no handle to it.

use core::cell::RefCell;
use core::mem::ManuallyDrop;

use wasm_bindgen::prelude::*;

use super::app::App;

// It is never dropped, as the page never ends before the browser ends it: saying so spares what would see to that.
thread_local! {
    static APP: ManuallyDrop<RefCell<Option<App>>> = const { ManuallyDrop::new(RefCell::new(None)) };
}

fn with<T>(ask: impl FnOnce(&mut App) -> T) -> T {
    APP.with(|app| ask(app.borrow_mut().get_or_insert_default()))
}

/// See [`App::open`].
#[wasm_bindgen]
pub fn open(brain: &[u8]) -> bool {
    with(|app| app.open(brain))
}

/// See [`App::choose`]; what the place says, the path and the language are a line each, because every argument more is glue.
#[wasm_bindgen]
pub fn choose(page: &str) -> Option<String> {
    let mut lines = page.lines();
    let mut next = || lines.next().unwrap_or_default();
    let (wanted, path, lang) = (next(), next(), next());
    with(|app| app.choose(wanted, path, lang))
}

/// See [`App::head`].
#[wasm_bindgen]
pub fn head(bytes: &[u8]) -> bool {
    with(|app| app.head(bytes))
}

/// See [`App::know`].
#[wasm_bindgen]
pub fn know(lines: &str) {
    with(|app| app.know(lines));
}

/// See [`App::wanted`]: names of 16 hexadecimal digits, with spaces between them.
#[wasm_bindgen]
pub fn wanted() -> String {
    with(App::wanted).into_iter().map(domain::shelf::name_of).collect::<Vec<_>>().join(" ")
}

/// See [`App::give`].
#[wasm_bindgen]
pub fn give(name: u64, bytes: Vec<u8>) -> bool {
    with(|app| app.give(name, bytes))
}

#[wasm_bindgen]
extern "C" {
    /// Writes amounts of money in a language.
    pub type Money;
    #[wasm_bindgen(method, structural)]
    fn write(this: &Money, amount: u32, currency: &str, digits: u8) -> String;
}

/// See [`App::fill`]; the shelf's name and the language are a line each.
#[wasm_bindgen]
pub fn fill(shelf: &str, money: &Money) -> Option<String> {
    let (name, lang) = shelf.split_once('\n')?;
    let write = |amount: u32, currency: &str, digits: u8| money.write(amount, currency, digits);
    with(|app| app.fill(name, lang, &write))
}
