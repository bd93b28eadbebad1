//! The loader: `www/tag/tag.js` made small, with the addresses of everything that comes late burnt in.

use super::late::Late;
use super::widget::Module;
use crate::{files, node, run, stamp};
use anyhow::Result;

/// Builds `target/site/tag.js`.
pub fn build() -> Result<()> {
    run::step("loader", || {
        let (widget, shelf) = (Module::Widget.address()?, Module::Shelf.address()?);
        let late = Late::ALL.map(|module| Ok::<_, anyhow::Error>((module.constant(), module.address()?)));
        let late = late.into_iter().collect::<Result<Vec<_>>>()?;
        let sources = files::below(&files::at("www/tag"))?;
        let inputs = format!("{} {widget} {shelf} {late:?}", stamp::of_files(sources.iter().map(AsRef::as_ref))?);
        let output = files::at("target/site/tag.js");
        stamp::unless_done("loader", &inputs, &[&output], || {
            let mut esbuild = node::program("esbuild");
            esbuild.args(["www/tag/tag.js", "--bundle", "--minify", "--format=iife", "--target=es2021"]);
            esbuild.args(["--legal-comments=none", "--charset=utf8", "--log-level=warning"]);
            // They are fetched at run time: at a sign of interest, and when a place for a shelf comes near.
            esbuild.arg("--external:/w/*");
            esbuild.arg(format!("--define:__WIDGET__=\"{widget}\""));
            esbuild.arg(format!("--define:__SHELF__=\"{shelf}\""));
            esbuild.args(late.iter().map(|(constant, address)| format!("--define:{constant}=\"{address}\"")));
            esbuild.arg(format!("--banner:js={}", super::COMPILED_AT_ONCE));
            esbuild.arg(format!("--outfile={}", output.display()));
            run::check(&mut esbuild)
        })?;
        Ok(())
    })
}
