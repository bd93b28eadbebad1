//! `cargo xtask rehearse`: what a draft would have sent, over the shop's own log, against the live version.

mod pages;

use crate::deployment::Deployment;
use crate::{files, publish, run, rust, shopfiles};
use anyhow::{Context, Result, bail};
use pages::Pages;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Rehearses a draft over a shop's log, against the live version.
///
/// The log and the live version come from the deployment (`--shop`), or from files (`--log`, `--live`).
#[derive(clap::Args)]
pub struct Arguments {
    /// The draft: a folder with shop.toml
    draft: PathBuf,
    /// The shop whose log and whose live version are meant; its admin token opens them
    #[arg(long)]
    shop: Option<String>,
    /// The shop's log, as the edge exports it, instead of fetching it
    #[arg(long)]
    log: Option<PathBuf>,
    /// The live version as a folder with shop.toml, instead of fetching it
    #[arg(long)]
    live: Option<PathBuf>,
    /// The deployment's address
    #[arg(long, visible_alias = "url", default_value = "http://localhost:8787")]
    edge: String,
    /// The shop's admin token; `RAPPORT_ADMIN_TOKEN` in the environment does as well
    #[arg(long)]
    token: Option<String>,
    /// When the draft is published, such as 2026-06-01T00:00:00Z: runs under way stay on the live version. Without
    /// it, both are rehearsed as if they had been live from the beginning
    #[arg(long)]
    since: Option<String>,
    /// Only this shopper, with all messages
    #[arg(long)]
    shopper: Option<String>,
    /// Lines of JSON: each shopper with what differs for them, then what it comes to
    #[arg(long)]
    json: bool,
    /// With --json: every shopper, with all messages of both versions
    #[arg(long, requires = "json")]
    everyone: bool,
    /// So many examples of each difference
    #[arg(long, default_value_t = 1)]
    examples: usize,
    /// Threads; as many as there are cores, if it is left out
    #[arg(long)]
    threads: Option<usize>,
}

/// Compiles what is text, fetches what is not there, and rehearses.
pub fn run(arguments: &Arguments) -> Result<()> {
    let folder = files::at("target/rehearse");
    let draft = compiled(&arguments.draft, &folder.join("draft.json"))?;
    let remote = Remote::of(arguments)?;
    let live = match (&arguments.live, &remote) {
        (Some(live), _) => compiled(live, &folder.join("live.json"))?,
        (None, Some(remote)) => remote.live(&folder.join("live.json"))?,
        (None, None) => bail!("give the live version: --shop KEY, or --live with a folder of texts"),
    };
    let log = match (&arguments.log, &remote) {
        (Some(log), _) => std::path::absolute(log)?,
        (None, Some(remote)) => remote.log(&folder.join("log.ndjson"))?,
        (None, None) => bail!("give the shop's log: --shop KEY, or --log with an exported file"),
    };
    let mut rehearse = Command::new(rust::build_measured("rehearse")?);
    rehearse.arg("--live").arg(live).arg("--draft").arg(draft).arg("--log").arg(log);
    rehearse.args(["--examples", &arguments.examples.to_string()]);
    let threads = arguments.threads.map(|threads| threads.to_string());
    for (name, value) in [("--since", &arguments.since), ("--shopper", &arguments.shopper), ("--threads", &threads)] {
        if let Some(value) = value {
            rehearse.args([name, value]);
        }
    }
    for (name, wanted) in [("--json", arguments.json), ("--everyone", arguments.everyone)] {
        if wanted {
            rehearse.arg(name);
        }
    }
    run::check(&mut rehearse)
}

/// Compiles a folder of texts into a file.
fn compiled(texts: &Path, to: &Path) -> Result<PathBuf> {
    let release = shopfiles::compile(&std::path::absolute(texts)?)?;
    files::write(to, release.document.as_bytes())?;
    Ok(to.to_owned())
}

/// A shop on a deployment.
struct Remote {
    edge: Deployment,
    key: String,
    token: String,
}

impl Remote {
    /// The shop that is meant, if one is.
    fn of(arguments: &Arguments) -> Result<Option<Self>> {
        let Some(shop) = &arguments.shop else { return Ok(None) };
        let (key, token) = publish::shop_and_token(arguments.token.as_deref())?;
        if key != *shop {
            bail!("the admin token is that of {key}, not of {shop}");
        }
        Ok(Some(Self { edge: Deployment::at(&arguments.edge), key, token }))
    }

    fn live(&self, to: &Path) -> Result<PathBuf> {
        let document = self.edge.live_config(&self.key, &self.token).context("fetching the live version")?;
        files::write(to, document.as_bytes())?;
        Ok(to.to_owned())
    }

    /// Fetches the log of all the shop's objects, page by page, into one file.
    fn log(&self, to: &Path) -> Result<PathBuf> {
        files::write(to, b"")?;
        let file = std::fs::File::create(to).with_context(|| format!("cannot write {}", files::shown(to)))?;
        let mut file = BufWriter::new(file);
        let counts = run::step("fetching the log", || {
            let mut pages = Pages::default();
            while let Some((object, after)) = pages.next() {
                let page = self.edge.log_page(&self.key, &self.token, object, after.as_deref())?;
                pages.take(object, &page, &mut file)?;
            }
            pages.close(&mut file)
        })?;
        file.flush()?;
        eprintln!("  {} people, {} events in {}", counts.people, counts.events, files::shown(to));
        Ok(to.to_owned())
    }
}
