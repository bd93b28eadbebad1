//! Runs under way are set on the live version, because the merchant says so ([`Migration`]).
//!
//! The shop object tells every object of the order together with the version it is for, so it comes as surely
//! as that does. A job goes through the runs under way, some at a time, in the order of their names: each is
//! met once, wherever its shopper belongs meanwhile, and setting it on the live version twice changes nothing.
//! Whoever comes from another object is looked at when they arrive.

use domain::id::Slug;
use domain::journey::{Becomes, Migration, RunId, Shift, Shopper};
use domain::time::{Span, Timestamp};
use domain::why::Why;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::engine::seed;
use super::jobs::{self, Job, State};
use super::joining::{MEMBERS, Whereabouts, members, whereabouts};
use super::ledger::{self, What};
use super::{Shard, Shop, schema};
use crate::problem::{Rejected, Result};
use crate::sql::{Row, values};

/// How many runs are looked at in one section.
const AT_A_TIME: usize = 50;
/// How many are looked at for one answer where nothing is changed.
const AT_A_LOOK: usize = 500;
/// Between two sections others have their turn.
const PAUSE: Span = Span::milliseconds(10);
/// Runs that could not be set on the live version are tried again after this.
const AGAIN: Span = Span::minutes(15);

/// A migration that the merchant has ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Another order of the same journey has another number.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// What is to be done.
    pub migration: Migration,
}

/// The runs of a journey are gone through.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MigrateJob {
    /// The journey.
    pub journey: Slug,
    /// The order's number.
    pub id: i64,
}

/// How far an object has come with an order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Progress {
    /// The order's number.
    pub id: i64,
    /// The last run that was looked at.
    after: String,
    /// All runs were looked at.
    pub done: bool,
    /// Runs that could not be set on the live version; they are tried again.
    pub failed: u64,
    /// Runs that were not looked at yet.
    #[serde(default)]
    pub left: u64,
    /// What became of the others.
    pub counts: Vec<Count>,
}

/// How many runs stood at a step, and what becomes of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Count {
    /// The version they were on.
    pub version: String,
    /// The step they stood at.
    pub step: String,
    /// `moves`, `ends` or `stays`.
    pub becomes: String,
    /// The step of the live version at which those are set that move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// How many.
    pub runs: u64,
}

/// What would become of some runs, and where it goes on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tried {
    /// How many runs, from where to where.
    pub counts: Vec<Count>,
    /// The last run that was looked at; nothing after the last of all.
    pub next: Option<String>,
}

/// Adds runs to others that stood at the same step and became the same.
pub fn add(counts: &mut Vec<Count>, more: Count) {
    let same = |known: &&mut Count| {
        (&known.version, &known.step, &known.becomes, &known.to) == (&more.version, &more.step, &more.becomes, &more.to)
    };
    match counts.iter_mut().find(same) {
        Some(known) => known.runs = known.runs.saturating_add(more.runs),
        None => counts.push(more),
    }
}

impl From<Shift> for Count {
    fn from(shift: Shift) -> Self {
        let (becomes, to) = match shift.becomes {
            Becomes::Moves(step) => ("moves", Some(step)),
            Becomes::Ends => ("ends", None),
            Becomes::Stays => (STAYS, None),
        };
        Self { version: shift.version, step: shift.step, becomes: becomes.to_owned(), to, runs: 1 }
    }
}

const STAYS: &str = "stays";

/// Names the job.
pub fn job_key(journey: &Slug) -> String {
    format!("migrate:{journey}")
}

fn progress_name(journey: &Slug) -> String {
    format!("migration:{journey}")
}

impl Shard {
    /// Orders that this object has not heard of yet are begun.
    pub(super) fn begin_migrations(&self) -> Result<()> {
        let shop = self.shop()?;
        for (journey, order) in &shop.migrations {
            if self.progress(journey, order.id)?.is_none() {
                self.keep_progress(journey, &Progress { id: order.id, ..Progress::default() })?;
                jobs::remove(&self.db, &job_key(journey))?;
                jobs::add(&self.db, &Job::migrate(self.now(), journey, order.id))?;
            }
        }
        Ok(())
    }

