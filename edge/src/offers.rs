//! Where the merchant sees and fills pools of codes, says in which shop system codes are made, and where the
//! shop's checkout asks whether a code is good.

use std::collections::BTreeMap;

use domain::id::ShopKey;
use domain::import::RefusedLine;
use domain::offer::{System, list};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use worker::{Env, Request, Response};

use crate::admin::read_json;
use crate::call::{self, Description, ShardCall, ShopCall};
use crate::hooks::bytes;
use crate::problem::{Rejected, Result};
use crate::shard::hearing::{EAR, refusal};
use crate::shard::{CheckAnswer, CheckRequest, PoolCount, network};
use crate::shop::{PoolItem, SystemItem, Taken};
use crate::system::Opens;

/// The longest question, in bytes.
const MOST_QUESTION_BYTES: usize = 8 * 1024;
/// How many codes of a list go to the shop object at a time.
const AT_A_TIME: usize = 5_000;
/// The longest key or token of a shop system.
const LONGEST_SECRET: usize = 200;

/// `POST /v1/shops/{shop}/codes/check`: hands a signed question to the shop's ear, in the very bytes that were
/// signed.
pub async fn check(request: &mut Request, env: &Env, shop: &str) -> Result<Response> {
    let shop: ShopKey = shop.parse().map_err(|_| Rejected::unknown_shop())?;
    let signature = request.headers().get("rapport-signature")?;
    if signature.as_ref().is_some_and(|header| header.len() > 4_096) {
        return Err(Rejected::field("Rapport-Signature", "expected at most 4096 bytes").into());
    }
    let sender = request.headers().get("cf-connecting-ip")?.map(|address| network(&address));
    let body = String::from_utf8(bytes(request, MOST_QUESTION_BYTES).await?)
        .map_err(|_| Rejected::new(400, "The body cannot be read", "expected UTF-8"))?;
    let call = ShardCall::CheckCode(Box::new(CheckRequest { signature, body, sender }));
    let answer: CheckAnswer = call::shard_patiently(env, &shop, EAR, &call).await?;
    Ok(Response::builder().with_header("cache-control", "no-store")?.from_json(&answer)?)
}

/// `GET …/pools` and `GET …/pools/{offer}`: what is left of each pool and what became of the rest.
pub async fn pools(env: &Env, shop: &ShopKey, offer: &str) -> Result<Json> {
    let mut items: Vec<PoolItem> = call::shop(env, shop, &ShopCall::Pools).await?;
    if !offer.is_empty() {
        items.retain(|item| item.offer == offer);
    }
    let offers: Vec<String> = items.iter().map(|item| item.offer.clone()).collect();
    if !offers.is_empty() {
        let description: Description = call::shop(env, shop, &ShopCall::Describe).await?;
        for object in 0..description.placement.objects() {
            let call = ShardCall::CountPools { offers: offers.clone() };
            let counts: Vec<PoolCount> = call::shard(env, shop, object, &call).await?;
            for count in counts {
                for item in items.iter_mut().filter(|item| item.offer == count.offer) {
                    item.leased += count.ready;
                    item.issued += count.issued;
                    item.redeemed += count.redeemed;
                }
            }
        }
    }
    if offer.is_empty() {
        return Ok(json!({ "items": items }));
    }
    let item = items.pop().ok_or_else(|| no_pool(offer))?;
    Ok(serde_json::to_value(item)?)
}

fn no_pool(offer: &str) -> Rejected {
    let detail = format!("no published offer named {offer:.40} is a pool; GET …/pools lists them");
    Rejected { field: Some("offer".into()), ..Rejected::not_found(detail) }
}

/// What became of a list of codes.
#[derive(Serialize, JsonSchema)]
pub struct ListAnswer {
    /// How many codes are new in the pool.
    added: usize,
    /// How many were in it already, or stand in the list twice.
    known: usize,
    /// Lines that do not count.
    refused: Vec<RefusedLine>,
}

/// `POST …/pools/{offer}/codes`: a list of codes, one in each line or in a column named `code`.
pub async fn take_list(request: &mut Request, env: &Env, shop: &ShopKey, offer: &str) -> Result<Json> {
    let body = bytes(request, list::MOST_BYTES).await?;
    let list = list::read(&body).map_err(refusal)?;
    let mut answer = ListAnswer { added: 0, known: list.repeated, refused: list.refused };
    let lines: BTreeMap<&str, u64> = list.codes.iter().map(String::as_str).zip(list.lines.iter().copied()).collect();
    for codes in list.codes.chunks(AT_A_TIME) {
        let call = ShopCall::TakeCodes { offer: offer.to_owned(), codes: codes.to_vec() };
        let taken: Taken = call::shop(env, shop, &call).await?;
        answer.added += taken.added;
        answer.known += codes.len().saturating_sub(taken.added + taken.elsewhere.len());
        answer.refused.extend(taken.elsewhere.into_iter().map(|(code, other)| RefusedLine {
            line: lines.get(code.as_str()).copied().unwrap_or_default(),
            field: "code".into(),
            detail: format!("is in the pool {other} already; a code belongs to one pool"),
        }));
    }
    answer.refused.sort_by_key(|refused| refused.line);
    Ok(serde_json::to_value(answer)?)
}

