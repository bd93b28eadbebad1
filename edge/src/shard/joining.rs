//! Two shoppers become one, and two again.
//!
//! Rows stay for ever the shopper's whose they were first; a join only says to whom that shopper
//! belongs now. In a shop of several objects its rows are carried to the older shopper's object, so
//! that one object decides about all of a person ([`super::transfers`]).

use domain::id::ShopperId;
use domain::why::Why;
use serde::de::DeserializeOwned;

use super::transfers::Way;
use super::{Shard, Shop};
use crate::call::{self, ShardCall};
use crate::problem::{Failed, Rejected, Result};
use crate::sql::{Db, values};

/// Where a shopper is to be asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// Here, as part of this one: itself, or the oldest it was joined to.
    Here(String),
    /// At the home of the one it was joined to.
    Moved(ShopperId),
    /// On the way; in a moment it is one of the others.
    Frozen,
    /// Never heard of, or erased.
    Unknown,
}

/// Where a shopper is to be asked about.
pub fn whereabouts(db: &Db, shopper: &str) -> Result<Whereabouts> {
    let mut at = shopper.to_owned();
    loop {
        let Some(row) = db.row("SELECT state, joined_to FROM shoppers WHERE id = ?", values![at.as_str()])? else {
            return Ok(Whereabouts::Unknown);
        };
        match (row.text(0)?, row.maybe_text(1)) {
            ("frozen", _) => return Ok(Whereabouts::Frozen),
            ("erased", _) => return Ok(Whereabouts::Unknown),
            ("moved", Some(into)) if !is_known(db, into)? => return Ok(Whereabouts::Moved(read_id(into)?)),
            (_, Some(older)) => older.clone_into(&mut at),
            (_, None) => return Ok(Whereabouts::Here(at)),
        }
    }
}

/// The person that a shopper is part of, as long as this object keeps them: also while they are on the way
/// elsewhere, until they have gone.
pub fn keeper(db: &Db, shopper: &str) -> Result<Option<String>> {
    let mut at = shopper.to_owned();
    loop {
        let Some(row) = db.row("SELECT state, joined_to FROM shoppers WHERE id = ?", values![at.as_str()])? else {
            return Ok(None);
        };
        match (row.text(0)?, row.maybe_text(1)) {
            ("erased" | "moved", _) => return Ok(None),
            ("live", Some(older)) => older.clone_into(&mut at),
            _ => return Ok(Some(at)),
        }
    }
}

fn is_known(db: &Db, shopper: &str) -> Result<bool> {
    Ok(db.row("SELECT 1 FROM shoppers WHERE id = ?", values![shopper])?.is_some())
}

/// A shopper and all that were joined to it, as a query whose first parameter is its id.
pub const MEMBERS: &str = "WITH RECURSIVE members (id) AS (SELECT ?1 UNION SELECT shoppers.id FROM shoppers
 JOIN members ON shoppers.joined_to = members.id WHERE shoppers.state <> 'moved') SELECT id FROM members";

/// A shopper and all that were joined to it.
pub fn members(db: &Db, shopper: &str) -> Result<Vec<String>> {
    db.rows(MEMBERS, values![shopper])?.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
}

pub fn read_id(text: &str) -> Result<ShopperId> {
    text.parse().map_err(|_| Failed::new("reading a shopper's id", "not a UUID").into())
}

/// The answer while a shopper is on the way: try again in a moment.
pub fn busy() -> Rejected {
    Rejected { retry_after: Some(1), ..Rejected::new(503, "In a moment", "this is being moved just now; try again") }
}

/// The object to ask about a shopper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// This one; with the id of the whole person.
    Here(String),
    /// Another one.
    There(u16),
}

impl Shard {
    /// Makes two shoppers one. It begins where the older one lives by now.
    pub(super) async fn join_here_or_there(&self, younger: ShopperId, older: ShopperId, why: &Why) -> Result<()> {
        match whereabouts(&self.db, &older.to_string())? {
            Whereabouts::Here(_) => self.begin_transfer(younger, older, Way::Join, why),
            Whereabouts::Moved(into) => {
                let (younger, older) = if into > younger { (into, younger) } else { (younger, into) };
                if younger == older {
                    return Ok(());
                }
                let why = Some((why.rule().to_owned(), why.fact().to_owned()));
                self.ask_home(older, &ShardCall::Join { younger, older, why }).await
            }
            Whereabouts::Frozen => Err(busy().into()),
            Whereabouts::Unknown => Err(Rejected::not_found("no shopper has this id").into()),
        }
    }

    /// Makes a shopper its own again that was joined to another one.
    pub(super) async fn part_here_or_there(&self, shopper: ShopperId) -> Result<()> {
        let id = shopper.to_string();
        match whereabouts(&self.db, &id)? {
            Whereabouts::Here(root) if root != id => {
                let row = self.db.row("SELECT joined_to FROM shoppers WHERE id = ?", values![id])?;
                let with = row.as_ref().and_then(|row| row.maybe_text(0)).unwrap_or(&root);
                let why = Why::new("merchant", "parted through the admin API");
                self.begin_transfer(shopper, read_id(with)?, Way::Part, &why)
            }
            Whereabouts::Here(_) => Err(Rejected::new(409, "Not joined", "this shopper is its own already").into()),
            Whereabouts::Moved(into) => self.ask_home(into, &ShardCall::Part { shopper }).await,
            Whereabouts::Frozen => Err(busy().into()),
            Whereabouts::Unknown => Err(Rejected::not_found("no shopper has this id").into()),
        }
    }

    /// Whether there is such a shopper.
    pub(super) async fn known_here_or_there(&self, shopper: ShopperId) -> Result<()> {
        match self.place_of(&shopper.to_string())? {
            Place::Here(_) => Ok(()),
            Place::There(object) => self.ask(object, &ShardCall::Known { shopper }).await,
        }
    }

    /// Where a shopper is to be asked about who may live anywhere.
    pub(super) fn place_of(&self, shopper: &str) -> Result<Place> {
        let shop = self.shop()?;
        match whereabouts(&self.db, shopper)? {
            Whereabouts::Here(person) => Ok(Place::Here(person)),
            Whereabouts::Moved(into) => Ok(Place::There(shop.placement.object_of(into.home()))),
            Whereabouts::Frozen => Err(busy().into()),
            Whereabouts::Unknown => match shop.placement.object_of(read_id(shopper)?.home()) {
                object if object == shop.object => Err(Rejected::not_found("no shopper has this id").into()),
                object => Ok(Place::There(object)),
            },
        }
    }

    /// Asks another object of this shop.
    pub(super) async fn ask<T: DeserializeOwned>(&self, object: u16, call: &ShardCall) -> Result<T> {
        call::shard(&self.env, &self.shop()?.key, object, call).await
    }

    async fn ask_home(&self, of: ShopperId, call: &ShardCall) -> Result<()> {
        self.ask(self.shop()?.placement.object_of(of.home()), call).await
    }

    /// Makes two one, which begins where the older is at home.
    pub(super) async fn join_elsewhere(
        &self,
        shop: &Shop,
        younger: ShopperId,
        older: ShopperId,
        why: &Why,
    ) -> Result<()> {
        let object = shop.placement.object_of(older.home());
        if younger == older {
            Ok(())
        } else if object == shop.object {
            self.join_here_or_there(younger, older, why).await
        } else {
            let why = Some((why.rule().to_owned(), why.fact().to_owned()));
            self.ask(object, &ShardCall::Join { younger, older, why }).await
        }
    }
}
