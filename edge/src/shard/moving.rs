//! Everything that is kept about some shoppers, as rows that can be carried to another object.

use serde::{Deserialize, Serialize};

use super::ledger;
use crate::problem::Result;
use crate::sql::{Db, Row, Value, values};

/// A table's rows about a shopper.
struct Carried {
    table: &'static str,
    /// The column that names the shopper comes first. Numbers that only order the rows of one object
    /// are given anew.
    columns: &'static str,
    /// They stay behind, too: what names them is asked for where it was made.
    stays: bool,
}

const fn carried(table: &'static str, columns: &'static str, stays: bool) -> Carried {
    Carried { table, columns, stays }
}

/// What a shopper consists of.
const CARRIED: [Carried; 18] = [
    carried("shoppers", "id, since, language, key_version, key, profile, country, joined_to, state", true),
    carried("links", "shopper, id, kind, address, submission, made, ends, used", true),
    carried("codes", "shopper, code, offer, percent, issued, ends, used, used_by, confirmed", true),
    carried("addresses", "shopper, hash, channel, sealed, state, since", false),
    carried("shopper_visitors", "shopper, visitor, since", false),
    carried("customers", "shopper, customer, record", false),
    carried("shopper_orders", "shopper, hash, record, placed", false),
    carried("visits", "shopper, visitor, said, since, until", false),
    carried("consents", "shopper, channel, purpose, standing, at", false),
    carried(
        "receipts",
        "shopper, channel, purpose, standing, at, wording, version, page, method, basis, proof, previous, hash",
        false,
    ),
    carried(
        "submissions",
        "shopper, id, campaign, version, at, page, language, asked, visitor, profile, answer",
        false,
    ),
    carried("runs", "shopper, id, journey, key, version, offer, began, ended, rule, fact", false),
    carried("jobs", "shopper, key, due, kind, state, attempts, valid_until, body", false),
    carried("sends", "shopper, claim, mail, sender, at, state, detail, rule, fact, message, channel, run", false),
    carried("decisions", "shopper, at, what, message, rule, fact", false),
    carried("events", "shopper, id, visitor, at, received, kind, data, copied", false),
    carried("preferences", "shopper, body, at", false),
    carried("journeys", "shopper, body", false),
];

impl Carried {
    fn shopper(&self) -> &'static str {
        self.columns.split(',').next().unwrap_or_default()
    }
}

/// A value on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Cell {
    Null,
    Int(i64),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
}

/// Shoppers on their way: rows, table by table in the order of [`CARRIED`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Luggage {
    shoppers: Vec<String>,
    tables: Vec<Vec<Vec<Cell>>>,
}

/// Packs everything that is kept about some shoppers. It stays where it is.
pub fn pack(db: &Db, shoppers: Vec<String>) -> Result<Luggage> {
    let ids = serde_json::to_string(&shoppers)?;
    let rows = |carried: &Carried| {
        let query = format!(
            "SELECT {} FROM {} WHERE {} IN (SELECT value FROM json_each(?)) ORDER BY 1{}",
            carried.columns,
            carried.table,
            carried.shopper(),
            if carried.table == "receipts" { ", seq" } else { "" }
        );
        Ok(db.rows(&query, values![ids.as_str()])?.into_iter().map(cells).collect())
    };
    let tables = CARRIED.iter().map(rows).collect::<Result<_>>()?;
    Ok(Luggage { shoppers, tables })
}

/// Puts what was packed elsewhere into this object. What stayed behind here gives way to it.
pub fn unpack(db: &Db, luggage: Luggage) -> Result<()> {
    let ids = serde_json::to_string(&luggage.shoppers)?;
    for (carried, rows) in CARRIED.iter().zip(luggage.tables) {
        if carried.stays {
            let query = format!(
                "DELETE FROM {} WHERE {} IN (SELECT value FROM json_each(?))",
                carried.table,
                carried.shopper()
            );
            db.run(&query, values![ids.as_str()])?;
        }
        let places = carried.columns.split(',').map(|_| "?").collect::<Vec<_>>().join(", ");
        let query = format!("INSERT OR IGNORE INTO {} ({}) VALUES ({places})", carried.table, carried.columns);
        for row in rows {
            db.run(&query, row.into_iter().map(Cell::into_value).collect())?;
        }
    }
    // Reports have counted them where they came from.
    db.run(
        "UPDATE events SET copied = 2 WHERE copied IS NULL AND shopper IN (SELECT value FROM json_each(?))",
        values![ids],
    )
}

/// Removes what was carried away. Left are, without anything personal, the names of links and codes
/// and whose they were.
pub fn leave(db: &Db, shoppers: &[String]) -> Result<()> {
    let ids = serde_json::to_string(shoppers)?;
    for carried in CARRIED.iter().filter(|carried| !carried.stays) {
        let theirs = format!("{} IN (SELECT value FROM json_each(?))", carried.shopper());
        if carried.table == "events" {
            ledger::remove(db, &theirs, values![ids.as_str()])?;
        } else {
            db.run(&format!("DELETE FROM {} WHERE {theirs}", carried.table), values![ids.as_str()])?;
        }
    }
    db.run(
        "UPDATE shoppers SET key = x'', profile = NULL, state = 'moved' WHERE id IN (SELECT value FROM json_each(?))",
        values![ids],
    )
}

/// Removes shoppers that are at home elsewhere and went back there.
pub fn clear(db: &Db, shoppers: &[String]) -> Result<()> {
    let ids = serde_json::to_string(shoppers)?;
    for carried in &CARRIED {
        let query =
            format!("DELETE FROM {} WHERE {} IN (SELECT value FROM json_each(?))", carried.table, carried.shopper());
        db.run(&query, values![ids.as_str()])?;
    }
    Ok(())
}

fn cells(row: Row) -> Vec<Cell> {
    let cell = |value| match value {
        Value::Null => Cell::Null,
        Value::Boolean(value) => Cell::Int(value.into()),
        Value::Integer(value) => Cell::Int(value),
        Value::Float(value) => Cell::Float(value),
        Value::String(value) => Cell::Text(value),
        Value::Blob(value) => Cell::Bytes(value),
    };
    row.0.into_iter().map(cell).collect()
}

impl Cell {
    fn into_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Int(value) => Value::Integer(value),
            Self::Float(value) => Value::Float(value),
            Self::Text(value) => Value::String(value),
            Self::Bytes(value) => Value::Blob(value),
        }
    }
}
