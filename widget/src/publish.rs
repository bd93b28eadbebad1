//! The first step of a form, and the whole of a survey, as HTML.

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use std::rc::Rc;

use domain::campaign::survey::SurveyView;
use domain::campaign::view::FormView;
use yew::{Callback, LocalServerRenderer};

use crate::form::{Form, Props};
use crate::survey::{self, Survey};

/// The contents of the `<dialog>`: the card with the form and, hidden, the card with the thanks.
pub fn first_step_html(view: &FormView) -> String {
    let props = Props { view: Rc::new(view.clone()), calendar: Rc::default(), ahead: true, perform: Callback::noop() };
    finished(LocalServerRenderer::<Form>::with_props(props).hydratable(false).render())
}

/// The contents of the `<dialog>`: a card for each question, of which the first is to be seen, and the card with the
/// thanks.
pub fn survey_html(view: &SurveyView) -> String {
    let props = survey::Props { view: Rc::new(view.clone()) };
    finished(LocalServerRenderer::<Survey>::with_props(props).hydratable(false).render())
}

/// The form fetches nothing, so drawing it never waits for anything but itself.
fn finished<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        if let Poll::Ready(done) = work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return done;
        }
    }
}

#[cfg(test)]
mod tests;
