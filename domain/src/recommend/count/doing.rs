//! What visitors do with products, and how much of it is counted.

use crate::recommend::Product;

/// How many steps further on a product still counts as looked at soon after another.
pub const REACH: usize = 8;

/// What a moment ago counts, on the day that is counted for. Halving it thirty times leaves nothing.
pub(super) const WHOLE: f64 = 65_536.0;

/// What somebody did with a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// Looked at it.
    Viewed,
    /// Put it into the cart.
    Carted,
    /// Bought it.
    Ordered,
    /// Did not want to see it beside the product that was looked at before.
    Dismissed,
}

impl Act {
    /// How much it says, against a look.
    pub(super) fn strength(self) -> i64 {
        match self {
            Self::Viewed => 1,
            Self::Carted => 2,
            Self::Ordered => 3,
            Self::Dismissed => -1,
        }
    }
}

/// One thing that a visitor did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doing {
    /// With which product.
    pub product: Product,
    /// What.
    pub act: Act,
}

/// What a visitor did without a long break, in its order.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// Days since 1970 when it ended.
    pub day: u32,
    /// In the order in which it was done.
    pub doings: &'a [Doing],
}

/// How much it says of two products that one was looked at so many steps after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// What one step counts, two steps, and so on, for what came later; in thousandths.
    pub ahead: [u16; REACH],
    /// The same for what came before: who looked at B after A may look at A after B.
    pub behind: [u16; REACH],
    /// Days after which something counts half.
    pub half_life_days: f64,
}

impl Profile {
    /// For what is looked at next. Found on days of real sessions: `tests/recommend/README.md`.
    pub const NEXT: Self = Self {
        ahead: [900, 400, 170, 150, 140, 140, 130, 130],
        behind: [660, 400, 130, 120, 120, 110, 110, 110],
        half_life_days: 30.0,
    };

    /// For what is bought together: the order within a basket says nothing.
    pub const TOGETHER: Self = Self { ahead: [1_000; REACH], behind: [1_000; REACH], half_life_days: 60.0 };

    /// For what is trending: who looked at what, and no pairs.
    pub const TRENDING: Self = Self { ahead: [0; REACH], behind: [0; REACH], half_life_days: 7.0 };

    pub(super) fn weight(&self, age_days: u32) -> i64 {
        whole(WHOLE * self.faded(f64::from(age_days)))
    }

    /// What is left of something after so many days.
    pub(in crate::recommend) fn faded(&self, days: f64) -> f64 {
        libm::exp2(-days / self.half_life_days.max(0.01))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "sums are of 64 bits, and what is beyond is cut off")]
pub(in crate::recommend) fn whole(weight: f64) -> i64 {
    libm::round(weight) as i64
}
