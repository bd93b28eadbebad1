//! Programs that run beside this one. Each leads a process group, and none outlives this program.

use crate::run;
use anyhow::{Context, Result};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// What runs, to be stopped on an interrupt.
static RUNNING: Mutex<Vec<Leader>> = Mutex::new(Vec::new());

/// Everything is being stopped.
static STOPPING: AtomicBool = AtomicBool::new(false);

/// The first process of a group.
type Leader = Arc<Mutex<Child>>;

/// A running program with whatever it has started. Ends when this is dropped.
pub struct Process {
    leader: Leader,
}

impl Process {
    /// Starts the command at the head of its own group, with its output on the terminal.
    pub fn start(command: &mut Command) -> Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        // Held while it starts, so that an interrupt does not miss it.
        let mut running = lock(&RUNNING);
        let child =
            command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start `{}`", run::line(command)))?;
        let leader = Arc::new(Mutex::new(child));
        running.push(Arc::clone(&leader));
        Ok(Self { leader })
    }

    /// How it ended, if it did so by itself.
    pub fn ended(&self) -> Result<Option<ExitStatus>> {
        let ended = lock(&self.leader).try_wait()?;
        Ok(ended.filter(|_| !STOPPING.load(Ordering::SeqCst)))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        stop(std::slice::from_ref(&self.leader));
        lock(&RUNNING).retain(|leader| !Arc::ptr_eq(leader, &self.leader));
    }
}

/// On Ctrl-C, a hang-up or a request to end: stops every group, then ends this program.
pub fn stop_all_on_interrupt() -> Result<()> {
    ctrlc::set_handler(|| {
        STOPPING.store(true, Ordering::SeqCst);
        let running = lock(&RUNNING).clone();
        stop(&running);
        std::process::exit(130);
    })
    .context("cannot listen for Ctrl-C")
}

/// Asks the groups to end; what has not ended after a while, or outlives its leader, ends by force.
fn stop(leaders: &[Leader]) {
    const PATIENCE: Duration = Duration::from_secs(5);
    let signal_all = |how| leaders.iter().map(|leader| lock(leader).id()).for_each(|group| signal(group, how));
    signal_all(Signal::Ask);
    let asked = Instant::now();
    while asked.elapsed() < PATIENCE && leaders.iter().any(|leader| matches!(lock(leader).try_wait(), Ok(None))) {
        sleep(Duration::from_millis(50));
    }
    signal_all(Signal::Force);
    for leader in leaders {
        let _ = lock(leader).wait();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Clone, Copy)]
enum Signal {
    Ask,
    Force,
}

#[cfg(unix)]
fn signal(group: u32, signal: Signal) {
    use nix::sys::signal::{Signal as Unix, killpg};
    use nix::unistd::Pid;
    let signal = match signal {
        Signal::Ask => Unix::SIGTERM,
        Signal::Force => Unix::SIGKILL,
    };
    if let Ok(group) = i32::try_from(group) {
        // A group that is gone already needs no signal.
        let _ = killpg(Pid::from_raw(group), signal);
    }
}

#[cfg(not(unix))]
fn signal(group: u32, signal: Signal) {
    if let Signal::Force = signal {
        let _ = Command::new("taskkill").args(["/T", "/F", "/PID", &group.to_string()]).status();
    }
}
