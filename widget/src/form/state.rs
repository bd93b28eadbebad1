//! What happens to a form, apart from how it looks: an action goes in, the state changes, and what
//! is to be done outside comes out as data.

use domain::campaign::view::FormView;
use domain::form::{Complaint, FieldError, check_typed};

use super::birthday::{Entry, Part};

/// The card that is in front.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Card {
    /// Asks for the address.
    #[default]
    Address,
    /// The further step of this index.
    Step(usize),
    /// Thanks, with the code where there is one.
    Done,
}

/// Everything the form knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// What is in front.
    pub card: Card,
    /// The address as typed.
    pub email: String,
    /// The permissions that are ticked, as they are written.
    pub allowed: Vec<String>,
    /// What is wrong with the address.
    pub complaint: Option<FieldError>,
    /// The name as typed.
    pub given_name: String,
    /// The birthday as chosen.
    pub birthday: Entry,
    /// The birthday is no day.
    pub no_such_day: bool,
    /// How far the last sending has come.
    pub sending: Sending,
    /// The code, once there is one.
    pub code: Option<String>,
    /// The code is on the clipboard.
    pub copied: bool,
    /// The address that the shopper insists on after a suggestion.
    sure: Option<String>,
    pointer: Pointer,
}

/// How far a sending has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sending {
    /// Nothing is on its way.
    #[default]
    Idle,
    /// It is on its way.
    Busy,
    /// It did not get through.
    Lost,
}

/// A complaint moves what is below it. While a pointer is down that would pull the button away from
/// under it, and the click would be lost; so it waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Pointer {
    #[default]
    Up,
    Down,
    /// Down, and the address field was left with it.
    Owing,
}

/// Something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Taken over from the page: the address, the ticks, and whether the address was complained about.
    PickedUp(String, Vec<String>, bool),
    /// The address was changed.
    Typed(String),
    /// The address field was left.
    Left,
    /// A pointer went down on the card …
    Pressed,
    /// … and has done its click.
    Released,
    /// A permission was ticked or unticked.
    Ticked(String, bool),
    /// The suggested address is the right one.
    Meant,
    /// The name was changed.
    Named(String),
    /// A part of the birthday was changed.
    Born(Part, String),
    /// The card in front was submitted.
    Submitted,
    /// The further step in front is left out.
    Skipped,
    /// The edge has answered, or did not.
    Answered(Answer),
    /// The code is wanted on the clipboard.
    CopyWanted,
    /// It is there.
    Copied,
}

/// What became of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was taken; perhaps there is a code.
    Taken(Option<String>),
    /// It was not, for these reasons.
    Refused(Vec<FieldError>),
    /// Nobody knows.
    Lost,
}

/// Something to be done outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The first card is drawn: it can take the place of the page's.
    Drawn,
    /// Send these fields.
    Send(Vec<(&'static str, String)>),
    /// Move the focus.
    Focus(Target),
    /// Copy this to the clipboard.
    Copy(String),
}

/// Where the focus goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The heading of the card in front.
    Heading,
    /// The address field.
    Email,
    /// The birthday's first part.
    Birthday,
}

impl State {
    /// Lets something happen.
    pub fn apply(&mut self, action: Action, view: &FormView) -> Option<Effect> {
        match action {
            Action::PickedUp(email, allowed, complained) => {
                self.email = email;
                self.allowed = allowed;
                if complained {
                    self.complaint = self.judge().err();
                }
                None
            }
            Action::Typed(email) => {
                self.email = email;
                self.pointer = Pointer::Up;
                // Nothing new is complained about, and no slip suspected, before the field is left.
                if self.complaint.is_some() {
                    self.complaint = self.judge().err().filter(|error| error.code != Complaint::Typo);
                }
                None
            }
            Action::Left => {
                if self.pointer == Pointer::Up {
                    self.judge_as_left();
                } else {
                    self.pointer = Pointer::Owing;
                }
                None
            }
            Action::Pressed => {
                self.pointer = Pointer::Down;
                None
            }
            Action::Released => {
                if core::mem::take(&mut self.pointer) == Pointer::Owing {
                    self.judge_as_left();
                }
                None
            }
            Action::Ticked(permission, ticked) => {
                self.allowed.retain(|allowed| *allowed != permission);
                if ticked {
                    self.allowed.push(permission);
                }
                None
            }
            Action::Meant => {
                self.email = self.complaint.take()?.suggestion?;
                Some(Effect::Focus(Target::Email))
            }
            Action::Named(name) => {
                self.given_name = name;
                None
            }
            Action::Born(part, value) => {
                self.birthday.set(part, value);
                self.no_such_day = self.no_such_day && self.birthday.read().is_err();
                None
            }
            Action::Submitted | Action::Skipped if self.is_busy() => None,
            Action::Submitted => self.submit(),
            Action::Skipped => Some(self.turn(view)),
            Action::Answered(answer) => self.answered(answer, view),
            Action::CopyWanted => self.code.clone().map(Effect::Copy),
            Action::Copied => {
                self.copied = true;
                None
            }
        }
    }

