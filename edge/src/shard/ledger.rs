//! Facts and decisions are only ever added, until somebody they are about is forgotten. Facts are numbered in
//! the order in which they came; no number is ever given again, because reports count up to one.

use domain::id::{EventId, VisitorId};
use domain::time::Timestamp;
use domain::why::Why;

use crate::problem::Result;
use crate::secrets::random;
use crate::sql::{Db, Value, values};

/// An id of our own making: a `UUIDv7` of that moment (RFC 9562).
pub fn new_id(now: Timestamp) -> Result<EventId> {
    let random: [u8; 10] = random()?;
    let ms = u64::try_from(now.0).unwrap_or_default();
    Ok(EventId(domain::id::Uuid::from_u64_pair(
        (ms << 16) | 0x7000 | u64::from(u16::from_be_bytes([random[0], random[1]]) & 0x0fff),
        (u64::from_be_bytes([random[2], random[3], random[4], random[5], random[6], random[7], random[8], random[9]])
            & 0x3fff_ffff_ffff_ffff)
            | 0x8000_0000_0000_0000,
    )))
}

/// Notes a fact that happened here at the edge.
pub fn note(
    db: &Db,
    now: Timestamp,
    shopper: &str,
    visitor: Option<VisitorId>,
    kind: &str,
    data: &serde_json::Value,
) -> Result<()> {
    note_as(db, (new_id(now)?, now), shopper, visitor, kind, data)
}

/// Notes a fact under an id that it has already; what is noted already is not noted again.
pub fn note_as(
    db: &Db,
    (id, at): (EventId, Timestamp),
    shopper: &str,
    visitor: Option<VisitorId>,
    kind: &str,
    data: &serde_json::Value,
) -> Result<()> {
    db.run(
        "INSERT OR IGNORE INTO events (id, visitor, shopper, at, received, kind, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
        values![
            id.0.as_bytes().to_vec(),
            visitor.map_or(Value::Null, |visitor| visitor.0.as_bytes().to_vec().into()),
            shopper,
            at.0,
            at.0,
            kind,
            data.to_string(),
        ],
    )
}

/// Removes facts. The highest number stays taken.
pub fn remove(db: &Db, which: &str, bound: Vec<Value>) -> Result<()> {
    let last = format!("SELECT seq FROM events WHERE seq = (SELECT max(seq) FROM events) AND {which}");
    if let Some(last) = db.row(&last, bound.clone())? {
        begin_after(db, last.int(0)?)?;
    }
    db.run(&format!("DELETE FROM events WHERE seq < (SELECT max(seq) FROM events) AND {which}"), bound)
}

/// The next fact gets a number beyond this one: an empty row takes the one in between, as a copy of nothing,
/// so that no list shows and no report counts it.
pub fn begin_after(db: &Db, number: i64) -> Result<()> {
    db.run(
        "INSERT INTO events (seq, id, at, received, kind, data, copied)
         SELECT ?1 + 1, CAST('number ' || (?1 + 1) AS BLOB), 0, 0, '', '{}', 1
          WHERE NOT EXISTS (SELECT 1 FROM events WHERE seq = ?1 AND kind = '')",
        values![number],
    )
}

/// What was decided about a message.
#[derive(Clone, Copy, Debug)]
pub enum What {
    /// It goes out.
    Send,
    /// It never will.
    Skip,
    /// It waits.
    Defer,
    /// It was handed over and nobody knows whether it left.
    Unknown,
    /// The provider did not take it.
    Refused,
    /// The journey ends before its last step.
    End,
    /// The journey goes on with another version.
    Move,
}

impl What {
    /// As it stands in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Skip => "skip",
            Self::Defer => "defer",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
            Self::End => "end",
            Self::Move => "move",
        }
    }
}

/// Notes a decision about a message with its reason.
pub fn decided(db: &Db, now: Timestamp, shopper: &str, what: What, message: &str, why: &Why) -> Result<()> {
    db.run(
        "INSERT INTO decisions (at, shopper, what, message, rule, fact) VALUES (?, ?, ?, ?, ?, ?)",
        values![now.0, shopper, what.as_str(), message, why.rule(), why.fact()],
    )
}
