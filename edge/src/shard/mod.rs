//! The shard: a Durable Object that keeps a share of one shop's visitors and shoppers, decides about
//! them and writes to them. It alone sends.
//!
//! Every change is made in one synchronous section, from reading to writing, with no await inside:
//! the platform commits such a section as a whole.

mod alerts;
pub mod answers;
mod baskets;
mod checking;
mod codes;
mod confirm;
mod consent;
mod content;
mod copying;
mod counting;
mod crediting;
mod doubt;
mod engine;
mod erasing;
mod explaining;
mod export;
mod facts;
mod followed;
pub mod hearing;
mod ingest;
mod jobs;
mod joining;
mod leases;
mod ledger;
mod letters;
mod limits;
mod links;
pub mod lists;
mod mail;
mod migrating;
mod moving;
mod names;
mod news;
mod outlook;
mod people;
mod preference_page;
mod preferences;
mod recommending;
mod report;
mod retention;
mod running;
mod schema;
mod sending;
mod sightings;
mod stating;
mod stopping;
mod submit;
mod surveys;
mod transfers;
mod uses;
mod webhook;
mod wishes;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use domain::hook::Source;
use domain::id::{ShopKey, Slug};
use domain::journey::Rules;
use domain::law::Country;
use domain::place::Placement;
use domain::published::ShopConfig;
use domain::time::Timestamp;
use domain::why::Why;
use worker::{DurableObject, Env, Request, Response, State, durable_object};

pub use alerts::LowPool;
pub use checking::{Asking, CheckAnswer, CheckRequest, Question};
pub use erasing::Suppression;
pub use explaining::WhyAnswer;
pub use export::LogPage;
pub use facts::FactsAnswer;
use hearing::Connection;
pub(crate) use ingest::query;
pub(crate) use jobs::{backoff, soon};
pub use leases::{Block, PoolCount, Returned};
pub(crate) use limits::network;
pub use mail::Outgoing;
pub use migrating::{Count, Order, Progress, Tried, add as add_count};
pub use moving::Luggage;
pub use outlook::Counted;
pub use sightings::{Copied, Sighting};
pub use webhook::JourneyCall;
pub use wishes::{Granted, Wish};

use crate::call::{self, Configuration, ShardCall, Switches};
use crate::clock::Clock;
use crate::problem::{self, Rejected, Result};
use crate::public;
use crate::secrets::{Secrets, ShopKeys};
use crate::shop::Outlook;
use crate::sql::Db;

/// See the module's description.
#[durable_object]
pub struct Shard {
    state: State,
    env: Env,
    db: Db,
    /// What it was told about its shop; nothing until it is configured.
    shop: RefCell<Option<Rc<Shop>>>,
    clock: Cell<Clock>,
    /// The moment the alarm is set to, real time.
    armed: Cell<Option<Timestamp>>,
    /// A run of due jobs is under way.
    running: Cell<bool>,
    /// A report of new events is due already.
    report_due: Cell<bool>,
    /// What was done with products is to be counted already.
    count_due: Cell<bool>,
    /// What pages say of products, on its way to the learner.
    stating: RefCell<stating::Stating>,
    limits: RefCell<limits::Limits>,
    /// When it was seen last that there is no room for more events; nothing while there is.
    full_since: Cell<Option<Timestamp>>,
    /// Batches that wait for the next commit.
    taken: RefCell<Vec<ingest::Taken>>,
    /// What the shop's server said and waits for the next commit: ids and sealed statements, in hex.
    said: RefCell<Vec<(String, String)>>,
    /// When that commit comes.
    together: RefCell<hearing::Together>,
    /// What the catalogue says for the next letters, by their jobs.
    picks: RefCell<BTreeMap<String, recommending::Picked>>,
}

/// So many earlier versions are kept in memory: reading one takes longer than all else that a message costs.
const MOST_EARLIER: usize = 4;

/// A shop as one of its shards knows it.
pub struct Shop {
    key: ShopKey,
    keys: ShopKeys,
    object: u16,
    placement: Placement,
    serial: i64,
    origins: Vec<String>,
    switches: Switches,
    version: String,
    config: Option<Rc<ShopConfig>>,
    edge: String,
    /// Who may speak for it.
    hooks: BTreeMap<Source, Connection>,
    /// Journeys whose runs are to be set on the live version.
    migrations: BTreeMap<Slug, Order>,
    /// What can be expected of its shoppers; nothing before that was worked out first.
    outlook: Option<Outlook>,
    /// Versions that were live before and that runs are still on, as far as they were asked for.
    earlier: RefCell<BTreeMap<String, Rc<ShopConfig>>>,
    /// The rules of versions that were asked for.
    rules: RefCell<BTreeMap<String, Rc<Rules>>>,
    /// In which countries numbers may be that were asked for, by their hashes: they lie sealed.
    numbers: RefCell<BTreeMap<Vec<u8>, &'static [Country]>>,
    /// What codes of its offers look like, in all versions; read when it is asked for first.
    forms: OnceCell<schema::CodeForms>,
}

