//! `cargo xtask bench`: measurements under `tests/bench`, each a script for Node.

use crate::build::{self, Clock};
use crate::{files, node, run};
use anyhow::{Result, bail};

/// Measurements of rules alone: they build what they need by themselves, and no site.
const OF_RULES: [&str; 4] = ["mutants", "rehearse", "simulate", "value"];

/// Measurements that move the clock: they need the development build, too.
const OF_TIME: [&str; 1] = ["kills"];

/// Builds, then runs a measurement.
#[derive(clap::Args)]
pub struct Arguments {
    /// Which; without a name, what there is
    name: Option<String>,
    /// Print one line of JSON for each figure
    #[arg(long)]
    json: bool,
    /// Passed on to the measurement
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Runs the named measurement.
pub fn run(arguments: &Arguments) -> Result<()> {
    let names = names()?;
    let Some(name) = &arguments.name else {
        println!("{}", names.join("\n"));
        return Ok(());
    };
    if !names.contains(name) {
        bail!("there is no bench `{name}`; there is: {}", names.join(", "));
    }
    if OF_RULES.contains(&name.as_str()) {
        node::ensure_packages()?;
    } else {
        build::everything(Clock::System)?;
    }
    if OF_TIME.contains(&name.as_str()) {
        let _lock = build::prepare()?;
        build::edge::build(Clock::Development)?;
    }
    let mut script = node::program("node");
    script.arg(format!("tests/bench/{name}.mjs"));
    if arguments.json {
        script.arg("--json");
    }
    run::check(script.args(&arguments.rest))
}

fn names() -> Result<Vec<String>> {
    let scripts = files::below(&files::at("tests/bench"))?;
    let scripts = scripts.iter().filter(|path| path.extension().is_some_and(|extension| extension == "mjs"));
    let own = scripts.filter(|path| path.parent().is_some_and(|folder| folder.ends_with("bench")));
    Ok(own.filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned())).collect())
}
