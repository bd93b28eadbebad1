//! Invariant 1: `domain` knows no browser, no platform, no clock and no randomness.

use super::{Tally, check};
use crate::{run, rust};
use anyhow::Result;

/// What must not be below `domain`, whatever its features.
const BANNED: [&str; 14] = [
    "chrono",
    "fastrand",
    "getrandom",
    "gloo",
    "instant",
    "js-sys",
    "rand",
    "tokio",
    "wasm-bindgen",
    "web-sys",
    "web-time",
    "worker",
    "worker-sys",
    "yew",
];

/// Checks that `domain` builds for wasm32 by itself and depends on nothing that is banned.
pub fn holds() -> Result<Tally> {
    let mut tally = Tally::default();
    for features in ["--no-default-features", "--all-features"] {
        tally += compiles(features)?;
    }
    let mut tree = rust::cargo("tree");
    tree.args(["--package", "domain", "--all-features", "--edges", "normal", "--target", rust::WASM]);
    let tree = run::read(tree.args(["--prefix", "none", "--format", "{p}"]))?;
    let found = banned(&tree);
    if found.is_empty() {
        tally += Tally::PASSED;
    } else {
        eprintln!("domain must stay pure, but depends on {}", found.join(", "));
        tally += Tally::FAILED;
    }
    Ok(tally)
}

fn compiles(features: &str) -> Result<Tally> {
    check(rust::cargo("check").args(["--package", "domain", features, "--target", rust::WASM]))
}

fn banned(tree: &str) -> Vec<&str> {
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    let mut found: Vec<_> = names.filter(|name| BANNED.contains(name)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::banned;

    #[test]
    fn only_whole_names_are_banned() {
        let tree = "domain v0.1.0 (/x/domain)\nserde v1.0.0\nworker-like v1.0.0\njs-sys v0.3.0\njs-sys v0.3.0 (*)\n";
        assert_eq!(banned(tree), ["js-sys"]);
    }
}
