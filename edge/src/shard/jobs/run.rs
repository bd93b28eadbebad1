//! What is done when a job has become due.

use domain::journey::Input;
use domain::time::Span;

use super::{Errand, FateJob, Job, JourneyJob, Task, TimerJob, add, postpone, remove};
use crate::call::ShardCall;
use crate::problem::{Error, Failed, Result};
use crate::shard::joining::{Whereabouts, keeper, whereabouts};
use crate::shard::{Shard, report};
use crate::sql::values;

impl Shard {
    /// A timer rang: the journeys of whoever it is about hear of it.
    pub(in crate::shard) fn ring(&self, job: &Job, timer: &TimerJob) -> Result<()> {
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
    pub(in crate::shard) fn tell_fate(&self, job: &Job, FateJob { run, fate }: &FateJob) -> Result<()> {
        if let Some(person) = keeper(&self.db, &job.shopper)? {
            self.tell(&person, &Input::Fate(&run.run, run.of, &run.step, *fate))?;
        }
        remove(&self.db, &job.key)
    }

    /// Some more people's journeys hear of other rules.
    pub(in crate::shard) fn sweep(&self, job: &Job, after: i64) -> Result<()> {
        remove(&self.db, &job.key)?;
        match self.tell_some(after, &Input::Published)? {
            Some(last) => add(&self.db, &Job::sweep(self.now(), last)),
            None => Ok(()),
        }
    }

    /// Tells the journeys of some more people something; up to which position, nothing after the last.
    pub(in crate::shard) fn tell_some(&self, after: i64, input: &Input<'_>) -> Result<Option<i64>> {
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
    pub(in crate::shard) fn go_on(&self, job: &Job, at: &JourneyJob) -> Result<()> {
        let Whereabouts::Here(person) = whereabouts(&self.db, &job.shopper)? else {
            return Err(Failed::new("going on with a journey", "the shopper is not here").into());
        };
        remove(&self.db, &job.key)?;
        self.adopt(&person, at)
    }

    /// Runs a job that has to wait for another object.
    pub(in crate::shard) async fn run_other(&self, job: &Job) -> Result<()> {
        let done = match &job.task {
            Task::Hear {} => return self.settle_due().await,
            Task::Retention {} => return self.look_at_retention(job),
            Task::Webhook(task) => return self.call_webhook(job, task).await,
            Task::Outlook(task) => return self.see_to_outlook(job, task).await,
            Task::State {} => return self.tell_of_products().await,
            Task::Count {} => return self.count_products(job).await,
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

    pub(in crate::shard) async fn report(&self) -> Result<()> {
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
