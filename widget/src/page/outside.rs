//! What the form wants done beyond its own card.

use std::rc::Rc;

use domain::form::{Complaint, FieldError};
use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, HtmlInputElement};
use yew::html::Scope;

use super::bridge::{Bridge, Refusal, Reply};
use super::takeover::find;
use crate::form::Form;
use crate::form::state::{Action, Answer};

#[wasm_bindgen]
extern "C" {
    type Eventually;
    #[wasm_bindgen(method, structural)]
    fn then(this: &Eventually, kept: &JsValue, broken: &JsValue);

    #[wasm_bindgen(catch, js_namespace = ["navigator", "clipboard"], js_name = writeText)]
    fn write_text(text: &str) -> Result<Eventually, JsValue>;
    #[wasm_bindgen(catch, js_name = getSelection)]
    fn get_selection() -> Result<Selection, JsValue>;

    type Selection;
    #[wasm_bindgen(method, catch, structural, js_name = selectAllChildren)]
    fn select_all_children(this: &Selection, of: &HtmlElement) -> Result<(), JsValue>;
}

/// Sends what the form knows, and lets it know what became of it.
pub fn send(bridge: Rc<Bridge>, mut fields: Vec<(&'static str, String)>, host: &HtmlElement, form: Scope<Form>) {
    // A trap for programs: nobody sees it, so nobody fills it in.
    let trap = find::<HtmlInputElement>(host, "[name=website]");
    fields.extend(trap.map(|trap| ("website", trap.value())));
    let pairs: Array = fields.iter().map(|(name, value)| Array::of2(&(*name).into(), &value.into())).collect();
    let lost = form.clone();
    match bridge.send(&pairs) {
        Ok(promise) => promise.unchecked_ref::<Eventually>().then(
            &Closure::once_into_js(move |reply: Reply| {
                let answer = answer(&reply);
                if let Answer::Taken(code) = &answer {
                    bridge.done(code.as_deref());
                }
                form.send_message(Action::Answered(answer));
            }),
            &Closure::once_into_js(move || lost.send_message(Action::Answered(Answer::Lost))),
        ),
        Err(_) => lost.send_message(Action::Answered(Answer::Lost)),
    }
}

fn answer(reply: &Reply) -> Answer {
    if reply.ok() {
        return Answer::Taken(reply.code());
    }
    let refusals = reply.errors().unwrap_or_default();
    Answer::Refused(refusals.iter().filter_map(|refusal| complaint(refusal.unchecked_ref())).collect())
}

fn complaint(refusal: &Refusal) -> Option<FieldError> {
    let suggestion = refusal.suggestion();
    let code = match refusal.code().as_deref() {
        Some("required") => Complaint::Required,
        Some("typo") if suggestion.is_some() => Complaint::Typo,
        _ => Complaint::Invalid,
    };
    Some(FieldError { field: refusal.field()?, code, suggestion })
}

/// Copies the code; where the browser does not let us, marks it for copying by hand.
pub fn copy(code: &str, host: &HtmlElement, form: Scope<Form>) {
    let shown = find::<HtmlElement>(host, "[data-code]");
    let mark = move || {
        if let (Ok(selection), Some(shown)) = (get_selection(), shown) {
            let _ = selection.select_all_children(&shown);
        }
    };
    match write_text(code) {
        Ok(promise) => promise
            .then(&Closure::once_into_js(move || form.send_message(Action::Copied)), &Closure::once_into_js(mark)),
        Err(_) => mark(),
    }
}
