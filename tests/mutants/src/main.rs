//! Whether the tests of the rules notice when a rule is changed, without a build for each change: all mutants that
//! `cargo mutants` lists are compiled into one program, and a variable says which of them lives.

mod behind;
mod build;
mod list;
mod reasons;
mod render;
mod results;
mod run;
mod sites;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;

use anyhow::{Context as _, Result, bail};
use clap::Parser;

use self::behind::{Known, Sources};
use self::build::Built;
use self::list::{Config, Mutant};
use self::reasons::Reasons;
use self::results::Results;
use self::run::{Outcome, Test, Tests};
use self::tree::Tree;

/// Whether the tests of the rules notice each mutant
#[derive(Parser)]
struct Arguments {
    /// Go on with at most so many that have no outcome yet
    #[arg(long, default_value_t = usize::MAX)]
    at_most: usize,
    /// Only mutants in whose names this is
    #[arg(long)]
    only: Option<String>,
    /// How many at a time
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Forget what became of all of them before
    #[arg(long)]
    fresh: bool,
    /// Print each that was caught as well, and by which test
    #[arg(long)]
    caught: bool,
    /// Print one line of JSON for each figure
    #[arg(long)]
    json: bool,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let root = root()?;
    let folder = root.join("target/mutants");
    std::fs::create_dir_all(&folder)?;
    let results_file = folder.join("results.jsonl");
    if arguments.fresh {
        let _ = std::fs::remove_file(&results_file);
    }
    let config = Config::read(&root)?;
    let all = list::all(&root)?;
    let (package, files) = prints(&root, &config, &all)?;
    let known = Results::open(&results_file, package.clone(), files.clone(), &all)?;
    let sources = Sources::read(&root, &all)?;
    let (program, behind) = behind::build(&root, &folder, &config, &sources, &package)?;

    let wanted = |mutant: &&Mutant| arguments.only.as_ref().is_none_or(|part| mutant.name.contains(part));
    let open = all.iter().filter(wanted).filter(|mutant| known.of(mutant).is_none());
    // Those that need a build of their own come last.
    let (alone, switched): (Vec<&Mutant>, Vec<&Mutant>) =
        open.partition(|mutant| behind.without.contains(&mutant.number));
    let now = &switched[..switched.len().min(arguments.at_most)];
    let tests = Tests::new(program, folder.join("tree").join(config.package()?));
    each(now, arguments.jobs, |mutant| {
        let outcome = tests.judge(Some(mutant.number), &behind.tests)?;
        eprintln!("{}: {}", said(&outcome), mutant.name);
        known.add(mutant, outcome)
    })?;
    for mutant in &alone[..alone.len().min(arguments.at_most - now.len())] {
        let outcome = judge_alone(&root, &folder, &config, &sources, mutant, &behind)?;
        eprintln!("{}, alone: {}", said(&outcome), mutant.name);
        known.add(mutant, outcome)?;
    }
    let known = Results::open(&results_file, package, files, &all)?;
    let wanted: Vec<&Mutant> = all.iter().filter(wanted).collect();
    let broken = print(&wanted, &known, behind.tests.len(), &Reasons::read(&root)?, &arguments);
    Ok(if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The top of the repository: the nearest folder around this one that says how mutants are made.
fn root() -> Result<PathBuf> {
    let here = std::env::current_dir()?;
    let root = here.ancestors().find(|folder| folder.join(".cargo/mutants.toml").is_file());
    Ok(root.context("no .cargo/mutants.toml here or above")?.to_owned())
}

/// What the whole package says now, and each file with mutants.
fn prints(root: &Path, config: &Config, all: &[Mutant]) -> Result<(String, BTreeMap<String, String>)> {
    let mut names = tree::below(root, config.package()?)?;
    names.extend([".cargo/mutants.toml", "Cargo.toml", "Cargo.lock"].map(str::to_owned));
    let files: BTreeSet<&String> = all.iter().map(|mutant| &mutant.file).collect();
    let of = |name: &String| Ok((name.clone(), tree::print_of(root, std::slice::from_ref(name))?));
    Ok((tree::print_of(root, &names)?, files.into_iter().map(of).collect::<Result<_>>()?))
}

/// Does something with each of them, so many at a time; stops at what fails.
fn each(all: &[&Mutant], jobs: usize, judge: impl Fn(&Mutant) -> Result<()> + Sync) -> Result<()> {
    let left = Mutex::new(all.iter());
    let next = || left.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next().copied();
    let work = || -> Result<()> {
        while let Some(mutant) = next() {
            judge(mutant)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs.max(1)).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            match worker.join() {
                Ok(done) => done?,
                Err(_) => bail!("a worker panicked"),
            }
        }
        Ok(())
    })
}

