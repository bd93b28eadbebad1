//! Simulates shops: shoppers, traffic, kills, faults, joins and withdrawals by seed, against the rules of
//! `domain` and the claims of the edge. Prints what was kept of the promises; a broken one is printed with
//! its seed, and that seed alone can be run again.

mod chaos;
mod edge;
mod hours;
mod life;
mod oracle;
mod replay;
mod shop;
mod witness;

use std::collections::{BTreeMap, BinaryHeap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use clap::Parser;
use domain::consent::Standing;
use domain::journey::Rules;
use domain::published::Release;
use domain::time::{Span, Timestamp};

use chaos::Chaos;
use edge::Home;
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
    /// Kills, lost answers, a provider that fails, news twice and in any order, joins
    #[arg(long)]
    faults: bool,
    /// Only this household of the shop, with all that happens to it
    #[arg(long)]
    household: Option<u64>,
    /// The rules of this release, as `shopfiles` prints it; what should have begun is not checked then
    #[arg(long)]
    release: Option<PathBuf>,
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
    let rules = arguments.release.as_deref().map(rules_of);
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
                        shop = Some((seed, Shop::of(seed, arguments.days, arguments.faults, rules.as_ref())));
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

fn rules_of(file: &Path) -> Rules {
    let release = std::fs::read(file).expect("the release can be read");
    let release: Release = serde_json::from_slice(&release).expect("the file is a release");
    release.config.rules(&release.version)
}

fn simulate(shop: &Shop, seed: u64, household: u64, arguments: &Arguments, sum: &mut Sum) {
    let (days, faults) = (arguments.days, arguments.faults);
    let end = START + Span::days(days);
    let own = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ household.wrapping_mul(0xd1b5_4a32_d192_ed03);
    let lives = [Life::of(own | 1, days, faults), Life::of(own.rotate_left(17) & !1, days, faults)];
    let (mut chaos, mut witness) = (Chaos::of(own, faults), Witness::default());
    let mut homes: Vec<Option<Home<'_>>> = lives.iter().map(|life| Some(Home::new(shop, &life.who))).collect();
    // What comes: the earliest first, of equal ones the first that was told.
    let mut coming = BinaryHeap::new();
    let mut order = 0_u64;
    let mut arrivals: Vec<(usize, Arrival)> = Vec::new();
    let mut come = |arrivals: &mut Vec<(usize, Arrival)>, coming: &mut BinaryHeap<_>, at: Timestamp, whose, what| {
        order += 1;
        coming.push(core::cmp::Reverse((at, order, arrivals.len())));
        arrivals.push((whose, what));
    };
    let mut chance = fastrand::Rng::with_seed(own ^ 0x1015);
    for (whose, life) in lives.iter().enumerate() {
        for (at, arrival) in &life.arrivals {
            come(&mut arrivals, &mut coming, *at, whose, arrival.clone());
        }
    }
    if faults {
        if chance.u8(0..10) == 0 {
            come(&mut arrivals, &mut coming, START + Span(chance.i64(0..Span::days(days).0)), 0, Arrival::Joins);
        }
        come(&mut arrivals, &mut coming, START + Span(chance.i64(0..Span::days(days).0)), 0, Arrival::Publishes);
    }
    loop {
        let due = homes.iter().flatten().filter_map(Home::next_due).min().map(|due| due + Span(chaos.lateness()));
        let next = coming.peek().map(|core::cmp::Reverse((at, ..))| *at);
        let Some(now) = due.into_iter().chain(next).min().filter(|now| *now <= end) else { break };
        if next != Some(now) {
            for home in homes.iter_mut().flatten() {
                if home.next_due().is_some_and(|due| due <= now) {
                    home.run_due(now, &mut chaos, &mut witness);
                }
            }
            continue;
        }
        let Some(core::cmp::Reverse((_, _, place))) = coming.pop() else { break };
        let (whose, arrival) = arrivals[place].clone();
        // Whoever was joined lives with the other.
        let whose = if homes[whose].is_none() { 0 } else { whose };
        if matches!(arrival, Arrival::Joins) {
            if let (Some(other), Some(home)) = (homes[1].take(), homes[0].as_mut()) {
                home.join(other, now, &mut witness);
            }
            continue;
        }
        let Some(home) = homes[whose].as_mut() else { continue };
        match &arrival {
            Arrival::Happened(happened) => {
                if !home.hear(happened, now, &mut chaos, &mut witness) {
                    let again = now + Span(chaos.again());
                    come(&mut arrivals, &mut coming, again, whose, arrival);
                }
            }
            Arrival::Gives(channel) => home.permit(*channel, Standing::Given, now, &mut witness),
            Arrival::Withdraws(channel) => home.permit(*channel, Standing::Withdrawn, now, &mut witness),
            Arrival::Publishes => home.publish(now, &mut witness),
            Arrival::Joins => {}
        }
    }
    witness.in_flight = witness.in_flight.max(chaos.unanswered + chaos.in_flight);
    let joined = homes[1].is_none();
    for home in homes.iter().flatten() {
        home.close(end, &mut witness);
    }
    witness.close();
    let unchecked = joined || arguments.release.is_some();
    for life in lives.iter().take(if unchecked { 0 } else { 2 }) {
        oracle::check(&life.who, &mut witness, end);
    }
    sum.steps += homes.iter().flatten().map(|home| home.steps).sum::<u64>();
    // Whoever was joined was not told alone.
    for home in homes.iter().flatten().filter(|_| !faults) {
        if !replay(home, household, &mut sum.engine) {
            witness.fault("other when told again", format!("{:x}", home.seed()));
        }
    }
    sum.take(&witness, &chaos, seed, household);
}

impl Sum {
    fn take(&mut self, witness: &Witness, chaos: &Chaos, seed: u64, household: u64) {
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
