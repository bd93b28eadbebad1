//! Who has used a code: a fold over what pages and the shop's server say.
//!
//! A code is good for one order. Whatever is told twice or in another order gives the same standing: a use is
//! named by its order, its earliest moments count, and nothing but a cancellation gives the code back.

use crate::time::Timestamp;

/// An order used a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The order, by whatever names it.
    pub order: Vec<u8>,
    /// When.
    pub at: Timestamp,
    /// The shop's server says so, not a page.
    pub by_shop: bool,
    /// When the order was cancelled, which only the shop's server can say.
    pub cancelled: Option<Timestamp>,
}

/// Where a code stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Since when it is used up; nothing while it is good.
    pub used: Option<Timestamp>,
    /// Since when the shop's server says so.
    pub confirmed: Option<Timestamp>,
    /// Orders that used it while an earlier one had it: for the merchant to look at.
    pub again: Vec<Vec<u8>>,
}

/// Where a code stands after all that was told of it, in any order. Once the shop's server has spoken about
/// a code, pages are not heard any more: they never tell of a cancellation.
pub fn standing(uses: &[Use]) -> Standing {
    let mut told: Vec<&Use> = uses.iter().filter(|each| each.by_shop).collect();
    told.sort_by(|a, b| (a.at, &a.order).cmp(&(b.at, &b.order)));
    let holds = |each: &&&Use| each.cancelled.is_none();
    let confirmed = told.iter().find(holds).map(|each| each.at);
    let by_page = uses.iter().map(|each| each.at).min().filter(|_| told.is_empty());
    let taken = |n: usize, at: Timestamp| {
        told.iter().take(n).any(|earlier| earlier.cancelled.is_none_or(|cancelled| cancelled > at))
    };
    let again = told.iter().enumerate().filter(|(n, each)| taken(*n, each.at)).map(|(_, each)| each.order.clone());
    Standing { used: confirmed.or(by_page), confirmed, again: again.collect() }
}

/// Two words about the same use.
impl Use {
    /// Takes another word about the same order in.
    pub fn join(&mut self, other: &Self) {
        self.at = self.at.min(other.at);
        self.by_shop |= other.by_shop;
        self.cancelled = match (self.cancelled, other.cancelled) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(order: &str, at: i64, cancelled: Option<i64>) -> Use {
        Use { order: order.into(), at: Timestamp(at), by_shop: true, cancelled: cancelled.map(Timestamp) }
    }

    fn page(order: &str, at: i64) -> Use {
        Use { by_shop: false, ..told(order, at, None) }
    }

    #[track_caller]
    fn check(told: &[Use], used: Option<i64>, confirmed: Option<i64>, again: &[&str]) {
        let again = again.iter().map(|order| order.as_bytes().to_vec()).collect();
        let expected = Standing { used: used.map(Timestamp), confirmed: confirmed.map(Timestamp), again };
        assert_eq!(standing(told), expected);
    }

    #[test]
    fn an_order_uses_a_code_up_and_a_cancellation_gives_it_back() {
        check(&[], None, None, &[]);
        check(&[page("a", 5)], Some(5), None, &[]);
        check(&[told("a", 5, None)], Some(5), Some(5), &[]);
        check(&[told("a", 5, Some(9))], None, None, &[]);
        check(&[told("a", 5, Some(9)), told("b", 10, None)], Some(10), Some(10), &[]);
    }

    #[test]
    fn a_second_order_is_noted_and_not_counted() {
        check(&[told("b", 7, None), told("a", 5, None)], Some(5), Some(5), &["b"]);
        // It was given back only afterwards.
        check(&[told("a", 5, Some(9)), told("b", 7, None)], Some(7), Some(7), &["b"]);
    }

    #[test]
    fn pages_are_not_heard_against_the_shop() {
        check(&[page("a", 4), told("a-1", 5, Some(9))], None, None, &[]);
        check(&[page("a", 4), page("b", 6)], Some(4), None, &[]);
    }

    proptest! {
        #[test]
        fn the_order_of_telling_changes_nothing(
            mut uses in prop::collection::vec(
                (0_u8..4, 0_i64..20, any::<bool>(), prop::option::of(0_i64..20)).prop_map(|(order, at, by_shop, cancelled)| Use {
                    order: vec![order], at: Timestamp(at), by_shop, cancelled: cancelled.filter(|_| by_shop).map(Timestamp),
                }),
                0..8,
            ),
            turns in 0_usize..8,
        ) {
            let fold = |told: &[Use]| {
                let mut known: Vec<Use> = Vec::new();
                for each in told {
                    match known.iter_mut().find(|known| known.order == each.order) {
                        Some(known) => known.join(each),
                        None => known.push(each.clone()),
                    }
                }
                standing(&known)
            };
            let before = fold(&uses);
            let turns = turns.min(uses.len());
            uses.rotate_left(turns);
            prop_assert_eq!(&fold(&uses), &before);
            uses.reverse();
            uses.extend(uses.clone());
            prop_assert_eq!(fold(&uses), before);
        }
    }
}
