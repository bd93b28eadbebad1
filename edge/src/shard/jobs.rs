//! What is due and when. A job is a value; whoever runs it decides again whether it is still right.

use domain::consent::Channel;
use domain::id::{ShopperId, Slug, VisitorId, hex};
use domain::journey::{Fate, Input, RunId};
use domain::sending::Unless;
use domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use super::alerts::Alert;
use super::joining::{MEMBERS, Whereabouts, keeper, whereabouts};
use super::migrating::{self, MigrateJob};
use super::outlook::OutlookJob;
use super::transfers::Way;
use super::{Shard, report};
use crate::call::{Redemption, ShardCall};
use crate::problem::{Error, Failed, Result};
use crate::secrets::ShopKeys;
use crate::sql::{Db, Row, Value, values};
use crate::token::LinkId;

/// Something to do at a moment.
#[derive(Clone, Debug)]
pub struct Job {
    /// Names it: the same thing becomes due once.
    pub key: String,
    pub due: Timestamp,
    pub shopper: String,
    pub attempts: i64,
    pub valid_until: Option<Timestamp>,
    pub state: State,
    pub task: Task,
}

/// What there is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// A mail to decide about and send.
    Mail(MailJob),
    /// A journey whose moment has come, or what time alone brings.
    Timer(TimerJob),
    /// What somebody's journeys could not be told.
    News(NewsJob),
    /// What became of a message, which its journey could not be told.
    Fate(FateJob),
    /// A journey to go on with, as older code has written it.
    Journey(JourneyJob),
    /// What another object has to be told. Told twice, it is done once.
    Errand(Errand),
    /// An order used a code which another object issued. What a page told of waits behind all else.
    Redeem(RedeemJob),
    /// A pool whose next block of codes is to be leased.
    Refill(PoolJob),
    /// Codes of a pool that go back to the shop object.
    GiveBack(PoolJob),
    /// A mail to the merchant.
    Alert(Alert),
    /// What a shopper did in a browser that is kept here, for where they live.
    Follow(FollowJob),
    /// A shopper on the way from or to another object.
    Transfer(TransferJob),
    /// What the shop's server said and is not settled yet.
    Hear {},
    /// The shop's server is to be told by a journey.
    Webhook(WebhookJob),
    /// What other rules mean for whoever comes after this shopper.
    Sweep(SweepJob),
    /// Runs under way are set on the live version, some at a time.
    Migrate(MigrateJob),
    /// What can be expected of shoppers is to be worked out, or to be seen to.
    Outlook(OutlookJob),
    /// Whether somebody is to be forgotten.
    Retention {},
    /// Counts to hand to the reports.
    Report {},
}

/// Why a job waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// For its moment.
    Waiting,
    /// For something that may pass; it was looked at before.
    Deferred,
    /// For its shopper, who is on the way to another object.
    Held,
}

/// A mail to decide about and send.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MailJob {
    /// Which one.
    pub mail: Slug,
    /// Of which version.
    pub version: String,
    /// What makes it superfluous.
    pub unless: Option<Unless>,
    /// Whose code it shows …
    pub offer: Option<String>,
    /// … and which; the newest that is good, where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The confirmation link in it.
    pub link: Option<String>,
    /// The rule that holds it back, so that another one is told of when it takes over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_by: Option<String>,
    /// On which channel.
    #[serde(default = "by_mail")]
    pub channel: Channel,
    /// The run that says it; nothing where it is no journey's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunOf>,
}

const fn by_mail() -> Channel {
    Channel::Email
}

/// A step of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunOf {
    /// The run.
    pub run: RunId,
    /// The seed of the shopper for whom it began.
    pub of: u64,
    /// The step.
    pub step: String,
}

impl RunOf {
    /// The claim to say what the step says: there is one, whoever asks and however often. It outlives its
    /// shopper, so that what it is about, such as an order, is only hashed in it.
    pub fn claim(&self, keys: &ShopKeys) -> String {
        format!("{}:{}", Self::begun(keys, &self.run, self.of), self.step)
    }

