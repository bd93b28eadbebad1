//! A copy of the catalogue in the reports database, for whoever reads there. It can be lost: nothing is decided by it.

use domain::catalogue::Face;
use serde_json::{Value as Json, json};

use super::due::{self, Due};
use super::{Learner, schema};
use crate::problem::{Failed, Result};
use crate::sql::values;

/// Products that are copied at a time.
const AT_A_TIME: i64 = 200;
/// How far the copy has come.
const COPIED: &str = "copied";

impl Learner {
    /// Copies what has changed, some at a time.
    pub(super) async fn copy_some(&self) -> Result<()> {
        let key = self.shop()?.key.to_string();
        let from: i64 = schema::meta(&self.db, COPIED)?.and_then(|text| text.parse().ok()).unwrap_or_default();
        let query = "SELECT number, serial FROM products WHERE serial > ? ORDER BY serial LIMIT ?";
        let rows = self.db.rows(query, values![from, AT_A_TIME])?;
        let Some(last) = rows.last() else { return due::clear(&self.db, Due::Copy) };
        let upto = last.int(1)?;
        if let Ok(reports) = self.env.d1("REPORTS") {
            let known = self.known(&rows.iter().map(|row| row.int(0)).collect::<Result<_>>()?)?;
            let mut lines: Vec<Json> = Vec::new();
            for known in &known {
                let faces = known.product().map(|product| product.faces).unwrap_or_default();
                lines.extend(faces.iter().map(|(market, face)| line(&known.id, market.as_str(), face)));
            }
            let ids: Vec<&str> = known.iter().map(|known| known.id.as_str()).collect();
            let bind = |statement: &str, list: String| {
                reports.prepare(statement).bind(&[key.as_str().into(), list.as_str().into()])
            };
            let gone = bind(
                "DELETE FROM products WHERE shop = ?1 AND id IN (SELECT value FROM json_each(?2))",
                serde_json::to_string(&ids)?,
            )?;
            let here = bind(
                "INSERT INTO products (shop, id, market, title, url, image, price, currency, in_stock, categories)
                 SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
                        value ->> 7, value ->> 8 FROM json_each(?2)",
                serde_json::to_string(&lines)?,
            )?;
            reports.batch(vec![gone, here]).await.map_err(|error| Failed::new("copying the catalogue", error))?;
        }
        schema::set_meta(&self.db, COPIED, &upto.to_string())?;
        due::set(&self.db, Due::Copy, self.now(), 0)
    }
}

fn line(id: &str, market: &str, face: &Face) -> Json {
    json!([
        id,
        market,
        face.title,
        face.url,
        face.image,
        face.price.map(|price| price.minor),
        face.price.map(|price| price.currency.to_string()),
        i64::from(face.in_stock),
        face.categories.join("\n"),
    ])
}
