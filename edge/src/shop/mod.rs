//! The shop object: one Durable Object for each shop, for what is shop-wide. It keeps the published
//! versions, the switches and the tokens, and tells the shards what they need to know, so that the
//! hot path asks nobody.

mod hooks;
mod learning;
mod making;
mod migrations;
mod outlook;
mod pools;
mod tokens;
mod versions;

pub use hooks::HookItem;
pub use making::SystemItem;
pub use migrations::Asked;
pub use outlook::Outlook;
pub use pools::{PoolItem, Taken};
pub use versions::VersionItem;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use domain::id::{ShopKey, Slug};
use domain::published::Pointer;
use domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use worker::{DurableObject, Env, Request, Response, State, durable_object};

use crate::call::{self, Configuration, Description, NewShop, ShardCall, ShopCall, Switches};
use crate::clock::real_now;
use crate::problem::{self, Rejected, Result};
use crate::shard::Order;
use crate::sql::{Db, values};

/// See the module's description.
#[durable_object]
pub struct Shop {
    state: State,
    env: Env,
    db: Db,
    about: RefCell<Option<About>>,
    /// There is something to do that the run of the alarm under way may have passed.
    more: Cell<bool>,
}

/// The shop, as it was made and changed since.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct About {
    new: NewShop,
    switches: Switches,
    /// The live version; empty before the first.
    version: String,
    /// The name and home page that the live version gives the shop.
    #[serde(default)]
    face: Option<(String, String)>,
    /// Journeys whose runs are to be set on the live version.
    #[serde(default)]
    migrations: BTreeMap<Slug, Order>,
    /// Counts up with every change that the shards must hear of.
    serial: i64,
}

/// Tables of the shop object. Additive only, like the shard's.
const SCHEMA: [&str; 5] = [
    include_str!("schema/001_first.sql"),
    include_str!("schema/002_hooks.sql"),
    include_str!("schema/003_domain.sql"),
    include_str!("schema/004_pools.sql"),
    include_str!("schema/005_outlook.sql"),
];

impl DurableObject for Shop {
    fn new(state: State, env: Env) -> Self {
        let db = Db::of(&state);
        let shop = Self { state, env, db, about: RefCell::new(None), more: Cell::new(false) };
        if let Err(error) = shop.wake() {
            worker::console_error!("a shop object did not wake: {error}");
        }
        shop
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let id = problem::request_id(request.headers().get("cf-ray")?);
        let body = request.text().await?;
        let answer = async { self.serve(serde_json::from_str(&body)?).await };
        answer.await.or_else(|error| problem::respond(&error, &id, None))
    }

    async fn alarm(&self) -> worker::Result<Response> {
        if let Err(error) = self.work().await {
            worker::console_error!("the shop object's work: {error}");
        }
        Response::empty()
    }
}

impl Shop {
    fn wake(&self) -> Result<()> {
        if self.db.number("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'meta'", values![])? == 0
        {
            return Ok(());
        }
        self.migrate()?;
        let about: Option<About> = self.meta("about")?.map(|text| serde_json::from_str(&text)).transpose()?;
        let older = about.as_ref().map(|about| self.learner_is_behind(about)).transpose()?;
        *self.about.borrow_mut() = about;
        // A shop that is older than its learner tells it, without anybody's doing.
        if older == Some(true) { self.soon() } else { Ok(()) }
    }

    fn migrate(&self) -> Result<()> {
        let laid_out =
            self.db.number("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'meta'", values![])? > 0;
        let done: usize =
            if laid_out { self.meta("schema")?.and_then(|text| text.parse().ok()).unwrap_or(0) } else { 0 };
        for (n, step) in SCHEMA.iter().enumerate().skip(done) {
            self.db.run(step, values![])?;
            self.set_meta("schema", &(n + 1).to_string())?;
        }
        Ok(())
    }

    fn meta(&self, name: &str) -> Result<Option<String>> {
        let row = self.db.row("SELECT value FROM meta WHERE name = ?", values![name])?;
        row.map(|row| Ok(row.text(0)?.to_owned())).transpose()
    }

    fn set_meta(&self, name: &str, value: &str) -> Result<()> {
        self.db.run(
            "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            values![name, value],
        )
    }

    fn about(&self) -> Result<About> {
        self.about.borrow().clone().ok_or_else(|| Rejected::unknown_shop().into())
    }

    fn keep(&self, about: About) -> Result<()> {
        self.set_meta("about", &serde_json::to_string(&about)?)?;
        *self.about.borrow_mut() = Some(about);
        Ok(())
    }

