//! What can be done with a statement.

use super::Said;

/// The most variants of one statement.
pub const MOST_VARIANTS: usize = 250;

impl Said {
    /// A statement about a product, or a variant, that says nothing yet.
    pub fn of(id: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// The product that it is about: its group, where it is about a variant.
    pub fn product(&self) -> &str {
        self.group.as_deref().unwrap_or(&self.id)
    }

    /// Whether it says nothing beyond the id.
    pub fn is_bare(&self) -> bool {
        *self == Self { id: self.id.clone(), ..Self::default() }
    }

    /// Takes over what another statement about the same product says beyond this one. An amount comes with its currency, or
    /// not at all.
    pub fn learn(&mut self, other: Self) {
        fn fill<T>(mine: &mut Option<T>, other: Option<T>) {
            if mine.is_none() {
                *mine = other;
            }
        }
        if self.price.is_none() && (self.currency.is_none() || self.currency == other.currency) {
            self.price = other.price;
            fill(&mut self.was, other.was);
            fill(&mut self.currency, other.currency);
        } else if self.currency.is_none() {
            self.currency = other.currency;
        }
        fill(&mut self.group, other.group);
        fill(&mut self.title, other.title);
        fill(&mut self.description, other.description);
        fill(&mut self.url, other.url);
        fill(&mut self.image, other.image);
        fill(&mut self.cost, other.cost);
        fill(&mut self.in_stock, other.in_stock);
        fill(&mut self.brand, other.brand);
        if self.categories.is_empty() {
            self.categories = other.categories;
        }
        for (name, value) in other.attributes {
            self.attributes.entry(name).or_insert(value);
        }
        for variant in other.variants {
            match self.variants.iter_mut().find(|mine| mine.id == variant.id) {
                Some(mine) => mine.learn(variant),
                None => self.variants.push(variant),
            }
        }
        self.variants.truncate(MOST_VARIANTS);
    }

    /// What is known after a later word from the same source: what it says counts, what it does not mention stays.
    #[must_use]
    pub fn corrected_by(self, mut later: Self) -> Self {
        // A product that is not reduced any more is told of by its price alone.
        let priced = later.price.is_some();
        let earlier = if priced { Self { was: None, ..self } } else { self };
        later.learn(earlier);
        later
    }
}

#[cfg(feature = "catalogue")]
impl Said {
    /// The same 128 bits for the same statement, wherever it is made: the beginning of the SHA-256 of its JSON. Nobody can
    /// make up another statement with them.
    pub fn digest(&self) -> [u8; 16] {
        use sha2::{Digest as _, Sha256};
        // All its parts are texts, so there is nothing that JSON cannot say.
        let json = serde_json::to_vec(self).unwrap_or_default();
        let hash = Sha256::digest(json);
        let mut digest = [0; 16];
        digest.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn priced(price: &str, currency: Option<&str>) -> Said {
        Said { price: Some(price.into()), currency: currency.map(Into::into), ..Said::of("hat") }
    }

    #[test]
    fn what_one_does_not_say_another_fills_in() {
        let mut said = Said { title: Some("Hat".into()), variants: vec![Said::of("hat-s")], ..Said::of("hat") };
        said.learn(Said {
            title: Some("Another".into()),
            brand: Some("Acme".into()),
            variants: vec![Said { in_stock: Some(true), ..Said::of("hat-s") }, Said::of("hat-m")],
            ..priced("5", Some("EUR"))
        });
        assert_eq!((said.title.as_deref(), said.brand.as_deref()), (Some("Hat"), Some("Acme")));
        assert_eq!((said.price.as_deref(), said.currency.as_deref()), (Some("5"), Some("EUR")));
        assert_eq!(
            said.variants.iter().map(|v| (v.id.as_str(), v.in_stock)).collect::<Vec<_>>(),
            [("hat-s", Some(true)), ("hat-m", None)]
        );
    }

    #[test]
    fn an_amount_is_never_read_in_the_currency_of_another() {
        let mut said = priced("5", Some("EUR"));
        said.learn(Said { was: Some("9".into()), ..priced("7", Some("USD")) });
        assert_eq!(said, priced("5", Some("EUR")));
        let mut said = Said { currency: Some("EUR".into()), ..Said::of("hat") };
        said.learn(priced("7", Some("USD")));
        assert_eq!(said.price, None);
        let mut said = priced("5", None);
        said.learn(priced("7", Some("EUR")));
        assert_eq!(said, priced("5", Some("EUR")), "the page has said its currency elsewhere");
    }

    #[test]
    fn a_later_word_corrects_what_it_mentions() {
        let reduced = Said { was: Some("9".into()), title: Some("Hat".into()), ..priced("5", Some("EUR")) };
        let now = reduced.clone().corrected_by(Said { in_stock: Some(false), ..Said::of("hat") });
        assert_eq!((now.was.as_deref(), now.in_stock), (Some("9"), Some(false)));
        let now = reduced.corrected_by(priced("9", Some("EUR")));
        assert_eq!((now.price.as_deref(), now.was, now.title.as_deref()), (Some("9"), None, Some("Hat")));
    }

    #[test]
    #[cfg(feature = "catalogue")]
    fn statements_that_differ_have_other_digests() {
        let one = priced("5", Some("EUR"));
        assert_eq!(one.digest(), one.clone().digest());
        assert_ne!(one.digest(), priced("5", None).digest());
        assert_ne!(one.digest(), Said::of("hat").digest());
    }
}
