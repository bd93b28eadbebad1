//! `cargo xtask schema`: what editors know of journeys, segments and shelves.

use crate::{files, run, rust};
use anyhow::Result;
use std::process::Command;

/// Writes the JSON Schemas of journeys, segments and shelves into www/schema.
#[derive(clap::Args)]
pub struct Arguments {}

/// Writes them anew. A test fails as long as they are not current.
pub fn run(_: &Arguments) -> Result<()> {
    for name in ["journey", "segment", "shelf", "shelves"] {
        let mut compiler = Command::new(rust::build_tool("shopfiles")?);
        let schema = run::read_showing_errors(compiler.args(["--schema", name]).current_dir(files::root()))?;
        let path = files::at("www/schema").join(format!("{name}.json"));
        files::write(&path, format!("{}\n", schema.trim_end()).as_bytes())?;
        println!("{}", files::shown(&path));
    }
    Ok(())
}
