//! `cargo xtask publish`: a shop's folder of texts becomes what its pages show.

use crate::deployment::Deployment;
use crate::{files, shopfiles};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// Checks a shop's folder of texts and publishes it.
#[derive(clap::Args)]
pub struct Arguments {
    /// The folder with shop.toml
    dir: PathBuf,
    /// The deployment's address
    #[arg(long, default_value = "http://localhost:8787")]
    edge: String,
    /// The shop's admin token; `RAPPORT_ADMIN_TOKEN` in the environment does as well
    #[arg(long)]
    token: Option<String>,
    /// Check and compile only, and keep the result in target/release.json
    #[arg(long)]
    dry_run: bool,
}

/// Compiles and publishes.
pub fn run(arguments: &Arguments) -> Result<()> {
    let dir = std::path::absolute(&arguments.dir)?;
    let release = shopfiles::compile(&dir)?;
    if arguments.dry_run {
        let path = files::at("target/release.json");
        files::write(&path, release.document.as_bytes())?;
        println!("version {} is fine; it is in {}", release.version, files::shown(&path));
        return Ok(());
    }
    let token = match &arguments.token {
        Some(token) => token.clone(),
        None => std::env::var("RAPPORT_ADMIN_TOKEN")
            .context("give the shop's admin token with --token or in RAPPORT_ADMIN_TOKEN")?,
    };
    let key = shop_key(&token)?;
    if publish(&Deployment::at(&arguments.edge), key, &token, &release)? {
        println!("version {} is live for {key}", release.version);
    } else {
        println!("version {} was live already for {key}", release.version);
    }
    Ok(())
}

/// Publishes unless this very version is live. Returns whether it was published now.
pub fn publish(edge: &Deployment, key: &str, token: &str, release: &shopfiles::Release) -> Result<bool> {
    if edge.live_version(key)?.as_deref() == Some(&release.version) {
        return Ok(false);
    }
    edge.publish(key, token, &release.document)?;
    Ok(true)
}

/// The shop's key, which is part of its admin token.
fn shop_key(token: &str) -> Result<&str> {
    const LETTERS: usize = 20;
    let belongs = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    for (start, prefix) in token.match_indices("pk_") {
        let end = start + prefix.len() + LETTERS;
        if let Some(key) = token.get(start..end)
            && key.chars().skip(prefix.len()).all(belongs)
        {
            return Ok(key);
        }
    }
    bail!("this is no admin token: it names no shop")
}

#[cfg(test)]
mod tests {
    use super::shop_key;

    #[test]
    fn an_admin_token_names_its_shop() {
        let token = "ra_pk_0123456789abcdefghij_c2VjcmV0";
        assert_eq!(shop_key(token).ok(), Some("pk_0123456789abcdefghij"));
    }

    #[test]
    fn anything_else_is_no_admin_token() {
        for token in ["", "pk_", "pk_0123456789ABCDEFGHIJ", "pk_0123", "sesame"] {
            assert!(shop_key(token).is_err(), "{token}");
        }
    }
}
