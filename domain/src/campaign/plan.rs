//! The wake plan: campaigns boiled down to thresholds that the loader can test without wasm.

use serde::{Deserialize, Serialize};

use super::survey::{Survey, Ways};
use super::{Audience, Campaign, Glob, Signals, Trigger, VisitorState, Visitors};
use crate::id::{Malformed, Slug};
use crate::money::Money;
use crate::time::{Span, Timestamp};

/// One campaign as the loader knows it. Field names are short on the wire only where that saves
/// bytes that every shopper downloads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wake {
    /// The campaign's name.
    pub campaign: String,
    /// Any of these fires it.
    pub on: Vec<Sensor>,
    /// A regular expression that the path must fit.
    pub pages: String,
    /// A regular expression that it must not fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_pages: Option<String>,
    /// How many days a closed one stays away.
    pub again_days: i64,
    /// Only for those whose address is not known.
    pub unknown: bool,
    /// A small banner on a phone that comes from a search engine.
    pub banner: bool,
    /// What must be true of the visitor ([`super::Audience::test`]).
    #[serde(default, rename = "if", skip_serializing_if = "Option::is_none")]
    pub audience: Option<Part>,
    /// How often it is shown at most within how many milliseconds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub most: Vec<(u16, Span)>,
    /// The ways through a survey, question by question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub survey: Option<Vec<Ways>>,
}

/// A word, a number, or a list of them: how tests and sensors stand in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Part {
    /// A word.
    Name(String),
    /// A number.
    Number(i64),
    /// A list.
    Many(Vec<Part>),
}

/// A sensor with its threshold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<Part>", try_from = "Vec<Part>")]
pub enum Sensor {
    /// Milliseconds since the page began.
    Time(i64),
    /// Percent of the page.
    Scroll(u8),
    /// About to leave.
    Exit,
    /// A click on what a CSS selector finds.
    Click(String),
    /// The page's own words, as a regular expression on a list of them, each between bars.
    Said(String),
}

impl From<Sensor> for Vec<Part> {
    fn from(sensor: Sensor) -> Self {
        let named = |name: &str| Part::Name(name.to_owned());
        match sensor {
            Sensor::Time(ms) => vec![named("time"), Part::Number(ms)],
            Sensor::Scroll(percent) => vec![named("scroll"), Part::Number(percent.into())],
            Sensor::Exit => vec![named("exit")],
            Sensor::Click(on) => vec![named("click"), Part::Number(1), Part::Name(on)],
            Sensor::Said(words) => vec![named("said"), Part::Name(words)],
        }
    }
}

impl TryFrom<Vec<Part>> for Sensor {
    type Error = Malformed;

    fn try_from(parts: Vec<Part>) -> Result<Self, Malformed> {
        match parts.as_slice() {
            [Part::Name(name), Part::Number(ms)] if name == "time" => Ok(Self::Time(*ms)),
            [Part::Name(name), Part::Number(percent)] if name == "scroll" => {
                u8::try_from(*percent).map(Self::Scroll).map_err(|_| Malformed("expected a percentage"))
            }
            [Part::Name(name)] if name == "exit" => Ok(Self::Exit),
            [Part::Name(name), Part::Number(_), Part::Name(on)] if name == "click" => Ok(Self::Click(on.clone())),
            [Part::Name(name), Part::Name(words)] if name == "said" => Ok(Self::Said(words.clone())),
            _ => Err(Malformed(
                "expected [\"time\", ms], [\"scroll\", percent], [\"exit\"], [\"click\", 1, selector] or [\"said\", words]",
            )),
        }
    }
}

/// Boils campaigns down, in the same order.
pub fn wake_plan(campaigns: &[Campaign]) -> Vec<Wake> {
    campaigns.iter().map(wake).collect()
}

fn wake(campaign: &Campaign) -> Wake {
    Wake {
        campaign: campaign.name.as_str().to_owned(),
        on: campaign
            .triggers
            .iter()
            .map(|trigger| match trigger {
                Trigger::After(span) => Sensor::Time(span.0),
                Trigger::Scrolled(percent) => Sensor::Scroll(*percent),
                Trigger::Exit => Sensor::Exit,
                Trigger::Click(on) => Sensor::Click(on.clone()),
                Trigger::Said(name) => Sensor::Said(Glob::regex_source(&[Glob(format!("*|{name}|*"))])),
            })
            .collect(),
        pages: Glob::regex_source(&campaign.pages),
        not_pages: (!campaign.not_pages.is_empty()).then(|| Glob::regex_source(&campaign.not_pages)),
        again_days: campaign.again_after.days_ceil(),
        unknown: campaign.visitors == Visitors::Unknown,
        banner: campaign.banner_from_search,
        audience: campaign.audience.as_ref().map(Audience::test),
        most: campaign.most.clone(),
        survey: campaign.survey.as_ref().map(Survey::ways),
    }
}

/// The table that keeps the loader's judgement in step with [`super::decide`]: the fixture
/// `wake.json` is one, and the loader's tests go through it too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The plan's entries.
    pub plan: Vec<Wake>,
    /// How often campaigns are shown at most, all together.
    pub most: Vec<(u16, Span)>,
    /// Situations with what must be shown in them.
    pub cases: Vec<Case>,
}

/// A situation, and the campaign that must be shown in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The visitor has given an address.
    pub known: bool,
    /// Campaign and whole days since it was closed.
    pub closed: Vec<(String, i64)>,
    /// The page's path.
    pub path: String,
    /// Milliseconds since the page began.
    pub elapsed: i64,
    /// Percent of the page.
    pub scrolled: u8,
    /// About to leave.
    pub exit: bool,
    /// Campaign and whole hours since it was shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shown: Vec<(String, i64)>,
    /// What the page has said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<String>,
    /// CSS pixels.
    pub width: u32,
    /// Milliseconds since the visitor was first met.
    pub met: i64,
    /// What the cart costs, as a page says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cart: Option<String>,
    /// The host they came from.
    pub referrer: String,
    /// The campaign that must be shown.
    pub show: Option<String>,
}

impl Case {
    /// What [`super::decide`] says about a visitor and signals, as a row for the loader.
    pub fn of(
        campaigns: &[Campaign],
        most: &[(u16, Span)],
        visitor: &VisitorState,
        signals: &Signals,
        now: Timestamp,
    ) -> Self {
        let decision = super::decide(campaigns, most, visitor, signals, now);
        let since = |list: &[(Slug, Timestamp)], unit: Span| -> Vec<(String, i64)> {
            list.iter().map(|(name, at)| (name.as_str().to_owned(), (now - *at).0.div_euclid(unit.0))).collect()
        };
        let decimal = |cart: Money| cart.to_string().split(' ').next().map(str::to_owned);
        Self {
            known: visitor.known,
            closed: since(&visitor.closed, Span::days(1)),
            shown: since(&visitor.shown, Span::hours(1)),
            path: signals.path.clone(),
            elapsed: signals.elapsed.0,
            scrolled: signals.scrolled,
            exit: signals.exit,
            said: signals.said.clone(),
            width: signals.width,
            met: signals.met.0,
            cart: signals.cart.and_then(decimal),
            referrer: signals.referrer.clone(),
            show: decision.show().map(|name| name.as_str().to_owned()),
        }
    }
}

/// Hosts of search engines, as the source of a regular expression on the referrer.
pub const SEARCH_REFERRER: &str =
    r"^https?://([a-z0-9-]+\.)*(google|bing|duckduckgo|ecosia|yahoo|yandex|baidu|qwant|startpage|brave|naver|seznam)\.";
