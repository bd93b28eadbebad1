//! Sign-ups by programs, held off without a puzzle: people never notice, programs have to work.
//!
//! A program can be told by a field that people do not see, by its hurry, by how many forms come from one
//! network, and by letters that nobody answers. None of these proves anything, so nobody is refused for
//! them: who is in a hurry gets the answer when a person could have read the form, and whoever is in doubt
//! shows *work*, a number that takes long to find and a moment to check. Their browser does that by
//! itself. And a shop whose questions go unanswered stops asking for a while, so
//! that it never writes to crowds of strangers.

use crate::time::Span;
use crate::why::Why;

/// What is known of a form that came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// More forms came from its network lately than a household sends.
    pub crowded: bool,
    /// How many addresses were asked in the last hour.
    pub asked: u32,
    /// How many of them have not answered.
    pub unanswered: u32,
}

/// Faster than anybody reads a headline and types an address.
const HURRY: Span = Span::milliseconds(1_200);
/// So many questions may be open without anybody wondering.
const CALM: u32 = 30;
/// With so many open questions, and nearly none answered, the shop stops asking for a while.
const FLOOD: u32 = 400;
/// Work of a form in doubt, in leading zero bits of a SHA-256: some tenths of a second of a phone's time.
const LEAST_BITS: u8 = 10;
/// The most that is asked for: some seconds.
const MOST_BITS: u8 = 16;

/// How much longer a form has to wait that was on the screen for so long, by the time in its id. A clock
/// that is off says nothing.
pub fn wait(on_screen: Span) -> Option<Span> {
    (Span(0)..HURRY).contains(&on_screen).then(|| Span(HURRY.0 - on_screen.0))
}

/// How much work a form has to show, in leading zero bits, and why; nothing for most.
pub fn effort(signs: &Signs) -> Option<(u8, Why)> {
    let open = pressure(signs);
    if open > 0 {
        let bits = (LEAST_BITS + u8::try_from((open / CALM).ilog2()).unwrap_or(MOST_BITS)).min(MOST_BITS);
        return Some((bits, Why::new("unanswered", format!("{open} questions of the last hour are open"))));
    }
    if signs.crowded {
        return Some((LEAST_BITS, Why::new("network", "many forms from one network")));
    }
    None
}

/// Whether the shop should rather not ask anybody just now.
pub fn is_flood(signs: &Signs) -> bool {
    signs.unanswered >= FLOOD && signs.unanswered > signs.asked / 10 * 9
}

/// Open questions, where there are more than people leave open.
fn pressure(signs: &Signs) -> u32 {
    if signs.unanswered >= CALM && signs.unanswered > signs.asked / 4 * 3 { signs.unanswered } else { 0 }
}

/// Whether a hash shows as much work as that.
pub fn shows(hash: &[u8; 32], bits: u8) -> bool {
    let [a, b, c, d, ..] = *hash;
    u32::from_be_bytes([a, b, c, d]).leading_zeros() >= u32::from(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(signs: Signs, rule: Option<(u8, &str)>) {
        let found = effort(&signs);
        assert_eq!(found.as_ref().map(|(bits, why)| (*bits, why.rule())), rule, "{signs:?}");
    }

    #[test]
    fn people_work_for_nothing() {
        check(Signs::default(), None);
        check(Signs { asked: 20, unanswered: 20, ..Signs::default() }, None);
        // A campaign that works: many ask, and most answer.
        check(Signs { asked: 2_000, unanswered: 900, ..Signs::default() }, None);
    }

    #[test]
    fn programs_work() {
        check(Signs { crowded: true, ..Signs::default() }, Some((10, "network")));
        check(Signs { asked: 35, unanswered: 33, ..Signs::default() }, Some((10, "unanswered")));
        check(Signs { asked: 260, unanswered: 250, ..Signs::default() }, Some((13, "unanswered")));
        check(Signs { asked: 90_000, unanswered: 90_000, crowded: true }, Some((16, "unanswered")));
    }

    #[test]
    fn who_is_in_a_hurry_waits_and_whose_clock_is_off_does_not() {
        assert_eq!(wait(Span::milliseconds(300)), Some(Span::milliseconds(900)));
        assert_eq!(wait(Span(0)), Some(HURRY));
        for fine in [HURRY, Span::seconds(4), Span::milliseconds(-1), Span::days(-400)] {
            assert_eq!(wait(fine), None, "{fine:?}");
        }
    }

    #[test]
    fn a_shop_whose_questions_nobody_answers_stops_asking() {
        assert!(is_flood(&Signs { asked: 410, unanswered: 405, ..Signs::default() }));
        assert!(!is_flood(&Signs { asked: 410, unanswered: 300, ..Signs::default() }));
        assert!(!is_flood(&Signs { asked: 100, unanswered: 100, ..Signs::default() }));
    }

    #[test]
    fn work_is_counted_in_leading_zero_bits() {
        let mut hash = [0xff; 32];
        assert!(shows(&hash, 0) && !shows(&hash, 1));
        (hash[0], hash[1]) = (0, 0x0f);
        assert!(shows(&hash, 12) && !shows(&hash, 13));
    }
}
