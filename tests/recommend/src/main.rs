//! How good recommendations are: ours, from the packs that ship, beside the methods that they are to beat.
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // measurements

mod baselines;
mod bootstrap;
mod judge;
mod ours;
mod sessions;
mod split;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use judge::{Answer, Quality, ask};
use ours::{Ours, Settings};
use split::Split;

/// Measures recommendations on real sessions.
#[derive(Parser)]
struct Arguments {
    /// A folder with `train.txt`, and `test.txt` for `--on test`; or a file of that form
    #[arg(long)]
    data: PathBuf,
    /// `ours`, `popularity`, `session-knn`, `vs-knn` or `stan`; all without it
    #[arg(long)]
    method: Option<String>,
    /// `days`: days of `train.txt`, each learned from all before it. `test`: `test.txt`, learned from `train.txt`
    #[arg(long, default_value = "days")]
    on: String,
    /// How many days
    #[arg(long, default_value_t = 7)]
    days: u32,
    /// How many days before the last whole one to begin with, backwards
    #[arg(long, default_value_t = 0)]
    skip: u32,
    /// One line of JSON for each figure
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(wanted: &Arguments) -> Result<(), String> {
    let mut names = sessions::Names::default();
    let train = if wanted.data.is_dir() { wanted.data.join("train.txt") } else { wanted.data.clone() };
    let train = sessions::read(&train, &mut names)?;
    let test =
        if wanted.on == "test" { sessions::read(&wanted.data.join("test.txt"), &mut names)? } else { Vec::new() };
    let products = names.count();
    let splits = if wanted.on == "test" {
        vec![Split::new("test", train.iter().collect(), &test.iter().collect::<Vec<_>>(), products)]
    } else {
        Split::rolling(&train, products, wanted.days, wanted.skip)
    };
    let methods: Vec<String> = match &wanted.method {
        Some(name) => vec![name.clone()],
        None => baselines::NAMES.iter().map(ToString::to_string).chain(["ours".to_owned()]).collect(),
    };
    for name in methods {
        let answers = answers(&name, &splits, products)?;
        let q = Quality::of(&answers);
        println!(
            "{name:12} next {:.4} {:.4} shelf {:.4} {:.4}  n {} {}",
            q.next_hr, q.next_mrr, q.shelf_hr, q.shelf_mrr, q.next_asked, q.shelf_asked
        );
    }
    Ok(())
}

fn answers(name: &str, splits: &[Split<'_>], products: u32) -> Result<Vec<Answer>, String> {
    let mut answers = Vec::new();
    let mut first = 0;
    for split in splits {
        if name == "ours" {
            let mut ours = Ours::learn(&split.learn, products, split.today, &Settings::SHIPPED)?;
            println!(
                "{} learning {:?} reading {:?} bytes {} {:.1} a product",
                split.name,
                ours.learning,
                ours.reading,
                ours.written.len(),
                ours.written.len() as f64 / f64::from(products)
            );
            answers.extend(ask(&mut ours, &split.ask, first));
        } else {
            let mut method =
                baselines::learn(name, &split.learn, products).ok_or(format!("there is no method `{name}`"))?;
            answers.extend(ask(method.as_mut(), &split.ask, first));
        }
        first += split.ask.len() as u32;
    }
    Ok(answers)
}
