//! What somebody will want again: from their own baskets, only with their consent, in their own browser.
//!
//! In shops to which people come back, most of the next basket was in an earlier one. What was bought oftener and
//! later comes first; what everybody buys comes in where little is known of somebody. Links from what was bought last
//! were tried and made it worse.

use super::Product;
use super::score::{Because, MOST_FOUND, Scored, Scorer};

/// How baskets are weighed.
#[derive(Clone, Debug, PartialEq)]
pub struct Habit {
    /// What each basket counts against the one after it.
    pub fading: f32,
    /// What counts as much as one basket of their own: this many times the share of all shoppers.
    pub everybody: f32,
}

impl Habit {
    /// Found on a grocer's baskets: `tests/recommend/README.md`.
    pub const NEXT: Self = Self { fading: 0.95, everybody: 2.5 };
}

impl Scorer {
    /// The best products for somebody with these baskets (the last one last), best first, at most `most`; what they
    /// have bought before is among them. `trending`: what many buy these days, with the share of shoppers who do.
    pub fn usual(
        &mut self,
        trending: &[(Product, f32)],
        baskets: &[&[Product]],
        habit: &Habit,
        most: usize,
    ) -> &[Scored] {
        self.clear();
        let mut weight = 1.0;
        let mut found = 0_usize;
        for (back, basket) in baskets.iter().rev().enumerate() {
            found = found.saturating_add(basket.len());
            // What is older than so many products says little, and would take the place of what others buy.
            if back > 0 && found > MOST_FOUND * 4 {
                break;
            }
            for &product in *basket {
                self.add(product, weight, Because::BoughtBefore);
            }
            weight *= habit.fading;
        }
        for &(product, share) in trending {
            self.add(product, habit.everybody * share, Because::Trending);
        }
        self.best(most)
    }
}
