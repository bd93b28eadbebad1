//! Which campaign is shown now, if any, and why.

use super::{Campaign, Trigger, Visitors};
use crate::id::Slug;
use crate::money::Money;
use crate::time::{Span, Timestamp};
use crate::why::Why;

/// What is known about the visitor without asking anybody.
#[derive(Clone, Debug, Default)]
pub struct VisitorState {
    /// The visitor has given an address.
    pub known: bool,
    /// Campaigns that were closed, with the moment.
    pub closed: Vec<(Slug, Timestamp)>,
    /// Campaigns that were shown, with the moment.
    pub shown: Vec<(Slug, Timestamp)>,
    /// A campaign is on the screen.
    pub busy: bool,
}

/// What has happened on this page so far.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    /// The page's path.
    pub path: String,
    /// Since the page began.
    pub elapsed: Span,
    /// The most that was scrolled, in percent of the page.
    pub scrolled: u8,
    /// The visitor was about to leave.
    pub exit: bool,
    /// What was clicked on, as the selectors of triggers say it.
    pub clicked: Vec<String>,
    /// What the page has said, in the names of its own events.
    pub said: Vec<String>,
    /// The window's width in CSS pixels.
    pub width: u32,
    /// Since the visitor was first met.
    pub met: Span,
    /// What lies in the cart, in the shop's currency.
    pub cart: Option<Money>,
    /// The host they came to the shop from, on this page or on an earlier one where that may be kept; empty for nowhere.
    pub referrer: String,
}

/// What to show, with the reason; or nothing, with the reason for each campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    show: Option<Slug>,
    why: Vec<(Slug, Why)>,
}

impl Decision {
    /// The campaign to show.
    pub fn show(&self) -> Option<&Slug> {
        self.show.as_ref()
    }

    /// For every campaign looked at: why it is shown or not.
    pub fn why(&self) -> &[(Slug, Why)] {
        &self.why
    }
}

/// Decides which campaign is shown: the first in order that may and fires. What fired and had to wait for another, or
/// because enough was shown (`most`, across all campaigns), is shown when that is over; but for an exit, whose moment has
/// passed then.
pub fn decide(
    campaigns: &[Campaign],
    most: &[(u16, Span)],
    visitor: &VisitorState,
    signals: &Signals,
    now: Timestamp,
) -> Decision {
    let mut decision = Decision { show: None, why: Vec::with_capacity(campaigns.len()) };
    for campaign in campaigns {
        let held = hindrance(campaign, most, visitor, signals, now);
        let why = match held {
            Some(why) => why,
            None if decision.show.is_some() => Why::new("one at a time", "another campaign goes first"),
            None => match fired(campaign, signals) {
                Some(why) => {
                    decision.show = Some(campaign.name.clone());
                    why
                }
                None => Why::new("trigger", "none has fired yet"),
            },
        };
        decision.why.push((campaign.name.clone(), why));
    }
    decision
}

/// What keeps a campaign from this visitor on this page, whatever the triggers say.
fn hindrance(
    campaign: &Campaign,
    most: &[(u16, Span)],
    visitor: &VisitorState,
    signals: &Signals,
    now: Timestamp,
) -> Option<Why> {
    if visitor.busy {
        return Some(Why::new("one at a time", "a campaign is on the screen"));
    }
    if campaign.visitors == Visitors::Unknown && visitor.known {
        return Some(Why::new("visitors", "the address is known already"));
    }
    if !campaign.pages.iter().any(|glob| glob.fits(&signals.path)) {
        return Some(Why::new("pages", "not for this page"));
    }
    if campaign.not_pages.iter().any(|glob| glob.fits(&signals.path)) {
        return Some(Why::new("not_pages", "never on this page"));
    }
    if let Some(against) = campaign.audience.as_ref().and_then(|audience| audience.against(visitor, signals)) {
        return Some(Why::new("audience", against));
    }
    let closed = visitor.closed.iter().filter(|(name, _)| *name == campaign.name).map(|(_, at)| *at).max();
    if closed.is_some_and(|closed| now < closed + campaign.again_after) {
        return Some(Why::new("again_after", format!("closed less than {} ago", campaign.again_after)));
    }
    let own = enough(&campaign.most, visitor, Some(&campaign.name), now).map(|fact| Why::new("most", fact));
    own.or_else(|| enough(most, visitor, None, now).map(|fact| Why::new("most of all", fact)))
}

/// The limit that is reached: of one campaign, or of all.
fn enough(most: &[(u16, Span)], visitor: &VisitorState, campaign: Option<&Slug>, now: Timestamp) -> Option<String> {
    let of = |name: &Slug| campaign.is_none_or(|campaign| campaign == name);
    let (most, span) = most.iter().find(|(most, span)| {
        let lately = visitor.shown.iter().filter(|(name, at)| of(name) && *at + *span > now).count();
        lately >= usize::from(*most)
    })?;
    Some(format!("shown {most} times within {span}"))
}

