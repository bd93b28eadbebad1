//! What shoppers allowed: receipts, written once and chained by hash, one chain for each shopper.
//!
//! A person who was joined of several shoppers has several chains. What holds for them is the fold of
//! all that was said in any ([`standing_of`]).

use domain::consent::chain::{self, GENESIS, Link};
use domain::consent::{Basis, Hash, Held, Permission, Receipt, Standing, Statement, standing_of};
use domain::id::ShopperId;
use domain::time::Timestamp;

use super::joining::MEMBERS;
use crate::problem::{Failed, Result};
use crate::sql::{Db, Row, values};

const COLUMNS: &str =
    "shopper, channel, purpose, standing, at, wording, version, page, method, basis, proof, previous, hash";

/// What somebody said themselves, and what proves that the address is theirs.
pub fn in_person(receipt: Receipt, proof: Option<domain::consent::Proof>) -> Statement {
    Statement { receipt, basis: Basis::Consent, proof }
}

/// Writes a statement to the end of a shopper's chain.
pub fn record(db: &Db, shopper: &str, statement: Statement) -> Result<()> {
    let link = chain::append(read_id(shopper)?, head(db, shopper)?, statement);
    let Statement { receipt, basis, proof } = &link.statement;
    let (channel, purpose) = (receipt.permission.channel.as_str(), receipt.permission.purpose.as_str());
    let proof = proof.as_ref().map(serde_json::to_string).transpose()?;
    db.run(
        &format!("INSERT INTO receipts ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        values![
            shopper,
            channel,
            purpose,
            receipt.standing.as_str(),
            receipt.at.0,
            receipt.wording.as_str(),
            receipt.version.as_str(),
            receipt.page.as_str(),
            receipt.method.as_str(),
            serde_json::to_string(basis)?,
            proof,
            link.previous.0.to_vec(),
            link.hash.0.to_vec(),
        ],
    )?;
    // Asking again takes nothing away from somebody who has already said yes.
    let keep = if receipt.standing == Standing::Asked { "WHERE standing <> 'given'" } else { "" };
    db.run(
        &format!(
            "INSERT INTO consents (shopper, channel, purpose, standing, at) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (shopper, channel, purpose) DO UPDATE SET standing = excluded.standing, at = excluded.at {keep}"
        ),
        values![shopper, channel, purpose, receipt.standing.as_str(), receipt.at.0],
    )
}

/// Where a permission of a person stands, and what it rests on.
pub fn held(db: &Db, shopper: &str, permission: Permission) -> Result<Option<Held>> {
    let said: Vec<Statement> = links(db, shopper)?.into_iter().map(|link| link.statement).collect();
    Ok(standing_of(&said).remove(&permission))
}

/// Where a permission of a person stands.
pub fn standing(db: &Db, shopper: &str, permission: Permission) -> Result<Option<Standing>> {
    Ok(held(db, shopper, permission)?.map(|held| held.standing))
}

/// Whether a person has taken a permission back at that moment or after it.
pub fn was_withdrawn_since(db: &Db, person: &str, permission: Permission, since: Timestamp) -> Result<bool> {
    let query = format!(
        "SELECT 1 FROM receipts WHERE shopper IN ({MEMBERS}) AND channel = ?2 AND purpose = ?3
           AND standing = 'withdrawn' AND at >= ?4 LIMIT 1"
    );
    let (channel, purpose) = (permission.channel.as_str(), permission.purpose.as_str());
    Ok(db.row(&query, values![person, channel, purpose, since.0])?.is_some())
}

/// All that a person said, chain by chain.
pub fn links(db: &Db, shopper: &str) -> Result<Vec<Link>> {
    let query = format!("SELECT {COLUMNS} FROM receipts WHERE shopper IN ({MEMBERS}) ORDER BY shopper, seq");
    db.rows(&query, values![shopper])?.iter().map(read).collect()
}

/// How many receipts are handed out at a time.
const PAGE: i64 = 1_000;

/// Receipts from a position on, in the order in which they were written, and the position of the last.
pub fn page(db: &Db, after: i64) -> Result<(Vec<Link>, Option<i64>)> {
    let rows = db.rows(
        &format!("SELECT {COLUMNS}, seq FROM receipts WHERE seq > ? ORDER BY seq LIMIT {PAGE}"),
        values![after],
    )?;
    let last = rows.last().map(|row| row.int(13)).transpose()?;
    Ok((rows.iter().map(read).collect::<Result<_>>()?, last))
}

/// Ties receipts to each other that were written before there were chains.
pub fn tie(db: &Db) -> Result<()> {
    let untied = db.rows(
        "SELECT shopper, channel, purpose, standing, at, wording, version, page, method, basis, proof, previous, hash, seq
           FROM receipts WHERE hash IS NULL ORDER BY seq",
        values![],
    )?;
    for row in &untied {
        let shopper = row.text(0)?;
        let link = chain::append(read_id(shopper)?, head(db, shopper)?, read(row)?.statement);
        db.run(
            "UPDATE receipts SET previous = ?, hash = ? WHERE seq = ?",
            values![link.previous.0.to_vec(), link.hash.0.to_vec(), row.int(13)?],
        )?;
    }
    Ok(())
}

/// The hash of the last receipt in a shopper's chain.
fn head(db: &Db, shopper: &str) -> Result<Hash> {
    let row = db.row(
        "SELECT hash FROM receipts WHERE shopper = ? AND hash IS NOT NULL ORDER BY seq DESC LIMIT 1",
        values![shopper],
    )?;
    row.map_or(Ok(GENESIS), |row| hash(&row, 0))
}

fn read(row: &Row) -> Result<Link> {
    let wrong = |what: &str| Failed::new("reading a receipt", what);
    let permission: Permission =
        format!("{}.{}", row.text(1)?, row.text(2)?).parse().map_err(|_| wrong("its permission"))?;
    let standing = match row.text(3)? {
        "asked" => Standing::Asked,
        "given" => Standing::Given,
        "withdrawn" => Standing::Withdrawn,
        _ => return Err(wrong("its standing").into()),
    };
    let receipt = Receipt {
        permission,
        standing,
        at: Timestamp(row.int(4)?),
        wording: row.text(5)?.to_owned(),
        version: row.text(6)?.to_owned(),
        page: row.text(7)?.to_owned(),
        method: row.text(8)?.to_owned(),
    };
    let proof = match row.maybe_text(10) {
        Some(text) => Some(serde_json::from_str(text)?),
        // Before there was this column, an address was proven by its confirmation and nothing else.
        None if row.maybe_text(9).is_none() && receipt.method == "confirmation link" => {
            Some(domain::consent::Proof { method: receipt.method.clone(), at: receipt.at })
        }
        None => None,
    };
    Ok(Link {
        shopper: read_id(row.text(0)?)?,
        previous: row.maybe_bytes(11).map_or(Ok(GENESIS), |_| hash(row, 11))?,
        statement: Statement {
            receipt,
            basis: row.maybe_text(9).map_or(Ok(Basis::Consent), serde_json::from_str)?,
            proof,
        },
        hash: row.maybe_bytes(12).map_or(Ok(GENESIS), |_| hash(row, 12))?,
    })
}

fn hash(row: &Row, position: usize) -> Result<Hash> {
    let bytes = row.bytes(position)?.try_into();
    Ok(bytes.map(Hash).map_err(|_| Failed::new("reading a receipt", "its hash"))?)
}

fn read_id(text: &str) -> Result<ShopperId> {
    text.parse().map_err(|_| Failed::new("reading a shopper's id", "not a UUID").into())
}
