//! The edge under `wrangler dev`.

use super::process::Process;
use crate::deployment::Deployment;
use crate::{files, node, run, stamp};
use anyhow::{Result, bail};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A running edge.
pub struct Edge {
    port: u16,
    process: Process,
}

/// Brings the local database up to date, if a migration was added.
pub fn migrate() -> Result<()> {
    let migrations = files::below(&files::at("edge/migrations"))?;
    if migrations.is_empty() {
        return Ok(());
    }
    let inputs = stamp::of_files(migrations.iter().map(AsRef::as_ref))?;
    stamp::unless_done("migrations", &inputs, &[&files::at(".wrangler/state/v3/d1")], || {
        run::step("local database", || {
            let mut wrangler = node::program("wrangler");
            wrangler.args(["d1", "migrations", "apply", "REPORTS", "--local", "--env", "dev"]);
            run::read(wrangler.env("CI", "true")).map(drop)
        })
    })?;
    Ok(())
}

impl Edge {
    /// Starts the edge and waits until it answers.
    pub fn start(port: u16) -> Result<Self> {
        run::step("edge", || {
            let mut edge = Self { port, process: start(port)? };
            edge.wait_until_up()?;
            Ok(edge)
        })
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Makes it run what was built last.
    pub fn reload(&mut self) -> Result<()> {
        self.wait_until_up()
    }

    /// Fails if it ended by itself.
    pub fn check_alive(&mut self) -> Result<()> {
        match self.process.ended()? {
            Some(status) => bail!("wrangler dev ended ({status})"),
            None => Ok(()),
        }
    }

    fn wait_until_up(&mut self) -> Result<()> {
        const PATIENCE: Duration = Duration::from_mins(1);
        let deployment = Deployment::at(&self.url());
        let start = Instant::now();
        while !deployment.is_up() {
            self.check_alive()?;
            if start.elapsed() > PATIENCE {
                bail!("the edge does not answer at {}/health", self.url());
            }
            sleep(Duration::from_millis(100));
        }
        Ok(())
    }
}

fn start(port: u16) -> Result<Process> {
    let mut wrangler = node::program("wrangler");
    wrangler.args(["dev", "--env", "dev", "--show-interactive-dev-session=false"]);
    // It would ask the platform where this machine is; nothing here needs to know.
    wrangler.env("CLOUDFLARE_CF_FETCH_ENABLED", "false");
    Process::start(wrangler.args(["--port", &port.to_string()]))
}
