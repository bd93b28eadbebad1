//! Our own form: statements as a JSON list, or one a line.

use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::{MOST_ITEM, Problem, Raw};
use crate::catalogue::{Fault, Said};
use crate::event::field_at_fault;

/// Lines while they arrive.
#[derive(Debug, Default)]
pub struct Lines {
    bytes: Vec<u8>,
    /// How far it was looked through.
    at: usize,
    /// The line is too long, and its bytes are dropped.
    too_long: bool,
    line: u64,
}

impl Lines {
    pub fn push(&mut self, bytes: &[u8], raw: &mut Vec<(u64, Raw)>) {
        self.bytes.extend_from_slice(bytes);
        let mut done = 0;
        while let Some(end) = self.bytes.get(self.at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\n')) {
            let end = self.at + end;
            let line = self.bytes.get(done..end).unwrap_or_default().to_vec();
            self.one(&line, raw);
            done = end + 1;
            self.at = done;
        }
        self.bytes.drain(..done);
        self.at = self.bytes.len();
        if self.bytes.len() > MOST_ITEM {
            self.too_long = true;
            self.bytes.clear();
            self.at = 0;
        }
    }

    pub fn end(mut self, raw: &mut Vec<(u64, Raw)>) {
        let line = core::mem::take(&mut self.bytes);
        self.one(&line, raw);
    }

    fn one(&mut self, line: &[u8], raw: &mut Vec<(u64, Raw)>) {
        self.line += 1;
        let too_long = core::mem::take(&mut self.too_long) || line.len() > MOST_ITEM;
        if too_long {
            let detail = format!("longer than {MOST_ITEM} bytes; expected a shorter line");
            raw.push((self.line, Raw::Fault(None, Fault::new("", detail))));
        } else if !line.trim_ascii().is_empty() {
            let read = serde_json::from_slice(line).map_err(|error| Fault::new("", error.to_string()));
            raw.push((self.line, read.map_or_else(|fault| Raw::Fault(None, fault), one)));
        }
    }
}

/// What the items of a list say.
pub fn list(bytes: &[u8], raw: &mut Vec<(u64, Raw)>) -> Result<(), Problem> {
    let list: Vec<Value> = serde_json::from_slice(bytes)
        .map_err(|error| Problem::whole(format!("{error}; expected a JSON list of products, or one a line")))?;
    raw.extend((1..).zip(list.into_iter().map(one)));
    Ok(())
}

/// What one statement says.
fn one(value: Value) -> Raw {
    let id = value.get("id").and_then(Value::as_str).map(str::to_owned);
    let Value::Object(mut fields) = value else {
        return Raw::Fault(None, Fault::new("", "expected a JSON object"));
    };
    match fields.remove("gone") {
        Some(Value::Bool(true)) => return gone(id, &fields),
        None | Some(Value::Bool(false)) => {}
        Some(_) => return Raw::Fault(id, Fault::new("gone", "expected true or false")),
    }
    let mut track = serde_path_to_error::Track::new();
    let reader = serde_path_to_error::Deserializer::new(Value::Object(fields), &mut track);
    match Said::deserialize(reader) {
        Ok(said) => Raw::Said(Box::new(said)),
        Err(error) => {
            let said = error.to_string();
            let field = field_at_fault(&track.path().to_string(), &said);
            Raw::Fault(id, Fault::new(field, said))
        }
    }
}

fn gone(id: Option<String>, fields: &Map<String, Value>) -> Raw {
    match (id, fields.len()) {
        (Some(id), 1) => Raw::Gone(id.trim().to_owned()),
        (Some(id), _) => Raw::Fault(Some(id), Fault::new("gone", "expected nothing beside the id of what is gone")),
        (None, _) => Raw::Fault(None, Fault::new("id", "missing; expected the shop's id of the product")),
    }
}
