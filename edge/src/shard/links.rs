//! Links in letters: made where the person lives, and looked for there by the bucket in them.

use domain::consent::Channel;
use domain::id::ShopperId;
use domain::time::{Span, Timestamp};

use super::joining::{MEMBERS, Whereabouts, whereabouts};
use super::mail::AddressRow;
use crate::problem::{Failed, Result};
use crate::sql::{Db, values};
use crate::token::{LinkId, LinkKind};

/// How long the links below a mail work: the law asks for 30 to 60 days for the one that unsubscribes,
/// people keep mails longer.
const LASTING: Span = Span::days(3 * 365);

/// A link to be made.
pub struct New<'a> {
    pub kind: LinkKind,
    /// Whose it is; they live here.
    pub shopper: &'a str,
    /// Keyed hash of the address that it is sent to.
    pub address: &'a [u8],
    /// The form that brought it about.
    pub submission: Option<Vec<u8>>,
    pub ends: Timestamp,
}

/// Makes a link.
pub fn make(db: &Db, new: New, now: Timestamp) -> Result<LinkId> {
    let Whereabouts::Here(person) = whereabouts(db, new.shopper)? else {
        return Err(Failed::new("making a link", "the shopper is not here").into());
    };
    let person: ShopperId = person.parse().map_err(|_| Failed::new("making a link", "the shopper's id is none"))?;
    let link = LinkId::new(person.home())?;
    db.run(
        "INSERT INTO links (id, kind, shopper, address, submission, made, ends) VALUES (?, ?, ?, ?, ?, ?, ?)",
        values![
            link.as_text(),
            new.kind.as_str(),
            new.shopper,
            new.address.to_vec(),
            new.submission,
            now.0,
            new.ends.0
        ],
    )?;
    Ok(link)
}

/// Whether an address is a person's by now. It can change hands after a link was sent to it.
pub fn is_address_of(db: &Db, address: &[u8], person: &str) -> Result<bool> {
    let query = format!("SELECT 1 FROM addresses WHERE shopper IN ({MEMBERS}) AND hash = ?2");
    Ok(db.row(&query, values![person, address.to_vec()])?.is_some())
}

/// The channel of an address; nothing where it is nobody's here any more.
pub fn channel(db: &Db, address: &[u8]) -> Result<Option<Channel>> {
    let row = db.row("SELECT channel FROM addresses WHERE hash = ?", values![address.to_vec()])?;
    row.map(|row| row.text(0).map(channel_named)).transpose()
}

/// The channel that is meant by a name in a table; numbers are written to by text.
pub fn channel_named(name: &str) -> Channel {
    if name == Channel::Email.as_str() { Channel::Email } else { Channel::Sms }
}

/// A link that is the same in every mail to an address while it lasts.
pub fn lasting(db: &Db, kind: LinkKind, address: &AddressRow, now: Timestamp) -> Result<LinkId> {
    // By the address: all links of a kind are many, and `+` keeps the index of kinds out of it.
    let known = db.row(
        "SELECT id FROM links WHERE address = ? AND +kind = ? AND shopper = ? AND ends > ? ORDER BY made DESC LIMIT 1",
        values![address.hash.clone(), kind.as_str(), address.shopper.as_str(), now.0],
    )?;
    if let Some(link) = known.and_then(|row| row.maybe_text(0).and_then(LinkId::from_text)) {
        return Ok(link);
    }
    let (shopper, hash) = (address.shopper.as_str(), address.hash.as_slice());
    make(db, New { kind, shopper, address: hash, submission: None, ends: now + LASTING }, now)
}