    /// Between what all claims of a run lie that began for the shopper of a seed.
    pub fn claims(keys: &ShopKeys, run: &RunId, of: u64) -> (String, String) {
        let begun = Self::begun(keys, run, of);
        (format!("{begun}:"), format!("{begun};"))
    }

    fn begun(keys: &ShopKeys, run: &RunId, of: u64) -> String {
        let about = keys.name("run", &run.key);
        let about = hex(about.first_chunk::<8>().unwrap_or(&[0; 8]));
        format!("{}:{of:016x}:{about}", run.journey)
    }
}

/// A journey whose moment has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TimerJob {
    /// Which run; nothing for what time alone brings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
}

/// What somebody's journeys could not be told.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct NewsJob {
    /// What came in from then on.
    pub since: Timestamp,
}

/// What became of a message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FateJob {
    /// Who said it.
    pub run: RunOf,
    /// What became of it.
    pub fate: Fate,
}

impl MailJob {
    /// A mail that asks to press the button behind a link.
    pub fn with_link(mail: Slug, version: &str, link: &LinkId) -> Self {
        let link = Some(link.as_text());
        Self {
            mail,
            version: version.to_owned(),
            unless: None,
            offer: None,
            code: None,
            link,
            held_by: None,
            channel: Channel::Email,
            run: None,
        }
    }
}

/// A journey to go on with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JourneyJob {
    /// Which run.
    pub run: String,
    /// On which version.
    pub version: String,
    /// From which step.
    pub step: usize,
    /// The offer its mails show.
    pub offer: Option<String>,
}

/// A pool of codes, by its offer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PoolJob {
    /// The offer.
    pub offer: String,
}

/// An order that used a code which another object issued.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RedeemJob {
    /// The object that issued it, as far as the code says so.
    pub object: u16,
    /// The order and the code.
    pub redemption: Redemption,
}

/// What another object has to be told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Errand {
    /// Which object.
    pub object: u16,
    /// What it is told.
    pub call: Box<ShardCall>,
}

/// What a shopper did in a browser.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct FollowJob {
    /// Which browser.
    pub visitor: VisitorId,
    /// Which sighting in it.
    pub said: Timestamp,
}

/// A journey tells the shop's server something.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WebhookJob {
    /// Which of the shop's webhooks.
    pub name: String,
    /// Which run.
    pub run: RunId,
    /// When it came to that.
    pub at: Timestamp,
}

/// Other rules were published: everybody's journeys are told, some people at a time.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SweepJob {
    /// The last position that was told.
    pub after: i64,
}

/// A shopper on the way.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct TransferJob {
    /// Who.
    pub shopper: ShopperId,
    /// Which way.
    pub way: Way,
}

/// There is one job for telling everybody of other rules.
pub const SWEEP: &str = "sweep";
/// There is one job for all that the shop's server said.
pub const HEAR: &str = "hear";

impl Task {
    /// Its name in tables.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Mail(_) => "mail",
            Self::Timer(_) => "timer",
            Self::News(_) => "news",
            Self::Fate(_) => "fate",
            Self::Journey(_) => "journey",
            Self::Errand(_) => "errand",
            // What the shop itself says does not wait behind pages.
            Self::Redeem(job) if job.redemption.by_shop => "errand",
            Self::Redeem(_) => "redeem",
            Self::Refill(_) => "refill",
            Self::GiveBack(_) => "give_back",
            Self::Alert(_) => "alert",
            Self::Follow(_) => "follow",
            Self::Transfer(_) => "transfer",
            Self::Hear {} => "hear",
            Self::Webhook(_) => "webhook",
            Self::Sweep(_) => "sweep",
            Self::Migrate(_) => "migrate",
            Self::Outlook(_) => "outlook",
            Self::Retention {} => "retention",
            Self::Report {} => "report",
        }
    }
}

impl State {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Deferred => "deferred",
            Self::Held => "held",
        }
    }
}

impl Job {
    pub(super) fn new(key: String, due: Timestamp, shopper: &str, valid_until: Option<Timestamp>, task: Task) -> Self {
        Self { key, due, shopper: shopper.to_owned(), attempts: 0, valid_until, state: State::Waiting, task }
    }

