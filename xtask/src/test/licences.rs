//! Licences and sources of everything that is linked, by `cargo deny` and `deny.toml`.

use super::{Tally, check};
use crate::{files, run, rust};
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::process::Command;

/// Checks them; installs `cargo-deny` first if this machine lacks it.
pub fn allowed() -> Result<Tally> {
    let deny = ensure_installed()?;
    let mut command = Command::new(deny);
    // Advisories come from a code host that not every machine reaches, and change by themselves:
    // they are no property of a commit.
    command.args(["check", "--hide-inclusion-graph", "licenses", "bans", "sources"]).current_dir(files::root());
    check(&mut command)
}

fn ensure_installed() -> Result<PathBuf> {
    let everybodys = PathBuf::from("cargo-deny");
    let own = files::at("target/tools");
    let ours = own.join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    for program in [everybodys, ours.clone()] {
        if run::read(Command::new(&program).arg("--version")).is_ok() {
            return Ok(program);
        }
    }
    run::step("installing cargo-deny (once, some minutes)", || {
        // Unoptimised: it is built for longer than it ever runs.
        let install = |locked: &[&str]| {
            let mut cargo = rust::cargo("install");
            cargo.args(["cargo-deny", "--version", "~0.20", "--debug", "--root"]).arg(&own);
            run::check(cargo.args(locked).arg("--target-dir").arg(own.join("build")))
        };
        // The lock file may name crates that the registry at hand does not have yet.
        install(&["--locked"]).or_else(|_| install(&[]))
    })
    .context("`cargo deny` checks the licences")?;
    files::remove_folder(&own.join("build"))?;
    Ok(ours)
}
