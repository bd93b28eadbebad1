//! Who may speak for the shop: the secrets that their webhooks are signed with.
//!
//! While a secret is exchanged, the one before it holds too, until the next exchange or until it is
//! ended. Secrets are sealed at rest and on their way to the shards, and never shown again.

use std::collections::BTreeMap;

use domain::hook::{Secrets as Checked, Source};
use domain::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Shop;
use crate::call::Connect;
use crate::clock::real_now;
use crate::problem::{Failed, Rejected, Result};
use crate::seal::newest_for_shop;
use crate::secrets::{Secrets, ShopKeys};
use crate::shard::hearing::{Connection, Shared};
use crate::sql::{Row, Value, values};

/// A source as the admin API shows it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct HookItem {
    /// `generic`, `shopify`, `woocommerce` or `stripe`.
    #[schemars(with = "String")]
    pub source: Source,
    /// Since when it may speak, in milliseconds since 1970.
    #[schemars(with = "i64")]
    pub since: Timestamp,
    /// When its secret was exchanged last.
    #[schemars(with = "i64")]
    pub rotated: Timestamp,
    /// The secret before this one holds too.
    pub previous_holds: bool,
    /// The country whose telephone numbers are meant where they lack one.
    pub calling_code: Option<u16>,
    /// The shop's domain at the platform: what is about another one is refused.
    pub domain: Option<String>,
    /// When it was heard last; the shards know that.
    #[schemars(with = "Option<i64>")]
    pub heard: Option<Timestamp>,
}

impl Shop {
    pub(super) fn keys(&self) -> Result<ShopKeys> {
        Ok(Secrets::read(&self.env)?.of(&self.key()?))
    }

    /// The sources that may speak.
    pub(super) fn hooks(&self) -> Result<Vec<HookItem>> {
        let keys = self.keys()?;
        let rows = self.db.rows(
            "SELECT source, since, rotated, calling_code, secrets, domain FROM hooks ORDER BY source",
            values![],
        )?;
        rows.iter()
            .map(|row| {
                let source = source(row)?;
                Ok(HookItem {
                    source,
                    since: Timestamp(row.int(1)?),
                    rotated: Timestamp(row.int(2)?),
                    previous_holds: Shared::open(&keys, source, row.bytes(4)?)?.previous.is_some(),
                    calling_code: row.maybe_int(3).and_then(|code| u16::try_from(code).ok()),
                    domain: row.maybe_text(5).map(str::to_owned),
                    heard: None,
                })
            })
            .collect()
    }

    /// Connects a source, or exchanges its secret.
    pub(super) fn let_speak(&self, wish: &Connect) -> Result<()> {
        let mut about = self.about()?;
        let (keys, now) = (self.keys()?, real_now());
        let previous = match self.shared(&keys, wish.source)? {
            Some(known) if known.current == wish.secret => known.previous,
            Some(known) => Some(known.current),
            None => None,
        };
        let shared = Shared { current: wish.secret.clone(), previous: previous.filter(|_| wish.keep_previous) };
        Checked::new(&shared.current, shared.previous.as_deref())
            .map_err(|error| Rejected::field("secret", error.to_string()))?;
        let known = self.db.row("SELECT domain FROM hooks WHERE source = ?", values![wish.source.as_str()])?;
        let known = known.and_then(|row| row.maybe_text(0).map(str::to_owned));
        if wish.source == Source::Shopify && wish.domain.is_none() && known.is_none() {
            return Err(Rejected::field(
                "domain",
                "missing; expected the shop's domain, such as example.myshopify.com",
            )
            .into());
        }
        self.db.run(
            "INSERT INTO hooks (source, since, rotated, secrets, calling_code, domain) VALUES (?1, ?2, ?2, ?3, ?4, ?5)
             ON CONFLICT (source) DO UPDATE SET rotated = ?2, secrets = ?3, calling_code = coalesce(?4, calling_code),
               domain = coalesce(?5, domain)",
            values![
                wish.source.as_str(),
                now.0,
                shared.seal(&keys, wish.source)?,
                wish.calling_code.map_or(Value::Null, |code| i64::from(code).into()),
                wish.domain.clone(),
            ],
        )?;
        about.serial += 1;
        self.keep(about)
    }

    /// Ends a source, or only its previous secret.
    pub(super) fn silence(&self, source: Source, previous_only: bool) -> Result<()> {
        let mut about = self.about()?;
        if previous_only {
            let keys = self.keys()?;
            if let Some(shared) = self.shared(&keys, source)? {
                let shared = Shared { previous: None, ..shared };
                self.db.run(
                    "UPDATE hooks SET secrets = ? WHERE source = ?",
                    values![shared.seal(&keys, source)?, source.as_str()],
                )?;
            }
        } else {
            self.db.run("DELETE FROM hooks WHERE source = ?", values![source.as_str()])?;
        }
        about.serial += 1;
        self.keep(about)
    }

    /// What shards are told: the secrets stay sealed.
    pub(super) fn connections(&self) -> Result<BTreeMap<Source, Connection>> {
        let rows = self.db.rows("SELECT source, secrets, calling_code, domain FROM hooks", values![])?;
        rows.iter()
            .map(|row| {
                let code = row.maybe_int(2).and_then(|code| u16::try_from(code).ok());
                Ok((source(row)?, Connection::new(row.bytes(1)?, code, row.maybe_text(3).map(str::to_owned))))
            })
            .collect()
    }

    /// Seals the secrets anew under the newest master; whether there was anything to do.
    pub(super) fn reseal_hooks(&self) -> Result<()> {
        let keys = self.keys()?;
        let rows = self.db.rows(
            "SELECT source, secrets FROM hooks WHERE substr(secrets, 1, 4) <> ?",
            values![newest_for_shop(&keys)],
        )?;
        for row in &rows {
            let source = source(row)?;
            let sealed = Shared::open(&keys, source, row.bytes(1)?)?.seal(&keys, source)?;
            self.db.run("UPDATE hooks SET secrets = ? WHERE source = ?", values![sealed, source.as_str()])?;
        }
        let mut about = self.about()?;
        about.serial += i64::from(!rows.is_empty());
        self.keep(about)
    }

    /// The shop has left: nobody speaks for it, nothing is shown and nothing is sent.
    pub(super) fn leave(&self) -> Result<()> {
        self.db.run("DELETE FROM hooks", values![])?;
        self.db.run("DELETE FROM systems", values![])?;
        self.switch(Some(false), Some(false))
    }

    fn shared(&self, keys: &ShopKeys, source: Source) -> Result<Option<Shared>> {
        let row = self.db.row("SELECT secrets FROM hooks WHERE source = ?", values![source.as_str()])?;
        row.map(|row| Shared::open(keys, source, row.bytes(0)?)).transpose()
    }
}

fn source(row: &Row) -> Result<Source> {
    Ok(row.text(0)?.parse().map_err(|_| Failed::new("reading a hook", "its source is not known"))?)
}
