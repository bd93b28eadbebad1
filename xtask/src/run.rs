//! Running other programs, with errors that name the command, and saying how long things take.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

/// Runs the command with its output on the terminal; a status other than success is an error.
pub fn check(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("`{}` failed ({status})", line(command));
    }
    Ok(())
}

/// Runs the command quietly and returns what it printed; when it fails, the error carries its output.
pub fn read(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| cannot_start(command))?;
    if !output.status.success() {
        bail!(
            "`{}` failed ({})\n{}{}",
            line(command),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs the command, with its errors on the terminal, and returns what it printed.
pub fn read_showing_errors(command: &mut Command) -> Result<String> {
    let output =
        command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().with_context(|| cannot_start(command))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", line(command), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs the command with its output on the terminal and hands each line of it to `see`.
pub fn tee(command: &mut Command, mut see: impl FnMut(&str)) -> Result<ExitStatus> {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().with_context(|| cannot_start(command))?;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line?;
            println!("{line}");
            see(&line);
        }
    }
    Ok(child.wait()?)
}

/// Says what is being done, does it, and says how long it took.
pub fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    eprintln!("· {name} …");
    let done = work().with_context(|| name.to_owned())?;
    eprintln!("  {name}: {:.1} s", start.elapsed().as_secs_f64());
    Ok(done)
}

/// The command as it would be typed, shortened to a line.
pub fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let full = words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    match full.char_indices().nth(160) {
        Some((end, _)) => format!("{}…", &full[..end]),
        None => full,
    }
}

fn cannot_start(command: &Command) -> String {
    format!("cannot start `{}`", line(command))
}
