//! The learner's tables and how they change: additive only, as the shard's do.

use domain::time::Timestamp;

use crate::problem::{Failed, Result};
use crate::sql::{Db, values};

/// Each step brings the tables from one version to the next. A step that has been deployed is never changed.
const STEPS: [&str; 1] = [include_str!("schema/001_first.sql")];

/// Whether anything was ever kept here. A learner that nobody configured stays empty, so a made-up shop key costs
/// nothing.
pub fn is_laid_out(db: &Db) -> Result<bool> {
    Ok(db.number("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'meta'", values![])? > 0)
}

/// Brings the tables up to date.
pub fn migrate(db: &Db) -> Result<()> {
    let done = if is_laid_out(db)? { version(db)? } else { 0 };
    for (n, step) in STEPS.iter().enumerate().skip(done) {
        db.run(step, values![])?;
        set_meta(db, "schema", &(n + 1).to_string())?;
    }
    Ok(())
}

fn version(db: &Db) -> Result<usize> {
    let stored = meta(db, "schema")?.and_then(|text| text.parse().ok());
    Ok(stored.ok_or_else(|| Failed::new("migrating", "the schema's version is not known"))?)
}

/// A value the learner remembers about itself.
pub fn meta(db: &Db, name: &str) -> Result<Option<String>> {
    let row = db.row("SELECT value FROM meta WHERE name = ?", values![name])?;
    row.map(|row| Ok(row.text(0)?.to_owned())).transpose()
}

/// Remembers it.
pub fn set_meta(db: &Db, name: &str, value: &str) -> Result<()> {
    db.run(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        values![name, value],
    )
}

/// It remembers that no longer.
pub fn forget(db: &Db, name: &str) -> Result<()> {
    db.run("DELETE FROM meta WHERE name = ?", values![name])
}

/// A moment that the learner remembers.
pub fn moment(db: &Db, name: &str) -> Result<Option<Timestamp>> {
    Ok(meta(db, name)?.and_then(|text| text.parse().ok()).map(Timestamp))
}

/// A whole number that the learner remembers; 0 before the first.
pub fn number(db: &Db, name: &str) -> Result<i64> {
    Ok(meta(db, name)?.and_then(|text| text.parse().ok()).unwrap_or_default())
}