    /// A mail.
    pub fn mail(key: String, due: Timestamp, shopper: &str, valid_until: Option<Timestamp>, mail: MailJob) -> Self {
        Self::new(key, due, shopper, valid_until, Task::Mail(mail))
    }

    /// What another object has to know about one of its codes.
    pub fn redeem(due: Timestamp, object: u16, redemption: Redemption) -> Self {
        let who = if redemption.by_shop { "redeem" } else { "page" };
        let cancelled = redemption.cancelled.map(|at| format!(":cancelled:{}", at.0)).unwrap_or_default();
        let key = format!("{who}:{}:{}:{}{cancelled}", redemption.code, redemption.order, redemption.at.0);
        Self::new(key, due, "", None, Task::Redeem(RedeemJob { object, redemption }))
    }

    /// A journey's moment, or that of what time alone brings.
    pub fn timer(due: Timestamp, person: &str, run: Option<RunId>) -> Self {
        let key = timer_key(person, run.as_ref());
        Self::new(key, due, person, None, Task::Timer(TimerJob { run }))
    }

    /// What somebody's journeys could not be told.
    pub fn news(due: Timestamp, person: &str, since: Timestamp) -> Self {
        Self::new(news_key(person), due, person, None, Task::News(NewsJob { since }))
    }

    /// What became of a message, which its journey could not be told.
    pub fn fate(due: Timestamp, person: &str, fate: FateJob) -> Self {
        let RunOf { run, of, step } = &fate.run;
        let key = format!("fate:{}:{of:016x}:{}:{step}", run.journey, run.key);
        Self::new(key, due, person, None, Task::Fate(fate))
    }

    /// The next block of a pool.
    pub fn refill(due: Timestamp, offer: &str) -> Self {
        Self::new(format!("refill:{offer}"), due, "", None, Task::Refill(PoolJob { offer: offer.to_owned() }))
    }

    /// Codes of a pool that go back.
    pub fn give_back(due: Timestamp, offer: &str) -> Self {
        Self::new(format!("back:{offer}"), due, "", None, Task::GiveBack(PoolJob { offer: offer.to_owned() }))
    }

    /// A mail to the merchant.
    pub fn alert(key: String, due: Timestamp, alert: Alert) -> Self {
        Self::new(key, due, "", None, Task::Alert(alert))
    }

    /// Something that another object has to be told.
    pub fn errand(key: String, due: Timestamp, object: u16, call: ShardCall) -> Self {
        Self::new(key, due, "", None, Task::Errand(Errand { object, call: Box::new(call) }))
    }

    /// What a shopper did in a browser that is kept here.
    pub fn follow(due: Timestamp, visitor: VisitorId, said: Timestamp) -> Self {
        Self::new(format!("follow:{visitor}:{}", said.0), due, "", None, Task::Follow(FollowJob { visitor, said }))
    }

    /// A shopper on the way. It is nobody's job: it goes on while theirs are held back.
    pub fn transfer(due: Timestamp, shopper: ShopperId, way: Way) -> Self {
        let task = Task::Transfer(TransferJob { shopper, way });
        Self::new(format!("transfer:{shopper}"), due, "", None, task)
    }

    /// The settling of what the shop's server said.
    pub fn hear(due: Timestamp) -> Self {
        Self::new(HEAR.into(), due, "", None, Task::Hear {})
    }

    /// A journey tells the shop's server something.
    pub fn webhook(due: Timestamp, person: &str, key: String, webhook: WebhookJob) -> Self {
        let until = Some(due + Span::days(2));
        Self::new(key, due, person, until, Task::Webhook(webhook))
    }

    /// Telling everybody's journeys of other rules.
    pub fn sweep(due: Timestamp, after: i64) -> Self {
        Self::new(SWEEP.into(), due, "", None, Task::Sweep(SweepJob { after }))
    }

    /// Setting runs of a journey on the live version.
    pub fn migrate(due: Timestamp, journey: &Slug, id: i64) -> Self {
        let task = Task::Migrate(MigrateJob { journey: journey.clone(), id });
        Self::new(migrating::job_key(journey), due, "", None, task)
    }

