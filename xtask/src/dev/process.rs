//! Programs that run beside this one. Each leads a process group, and none outlives this program.

use crate::run;
use anyhow::{Context, Result};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Groups that run, by the id of their leader.
static GROUPS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// A running program with whatever it has started. Ends when this is dropped.
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts the command at the head of its own group, with its output on the terminal.
    pub fn start(command: &mut Command) -> Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let mut groups = groups();
        let child =
            command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start `{}`", run::line(command)))?;
        groups.push(child.id());
        Ok(Self { child })
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let group = self.child.id();
        stop(&[group], || matches!(self.child.try_wait(), Ok(None)));
        let _ = self.child.wait();
        groups().retain(|running| *running != group);
    }
}

/// On Ctrl-C, a hang-up or a request to end: stops every group, then ends this program.
pub fn stop_all_on_interrupt() -> Result<()> {
    ctrlc::set_handler(|| {
        let running = groups().clone();
        stop(&running, || running.iter().any(|group| exists(*group)));
        std::process::exit(130);
    })
    .context("cannot listen for Ctrl-C")
}

/// Asks the groups to end, and ends those by force that have not after a while.
fn stop(groups: &[u32], mut still_running: impl FnMut() -> bool) {
    const PATIENCE: Duration = Duration::from_secs(5);
    for group in groups {
        signal(*group, Signal::Ask);
    }
    let asked = Instant::now();
    while still_running() && asked.elapsed() < PATIENCE {
        sleep(Duration::from_millis(50));
    }
    for group in groups {
        signal(*group, Signal::Force);
    }
}

fn groups() -> std::sync::MutexGuard<'static, Vec<u32>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Clone, Copy)]
enum Signal {
    Ask,
    Force,
}

#[cfg(unix)]
fn pid(group: u32) -> nix::unistd::Pid {
    nix::unistd::Pid::from_raw(i32::try_from(group).unwrap_or(i32::MAX))
}

#[cfg(unix)]
fn signal(group: u32, signal: Signal) {
    use nix::sys::signal::{Signal as Unix, killpg};
    let signal = match signal {
        Signal::Ask => Unix::SIGTERM,
        Signal::Force => Unix::SIGKILL,
    };
    // A group that is gone already needs no signal.
    let _ = killpg(pid(group), signal);
}

#[cfg(unix)]
fn exists(group: u32) -> bool {
    nix::sys::signal::killpg(pid(group), None).is_ok()
}

#[cfg(not(unix))]
fn signal(group: u32, signal: Signal) {
    if let Signal::Force = signal {
        let _ = Command::new("taskkill").args(["/T", "/F", "/PID", &group.to_string()]).status();
    }
}

#[cfg(not(unix))]
fn exists(_group: u32) -> bool {
    false
}