    async fn serve(&self, call: ShopCall) -> Result<Response> {
        match call {
            ShopCall::Create(new) => {
                let token = self.create(*new);
                if token.is_ok() {
                    self.push().await?;
                }
                call::reply(token)
            }
            ShopCall::Authorise { token } => call::reply(self.authorise(&token)),
            ShopCall::NewToken { revoke } => call::reply(self.new_token(revoke)),
            ShopCall::Pointer => call::reply(self.pointer()),
            ShopCall::File { hash } => call::reply(self.file(&hash)),
            ShopCall::Versions => call::reply(self.versions()),
            ShopCall::Describe => call::reply(self.describe()),
            ShopCall::Publish(release) => {
                let published = self.publish(&release).and_then(|()| self.look_at_pools());
                self.changed(published).await
            }
            ShopCall::Activate { version } => {
                let activated = self.activate(&version).and_then(|()| self.look_at_pools());
                self.changed(activated).await
            }
            ShopCall::Switch { campaigns, sending } => {
                let switched = self.switch(campaigns, sending);
                self.changed(switched).await
            }
            ShopCall::Origins { origins } => {
                let changed = self.about().and_then(|mut about| {
                    about.new.origins = origins;
                    about.serial += 1;
                    self.keep(about)
                });
                self.changed(changed).await
            }
            ShopCall::Push => call::reply(self.push().await),
            ShopCall::Hooks => call::reply(self.about().and_then(|_| self.hooks())),
            ShopCall::Connect(wish) => {
                let connected = self.let_speak(&wish);
                self.told(connected).await
            }
            ShopCall::Disconnect { source, previous_only } => {
                let disconnected = self.silence(source, previous_only);
                self.told(disconnected).await
            }
            ShopCall::TakeCodes { offer, codes } => {
                let taken = self.take_codes(&offer, &codes);
                if taken.as_ref().is_ok_and(|taken| taken.added > 0) {
                    self.tell_of_more(&offer).await;
                }
                call::reply(taken)
            }
            ShopCall::Lease { offer, object, block } => call::reply(self.lease(&offer, object, block)),
            ShopCall::GiveBack { offer, object, codes } => {
                let taken = self.take_back(&offer, object, &codes);
                if taken.is_ok() {
                    self.tell_of_more(&offer).await;
                }
                call::reply(taken)
            }
            ShopCall::WhoHas { code } => call::reply(self.who_has(&code)),
            ShopCall::Pools => call::reply(self.pools()),
            ShopCall::Recall { offer } => {
                let known = self.is_pool(&offer);
                call::reply(if known.is_ok() { self.recall(&offer).await } else { known })
            }
            ShopCall::Counted(counted) => call::reply(self.take_part(&counted)),
            ShopCall::ConnectSystem { system, opens } => call::reply(self.connect_system(system, &opens)),
            ShopCall::Systems => call::reply(self.systems()),
            ShopCall::DisconnectSystem { system } => call::reply(self.disconnect_system(system)),
            ShopCall::Migrate(asked) => match self.order_migration(&asked) {
                Ok(order) => {
                    self.push().await?;
                    call::reply(Ok(order))
                }
                Err(error) => call::reply::<()>(Err(error)),
            },
            ShopCall::Migration { journey } => call::reply(self.ordered_migration(&journey)),
            ShopCall::Rewrap => {
                let resealed = self.reseal_hooks().and_then(|()| self.reseal_systems());
                self.told(resealed).await
            }
            ShopCall::Leave => {
                let left = self.leave();
                self.told(left).await
            }
        }
    }

    /// After a change: tells the shards, then answers with the shop as it is now.
    async fn changed(&self, change: Result<()>) -> Result<Response> {
        match change {
            Ok(()) => {
                self.push().await?;
                call::reply(self.describe())
            }
            Err(error) => call::reply::<()>(Err(error)),
        }
    }

    /// After a change that has no answer: tells the shards.
    async fn told(&self, change: Result<()>) -> Result<Response> {
        match change {
            Ok(()) => call::reply(self.push().await),
            Err(error) => call::reply::<()>(Err(error)),
        }
    }

    fn create(&self, new: NewShop) -> Result<String> {
        if self.about.borrow().is_some() {
            return Err(Rejected::new(409, "The shop exists", "a shop with this key was made before").into());
        }
        self.migrate()?;
        self.keep(About {
            new,
            switches: Switches::default(),
            version: String::new(),
            face: None,
            migrations: BTreeMap::new(),
            serial: 1,
        })?;
        self.new_token(false)
    }

    fn switch(&self, campaigns: Option<bool>, sending: Option<bool>) -> Result<()> {
        let mut about = self.about()?;
        about.switches.campaigns = campaigns.unwrap_or(about.switches.campaigns);
        about.switches.sending = sending.unwrap_or(about.switches.sending);
        about.serial += 1;
        self.keep(about)
    }