    /// Whether a shopper is to be forgotten; without one, whether old events are.
    pub fn retention(due: Timestamp, shopper: &str) -> Self {
        Self::new(format!("retention:{shopper}"), due, shopper, None, Task::Retention {})
    }

    /// The hand-over to the reports.
    pub fn report(due: Timestamp) -> Self {
        Self::new("report".into(), due, "", None, Task::Report {})
    }

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            key: row.text(0)?.to_owned(),
            due: Timestamp(row.int(1)?),
            shopper: row.text(2)?.to_owned(),
            state: match row.text(3)? {
                "deferred" => State::Deferred,
                "held" => State::Held,
                _ => State::Waiting,
            },
            attempts: row.int(4)?,
            valid_until: row.maybe_int(5).map(Timestamp),
            task: serde_json::from_str(row.text(6)?)?,
        })
    }
}

/// Adds a job; one with the same key stays as it is.
pub fn add(db: &Db, job: &Job) -> Result<()> {
    db.run(
        "INSERT OR IGNORE INTO jobs (key, due, kind, shopper, state, attempts, valid_until, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        values![
            job.key.as_str(),
            job.due.0,
            job.task.kind(),
            job.shopper.as_str(),
            job.state.as_str(),
            job.attempts,
            job.valid_until.map_or(Value::Null, |until| until.0.into()),
            serde_json::to_string(&job.task)?,
        ],
    )
}

/// Names a timer of a person's.
pub fn timer_key(person: &str, run: Option<&RunId>) -> String {
    run.map_or_else(|| format!("timer:{person}"), |run| format!("timer:{person}:{}:{}", run.journey, run.key))
}

/// Names what a person's journeys could not be told.
pub fn news_key(person: &str) -> String {
    format!("news:{person}")
}

/// Adds a job, or sets the one with the same key to another moment.
pub fn set(db: &Db, job: &Job) -> Result<()> {
    add(db, job)?;
    db.run("UPDATE jobs SET due = ? WHERE key = ?", values![job.due.0, job.key.as_str()])
}

/// Takes a job off the list.
pub fn remove(db: &Db, key: &str) -> Result<()> {
    db.run("DELETE FROM jobs WHERE key = ?", values![key])
}

/// Looks at a job again later.
pub fn postpone(db: &Db, job: &Job, due: Timestamp, state: State) -> Result<()> {
    db.run(
        "UPDATE jobs SET due = ?, state = ?, attempts = ? WHERE key = ?",
        values![due.0, state.as_str(), job.attempts + 1, job.key.as_str()],
    )
}

/// A mail waits for something that may pass, under the rule that holds it back.
pub fn hold_back(db: &Db, job: &Job, mail: &MailJob, rule: &str, due: Timestamp) -> Result<()> {
    let task = Task::Mail(MailJob { held_by: Some(rule.to_owned()), ..mail.clone() });
    db.run(
        "UPDATE jobs SET due = ?, state = 'deferred', body = ? WHERE key = ?",
        values![due.0, serde_json::to_string(&task)?, job.key.as_str()],
    )
}

/// A run's message that has not left is looked at now. `of`: the seeds of those for whom it may have begun. Its messages
/// are found by their claims, because no other job of a person's needs to be found in a hurry.
pub fn hurry(db: &Db, keys: &ShopKeys, of: &[u64], run: &RunId, now: Timestamp) -> Result<()> {
    for seed in of {
        let (from, to) = RunOf::claims(keys, run, *seed);
        db.run(
            "UPDATE jobs SET due = ?3 WHERE key > ?1 AND key < ?2 AND kind = 'mail' AND due > ?3",
            values![from, to, now.0],
        )?;
    }
    Ok(())
}

/// Timers of a person's are of no use any more.
pub fn drop_timers(db: &Db, person: &str) -> Result<()> {
    let key = timer_key(person, None);
    // They are named after the person, and so found without reading other people's.
    db.run(
        "DELETE FROM jobs WHERE key >= ?1 AND key < ?2 AND kind = 'timer' AND shopper = ?3",
        values![key.as_str(), format!("{key};"), person],
    )
}

