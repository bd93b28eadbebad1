//! What the edge and the publisher know of a shop; browsers never read it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Language, Mail, Sender, TextMessage, Topic, earlier};
use crate::campaign::Campaign;
use crate::campaign::view::AskView;
use crate::id::Slug;
use crate::journey::{Condition, Journey, Rules};
use crate::money::Currency;
use crate::offer::Offer;
use crate::sending::Limits;
use crate::shelf::settings::Shelves;
use crate::time::Span;

/// What a shard needs to know about its shop: pushed to it when a version becomes the live one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
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
    #[serde(deserialize_with = "earlier::journeys")]
    pub journeys: Vec<Journey>,
    /// Segments.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub segments: BTreeMap<Slug, Segment>,
    /// Mails.
    pub mails: BTreeMap<Slug, Mail>,
    /// Text messages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub texts: BTreeMap<Slug, TextMessage>,
    /// What amounts are in, where journeys or segments ask for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
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
    /// Where the shop's server listens to journeys, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub webhooks: BTreeMap<Slug, String>,
    /// How often one shopper hears from the shop, and how much of that sells.
    #[serde(default, skip_serializing_if = "Limits::are_none")]
    pub limits: Limits,
    /// How often campaigns are shown to one visitor at most, all together; each holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shown: Vec<(u16, Span)>,
    /// What is recommended, where, and from which catalogue.
    #[serde(default, skip_serializing_if = "Shelves::are_none")]
    pub shelves: Shelves,
}

fn utc() -> String {
    "UTC".into()
}

/// Shoppers of whom something is true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// What it is called, in every language of the shop; empty where it has only its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub title: BTreeMap<Language, String>,
    /// What is true of them.
    pub when: Condition,
}

impl Serialize for ShopConfig {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, to)
    }
}

/// Versions that were published before are read too.
impl<'de> Deserialize<'de> for ShopConfig {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::deserialize(from).map(earlier::brought_up_to_date)
    }
}

impl ShopConfig {
    /// What the engine needs of it: journeys and segments under the version's name.
    pub fn rules(&self, version: &str) -> Rules {
        Rules {
            version: version.to_owned(),
            journeys: self.journeys.clone(),
            segments: self.segments.iter().map(|(name, segment)| (name.clone(), segment.when.clone())).collect(),
        }
    }

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
