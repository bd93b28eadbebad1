//! `cargo xtask receipts`: whether exported receipts of consent are whole.

use anyhow::{Context, Result, anyhow};
use domain::consent::export::{Summary, verify_export};
use domain::time::Timestamp;
use std::path::PathBuf;

/// Checks an exported file of receipts; names the line where it does not hold.
#[derive(clap::Args)]
pub struct Arguments {
    /// The file, as the edge exported it
    file: PathBuf,
}

/// Checks the file and says what is in it.
pub fn run(arguments: &Arguments) -> Result<()> {
    let file = arguments.file.display();
    let text = std::fs::read_to_string(&arguments.file).with_context(|| format!("{file} cannot be read"))?;
    let summary = verify_export(&text).map_err(|broken| anyhow!("{file}:{}: {}", broken.line, broken.reason))?;
    let Summary { receipts, shoppers, times, seal } = summary;
    println!("receipts:  {receipts}");
    println!("shoppers:  {shoppers}");
    if let Some((first, last)) = times {
        println!("first:     {}", moment(first));
        println!("last:      {}", moment(last));
    }
    println!("seal:      {seal}   (kept elsewhere, it proves that this very file existed)");
    Ok(())
}

/// The moment in UTC; its milliseconds where no calendar reaches.
fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| format!("{} ms", at.0), |moment| moment.to_string())
}
