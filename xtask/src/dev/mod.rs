//! `cargo xtask dev`: the whole of Rapport on this machine, rebuilt while it runs.

mod demo;
mod edge;
mod process;
mod secrets;
mod watch;

use crate::build::{self, Caching, Clock, Effort, widget};
use crate::deployment::Deployment;
use anyhow::{Result, bail};
use std::collections::BTreeSet;
use std::net::TcpListener;
use std::thread::sleep;
use std::time::Duration;
use watch::{Area, Watch};

/// Runs the edge, the demo shop and the inbox page, and rebuilds what changes.
///
/// Installs what is missing, keeps its state in .wrangler/ and its secrets in .dev.vars. Ctrl-C ends
/// everything.
#[derive(clap::Args)]
pub struct Arguments {
    /// Port of the edge
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// Port of the demo shop
    #[arg(long, default_value_t = 8788)]
    shop_port: u16,
}

/// What runs.
struct Running {
    edge: edge::Edge,
    shop: demo::Shop,
}

/// Starts everything and stays until it is interrupted.
pub fn run(arguments: &Arguments) -> Result<()> {
    for port in [arguments.port, arguments.shop_port] {
        if TcpListener::bind(("127.0.0.1", port)).is_err() {
            bail!(
                "port {port} is in use, perhaps by another `cargo xtask dev`; see `cargo xtask dev --help` for others"
            );
        }
    }
    process::stop_all_on_interrupt()?;
    let watch = Watch::start()?;
    build_all()?;
    secrets::ensure()?;
    edge::migrate()?;

    let edge = edge::Edge::start(arguments.port)?;
    let mut shop = demo::Shop::open(Deployment::at(&edge.url()), edge.url(), arguments.shop_port)?;
    report(shop.publish());
    shop.serve()?;
    report(shop.fill());
    shop.print_addresses();
    rebuild_for_ever(watch, Running { edge, shop })
}

fn build_all() -> Result<()> {
    let _lock = build::prepare()?;
    widget::build(Effort::Quick)?;
    build::site(Caching::None)?;
    build::edge::build(Clock::Development)
}

fn rebuild_for_ever(mut watch: Watch, mut running: Running) -> Result<()> {
    const LOOK_EVERY: Duration = Duration::from_millis(400);
    // What could not be built is tried again with the next change.
    let mut behind = BTreeSet::new();
    loop {
        sleep(LOOK_EVERY);
        running.edge.check_alive()?;
        let changed = watch.changed()?;
        if !changed.is_empty() {
            behind.extend(changed);
            match running.follow(&behind) {
                Ok(()) => behind.clear(),
                failed => report(failed),
            }
        }
    }
}

impl Running {
    /// Brings what runs up to date. What cannot be built leaves it as it is.
    fn follow(&mut self, changed: &BTreeSet<Area>) -> Result<()> {
        let any = |areas: &[Area]| areas.iter().any(|area| changed.contains(area));
        if any(&[Area::Widget, Area::Domain]) {
            let _lock = build::prepare()?;
            widget::build(Effort::Quick)?;
        }
        if any(&[Area::Widget, Area::Domain, Area::Static]) {
            build::site(Caching::None)?;
        }
        if any(&[Area::Migrations]) {
            edge::migrate()?;
        }
        if any(&[Area::Edge, Area::Domain]) {
            let _lock = build::prepare()?;
            build::edge::build(Clock::Development)?;
            self.edge.reload()?;
        }
        if any(&[Area::Widget, Area::Domain, Area::Texts]) {
            self.shop.publish()?;
        }
        if any(&[Area::Shop]) {
            self.shop.serve()?;
        }
        eprintln!("· up to date");
        Ok(())
    }
}

fn report(result: Result<()>) {
    if let Err(error) = result {
        eprintln!("\nerror: {error:#}\nWhat runs goes on as it was; save a file to try again.\n");
    }
}
