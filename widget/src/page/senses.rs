//! What is done to the form. One listener hears it all; the markup says what was meant.

use wasm_bindgen::prelude::*;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};
use yew::html::Scope;

use crate::form::Form;
use crate::form::birthday::Part;
use crate::form::state::Action;

/// Listens for as long as the page lives.
pub fn listen(host: &HtmlElement, form: Scope<Form>) {
    let hear = move |event: Event| {
        let Some(target) = event.target() else { return };
        let pressed = |selector| target.unchecked_ref::<Element>().closest(selector).is_ok_and(|found| found.is_some());
        let meant = match event.type_().as_str() {
            "pointerdown" => Some(Action::Pressed),
            "focusout" => pressed("[name=email]").then_some(Action::Left),
            "input" => entered(target.unchecked_ref()),
            "submit" => {
                event.prevent_default();
                Some(Action::Submitted)
            }
            _ => {
                // What sends the form is judged by being sent: a slip must be seen before it is insisted on.
                if !pressed("[type=submit]") {
                    form.send_message(Action::Released);
                }
                if pressed("[data-suggest]") {
                    Some(Action::Meant)
                } else if pressed("[data-skip]") {
                    Some(Action::Skipped)
                } else {
                    pressed("[data-copy]").then_some(Action::CopyWanted)
                }
            }
        };
        if let Some(action) = meant {
            form.send_message(action);
        }
    };
    let hear = Closure::<dyn Fn(Event)>::new(hear).into_js_value();
    for event in ["pointerdown", "click", "focusout", "input", "submit"] {
        let _ = host.add_event_listener_with_callback(event, hear.unchecked_ref());
    }
}

/// The field's name says which it is.
fn entered(field: &HtmlInputElement) -> Option<Action> {
    let value = field.value();
    Some(match field.name().as_str() {
        "email" => Action::Typed(value),
        "allow" => Action::Ticked(value, field.checked()),
        "given_name" => Action::Named(value),
        "day" => Action::Born(Part::Day, value),
        "month" => Action::Born(Part::Month, value),
        "year" => Action::Born(Part::Year, value),
        _ => return None,
    })
}
