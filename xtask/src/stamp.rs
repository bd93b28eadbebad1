//! Skipping a step whose inputs have not changed since it last succeeded.

use crate::files;
use anyhow::Result;
use std::fs;
use std::path::{Path, PathBuf};

/// Does the work unless it was done with the same inputs before and all it makes is still there.
/// Returns whether it was done now.
pub fn unless_done(name: &str, inputs: &str, outputs: &[&Path], work: impl FnOnce() -> Result<()>) -> Result<bool> {
    let stamp = path_of(name);
    let done = fs::read_to_string(&stamp).is_ok_and(|last| last == inputs);
    if done && outputs.iter().all(|path| path.exists()) {
        return Ok(false);
    }
    let _ = fs::remove_file(&stamp);
    work()?;
    files::write(&stamp, inputs.as_bytes())?;
    Ok(true)
}

/// One hash over the names and contents of files: what a step depends on.
pub fn of_files<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Result<String> {
    let mut parts = Vec::new();
    for path in paths {
        parts.push(files::shown(path).into_bytes());
        parts.push(files::read(path)?);
    }
    Ok(files::hash(parts.iter().map(Vec::as_slice)))
}

fn path_of(name: &str) -> PathBuf {
    files::at("target/xtask").join(format!("{name}.stamp"))
}
