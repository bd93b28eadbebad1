//! The loader: `www/tag/tag.js` made small, with the widget's address burnt in.

use super::widget;
use crate::{files, node, run, stamp};
use anyhow::Result;

/// Builds `target/site/tag.js`.
pub fn build() -> Result<()> {
    run::step("loader", || {
        let address = widget::address()?;
        let sources = files::below(&files::at("www/tag"))?;
        let inputs = format!("{} {address}", stamp::of_files(sources.iter().map(AsRef::as_ref))?);
        let output = files::at("target/site/tag.js");
        stamp::unless_done("loader", &inputs, &[&output], || {
            let mut esbuild = node::program("esbuild");
            esbuild.args(["www/tag/tag.js", "--bundle", "--minify", "--format=iife", "--target=es2020"]);
            esbuild.args(["--legal-comments=none", "--charset=utf8", "--log-level=warning"]);
            // The widget is fetched at run time, when there is a sign of interest.
            esbuild.arg("--external:/w/*");
            esbuild.arg(format!("--define:__WIDGET__=\"{address}\""));
            esbuild.arg(format!("--outfile={}", output.display()));
            run::check(&mut esbuild)
        })?;
        Ok(())
    })
}
