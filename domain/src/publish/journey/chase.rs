//! Journeys that put on the tags by which they begin: nothing would ever end that.

use super::form::Place;
use super::written::JourneyText;
use crate::facts::Kind;
use crate::id::Slug;
use crate::journey::{Act, Again, Entry, Journey, Match};
use crate::publish::files::Files;

/// Says of which journeys the tags begin them again, by way of others too. One that nobody enters twice ends it.
pub fn check(files: &mut Files, journeys: &[Journey], paths: &[(Slug, String)]) {
    for journey in journeys {
        let Some(way) = way_back(journey, journeys) else { continue };
        let Some((_, path)) = paths.iter().find(|(name, _)| *name == journey.name) else { continue };
        let place = files.toml::<JourneyText>(path).and_then(|text| Some(text.entry?.place()));
        let message = format!(
            "its own tags begin it again, without an end ({way}): expected again = \"never\" in one of them, or another tag"
        );
        files.wrong_at(path, place.unwrap_or_default(), message);
    }
}

/// What a journey's tags begin, on the way back to itself.
fn way_back(start: &Journey, journeys: &[Journey]) -> Option<String> {
    let mut seen: Vec<&Slug> = Vec::new();
    let mut open = vec![(start, start.name.to_string())];
    while let Some((journey, way)) = open.pop() {
        for next in journeys.iter().filter(|next| begins(journey, next)) {
            let way = format!("{way}, {}", next.name);
            if next.name == start.name {
                return Some(way);
            }
            if !seen.contains(&&next.name) {
                seen.push(&next.name);
                open.push((next, way));
            }
        }
    }
    None
}

/// Whether a tag that one puts on or takes off begins another, as often as it likes.
fn begins(journey: &Journey, next: &Journey) -> bool {
    let Entry::Event(Match { event, subject, .. }) = &next.entry else { return false };
    let by = |tag: &Slug, on: bool| {
        *event == (if on { Kind::TagAdded } else { Kind::TagRemoved })
            && subject.as_deref().is_none_or(|wanted| wanted == tag.as_str())
    };
    next.again != Again::Never
        && journey.again != Again::Never
        && journey.steps.iter().any(|step| matches!(&step.act, Act::Tag(tag, on) if by(tag, *on)))
}