impl Shop {
    /// The live version's contents.
    fn live(&self) -> Result<&Rc<ShopConfig>> {
        Ok(self
            .config
            .as_ref()
            .ok_or_else(|| Rejected::new(409, "Nothing is published", "publish a version of the shop first"))?)
    }
}

impl DurableObject for Shard {
    fn new(state: State, env: Env) -> Self {
        let db = Db::of(&state);
        let shard = Self {
            state,
            env,
            db,
            shop: RefCell::new(None),
            clock: Cell::new(Clock::default()),
            armed: Cell::new(None),
            running: Cell::new(false),
            report_due: Cell::new(false),
            count_due: Cell::new(false),
            stating: RefCell::default(),
            limits: RefCell::new(limits::Limits::default()),
            full_since: Cell::new(None),
            taken: RefCell::new(Vec::new()),
            said: RefCell::new(Vec::new()),
            together: RefCell::new(hearing::at_once()),
            picks: RefCell::default(),
        };
        if let Err(error) = shard.wake() {
            worker::console_error!("a shard did not wake: {error}");
        }
        shard
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        let id = problem::request_id(request.headers().get("cf-ray")?);
        let answer = self.serve(request).await;
        if let Err(error) = self.hear_news() {
            worker::console_error!("news: {error}");
        }
        self.arm();
        answer.or_else(|error| problem::respond(&error, &id, None))
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.armed.set(None);
        // Whatever goes wrong, the next alarm is set: the platform gives up on one that fails.
        if let Err(error) = self.run_due().await {
            worker::console_error!("due jobs: {error}");
        }
        self.arm();
        Response::empty()
    }
}

impl Shard {
    /// Brings an object that has been used before back into memory.
    fn wake(&self) -> Result<()> {
        if !schema::is_laid_out(&self.db)? {
            return Ok(());
        }
        schema::migrate(&self.db)?;
        self.load()?;
        self.count_daily()?;
        // What was claimed and never concluded before this instance: nobody knows.
        self.doubt_open_claims()?;
        self.hear_news()?;
        self.arm();
        Ok(())
    }

