//! Where the shop's server speaks, and where its owner says who that is: webhooks, their secrets, files.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::hook::{Context, MOST_BYTES, Source, host_name};
use domain::id::ShopKey;
use domain::import::{self, About, File, Format, RefusedLine};
use domain::phone::CallingCode;
use domain::time::Timestamp;
use futures_util::StreamExt as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use worker::{Env, Request, Response};

use crate::admin::read_json;
use crate::call::{self, Connect, ShardCall, ShopCall};
use crate::problem::{Rejected, Result};
use crate::secrets::random;
use crate::shard::hearing::{EAR, HookAnswer, HookRequest, refusal};
use crate::shard::lists::ShardStatus;
use crate::shard::network;
use crate::shop::HookItem;

/// The longest header that is read, in bytes.
const MOST_HEADER_BYTES: usize = 4_096;
/// How many statements of a file go to the shop's ear at a time.
const AT_A_TIME: usize = 500;

/// `POST /v1/hooks/{shop}/{source}`: hands what the shop's server says to the shop's ear, in the very
/// bytes that were signed.
pub async fn receive(request: &mut Request, env: &Env, shop: &str, source: &str) -> Result<Response> {
    let shop: ShopKey = shop.parse().map_err(|_| Rejected::unknown_shop())?;
    let source = source_of(source)?;
    let mut headers = Vec::new();
    for name in source.headers() {
        if let Some(value) = request.headers().get(name)? {
            if value.len() > MOST_HEADER_BYTES {
                return Err(Rejected::field(name, format!("expected at most {MOST_HEADER_BYTES} bytes")).into());
            }
            headers.push(((*name).to_owned(), value));
        }
    }
    let sender = request.headers().get("cf-connecting-ip")?.map(|address| network(&address));
    let body = String::from_utf8(bytes(request, MOST_BYTES).await?)
        .map_err(|_| Rejected::new(400, "The body cannot be read", "expected UTF-8"))?;
    let call = ShardCall::Hook(Box::new(HookRequest { source, headers, body, sender }));
    let answer: HookAnswer = call::shard(env, &shop, EAR, &call).await?;
    Ok(Response::builder().with_status(202).from_json(&answer)?)
}

/// The body as it came in. Of what is too long, or does not say how long it is, no more is kept than may
/// be; but all of it is taken: who is still sending does not hear an answer.
pub async fn bytes(request: &mut Request, most: usize) -> Result<Vec<u8>> {
    let told: Option<usize> = request.headers().get("content-length")?.and_then(|length| length.parse().ok());
    if told.is_some_and(|length| length <= most) {
        return Ok(request.bytes().await?);
    }
    let (mut body, mut length) = (Vec::new(), 0_usize);
    let mut chunks = request.stream()?;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        length = length.saturating_add(chunk.len());
        if length <= most {
            body.extend_from_slice(&chunk);
        }
    }
    if length <= most {
        return Ok(body);
    }
    Err(Rejected::new(413, "Too long", format!("{length} bytes in one request; at most {most} are read")).into())
}

fn source_of(text: &str) -> Result<Source> {
    text.parse()
        .map_err(|error| Rejected { field: Some("source".into()), ..Rejected::not_found(format!("{error}")) }.into())
}

/// `GET …/hooks` and `GET …/hooks/{source}`: who may speak.
pub async fn connected(env: &Env, shop: &ShopKey, source: &str) -> Result<serde_json::Value> {
    let mut items: Vec<HookItem> = call::shop(env, shop, &ShopCall::Hooks).await?;
    let heard: BTreeMap<Source, Timestamp> = call::shard(env, shop, EAR, &ShardCall::HeardLast).await?;
    for item in &mut items {
        item.heard = heard.get(&item.source).copied();
    }
    if source.is_empty() {
        return Ok(serde_json::json!({ "items": items }));
    }
    let source = source_of(source)?;
    let item = items.into_iter().find(|item| item.source == source);
    let item = item.ok_or_else(|| Rejected {
        field: Some("source".into()),
        ..Rejected::not_found("this source is not connected; PUT connects it")
    })?;
    Ok(serde_json::to_value(item)?)
}

/// Body of `PUT …/hooks/{source}`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// The secret that the platform shows. For our own form and for `WooCommerce` it may be left out: then one
    /// is made.
    #[serde(default)]
    secret: Option<String>,
    /// The secret until now counts on, until the next exchange or until it is ended.
    #[serde(default = "yes")]
    keep_previous: bool,
    /// The country whose telephone numbers are meant where they lack one, such as 49.
    #[serde(default)]
    calling_code: Option<u16>,
    /// The shop's domain at Shopify, such as example.myshopify.com: what is about another shop is refused.
    /// Needed once.
    #[serde(default)]
    domain: Option<String>,
}

const fn yes() -> bool {
    true
}

