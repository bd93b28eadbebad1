//! What runs in shoppers' browsers as wasm: forms, and shelves, each a module of its own, because a page with a shelf
//! needs no form. Wasm and glue stand under an address that changes with their bytes.

use super::late::Late;
use super::wasm::{self, Effort};
use crate::{files, node, run, rust, stamp};
use anyhow::{Result, ensure};
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::EncodeInto;

/// A module.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Module {
    /// Forms: the app that takes over from the published HTML.
    Widget,
    /// Shelves.
    Shelf,
}

/// What a form in doubt has to do comes with the glue.
const WORK: &str = "www/tag/work.js";
/// What surrounds the wasm of shelves.
const SHELF: &str = "www/shelf";
/// How shelves look.
const STYLE: &str = "widget/style/shelf.css";

impl Module {
    const ALL: [Self; 2] = [Self::Widget, Self::Shelf];

    fn name(self) -> &'static str {
        match self {
            Self::Widget => "widget",
            Self::Shelf => "shelf",
        }
    }

    /// The widget's feature that makes it.
    fn feature(self) -> &'static str {
        match self {
            Self::Widget => "csr",
            Self::Shelf => "shelf",
        }
    }

    /// The oldest JavaScript it is for. What shelves look like needs younger browsers than forms do.
    fn target(self) -> &'static str {
        match self {
            Self::Widget => "es2020",
            Self::Shelf => "es2022",
        }
    }

    /// What it is made of beside the wasm.
    fn sources(self) -> Result<Vec<PathBuf>> {
        Ok(match self {
            Self::Widget => vec![files::at(WORK)],
            Self::Shelf => files::below(&files::at(SHELF))?.into_iter().chain([files::at(STYLE)]).collect(),
        })
    }

    /// Where it is made.
    fn folder(self) -> PathBuf {
        files::at("target/xtask").join(self.name())
    }

    fn address_file(self) -> PathBuf {
        files::at(&format!("target/xtask/{}-address", self.name()))
    }

    /// Where the loader finds the glue, below the edge's own address: `/w/HASH/widget.js`.
    pub fn address(self) -> Result<String> {
        files::read_text(&self.address_file())
    }

    /// The glue and the wasm as they are served.
    pub fn served(self) -> Result<[PathBuf; 2]> {
        let glue = files::at("target/site").join(self.address()?.trim_start_matches('/'));
        Ok([glue.clone(), glue.with_file_name(format!("{}_bg.wasm", self.name()))])
    }

    /// The same two, where they were made.
    fn made(self) -> [PathBuf; 2] {
        let name = self.name();
        [format!("{name}.min.js"), format!("{name}.small.wasm")].map(|file| self.folder().join(file))
    }

    fn build(self, effort: Effort) -> Result<()> {
        let compiled = rust::build_wasm("widget", "release", &[self.feature()])?;
        let sources = self.sources()?;
        let parts = sources.iter().map(PathBuf::as_path).chain([compiled.as_path()]);
        let inputs = format!("{} {}", stamp::of_files(parts)?, effort as u8);
        let (name, address, [glue, wasm]) = (self.name(), self.address_file(), self.made());
        stamp::unless_done(name, &inputs, &[&address, &glue, &wasm], || {
            let folder = self.folder();
            files::remove_folder(&folder)?;
            wasm::bind_small(&compiled, &folder, |bindgen| {
                bindgen.web(true)?.omit_default_module_path(false).demangle(false).out_name(name);
                // Every browser that runs this wasm has it.
                bindgen.encode_into(EncodeInto::Always);
                Ok(())
            })?;
            let small = wasm::shrink(&folder.join(format!("{name}_bg.wasm")), effort)?;
            files::write(&wasm, &small)?;
            self.minify(&folder.join(format!("{name}.js")), &glue)?;
            let hash = super::fingerprint([files::read(&glue)?.as_slice(), &small]);
            files::write(&address, format!("/w/{hash}/{name}.js").as_bytes())
        })?;
        Ok(())
    }

    /// The glue and what belongs to it, in one small file.
    fn minify(self, glue: &Path, output: &Path) -> Result<()> {
        // The loader awaits the default export. wasm-bindgen's own has ways for browsers that could not run this wasm.
        let exports = "export { initSync, __wbg_init as default };";
        let start = format!(
            "let made;\n\
             const start = () => (made = made || WebAssembly.instantiateStreaming(\n\
             fetch(new URL(\"{}_bg.wasm\", import.meta.url)), __wbg_get_imports(),\n\
             ).then(({{ instance, module }}) => __wbg_finalize_init(instance, module)));\n\
             export {{ start as default }};",
            self.name()
        );
        let text = files::read_text(glue)?;
        for own in ["function __wbg_get_imports()", "function __wbg_finalize_init(instance, module)"] {
            ensure!(text.contains(own), "wasm-bindgen no longer writes `{own}`: look at {}", files::shown(glue));
        }
        let text = replaced(&text, exports, &start, glue)?;
        let shown = |path: &str| files::at(path).display().to_string();
        let mut esbuild = node::program("esbuild");
        let text = match self {
            Self::Widget => {
                // Whoever takes over does the work that the edge may ask for.
                let text = replaced(&text, "export function mount(", "function mount(", glue)?;
                let take_over = "const takeOver = working(mount);\nexport { takeOver as mount };";
                format!("import {{ working }} from {:?};\n{text}\n{take_over}\n", shown(WORK))
            }
            Self::Shelf => {
                files::write(&glue.with_file_name("rules.js"), text.as_bytes())?;
                esbuild.arg(format!("--define:__STYLE__={}", style(&glue.with_file_name("style.css"))?));
                let shelving = shown(&format!("{SHELF}/shelf.js"));
                format!(
                    "import start, * as rules from \"./rules.js\";\nimport {{ shelving }} from {shelving:?};\n\
                     export const shelve = shelving(start, rules);\n"
                )
            }
        };
        files::write(glue, text.as_bytes())?;
        esbuild.arg(glue).args(["--bundle", "--minify", "--format=esm"]);
        esbuild.arg(format!("--target={}", self.target()));
        esbuild.args(["--legal-comments=none", "--charset=utf8", "--log-level=warning"]);
        // `import.meta.url` is how the glue finds the wasm beside it.
        esbuild.arg("--supported:import-meta=true");
        esbuild.arg(format!("--banner:js={}", super::COMPILED_AT_ONCE));
        esbuild.arg(format!("--outfile={}", output.display()));
        run::check(&mut esbuild)
    }
}

