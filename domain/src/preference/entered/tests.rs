use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn languages() -> Vec<Language> {
    vec!["en".into(), "ar".into()]
}

fn entered(pairs: &[(&str, &str)]) -> Entered {
    Entered::read(pairs.iter().copied())
}

fn said(pairs: &[(&str, &str)]) -> Said {
    entered(pairs).check(&languages()).unwrap()
}

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

#[track_caller]
fn wrong(pairs: &[(&str, &str)], mistake: Mistake) {
    assert_eq!(entered(pairs).check(&languages()), Err(vec![mistake]), "{pairs:?}");
}

#[test]
fn what_holds_is_shown_and_said_again() {
    let before = Preferences {
        topics_off: [slug("offers")].into(),
        frequency: Frequency::Month,
        quiet: Quiet::new(22 * 60, 8 * 60 + 30),
        paused_until: Some(NOW + Span::days(3)),
        zone: Some("Asia/Riyadh".parse().unwrap()),
    };
    let birthday = Birthday::new(Some(2000), 2, 29);
    let form = Entered::of(&before, "ar", birthday, NOW);
    assert_eq!((form.quiet_from.as_str(), form.quiet_until.as_str(), form.pause.as_str()), ("22:00", "08:30", "keep"));
    let said = form.check(&languages()).unwrap();
    assert_eq!((said.language.as_str(), said.birthday), ("ar", birthday));
    assert_eq!(said.over(&before, NOW), before);
    let later = Entered::of(&before, "ar", None, NOW + Span::days(4)).check(&languages()).unwrap();
    assert_eq!(later.over(&before, NOW + Span::days(4)).paused_until, None, "a pause that is over");
}

#[test]
fn topics_that_were_not_on_the_page_stay_as_they_are() {
    let before = Preferences { topics_off: [slug("gone"), slug("news")].into(), ..Preferences::default() };
    let form = [("shown", "news"), ("shown", "offers"), ("shown", "stories"), ("topic", "news"), ("topic", "stories")];
    let after = said(&form).over(&before, NOW);
    assert_eq!(after.topics_off, [slug("gone"), slug("offers")].into());
}

#[test]
fn only_what_was_changed_on_the_page_is_a_wish_about_channels() {
    assert_eq!(said(&[("channel", "email")]).on, [Channel::Email]);
    let same = said(&[("channel", "email"), ("was", "email")]);
    assert!(same.on.is_empty() && same.off.is_empty());
    assert_eq!(said(&[("was", "email"), ("was", "sms"), ("channel", "sms")]).off, [Channel::Email]);
}

#[test]
fn a_pause_begins_when_it_is_saved() {
    for (word, days) in [("2w", 14), ("1m", 30), ("3m", 91)] {
        let after = said(&[("pause", word)]).over(&Preferences::default(), NOW);
        assert_eq!(after.paused_until, Some(NOW + Span::days(days)), "{word}");
    }
    let paused = Preferences { paused_until: Some(NOW + Span::days(1)), ..Preferences::default() };
    assert_eq!(said(&[("pause", ""), ("paused", "yes")]).over(&paused, NOW).paused_until, None);
    let left_open = said(&[("pause", "")]);
    assert_eq!(left_open.over(&paused, NOW), paused, "a page from before the pause takes nothing back");
    assert_eq!(left_open.over(&Preferences::default(), NOW).paused_until, None);
}

#[test]
fn every_mistake_is_named_by_its_field() {
    wrong(&[("act", "dance")], Mistake::Act);
    wrong(&[("channel", "pigeon")], Mistake::Channel);
    wrong(&[("was", "device")], Mistake::Channel);
    wrong(&[("topic", "../x")], Mistake::Topic);
    wrong(&[("frequency", "hourly")], Mistake::Frequency);
    wrong(&[("quiet_from", "22:00")], Mistake::QuietHalf);
    wrong(&[("quiet_until", "22:00")], Mistake::QuietHalf);
    wrong(&[("quiet_from", "22:00"), ("quiet_until", "22:00")], Mistake::QuietSame);
    for time in ["24:00", "7:00", "22:60", "٢٢:٠٠", "22", "22:00:00", "+1:00"] {
        wrong(&[("quiet_from", time), ("quiet_until", "08:00")], Mistake::Quiet);
    }
    wrong(&[("pause", "9y")], Mistake::Pause);
    wrong(&[("language", "fr")], Mistake::Language);
    for (day, month, year) in [("31", "2", ""), ("1", "", ""), ("", "", "1990"), ("29", "2", "1900"), ("1", "1", "abc")]
    {
        wrong(&[("day", day), ("month", month), ("year", year)], Mistake::Birthday);
    }
    wrong(&[("zone", "Europe/Nowhere")], Mistake::Zone);
    let both = entered(&[("zone", "x"), ("day", "9")]).check(&languages()).unwrap_err();
    assert_eq!(both, [Mistake::Birthday, Mistake::Zone]);
}

proptest! {
    #[test]
    fn whatever_is_entered_is_read_or_complained_about_and_stays_small(
        pairs in prop::collection::vec((prop::sample::select(vec![
            "act", "channel", "was", "topic", "shown", "frequency", "quiet_from", "quiet_until", "pause", "paused",
            "language", "day", "month", "year", "zone", "other",
        ]), ".{0,80}"), 0..200),
    ) {
        let entered = Entered::read(pairs.into_iter());
        prop_assert!(entered.year.chars().count() <= MOST_CHARS && entered.topic.len() <= MOST_VALUES);
        let _ = entered.check(&languages());
    }
}
