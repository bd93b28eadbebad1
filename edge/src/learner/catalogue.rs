//! What the shop sells, as each source says it, and under which number each product is counted.
//!
//! What is said is kept by source and market, and put together whenever it is asked for. A variant that is known by
//! an id of its own belongs to its product from the moment at which anybody says so.

use std::collections::{BTreeMap, BTreeSet};

use domain::catalogue::{Bounds, Product, Said, Source, Told, fold};
use domain::id::Slug;
use domain::shelf::market::DEFAULT;
use domain::time::Timestamp;

use super::Learner;
use super::asks::{Heard, name};
use super::due::{self, Due};
use crate::problem::{Failed, Rejected, Result};
use crate::sql::{Row, values};

/// Products that are kept of one shop, at most; what is told of more is left out.
const MOST_PRODUCTS: i64 = 200_000;
/// What stands where the shop's server said that a product is not sold any more.
const GONE: &str = "null";

/// A speaker: a source, and of feeds which one.
#[derive(Clone, Copy, Debug)]
pub struct Speaker<'a> {
    /// What kind of source.
    pub source: Source,
    /// Which feed; empty for all others.
    pub feed: &'a str,
}

/// What one source says.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Who.
    pub source: Source,
    /// Which feed; empty for all others.
    pub feed: String,
    /// In which market.
    pub market: Slug,
    /// When.
    pub at: Timestamp,
    /// What.
    pub said: Said,
}

/// A product as it is kept.
pub struct Known {
    /// Under which it is counted.
    pub number: i64,
    /// The shop's id.
    pub id: String,
    /// Nobody says any more that it is sold.
    pub gone: bool,
    /// Somebody has said something of it.
    pub told_of: bool,
    /// What each source says.
    pub said: Vec<Statement>,
}

impl Known {
    /// What is shown of it; nothing once it is gone, or as long as too little is said.
    pub fn product(&self) -> Option<Product> {
        fold(&self.id, &self.told())
    }

    /// All that is said of it.
    pub fn told(&self) -> Vec<Told<'_>> {
        self.said.iter().map(|one| Told { source: one.source, market: &one.market, said: &one.said }).collect()
    }
}

impl Learner {
    /// The market of this name; the shop's own where none is named.
    pub(super) fn market(&self, named: Option<&str>) -> Result<Slug> {
        let (shop, named) = (self.shop()?, named.filter(|named| !named.is_empty()).unwrap_or(DEFAULT));
        let market = shop.markets().iter().map(|market| &market.name).find(|name| name.as_str() == named).cloned();
        let all = || shop.markets().iter().map(|market| market.name.as_str()).collect::<Vec<_>>().join(", ");
        Ok(market.ok_or_else(|| Rejected {
            field: Some("market".into()),
            ..Rejected::not_found(format!("the shop has no such market; there is: {}", all()))
        })?)
    }

    /// What statements about products of a market are held against.
    pub(super) fn bounds(&self, market: &Slug) -> Result<Bounds> {
        let shop = self.shop()?;
        let sources = &shop.shelves.catalogue;
        let here = shop.markets().iter().find(|one| one.name == *market);
        let path = here.map(|here| here.path.as_str()).unwrap_or_default();
        Ok(Bounds {
            home: format!("{}{path}", shop.home.trim_end_matches('/')),
            origins: shop.origins.clone(),
            hosts: Vec::new(),
            image_hosts: sources.image_hosts.clone(),
            currency: here.and_then(|here| here.currency.parse().ok()),
        })
    }

    /// What one speaker says of products in a market and was checked, in one section.
    pub(super) fn take_in(&self, by: Speaker<'_>, market: &Slug, said: &[Said], amend: bool) -> Result<Heard> {
        let now = self.now();
        let mut touched = BTreeSet::new();
        for said in said {
            touched.extend(self.take_in_one(by, market, said, amend, now)?);
        }
        self.look_again_at(&touched)
    }

