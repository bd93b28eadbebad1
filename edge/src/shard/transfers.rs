//! Shoppers on their way from one object to another, step by step. Every step can be repeated:
//!
//! 1. the younger shopper's object holds its jobs back, waits for what is being sent and packs;
//! 2. the older one's unpacks in one section, and from then on decides;
//! 3. the younger one's removes what it gave away, and hands on for ever.

use domain::id::ShopperId;
use domain::journey::Input;
use domain::time::Span;
use domain::why::Why;
use serde::{Deserialize, Serialize};

use super::jobs::{self, Job};
use super::joining::{MEMBERS, Whereabouts, busy, keeper, members, read_id, whereabouts};
use super::moving::{self, Luggage};
use super::{Shard, Shop, ledger};
use crate::call::{self, ShardCall};
use crate::problem::{Error, Rejected, Result};
use crate::sql::values;

/// What an object says that is asked to give a shopper away.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Lent {
    /// All of it.
    Luggage(Box<Luggage>),
    /// It went elsewhere before.
    Gone(ShopperId),
}

/// Which way a shopper goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// To the older one.
    Join,
    /// Back to itself.
    Part,
}

/// How far a transfer has come.
enum Progress {
    /// It is done.
    Done,
    /// Something is in the way that passes.
    Waits,
    /// The source is somebody else's by now.
    Went(ShopperId),
}

/// The step of a transfer that parts two.
const PARTING: &str = "parting";

impl Shard {
    /// Begins to bring a shopper to another who lives here, or to part the two.
    pub(super) fn begin_transfer(&self, source: ShopperId, target: ShopperId, way: Way, why: &Why) -> Result<()> {
        let now = self.now();
        let step = match way {
            Way::Join => "begun",
            Way::Part => PARTING,
        };
        let under_way =
            self.db.row("SELECT target, step FROM transfers WHERE source = ?", values![source.to_string()])?;
        if let Some(row) = under_way {
            let other = read_id(row.text(0)?)?;
            return match (way, row.text(1)? == PARTING) {
                (Way::Part, true) => Ok(()),
                (Way::Join, false) if other == target => Ok(()),
                // Both are to be one with the same one, so they are one.
                (Way::Join, false) => self.begin_transfer(target.max(other), target.min(other), way, why),
                (Way::Join, true) | (Way::Part, false) => Err(busy().into()),
            };
        }
        self.db.run(
            "INSERT INTO transfers (source, target, step, at, rule, fact) VALUES (?, ?, ?, ?, ?, ?)",
            values![source.to_string(), target.to_string(), step, now.0, why.rule(), why.fact()],
        )?;
        jobs::add(&self.db, &Job::transfer(now, source, way))
    }

    /// Goes on with a transfer from wherever it stopped.
    pub(super) async fn transfer(&self, job: &Job, source: ShopperId, way: Way) -> Result<()> {
        let row = self
            .db
            .row("SELECT target, step, rule, fact FROM transfers WHERE source = ?", values![source.to_string()])?;
        let Some(row) = row else { return jobs::remove(&self.db, &job.key) };
        let (target, why) = (read_id(row.text(0)?)?, Why::new(row.text(2)?, row.text(3)?));
        let shop = self.shop()?;
        let elsewhere = Some(shop.placement.object_of(source.home())).filter(|object| *object != shop.object);
        let progress = match (way, elsewhere) {
            (Way::Join, None) => self.join_here(source, target),
            (Way::Join, Some(object)) => self.bring(&shop, object, source, target, row.text(1)?).await,
            (Way::Part, None) => self.part_here(source),
            (Way::Part, Some(object)) => self.give_back(&shop, object, source).await,
        };
        match progress {
            Ok(Progress::Done) => return self.conclude_transfer(job, source, target, way, &why),
            Ok(Progress::Waits) => {
                return jobs::postpone(&self.db, job, self.now() + Span::milliseconds(200), job.state);
            }
            // That one and the target are to become one; this transfer has no more to do.
            Ok(Progress::Went(into)) => self.join_elsewhere(&shop, into.max(target), into.min(target), &why).await,
            Err(error) => Err(error),
        }
        .or_else(|error| match error {
            // Erased meanwhile: there is nobody to bring.
            Error::Rejected(rejected) if rejected.status == 404 => Ok(()),
            error => Err(error),
        })?;
        self.drop_transfer(job, source)
    }

    fn drop_transfer(&self, job: &Job, source: ShopperId) -> Result<()> {
        self.db.run("DELETE FROM transfers WHERE source = ?", values![source.to_string()])?;
        jobs::remove(&self.db, &job.key)
    }

