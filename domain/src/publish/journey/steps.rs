//! From nested steps to a program whose jumps go forward only.
//!
//! Every step knows the label of what comes after it. A label is bound when the step it stands for is
//! reached, which is always later: so no jump can go back, whatever was written.

use std::collections::BTreeSet;

use super::condition::Where;
use super::form::{At, Place};
use super::reader::Reader;
use super::values::{Name, Percent};
use super::written::{AwaitedText, ShareText, StepText, WayText};
use crate::facts::Kind;
use crate::journey::{Act, Match, Message, Step};

/// The most steps of a journey, those within branches and splits included.
const MOST_STEPS: usize = 1_000;

type Steps = At<Vec<At<StepText>>>;

/// A place in the program that is not known yet.
pub(super) type Label = u16;

/// Compiles the steps of a journey.
pub fn program(reader: &mut Reader<'_, '_>, list: &Steps) -> Option<Vec<Step>> {
    if list.get().is_empty() {
        reader.wrong(list.place(), "a journey has at least one step");
        return None;
    }
    let mut ids = BTreeSet::new();
    let count = survey(reader, list, &mut ids);
    if count > MOST_STEPS {
        reader.wrong(list.place(), format!("a journey has at most {MOST_STEPS} steps, this one has {count}"));
        return None;
    }
    let before = reader.files.problems.len();
    let mut program = Program { reader, steps: Vec::new(), labels: Vec::new(), ids, code: Coded::Nowhere };
    let end = program.label();
    program.block(list.get(), end);
    program.bind(end);
    let Program { reader, mut steps, labels, .. } = program;
    for step in &mut steps {
        let land = |label: &mut Label| *label = labels.get(usize::from(*label)).copied().unwrap_or_default();
        land(&mut step.next);
        match &mut step.act {
            Act::Await { otherwise, .. } | Act::Message(Message { otherwise: Some(otherwise), .. }) => land(otherwise),
            Act::Branch(ways) => ways.iter_mut().for_each(|(_, to)| land(to)),
            Act::Split(ways) => ways.iter_mut().for_each(|(_, to)| land(to)),
            _ => {}
        }
    }
    (reader.files.problems.len() == before).then_some(steps)
}

/// Counts the steps and takes the names that were given to them.
fn survey(reader: &mut Reader<'_, '_>, list: &Steps, ids: &mut BTreeSet<String>) -> usize {
    let mut count = 0;
    for step in list.get() {
        let step = step.get();
        count += 1;
        if let Some((id, Name(name))) = step.id.as_ref().and_then(|id| Some((id, reader.read(id)?)))
            && !ids.insert(name.to_string())
        {
            reader.wrong(id.place(), format!("another step is named {name} already"));
        }
        let ways = step.branch.iter().flat_map(At::get).filter_map(|way| way.get().step.as_ref());
        let shares = step.split.iter().flat_map(At::get).filter_map(|way| way.get().step.as_ref());
        for inner in step.step.iter().chain(&step.otherwise).chain(ways).chain(shares) {
            count += survey(reader, inner, ids);
        }
    }
    count
}

pub(super) struct Program<'r, 'f, 's> {
    pub(super) reader: &'r mut Reader<'f, 's>,
    /// Their targets are labels still.
    steps: Vec<Step>,
    labels: Vec<u16>,
    ids: BTreeSet<String>,
    /// On which ways that lead here a code was issued.
    pub(super) code: Coded,
}

/// On which of the ways that lead to a step a code is issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coded {
    Nowhere,
    OnSomeWays,
    OnEveryWay,
}

impl Coded {
    /// What holds where two ways meet.
    fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::OnSomeWays }
    }
}

/// Ways that part at a step and meet after it.
struct Ways {
    /// As it was where they parted.
    before: Coded,
    /// As it is where those meet that do not end the journey; nothing while all of them do.
    after: Option<Coded>,
}

impl Ways {
    /// One more way goes on.
    fn meet(&mut self, way: Coded) {
        self.after = Some(self.after.map_or(way, |after| after.and(way)));
    }
}

