//! Simulates shops: shoppers, traffic, kills, faults, joins and withdrawals by seed, against the rules of
//! `domain` and the claims of the edge. Prints what was kept of the promises; a broken one is printed with
//! its seed, and that seed alone can be run again.

mod chaos;
mod edge;
mod household;
mod life;
mod log;
mod migrated;
mod oracle;
mod place;
#[cfg(test)]
mod promises;
#[cfg(test)]
mod rehearsed;
mod replay;
mod shop;
mod sum;
mod witness;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use clap::Parser;
use domain::home::Version;
use domain::published::Release;
use domain::time::Span;

use chaos::Chaos;
use life::{Arrival, Life};
use replay::{CLOSELY, replay};
use shop::{START, Shop};
use sum::Sum;
use witness::Witness;

/// Simulates shops and counts broken promises.
#[derive(Parser)]
struct Arguments {
    /// Shoppers in each shop
    #[arg(long, default_value_t = 1_000)]
    shoppers: u64,
    /// Days that pass
    #[arg(long, default_value_t = 365)]
    days: i64,
    /// The first seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many shops, each with the next seed
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// Kills, lost answers, a provider that fails, news twice and in any order, joins and partings, other rules
    #[arg(long)]
    faults: bool,
    /// Only this household of the shop, with all that happens to it
    #[arg(long)]
    household: Option<u64>,
    /// The rules of this release, as `shopfiles` prints it; what should have begun is not checked then
    #[arg(long)]
    release: Option<PathBuf>,
    /// Write the log of the shoppers of the first shop to this file, for rehearsals, and simulate nothing
    #[arg(long)]
    export: Option<PathBuf>,
    /// Do not measure the engine
    #[arg(long)]
    unmeasured: bool,
    /// Threads
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// One line of JSON
    #[arg(long)]
    json: bool,
}

impl Arguments {
    /// What runs a household of the same shops again; its seed and number are to follow.
    fn replay(&self) -> String {
        let faults = if self.faults { "--faults " } else { "" };
        let release = self.release.as_ref().map(|path| format!("--release {} ", path.display())).unwrap_or_default();
        let (shoppers, days) = (self.shoppers, self.days);
        format!("cargo run --profile bench --package simulate -- --shoppers {shoppers} --days {days} {faults}{release}")
    }
}

#[allow(clippy::disallowed_methods)] // never runs as wasm
fn main() {
    let arguments = Arguments::parse();
    if let Some(path) = &arguments.export {
        if let Err(error) = export(&arguments, path) {
            eprintln!("{}: {error}", path.display());
            std::process::exit(1);
        }
        return;
    }
    let began = Instant::now();
    let sum = run(&arguments);
    sum.print(&arguments, began.elapsed().as_secs_f64());
    if !sum.broken.is_empty() {
        std::process::exit(1);
    }
}

/// Lets all households live.
fn run(arguments: &Arguments) -> Sum {
    let release = arguments.release.as_deref().map(version_of);
    let next = AtomicU64::new(0);
    // A household is two shoppers: with faults, one in ten pairs turns out to be one person.
    let households = arguments.shoppers.div_ceil(2);
    let all = arguments.seeds * households;
    let sums = std::thread::scope(|scope| {
        let work = || {
            let mut sum = Sum::default();
            let mut shop = None;
            loop {
                let taken = next.fetch_add(64, Ordering::Relaxed);
                if taken >= all {
                    return sum;
                }
                for number in taken..(taken + 64).min(all) {
                    let (seed, household) = (arguments.seed + number / households, number % households);
                    if arguments.household.is_some_and(|only| only != household) {
                        continue;
                    }
                    if shop.as_ref().is_none_or(|(known, _)| *known != seed) {
                        shop = Some((seed, Shop::of(seed, arguments.days, arguments.faults, release.as_ref())));
                    }
                    if let Some((_, shop)) = &shop {
                        simulate(shop, seed, household, arguments, &mut sum);
                    }
                }
            }
        };
        let threads: Vec<_> = (0..arguments.threads.max(1)).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no household panics")).collect::<Vec<_>>()
    });
    sums.into_iter().fold(Sum::default(), Sum::add)
}

fn version_of(file: &Path) -> Version {
    let release = std::fs::read(file).expect("the release can be read");
    let release: Release = serde_json::from_slice(&release).expect("the file is a release");
    Version::of(&release.version, &release.config)
}

fn export(arguments: &Arguments, path: &Path) -> std::io::Result<()> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    let counts = log::export(arguments.seed, arguments.shoppers, arguments.days, &mut file)?;
    file.flush()?;
    println!("{} people, {} events", counts.people, counts.events);
    Ok(())
}

fn simulate(shop: &Shop, seed: u64, household: u64, arguments: &Arguments, sum: &mut Sum) {
    let (days, faults) = (arguments.days, arguments.faults);
    let end = START + Span::days(days);
    let own = household::own(seed, household);
    let lives = household::seeds(seed, household).map(|seed| Life::of(seed, days, faults));
    let (mut chaos, mut witness) = (Chaos::of(own, faults), Witness::default());
    let mut more = Vec::new();
    if faults {
        let mut chance = fastrand::Rng::with_seed(own ^ 0x1015);
        if chance.u8(0..10) == 0 {
            let at = START + Span(chance.i64(0..Span::days(days).0));
            more.push((at, Arrival::Joins));
            if chance.bool() {
                more.push((at + Span(chance.i64(0..Span::days(days).0 / 2)), Arrival::Parts));
            }
        }
        more.push((START + Span(chance.i64(0..Span::days(days).0)), Arrival::Publishes));
        // To the renamed steps, back, and there again.
        let mut moments = [0; 3].map(|_| chance.i64(0..Span::days(days).0));
        moments.sort_unstable();
        for (moment, renamed) in moments.into_iter().zip([true, false, true]) {
            more.push((START + Span(moment), Arrival::Migrates { renamed }));
        }
        more.extend(shop.off.iter().map(|(_, until)| (*until, Arrival::Resumes)));
    }
    let joined = more.iter().any(|(_, arrival)| matches!(arrival, Arrival::Joins));
    let homes = household::pass(shop, &lives, more, end, &mut chaos, &mut witness);
    witness.in_flight = chaos.unanswered + chaos.in_flight;
    for home in homes.iter().flatten() {
        home.close(end, &mut witness);
    }
    witness.close();
    let unchecked = joined || arguments.release.is_some();
    for life in lives.iter().take(if unchecked { 0 } else { 2 }) {
        oracle::check(&life.who, &mut witness, end, !faults);
    }
    // Whoever was joined was not told alone.
    for home in homes.iter().flatten().filter(|_| !faults) {
        let told = witness.told.remove(&home.seed()).unwrap_or_default();
        let measured = household.is_multiple_of(CLOSELY) && !arguments.unmeasured;
        if !replay(home, &told, measured.then_some(&mut sum.engine)) {
            witness.fault("other when told again", format!("{:x}", home.seed()));
        }
    }
    sum.take(&witness, &chaos, seed, household);
}
