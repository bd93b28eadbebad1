//! A shelf filled here, by the rules and from the files that browsers fill theirs with: for the merchant, with every
//! why, and for letters.

use std::collections::BTreeMap;
use std::io::Read as _;

use domain::recommend::Product;
use domain::recommend::score::Scorer;
use domain::shelf::file::Bucket;
use domain::shelf::fill::{self, Filled, Visitor};
use domain::shelf::settings::Shelf;
use domain::shelf::store::Store;
use domain::shelf::{Head, name_of};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::Learner;
use crate::problem::{Failed, Rejected, Result};
use crate::sql::values;

/// Whose shelf is to be filled: everything by ids of products or of variants, the last one last.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Wanted {
    /// Which shelf.
    pub shelf: String,
    /// In which market; the shop's own, if it is not named.
    pub market: Option<String>,
    /// What was looked at.
    pub seen: Vec<String>,
    /// The last one is not what the page is about.
    pub elsewhere: bool,
    /// What lies in the cart.
    pub cart: Vec<String>,
    /// What that costs, in minor units.
    pub cart_total: Option<u32>,
    /// What was bought, basket by basket.
    pub baskets: Vec<Vec<String>>,
    /// They allowed to be remembered.
    pub remembers: bool,
}

/// Files that are opened for one shelf, at most: a page opens two.
const MOST_FILES: usize = 4;

impl Learner {
    /// Fills a shelf and says why.
    pub(super) fn fill_shelf(&self, wanted: &Wanted) -> Result<Json> {
        let shop = self.shop()?;
        let all = || {
            let names: Vec<String> = shop.shelves.shelves.iter().map(|said| said.shelf.name.to_string()).collect();
            names.join(", ")
        };
        let which = shop.shelves.shelf(&wanted.shelf).ok_or_else(|| Rejected {
            field: Some("shelf".into()),
            ..Rejected::not_found(format!("the shop has no such shelf; there is: {}", all()))
        })?;
        let came = self.filled(which, wanted)?;
        let items: Vec<Json> = came
            .items
            .iter()
            .map(|item| {
                let card = &item.card;
                json!({
                    "id": card.id, "title": card.title, "url": card.url, "image": card.image, "price": card.price,
                    "was": card.was, "badges": card.badges, "reason": item.reason.as_str(),
                    "why": { "rule": item.why().rule(), "fact": item.why().fact() },
                })
            })
            .collect();
        Ok(json!({
            "shelf": which.name,
            "kind": which.kind,
            "items": items,
            "why": { "rule": came.why().rule(), "fact": came.why().fact() },
        }))
    }

    /// The shelf as it is shown to somebody.
    pub(super) fn filled(&self, which: &Shelf, wanted: &Wanted) -> Result<Filled> {
        let shop = self.shop()?;
        let market = self.market(wanted.market.as_deref())?;
        let head = match self.db.row("SELECT body FROM heads WHERE market = ?", values![market.as_str()])? {
            Some(row) => Head::read(row.bytes(0)?).map_err(|error| Failed::new("reading a head", error))?,
            None => Head::empty(""),
        };
        let numbers = self.browsers_numbers(wanted)?;
        let known = |ids: &[String]| -> Vec<Product> { ids.iter().filter_map(|id| numbers.get(id)).copied().collect() };
        let (recent, cart) = (known(&wanted.seen), known(&wanted.cart));
        let baskets: Vec<Vec<Product>> = wanted.baskets.iter().map(|basket| known(basket)).collect();
        let owned: Vec<Product> = baskets.iter().flatten().copied().collect();
        let mut opened = Vec::new();
        let mut names: Vec<u64> = Vec::new();
        let around = recent.iter().rev().chain(cart.iter().rev()).filter_map(|product| head.files.of(*product));
        for name in around.chain(head.files.front()) {
            if names.len() < MOST_FILES && !names.contains(&name) {
                names.push(name);
                opened.push(self.open(name)?);
            }
        }
        let store = Store {
            head: &head,
            files: &opened,
            indexes: &[],
            market: shop.markets().iter().find(|one| one.name == market),
        };
        let baskets: Vec<&[Product]> = baskets.iter().map(Vec::as_slice).collect();
        let visitor = Visitor {
            beside: recent.last().copied().filter(|_| !wanted.elsewhere),
            recent: &recent,
            cart: &cart,
            cart_total: wanted.cart_total,
            owned: &owned,
            baskets: &baskets,
            dismissed: &[],
            remembers: wanted.remembers,
        };
        Ok(fill::fill(which, store, &visitor, &mut Scorer::default()))
    }

    /// The numbers in files of all products that are named.
    fn browsers_numbers(&self, wanted: &Wanted) -> Result<BTreeMap<String, Product>> {
        let mut numbers = BTreeMap::new();
        let ids = wanted.seen.iter().chain(&wanted.cart).chain(wanted.baskets.iter().flatten());
        for id in ids {
            if let Some(number) = self.number_of(id)?
                && let Some(place) = self.place_of(number)?
            {
                numbers.insert(id.clone(), place);
            }
        }
        Ok(numbers)
    }

    /// Reads a file as a browser does.
    fn open(&self, name: u64) -> Result<Bucket> {
        let row = self.db.row("SELECT body FROM files WHERE name = ?", values![name_of(name)])?;
        let row = row.ok_or_else(|| Failed::new("opening a file", "it is not there"))?;
        let mut bytes = Vec::new();
        brotli::Decompressor::new(row.bytes(0)?, 65_536)
            .read_to_end(&mut bytes)
            .map_err(|error| Failed::new("opening a file", error))?;
        Ok(Bucket::read(bytes).map_err(|error| Failed::new("opening a file", error))?)
    }
}