    fn conclude_transfer(&self, job: &Job, source: ShopperId, target: ShopperId, way: Way, why: &Why) -> Result<()> {
        let kind = match way {
            Way::Join => "shopper.joined",
            Way::Part => "shopper.parted",
        };
        let data = serde_json::json!({ "with": source.to_string(), "rule": why.rule(), "fact": why.fact() });
        ledger::note(&self.db, self.now(), &target.to_string(), None, kind, &data)?;
        self.drop_transfer(job, source)
    }

    /// The source is at home here; it may have gone elsewhere.
    fn join_here(&self, source: ShopperId, target: ShopperId) -> Result<Progress> {
        // Whoever the target belongs to by now; whoever the source belonged to before. A target stays while
        // somebody is on the way to it.
        let to = match whereabouts(&self.db, &target.to_string())? {
            Whereabouts::Here(to) => to,
            Whereabouts::Moved(_) | Whereabouts::Frozen => return Ok(Progress::Waits),
            Whereabouts::Unknown => return Err(Rejected::not_found("no such shopper").into()),
        };
        match whereabouts(&self.db, &source.to_string())? {
            Whereabouts::Here(from) => {
                if from != to {
                    let (younger, older) = if from > to { (from, to) } else { (to, from) };
                    self.before_joining([&older, &younger])?;
                    self.db.run(
                        "UPDATE shoppers SET joined_to = ? WHERE id = ?",
                        values![older.as_str(), younger.as_str()],
                    )?;
                    self.join_journeys(&older, &younger)?;
                }
                Ok(Progress::Done)
            }
            Whereabouts::Moved(into) => Ok(Progress::Went(into)),
            Whereabouts::Frozen => Ok(Progress::Waits),
            Whereabouts::Unknown => Err(Rejected::not_found("no such shopper").into()),
        }
    }

    fn part_here(&self, source: ShopperId) -> Result<Progress> {
        let id = source.to_string();
        let from = self.joined_with(&id)?;
        if let Some(from) = &from {
            self.part_journeys(from, &id)?;
        }
        self.db.run("UPDATE shoppers SET joined_to = NULL WHERE id = ?", values![id.as_str()])?;
        for person in from.iter().chain([&id]) {
            self.refold(person)?;
        }
        Ok(Progress::Done)
    }

    /// The person that a shopper was joined to, whatever is being done with them just now.
    fn joined_with(&self, shopper: &str) -> Result<Option<String>> {
        let row = self.db.row("SELECT joined_to FROM shoppers WHERE id = ?", values![shopper])?;
        row.as_ref().and_then(|row| row.maybe_text(0)).map_or(Ok(None), |older| keeper(&self.db, older))
    }

    /// Brings a shopper here who lives elsewhere.
    async fn bring(
        &self,
        shop: &Shop,
        object: u16,
        source: ShopperId,
        target: ShopperId,
        step: &str,
    ) -> Result<Progress> {
        if step == "begun" {
            let call = ShardCall::Lend { shopper: source, to: target };
            match call::shard::<Lent>(&self.env, &shop.key, object, &call).await? {
                Lent::Luggage(luggage) => self.take_over(source, target, *luggage)?,
                Lent::Gone(into) if into == target => {}
                Lent::Gone(into) => return Ok(Progress::Went(into)),
            }
        }
        let call = ShardCall::Forget { shopper: source, into: target };
        call::shard::<()>(&self.env, &shop.key, object, &call).await?;
        Ok(Progress::Done)
    }

    fn take_over(&self, source: ShopperId, target: ShopperId, luggage: Luggage) -> Result<()> {
        let older = keeper(&self.db, &target.to_string())?.ok_or_else(|| Rejected::not_found("no such shopper"))?;
        self.before_joining([&older])?;
        moving::unpack(&self.db, luggage)?;
        self.skip_news()?;
        self.db.run(
            "UPDATE shoppers SET joined_to = ?, state = 'live' WHERE id = ?",
            values![target.to_string(), source.to_string()],
        )?;
        self.release(source)?;
        self.join_journeys(&older, &source.to_string())?;
        self.catch_up(&older)?;
        self.db.run("UPDATE transfers SET step = 'copied' WHERE source = ?", values![source.to_string()])
    }

    /// Jobs that were held back while their shopper was on the way go on.
    fn release(&self, shopper: ShopperId) -> Result<()> {
        self.db.run(
            &format!("UPDATE jobs SET state = 'waiting' WHERE state = 'held' AND shopper IN ({MEMBERS})"),
            values![shopper.to_string()],
        )
    }

