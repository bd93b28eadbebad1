//! What comes next for somebody, from the rows of what they have looked at.
//!
//! The rows of the last few products are added up, the last one's with all its weight, and each product before it with
//! less. A third of all steps lead back to a product that was seen before, most of all to the one before this: so each
//! of these gets a share of the best that the rows have, the more the later and the oftener it was seen.

use super::pack::Pack;
use super::{Product, best};

/// How what somebody did is weighed. [`Taste::NEXT`] is what was found best.
#[derive(Clone, Debug, PartialEq)]
pub struct Taste {
    /// Products whose rows are asked, the last ones.
    pub reach: usize,
    /// What the row of the product before the last counts against the last one's.
    pub before: f32,
    /// What each row further back counts against the one after it.
    pub fading: f32,
    /// How products that were seen before are treated.
    pub again: Option<Again>,
}

/// How likely somebody goes back to a product.
#[derive(Clone, Debug, PartialEq)]
pub struct Again {
    /// Score of the product before the last, whatever the rows say.
    pub base: f32,
    /// What is added to that for it, as a share of the best score of all.
    pub back: f32,
    /// What each product further back gets of that of the one after it.
    pub fading: f32,
    /// How much more it is for each time that a product was seen, beyond the first.
    pub oftener: f32,
    /// By what it is multiplied when somebody has just come back to something.
    pub returned: f32,
    /// How much of its score by the rows a product keeps that was seen before.
    pub kept: f32,
}

impl Taste {
    /// For the next product, whether it was seen before or not. Found on days of real sessions:
    /// `tests/recommend/README.md`.
    pub const NEXT: Self = Self {
        reach: 8,
        before: 0.22,
        fading: 0.61,
        again: Some(Again { base: 0.24, back: 0.67, fading: 0.64, oftener: 0.54, returned: 1.4, kept: 0.35 }),
    };

    /// For a shelf of what was not seen yet.
    pub const NEW: Self = Self { again: None, ..Self::NEXT };
}

/// A product and how well it fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// Which.
    pub product: Product,
    /// Against the other products of the same list; above 0.
    pub score: f32,
    /// What speaks for it most.
    pub because: Because,
}

/// What speaks for a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// Others went on to it from this one, which was looked at.
    From(Product),
    /// It was looked at before.
    SeenBefore,
    /// It was bought before.
    BoughtBefore,
    /// Many look at it these days.
    Trending,
}

/// Whether the first of two products stands before the other by their scores; by their numbers where these are the same.
pub fn is_before(one: (f32, Product), other: (f32, Product)) -> bool {
    one.0.total_cmp(&other.0).then(other.1.cmp(&one.1)).is_gt()
}

/// Adds up rows. It keeps its memory from one question to the next.
#[derive(Clone, Debug, Default)]
pub struct Scorer {
    /// Places in `found`, by hash.
    slots: Vec<u32>,
    /// Slots that are taken.
    taken: Vec<usize>,
    found: Vec<Scored>,
    /// The most that anything has added to the score of each of these.
    largest: Vec<f32>,
    seen: Vec<(Product, u32)>,
}

/// Slots of the table of what was found; more than twice as many as there can be products in it.
const SLOTS: usize = 8_192;
const FREE: u32 = u32::MAX;
pub(super) const MOST_FOUND: usize = 3_584;
/// Products that are remembered of a visit.
const MOST_SEEN: usize = 64;

