//! Static files that are served as they stand in `www/`.

use super::Caching;
use super::late::Late;
use crate::files;
use anyhow::Result;
use std::path::PathBuf;

/// Puts the inbox page, the page inside the panel of `?rapport=why`, the schemas of journeys and segments and the headers
/// into `target/site`.
pub fn build(caching: Caching) -> Result<()> {
    for folder in ["inbox", "why", "schema"] {
        let source = files::at(&format!("www/{folder}"));
        let mut copies = Vec::new();
        // What is bundled for shop pages is served as that bundle alone.
        let bundled = |path: &PathBuf| Late::ALL.iter().any(|late| late.source() == *path);
        for path in files::below(&source)?.into_iter().filter(|path| !bundled(path)) {
            let name = path.strip_prefix(&source)?.to_string_lossy().into_owned();
            copies.push((name, files::read(&path)?));
        }
        super::mirror(&files::at(&format!("target/site/{folder}")), &copies)?;
    }

    let headers = files::read_text(&files::at("www/_headers"))?;
    let headers = match caching {
        Caching::Deployed => headers,
        Caching::None => headers.replace("public, max-age=300", "no-cache"),
    };
    files::write(&files::at("target/site/_headers"), headers.as_bytes())
}