/// Messages of runs that began for a shopper of a seed are somebody else's from now on.
pub fn hand_on(db: &Db, from: &str, to: &str, seed: u64) -> Result<()> {
    db.run(
        "UPDATE jobs SET shopper = ? WHERE kind = 'mail' AND shopper = ? AND instr(key, ?) > 0",
        values![to, from, format!(":{seed:016x}:")],
    )
}

/// A person's mails that wait are looked at again now: they said something new about them.
pub fn undefer_of(db: &Db, shopper: &str, now: Timestamp) -> Result<()> {
    let query = format!("UPDATE jobs SET due = ?2 WHERE state = 'deferred' AND due > ?2 AND shopper IN ({MEMBERS})");
    db.run(&query, values![shopper, now.0])
}

/// What waited for something that may have passed is looked at again now.
pub fn undefer(db: &Db, now: Timestamp) -> Result<()> {
    db.run("UPDATE jobs SET due = ? WHERE state = 'deferred' AND due > ?", values![now.0, now.0])
}

/// The earliest moment at which something is due.
pub fn next_due(db: &Db) -> Result<Option<Timestamp>> {
    let row = db.row("SELECT min(due) FROM jobs WHERE state <> 'held'", values![])?;
    Ok(row.and_then(|row| row.maybe_int(0)).map(Timestamp))
}

/// The earliest moment at which something is due that matters to people: all but the reports.
pub fn next_due_for_people(db: &Db) -> Result<Option<Timestamp>> {
    let row = db.row("SELECT min(due) FROM jobs WHERE kind <> 'report' AND state <> 'held'", values![])?;
    Ok(row.and_then(|row| row.maybe_int(0)).map(Timestamp))
}

/// How many codes that pages told of wait, counted up to so many.
pub fn waiting_codes(db: &Db, most: i64) -> Result<i64> {
    db.number("SELECT count(*) FROM (SELECT 1 FROM jobs WHERE kind = 'redeem' LIMIT ?)", values![most])
}

/// The first so many jobs that are due, in order; what pages told of comes after all else.
pub fn due(db: &Db, now: Timestamp, most: i64) -> Result<Vec<Job>> {
    for kinds in ["kind <> 'redeem'", "kind = 'redeem'"] {
        let query = format!(
            "SELECT key, due, shopper, state, attempts, valid_until, body FROM jobs
              WHERE due <= ? AND state <> 'held' AND {kinds} ORDER BY due, key LIMIT ?"
        );
        let rows = db.rows(&query, values![now.0, most])?;
        if !rows.is_empty() {
            return rows.iter().map(Job::read).collect();
        }
    }
    Ok(Vec::new())
}

impl Shard {
    /// A timer rang: the journeys of whoever it is about hear of it.
    pub(super) fn ring(&self, job: &Job, timer: &TimerJob) -> Result<()> {
        let Whereabouts::Here(person) = whereabouts(&self.db, &job.shopper)? else {
            return Err(Failed::new("a timer", "the shopper is not here").into());
        };
        if self.is_deaf(&person)? {
            return Err(Failed::new("a timer", "there is something else to be told first").into());
        }
        remove(&self.db, &job.key)?;
        self.tell(&person, &Input::Due(timer.run.as_ref()))
    }

    /// A journey is told at last what became of its message.
    pub(super) fn tell_fate(&self, job: &Job, FateJob { run, fate }: &FateJob) -> Result<()> {
        if let Some(person) = keeper(&self.db, &job.shopper)? {
            self.tell(&person, &Input::Fate(&run.run, run.of, &run.step, *fate))?;
        }
        remove(&self.db, &job.key)
    }

    /// Some more people's journeys hear of other rules.
    pub(super) fn sweep(&self, job: &Job, after: i64) -> Result<()> {
        remove(&self.db, &job.key)?;
        match self.tell_some(after, &Input::Published)? {
            Some(last) => add(&self.db, &Job::sweep(self.now(), last)),
            None => Ok(()),
        }
    }

