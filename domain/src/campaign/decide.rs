//! Which campaign is shown now, if any, and why.

use super::{Campaign, Trigger, Visitors};
use crate::id::Slug;
use crate::time::{Span, Timestamp};
use crate::why::Why;

/// What is known about the visitor without asking anybody.
#[derive(Clone, Debug, Default)]
pub struct VisitorState {
    /// The visitor has given an address.
    pub known: bool,
    /// Campaigns that were closed, with the moment.
    pub closed: Vec<(Slug, Timestamp)>,
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

/// Decides which campaign is shown. The first in order that may and fires wins.
pub fn decide(campaigns: &[Campaign], visitor: &VisitorState, signals: &Signals, now: Timestamp) -> Decision {
    let mut decision = Decision { show: None, why: Vec::with_capacity(campaigns.len()) };
    for campaign in campaigns {
        let held = hindrance(campaign, visitor, signals, now);
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
fn hindrance(campaign: &Campaign, visitor: &VisitorState, signals: &Signals, now: Timestamp) -> Option<Why> {
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
    let closed = visitor.closed.iter().filter(|(name, _)| *name == campaign.name).map(|(_, at)| *at).max()?;
    (now < closed + campaign.again_after)
        .then(|| Why::new("again_after", format!("closed less than {} ago", campaign.again_after)))
}

fn fired(campaign: &Campaign, signals: &Signals) -> Option<Why> {
    campaign.triggers.iter().find_map(|trigger| match *trigger {
        Trigger::After(span) => (signals.elapsed >= span).then(|| Why::new("after", format!("{span} on the page"))),
        Trigger::Scrolled(percent) => {
            (signals.scrolled >= percent).then(|| Why::new("scroll", format!("{percent} % of the page scrolled")))
        }
        Trigger::Exit => signals.exit.then(|| Why::new("exit", "about to leave")),
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::campaign::{Content, Form, Glob, Reveal};

    pub(crate) fn hello() -> Campaign {
        Campaign {
            name: "hello".parse().unwrap(),
            triggers: vec![Trigger::After(Span::seconds(2)), Trigger::Scrolled(50), Trigger::Exit],
            pages: vec![Glob("/*".into())],
            not_pages: vec![Glob("/checkout*".into())],
            visitors: Visitors::Unknown,
            again_after: Span::days(30),
            banner_from_search: true,
            content: Content::Form(Form {
                asks: Vec::new(),
                steps: Vec::new(),
                offer: None,
                reveal: Reveal::Confirmed,
                confirm_mail: "confirm".parse().unwrap(),
                journey: None,
            }),
        }
    }

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn on(path: &str) -> Signals {
        Signals { path: path.into(), elapsed: Span::seconds(3), ..Signals::default() }
    }

    #[track_caller]
    fn check(visitor: &VisitorState, signals: &Signals, shown: bool, rule: &str) {
        let decision = decide(&[hello()], visitor, signals, NOW);
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
        let decision = decide(&[hello(), second], &VisitorState::default(), &on("/"), NOW);
        assert_eq!(decision.show().map(Slug::as_str), Some("hello"));
        assert_eq!(decision.why()[1].1.rule(), "one at a time");
    }
}
