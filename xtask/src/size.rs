//! `cargo xtask size`: what a shopper downloads and what is deployed, against the budget.

use crate::budget::{Budgets, Judged};
use crate::build::{Clock, widget};
use crate::files;
use anyhow::Result;
use std::io::Write;

/// Prints what the parts that are built weigh.
pub fn print_built() -> Result<()> {
    let budgets = Budgets::load()?;
    for (name, bytes) in parts()? {
        eprintln!("{}", budgets.judge(name, bytes).line());
    }
    Ok(())
}

/// The parts that exist, by the name of their figure.
fn parts() -> Result<Vec<(&'static str, u64)>> {
    let mut parts = Vec::new();
    let mut weigh = |name, path: &std::path::Path, pack: fn(&[u8]) -> Result<u64>| -> Result<()> {
        if path.exists() {
            parts.push((name, pack(&files::read(path)?)?));
        }
        Ok(())
    };
    weigh("loader_brotli", &files::at("target/site/tag.js"), brotli)?;
    if let Ok([glue, wasm]) = widget::served() {
        weigh("widget_wasm", &wasm, raw)?;
        weigh("widget_wasm_brotli", &wasm, brotli)?;
        weigh("widget_glue_brotli", &glue, brotli)?;
    }
    let edge = Clock::System.folder().join("index_bg.wasm");
    weigh("edge_wasm", &edge, raw)?;
    weigh("edge_wasm_gzip", &edge, gzip)?;
    Ok(parts)
}

fn raw(bytes: &[u8]) -> Result<u64> {
    Ok(bytes.len() as u64)
}

/// Bytes after brotli at its best, as a CDN serves static files.
pub fn brotli(bytes: &[u8]) -> Result<u64> {
    let mut packed = Vec::new();
    let parameters =
        brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: bytes.len(), ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &parameters)?;
    Ok(packed.len() as u64)
}

/// Bytes after gzip, which is how the platform counts a Worker.
fn gzip(bytes: &[u8]) -> Result<u64> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes)?;
    Ok(packer.finish()?.len() as u64)
}
