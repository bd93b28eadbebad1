//! The form on a shopper's page: takes over from the published HTML and does what the form wants done.

mod bridge;
mod calendar;
mod outside;
mod senses;
mod takeover;

use std::rc::Rc;

use domain::campaign::view::{Brain, Calendar, FormView};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;
use yew::html::Scope;
use yew::{Callback, Renderer};

use crate::form::state::Effect;
use crate::form::{Form, Props};
use bridge::Bridge;

/// Draws the form apart from the page, and lets it take the place of what is in the open dialog.
///
/// Where it does not find what it expects, it leaves everything to the loader.
#[wasm_bindgen]
pub fn mount(bridge: Bridge) {
    let Ok(brain) = Brain::read(&bridge.brain()) else { return };
    let form = brain.forms.into_iter().find(|form| form.campaign == bridge.campaign());
    let dialog = bridge.dialog();
    if let Some(view) = form.filter(|_| takeover::is_welcome(&dialog)) {
        start(bridge, dialog, view, brain.calendar);
    }
}

fn start(bridge: Bridge, dialog: HtmlElement, view: FormView, published: Option<Calendar>) {
    let calendar =
        published.or_else(|| view.asks_birthday().then(|| calendar::words(&bridge.lang()))).unwrap_or_default();
    let Some(host) = dialog.owner_document().and_then(|page| page.create_element("div").ok()) else { return };
    let host: HtmlElement = host.unchecked_into();
    let (bridge, own, submit) = (Rc::new(bridge), host.clone(), view.text.submit.clone());
    let perform = Callback::from(move |(effect, form): (Effect, Scope<Form>)| match effect {
        Effect::Drawn => takeover::when_timely(dialog.clone(), own.clone(), submit.clone(), form),
        Effect::Send(fields) => outside::send(bridge.clone(), fields, &own, form),
        Effect::Focus(target) => takeover::focus(&own, target),
        Effect::Copy(code) => outside::copy(&code, &own, form),
    });
    let props = Props { view: Rc::new(view), calendar: Rc::new(calendar), ahead: false, perform };
    Renderer::<Form>::with_root_and_props(host.into(), props).render();
}
