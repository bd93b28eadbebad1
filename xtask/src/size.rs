//! `cargo xtask size`: what a shopper downloads and what is deployed, against the budget.

use crate::budget::{Budgets, Judged};
use crate::build::late::Late;
use crate::build::widget::Module;
use crate::build::{self, Clock};
use crate::{files, shopfiles};
use anyhow::{Result, bail};
use std::io::Write;
use std::path::Path;

/// What the edge answers to a form that was filled in.
const FORM_ANSWER: &[u8] = br#"{"v":1,"step":"done","code":"HELLO-7KQ2M9"}"#;

/// Prints what is downloaded and deployed, in bytes, and fails when it is more than `budgets.toml` allows.
///
/// Builds what is missing or out of date first.
#[derive(clap::Args)]
pub struct Arguments {
    /// Print one line of JSON for each figure
    #[arg(long)]
    json: bool,
}

type Figures = Vec<(&'static str, u64)>;

/// Builds, weighs and judges.
pub fn run(arguments: &Arguments) -> Result<()> {
    build::everything(Clock::System)?;
    let judged = judge()?;
    for figure in &judged {
        println!("{}", if arguments.json { figure.json() } else { figure.line() });
    }
    let broken: Vec<_> = judged.iter().filter(|figure| !figure.holds()).map(|judged| judged.figure.as_str()).collect();
    if !broken.is_empty() {
        bail!("over the budget: {}", broken.join(", "));
    }
    Ok(())
}

/// Every figure beside its budget. All of it must have been built.
pub fn judge() -> Result<Vec<Judged>> {
    let budgets = Budgets::load()?;
    let mut figures = downloads()?;
    figures.extend(parts()?);
    Ok(figures.into_iter().map(|(name, bytes)| budgets.judge(name, bytes)).collect())
}

/// Prints what the parts that are built weigh.
pub fn print_built() -> Result<()> {
    let budgets = Budgets::load()?;
    for (name, bytes) in parts()? {
        eprintln!("{}", budgets.judge(name, bytes).line());
    }
    Ok(())
}

/// What a shopper of the demo shop fetches, each file packed by itself as it is served: until the
/// popup is visible, until it has been answered through the wasm, until a survey has been, until a shelf is shown, and until all of that has happened.
fn downloads() -> Result<Figures> {
    let release = shopfiles::compile(&files::at("www/demo/rapport"))?;
    let loader = brotli(&files::read(&files::at("target/site/tag.js"))?)?;
    let visible = loader + brotli(release.pointer().as_bytes())? + brotli(&release.language_file("en")?)?;
    let mut answered = visible + brotli(&release.brain("en")?)? + brotli(FORM_ANSWER)?;
    answered += brotli(&files::read(&Late::Form.served()?)?)?;
    for path in Module::Widget.served()? {
        answered += brotli(&files::read(&path)?)?;
    }
    // What is learned comes on top: as much as there is of it.
    let mut shelf = 0;
    for path in Module::Shelf.served()? {
        shelf += brotli(&files::read(&path)?)?;
    }
    let survey = brotli(&files::read(&Late::Survey.served()?)?)?;
    let senses = brotli(&files::read(&Late::Senses.served()?)?)?;
    Ok(vec![
        ("popup_visible_brotli", visible),
        ("popup_answered_brotli", answered),
        ("survey_answered_brotli", visible + survey),
        ("shelf_shown_brotli", visible + shelf),
        ("everything_brotli", answered + survey + senses + shelf),
    ])
}

/// The parts that are built.
fn parts() -> Result<Figures> {
    let mut parts = Vec::new();
    let mut weigh = |path: &Path, names: &[(&'static str, Packing)]| -> Result<()> {
        if path.exists() {
            let bytes = files::read(path)?;
            for (name, packing) in names {
                parts.push((*name, packing.weigh(&bytes)?));
            }
        }
        Ok(())
    };
    weigh(&files::at("target/site/tag.js"), &[("loader", Packing::Raw), ("loader_brotli", Packing::Brotli)])?;
    if let Ok([glue, wasm]) = Module::Widget.served() {
        weigh(&wasm, &[("widget_wasm", Packing::Raw), ("widget_wasm_brotli", Packing::Brotli)])?;
        weigh(&glue, &[("widget_glue", Packing::Raw), ("widget_glue_brotli", Packing::Brotli)])?;
    }
    if let Ok([glue, wasm]) = Module::Shelf.served() {
        weigh(&wasm, &[("shelf_wasm", Packing::Raw), ("shelf_wasm_brotli", Packing::Brotli)])?;
        weigh(&glue, &[("shelf_glue", Packing::Raw), ("shelf_glue_brotli", Packing::Brotli)])?;
    }
    let edge = Clock::System.folder();
    weigh(&edge.join("index_bg.wasm"), &[("edge_wasm", Packing::Raw), ("edge_wasm_gzip", Packing::Gzip)])?;
    weigh(&edge.join("index.js"), &[("edge_script", Packing::Raw), ("edge_script_gzip", Packing::Gzip)])?;
    Ok(parts)
}

#[derive(Clone, Copy)]
enum Packing {
    /// As it lies on the disk.
    Raw,
    /// As it is served.
    Brotli,
    /// As the platform counts a Worker.
    Gzip,
}

impl Packing {
    fn weigh(self, bytes: &[u8]) -> Result<u64> {
        match self {
            Packing::Raw => Ok(bytes.len() as u64),
            Packing::Brotli => brotli(bytes),
            Packing::Gzip => gzip(bytes),
        }
    }
}

/// Bytes after brotli at its best, which is how static files are served.
pub fn brotli(bytes: &[u8]) -> Result<u64> {
    let mut packed = Vec::new();
    let parameters =
        brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: bytes.len(), ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &parameters)?;
    Ok(packed.len() as u64)
}

fn gzip(bytes: &[u8]) -> Result<u64> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes)?;
    Ok(packer.finish()?.len() as u64)
}
