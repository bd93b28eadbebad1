//! One run of a journey: where it stands, and how it goes on.

use serde::{Deserialize, Serialize};

use super::act::{Act, Message, Wait};
use super::condition::Person;
use super::migration::Moved;
use super::shopper::Deed;
use super::surroundings::Surroundings;
use super::{Journey, Key, Match, enter};
use crate::facts::{About, Happened, Kind};
use crate::id::{EventId, Slug};
use crate::time::{Span, Timestamp};
use crate::why::Why;

/// One run of a journey by one shopper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The version it is on.
    pub version: String,
    /// When it began.
    pub began: Timestamp,
    /// When what began it happened, which it may have been told of late.
    pub since: Timestamp,
    /// What it is about: an order, a cart, a year.
    pub about: String,
    /// The seed of the shopper for whom it began.
    pub of: u64,
    /// The step it stands at.
    pub at: u16,
    /// What it waits for there.
    pub state: State,
    /// The code that it was given last; nothing where the last one that it asked for was not to be had.
    pub code: Option<Given>,
    /// When that happened which it waited for last: the same is not waited for twice.
    pub met: Option<Timestamp>,
    /// When it wanted something said last.
    pub said: Option<Timestamp>,
}

/// A code that a run was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// The offer whose code it is: not the one that was asked for, where another stands in for its pool.
    pub offer: Slug,
    /// The code.
    pub code: String,
    /// When it ends.
    pub ends: Option<Timestamp>,
}

/// What a run waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A moment.
    Until(Timestamp),
    /// An event, until a moment.
    Await(Timestamp),
    /// What becomes of its message.
    Message,
    /// A code.
    Code,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It left, or nobody knows.
    Left,
    /// It cannot be said to this shopper on this channel: no permission, no address, refused for good.
    Unsayable,
    /// It was not said for another reason.
    Unsaid,
}

/// A message that a run wants to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The step's name.
    pub step: String,
    /// The seed of the shopper for whom its run began.
    pub of: u64,
    /// What.
    pub message: Message,
    /// Until when it is worth saying.
    pub valid_until: Timestamp,
    /// The code that it may show: the last one on the way here.
    pub code: Option<Given>,
}

