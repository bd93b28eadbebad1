//! Where the merchant sets runs under way on the live version, asks beforehand what would become of them, and
//! sees how far it has come.

use std::collections::BTreeMap;

use domain::id::{ShopKey, Slug};
use domain::journey::Gone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use worker::{Env, Request};

use crate::admin::{body, describe};
use crate::call::{self, ShardCall, ShopCall};
use crate::problem::{Rejected, Result};
use crate::shard::{Count, Order, Progress, Tried, add_count};
use crate::shop::Asked;

/// The longest body, in bytes.
const MOST_BYTES: usize = 64 * 1024;
/// The longest name of a step or a version, in characters.
const LONGEST_NAME: usize = 200;

/// Body of `POST …/journeys/{journey}/migrate`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// The version whose runs are meant; those of all others but the live one, if it is left out.
    from: Option<String>,
    /// Steps that are called otherwise in the live version: the old name, and the new one.
    #[serde(default)]
    steps: BTreeMap<String, String>,
    /// What becomes of runs whose step is not there any more: `exit`, or the step with which they go on. Left
    /// out, they stay on their version.
    gone: Option<String>,
    /// Only says what would become of them.
    #[serde(default, rename = "try")]
    only_try: bool,
}

/// A migration and what became of the runs, or would become of them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MigrationAnswer {
    /// The journey.
    #[schemars(with = "String")]
    journey: Slug,
    /// The live version, on which runs are set.
    version: String,
    /// The version whose runs are meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// Steps that are called otherwise now.
    steps: BTreeMap<String, String>,
    /// What becomes of runs whose step is not there any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    gone: Option<String>,
    /// Nothing was changed.
    #[serde(rename = "try")]
    only_try: bool,
    /// All runs were looked at.
    done: bool,
    /// Runs on the live version now.
    moved: u64,
    /// Runs that ended.
    ended: u64,
    /// Runs that stay on their version, because their step is not there any more.
    stay: u64,
    /// Runs that were not looked at yet.
    left: u64,
    /// Runs that could not be set on the live version; they are tried again.
    failed: u64,
    /// From which step to which.
    runs: Vec<Count>,
}

impl MigrationAnswer {
    fn of(order: Order, only_try: bool) -> Self {
        let migration = order.migration;
        let gone = migration.gone.map(|gone| match gone {
            Gone::Exit => "exit".to_owned(),
            Gone::At(step) => step,
        });
        Self {
            journey: migration.journey,
            version: migration.to,
            from: migration.from,
            steps: migration.steps,
            gone,
            only_try,
            done: true,
            moved: 0,
            ended: 0,
            stay: 0,
            left: 0,
            failed: 0,
            runs: Vec::new(),
        }
    }

    fn take(&mut self, counts: Vec<Count>) {
        for count in counts {
            let sum = match count.becomes.as_str() {
                "moves" => &mut self.moved,
                "ends" => &mut self.ended,
                _ => &mut self.stay,
            };
            *sum = sum.saturating_add(count.runs);
            add_count(&mut self.runs, count);
        }
    }

    fn sorted(mut self) -> Result<Json> {
        let key = |count: &Count| (count.version.clone(), count.step.clone(), count.becomes.clone(), count.to.clone());
        self.runs.sort_by_key(key);
        Ok(serde_json::to_value(self)?)
    }
}

/// `POST …/journeys/{journey}/migrate`.
pub async fn migrate(request: &mut Request, env: &Env, shop: &ShopKey, journey: &str) -> Result<Json> {
    let wish: Wish = body(request, MOST_BYTES).await?;
    let journey: Slug = journey.parse().map_err(|_| Rejected {
        field: Some("journey".into()),
        ..Rejected::not_found("a journey is named by lower-case letters, digits and hyphens")
    })?;
    let names = wish.steps.iter().flat_map(|(old, new)| [("steps", old), ("steps", new)]);
    let others = wish.from.iter().map(|from| ("from", from)).chain(wish.gone.iter().map(|gone| ("gone", gone)));
    if let Some((field, _)) = names.chain(others).find(|(_, name)| name.chars().count() > LONGEST_NAME) {
        return Err(Rejected::field(field, format!("no name has more than {LONGEST_NAME} characters")).into());
    }
    let description = describe(env, shop).await?;
    if !description.behind.is_empty() {
        let detail = "the live version is being told to all objects just now; try again";
        return Err(Rejected { retry_after: Some(1), ..Rejected::new(503, "In a moment", detail) }.into());
    }
    let objects = description.placement.objects();
    let mut under_way: BTreeMap<String, i64> = BTreeMap::new();
    for object in 0..objects {
        let call = ShardCall::RunVersions { journey: journey.clone() };
        let versions: Vec<(String, i64)> = call::shard(env, shop, object, &call).await?;
        for (version, runs) in versions {
            *under_way.entry(version).or_default() += runs;
        }
    }
    let asked = Asked {
        journey: journey.clone(),
        live: description.version,
        from: wish.from,
        steps: wish.steps,
        gone: wish.gone,
        under_way,
        only_try: wish.only_try,
    };
    let order: Order = call::shop(env, shop, &ShopCall::Migrate(Box::new(asked))).await?;
    if !wish.only_try {
        return progress(env, shop, journey.as_str()).await;
    }
    let migration = Box::new(order.migration.clone());
    let mut answer = MigrationAnswer::of(order, true);
    for object in 0..objects {
        let mut after = Some(String::new());
        while let Some(from) = after {
            let call = ShardCall::TryMigration { migration: migration.clone(), after: from };
            let tried: Tried = call::shard(env, shop, object, &call).await?;
            answer.take(tried.counts);
            after = tried.next;
        }
    }
    answer.sorted()
}

/// `GET …/journeys/{journey}/migrate`: how far the last one has come.
pub async fn progress(env: &Env, shop: &ShopKey, journey: &str) -> Result<Json> {
    let call = ShopCall::Migration { journey: journey.to_owned() };
    let order: Order = call::shop(env, shop, &call).await?;
    let mut answer = MigrationAnswer::of(order.clone(), false);
    for object in 0..describe(env, shop).await?.placement.objects() {
        let call = ShardCall::MigrationProgress(Box::new(order.clone()));
        let progress: Progress = call::shard(env, shop, object, &call).await?;
        answer.done &= progress.done;
        answer.left = answer.left.saturating_add(progress.left);
        answer.failed = answer.failed.saturating_add(progress.failed);
        answer.take(progress.counts);
    }
    answer.sorted()
}
