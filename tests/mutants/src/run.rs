//! Runs tests with mutants, until one fails.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

/// A test may take so many times as long with a mutant as without any, and a while beside that.
const LONGER: u32 = 20;
const A_WHILE: Duration = Duration::from_secs(10);

/// What a test may take of the machine's memory, in KiB: a mutant may go on for ever and collect what it meets.
const MEMORY: u32 = 4 << 20;

/// A program of tests.
#[derive(Debug)]
pub struct Tests {
    program: PathBuf,
    folder: PathBuf,
    /// How often each has caught a mutant: the next one is shown to those first.
    caught: Mutex<BTreeMap<String, u32>>,
}

/// A test without any mutant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Test {
    /// How long it takes.
    pub took: Duration,
    /// Which mutants it comes by.
    pub reaches: BTreeSet<u32>,
}

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome", content = "by")]
pub enum Outcome {
    /// A test failed.
    Caught(String),
    /// A test did not come to an end.
    TimedOut(String),
    /// All tests that come by it passed.
    Survived,
    /// No test comes by it.
    Unreached,
    /// It cannot be built, neither behind the switch nor alone.
    Unbuildable,
}

enum Ended {
    Well,
    Badly,
    Late,
}

impl Tests {
    /// The tests of a program, which are run in a folder.
    pub fn new(program: PathBuf, folder: PathBuf) -> Self {
        Self { program, folder, caught: Mutex::default() }
    }

    /// The names of those in whose names one of the filters is.
    pub fn names(&self, filters: &[String]) -> Result<Vec<String>> {
        let listed = Command::new(&self.program)
            .args(["--list", "--format", "terse"])
            .args(filters)
            .current_dir(&self.folder)
            .output()
            .context("the tests did not run")?;
        let listed = String::from_utf8(listed.stdout)?;
        Ok(listed.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
    }

    /// Runs one without a mutant.
    ///
    /// # Errors
    /// If it fails: then it says nothing about mutants.
    pub fn unchanged(&self, name: &str, notes: &Path) -> Result<Test> {
        let _ = std::fs::remove_file(notes);
        let began = Instant::now();
        let Ended::Well = self.ended(name, None, Some(notes), A_WHILE * LONGER)? else {
            bail!("{name} fails without any mutant");
        };
        let took = began.elapsed();
        // Nothing is noted where none is come by.
        let reached = std::fs::read_to_string(notes).unwrap_or_default();
        Ok(Test { took, reaches: reached.lines().filter_map(|line| line.parse().ok()).collect() })
    }

    /// Shows a mutant to the tests that come by it, or without a number to all: what was built is the mutant then.
    pub fn judge(&self, mutant: Option<u32>, tests: &BTreeMap<String, Test>) -> Result<Outcome> {
        let reaching = tests.iter().filter(|(_, test)| mutant.is_none_or(|number| test.reaches.contains(&number)));
        let mut order: Vec<_> = {
            let caught = self.caught.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            reaching.map(|(name, test)| (caught.get(name).copied().unwrap_or(0), test.took, name)).collect()
        };
        // Those that catch much in little time first.
        let worth = |(caught, took, _): &(u32, Duration, &String)| f64::from(caught + 1) / (took.as_secs_f64() + 0.01);
        order.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
        if order.is_empty() {
            return Ok(Outcome::Unreached);
        }
        for (_, took, name) in order {
            let outcome = match self.ended(name, mutant, None, took * LONGER + A_WHILE)? {
                Ended::Well => continue,
                Ended::Badly => Outcome::Caught(name.clone()),
                Ended::Late => Outcome::TimedOut(name.clone()),
            };
            let mut caught = self.caught.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *caught.entry(name.clone()).or_default() += 1;
            return Ok(outcome);
        }
        Ok(Outcome::Survived)
    }

    fn ended(&self, name: &str, mutant: Option<u32>, notes: Option<&Path>, at_most: Duration) -> Result<Ended> {
        let mut command = Command::new("sh");
        command
            .args(["-c", "ulimit -v \"$0\" && exec \"$@\"", &MEMORY.to_string()])
            .arg(&self.program)
            .args(["--exact", name, "--test-threads", "1"])
            // A case that failed with a mutant is nothing to be kept.
            .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1")
            // The cases are the same ones each time, and so is what they come by.
            .env("PROPTEST_RNG_SEED", "1")
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some(number) = mutant {
            command.env("MUTANT", number.to_string());
        }
        if let Some(notes) = notes {
            command.env("MUTANTS_REACHED", notes);
        }
        let mut running = command.spawn().context("the tests did not run")?;
        let began = Instant::now();
        let mut pause = Duration::from_micros(500);
        loop {
            if let Some(status) = running.try_wait()? {
                return Ok(if status.success() { Ended::Well } else { Ended::Badly });
            }
            if began.elapsed() > at_most {
                running.kill()?;
                running.wait()?;
                return Ok(Ended::Late);
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        }
    }
}
