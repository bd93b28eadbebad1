//! Shelves: what browsers fill them with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::id::ShopKey;
use worker::{Env, Response};

use crate::call;
use crate::learner::LearnerCall;
use crate::problem::{Failed, Rejected, Result};
use crate::public::{cached, max_age, publish_as};

/// `GET /v1/shops/{key}/shelves/{market}`: the short file of a market, as old as `POINTER_MAX_AGE` seconds at most.
pub async fn head(env: &Env, url: &str, key: &str, market: &str) -> Result<Response> {
    let shop: ShopKey = key.parse().map_err(|_| Rejected::unknown_shop())?;
    let age = max_age(env);
    if let Some(cached) = cached(url, age).await {
        return Ok(cached);
    }
    let call = LearnerCall::Head { market: market.to_owned() };
    let bytes = bytes(env, &shop, &call).await?;
    publish_as(url, age, &format!("public, max-age={age}"), &[("content-type", "application/octet-stream")], bytes)
        .await
}

/// `GET /v1/shops/{key}/packs/{name}`: never changes, and lies compressed.
pub async fn pack(env: &Env, url: &str, key: &str, name: &str) -> Result<Response> {
    const YEAR: u32 = 31_536_000;
    let shop: ShopKey = key.parse().map_err(|_| Rejected::unknown_shop())?;
    if let Some(cached) = cached(url, YEAR).await {
        return Ok(cached);
    }
    let bytes = bytes(env, &shop, &LearnerCall::Pack { name: name.to_owned() }).await?;
    let headers = [("content-type", "application/octet-stream"), ("content-encoding", "br")];
    publish_as(url, YEAR, &format!("public, max-age={YEAR}, immutable"), &headers, bytes).await
}

async fn bytes(env: &Env, shop: &ShopKey, call: &LearnerCall) -> Result<Vec<u8>> {
    let body: String = call::learner(env, shop, call).await?;
    Ok(STANDARD.decode(body).map_err(|error| Failed::new("reading a learner's file", error))?)
}
