//! A row of links for each product: what is looked at with it, most likely first.
//!
//! A row has what shoppers did (one step), and what they may do because products that lead to one another have much
//! in common (two and three steps: the links of the linked). Most products have been seen by few; the further steps
//! are what makes their rows useful.

use core::ops::Range;

use super::Product;
use super::count::{Counts, real};

/// How counts become links. [`Recipe::NEXT`] is what was found best; the others are measured beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// Exponent of the counts: above 1, what was done often gets more than its share.
    pub power: f64,
    /// Visitors that are added to each product's own, so that one visitor alone makes no strong link.
    pub smoothing: f64,
    /// Exponent of the visitors of the product that is linked to: above 0, what everybody looks at gets less.
    pub popularity: f64,
    /// How many steps are walked; 1 for what shoppers did alone.
    pub steps: u8,
    /// What a step counts against the one before it.
    pub further: f64,
    /// Over how many of its strongest links a step goes on.
    pub fan: usize,
    /// What a pair counts that only one visitor has looked at.
    pub lone: f64,
    /// Links in a row, at most.
    pub links: usize,
}

impl Recipe {
    /// For what is looked at next. Found on days of real sessions: `tests/recommend/README.md`.
    pub const NEXT: Self =
        Self { power: 1.4, smoothing: 1.5, popularity: 0.3, steps: 3, further: 1.2, fan: 20, lone: 0.5, links: 20 };

    /// For what is bought together.
    pub const TOGETHER: Self = Self { steps: 2, links: 10, ..Self::NEXT };
}

/// A link of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// Where it leads.
    pub to: Product,
    /// How likely that is, against all other links of all rows; above 0.
    pub weight: f32,
}

/// Links of all products, by their numbers; each row with the strongest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Links {
    /// Row by row.
    pub rows: Vec<Vec<Link>>,
}

/// Links of a row before the second step; more would cost time and bring nothing.
const MOST_DIRECT: usize = 60;

impl Links {
    /// Makes the rows of all products that were counted.
    pub fn learn(counts: &mut Counts, recipe: &Recipe) -> Self {
        Self::direct(counts, recipe).walked(recipe)
    }

    /// Rows of what shoppers did alone, of those products whose rows were counted. The rows of a large shop are made
    /// slice by slice ([`Counts::of_rows`]), put together ([`Links::join`]) and walked then: the rows take
    /// 10 MB for 20,000 products, where the counts of a million events take fifty and as much again while they grow.
    pub fn direct(counts: &mut Counts, recipe: &Recipe) -> Self {
        let ground = Ground::of(counts.viewers().collect(), recipe);
        let mut rows = vec![Vec::new(); Product(counts.products()).place()];
        for pairs in counts.pairs().chunk_by(|a, b| a.from == b.from) {
            let Some(from) = pairs.first().map(|pair| pair.from) else { continue };
            let looks = pairs.iter().map(|pair| (pair.to, real(pair.weight) / WHOLE_LOOK, pair.visitors));
            if let Some(row) = rows.get_mut(from.place()) {
                *row = direct(&ground, from, looks, recipe);
            }
        }
        Self { rows }
    }

    /// Takes over the rows of other products.
    pub fn join(&mut self, other: Self) {
        for (row, other) in self.rows.iter_mut().zip(other.rows) {
            if row.is_empty() {
                *row = other;
            }
        }
    }

    /// Rows with what is further steps away, cut to what a recipe wants.
    #[must_use]
    pub fn walked(self, recipe: &Recipe) -> Self {
        let all = 0..u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let mut walked = None;
        for step in 1..recipe.steps.max(1) {
            let last = walked.as_ref().unwrap_or(&self);
            walked = Some(Self { rows: last.further(&self, all.clone(), recipe, step) });
        }
        let cut = |row| strongest(row, recipe.links);
        walked.unwrap_or_else(|| Self { rows: self.rows.into_iter().map(cut).collect() })
    }

