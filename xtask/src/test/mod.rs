//! `cargo xtask test`: everything that must hold.

mod licences;
mod purity;
mod tally;

use crate::build::{self, Clock};
use crate::{browser, files, node, run, rust, size};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use tally::Tally;

/// Runs every check and test, and says at the end how many passed and failed.
///
/// What is missing for a test is installed or is a failure; nothing is skipped.
#[derive(clap::Args)]
pub struct Arguments {
    /// Run this part only; may be repeated
    #[arg(long, value_enum)]
    only: Vec<Part>,
}

/// What can be run alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Formatting
    Fmt,
    /// Lints, native and wasm32
    Clippy,
    /// Tests of the crates; what `domain` may depend on
    Native,
    /// Tests of the loader's parts and of the edge in miniflare
    Edge,
    /// Walks in Chromium
    Pages,
    /// Size budgets
    Budget,
    /// Licences and sources of everything that is linked
    Licences,
}

/// The cheap ones first.
const ORDER: [Part; 7] = [Part::Fmt, Part::Clippy, Part::Native, Part::Licences, Part::Budget, Part::Edge, Part::Pages];

/// Runs the parts; fails if anything did.
pub fn run(arguments: &Arguments) -> Result<()> {
    rust::ensure_wasm_target()?;
    let mut total = Tally::default();
    let mut failed = Vec::new();
    for part in ORDER {
        if !arguments.only.is_empty() && !arguments.only.contains(&part) {
            continue;
        }
        eprintln!("\n━━ {} ━━", name(part));
        // A part that cannot even start has failed; the others still run.
        let tally = part.run().unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            Tally::FAILED
        });
        if tally.failed > 0 {
            failed.push(name(part));
        }
        total += tally;
    }
    if !failed.is_empty() {
        eprintln!("\nfailed: {}", failed.join(", "));
    }
    println!("\n{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 {
        std::process::exit(1);
    }
    Ok(())
}

fn name(part: Part) -> String {
    format!("{part:?}").to_lowercase()
}

impl Part {
    fn run(self) -> Result<Tally> {
        match self {
            Part::Fmt => check(rust::cargo("fmt").args(["--all", "--check"])),
            Part::Clippy => clippy(),
            Part::Native => native(),
            Part::Licences => licences::allowed(),
            Part::Budget => budget(),
            Part::Edge => {
                build_both_edges()?;
                node_tests(&scripts(|path| !is_walk(path))?, node::program("node").arg(side_by_side(1)))
            }
            Part::Pages => {
                let chrome = browser::ensure()?;
                build_both_edges()?;
                node_tests(&scripts(is_walk)?, node::program("node").arg(side_by_side(0)).env("CHROME", chrome))
            }
        }
    }
}

/// A command that counts as one test.
fn check(command: &mut Command) -> Result<Tally> {
    eprintln!("· {}", run::line(command));
    Ok(if command.status()?.success() { Tally::PASSED } else { Tally::FAILED })
}

fn clippy() -> Result<Tally> {
    const DENY: [&str; 3] = ["--", "--deny", "warnings"];
    let wasm = |package: &str, features: &str| {
        let mut clippy = rust::cargo("clippy");
        clippy.args(["--package", package, "--features", features, "--target", rust::WASM]).args(DENY);
        check(&mut clippy)
    };
    let mut tally = check(rust::cargo("clippy").args(["--workspace", "--all-targets"]).args(DENY))?;
    tally += wasm("widget", "csr")?;
    tally += wasm("widget", "shelf")?;
    tally += wasm("edge", "")?;
    tally += wasm("edge", "dev-clock")?;
    Ok(tally)
}

fn native() -> Result<Tally> {
    let mut tally = purity::holds()?;
    let mut seen = Tally::default();
    let status = run::tee(rust::cargo("test").arg("--workspace"), |line| seen.see_cargo(line))?;
    tally += seen.ended(status);
    Ok(tally)
}

fn budget() -> Result<Tally> {
    build::everything(Clock::System)?;
    let mut tally = Tally::default();
    for figure in size::judge()? {
        println!("{}", figure.line());
        if figure.bar.is_some() {
            tally += if figure.holds() { Tally::PASSED } else { Tally::FAILED };
        }
    }
    Ok(tally)
}

/// Once for all parts: the two builds of one crate make cargo forget each other.
fn build_both_edges() -> Result<()> {
    static BUILT: AtomicBool = AtomicBool::new(false);
    if BUILT.load(Ordering::Relaxed) {
        return Ok(());
    }
    build::everything(Clock::System)?;
    let _lock = build::prepare()?;
    build::edge::build(Clock::Development)?;
    BUILT.store(true, Ordering::Relaxed);
    Ok(())
}

/// The scripts that Node runs and that belong: those under `tests/`, and the demo shop's own.
fn scripts(belongs: fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let mut all = files::below(&files::at("tests"))?;
    all.extend(files::below(&files::at("www/demo"))?);
    let tests = all.into_iter().filter(|path| path.to_string_lossy().ends_with(".test.mjs"));
    Ok(tests.filter(|path| belongs(path)).collect())
}

/// Walks need a browser; they are in a folder of their own.
fn is_walk(path: &Path) -> bool {
    path.starts_with(files::at("tests/pages"))
}

/// Tests mostly wait: for clocks and alarms, for a browser. So as many files run as there are cores, and `more`; Node by itself
/// leaves one out.
fn side_by_side(more: usize) -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!("--test-concurrency={}", cores + more)
}

fn node_tests(scripts: &[PathBuf], node: &mut Command) -> Result<Tally> {
    // A test that hangs fails after this many milliseconds instead of stopping everything.
    const PATIENCE_MS: u32 = 600_000;
    if scripts.is_empty() {
        bail!("there are no such tests under tests/");
    }
    node.args(["--test", "--test-reporter=spec", &format!("--test-timeout={PATIENCE_MS}")]).args(scripts);
    let mut seen = Tally::default();
    let status = run::tee(node, |line| seen.see_node(line))?;
    Ok(seen.ended(status))
}
