//! The forms of shelves as JSON Schema (draft 7, which editors of TOML read).

use super::written::{ShelfFile, ShelvesFile};
use crate::publish::journey::schema::written;

/// What can be written into `shelves/NAME.toml`.
pub fn shelf() -> String {
    written::<ShelfFile>("Shelf")
}

/// What can be written into `shelves.toml`.
pub fn shelves() -> String {
    written::<ShelvesFile>("Shelves")
}
