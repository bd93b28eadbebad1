use domain::campaign::Field;
use domain::campaign::view::{AskView, FormText, FormView};
use domain::consent::{DEVICE, EMAIL_MARKETING};
use domain::form::{Complaint, FieldError};

use super::*;

fn view(steps: Vec<Vec<Field>>) -> FormView {
    let ask = |permission| AskView { permission, wording: "May we?".into() };
    FormView {
        campaign: "hello".into(),
        asks: vec![ask(EMAIL_MARKETING), ask(DEVICE)],
        steps,
        privacy: None,
        reveals_at_once: false,
        before_click: false,
        text: FormText::default(),
    }
}

/// A form, and what it wants done after each action.
struct Play {
    view: FormView,
    state: State,
}

impl Play {
    fn new() -> Self {
        Self::with(vec![vec![Field::GivenName, Field::Birthday]])
    }

    fn with(steps: Vec<Vec<Field>>) -> Self {
        Self { view: view(steps), state: State::default() }
    }

    fn act(&mut self, action: Action) -> Option<Effect> {
        self.state.apply(action, &self.view)
    }

    fn typed(email: &str) -> Self {
        let mut play = Self::new();
        play.act(Action::Typed(email.into()));
        play
    }

    fn complaint(&self) -> Option<Complaint> {
        self.state.complaint.as_ref().map(|error| error.code)
    }

    /// Submits and returns the fields that are sent, as `name=value`.
    #[track_caller]
    fn sent(&mut self) -> Vec<String> {
        match self.act(Action::Submitted) {
            Some(Effect::Send(fields)) => fields.iter().map(|(name, value)| format!("{name}={value}")).collect(),
            other => panic!("{other:?}"),
        }
    }

    fn taken(&mut self, code: Option<&str>) -> Option<Effect> {
        self.act(Action::Answered(Answer::Taken(code.map(Into::into))))
    }
}

fn refusal(field: &str, code: Complaint) -> Action {
    let suggestion = (code == Complaint::Typo).then(|| "anna@example.org".to_owned());
    Action::Answered(Answer::Refused(vec![FieldError { field: field.into(), code, suggestion }]))
}

#[test]
fn an_empty_or_broken_address_is_asked_for_and_not_sent() {
    for (email, complaint) in [("", Complaint::Required), ("  ", Complaint::Required), ("anna@", Complaint::Invalid)] {
        let mut play = Play::typed(email);
        assert_eq!(play.act(Action::Submitted), Some(Effect::Focus(Target::Email)), "{email}");
        assert_eq!(play.complaint(), Some(complaint), "{email}");
        assert_eq!(play.state.sending, Sending::Idle);
    }
}

#[test]
fn leaving_the_field_judges_what_was_typed_but_never_that_nothing_was() {
    for (email, complaint) in [
        ("", None),
        ("anna@", Some(Complaint::Invalid)),
        ("anna@gmial.com", Some(Complaint::Typo)),
        ("anna@example.org", None),
    ] {
        let mut play = Play::typed(email);
        play.act(Action::Left);
        assert_eq!(play.complaint(), complaint, "{email}");
    }
}

#[test]
fn typing_withdraws_a_complaint_and_begins_none() {
    let mut play = Play::typed("anna@");
    assert_eq!(play.complaint(), None);
    play.act(Action::Left);
    play.act(Action::Typed("anna@gmial.co".into()));
    assert_eq!(play.complaint(), None, "a slip is not suspected while somebody types");
    play.act(Action::Left);
    play.act(Action::Typed("anna@gmail.".into()));
    assert_eq!(play.complaint(), Some(Complaint::Invalid));
    play.act(Action::Typed("anna@gmail.com".into()));
    assert_eq!(play.complaint(), None);
}

#[test]
fn nothing_moves_while_a_pointer_is_down() {
    let mut play = Play::typed("anna@");
    play.act(Action::Pressed);
    play.act(Action::Left);
    assert_eq!(play.complaint(), None);
    play.act(Action::Released);
    assert_eq!(play.complaint(), Some(Complaint::Invalid));
}

