//! Until `domain::catalogue::fold` is there: what is said of a product, put together.

use std::collections::BTreeMap;

use domain::catalogue::{Face, Product, Said, Source};
use domain::id::Slug;
use domain::money::{Currency, Money};
use domain::time::Timestamp;

/// What one source says.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Who.
    pub source: Source,
    /// Which feed.
    pub feed: String,
    /// In which market.
    pub market: Slug,
    /// When.
    pub at: Timestamp,
    /// What.
    pub said: Said,
}

/// A product, put together.
pub fn folded(id: &str, said: &[Statement]) -> Option<Product> {
    let mut sorted: Vec<&Statement> = said.iter().collect();
    sorted.sort_by_key(|statement| (statement.source, statement.at));
    let mut product = Product { id: id.to_owned(), ..Product::default() };
    let mut markets: BTreeMap<Slug, Said> = BTreeMap::new();
    for statement in &sorted {
        let face = markets.entry(statement.market.clone()).or_default();
        let said = &statement.said;
        for (mine, theirs) in [
            (&mut face.title, &said.title),
            (&mut face.url, &said.url),
            (&mut face.image, &said.image),
            (&mut face.price, &said.price),
            (&mut face.was, &said.was),
            (&mut face.currency, &said.currency),
            (&mut product.brand, &said.brand),
            (&mut product.description, &said.description),
        ] {
            if theirs.is_some() {
                mine.clone_from(theirs);
            }
        }
        face.in_stock = said.in_stock.or(face.in_stock);
        if !said.categories.is_empty() {
            face.categories.clone_from(&said.categories);
        }
        product.attributes.extend(said.attributes.clone());
        product.variants.extend(said.variants.iter().map(|variant| variant.id.clone()));
        if said.id != id {
            product.variants.push(said.id.clone());
        }
    }
    let money = |price: &Option<String>, currency: &Option<String>| {
        let currency: Currency = currency.as_deref()?.parse().ok()?;
        Money::rounded(price.as_deref()?, currency).ok()
    };
    for (market, face) in markets {
        let (Some(title), Some(url)) = (face.title.clone(), face.url.clone()) else { continue };
        let face = Face {
            title,
            url,
            image: face.image.clone(),
            price: money(&face.price, &face.currency),
            was: money(&face.was, &face.currency),
            in_stock: face.in_stock.unwrap_or(true),
            categories: face.categories,
        };
        product.faces.insert(market, face);
    }
    Some(product).filter(|product| !product.faces.is_empty())
}