impl Program<'_, '_, '_> {
    pub(super) fn label(&mut self) -> Label {
        self.labels.push(0);
        Label::try_from(self.labels.len() - 1).unwrap_or(Label::MAX)
    }

    /// The label stands for the next step.
    pub(super) fn bind(&mut self, label: Label) {
        if let Some(place) = self.labels.get_mut(usize::from(label)) {
            *place = u16::try_from(self.steps.len()).unwrap_or(u16::MAX);
        }
    }

    pub(super) fn emit(&mut self, id: String, act: Act, next: Label) {
        self.steps.push(Step { id, act, next });
    }

    /// A name of what a step does, with a number where it is not the first that does it.
    pub(super) fn named(&mut self, what: &str) -> String {
        let mut numbered = (2..).map(|n| format!("{what}-{n}"));
        let mut id = what.to_owned();
        while !self.ids.insert(id.clone()) {
            id = numbered.next().unwrap_or_default();
        }
        id
    }

    /// Steps in order, then `after`. Says whether every way through them ends the journey.
    fn block(&mut self, list: &[At<StepText>], after: Label) -> bool {
        let mut ends = false;
        for (n, step) in list.iter().enumerate() {
            if ends {
                self.reader.wrong(step.place(), "this step is never reached: every way ends before it");
                return true;
            }
            let is_last = n + 1 == list.len();
            let next = if is_last { after } else { self.label() };
            ends = self.step(step, next).unwrap_or(false);
            if !is_last {
                self.bind(next);
            }
        }
        ends
    }

    /// Ways part here.
    const fn part(&self) -> Ways {
        Ways { before: self.code, after: None }
    }

    /// The steps of a way, then `after`. An empty way is `after` itself. A code that is issued on it is not there on
    /// the others.
    fn way(&mut self, list: Option<&Steps>, after: Label, ways: &mut Ways) -> (Label, bool) {
        self.code = ways.before;
        let Some(list) = list.filter(|list| !list.get().is_empty()) else {
            ways.meet(ways.before);
            return (after, false);
        };
        let start = self.label();
        self.bind(start);
        let ends = self.block(list.get(), after);
        if !ends {
            ways.meet(self.code);
        }
        (start, ends)
    }

    /// The ways meet; `past`: some go by all of them.
    fn meet(&mut self, mut ways: Ways, past: bool) {
        if past {
            ways.meet(ways.before);
        }
        self.code = ways.after.unwrap_or(ways.before);
    }

    fn step(&mut self, at: &At<StepText>, next: Label) -> Option<bool> {
        let text = at.get();
        let word = self.reader.sort(StepText::SORTS, &text.given(), &at.place())?;
        match word {
            "wait_for" => return self.wait_for(text, next),
            "branch" => return self.branch(text, next),
            "split" => return self.split(text, next),
            "send" | "text" => {
                self.message(text, next);
                return Some(false);
            }
            _ => {}
        }
        let (what, act) = self.act(text)?;
        let ends = matches!(act, Act::Goal | Act::Exit);
        let id = self.id(text, &what);
        self.emit(id, act, next);
        Some(ends)
    }

    pub(super) fn id(&mut self, text: &StepText, what: &str) -> String {
        match &text.id {
            Some(id) => id.0.get().clone(),
            None => self.named(what),
        }
    }

    /// A step without ways of its own: what it is called and what it does.
    fn act(&mut self, text: &StepText) -> Option<(String, Act)> {
        if let Some(tag) = &text.tag {
            let Name(tag) = self.reader.read(tag)?;
            return Some((format!("tag-{tag}"), Act::Tag(tag, true)));
        }
        if let Some(tag) = &text.untag {
            let Name(tag) = self.reader.read(tag)?;
            return Some((format!("untag-{tag}"), Act::Tag(tag, false)));
        }
        if let Some(alert) = &text.alert {
            return Some(("alert".into(), Act::Alert(self.reader.said(alert)?)));
        }
        if let Some(to) = &text.webhook {
            let place = to.place();
            let Name(to) = self.reader.read(to)?;
            if !self.reader.known.webhooks.contains(&to) {
                self.reader.wrong(place, format!("there is no {to} in [webhooks] of shop.toml"));
                return None;
            }
            return Some((format!("webhook-{to}"), Act::Webhook(to.to_string())));
        }
        if let Some(offer) = &text.code {
            let offer = self.reader.pointer(offer, "offers", |known, name| known.offers.contains(name));
            self.code = Coded::OnEveryWay;
            let fresh = text.fresh.as_ref().is_none_or(|fresh| *fresh.get());
            let offer = offer?;
            return Some((format!("code-{offer}"), Act::Code { offer, fresh }));
        }
        for (value, word, act) in [(&text.goal, "goal", Act::Goal), (&text.exit, "exit", Act::Exit)] {
            if self.reader.must_be_true(word, value.as_ref()) {
                return Some((word.into(), act));
            }
        }
        let (what, wait) = self.wait(text)?;
        Some((what, Act::Wait(wait)))
    }

    fn wait_for(&mut self, text: &StepText, next: Label) -> Option<bool> {
        let awaited = text.wait_for.as_ref()?;
        let (sorts, given) = (AwaitedText::SORTS, awaited.get().given());
        let sorted = self.reader.sort(sorts, &given, &awaited.place());
        let what = sorted.and_then(|_| self.reader.events(&awaited.get().events(), true));
        let at_most = self.reader.span(text.at_most.as_ref()?);
        let named = awaited.get().event.as_ref().map(|event| plain(event.get().as_str())).unwrap_or_default();
        let id = self.id(text, &format!("wait-for-{named}"));
        let at = self.steps.len();
        let what = what.unwrap_or(Match::any(Kind::Custom));
        self.emit(id, Act::Await { what, at_most: at_most.unwrap_or_default(), otherwise: next }, next);
        let mut parted = self.part();
        let (happened, one) = self.way(text.step.as_ref(), next, &mut parted);
        let (otherwise, other) = self.way(text.otherwise.as_ref(), next, &mut parted);
        self.meet(parted, false);
        if let Some(Step { act: Act::Await { otherwise: to, .. }, next, .. }) = self.steps.get_mut(at) {
            (*to, *next) = (otherwise, happened);
        }
        Some(one && other)
    }

    fn branch(&mut self, text: &StepText, next: Label) -> Option<bool> {
        let list = text.branch.as_ref()?;
        let id = self.id(text, "branch");
        let at = self.steps.len();
        self.emit(id, Act::Branch(Vec::new()), next);
        let (mut ways, mut rest, mut all_end) = (Vec::new(), None, true);
        let mut parted = self.part();
        for way in list.get() {
            if rest.is_some() {
                self.reader.wrong(way.place(), "this way is never taken: the one before is for everybody");
                break;
            }
            if self.reader.sort(WayText::SORTS, &way.get().given(), &way.place()).is_none() {
                continue;
            }
            let condition = way.get().r#if.as_ref().map(|condition| self.reader.condition(condition, Where::Within));
            let (to, ends) = self.way(way.get().step.as_ref(), next, &mut parted);
            all_end &= ends;
            match condition {
                Some(Some(condition)) => ways.push((condition, to)),
                Some(None) => {}
                None => rest = Some(to),
            }
        }
        self.meet(parted, rest.is_none());
        if list.get().is_empty() || (rest.is_some() && list.get().len() == 1) {
            self.reader.wrong(list.place(), "expected at least one way with a condition: { if = { … }, step = [ … ] }");
        }
        if let Some(step) = self.steps.get_mut(at) {
            step.act = Act::Branch(ways);
            step.next = rest.unwrap_or(next);
        }
        Some(all_end && rest.is_some())
    }

    fn split(&mut self, text: &StepText, next: Label) -> Option<bool> {
        let list = text.split.as_ref()?;
        let id = self.id(text, "split");
        let at = self.steps.len();
        self.emit(id, Act::Split(Vec::new()), next);
        let (mut ways, mut sum, mut all_end) = (Vec::new(), 0_u32, true);
        let mut parted = self.part();
        for way in list.get() {
            if self.reader.sort(ShareText::SORTS, &way.get().given(), &way.place()).is_none() {
                continue;
            }
            let share = way.get().share.as_ref().and_then(|share| Some((self.reader.read(share)?.0, share.place())));
            let (to, ends) = self.way(way.get().step.as_ref(), next, &mut parted);
            all_end &= ends;
            let Some((Percent(share), place)) = share.map(|(share, place)| (Percent(share), place)) else { continue };
            sum = sum.saturating_add(share);
            if share == 0 || sum > 1_000 {
                let message = if share == 0 { "nobody draws 0 %" } else { "the shares are more than 100 % together" };
                self.reader.wrong(place, message);
            }
            ways.push((u16::try_from(share).unwrap_or_default(), to));
        }
        self.meet(parted, sum < 1_000);
        if list.get().is_empty() {
            self.reader.wrong(list.place(), "expected at least one way: { share = \"50 %\", step = [ … ] }");
        }
        if let Some(step) = self.steps.get_mut(at) {
            step.act = Act::Split(ways);
        }
        Some(all_end && sum == 1_000)
    }
}

/// A text as part of a name: `3 weeks` becomes `3-weeks`.
pub(super) fn plain(text: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    text.trim().chars().map(fits).collect()
}
