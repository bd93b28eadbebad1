//! `cargo xtask bench`: measurements under `tests/bench`, each a script for Node.

use crate::build::{self, Clock};
use crate::{browser, files, node, run};
use anyhow::{Result, bail};

/// Measurements of rules alone: they build what they need by themselves, and no site.
const OF_RULES: [&str; 5] = ["mutants", "recommend", "rehearse", "simulate", "value"];

/// Measurements that move the clock: they need the development build, too.
const OF_TIME: [&str; 1] = ["kills"];

/// Measurements in a browser.
const OF_PAGES: [&str; 2] = ["page", "shelf"];

/// Builds, then runs a measurement.
#[derive(clap::Args)]
pub struct Arguments {
    /// Which; without a name, what there is
    name: Option<String>,
    /// Print one line of JSON for each figure
    #[arg(long)]
    json: bool,
    /// Passed on to the measurement, as all that follows the name and is not known here; `--` may stand before it
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
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
    if OF_PAGES.contains(&name.as_str()) {
        script.env("CHROME", browser::ensure()?);
    }
    if arguments.json {
        script.arg("--json");
    }
    // The script runs in the top folder; paths are meant from where it was asked for, which npm's scripts are told so, too.
    script.env("INIT_CWD", std::env::current_dir()?);
    run::check(script.args(&arguments.rest))
}

fn names() -> Result<Vec<String>> {
    let scripts = files::below(&files::at("tests/bench"))?;
    let scripts = scripts.iter().filter(|path| path.extension().is_some_and(|extension| extension == "mjs"));
    let own = scripts.filter(|path| path.parent().is_some_and(|folder| folder.ends_with("bench")));
    Ok(own.filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        bench: Arguments,
    }

    #[track_caller]
    fn check(line: &str, json: bool, rest: &[&str]) {
        let parsed = Line::try_parse_from(std::iter::once("bench").chain(line.split(' ')));
        let Arguments { name, json: ours, rest: theirs } =
            parsed.unwrap_or_else(|error| panic!("{line}: {error}")).bench;
        assert_eq!(name.as_deref(), Some("recommend"), "{line}");
        // Either the flag is known here and handed on, or it is among what is handed on.
        assert_eq!(ours || theirs.iter().any(|argument| argument == "--json"), json, "{line}");
        let others: Vec<&str> = theirs.iter().map(String::as_str).filter(|argument| *argument != "--json").collect();
        assert_eq!(others, rest, "{line}");
    }

    #[test]
    fn what_follows_the_name_reaches_the_measurement() {
        check("recommend", false, &[]);
        check("recommend --json", true, &[]);
        check("--json recommend", true, &[]);
        check("recommend --data DIR", false, &["--data", "DIR"]);
        check("recommend --data DIR --method stan --json", true, &["--data", "DIR", "--method", "stan"]);
        check("recommend --json --data DIR", true, &["--data", "DIR"]);
        check("--json recommend --data DIR", true, &["--data", "DIR"]);
        check("recommend -- --data DIR", false, &["--data", "DIR"]);
        check("recommend --json -- --data DIR", true, &["--data", "DIR"]);
        check("recommend -- --data DIR --json", true, &["--data", "DIR"]);
    }
}
