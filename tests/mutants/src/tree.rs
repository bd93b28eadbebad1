//! A copy of the repository in which mutants live: the repository itself stays as it is.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// The module by which a build knows which mutant lives. Reached are those whose place was come by: what no test
/// comes by needs no run.
const SWITCH: &str = r#"#![allow(missing_docs, clippy::all, clippy::pedantic)]

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::{Mutex, OnceLock};

static LIVING: OnceLock<u32> = OnceLock::new();
static REACHED: OnceLock<Option<Mutex<(std::fs::File, BTreeSet<u32>)>>> = OnceLock::new();

pub(crate) fn is(number: u32) -> bool {
    let reached = REACHED.get_or_init(|| {
        let file = std::fs::File::create(std::env::var_os("MUTANTS_REACHED")?).ok()?;
        Some(Mutex::new((file, BTreeSet::new())))
    });
    if let Some(reached) = reached {
        let mut reached = reached.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if reached.1.insert(number) {
            let _ = writeln!(reached.0, "{number}");
        }
    }
    *LIVING.get_or_init(|| std::env::var("MUTANT").ok().and_then(|number| number.parse().ok()).unwrap_or(0)) == number
}
"#;

/// A copy of the repository.
#[derive(Debug)]
pub struct Tree {
    /// Its top folder.
    pub root: PathBuf,
}

impl Tree {
    /// Copies what git knows of and what it would take. A file that is there already and says the same stays
    /// untouched, so nothing is built again for it; `but` are written by somebody else.
    pub fn copy(from: &Path, to: &Path, but: &BTreeSet<String>) -> Result<Self> {
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(from)
            .output()
            .context("git did not run")?;
        if !listed.status.success() {
            bail!("git ls-files: {}", String::from_utf8_lossy(&listed.stderr));
        }
        let tree = Self { root: to.to_owned() };
        let listed = String::from_utf8(listed.stdout)?;
        let known: BTreeSet<&str> = listed.split_terminator('\0').filter(|name| from.join(name).is_file()).collect();
        for name in known.iter().filter(|name| !but.contains(**name)) {
            tree.write(name, &std::fs::read(from.join(name))?)?;
        }
        tree.forget(&known)?;
        Ok(tree)
    }

    /// Writes a file, if it says something else.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<()> {
        let path = self.root.join(name);
        if std::fs::read(&path).is_ok_and(|known| known == content) {
            return Ok(());
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, content).with_context(|| name.to_owned())
    }

    /// Puts the switch into a package.
    pub fn switch(&self, package: &str, lib: &str) -> Result<()> {
        self.write(&format!("{package}/src/mutant.rs"), SWITCH.as_bytes())?;
        self.write(&format!("{package}/src/lib.rs"), format!("{lib}\nmod mutant;\n").as_bytes())
    }

    /// Sources that are gone in the repository, or that a test left behind, are gone here as well.
    fn forget(&self, known: &BTreeSet<&str>) -> Result<()> {
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder)? {
                let path = entry?.path();
                let name = path.strip_prefix(&self.root)?.to_string_lossy().into_owned();
                if path.is_dir() {
                    if name != "target" {
                        folders.push(path);
                    }
                } else if !known.contains(name.as_str()) && !name.ends_with("src/mutant.rs") {
                    std::fs::remove_file(path)?;
                }
            }
        }
        Ok(())
    }
}

/// A number for files and what they say: another one, if one says something else.
pub fn print_of(root: &Path, names: &[String]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for name in names {
        (name, std::fs::read(root.join(name))?).hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// All files below a folder, by their names from `root`, in order.
pub fn below(root: &Path, folder: &str) -> Result<Vec<String>> {
    let (mut files, mut folders) = (Vec::new(), vec![root.join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(root)?.to_string_lossy().into_owned());
            }
        }
    }
    files.sort();
    Ok(files)
}
