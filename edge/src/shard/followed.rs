//! A letter was answered: a link of it was followed, or its button was pressed.
//!
//! Mail scanners ask for every link, so that a look at one says nothing. The link to the shop leads to the
//! shop's own page and not by way of us; our loader there reports what stands behind `#rapport=`. That
//! needs scripts and the permission to use the device: a program that looks at links gives no permission,
//! but whoever has given none is not heard either, and a letter that they follow counts as one without an answer.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::consent::Channel;
use domain::time::Timestamp;
use serde_json::json;

use super::confirm::Link;
use super::hearing::facts;
use super::jobs::{self, Job, RunOf};
use super::joining::{MEMBERS, Whereabouts, busy, read_id, whereabouts};
use super::{Shard, Shop};
use crate::call::ShardCall;
use crate::problem::Result;
use crate::secrets::ShopKeys;
use crate::sql::values;

/// The kind under which it is noted.
const CLICKED: &str = "message.clicked";
/// So many of somebody's letters are looked through, the newest.
const MOST_LETTERS: i64 = 500;
const MARK_BYTES: usize = 9;

/// What names a letter in its link to the shop: it follows from the letter's claim, and only we can tell.
pub fn mark(keys: &ShopKeys, claim: &str) -> String {
    URL_SAFE_NO_PAD.encode(keys.name("letter", claim).get(..MARK_BYTES).unwrap_or_default())
}

/// The token of a link to the shop and the mark of its letter; older letters have none.
pub fn parts(said: &str) -> (&str, Option<&str>) {
    said.split_once('.').map_or((said, None), |(token, letter)| (token, Some(letter)))
}

impl Shard {
    /// Somebody whose link is kept here followed it: noted where they live by now.
    pub(super) fn followed_here_or_there(&self, shopper: &str, letter: &str, at: Timestamp) -> Result<()> {
        let shop = self.shop()?;
        let object = match whereabouts(&self.db, shopper)? {
            Whereabouts::Here(person) => return self.followed(&shop, &person, letter, at),
            Whereabouts::Moved(into) => shop.placement.object_of(into.home()),
            // Looked at again in a moment: then it is known where they are.
            Whereabouts::Frozen => shop.object,
            Whereabouts::Unknown => return Ok(()),
        };
        let call = ShardCall::Followed { shopper: read_id(shopper)?, letter: letter.to_owned(), at };
        jobs::add(&self.db, &Job::errand(format!("followed:{letter}"), self.now(), object, call))
    }

    /// The same, told by another object.
    pub(super) fn was_followed(&self, shopper: &str, letter: &str, at: Timestamp) -> Result<()> {
        match whereabouts(&self.db, shopper)? {
            Whereabouts::Frozen => Err(busy().into()),
            _ => self.followed_here_or_there(shopper, letter, at),
        }
    }

    /// Notes that a person followed a link of one of their letters, once for each letter.
    fn followed(&self, shop: &Shop, person: &str, letter: &str, at: Timestamp) -> Result<()> {
        let query = format!(
            "SELECT claim, mail, channel, run, at, shopper FROM sends WHERE shopper IN ({MEMBERS}) ORDER BY at DESC LIMIT ?2"
        );
        for row in self.db.rows(&query, values![person, MOST_LETTERS])? {
            let claim = row.text(0)?;
            if mark(&shop.keys, claim) != letter {
                continue;
            }
            let channel = row.text(2)?;
            let named = if channel == Channel::Sms.as_str() { "text" } else { "mail" };
            let run: Option<RunOf> = row.maybe_text(3).map(serde_json::from_str).transpose()?;
            let mut data = json!({ named: row.text(1)?, "channel": channel });
            if let (Some(run), Some(fields)) = (run, data.as_object_mut()) {
                fields.insert("journey".into(), run.run.journey.as_str().into());
            }
            // Whatever the browser's clock said, a letter is not followed before it has left.
            let at = at.max(Timestamp(row.int(4)?));
            let id = facts::id_of(shop, &[b"followed", claim.as_bytes()]);
            return facts::note_once(self, id, at, row.text(5)?, CLICKED, &data);
        }
        Ok(())
    }

    /// Somebody pressed the button behind the link of a letter.
    pub(super) fn pressed(&self, shop: &Shop, link: &Link, mail: &str, now: Timestamp) -> Result<()> {
        let id = facts::id_of(shop, &[b"pressed", link.id.as_bytes()]);
        let data = json!({ "mail": mail, "channel": Channel::Email.as_str() });
        facts::note_once(self, id, now, &link.shopper, CLICKED, &data)
    }
}
