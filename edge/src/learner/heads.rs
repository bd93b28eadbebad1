//! The short file of each market: which files there are, and what has changed since they were written.
//!
//! It lies ready as it is sent, and beside it a hash of each card that the files have: so whatever is said of a product
//! is seen by the next page that asks, without another look at the rest of the catalogue.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::catalogue::Product as Sold;
use domain::id::Slug;
use domain::recommend::Product;
use domain::shelf::bits::Bits;
use domain::shelf::judge::judge;
use domain::shelf::market::Market;
use domain::shelf::{Card, Head};

use super::catalogue::Known;
use super::learning::UnderWay;
use super::writing::hash_of;
use super::{Learner, Shop, work};
use crate::problem::{Failed, Rejected, Result};
use crate::sql::values;

/// Changed cards of one head, at most. What is beyond is shown as the files have it, and those are written anew at once.
const MOST_CHANGED: usize = 500;
/// Generations whose files are kept: pages that are open have a head of the one before.
const KEPT: u32 = 2;

/// What browsers have: under which numbers products stand in files, and the heads.
pub struct Live {
    /// The number in files by that in the catalogue.
    numbers: BTreeMap<i64, Product>,
    /// What changes, market by market.
    markets: BTreeMap<Slug, InMarket>,
}

struct InMarket {
    head: Head,
    /// A hash of each card in the files; 0 for none.
    cards: Vec<u64>,
}

impl Learner {
    /// The head of a market as it is sent, in base64.
    pub(super) fn head_of(&self, market: &str) -> Result<String> {
        let shop = self.shop()?;
        let market = self.market(Some(market))?;
        if let Some(row) = self.db.row("SELECT body FROM heads WHERE market = ?", values![market.as_str()])? {
            return Ok(STANDARD.encode(row.bytes(0)?));
        }
        let currency = shop.markets().iter().find(|one| one.name == market).map(|one| one.currency.clone());
        Ok(STANDARD.encode(written(&Head::empty(&currency.unwrap_or_default()))?))
    }

    /// A file as it is sent, in base64.
    pub(super) fn pack(&self, name: &str) -> Result<String> {
        self.shop()?;
        let row = self.db.row("SELECT body FROM files WHERE name = ?", values![name])?;
        let row = row.ok_or_else(|| Rejected::not_found("no file has this name, or not any more"))?;
        Ok(STANDARD.encode(row.bytes(0)?))
    }

    /// Products are known otherwise than before: what browsers are told of it. `members`: some have come or gone.
    pub(super) fn show_changes(&self, known: &[Known], members: bool) -> Result<()> {
        let shop = self.shop()?;
        let mut many = false;
        if let Some(live) = self.live()?.as_mut() {
            let sold: Vec<(Product, Sold)> = known
                .iter()
                .filter_map(|known| Some((*live.numbers.get(&known.number)?, known.product().unwrap_or_default())))
                .collect();
            for market in shop.markets() {
                let Some(here) = live.markets.get_mut(&market.name) else { continue };
                if !here.change(&shop, market, &sold) {
                    continue;
                }
                many |= here.head.changed.len() >= MOST_CHANGED;
                self.db.run(
                    "UPDATE heads SET body = ? WHERE market = ?",
                    values![written(&here.head)?, market.name.as_str()],
                )?;
            }
        }
        if many {
            return self.learn_at_once().map(drop);
        }
        if members { self.learn_soon() } else { Ok(()) }
    }

    /// The number in files of a product of the catalogue.
    pub(super) fn place_of(&self, number: i64) -> Result<Option<Product>> {
        Ok(self.live()?.as_ref().and_then(|live| live.numbers.get(&number).copied()))
    }

