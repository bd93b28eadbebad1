//! The learner: one Durable Object for each shop, which knows what the shop sells and learns from what its visitors do
//! what is shown beside it.
//!
//! What is said of products comes from pages by way of the shards, from feeds, and from the shop's server; what
//! visitors did comes from the shards as sums that add up. Of both it makes files that never change, and for each
//! market one short file that changes by the second. Like the shard, it decides and writes in one synchronous section,
//! with no await inside.

pub mod asks;
mod catalogue;
mod copying;
mod counting;
mod crediting;
mod due;
mod feeds;
mod filling;
mod heads;
mod learning;
mod letters;
mod market;
mod pages;
mod schema;
mod shown;
mod work;
mod writing;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use domain::id::ShopKey;
use domain::shelf::market::Market;
use domain::shelf::settings::Shelves;
use domain::time::{Span, Timestamp};
use worker::{DurableObject, Env, Request, Response, State, durable_object};

pub use asks::{Counted, Credits, Heard, LearnerCall, Letter, Named, Seen, Telling, Trail};
use due::Due;
pub use filling::Wanted;

use crate::call::{self, Configuration};
use crate::clock::Clock;
use crate::problem::{self, Rejected, Result};
use crate::sql::Db;

/// See the module's description.
#[durable_object]
pub struct Learner {
    state: State,
    env: Env,
    db: Db,
    /// What it was told about its shop; nothing until it is configured.
    shop: RefCell<Option<Rc<Shop>>>,
    clock: Cell<Clock>,
    /// The moment the alarm is set to, real time.
    armed: Cell<Option<Timestamp>>,
    /// What is due is being done.
    running: Cell<bool>,
    /// What browsers have, once it was asked for.
    live: RefCell<Option<heads::Live>>,
}

/// How long after a change of the catalogue it is copied into the reports.
const COPIED_AFTER: Span = Span::seconds(5);

/// A shop as its learner knows it.
pub struct Shop {
    key: ShopKey,
    serial: i64,
    origins: Vec<String>,
    /// Its home page.
    home: String,
    /// What the merchant wants of shelves, with the shop's own market at least.
    shelves: Shelves,
}

impl Shop {
    fn new(told: Configuration) -> Self {
        let Configuration { shop: key, serial, origins, config, .. } = told;
        let currency = config.as_ref().and_then(|config| config.currency);
        let home = config.as_ref().map(|config| config.url.clone()).or_else(|| origins.first().cloned());
        let mut shelves = config.map(|config| config.shelves).unwrap_or_default();
        if shelves.markets.is_empty() {
            shelves.markets.extend(market::own(currency));
        }
        Self { key, serial, origins, home: home.unwrap_or_default(), shelves }
    }

    fn markets(&self) -> &[Market] {
        &self.shelves.markets
    }
}

impl DurableObject for Learner {
    fn new(state: State, env: Env) -> Self {
        let db = Db::of(&state);
        let learner = Self {
            state,
            env,
            db,
            shop: RefCell::new(None),
            clock: Cell::new(Clock::default()),
            armed: Cell::new(None),
            running: Cell::new(false),
            live: RefCell::new(None),
        };
        if let Err(error) = learner.wake() {
            worker::console_error!("a learner did not wake: {error}");
        }
        learner
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let id = problem::request_id(request.headers().get("cf-ray")?);
        let body = request.text().await?;
        let answer = async { self.serve(serde_json::from_str(&body)?).await }.await;
        self.arm();
        answer.or_else(|error| problem::respond(&error, &id, None))
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.armed.set(None);
        // Whatever goes wrong, the next alarm is set: the platform gives up on one that fails.
        if let Err(error) = self.run_due().await {
            worker::console_error!("the learner's work: {error}");
        }
        self.arm();
        Response::empty()
    }
}

impl Learner {
    /// Brings an object that has been used before back into memory.
    fn wake(&self) -> Result<()> {
        if !schema::is_laid_out(&self.db)? {
            return Ok(());
        }
        schema::migrate(&self.db)?;
        self.load()?;
        self.arm();
        Ok(())
    }

    #[cfg_attr(not(feature = "dev-clock"), expect(clippy::unused_async, reason = "the clock is waited for"))]
    async fn serve(&self, call: LearnerCall) -> Result<Response> {
        match call {
            LearnerCall::Configure(configuration) => call::reply(self.whole(|| self.configure(&configuration))),
            LearnerCall::Tell(tellings) => call::reply(self.whole(|| self.hear_pages(&tellings))),
            LearnerCall::Counted(counted) => call::reply(self.whole(|| self.hear_counts(&counted))),
            LearnerCall::Put { market, said, amend } => {
                call::reply(self.whole(|| self.put(market.as_deref(), &said, amend)))
            }
            LearnerCall::Remove { ids } => call::reply(self.shop().and_then(|_| self.whole(|| self.remove(&ids)))),
            LearnerCall::Products { after, most } => call::reply(self.list_products(&after, most)),
            LearnerCall::Product { id } => call::reply(self.show_product(&id)),
            LearnerCall::Head { market } => call::reply(self.head_of(&market)),
            LearnerCall::Pack { name } => call::reply(self.pack(&name)),
            LearnerCall::Shopify { topic, body } => call::reply(self.whole(|| self.hear_shopify(&topic, &body))),
            LearnerCall::Feeds { now } => call::reply(if now { self.feeds_at_once() } else { self.list_feeds() }),
            LearnerCall::Shelf(wanted) => call::reply(self.fill_shelf(&wanted)),
            LearnerCall::Letter(letter) => call::reply(self.picks(&letter)),
            LearnerCall::Cards(named) => call::reply(self.cards(&named)),
            LearnerCall::Shelves => call::reply(self.shelves()),
            LearnerCall::Status => call::reply(self.status()),
            LearnerCall::Learn => call::reply(self.learn_at_once()),
            #[cfg(feature = "dev-clock")]
            LearnerCall::Advance { ahead } => call::reply(self.advance(ahead).await),
        }
    }

