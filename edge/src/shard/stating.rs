//! What pages say of products, on its way to the learner.
//!
//! It waits in memory: what is lost with an instance is said again by the next page. Nor is the same said over and over:
//! not by one visitor, and of what many say only as much as witnesses are needed for.

use std::collections::BTreeMap;

use domain::catalogue::Said;
use domain::id::VisitorId;
use domain::time::{Span, Timestamp};

use super::jobs::{self, Job, Task};
use super::{Shard, Shop};
use crate::call;
use crate::learner::{Heard, LearnerCall, Telling};
use crate::problem::Result;
use crate::sql::values;

/// There is one job for it.
const STATE: &str = "tell of products";
/// How long after a page said something the learner hears it.
const TOLD_AFTER: Span = Span::milliseconds(1_500);
/// What waits, at most; what is more is left out, because it is said again.
const MOST_WAITING: usize = 1_000;
/// So much is told at a time.
const AT_A_TIME: usize = 200;
/// Statements that are remembered, at most.
const MOST_REMEMBERED: usize = 20_000;
/// So long a statement that enough have made is not told again.
const ENOUGH_FOR: Span = Span::minutes(1);
/// So many times as many as are needed are let through within that time.
const OFTENER: u32 = 3;

/// See the module's description.
#[derive(Default)]
pub struct Stating {
    waiting: Vec<Telling>,
    /// By statement: since when, how many have made it, and who did last.
    told: BTreeMap<[u8; 16], (Timestamp, u32, u64)>,
    /// The job is there.
    due: bool,
}

impl Stating {
    /// Whether the learner needs to hear it.
    fn is_news(&mut self, visitor: u64, said: &Said, needed: u32, now: Timestamp) -> bool {
        if self.told.len() >= MOST_REMEMBERED {
            self.told.clear();
        }
        let told = self.told.entry(said.digest()).or_insert((now, 0, visitor.wrapping_add(1)));
        if now - told.0 >= ENOUGH_FOR {
            *told = (now, 0, visitor.wrapping_add(1));
        }
        if told.2 == visitor || told.1 >= needed.saturating_mul(OFTENER) {
            return false;
        }
        *told = (told.0, told.1.saturating_add(1), visitor);
        true
    }
}

impl Shard {
    /// Pages said something of products. Says whether that is one more thing due.
    pub(super) fn state(&self, shop: &Shop, visitor: VisitorId, stated: Vec<Said>) -> Result<bool> {
        if stated.is_empty() || !shop.learns() {
            return Ok(false);
        }
        let who = shop.keys.name("witness", &visitor.to_string());
        let who = who.first_chunk::<8>().map(|first| u64::from_be_bytes(*first)).unwrap_or_default();
        let needed = shop.config.as_ref().map_or(2, |config| u32::from(config.shelves.catalogue.witnesses));
        let now = self.now();
        let mut stating = self.stating.borrow_mut();
        for said in stated {
            if stating.waiting.len() < MOST_WAITING && stating.is_news(who, &said, needed, now) {
                stating.waiting.push(Telling { visitor: who, said });
            }
        }
        let new = !stating.due && !stating.waiting.is_empty();
        if new {
            jobs::add(&self.db, &Job::new(STATE.into(), now + TOLD_AFTER, "", None, Task::State {}))?;
            stating.due = true;
        }
        Ok(new)
    }

    /// Tells the learner.
    pub(super) async fn tell_of_products(&self) -> Result<()> {
        let shop = self.shop()?;
        let some: Vec<Telling> = {
            let mut stating = self.stating.borrow_mut();
            let count = stating.waiting.len().min(AT_A_TIME);
            stating.waiting.drain(..count).collect()
        };
        if !some.is_empty() {
            let told = call::learner::<Heard>(&self.env, &shop.key, &LearnerCall::Tell(some.clone())).await;
            if let Err(error) = told {
                self.stating.borrow_mut().waiting.splice(0..0, some);
                return Err(error);
            }
        }
        let mut stating = self.stating.borrow_mut();
        if stating.waiting.is_empty() {
            stating.due = false;
            return jobs::remove(&self.db, STATE);
        }
        self.db.run("UPDATE jobs SET due = ?, attempts = 0 WHERE key = ?", values![self.now().0, STATE])
    }
}
