//! The first card: the offer, the address, and a plain question for every permission.

use domain::campaign::view::FormView;
use domain::form::{Complaint, FieldError};
use yew::prelude::*;

use super::state::{Card, State};
use super::{close, ending, heading, id};

pub(super) fn card(view: &FormView, state: &State) -> Html {
    let text = &view.text;
    let in_front = state.card == Card::Address;
    html! {
        <div class="rp-card" data-rp="form" hidden={!in_front}>
            { close(view) }
            <form method="post" novalidate={true} aria-busy={state.is_busy().then_some("true")}>
                { heading(view, &text.title, in_front) }
                <p class="rp-body">{ &text.body }</p>
                { field(view, state) }
                <div class="rp-more">
                    { asks(view) }
                    <input class="rp-trap" name="website" tabindex="-1" autocomplete="off" aria-hidden="true" />
                    { ending(view, state, &text.submit) }
                    if view.before_click {
                        <button type="button" class="rp-skip" data-close="">{ &text.close }</button>
                    }
                    <p class="rp-small">
                        { &text.small }
                        if let Some(address) = &view.privacy {
                            { " " }<a href={address.clone()} target="_blank" rel="noopener">{ &text.privacy }</a>
                        }
                    </p>
                </div>
            </form>
        </div>
    }
}

/// The address. Not of type `email`: there a browser does not tell where the caret is.
fn field(view: &FormView, state: &State) -> Html {
    let (own, error) = (id(view, "email"), id(view, "email-error"));
    let wrong = state.complaint.is_some();
    html! {
        <div class="rp-ask">
            <label for={own.clone()}>{ &view.text.email_label }</label>
            <input id={own} name="email" inputmode="email" autocomplete="email" autocapitalize="none" spellcheck="false"
                enterkeyhint="send" dir="ltr" required={true} placeholder={view.text.email_placeholder.clone()}
                value={state.email.clone()} aria-invalid={wrong.then_some("true")}
                aria-describedby={wrong.then(|| error.clone())} />
            <p class="rp-error" data-error="email" id={error} aria-live="polite" hidden={!wrong}>
                { for state.complaint.as_ref().map(|error| complaint(view, error)) }
            </p>
        </div>
    }
}

fn complaint(view: &FormView, error: &FieldError) -> Html {
    let text = &view.text;
    match (error.code, &error.suggestion) {
        (Complaint::Typo, Some(meant)) => {
            let (before, rest) = text.error_typo.split_once('{').unwrap_or_default();
            let after = rest.split_once('}').unwrap_or_default().1;
            html! { <button type="button" data-suggest="">{ before }{ meant }{ after }</button> }
        }
        (Complaint::Required, _) => (&text.error_required).into(),
        _ => (&text.error_invalid).into(),
    }
}

/// The browser keeps the ticks: drawn from the state, one would be undone by whatever is drawn
/// between the click and the news of it.
fn asks(view: &FormView) -> Html {
    if view.asks.is_empty() {
        return Html::default();
    }
    html! {
        <fieldset>
            <legend>{ &view.text.asks_label }</legend>
            { for view.asks.iter().map(|ask| html! {
                <label class="rp-tick">
                    <input type="checkbox" name="allow" value={ask.permission.name()} />
                    <span>{ &ask.wording }</span>
                </label>
            }) }
        </fieldset>
    }
}