#[test]
fn pressing_the_button_shows_a_slip_first_and_sends_it_the_second_time() {
    let mut play = Play::typed("anna@gmial.com");
    play.act(Action::Pressed);
    play.act(Action::Left);
    assert_eq!(play.act(Action::Submitted), Some(Effect::Focus(Target::Email)));
    assert_eq!(play.complaint(), Some(Complaint::Typo));
    play.act(Action::Pressed);
    play.act(Action::Left);
    assert!(matches!(play.act(Action::Submitted), Some(Effect::Send(_))));
}

#[test]
fn a_suggestion_is_taken_with_one_press() {
    let mut play = Play::typed("anna@gmial.com");
    play.act(Action::Left);
    assert_eq!(play.act(Action::Meant), Some(Effect::Focus(Target::Email)));
    assert_eq!((play.state.email.as_str(), play.complaint()), ("anna@gmail.com", None));
    assert_eq!(play.act(Action::Meant), None, "there is none any more");
    assert_eq!(play.sent(), ["email=anna@gmail.com"]);
}

#[test]
fn who_insists_on_an_address_is_believed() {
    let mut play = Play::typed("anna@gmial.com");
    assert_eq!(play.act(Action::Submitted), Some(Effect::Focus(Target::Email)));
    assert_eq!(play.sent(), ["email=anna@gmial.com", "sure=anna@gmial.com"]);

    let mut play = Play::typed("anna@example.com");
    play.sent();
    play.act(refusal("email", Complaint::Typo));
    assert_eq!(play.sent(), ["email=anna@example.com", "sure=anna@example.com"]);
}

#[test]
fn insisting_on_one_address_says_nothing_about_another() {
    let mut play = Play::typed("anna@gmial.com");
    play.act(Action::Submitted);
    play.act(Action::Typed("bob@gmial.com".into()));
    assert_eq!(play.act(Action::Submitted), Some(Effect::Focus(Target::Email)));
    assert_eq!(play.complaint(), Some(Complaint::Typo));
}

#[test]
fn permissions_are_sent_as_they_are_ticked_in_the_end() {
    let mut play = Play::typed(" anna@example.org ");
    for (permission, ticked) in
        [("email.marketing", true), ("device.personalisation", true), ("email.marketing", false)]
    {
        play.act(Action::Ticked(permission.into(), ticked));
    }
    assert_eq!(play.sent(), ["email=anna@example.org", "allow=device.personalisation"]);
}

#[test]
fn while_it_is_sent_nothing_else_is() {
    let mut play = Play::typed("anna@example.org");
    play.sent();
    assert_eq!(play.state.sending, Sending::Busy);
    assert_eq!(play.act(Action::Submitted), None);
    assert_eq!(play.act(Action::Skipped), None);
    play.act(Action::Left);
    assert_eq!(play.complaint(), None);
}

#[test]
fn what_was_lost_can_be_sent_again() {
    let mut play = Play::typed("anna@example.org");
    let first = play.sent();
    assert_eq!(play.act(Action::Answered(Answer::Lost)), None);
    assert_eq!(play.state.sending, Sending::Lost);
    assert_eq!(play.sent(), first);
    assert_eq!(play.state.sending, Sending::Busy);
}

#[test]
fn a_refusal_stands_where_it_belongs() {
    let mut play = Play::typed("anna@example.org");
    play.sent();
    assert_eq!(play.act(refusal("email", Complaint::Invalid)), Some(Effect::Focus(Target::Email)));
    play.sent();
    assert_eq!(play.act(refusal("page", Complaint::Invalid)), None);
    assert_eq!(play.state.sending, Sending::Lost, "what nobody can mend by typing is a failure");
    play.sent();
    play.taken(None);
    play.sent();
    assert_eq!(play.act(refusal("birthday", Complaint::Invalid)), Some(Effect::Focus(Target::Birthday)));
    assert!(play.state.no_such_day);
    assert_eq!(play.act(refusal("email", Complaint::Invalid)), Some(Effect::Focus(Target::Email)));
    assert_eq!(play.state.card, Card::Address);
}

