//! The only task runner of this repository: `cargo xtask --help`.

mod budget;
mod build;
mod files;
mod node;
mod run;
mod rust;
mod size;
mod stamp;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Builds, runs, tests and publishes Rapport.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Build(build::Arguments),
}

fn main() -> ExitCode {
    let result: Result<()> = match Arguments::parse().command {
        Command::Build(arguments) => build::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