    /// What can be seen of it beside what the browser itself shows, which is what somebody types, ticks and chooses.
    pub fn drawn(&self) -> (Card, Option<FieldError>, bool, Sending, bool) {
        (self.card, self.complaint.clone(), self.no_such_day, self.sending, self.copied)
    }

    /// It is on its way.
    pub fn is_busy(&self) -> bool {
        self.sending == Sending::Busy
    }

    fn judge(&self) -> Result<(), FieldError> {
        check_typed(&self.email, self.sure.as_deref())
    }

    fn judge_as_left(&mut self) {
        if self.card == Card::Address && !self.is_busy() && !self.email.trim().is_empty() {
            self.complaint = self.judge().err();
        }
    }

    fn submit(&mut self) -> Option<Effect> {
        self.sending = Sending::Idle;
        self.pointer = Pointer::Up;
        match self.card {
            Card::Address => {
                // Sent again as it is: then it is meant as it is.
                if self.complaint.as_ref().is_some_and(|error| error.code == Complaint::Typo) {
                    self.sure = Some(self.email.clone());
                }
                self.complaint = self.judge().err();
                if self.complaint.is_some() {
                    return Some(Effect::Focus(Target::Email));
                }
            }
            Card::Step(_) => {
                self.no_such_day = self.birthday.read().is_err();
                if self.no_such_day {
                    return Some(Effect::Focus(Target::Birthday));
                }
            }
            Card::Done => return None,
        }
        self.sending = Sending::Busy;
        Some(Effect::Send(self.fields()))
    }

    /// All that is known so far: each sending stands for itself, and the submission's id, which the
    /// bridge adds, makes them one.
    fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![("email", self.email.trim().to_owned())];
        fields.extend(self.allowed.iter().map(|permission| ("allow", permission.clone())));
        fields.extend(self.sure.clone().map(|sure| ("sure", sure)));
        if let Card::Step(index) = self.card {
            fields.push(("step", (index + 1).to_string()));
            fields.push(("given_name", self.given_name.trim().to_owned()));
            fields.extend(self.birthday.read().ok().flatten().map(|day| ("birthday", day.into())));
            fields.retain(|(_, value)| !value.is_empty());
        }
        fields
    }

    fn answered(&mut self, answer: Answer, view: &FormView) -> Option<Effect> {
        self.sending = Sending::Idle;
        let errors = match answer {
            Answer::Taken(code) => {
                self.code = code.or(self.code.take());
                return Some(self.turn(view));
            }
            Answer::Refused(errors) => errors,
            Answer::Lost => Vec::new(),
        };
        for error in errors {
            match error.field.as_str() {
                "email" => {
                    self.card = Card::Address;
                    self.complaint = Some(error);
                    return Some(Effect::Focus(Target::Email));
                }
                "birthday" if matches!(self.card, Card::Step(_)) => {
                    self.no_such_day = true;
                    return Some(Effect::Focus(Target::Birthday));
                }
                _ => {}
            }
        }
        self.sending = Sending::Lost;
        None
    }

    /// Turns to the next card.
    fn turn(&mut self, view: &FormView) -> Effect {
        let next = match self.card {
            Card::Address => 0,
            Card::Step(index) => index + 1,
            Card::Done => view.steps.len(),
        };
        self.sending = Sending::Idle;
        self.card = if next < view.steps.len() { Card::Step(next) } else { Card::Done };
        Effect::Focus(Target::Heading)
    }
}

#[cfg(test)]
mod tests;
