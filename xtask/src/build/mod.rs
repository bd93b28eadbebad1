//! `cargo xtask build`: everything that is served or deployed, made under `target/`.

pub mod edge;
pub mod late;
mod loader;
mod site;
mod wasm;
pub mod widget;

use crate::{files, node, run, rust, shopfiles, size};
use anyhow::{Context, Result};
use std::fs::{self, File, TryLockError};

pub use edge::Clock;
pub use wasm::Effort;

/// Begins a script whose functions are nearly all called: a browser that knows the comment (V8's explicit compile hints)
/// compiles them together, beside the page's main thread, instead of each when it is called.
const COMPILED_AT_ONCE: &str = "//# allFunctionsCalledOnLoad";

/// What is served for ever is named by what is in it: 24 bits of a hash. Every digit of every address weighs on the loader.
fn fingerprint<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    files::hash16(parts).split_off(10)
}

/// Builds the widget, the loader, the static files and the edge.
///
/// `npx wrangler deploy` uploads the result.
#[derive(clap::Args)]
pub struct Arguments {
    /// Build the edge with the development clock, into target/edge/dev instead of target/edge/deploy
    #[arg(long)]
    dev_clock: bool,
    /// Build this part only
    #[arg(long, value_enum)]
    only: Option<Part>,
}

/// What can be built alone.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// The wasm that shoppers download, and its glue
    Widget,
    /// tag.js and the other static files
    Loader,
    /// The Worker
    Edge,
    /// The demo shop's texts, as they are published, into target/demo-shop.json
    Demo,
}

/// Builds what was asked for and prints what it weighs.
pub fn run(arguments: &Arguments) -> Result<()> {
    let clock = if arguments.dev_clock { Clock::Development } else { Clock::System };
    let lock = prepare()?;
    let wanted = |part| arguments.only.is_none_or(|only| only == part);
    if wanted(Part::Widget) {
        widget::build(Effort::Smallest)?;
    }
    if wanted(Part::Widget) || wanted(Part::Loader) {
        site(Caching::Deployed)?;
    }
    if wanted(Part::Edge) {
        edge::build(clock)?;
    }
    if wanted(Part::Demo) {
        demo()?;
    }
    drop(lock);
    size::print_built()
}

/// Builds all that is deployed, or the same with the development clock.
pub fn everything(clock: Clock) -> Result<()> {
    let _lock = prepare()?;
    widget::build(Effort::Smallest)?;
    site(Caching::Deployed)?;
    edge::build(clock)?;
    demo()
}

/// The demo shop as it is published.
fn demo() -> Result<()> {
    run::step("demo shop", || {
        let release = shopfiles::compile(&files::at("www/demo/rapport"))?;
        files::write(&files::at("target/demo-shop.json"), release.document.as_bytes())
    })
}

/// How long browsers may keep `tag.js`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Caching {
    /// As deployed.
    Deployed,
    /// Not at all, so that a change is seen at the next load of a page.
    None,
}

/// Checks and installs the tools. Builds wait for each other while the returned lock lives.
pub fn prepare() -> Result<File> {
    let lock = lock()?;
    rust::ensure_wasm_target()?;
    node::ensure_packages()?;
    Ok(lock)
}

/// The loader and the other static files; the widget must have been built.
pub fn site(caching: Caching) -> Result<()> {
    loader::build()?;
    site::build(caching)
}

fn lock() -> Result<File> {
    let path = files::at("target/xtask/lock");
    files::write(&path, b"")?;
    let file = File::open(&path).with_context(|| format!("cannot open {}", files::shown(&path)))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            eprintln!("· waiting for another build …");
            file.lock().context("cannot wait for another build")?;
        }
        Err(TryLockError::Error(error)) => return Err(error).context("cannot lock the build"),
    }
    Ok(file)
}

/// Replaces a folder's contents by these files, so that nothing old stays in it.
fn mirror(folder: &std::path::Path, contents: &[(String, Vec<u8>)]) -> Result<()> {
    for present in files::below(folder)? {
        let kept = contents.iter().any(|(name, _)| folder.join(name) == present);
        if !kept {
            fs::remove_file(&present).with_context(|| format!("cannot remove {}", files::shown(&present)))?;
            // Fails while something is left in it, which is what is wanted.
            let _ = present.parent().map(fs::remove_dir);
        }
    }
    contents.iter().try_for_each(|(name, bytes)| files::write(&folder.join(name), bytes))
}
