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
    let (key, token) = shop_and_token(arguments.token.as_deref())?;
    if publish(&Deployment::at(&arguments.edge), &key, &token, &release)? {
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

/// The shop that a token opens, and the token: the one that was given, else the environment's.
pub fn shop_and_token(given: Option<&str>) -> Result<(String, String)> {
    let token = match given {
        Some(token) => token.to_owned(),
        None => std::env::var("RAPPORT_ADMIN_TOKEN")
            .context("give the shop's admin token with --token or in RAPPORT_ADMIN_TOKEN")?,
    };
    Ok((shop_key(&token)?, token))
}

/// The shop's key, which is part of its admin token: `rpt_…_SECRET` belongs to `pk_…`.
fn shop_key(token: &str) -> Result<String> {
    const LETTERS: usize = 20;
    let belongs = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let key = token.strip_prefix("rpt_").and_then(|rest| rest.split_once('_')).map(|(key, _)| key);
    match key.filter(|key| key.len() == LETTERS && key.chars().all(belongs)) {
        Some(key) => Ok(format!("pk_{key}")),
        None => bail!("this is no admin token: it names no shop"),
    }
}

#[cfg(test)]
mod tests {
    use super::shop_key;

    #[test]
    fn an_admin_token_names_its_shop() {
        let key = shop_key("rpt_0123456789abcdefghij_c2Vj_cmV0");
        assert_eq!(key.ok().as_deref(), Some("pk_0123456789abcdefghij"));
    }

    #[test]
    fn anything_else_is_no_admin_token() {
        for token in ["", "rpt_", "rpt_0123456789ABCDEFGHIJ_x", "rpt_0123_x", "pk_0123456789abcdefghij"] {
            assert!(shop_key(token).is_err(), "{token}");
        }
    }
}
