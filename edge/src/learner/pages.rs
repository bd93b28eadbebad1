//! What pages say of products, by the mouths of visitors: believed once several have said the same.
//!
//! Who read it is known by a keyed hash alone. What only few have said is forgotten after some days, and makes room for
//! more, so that nobody fills the catalogue with what they make up.

use std::collections::BTreeMap;

use domain::catalogue::{Change, Said, Source, Witnesses};
use domain::id::Slug;
use domain::shelf::market::market_of;
use domain::time::Span;

use super::Learner;
use super::asks::{Heard, Telling};
use super::catalogue::Speaker;
use crate::problem::Result;
use crate::routes::path_of;
use crate::sql::values;

/// What is said by too few for so long is forgotten.
const FORGOTTEN_AFTER: Span = Span::days(7);
/// Products of which only few have said anything, at most; the oldest go first.
const MOST_CLAIMS: i64 = 20_000;

impl Learner {
    /// Takes in what pages said. One section.
    pub(super) fn hear_pages(&self, tellings: &[Telling]) -> Result<Heard> {
        let shop = self.shop()?;
        let mut believed: BTreeMap<Slug, Vec<Said>> = BTreeMap::new();
        for telling in tellings {
            let market = telling.said.url.as_deref().and_then(|url| market_of(shop.markets(), None, path_of(url), ""));
            let market = match market {
                Some(market) => market.name.clone(),
                None => self.market(None)?,
            };
            // What cannot be believed of any page is nobody's fault who reads it.
            let Ok(said) = self.bounds(&market)?.check(Source::Page, telling.said.clone()) else { continue };
            if let Some(said) = self.hear_page(telling.visitor, &said, &market)? {
                believed.entry(market).or_default().push(said);
            }
        }
        self.forget_claims()?;
        let mut heard = Heard::default();
        for (market, said) in believed {
            let some = self.take_in(Speaker { source: Source::Page, feed: "" }, &market, &said, false)?;
            heard = Heard { changed: heard.changed + some.changed, ..some };
        }
        Ok(heard)
    }

    /// Hears one visitor; what is believed from now on, if that is something else.
    fn hear_page(&self, visitor: u64, said: &Said, market: &Slug) -> Result<Option<Said>> {
        let needed = usize::from(self.shop()?.shelves.catalogue.witnesses);
        let key = values![said.id.as_str(), market.as_str()];
        let row = self.db.row("SELECT body FROM witnesses WHERE id = ? AND market = ?", key.clone())?;
        let mut witnesses: Witnesses =
            row.and_then(|row| serde_json::from_str(row.maybe_text(0)?).ok()).unwrap_or_default();
        let change = witnesses.hear(visitor, said, needed);
        if change == Change::Nothing {
            return Ok(None);
        }
        let believed = witnesses.believed();
        let more = values![self.now().0, i64::from(believed.is_some()), serde_json::to_string(&witnesses)?];
        self.db.run(
            "INSERT INTO witnesses (id, market, at, believed, body) VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT (id, market) DO UPDATE SET at = ?3, believed = ?4, body = ?5",
            [key, more].concat(),
        )?;
        Ok(believed.filter(|_| change == Change::Believed))
    }

    fn forget_claims(&self) -> Result<()> {
        self.db
            .run("DELETE FROM witnesses WHERE believed = 0 AND at < ?", values![self.now().0 - FORGOTTEN_AFTER.0])?;
        let count = self.db.number("SELECT count(*) FROM witnesses WHERE believed = 0", values![])?;
        if count > MOST_CLAIMS {
            self.db.run(
                "DELETE FROM witnesses WHERE (id, market) IN
                   (SELECT id, market FROM witnesses WHERE believed = 0 ORDER BY at LIMIT ?)",
                values![count - MOST_CLAIMS],
            )?;
        }
        Ok(())
    }
}
