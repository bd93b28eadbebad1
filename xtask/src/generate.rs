//! `cargo xtask generate`: a shop is filled with months of shoppers, by its public API.

use crate::publish;
use crate::{node, run};
use anyhow::Result;

/// Fills a shop with months of shoppers: products, customers, orders, and what browsers saw
///
/// All of it follows from the seed and the day it ends on, ids too: filling a shop twice changes nothing. Without a
/// token it fills the demo shop that `cargo xtask dev` runs.
#[derive(clap::Args)]
pub struct Arguments {
    /// The deployment's address
    #[arg(long, default_value = "http://localhost:8787")]
    edge: String,
    /// The admin token of the shop; `RAPPORT_ADMIN_TOKEN` in the environment does as well, when there is an origin
    #[arg(long, requires = "origin")]
    token: Option<String>,
    /// Where the shop's pages are, such as <https://shop.example.com>; one of those that it was made with
    #[arg(long)]
    origin: Option<String>,
    /// How many objects hold its shoppers
    #[arg(long, default_value_t = 1)]
    objects: u16,
    /// How far back orders go, in months of thirty days; browsers tell of the last sixty days
    #[arg(long, default_value_t = 3)]
    months: u16,
    /// How many people there are
    #[arg(long, default_value_t = 400)]
    shoppers: u32,
    /// Another one makes other people
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// The day before which everything has happened, such as 2026-11-23; today, if it is left out
    #[arg(long)]
    until: Option<String>,
    /// A made catalogue of so many products instead of the demo shop's
    #[arg(long)]
    made: Option<u32>,
}

/// Fills it and prints what there is.
pub fn run(arguments: &Arguments) -> Result<()> {
    node::ensure_packages()?;
    let mut script = node::program("node");
    script.args(["tests/generate/main.mjs", "--edge", &arguments.edge]);
    let numbers = [
        ("--objects", Some(u32::from(arguments.objects))),
        ("--months", Some(u32::from(arguments.months))),
        ("--shoppers", Some(arguments.shoppers)),
        ("--seed", Some(arguments.seed)),
        ("--made", arguments.made),
    ];
    for (name, number) in numbers {
        script.args(number.map(|number| format!("{name}={number}")));
    }
    if let Some(origin) = &arguments.origin {
        let (key, token) = publish::shop_and_token(arguments.token.as_deref())?;
        // In the environment, so that no list of processes shows it.
        script.env("RAPPORT_ADMIN_TOKEN", token).args(["--shop", &key, "--origin", origin]);
    }
    script.args(arguments.until.iter().flat_map(|until| ["--until", until.as_str()]));
    run::check(&mut script)
}
