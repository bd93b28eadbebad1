//! What came of all households, counted.

use std::collections::BTreeMap;

use crate::Arguments;
use crate::chaos::Chaos;
use crate::replay::Figures;
use crate::witness::Witness;

/// What came of all households.
#[derive(Default)]
pub struct Sum {
    pub steps: u64,
    pub engine: Figures,
    pub delivered: u64,
    pub claimed: u64,
    pub moved: u64,
    pub skipped: u64,
    pub deferred: u64,
    pub unknown: u64,
    pub refused: u64,
    pub in_flight: u64,
    pub kills: u64,
    pub broken: BTreeMap<&'static str, (u64, String)>,
    pub latest: i64,
    /// Why messages were skipped or waited, counted.
    pub rules: BTreeMap<String, u64>,
}

impl Sum {
    /// Counts a household.
    pub fn take(&mut self, witness: &Witness, chaos: &Chaos, seed: u64, household: u64) {
        self.steps += witness.steps;
        self.delivered += witness.delivered;
        self.claimed += witness.claimed;
        self.moved += witness.moved;
        self.skipped += witness.skipped;
        self.deferred += witness.deferred;
        self.unknown += witness.unknown;
        self.refused += witness.refused;
        self.in_flight += witness.in_flight;
        self.kills += chaos.kills;
        self.latest = self.latest.max(witness.lateness.0);
        for (rule, count) in &witness.rules {
            *self.rules.entry(rule.clone()).or_default() += count;
        }
        for broken in &witness.broken {
            let about = || format!("--seed {seed} --household {household}: {}", broken.about);
            self.broken.entry(broken.promise).or_insert_with(|| (0, about())).0 += 1;
        }
    }

    /// Both together.
    pub fn add(mut self, other: Self) -> Self {
        self.steps += other.steps;
        self.engine.add(other.engine);
        self.delivered += other.delivered;
        self.claimed += other.claimed;
        self.moved += other.moved;
        self.skipped += other.skipped;
        self.deferred += other.deferred;
        self.unknown += other.unknown;
        self.refused += other.refused;
        self.in_flight += other.in_flight;
        self.kills += other.kills;
        self.latest = self.latest.max(other.latest);
        for (rule, count) in other.rules {
            *self.rules.entry(rule).or_default() += count;
        }
        for (promise, (count, about)) in other.broken {
            self.broken.entry(promise).or_insert((0, about)).0 += count;
        }
        self
    }

    #[allow(clippy::cast_precision_loss)] // for people to read
    /// Says it, in so many seconds.
    pub fn print(&self, arguments: &Arguments, seconds: f64) {
        let broken: u64 = self.broken.values().map(|(count, _)| count).sum();
        if arguments.json {
            let figures = serde_json::json!({
                "shoppers": arguments.shoppers * arguments.seeds, "days": arguments.days, "faults": arguments.faults,
                "steps": self.steps, "engine_steps_per_second": self.engine.speed(), "steps_per_second_and_thread": self.steps as f64 / seconds / arguments.threads as f64,
                "delivered": self.delivered, "skipped": self.skipped, "deferred": self.deferred, "unknown": self.unknown,
                "in_flight_at_kills": self.in_flight, "kills": self.kills, "moved": self.moved, "latest_ms": self.latest, "rules": self.rules,
                "promises": self.broken, "broken": broken, "seconds": seconds,
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
            println!("runs migrated    {:>12}", self.moved);
            println!("claimed          {:>12}", self.claimed);
            println!("delivered        {:>12}", self.delivered);
            println!("skipped          {:>12}", self.skipped);
            println!("deferred         {:>12}", self.deferred);
            println!("refused          {:>12}", self.refused);
            println!(
                "unknown          {:>12}   of {} in flight at {} kills and without an answer",
                self.unknown, self.in_flight, self.kills
            );
            for (rule, count) in &self.rules {
                println!("  {rule:<22} {count:>10}");
            }
            println!("latest           {:>12} ms after it was due", self.latest);
            println!("broken promises  {broken:>12}");
        }
        for (promise, (count, about)) in &self.broken {
            eprintln!("{promise}: {count}, the first: {}{about}", arguments.replay());
        }
    }
}
