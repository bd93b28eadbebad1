//! `cargo xtask import`: a file of customers or orders becomes part of what a shop knows.

use crate::deployment::Deployment;
use crate::publish;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::path::PathBuf;

/// Sends a file of customers or orders (CSV or NDJSON) to a shop.
#[derive(clap::Args)]
pub struct Arguments {
    /// The file, in UTF-8; its name ends in .csv, .ndjson or .jsonl
    file: PathBuf,
    /// What its lines are about
    #[arg(long, value_parser = ["customers", "orders"])]
    about: String,
    /// Put before every id of an order or a customer, so that a till's numbers are not taken for the
    /// shop's: till/
    #[arg(long, default_value = "")]
    prefix: String,
    /// When the file was written, such as 2026-11-22T06:00:00Z; now, if it is left out
    #[arg(long)]
    as_of: Option<String>,
    /// The country whose telephone numbers are meant where they name none, such as 49
    #[arg(long)]
    calling_code: Option<u16>,
    /// The deployment's address
    #[arg(long, default_value = "http://localhost:8787")]
    edge: String,
    /// The shop's admin token; `RAPPORT_ADMIN_TOKEN` in the environment does as well
    #[arg(long)]
    token: Option<String>,
}

#[derive(Deserialize)]
struct Answer {
    accepted: usize,
    refused: Vec<RefusedLine>,
    without_right: Vec<u64>,
}

#[derive(Deserialize)]
struct RefusedLine {
    line: u64,
    field: String,
    detail: String,
}

/// Sends the file and says what became of its lines.
pub fn run(arguments: &Arguments) -> Result<()> {
    let format = match arguments.file.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => "csv",
        Some("ndjson" | "jsonl") => "ndjson",
        _ => bail!("expected a file whose name ends in .csv, .ndjson or .jsonl"),
    };
    let bytes = std::fs::read(&arguments.file).with_context(|| format!("reading {}", arguments.file.display()))?;
    let (key, token) = publish::shop_and_token(arguments.token.as_deref())?;
    let mut query = vec![("about", arguments.about.clone()), ("format", format.to_owned())];
    query.push(("prefix", arguments.prefix.clone()));
    query.extend(arguments.as_of.clone().map(|as_of| ("as_of", as_of)));
    query.extend(arguments.calling_code.map(|code| ("calling_code", code.to_string())));
    let answer: Answer = serde_json::from_str(&Deployment::at(&arguments.edge).import(&key, &token, &query, &bytes)?)
        .context("the edge's answer to a file")?;
    let name = arguments.file.display();
    for RefusedLine { line, field, detail } in &answer.refused {
        let field = if field.is_empty() { String::new() } else { format!("{field}: ") };
        println!("{name}:{line}: {field}{detail}");
    }
    for line in &answer.without_right {
        println!("{name}:{line}: counts, but gives no right to write: it does not say when and how that was given");
    }
    println!("{} lines count, {} do not", answer.accepted, answer.refused.len());
    Ok(())
}
