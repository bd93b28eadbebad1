//! Steps that say something.

use super::form::{At, Place, Read};
use super::steps::{Coded, Label, Program};
use super::values::{Duration, Name};
use super::written::{FallbackText, StepText};
use crate::consent::Channel;
use crate::facts::Kind;
use crate::id::Slug;
use crate::journey::{Act, Match, Message};
use crate::published::Shows;
use crate::time::Span;

/// How long a message is worth saying when nothing else is said.
const WORTH_SAYING: Span = Span::days(3);

/// What is said of a message, in a step or a fallback.
struct Told<'a> {
    send: Option<&'a Read<Name>>,
    text: Option<&'a Read<Name>>,
    valid_for: Option<&'a Read<Duration>>,
    today_only: Option<&'a At<bool>>,
}

impl Program<'_, '_, '_> {
    /// A message, what is said instead, and the wait for an answer to it.
    pub(super) fn message(&mut self, text: &StepText, next: Label) {
        let told = Told {
            send: text.send.as_ref(),
            text: text.text.as_ref(),
            valid_for: text.valid_for.as_ref(),
            today_only: text.today_only.as_ref(),
        };
        let fallback = text.fallback.as_ref().map(|fallback| self.fallback(fallback));
        let Some(message) = self.told(&told) else { return };
        let word = if message.channel == Channel::Sms { "text" } else { "send" };
        let id = self.id(text, &format!("{word}-{}", message.name));
        let Some(fallback) = fallback else {
            self.emit(id, Act::Message(message), next);
            return;
        };
        let Some((instead, no_answer)) = fallback else { return };
        if instead.channel == message.channel && no_answer.is_none() {
            let place = text.fallback.as_ref().map(Place::place).unwrap_or_default();
            self.reader.wrong(place, "what cannot be said on this channel cannot be said on it by another message: expected the other channel, or no_answer");
        }
        let other = self.label();
        let otherwise = (instead.channel != message.channel).then_some(other);
        let answered = if no_answer.is_some() { self.label() } else { next };
        self.emit(id.clone(), Act::Message(Message { otherwise, ..message }), answered);
        if let Some(at_most) = no_answer {
            self.bind(answered);
            let named = self.named(&format!("{id}-answer"));
            self.emit(named, Act::Await { what: Match::any(Kind::MessageClicked), at_most, otherwise: other }, next);
        }
        self.bind(other);
        let named = self.named(&format!("{id}-fallback"));
        self.emit(named, Act::Message(instead), next);
    }

    fn fallback(&mut self, text: &At<FallbackText>) -> Option<(Message, Option<Span>)> {
        let fallback = text.get();
        self.reader.sort(FallbackText::SORTS, &fallback.given(), &text.place())?;
        let told = Told {
            send: fallback.send.as_ref(),
            text: fallback.text.as_ref(),
            valid_for: fallback.valid_for.as_ref(),
            today_only: fallback.today_only.as_ref(),
        };
        let message = self.told(&told);
        let no_answer = match &fallback.no_answer {
            Some(span) => Some(self.reader.span(span)?),
            None => None,
        };
        Some((message?, no_answer))
    }

    fn told(&mut self, told: &Told<'_>) -> Option<Message> {
        let (channel, text) = match (told.send, told.text) {
            (Some(name), _) => (Channel::Email, name),
            (None, name) => (Channel::Sms, name?),
        };
        let (folder, list) = match channel {
            Channel::Email => ("mails", &self.reader.known.mails),
            _ => ("texts", &self.reader.known.texts),
        };
        let needs = text.0.get().parse().ok().and_then(|name: Slug| list.get(&name).copied());
        let name = self.reader.pointer(text, folder, |_, _| needs.is_some());
        let needs = needs.unwrap_or_default();
        let mistake = match self.code {
            Coded::Nowhere => Some("it names a code, and no step before it has code = \"…\""),
            Coded::OnSomeWays => Some(
                "it names a code, and not every way that leads here has issued one: give each way a step with \
                 code = \"…\", or send the others another message on their own way",
            ),
            Coded::OnEveryWay => None,
        };
        if let Some(mistake) = mistake.filter(|_| needs.code) {
            self.reader.wrong(text.place(), mistake);
        }
        let mistake = match needs.shows.filter(|shows| self.reader.shows != Some(*shows)) {
            Some(Shows::Cart) => Some(
                "it shows the cart, and a run of this journey is about none: expected \
                 entry = { event = \"cart.changed\" } and a run for each cart",
            ),
            Some(Shows::Order) => Some(
                "it shows the order, and a run of this journey is about none: expected an entry by an event about an \
                 order, such as \"order.confirmed\", and a run for each order",
            ),
            None => None,
        };
        if let Some(mistake) = mistake {
            self.reader.wrong(text.place(), mistake);
        }
        let valid_for = match told.valid_for {
            Some(span) => self.reader.span(span)?,
            None => WORTH_SAYING,
        };
        let today_only = self.reader.must_be_true("today_only", told.today_only);
        Some(Message { channel, name: name?, valid_for, today_only, otherwise: None })
    }
}
