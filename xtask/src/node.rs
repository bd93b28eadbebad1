//! Node, npm and what `package.json` pins.

use crate::{files, run, stamp};
use anyhow::{Context, Result, bail};
use std::process::Command;

const OLDEST_MAJOR: u32 = 20;

/// Installs what `package-lock.json` names, unless that is what is installed already.
pub fn ensure_packages() -> Result<()> {
    let lock = files::at("package-lock.json");
    let manifest = files::at("package.json");
    let inputs = stamp::of_files([lock.as_path(), manifest.as_path()])?;
    let marker = files::at("node_modules/.rapport-installed");
    if std::fs::read_to_string(&marker).is_ok_and(|last| last == inputs) {
        return Ok(());
    }
    check_versions()?;
    run::step("npm ci", || {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
        run::check(npm.current_dir(files::root()))
    })?;
    let version = run::read(program("node").arg("--version"))?;
    eprintln!("  Node {} runs the tools", version.trim());
    files::write(&marker, inputs.as_bytes())
}

/// A program of an installed npm package, run from the top folder with the pinned Node first on the PATH.
pub fn program(name: &str) -> Command {
    let tools = files::at("node_modules/.bin");
    let mut command = Command::new(tools.join(name));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let with_tools = std::env::join_paths(std::iter::once(tools).chain(std::env::split_paths(&path)));
    command.current_dir(files::root()).env("PATH", with_tools.unwrap_or(path)).env("WRANGLER_SEND_METRICS", "false");
    command
}

fn check_versions() -> Result<()> {
    let advice = format!("Node {OLDEST_MAJOR} or newer with npm is needed: https://nodejs.org");
    let version = run::read(Command::new("node").arg("--version")).context(advice.clone())?;
    match major(&version) {
        Some(major) if major >= OLDEST_MAJOR => {}
        _ => bail!("{advice} (found {})", version.trim()),
    }
    run::read(Command::new("npm").arg("--version")).context(advice)?;
    Ok(())
}

fn major(version: &str) -> Option<u32> {
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_is_read_from_what_node_prints() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("v9.1.0"), Some(9));
        assert_eq!(major("not node"), None);
    }
}
