//! The Rust toolchain: the wasm target, and builds for it.

use crate::{files, run};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The only target besides the machine's own.
pub const WASM: &str = "wasm32-unknown-unknown";

/// Installs the wasm target if the toolchain lacks it.
pub fn ensure_wasm_target() -> Result<()> {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", WASM]).current_dir(files::root());
    let libraries = run::read(&mut rustc).context("Rust is needed: https://rustup.rs")?;
    if Path::new(libraries.trim()).exists() {
        return Ok(());
    }
    run::step(&format!("rustup target add {WASM}"), || {
        let mut rustup = Command::new("rustup");
        rustup.args(["target", "add", WASM]).current_dir(files::root());
        run::check(&mut rustup)
            .with_context(|| format!("the target {WASM} is needed; rustup installs it: https://rustup.rs"))
    })
}

/// `cargo`, the very one that runs this program, at the top folder.
pub fn cargo(command: &str) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.arg(command).current_dir(files::root());
    // What cargo set for this program does not belong to the next one.
    cargo.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_PKG_NAME");
    cargo
}

/// Builds a library of the workspace to wasm and returns the file.
pub fn build_wasm(package: &str, profile: &str, features: &[&str]) -> Result<PathBuf> {
    let mut cargo = cargo("build");
    cargo.args(["--package", package, "--lib", "--target", WASM, "--profile", profile]);
    cargo.arg("--target-dir").arg(files::at("target"));
    if !features.is_empty() {
        cargo.arg("--features").arg(features.join(","));
    }
    run::check(&mut cargo)?;
    Ok(files::at("target").join(WASM).join(profile).join(format!("{package}.wasm")))
}