    fn take_in_one(
        &self,
        Speaker { source, feed }: Speaker<'_>,
        market: &Slug,
        said: &Said,
        amend: bool,
        now: Timestamp,
    ) -> Result<Vec<i64>> {
        let Some((number, mut touched)) = self.number_for(said)? else { return Ok(Vec::new()) };
        let key = values![number, name(source), feed, market.as_str(), said.id.as_str()];
        let which = "number = ? AND source = ? AND feed = ? AND market = ? AND id = ?";
        let before = self.db.row(&format!("SELECT body FROM said WHERE {which}"), key.clone())?;
        let before = before.as_ref().and_then(|row| row.maybe_text(0));
        let whole = match before {
            Some(before) if amend => serde_json::from_str::<Said>(before)?.corrected_by(said.clone()),
            _ => said.clone(),
        };
        let body = serde_json::to_string(&whole)?;
        let forgiven = source == Source::Api
            && self
                .db
                .row(
                    "DELETE FROM said WHERE number = ? AND id = ? AND body = ? RETURNING 1",
                    values![number, said.id.as_str(), GONE],
                )?
                .is_some();
        let changed = before != Some(body.as_str());
        if changed {
            self.db.run(
                "INSERT INTO said (number, source, feed, market, id, at, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                   ON CONFLICT (number, source, feed, market, id) DO UPDATE SET at = ?6, body = ?7",
                [key, values![now.0, body]].concat(),
            )?;
        }
        if forgiven || changed {
            touched.push(number);
        }
        for variant in &whole.variants {
            touched.extend(self.call_also(number, &variant.id)?);
        }
        Ok(touched)
    }

    /// The number of the product that a statement is about, and numbers that are not its own any more. Nothing where
    /// there is no room for another product.
    fn number_for(&self, said: &Said) -> Result<Option<(i64, Vec<i64>)>> {
        let id = said.product();
        let number = match self.number_of(id)? {
            Some(number) => number,
            None if self.db.number("SELECT count(*) FROM products WHERE gone = 0", values![])? >= MOST_PRODUCTS => {
                return Ok(None);
            }
            None => self.add_product(id)?,
        };
        let moved = if said.group.is_some() { self.call_also(number, &said.id)? } else { None };
        Ok(Some((number, moved.into_iter().collect())))
    }

    /// Gives a product its number. Nothing is known of it yet.
    pub(super) fn add_product(&self, id: &str) -> Result<i64> {
        let made = self.db.row(
            "INSERT INTO products (id, since, changed, serial, gone) VALUES (?1, ?2, ?2, 0, 1) RETURNING number",
            values![id, self.now().0],
        )?;
        made.ok_or_else(|| Failed::new("adding a product", "it got no number"))?.int(0)
    }

    /// The number of a product, by its id or that of one of its variants.
    pub(super) fn number_of(&self, id: &str) -> Result<Option<i64>> {
        let row = self.db.row(
            "SELECT number FROM variants WHERE id = ?1 UNION ALL SELECT number FROM products WHERE id = ?1 LIMIT 1",
            values![id],
        )?;
        row.map(|row| row.int(0)).transpose()
    }

    /// An id is that of a variant. Where it was taken for a product, all that was said of that is said of the variant;
    /// which number that had.
    fn call_also(&self, number: i64, id: &str) -> Result<Option<i64>> {
        let known = self.number_of(id)?;
        if known == Some(number) {
            return Ok(None);
        }
        self.db.run(
            "INSERT INTO variants (id, number) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET number = ?2",
            values![id, number],
        )?;
        if let Some(old) = known {
            self.db
                .run("UPDATE OR IGNORE said SET number = ?1 WHERE number = ?2 AND id = ?3", values![number, old, id])?;
            // What was counted of it counts for its product, if nothing else is known under that number.
            self.db.run(
                "UPDATE products SET of = ?1 WHERE number = ?2 AND id = ?3
                    AND NOT EXISTS (SELECT 1 FROM said WHERE said.number = ?2)",
                values![number, old, id],
            )?;
        }
        Ok(known)
    }

