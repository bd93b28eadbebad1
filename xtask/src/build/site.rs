//! Static files that are served as they stand in `www/`.

use super::Caching;
use crate::files;
use anyhow::Result;

/// Puts the inbox page, the schemas of journeys and segments and the headers into `target/site`.
pub fn build(caching: Caching) -> Result<()> {
    for folder in ["inbox", "schema"] {
        let source = files::at(&format!("www/{folder}"));
        let mut copies = Vec::new();
        for path in files::below(&source)? {
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
