//! A page of the shop as it is right now, told by somebody who asks what [`decide`] says of it.
//!
//! What is told is a claim: it explains, and nothing comes of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de};

use super::{Campaign, Decision, Signals, VisitorState, decide};
use crate::id::{Slug, VisitorId};
use crate::money::{Currency, Money};
use crate::time::{Span, Timestamp};

/// The longest path that is read, in bytes.
pub const LONGEST_PATH: usize = 2_048;
/// So many campaigns can have been closed, at most.
pub const MOST_CLOSED: usize = 200;

/// The longest name of a host or of an event that is read, in bytes.
pub const LONGEST_WORD: usize = 800;

/// What would be shown on this page, and why?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// When, by the browser's clock, which is the one that its campaigns are shown by.
    #[cfg_attr(feature = "schema", schemars(with = "i64"))]
    pub at: Timestamp,
    /// The browser, where it may be recognised.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub visitor: Option<VisitorId>,
    /// What the browser knows of its visitor.
    pub state: State,
    /// What has happened on the page.
    pub signals: Happened,
}

/// A [`VisitorState`] as it is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AskedState"))]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The visitor has given an address.
    #[serde(default)]
    pub known: bool,
    /// Campaigns that were closed, with the moment.
    #[serde(default, deserialize_with = "closed")]
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<String, i64>"))]
    pub closed: BTreeMap<Slug, Timestamp>,
    /// Campaigns that were shown lately, with the moments.
    #[serde(default, deserialize_with = "shown")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<(String, i64)>"))]
    pub shown: Vec<(Slug, Timestamp)>,
    /// A campaign is on the screen.
    #[serde(default)]
    pub busy: bool,
}

/// [`Signals`] as they are told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AskedSignals"))]
#[serde(deny_unknown_fields)]
pub struct Happened {
    /// The page's path.
    #[serde(deserialize_with = "path")]
    pub path: String,
    /// Milliseconds since the page began.
    #[serde(default, deserialize_with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "u32"))]
    pub elapsed: Span,
    /// The most that was scrolled, in percent of the page.
    #[serde(default, deserialize_with = "percent")]
    pub scrolled: u8,
    /// The visitor was about to leave.
    #[serde(default)]
    pub exit: bool,
    /// The window's width in CSS pixels.
    #[serde(default)]
    pub width: u32,
    /// Milliseconds since the visitor was first met.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "i64"))]
    pub met: Span,
    /// What the cart costs, a decimal in the shop's currency.
    #[serde(default)]
    pub cart: Option<String>,
    /// The host they came from; empty for nowhere.
    #[serde(default, deserialize_with = "short")]
    pub referrer: String,
    /// What the page has said, in the names of its own events.
    #[serde(default, deserialize_with = "said")]
    pub said: Vec<String>,
}

impl Asked {
    /// What would be shown, and why every other campaign would not be.
    pub fn decide(&self, campaigns: &[Campaign], most: &[(u16, Span)], currency: Option<Currency>) -> Decision {
        let visitor = VisitorState {
            known: self.state.known,
            closed: self.state.closed.iter().map(|(name, at)| (name.clone(), *at)).collect(),
            shown: self.state.shown.clone(),
            busy: self.state.busy,
        };
        let cart = self.signals.cart.as_deref().zip(currency);
        let signals = Signals {
            path: self.signals.path.clone(),
            elapsed: self.signals.elapsed,
            scrolled: self.signals.scrolled,
            exit: self.signals.exit,
            // A click is a moment that is over when somebody asks.
            clicked: Vec::new(),
            said: self.signals.said.clone(),
            width: self.signals.width,
            met: self.signals.met,
            cart: cart.and_then(|(decimal, currency)| Money::rounded(decimal, currency).ok()),
            referrer: self.signals.referrer.clone(),
        };
        decide(campaigns, most, &visitor, &signals, self.at)
    }
}

fn closed<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<Slug, Timestamp>, D::Error> {
    let closed = BTreeMap::<Slug, Timestamp>::deserialize(from)?;
    if closed.len() > MOST_CLOSED {
        return Err(de::Error::custom(format!("{} campaigns; at most {MOST_CLOSED} are read", closed.len())));
    }
    Ok(closed)
}

fn shown<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(Slug, Timestamp)>, D::Error> {
    let shown = Vec::<(Slug, Timestamp)>::deserialize(from)?;
    if shown.len() > MOST_CLOSED {
        return Err(de::Error::custom(format!("{} campaigns; at most {MOST_CLOSED} are read", shown.len())));
    }
    Ok(shown)
}

fn short<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    if text.len() > LONGEST_WORD {
        return Err(de::Error::custom(format!("expected {LONGEST_WORD} bytes at most")));
    }
    Ok(text)
}

