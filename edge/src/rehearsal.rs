//! A draft over the shop's own log, page by page: what a later screen shows, and what
//! `cargo xtask rehearse` does at home with all cores ([`domain::rehearsal`]).

use domain::home::Version;
use domain::id::{ShopKey, ShopperId};
use domain::published::{Release, ShopConfig};
use domain::rehearsal::export::{self, Broken, People};
use domain::rehearsal::{Change, Rehearsal, Totals};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use worker::Env;

use crate::admin::{describe, number};
use crate::call::{self, ShardCall};
use crate::problem::{Failed, Rejected, Result};
use crate::shard::{LogPage, query};

/// The live version as a shard knows it.
#[derive(Deserialize)]
struct Live {
    version: String,
    config: ShopConfig,
}

/// What differs for one shopper.
#[derive(Serialize)]
struct Differs {
    shopper: ShopperId,
    changes: Vec<Change>,
}

/// A page of an object's log: asked for by `?object=0&after=…`, as an earlier page says it.
///
/// # Errors
/// Names the field where `object` or `after` is none.
pub async fn page(env: &Env, shop: &ShopKey, url: &str) -> Result<(LogPage, u16)> {
    let objects = describe(env, shop).await?.placement.objects();
    let object = u16::try_from(number(url, "object")?).ok().filter(|object| *object < objects);
    let object = object.ok_or_else(|| Rejected::field("object", format!("expected 0 to {}", objects - 1)))?;
    let page = call::shard(env, shop, object, &ShardCall::Log { after: number(url, "after")? }).await?;
    Ok((page, objects))
}

/// How a page says where the next one is.
pub fn foot(page: &LogPage, objects: u16) -> Json {
    json!({ "objects": objects, "next": page.next.map(|next| next.to_string()) })
}

/// `POST …/rehearsals?object=0&after=…&since=…`: what the draft would have sent to the shoppers of a page,
/// against the live version. With `since` (milliseconds) it is published at that moment, and runs under way
/// stay on the live version.
///
/// # Errors
/// Names the field that cannot be read.
pub async fn rehearse(env: &Env, shop: &ShopKey, url: &str, draft: Release) -> Result<Json> {
    let since = match query(url, "since").filter(|text| !text.is_empty()) {
        Some(_) => Some(Timestamp(number(url, "since")?)),
        None => None,
    };
    let (page, objects) = page(env, shop, url).await?;
    let live: Live = call::shard(env, shop, 0, &ShardCall::Live).await?;
    let live = Version::of(&live.version, &live.config);
    let draft = Version::of(&draft.version, &draft.config);
    let failed = |broken: Broken| Failed::new("reading the log", broken.to_string());
    let (head, lines) = page.lines.split_once('\n').unwrap_or((&page.lines, ""));
    let head = export::head(head).map_err(failed)?;
    let rehearsal = Rehearsal { live: &live, draft: &draft, since, until: head.until, outlook: head.outlook };
    let (mut totals, mut people) = (Totals::default(), Vec::new());
    for person in People::of(lines, 2, head.currency) {
        let person = person.map_err(failed)?;
        let rehearsed = rehearsal.of(&person);
        totals.count(&person, &rehearsed);
        if !rehearsed.changes.is_empty() {
            people.push(Differs { shopper: person.id, changes: rehearsed.changes });
        }
    }
    Ok(json!({ "until": head.until.0, "totals": totals, "people": people, "page": foot(&page, objects) }))
}
