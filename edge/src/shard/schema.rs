//! The shard's tables and how they change: additive only, so that old and new code can run side by
//! side during a roll-out. An object migrates when it wakes.

use std::collections::BTreeSet;

use domain::place::Placement;
use domain::published::ShopConfig;

use super::consent;
use crate::call::Configuration;
use crate::problem::{Failed, Result};
use crate::sql::{Db, values};

/// Each step brings the tables from one version to the next. A step that has been deployed is never
/// changed.
const STEPS: [&str; 7] = [
    include_str!("schema/001_first.sql"),
    include_str!("schema/002_identity.sql"),
    include_str!("schema/003_trust.sql"),
    include_str!("schema/004_journeys.sql"),
    include_str!("schema/005_offers.sql"),
    include_str!("schema/006_by_shopper.sql"),
    include_str!("schema/007_outlook.sql"),
];

/// Whether anything was ever kept here. An object that nobody configured stays empty, so a made-up
/// shop key costs nothing.
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
    // Older code may have written since: it runs beside this one during a roll-out.
    consent::tie(db)
}

fn version(db: &Db) -> Result<usize> {
    let stored = meta(db, "schema")?.and_then(|text| text.parse().ok());
    Ok(stored.ok_or_else(|| Failed::new("migrating", "the schema's version is not known"))?)
}

/// A value the shard remembers about itself.
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

/// What codes of the shop's offers look like, in all versions that are known here.
#[derive(Debug, Default)]
pub struct CodeForms {
    /// How those begin that are made here.
    pub prefixes: BTreeSet<String>,
    /// The shop has pools, whose codes can look like anything.
    pub pools: bool,
}

/// Reads what codes look like.
pub fn code_forms(db: &Db) -> Result<CodeForms> {
    let rows = db.rows(
        "SELECT DISTINCT offer.value ->> '$.codes.unique.prefix', offer.value ->> '$.codes.pool' IS NOT NULL
           FROM configs, json_each(configs.body, '$.offers') AS offer",
        values![],
    )?;
    Ok(CodeForms {
        prefixes: rows.iter().filter_map(|row| row.maybe_text(0)).map(str::to_ascii_uppercase).collect(),
        pools: rows.iter().any(|row| row.maybe_int(1) == Some(1)),
    })
}

/// Keeps a configuration; the contents of its version once for all.
pub fn keep_configuration(db: &Db, new: &Configuration) -> Result<()> {
    if let Some(config) = &new.config {
        let body = serde_json::to_string(config)?;
        // The same texts can be compiled anew: a newer compiler, the same version.
        db.run(
            "INSERT INTO configs (version, body) VALUES (?, ?) ON CONFLICT (version) DO UPDATE SET body = excluded.body",
            values![new.version.as_str(), body],
        )?;
    }
    let told = Configuration { config: None, ..new.clone() };
    set_meta(db, "configuration", &serde_json::to_string(&told)?)?;
    let recent = recently_live(db, &new.version)?;
    // Versions that were not live lately and have no run or mail in flight are not needed any more.
    db.run(
        "DELETE FROM configs WHERE version NOT IN (SELECT value FROM json_each(?))
           AND version NOT IN (SELECT version FROM runs WHERE ended IS NULL)
           AND version NOT IN (SELECT coalesce(body ->> '$.mail.version', body ->> '$.journey.version', '') FROM jobs)",
        values![recent],
    )
}

/// How many versions are remembered: pages that are open now were drawn from one of them.
const REMEMBERED: usize = 10;

/// The versions that were live lately, this one too, as a JSON list.
fn recently_live(db: &Db, version: &str) -> Result<String> {
    let known = meta(db, "recently live")?;
    let mut versions: Vec<String> = known.map_or_else(|| Ok(Vec::new()), |text| serde_json::from_str(&text))?;
    versions.retain(|known| known != version);
    versions.insert(0, version.to_owned());
    versions.truncate(REMEMBERED);
    let list = serde_json::to_string(&versions)?;
    set_meta(db, "recently live", &list)?;
    Ok(list)
}

/// What it was told last.
pub fn configuration(db: &Db) -> Result<Option<Configuration>> {
    let Some(text) = meta(db, "configuration")? else { return Ok(None) };
    let mut told: Configuration = serde_json::from_str(&text)?;
    if told.placement.objects() <= told.object {
        return Err(Failed::new(
            "reading the configuration",
            format!("object {} of {}", told.object, Placement::objects(told.placement)),
        )
        .into());
    }
    told.config = config(db, &told.version)?.map(Box::new);
    Ok(Some(told))
}

/// The contents of a version.
pub fn config(db: &Db, version: &str) -> Result<Option<ShopConfig>> {
    let row = db.row("SELECT body FROM configs WHERE version = ?", values![version])?;
    row.map(|row| Ok(serde_json::from_str(row.text(0)?)?)).transpose()
}
