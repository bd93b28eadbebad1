//! What takes surveys on after their first question: `www/survey/survey.js` made small, under an address that changes
//! with its bytes.

use crate::{files, node, run, stamp};
use anyhow::Result;
use std::path::PathBuf;

/// Where the loader finds it, below the edge's own address: `/w/HASH/survey.js`.
pub fn address() -> Result<String> {
    Ok(format!("/w/{}/survey.js", files::hash16([files::read(&made())?.as_slice()]).split_off(8)))
}

fn made() -> PathBuf {
    files::at("target/xtask/survey/survey.js")
}

/// Where it is served from.
pub fn served() -> Result<PathBuf> {
    Ok(files::at("target/site").join(address()?.trim_start_matches('/')))
}

/// Builds it; gives its place below `target/site/w`, and its bytes.
pub fn build() -> Result<(String, Vec<u8>)> {
    run::step("survey", || {
        let sources = files::below(&files::at("www/survey"))?;
        let inputs = stamp::of_files(sources.iter().map(AsRef::as_ref))?;
        stamp::unless_done("survey", &inputs, &[&made()], || {
            let mut esbuild = node::program("esbuild");
            esbuild.args(["www/survey/survey.js", "--bundle", "--minify", "--format=esm", "--target=es2020"]);
            esbuild.args(["--legal-comments=none", "--charset=utf8", "--log-level=warning"]);
            esbuild.arg(format!("--outfile={}", made().display()));
            run::check(&mut esbuild)
        })?;
        Ok(())
    })?;
    Ok((address()?.trim_start_matches("/w/").to_owned(), files::read(&made())?))
}
