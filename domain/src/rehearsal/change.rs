//! What differs for one shopper between the live version and a draft.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Rehearsal;
use super::course::{Became, Course, Told};
use crate::id::Slug;
use crate::journey::{Rules, RunId};
use crate::time::Timestamp;
use crate::why::Why;

/// One message that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// How.
    pub change: Kind,
    /// Its journey.
    pub journey: Slug,
    /// What the run is for: an order, a cart, a year.
    pub key: String,
    /// The step that says it: the draft's, where both say it under different names.
    pub step: String,
    /// Which message.
    pub message: Slug,
    /// What the live version does.
    pub live: Side,
    /// What the draft does.
    pub draft: Side,
}

/// How a message differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Only the draft sends it.
    Added,
    /// Only the live version sends it.
    Gone,
    /// Both send it, at another moment or on another channel.
    Moved,
    /// Both do the same for another reason.
    Reason,
    /// One sends it; the other has not come so far by the end of the log.
    Open,
}

impl Kind {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Gone => "gone",
            Self::Moved => "moved",
            Self::Reason => "reason",
            Self::Open => "open",
        }
    }
}

/// What one version does about a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Side {
    /// It wants it said, and this became of it.
    Told(Told),
    /// It does not want it said.
    Unsaid {
        /// Why not.
        why: Why,
    },
}

impl Side {
    /// Why it is so.
    pub const fn why(&self) -> &Why {
        match self {
            Self::Told(told) => &told.why,
            Self::Unsaid { why } => why,
        }
    }

    /// What became of it, if it was to be said.
    pub const fn told(&self) -> Option<&Told> {
        match self {
            Self::Told(told) => Some(told),
            Self::Unsaid { .. } => None,
        }
    }

    fn sent(&self) -> Option<&Told> {
        self.told().filter(|told| told.became == Became::Sent)
    }
}

impl Change {
    /// The moment it is about: when the draft sends it, else when the live version does.
    pub fn at(&self) -> Timestamp {
        let sides = [&self.draft, &self.live];
        let sent = sides.iter().find_map(|side| side.sent()).or(sides.iter().find_map(|side| side.told()));
        sent.map(|told| told.at).unwrap_or_default()
    }
}

/// What differs, in order of time.
pub(super) fn between(live: &Course, draft: &Course, rehearsal: &Rehearsal<'_>) -> Vec<Change> {
    let before = [&rehearsal.live.rules];
    let after = [&rehearsal.draft.rules, &rehearsal.live.rules];
    // What has no end yet in the draft alone began with the live version where the draft came later.
    let after = if rehearsal.since.is_some() { &after[..] } else { &after[..1] };
    let mut changes = Vec::new();
    let runs: BTreeSet<&RunId> = live.runs.keys().chain(draft.runs.keys()).collect();
    for run in runs {
        let (ours, theirs) = (live.runs.get(run), draft.runs.get(run));
        if ours.zip(theirs).is_some_and(|(ours, theirs)| ours.messages == theirs.messages) {
            continue;
        }
        let mut pairs = Pairs { run, live: (live, &before), draft: (draft, after), changes: &mut changes };
        pairs.compare();
    }
    changes.sort_by(|a, b| (a.at(), &a.journey, &a.key, &a.step).cmp(&(b.at(), &b.journey, &b.key, &b.step)));
    changes
}

