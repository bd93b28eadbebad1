//! What should have begun, been said and ended, worked out anew from what was heard: slowly, plainly, and without
//! the engine. Every journey of the shop is here a second time, as a few sentences about one shopper.

mod habits;

use std::collections::BTreeSet;

use domain::facts::{Happened, Kind};
use domain::home::Row;
use domain::time::{Span, Timestamp};

use crate::life::Who;
use crate::shop;
use crate::witness::{Asked, Began, Witness};

/// How much later than due something may come: alarms ring late, instances are killed, the platform sleeps.
const LATE: Span = Span::hours(3);
/// What happened longer ago begins nothing.
const STALE: Span = Span::days(3);

/// Looks for what should have happened to one shopper and did not, or the other way round. Where nothing went
/// wrong (`undisturbed`), what they do from habit is checked too: it depends on the order in which all arrives.
pub fn check(who: &Who, witness: &mut Witness, end: Timestamp, undisturbed: bool) {
    let heard = witness.heard.iter().filter(|(seed, ..)| *seed == who.seed).map(|(_, at, what)| (*at, what)).collect();
    let mut view = View { who, heard, witness, end, faults: Vec::new() };
    view.welcome();
    view.orders();
    view.birthdays();
    if undisturbed {
        view.habits();
    }
    for (promise, about) in view.faults {
        witness.fault(promise, about);
    }
}

