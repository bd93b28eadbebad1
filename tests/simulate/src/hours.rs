//! The hours for texts, as the edge asks for them.

use domain::law;
use domain::time::{Span, Timestamp};
use domain::zone::Zone;

/// When marketing texts may arrive under the strictest law, if not now.
pub fn opens(zone: &Zone, now: Timestamp) -> Option<Timestamp> {
    let hours = &law::of(None, None).text_hours.value;
    let opens = hours.opens_in(local(zone, now))?;
    (opens > Span(0)).then(|| now + opens)
}

/// The reading of a clock.
pub fn local(zone: &Zone, at: Timestamp) -> law::Local {
    let day = zone.shown(at).0.div_euclid(Span::days(1).0);
    let weekdays = [
        law::Weekday::Thursday,
        law::Weekday::Friday,
        law::Weekday::Saturday,
        law::Weekday::Sunday,
        law::Weekday::Monday,
        law::Weekday::Tuesday,
        law::Weekday::Wednesday,
    ];
    let weekday = weekdays[usize::try_from(day.rem_euclid(7)).unwrap_or(0)];
    law::Local { weekday, minute: zone.minute(at), holiday: false }
}