    /// How far it has come with an order; nothing where it has not heard of it.
    fn progress(&self, journey: &Slug, id: i64) -> Result<Option<Progress>> {
        let kept = schema::meta(&self.db, &progress_name(journey))?;
        let kept: Option<Progress> = kept.map(|text| serde_json::from_str(&text)).transpose()?;
        Ok(kept.filter(|progress| progress.id == id))
    }

    fn keep_progress(&self, journey: &Slug, progress: &Progress) -> Result<()> {
        schema::set_meta(&self.db, &progress_name(journey), &serde_json::to_string(progress)?)
    }

    /// Some more runs are set on the live version.
    pub(super) fn migrate_some(&self, job: &Job, at: &MigrateJob) -> Result<()> {
        let shop = self.shop()?;
        let order = shop.migrations.get(&at.journey).filter(|order| order.id == at.id);
        let Some((order, mut progress)) = order.zip(self.progress(&at.journey, at.id)?) else {
            return jobs::remove(&self.db, &job.key);
        };
        let rows = self.under_way(&order.migration, &progress.after, AT_A_TIME)?;
        for row in &rows {
            match self.migrate_row(&shop, order, row, &mut progress) {
                Ok(()) => {}
                // One that cannot be read must not keep the others.
                Err(error) => {
                    worker::console_error!("a migration: {error}");
                    progress.failed += 1;
                }
            }
        }
        match rows.last() {
            Some(last) if rows.len() == AT_A_TIME => {
                last.text(0)?.clone_into(&mut progress.after);
                jobs::postpone(&self.db, job, self.now() + PAUSE, State::Waiting)?;
            }
            _ if progress.failed > 0 => {
                let counts = progress.counts.into_iter().filter(|count| count.becomes != STAYS);
                progress = Progress { id: at.id, counts: counts.collect(), ..Progress::default() };
                jobs::postpone(&self.db, job, self.now() + AGAIN, State::Waiting)?;
            }
            _ => {
                progress.done = true;
                jobs::remove(&self.db, &job.key)?;
            }
        }
        self.keep_progress(&at.journey, &progress)
    }

    /// Runs under way (name, shopper, key) that a migration means, after one of them.
    fn under_way(&self, migration: &Migration, after: &str, most: usize) -> Result<Vec<Row>> {
        let (first, end) = names_of(&migration.journey);
        self.db.rows(
            "SELECT id, shopper, key FROM runs WHERE id >= ?1 AND id < ?2 AND id > ?3 AND ended IS NULL AND version <> ?4
                AND (?5 IS NULL OR version = ?5) ORDER BY id LIMIT ?6",
            values![
                first,
                end,
                after,
                migration.to.as_str(),
                migration.from.as_deref(),
                i64::try_from(most).unwrap_or(i64::MAX)
            ],
        )
    }

    /// The run of a row, with all others of the same journey and person.
    fn migrate_row(&self, shop: &Shop, order: &Order, row: &Row, progress: &mut Progress) -> Result<()> {
        // Who is on the way is looked at where they arrive.
        let Whereabouts::Here(person) = whereabouts(&self.db, row.text(1)?)? else { return Ok(()) };
        for shift in self.migrate_person(shop, order, &person)? {
            if shift.becomes != Becomes::Stays || is_of(&shift, row)? {
                add(&mut progress.counts, shift.into());
            }
        }
        Ok(())
    }

    fn migrate_person(&self, shop: &Shop, order: &Order, person: &str) -> Result<Vec<Shift>> {
        if order.migration.to != shop.version {
            return Ok(Vec::new());
        }
        let Some(mut shopper) = self.kept_journeys(person)? else { return Ok(Vec::new()) };
        let world = self.world(shop, person, &shopper)?;
        let (shifts, effects) = world.at(self.now(), |around| shopper.migrate(&order.migration, around));
        if shifts.iter().all(|shift| shift.becomes == Becomes::Stays) {
            return Ok(shifts);
        }
        self.perform(shop, person, &world, &mut shopper, effects)?;
        self.keep_journeys(person, &shopper)?;
        for shift in shifts.iter().filter(|shift| shift.becomes != Becomes::Stays) {
            // A message that is not asked for any more leaves a word of why not.
            self.hurry(&members(&self.db, person)?, &shift.run)?;
        }
        Ok(shifts)
    }

