//! Running what is due: decided in order, one after the other; handed over side by side.
//!
//! As soon as one message has its answer the next is decided, so that a provider that takes its time costs
//! none but its own. What is decided is claimed at once, and never more than may be handed over at a
//! time: so a crash leaves in doubt what was in flight and no more.

use std::pin::pin;
use std::time::Duration;

use domain::time::Span;
use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt as _};

use super::Shard;
use super::jobs::{self, Job, Task, backoff, soon};
use super::sending::Claim;
use crate::clock::real_now;
use crate::problem::Result;
use crate::sender::Outcome;

/// How many messages are claimed and not concluded at a time. The platform allows six connections, and lets more of
/// them wait; while a claim is made durable and while an answer is written down a message needs none.
const AT_A_TIME: usize = 8;
/// How many jobs one alarm runs before it makes room and goes on with the next.
const MOST: usize = 960;
/// After so long it makes room too: the platform ends an alarm after fifteen minutes.
const LONGEST: Span = Span::minutes(5);

/// So long nothing is looked for while messages are under way.
const MOMENT: Duration = Duration::from_millis(200);

/// Messages that are claimed and have no answer yet.
struct Flight<'a, F: Future<Output = (Claim, Outcome)>> {
    shard: &'a Shard,
    handed: FuturesUnordered<F>,
    /// What could not be written down.
    written: Result<()>,
}

/// What is due now, sorted by what it takes.
#[derive(Default)]
struct Begun {
    /// Messages that may leave.
    claims: Vec<Claim>,
    /// What has to be waited for.
    others: Vec<Job>,
    /// The reports' turn has come.
    reports: bool,
    /// How many jobs there were.
    count: usize,
}

impl Shard {
    /// Runs what is due, in order, and returns how many jobs ran. Only one run is under way at a
    /// time; what is left over is due at the next alarm.
    pub(super) async fn run_due(&self) -> Result<usize> {
        if self.shop.borrow().is_none() || self.running.replace(true) {
            return Ok(0);
        }
        let ran = self.run_until_done().await;
        self.running.set(false);
        ran
    }

    async fn run_until_done(&self) -> Result<usize> {
        let since = real_now();
        let mut ran = 0;
        let mut flight = Flight { shard: self, handed: FuturesUnordered::new(), written: Ok(()) };
        let outcome = loop {
            if ran >= MOST || real_now() - since > LONGEST {
                break Ok(());
            }
            let full = flight.handed.len() >= AT_A_TIME;
            if !full && let Err(error) = flight.beside(self.have_ready_what_is_needed()).await {
                break Err(error);
            }
            let begun = match self.begin_due(AT_A_TIME.saturating_sub(flight.handed.len())) {
                Ok(begun) => begun,
                Err(error) => break Err(error),
            };
            if begun.count == 0 && !flight.land_or_look(!full).await {
                break Ok(());
            }
            ran += begun.count;
            flight.handed.extend(begun.claims.into_iter().map(|claim| self.hand_over(claim)));
            for job in &begun.others {
                if matches!(job.task, Task::Retention {}) {
                    // Whoever is forgotten is so once nothing of theirs is on its way.
                    while flight.land().await {}
                }
                if let Err(error) = flight.beside(self.run_other_or_later(job)).await {
                    flight.written = Err(error);
                }
            }
            if begun.reports
                && let Err(error) = flight.beside(self.report()).await
            {
                flight.written = Err(error);
            }
        };
        // Whatever went wrong, nothing that is on its way is left without its answer.
        while flight.land().await {}
        outcome.and(flight.written).map(|()| ran)
    }

    /// Asks others for what the next jobs will need: to decide about one waits for nobody.
    async fn have_ready_what_is_needed(&self) -> Result<()> {
        self.codes_for_timers(AT_A_TIME).await?;
        self.products_for_letters(AT_A_TIME).await
    }

