//! The admin API: what the inbox page and, later, the desk read and turn. Guarded by the shop's own
//! token, which opens this shop and no other.

use domain::campaign::Asked;
use domain::consent::chain::Link;
use domain::consent::export;
use domain::event::field_at_fault;
use domain::id::{ShopKey, ShopperId, VisitorId};
use domain::identity;
use domain::place::Bucket;
use domain::published::Release;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use worker::{Env, Request, Response};

use crate::call::{self, Description, Listing, ShardCall, ShopCall};
use crate::learner::LearnerCall;
use crate::owner::check_origins;
use crate::problem::{Error, Failed, Rejected, Result};
use crate::secrets::Secrets;
use crate::sender::Sender;
use crate::shard::lists::{NEWEST, Page, ShardStatus};
use crate::shard::{FactsAnswer, WhyAnswer, query};
use crate::shop::VersionItem;
use crate::{hooks, migrations, offers, products, rehearsal, shelves};

/// How many items a list gives at a time.
const PAGE: u16 = 50;
/// The largest release, in bytes.
const MOST_RELEASE_BYTES: usize = 8 * 1024 * 1024;
/// The longest question why, in bytes.
const MOST_ASKED_BYTES: usize = 32 * 1024;

/// The token of `Authorization: Bearer …`; empty when there is none.
pub fn bearer(request: &Request) -> Result<String> {
    let header = request.headers().get("authorization")?.unwrap_or_default();
    Ok(header.strip_prefix("Bearer ").unwrap_or_default().trim().to_owned())
}

/// What the admin API has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    Status,
    Messages,
    Message,
    People,
    Events,
    Jobs,
    Decisions,
    Reports,
    Versions,
    Publish,
    Activate,
    Switches,
    Origins,
    Tokens,
    Join,
    Part,
    Hooks,
    Hook,
    Connect,
    Disconnect,
    EndPrevious,
    Import,
    Pools,
    Pool,
    Codes,
    Recall,
    Systems,
    ConnectSystem,
    DisconnectSystem,
    Timeline,
    Decided,
    Why,
    Facts,
    Receipts,
    Log,
    Rehearse,
    Live,
    Copy,
    Erase,
    Unsee,
    Migrate,
    Migration,
    Products,
    PutProducts,
    AmendProducts,
    RemoveProducts,
    Stock,
    Product,
    Learner,
    Learn,
    Shelves,
    Shelf,
    Feeds,
    ReadFeeds,
    #[cfg(feature = "dev-clock")]
    Advance,
}