/// One shopper's story.
struct View<'a> {
    who: &'a Who,
    /// What was heard of them and when, in that order.
    heard: Vec<(Timestamp, &'a Happened)>,
    witness: &'a Witness,
    end: Timestamp,
    faults: Vec<(&'static str, String)>,
}

impl<'a> View<'a> {
    fn fault(&mut self, promise: &'static str, about: impl Into<String>) {
        self.faults.push((promise, format!("{} of {}", about.into(), self.who.seed)));
    }

    fn began(&self, journey: &str, key: &str) -> Option<&'a Began> {
        self.witness.began.get(&(self.who.seed, journey.to_owned(), key.to_owned()))
    }

    /// All runs of a journey, by their keys.
    fn runs(&self, journey: &'a str) -> impl Iterator<Item = (&'a str, &'a Began)> {
        let seed = self.who.seed;
        let mine = self.witness.began.iter().filter(move |((of, name, _), _)| *of == seed && name == journey);
        mine.map(|((.., key), began)| (key.as_str(), began))
    }

    fn asked(&self, journey: &str, key: &str, step: &str) -> Option<&'a Asked> {
        let mine = |id: &domain::home::MessageId| {
            id.of == self.who.seed && id.run.journey.as_str() == journey && id.run.key == key && id.step == step
        };
        self.witness.asked.iter().find(|(id, _)| mine(id)).map(|(_, asked)| asked)
    }

    fn heard_of(&self, kind: Kind) -> impl Iterator<Item = (Timestamp, &'a Happened)> {
        self.heard.iter().copied().filter(move |(_, what)| what.kind == kind)
    }

    /// A message has to be asked for at a moment or a little later.
    fn must_ask(&mut self, journey: &str, key: &str, step: &str, due: Timestamp) {
        match self.asked(journey, key, step).map(|asked| asked.at) {
            None if due + LATE < self.end => self.fault("never said", format!("{journey}:{key}, {step}")),
            Some(at) if at < due || due + LATE < at => {
                self.fault("at another time", format!("{journey}:{key}, {step} at {}, due {}", at.0, due.0));
            }
            None | Some(_) => {}
        }
    }

    /// A message has to be asked for at one of some moments, or a little later.
    fn must_ask_once(&mut self, journey: &str, key: &str, dues: &[(Timestamp, &str)]) {
        let asked: Vec<bool> = dues
            .iter()
            .filter_map(|(due, step)| Some((*due, self.asked(journey, key, step)?.at)))
            .map(|(due, at)| due <= at && at <= due + LATE)
            .collect();
        match dues.last() {
            Some((last, _)) if asked.is_empty() && *last + LATE < self.end => {
                self.fault("never said", format!("{journey}:{key}"));
            }
            _ if !asked.is_empty() && !asked.contains(&true) => {
                self.fault("at another time", format!("{journey}:{key}, due at one of {dues:?}"));
            }
            _ => {}
        }
    }

    fn must_not_ask(&mut self, journey: &str, key: &str, step: &str) {
        if self.asked(journey, key, step).is_some() {
            self.fault("said for nothing", format!("{journey}:{key}, {step}"));
        }
    }

    /// A run has to begin at a moment or a little later.
    fn must_begin(&mut self, journey: &str, key: &str, due: Timestamp) {
        match self.began(journey, key).map(|began| began.at) {
            None if due + LATE < self.end => self.fault("never begun", format!("{journey}:{key}")),
            Some(at) if at < due || due + LATE < at => {
                self.fault("at another time", format!("{journey}:{key} begun at {}, due {}", at.0, due.0));
            }
            None | Some(_) => {}
        }
    }

    /// Where a text cannot be said, the same is said by mail.
    fn falls_back(&mut self, journey: &str, key: &str, over: impl Fn(&Self, Timestamp) -> bool) {
        const UNSAYABLE: [&str; 4] = ["address", "consent", "withdrawal", "confirmation"];
        let Some(Asked { fate: Some((row, rule, at)), .. }) = self.asked(journey, key, "text") else { return };
        match row {
            Row::Skipped if UNSAYABLE.contains(&rule.as_str()) && !over(self, *at + LATE) => {
                self.must_ask(journey, key, "mail", *at);
            }
            Row::Sent | Row::Unknown => self.must_not_ask(journey, key, "mail"),
            _ => {}
        }
    }

    /// Whoever proves their address gets a code and is told so at once, and once more four days before it ends
    /// unless they ordered meanwhile. That happens once in a life.
    fn welcome(&mut self) {
        let Some((at, confirmed)) = self.heard_of(Kind::AddressConfirmed).next() else { return };
        if at > confirmed.at + STALE {
            return;
        }
        let key = confirmed.id.0.simple().to_string();
        self.must_begin("welcome", &key, at);
        self.must_ask("welcome", &key, "welcome", at);
        if self.runs("welcome").count() > 1 {
            self.fault("begun for nothing", "another welcome");
        }
        let reminder = at + Span::days(14) + Span::days(-4);
        if self.ordered_since(confirmed, reminder) {
            self.must_not_ask("welcome", &key, "reminder");
        } else if !self.ordered_since(confirmed, reminder + LATE) {
            self.must_ask("welcome", &key, "reminder", reminder);
        }
    }

    /// Every order is thanked for once, and some weeks later there is a present unless they ordered again or
    /// called it off.
    fn orders(&mut self) {
        let mut known = BTreeSet::new();
        for (at, order) in self.heard_of(Kind::OrderConfirmed).collect::<Vec<_>>() {
            let name = order.about.subject.as_str();
            if at > order.at + STALE || !known.insert(name) || self.called_off(name, at) {
                continue;
            }
            self.must_begin("thank-you", name, at);
            self.must_ask("thank-you", name, "text", at);
            self.falls_back("thank-you", name, |view, until| view.called_off(name, until));
            self.present(name, at, order);
        }
        for (key, _) in self.runs("thank-you").chain(self.runs("vip")).collect::<Vec<_>>() {
            if !known.contains(key) {
                self.fault("begun for nothing", format!("thanks or a present for {key}"));
            }
        }
    }

    fn present(&mut self, name: &str, at: Timestamp, order: &Happened) {
        let Some(began) = self.began("vip", name) else {
            if !self.ordered_since(order, at) {
                self.fault("never begun", format!("vip of {name}"));
            }
            return;
        };
        let dues = self.presents(began, at);
        let Some((&(due, step), &(last, _))) = dues.first().zip(dues.last()) else { return };
        let off = |view: &Self, until| view.called_off(name, until) || view.ordered_since(order, until);
        if off(self, due) {
            for (_, step) in &dues {
                self.must_not_ask("vip", name, step);
            }
        } else if !off(self, last + LATE) {
            match dues.as_slice() {
                [_] => self.must_ask("vip", name, step, due),
                _ => self.must_ask_once("vip", name, &dues),
            }
        }
        self.falls_back("vip", name, off);
        let Some((rule, ended)) = self.witness.ended.get(&(self.who.seed, "vip".to_owned(), name.to_owned())) else {
            if last + Span::days(4) < self.end {
                self.fault("never ended", format!("vip of {name}"));
            }
            return;
        };
        let expected = match rule.as_str() {
            "exit" => self.called_off(name, *ended),
            "goal" => self.ordered_since(order, *ended),
            "end" => *ended >= due && !off(self, Timestamp(ended.0 - 1)),
            _ => false,
        };
        if !expected {
            self.fault("ended wrongly", format!("vip of {name} by {rule}"));
        }
    }

    /// When a present is due, and the step that says so: by the versions that its run was on, from first to last.
    /// There are several only where the run was set on another version about the time.
    fn presents(&self, began: &Began, at: Timestamp) -> Vec<(Timestamp, &'static str)> {
        let mut dues = Vec::new();
        for (n, (since, version)) in began.versions.iter().enumerate() {
            let (days, minute, step) = shop::presents(version);
            // What is past when it is planned anew is now.
            let due = self.who.place.moment(at, days, minute).max(*since);
            let until = began.versions.get(n + 1).map(|(until, _)| *until);
            if until.is_none_or(|until| due <= until) {
                dues.push((due, step));
            }
            if until.is_some_and(|until| due + LATE < until) {
                break;
            }
        }
        dues
    }

    fn called_off(&self, name: &str, until: Timestamp) -> bool {
        self.heard_of(Kind::OrderCancelled).any(|(told, what)| what.about.subject == name && told <= until)
    }

    fn ordered_since(&self, before: &Happened, until: Timestamp) -> bool {
        self.heard_of(Kind::OrderConfirmed).any(|(told, what)| what.at > before.at && told <= until)
    }

    /// A present at nine in the morning of every birthday that came while they were known.
    fn birthdays(&mut self) {
        let mut days = BTreeSet::new();
        if let Some((birthday, first)) = self.who.birthday.zip(self.heard.first().map(|(at, _)| *at)) {
            let mut noon = self.who.place.moment(first, 0, 720);
            // Far in the east the day begins half a day before.
            while noon < self.end + Span::days(1) {
                let (year, month, day) = self.who.place.date(noon);
                let kept = (month, day) == (birthday.month(), birthday.day())
                    || (year % 4 != 0 && (birthday.month(), birthday.day()) == (2, 29) && (month, day) == (2, 28));
                let due = self.who.place.moment(noon, 0, 540);
                if kept && due > first {
                    days.insert(year.to_string());
                    self.must_begin("birthday", &year.to_string(), due);
                    self.must_ask("birthday", &year.to_string(), "present", due);
                }
                noon = self.who.place.moment(noon, 1, 720);
            }
        }
        for (year, _) in self.runs("birthday").collect::<Vec<_>>() {
            if !days.contains(year) {
                self.fault("begun for nothing", format!("birthday in {year}"));
            }
        }
    }
}
