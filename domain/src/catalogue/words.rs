//! What is known of a product in words, for finding what is like it.

use super::{DEFAULT_MARKET, Product};

/// The most words of a description that count.
const MOST_WORDS: usize = 60;
/// Names under which nothing is alike: numbers that tell one product from all others.
const NUMBERS: [&str; 3] = ["gtin", "mpn", "sku"];

/// The parts of a description of a product, as `recommend::similar::Described` takes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Its name, and the beginning of what else is said.
    pub text: String,
    /// Every category it is in, those above included: of `Women > Dresses` also `Women`.
    pub categories: Vec<String>,
    /// What is known by name, the brand among it; of several values each by itself.
    pub attributes: Vec<(String, String)>,
}

impl Product {
    /// What is known of it in words, in the shop's own market where there is that.
    pub fn words(&self) -> Words {
        let own = self.faces.iter().find(|(market, _)| market.as_str() == DEFAULT_MARKET);
        let Some((_, face)) = own.or_else(|| self.faces.iter().next()) else { return Words::default() };
        let more = self.description.as_deref().unwrap_or_default();
        let text = core::iter::once(face.title.as_str()).chain(more.split_whitespace().take(MOST_WORDS));
        let mut categories: Vec<String> = Vec::new();
        for path in &face.categories {
            let parts: Vec<&str> = path.split(" > ").collect();
            for depth in 1..=parts.len() {
                let above = parts.get(..depth).unwrap_or_default().join(" > ");
                if !categories.contains(&above) {
                    categories.push(above);
                }
            }
        }
        let named = self.attributes.iter().filter(|(name, _)| !NUMBERS.contains(&name.as_str()));
        let each = named.flat_map(|(name, values)| values.split(" / ").map(|value| (name.clone(), value.to_owned())));
        let brand = self.brand.iter().map(|brand| ("brand".to_owned(), brand.clone()));
        Words { text: text.collect::<Vec<_>>().join(" "), categories, attributes: brand.chain(each).collect() }
    }
}
