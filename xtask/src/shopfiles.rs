//! What a shop's folder of texts becomes: the release that is sent to the edge.

use crate::{files, run, rust};
use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// A compiled shop: the document for the edge, and of it what is needed here.
pub struct Release {
    /// What is posted to the edge.
    pub document: String,
    /// The version's name.
    pub version: String,
    files: BTreeMap<String, String>,
    languages: BTreeMap<String, String>,
}

/// The few fields that are read here; the document has more.
#[derive(Deserialize)]
struct Outline {
    version: String,
    files: BTreeMap<String, String>,
    languages: BTreeMap<String, String>,
}

/// Compiles the folder with the rules and components as they are now. Mistakes in the texts are
/// printed with file and line.
pub fn compile(folder: &Path) -> Result<Release> {
    let mut compiler = Command::new(rust::build_tool("shopfiles")?);
    let document = run::read_showing_errors(compiler.arg(folder).current_dir(files::root()))
        .with_context(|| format!("{} cannot be published", files::shown(folder)))?;
    let Outline { version, files, languages } = serde_json::from_str(&document)?;
    Ok(Release { document, version, files, languages })
}

impl Release {
    /// The published file for a language, as the loader gets it.
    pub fn language_file(&self, language: &str) -> Result<Vec<u8>> {
        let hash = self.languages.get(language).with_context(|| format!("no language `{language}` is published"))?;
        self.file(hash)
    }

    /// What the widget reads in a language.
    pub fn brain(&self, language: &str) -> Result<Vec<u8>> {
        #[derive(Deserialize)]
        struct LanguageFile {
            brain: String,
        }
        let file: LanguageFile = serde_json::from_slice(&self.language_file(language)?)?;
        self.file(&file.brain)
    }

    /// The pointer as the edge serves it once this version is live.
    pub fn pointer(&self) -> String {
        let languages = &self.languages;
        serde_json::json!({
            "v": 1, "version": self.version, "files": languages,
            "fallback": languages.keys().next(), "objects": 1, "off": false,
        })
        .to_string()
    }

    fn file(&self, hash: &str) -> Result<Vec<u8>> {
        let packed = self.files.get(hash).with_context(|| format!("the release lacks its file {hash}"))?;
        Ok(STANDARD.decode(packed)?)
    }
}
