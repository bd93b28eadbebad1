//! What browsers ask for: events in, published files out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::id::{ShopKey, VisitorId};
use domain::place::{Bucket, Placement};
use domain::published::Pointer;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::{Cache, EncodeBody, Env, Request, Response};

use crate::call::{self, Description, ShopCall};
use crate::problem::{Failed, Rejected, Result};
use crate::routes::path_of;
use crate::secrets::Secrets;
use crate::shard::query;

/// The shard to which `entry.js` hands a batch that was sent to this address, for a shop that has one,
/// as nearly every shop does. Nothing for whatever else comes in: that takes the long way.
#[wasm_bindgen(js_name = shardOfEvents)]
pub fn shard_of_events(url: &str) -> Option<String> {
    let here = path_of(url) == "/v1/events" && placement_hint(url).ok()? == Placement::ONE;
    let shop: ShopKey = query(url, "shop").filter(|_| here)?.parse().ok()?;
    // The shard of a shop that has grown since hands the batch on.
    Some(call::shard_name(&shop, 0))
}

/// `POST /v1/events?shop=…&visitor=…[&objects=…]`: hands the body on, unread, to the shard of the
/// visitor's bucket.
pub async fn events(request: Request, env: &Env, url: &str) -> Result<Response> {
    let shop: ShopKey = query(url, "shop")
        .ok_or_else(|| Rejected::field("shop", "missing; the shop's public key goes into the address"))?
        .parse()
        .map_err(|error| Rejected::field("shop", format!("{error}")))?;
    let placement = placement_hint(url)?;
    let visitor: VisitorId = query(url, "visitor")
        .unwrap_or_default()
        .parse()
        .map_err(|error| Rejected::field("visitor", format!("{error}")))?;
    let bucket = Bucket::of_hash(&Secrets::read(env)?.of(&shop).name("visitor", &visitor.to_string()));
    let object = placement.object_of(bucket);
    let stub = env.durable_object("SHARD")?.get_by_name(&call::shard_name(&shop, object))?;
    let response = stub.fetch_with_request(request).await?;
    if object > 0 && response.status_code() == 404 {
        return Err(no_such_object(env, &shop).await?.into());
    }
    Ok(response)
}

/// How many objects the caller believes the shop to have: a hint, which the shard checks.
pub fn placement_hint(url: &str) -> Result<Placement> {
    match query(url, "objects") {
        None => Ok(Placement::ONE),
        Some(text) => {
            let objects = text.parse().map_err(|_| Rejected::field("objects", "expected a number"))?;
            Ok(Placement::over(objects).map_err(|error| Rejected::field("objects", format!("{error}")))?)
        }
    }
}

/// Why an object that a hint names does not know its shop: the shop has fewer, or is none.
pub async fn no_such_object(env: &Env, shop: &ShopKey) -> Result<Rejected> {
    let Description { placement, .. } = call::shop(env, shop, &ShopCall::Describe).await?;
    let detail = format!("the shop has {}; its pointer says so", placement.objects());
    Ok(Rejected { field: Some("objects".into()), ..Rejected::new(421, "Misplaced", detail) })
}

/// The deployment's own name for itself, for links in mails: the variable `EDGE_URL`.
pub fn edge_url(env: &Env) -> Option<String> {
    let url = env.var("EDGE_URL").ok()?.to_string();
    Some(url.trim_end_matches('/').to_owned()).filter(|url| !url.is_empty())
}

/// `GET /v1/shops/{key}/pointer`: as old as `POINTER_MAX_AGE` seconds at most, 30 unless it is set.
pub async fn pointer(env: &Env, url: &str, key: &str) -> Result<Response> {
    let shop: ShopKey = key.parse().map_err(|_| Rejected::unknown_shop())?;
    let age = max_age(env);
    if let Some(cached) = cached(url, age).await {
        return Ok(cached);
    }
    let pointer: Pointer = call::shop(env, &shop, &ShopCall::Pointer).await?;
    let body = serde_json::to_vec(&pointer)?;
    publish(url, age, &format!("public, max-age={age}"), "application/json", body).await
}

/// `GET /v1/shops/{key}/files/{hash}`: never changes.
pub async fn file(env: &Env, url: &str, key: &str, hash: &str) -> Result<Response> {
    const YEAR: u32 = 31_536_000;
    let shop: ShopKey = key.parse().map_err(|_| Rejected::unknown_shop())?;
    if let Some(cached) = cached(url, YEAR).await {
        return Ok(cached);
    }
    let body: String = call::shop(env, &shop, &ShopCall::File { hash: hash.to_owned() }).await?;
    let bytes = STANDARD.decode(body).map_err(|error| Failed::new("reading a published file", error))?;
    let kind = if bytes.first() == Some(&b'{') { "application/json" } else { "application/octet-stream" };
    publish(url, YEAR, &format!("public, max-age={YEAR}, immutable"), kind, bytes).await
}

/// How long what changes by the second may be kept: `POINTER_MAX_AGE` seconds, 30 unless it is set.
pub fn max_age(env: &Env) -> u32 {
    env.var("POINTER_MAX_AGE").ok().and_then(|value| value.to_string().parse().ok()).unwrap_or(30)
}

/// What the platform's cache has of an address.
pub async fn cached(url: &str, age: u32) -> Option<Response> {
    if age == 0 { None } else { Cache::default().get(url, false).await.ok().flatten() }
}

/// A public answer, kept by the platform's cache as long as browsers may keep it.
async fn publish(url: &str, age: u32, control: &str, kind: &str, body: Vec<u8>) -> Result<Response> {
    publish_as(url, age, control, &[("content-type", kind)], body).await
}

/// The same with other headers. What names an encoding has it already.
pub async fn publish_as(
    url: &str,
    age: u32,
    control: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> Result<Response> {
    let mut builder =
        Response::builder().with_header("cache-control", control)?.with_header("access-control-allow-origin", "*")?;
    for (name, value) in headers {
        builder = builder.with_header(name, value)?;
        if *name == "content-encoding" {
            builder = builder.with_encode_body(EncodeBody::Manual);
        }
    }
    let mut response = builder.fixed(body);
    if age > 0 {
        // A cache that refuses costs a look-up next time, nothing else.
        let _ = Cache::default().put(url, response.cloned()?).await;
    }
    Ok(response)
}

/// The answer to a preflight. The loader needs none; the admin API's callers may.
pub fn preflight() -> worker::Result<Response> {
    Ok(Response::builder()
        .with_status(204)
        .with_header("access-control-allow-origin", "*")?
        .with_header("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS")?
        .with_header("access-control-allow-headers", "authorization, content-type")?
        .with_header("access-control-max-age", "86400")?
        .empty())
}
