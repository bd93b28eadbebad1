use super::*;
use crate::consent::{Basis, Standing};

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn held(standing: Standing) -> Held {
    let proven = standing == Standing::Given;
    Held { at: NOW, standing, proven, worded: true, basis: Basis::Consent }
}

fn allowed() -> Situation {
    Situation {
        marketing: Some(held(Standing::Given)),
        law: law::of(None, None),
        reachable: true,
        suppressed: false,
        sending_off: false,
        sender_present: true,
        confirmed: true,
        over: None,
        hours: None,
        wishes: Wishes::default(),
        room: None,
    }
}

const NEWS: Request =
    Request { kind: Kind::Marketing, channel: Channel::Email, asks_to_confirm: false, valid_until: None };
const QUESTION: Request = Request { kind: Kind::Transactional, asks_to_confirm: true, ..NEWS };

#[track_caller]
fn check(request: &Request, facts: &Situation, verdict: Verdict, rule: &str) {
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
        check(&NEWS, &Situation { marketing, ..allowed() }, Verdict::Unsayable, rule);
    }
}

#[test]
fn where_somebody_is_decides_what_a_permission_needs() {
    let unproven = Held { proven: false, ..held(Standing::Given) };
    let facts = |country: Option<&str>| Situation {
        marketing: Some(unproven.clone()),
        law: law::of(country.map(|code| code.parse().unwrap()), None),
        ..allowed()
    };
    check(&NEWS, &facts(Some("US")), Verdict::Send, "no consent asked");
    check(&NEWS, &facts(Some("FR")), Verdict::Send, "consent");
    check(&NEWS, &facts(Some("DE")), Verdict::Unsayable, "confirmation");
    check(&NEWS, &facts(None), Verdict::Unsayable, "confirmation");
}

#[test]
fn the_question_itself_needs_none_and_is_asked_only_while_it_is_open() {
    let open = Situation { marketing: Some(held(Standing::Asked)), confirmed: false, ..allowed() };
    check(&QUESTION, &open, Verdict::Send, "transactional");
    check(&QUESTION, &allowed(), Verdict::Skip, "confirmation");
    check(&QUESTION, &Situation { suppressed: true, ..open }, Verdict::Unsayable, "suppression");
}

#[test]
fn what_may_pass_defers_and_what_is_final_skips() {
    check(&NEWS, &Situation { sending_off: true, ..allowed() }, Verdict::Defer, "kill switch");
    check(&NEWS, &Situation { sender_present: false, ..allowed() }, Verdict::Defer, "sender");
    let text = Request { channel: Channel::Sms, ..NEWS };
    check(&text, &Situation { sender_present: false, ..allowed() }, Verdict::Unsayable, "sender");
    let late = Request { valid_until: Some(NOW + Span(-1)), ..NEWS };
    check(&late, &Situation { sending_off: true, ..allowed() }, Verdict::Skip, "valid_until");
    check(&NEWS, &Situation { sending_off: true, suppressed: true, ..allowed() }, Verdict::Unsayable, "suppression");
    // The last moment is one at which it is worth saying.
    check(&Request { valid_until: Some(NOW), ..NEWS }, &allowed(), Verdict::Send, "consent");
}

#[test]
fn what_the_journey_does_not_want_to_say_any_more_is_not_said() {
    let over = Some(Why::new("goal", "reached"));
    check(&NEWS, &Situation { over, sending_off: true, ..allowed() }, Verdict::Skip, "goal");
}

#[test]
fn whom_nothing_reaches_on_this_channel_another_one_may() {
    check(&NEWS, &Situation { reachable: false, ..allowed() }, Verdict::Unsayable, "address");
}

#[test]
fn texts_wait_for_their_hours_and_everything_for_the_shop_s_limits() {
    let text = Request { channel: Channel::Sms, ..NEWS };
    let later = NOW + Span::hours(9);
    let night = Situation { hours: Some(later), ..allowed() };
    check(&text, &night, Verdict::Defer, "hours for texts");
    assert_eq!(decide(&text, &night, NOW).until(), Some(later));
    check(&NEWS, &night, Verdict::Send, "consent");
    let full = Situation { room: Some((later, "enough")), ..allowed() };
    check(&NEWS, &full, Verdict::Defer, "limit");
    check(
        &Request { kind: Kind::Transactional, ..text },
        &Situation { hours: Some(later), ..full },
        Verdict::Send,
        "transactional",
    );
}

#[test]
fn what_the_shopper_wishes_holds_for_news_and_not_for_answers() {
    let later = |days| Some(NOW + Span::days(days));
    let topic = Wishes { topic_off: true, paused_until: later(1), ..Wishes::default() };
    check(&NEWS, &Situation { wishes: topic, ..allowed() }, Verdict::Skip, "topic");
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
        let facts = Situation { wishes, ..allowed() };
        check(&NEWS, &facts, Verdict::Defer, rule);
        assert_eq!(decide(&NEWS, &facts, NOW).until(), later(days), "{rule}");
        let open = Situation { wishes, confirmed: false, ..allowed() };
        check(&QUESTION, &open, Verdict::Send, "transactional");
        check(&NEWS, &Situation { wishes, sending_off: true, ..allowed() }, Verdict::Defer, "kill switch");
        check(&NEWS, &Situation { wishes, marketing: None, ..allowed() }, Verdict::Unsayable, "consent");
    }
}

#[test]
fn what_will_be_stale_by_then_is_looked_at_again_when_it_is() {
    let stale = Request { valid_until: Some(NOW + Span::days(3)), ..NEWS };
    let wishes = Wishes { paused_until: Some(NOW + Span::days(14)), ..Wishes::default() };
    let facts = Situation { wishes, ..allowed() };
    let again = decide(&stale, &facts, NOW).until().unwrap();
    assert_eq!(again, NOW + Span::days(3) + Span(1));
    assert_eq!(decide(&stale, &facts, again).why().rule(), "valid_until");
    assert_eq!(decide(&NEWS, &Situation { sending_off: true, ..facts }, NOW).until(), None);
}
