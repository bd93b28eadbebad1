//! Shelves: what browsers fill them with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::id::ShopKey;
use worker::{Env, Response};

use crate::call;
use crate::learner::{LearnerCall, Wanted};
use crate::problem::{Failed, Rejected, Result};
use crate::products::parameter;
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

/// `GET …/shelves/{shelf}?seen=…&cart=…&market=…`: a shelf as somebody would see it who has looked at these products.
pub async fn filled(env: &Env, shop: &ShopKey, url: &str, shelf: &str) -> Result<serde_json::Value> {
    let list = |name: &str| -> Vec<String> {
        let text = parameter(url, name).unwrap_or_default();
        text.split(',').map(str::trim).filter(|id| !id.is_empty()).take(MOST_NAMED).map(str::to_owned).collect()
    };
    let bought = list("bought");
    let amount = |_| Rejected::field("cart_total", "expected an amount in minor units, such as 4990");
    let total = match parameter(url, "cart_total") {
        Some(text) => Some(text.parse().map_err(amount)?),
        None => None,
    };
    let wanted = Wanted {
        shelf: shelf.to_owned(),
        market: parameter(url, "market"),
        seen: list("seen"),
        elsewhere: parameter(url, "elsewhere").is_some(),
        cart: list("cart"),
        cart_total: total,
        remembers: !bought.is_empty() || parameter(url, "remembers").is_some(),
        baskets: if bought.is_empty() { Vec::new() } else { vec![bought] },
    };
    call::learner(env, shop, &LearnerCall::Shelf(Box::new(wanted))).await
}

/// Products that are named in one question, at most.
const MOST_NAMED: usize = 50;
