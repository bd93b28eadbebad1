//! The change from the published HTML to the living form, in place: what was typed, ticked and
//! selected stays, and so does the focus.

use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement, HtmlInputElement};
use yew::html::Scope;

use super::senses;
use crate::form::Form;
use crate::form::state::{Action, Target};

#[wasm_bindgen]
extern "C" {
    /// A document or a shadow root.
    type Root;
    #[wasm_bindgen(method, getter, structural, js_name = activeElement)]
    fn active_element(this: &Root) -> Option<Element>;

    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(then: &Function, milliseconds: u32);
}

/// How long we wait for a finger to be lifted before we look again, in milliseconds.
const PAUSE: u32 = 50;

/// What can have the focus, or a heading that was given it. The published HTML and the living form
/// have the same, in the same order; only the loader's suggestions come and go.
const STOPS: &str = ":is(a,input,h2,button:not([data-suggest]))";
const OLD: &str = ":scope>.rp-card ";
/// Set once the loader has nothing more to do here.
const LIVE: &str = "data-live";

/// Exchanges them as soon as nobody is pressing anything, unless the loader got its answer meanwhile. Drawing
/// takes a slow device long enough that a press may fall into it, so this is judged when all is drawn.
pub fn when_timely(dialog: HtmlElement, host: HtmlElement, submit: String, form: Scope<Form>) {
    if is_untimely(&dialog, &submit) {
        let again = move || when_timely(dialog, host, submit, form);
        set_timeout(Closure::once_into_js(again).unchecked_ref(), PAUSE);
    } else if is_welcome(&dialog) {
        form.send_message(swap(&dialog, &host));
        senses::listen(&host, form);
    }
}

/// Somebody is pressing something, so it must not be exchanged just now; or the loader is sending,
/// which is told by the label of its button.
fn is_untimely(dialog: &Element, submit: &str) -> bool {
    let sending = find::<Element>(dialog, ".rp-go").is_some_and(|go| go.text_content().as_deref() != Some(submit));
    sending || dialog.matches(":active").unwrap_or_default()
}

/// The loader's form is what is to be seen.
pub fn is_welcome(dialog: &Element) -> bool {
    find::<Element>(dialog, ":scope>[data-rp=form]:not([hidden])").is_some()
}

/// Puts the form in `host` in the place of the published one.
fn swap(dialog: &Element, host: &HtmlElement) -> Action {
    let focused = dialog.get_root_node().unchecked_into::<Root>().active_element();
    let stop = focused.as_ref().and_then(|focused| {
        let index = list::<Element>(dialog, &[OLD, STOPS].concat()).position(|stop| stop == *focused);
        list::<HtmlElement>(host, STOPS).nth(index?)
    });
    let scrolled = dialog.scroll_top();
    let (mut email, mut allowed, mut complained) = (String::new(), Vec::new(), false);
    let fields = list::<HtmlInputElement>(dialog, &[OLD, "input"].concat());
    for (old, new) in fields.zip(list::<HtmlInputElement>(host, "input")) {
        new.set_value(&old.value());
        new.set_checked(old.checked());
        match old.name().as_str() {
            "email" => {
                complained = old.has_attribute("aria-invalid");
                email = old.value();
            }
            "allow" if old.checked() => allowed.push(old.value()),
            _ => {}
        }
    }
    let _ = dialog.set_attribute(LIVE, "1");
    let _ = dialog.append_child(host);
    if let (Some(stop), Some(focused)) = (stop, focused) {
        let _ = stop.focus();
        select_as(stop.unchecked_ref(), focused.unchecked_ref());
    }
    list::<Element>(dialog, ":scope>.rp-card").for_each(|card| card.remove());
    dialog.set_scroll_top(scrolled);
    Action::PickedUp(email, allowed, complained)
}

/// Carries over the caret or the marked text. What holds no text refuses, which is as well.
fn select_as(new: &HtmlInputElement, old: &HtmlInputElement) {
    if let (Ok(Some(start)), Ok(Some(end))) = (old.selection_start(), old.selection_end()) {
        let _ = new.set_selection_range(start, end);
    }
}

/// Moves the focus within the living form.
pub fn focus(host: &Element, target: Target) {
    let selector = match target {
        Target::Heading => ".rp-card:not([hidden]) h2",
        Target::Email => "[name=email]",
        Target::Birthday => "[name=day]",
    };
    if let Some(element) = find::<HtmlElement>(host, selector) {
        let _ = element.focus();
    }
}

/// The first that fits.
pub fn find<T: JsCast>(within: &Element, selector: &str) -> Option<T> {
    within.query_selector(selector).ok().flatten().map(JsCast::unchecked_into)
}

fn list<T: JsCast>(within: &Element, selector: &str) -> impl Iterator<Item = T> + use<T> {
    let found = within.query_selector_all(selector).ok();
    (0..).map_while(move |index| found.as_ref()?.item(index).map(JsCast::unchecked_into))
}