/// What a run is told.
pub(super) enum Told<'a> {
    /// It begins.
    Begin,
    /// Its moment has come.
    Due,
    /// Something happened.
    Happened(&'a Happened),
    /// What became of the message that this step asked for.
    Fate(&'a str, Fate),
    /// The code it asked for; nothing where there is none to be had.
    Code(Option<&'a Given>),
}

/// What came of telling it.
pub(super) enum Came {
    /// It waits; it may have moved on before.
    Waits {
        /// It did.
        moved: bool,
    },
    /// It is over.
    Ended(Why),
}

impl Run {
    /// The run as conditions see it.
    pub(super) fn person<'a>(&'a self, person: &Person<'a>) -> Person<'a> {
        Person { run: Some((self.since, &self.about)), ..*person }
    }

    /// Why it must not go on, if so: its goal is reached, or it is to end without.
    pub fn over(&self, journey: &Journey, person: &Person<'_>) -> Option<Why> {
        let person = self.person(person);
        // What is told of late may have been put into it before what the run began with.
        let same = |since| enter::since(&self.about).is_some_and(|about| about >= since);
        if journey.key == Key::Cart && !person.facts.cart_since().is_some_and(same) {
            return Some(Why::new("cart", "the cart was bought or emptied"));
        }
        if journey.goal.as_ref().is_some_and(|goal| goal.holds(&person)) {
            return Some(Why::new("goal", "what the journey is for has been reached"));
        }
        let exit = journey.exits.iter().position(|exit| exit.holds(&person))?;
        Some(Why::new("exit", format!("exit rule {} of {}", exit + 1, journey.name)))
    }

    /// Goes on as far as it can. `deeds` takes what is to be done.
    pub(super) fn tell(
        &mut self,
        journey: &Journey,
        told: &Told<'_>,
        person: &Person<'_>,
        around: &Surroundings<'_>,
        moved: Option<&mut Moved>,
        deeds: &mut impl FnMut(Deed),
    ) -> Came {
        if let Some(why) = self.over(journey, person) {
            return Came::Ended(why);
        }
        let Some(step) = journey.steps.get(usize::from(self.at)) else {
            return Came::Ended(Why::new("end", "nothing is left to do"));
        };
        let now = person.now;
        let on = match (&self.state, told) {
            (_, Told::Begin) => self.at,
            (State::Until(moment), Told::Due) if *moment <= now => match &step.act {
                // Somebody gave a sign of life meanwhile: quiet begins anew.
                Act::Wait(Wait::Quiet(span)) if !is_quiet(*span, person) => self.at,
                _ => step.next,
            },
            (State::Await(until), Told::Due) if *until <= now => match &step.act {
                Act::Await { otherwise, .. } => *otherwise,
                _ => step.next,
            },
            (State::Await(until), Told::Happened(happened)) => match &step.act {
                Act::Await { what, .. } if happened.at <= *until && self.is_meant(what, happened, person) => {
                    self.met = Some(happened.at);
                    step.next
                }
                _ => return Came::Waits { moved: false },
            },
            (State::Message, Told::Fate(said, fate)) if self.asks(journey, moved.as_deref()) == Some(*said) => {
                match (&step.act, fate) {
                    (Act::Message(Message { otherwise: Some(otherwise), .. }), Fate::Unsayable) => *otherwise,
                    _ => step.next,
                }
            }
            (State::Code, Told::Code(code)) => {
                self.code = code.cloned();
                step.next
            }
            _ => return Came::Waits { moved: false },
        };
        self.walk(journey, on, person, around, moved, deeds)
    }

    fn is_meant(&self, what: &Match, happened: &Happened, person: &Person<'_>) -> bool {
        happened.at > self.listens_since(what.event) && what.fits(&happened.told(), Some(&self.about), person.facts)
    }

    /// After which moment it counts what it waits for: after what began it, and after what it waited for before. A
    /// click is an answer to what it said last.
    fn listens_since(&self, event: Kind) -> Timestamp {
        let said = self.said.filter(|_| event == Kind::MessageClicked);
        Some(self.since).max(self.met).max(said).unwrap_or(self.since)
    }

    /// The first that was meant of what happened by now.
    fn has_happened(&self, what: &Match, person: &Person<'_>) -> Option<Timestamp> {
        let told = person.facts.told_since(what.event, self.listens_since(what.event) + Span(1));
        let meant = told.filter(|told| told.at <= person.now && what.fits(told, Some(&self.about), person.facts));
        meant.map(|told| told.at).min()
    }

    /// The step whose message it has asked for and whose fate it waits for, under the name it had then.
    pub(super) fn asks<'a>(&self, journey: &'a Journey, moved: Option<&'a Moved>) -> Option<&'a str> {
        if self.state != State::Message {
            return None;
        }
        let step = || journey.steps.get(usize::from(self.at)).map(|step| step.id.as_str());
        moved.and_then(Moved::asked).or_else(step)
    }

    /// Walks from a step until something has to be waited for.
    fn walk(
        &mut self,
        journey: &Journey,
        from: u16,
        person: &Person<'_>,
        around: &Surroundings<'_>,
        mut moved: Option<&mut Moved>,
        deeds: &mut impl FnMut(Deed),
    ) -> Came {
        let now = person.now;
        let mut at = from;
        if let Some(moved) = &mut moved {
            moved.standing = None;
        }
        loop {
            let Some(step) = journey.steps.get(usize::from(at)) else {
                return Came::Ended(Why::new("end", "nothing is left to do"));
            };
            self.at = at;
            let onward = match &step.act {
                _ if moved.as_ref().is_some_and(|moved| moved.passes(step)) => step.next,
                Act::Wait(wait) => match self.until(wait, person, around) {
                    Some(until) if until > now => {
                        self.state = State::Until(until);
                        return Came::Waits { moved: true };
                    }
                    _ => step.next,
                },
                Act::Await { what, at_most, .. } => {
                    let Some(happened) = self.has_happened(what, person) else {
                        self.state = State::Await(now + *at_most);
                        return Came::Waits { moved: true };
                    };
                    self.met = Some(happened);
                    step.next
                }
                Act::Branch(ways) => {
                    let person = self.person(person);
                    ways.iter().find(|(condition, _)| condition.holds(&person)).map_or(step.next, |(_, to)| *to)
                }
                Act::Split(ways) => drawn(ways, around.lot(journey, &step.id)).unwrap_or(step.next),
                Act::Message(message) => {
                    self.state = State::Message;
                    self.said = Some(now);
                    let mut valid_until = now + message.valid_for;
                    if message.today_only {
                        valid_until = valid_until.min(around.end_of_day(now));
                    }
                    let (step, message, code) = (step.id.clone(), message.clone(), self.code.clone());
                    let said = Said { step, of: self.of, message, valid_until, code };
                    deeds(Deed::Say(said));
                    return Came::Waits { moved: true };
                }
                Act::Code { offer, fresh } => {
                    self.state = State::Code;
                    deeds(Deed::Issue { offer: offer.clone(), fresh: *fresh });
                    return Came::Waits { moved: true };
                }
                Act::Tag(tag, on) => {
                    deeds(Deed::Tag(self.tagged(journey, &step.id, tag, *on, now)));
                    step.next
                }
                Act::Alert(text) => {
                    deeds(Deed::Alert(text.clone()));
                    step.next
                }
                Act::Webhook(name) => {
                    deeds(Deed::Webhook { step: step.id.clone(), name: name.clone() });
                    step.next
                }
                Act::Goal => return Came::Ended(Why::new("goal", "what the journey is for has been reached")),
                Act::Exit => return Came::Ended(Why::new("exit", format!("the way ends at {}", step.id))),
            };
            // Forward only, whatever was published.
            if onward <= at {
                return Came::Ended(Why::new("end", format!("{} leads nowhere", step.id)));
            }
            at = onward;
        }
    }

    /// A tag is put on or taken off. Whoever notes that does it under this id, so it counts once.
    fn tagged(&self, journey: &Journey, step: &str, tag: &Slug, on: bool, now: Timestamp) -> Happened {
        let kind = if on { Kind::TagAdded } else { Kind::TagRemoved };
        let (of, began) = (self.of.to_string(), self.began.0.to_string());
        let id = super::mark(&[journey.name.as_str(), &self.about, &of, &began, step, tag.as_str(), kind.as_str()]);
        Happened::new(now, EventId(id), kind, About { subject: tag.to_string(), ..About::default() })
    }

    /// When a wait ends; nothing when it is over before it began.
    pub(super) fn until(&self, wait: &Wait, person: &Person<'_>, around: &Surroundings<'_>) -> Option<Timestamp> {
        let now = person.now;
        match wait {
            Wait::For(span) => Some(now + *span),
            Wait::Days(days, minute) => Some(around.days_at(now, *days, *minute)),
            Wait::Weekday(day, minute) => Some(around.weekday_at(*day, *minute)),
            Wait::Quiet(span) => Some(person.facts.seen().unwrap_or(now) + *span),
            Wait::BeforeCodeEnds(span) => {
                let ends = self.code.as_ref()?.ends?;
                Some(Timestamp(ends.0.saturating_sub(span.0)))
            }
            Wait::Until(moment) => Some(*moment),
        }
    }
}

fn is_quiet(span: Span, person: &Person<'_>) -> bool {
    person.facts.seen().is_none_or(|seen| seen + span <= person.now)
}

/// Which way a lot of 0 to 999 falls.
fn drawn(ways: &[(u16, u16)], lot: u16) -> Option<u16> {
    let mut passed = 0_u16;
    ways.iter().find_map(|(share, to)| {
        passed = passed.saturating_add(*share);
        (lot < passed).then_some(*to)
    })
}
