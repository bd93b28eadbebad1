//! What would be changed, as `cargo mutants` says, and how its tests are run.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

/// One change of the rules.
#[derive(Clone, Debug, Deserialize)]
pub struct Mutant {
    /// Its number behind the switch, from 1; given by [`all`].
    #[serde(skip)]
    pub number: u32,
    /// The file, the place and what is changed, in words.
    pub name: String,
    /// The file, from the top of the repository.
    pub file: String,
    /// What kind of change.
    pub genre: Genre,
    /// What is replaced.
    pub span: Span,
    /// What it is replaced with.
    pub replacement: String,
}

/// Kinds of changes, named as `cargo mutants` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Genre {
    /// A function does nothing but return a value.
    FnValue,
    /// Another operator between two expressions.
    BinaryOperator,
    /// An operator before an expression is gone.
    UnaryOperator,
    /// An arm of a match is gone.
    MatchArm,
    /// The condition of an arm is always true, or never.
    MatchArmGuard,
    /// A field is taken from the base of a struct instead.
    StructField,
}

/// From a place up to another.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Span {
    /// Where it begins.
    pub start: Place,
    /// Where it ends.
    pub end: Place,
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

/// How the tests are built and run: a part of `.cargo/mutants.toml`.
#[derive(Debug, Deserialize)]
pub struct Config {
    /// The packages whose tests are run; this program knows one.
    test_package: Vec<String>,
    /// What `cargo test` is told, too.
    #[serde(default)]
    pub additional_cargo_args: Vec<String>,
    /// What `cargo test` and the tests are told.
    #[serde(default)]
    additional_cargo_test_args: Vec<String>,
    /// With which profile they are built.
    pub profile: String,
}

impl Config {
    /// Reads it.
    pub fn read(root: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(root.join(".cargo/mutants.toml"))?;
        Ok(toml::from_str(&text)?)
    }

    /// The package whose rules are changed; its folder bears its name.
    pub fn package(&self) -> Result<&str> {
        match self.test_package.as_slice() {
            [one] => Ok(one),
            _ => bail!("`test_package` in .cargo/mutants.toml: this program runs the tests of one package"),
        }
    }

    /// Which tests are run: those in whose names one of these is.
    pub fn filters(&self) -> &[String] {
        let all = &self.additional_cargo_test_args;
        all.iter().position(|word| word == "--").and_then(|place| all.get(place + 1..)).unwrap_or(&[])
    }
}

/// All mutants, in the order of their places.
pub fn all(root: &Path) -> Result<Vec<Mutant>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let listed = Command::new(cargo)
        .args(["mutants", "--list", "--json", "--no-shuffle"])
        .current_dir(root)
        .output()
        .context("cargo did not run")?;
    if !listed.status.success() {
        let why = String::from_utf8_lossy(&listed.stderr);
        bail!("`cargo mutants --list` failed; it comes with `cargo install cargo-mutants`\n{why}");
    }
    let mut mutants: Vec<Mutant> = serde_json::from_slice(&listed.stdout).context("what `cargo mutants` lists")?;
    for (number, mutant) in (1..).zip(&mut mutants) {
        mutant.number = number;
    }
    Ok(mutants)
}