    /// Takes the next jobs that are due, so many at most, and does what needs no waiting: one synchronous section.
    fn begin_due(&self, most: usize) -> Result<Begun> {
        let mut begun = Begun::default();
        self.hear_news()?;
        if most == 0 {
            return Ok(begun);
        }
        let jobs = jobs::due(&self.db, self.now(), i64::try_from(most).unwrap_or(1))?;
        begun.count = jobs.len();
        for job in jobs {
            // A job that cannot be run must not keep the others from running.
            let outcome = match &job.task {
                Task::Mail(mail) => {
                    self.db.whole(|| self.decide_mail(&job, mail)).map(|claim| begun.claims.extend(claim))
                }
                Task::Alert(alert) => {
                    self.db.whole(|| self.decide_alert(&job, alert)).map(|claim| begun.claims.extend(claim))
                }
                Task::Timer(timer) => self.db.whole(|| self.ring(&job, timer)),
                Task::News(news) => self.db.whole(|| self.tell_at_last(&job, news.since)),
                Task::Fate(told) => self.db.whole(|| self.tell_fate(&job, told)),
                Task::Journey(at) => self.db.whole(|| self.go_on(&job, at)),
                Task::Sweep(sweep) => self.db.whole(|| self.sweep(&job, sweep.after)),
                Task::Migrate(at) => self.db.whole(|| self.migrate_some(&job, at)),
                Task::Errand(_)
                | Task::Redeem(_)
                | Task::Refill(_)
                | Task::GiveBack(_)
                | Task::Follow(_)
                | Task::Transfer(_)
                | Task::Webhook(_)
                | Task::Outlook(_)
                | Task::Count {}
                | Task::State {}
                | Task::Retention {}
                | Task::Hear {} => {
                    begun.others.push(job);
                    continue;
                }
                Task::Report {} => {
                    begun.reports = true;
                    continue;
                }
            };
            if let Err(error) = outcome {
                worker::console_error!("job {}: {error}", job.task.kind());
                jobs::postpone(&self.db, &job, self.now() + backoff(job.attempts), job.state)?;
            }
        }
        self.hear_news()?;
        Ok(begun)
    }

    /// Runs a job that has to wait for another object; one that fails is tried again later.
    async fn run_other_or_later(&self, job: &Job) -> Result<()> {
        if let Err(error) = self.run_other(job).await {
            worker::console_error!("job {}: {error}", job.task.kind());
            jobs::postpone(&self.db, job, self.now() + soon(job.attempts), job.state)?;
        }
        self.hear_news().map(drop)
    }
}

impl<F: Future<Output = (Claim, Outcome)>> Flight<'_, F> {
    /// Waits for the next answer and writes it down, with all that are there by then; whether there was any to
    /// wait for.
    async fn land(&mut self) -> bool {
        let Some(landed) = self.handed.next().await else { return false };
        self.conclude(landed);
        while let Some(Some(landed)) = self.handed.next().now_or_never() {
            self.conclude(landed);
        }
        true
    }

    /// The same. While more could be begun, it waits no longer than a moment: a provider that is silent must not keep
    /// waiting what falls due by then.
    async fn land_or_look(&mut self, look: bool) -> bool {
        if !look || self.handed.is_empty() {
            return self.land().await;
        }
        let landed = match select(self.handed.next(), worker::Delay::from(MOMENT)).await {
            Either::Left((landed, _)) => landed,
            Either::Right(_) => None,
        };
        if let Some(landed) = landed {
            self.conclude(landed);
        }
        true
    }

    /// Does something else without keeping answers waiting.
    async fn beside<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        while !self.handed.is_empty() {
            match select(work.as_mut(), self.handed.next()).await {
                Either::Left((done, _)) => return done,
                Either::Right((landed, _)) => {
                    if let Some(landed) = landed {
                        self.conclude(landed);
                    }
                }
            }
        }
        work.await
    }

    /// One that cannot be written down must not cost the others theirs.
    fn conclude(&mut self, (claim, outcome): (Claim, Outcome)) {
        if let Err(error) = self.shard.conclude(&claim, &outcome) {
            self.written = Err(error);
        }
    }
}
