//! Rehearses a draft over a shop's exported log, against the live version.
//!
//! A program of its own, so that it is built for speed while the task runner is built quickly. `cargo xtask
//! rehearse` compiles the shop's texts, fetches what is to be fetched and starts it.

mod moments;
mod person;
mod run;
mod shown;
mod source;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, IsTerminal as _, Write as _, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use domain::home::Version;
use domain::id::ShopperId;
use domain::published::ShopConfig;
use domain::rehearsal::{Person, Rehearsed};
use domain::time::Timestamp;
use serde::Deserialize;

use run::{Plan, Report};
use shown::{Paint, Took};

/// Rehearses a draft over a shop's exported log, against the live version.
#[derive(Parser)]
struct Arguments {
    /// The live version: a document with its `version` and `config`, as publishing makes it
    #[arg(long)]
    live: PathBuf,
    /// The draft: the same
    #[arg(long)]
    draft: PathBuf,
    /// The shop's log, as the edge exports it
    #[arg(long)]
    log: PathBuf,
    /// When the draft is published, such as 2026-06-01T00:00:00Z: runs under way stay on the live version
    #[arg(long)]
    since: Option<String>,
    /// Only this shopper, with all messages
    #[arg(long)]
    shopper: Option<ShopperId>,
    /// Lines of JSON: each shopper with what differs for them, then what it comes to
    #[arg(long)]
    json: bool,
    /// With --json: every shopper, with all messages of both versions
    #[arg(long, requires = "json")]
    everyone: bool,
    /// So many examples of each difference
    #[arg(long, default_value_t = 1)]
    examples: usize,
    /// Threads; as many as there are cores, if it is left out
    #[arg(long)]
    threads: Option<usize>,
}

#[derive(Deserialize)]
struct Published {
    version: String,
    config: ShopConfig,
}

fn main() -> ExitCode {
    match rehearse(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads has seen enough.
        Err(error) if error.root_cause().downcast_ref().is_some_and(is_closed) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn is_closed(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

fn rehearse(arguments: &Arguments) -> Result<()> {
    let began = Instant::now();
    let (live, draft) = (version(&arguments.live)?, version(&arguments.draft)?);
    let since = arguments.since.as_deref().map(moment).transpose()?;
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let threads = arguments.threads.unwrap_or_else(cores).max(1);
    let (examples, piece) = (arguments.examples, source::PIECE);
    let plan = Plan { live: &live, draft: &draft, since, threads, examples, piece };
    let file = File::open(&arguments.log).with_context(|| format!("cannot read {}", arguments.log.display()))?;

    let write = |person: &Person, rehearsed: &Rehearsed| -> Option<String> {
        let wanted = arguments.shopper.is_none_or(|only| only == person.id);
        let differs = arguments.everyone || !rehearsed.changes.is_empty();
        if !wanted {
            None
        } else if arguments.json {
            let everything = arguments.everyone || arguments.shopper.is_some();
            (differs || everything).then(|| person::json(person, rehearsed, everything))
        } else if arguments.shopper.is_some() {
            Some(person::told(person, rehearsed))
        } else {
            None
        }
    };
    let mut seen = 0_u64;
    let mut out = io::BufWriter::new(stdout().lock());
    let report = run::run(file, &plan, write, |text| {
        seen += 1;
        Ok(writeln!(out, "{text}")?)
    })
    .with_context(|| arguments.log.display().to_string())?;
    let took = Took { seconds: began.elapsed().as_secs_f64(), threads, peak: peak_memory(), cores: core_seconds() };
    match arguments.shopper {
        _ if arguments.json => writeln!(out, "{}", summary(&report, &plan, &took)?)?,
        Some(shopper) if seen == 0 => bail!("the log holds nobody with the id {shopper}"),
        Some(_) => {}
        None => {
            let paint = Paint { colours: stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() };
            write!(out, "{}", shown::report(&report, &plan, &took, paint))?;
        }
    }
    Ok(out.flush()?)
}

fn version(path: &Path) -> Result<Version> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let Published { version, config } = serde_json::from_str(&text)
        .with_context(|| format!("{} is no published version with its `version` and `config`", path.display()))?;
    Ok(Version::of(&version, &config))
}

fn moment(text: &str) -> Result<Timestamp> {
    match text.parse::<jiff::Timestamp>() {
        Ok(moment) => Ok(Timestamp(moment.as_millisecond())),
        Err(_) => bail!("{text:?}: expected a moment such as 2026-06-01T00:00:00Z"),
    }
}

fn summary(report: &Report, plan: &Plan<'_>, took: &Took) -> serde_json::Result<String> {
    serde_json::to_string(&serde_json::json!({ "rehearsal": {
        "live": plan.live.rules.version, "draft": plan.draft.rules.version, "since": plan.since,
        "until": report.head.until, "counts": report.counts, "totals": report.totals,
        "took": {
            "seconds": took.seconds, "threads": took.threads, "core_seconds": took.cores, "peak_bytes": took.peak,
        },
    }}))
}

/// The most memory that the process had, in bytes, where the platform says so.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

/// The time that all cores spent, in seconds, where the platform says so: the same on a busy machine.
fn core_seconds() -> Option<f64> {
    /// Linux counts it in hundredths of a second.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in brackets, may hold anything; from the state on there are numbers.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |place: usize| fields.get(place)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS)
}
