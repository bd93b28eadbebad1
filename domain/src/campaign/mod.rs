//! Campaigns: what the widget can show, to whom and when.
//!
//! [`decide`] is the rule. [`plan`] is the same rule boiled down to thresholds, so that the loader
//! can act before any wasm is there; a fixture table keeps the two in step.

mod asked;
pub mod audience;
mod decide;
mod glob;
pub mod plan;
pub mod survey;
pub mod view;

pub use asked::Asked;
pub use audience::{Audience, Device};
pub use decide::{Decision, Signals, VisitorState, decide};
pub use glob::Glob;
pub use survey::Survey;

use serde::{Deserialize, Serialize};

use crate::consent::Permission;
use crate::id::Slug;
use crate::time::Span;

/// A campaign's rules, the same in every language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Campaign {
    /// Its name: the file it is written in.
    pub name: Slug,
    /// Any of these makes it fire.
    pub triggers: Vec<Trigger>,
    /// The paths it is shown on: any of these …
    pub pages: Vec<Glob>,
    /// … and none of these.
    pub not_pages: Vec<Glob>,
    /// To whom: the plain case …
    pub visitors: Visitors,
    /// … and what else must be true of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Audience>,
    /// How long a closed one stays away.
    pub again_after: Span,
    /// It is shown at most so many times within so long; each holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub most: Vec<(u16, Span)>,
    /// The highest goes first. Campaigns stand in this order, then in that of their names.
    #[serde(default)]
    pub priority: i32,
    /// On a phone that comes from a search engine it is a small banner, not a cover.
    pub banner_from_search: bool,
    /// Its form, if it asks for an address and for permission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
    /// Its survey, if it asks questions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub survey: Option<Survey>,
}

/// What a form asks for and what follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// The permissions that are asked for, each with its own tick.
    pub asks: Vec<Permission>,
    /// Further steps after the address: the fields of each.
    pub steps: Vec<Vec<Field>>,
    /// The offer given for the address.
    pub offer: Option<Slug>,
    /// When its code is shown.
    pub reveal: Reveal,
    /// The mail that asks to confirm the address.
    pub confirm_mail: Slug,
    /// The journey that begins once the address is confirmed.
    pub journey: Option<Slug>,
}

/// What makes a campaign fire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trigger {
    /// So long after the page began.
    After(Span),
    /// So many percent of the page scrolled, 1 to 100.
    Scrolled(u8),
    /// The visitor is about to leave.
    Exit,
    /// A click on what this CSS selector finds. The click waits until the campaign is answered or closed.
    Click(String),
    /// The page, or what watches it for signs of unhappiness, has said this ([`crate::event::Fact::Custom`]).
    Said(String),
}

/// To whom a campaign is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Visitors {
    /// Everybody.
    All,
    /// Those whose address is not known yet.
    Unknown,
}

/// When the code of a form's offer is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reveal {
    /// As soon as the address is given.
    AtOnce,
    /// Once it is confirmed.
    Confirmed,
}

/// A field of a form beyond the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Field {
    /// What to call somebody.
    GivenName,
    /// Day and month, the year if they like.
    Birthday,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::GivenName, Self::Birthday];

    /// The field's name in forms and files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GivenName => "given_name",
            Self::Birthday => "birthday",
        }
    }
}