    /// The shop's server says that these are not sold any more. How many were known.
    pub(super) fn remove(&self, ids: &[String]) -> Result<Heard> {
        let now = self.now();
        let mut touched = BTreeSet::new();
        for id in ids {
            let Some(number) = self.number_of(id)? else { continue };
            self.db
                .run("DELETE FROM said WHERE number = ? AND source = 'api' AND id = ?", values![number, id.as_str()])?;
            self.db.run(
                "INSERT INTO said (number, source, feed, market, id, at, body) VALUES (?, 'api', '', '', ?, ?, ?)",
                values![number, id.as_str(), now.0, GONE],
            )?;
            touched.insert(number);
        }
        self.look_again_at(&touched)
    }

    /// What was said of some products is not what it was: what follows from it.
    pub(super) fn look_again_at(&self, numbers: &BTreeSet<i64>) -> Result<Heard> {
        let now = self.now();
        let mut serial = self.db.number("SELECT max(serial) FROM products", values![])?;
        let known = self.known(numbers)?;
        let mut members = false;
        for known in &known {
            serial += 1;
            let gone = known.product().is_none();
            members |= gone != known.gone;
            self.db.run(
                "UPDATE products SET changed = ?, serial = ?, gone = ? WHERE number = ?",
                values![now.0, serial, i64::from(gone), known.number],
            )?;
        }
        if !known.is_empty() {
            self.show_changes(&known, members)?;
            due::by(&self.db, Due::Copy, now + super::COPIED_AFTER)?;
        }
        let products = self.db.number("SELECT count(*) FROM products WHERE gone = 0", values![])?;
        Ok(Heard { changed: known.len(), products, refused: Vec::new() })
    }

    /// Products by their numbers, with all that is said of them.
    pub(super) fn known(&self, numbers: &BTreeSet<i64>) -> Result<Vec<Known>> {
        let list = serde_json::to_string(numbers)?;
        self.known_where("number IN (SELECT value FROM json_each(?))", &list)
    }

    /// Products of which something is true, in the order of their ids.
    fn known_where(&self, which: &str, bound: &str) -> Result<Vec<Known>> {
        let mut said: BTreeMap<i64, Vec<Statement>> = BTreeMap::new();
        let mut gone: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
        let query = format!("SELECT number, source, market, at, body, id, feed FROM said WHERE {which}");
        for row in self.db.rows(&query, values![bound])? {
            if row.text(4)? == GONE {
                gone.entry(row.int(0)?).or_default().insert(row.text(5)?.to_owned());
            } else {
                said.entry(row.int(0)?).or_default().extend(statement(&row)?);
            }
        }
        let rows = self.db.rows(
            &format!("SELECT number, id, gone, serial FROM products WHERE {which} ORDER BY id"),
            values![bound],
        )?;
        rows.iter()
            .map(|row| {
                let (number, id) = (row.int(0)?, row.text(1)?.to_owned());
                let gone = gone.remove(&number).unwrap_or_default();
                let mut said = said.remove(&number).unwrap_or_default();
                // Of two of one source the later counts.
                said.sort_by_key(|statement: &Statement| core::cmp::Reverse(statement.at));
                said.retain(|statement| !gone.contains(&id) && !gone.contains(&statement.said.id));
                Ok(Known { number, id, gone: row.int(2)? == 1, told_of: row.int(3)? > 0, said })
            })
            .collect()
    }

    /// A page of products, after an id.
    pub(super) fn products_after(&self, after: &str, most: u16) -> Result<Vec<Known>> {
        let query = "SELECT number FROM products WHERE id > ? AND serial > 0 ORDER BY id LIMIT ?";
        let rows = self.db.rows(query, values![after, i64::from(most)])?;
        self.known(&rows.iter().map(|row| row.int(0)).collect::<Result<_>>()?)
    }
}

/// What is not known to this code is left out: newer code runs beside it during a roll-out.
fn statement(row: &Row) -> Result<Option<Statement>> {
    let source =
        [Source::Page, Source::Feed, Source::Api].into_iter().find(|one| Some(name(*one)) == row.maybe_text(1));
    let (Some(source), Ok(market)) = (source, row.text(2)?.parse()) else { return Ok(None) };
    let Ok(said) = serde_json::from_str(row.text(4)?) else { return Ok(None) };
    Ok(Some(Statement { source, feed: row.text(6)?.to_owned(), market, at: Timestamp(row.int(3)?), said }))
}
