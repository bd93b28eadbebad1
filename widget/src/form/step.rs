//! A further card: somebody who has given their address may tell more, or leave it out.

use domain::campaign::Field;
use domain::campaign::view::{Calendar, FormView};
use yew::prelude::*;

use super::birthday;
use super::state::State;
use super::{close, ending, heading, id};

pub(super) fn card(view: &FormView, calendar: &Calendar, state: &State, index: usize) -> Html {
    let text = &view.text;
    let field = |field: &Field| match field {
        Field::GivenName => name(view, state),
        Field::Birthday => birthday::control(text, calendar, state.no_such_day),
    };
    html! {
        <div class="rp-card" data-rp="step" key={index}>
            { close(view) }
            <form novalidate={true} aria-busy={state.is_busy().then_some("true")}>
                { heading(view, &text.step_title, true) }
                <p class="rp-body">{ &text.step_body }</p>
                { for view.steps.get(index).into_iter().flatten().map(field) }
                { ending(view, state, &text.step_submit) }
                <button type="button" class="rp-skip" data-skip="">{ &text.step_skip }</button>
            </form>
        </div>
    }
}

fn name(view: &FormView, state: &State) -> Html {
    let own = id(view, "name");
    html! {
        <div class="rp-ask">
            <label for={own.clone()}>{ &view.text.given_name_label }</label>
            <input id={own} name="given_name" autocomplete="given-name" maxlength="80" dir="auto" value={state.given_name.clone()} />
        </div>
    }
}
