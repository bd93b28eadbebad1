//! Why some survive: `survivors.toml` says it of each, so that a new one is seen.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

/// The file.
const FILE: &str = "tests/mutants/survivors.toml";

/// Mutants that no test can catch, or none needs to.
#[derive(Debug, Deserialize)]
pub struct Reasons {
    survivor: Vec<Survivor>,
}

#[derive(Debug, Deserialize)]
struct Survivor {
    /// The file and what is changed, without the line, as in [`without_place`].
    what: String,
    /// So many of them are there.
    #[serde(default = "one")]
    times: usize,
    /// The reason.
    why: String,
}

const fn one() -> usize {
    1
}

impl Reasons {
    /// Reads them.
    pub fn read(root: &Path) -> Result<Self> {
        toml::from_str(&std::fs::read_to_string(root.join(FILE))?).context(FILE)
    }

    /// The reason for each of those that survived, by their names; nothing where there is none, or where more of the
    /// same survived than are known.
    pub fn of<'a>(&self, survived: &[&'a str]) -> BTreeMap<&'a str, Option<&str>> {
        let why = |name: &str| {
            let what = without_place(name);
            let known = self.survivor.iter().find(|known| known.what == what)?;
            let same = survived.iter().filter(|other| without_place(other) == what).count();
            (same <= known.times).then_some(known.why.as_str())
        };
        survived.iter().map(|name| (*name, why(name))).collect()
    }
}

/// A mutant's name without the line and the column, which change with everything above.
fn without_place(name: &str) -> String {
    let mut parts = name.splitn(4, ':');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(file), Some(_), Some(_), Some(what)) => format!("{file}:{what}"),
        _ => name.to_owned(),
    }
}