    /// The rows of some products, one step further than these: `direct` are the rows of what shoppers did, `step` counts from 1 and
    /// is below [`Recipe::steps`]. The first step goes on from the direct rows themselves, each further one from what the one before
    /// it has made.
    pub fn further(&self, direct: &Self, rows: Range<u32>, recipe: &Recipe, step: u8) -> Vec<Vec<Link>> {
        let most = if step + 1 < recipe.steps { MOST_DIRECT.max(recipe.links) } else { recipe.links };
        let mut sums = Sums::of(direct.rows.len());
        let row = |from: Product| direct.rows.get(from.place()).map(Vec::as_slice).unwrap_or_default();
        rows.map(Product).map(|from| self.behind(from, row(from), recipe, most, &mut sums)).collect()
    }

    /// A row, with what these links have behind its own.
    fn behind(&self, from: Product, row: &[Link], recipe: &Recipe, most: usize, sums: &mut Sums) -> Vec<Link> {
        for by in row.iter().take(recipe.fan) {
            let next = self.rows.get(by.to.place()).map(Vec::as_slice).unwrap_or_default();
            let next_sum: f32 = next.iter().map(|link| link.weight).sum();
            let share = by.weight * single(recipe.further) / next_sum.max(f32::MIN_POSITIVE);
            for link in next.iter().filter(|link| link.to != from) {
                sums.add(link.to, share * link.weight);
            }
        }
        for link in row {
            sums.add(link.to, link.weight);
        }
        strongest(sums.take(), most)
    }
}

/// A look today, as it is counted.
const WHOLE_LOOK: f64 = 65_536.0 * 1_000.0;

/// What is known of products by themselves, which every row needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ground {
    viewers: Vec<f64>,
    popularity: Vec<f64>,
}

impl Ground {
    /// From how many visitors looked at each product by its number, each with the weight of their last time.
    pub fn of(viewers: Vec<f64>, recipe: &Recipe) -> Self {
        let popularity = viewers.iter().map(|&n| libm::pow(n.max(0.0) + 1.0, -recipe.popularity)).collect();
        Self { viewers, popularity }
    }
}

/// The row of what shoppers did alone, of one product: from how many looks each pair is worth and how many visitors did it.
pub fn direct(
    ground: &Ground,
    from: Product,
    pairs: impl Iterator<Item = (Product, f64, u32)>,
    recipe: &Recipe,
) -> Vec<Link> {
    let viewers = ground.viewers.get(from.place()).copied().unwrap_or_default();
    let known = (viewers + recipe.smoothing).max(f64::MIN_POSITIVE);
    let link = |(to, looks, visitors): (Product, f64, u32)| {
        let popularity = ground.popularity.get(to.place())?;
        let lone = if visitors < 2 { recipe.lone } else { 1.0 };
        let weight = libm::pow((looks * lone).max(0.0), recipe.power) / known * popularity;
        (weight > 0.0).then_some(Link { to, weight: single(weight) })
    };
    strongest(pairs.filter_map(link).collect(), MOST_DIRECT.max(recipe.links))
}

/// The links with the most weight, in its order.
pub(super) fn strongest(mut links: Vec<Link>, most: usize) -> Vec<Link> {
    let order = |a: &Link, b: &Link| b.weight.total_cmp(&a.weight).then(a.to.cmp(&b.to));
    if most > 0 && links.len() > most {
        links.select_nth_unstable_by(most - 1, order);
    }
    links.truncate(most);
    links.sort_unstable_by(order);
    links
}

/// Sums for products, in a list that is used again for each row.
pub(super) struct Sums {
    of: Vec<f32>,
    touched: Vec<Product>,
}

impl Sums {
    pub(super) fn of(products: usize) -> Self {
        Self { of: vec![0.0; products], touched: Vec::new() }
    }

    pub(super) fn add(&mut self, to: Product, weight: f32) {
        let Some(sum) = self.of.get_mut(to.place()) else { return };
        if *sum == 0.0 {
            self.touched.push(to);
        }
        *sum += weight;
    }

    pub(super) fn take(&mut self) -> Vec<Link> {
        let mut links = Vec::with_capacity(self.touched.len());
        for to in self.touched.drain(..) {
            if let Some(sum) = self.of.get_mut(to.place()) {
                links.push(Link { to, weight: core::mem::take(sum) });
            }
        }
        links
    }
}

#[expect(clippy::cast_possible_truncation, reason = "weights need no more than seven digits")]
fn single(weight: f64) -> f32 {
    weight as f32
}
