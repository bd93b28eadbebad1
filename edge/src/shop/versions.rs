//! Published versions: immutable, named after their contents, any of them can become the live one.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::id::hex;
use domain::published::{Language, Release, ShopConfig};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Shop;
use crate::clock::real_now;
use crate::problem::{Rejected, Result};
use crate::sender::Sender;
use crate::sql::values;

/// A version in the list of versions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VersionItem {
    /// Its name.
    pub version: String,
    /// When it was published first.
    pub at: i64,
    /// It is the live one.
    pub live: bool,
}

/// The largest published file, in bytes.
const MOST_FILE_BYTES: usize = 256 * 1024;

impl Shop {
    /// Keeps a release and makes it the live version.
    pub(super) fn publish(&self, release: &Release) -> Result<()> {
        self.about()?;
        if release.v != 1 {
            return Err(Rejected::field("v", "this edge reads releases of version 1").into());
        }
        if !is_hash(&release.version) {
            return Err(Rejected::field("version", "expected sixteen hex digits").into());
        }
        if !release.config.journeys.is_empty() && Sender::of(&self.env).is_none() {
            let detail = "journeys send messages, and no provider is set up: set SENDER (README, \"Sending\") or publish without journeys";
            return Err(
                Rejected { field: Some("config.journeys".into()), ..Rejected::new(409, "No sender", detail) }.into()
            );
        }
        let mut files = Vec::new();
        for (name, body) in &release.files {
            let field = || format!("files.{name}");
            let bytes = STANDARD.decode(body).map_err(|_| Rejected::field(&field(), "is not base64"))?;
            if bytes.len() > MOST_FILE_BYTES {
                return Err(Rejected::field(
                    &field(),
                    format!("{} bytes; at most {MOST_FILE_BYTES} are kept", bytes.len()),
                )
                .into());
            }
            let hash = hex(Sha256::digest(&bytes).get(..8).unwrap_or_default());
            if hash != *name {
                return Err(Rejected::field(&field(), format!("its contents hash to {hash}")).into());
            }
            files.push((name, bytes));
        }
        if let Some((language, _)) = release.languages.iter().find(|(_, file)| !release.files.contains_key(*file)) {
            return Err(
                Rejected::field(&format!("languages.{language}"), "names a file that is not among files").into()
            );
        }
        for (name, bytes) in files {
            self.db.run("INSERT OR IGNORE INTO files (hash, body) VALUES (?, ?)", values![name.as_str(), bytes])?;
        }
        // The same texts published again are the same version; its compiled form may be newer.
        self.db.run(
            "INSERT INTO versions (version, at, languages, config, sources) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (version) DO UPDATE SET languages = excluded.languages, config = excluded.config",
            values![
                release.version.as_str(),
                real_now().0,
                serde_json::to_string(&release.languages)?,
                serde_json::to_string(&release.config)?,
                serde_json::to_string(&release.sources)?,
            ],
        )?;
        self.activate(&release.version)
    }

    /// Makes a published version the live one.
    pub(super) fn activate(&self, version: &str) -> Result<()> {
        let mut about = self.about()?;
        let config = self.config(version)?.ok_or_else(|| Rejected {
            field: Some("version".into()),
            ..Rejected::not_found("no such version was published")
        })?;
        about.face = Some((config.name, config.url));
        // What was said of another version says nothing of this one.
        if about.version != version {
            about.migrations.clear();
        }
        version.clone_into(&mut about.version);
        about.serial += 1;
        self.keep(about)
    }

    pub(super) fn versions(&self) -> Result<Vec<VersionItem>> {
        let live = self.about()?.version;
        let rows = self.db.rows("SELECT version, at FROM versions ORDER BY at DESC LIMIT 100", values![])?;
        rows.iter()
            .map(|row| {
                Ok(VersionItem { version: row.text(0)?.to_owned(), at: row.int(1)?, live: row.text(0)? == live })
            })
            .collect()
    }

    /// The contents of a version; nothing before the first.
    pub(super) fn config(&self, version: &str) -> Result<Option<ShopConfig>> {
        let row = self.db.row("SELECT config FROM versions WHERE version = ?", values![version])?;
        row.map(|row| Ok(serde_json::from_str(row.text(0)?)?)).transpose()
    }

    /// The language files of a version, and the language of those who read none of them.
    pub(super) fn language_files(&self, version: &str) -> Result<(BTreeMap<Language, String>, Language)> {
        let Some(row) = self.db.row(
            "SELECT languages, json_extract(config, '$.languages[0]') FROM versions WHERE version = ?",
            values![version],
        )?
        else {
            return Ok((BTreeMap::new(), String::new()));
        };
        Ok((serde_json::from_str(row.text(0)?)?, row.maybe_text(1).unwrap_or_default().to_owned()))
    }

    /// A file's bytes, as base64.
    pub(super) fn file(&self, hash: &str) -> Result<String> {
        self.about()?;
        let row =
            if is_hash(hash) { self.db.row("SELECT body FROM files WHERE hash = ?", values![hash])? } else { None };
        let row = row.ok_or_else(|| Rejected::not_found("no published file has this name"))?;
        Ok(STANDARD.encode(row.bytes(0)?))
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
