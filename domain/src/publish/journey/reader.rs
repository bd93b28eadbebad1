//! Reading one file: what it may name, what it is about, and what is wrong in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::ops::Range;
use std::str::FromStr;

use super::form::{At, Place, Read, Sort, sort};
use super::values::{Decimal, Duration, Name};
use crate::facts::{Kind, LONGEST};
use crate::id::Slug;
use crate::money::{Currency, Money};
use crate::publish::files::Files;
use crate::published::Shows;
use crate::time::Span;
use crate::zone::Zone;

/// What a shop's folder holds, as far as journeys name it.
pub struct Known {
    /// Mails, and what they cannot be said without.
    pub mails: BTreeMap<Slug, Needs>,
    /// Text messages, likewise.
    pub texts: BTreeMap<Slug, Needs>,
    /// Offers.
    pub offers: BTreeSet<Slug>,
    /// Segments.
    pub segments: BTreeSet<Slug>,
    /// Campaigns.
    pub campaigns: BTreeSet<Slug>,
    /// Places where the shop's server listens.
    pub webhooks: BTreeSet<Slug>,
    /// The shop's currency.
    pub currency: Option<Currency>,
    /// The shop's own clock.
    pub zone: Zone,
}

/// What a message cannot be said without.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// A code to name.
    pub code: bool,
    /// What it shows of that which its journey is about.
    pub shows: Option<Shows>,
}

impl Needs {
    /// What a message says of itself.
    pub const fn of(code: bool, shows: Option<Shows>) -> Self {
        Self { code, shows }
    }
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    Order,
    Product,
    Cart,
    Campaign,
    Offer,
    Name,
    Message,
    Nothing,
}

/// What events of a kind are about.
pub const fn about(kind: Kind) -> About {
    match kind {
        Kind::OrderPlaced
        | Kind::OrderConfirmed
        | Kind::PaymentReceived
        | Kind::FulfilmentShipped
        | Kind::DeliveryArrived
        | Kind::OrderCancelled
        | Kind::RefundMade
        | Kind::ReturnRequested
        | Kind::ReturnReceived => About::Order,
        Kind::ProductViewed => About::Product,
        Kind::CartChanged => About::Cart,
        Kind::CampaignShown
        | Kind::CampaignClosed
        | Kind::CampaignAnswered
        | Kind::SurveyAnswered
        | Kind::AddressConfirmed => About::Campaign,
        Kind::CodeIssued | Kind::CodeUsed => About::Offer,
        Kind::TagAdded | Kind::TagRemoved | Kind::Frustrated | Kind::Custom => About::Name,
        Kind::MessageAccepted | Kind::MessageUnknown | Kind::MessageRefused | Kind::MessageClicked => About::Message,
        Kind::PageViewed | Kind::ConsentGiven | Kind::ConsentWithdrawn | Kind::PointsChanged => About::Nothing,
    }
}

/// One file being read.
pub struct Reader<'f, 's> {
    pub files: &'f mut Files<'s>,
    pub path: &'f str,
    pub known: &'f Known,
    /// What the file's runs are about, where they are about something that events name.
    pub about: Option<About>,
    /// What its messages can show: that which a run is about, where it is one for each.
    pub shows: Option<Shows>,
    /// Segments that were named, and where.
    pub segments: Vec<(Slug, Range<usize>)>,
}

impl<'f, 's> Reader<'f, 's> {
    pub const fn new(files: &'f mut Files<'s>, path: &'f str, known: &'f Known) -> Self {
        Self { files, path, known, about: None, shows: None, segments: Vec::new() }
    }

    /// Notes what is wrong at a place.
    pub fn wrong(&mut self, place: Range<usize>, message: impl Into<String>) {
        self.files.wrong_at(self.path, place, message);
    }

    /// Which sort a table is.
    pub fn sort(
        &mut self,
        sorts: &'static [Sort],
        given: &[(&'static str, Range<usize>)],
        around: &Range<usize>,
    ) -> Option<&'static str> {
        match sort(sorts, given, around) {
            Ok(sort) => Some(sort.word),
            Err((place, message)) => {
                self.wrong(place, message);
                None
            }
        }
    }

    /// What a text says.
    pub fn read<T: FromStr<Err: Display>>(&mut self, text: &Read<T>) -> Option<T> {
        match text.0.get().parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(text.place(), format!("{error}, not {:?}", text.0.get()));
                None
            }
        }
    }

    /// A span that is not empty.
    pub fn span(&mut self, text: &Read<Duration>) -> Option<Span> {
        let Duration(span) = self.read(text)?;
        if span <= Span(0) {
            self.wrong(text.place(), "expected a span that is not empty");
            return None;
        }
        Some(span)
    }

    /// A name that points to another file, which has to be there.
    pub fn pointer(
        &mut self,
        text: &Read<Name>,
        folder: &str,
        is_there: impl Fn(&Known, &Slug) -> bool,
    ) -> Option<Slug> {
        let Name(name) = self.read(text)?;
        if is_there(self.known, &name) {
            return Some(name);
        }
        self.wrong(text.place(), format!("there is no {name} in {folder}/"));
        None
    }

    /// A segment, which has to be there.
    pub fn segment(&mut self, text: &Read<Name>) -> Option<Slug> {
        let name = self.pointer(text, "segments", |known, name| known.segments.contains(name))?;
        self.segments.push((name.clone(), text.place()));
        Some(name)
    }

    /// A text with something in it.
    pub fn said(&mut self, text: &At<String>) -> Option<String> {
        let said = text.get().trim();
        if said.is_empty() {
            self.wrong(text.place(), "expected a text that is not empty");
            return None;
        }
        Some(said.to_owned())
    }

    /// A text that events are compared with: what they say is cut to so much.
    pub fn compared(&mut self, text: &At<String>) -> Option<String> {
        let said = self.said(text)?;
        if said.len() > LONGEST {
            self.wrong(
                text.place(),
                format!("expected at most {LONGEST} bytes, as much as is kept of what events say"),
            );
            return None;
        }
        Some(said)
    }

    /// A whole number.
    pub fn whole(&mut self, number: &At<Decimal>) -> Option<i64> {
        let read = number.get().0.parse().ok();
        if read.is_none() {
            self.wrong(number.place(), "expected a whole number");
        }
        read
    }

    /// An amount in the smallest unit of the shop's currency.
    pub fn amount(&mut self, number: &At<Decimal>) -> Option<i64> {
        let Some(currency) = self.known.currency else {
            self.wrong(number.place(), "an amount of money needs currency = \"EUR\", or another one, in shop.toml");
            return None;
        };
        match Money::exact(&number.get().0, currency) {
            Ok(money) => Some(money.minor),
            Err(error) => {
                self.wrong(number.place(), format!("{error} ({currency})"));
                None
            }
        }
    }

    /// What must be true where it stands; leaving it out says the other.
    pub fn must_be_true(&mut self, word: &str, value: Option<&At<bool>>) -> bool {
        if let Some(value) = value.filter(|value| !*value.get()) {
            self.wrong(value.place(), format!("{word} is true, or left out"));
        }
        value.is_some()
    }
}