    /// Does something as a whole: where it fails, nothing of it stays, in the database or in memory.
    fn whole<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let done = self.db.whole(work);
        if done.is_err() {
            *self.live.borrow_mut() = None;
        }
        done
    }

    fn now(&self) -> Timestamp {
        self.clock.get().now()
    }

    fn shop(&self) -> Result<Rc<Shop>> {
        self.shop.borrow().clone().ok_or_else(|| Rejected::unknown_shop().into())
    }

    /// Takes a configuration over. An older one than it has changes nothing.
    fn configure(&self, new: &Configuration) -> Result<i64> {
        schema::migrate(&self.db)?;
        if let Some(known) = self.shop.borrow().as_ref().filter(|known| known.serial > new.serial) {
            return Ok(known.serial);
        }
        let before = self.shop.borrow().clone();
        schema::set_meta(&self.db, "configuration", &serde_json::to_string(new)?)?;
        self.load()?;
        let now = self.shop()?;
        // Other rules, markets or badges: every card may be another one.
        if before.is_some_and(|before| (&before.shelves, &before.home) != (&now.shelves, &now.home))
            && self.has_products()?
        {
            self.learn_at_once()?;
        }
        self.forget_feeds()?;
        self.look_at_feeds()?;
        Ok(new.serial)
    }

    /// Reads what it was told back from storage.
    fn load(&self) -> Result<()> {
        #[cfg(feature = "dev-clock")]
        self.clock.set(Clock {
            ahead: domain::time::Span(
                schema::meta(&self.db, "ahead")?.and_then(|text| text.parse().ok()).unwrap_or_default(),
            ),
        });
        let Some(text) = schema::meta(&self.db, "configuration")? else { return Ok(()) };
        *self.shop.borrow_mut() = Some(Rc::new(Shop::new(serde_json::from_str(&text)?)));
        Ok(())
    }

    /// Does what is due, each kind once; how many there were.
    async fn run_due(&self) -> Result<usize> {
        if self.shop.borrow().is_none() || self.running.replace(true) {
            return Ok(0);
        }
        let mut ran = 0;
        let mut outcome = Ok(());
        for what in Due::ALL {
            let due = due::at(&self.db, what).map(|at| at.is_some_and(|at| at <= self.now()));
            let done = match due {
                Ok(false) => continue,
                Ok(true) => self.see_to(what).await,
                Err(error) => Err(error),
            };
            ran += 1;
            // One kind that fails must not keep the others from being done.
            if let Err(error) = done {
                let tries = due::attempts(&self.db, what).unwrap_or_default();
                let wait = match what {
                    // Others have to come back first.
                    Due::Copy | Due::Feeds => crate::shard::backoff(tries),
                    Due::Count | Due::Learn => crate::shard::soon(tries),
                };
                outcome = due::set(&self.db, what, self.now() + wait, tries + 1);
                worker::console_error!("the learner, {what:?}: {error}");
            }
        }
        self.running.set(false);
        outcome.map(|()| ran)
    }

    async fn see_to(&self, what: Due) -> Result<()> {
        match what {
            Due::Count => self.merge_some(),
            Due::Learn => self.learn_on().await,
            Due::Feeds => self.read_feeds().await,
            Due::Copy => self.copy_some().await,
        }
    }

    /// Moves the development clock, doing what falls due on the way.
    #[cfg(feature = "dev-clock")]
    async fn advance(&self, ahead: domain::time::Span) -> Result<usize> {
        self.shop()?;
        let to = crate::clock::real_now() + ahead;
        let mut ran = 0;
        for _ in 0..10_000 {
            while self.running.get() {
                worker::Delay::from(std::time::Duration::from_millis(5)).await;
            }
            ran += self.run_due().await?;
            let Some(due) = due::next(&self.db)?.filter(|due| *due <= to) else { break };
            self.set_clock(due.max(self.now()) - crate::clock::real_now())?;
        }
        self.set_clock(ahead.max(self.clock.get().ahead))?;
        Ok(ran + self.run_due().await?)
    }

    #[cfg(feature = "dev-clock")]
    fn set_clock(&self, ahead: domain::time::Span) -> Result<()> {
        schema::set_meta(&self.db, "ahead", &ahead.0.to_string())?;
        self.clock.set(Clock { ahead });
        self.armed.set(None);
        Ok(())
    }

    /// Sets the one alarm to the earliest thing due, in the same commit as what made it due.
    fn arm(&self) {
        use futures_util::FutureExt as _;
        if self.shop.borrow().is_none() {
            return;
        }
        match due::next(&self.db) {
            Ok(Some(due)) => {
                let due = self.clock.get().real(due);
                if self.armed.get() != Some(due) {
                    self.armed.set(Some(due));
                    #[allow(clippy::cast_precision_loss)] // milliseconds stay exact for 285,000 years
                    let real_ms = worker::js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(due.0 as f64));
                    let set = self.state.storage().set_alarm(worker::ScheduledTime::new(real_ms)).now_or_never();
                    if let Some(Err(error)) = set {
                        worker::console_error!("the alarm could not be set: {error}");
                        self.armed.set(None);
                    }
                }
            }
            Ok(None) => {}
            Err(error) => worker::console_error!("what is due next could not be read: {error}"),
        }
    }
}