/// Answers for a shop whose token was shown, one arm for each endpoint. `part` and `other` are what the path names beside the shop.
#[allow(clippy::too_many_lines)] // a table of endpoints
pub async fn serve(
    endpoint: Endpoint,
    request: &mut Request,
    env: &Env,
    shop: &ShopKey,
    url: &str,
    (part, other): (&str, &str),
) -> Result<Response> {
    let answer: Json = match endpoint {
        Endpoint::Status => status(env, shop).await?,
        Endpoint::Messages => list(env, shop, Listing::Messages, url).await?,
        Endpoint::Message => message(env, shop, part).await?,
        Endpoint::People => list(env, shop, Listing::People, url).await?,
        Endpoint::Events => list(env, shop, Listing::Events, url).await?,
        Endpoint::Jobs => list(env, shop, Listing::Jobs, url).await?,
        Endpoint::Decisions => list(env, shop, Listing::Decisions, url).await?,
        Endpoint::Reports => reports(env, shop, url).await?,
        Endpoint::Versions => {
            json!({ "items": call::shop::<Vec<VersionItem>>(env, shop, &ShopCall::Versions).await? })
        }
        Endpoint::Publish => {
            let release: Release = body(request, MOST_RELEASE_BYTES).await?;
            described(&call::shop(env, shop, &ShopCall::Publish(Box::new(release))).await?)
        }
        Endpoint::Activate => {
            described(&call::shop(env, shop, &ShopCall::Activate { version: part.to_owned() }).await?)
        }
        Endpoint::Switches => {
            let Switches { campaigns, sending } = body(request, 1024).await?;
            described(&call::shop(env, shop, &ShopCall::Switch { campaigns, sending }).await?)
        }
        Endpoint::Origins => {
            let Origins { origins } = body(request, 16 * 1024).await?;
            check_origins(&origins)?;
            described(&call::shop(env, shop, &ShopCall::Origins { origins }).await?)
        }
        Endpoint::Tokens => {
            let NewToken { revoke_others } = body(request, 1024).await?;
            let call = ShopCall::NewToken { revoke: revoke_others };
            json!({ "admin_token": call::shop::<String>(env, shop, &call).await? })
        }
        Endpoint::Join => {
            let (Join { with }, one) = (body(request, 1024).await?, shopper(part)?);
            if one == with {
                return Err(Rejected::field("with", "expected another shopper than the one in the address").into());
            }
            let older = identity::target(one, with);
            let younger = if older == one { with } else { one };
            let placement = describe(env, shop).await?.placement;
            let home = placement.object_of(younger.home());
            call::shard_patiently::<()>(env, shop, home, &ShardCall::Known { shopper: younger }).await?;
            let object = placement.object_of(older.home());
            call::shard_patiently::<()>(env, shop, object, &ShardCall::Join { younger, older, why: None }).await?;
            json!({ "joined": younger, "to": older })
        }
        Endpoint::Part => {
            let shopper = shopper(part)?;
            let object = describe(env, shop).await?.placement.object_of(shopper.home());
            call::shard_patiently::<()>(env, shop, object, &ShardCall::Part { shopper }).await?;
            json!({ "parted": shopper })
        }
        Endpoint::Hooks | Endpoint::Hook => hooks::connected(env, shop, part).await?,
        Endpoint::Connect => hooks::connect(request, env, shop, part).await?,
        Endpoint::Disconnect => hooks::disconnect(env, shop, part, false).await?,
        Endpoint::EndPrevious => hooks::disconnect(env, shop, part, true).await?,
        Endpoint::Import => hooks::take_file(request, env, shop, url).await?,
        Endpoint::Pools | Endpoint::Pool => offers::pools(env, shop, part).await?,
        Endpoint::Codes => offers::take_list(request, env, shop, part).await?,
        Endpoint::Recall => offers::recall(env, shop, part).await?,
        Endpoint::Systems => offers::systems(env, shop).await?,
        Endpoint::ConnectSystem => offers::connect(request, env, shop, part).await?,
        Endpoint::DisconnectSystem => offers::disconnect(env, shop, part).await?,
        Endpoint::Timeline => {
            let before = before(url)?;
            paged(at_home(env, shop, part, |shopper| ShardCall::Timeline { shopper, before, most: PAGE }).await?)
        }
        Endpoint::Decided => {
            let before = before(url)?;
            paged(at_home(env, shop, part, |shopper| ShardCall::Decisions { shopper, before, most: PAGE }).await?)
        }
        Endpoint::Why => why(request, env, shop).await?,
        Endpoint::Facts => {
            let facts: FactsAnswer = at_home(env, shop, part, |shopper| ShardCall::Facts { shopper }).await?;
            json!(facts)
        }
        Endpoint::Receipts => return receipts(env, shop).await,
        Endpoint::Log => return log(env, shop, url).await,
        Endpoint::Rehearse => {
            let draft: Release = body(request, MOST_RELEASE_BYTES).await?;
            rehearsal::rehearse(env, shop, url, draft).await?
        }
        Endpoint::Live => call::shard(env, shop, 0, &ShardCall::Live).await?,
        Endpoint::Copy => {
            let copy: String = at_home(env, shop, part, |shopper| ShardCall::Copy { shopper }).await?;
            serde_json::from_str(&copy)?
        }
        Endpoint::Erase => {
            let (rule, fact) = ("erasure".to_owned(), "asked for by the shop".to_owned());
            at_home::<()>(env, shop, part, |shopper| ShardCall::Erase { shopper, rule, fact }).await?;
            json!({ "erased": part })
        }
        Endpoint::Unsee => {
            let visitor: VisitorId = other.parse().map_err(|_| Rejected::not_found("no browser has this id"))?;
            let shopper = shopper(part)?;
            let object = browser(env, shop, visitor).await?;
            call::shard_patiently::<()>(env, shop, object, &ShardCall::Unsee { visitor, shopper }).await?;
            json!({ "visitor": visitor, "not": shopper })
        }
        Endpoint::Migrate => migrations::migrate(request, env, shop, part).await?,
        Endpoint::Migration => migrations::progress(env, shop, part).await?,
        Endpoint::Products => products::list(env, shop, url).await?,
        Endpoint::PutProducts => products::put(request, env, shop, url, false).await?,
        Endpoint::AmendProducts => products::put(request, env, shop, url, true).await?,
        Endpoint::RemoveProducts => products::remove(request, env, shop).await?,
        Endpoint::Stock => products::stock(request, env, shop, url).await?,
        Endpoint::Product => products::one(env, shop, part).await?,
        Endpoint::Learner => call::learner(env, shop, &LearnerCall::Status).await?,
        Endpoint::Feeds => call::learner(env, shop, &LearnerCall::Feeds { now: false }).await?,
        Endpoint::ReadFeeds => call::learner(env, shop, &LearnerCall::Feeds { now: true }).await?,
        Endpoint::Shelves => call::learner(env, shop, &LearnerCall::Shelves).await?,
        Endpoint::Shelf => shelves::filled(env, shop, url, part).await?,
        Endpoint::Learn => call::learner(env, shop, &LearnerCall::Learn).await?,
        #[cfg(feature = "dev-clock")]
        Endpoint::Advance => advance(request, env, shop).await?,
    };
    Ok(Response::builder().with_header("cache-control", "no-store")?.from_json(&answer)?)
}

