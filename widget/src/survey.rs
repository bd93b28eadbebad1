//! A survey: all of its questions, a card each, and the thanks. They are drawn once, when it is published: what follows
//! an answer is known by then, so no browser needs wasm to go on (`www/survey`).

use std::rc::Rc;

use domain::campaign::survey::{Kind, LONGEST, OTHER, QuestionView, SurveyView};
use yew::prelude::*;

/// What a survey is made of.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What it asks and says.
    pub view: Rc<SurveyView>,
}

/// A survey on the screen.
pub struct Survey;

impl Component for Survey {
    type Message = ();
    type Properties = Props;

    fn create(_: &Context<Self>) -> Self {
        Self
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let view = &ctx.props().view;
        html! {
            <>
                { for view.questions.iter().enumerate().map(|(place, question)| card(view, question, place)) }
                <div class="rp-card" data-rp="done" hidden={true}>
                    { close(view) }
                    <h2 tabindex="-1">{ &view.text.done_title }</h2>
                    <p class="rp-body">{ &view.text.done_body }</p>
                    <button type="button" class="rp-go" data-close="">{ &view.text.close }</button>
                </div>
            </>
        }
    }
}

/// The id of what names the dialog; it moves from card to card.
fn title(view: &SurveyView) -> String {
    ["rp-", &view.campaign, "-title"].concat()
}

fn close(view: &SurveyView) -> Html {
    html! {
        <button type="button" class="rp-close" data-close="" aria-label={view.text.close.clone()} />
    }
}

fn card(view: &SurveyView, question: &QuestionView, place: usize) -> Html {
    let (text, around) = (&question.text, &view.text);
    let first = place == 0;
    html! {
        <div class="rp-card" data-rp={if first { "form" } else { "question" }} data-question={question.name.clone()} hidden={!first}>
            { close(view) }
            <form novalidate={true} data-required={question.required.then_some("")}>
                <h2 id={first.then(|| title(view))} tabindex="-1">{ &text.title }</h2>
                if !text.body.is_empty() {
                    <p class="rp-body">{ &text.body }</p>
                }
                { answer(view, question) }
                <p class="rp-error" role="alert" hidden={true}
                    data-required={around.error_required.clone()} data-network={around.error_network.clone()} />
                <button type="submit" class="rp-go">{ if question.is_last { &around.send } else { &around.next } }</button>
                if !question.required {
                    <button type="button" class="rp-skip" data-skip="">{ &around.skip }</button>
                }
            </form>
        </div>
    }
}

fn answer(view: &SurveyView, question: &QuestionView) -> Html {
    let name = title(view);
    match question.kind {
        Kind::Text => html! {
            <textarea class="rp-words" name="words" rows="4" dir="auto" aria-labelledby={name}
                maxlength={LONGEST.to_string()} placeholder={question.text.placeholder.clone()} />
        },
        Kind::Rating | Kind::Nps => {
            let ends = ["rp-", &view.campaign, "-", &question.name, "-ends"].concat();
            let number = |(value, label): &(String, String)| {
                html! {
                    <label class="rp-number">
                        <input type="radio" name="choice" value={value.clone()} />
                        <span>{ label }</span>
                    </label>
                }
            };
            let kind = if question.kind == Kind::Rating { "rp-scale rp-stars" } else { "rp-scale" };
            html! {
                <fieldset class={kind} aria-labelledby={name} aria-describedby={ends.clone()}>
                    { for question.choices.iter().map(number) }
                    <p class="rp-ends" id={ends}><span>{ &question.text.low }</span><span>{ &question.text.high }</span></p>
                </fieldset>
            }
        }
        Kind::Single | Kind::Multiple => {
            let kind = if question.kind == Kind::Single { "radio" } else { "checkbox" };
            let option = |(value, label): &(String, String)| {
                html! {
                    <>
                        <label class="rp-option">
                            <input type={kind} name="choice" value={value.clone()} />
                            <span>{ label }</span>
                        </label>
                        if value == OTHER {
                            <input class="rp-words" name="words" dir="auto" aria-label={label.clone()} maxlength="200" />
                        }
                    </>
                }
            };
            html! {
                <fieldset class="rp-options" aria-labelledby={name}>
                    { for question.choices.iter().map(option) }
                </fieldset>
            }
        }
    }
}
