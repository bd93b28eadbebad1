//! What publishing produces: immutable, hashed files for browsers and one document for the edge.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::campaign::Campaign;
use crate::campaign::plan::Wake;
use crate::campaign::view::AskView;
use crate::id::Slug;
use crate::journey::Journey;
use crate::offer::Offer;
use crate::sending::Kind;

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
    /// Style of everything inside the shadow root.
    pub css: String,
    /// Referrers of search engines, a regular expression.
    pub search: String,
    /// The loader's own few words.
    pub texts: LoaderTexts,
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
}

/// What a shard needs to know about its shop: pushed to it when a version becomes the live one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopConfig {
    /// The shop's name.
    pub name: String,
    /// The shop's home page.
    pub url: String,
    /// Its languages, the fallback first.
    pub languages: Vec<Language>,
    /// Where its privacy notice is.
    pub privacy: Option<String>,
    /// Who writes, in every language.
    pub senders: BTreeMap<Language, Sender>,
    /// Colour of buttons on our own pages, and the colour on it.
    pub accent: (String, String),
    /// Campaigns in order of precedence.
    pub campaigns: Vec<Campaign>,
    /// The words each campaign's permissions were asked with.
    pub wordings: BTreeMap<Slug, BTreeMap<Language, Vec<AskView>>>,
    /// Offers.
    pub offers: Vec<Offer>,
    /// Journeys.
    pub journeys: Vec<Journey>,
    /// Mails.
    pub mails: BTreeMap<Slug, Mail>,
    /// What mails can be about, in the order in which the shop names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<Topic>,
    /// The IANA time zone of shoppers who did not say theirs.
    #[serde(default = "utc")]
    pub zone: String,
    /// At every purchase the shop says that it writes about similar products, and offers to refuse: where
    /// the law lets that stand in for consent, it does.
    #[serde(default)]
    pub refusal_offered: bool,
    /// Where the merchant is told of what cannot wait; without it only the lists tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alerts: Option<String>,
}

fn utc() -> String {
    "UTC".into()
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

/// A mail in every language of the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// What it needs to be allowed.
    pub kind: Kind,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<Slug>,
    /// Its words.
    pub texts: BTreeMap<Language, MailText>,
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

impl ShopConfig {
    /// The best of the shop's languages for a wish such as `de-AT`: the same, else the same base
    /// language, else the fallback.
    pub fn language<'a>(&'a self, wish: &str) -> &'a str {
        let wish = wish.to_ascii_lowercase();
        let base = wish.split('-').next().unwrap_or_default();
        let find = |want: &str| self.languages.iter().find(|have| have.as_str() == want);
        find(&wish).or_else(|| find(base)).or(self.languages.first()).map_or("en", String::as_str)
    }

    /// One of the shop's offers.
    pub fn offer(&self, name: &str) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.name.as_str() == name)
    }
}

/// Languages written from right to left.
pub fn direction(language: &str) -> &'static str {
    let base = language.split('-').next().unwrap_or_default();
    if ["ar", "he", "fa", "ur", "yi", "ps", "dv", "ku", "sd", "ug"].contains(&base) { "rtl" } else { "ltr" }
}

/// Everything that publishing sends to the edge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Release {
    /// Version of this form of data: 1.
    pub v: u8,
    /// The version's name: the first 16 hex digits of the SHA-256 over all that follows.
    pub version: String,
    /// The shop's own texts, by path, for history and rehearsal.
    pub sources: BTreeMap<String, String>,
    /// Files for browsers by hash: base64 of their bytes.
    pub files: BTreeMap<String, String>,
    /// The language files' hashes.
    pub languages: BTreeMap<Language, String>,
    /// What the shards need, compiled from the sources.
    #[cfg_attr(feature = "schema", schemars(with = "serde_json::Value"))]
    pub config: ShopConfig,
}
