//! What begins a run, and whether it may.

use super::surroundings::Surroundings;
use super::{Again, Entry, Journey, Key, Silence, Yearly};
use crate::clock;
use crate::facts::{Facts, Happened};
use crate::time::{Span, Timestamp};

/// What a new run would be about.
pub(super) fn at_event(
    journey: &Journey,
    happened: &Happened,
    facts: &Facts,
    around: &Surroundings<'_>,
) -> Option<String> {
    let Entry::Event(what) = &journey.entry else { return None };
    if what.event != happened.kind || !what.fits(&happened.told(), None, facts) {
        return None;
    }
    Some(match journey.key {
        Key::Shopper => happened.id.0.simple().to_string(),
        Key::Subject => happened.about.subject.clone(),
        // An empty cart begins nothing.
        Key::Cart => facts.cart_since()?.0.to_string(),
        Key::Year => around.year(happened.at).to_string(),
    })
}

/// Whether a run is, or was, for the same as another one would be. Of carts any moment since there is something in
/// the cart as it is now is a name of it: what is told of late makes that earlier.
pub(super) fn is_for(key: Key, known: &str, about: &str) -> bool {
    match key {
        Key::Cart => since(known).zip(since(about)).is_some_and(|(known, about)| known >= about),
        Key::Shopper | Key::Subject | Key::Year => known == about,
    }
}

/// The moment that names a cart.
pub(super) fn since(cart: &str) -> Option<Timestamp> {
    cart.parse().ok().map(Timestamp)
}

/// The next day of the year after a moment that begins something.
pub(super) fn next_day(
    which: Yearly,
    minute: u16,
    facts: &Facts,
    after: Timestamp,
    around: &Surroundings<'_>,
) -> Option<clock::Yearly> {
    let (month, day, not_before) = match which {
        Yearly::Birthday => around.birthday.map(|day| (day.month(), day.day(), None))?,
        Yearly::FirstOrder => {
            let first = facts.orders().next()?.placed()?;
            let (month, day) = around.month_and_day(first);
            (month, day, Some(first + Span::days(1)))
        }
    };
    Some(around.yearly(month, day, minute, not_before.map_or(after, |least| least.max(after))))
}

/// When somebody will have been silent for longer than usual, and since when they are.
pub(super) fn silent(longer: Silence, facts: &Facts) -> Option<(Timestamp, Timestamp)> {
    let Silence { percent, at_least } = longer;
    let seen = facts.seen()?;
    // Whoever never bought has nothing to come back to.
    facts.orders().next()?;
    let usual =
        facts.rhythm().map_or(Span(0), |rhythm| Span(rhythm.0.saturating_mul(i64::from(percent)).saturating_div(100)));
    Some((seen + usual.max(at_least), seen))
}

/// Whether somebody may enter again who entered before, last at that moment, and heard or got something by it.
pub(super) fn may_again(again: Again, last: Option<Timestamp>, now: Timestamp) -> bool {
    match (again, last) {
        (_, None) | (Again::Always, Some(_)) => true,
        (Again::Never, Some(_)) => false,
        (Again::After(span), Some(last)) => last + span <= now,
    }
}
