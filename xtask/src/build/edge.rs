//! The Worker: one script and one wasm file, which wrangler uploads as they are.

use super::wasm;
use crate::{files, node, run, rust, stamp};
use anyhow::{Result, ensure};
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::EncodeInto;

/// Which time the edge lives in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The platform's. The only one a deployment contains.
    System,
    /// Can be advanced from the inbox page and by tests.
    Development,
}

impl Clock {
    fn name(self) -> &'static str {
        match self {
            Clock::System => "deploy",
            Clock::Development => "dev",
        }
    }

    /// Its profile in `Cargo.toml`.
    fn profile(self) -> &'static str {
        match self {
            Clock::System => "edge",
            Clock::Development => "edge-dev",
        }
    }

    fn features(self) -> &'static [&'static str] {
        match self {
            Clock::System => &[],
            Clock::Development => &["dev-clock"],
        }
    }

    /// Where the bundle is: `target/edge/deploy` or `target/edge/dev`.
    pub fn folder(self) -> PathBuf {
        files::at("target/edge").join(self.name())
    }
}

/// Builds `index.js` and `index_bg.wasm` into the clock's folder.
pub fn build(clock: Clock) -> Result<()> {
    let name = format!("edge-{}", clock.name());
    run::step(&format!("edge ({})", clock.name()), || {
        let compiled = rust::build_wasm("edge", clock.profile(), clock.features())?;
        let entry = files::at("edge/entry.js");
        let inputs = stamp::of_files([compiled.as_path(), &entry])?;
        let folder = clock.folder();
        let script = folder.join("index.js");
        let wasm = folder.join("index_bg.wasm");
        stamp::unless_done(&name, &inputs, &[&script, &wasm], || {
            let bound = files::at("target/xtask").join(&name);
            bind(&compiled, &bound)?;
            bundle(&entry, &bound.join("index.js"), &script)?;
            let bound_wasm = bound.join("index_bg.wasm");
            let bytes = match clock {
                Clock::System => wasm::quicken(&bound_wasm)?,
                // Built often: stays as it is, with names in its stack traces.
                Clock::Development => files::read(&bound_wasm)?,
            };
            files::write(&wasm, &bytes)
        })?;
        Ok(())
    })
}

fn bind(compiled: &Path, folder: &Path) -> Result<()> {
    files::remove_folder(folder)?;
    wasm::bind(compiled, folder, |bindgen| {
        bindgen.out_name("index").module(true)?;
        // `entry.js` starts a fresh instance after a trap. wasm-bindgen's own abort handler would
        // guard and catch every call across the border, which costs time on the hot path.
        bindgen.reset_state_function(true);
        // Strings cross in one native call instead of letter by letter.
        bindgen.encode_into(EncodeInto::Always);
        Ok(())
    })?;
    // The runtime hands a compiled module to a plain import; it does not know `import source`.
    let script = folder.join("index.js");
    let glue = files::read_text(&script)?;
    ensure!(
        glue.contains("import source "),
        "wasm-bindgen no longer writes `import source`: look at {}",
        files::shown(&script)
    );
    files::write(&script, glue.replace("import source ", "import ").as_bytes())
}

fn bundle(entry: &Path, glue: &Path, output: &Path) -> Result<()> {
    let mut esbuild = node::program("esbuild");
    esbuild.arg(entry).args(["--bundle", "--minify", "--format=esm", "--target=es2022"]);
    esbuild.args(["--external:cloudflare:*", "--external:*.wasm", "--legal-comments=none", "--log-level=warning"]);
    // The Rust side must export all that the script hands on to.
    esbuild.arg("--log-override:import-is-undefined=error");
    esbuild.arg(format!("--alias:edge={}", glue.display()));
    esbuild.arg(format!("--outfile={}", output.display()));
    run::check(&mut esbuild)
}
