//! What publishing produces: immutable, hashed files for browsers and one document for the edge.

#[cfg(feature = "journeys")]
mod config;
#[cfg(feature = "journeys")]
mod earlier;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[cfg(feature = "journeys")]
pub use self::config::{Release, Segment, ShopConfig};
use crate::campaign::plan::Wake;
use crate::id::Slug;
use crate::time::Span;

/// A language as a shop names it: `en`, `ar`, `pt-br`.
pub type Language = String;

/// `GET /v1/shops/{key}/pointer`: the one short-lived file, which names the immutable ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pointer {
    /// Version of this form of data: 1.
    pub v: u8,
    /// The published version; empty while nothing is published.
    pub version: String,
    /// The language files' hashes.
    pub files: BTreeMap<Language, String>,
    /// The language of those who read none of the others.
    pub fallback: Language,
    /// How many shard objects the shop has: a hint that saves the edge a look-up.
    pub objects: u16,
    /// The kill switch: no campaign is shown.
    pub off: bool,
}

/// Whether the device must be asked before anything is stored or sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceConsent {
    /// It must be asked.
    Ask,
    /// The law where this shop sells does not ask for it.
    Free,
}

/// What the loader reads, in one language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LanguageFile {
    /// Version of this form of data: 1.
    pub v: u8,
    /// The published version.
    pub version: String,
    /// Language of the texts.
    pub lang: Language,
    /// Whether the device must be asked.
    pub consent: DeviceConsent,
    /// Hash of what the wasm reads.
    pub brain: String,
    /// Hash of what the wasm reads of shelves; nothing if the shop has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shelves: Option<String>,
    /// Style of everything inside the shadow root.
    pub css: String,
    /// Referrers of search engines, a regular expression.
    pub search: String,
    /// The loader's own few words.
    pub texts: LoaderTexts,
    /// How often campaigns are shown at most within how many milliseconds, all together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub most: Vec<(u16, Span)>,
    /// What wakes what.
    pub plan: Vec<Planned>,
}

/// The loader's own few words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoaderTexts {
    /// No address was entered.
    pub required: String,
    /// It is no address.
    pub invalid: String,
    /// `{address}` stands for what was probably meant.
    pub typo: String,
    /// It could not be sent.
    pub network: String,
    /// While it is being sent.
    pub sending: String,
}

/// A campaign as the loader shows it: thresholds and markup.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    /// When.
    #[serde(flatten)]
    pub wake: Wake,
    /// The dialog, and the small tab that opens it again.
    pub html: String,
    /// The loader's words where they are others than the file's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub texts: Option<LoaderTexts>,
}

/// Something to hear of or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// Its name in the shop's files.
    pub name: Slug,
    /// What it is called, in every language of the shop.
    pub title: BTreeMap<Language, String>,
}

/// Who writes: a named human, an address and the postal address that the law asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// The name in the mail client's list.
    pub name: String,
    /// The address it comes from.
    pub address: String,
    /// Where answers go.
    pub reply_to: String,
    /// The shop's postal address, in one line.
    pub postal: String,
}

/// What kind of message it is, which decides what it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// News and offers: only with permission.
    Marketing,
    /// The answer to something the shopper did, such as the question to confirm an address.
    Transactional,
}

/// A mail in every language of the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// What it needs to be allowed.
    pub kind: Kind,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<Slug>,
    /// It wants to sell something.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub sells: bool,
    /// It names a code, and cannot be said without one.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub needs_code: bool,
    /// What it recommends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shelf: Option<Showcase>,
    /// What it shows of that which its journey is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shows: Option<Shows>,
    /// Its words.
    pub texts: BTreeMap<Language, MailText>,
}

/// What a message can show of that which its journey is about. The names are those of the variables in templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shows {
    /// The cart, as it is at the moment of sending.
    Cart,
    /// The order.
    Order,
}

impl Shows {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Cart, Self::Order];

    /// What templates call it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cart => "cart",
            Self::Order => "order",
        }
    }
}

/// Products that a mail recommends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Showcase {
    /// The shelf that they are of.
    pub of: Slug,
    /// How many there are at most.
    pub most: u8,
}

/// A mail's templates in one language (minijinja).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailText {
    /// Subject line.
    pub subject: String,
    /// HTML part.
    pub html: String,
    /// Plain-text part.
    pub text: String,
}

/// A text message in every language of the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextMessage {
    /// What it needs to be allowed.
    pub kind: Kind,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<Slug>,
    /// It wants to sell something.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub sells: bool,
    /// It names a code, and cannot be said without one.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub needs_code: bool,
    /// What it shows of that which its journey is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shows: Option<Shows>,
    /// Its template (minijinja) by language.
    pub texts: BTreeMap<Language, String>,
}

/// Languages written from right to left.
pub fn direction(language: &str) -> &'static str {
    let base = language.split('-').next().unwrap_or_default();
    if ["ar", "he", "fa", "ur", "yi", "ps", "dv", "ku", "sd", "ug"].contains(&base) { "rtl" } else { "ltr" }
}
