//! `cargo xtask shop`: making shops on a deployment.

use crate::deployment::{Deployment, ShopWish};
use anyhow::{Context, Result};
use clap::Subcommand;

/// Makes shops on a deployment.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes a shop and prints its key and, once, its admin token
    ///
    /// The environment variable `RAPPORT_OWNER_TOKEN` must hold the deployment's owner token.
    Create {
        /// The deployment's address, such as <https://rapport.example.com>
        #[arg(long)]
        edge: String,
        /// The shop's name
        #[arg(long)]
        name: String,
        /// An origin of the shop's pages, such as <https://shop.example.com>; may be repeated
        #[arg(long = "origin", required = true)]
        origins: Vec<String>,
        /// How many objects hold its shoppers; one is enough for nearly all shops
        #[arg(long, default_value_t = 1)]
        objects: u16,
    },
}

/// Does what was asked for.
pub fn run(arguments: Arguments) -> Result<()> {
    let Command::Create { edge, name, origins, objects } = arguments.command;
    let owner_token = std::env::var("RAPPORT_OWNER_TOKEN")
        .context("set RAPPORT_OWNER_TOKEN to the owner token that the deployment was given")?;
    let wish = ShopWish { name: &name, origins: &origins, objects };
    let shop = Deployment::at(&edge).create_shop(&owner_token, &wish)?;
    let edge = edge.trim_end_matches('/');
    println!("shop key:     {}", shop.key);
    println!("admin token:  {}   (shown once: keep it)", shop.admin_token);
    println!("the tag:      <script async src=\"{edge}/tag.js\" data-shop=\"{}\"></script>", shop.key);
    println!("publish:      cargo xtask publish DIR --edge {edge} --token …");
    println!("inbox:        {edge}/inbox/#token=…");
    Ok(())
}