fn fired(campaign: &Campaign, signals: &Signals) -> Option<Why> {
    campaign.triggers.iter().find_map(|trigger| match trigger {
        Trigger::After(span) => (signals.elapsed >= *span).then(|| Why::new("after", format!("{span} on the page"))),
        Trigger::Scrolled(percent) => {
            (signals.scrolled >= *percent).then(|| Why::new("scroll", format!("{percent} % of the page scrolled")))
        }
        Trigger::Exit => signals.exit.then(|| Why::new("exit", "about to leave")),
        Trigger::Click(on) => signals.clicked.contains(on).then(|| Why::new("click", format!("a click on {on}"))),
        Trigger::Said(name) => signals.said.contains(name).then(|| Why::new("said", name)),
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::campaign::{Form, Glob, Reveal};

    pub(crate) fn hello() -> Campaign {
        Campaign {
            name: "hello".parse().unwrap(),
            triggers: vec![Trigger::After(Span::seconds(2)), Trigger::Scrolled(50), Trigger::Exit],
            pages: vec![Glob("/*".into())],
            not_pages: vec![Glob("/checkout*".into())],
            visitors: Visitors::Unknown,
            audience: None,
            most: Vec::new(),
            priority: 0,
            again_after: Span::days(30),
            banner_from_search: true,
            form: Some(Form {
                asks: Vec::new(),
                steps: Vec::new(),
                offer: None,
                reveal: Reveal::Confirmed,
                confirm_mail: "confirm".parse().unwrap(),
                journey: None,
            }),
            survey: None,
        }
    }

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn on(path: &str) -> Signals {
        Signals { path: path.into(), elapsed: Span::seconds(3), ..Signals::default() }
    }

    #[track_caller]
    fn check(visitor: &VisitorState, signals: &Signals, shown: bool, rule: &str) {
        let decision = decide(&[hello()], &[], visitor, signals, NOW);
        assert_eq!(decision.show().is_some(), shown);
        assert_eq!(decision.why()[0].1.rule(), rule);
    }

    #[test]
    fn a_campaign_is_shown_when_it_fires_and_nothing_holds_it() {
        let visitor = VisitorState::default();
        check(&visitor, &on("/"), true, "after");
        check(&visitor, &Signals { elapsed: Span::seconds(1), ..on("/") }, false, "trigger");
        check(&visitor, &Signals { elapsed: Span(0), scrolled: 50, ..on("/") }, true, "scroll");
        check(&visitor, &Signals { elapsed: Span(0), exit: true, ..on("/") }, true, "exit");
        check(&visitor, &on("/checkout/pay"), false, "not_pages");
    }

    #[test]
    fn who_is_known_or_has_closed_it_is_left_in_peace() {
        check(&VisitorState { known: true, ..VisitorState::default() }, &on("/"), false, "visitors");
        check(&VisitorState { busy: true, ..VisitorState::default() }, &on("/"), false, "one at a time");
        let closed = |days: i64| VisitorState {
            closed: vec![("hello".parse().unwrap(), NOW + Span::days(-days))],
            ..VisitorState::default()
        };
        check(&closed(29), &on("/"), false, "again_after");
        check(&closed(30), &on("/"), true, "after");
    }

    #[test]
    fn two_that_fire_at_once_are_shown_one_at_a_time() {
        let second = Campaign { name: "second".parse().unwrap(), ..hello() };
        let decision = decide(&[hello(), second], &[], &VisitorState::default(), &on("/"), NOW);
        assert_eq!(decision.show().map(Slug::as_str), Some("hello"));
        assert_eq!(decision.why()[1].1.rule(), "one at a time");
    }

    #[test]
    fn enough_is_enough_of_one_and_of_all() {
        let shown = |list: &[(&str, i64)]| VisitorState {
            shown: list.iter().map(|(name, hours)| (name.parse().unwrap(), NOW + Span::hours(-hours))).collect(),
            ..VisitorState::default()
        };
        let often = Campaign { most: vec![(2, Span::days(1)), (3, Span::days(7))], ..hello() };
        let rule = |visitor: &VisitorState, most: &[(u16, Span)]| {
            let decision = decide(std::slice::from_ref(&often), most, visitor, &on("/"), NOW);
            (decision.why()[0].1.rule().to_owned(), decision.why()[0].1.fact().to_owned())
        };
        assert_eq!(rule(&shown(&[("hello", 1), ("other", 2)]), &[]).0, "after");
        let (name, fact) = rule(&shown(&[("hello", 1), ("hello", 23)]), &[]);
        assert_eq!((name.as_str(), fact.as_str()), ("most", "shown 2 times within 1 day"));
        assert_eq!(rule(&shown(&[("hello", 1), ("hello", 24)]), &[]).0, "after", "a day is over");
        assert_eq!(rule(&shown(&[("hello", 30), ("hello", 60), ("hello", 90)]), &[]).0, "most");
        let all = [(1, Span::minutes(90))];
        assert_eq!(rule(&shown(&[("other", 1)]), &all).0, "most of all");
        assert_eq!(rule(&shown(&[("other", 2)]), &all).0, "after");
    }

    #[test]
    fn a_click_and_a_word_of_the_page_fire_too() {
        let campaign = Campaign {
            triggers: vec![Trigger::Click(".to-checkout".into()), Trigger::Said("coupon failed".into())],
            ..hello()
        };
        let rule = |signals: &Signals| {
            let decision = decide(std::slice::from_ref(&campaign), &[], &VisitorState::default(), signals, NOW);
            decision.why()[0].1.rule().to_owned()
        };
        assert_eq!(rule(&on("/")), "trigger");
        assert_eq!(rule(&Signals { clicked: vec![".to-checkout".into()], ..on("/") }), "click");
        assert_eq!(rule(&Signals { said: vec!["empty search".into(), "coupon failed".into()], ..on("/") }), "said");
    }
}
