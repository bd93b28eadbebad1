//! Counts for the reports in D1. Pushed with a number of their own, so that a push that is repeated
//! counts once.

use worker::Env;

use super::Shop;
use crate::problem::{Failed, Result};
use crate::shard::{jobs, schema};
use crate::sql::{Db, values};

/// How long after new events their counts are pushed, in seconds.
pub const EVERY_S: i64 = 60;

/// Events up to here have been pushed.
fn pushed(db: &Db) -> Result<i64> {
    Ok(schema::meta(db, "reported")?.and_then(|text| text.parse().ok()).unwrap_or_default())
}

/// Whether there are events that no report has counted.
pub fn is_behind(db: &Db) -> Result<bool> {
    Ok(db.number("SELECT coalesce(max(seq), 0) FROM events", values![])? > pushed(db)?)
}

/// Pushes the counts of new events, and when this shard has to be awake next. A deployment without D1 has no reports, and that is no error.
pub async fn push(env: &Env, db: &Db, shop: &Shop) -> Result<()> {
    let from = pushed(db)?;
    // A push that may have arrived is repeated with the same end, not with a later one.
    let to = match schema::meta(db, "reporting")?.and_then(|text| text.parse::<i64>().ok()).filter(|to| *to > from) {
        Some(to) => to,
        None => db.number("SELECT coalesce(max(seq), 0) FROM events", values![])?,
    };
    let Ok(reports) = env.d1("REPORTS") else {
        return schema::set_meta(db, "reported", &to.to_string());
    };
    schema::set_meta(db, "reporting", &to.to_string())?;
    let counts = db.rows(
        "SELECT date(at / 1000, 'unixepoch'), kind, count(*) FROM events WHERE seq > ? AND seq <= ? AND copied IS NULL GROUP BY 1, 2",
        values![from, to],
    )?;
    let rows: Vec<(String, String, i64)> = counts
        .iter()
        .map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned(), row.int(2)?)))
        .collect::<Result<_>>()?;
    let (key, object) = (shop.key.to_string(), shop.object.to_string());
    let number = to.to_string();
    let next_due = jobs::next_due_for_people(db)?.map(|due| due.0.to_string()).unwrap_or_default();
    let bind = |statement: &str, texts: &[&str]| {
        let texts: Vec<wasm_bindgen::JsValue> = texts.iter().map(|text| (*text).into()).collect();
        reports.prepare(statement).bind(&texts)
    };
    let rows = serde_json::to_string(&rows)?;
    let add = bind(
        "INSERT INTO daily (shop, day, kind, n)
           SELECT ?1, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?4)
            WHERE coalesce((SELECT pushed FROM pushes WHERE shop = ?1 AND object = CAST(?2 AS INTEGER)), 0) < CAST(?3 AS INTEGER)
         ON CONFLICT (shop, day, kind) DO UPDATE SET n = n + excluded.n",
        &[&key, &object, &number, &rows],
    )?;
    let mark = bind(
        "INSERT INTO pushes (shop, object, pushed, next_due) VALUES (?1, CAST(?2 AS INTEGER), CAST(?3 AS INTEGER), CAST(nullif(?4, '') AS INTEGER))
         ON CONFLICT (shop, object) DO UPDATE SET pushed = max(pushed, excluded.pushed), next_due = excluded.next_due",
        &[&key, &object, &number, &next_due],
    )?;
    reports.batch(vec![add, mark]).await.map_err(|error| Failed::new("writing reports", error))?;
    schema::set_meta(db, "reported", &number)
}
