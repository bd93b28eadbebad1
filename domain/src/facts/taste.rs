//! What somebody likes, from what they looked at and bought.

use std::collections::BTreeMap;

use super::{Facts, Kind, Piece, Purchase};
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
        let (mut liked, categories) = (BTreeMap::<&str, f64>::new(), self.categories());
        self.weigh(now, |piece, weight| {
            let known = || categories.get(piece.product.as_str()).copied();
            if let Some(category) = piece.category.as_deref().or_else(known) {
                *liked.entry(category).or_default() += weight;
            }
        });
        sorted(liked)
    }

    /// The size they wear: of what they bought, put into the cart and looked at, each as much as it says.
    pub fn size(&self, now: Timestamp) -> Option<&str> {
        let mut worn = BTreeMap::<&str, f64>::new();
        self.weigh(now, |piece, weight| {
            if let Some(size) = piece.size.as_deref() {
                *worn.entry(size).or_default() += weight;
            }
        });
        sorted(worn).first().map(|(size, _)| *size)
    }

    /// The sizes they bought, the most pieces first, with how many pieces.
    pub fn sizes(&self) -> Vec<(&str, f64)> {
        let mut bought = BTreeMap::<&str, f64>::new();
        for piece in self.orders().flat_map(Purchase::pieces) {
            if let Some(size) = piece.size.as_deref() {
                *bought.entry(size).or_default() += f64::from(piece.quantity);
            }
        }
        sorted(bought)
    }

    /// Whether an order that stands holds a product.
    pub fn bought(&self, product: &str) -> bool {
        self.orders().any(|order| order.pieces().iter().any(|piece| piece.product == product))
    }

    /// The category of a piece: what was said with it, else what was said of the same product wherever this
    /// shopper met it. Shops' servers seldom name categories; their pages do.
    pub fn category_of<'a>(&'a self, piece: &'a Piece) -> Option<&'a str> {
        let named = |other: &'a Piece| other.category.as_deref().filter(|_| other.product == piece.product);
        piece.category.as_deref().or_else(|| self.met().find_map(named))
    }

    /// The categories of the products that they met.
    fn categories(&self) -> BTreeMap<&str, &str> {
        let mut categories = BTreeMap::new();
        for piece in self.met() {
            if let Some(category) = piece.category.as_deref() {
                categories.entry(piece.product.as_str()).or_insert(category);
            }
        }
        categories
    }

    /// All that they looked at, put into the cart and bought, the newest of each first.
    fn met(&self) -> impl Iterator<Item = &Piece> {
        let told = [Kind::ProductViewed, Kind::CartChanged].into_iter().flat_map(|kind| self.newest(kind));
        let orders = self.purchases.iter().rev().flat_map(Purchase::pieces);
        told.flat_map(|happened| &happened.about.pieces).chain(orders)
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
