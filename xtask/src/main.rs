//! The only task runner of this repository: `cargo xtask --help`.

mod bench;
mod browser;
mod budget;
mod build;
mod deployment;
mod dev;
mod files;
mod generate;
mod import;
mod law;
mod migrate;
mod node;
mod publish;
mod receipts;
mod rehearse;
mod run;
mod rust;
mod schema;
mod shop;
mod shopfiles;
mod size;
mod stamp;
mod test;

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
    Dev(dev::Arguments),
    Test(test::Arguments),
    Build(build::Arguments),
    Size(size::Arguments),
    Bench(bench::Arguments),
    Publish(publish::Arguments),
    Migrate(migrate::Arguments),
    Generate(generate::Arguments),
    Import(import::Arguments),
    Shop(shop::Arguments),
    Receipts(receipts::Arguments),
    Rehearse(rehearse::Arguments),
    Law(law::Arguments),
    Schema(schema::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Dev(arguments) => dev::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Build(arguments) => build::run(&arguments),
        Command::Size(arguments) => size::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Publish(arguments) => publish::run(&arguments),
        Command::Migrate(arguments) => migrate::run(&arguments),
        Command::Generate(arguments) => generate::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Shop(arguments) => shop::run(arguments),
        Command::Receipts(arguments) => receipts::run(&arguments),
        Command::Rehearse(arguments) => rehearse::run(&arguments),
        Command::Law(arguments) => law::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