/// Turns switches; what is left out stays.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Switches {
    /// Campaigns are shown.
    campaigns: Option<bool>,
    /// Messages leave.
    sending: Option<bool>,
}

/// Pages may send from these.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Origins {
    /// Scheme, host and port, such as `https://shop.example`.
    origins: Vec<String>,
}

/// Two shoppers are one person.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// The other shopper's id.
    #[schemars(with = "String")]
    with: ShopperId,
}

/// Asks for a token.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// The tokens there were end.
    #[serde(default)]
    revoke_others: bool,
}

fn shopper(part: &str) -> Result<ShopperId> {
    part.parse().map_err(|_| Rejected::not_found("no shopper has this id").into())
}

/// From where on a person's list goes on.
fn before(url: &str) -> Result<i64> {
    match query(url, "before") {
        None | Some("") => Ok(NEWEST),
        Some(text) => Ok(text.parse().map_err(|_| Rejected::field("before", "expected an earlier answer's next"))?),
    }
}

/// A page of a person's list, with where it goes on.
#[allow(clippy::needless_pass_by_value)] // it becomes part of the answer
fn paged(items: Vec<Json>) -> Json {
    let next = items.last().filter(|_| items.len() == usize::from(PAGE)).and_then(|item| item.get("seq"));
    json!({ "next": next, "items": items })
}

/// Why a page shows what it shows, asked where its browser is kept.
async fn why(request: &mut Request, env: &Env, shop: &ShopKey) -> Result<Json> {
    let asked: Box<Asked> = body(request, MOST_ASKED_BYTES).await?;
    let object = match asked.visitor {
        Some(visitor) => browser(env, shop, visitor).await?,
        None => 0,
    };
    let answer: WhyAnswer = call::shard(env, shop, object, &ShardCall::Explain(asked)).await?;
    Ok(json!(answer))
}

/// The object that a browser belongs to.
async fn browser(env: &Env, shop: &ShopKey, visitor: VisitorId) -> Result<u16> {
    let bucket = Bucket::of_hash(&Secrets::read(env)?.of(shop).name("visitor", &visitor.to_string()));
    Ok(describe(env, shop).await?.placement.object_of(bucket))
}

/// All receipts of a shop as a file that `cargo xtask receipts` checks.
async fn receipts(env: &Env, shop: &ShopKey) -> Result<Response> {
    let mut links: Vec<Link> = Vec::new();
    for object in 0..describe(env, shop).await?.placement.objects() {
        let mut after = Some(0);
        while let Some(from) = after {
            let (page, last): (Vec<Link>, Option<i64>) =
                call::shard(env, shop, object, &ShardCall::Receipts { after: from }).await?;
            links.extend(page);
            after = last;
        }
    }
    Ok(Response::builder()
        .with_header("content-type", "application/x-ndjson")?
        .with_header("content-disposition", "attachment; filename=\"receipts.ndjson\"")?
        .with_header("cache-control", "no-store")?
        .fixed(export::write(&links)?.into_bytes()))
}

/// A page of one object's log, as `cargo xtask rehearse` reads it. The last line says where it goes on.
async fn log(env: &Env, shop: &ShopKey, url: &str) -> Result<Response> {
    let (page, objects) = rehearsal::page(env, shop, url).await?;
    let foot = json!({ "page": rehearsal::foot(&page, objects) });
    Ok(Response::builder()
        .with_header("content-type", "application/x-ndjson")?
        .with_header("cache-control", "no-store")?
        .fixed((page.lines + &foot.to_string() + "\n").into_bytes()))
}

