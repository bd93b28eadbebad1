//! What is due and when. A job is a value; whoever runs it decides again whether it is still right.

mod run;
mod task;

use domain::id::{ShopperId, Slug, VisitorId};
use domain::journey::RunId;
use domain::time::{Span, Timestamp};

pub use self::task::{
    Errand, FateJob, FollowJob, JourneyJob, MailJob, NewsJob, PoolJob, RedeemJob, RunOf, SweepJob, Task, TimerJob,
    TransferJob, WebhookJob,
};
use super::alerts::Alert;
use super::joining::MEMBERS;
use super::migrating::{self, MigrateJob};
use super::transfers::Way;
use crate::call::{Redemption, ShardCall};
use crate::problem::Result;
use crate::secrets::ShopKeys;
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

/// There is one job for telling everybody of other rules.
pub const SWEEP: &str = "sweep";
/// There is one job for all that the shop's server said.
pub const HEAR: &str = "hear";

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

/// Which of the first so many jobs that are due are of a kind, by their keys.
pub fn next_of(db: &Db, kind: &str, now: Timestamp, most: usize) -> Result<Vec<String>> {
    let query = "SELECT key FROM (SELECT key, kind FROM jobs WHERE due <= ? AND state <> 'held' AND kind <> 'redeem'
                   ORDER BY due, key LIMIT ?) WHERE kind = ?";
    let rows = db.rows(query, values![now.0, i64::try_from(most).unwrap_or(1), kind])?;
    rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
}

/// A job by its key.
pub fn find(db: &Db, key: &str) -> Result<Option<Job>> {
    let query = "SELECT key, due, shopper, state, attempts, valid_until, body FROM jobs WHERE key = ?";
    db.row(query, values![key])?.map(|row| Job::read(&row)).transpose()
}

/// How long to wait before asking another object again: a second, two, four … a minute at most.
pub fn soon(attempts: i64) -> Span {
    Span::seconds(1 << attempts.clamp(0, 6)).min(Span::minutes(1))
}

/// How long to wait before trying something again: a minute, two, four … an hour at most.
pub fn backoff(attempts: i64) -> Span {
    Span::minutes(1 << attempts.clamp(0, 6).min(5)).min(Span::hours(1))
}