/// The messages of one run, in both versions.
struct Pairs<'a> {
    run: &'a RunId,
    live: (&'a Course, &'a [&'a Rules]),
    draft: (&'a Course, &'a [&'a Rules]),
    changes: &'a mut Vec<Change>,
}

impl Pairs<'_> {
    fn compare(&mut self) {
        let messages = |course: &'_ Course| -> Vec<(String, Told)> {
            let ran = course.runs.get(self.run);
            ran.into_iter().flat_map(|ran| ran.messages.clone()).collect()
        };
        let (mut ours, mut theirs) = (messages(self.live.0), messages(self.draft.0));
        // The same step says the same message; then, what is said under another step's name.
        let same_step = |a: &(String, Told), b: &(String, Told)| a.0 == b.0 && a.1.message == b.1.message;
        let both_sent = |a: &(String, Told), b: &(String, Told)| {
            a.1.message == b.1.message && a.1.became == Became::Sent && b.1.became == Became::Sent
        };
        let at_once =
            |a: &(String, Told), b: &(String, Told)| both_sent(a, b) && (a.1.at, a.1.channel) == (b.1.at, b.1.channel);
        let mut pairs = pair(&mut ours, &mut theirs, same_step);
        pairs.extend(pair(&mut ours, &mut theirs, at_once));
        pairs.extend(pair(&mut ours, &mut theirs, both_sent));
        for (step, live, draft) in pairs {
            self.note(&step, Side::Told(live), Side::Told(draft));
        }
        for (step, live) in ours {
            let draft = absent(self.run, &step, self.draft);
            self.note(&step, Side::Told(live), draft);
        }
        for (step, draft) in theirs {
            let live = absent(self.run, &step, self.live);
            self.note(&step, live, Side::Told(draft));
        }
    }

    fn note(&mut self, step: &str, live: Side, draft: Side) {
        let Some(change) = judge(&live, &draft) else { return };
        let Some(message) = draft.told().or(live.told()).map(|told| told.message.clone()) else { return };
        self.changes.push(Change {
            change,
            journey: self.run.journey.clone(),
            key: self.run.key.clone(),
            step: step.to_owned(),
            message,
            live,
            draft,
        });
    }
}

/// Takes those out of both lists that belong together, the draft's step with them.
fn pair(
    ours: &mut Vec<(String, Told)>,
    theirs: &mut Vec<(String, Told)>,
    belong: impl Fn(&(String, Told), &(String, Told)) -> bool,
) -> Vec<(String, Told, Told)> {
    let mut pairs = Vec::new();
    let left = core::mem::take(ours);
    for one in left {
        match theirs.iter().position(|other| belong(&one, other)) {
            Some(place) => {
                let (step, other) = theirs.remove(place);
                pairs.push((step, one.1, other));
            }
            None => ours.push(one),
        }
    }
    pairs
}

/// How two sides differ, if they do for the shopper.
fn judge(live: &Side, draft: &Side) -> Option<Kind> {
    match (live.sent(), draft.sent()) {
        (Some(a), Some(b)) if (a.channel, a.at) != (b.channel, b.at) => Some(Kind::Moved),
        (Some(a), Some(b)) => (a.why != b.why).then_some(Kind::Reason),
        (Some(_), None) => Some(if is_open(draft) { Kind::Open } else { Kind::Gone }),
        (None, Some(_)) => Some(if is_open(live) { Kind::Open } else { Kind::Added }),
        // What neither sends differs only where both wanted it said.
        (None, None) => {
            let (a, b) = live.told().zip(draft.told())?;
            ((a.became, &a.why) != (b.became, &b.why)).then_some(Kind::Reason)
        }
    }
}

/// The rule of what has not come so far.
const UNDER_WAY: &str = "under way";

fn is_open(side: &Side) -> bool {
    match side {
        Side::Told(told) => told.became == Became::Waits,
        Side::Unsaid { why } => why.rule() == UNDER_WAY,
    }
}

/// Why a version does not want to say what a step of the other does.
fn absent(run: &RunId, step: &str, (course, rules): (&Course, &[&Rules])) -> Side {
    let name = &run.journey;
    let why = match course.runs.get(run) {
        None if rules.iter().all(|rules| rules.journey(name).is_none()) => {
            Why::new("journey", format!("there is no journey {name}"))
        }
        None => Why::new("entry", format!("{name} does not begin for this")),
        Some(ran) => {
            let journey = rules.iter().find(|rules| rules.version == ran.version).and_then(|rules| rules.journey(name));
            let has_step = journey.is_some_and(|journey| journey.steps.iter().any(|known| known.id == step));
            if let Some(instead) = ran.messages.get(step) {
                let fact = format!("the step says {} instead", instead.message);
                return Side::Unsaid { why: Why::new("step", fact) };
            }
            match &ran.ended {
                None if has_step => Why::new(UNDER_WAY, "the run has not come to this step by the end of the log"),
                _ if !has_step => Why::new("step", format!("{name} has no step {step}")),
                Some((_, why)) if why.rule() != "end" => why.clone(),
                _ => Why::new("way", "the run went another way"),
            }
        }
    };
    Side::Unsaid { why }
}