fn said<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let said = Vec::<String>::deserialize(from)?;
    if said.len() > MOST_CLOSED || said.iter().any(|word| word.len() > LONGEST_WORD) {
        return Err(de::Error::custom(format!("at most {MOST_CLOSED} words of {LONGEST_WORD} bytes are read")));
    }
    Ok(said)
}

fn path<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let path = String::deserialize(from)?;
    if path.starts_with('/') && path.len() <= LONGEST_PATH {
        return Ok(path);
    }
    Err(de::Error::custom(format!("expected a path such as /product/robe, of {LONGEST_PATH} bytes at most")))
}

fn span<'de, D: Deserializer<'de>>(from: D) -> Result<Span, D::Error> {
    u32::deserialize(from).map(|ms| Span(ms.into()))
}

fn percent<'de, D: Deserializer<'de>>(from: D) -> Result<u8, D::Error> {
    let percent = u8::deserialize(from)?;
    if percent > 100 { Err(de::Error::custom("expected a percentage, 0 to 100")) } else { Ok(percent) }
}

#[cfg(all(test, feature = "json"))]
mod tests {
    use super::*;
    use crate::campaign::decide::tests::hello;

    fn asked(change: impl FnOnce(&mut serde_json::Value)) -> Result<Asked, String> {
        let mut json = serde_json::json!({
            "at": 1_800_000_000_000_i64,
            "visitor": "0197d3a2-7c4e-7a51-8b1f-1d2f3a4b5c6d",
            "state": { "known": false, "busy": false, "closed": {} },
            "signals": { "path": "/", "elapsed": 3_000, "scrolled": 0, "exit": false },
        });
        change(&mut json);
        let text = json.to_string();
        serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(&text))
            .map_err(|error| format!("{}: {}", error.path(), error.inner()))
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut serde_json::Value), shown: bool, rule: &str) {
        let decision = asked(change).unwrap().decide(&[hello()], &[], None);
        assert_eq!(decision.show().is_some(), shown);
        assert_eq!(decision.why()[0].1.rule(), rule);
    }

    #[test]
    fn what_a_page_tells_is_decided_about_as_the_page_itself_would() {
        check(|_| {}, true, "after");
        check(|told| told["signals"]["elapsed"] = 1_000.into(), false, "trigger");
        check(|told| told["signals"] = serde_json::json!({ "path": "/", "scrolled": 60 }), true, "scroll");
        check(|told| told["signals"] = serde_json::json!({ "path": "/", "exit": true }), true, "exit");
        check(|told| told["signals"]["path"] = "/checkout/pay".into(), false, "not_pages");
        check(|told| told["state"]["known"] = true.into(), false, "visitors");
        check(|told| told["state"]["busy"] = true.into(), false, "one at a time");
    }

    #[test]
    fn the_browsers_own_clock_says_how_long_ago_something_was_closed() {
        let closed = |days: i64| {
            move |told: &mut serde_json::Value| {
                told["state"]["closed"]["hello"] = (1_800_000_000_000 - Span::days(days).0).into();
            }
        };
        check(closed(29), false, "again_after");
        check(closed(31), true, "after");
    }

    #[test]
    fn what_is_wrong_is_named_by_its_field() {
        #[track_caller]
        fn refused(change: impl FnOnce(&mut serde_json::Value), named: &str) {
            let said = asked(change).unwrap_err();
            assert!(said.starts_with(named), "{said}");
        }
        refused(|told| told["at"] = "now".into(), "at: ");
        refused(|told| told["visitor"] = "anna".into(), "visitor: ");
        refused(|told| told["state"]["closed"]["HELLO"] = 1.into(), "state.closed");
        refused(|told| told["signals"]["path"] = "product".into(), "signals.path: expected a path");
        refused(|told| told["signals"]["path"] = format!("/{}", "x".repeat(2_048)).into(), "signals.path: ");
        refused(|told| told["signals"]["elapsed"] = (-1).into(), "signals.elapsed: ");
        refused(|told| told["signals"]["scrolled"] = 101.into(), "signals.scrolled: expected a percentage");
        refused(|told| told["signals"]["mood"] = "low".into(), "signals");
        let many: serde_json::Map<String, serde_json::Value> = (0..201).map(|n| (format!("c{n}"), n.into())).collect();
        refused(|told| told["state"]["closed"] = many.into(), "state.closed: 201 campaigns");
        refused(
            |told| told["state"]["shown"] = serde_json::json!(vec![("hello", 1); 201]),
            "state.shown: 201 campaigns",
        );
        refused(|told| told["signals"]["said"] = vec!["x".repeat(801)].into(), "signals.said: at most");
        refused(|told| told["signals"]["referrer"] = "x".repeat(801).into(), "signals.referrer: expected");
        refused(|told| told["signals"]["width"] = (-1).into(), "signals.width: ");
    }
}
