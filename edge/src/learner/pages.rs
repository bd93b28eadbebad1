//! What pages say of products, by the mouths of visitors: believed once several have said the same.
//!
//! Who read it is known by a keyed hash alone. What only few have said is forgotten after some days, and makes room for
//! more, so that nobody fills the catalogue with what they make up.

use std::collections::{BTreeMap, BTreeSet};

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
/// What no page has said for so long is not sold any more, as far as pages know.
const SILENT_AFTER: Span = Span::days(30);
/// So often it is noted that a page still says the same.
const NOTED_EVERY: Span = Span::days(1);
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
        let row = self.db.row("SELECT body, at FROM witnesses WHERE id = ? AND market = ?", key.clone())?;
        let last = row.as_ref().and_then(|row| row.maybe_int(1)).unwrap_or_default();
        let mut witnesses: Witnesses =
            row.and_then(|row| serde_json::from_str(row.maybe_text(0)?).ok()).unwrap_or_default();
        let change = witnesses.hear(visitor, said, needed);
        if change == Change::Nothing {
            // That it was seen again is worth a note a day.
            if self.now().0 - last > NOTED_EVERY.0 {
                let query = "UPDATE witnesses SET at = ?3 WHERE id = ?1 AND market = ?2";
                self.db.run(query, [key, values![self.now().0]].concat())?;
            }
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

    /// Products of which only pages told, and no page does any more: their pages are gone, most likely.
    pub(super) fn forget_silent(&self) -> Result<()> {
        let mut touched = BTreeSet::new();
        for row in self.db.rows(
            "DELETE FROM said WHERE source = 'page' AND NOT EXISTS (
               SELECT 1 FROM witnesses WHERE witnesses.id = said.id AND witnesses.market = said.market AND witnesses.at > ?)
             RETURNING number",
            values![self.now().0 - SILENT_AFTER.0],
        )? {
            touched.insert(row.int(0)?);
        }
        self.db.run("DELETE FROM witnesses WHERE at <= ?", values![self.now().0 - SILENT_AFTER.0])?;
        self.look_again_at(&touched).map(drop)
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