/// What comes of it.
#[derive(Serialize, JsonSchema)]
pub struct Connected {
    /// Who may speak.
    source: &'static str,
    /// Where they send to.
    path: String,
    /// The secret, if it was made here: shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

/// Connects a source, or exchanges its secret.
pub async fn connect(request: &mut Request, env: &Env, shop: &ShopKey, source: &str) -> Result<serde_json::Value> {
    let source = source_of(source)?;
    let body = request.text().await?;
    let wish: Wish = read_json(if body.trim().is_empty() { "{}" } else { &body })?;
    if wish.calling_code.is_some_and(|code| CallingCode::new(code).is_none()) {
        return Err(Rejected::field("calling_code", "expected a country calling code such as 49").into());
    }
    let given = wish.secret.as_deref().map(str::trim).filter(|secret| !secret.is_empty());
    let made = match (given, source) {
        (Some(_), _) => None,
        (None, Source::Generic | Source::WooCommerce) => {
            Some(format!("rps_{}", URL_SAFE_NO_PAD.encode(random::<32>()?)))
        }
        (None, Source::Shopify | Source::Stripe) => {
            return Err(Rejected::field("secret", "missing; expected the secret that the platform shows").into());
        }
    };
    if given.is_some_and(|secret| secret.len() > 200) {
        return Err(Rejected::field("secret", "expected at most 200 characters").into());
    }
    let secret = given.map(str::to_owned).or_else(|| made.clone()).unwrap_or_default();
    let Wish { keep_previous, calling_code, domain, .. } = wish;
    let domain = match (domain, source) {
        (None, _) => None,
        (Some(text), Source::Shopify) => Some(host_name(&text).ok_or_else(|| {
            Rejected::field("domain", "expected a host name without https:// or a path, such as example.myshopify.com")
        })?),
        (Some(_), _) => return Err(Rejected::field("domain", "not expected: only Shopify's webhooks name one").into()),
    };
    let call = ShopCall::Connect(Box::new(Connect { source, secret, keep_previous, calling_code, domain }));
    call::shop::<()>(env, shop, &call).await?;
    let path = format!("/v1/hooks/{shop}/{}", source.as_str());
    Ok(serde_json::to_value(Connected { source: source.as_str(), path, secret: made })?)
}

/// Ends a source, or only its previous secret.
pub async fn disconnect(env: &Env, shop: &ShopKey, source: &str, previous_only: bool) -> Result<serde_json::Value> {
    let source = source_of(source)?;
    call::shop::<()>(env, shop, &ShopCall::Disconnect { source, previous_only }).await?;
    Ok(serde_json::json!({ "source": source, "previous_only": previous_only }))
}

/// What became of a file.
#[derive(Serialize, JsonSchema)]
pub struct ImportAnswer {
    /// How many lines count.
    accepted: usize,
    /// Those that do not.
    refused: Vec<RefusedLine>,
    /// Lines that count, but give no right to write: they do not say when and how it was given, and in
    /// which words or by what it was recorded.
    without_right: Vec<u64>,
}

/// `POST …/import?about=…&format=…&prefix=…&as_of=…&calling_code=…`: a file of customers or orders.
pub async fn take_file(request: &mut Request, env: &Env, shop: &ShopKey, url: &str) -> Result<serde_json::Value> {
    let query: BTreeMap<String, String> = url
        .split_once('?')
        .map(|(_, query)| worker::url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
        .unwrap_or_default();
    let about = match query.get("about").map(String::as_str) {
        Some("customers") => About::Customers,
        Some("orders") => About::Orders,
        _ => return Err(Rejected::field("about", "expected customers or orders").into()),
    };
    let format = match query.get("format").map(String::as_str) {
        Some("csv") => Format::Csv,
        Some("ndjson") => Format::Ndjson,
        _ => return Err(Rejected::field("format", "expected csv or ndjson").into()),
    };
    let calling_code = match query.get("calling_code") {
        None => None,
        Some(code) => {
            let read = code.trim_start_matches('+').parse().ok().and_then(CallingCode::new);
            Some(read.ok_or_else(|| Rejected::field("calling_code", "expected a country calling code such as 49"))?)
        }
    };
    let prefix = query.get("prefix").map(String::as_str).unwrap_or_default();
    if prefix.chars().count() > 40 || prefix.chars().any(char::is_control) {
        return Err(Rejected::field("prefix", "expected at most 40 printable characters, such as till/").into());
    }
    // The shop's own clock, which a development build can move.
    let ear: ShardStatus = call::shard(env, shop, EAR, &ShardCall::Status).await?;
    let now = Timestamp(ear.now);
    let as_of = match query.get("as_of") {
        None => now,
        Some(text) => import::as_of(text, now).map_err(refusal)?,
    };
    let body = bytes(request, import::MOST_BYTES).await?;
    let file = File { about, format, bytes: &body, prefix, as_of };
    let read = import::read(&file, &Context { now, calling_code }).map_err(refusal)?;
    for statements in read.statements.chunks(AT_A_TIME) {
        call::shard::<HookAnswer>(env, shop, EAR, &ShardCall::Tell(statements.to_vec())).await?;
    }
    let import::Import { accepted, refused, without_right, .. } = read;
    Ok(serde_json::to_value(ImportAnswer { accepted, refused, without_right })?)
}
