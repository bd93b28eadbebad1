//! The hours for texts, as the edge asks for them.

use domain::clock::Clocks;
use domain::law::{Opens, text_window};
use domain::time::{Span, Timestamp};
use domain::zone::Zone;

/// When marketing texts may arrive, if not now.
pub fn opens(zone: &Zone, now: Timestamp) -> Option<Timestamp> {
    match text_window(&Clocks::of(Some(zone), None, None, zone), None, now).opens() {
        Opens::Now => None,
        Opens::At(moment) => Some(moment),
        Opens::Never => Some(now + Span::days(365)),
    }
}
