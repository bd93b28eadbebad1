//! What pages say of products, by the mouths of visitors: believed once several have said the same.
//!
//! Who read it is known by a keyed hash alone. What is not said by enough within some days is forgotten; so is what
//! makes room for more, so that nobody fills the catalogue with what they make up.

use std::collections::BTreeMap;

use domain::catalogue::{Said, Source};
use domain::id::Slug;
use domain::time::Span;

use super::Learner;
use super::asks::{Heard, Telling};
use super::catalogue::Speaker;
use crate::problem::Result;
use crate::sql::values;

/// What is said by too few for so long is forgotten.
const FORGOTTEN_AFTER: Span = Span::days(7);
/// What single visitors say, of all products, at most; the oldest goes first.
const MOST_CLAIMS: i64 = 20_000;

impl Learner {
    /// Takes in what pages said. One section.
    pub(super) fn hear_pages(&self, tellings: &[Telling]) -> Result<Heard> {
        let shop = self.shop()?;
        let mut believed: BTreeMap<Slug, Vec<Said>> = BTreeMap::new();
        for telling in tellings {
            let named = telling.market.as_ref().map(Slug::as_str);
            let Ok(market) = self.market(named).or_else(|_| self.market(None)) else { continue };
            if self.has_witnesses(telling, &market, usize::from(shop.shelves.catalogue.witnesses))? {
                believed.entry(market).or_default().push(telling.said.clone());
            }
        }
        self.forget_claims()?;
        let mut heard = Heard::default();
        for (market, said) in believed {
            let some = self.take_in(Speaker { source: Source::Page, feed: "" }, &market, &said, false)?;
            heard = Heard { changed: heard.changed + some.changed, products: some.products };
        }
        Ok(heard)
    }

    /// Whether enough visitors have said the same; this one is remembered among them until then.
    fn has_witnesses(&self, telling: &Telling, market: &Slug, enough: usize) -> Result<bool> {
        let (id, now) = (telling.said.id.as_str(), self.now());
        let body = serde_json::to_string(&telling.said)?;
        let known = self.db.row(
            "SELECT 1 FROM said JOIN products ON products.number = said.number
              WHERE products.id = ? AND source = 'page' AND market = ? AND said.id = ? AND body = ?",
            values![telling.said.group.as_deref().unwrap_or(id), market.as_str(), id, body.as_str()],
        )?;
        if known.is_some() {
            return Ok(false);
        }
        let digest = domain::shelf::name_of(super::writing::hash_of(body.as_bytes()));
        let row = self.db.row(
            "SELECT witnesses FROM claims WHERE id = ? AND market = ? AND digest = ?",
            values![id, market.as_str(), digest.as_str()],
        )?;
        let mut witnesses: Vec<u64> =
            row.and_then(|row| serde_json::from_str(row.maybe_text(0)?).ok()).unwrap_or_default();
        if !witnesses.contains(&telling.visitor) {
            witnesses.push(telling.visitor);
        }
        if witnesses.len() >= enough {
            // What else is said of it has to find its witnesses anew: it may be older than this.
            self.db.run("DELETE FROM claims WHERE id = ? AND market = ?", values![id, market.as_str()])?;
            return Ok(true);
        }
        self.db.run(
            "INSERT INTO claims (id, market, digest, at, witnesses) VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT (id, market, digest) DO UPDATE SET at = ?4, witnesses = ?5 WHERE witnesses <> ?5",
            values![id, market.as_str(), digest, now.0, serde_json::to_string(&witnesses)?],
        )?;
        Ok(false)
    }

    fn forget_claims(&self) -> Result<()> {
        self.db.run("DELETE FROM claims WHERE at < ?", values![self.now().0 - FORGOTTEN_AFTER.0])?;
        let count = self.db.number("SELECT count(*) FROM claims", values![])?;
        if count > MOST_CLAIMS {
            self.db.run(
                "DELETE FROM claims WHERE (id, market, digest) IN
                   (SELECT id, market, digest FROM claims ORDER BY at LIMIT ?)",
                values![count - MOST_CLAIMS],
            )?;
        }
        Ok(())
    }
}