    /// Tells the journeys of some more people something; up to which position, nothing after the last.
    pub(super) fn tell_some(&self, after: i64, input: &Input<'_>) -> Result<Option<i64>> {
        const AT_A_TIME: i64 = 50;
        let people = self.db.rows(
            "SELECT pos, id FROM shoppers WHERE pos > ? AND joined_to IS NULL AND state = 'live' ORDER BY pos LIMIT ?",
            values![after, AT_A_TIME],
        )?;
        for row in &people {
            let person = row.text(1)?;
            if let Err(error) = self.db.whole(|| self.tell(person, input)) {
                worker::console_error!("telling of other rules: {error}");
                self.tell_later(person, self.now())?;
            }
        }
        people.last().map(|last| last.int(0)).transpose()
    }

    /// A run that older code began goes on, from the step that it has come to.
    pub(super) fn go_on(&self, job: &Job, at: &JourneyJob) -> Result<()> {
        let Whereabouts::Here(person) = whereabouts(&self.db, &job.shopper)? else {
            return Err(Failed::new("going on with a journey", "the shopper is not here").into());
        };
        remove(&self.db, &job.key)?;
        self.adopt(&person, at)
    }

    /// Runs a job that has to wait for another object.
    pub(super) async fn run_other(&self, job: &Job) -> Result<()> {
        let done = match &job.task {
            Task::Hear {} => return self.settle_due().await,
            Task::Retention {} => return self.look_at_retention(job),
            Task::Webhook(task) => return self.call_webhook(job, task).await,
            Task::Outlook(task) => return self.see_to_outlook(job, task).await,
            Task::Transfer(task) => return self.transfer(job, task.shopper, task.way).await,
            Task::Errand(errand) => self.run_errand(errand).await.map(|()| true),
            Task::Redeem(task) => self.pass_on_use(task).await.map(|()| true),
            Task::Refill(pool) => return self.refill(job, &pool.offer).await,
            Task::GiveBack(pool) => self.return_codes(&pool.offer).await,
            Task::Follow(task) => self.pass_on_visit(task.visitor, task.said).await,
            Task::Mail(_)
            | Task::Timer(_)
            | Task::News(_)
            | Task::Fate(_)
            | Task::Journey(_)
            | Task::Alert(_)
            | Task::Sweep(_)
            | Task::Migrate(_)
            | Task::Report {} => Ok(true),
        };
        match done {
            Ok(true) => remove(&self.db, &job.key),
            Ok(false) => postpone(&self.db, job, self.now(), job.state),
            // Whom or what it was about is not there any more.
            Err(Error::Rejected(rejected)) if rejected.status == 404 => remove(&self.db, &job.key),
            Err(error) => Err(error),
        }
    }

    async fn run_errand(&self, errand: &Errand) -> Result<()> {
        match errand.call.as_ref() {
            // What waited for somebody who was on their way, and is to be looked at here again.
            ShardCall::Followed { shopper, letter, at } if errand.object == self.shop()?.object => {
                self.was_followed(&shopper.to_string(), letter, *at)
            }
            call => self.ask(errand.object, call).await,
        }
    }

    pub(super) async fn report(&self) -> Result<()> {
        match report::push(&self.env, &self.db, &*self.shop()?).await {
            Ok(()) => {
                remove(&self.db, "report")?;
                self.report_due.set(false);
                // What came in while the counts were under way.
                if report::is_behind(&self.db)? {
                    self.report_later(self.now())?;
                }
                Ok(())
            }
            Err(error) => {
                worker::console_error!("reports: {error}");
                self.db.run("UPDATE jobs SET due = ? WHERE key = 'report'", values![(self.now() + Span::minutes(5)).0])
            }
        }
    }
}

/// How long to wait before asking another object again: a second, two, four … a minute at most.
pub fn soon(attempts: i64) -> Span {
    Span::seconds(1 << attempts.clamp(0, 6)).min(Span::minutes(1))
}

/// How long to wait before trying something again: a minute, two, four … an hour at most.
pub fn backoff(attempts: i64) -> Span {
    Span::minutes(1 << attempts.clamp(0, 6).min(5)).min(Span::hours(1))
}
