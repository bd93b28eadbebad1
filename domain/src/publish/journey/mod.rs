//! From the text of a journey or a segment to what the engine runs.
//!
//! The files are described by the types of [`written`]; they are read into those, so that every mistake
//! has its place, and from those into [`crate::journey`].

mod chase;
mod condition;
mod entry;
pub(in crate::publish) mod form;
mod messages;
mod reader;
#[cfg(feature = "schema")]
pub mod schema;
mod steps;
#[cfg(test)]
mod tests;
pub(in crate::publish) mod values;
mod waits;
mod written;

use std::collections::BTreeMap;
use std::ops::Range;

pub use self::chase::check as check_tags;
use self::condition::{Where, each};
use self::form::Place;
use self::reader::Reader;
pub use self::reader::{Known, Needs};
pub use self::values::Decimal;
use self::written::{JourneyText, SegmentText};
use super::files::Files;
use crate::id::Slug;
use crate::journey::Journey;
use crate::published::{Language, Segment};

/// Reads a journey.
pub fn journey(files: &mut Files, name: Slug, path: &str, known: &Known) -> Option<Journey> {
    let text: JourneyText = files.toml(path)?;
    let mut reader = Reader::new(files, path, known);
    reader.sort(JourneyText::SORTS, &text.given(), &(0..0))?;
    let entry = reader.entry(text.entry.as_ref()?);
    let key = entry.as_ref().and_then(|entry| reader.key(&text, entry));
    // Without knowing what a run is about, the rest would be found wrong for no reason.
    let (entry, key) = (entry?, key?);
    let again = reader.again(&text, key);
    let filter = text.filter.as_ref().map(|filter| reader.condition(filter, Where::Before));
    let goal = text.goal.as_ref().map(|goal| reader.condition(goal, Where::End));
    let exits = text.exit.as_ref().map(|exits| each(exits.get(), |exit| reader.condition(exit, Where::End)));
    let steps = steps::program(&mut reader, text.step.as_ref()?);
    Some(Journey {
        name,
        entry,
        filter: all_or_nothing(filter)?,
        key,
        again: again?,
        goal: all_or_nothing(goal)?,
        exits: all_or_nothing(exits)?.unwrap_or_default(),
        steps: steps?,
    })
}

/// What was left out is right too.
#[allow(clippy::option_option)] // outside: it was written; inside: it is right
fn all_or_nothing<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    match read {
        Some(Some(value)) => Some(Some(value)),
        Some(None) => None,
        None => Some(None),
    }
}

/// Reads the segments; none may ask for itself, not by way of others either.
pub fn segments(
    files: &mut Files,
    found: &[(Slug, String)],
    known: &Known,
    languages: &[Language],
) -> BTreeMap<Slug, Segment> {
    let mut segments = BTreeMap::new();
    let mut asks = BTreeMap::new();
    for (name, path) in found {
        let Some(text) = files.toml::<SegmentText>(path) else { continue };
        let mut reader = Reader::new(files, path, known);
        if reader.sort(SegmentText::SORTS, &text.given(), &(0..0)).is_none() {
            continue;
        }
        let when = text.when.as_ref().and_then(|when| reader.condition(when, Where::Before));
        asks.insert(name.clone(), reader.segments);
        let mut title = BTreeMap::new();
        if let Some(said) = &text.title {
            for language in languages {
                match said.get().within(language).filter(|text| !text.trim().is_empty()) {
                    Some(text) => drop(title.insert(language.clone(), text.clone())),
                    None => files.wrong_at(path, said.place(), format!("title is missing for {language:?}")),
                }
            }
        }
        if let Some(when) = when {
            segments.insert(name.clone(), Segment { title, when });
        }
    }
    let mut circles = false;
    for (name, path) in found {
        if let Some((way, place)) = circle(name, &asks) {
            circles = true;
            files.wrong_at(path, place, format!("the segment asks for itself: {way}"));
        }
    }
    if !circles {
        let mut known = BTreeMap::new();
        for (name, path) in found {
            let questions = questions(name, &segments, &asks, &mut known);
            let place = asks.get(name).and_then(|asks| asks.first()).map(|(_, place)| place.clone());
            if let Some(place) = place.filter(|_| questions > MOST_QUESTIONS) {
                let message = format!(
                    "by way of other segments this asks {questions} questions of everybody: expected at most {MOST_QUESTIONS}"
                );
                files.wrong_at(path, place, message);
            }
        }
    }
    segments
}

/// So much may a segment ask, what those ask that it names included: it is asked at every event.
const MOST_QUESTIONS: u64 = 1_000;

type Asks = BTreeMap<Slug, Vec<(Slug, Range<usize>)>>;

/// How much a segment asks, by way of others too. None asks for itself.
fn questions(name: &Slug, segments: &BTreeMap<Slug, Segment>, asks: &Asks, known: &mut BTreeMap<Slug, u64>) -> u64 {
    if let Some(known) = known.get(name) {
        return *known;
    }
    let mut questions = segments.get(name).map_or(0, |segment| segment.when.questions());
    for (other, _) in asks.get(name).into_iter().flatten() {
        questions = questions.saturating_add(self::questions(other, segments, asks, known));
    }
    known.insert(name.clone(), questions);
    questions
}

/// How a segment asks for itself, if it does, and where that begins.
fn circle(start: &Slug, asks: &Asks) -> Option<(String, Range<usize>)> {
    let mut seen = Vec::new();
    let first = asks.get(start)?;
    let mut open: Vec<(&Slug, String, &Range<usize>)> =
        first.iter().map(|(next, place)| (next, format!("{start}, {next}"), place)).collect();
    while let Some((name, way, place)) = open.pop() {
        if name == start {
            return Some((way, place.clone()));
        }
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        for (next, _) in asks.get(name).into_iter().flatten() {
            open.push((next, format!("{way}, {next}"), place));
        }
    }
    None
}