    async fn serve(&self, mut request: Request) -> Result<Response> {
        let call: ShardCall = serde_json::from_str(&request.text().await?)?;
        match call {
            ShardCall::Configure(configuration) => call::reply(self.configure(&configuration)),
            ShardCall::Submit(submission) => call::reply(self.submit_here_or_there(submission).await),
            ShardCall::Confirm { link, act } => call::reply(self.confirm_here_or_there(link, act).await),
            ShardCall::Unsubscribe { link, act, method, everything } => {
                call::reply(self.unsubscribe_here_or_there(link, act, method, everything).await)
            }
            ShardCall::Preferences { link, entered } => {
                call::reply(self.preferences_here_or_there(link, entered).await)
            }
            ShardCall::Status => call::reply(self.status()),
            ShardCall::List { what, before, most } => call::reply(self.list(what, before, most)),
            ShardCall::Message { id } => call::reply(self.message(&id)),
            ShardCall::Known { shopper } => call::reply(self.known_here_or_there(shopper).await),
            ShardCall::Join { younger, older, why } => {
                let (rule, fact) = why.unwrap_or_else(|| ("merchant".into(), "joined through the admin API".into()));
                let why = Why::new(&rule, fact);
                call::reply(self.join_here_or_there(younger, older, &why).await)
            }
            ShardCall::Part { shopper } => call::reply(self.part_here_or_there(shopper).await),
            ShardCall::Lend { shopper, to } => call::reply(self.lend(shopper, to)),
            ShardCall::Forget { shopper, into } => call::reply(self.forget(shopper, into)),
            ShardCall::TakeBack { shopper, luggage } => call::reply(self.take_back(shopper, *luggage)),
            ShardCall::Hook(request) => call::reply(self.hear(&request).await),
            ShardCall::Tell(statements) => call::reply(self.keep_statements(&statements).await),
            ShardCall::HearAgain { id, sealed } => call::reply(self.hear_again(id, sealed)),
            ShardCall::HeardLast => call::reply(self.heard_last()),
            ShardCall::Hearing(ask) => self.answer(ask),
            ShardCall::Grant { link, wish, act } => call::reply(self.grant_here_or_there(link, wish, act).await),
            ShardCall::Erase { shopper, rule, fact } => {
                call::reply(self.erase_here_or_there(shopper, Why::new(&rule, fact)).await)
            }
            ShardCall::Copy { shopper } => call::reply(self.copy_here_or_there(shopper).await),
            ShardCall::Timeline { shopper, before, most } => {
                call::reply(self.timeline_here_or_there(shopper, before, most).await)
            }
            ShardCall::Decisions { shopper, before, most } => {
                call::reply(self.decisions_here_or_there(shopper, before, most).await)
            }
            ShardCall::Explain(asked) => call::reply(self.explain(&asked)),
            ShardCall::Log { after } => call::reply(self.log_page(after)),
            ShardCall::Live => call::reply(self.live_version()),
            ShardCall::Receipts { after } => call::reply(consent::page(&self.db, after)),
            ShardCall::Suppress(suppression) => call::reply(self.suppress(&suppression)),
            ShardCall::Lift { hash, at } => call::reply(self.lift(hash.0, at)),
            ShardCall::See { visitor, shopper, said, proof } => call::reply(self.see(visitor, shopper, said, &proof)),
            ShardCall::Opened { link, letter, visitor, at } => {
                call::reply(self.opened(&link, letter.as_deref(), visitor, at))
            }
            ShardCall::Followed { shopper, letter, at } => {
                call::reply(self.was_followed(&shopper.to_string(), &letter, at))
            }
            ShardCall::Named { name, visitor, at } => call::reply(self.named(name.0, visitor, at)),
            ShardCall::SeeByLink { visitor, shopper, said } => call::reply(self.see_by_link(visitor, shopper, said)),
            ShardCall::Unsee { visitor, shopper } => call::reply(self.unsee(visitor, shopper)),
            ShardCall::Visited { sighting, events } => {
                call::reply(self.take_visit_here_or_there(sighting, events).await)
            }
            ShardCall::ForgetVisit(sighting) => call::reply(self.forget_visit(&sighting)),
            ShardCall::Redeem(told) => call::reply(self.shop().and_then(|shop| self.redeem(&shop, &told)).map(drop)),
            ShardCall::Use(told) => call::reply(self.shop().and_then(|shop| self.redeem(&shop, &told))),
            ShardCall::Refill { offer } => call::reply(self.refill_now(&offer)),
            ShardCall::Recall { offer } => call::reply(self.shop().and_then(|_| self.give_back_soon(&offer))),
            ShardCall::CountPools { offers } => call::reply(self.count_pools(&offers)),
            ShardCall::Alert(alert) => call::reply(self.take_alert(alert)),
            ShardCall::Facts { shopper } => call::reply(self.facts_here_or_there(shopper).await),
            ShardCall::Outlook(outlook) => call::reply(self.take_outlook(&outlook)),
            ShardCall::CheckCode(request) => call::reply(self.check_code(&request).await),
            ShardCall::SeeCode { code, asking } => call::reply(self.see_code_here_or_there(&code, &asking).await),
            ShardCall::Rewrap { most } => call::reply(self.rewrap(most).and_then(|left| Ok(left + self.reseal(most)?))),
            ShardCall::RunVersions { journey } => call::reply(self.run_versions(&journey)),
            ShardCall::TryMigration { migration, after } => call::reply(self.try_migration(&migration, &after)),
            ShardCall::MigrationProgress(order) => call::reply(self.migration_progress(&order)),
            ShardCall::Wake => call::reply(self.woken().await),
            #[cfg(feature = "dev-clock")]
            ShardCall::Advance { ahead } => call::reply(self.advance(ahead).await),
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.get().now()
    }

    fn shop(&self) -> Result<Rc<Shop>> {
        self.shop.borrow().clone().ok_or_else(|| Rejected::unknown_shop().into())
    }

    /// The backstop's call: runs what is overdue and reports anew when this shard is needed next.
    async fn woken(&self) -> Result<usize> {
        let ran = self.run_due().await?;
        self.report_later(self.now())?;
        Ok(ran)
    }

    /// Takes a configuration over. An older one than it has changes nothing.
    fn configure(&self, new: &Configuration) -> Result<i64> {
        schema::migrate(&self.db)?;
        if let Some(known) = self.shop.borrow().as_ref().filter(|known| known.serial > new.serial) {
            return Ok(known.serial);
        }
        let serial = new.serial;
        let before = self.shop.borrow().as_ref().map(|known| known.version.clone());
        schema::keep_configuration(&self.db, new)?;
        self.load()?;
        if before.as_ref() != Some(&new.version) {
            jobs::remove(&self.db, jobs::SWEEP)?;
            jobs::add(&self.db, &jobs::Job::sweep(self.now(), 0))?;
        }
        self.begin_migrations()?;
        jobs::undefer(&self.db, self.now())?;
        self.look_at_pools(self.now())?;
        self.look_through_events()?;
        self.count_daily()?;
        self.count_later(self.now())?;
        Ok(serial)
    }

    /// Reads what it was told back from storage.
    fn load(&self) -> Result<()> {
        #[cfg(feature = "dev-clock")]
        self.clock.set(Clock {
            ahead: domain::time::Span(
                schema::meta(&self.db, "ahead")?.and_then(|text| text.parse().ok()).unwrap_or_default(),
            ),
        });
        let Some(stored) = schema::configuration(&self.db)? else { return Ok(()) };
        let keys = Secrets::read(&self.env)?.of(&stored.shop);
        *self.shop.borrow_mut() = Some(Rc::new(Shop {
            keys,
            object: stored.object,
            placement: stored.placement,
            serial: stored.serial,
            origins: stored.origins,
            switches: stored.switches,
            config: stored.config.map(|config| Rc::new(*config)),
            version: stored.version,
            hooks: stored.hooks,
            migrations: stored.migrations,
            outlook: outlook::kept(&self.db)?,
            earlier: RefCell::default(),
            rules: RefCell::default(),
            numbers: RefCell::default(),
            forms: OnceCell::new(),
            edge: public::edge_url(&self.env).unwrap_or(stored.edge),
            key: stored.shop,
        }));
        Ok(())
    }

    /// The live version's name and contents.
    fn live_version(&self) -> Result<serde_json::Value> {
        let shop = self.shop()?;
        Ok(serde_json::json!({ "version": shop.version, "config": &**shop.live()? }))
    }

    /// A version's contents: the live one's, or those a run in flight was begun with.
    fn config(&self, shop: &Shop, version: &str) -> Result<Rc<ShopConfig>> {
        if version == shop.version {
            return shop.live().cloned();
        }
        if let Some(known) = shop.earlier.borrow().get(version) {
            return Ok(known.clone());
        }
        let read = schema::config(&self.db, version)?.map(Rc::new);
        let read = read.ok_or_else(|| problem::Failed::new("reading a version", format!("{version} is not here")))?;
        let mut earlier = shop.earlier.borrow_mut();
        if earlier.len() >= MOST_EARLIER {
            earlier.clear();
        }
        earlier.insert(version.to_owned(), read.clone());
        Ok(read)
    }

    /// Moves the development clock, running jobs in the order in which they fall due, and returns
    /// how many ran once all is quiet.
    #[cfg(feature = "dev-clock")]
    async fn advance(&self, ahead: domain::time::Span) -> Result<usize> {
        let mut ran = 0;
        self.shop()?;
        let to = crate::clock::real_now() + ahead;
        // Bounded: a job that makes itself due again at once must not hold the clock for ever.
        for _ in 0..100_000 {
            // The alarm may be handing messages over: what it has taken is not done yet.
            while self.running.get() {
                worker::Delay::from(std::time::Duration::from_millis(5)).await;
            }
            ran += self.run_due().await?;
            let Some(due) = jobs::next_due(&self.db)?.filter(|due| *due <= to) else { break };
            self.set_clock(due.max(self.now()) - crate::clock::real_now())?;
        }
        // The same in every object of the shop, however long each took.
        self.set_clock(ahead.max(self.clock.get().ahead))?;
        Ok(ran + self.run_due().await?)
    }

    #[cfg(feature = "dev-clock")]
    fn set_clock(&self, ahead: domain::time::Span) -> Result<()> {
        let clock = Clock { ahead };
        schema::set_meta(&self.db, "ahead", &clock.ahead.0.to_string())?;
        self.clock.set(clock);
        self.armed.set(None);
        Ok(())
    }

    /// Sets the one alarm to the earliest thing due. In the same commit as what made it due: the
    /// call is made at once, only its confirmation is not waited for.
    fn arm(&self) {
        use futures_util::FutureExt as _;
        if self.shop.borrow().is_none() {
            return;
        }
        let due = self.has_news().and_then(|news| if news { Ok(Some(self.now())) } else { jobs::next_due(&self.db) });
        match due {
            Ok(Some(due)) => {
                let due = self.clock.get().real(due);
                if self.armed.get() != Some(due) {
                    self.armed.set(Some(due));
                    let storage = self.state.storage();
                    #[allow(clippy::cast_precision_loss)] // milliseconds stay exact for 285,000 years
                    let real_ms = worker::js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(due.0 as f64));
                    let set = storage.set_alarm(worker::ScheduledTime::new(real_ms)).now_or_never();
                    if let Some(Err(error)) = set {
                        worker::console_error!("the alarm could not be set: {error}");
                        self.armed.set(None);
                    }
                }
            }
            Ok(None) => {}
            Err(error) => worker::console_error!("the next due job could not be read: {error}"),
        }
    }
}
