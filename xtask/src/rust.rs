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
    cargo
}

/// Builds a library of the workspace to wasm and returns the file.
pub fn build_wasm(package: &str, profile: &str, features: &[&str]) -> Result<PathBuf> {
    let mut cargo = cargo("rustc");
    cargo.args(["--package", package, "--lib", "--crate-type", "cdylib"]);
    cargo.args(["--target", WASM, "--profile", profile, "--features", &features.join(",")]);
    cargo.arg("--target-dir").arg(files::at("target"));
    // Where this machine keeps its sources is nothing to download, nor a reason for other bytes on another machine.
    if let Some(home) = cargo_home() {
        cargo
            .arg("--config")
            .arg(format!("target.{WASM}.rustflags=['--remap-path-prefix={}/registry/src=']", home.display()));
    }
    run::check(&mut cargo)?;
    Ok(files::at("target").join(WASM).join(profile).join(format!("{package}.wasm")))
}

/// Where cargo keeps what it has downloaded.
fn cargo_home() -> Option<PathBuf> {
    let own = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    own.or_else(|| Some(std::env::home_dir()?.join(".cargo")))
}

/// Builds a program of the workspace for this machine and returns the file.
pub fn build_tool(package: &str) -> Result<PathBuf> {
    let mut cargo = cargo("build");
    cargo.args(["--package", package, "--bin", package, "--target-dir"]).arg(files::at("target"));
    run::check(&mut cargo)?;
    Ok(files::at("target/debug").join(format!("{package}{}", std::env::consts::EXE_SUFFIX)))
}

/// The same, built for speed: for what goes through millions of events.
pub fn build_measured(package: &str) -> Result<PathBuf> {
    let mut cargo = cargo("build");
    cargo.args(["--package", package, "--bin", package, "--profile", "bench", "--target-dir"]).arg(files::at("target"));
    run::check(&mut cargo)?;
    Ok(files::at("target/release").join(format!("{package}{}", std::env::consts::EXE_SUFFIX)))
}
