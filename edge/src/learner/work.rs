//! What a learning under way has come to, kept part by part so that it goes on where it stood.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::problem::{Failed, Result};
use crate::sql::{Db, values};

/// Keeps a part of a stage's results.
pub fn keep<T: Serialize>(db: &Db, stage: &str, part: u32, what: &T) -> Result<()> {
    keep_bytes(db, stage, part, postcard::to_allocvec(what).map_err(|error| Failed::new("keeping work", error))?)
}

/// Keeps it in a form of its own.
pub fn keep_bytes(db: &Db, stage: &str, part: u32, body: Vec<u8>) -> Result<()> {
    db.run(
        "INSERT INTO work (stage, part, body) VALUES (?1, ?2, ?3)
           ON CONFLICT (stage, part) DO UPDATE SET body = excluded.body",
        values![stage, i64::from(part), body],
    )
}

/// All parts of a stage's results, in their order.
pub fn parts<T: DeserializeOwned>(db: &Db, stage: &str) -> Result<Vec<T>> {
    let rows = db.rows("SELECT body FROM work WHERE stage = ? ORDER BY part", values![stage])?;
    rows.iter().map(|row| read(row.bytes(0)?)).collect()
}

/// All parts of what has a form of its own, in their order.
pub fn bytes(db: &Db, stage: &str) -> Result<Vec<Vec<u8>>> {
    let rows = db.rows("SELECT body FROM work WHERE stage = ? ORDER BY part", values![stage])?;
    rows.iter().map(|row| Ok(row.bytes(0)?.to_vec())).collect()
}

/// What a stage has come to has another name from now on.
pub fn rename(db: &Db, stage: &str, to: &str) -> Result<()> {
    db.run("UPDATE work SET stage = ? WHERE stage = ?", values![to, stage])
}

/// All parts of a list, as one.
pub fn list<T: DeserializeOwned>(db: &Db, stage: &str) -> Result<Vec<T>> {
    Ok(parts::<Vec<T>>(db, stage)?.into_iter().flatten().collect())
}

/// What a stage has come to is not needed any more.
pub fn drop(db: &Db, stage: &str) -> Result<()> {
    db.run("DELETE FROM work WHERE stage = ?", values![stage])
}

/// Nothing of it is needed any more.
pub fn clear(db: &Db) -> Result<()> {
    db.run("DELETE FROM work", values![])
}

/// What was kept by older code in another form is not read: then learning begins anew.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    Ok(postcard::from_bytes(body).map_err(|error| Failed::new("reading work", error))?)
}