impl Scorer {
    /// The best products for somebody who looked at `recent` (the last one last), best first, at most `most`. The last
    /// one itself is not among them. Where rows lead to too few, what is trending follows.
    pub fn shelf(&mut self, packs: &[Pack<'_>], recent: &[Product], taste: &Taste, most: usize) -> &[Scored] {
        self.clear();
        self.remember(recent);
        let mut weight = 1.0;
        for place in 0..self.seen.len().min(taste.reach) {
            let Some(&(product, _)) = self.seen.get(place) else { break };
            for (to, link) in packs.iter().flat_map(|pack| pack.row(product)) {
                self.add(to, weight * link, Because::From(product));
            }
            weight *= if place == 0 { taste.before } else { taste.fading };
        }
        self.again(recent, taste.again.as_ref());
        self.fill(packs, most);
        self.best(most)
    }

    pub(super) fn clear(&mut self) {
        self.slots.resize(SLOTS, FREE);
        for slot in self.taken.drain(..) {
            if let Some(slot) = self.slots.get_mut(slot) {
                *slot = FREE;
            }
        }
        self.found.clear();
        self.largest.clear();
        self.seen.clear();
    }

    /// Each product once, the last one first, with how often it was seen.
    fn remember(&mut self, recent: &[Product]) {
        for &product in recent.iter().rev() {
            if let Some(known) = self.seen.iter_mut().find(|seen| seen.0 == product) {
                known.1 = known.1.saturating_add(1);
            } else if self.seen.len() < MOST_SEEN {
                self.seen.push((product, 1));
            }
        }
    }

    fn again(&mut self, recent: &[Product], again: Option<&Again>) {
        let Some(&(current, times)) = self.seen.first() else { return };
        let others = self.found.iter().filter(|found| found.product != current);
        let top = others.map(|found| found.score).fold(0.0, f32::max);
        let returned = times > 1 && recent.len() > 1;
        let mut likely = again.map_or(0.0, |again| again.base + again.back * top);
        if let Some(again) = again.filter(|_| returned) {
            likely *= again.returned;
        }
        for place in 1..self.seen.len() {
            let Some(&(product, times)) = self.seen.get(place) else { break };
            let Some(again) = again else {
                self.strike(product);
                continue;
            };
            #[expect(clippy::cast_precision_loss, reason = "nobody sees a product sixteen million times")]
            let oftener = 1.0 + again.oftener * (times - 1) as f32;
            self.multiply(product, 1.0 + again.kept);
            self.add(product, likely * oftener, Because::SeenBefore);
            likely *= again.fading;
        }
        self.strike(current);
    }

    fn fill(&mut self, packs: &[Pack<'_>], most: usize) {
        let Some(trending) = packs.first().map(|pack| pack.trending()) else { return };
        let mut little = f32::MIN_POSITIVE * 256.0;
        for &(product, _) in trending {
            if self.found.len() > most.saturating_add(self.seen.len()) {
                break;
            }
            if self.seen.iter().all(|seen| seen.0 != product) {
                self.add(product, little, Because::Trending);
                little -= f32::MIN_POSITIVE;
            }
        }
    }

    pub(super) fn best(&mut self, most: usize) -> &[Scored] {
        self.found.retain(|found| found.score > 0.0);
        best::keep(&mut self.found, most, &|a, b| is_before((a.score, a.product), (b.score, b.product)));
        &self.found
    }

    /// Adds to the score of a product, which is 0 as long as nothing has.
    pub(super) fn add(&mut self, product: Product, score: f32, because: Because) {
        let Some(place) = self.place(product) else { return };
        if let (Some(found), Some(largest)) = (self.found.get_mut(place), self.largest.get_mut(place)) {
            found.score += score;
            if score > *largest {
                *largest = score;
                found.because = because;
            }
        }
    }

    fn multiply(&mut self, product: Product, by: f32) {
        if let Some(found) = self.place(product).and_then(|place| self.found.get_mut(place)) {
            found.score *= by;
        }
    }

    /// Nothing that follows brings it back.
    fn strike(&mut self, product: Product) {
        if let Some(found) = self.place(product).and_then(|place| self.found.get_mut(place)) {
            found.score = f32::NEG_INFINITY;
        }
    }

    /// Where a product is in `found`; it is put there if it is not, unless there are too many.
    fn place(&mut self, product: Product) -> Option<usize> {
        const GOLDEN: u32 = 0x9e37_79b9;
        let mut slot = Product(product.0.wrapping_mul(GOLDEN) >> 19).place();
        loop {
            let at = self.slots.get_mut(slot)?;
            if *at == FREE {
                if self.found.len() >= MOST_FOUND {
                    return None;
                }
                let place = self.found.len();
                *at = u32::try_from(place).unwrap_or(FREE);
                self.taken.push(slot);
                self.found.push(Scored { product, score: 0.0, because: Because::Trending });
                self.largest.push(0.0);
                return Some(place);
            }
            let place = Product(*at).place();
            if self.found.get(place).is_some_and(|found| found.product == product) {
                return Some(place);
            }
            slot = (slot + 1) % SLOTS;
        }
    }
}
