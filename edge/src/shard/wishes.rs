//! What somebody may ask for about themselves: all that is kept about them, or that it is erased. Both
//! are asked for on the preference page, proven by a link in a letter, and done by the button behind it.

use domain::time::{Span, Timestamp};
use domain::why::Why;
use serde::{Deserialize, Serialize};

use super::answers::{LinkPage, LinkState};
use super::confirm::page;
use super::erasing::Erasure;
use super::jobs::{self, Job, MailJob};
use super::joining::{Whereabouts, members, whereabouts};
use super::ledger::{self, What};
use super::names::Hash;
use super::{Shard, links};
use crate::call::ShardCall;
use crate::problem::{Failed, Result};
use crate::sql::values;
use crate::token::LinkKind;

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// A copy of everything.
    Export,
    /// That it is erased.
    Erase,
}

impl Wish {
    /// The wish of that name, as the preference page sends it.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Export, Self::Erase].into_iter().find(|wish| wish.link().as_str() == name)
    }

    /// The kind of its link.
    pub const fn link(self) -> LinkKind {
        match self {
            Self::Export => LinkKind::Export,
            Self::Erase => LinkKind::Erase,
        }
    }
}

/// What a press on the button behind a wish's link brings.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Granted {
    /// The page to show.
    pub page: LinkPage,
    /// The copy of everything, as JSON.
    pub copy: Option<String>,
}

/// How long the link lasts.
const LASTS: Span = Span::days(1);
/// The most letters about a wish to one address in a day.
const MOST_A_DAY: i64 = 4;

impl Shard {
    /// Sends the letter that proves that the wish is the shopper's own. The shopper lives here.
    pub(super) fn ask_for(&self, shopper: &str, address: Hash, wish: Wish) -> Result<()> {
        let (shop, now) = (self.shop()?, self.now());
        let kind = wish.link().as_str();
        let asked = self.db.number(
            "SELECT count(*) FROM links WHERE address = ? AND kind = ? AND made > ?",
            values![address.to_vec(), kind, (now + Span::days(-1)).0],
        )?;
        if asked >= MOST_A_DAY {
            let why = Why::new("address limit", format!("{asked} letters about it within a day"));
            return ledger::decided(&self.db, now, shopper, What::Skip, kind, &why);
        }
        let ends = now + LASTS;
        let new = links::New { kind: wish.link(), shopper, address: &address, submission: None, ends };
        let link = links::make(&self.db, new, now)?;
        let mail = kind.parse().map_err(|_| Failed::new("asking for a wish", "its mail has no name"))?;
        let job = MailJob::with_link(mail, &shop.version, &link);
        jobs::add(&self.db, &Job::mail(format!("{kind}:{}", link.as_text()), now, shopper, Some(ends), job))
    }

    /// Looks at a wish's link where its shopper lives by now, and grants the wish when `act`.
    pub(super) async fn grant_here_or_there(&self, link: String, wish: Wish, act: bool) -> Result<Granted> {
        match self.home_of_link(&link)? {
            Some(object) => self.ask(object, &ShardCall::Grant { link, wish, act }).await,
            None => self.grant(&link, wish, act).await,
        }
    }

    async fn grant(&self, link: &str, wish: Wish, act: bool) -> Result<Granted> {
        let (shop, now) = (self.shop()?, self.now());
        let config = shop.live()?.clone();
        let mut link = self.link(link, wish.link().as_str())?;
        // All of the person, not only whose the link was.
        if let Whereabouts::Here(person) = whereabouts(&self.db, &link.shopper)? {
            link.shopper = person;
        }
        let language = self.language(&link)?;
        // A copy can be fetched until the link ends; erasing is done once.
        let state = match wish {
            Wish::Erase if link.used => LinkState::Done,
            _ if self.is_over(&link, &link.shopper, now)? => LinkState::Ended,
            _ if act => LinkState::Done,
            _ => LinkState::Open,
        };
        let page = page(&config, state, language, None);
        if !act || state != LinkState::Done {
            return Ok(Granted { page, copy: None });
        }
        let copy = match wish {
            Wish::Export => Some(self.copy_of(&shop, &link.shopper)?),
            Wish::Erase => {
                let members = members(&self.db, &link.shopper)?;
                if !link.used {
                    self.erase(&link.shopper, Erasure::Suppress, &Why::new("erasure", "asked for by the shopper"))?;
                }
                self.mark_used(&link.id, now)?;
                self.nothing_leaves(&members).await?;
                None
            }
        };
        self.mark_used(&link.id, now)?;
        Ok(Granted { page, copy })
    }

    fn mark_used(&self, link: &str, now: Timestamp) -> Result<()> {
        self.db.run("UPDATE links SET used = ? WHERE id = ? AND used IS NULL", values![now.0, link])
    }
}
