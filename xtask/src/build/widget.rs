//! The widget: wasm and glue under an address that changes with their bytes.

use super::wasm::{self, Effort};
use crate::{files, node, run, rust, stamp};
use anyhow::{Result, ensure};
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::EncodeInto;

/// What a form in doubt has to do comes with the glue.
const WORK: &str = "www/tag/work.js";

/// Where the loader finds the glue, below the edge's own address: `/w/HASH/widget.js`.
pub fn address() -> Result<String> {
    files::read_text(&address_file())
}

/// The glue and the wasm as they are served.
pub fn served() -> Result<[PathBuf; 2]> {
    let folder = files::at("target/site").join(address()?.trim_start_matches('/'));
    Ok([folder.clone(), folder.with_file_name("widget_bg.wasm")])
}

/// Builds the widget into `target/site/w/HASH`.
pub fn build(effort: Effort) -> Result<()> {
    run::step("widget", || {
        let compiled = rust::build_wasm("widget", "release", &["csr"])?;
        let inputs = format!("{} {}", stamp::of_files([compiled.as_path(), &files::at(WORK)])?, effort as u8);
        let address = address_file();
        stamp::unless_done("widget", &inputs, &[&address, &files::at("target/site/w")], || {
            let folder = files::at("target/xtask/widget");
            files::remove_folder(&folder)?;
            wasm::bind_small(&compiled, &folder, |bindgen| {
                bindgen.web(true)?.omit_default_module_path(false).remove_name_section(true);
                // Every browser that runs this wasm has it.
                bindgen.encode_into(EncodeInto::Always);
                Ok(())
            })?;
            let wasm = wasm::shrink(&folder.join("widget_bg.wasm"), effort)?;
            let glue = minified(&folder.join("widget.js"))?;
            // Half of it tells a shop's versions apart, and every page carries it.
            let hash = files::hash16([glue.as_slice(), &wasm]).split_off(8);
            super::mirror(
                &files::at("target/site/w"),
                &[(format!("{hash}/widget.js"), glue), (format!("{hash}/widget_bg.wasm"), wasm)],
            )?;
            files::write(&address, format!("/w/{hash}/widget.js").as_bytes())
        })?;
        Ok(())
    })
}

fn minified(glue: &Path) -> Result<Vec<u8>> {
    const MOUNT: &str = "export function mount(";
    // The loader awaits the default export; what only `initSync` needs is then left out.
    let text = files::read_text(glue)?;
    let exports = "export { initSync, __wbg_init as default };";
    ensure!(text.contains(exports), "wasm-bindgen no longer writes `{exports}`: look at {}", files::shown(glue));
    ensure!(text.contains(MOUNT), "wasm-bindgen no longer writes `{MOUNT}`: look at {}", files::shown(glue));
    // Whoever takes over does the work that the edge may ask for.
    let work = files::at(WORK).display().to_string();
    let ours = format!(
        "import {{ working }} from {work:?};\nconst takeOver = working(mount);\nexport {{ __wbg_init as default, takeOver as mount }};"
    );
    let text = text.replace(MOUNT, "function mount(").replace(exports, &ours);
    files::write(glue, text.as_bytes())?;

    let output = glue.with_extension("min.js");
    let mut esbuild = node::program("esbuild");
    esbuild.arg(glue).args(["--bundle", "--minify", "--format=esm", "--target=es2020"]);
    esbuild.args(["--legal-comments=none", "--log-level=warning"]);
    // `import.meta.url` is how the glue finds the wasm beside it.
    esbuild.arg("--supported:import-meta=true");
    esbuild.arg(format!("--outfile={}", output.display()));
    run::check(&mut esbuild)?;
    files::read(&output)
}

fn address_file() -> PathBuf {
    files::at("target/xtask/widget-address")
}
