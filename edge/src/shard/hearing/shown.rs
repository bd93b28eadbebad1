//! A person's orders as the admin API shows them: what the shop's server said and what pages told,
//! each order once.

use domain::order::{OrderName, OrderRecord};
use serde_json::{Value as Json, json};

use super::orders_at_home::{self, number};
use crate::problem::Result;
use crate::shard::joining::MEMBERS;
use crate::shard::{Shard, Shop, sightings};
use crate::sql::values;

/// The most orders of a person that are shown, and the most tellings that are looked at for it.
const MOST: i64 = 50;

impl Shard {
    /// A person's orders, the newest first.
    pub(in crate::shard) fn orders_of(&self, shop: &Shop, person: &str) -> Result<Vec<Json>> {
        let query = format!(
            "SELECT shopper, hash, record FROM shopper_orders WHERE shopper IN ({MEMBERS})
              ORDER BY placed DESC, hash LIMIT {MOST}"
        );
        let rows = self.db.rows(&query, values![person])?;
        let told: Vec<OrderRecord> =
            rows.iter().map(|row| Ok(orders_at_home::open(&self.db, shop, row)?.record)).collect::<Result<_>>()?;
        let mut seen = self.orders_on_pages(person)?;
        let mut items: Vec<Json> = Vec::new();
        for record in &told {
            let before = seen.len();
            seen.retain(|page| !page.is_of(record));
            items.push(item(record, if seen.len() < before { "both" } else { "shop" }));
        }
        items.extend(seen.into_iter().map(|page| {
            json!({ "id": page.id, "number": page.id, "total": page.total, "at": page.at, "state": "placed", "seen": "page" })
        }));
        Ok(items)
    }

    fn orders_on_pages(&self, person: &str) -> Result<Vec<Seen>> {
        let query = format!(
            "{} SELECT data ->> '$.order.id', data ->> '$.order.total', data ->> '$.order.currency', min(at) FROM theirs
              WHERE kind = 'order.placed' GROUP BY 1 ORDER BY 4 DESC LIMIT {MOST}",
            sightings::theirs()
        );
        let seen = self.db.rows(&query, values![person])?;
        seen.iter()
            .map(|row| {
                let total = row.maybe_text(1).map(|total| {
                    row.maybe_text(2).map_or_else(|| total.to_owned(), |currency| format!("{total} {currency}"))
                });
                Ok(Seen { id: row.text(0)?.to_owned(), total, at: row.int(3)? })
            })
            .collect()
    }
}

/// An order that a page told of.
struct Seen {
    id: String,
    total: Option<String>,
    at: i64,
}

impl Seen {
    fn is_of(&self, record: &OrderRecord) -> bool {
        let names = [OrderName::number(&self.id), OrderName::Id(self.id.trim().to_owned())];
        record.names().any(|name| names.contains(name))
    }
}

fn item(record: &OrderRecord, seen: &str) -> Json {
    let state = record.state();
    json!({
        "id": record.id(), "number": number(record), "at": record.placed_at,
        "total": state.total.map(|total| total.to_string()),
        "paid": state.paid.filter(|paid| paid.minor > 0).map(|paid| paid.to_string()),
        "refunded": state.refunded.filter(|back| back.minor > 0).map(|back| back.to_string()),
        "state": if state.cancelled {
            "cancelled"
        } else if state.delivered_at.is_some() {
            "delivered"
        } else if state.shipped_at.is_some() {
            "shipped"
        } else if state.paid.is_some_and(|paid| paid.minor > 0) {
            "paid"
        } else {
            "placed"
        },
        "open_returns": state.open_returns.len(), "seen": seen,
    })
}
