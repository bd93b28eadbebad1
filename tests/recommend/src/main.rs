//! How good recommendations are: ours, from the packs that ship, beside the methods that they are to beat.
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // measurements

mod baselines;
mod baskets;
mod bootstrap;
mod frontier;
mod judge;
mod large;
mod made;
mod ours;
mod report;
mod sessions;
mod sizes;
mod split;
mod variants;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};

use judge::{Answer, Quality, ask};
use ours::{Ours, Settings};
use report::Report;
use sizes::sizes;
use split::Split;

/// Measures recommendations on real sessions.
#[derive(Parser)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command")]
struct Arguments {
    /// A folder with `train.txt`, and `test.txt` for `--on test`; or one file of that form
    #[arg(long)]
    data: PathBuf,
    /// `ours`, `popularity`, `session-knn`, `vs-knn` or `stan`; all without it, and how far ours is above each
    #[arg(long)]
    method: Option<String>,
    /// What is asked
    #[arg(long, value_enum, default_value_t = On::Days)]
    on: On,
    /// How many days
    #[arg(long, default_value_t = 7)]
    days: u32,
    /// How many days before the last whole one to begin with, backwards; with `--baskets`, how many last baskets are forgotten
    #[arg(long, default_value_t = 0)]
    skip: u32,
    /// Next baskets instead: each session is a household, and what has the same time is one of its baskets
    #[arg(long)]
    baskets: bool,
    /// What else was tried, as a table, instead
    #[arg(long)]
    table: bool,
    /// Quality against bytes of the files of a large shop, as a table, instead
    #[arg(long)]
    files: bool,
    /// With `--table` or `--files`: only rows with this in their name
    #[arg(long, default_value = "")]
    only: String,
    /// One line of JSON for each figure
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum On {
    /// Days of `train.txt`, each learned from all before it
    Days,
    /// `test.txt`, learned from `train.txt`
    Test,
}

const OURS: &str = "ours";
/// Ours as a large shop has it: in files of 200 products, of which a page opens its own.
const BUCKETED: &str = "ours-bucketed";

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
    if wanted.baskets {
        return baskets::measure(Report { json: wanted.json }, &train, names.count(), wanted.skip as usize);
    }
    let test = match wanted.on {
        On::Test => sessions::read(&wanted.data.join("test.txt"), &mut names)?,
        On::Days => Vec::new(),
    };
    let products = names.count();
    let splits = match wanted.on {
        On::Test => vec![Split::new(train.iter().collect(), &test.iter().collect::<Vec<_>>(), products)],
        On::Days => Split::rolling(&train, products, wanted.days, wanted.skip),
    };
    if splits.iter().all(|split| split.ask.is_empty()) {
        return Err("there is nothing to ask: expected sessions of two products and more, on several days".to_owned());
    }
    if wanted.files {
        return frontier::table(&splits, products, &wanted.only);
    }
    if wanted.table { table(wanted, &splits, products) } else { compare(wanted, &splits, products) }
}

/// Measures methods as they are.
fn compare(wanted: &Arguments, splits: &[Split<'_>], products: u32) -> Result<(), String> {
    let report = Report { json: wanted.json };
    let is_wanted = |name: &str| wanted.method.as_deref().is_none_or(|wanted| wanted == name);
    if !baselines::NAMES.iter().chain([&OURS, &BUCKETED]).any(|name| is_wanted(name)) {
        return Err(format!("expected the method to be `{OURS}`, `{BUCKETED}`, `{}`", baselines::NAMES.join("`, `")));
    }
    let mut theirs = Vec::new();
    for name in baselines::NAMES.into_iter().filter(|name| is_wanted(name)) {
        let answers = asked(splits, |split| {
            let method = baselines::learn(name, &split.learn, products);
            method.ok_or_else(|| format!("there is no method `{name}`"))
        })?;
        report.quality(name, &Quality::of(&answers));
        if let Some(last) = splits.last() {
            let began = Instant::now();
            let method = baselines::learn(name, &last.learn, products);
            let learning = began.elapsed();
            if let Some(mut method) = method {
                speed(report, name, last, learning, judge::times(method.as_mut(), &last.ask));
            }
        }
        theirs.push((name, answers));
    }
    if is_wanted(BUCKETED) {
        let answers = ask_ours(splits, products, &Settings::BUCKETED)?;
        report.quality(BUCKETED, &Quality::of(&answers));
        for (name, theirs) in &theirs {
            report.above(BUCKETED, name, &bootstrap::above(&answers, theirs));
        }
    }
    if is_wanted(OURS) {
        let answers = ask_ours(splits, products, &Settings::SHIPPED)?;
        report.quality(OURS, &Quality::of(&answers));
        for (name, theirs) in &theirs {
            report.above(OURS, name, &bootstrap::above(&answers, theirs));
        }
        if let Some(last) = splits.last() {
            let mut ours = Ours::learn(&last.learn, products, last.today, &Settings::SHIPPED)?;
            speed(report, OURS, last, ours.learning, judge::times(&mut ours, &last.ask));
            let reading = ours.reading.as_secs_f64() * 1e3;
            report.figure(OURS, &format!("reading a file of {products} products"), reading, "ms");
            large::measure(report, last, products)?;
            report.sizes(OURS, &sizes(last, products, &Settings::SHIPPED)?);
        }
    }
    Ok(())
}

pub(crate) fn ask_ours(splits: &[Split<'_>], products: u32, settings: &Settings) -> Result<Vec<Answer>, String> {
    asked(splits, |split| Ok(Box::new(Ours::learn(&split.learn, products, split.today, settings)?)))
}

fn asked(
    splits: &[Split<'_>],
    learn: impl Fn(&Split<'_>) -> Result<Box<dyn judge::Method>, String>,
) -> Result<Vec<Answer>, String> {
    let mut answers = Vec::new();
    let mut first = 0;
    for split in splits {
        answers.extend(ask(learn(split)?.as_mut(), &split.ask, first));
        first += split.ask.len() as u32;
    }
    Ok(answers)
}

/// How long it takes, on this machine.
fn speed(report: Report, name: &str, split: &Split<'_>, learning: Duration, mut scoring: Vec<Duration>) {
    let events: usize = split.learn.iter().map(|session| session.items.len()).sum();
    report.figure(name, &format!("learning {events} events"), learning.as_secs_f64(), "s");
    scoring.sort();
    let at = |share: f64| scoring.get((share * scoring.len() as f64) as usize).map_or(0.0, Duration::as_secs_f64) * 1e6;
    report.figure(name, "scoring, p50", at(0.5), "us");
    report.figure(name, "scoring, p99", at(0.99), "us");
}

/// Measures everything that was tried, as rows of Markdown.
fn table(wanted: &Arguments, splits: &[Split<'_>], products: u32) -> Result<(), String> {
    println!("| what is different | next HR@20 | next MRR@20 | shelf HR@20 | shelf MRR@20 | bytes a product |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for (name, settings) in variants::variants().into_iter().filter(|(name, _)| name.contains(&wanted.only)) {
        let quality = Quality::of(&ask_ours(splits, products, &settings)?).figures().map(|(_, value)| value);
        let [next_hr, next_mrr, shelf_hr, shelf_mrr] = quality;
        let last = splits.last().ok_or("there are no days")?;
        let each = sizes::each(last, products, &settings)?;
        println!("| {name} | {next_hr:.4} | {next_mrr:.4} | {shelf_hr:.4} | {shelf_mrr:.4} | {each:.1} |");
    }
    Ok(())
}