#[test]
fn further_steps_follow_one_by_one_and_the_thanks_come_last() {
    let mut play = Play::with(vec![vec![Field::GivenName], vec![Field::Birthday]]);
    play.act(Action::Typed("anna@example.org".into()));
    play.sent();
    assert_eq!(play.taken(Some("HELLO-1")), Some(Effect::Focus(Target::Heading)));
    assert_eq!(play.state.card, Card::Step(0));
    play.act(Action::Named(" Anna ".into()));
    assert_eq!(play.sent(), ["email=anna@example.org", "step=1", "given_name=Anna"]);
    play.taken(None);
    assert_eq!(play.state.card, Card::Step(1));
    for (part, value) in [(Part::Day, "7"), (Part::Month, "4"), (Part::Year, "1990")] {
        play.act(Action::Born(part, value.into()));
    }
    assert_eq!(play.sent(), ["email=anna@example.org", "step=2", "given_name=Anna", "birthday=1990-04-07"]);
    play.taken(None);
    assert_eq!((play.state.card, play.state.code.as_deref()), (Card::Done, Some("HELLO-1")));
    assert_eq!(play.act(Action::Submitted), None);
}

#[test]
fn without_further_steps_the_thanks_come_at_once() {
    let mut play = Play::with(Vec::new());
    play.act(Action::Typed("anna@example.org".into()));
    play.sent();
    play.taken(None);
    assert_eq!(play.state.card, Card::Done);
}

#[test]
fn a_step_can_be_left_out() {
    let mut play = Play::typed("anna@example.org");
    play.sent();
    play.taken(None);
    assert_eq!(play.act(Action::Skipped), Some(Effect::Focus(Target::Heading)));
    assert_eq!(play.state.card, Card::Done);
}

#[test]
fn half_a_birthday_is_not_sent() {
    let mut play = Play::typed("anna@example.org");
    play.sent();
    play.taken(None);
    play.act(Action::Born(Part::Day, "31".into()));
    assert_eq!(play.act(Action::Submitted), Some(Effect::Focus(Target::Birthday)));
    play.act(Action::Born(Part::Month, "2".into()));
    assert!(play.state.no_such_day, "there is no 31 February");
    play.act(Action::Born(Part::Month, "3".into()));
    assert!(!play.state.no_such_day);
    assert_eq!(play.sent(), ["email=anna@example.org", "step=1", "birthday=03-31"]);
}

#[test]
fn a_code_that_is_there_can_be_copied() {
    let mut play = Play::with(Vec::new());
    assert_eq!(play.act(Action::CopyWanted), None);
    play.act(Action::Typed("anna@example.org".into()));
    play.sent();
    play.taken(Some("HELLO-1"));
    assert_eq!(play.act(Action::CopyWanted), Some(Effect::Copy("HELLO-1".into())));
    play.act(Action::Copied);
    assert!(play.state.copied);
}

#[test]
fn what_the_page_knew_is_picked_up() {
    let mut play = Play::new();
    play.act(Action::PickedUp("anna@gmial.com".into(), vec!["email.marketing".into()], true));
    assert_eq!(play.complaint(), Some(Complaint::Typo));
    assert_eq!(play.sent(), ["email=anna@gmial.com", "allow=email.marketing", "sure=anna@gmial.com"]);

    let mut play = Play::new();
    play.act(Action::PickedUp("anna@".into(), Vec::new(), false));
    assert_eq!(play.complaint(), None, "what was not complained about before is not now");
}

#[test]
fn what_is_typed_ticked_and_chosen_stands_there_already() {
    let mut play = Play::new();
    let drawn = play.state.drawn();
    let actions = [
        Action::Typed("anna".into()),
        Action::Pressed,
        Action::Released,
        Action::Ticked("device.personalisation".into(), true),
        Action::Named("Anna".into()),
        Action::Born(Part::Day, "7".into()),
    ];
    for action in actions {
        assert_eq!(play.act(action), None);
    }
    assert_eq!(play.state.drawn(), drawn);
    play.act(Action::Left);
    assert_ne!(play.state.drawn(), drawn, "a complaint is to be seen");
}
