//! What the owner of a deployment does: makes shops, rotates secrets. Guarded by the secret
//! `RAPPORT_OWNER_TOKEN`, which is no shop's.

use domain::id::ShopKey;
use domain::place::Placement;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use worker::{Env, Request, Response};

use crate::admin::{bearer, read_json};
use crate::call::{self, Description, NewShop, ShardCall, ShopCall};
use crate::clock::real_now;
use crate::problem::{Failed, Rejected, Result};
use crate::public;
use crate::secrets::random;

/// Body of `POST /owner/v1/shops`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// The shop's name, until a version names it.
    name: String,
    /// Pages may send from these.
    origins: Vec<String>,
    /// How many shard objects, 1 to 64; one is enough for nearly every shop.
    #[serde(default)]
    objects: Option<u16>,
}

/// A made shop. The token is shown this once.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Created {
    /// The public key, for the script tag.
    #[schemars(with = "String")]
    key: ShopKey,
    /// The admin token.
    admin_token: String,
}

/// What the owner's API has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    Create,
    Tokens,
    Rewrap,
}

/// Whether the owner asks.
pub fn authorise(request: &Request, env: &Env) -> Result<()> {
    let owner = env.secret("RAPPORT_OWNER_TOKEN").map(|secret| secret.to_string()).unwrap_or_default();
    let given = bearer(request)?;
    if owner.len() < 16 || !bool::from(owner.as_bytes().ct_eq(given.as_bytes())) {
        let detail = "send the deployment's RAPPORT_OWNER_TOKEN (16 characters or more) as bearer token";
        return Err(Rejected::new(401, "Not the owner", detail).into());
    }
    Ok(())
}

/// Answers the owner. `part` is the shop that the path names.
pub async fn serve(endpoint: Endpoint, request: &mut Request, env: &Env, part: &str) -> Result<Response> {
    if endpoint == Endpoint::Create {
        let edge = edge_of(&request.inner().url(), env);
        let body = request.text().await?;
        return create(env, &body, edge).await;
    }
    let shop: ShopKey = part.parse().map_err(|_| Rejected::unknown_shop())?;
    if endpoint == Endpoint::Tokens {
        let admin_token: String = call::shop(env, &shop, &ShopCall::NewToken { revoke: true }).await?;
        return Ok(Response::from_json(&Created { key: shop, admin_token })?);
    }
    let description: Description = call::shop(env, &shop, &ShopCall::Describe).await?;
    call::shop::<()>(env, &shop, &ShopCall::Rewrap).await?;
    let mut left = 0;
    for object in 0..description.placement.objects() {
        left += call::shard::<i64>(env, &shop, object, &ShardCall::Rewrap { most: 500 }).await?;
    }
    Ok(Response::from_json(&serde_json::json!({ "left": left }))?)
}

async fn create(env: &Env, body: &str, edge: String) -> Result<Response> {
    let wish: Create = read_json(body)?;
    if wish.name.trim().is_empty() || wish.name.chars().count() > 120 {
        return Err(Rejected::field("name", "expected a name of 1 to 120 characters").into());
    }
    check_origins(&wish.origins)?;
    let placement =
        Placement::over(wish.objects.unwrap_or(1)).map_err(|error| Rejected::field("objects", format!("{error}")))?;
    let key = ShopKey::from_random(random()?);
    let new = NewShop { key: key.clone(), name: wish.name, origins: wish.origins, placement, edge, now: real_now() };
    let admin_token: String = call::shop(env, &key, &ShopCall::Create(Box::new(new))).await?;
    Ok(Response::builder().with_status(201).from_json(&Created { key, admin_token })?)
}

/// Origins as browsers send them: scheme, host and port, nothing after.
pub fn check_origins(origins: &[String]) -> Result<()> {
    for (n, origin) in origins.iter().enumerate() {
        let fits = domain::page::clean_url(origin).is_some_and(|clean| clean == *origin)
            && origin.split_once("://").is_some_and(|(_, host)| !host.contains('/'));
        if !fits {
            return Err(Rejected::field(
                &format!("origins[{n}]"),
                "expected scheme and host only, such as https://shop.example",
            )
            .into());
        }
    }
    if origins.is_empty() || origins.len() > 50 {
        return Err(Rejected::field("origins", "expected 1 to 50 origins from which pages may send").into());
    }
    Ok(())
}

/// Where browsers reach this deployment: the variable `EDGE_URL`, else the address of this request.
fn edge_of(url: &str, env: &Env) -> String {
    public::edge_url(env).unwrap_or_else(|| {
        let host_at = url.find("://").map_or(0, |at| at + 3);
        let end = url.get(host_at..).and_then(|rest| rest.find('/')).map_or(url.len(), |at| host_at + at);
        url.get(..end).unwrap_or_default().to_owned()
    })
}

/// How long something may be overdue before the backstop wakes its shard, in milliseconds.
const OVERDUE_MS: i64 = 2 * 60 * 1_000;

/// The cron backstop: wakes shards whose alarm seems to be lost.
pub async fn wake_overdue(env: &Env) -> Result<()> {
    let Ok(reports) = env.d1("REPORTS") else { return Ok(()) };
    let reading = |error| Failed::new("reading what is overdue", error);
    let before = (real_now().0 - OVERDUE_MS).to_string();
    let found = reports
        .prepare("SELECT shop, object FROM pushes WHERE next_due < CAST(?1 AS INTEGER) ORDER BY next_due LIMIT 500")
        .bind(&[before.into()])?
        .all()
        .await
        .map_err(reading)?;
    for Overdue { shop, object } in found.results::<Overdue>().map_err(reading)? {
        let Ok(shop) = shop.parse::<ShopKey>() else { continue };
        // One that cannot be woken must not keep the others asleep.
        if let Err(error) = call::shard::<usize>(env, &shop, object, &ShardCall::Wake).await {
            worker::console_error!("waking an overdue shard: {error}");
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct Overdue {
    shop: String,
    object: u16,
}
