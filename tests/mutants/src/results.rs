//! What became of each mutant, kept in a file: a run that was stopped goes on.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::list::Mutant;
use crate::run::Outcome;

/// One line of the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    /// The mutant.
    pub mutant: String,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// What its file said then.
    file: String,
    /// What the whole package said then, tests included.
    package: String,
}

/// The file.
#[derive(Debug)]
pub struct Results {
    known: BTreeMap<String, Line>,
    file: Mutex<File>,
    package: String,
    files: BTreeMap<String, String>,
}

impl Results {
    /// Reads what is known and still holds: `package` and `files` say what the sources are now. What was caught stays
    /// so while its own file is the same; what was not may be caught by other tests.
    pub fn open(path: &Path, package: String, files: BTreeMap<String, String>, mutants: &[Mutant]) -> Result<Self> {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
        let of: BTreeMap<&str, &str> =
            mutants.iter().map(|mutant| (mutant.name.as_str(), mutant.file.as_str())).collect();
        let holds = |line: &Line| {
            let same_file = of.get(line.mutant.as_str()).and_then(|file| files.get(*file)) == Some(&line.file);
            let caught = !matches!(line.outcome, Outcome::Survived | Outcome::Unreached);
            same_file && (caught || line.package == package)
        };
        let known = lines.filter(holds).map(|line| (line.mutant.clone(), line)).collect();
        let file =
            OpenOptions::new().create(true).append(true).open(path).with_context(|| path.display().to_string())?;
        Ok(Self { known, file: Mutex::new(file), package, files })
    }

    /// What became of a mutant.
    pub fn of(&self, mutant: &Mutant) -> Option<&Outcome> {
        self.known.get(&mutant.name).map(|line| &line.outcome)
    }

    /// Writes down what became of one.
    pub fn add(&self, mutant: &Mutant, outcome: Outcome) -> Result<()> {
        let line = Line {
            mutant: mutant.name.clone(),
            outcome,
            file: self.files.get(&mutant.file).cloned().unwrap_or_default(),
            package: self.package.clone(),
        };
        let mut text = serde_json::to_string(&line)?;
        text.push('\n');
        let mut file = self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        file.write_all(text.as_bytes())?;
        Ok(())
    }
}