/// A mutant that does not compile beside what is there without it has a build of its own, as `cargo mutants` does it.
fn judge_alone(
    root: &Path,
    folder: &Path,
    config: &Config,
    sources: &Sources,
    mutant: &Mutant,
    behind: &Known,
) -> Result<Outcome> {
    if behind.unbuildable.contains(&mutant.number) {
        return Ok(Outcome::Unbuildable);
    }
    let tree = Tree::copy(root, &folder.join("alone"), &BTreeSet::from([mutant.file.clone()]))?;
    let (source, sites) = sources.files.get(&mutant.file).context("a mutant without a file")?;
    let range = sites::range(source, mutant)?;
    let text = render::one(source, sites, mutant.number, &range, &mutant.replacement);
    tree.write(&mutant.file, text.as_bytes())?;
    if let Built::Errors(_) = build::tests(&tree.root, config, true)? {
        return Ok(Outcome::Unbuildable);
    }
    match build::tests(&tree.root, config, false)? {
        Built::Errors(_) => Ok(Outcome::Unbuildable),
        Built::Tests(program) => {
            let tests = Tests::new(program, tree.root.join(config.package()?));
            let all: BTreeMap<String, Test> = behind.tests.clone();
            tests.judge(None, &all)
        }
    }
}

fn said(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Caught(by) => format!("caught by {by}"),
        Outcome::TimedOut(by) => format!("timed out in {by}"),
        Outcome::Survived => "survived".to_owned(),
        Outcome::Unreached => "survived, no test comes by".to_owned(),
        Outcome::Unbuildable => "unbuildable".to_owned(),
    }
}

/// Prints the figures and who survived; says whether one did for no known reason.
fn print(all: &[&Mutant], known: &Results, tests: usize, reasons: &Reasons, arguments: &Arguments) -> bool {
    let alive = |mutant: &&&Mutant| matches!(known.of(mutant), Some(Outcome::Survived | Outcome::Unreached));
    let survived: Vec<&str> = all.iter().filter(alive).map(|mutant| mutant.name.as_str()).collect();
    let reasons = reasons.of(&survived);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for mutant in all {
        let outcome = known.of(mutant);
        let why = reasons.get(mutant.name.as_str()).copied().flatten();
        let (figure, shown) = match (outcome, why) {
            (None, _) => ("without an outcome yet", false),
            (Some(Outcome::Caught(_)), _) => ("caught", arguments.caught),
            (Some(Outcome::TimedOut(_)), _) => ("timed out", arguments.caught),
            (Some(Outcome::Unbuildable), _) => ("unbuildable", arguments.caught),
            (Some(_), Some(_)) => ("survived, with a reason", true),
            (Some(_), None) => ("survived", true),
        };
        *counts.entry(figure).or_default() += 1;
        if let Some(outcome) = outcome.filter(|_| shown && !arguments.json) {
            let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
            println!("{}: {}{why}", said(outcome), mutant.name);
        }
    }
    let broken = counts.get("survived").is_some_and(|count| *count > 0);
    counts.entry("survived").or_default();
    counts.extend([("mutants", all.len()), ("tests", tests)]);
    for (figure, value) in counts {
        if arguments.json {
            println!("{}", serde_json::json!({ "figure": figure, "value": value }));
        } else {
            println!("{figure:24} {value:6}");
        }
    }
    broken
}
