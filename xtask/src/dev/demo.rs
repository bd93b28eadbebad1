//! The demo shop: made on the local edge once, published from its texts, served by its own server.

use super::process::Process;
use super::secrets;
use crate::deployment::{Deployment, NewShop, ShopWish};
use crate::{files, node, publish, run, shopfiles};
use anyhow::{Result, bail, ensure};
use serde::{Deserialize, Serialize};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The demo shop.
pub struct Shop {
    deployment: Deployment,
    edge: String,
    port: u16,
    known: Known,
    server: Option<Process>,
}

/// What is kept of the shop between two starts.
#[derive(Serialize, Deserialize)]
struct Known {
    origin: String,
    #[serde(flatten)]
    shop: NewShop,
    /// What its server signs with.
    #[serde(default)]
    secret: Option<String>,
    /// It has products and made shoppers.
    #[serde(default)]
    filled: bool,
}

/// Where that is kept.
const KEPT: &str = ".wrangler/rapport-dev.json";

impl Known {
    fn keep(&self) -> Result<()> {
        files::write(&files::at(KEPT), serde_json::to_string_pretty(self)?.as_bytes())
    }
}

impl Shop {
    /// The shop as the edge knows it; made now if the edge does not.
    pub fn open(deployment: Deployment, edge: String, port: u16) -> Result<Self> {
        let origin = format!("http://localhost:{port}");
        let known = files::read(&files::at(KEPT)).ok().and_then(|json| serde_json::from_slice::<Known>(&json).ok());
        let known = match known {
            Some(known) if known.origin == origin && deployment.live_version(&known.shop.key)?.is_some() => known,
            _ => {
                let wish = ShopWish { name: "Demo shop", origins: std::slice::from_ref(&origin), objects: 1 };
                let shop = deployment.create_shop(&secrets::owner_token()?, &wish)?;
                let known = Known { origin, shop, secret: None, filled: false };
                known.keep()?;
                known
            }
        };
        Ok(Self { deployment, edge, port, known, server: None })
    }

    /// Publishes its texts as they are now.
    pub fn publish(&self) -> Result<()> {
        run::step("demo shop's texts", || {
            let release = shopfiles::compile(&files::at("www/demo/rapport"))?;
            let NewShop { key, admin_token } = &self.known.shop;
            if publish::publish(&self.deployment, key, admin_token, &release)? {
                eprintln!("  published version {}", release.version);
            }
            Ok(())
        })
    }

    /// Gives it products and two months of shoppers, once, so that there is something to recommend.
    pub fn fill(&mut self) -> Result<()> {
        if self.known.filled {
            return Ok(());
        }
        run::step("demo shop's shoppers", || {
            let mut generate = node::program("node");
            generate.args(["tests/generate/main.mjs", "--edge", &self.edge, "--months", "2", "--shoppers", "150"]);
            run::read(&mut generate).map(drop)
        })?;
        self.known.filled = true;
        self.known.keep()
    }

    /// Starts its server, anew if one runs, and waits until it listens.
    pub fn serve(&mut self) -> Result<()> {
        const PATIENCE: Duration = Duration::from_secs(10);
        self.server = None;
        let secret = self.secret()?;
        let mut server = node::program("node");
        server.args(["www/demo/server.mjs", "--port", &self.port.to_string()]);
        let NewShop { key, admin_token } = &self.known.shop;
        // With the token it is as late as the development clock: what is ordered after that was moved is no old news.
        server.args(["--edge", &self.edge, "--key", key, "--secret", &secret, "--token", admin_token]);
        let server = self.server.insert(Process::start(&mut server)?);
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if let Some(status) = server.ended()? {
                bail!("the demo shop's server ended ({status})");
            }
            ensure!(start.elapsed() < PATIENCE, "the demo shop does not listen on port {}", self.port);
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// What its server signs orders, customers and questions about codes with.
    fn secret(&mut self) -> Result<String> {
        if let Some(secret) = &self.known.secret {
            return Ok(secret.clone());
        }
        let NewShop { key, admin_token } = &self.known.shop;
        let secret = self.deployment.connect_server(key, admin_token)?;
        self.known.secret = Some(secret.clone());
        self.known.keep()?;
        Ok(secret)
    }

    /// Says where to look.
    pub fn print_addresses(&self) {
        println!();
        println!("  demo shop   {}/", self.known.origin);
        println!("  inbox       {}/inbox/#token={}", self.edge, self.known.shop.admin_token);
        println!("  Ctrl-C ends both; what you change is rebuilt.");
        println!();
    }
}
