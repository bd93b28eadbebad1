//! Modules that the loader fetches when their time comes: `www/NAME/NAME.js` made small, each under an address that
//! changes with its bytes.

use crate::{files, node, run, stamp};
use anyhow::Result;
use std::path::PathBuf;

/// A module.
#[derive(Clone, Copy)]
pub enum Late {
    /// Takes what is answered in a form.
    Form,
    /// Takes surveys on after their first question.
    Survey,
    /// Notices what somebody would not complain about.
    Senses,
    /// Shows somebody with the admin token why the page shows what it shows.
    Why,
}

impl Late {
    /// Every one of them.
    pub const ALL: [Self; 4] = [Self::Form, Self::Survey, Self::Senses, Self::Why];

    fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Survey => "survey",
            Self::Senses => "senses",
            Self::Why => "why",
        }
    }

    /// What the loader's source calls its address.
    pub fn constant(self) -> String {
        format!("__{}__", self.name().to_uppercase())
    }

    /// Where the loader finds it, below the edge's own address: `/w/HASH/survey.js`.
    pub fn address(self) -> Result<String> {
        let hash = super::fingerprint([files::read(&self.made())?.as_slice()]);
        Ok(format!("/w/{hash}/{}.js", self.name()))
    }

    /// Where it is written.
    pub fn source(self) -> PathBuf {
        files::at(&format!("www/{0}/{0}.js", self.name()))
    }

    fn made(self) -> PathBuf {
        files::at(&format!("target/xtask/{0}/{0}.js", self.name()))
    }

    /// Where it is served from.
    pub fn served(self) -> Result<PathBuf> {
        Ok(files::at("target/site").join(self.address()?.trim_start_matches('/')))
    }

    /// Builds it; gives its place below `target/site/w`, and its bytes.
    pub fn build(self) -> Result<(String, Vec<u8>)> {
        let (name, made) = (self.name(), self.made());
        run::step(name, || {
            let sources = files::below(&files::at(&format!("www/{name}")))?;
            let inputs = stamp::of_files(sources.iter().map(AsRef::as_ref))?;
            stamp::unless_done(name, &inputs, &[&made], || {
                let mut esbuild = node::program("esbuild");
                esbuild.arg(self.source());
                esbuild.args(["--bundle", "--minify", "--format=esm", "--target=es2021"]);
                esbuild.args(["--legal-comments=none", "--charset=utf8", "--log-level=warning"]);
                esbuild.arg(format!("--banner:js={}", super::COMPILED_AT_ONCE));
                esbuild.arg(format!("--outfile={}", made.display()));
                run::check(&mut esbuild)
            })?;
            Ok(())
        })?;
        Ok((self.address()?.trim_start_matches("/w/").to_owned(), files::read(&made)?))
    }
}