/// Builds both, and what comes late without wasm, into `target/site/w/HASH`.
pub fn build(effort: Effort) -> Result<()> {
    let mut served = Late::ALL.into_iter().map(Late::build).collect::<Result<Vec<_>>>()?;
    for module in Module::ALL {
        run::step(module.name(), || module.build(effort))?;
        let folder = module.address()?.trim_start_matches("/w/").replace(&format!("{}.js", module.name()), "");
        let [glue, wasm] = module.made();
        served.push((format!("{folder}{}.js", module.name()), files::read(&glue)?));
        served.push((format!("{folder}{}_bg.wasm", module.name()), files::read(&wasm)?));
    }
    super::mirror(&files::at("target/site/w"), &served)
}

/// What wasm-bindgen wrote, with one thing changed.
fn replaced(text: &str, from: &str, to: &str, glue: &Path) -> Result<String> {
    ensure!(text.contains(from), "wasm-bindgen no longer writes `{from}`: look at {}", files::shown(glue));
    Ok(text.replace(from, to))
}

/// The style sheet of shelves as a literal of JavaScript.
fn style(output: &Path) -> Result<String> {
    let mut esbuild = node::program("esbuild");
    esbuild.args([STYLE, "--minify", "--charset=utf8", "--log-level=warning"]);
    esbuild.arg(format!("--outfile={}", output.display()));
    run::check(&mut esbuild)?;
    Ok(serde_json::to_string(files::read_text(output)?.trim())?)
}
