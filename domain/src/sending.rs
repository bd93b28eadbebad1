//! Whether a message may leave, decided from the facts at that moment.

use serde::{Deserialize, Serialize};

use crate::consent::{Channel, Held};
use crate::law::{self, Country};
use crate::time::{Span, Timestamp};
use crate::why::Why;

/// What kind of message it is, which decides what it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// News and offers: only with permission.
    Marketing,
    /// The answer to something the shopper did, such as the question to confirm an address.
    Transactional,
}

/// What makes a message superfluous, checked when it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unless {
    /// The shopper's code has been used.
    CodeUsed,
    /// The shopper's code is not valid any longer.
    CodeEnded,
}

/// What is known at the moment of sending.
#[allow(clippy::struct_excessive_bools)] // each is a fact of its own
#[derive(Clone, Debug)]
pub struct Facts {
    /// Where the permission for marketing on this channel stands, and what it rests on.
    pub marketing: Option<Held>,
    /// Where the shopper is; the strictest law holds where nobody knows.
    pub country: Option<Country>,
    /// The address is on the suppression list.
    pub suppressed: bool,
    /// The shop has switched all sending off.
    pub sending_off: bool,
    /// There is somebody to carry the message.
    pub sender_present: bool,
    /// The address was proven already (a question to confirm it is superfluous).
    pub confirmed: bool,
    /// The shopper's code of the offer has been used.
    pub code_used: bool,
    /// The shopper's code of the offer is not valid any longer.
    pub code_ended: bool,
    /// What the shopper wishes of news and offers at this moment.
    pub wishes: Wishes,
}

/// What a shopper's preferences mean for one message at one moment; nothing hinders it by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// It is about something that they do not want to hear of.
    pub topic_off: bool,
    /// They want to hear nothing before that moment.
    pub paused_until: Option<Timestamp>,
    /// It is an hour at which they want to hear nothing; when it ends.
    pub quiet_until: Option<Timestamp>,
    /// The last message was not long enough ago for them; when it will be.
    pub room_from: Option<Timestamp>,
}

/// What is to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Its kind.
    pub kind: Kind,
    /// It asks to confirm the address.
    pub asks_to_confirm: bool,
    /// What makes it superfluous.
    pub unless: Option<Unless>,
    /// When it stops being worth saying.
    pub valid_until: Option<Timestamp>,
}

/// What happens to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes out now.
    Send,
    /// It waits: what holds it may pass.
    Defer,
    /// It never goes out.
    Skip,
}

/// A verdict with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    verdict: Verdict,
    why: Why,
    until: Option<Timestamp>,
}

impl Decision {
    fn new(verdict: Verdict, rule: &str, fact: &str) -> Self {
        Self { verdict, why: Why::new(rule, fact), until: None }
    }

    /// What happens to the message.
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Why.
    pub const fn why(&self) -> &Why {
        &self.why
    }

    /// When a message that waits is to be looked at again; nothing where nobody can know.
    pub const fn until(&self) -> Option<Timestamp> {
        self.until
    }
}

/// Decides at the moment of sending. What is final is looked at before what may pass.
pub fn decide(request: &Request, facts: &Facts, now: Timestamp) -> Decision {
    use Verdict::{Defer, Send, Skip};
    if request.valid_until.is_some_and(|until| now > until) {
        return Decision::new(Skip, "valid_until", "it is not worth saying any longer");
    }
    if facts.suppressed {
        return Decision::new(Skip, "suppression", "this address must not be written to");
    }
    if request.asks_to_confirm && facts.confirmed {
        return Decision::new(Skip, "confirmation", "the address is confirmed already");
    }
    match request.unless {
        Some(Unless::CodeUsed) if facts.code_used => return Decision::new(Skip, "unless", "the code has been used"),
        Some(Unless::CodeUsed | Unless::CodeEnded) if facts.code_ended => {
            return Decision::new(Skip, "unless", "the code is not valid any longer");
        }
        _ => {}
    }
    let mut granted = None;
    if request.kind == Kind::Marketing {
        if facts.wishes.topic_off {
            return Decision::new(Skip, "topic", "the shopper does not want to hear of this topic");
        }
        let rules = law::of(facts.country, None);
        let lawful = law::may_market(Channel::Email, facts.marketing.as_ref(), rules, now);
        if !lawful.allowed() {
            return Decision { verdict: Skip, why: lawful.why().clone(), until: None };
        }
        granted = Some(lawful.why().clone());
    }
    if facts.sending_off {
        return Decision::new(Defer, "kill switch", "the shop has switched sending off");
    }
    if !facts.sender_present {
        return Decision::new(Defer, "sender", "no mail provider is set up");
    }
    if let Some(waits) = wait(request, &facts.wishes) {
        return waits;
    }
    let why = granted.unwrap_or_else(|| Why::new("transactional", "the answer to what the shopper did"));
    Decision { verdict: Send, why, until: None }
}

