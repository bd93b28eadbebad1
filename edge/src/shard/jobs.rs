//! What is due and when. A job is a value; whoever runs it decides again whether it is still right.

use domain::id::{ShopperId, Slug};
use domain::journey::{self, Effect, Unless};
use domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use super::joining::Way;
use super::{Shard, report};
use crate::call::{self, Redemption, ShardCall};
use crate::clock::real_now;
use crate::problem::{Failed, Result};
use crate::sql::{Db, Row, Value, values};

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
    /// A journey to go on with.
    Journey(JourneyJob),
    /// An order that used a code which another object issued.
    Redeem(RedeemJob),
    /// A shopper on the way from or to another object.
    Transfer(TransferJob),
    /// What the shop's server said and is not settled yet.
    Hear {},
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
    /// Whose code it shows.
    pub offer: Option<String>,
    /// The confirmation link in it.
    pub link: Option<String>,
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

/// An order that used a code which another object issued.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RedeemJob {
    /// The object that issued it.
    pub object: u16,
    /// The order and the code.
    pub redemption: Redemption,
}

/// A shopper on the way.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct TransferJob {
    /// Who.
    pub shopper: ShopperId,
    /// Which way.
    pub way: Way,
}

/// There is one job for all that the shop's server said.
pub const HEAR: &str = "hear";

