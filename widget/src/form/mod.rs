//! The form: asks for an address and for permission, then perhaps for more, then says thank you.
//!
//! [`state`] decides, the other modules draw a card each. What has to happen outside of the card is
//! handed to [`Props::perform`], and what is done to it comes in as an [`Action`], so this very
//! component also draws at publishing, where there is no outside. The markup itself says what is
//! what, by `name` and `data-` attributes: the loader and the page listen by them.

mod address;
pub mod birthday;
mod done;
pub mod state;
mod step;

use std::rc::Rc;

use domain::campaign::view::{Calendar, FormView};
use yew::html::Scope;
use yew::prelude::*;

use state::{Action, Card, Effect, Sending, State};

/// What a form is made of.
#[derive(Clone, Properties)]
pub struct Props {
    /// What it asks and says.
    pub view: Rc<FormView>,
    /// Words for a birthday, where a step asks for one.
    pub calendar: Rc<Calendar>,
    /// The thanks are drawn ahead, for a page on which nobody else draws them.
    pub ahead: bool,
    /// Does what is to be done outside; what comes of it is sent back to the form.
    pub perform: Callback<(Effect, Scope<Form>)>,
}

/// A form keeps the words it was made with, so there is no need to compare word by word.
impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.view, &other.view)
    }
}

/// A form on the screen.
pub struct Form {
    state: State,
    effects: Vec<Effect>,
}

impl Component for Form {
    type Message = Action;
    type Properties = Props;

    fn create(_: &Context<Self>) -> Self {
        Self { state: State::default(), effects: vec![Effect::Drawn] }
    }

    fn update(&mut self, ctx: &Context<Self>, action: Action) -> bool {
        let drawn = self.state.drawn();
        let effect = self.state.apply(action, &ctx.props().view);
        // What is typed stands there already.
        let changed = effect.is_some() || self.state.drawn() != drawn;
        self.effects.extend(effect);
        changed
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let state = &self.state;
        let Props { view, calendar, ahead, .. } = ctx.props();
        html! {
            <>
                { address::card(view, state) }
                if let Card::Step(index) = state.card {
                    { step::card(view, calendar, state, index) }
                }
                if *ahead || state.card == Card::Done {
                    { done::card(view, state) }
                }
            </>
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, _: bool) {
        for effect in core::mem::take(&mut self.effects) {
            ctx.props().perform.emit((effect, ctx.link().clone()));
        }
    }
}

/// The id of an element of a form; the published plan refers to `title`.
fn id(view: &FormView, part: &str) -> String {
    ["rp-", &view.campaign, "-", part].concat()
}

fn close(view: &FormView) -> Html {
    html! {
        <button type="button" class="rp-close" data-close="" aria-label={view.text.close.clone()} />
    }
}

/// The heading of a card. Only the one in front names the dialog.
fn heading(view: &FormView, text: &str, in_front: bool) -> Html {
    html! { <h2 id={in_front.then(|| id(view, "title"))} tabindex="-1">{ text }</h2> }
}

/// The end of a card that sends something: what went wrong, and the button.
fn ending(view: &FormView, state: &State, label: &str) -> Html {
    let lost = state.sending == Sending::Lost;
    html! {
        <>
            <p class="rp-error" data-error="" role="alert" hidden={!lost}>
                if lost {
                    { &view.text.error_network }
                }
            </p>
            <button type="submit" class="rp-go" aria-disabled={state.is_busy().then_some("true")}>
                { if state.is_busy() { &view.text.sending } else { label } }
            </button>
        </>
    }
}