/// A number of the address's query; 0 where it is left out.
pub fn number(url: &str, name: &str) -> Result<i64> {
    let text = query(url, name).filter(|text| !text.is_empty()).unwrap_or("0");
    Ok(text.parse().map_err(|_| Rejected::field(name, "expected a number, as an earlier page says it"))?)
}

/// Asks where a shopper is at home, who may live elsewhere by now.
async fn at_home<T: DeserializeOwned>(
    env: &Env,
    shop: &ShopKey,
    part: &str,
    call: impl FnOnce(ShopperId) -> ShardCall,
) -> Result<T> {
    let shopper = shopper(part)?;
    let object = describe(env, shop).await?.placement.object_of(shopper.home());
    call::shard_patiently(env, shop, object, &call(shopper)).await
}

/// Whether the request may act for a shop. The same answer for a shop that does not exist, a wrong token and another shop's token.
pub async fn authorise(request: &Request, env: &Env, key: &str) -> Result<ShopKey> {
    let refused = || Error::from(Rejected::new(401, "Not allowed", "send this shop's admin token as bearer token"));
    let shop: ShopKey = key.parse().map_err(|_| refused())?;
    let token = bearer(request)?;
    let names_shop =
        token.strip_prefix("rpt_").and_then(|rest| rest.split_once('_')).is_some_and(|(bare, _)| bare == shop.bare());
    if names_shop && call::shop::<bool>(env, &shop, &ShopCall::Authorise { token }).await? {
        Ok(shop)
    } else {
        Err(refused())
    }
}

/// Reads a body of JSON.
pub async fn body<T: DeserializeOwned>(request: &mut Request, most: usize) -> Result<T> {
    let text = request.text().await?;
    if text.len() > most {
        return Err(Rejected::new(413, "Too long", format!("{} bytes; at most {most} are read", text.len())).into());
    }
    read_json(&text)
}

/// Reads a body; what is wrong with it is named by its field.
pub fn read_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    let mut reader = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let said = error.inner().to_string();
        Rejected::field(&field_at_fault(&error.path().to_string(), &said), said).into()
    })
}

fn described(description: &Description) -> Json {
    json!({ "version": description.version, "switches": description.switches, "origins": description.origins, "behind": description.behind })
}

/// What the shop is.
pub async fn describe(env: &Env, shop: &ShopKey) -> Result<Description> {
    call::shop(env, shop, &ShopCall::Describe).await
}

async fn status(env: &Env, shop: &ShopKey) -> Result<Json> {
    let description = describe(env, shop).await?;
    let objects = description.placement.objects();
    let mut all: Vec<ShardStatus> = Vec::new();
    for object in 0..objects {
        all.push(call::shard(env, shop, object, &ShardCall::Status).await?);
    }
    let sum = |of: fn(&ShardStatus) -> i64| all.iter().map(of).sum::<i64>();
    let sender = Sender::of(env);
    Ok(json!({
        "shop": { "name": description.name, "key": shop, "url": description.url, "origins": description.origins },
        "version": description.version,
        "switches": description.switches,
        "sender": sender.as_ref().map_or("none", Sender::name),
        "notice": if sender.is_none() { Some("No mail provider is set up: addresses are taken in, nothing is sent.") } else { None },
        "clock": { "now": all.iter().map(|status| status.now).max(), "development": cfg!(feature = "dev-clock") },
        "counts": {
            "people": sum(|s| s.people), "events": sum(|s| s.events), "jobs": sum(|s| s.jobs),
            "messages": sum(|s| s.messages), "unknown": sum(|s| s.unknown),
        },
        "next_due": all.iter().filter_map(|status| status.next_due).min(),
        "objects": objects,
        "behind": description.behind,
    }))
}

