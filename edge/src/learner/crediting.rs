//! What shelves bring, as it was counted of all visitors.

use std::collections::BTreeMap;

use domain::id::Slug;
use domain::shelf::credit::{Arms, Credit, Deed, Difference, Done, Sums};
use serde_json::{Value as Json, json};

use super::Learner;
use super::asks::{Credits, Trail};
use crate::problem::Result;
use crate::sql::values;

impl Learner {
    /// Adds what was told to what is known. In the section of whoever has made sure that it is told once.
    pub(super) fn hear_credits(&self, credits: &Credits) -> Result<()> {
        let mut change = credits.sum.clone();
        for Trail { before, now } in &credits.trails {
            let names = self.names_of(before.iter().chain(now))?;
            let name_of = |id| names.get(id).map_or(id, String::as_str);
            change.add(&Credit::of(now, name_of));
            change.subtract(&Credit::of(before, name_of));
        }
        let shop = self.shop()?;
        // Browsers can name what they like.
        for (shelf, arms) in change.0.into_iter().filter(|(shelf, _)| shop.shelves.shelf(shelf.as_str()).is_some()) {
            let mut sum = Credit([(shelf.clone(), self.credited(&shelf)?)].into());
            sum.add(&Credit([(shelf.clone(), arms)].into()));
            let body = serde_json::to_string(&sum.0.get(&shelf).copied().unwrap_or_default())?;
            self.db.run("INSERT OR REPLACE INTO credit (shelf, body) VALUES (?, ?)", values![shelf.as_str(), body])?;
        }
        Ok(())
    }

    /// What each shelf of the shop brings, and what it does against those who are held out.
    pub(super) fn shelves(&self) -> Result<Json> {
        let shop = self.shop()?;
        let mut items = Vec::new();
        for said in &shop.shelves.shelves {
            let arms = self.credited(&said.shelf.name)?;
            items.push(json!({
                "shelf": said.shelf.name,
                "kind": said.shelf.kind,
                "holdout": f64::from(said.shelf.holdout) / 1_000.0,
                "shown": sums(&arms.shown),
                "held": sums(&arms.held),
                "ordering": arms.ordering().map(|found| difference(&found)),
                "spending": arms.spending().map(|found| difference(&found)),
            }));
        }
        Ok(json!({ "items": items }))
    }

    fn credited(&self, which: &Slug) -> Result<Arms> {
        let row = self.db.row("SELECT body FROM credit WHERE shelf = ?", values![which.as_str()])?;
        Ok(row
            .map(|row| row.text(0).map(str::to_owned))
            .transpose()?
            .map_or_else(|| Ok(Arms::default()), |text| serde_json::from_str(&text))?)
    }

    /// Ids of products by those of their variants, as far as they are known.
    fn names_of<'a>(&self, done: impl Iterator<Item = &'a Done>) -> Result<BTreeMap<&'a str, String>> {
        let mut names = BTreeMap::new();
        for done in done {
            let ids: Vec<&str> = match &done.deed {
                Deed::Clicked(_, id) | Deed::Carted(id) => vec![id],
                Deed::Ordered { lines, .. } => lines.iter().map(|line| line.0.as_str()).collect(),
                Deed::Shown(_) | Deed::Held(_) => Vec::new(),
            };
            for id in ids {
                if !names.contains_key(id)
                    && let Some(name) = self.product_of(id)?
                {
                    names.insert(id, name);
                }
            }
        }
        Ok(names)
    }

    fn product_of(&self, id: &str) -> Result<Option<String>> {
        let Some(number) = self.number_of(id)? else { return Ok(None) };
        let row = self.db.row("SELECT id FROM products WHERE number = ?", values![number])?;
        row.map(|row| Ok(row.text(0)?.to_owned())).transpose()
    }
}

fn sums(sums: &Sums) -> Json {
    let Sums { visitors, seen, clicks, carts, orders, sold, ordering, spent, .. } = sums;
    json!({
        "visitors": visitors, "seen": seen, "clicks": clicks, "carts": carts, "orders": orders, "sold": sold,
        "ordering": ordering, "spent": spent,
    })
}

fn difference(found: &Difference) -> Json {
    json!({ "by": found.by, "least": found.least, "most": found.most, "needs": found.needs })
}
