//! A thin layer over the object's `SQLite`: values in, rows out. All of it is synchronous.

use wasm_bindgen::prelude::*;
use worker::{SqlStorage, SqlStorageValue, State};

use crate::problem::{Failed, Result};

#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    type ObjectState;
    #[wasm_bindgen(method, getter)]
    fn storage(this: &ObjectState) -> ObjectStorage;

    #[derive(Clone)]
    type ObjectStorage;
    // The worker crate does not offer it.
    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &ObjectStorage,
        closure: &mut dyn FnMut() -> core::result::Result<(), JsValue>,
    ) -> core::result::Result<JsValue, JsValue>;
}

/// A value to bind.
pub type Value = SqlStorageValue;

/// The object's database.
#[derive(Clone)]
pub struct Db {
    sql: SqlStorage,
    storage: ObjectStorage,
}

/// A row: values by position.
pub struct Row(pub Vec<Value>);

impl Db {
    /// The database of the object whose state this is.
    pub fn of(state: &State) -> Self {
        let raw: &JsValue = state.as_raw().as_ref();
        Self { sql: state.storage().sql(), storage: raw.unchecked_ref::<ObjectState>().storage() }
    }

    /// Does something as a whole: where it fails, nothing of it stays in the database. It may be part of
    /// something larger, which goes on.
    pub fn whole<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let mut work = Some(work);
        let mut came = None;
        let kept = self.storage.transaction_sync(&mut || {
            came = work.take().map(|work| work());
            // What is thrown takes back what was written.
            if matches!(came, Some(Ok(_))) { Ok(()) } else { Err(JsValue::NULL) }
        });
        match (came, kept) {
            (Some(Ok(done)), Ok(_)) => Ok(done),
            (Some(Err(error)), _) => Err(error),
            (_, kept) => Err(Failed::new("a transaction", format!("{:?}", kept.err())).into()),
        }
    }

    /// Runs a statement and reads all its rows.
    pub fn rows(&self, query: &str, values: Vec<Value>) -> Result<Vec<Row>> {
        let cursor =
            self.sql.exec(query, values).map_err(|error| Failed::new("querying", format!("{error} in {query}")))?;
        cursor.raw().map(|row| Ok(Row(row.map_err(|error| Failed::new("reading a row", error))?))).collect()
    }

    /// Runs a statement and reads its first row.
    pub fn row(&self, query: &str, values: Vec<Value>) -> Result<Option<Row>> {
        Ok(self.rows(query, values)?.into_iter().next())
    }

    /// Runs a statement for what it does.
    pub fn run(&self, query: &str, values: Vec<Value>) -> Result<()> {
        self.sql.exec(query, values).map_err(|error| Failed::new("writing", format!("{error} in {query}")))?;
        Ok(())
    }

    /// The single number that a query gives; 0 when it gives none.
    pub fn number(&self, query: &str, values: Vec<Value>) -> Result<i64> {
        self.row(query, values)?.map_or(Ok(0), |row| Ok(row.maybe_int(0).unwrap_or_default()))
    }
}

impl Row {
    fn wrong(position: usize, expected: &str) -> Failed {
        Failed::new("reading a row", format!("column {position} is not {expected}"))
    }

    /// A whole number.
    pub fn int(&self, position: usize) -> Result<i64> {
        Ok(self.maybe_int(position).ok_or_else(|| Self::wrong(position, "a number"))?)
    }

    /// A whole number, or nothing.
    pub fn maybe_int(&self, position: usize) -> Option<i64> {
        match self.0.get(position) {
            Some(Value::Integer(n)) => Some(*n),
            _ => None,
        }
    }

    /// A text.
    pub fn text(&self, position: usize) -> Result<&str> {
        Ok(self.maybe_text(position).ok_or_else(|| Self::wrong(position, "a text"))?)
    }

    /// A text, or nothing.
    pub fn maybe_text(&self, position: usize) -> Option<&str> {
        match self.0.get(position) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Bytes.
    pub fn bytes(&self, position: usize) -> Result<&[u8]> {
        Ok(self.maybe_bytes(position).ok_or_else(|| Self::wrong(position, "bytes"))?)
    }

    /// Bytes, or nothing.
    pub fn maybe_bytes(&self, position: usize) -> Option<&[u8]> {
        match self.0.get(position) {
            Some(Value::Blob(bytes)) => Some(bytes),
            _ => None,
        }
    }
}

/// Values for [`Db`]: `values![name, at.0, bytes]`.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::sql::Value::from($value)),*] };
}
pub(crate) use values;