    /// Somebody has come here from another object, where orders may not have reached them.
    pub(super) fn catch_up(&self, person: &str) -> Result<()> {
        let shop = self.shop()?;
        for (journey, order) in &shop.migrations {
            let shifts = self.migrate_person(&shop, order, person)?;
            let moved = shifts.into_iter().filter(|shift| shift.becomes != Becomes::Stays).map(Count::from);
            let Some(mut progress) = self.progress(journey, order.id)? else { continue };
            moved.for_each(|count| add(&mut progress.counts, count));
            self.keep_progress(journey, &progress)?;
        }
        Ok(())
    }

    /// A run is on the live version from now on.
    pub(super) fn move_run(&self, shop: &Shop, person: &str, run: &RunId, why: &Why, now: Timestamp) -> Result<()> {
        ledger::decided(&self.db, now, person, What::Move, run.journey.as_str(), why)?;
        let query = format!(
            "UPDATE runs SET version = ?2 WHERE journey = ?3 AND key = ?4 AND ended IS NULL AND shopper IN ({MEMBERS})"
        );
        self.db.run(&query, values![person, shop.version.as_str(), run.journey.as_str(), run.key.as_str()])
    }

    /// How many runs of a journey are under way on which other versions than the live one.
    pub(super) fn run_versions(&self, journey: &Slug) -> Result<Vec<(String, i64)>> {
        let (first, end) = names_of(journey);
        let rows = self.db.rows(
            "SELECT version, count(*) FROM runs WHERE id >= ? AND id < ? AND ended IS NULL AND version <> ? GROUP BY version",
            values![first, end, self.shop()?.version.as_str()],
        )?;
        rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.int(1)?))).collect()
    }

    /// What a migration would do to some more runs; nothing is changed.
    pub(super) fn try_migration(&self, migration: &Migration, after: &str) -> Result<Tried> {
        let shop = self.shop()?;
        if migration.to != shop.version {
            return Err(
                Rejected::new(409, "Another version is live", "a version was published meanwhile: ask again").into()
            );
        }
        let rows = self.under_way(migration, after, AT_A_LOOK)?;
        let mut tried = Tried::default();
        for row in &rows {
            let Whereabouts::Here(person) = whereabouts(&self.db, row.text(1)?)? else { continue };
            let Some(mut shopper) = self.kept_journeys(&person)? else { continue };
            let world = self.world(&shop, &person, &shopper)?;
            let (shifts, _) = world.at(self.now(), |around| shopper.migrate(migration, around));
            for shift in shifts {
                if is_of(&shift, row)? {
                    add(&mut tried.counts, shift.into());
                }
            }
        }
        let last = rows.last().filter(|_| rows.len() == AT_A_LOOK);
        tried.next = last.map(|row| Ok::<_, crate::problem::Error>(row.text(0)?.to_owned())).transpose()?;
        Ok(tried)
    }

    /// How far this object has come with an order.
    pub(super) fn migration_progress(&self, order: &Order) -> Result<Progress> {
        let mut progress = self.progress(&order.migration.journey, order.id)?.unwrap_or_default();
        if !progress.done {
            let (first, end) = names_of(&order.migration.journey);
            let left = self.db.number(
                "SELECT count(*) FROM runs WHERE id >= ?1 AND id < ?2 AND id > ?3 AND ended IS NULL AND version <> ?4
                    AND (?5 IS NULL OR version = ?5)",
                values![
                    first,
                    end,
                    progress.after.as_str(),
                    order.migration.to.as_str(),
                    order.migration.from.as_deref()
                ],
            )?;
            progress.left = u64::try_from(left).unwrap_or_default();
        }
        Ok(progress)
    }

    /// What journeys know of a person, if anything is kept.
    fn kept_journeys(&self, person: &str) -> Result<Option<Shopper>> {
        let known = self.db.row("SELECT 1 FROM journeys WHERE shopper = ?", values![person])?;
        known.map(|_| self.journeys_of(person)).transpose()
    }
}

/// The names of a journey's runs: from the first possible one to before the end.
fn names_of(journey: &Slug) -> (String, String) {
    (format!("{journey}:"), format!("{journey};"))
}

/// Whether a row (name, shopper, key) is the run's.
fn is_of(shift: &Shift, row: &Row) -> Result<bool> {
    Ok(shift.run.key == row.text(2)? && shift.of == seed(row.text(1)?)?)
}
