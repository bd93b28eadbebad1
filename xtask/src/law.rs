//! `cargo xtask law`: what the law asks, as the edge obeys it.

use anyhow::Result;

/// Prints what the law asks of whoever writes to people, with the source of every line (Markdown).
#[derive(clap::Args)]
pub struct Arguments {}

/// Prints the table.
#[expect(clippy::unnecessary_wraps, reason = "as every command")]
pub fn run(_: &Arguments) -> Result<()> {
    print!("{}", domain::law::markdown());
    Ok(())
}
