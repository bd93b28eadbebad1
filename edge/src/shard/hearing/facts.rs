//! Facts that follow from what was said, each noted once however often it is told.

use domain::id::{EventId, Uuid};
use domain::time::Timestamp;
use domain::why::Why;
use serde_json::Value as Json;

use crate::problem::Result;
use crate::shard::ledger::{self, What};
use crate::shard::{Shard, Shop};
use crate::sql::{Db, values};

/// An id that follows from what it names: a `UUIDv8` (RFC 9562).
pub fn id_of(shop: &Shop, about: &[&[u8]]) -> EventId {
    let text = about.iter().map(|part| domain::id::hex(part)).collect::<Vec<_>>().join("/");
    let hash = u128::from_be_bytes(first_half(&shop.keys.name("fact", &text)));
    let marked = hash & !(0xf000 << 64) & !(0xc000 << 48) | (0x8000 << 64) | (0x8000 << 48);
    EventId(Uuid::from_u128(marked))
}

fn first_half(hash: &[u8; 32]) -> [u8; 16] {
    hash.first_chunk().copied().unwrap_or_default()
}

/// Notes a fact, unless it was noted before.
pub fn note_once(shard: &Shard, id: EventId, at: Timestamp, shopper: &str, kind: &str, data: &Json) -> Result<()> {
    let now = shard.now();
    shard.db.run(
        "INSERT OR IGNORE INTO events (id, shopper, at, received, kind, data) VALUES (?, ?, ?, ?, ?, ?)",
        values![id.0.as_bytes().to_vec(), shopper, at.0, now.0, kind, data.to_string()],
    )?;
    shard.report_later(now)?;
    shard.count_later(now)?;
    Ok(())
}

/// Notes that something that was said is not kept, and why.
pub fn note_skipped(db: &Db, now: Timestamp, what: &str, why: &Why) -> Result<()> {
    ledger::decided(db, now, "", What::Skip, what, why)
}
