//! The last card: thanks, and the code where there is one.

use domain::campaign::view::FormView;
use yew::prelude::*;

use super::state::{Card, State};
use super::{close, heading};

pub(super) fn card(view: &FormView, state: &State) -> Html {
    let text = &view.text;
    let in_front = state.card == Card::Done;
    // Drawn ahead, it says what is to be expected.
    let with_code = if in_front { state.code.is_some() } else { view.reveals_at_once };
    let (title, body) =
        if with_code { (&text.code_title, &text.code_body) } else { (&text.done_title, &text.done_body) };
    html! {
        <div class="rp-card" data-rp="done" hidden={!in_front}>
            { close(view) }
            { heading(view, title, in_front) }
            <p class="rp-body">{ body }</p>
            <output class="rp-code" data-code="" hidden={state.code.is_none()}>{ state.code.as_deref() }</output>
            <button type="button" class="rp-go" data-copy="" hidden={state.code.is_none()}>
                { if state.copied { &text.copied } else { &text.copy } }
            </button>
            <p class="rp-trap" role="status">{ state.copied.then_some(text.copied.as_str()) }</p>
            <button type="button" class="rp-skip" data-close="">{ &text.close }</button>
        </div>
    }
}
