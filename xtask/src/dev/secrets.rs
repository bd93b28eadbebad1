//! Secrets for this machine: `.dev.vars`, which git ignores and wrangler reads.

use crate::files;
use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use std::path::PathBuf;

const OWNER_TOKEN: &str = "RAPPORT_OWNER_TOKEN";

/// Writes random secrets unless there are some already.
pub fn ensure() -> Result<()> {
    let path = path();
    if path.exists() {
        return Ok(());
    }
    let text = format!(
        "# Made by `cargo xtask dev` for this machine only. What .wrangler/ holds is sealed with them.\n\
         {OWNER_TOKEN}=\"{}\"\n\
         RAPPORT_MASTER_KEYS=\"1:{}\"\n\
         RAPPORT_INDEX_KEY=\"{}\"\n",
        URL_SAFE_NO_PAD.encode(random()?),
        STANDARD.encode(random()?),
        STANDARD.encode(random()?),
    );
    files::write(&path, text.as_bytes())?;
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(())
}

/// The owner token in `.dev.vars`.
pub fn owner_token() -> Result<String> {
    let text = files::read_text(&path())?;
    value(&text, OWNER_TOKEN).with_context(|| format!("{OWNER_TOKEN} is missing in .dev.vars"))
}

fn value(text: &str, name: &str) -> Option<String> {
    let line = text.lines().find_map(|line| line.trim().strip_prefix(name)?.trim_start().strip_prefix('='))?;
    Some(line.trim().trim_matches(['"', '\'']).to_owned())
}

fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).context("this machine gives no randomness")?;
    Ok(bytes)
}

fn path() -> PathBuf {
    files::at(".dev.vars")
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn a_value_is_found_with_and_without_quotes() {
        let text = "# RAPPORT_OWNER_TOKEN=no\nA=1\nRAPPORT_OWNER_TOKEN = \"abc_-=\"\n";
        assert_eq!(value(text, "RAPPORT_OWNER_TOKEN").as_deref(), Some("abc_-="));
        assert_eq!(value("A=1", "A").as_deref(), Some("1"));
        assert_eq!(value(text, "B"), None);
    }
}
