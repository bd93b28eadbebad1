//! What somebody likes, from what they looked at and bought.

use std::collections::BTreeMap;

use super::{Facts, Kind, Piece};
use crate::time::{Span, Timestamp};

/// A purchase says as much as so many looks.
const BOUGHT: f64 = 8.0;
/// What lies in the cart says as much as so many looks.
const IN_CART: f64 = 3.0;
/// After so long a look counts half.
const HALF_LIFE: Span = Span::days(60);

impl Facts {
    /// The categories they like, the most liked first. Of equally liked ones the first by name.
    pub fn favourites(&self, now: Timestamp) -> Vec<(&str, f64)> {
        let mut liked = BTreeMap::<&str, f64>::new();
        self.weigh(now, |piece, weight| {
            if let Some(category) = piece.category.as_deref() {
                *liked.entry(category).or_default() += weight;
            }
        });
        sorted(liked)
    }

    /// The size they usually buy.
    pub fn size(&self) -> Option<&str> {
        self.sizes().first().map(|(size, _)| *size)
    }

    /// The sizes they bought, the most pieces first, with how many pieces.
    pub fn sizes(&self) -> Vec<(&str, f64)> {
        let mut worn = BTreeMap::<&str, f64>::new();
        for order in self.orders() {
            for piece in order.pieces() {
                if let Some(size) = piece.size.as_deref() {
                    *worn.entry(size).or_default() += f64::from(piece.quantity);
                }
            }
        }
        sorted(worn)
    }

    /// Whether an order that stands holds a product.
    pub fn bought(&self, product: &str) -> bool {
        self.orders().any(|order| order.pieces().iter().any(|piece| piece.product == product))
    }

    fn weigh<'a>(&'a self, now: Timestamp, mut add: impl FnMut(&'a Piece, f64)) {
        #[allow(clippy::cast_precision_loss)] // thousands of years in milliseconds are exact
        let faded = |at: Timestamp| libm::exp2(-((now - at).0.max(0) as f64 / HALF_LIFE.0 as f64));
        for order in self.orders() {
            let weight = BOUGHT * order.placed().map_or(0.0, faded);
            for piece in order.pieces() {
                add(piece, weight * f64::from(piece.quantity));
            }
        }
        for (kind, weight) in [(Kind::ProductViewed, 1.0), (Kind::CartChanged, IN_CART)] {
            for happened in self.newest(kind) {
                for piece in &happened.about.pieces {
                    add(piece, weight * faded(happened.at));
                }
            }
        }
    }
}

fn sorted(liked: BTreeMap<&str, f64>) -> Vec<(&str, f64)> {
    let mut sorted: Vec<_> = liked.into_iter().collect();
    // Stable: of equal ones the first by name stays first.
    sorted.sort_by(|a, b| b.1.total_cmp(&a.1));
    sorted
}
