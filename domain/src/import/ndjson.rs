//! A JSON object in each line.

use super::{About, Reading};
use crate::hook::generic::parse;

/// The longest line, in bytes.
const MOST_LINE: usize = 64 * 1024;

pub fn read(text: &str, reading: &mut Reading) {
    for (line, raw) in (1_u64..).zip(text.lines()) {
        let raw = raw.trim();
        if raw.is_empty() {
            continue;
        }
        if raw.len() > MOST_LINE {
            let detail = format!("{} bytes in one line; at most {MOST_LINE} are read", raw.len());
            reading.refuse(line, crate::hook::Refused::unreadable("", detail));
            continue;
        }
        match reading.file.about {
            About::Customers => match parse(raw.as_bytes()) {
                Ok(customer) => reading.customer(line, raw, customer),
                Err(refused) => reading.refuse(line, refused),
            },
            About::Orders => match parse(raw.as_bytes()) {
                Ok(order) => reading.order(line, 1, raw, order),
                Err(refused) => reading.refuse(line, refused),
            },
        }
    }
}