    /// Answers whoever wants to take a shopper over that lives here.
    pub(super) fn lend(&self, shopper: ShopperId, to: ShopperId) -> Result<Lent> {
        let id = shopper.to_string();
        match whereabouts(&self.db, &id)? {
            Whereabouts::Moved(into) => return Ok(Lent::Gone(into)),
            Whereabouts::Here(root) if root != id => return Ok(Lent::Gone(read_id(&root)?)),
            Whereabouts::Unknown => return Err(Rejected::not_found("no such shopper").into()),
            Whereabouts::Here(_) | Whereabouts::Frozen => {}
        }
        let ids = members(&self.db, &id)?;
        let asked = serde_json::to_string(&ids)?;
        let count = |query: &str| self.db.number(query, values![asked.as_str()]);
        // Who takes others over just now stays until that is done; who goes to another one goes there.
        let engaged = count("SELECT count(*) FROM transfers WHERE target IN (SELECT value FROM json_each(?))")? > 0;
        let promised = self.db.row(
            "SELECT 1 FROM shoppers WHERE id = ? AND state = 'frozen' AND joined_to <> ?",
            values![id.as_str(), to.to_string()],
        )?;
        if engaged || promised.is_some() {
            return Err(busy().into());
        }
        // What journeys know of them goes along; whatever is in flight still, they hear of it here.
        self.before_joining([&id])?;
        self.db.run("UPDATE shoppers SET joined_to = ? WHERE id = ?", values![to.to_string(), id.as_str()])?;
        if !self.hold(&id, &asked)? {
            return Err(busy().into());
        }
        Ok(Lent::Luggage(Box::new(moving::pack(&self.db, ids)?)))
    }

    /// Freezes a shopper and holds its jobs back; whether nothing of it is being sent any more.
    fn hold(&self, shopper: &str, members: &str) -> Result<bool> {
        self.db.run("UPDATE shoppers SET state = 'frozen' WHERE id = ?", values![shopper])?;
        self.db.run(
            "UPDATE jobs SET state = 'held' WHERE shopper IN (SELECT value FROM json_each(?))",
            values![members],
        )?;
        let in_flight = self.db.number(
            "SELECT count(*) FROM sends WHERE state = 'claimed' AND shopper IN (SELECT value FROM json_each(?))",
            values![members],
        )?;
        Ok(in_flight == 0)
    }

    /// A shopper that was taken over is gone from here for good, until it comes back.
    pub(super) fn forget(&self, shopper: ShopperId, into: ShopperId) -> Result<()> {
        let id = shopper.to_string();
        if whereabouts(&self.db, &id)? != Whereabouts::Frozen {
            return Ok(());
        }
        self.db.run("UPDATE shoppers SET joined_to = ? WHERE id = ?", values![into.to_string(), id.as_str()])?;
        let members = members(&self.db, &id)?;
        moving::leave(&self.db, &members)?;
        self.follow_all(&serde_json::to_string(&members)?)
    }

    /// Carries a shopper back to its own object.
    async fn give_back(&self, shop: &Shop, object: u16, source: ShopperId) -> Result<Progress> {
        let id = source.to_string();
        let ids = members(&self.db, &id)?;
        let asked = serde_json::to_string(&ids)?;
        let from = self.joined_with(&id)?;
        if let Some(from) = &from {
            self.part_journeys(from, &id)?;
        }
        if !self.hold(&id, &asked)? {
            return Ok(Progress::Waits);
        }
        let luggage = Box::new(moving::pack(&self.db, ids.clone())?);
        call::shard::<()>(&self.env, &shop.key, object, &ShardCall::TakeBack { shopper: source, luggage }).await?;
        moving::clear(&self.db, &ids)?;
        if let Some(from) = &from {
            self.refold(from)?;
        }
        self.follow_all(&asked)?;
        Ok(Progress::Done)
    }

    /// A shopper that lives here comes back. Told twice, it has come back once.
    pub(super) fn take_back(&self, shopper: ShopperId, luggage: Luggage) -> Result<()> {
        let id = shopper.to_string();
        if !matches!(whereabouts(&self.db, &id)?, Whereabouts::Moved(_)) {
            return Ok(());
        }
        self.hear_news()?;
        moving::unpack(&self.db, luggage)?;
        self.skip_news()?;
        self.db.run("UPDATE shoppers SET state = 'live', joined_to = NULL WHERE id = ?", values![id.as_str()])?;
        self.release(shopper)?;
        self.tell(&id, &Input::Published)?;
        self.catch_up(&id)
    }
}
