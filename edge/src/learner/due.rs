//! What the learner has to do, and when: one of each kind, one alarm for all.

use domain::time::Timestamp;

use crate::problem::Result;
use crate::sql::{Db, values};

/// Something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Counts that came in, to be added to the sums.
    Count,
    /// A slice of learning.
    Learn,
    /// Feeds to look at.
    Feeds,
    /// Products to copy into the reports.
    Copy,
}

impl Due {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Feeds, Self::Copy, Self::Count, Self::Learn];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Learn => "learn",
            Self::Feeds => "feeds",
            Self::Copy => "copy",
        }
    }
}

/// When it is due; nothing if there is nothing of it to do.
pub fn at(db: &Db, what: Due) -> Result<Option<Timestamp>> {
    let row = db.row("SELECT at FROM due WHERE what = ?", values![what.as_str()])?;
    Ok(row.and_then(|row| row.maybe_int(0)).map(Timestamp))
}

/// How often it was tried in vain.
pub fn attempts(db: &Db, what: Due) -> Result<i64> {
    db.number("SELECT attempts FROM due WHERE what = ?", values![what.as_str()])
}

/// It is due then, or earlier if it was.
pub fn by(db: &Db, what: Due, when: Timestamp) -> Result<()> {
    db.run(
        "INSERT INTO due (what, at, attempts) VALUES (?1, ?2, 0) ON CONFLICT (what) DO UPDATE SET at = ?2 WHERE at > ?2",
        values![what.as_str(), when.0],
    )
}

/// It is due then and not before.
pub fn set(db: &Db, what: Due, when: Timestamp, attempts: i64) -> Result<()> {
    db.run(
        "INSERT INTO due (what, at, attempts) VALUES (?1, ?2, ?3)
           ON CONFLICT (what) DO UPDATE SET at = ?2, attempts = ?3",
        values![what.as_str(), when.0, attempts],
    )
}

/// There is nothing of it to do.
pub fn clear(db: &Db, what: Due) -> Result<()> {
    db.run("DELETE FROM due WHERE what = ?", values![what.as_str()])
}

/// The earliest moment at which anything is due.
pub fn next(db: &Db) -> Result<Option<Timestamp>> {
    let row = db.row("SELECT min(at) FROM due", values![])?;
    Ok(row.and_then(|row| row.maybe_int(0)).map(Timestamp))
}
