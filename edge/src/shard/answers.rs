//! What the shard answers to the calls of the Worker.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a browser is told about its batch.
#[derive(Serialize, JsonSchema)]
pub struct EventsAnswer<'a> {
    /// How many of the sent events are kept.
    pub accepted: usize,
    /// Those that are not.
    pub refused: &'a [domain::event::Refused],
}

/// What somebody who sent a form is told. The same for a known and an unknown address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FormAnswer {
    /// Version of this form of data: 1.
    pub v: u8,
    /// What is shown next: `done`.
    pub step: String,
    /// The code, when the shop shows it at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// What a link in a mail leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkPage {
    /// What the page says.
    pub state: LinkState,
    /// The shop's name.
    pub shop: String,
    /// The shop's home page.
    pub url: String,
    /// Button colour and the colour on it.
    pub accent: (String, String),
    /// The reader's language.
    pub language: String,
    /// The code that the confirmation brought.
    pub code: Option<CodeShown>,
}

/// A code on a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeShown {
    /// The code.
    pub code: String,
    /// Percent off.
    pub percent: u8,
    /// The last day, in words of the reader's language.
    pub ends: Option<String>,
}

/// How far a link has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkState {
    /// A button asks.
    Open,
    /// It was pressed, now or before.
    Done,
    /// It is too old.
    Ended,
}
