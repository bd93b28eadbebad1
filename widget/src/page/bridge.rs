//! What the loader hands over. Duck-typed: the loader is JavaScript and has no classes of ours.

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

#[wasm_bindgen]
extern "C" {
    /// The loader's side of an open dialog.
    pub type Bridge;
    /// The dialog, in whose contents the loader handles nothing any more once it is marked live.
    #[wasm_bindgen(method, getter, structural)]
    pub fn dialog(this: &Bridge) -> HtmlElement;
    /// The campaign that the dialog shows.
    #[wasm_bindgen(method, getter, structural)]
    pub fn campaign(this: &Bridge) -> String;
    /// The language of the page, as a BCP 47 tag.
    #[wasm_bindgen(method, getter, structural)]
    pub fn lang(this: &Bridge) -> String;
    /// A [`domain::campaign::view::Brain`] as postcard.
    #[wasm_bindgen(method, getter, structural)]
    pub fn brain(this: &Bridge) -> Vec<u8>;
    /// Sends fields, adding what the loader knows: `[name, value][]`.
    #[wasm_bindgen(method, catch, structural)]
    pub fn send(this: &Bridge, fields: &Array) -> Result<Promise, JsValue>;
    /// Tells that the address was taken.
    #[wasm_bindgen(method, structural)]
    pub fn done(this: &Bridge, code: Option<&str>);

    /// What comes of sending.
    pub type Reply;
    #[wasm_bindgen(method, getter, structural)]
    pub fn ok(this: &Reply) -> bool;
    #[wasm_bindgen(method, getter, structural)]
    pub fn code(this: &Reply) -> Option<String>;
    #[wasm_bindgen(method, getter, structural)]
    pub fn errors(this: &Reply) -> Option<Array>;

    /// One reason why something was not taken.
    pub type Refusal;
    #[wasm_bindgen(method, getter, structural)]
    pub fn field(this: &Refusal) -> Option<String>;
    #[wasm_bindgen(method, getter, structural)]
    pub fn code(this: &Refusal) -> Option<String>;
    #[wasm_bindgen(method, getter, structural)]
    pub fn suggestion(this: &Refusal) -> Option<String>;
}