/// A list over all objects, newest first. The cursor `next` holds each object's position.
async fn list(env: &Env, shop: &ShopKey, what: Listing, url: &str) -> Result<Json> {
    let objects = describe(env, shop).await?.placement.objects();
    let mut positions: Vec<Option<i64>> = match query(url, "before") {
        None | Some("") => vec![None; usize::from(objects)],
        Some(cursor) => cursor.split('.').map(|part| part.parse().ok()).collect(),
    };
    if positions.len() != usize::from(objects) {
        return Err(Rejected::field("before", "expected a cursor from an earlier answer's next").into());
    }
    let mut pages = Vec::new();
    for (object, before) in positions.iter().enumerate() {
        let number = u16::try_from(object).unwrap_or_default();
        let page: Page = call::shard(env, shop, number, &ShardCall::List { what, before: *before, most: PAGE }).await?;
        pages.push(page.items.into_iter().peekable());
    }
    let more = pages.iter().map(ExactSizeIterator::len).sum::<usize>() >= usize::from(PAGE);
    let mut items: Vec<Json> = Vec::new();
    while items.len() < usize::from(PAGE) {
        // Each object's own order stays, whatever its clock did: the cursor holds a position in it.
        let heads = pages.iter_mut().enumerate().filter_map(|(object, page)| Some((page.peek()?.1, object)));
        let first = if what == Listing::Jobs { heads.min() } else { heads.max() };
        let Some((_, object)) = first else { break };
        if let (Some(page), Some(position)) = (pages.get_mut(object), positions.get_mut(object))
            && let Some((pos, _, item)) = page.next()
        {
            *position = Some(pos);
            items.push(item);
        }
    }
    let cursor = positions
        .iter()
        .map(|position| position.map_or_else(|| "-".to_owned(), |pos| pos.to_string()))
        .collect::<Vec<_>>()
        .join(".");
    Ok(json!({ "items": items, "next": if more && what != Listing::Jobs { Some(cursor) } else { None } }))
}

async fn message(env: &Env, shop: &ShopKey, id: &str) -> Result<Json> {
    let id = worker::url::form_urlencoded::parse(format!("id={}", id.replace('+', "%2B")).as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default();
    for object in 0..describe(env, shop).await?.placement.objects() {
        match call::shard(env, shop, object, &ShardCall::Message { id: id.clone() }).await {
            Err(Error::Rejected(rejected)) if rejected.status == 404 => {}
            answer => return answer,
        }
    }
    Err(Rejected::not_found("no message has this id").into())
}

#[derive(Deserialize)]
struct Daily {
    day: String,
    kind: String,
    n: f64,
}

async fn reports(env: &Env, shop: &ShopKey, url: &str) -> Result<Json> {
    let days: i32 = query(url, "days")
        .map_or(Ok(14), str::parse)
        .ok()
        .filter(|days| (1..=400).contains(days))
        .ok_or_else(|| Rejected::field("days", "expected 1 to 400"))?;
    let Ok(reports) = env.d1("REPORTS") else {
        return Ok(json!({ "days": [], "notice": "This deployment has no D1 database." }));
    };
    let found = reports
        .prepare("SELECT day, kind, n FROM daily WHERE shop = ?1 AND day IN (SELECT DISTINCT day FROM daily WHERE shop = ?1 ORDER BY day DESC LIMIT CAST(?2 AS INTEGER)) ORDER BY day")
        .bind(&[shop.as_str().into(), days.to_string().into()])?
        .all()
        .await
        .map_err(|error| Failed::new("reading reports", error))?;
    let rows: Vec<Daily> = found.results().map_err(|error| Failed::new("reading reports", error))?;
    let mut by_day: std::collections::BTreeMap<String, serde_json::Map<String, Json>> =
        std::collections::BTreeMap::new();
    for row in rows {
        by_day.entry(row.day).or_default().insert(row.kind, json!(row.n));
    }
    let days: Vec<Json> = by_day.into_iter().map(|(day, metrics)| json!({ "day": day, "metrics": metrics })).collect();
    Ok(json!({ "days": days }))
}

/// Moves the development clock.
#[cfg(feature = "dev-clock")]
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Advance {
    /// By how much, forward.
    seconds: i64,
}

#[cfg(feature = "dev-clock")]
async fn advance(request: &mut Request, env: &Env, shop: &ShopKey) -> Result<Json> {
    let Advance { seconds } = body(request, 1024).await?;
    if !(0..=10 * 366 * 24 * 3_600).contains(&seconds) {
        return Err(Rejected::field("seconds", "expected 0 to ten years; the clock only goes forward").into());
    }
    let objects = describe(env, shop).await?.placement.objects();
    let mut now = 0;
    for object in 0..objects {
        let status: ShardStatus = call::shard(env, shop, object, &ShardCall::Status).await?;
        now = now.max(status.now);
    }
    let to = domain::time::Timestamp(now) + domain::time::Span::seconds(seconds);
    let ahead = to - crate::clock::real_now();
    let mut ran = 0;
    for object in 0..objects {
        ran += call::shard::<usize>(env, shop, object, &ShardCall::Advance { ahead }).await?;
    }
    ran += call::learner::<usize>(env, shop, &LearnerCall::Advance { ahead }).await?;
    Ok(json!({ "now": to, "ran": ran }))
}
