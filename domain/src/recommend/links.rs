//! A row of links for each product: what is looked at with it, most likely first.
//!
//! A row has what shoppers did (one step), and what they may do because products that lead to one another have much
//! in common (two and three steps: the links of the linked). Most products have been seen by few; the further steps
//! are what makes their rows useful.

use super::Product;
use super::count::{Counts, Pair, real};

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
        Self { power: 1.4, smoothing: 1.5, popularity: 0.3, steps: 3, further: 1.2, fan: 20, lone: 0.5, links: 30 };
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
        let viewers: Vec<f64> = counts.viewers().collect();
        let popularity: Vec<f64> = viewers.iter().map(|&n| libm::pow(n + 1.0, -recipe.popularity)).collect();
        let mut rows = vec![Vec::new(); Product(counts.products()).place()];
        for pairs in counts.pairs().chunk_by(|a, b| a.from == b.from) {
            let Some(from) = pairs.first().map(|pair| pair.from.place()) else { continue };
            let (Some(row), Some(viewers)) = (rows.get_mut(from), viewers.get(from)) else { continue };
            let known = (viewers + recipe.smoothing).max(f64::MIN_POSITIVE);
            let links = pairs.iter().filter_map(|pair| {
                let popularity = popularity.get(pair.to.place())?;
                let weight = libm::pow(looks(pair, recipe), recipe.power) / known * popularity;
                (weight > 0.0).then_some(Link { to: pair.to, weight: single(weight) })
            });
            *row = strongest(links.collect(), MOST_DIRECT.max(recipe.links));
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
        let mut sums = Sums::of(self.rows.len());
        let mut walked = Self { rows: Vec::new() };
        for step in 1..recipe.steps.max(1) {
            let last = if step == 1 { &self } else { &walked };
            let most = if step + 1 < recipe.steps { MOST_DIRECT.max(recipe.links) } else { recipe.links };
            let rows = (0_u32..).zip(&self.rows);
            let rows = rows.map(|(from, row)| last.behind(Product(from), row, recipe, most, &mut sums)).collect();
            walked = Self { rows };
        }
        if recipe.steps > 1 {
            return walked;
        }
        Self { rows: self.rows.into_iter().map(|row| strongest(row, recipe.links)).collect() }
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

fn looks(pair: &Pair, recipe: &Recipe) -> f64 {
    const ONE: f64 = 65_536.0 * 1_000.0;
    let lone = if pair.visitors < 2 { recipe.lone } else { 1.0 };
    (real(pair.weight) / ONE * lone).max(0.0)
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