/// `POST …/pools/{offer}/recall`: shards give back what they have leased and not issued.
pub async fn recall(env: &Env, shop: &ShopKey, offer: &str) -> Result<Json> {
    call::shop::<()>(env, shop, &ShopCall::Recall { offer: offer.to_owned() }).await?;
    Ok(json!({ "recalled": offer }))
}

/// Body of `PUT …/systems/{system}`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// Where it is: `https://example.myshopify.com`, `https://shop.example`.
    address: String,
    /// Shopify: the Admin API access token of a custom app with the scopes `write_discounts` and `read_discounts`.
    #[serde(default)]
    token: Option<String>,
    /// `WooCommerce`: the consumer key of a REST API key that may read and write.
    #[serde(default)]
    key: Option<String>,
    /// `WooCommerce`: its consumer secret.
    #[serde(default)]
    secret: Option<String>,
}

fn system_of(text: &str) -> Result<System> {
    System::ALL.into_iter().find(|system| system.as_str() == text).ok_or_else(|| {
        let detail = "this system is not known; expected shopify or woocommerce";
        Rejected { field: Some("system".into()), ..Rejected::not_found(detail) }.into()
    })
}

/// `GET …/systems`: the shop systems in which codes are made.
pub async fn systems(env: &Env, shop: &ShopKey) -> Result<Json> {
    let items: Vec<SystemItem> = call::shop(env, shop, &ShopCall::Systems).await?;
    Ok(json!({ "items": items }))
}

/// `PUT …/systems/{system}`: a shop system in which codes are made.
pub async fn connect(request: &mut Request, env: &Env, shop: &ShopKey, system: &str) -> Result<Json> {
    let system = system_of(system)?;
    let Access { address, token, key, secret } = read_json(&request.text().await?)?;
    let address = checked_address(&address)?;
    let need = |field: &str, value: Option<String>| -> Result<String> {
        let value = value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| Rejected::field(field, format!("missing; {} needs it", system.as_str())))?;
        let plain = value.len() <= LONGEST_SECRET && value.bytes().all(|b| b.is_ascii_graphic());
        if plain { Ok(value) } else { Err(Rejected::field(field, "expected at most 200 printable characters").into()) }
    };
    let none = |field: &str, value: &Option<String>| -> Result<()> {
        match value {
            Some(_) => Err(Rejected::field(field, format!("not expected: {} has none", system.as_str())).into()),
            None => Ok(()),
        }
    };
    let opens = match system {
        System::Shopify => {
            none("key", &key)?;
            none("secret", &secret)?;
            Opens { address, key: String::new(), secret: need("token", token)? }
        }
        System::WooCommerce => {
            none("token", &token)?;
            Opens { address, key: need("key", key)?, secret: need("secret", secret)? }
        }
    };
    let answer = json!({ "system": system, "address": opens.address });
    call::shop::<()>(env, shop, &ShopCall::ConnectSystem { system, opens }).await?;
    Ok(answer)
}

/// Ends a shop system.
pub async fn disconnect(env: &Env, shop: &ShopKey, system: &str) -> Result<Json> {
    let system = system_of(system)?;
    call::shop::<()>(env, shop, &ShopCall::DisconnectSystem { system }).await?;
    Ok(json!({ "system": system }))
}

/// Scheme and host, and a path where the shop lies in a folder. Without TLS only on the developer's own machine:
/// what opens the shop goes there.
fn checked_address(text: &str) -> Result<String> {
    let trimmed = text.trim().trim_end_matches('/');
    let wrong = || {
        Rejected::field(
            "address",
            "expected where the shop is, https:// and its host, such as https://example.myshopify.com",
        )
    };
    let clean =
        domain::page::clean_url(trimmed).filter(|clean| clean.trim_end_matches('/') == trimmed).ok_or_else(wrong)?;
    let host = clean.split_once("://").map_or("", |(_, rest)| rest).split(['/', ':']).next().unwrap_or_default();
    if !clean.starts_with("https://") && !["localhost", "127.0.0.1"].contains(&host) {
        return Err(wrong().into());
    }
    Ok(trimmed.to_owned())
}
