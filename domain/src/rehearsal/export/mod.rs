//! The event log as a file: one JSON object a line (NDJSON), in UTF-8.
//!
//! ```text
//! {"export":1,"shop":"pk_…","currency":"EUR","zone":"Europe/London","until":1795608000000}
//! {"person":"0190…","language":"en","country":"GB","reach":["email"],"preferences":{"zone":"Europe/London"}}
//! {"consent":"email.marketing","at":1795000000000,"standing":"given","basis":{"kind":"consent"},"proven":true,"worded":true}
//! {"event":"0190…","at":1795000000000,"received":1795000001200,"kind":"product.viewed","data":{"product":{"id":"p1"}}}
//! {"end":{"people":1,"events":1}}
//! ```
//!
//! The first field of a line says what the line is. The first line is the head ([`Head`]), the last one the
//! end ([`Counts`]), so that a file that was cut off is found. A person's line ([`PersonLine`]) is followed by
//! what came about them, events ([`EventLine`]) and words about permissions ([`ConsentLine`]), in any order;
//! of two that came in the same millisecond the first one counts first. People who turned out to be one come
//! under one line. So an object of the edge can write its people one after the other, a page at a time, and a
//! reader can give them to as many threads as it likes. Nothing in it is an address, a number or a name; a
//! birthday is, where it is known. Fields that are not known are not looked at.

mod lines;
mod read;

pub use self::lines::{ConsentLine, Counts, EventLine, Head, PersonLine, write};
pub use self::read::{Broken, People, Sort, head, sort};

/// Version of the lines.
pub const VERSION: u8 = 1;
