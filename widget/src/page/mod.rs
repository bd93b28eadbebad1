//! The form on a shopper's page: takes over from the published HTML and does what the form wants done.

mod bridge;
mod calendar;
mod outside;
mod senses;
mod takeover;

use std::rc::Rc;

use domain::campaign::Field;
use domain::campaign::view::{Brain, FormView};
use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;
use yew::html::Scope;
use yew::{Callback, Renderer};

use crate::form::birthday::Calendar;
use crate::form::state::Effect;
use crate::form::{Form, Props};
use bridge::Bridge;

/// Half the size of the standard one, and as quick.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static MEMORY: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(then: &Function, milliseconds: u32);
}

/// How long we wait for a finger to be lifted before we look again, in milliseconds.
const PAUSE: u32 = 50;

/// Takes over the contents of the open dialog as soon as nobody is pressing anything in it.
///
/// Where it does not find what it expects, it leaves everything to the loader.
#[wasm_bindgen]
pub fn mount(bridge: Bridge) {
    let form = Brain::read(&bridge.brain())
        .ok()
        .and_then(|brain| brain.forms.into_iter().find(|form| form.campaign == bridge.campaign()));
    let Some(view) = form else { return };
    let dialog = bridge.dialog();
    if takeover::is_untimely(&dialog, &view.text.submit) {
        set_timeout(Closure::once_into_js(move || mount(bridge)).unchecked_ref(), PAUSE);
    } else if takeover::is_welcome(&dialog) {
        start(bridge, dialog, view);
    }
}

fn start(bridge: Bridge, dialog: HtmlElement, view: FormView) {
    let asks_birthday = view.steps.iter().flatten().any(|field| *field == Field::Birthday);
    let calendar = if asks_birthday { calendar::words(&bridge.lang()) } else { Calendar::default() };
    let Some(host) = takeover::hidden_sibling(&dialog) else { return };
    let (bridge, own) = (Rc::new(bridge), host.clone());
    let perform = Callback::from(move |(effect, form): (Effect, Scope<Form>)| match effect {
        Effect::Drawn => {
            form.send_message(takeover::swap(&dialog, &own));
            senses::listen(&own, form);
        }
        Effect::Send(fields) => outside::send(bridge.clone(), fields, &own, form),
        Effect::Focus(target) => takeover::focus(&own, target),
        Effect::Copy(code) => outside::copy(&code, &own, form),
    });
    let props = Props { view: Rc::new(view), calendar: Rc::new(calendar), perform };
    Renderer::<Form>::with_root_and_props(host.into(), props).render();
}
