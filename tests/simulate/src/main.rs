//! Simulates shops: shoppers, traffic, kills, faults, joins and withdrawals by seed, against the rules of
//! `domain` and the claims of the edge. Prints what was kept of the promises; a broken one is printed with
//! its seed, and that seed alone can be run again.

mod chaos;
mod edge;
mod household;
mod life;
mod log;
mod oracle;
mod place;
#[cfg(test)]
mod rehearsed;
mod replay;
mod shop;
mod witness;

use std::collections::BTreeMap;
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
use replay::{Figures, replay};
use shop::{START, Shop};
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
    /// Threads
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// One line of JSON
    #[arg(long)]
    json: bool,
}

#[derive(Default)]
struct Sum {
    steps: u64,
    engine: Figures,
    delivered: u64,
    claimed: u64,
    skipped: u64,
    deferred: u64,
    unknown: u64,
    refused: u64,
    in_flight: u64,
    kills: u64,
    broken: BTreeMap<&'static str, (u64, String)>,
    latest: i64,
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
    let release = arguments.release.as_deref().map(version_of);
    let began = Instant::now();
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
                        simulate(shop, seed, household, &arguments, &mut sum);
                    }
                }
            }
        };
        let threads: Vec<_> = (0..arguments.threads.max(1)).map(|_| scope.spawn(work)).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).collect::<Vec<_>>()
    });
    let sum = sums.into_iter().fold(Sum::default(), Sum::add);
    sum.print(&arguments, began.elapsed().as_secs_f64());
    if !sum.broken.is_empty() {
        std::process::exit(1);
    }
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
        if !replay(home, &told, household, &mut sum.engine) {
            witness.fault("other when told again", format!("{:x}", home.seed()));
        }
    }
    sum.take(&witness, &chaos, seed, household);
}

impl Sum {
    fn take(&mut self, witness: &Witness, chaos: &Chaos, seed: u64, household: u64) {
        self.steps += witness.steps;
        self.delivered += witness.delivered;
        self.claimed += witness.claimed;
        self.skipped += witness.skipped;
        self.deferred += witness.deferred;
        self.unknown += witness.unknown;
        self.refused += witness.refused;
        self.in_flight += witness.in_flight;
        self.kills += chaos.kills;
        self.latest = self.latest.max(witness.lateness.0);
        for broken in &witness.broken {
            let about = || format!("--seed {seed} --household {household}: {}", broken.about);
            self.broken.entry(broken.promise).or_insert_with(|| (0, about())).0 += 1;
        }
    }

    fn add(mut self, other: Self) -> Self {
        self.steps += other.steps;
        self.engine.add(other.engine);
        self.delivered += other.delivered;
        self.claimed += other.claimed;
        self.skipped += other.skipped;
        self.deferred += other.deferred;
        self.unknown += other.unknown;
        self.refused += other.refused;
        self.in_flight += other.in_flight;
        self.kills += other.kills;
        self.latest = self.latest.max(other.latest);
        for (promise, (count, about)) in other.broken {
            self.broken.entry(promise).or_insert((0, about)).0 += count;
        }
        self
    }

    #[allow(clippy::cast_precision_loss)] // for people to read
    fn print(&self, arguments: &Arguments, seconds: f64) {
        let broken: u64 = self.broken.values().map(|(count, _)| count).sum();
        if arguments.json {
            let figures = serde_json::json!({
                "shoppers": arguments.shoppers * arguments.seeds, "days": arguments.days, "faults": arguments.faults,
                "steps": self.steps, "engine_steps_per_second": self.engine.speed(), "steps_per_second_and_thread": self.steps as f64 / seconds / arguments.threads as f64,
                "delivered": self.delivered, "skipped": self.skipped, "deferred": self.deferred, "unknown": self.unknown,
                "in_flight_at_kills": self.in_flight, "kills": self.kills, "broken": broken, "seconds": seconds,
            });
            println!("{figures}");
        } else {
            println!(
                "shoppers {} x {} seeds, {} days, {} threads: {seconds:.1} s",
                arguments.shoppers, arguments.seeds, arguments.days, arguments.threads
            );
            println!(
                "engine steps     {:>12}   {:.0} 1/s on each thread, all else included",
                self.steps,
                self.steps as f64 / seconds / arguments.threads as f64
            );
            if self.engine.steps > 0 {
                self.engine.print();
            }
            println!("claimed          {:>12}", self.claimed);
            println!("delivered        {:>12}", self.delivered);
            println!("skipped          {:>12}", self.skipped);
            println!("deferred         {:>12}", self.deferred);
            println!("refused          {:>12}", self.refused);
            println!(
                "unknown          {:>12}   of {} in flight at {} kills and without an answer",
                self.unknown, self.in_flight, self.kills
            );
            println!("latest           {:>12} ms after it was due", self.latest);
            println!("broken promises  {broken:>12}");
        }
        for (promise, (count, about)) in &self.broken {
            eprintln!("{promise}: {count}, the first: {about}");
        }
    }
}
