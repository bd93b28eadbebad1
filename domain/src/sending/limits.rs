//! The shop's own limits, across all journeys: how often one shopper hears from it, and how much of that
//! sells.

use serde::{Deserialize, Serialize};

use crate::time::{Span, Timestamp};

/// How often one shopper may be written to about news and offers, whatever the journey.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// At most so many within so long; each holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub most: Vec<(u16, Span)>,
    /// At most so many in a hundred may sell, of those within so long. One always may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selling: Option<(u8, Span)>,
}

/// A message of news and offers that left, or may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// When.
    pub at: Timestamp,
    /// It sold something.
    pub sells: bool,
}

impl Limits {
    /// The shop sets itself none.
    pub fn are_none(&self) -> bool {
        *self == Self::default()
    }

    /// When there will be room for another message, if there is none now, and which limit leaves none.
    /// `sent` holds what left, the newest first.
    pub fn room(&self, sent: &[Sent], sells: bool, now: Timestamp) -> Option<(Timestamp, &'static str)> {
        let within = |span: Span| sent.iter().take_while(move |one| one.at + span > now);
        let often = self.most.iter().filter_map(|(most, span)| {
            // Room comes when the one that is `most` back leaves the window.
            let oldest = within(*span).nth(usize::from(*most).checked_sub(1)?)?;
            Some((oldest.at + *span, "the shopper heard from the shop as often as it allows itself"))
        });
        let selling = self.selling.filter(|_| sells).and_then(|(percent, span)| {
            let all = within(span).count() + 1;
            let selling = within(span).filter(|one| one.sells).count() + 1;
            let allowed = (all * usize::from(percent)).div_ceil(100).max(1);
            let oldest = within(span).filter(|one| one.sells).last()?;
            (selling > allowed).then_some((oldest.at + span, "too much of what the shopper heard lately was selling"))
        });
        often.chain(selling).max_by_key(|(until, _)| *until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn sent(days: &[i64], sells: bool) -> Vec<Sent> {
        days.iter().map(|day| Sent { at: NOW + Span::days(-day), sells }).collect()
    }

    #[test]
    fn there_is_room_when_the_oldest_of_the_most_leaves_the_window() {
        let limits = Limits { most: vec![(2, Span::days(7)), (3, Span::days(30))], selling: None };
        let room = |days: &[i64]| limits.room(&sent(days, false), false, NOW).map(|room| room.0);
        assert_eq!(room(&[1]), None);
        assert_eq!(room(&[1, 3]), Some(NOW + Span::days(4)));
        assert_eq!(room(&[1, 8]), None);
        assert_eq!(room(&[1, 8, 20]), Some(NOW + Span::days(10)));
        assert_eq!(room(&[1, 2, 20]), Some(NOW + Span::days(10)));
        assert_eq!(room(&[7, 7]), None, "a week ago is not within a week");
        assert_eq!(Limits::default().room(&sent(&[0; 9], true), true, NOW), None);
    }

    #[test]
    fn a_shop_sets_itself_limits_or_none() {
        assert!(Limits::default().are_none());
        assert!(!Limits { most: vec![(1, Span::days(1))], selling: None }.are_none());
        assert!(!Limits { most: Vec::new(), selling: Some((50, Span::days(1))) }.are_none());
    }

    #[test]
    fn giving_and_selling_are_in_balance() {
        let limits = Limits { most: Vec::new(), selling: Some((50, Span::days(60))) };
        let both = |selling: &[i64], giving: &[i64]| {
            let mut all = [sent(selling, true), sent(giving, false)].concat();
            all.sort_by_key(|one| core::cmp::Reverse(one.at));
            all
        };
        assert_eq!(limits.room(&[], true, NOW), None, "the first may sell");
        let after_one = both(&[10], &[]);
        assert_eq!(limits.room(&after_one, true, NOW).map(|room| room.0), Some(NOW + Span::days(50)));
        assert_eq!(limits.room(&after_one, false, NOW), None, "giving is not held back");
        assert_eq!(limits.room(&both(&[10], &[5, 3]), true, NOW), None);
        // The one that is asked about is one of all, and half of three is two.
        assert_eq!(limits.room(&both(&[10], &[5]), true, NOW), None);
        assert_eq!(limits.room(&both(&[10, 9], &[5]), true, NOW).map(|room| room.0), Some(NOW + Span::days(50)));
    }
}
