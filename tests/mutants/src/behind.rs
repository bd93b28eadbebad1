//! The build with all mutants behind a switch: made until it compiles, then asked which tests come by which mutant.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use crate::build::{self, Built};
use crate::list::{Config, Mutant};
use crate::render::{self, Rendered};
use crate::run::{Test, Tests};
use crate::sites::{self, Sites};
use crate::tree::Tree;

/// What is known of it, kept beside the copy while the sources are the same.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Known {
    /// What the sources said.
    package: String,
    /// Mutants that do not compile behind the switch.
    pub without: BTreeSet<u32>,
    /// Those of them that would not compile alone either.
    pub unbuildable: BTreeSet<u32>,
    /// The tests, and which mutants each comes by.
    pub tests: BTreeMap<String, Test>,
}

/// Sources with the places of their mutants.
pub struct Sources {
    /// By their names: the source and the places.
    pub files: BTreeMap<String, (String, Sites)>,
}

impl Sources {
    /// Reads those that have mutants.
    pub fn read(root: &Path, mutants: &[Mutant]) -> Result<Self> {
        let names: BTreeSet<&str> = mutants.iter().map(|mutant| mutant.file.as_str()).collect();
        let read = |name: &str| {
            let source = std::fs::read_to_string(root.join(name))?;
            let own: Vec<&Mutant> = mutants.iter().filter(|mutant| mutant.file == name).collect();
            let sites = sites::find(&source, &own)?;
            Ok((name.to_owned(), (source, sites)))
        };
        Ok(Self { files: names.into_iter().map(read).collect::<Result<_>>()? })
    }
}

/// Builds the tests with all mutants that can be behind the switch, and runs each without any. `package` says what
/// the sources are: while they are the same, nothing is asked a second time.
pub fn build(
    root: &Path,
    folder: &Path,
    config: &Config,
    sources: &Sources,
    package: &str,
) -> Result<(PathBuf, Known)> {
    let note = folder.join("known.json");
    let known: Option<Known> = std::fs::read(&note).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let mut known = known.filter(|known| known.package == package).unwrap_or_default();
    package.clone_into(&mut known.package);
    known.without.extend(sources.files.values().flat_map(|(_, sites)| &sites.alone));

    let lib = format!("{}/src/lib.rs", config.package()?);
    let own: BTreeSet<String> = sources.files.keys().cloned().chain([lib.clone()]).collect();
    let tree = Tree::copy(root, &folder.join("tree"), &own)?;
    tree.switch(config.package()?, &std::fs::read_to_string(root.join(&lib))?)?;
    let program = loop {
        let mut written: BTreeMap<String, (&Sites, Rendered)> = BTreeMap::new();
        for (name, (source, sites)) in &sources.files {
            let rendered = render::all(source, sites, &known.without);
            tree.write(name, rendered.text.as_bytes())?;
            written.insert(name.clone(), (sites, rendered));
        }
        match build::tests(&tree.root, config, false)? {
            Built::Tests(program) => break program,
            Built::Errors(errors) => {
                let blamed = build::blamed(&errors, &written, &known.without)?;
                let (themselves, beside) = (blamed.themselves, blamed.beside);
                eprintln!("{} do not compile, {} not behind the switch", themselves.len(), beside.len());
                if known.without.is_superset(&themselves) && known.without.is_superset(&beside) {
                    bail!("what does not compile is left out already:\n{}", errors[0].message);
                }
                known.unbuildable.extend(&themselves);
                known.without.extend(themselves.into_iter().chain(beside));
            }
        }
    };
    if known.tests.is_empty() {
        let tests = Tests::new(program.clone(), tree.root.join(config.package()?));
        let reached = folder.join("reached");
        for name in tests.names(config.filters())? {
            known.tests.insert(name.clone(), tests.unchanged(&name, &reached)?);
        }
        if known.tests.is_empty() {
            bail!("no test is called as .cargo/mutants.toml says");
        }
        std::fs::write(note, serde_json::to_string(&known)?)?;
    }
    Ok((program, known))
}