    /// What browsers have, read once as long as this object is awake; nothing before the first learning.
    fn live(&self) -> Result<std::cell::RefMut<'_, Option<Live>>> {
        let mut live = self.live.borrow_mut();
        if live.is_none() {
            *live = self.read_live()?;
        }
        Ok(live)
    }

    fn read_live(&self) -> Result<Option<Live>> {
        let last = "SELECT products FROM generations ORDER BY generation DESC LIMIT 1";
        let Some(row) = self.db.row(last, values![])? else { return Ok(None) };
        let numbers = numbers(row.bytes(0)?)?;
        let mut markets = BTreeMap::new();
        for row in self.db.rows("SELECT market, body, cards FROM heads", values![])? {
            let Ok(market) = row.text(0)?.parse::<Slug>() else { continue };
            let head = Head::read(row.bytes(1)?).map_err(|error| Failed::new("reading a head", error))?;
            let cards = row.bytes(2)?.chunks_exact(8).filter_map(|bytes| bytes.try_into().ok());
            markets.insert(market, InMarket { head, cards: cards.map(u64::from_le_bytes).collect() });
        }
        Ok(Some(Live { numbers, markets }))
    }

    /// What was learned is there for browsers from now on; the files of the last generation but one go.
    pub(super) fn finish(&self, at: &UnderWay) -> Result<()> {
        let (shop, db) = (self.shop()?, &self.db);
        let ordered: Vec<i64> = work::list(db, "ordered")?;
        let body = postcard::to_allocvec(&ordered).map_err(|error| Failed::new("keeping numbers", error))?;
        db.run(
            "INSERT INTO generations (generation, at, products) VALUES (?, ?, ?)",
            values![i64::from(at.generation), self.now().0, body],
        )?;
        let mut sold = Vec::with_capacity(ordered.len());
        for some in ordered.chunks(super::learning::ROWS) {
            let mut known: BTreeMap<i64, Known> =
                self.known(&some.iter().copied().collect())?.into_iter().map(|known| (known.number, known)).collect();
            sold.extend(
                some.iter().map(|number| known.remove(number).and_then(|known| known.product()).unwrap_or_default()),
            );
        }
        let sold: Vec<&Sold> = sold.iter().collect();
        db.run("DELETE FROM heads", values![])?;
        for market in shop.markets() {
            let cards: Vec<u64> = self.cards_of(&market.name)?.iter().map(|card| hash(card.as_ref())).collect();
            // Judged as it is now: what has changed since the files were begun is seen at once.
            let judged = judge(&shop.shelves, market, &shop.home, &sold);
            let head = Head {
                generation: at.generation,
                products: at.products,
                files: self.files_of(&market.name)?,
                out: judged.out,
                changed: changed(judged.cards, &cards),
                trending: self.trending_in(&market.name, &ordered, at.today)?,
                rules: judged.rules,
                ..Head::empty(&market.currency)
            };
            let cards: Vec<u8> = cards.iter().flat_map(|card| card.to_le_bytes()).collect();
            db.run(
                "INSERT INTO heads (market, body, cards) VALUES (?, ?, ?)",
                values![market.name.as_str(), written(&head)?, cards],
            )?;
        }
        let kept = i64::from(at.generation.saturating_sub(KEPT));
        db.run("DELETE FROM generations WHERE generation <= ?", values![kept])?;
        db.run("DELETE FROM used WHERE generation <= ?", values![kept])?;
        db.run("DELETE FROM files WHERE name NOT IN (SELECT name FROM used)", values![])?;
        work::clear(db)?;
        *self.live.borrow_mut() = None;
        let since = "SELECT count(*) FROM products WHERE serial > ? AND number NOT IN (SELECT value FROM json_each(?))";
        let new = db.number(since, values![at.serial, serde_json::to_string(&ordered)?])?;
        if new > 0 { self.learn_soon() } else { Ok(()) }
    }
}

impl InMarket {
    /// Takes over how these products are now; whether that is another head than before.
    fn change(&mut self, shop: &Shop, market: &Market, sold: &[(Product, Sold)]) -> bool {
        let judged = judge(&shop.shelves, market, &shop.home, &sold.iter().map(|one| &one.1).collect::<Vec<_>>());
        let before = (self.head.out.clone(), self.head.changed.clone());
        let mut out: std::collections::BTreeSet<Product> = self.head.out.iter().collect();
        for ((place, (number, _)), card) in (0_u32..).map(Product).zip(sold).zip(judged.cards) {
            if judged.out.has(place) {
                out.insert(*number);
            } else {
                out.remove(number);
            }
            let known = self.cards.get(number.place()).copied().unwrap_or_default();
            let changed = &mut self.head.changed;
            let at = changed.binary_search_by_key(number, |changed| changed.0);
            match (card.filter(|card| hash(Some(card)) != known), at) {
                (Some(card), Ok(at)) => {
                    if let Some(changed) = changed.get_mut(at) {
                        changed.1 = card;
                    }
                }
                (Some(card), Err(at)) if changed.len() < MOST_CHANGED => changed.insert(at, (*number, card)),
                (None, Ok(at)) => drop(changed.remove(at)),
                (Some(_) | None, Err(_)) => {}
            }
        }
        self.head.out = out.into_iter().collect::<Bits>();
        before != (self.head.out.clone(), self.head.changed.clone())
    }
}

fn changed(cards: Vec<Option<Card>>, files: &[u64]) -> Vec<(Product, Card)> {
    let all = (0_u32..).map(Product).zip(cards);
    let other = all.filter_map(|(product, card)| {
        let card = card?;
        (files.get(product.place()).copied().unwrap_or_default() != hash(Some(&card))).then_some((product, card))
    });
    other.take(MOST_CHANGED).collect()
}

/// Of a card; 0 for none.
fn hash(card: Option<&Card>) -> u64 {
    card.and_then(|card| postcard::to_allocvec(card).ok()).map_or(0, |bytes| hash_of(&bytes))
}

fn written(head: &Head) -> Result<Vec<u8>> {
    Ok(head.write().map_err(|error| Failed::new("writing a head", error))?)
}

/// Numbers in files by those in the catalogue.
fn numbers(body: &[u8]) -> Result<BTreeMap<i64, Product>> {
    let ordered: Vec<i64> = postcard::from_bytes(body).map_err(|error| Failed::new("reading numbers", error))?;
    Ok(ordered.into_iter().zip((0_u32..).map(Product)).collect())
}
