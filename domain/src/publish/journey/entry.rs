//! What begins a journey, what there is one run for, and who enters again.

use super::form::{At, Place};
use super::reader::{About, Reader, about};
use super::values::{OneFor, Percent, TimeOfDay};
use super::written::{EntryText, JourneyText};
use crate::facts::Kind;
use crate::journey::{Again, Entry, Key, Silence};
use crate::published::Shows;

/// The time of day of what has a day but no time.
pub const MORNING: u16 = 9 * 60;

impl Reader<'_, '_> {
    pub fn entry(&mut self, text: &At<EntryText>) -> Option<Entry> {
        let entry = text.get();
        self.sort(EntryText::SORTS, &entry.given(), &text.place())?;
        if let Some(day) = &entry.yearly {
            return Some(Entry::Yearly(*day.get(), self.time_of_day(entry.at.as_ref())?));
        }
        if let Some(segment) = &entry.segment {
            return self.segment(segment).map(Entry::Segment);
        }
        if let Some(usual) = &entry.silence {
            let percent = self.read(usual).map(|Percent(thousandths)| thousandths / 10);
            let at_least = self.span(entry.at_least.as_ref()?);
            if percent.is_some_and(|percent| !(100..=1_000).contains(&percent)) {
                self.wrong(usual.place(), "expected 100 % to 1000 % of the usual time between two orders");
                return None;
            }
            return Some(Entry::Silence(Silence { percent: percent?, at_least: at_least? }));
        }
        let event = entry.event.as_ref()?;
        let ours = match event.get() {
            Kind::MessageAccepted | Kind::MessageUnknown | Kind::MessageRefused => "our own messages",
            Kind::CodeIssued => "codes that journeys issue",
            _ => return self.events(&entry.events(), false).map(Entry::Event),
        };
        self.wrong(
            event.place(),
            format!("{ours} begin no journey: expected something that the shopper or the shop does"),
        );
        None
    }

    pub fn time_of_day(&mut self, text: Option<&super::form::Read<TimeOfDay>>) -> Option<u16> {
        match text {
            Some(text) => self.read(text).map(|TimeOfDay(minute)| minute),
            None => Some(MORNING),
        }
    }

    /// What there is one run for. From here on it is known what a run is about.
    pub fn key(&mut self, journey: &JourneyText, entry: &Entry) -> Option<Key> {
        let of = match entry {
            Entry::Event(what) => Some(about(what.event)),
            Entry::Yearly(..) | Entry::Segment(_) | Entry::Silence(_) => None,
        };
        let usual = match (entry, of) {
            (Entry::Yearly(..), _) => OneFor::Year,
            (_, Some(About::Order)) => OneFor::Order,
            (_, Some(About::Product)) => OneFor::Product,
            (_, Some(About::Cart)) => OneFor::Cart,
            _ => OneFor::Shopper,
        };
        let one_for = journey.key.as_ref().map_or(usual, |key| *key.get());
        let (key, possible, with) = match one_for {
            OneFor::Shopper => (Key::Shopper, true, ""),
            OneFor::Order => (Key::Subject, of == Some(About::Order), "an event about an order"),
            OneFor::Product => (Key::Subject, of == Some(About::Product), "product.viewed"),
            OneFor::Cart => (Key::Cart, of == Some(About::Cart), "cart.changed"),
            OneFor::Year => (Key::Year, of.is_some() || usual == OneFor::Year, "an event or a day of the year"),
        };
        if let Some(text) = journey.key.as_ref().filter(|_| !possible) {
            self.wrong(text.place(), format!("this key needs an entry by {with}"));
            return None;
        }
        self.about = of.filter(|_| key == Key::Subject);
        self.shows = match (key, of) {
            (Key::Cart, _) => Some(Shows::Cart),
            (Key::Subject, Some(About::Order)) => Some(Shows::Order),
            _ => None,
        };
        Some(key)
    }

    pub fn again(&mut self, journey: &JourneyText, key: Key) -> Option<Again> {
        match &journey.again {
            Some(text) => self.read(text).map(|often| often.0),
            None if key == Key::Shopper => Some(Again::Never),
            None => Some(Again::Always),
        }
    }
}
