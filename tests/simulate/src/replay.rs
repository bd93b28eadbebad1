//! The engine alone: what it was told in a simulated life is told again to a shopper of whom nothing is known
//! yet, on one core and with nothing else in between: some of them a few times, of which the fastest counts. And what it costs to keep a shopper from one input to
//! the next, as the edge does: one row for each person, read and written at every input.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use domain::consent::Channel;
use domain::facts::Happened;
use domain::journey::{Fate, Given, Input, RunId, Shopper, Surroundings};
use domain::time::Timestamp;

use crate::edge::Home;

/// Of so many households one is measured, and looked at step by step.
pub const CLOSELY: u64 = 16;
/// So often it is told all.
const TIMES: u64 = 5;

/// What the engine was told, and with which permissions.
pub struct Told {
    now: Timestamp,
    channels: Vec<Channel>,
    what: What,
}

/// An input that is kept.
enum What {
    Happened(Happened),
    Due(Option<RunId>),
    Fate(RunId, u64, String, Fate),
    Code(RunId, Option<Given>),
    Published,
}

impl Told {
    pub fn new(now: Timestamp, channels: &[Channel], input: &Input<'_>) -> Self {
        let what = match input {
            Input::Happened(happened) => What::Happened((*happened).clone()),
            Input::Due(run) => What::Due(run.cloned()),
            Input::Fate(run, of, step, fate) => What::Fate((*run).clone(), *of, (*step).to_owned(), *fate),
            Input::Code(run, code) => What::Code((*run).clone(), code.cloned()),
            Input::Published => What::Published,
        };
        Self { now, channels: channels.to_vec(), what }
    }

    fn input(&self) -> Input<'_> {
        match &self.what {
            What::Happened(happened) => Input::Happened(happened),
            What::Due(run) => Input::Due(run.as_ref()),
            What::Fate(run, of, step, fate) => Input::Fate(run, *of, step, *fate),
            What::Code(run, code) => Input::Code(run, code.as_ref()),
            What::Published => Input::Published,
        }
    }

    const fn name(&self) -> &'static str {
        match &self.what {
            What::Happened(happened) => happened.kind.as_str(),
            What::Due(Some(_)) => "timer of a run",
            What::Due(None) => "timer of the shopper",
            What::Fate(..) => "fate of a message",
            What::Code(..) => "code",
            What::Published => "published",
        }
    }
}

/// What the engine took, and its memory.
#[derive(Default)]
pub struct Figures {
    pub steps: u64,
    nanoseconds: u64,
    /// Steps that were looked at one by one, and their time, by kind of input.
    kinds: BTreeMap<&'static str, (u64, u64)>,
    /// The shopper after such a step, as the edge keeps them and as JSON.
    kept: Kept,
    json: Kept,
}

/// What it takes to keep a shopper.
#[derive(Default)]
struct Kept {
    bytes: Vec<usize>,
    /// Nanoseconds to write and to read them.
    write: u64,
    read: u64,
}

/// Tells a home's shopper all again, and measures that where figures are wanted; says whether what is known of them at
/// the end is the same.
pub fn replay(home: &Home<'_>, told: &[Told], figures: Option<&mut Figures>) -> bool {
    let tape: Vec<(Input<'_>, Surroundings<'_>)> =
        told.iter().map(|told| (told.input(), home.around(told.now, &told.channels))).collect();
    let mut shopper = Shopper::default();
    let mut tell = || {
        shopper = Shopper::default();
        let all = || {
            for (input, around) in &tape {
                black_box(shopper.step(input, around));
            }
        };
        timed(all).1
    };
    let once = tell();
    if let Some(figures) = figures {
        // It takes some hundred microseconds: of a few times the fastest is the one at which nothing else ran.
        figures.nanoseconds += (1..TIMES).map(|_| tell()).fold(once, u64::min);
        figures.steps += tape.len() as u64;
        let mut shopper = Shopper::default();
        for ((input, around), told) in tape.iter().zip(told) {
            let (_, nanoseconds) = timed(|| black_box(shopper.step(input, around)));
            let (count, sum) = figures.kinds.entry(told.name()).or_default();
            (*count, *sum) = (*count + 1, *sum + nanoseconds);
        }
        let mut shopper = Shopper::default();
        for (input, around) in &tape {
            shopper.step(input, around);
            figures.kept.keep(&shopper, Shopper::write, |kept| Shopper::read(kept).is_ok());
            figures.json.keep(
                &shopper,
                |shopper| serde_json::to_vec(shopper).unwrap_or_default(),
                |kept| serde_json::from_slice::<Shopper>(kept).is_ok(),
            );
        }
    }
    shopper == *home.shopper()
}

/// What something gives, and how many nanoseconds it took.
#[allow(clippy::disallowed_methods)] // never runs as wasm
fn timed<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let began = Instant::now();
    let done = work();
    (done, u64::try_from(began.elapsed().as_nanos()).unwrap_or_default())
}

impl Kept {
    fn keep(&mut self, shopper: &Shopper, write: impl Fn(&Shopper) -> Vec<u8>, read: impl Fn(&[u8]) -> bool) {
        let (body, nanoseconds) = timed(|| write(shopper));
        self.write += nanoseconds;
        let (read, nanoseconds) = timed(|| black_box(read(&body)));
        assert!(read, "what was written is read");
        self.read += nanoseconds;
        self.bytes.push(body.len());
    }

    fn add(&mut self, other: Self) {
        self.bytes.extend(other.bytes);
        self.write += other.write;
        self.read += other.read;
    }

    fn print(&self, name: &str) {
        let mut bytes = self.bytes.clone();
        bytes.sort_unstable();
        let count = bytes.len() as u64;
        let mean = ratio(bytes.iter().map(|length| *length as u64).sum(), count);
        let p99 = bytes.get(bytes.len() * 99 / 100).copied().unwrap_or_default();
        let (write, read) = (ratio(self.write, count), ratio(self.read, count));
        println!(
            "{name} {mean:>12.0} bytes, {p99} of one in a hundred; written in {write:.0} ns, read in {read:.0} ns"
        );
    }
}

impl Figures {
    pub fn add(&mut self, other: Self) {
        self.steps += other.steps;
        self.nanoseconds += other.nanoseconds;
        for (name, (count, nanoseconds)) in other.kinds {
            let (mine, time) = self.kinds.entry(name).or_default();
            (*mine, *time) = (*mine + count, *time + nanoseconds);
        }
        self.kept.add(other.kept);
        self.json.add(other.json);
    }

    /// Steps a second on one core.
    pub fn speed(&self) -> f64 {
        ratio(self.steps, self.nanoseconds) * 1e9
    }

    pub fn print(&self) {
        println!("engine alone     {:>12.0} 1/s on one core, the same inputs again", self.speed());
        println!("  of 1 in {CLOSELY}, one by one (each with two looks at the clock):");
        let all: u64 = self.kinds.values().map(|(count, _)| count).sum();
        let mut kinds: Vec<_> = self.kinds.iter().collect();
        kinds.sort_by_key(|(_, (count, _))| core::cmp::Reverse(*count));
        for (name, (count, nanoseconds)) in kinds {
            println!("  {name:<22} {:>5.1} %  {:>7.0} ns", ratio(*count, all) * 100.0, ratio(*nanoseconds, *count));
        }
        self.kept.print("kept            ");
        self.json.print("as JSON         ");
    }
}

#[allow(clippy::cast_precision_loss)] // for people to read
fn ratio(a: u64, b: u64) -> f64 {
    a as f64 / b.max(1) as f64
}
