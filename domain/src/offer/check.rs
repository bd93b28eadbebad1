//! Whether a code is good for an order, as a shop's checkout asks.

use crate::message::day_in_words;
use crate::offer::Offer;
use crate::time::Timestamp;
use crate::why::Why;

/// A code that was issued, or that everybody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Percent off.
    pub percent: u8,
    /// The last moment at which it is good.
    pub ends: Option<Timestamp>,
    /// The last moment as a clock at UTC would have to show it, for writing the day.
    pub shown: Option<Timestamp>,
    /// An order has used it.
    pub used: bool,
    /// Whose it is, where it is good for nobody else.
    pub holder: Holder,
}

/// Whose a code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Whoever has it may use it.
    Anybody,
    /// Whoever asks is whom it was issued to.
    They,
    /// Whoever asks is somebody else, or did not say who.
    SomebodyElse,
}

impl Known {
    /// The code that everybody has.
    pub const fn shared(offer: &Offer) -> Self {
        Self { percent: offer.percent, ends: None, shown: None, used: false, holder: Holder::Anybody }
    }
}

/// Whether a code is good, what it gives and why. A code that is not good gives nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    valid: bool,
    percent: u8,
    ends: Option<Timestamp>,
    why: Why,
}

impl Judgement {
    /// It is good now.
    pub const fn is_valid(&self) -> bool {
        self.valid
    }

    /// Percent off; 0 where it is not good.
    pub const fn percent(&self) -> u8 {
        self.percent
    }

    /// The last moment at which it is good.
    pub const fn ends(&self) -> Option<Timestamp> {
        self.ends
    }

    /// Why.
    pub const fn why(&self) -> &Why {
        &self.why
    }
}

/// Judges a code. Of one that nobody was given the answer is always the same.
pub fn judge(code: Option<&Known>, now: Timestamp) -> Judgement {
    let refused =
        |rule: &str, fact: String| Judgement { valid: false, percent: 0, ends: None, why: Why::new(rule, fact) };
    let Some(known) = code else { return refused("unknown", "this shop has given nobody this code".into()) };
    // Who may not have it learns nothing more of it.
    if known.holder == Holder::SomebodyElse {
        return refused("personal", "the code is good only for whom it was given to".into());
    }
    let day = || known.shown.or(known.ends).map(|at| day_in_words(at, "en")).unwrap_or_default();
    if known.used {
        return refused("used", "an order has used this code".into());
    }
    if known.ends.is_some_and(|ends| now > ends) {
        return refused("ended", format!("the code was good until {}", day()));
    }
    let fact = match known.ends {
        Some(_) => format!("the code is good until {}", day()),
        None => "everybody may use this code".to_owned(),
    };
    Judgement { valid: true, percent: known.percent, ends: known.ends, why: Why::new("good", fact) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn known() -> Known {
        let ends = Some(NOW + Span::days(3));
        Known { percent: 10, ends, shown: None, used: false, holder: Holder::Anybody }
    }

    #[track_caller]
    fn check(code: Option<Known>, rule: &str, percent: u8) {
        let judged = judge(code.as_ref(), NOW);
        assert_eq!((judged.why().rule(), judged.percent(), judged.is_valid()), (rule, percent, percent > 0));
        assert_eq!(judged.ends().is_some(), judged.is_valid() && code.and_then(|code| code.ends).is_some());
    }

    #[test]
    fn a_code_is_good_once_in_time_and_for_whom_it_is() {
        check(Some(known()), "good", 10);
        check(Some(Known { ends: None, ..known() }), "good", 10);
        check(Some(Known { ends: Some(NOW), ..known() }), "good", 10);
        check(Some(Known { ends: Some(NOW + Span::milliseconds(-1)), ..known() }), "ended", 0);
        check(Some(Known { used: true, ..known() }), "used", 0);
        check(Some(Known { holder: Holder::They, ..known() }), "good", 10);
        check(Some(Known { holder: Holder::SomebodyElse, ..known() }), "personal", 0);
        check(None, "unknown", 0);
    }

    #[test]
    fn whoever_may_not_have_a_code_does_not_learn_whether_it_is_used() {
        let somebody = Known { holder: Holder::SomebodyElse, ..known() };
        assert_eq!(judge(Some(&Known { used: true, ..somebody.clone() }), NOW), judge(Some(&somebody), NOW));
    }
}
