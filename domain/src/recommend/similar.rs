//! What is like what, by the words that products are described with: for products that nobody has looked at yet.
//!
//! Learned links always stand before these. A product gets on other shelves by them only as long as no learned link
//! leads to it.

use core::ops::Range;
use std::collections::BTreeMap;

use super::Product;
use super::links::{Link, Links, Sums, strongest};

/// Words that more products have say too little, and would take too long.
const COMMON: usize = 500;
/// How many shelves of similar products a new one gets on.
const SHELVES: usize = 3;
/// What a similarity of 1 counts where nothing was learned; learned links of products that are known count more.
const LITTLE: f32 = 0.02;

/// What is said of a product.
#[derive(Clone, Copy, Debug)]
pub struct Described<'a> {
    /// Which; one product of a list each.
    pub product: Product,
    /// Its name, and whatever else is said of it in words.
    pub text: &'a str,
    /// The categories it is in, each as a whole.
    pub categories: &'a [&'a str],
    /// What is known by name and value, such as a brand.
    pub attributes: &'a [(&'a str, &'a str)],
}

/// A row for each product of a catalogue: what is most like it, by the words that few have, at most `most` links, with
/// the cosine of their words as weight.
pub fn similar(products: u32, described: &[Described<'_>], most: usize) -> Links {
    let mut links = Links { rows: vec![Vec::new(); Product(products).place()] };
    for (product, row) in Alike::of(products, described).rows(0..described.len(), most) {
        if let Some(known) = links.rows.get_mut(product.place()) {
            *known = row;
        }
    }
    links
}

/// The words of a catalogue. Rows are made of them slice by slice, where all at once would take too long; to make this
/// takes a small part of that.
#[derive(Clone, Debug)]
pub struct Alike {
    /// As many as the catalogue has.
    places: usize,
    /// By the order in which they were described.
    products: Vec<Product>,
    /// Which have each word.
    having: Vec<Vec<usize>>,
    /// The words of each, and how rare they are.
    of: Vec<Vec<(usize, f32)>>,
    lengths: Vec<f32>,
}

impl Alike {
    /// Of a catalogue of so many products.
    pub fn of(products: u32, described: &[Described<'_>]) -> Self {
        let mut having: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, described) in described.iter().enumerate() {
            let mut words = words(described);
            words.sort_unstable();
            words.dedup();
            for word in words {
                having.entry(word).or_default().push(place);
            }
        }
        let having: Vec<Vec<usize>> =
            having.into_values().filter(|having| (2..=COMMON).contains(&having.len())).collect();
        let mut of = vec![Vec::new(); described.len()];
        let mut lengths = vec![0.0_f32; described.len()];
        let all = count(described.len());
        for (word, having) in having.iter().enumerate() {
            let rarity = libm::logf(all / count(having.len())).max(0.01);
            for &place in having {
                if let (Some(words), Some(length)) = (of.get_mut(place), lengths.get_mut(place)) {
                    words.push((word, rarity));
                    *length += rarity * rarity;
                }
            }
        }
        let places = Product(products).place();
        Self { places, products: described.iter().map(|one| one.product).collect(), having, of, lengths }
    }

    /// The rows of some of them, by the places at which they were described.
    pub fn rows(&self, some: Range<usize>, most: usize) -> Vec<(Product, Vec<Link>)> {
        let mut sums = Sums::of(self.places);
        let mut rows = Vec::with_capacity(some.len());
        for place in some {
            let Some(product) = self.products.get(place) else { break };
            let length = self.lengths.get(place).copied().unwrap_or_default();
            for (word, rarity) in self.of.get(place).into_iter().flatten() {
                for other in self.having.get(*word).into_iter().flatten().filter(|other| **other != place) {
                    let (Some(other), Some(its)) = (self.products.get(*other), self.lengths.get(*other)) else {
                        continue;
                    };
                    sums.add(*other, rarity * rarity / libm::sqrtf(length * its));
                }
            }
            rows.push((*product, strongest(sums.take(), most)));
        }
        rows
    }
}

impl Links {
    /// Fills what was learned up with what is similar: rows with few links, and shelves of others for products to which
    /// no link leads. No row gets more than `most` links.
    pub fn fill(&mut self, similar: &Links, most: usize) {
        let mut led_to = vec![false; self.rows.len()];
        for link in self.rows.iter().flatten() {
            if let Some(led_to) = led_to.get_mut(link.to.place()) {
                *led_to = true;
            }
        }
        for (row, alike) in self.rows.iter_mut().zip(&similar.rows) {
            let weakest = row.last().map_or(LITTLE, |link| link.weight.min(LITTLE));
            for link in alike {
                if row.len() >= most {
                    break;
                }
                if row.iter().all(|known| known.to != link.to) {
                    row.push(Link { to: link.to, weight: weakest * link.weight });
                }
            }
        }
        for (new, alike) in (0_u32..).map(Product).zip(&similar.rows) {
            if led_to.get(new.place()) != Some(&false) {
                continue;
            }
            for link in alike.iter().take(SHELVES) {
                let Some(row) = self.rows.get_mut(link.to.place()) else { continue };
                if most == 0 || row.iter().any(|known| known.to == new) {
                    continue;
                }
                row.truncate(most - 1);
                let weakest = row.last().map_or(LITTLE, |link| link.weight.min(LITTLE));
                row.push(Link { to: new, weight: weakest * link.weight });
            }
        }
    }
}

/// Words, categories and attributes, so that none is taken for another.
fn words(described: &Described<'_>) -> Vec<String> {
    let text = described.text.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
    let text = text.map(str::to_lowercase);
    let categories = described.categories.iter().map(|category| format!("/{}", category.to_lowercase()));
    let attributes = described.attributes.iter().map(|(name, value)| format!("{name}={}", value.to_lowercase()));
    text.chain(categories).chain(attributes).collect()
}

#[expect(clippy::cast_precision_loss, reason = "no shop has sixteen million products")]
fn count(number: usize) -> f32 {
    number as f32
}
