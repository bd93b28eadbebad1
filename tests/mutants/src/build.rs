//! Builds the tests, and finds which mutants keep them from being built.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::list::Config;
use crate::render::{Place, Rendered};
use crate::sites::Sites;

/// What came of a build.
pub enum Built {
    /// The program of the tests.
    Tests(PathBuf),
    /// What the compiler said.
    Errors(Vec<Error>),
}

/// What is wrong, and where.
pub struct Error {
    /// What the compiler says.
    pub message: String,
    /// The files and the bytes in them that it is about, the first ones first.
    places: Vec<(String, Range<usize>)>,
}

/// Builds the tests of a copy; `only_check` says only whether it could be done.
pub fn tests(root: &Path, config: &Config, only_check: bool) -> Result<Built> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    if only_check {
        cargo.arg("check").arg("--tests");
    } else {
        cargo.arg("test").arg("--no-run");
    }
    let built = cargo
        .args(["--lib", "--quiet", "--message-format", "json", "--package", config.package()?])
        .args(["--profile", &config.profile])
        .args(&config.additional_cargo_args)
        // What is odd about a mutant is no error.
        .env("RUSTFLAGS", "--cap-lints=allow")
        // Built once and run thousands of times.
        .env(format!("CARGO_PROFILE_{}_OPT_LEVEL", config.profile.to_uppercase()), "1")
        .env("CARGO_TARGET_DIR", root.join("target"))
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .context("cargo did not run")?;
    let said = String::from_utf8_lossy(&built.stdout);
    let lines: Vec<Value> = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    if !built.status.success() {
        let errors: Vec<Error> = lines.iter().filter_map(error).collect();
        if errors.is_empty() {
            bail!("the tests cannot be built, and the compiler does not say why");
        }
        return Ok(Built::Errors(errors));
    }
    let program = lines.iter().rev().find_map(|line| line["executable"].as_str());
    match program {
        Some(program) => Ok(Built::Tests(program.into())),
        None if only_check => Ok(Built::Tests(PathBuf::new())),
        None => bail!("cargo does not say which program it built"),
    }
}

fn error(line: &Value) -> Option<Error> {
    let message = line.get("message").filter(|message| message["level"] == "error")?;
    let spans = message["spans"].as_array()?;
    let (first, other): (Vec<_>, Vec<_>) = spans.iter().partition(|span| span["is_primary"] == true);
    let place = |span: &Value| {
        let byte = |name| usize::try_from(span[name].as_u64()?).ok();
        Some((span["file_name"].as_str()?.to_owned(), byte("byte_start")?..byte("byte_end")?))
    };
    let places = first.into_iter().chain(other).filter_map(place).collect();
    Some(Error { message: message["rendered"].as_str()?.to_owned(), places })
}

/// Mutants that the compiler finds fault with.
#[derive(Default)]
pub struct Blamed {
    /// What they do is wrong in itself: so it would be without any switch.
    pub themselves: BTreeSet<u32>,
    /// They cannot stand together with what is there without them.
    pub beside: BTreeSet<u32>,
}

/// Which mutants the errors are about.
///
/// # Errors
/// If one is about none of them.
pub fn blamed(
    errors: &[Error],
    written: &BTreeMap<String, (&Sites, Rendered)>,
    without: &BTreeSet<u32>,
) -> Result<Blamed> {
    let mut blamed = Blamed::default();
    let mut unclear = None;
    for error in errors.iter().filter(|error| !error.places.is_empty()) {
        let of = error.places.iter().find_map(|(file, at)| smallest(&written.get(file)?.1, at));
        match of {
            Some((of, true)) => blamed.themselves.extend(of),
            Some((of, false)) => blamed.beside.extend(of),
            None => match constant(&error.message, written, without) {
                Some(of) => blamed.beside.extend(of),
                None => unclear = unclear.or(Some(&error.message)),
            },
        }
    }
    match unclear {
        // Others may be at the bottom of it.
        _ if !(blamed.themselves.is_empty() && blamed.beside.is_empty()) => Ok(blamed),
        Some(message) => bail!("an error that is about no mutant:\n{message}"),
        None => bail!("errors about no place"),
    }
}

/// Those of the smallest place that holds an error, and whether that is what they do themselves.
fn smallest(rendered: &Rendered, at: &Range<usize>) -> Option<(Vec<u32>, bool)> {
    let holds = |place: &&Place| place.range.start <= at.start && at.end <= place.range.end;
    let place = rendered.places.iter().filter(holds).min_by_key(|place| place.range.len())?;
    Some((place.of.clone(), place.themselves))
}

/// A function that has to be constant was made one that is not, for the mutants in it.
fn constant(
    message: &str,
    written: &BTreeMap<String, (&Sites, Rendered)>,
    without: &BTreeSet<u32>,
) -> Option<Vec<u32>> {
    let all = written.values().flat_map(|(sites, _)| &sites.constant);
    let named = all.filter(|function| message.contains("E0015") && message.contains(&format!("::{}`", function.name)));
    let mutants: Vec<u32> =
        named.flat_map(|function| &function.mutants).filter(|number| !without.contains(number)).copied().collect();
    Some(mutants).filter(|mutants| !mutants.is_empty())
}
