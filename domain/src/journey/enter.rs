//! What begins a run, and whether it may.

use super::surroundings::Surroundings;
use super::{Again, Entry, Journey, Key, Silence, Yearly};
use crate::clock;
use crate::facts::{Facts, Happened, Kind, Purchase};
use crate::time::{Span, Timestamp};

/// What a new run would be about.
pub(super) fn at_event(
    journey: &Journey,
    happened: &Happened,
    facts: &Facts,
    around: &Surroundings<'_>,
) -> Option<String> {
    let Entry::Event(what) = &journey.entry else { return None };
    if what.event != happened.kind || !what.fits(&happened.told(), None) {
        return None;
    }
    Some(match journey.key {
        Key::Shopper => happened.id.0.simple().to_string(),
        Key::Subject => happened.about.subject.clone(),
        // An empty cart begins nothing.
        Key::Cart => facts.cart_since()?.0.to_string(),
        Key::Year => clock::local_year(around.zone, happened.at).to_string(),
    })
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

/// Whether somebody who entered before may enter again.
pub(super) fn may_again(again: Again, last: Option<Timestamp>, now: Timestamp) -> bool {
    match (again, last) {
        (_, None) | (Again::Always, Some(_)) => true,
        (Again::Never, Some(_)) => false,
        (Again::After(span), Some(last)) => last + span <= now,
    }
}

impl Facts {
    /// Since when there is something in the cart as it is now: since the first change after it was empty
    /// or bought.
    pub(super) fn cart_since(&self) -> Option<Timestamp> {
        self.cart()?;
        let bought = self.orders().next_back().and_then(Purchase::placed);
        let changes = self.newest(Kind::CartChanged);
        changes
            .take_while(|happened| {
                !happened.about.pieces.is_empty() && bought.is_none_or(|bought| happened.at > bought)
            })
            .last()
            .map(|happened| happened.at)
    }
}
