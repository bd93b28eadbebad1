//! The wake plan: campaigns boiled down to thresholds that the loader can test without wasm.

use serde::{Deserialize, Serialize};

use super::survey::{Survey, Ways};
use super::{Campaign, Glob, Signals, Trigger, VisitorState, Visitors};
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
    /// The ways through a survey, question by question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub survey: Option<Vec<Ways>>,
}

/// A sensor with its threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<serde_value::Part>", try_from = "Vec<serde_value::Part>")]
pub enum Sensor {
    /// Milliseconds since the page began.
    Time(i64),
    /// Percent of the page.
    Scroll(u8),
    /// About to leave.
    Exit,
}

/// `["time",2000]`: how a sensor stands in JSON.
mod serde_value {
    use serde::{Deserialize, Serialize};

    use super::Sensor;
    use crate::id::Malformed;

    #[derive(Clone, Debug, Serialize, Deserialize)]
    #[serde(untagged)]
    pub enum Part {
        Name(String),
        Number(i64),
    }

    impl From<Sensor> for Vec<Part> {
        fn from(sensor: Sensor) -> Self {
            let named = |name: &str| Part::Name(name.to_owned());
            match sensor {
                Sensor::Time(ms) => vec![named("time"), Part::Number(ms)],
                Sensor::Scroll(percent) => vec![named("scroll"), Part::Number(percent.into())],
                Sensor::Exit => vec![named("exit")],
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
                _ => Err(Malformed("expected [\"time\", ms], [\"scroll\", percent] or [\"exit\"]")),
            }
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
            .map(|trigger| match *trigger {
                Trigger::After(span) => Sensor::Time(span.0),
                Trigger::Scrolled(percent) => Sensor::Scroll(percent),
                Trigger::Exit => Sensor::Exit,
            })
            .collect(),
        pages: Glob::regex_source(&campaign.pages),
        not_pages: (!campaign.not_pages.is_empty()).then(|| Glob::regex_source(&campaign.not_pages)),
        again_days: campaign.again_after.days_ceil(),
        unknown: campaign.visitors == Visitors::Unknown,
        banner: campaign.banner_from_search,
        survey: campaign.survey().map(Survey::ways),
    }
}

/// The table that keeps the loader's judgement in step with [`super::decide`]: the fixture
/// `wake.json` is one, and the loader's tests go through it too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The plan's entries.
    pub plan: Vec<Wake>,
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
    /// The campaign that must be shown.
    pub show: Option<String>,
}

impl Case {
    /// What [`super::decide`] says about a visitor and signals, as a row for the loader.
    pub fn of(campaigns: &[Campaign], visitor: &VisitorState, signals: &Signals, now: Timestamp) -> Self {
        let decision = super::decide(campaigns, visitor, signals, now);
        Self {
            known: visitor.known,
            closed: visitor
                .closed
                .iter()
                .map(|(name, at)| (name.as_str().to_owned(), (now - *at).0.div_euclid(Span::days(1).0)))
                .collect(),
            path: signals.path.clone(),
            elapsed: signals.elapsed.0,
            scrolled: signals.scrolled,
            exit: signals.exit,
            show: decision.show().map(|name| name.as_str().to_owned()),
        }
    }
}

/// Hosts of search engines, as the source of a regular expression on the referrer.
pub const SEARCH_REFERRER: &str =
    r"^https?://([a-z0-9-]+\.)*(google|bing|duckduckgo|ecosia|yahoo|yandex|baidu|qwant|startpage|brave|naver|seznam)\.";