impl Task {
    fn kind(&self) -> &'static str {
        match self {
            Self::Mail(_) => "mail",
            Self::Journey(_) => "journey",
            Self::Redeem(_) => "redeem",
            Self::Transfer(_) => "transfer",
            Self::Hear {} => "hear",
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
    fn new(key: String, due: Timestamp, shopper: &str, valid_until: Option<Timestamp>, task: Task) -> Self {
        Self { key, due, shopper: shopper.to_owned(), attempts: 0, valid_until, state: State::Waiting, task }
    }

    /// A mail.
    pub fn mail(key: String, due: Timestamp, shopper: &str, valid_until: Option<Timestamp>, mail: MailJob) -> Self {
        Self::new(key, due, shopper, valid_until, Task::Mail(mail))
    }

    /// What another object has to know about one of its codes.
    pub fn redeem(due: Timestamp, object: u16, redemption: Redemption) -> Self {
        let key = format!("redeem:{}:{}", redemption.code, redemption.order);
        Self::new(key, due, "", None, Task::Redeem(RedeemJob { object, redemption }))
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

/// The first so many jobs that are due, in order.
fn due(db: &Db, now: Timestamp, most: i64) -> Result<Vec<Job>> {
    db.rows(
        "SELECT key, due, shopper, state, attempts, valid_until, body FROM jobs WHERE due <= ? AND state <> 'held' ORDER BY due, key LIMIT ?",
        values![now.0, most],
    )?
    .iter()
    .map(Job::read)
    .collect()
}

/// Turns a journey's effects into jobs.
pub fn perform(db: &Db, run: &str, shopper: &str, at: &JourneyJob, effects: Vec<Effect>, now: Timestamp) -> Result<()> {
    for effect in effects {
        match effect {
            Effect::Due { step, mail, unless } => {
                let job = MailJob { mail, version: at.version.clone(), unless, offer: at.offer.clone(), link: None };
                add(db, &Job::mail(format!("{run}:{step}"), now, shopper, Some(now + Span::days(3)), job))?;
            }
            Effect::Resume { step, at: due } => {
                let task = Task::Journey(JourneyJob { step, ..at.clone() });
                add(db, &Job::new(format!("{run}:resume:{step}"), due, shopper, None, task))?;
            }
            Effect::Ended => db.run("UPDATE runs SET ended = ? WHERE id = ? AND ended IS NULL", values![now.0, run])?,
        }
    }
    Ok(())
}

/// How many jobs are taken at a time, as many as the platform allows connections. What is claimed
/// together is handed over together, so a crash leaves in doubt what was in flight and no more.
const BATCH: i64 = 6;
/// How many batches one alarm runs before it makes room and goes on with the next.
const BATCHES: usize = 160;
/// After so long it makes room too: the platform ends an alarm after fifteen minutes.
const LONGEST: Span = Span::minutes(5);

impl Shard {
    /// Runs what is due, in order, and returns how many jobs ran. Only one run is under way at a
    /// time; what is left over is due at the next alarm.
    pub(super) async fn run_due(&self) -> Result<usize> {
        if self.shop.borrow().is_none() || self.running.replace(true) {
            return Ok(0);
        }
        let ran = self.run_batches().await;
        self.running.set(false);
        ran
    }

    async fn run_batches(&self) -> Result<usize> {
        let mut ran = 0;
        let began = real_now();
        for _ in 0..BATCHES {
            if real_now() - began > LONGEST {
                break;
            }
            let jobs = due(&self.db, self.now(), BATCH)?;
            if jobs.is_empty() {
                break;
            }
            ran += jobs.len();
            let mut claims = Vec::new();
            let mut redemptions = Vec::new();
            let mut transfers = Vec::new();
            let (mut heard, mut reports) = (None, false);
            for job in &jobs {
                // A job that cannot be run must not keep the others from running.
                let outcome = match &job.task {
                    Task::Mail(mail) => self.decide_mail(job, mail).map(|claim| claims.extend(claim)),
                    Task::Journey(at) => self.go_on(job, at),
                    Task::Redeem(task) => {
                        redemptions.push((job, task));
                        Ok(())
                    }
                    Task::Transfer(task) => {
                        transfers.push((job, task));
                        Ok(())
                    }
                    Task::Hear {} => {
                        heard = Some(job);
                        Ok(())
                    }
                    Task::Report {} => {
                        reports = true;
                        Ok(())
                    }
                };
                if let Err(error) = outcome {
                    worker::console_error!("job {}: {error}", job.task.kind());
                    postpone(&self.db, job, self.now() + backoff(job.attempts), job.state)?;
                }
            }
            self.hand_over(claims).await?;
            for (job, task) in redemptions {
                self.pass_on(job, task).await?;
            }
            for (job, task) in transfers {
                if let Err(error) = self.transfer(job, task.shopper, task.way).await {
                    worker::console_error!("a transfer: {error}");
                    postpone(&self.db, job, self.now() + Span::seconds(1), job.state)?;
                }
            }
            if let Some(job) = heard
                && let Err(error) = self.settle_due().await
            {
                worker::console_error!("what the shop's server said: {error}");
                postpone(&self.db, job, self.now() + backoff(job.attempts), job.state)?;
            }
            if reports {
                self.report().await?;
            }
        }
        Ok(ran)
    }

    fn go_on(&self, job: &Job, at: &JourneyJob) -> Result<()> {
        let (shop, now) = (self.shop()?, self.now());
        let config = self.config(&shop, &at.version)?;
        let name = at.run.split(':').next().unwrap_or_default();
        let journey = config.journeys.iter().find(|journey| journey.name.as_str() == name);
        let journey = journey.ok_or_else(|| Failed::new("going on with a journey", "it is not in its version"))?;
        remove(&self.db, &job.key)?;
        perform(&self.db, &at.run, &job.shopper, at, journey::advance(journey, at.step, now), now)
    }

    /// Tells the object that issued a code of its use. Told twice, it is noted once.
    async fn pass_on(&self, job: &Job, task: &RedeemJob) -> Result<()> {
        let shop = self.shop()?;
        let call = ShardCall::Redeem(task.redemption.clone());
        match call::shard::<()>(&self.env, &shop.key, task.object, &call).await {
            Ok(()) => remove(&self.db, &job.key),
            Err(error) => {
                worker::console_error!("passing a code on: {error}");
                postpone(&self.db, job, self.now() + backoff(job.attempts), job.state)
            }
        }
    }

    async fn report(&self) -> Result<()> {
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

/// How long to wait before trying something again: a minute, two, four … an hour at most.
pub fn backoff(attempts: i64) -> Span {
    Span::minutes(1 << attempts.clamp(0, 6).min(5)).min(Span::hours(1))
}