/// What the shopper's own wishes hold back. A message that will not be worth saying by then is looked
/// at again when that is certain.
fn wait(request: &Request, wishes: &Wishes) -> Option<Decision> {
    let held = [
        (wishes.paused_until, "pause", "the shopper has paused the letters"),
        (wishes.quiet_until, "quiet hours", "it is an hour at which the shopper wants quiet"),
        (wishes.room_from, "frequency", "the last letter is not as long ago as the shopper wishes"),
    ];
    let (until, rule, fact) = held.into_iter().find_map(|(until, rule, fact)| Some((until?, rule, fact)))?;
    let stale = request.valid_until.map(|valid| valid + Span(1));
    let until = Some(stale.map_or(until, |stale| stale.min(until)));
    (request.kind == Kind::Marketing).then(|| Decision { until, ..Decision::new(Verdict::Defer, rule, fact) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{Basis, Standing};

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn held(standing: Standing) -> Held {
        let proven = standing == Standing::Given;
        Held { at: NOW, standing, proven, worded: true, basis: Basis::Consent }
    }

    fn allowed() -> Facts {
        Facts {
            marketing: Some(held(Standing::Given)),
            country: None,
            suppressed: false,
            sending_off: false,
            sender_present: true,
            confirmed: true,
            code_used: false,
            code_ended: false,
            wishes: Wishes::default(),
        }
    }

    const NEWS: Request = Request { kind: Kind::Marketing, asks_to_confirm: false, unless: None, valid_until: None };
    const QUESTION: Request = Request { kind: Kind::Transactional, asks_to_confirm: true, ..NEWS };

    #[track_caller]
    fn check(request: &Request, facts: &Facts, verdict: Verdict, rule: &str) {
        let decision = decide(request, facts, NOW);
        assert_eq!((decision.verdict(), decision.why().rule()), (verdict, rule));
    }

    #[test]
    fn marketing_needs_a_proven_permission() {
        check(&NEWS, &allowed(), Verdict::Send, "consent");
        for (marketing, rule) in [
            (None, "consent"),
            (Some(held(Standing::Asked)), "confirmation"),
            (Some(held(Standing::Withdrawn)), "withdrawal"),
        ] {
            check(&NEWS, &Facts { marketing, ..allowed() }, Verdict::Skip, rule);
        }
    }

    #[test]
    fn where_somebody_is_decides_what_a_permission_needs() {
        let unproven = Held { proven: false, ..held(Standing::Given) };
        let facts = |country: Option<&str>| Facts {
            marketing: Some(unproven.clone()),
            country: country.map(|code| code.parse().unwrap()),
            ..allowed()
        };
        check(&NEWS, &facts(Some("US")), Verdict::Send, "no consent asked");
        check(&NEWS, &facts(Some("FR")), Verdict::Send, "consent");
        check(&NEWS, &facts(Some("DE")), Verdict::Skip, "confirmation");
        check(&NEWS, &facts(None), Verdict::Skip, "confirmation");
    }

    #[test]
    fn the_question_itself_needs_none_and_is_asked_only_while_it_is_open() {
        let open = Facts { marketing: Some(held(Standing::Asked)), confirmed: false, ..allowed() };
        check(&QUESTION, &open, Verdict::Send, "transactional");
        check(&QUESTION, &allowed(), Verdict::Skip, "confirmation");
        check(&QUESTION, &Facts { suppressed: true, ..open }, Verdict::Skip, "suppression");
    }

    #[test]
    fn what_may_pass_defers_and_what_is_final_skips() {
        check(&NEWS, &Facts { sending_off: true, ..allowed() }, Verdict::Defer, "kill switch");
        check(&NEWS, &Facts { sender_present: false, ..allowed() }, Verdict::Defer, "sender");
        let late = Request { valid_until: Some(NOW + Span(-1)), ..NEWS };
        check(&late, &Facts { sending_off: true, ..allowed() }, Verdict::Skip, "valid_until");
        check(&NEWS, &Facts { sending_off: true, suppressed: true, ..allowed() }, Verdict::Skip, "suppression");
    }

    #[test]
    fn a_reminder_of_a_used_or_ended_code_is_superfluous() {
        let reminder = Request { unless: Some(Unless::CodeUsed), ..NEWS };
        check(&reminder, &Facts { code_used: true, ..allowed() }, Verdict::Skip, "unless");
        check(&reminder, &Facts { code_ended: true, ..allowed() }, Verdict::Skip, "unless");
        check(&reminder, &allowed(), Verdict::Send, "consent");
    }

    #[test]
    fn what_the_shopper_wishes_holds_for_news_and_not_for_answers() {
        let later = |days| Some(NOW + Span::days(days));
        let topic = Wishes { topic_off: true, paused_until: later(1), ..Wishes::default() };
        check(&NEWS, &Facts { wishes: topic, ..allowed() }, Verdict::Skip, "topic");
        let held = [
            (
                Wishes { paused_until: later(9), quiet_until: later(1), room_from: later(7), ..Wishes::default() },
                "pause",
                9,
            ),
            (Wishes { quiet_until: later(1), room_from: later(7), ..Wishes::default() }, "quiet hours", 1),
            (Wishes { room_from: later(7), ..Wishes::default() }, "frequency", 7),
        ];
        for (wishes, rule, days) in held {
            let facts = Facts { wishes, ..allowed() };
            check(&NEWS, &facts, Verdict::Defer, rule);
            assert_eq!(decide(&NEWS, &facts, NOW).until(), later(days), "{rule}");
            let open = Facts { wishes, confirmed: false, ..allowed() };
            check(&QUESTION, &open, Verdict::Send, "transactional");
            check(&NEWS, &Facts { wishes, sending_off: true, ..allowed() }, Verdict::Defer, "kill switch");
            check(&NEWS, &Facts { wishes, marketing: None, ..allowed() }, Verdict::Skip, "consent");
        }
    }

    #[test]
    fn what_will_be_stale_by_then_is_looked_at_again_when_it_is() {
        let stale = Request { valid_until: Some(NOW + Span::days(3)), ..NEWS };
        let wishes = Wishes { paused_until: Some(NOW + Span::days(14)), ..Wishes::default() };
        let facts = Facts { wishes, ..allowed() };
        let again = decide(&stale, &facts, NOW).until().unwrap();
        assert_eq!(again, NOW + Span::days(3) + Span(1));
        assert_eq!(decide(&stale, &facts, again).why().rule(), "valid_until");
        assert_eq!(decide(&NEWS, &Facts { sending_off: true, ..facts }, NOW).until(), None);
    }
}
