//! A Chromium for walks and measurements: one that is there, else one that is installed now.

use crate::{node, run};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

const NAMES: [&str; 4] = ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"];

const MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// A browser's program. Installs one if there is none.
pub fn ensure() -> Result<PathBuf> {
    node::ensure_packages()?;
    if let Some(named) = std::env::var_os("CHROME") {
        let path = PathBuf::from(named);
        if path.is_file() {
            return Ok(path);
        }
        bail!("CHROME names {}, which is not there", path.display());
    }
    if let Some(path) = find() {
        return Ok(path);
    }
    eprintln!("· no Chromium found: installing one …");
    install();
    find().ok_or_else(|| {
        anyhow::anyhow!("this needs Chromium: install it, or set CHROME to the path of a Chromium or Chrome")
    })
}

fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    let known = NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    known.chain([PathBuf::from(MAC)]).find(|path| path.is_file()).or_else(playwrights_own)
}

fn playwrights_own() -> Option<PathBuf> {
    let script = "process.stdout.write((await import('playwright-core')).chromium.executablePath())";
    let mut node = node::program("node");
    let path = run::read(node.args(["--input-type=module", "--eval", script])).ok()?;
    Some(PathBuf::from(path)).filter(|path| path.is_file())
}

/// Tries what may work on this machine, in turn. Whether it did is seen by looking for a browser.
fn install() {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    let mut playwright = node::program("playwright-core");
    playwright.args(["install", "chromium"]);
    if is_root {
        playwright.arg("--with-deps");
    }
    let by_playwright = run::check(&mut playwright);
    if by_playwright.is_ok() || !is_root || !Path::new("/usr/bin/apt-get").exists() {
        return;
    }
    eprintln!("· Playwright cannot install it here: asking apt-get …");
    let apt = |arguments: &[&str]| {
        let mut apt = Command::new("apt-get");
        run::check(apt.args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    let installed = apt(&["update"]).and_then(|()| apt(&["install", "--yes", "--no-install-recommends", "chromium"]));
    if let Err(error) = installed {
        eprintln!("{error:#}");
    }
}
