//! What the shard answers to the calls of the Worker.

use domain::preference::{Entered, Mistake};
use domain::published::Language;
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
    /// What is next: `done`, or `work` where the form has to show some before it is taken in.
    pub step: String,
    /// The challenge to work on.
    #[serde(flatten)]
    pub doubt: Option<Doubt>,
    /// The code, when the shop shows it at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// A form in doubt. What knows of no work reads a form that could not be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Doubt {
    /// The challenge: send the form again with `work`, this, a point, and a number for which the SHA-256 of
    /// it all begins with as many zero bits as this begins with.
    pub work: String,
    /// It was not taken in.
    ok: bool,
    errors: [NotSent; 1],
}

/// The complaint about a form that could not be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct NotSent {
    field: String,
    code: String,
}

impl FormAnswer {
    /// It is taken in; with its code, where that is shown at once.
    pub fn done() -> Self {
        Self { v: 1, step: "done".into(), doubt: None, code: None }
    }

    /// It has to show work before it is taken in.
    pub fn in_doubt(work: String) -> Self {
        let errors = [NotSent { field: String::new(), code: "network".into() }];
        Self { v: 1, step: "work".into(), doubt: Some(Doubt { work, ok: false, errors }), code: None }
    }
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

/// What the link leads to that stops what a message came by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopPage {
    /// The page; done once the permission is taken back.
    pub page: LinkPage,
    /// What it stops.
    pub stops: Stops,
    /// There is more that may be sent, on the other channel: it can be stopped here, too.
    pub more: bool,
}

/// What somebody stops behind a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stops {
    /// News and offers by mail: the link was in one.
    Letters,
    /// News and offers by text: the link was in one.
    Texts,
    /// Both: they asked for it, or the address that the link was sent to is not known here any more.
    Everything,
}

/// How far a link has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkState {
    /// A button asks.
    Open,
    /// It was pressed, now or before.
    Done,
    /// It is too old, or the address that it was sent to is not theirs any more.
    Ended,
}

/// What the preference page's link leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PreferenceAnswer {
    /// The page, to be shown.
    Page(Box<PreferencePage>),
    /// What was entered is kept.
    Saved,
    /// Nothing that advertises is sent any more.
    Stopped,
    /// A letter with the way to what was asked for is on its way.
    Asked(super::Wish),
    /// The link is too old, or the address that it was sent to is not theirs any more.
    Ended(Box<LinkPage>),
}

/// Everything the preference page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreferencePage {
    /// The shop's name.
    pub shop: String,
    /// The shop's home page.
    pub url: String,
    /// Button colour and the colour on it.
    pub accent: (String, String),
    /// The shop's languages.
    pub languages: Vec<Language>,
    /// The reader's language.
    pub language: Language,
    /// What to call the reader.
    pub given_name: Option<String>,
    /// The address, as far as whoever holds the link may see it: `a…@example.org`.
    pub address: String,
    /// The ways to write to them.
    pub channels: Vec<ChannelShown>,
    /// What mails can be about: name and title.
    pub topics: Vec<(String, String)>,
    /// The last day of the pause, in words.
    pub paused_until: Option<String>,
    /// The shop's zone.
    pub home_zone: String,
    /// The published version whose words are shown.
    pub version: String,
    /// The fields as they stand, or as they were just entered.
    pub entered: Entered,
    /// What needs another look.
    pub mistakes: Vec<Mistake>,
    /// The last letters, the newest first.
    pub letters: Vec<LetterShown>,
    /// The day and the words of the permission that holds.
    pub allowed: Option<(String, String)>,
    /// The link to the page was in a text message.
    #[serde(default)]
    pub by_text: bool,
    /// There is an address to which a letter about their wishes can go.
    #[serde(default)]
    pub wishes: bool,
}

/// A way to write to somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelShown {
    /// `email` or `sms`.
    pub name: String,
    /// It is allowed.
    pub on: bool,
    /// It was asked for; the address is not confirmed yet.
    pub asked: bool,
    /// The shop's own words for it, which are agreed to; ours stand in where it has none.
    pub wording: Option<String>,
}

/// A letter that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterShown {
    /// The day, in words.
    pub day: String,
    /// Its subject.
    pub subject: String,
    /// The rule that let it out.
    pub rule: String,
    /// What the rule saw.
    pub fact: String,
}