    fn pointer(&self) -> Result<Pointer> {
        let about = self.about()?;
        let (files, fallback) = self.language_files(&about.version)?;
        Ok(Pointer {
            v: 1,
            version: about.version,
            files,
            fallback,
            objects: about.new.placement.objects(),
            off: !about.switches.campaigns,
        })
    }

    fn describe(&self) -> Result<Description> {
        let about = self.about()?;
        let behind = self.behind(&about)?;
        let (name, url) = about.face.unwrap_or_else(|| (about.new.name, String::new()));
        Ok(Description {
            name,
            url,
            version: about.version,
            placement: about.new.placement,
            switches: about.switches,
            origins: about.new.origins,
            behind,
        })
    }

    /// Shards that have not acknowledged the newest change.
    fn behind(&self, about: &About) -> Result<Vec<u16>> {
        let rows = self.db.rows("SELECT object FROM shards WHERE serial >= ?", values![about.serial])?;
        let there: Vec<i64> = rows.iter().filter_map(|row| row.maybe_int(0)).collect();
        Ok((0..about.new.placement.objects()).filter(|object| !there.contains(&i64::from(*object))).collect())
    }

    /// Tells every shard what it has not acknowledged yet. A shard that cannot be reached is told
    /// again by the alarm.
    async fn push(&self) -> Result<()> {
        let about = self.about()?;
        let config = self.config(&about.version)?.map(Box::new);
        let hooks = self.connections()?;
        let behind = self.behind(&about)?;
        let learner_is_behind = self.learner_is_behind(&about)?;
        if learner_is_behind || !behind.is_empty() {
            // A kill before all are told must not leave anybody with the old one.
            self.alarm_in(Span::seconds(5))?;
        }
        let told = |object| Configuration {
            shop: about.new.key.clone(),
            object,
            placement: about.new.placement,
            serial: about.serial,
            origins: about.new.origins.clone(),
            switches: about.switches,
            version: about.version.clone(),
            config: config.clone(),
            edge: about.new.edge.clone(),
            hooks: hooks.clone(),
            migrations: about.migrations.clone(),
        };
        let mut failed = if learner_is_behind { self.tell_learner(told(0)).await.err() } else { None };
        for object in behind {
            let configuration = told(object);
            match call::shard::<i64>(&self.env, &about.new.key, object, &ShardCall::Configure(Box::new(configuration))).await {
                Ok(serial) => self.db.run(
                    "INSERT INTO shards (object, serial) VALUES (?, ?) ON CONFLICT (object) DO UPDATE SET serial = max(serial, excluded.serial)",
                    values![i64::from(object), serial],
                )?,
                Err(error) => failed = Some(error),
            }
        }
        if let Some(error) = failed {
            worker::console_error!("a shard or the learner did not take the change over: {error}");
            let again: Timestamp = real_now() + Span::seconds(30);
            let wait = again - real_now();
            self.state.storage().set_alarm(wait.0).await?;
        }
        Ok(())
    }

    /// What is left to do: shards that have not heard of a change, a merchant to be told, codes to be made, what
    /// was counted to be fitted.
    /// Whatever goes wrong, the next alarm is set.
    async fn work(&self) -> Result<()> {
        let about = self.about()?;
        self.more.set(false);
        let pushed = self.push().await;
        let told = self.tell_of_sinkings().await;
        let made = self.make_codes().await;
        let expected = self.see_to_outlook().await;
        let behind = !self.behind(&about)?.is_empty() || self.learner_is_behind(&about)?;
        let failed = pushed.is_err() || told.is_err() || made.is_err() || expected.is_err() || behind;
        let again = failed.then(|| real_now() + Span::seconds(30));
        let again = if self.more.get() { Some(real_now()) } else { again };
        if let Some(due) = self.making_due()?.into_iter().chain(self.fit_due()?).chain(again).min() {
            let wait = due - real_now();
            self.state.storage().set_alarm(wait.0.max(1)).await?;
        }
        pushed.and(told).and(made).and(expected)
    }

    /// Sets the alarm to this moment, in the same commit as what there is to do. The alarm itself sees to
    /// whatever is due later.
    fn soon(&self) -> Result<()> {
        self.more.set(true);
        self.alarm_in(Span(1))
    }

    /// Sets the alarm, in the same commit as what was written before.
    fn alarm_in(&self, span: Span) -> Result<()> {
        use futures_util::FutureExt as _;
        match self.state.storage().set_alarm(span.0).now_or_never() {
            Some(Err(error)) => Err(error.into()),
            Some(Ok(())) | None => Ok(()),
        }
    }

    fn key(&self) -> Result<ShopKey> {
        Ok(self.about()?.new.key)
    }
}
