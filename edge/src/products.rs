//! What the shop's server and its owner say and ask of the catalogue, by the admin API.

use std::collections::BTreeMap;

use domain::catalogue::Said;
use domain::event::field_at_fault;
use domain::id::ShopKey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};
use worker::{Env, Request};

use crate::admin::body;
use crate::call;
use crate::learner::{Heard, LearnerCall};
use crate::problem::{Rejected, Result};

/// Bytes of one request, at most.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// Products of one request, at most.
const MOST_PRODUCTS: usize = 2_000;
/// So many go to the learner at a time.
const AT_A_TIME: usize = 500;
/// Products of one page of the list.
const PAGE: u16 = 50;

/// Products, each judged by itself.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Products {
    /// At most 2,000: `id` and whatever is known of each; of variants `group`, or all of them as `variants`.
    #[schemars(with = "Vec<Json>")]
    products: Vec<Box<RawValue>>,
}

/// Products that are not sold any more.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ids {
    /// Ids of products, or of variants; at most 2,000.
    ids: Vec<String>,
}

/// Whether products can be bought, by their ids or those of variants.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stock {
    /// At most 2,000.
    stock: BTreeMap<String, bool>,
}

/// What became of a list of products.
#[derive(Serialize, JsonSchema)]
pub struct ProductsAnswer {
    /// How many count.
    accepted: usize,
    /// Those that do not.
    refused: Vec<RefusedProduct>,
    /// How many products are known otherwise than before.
    changed: usize,
    /// How many are sold now.
    products: i64,
}

/// A product that does not count, and why.
#[derive(Serialize, JsonSchema)]
pub struct RefusedProduct {
    /// Its place in the list, from 0.
    index: usize,
    /// The field at fault.
    field: String,
    /// What is wrong and what is expected.
    detail: String,
}

/// `PUT …/products?market=…` says all there is to say of products; with `amend` (`PATCH`) a part of it.
pub async fn put(request: &mut Request, env: &Env, shop: &ShopKey, url: &str, amend: bool) -> Result<Json> {
    let Products { products } = body(request, MOST_BYTES).await?;
    few(products.len(), "products")?;
    let (mut said, mut refused) = (Vec::new(), Vec::new());
    for (index, raw) in products.iter().enumerate() {
        match read(raw.get()) {
            Ok(one) => said.push((index, one)),
            Err((field, detail)) => refused.push(RefusedProduct { index, field, detail }),
        }
    }
    answer(env, shop, url, said, amend, refused).await
}

/// `PUT …/products/stock`: what can be bought, and nothing else.
pub async fn stock(request: &mut Request, env: &Env, shop: &ShopKey, url: &str) -> Result<Json> {
    let Stock { stock } = body(request, MOST_BYTES).await?;
    few(stock.len(), "stock")?;
    let said = stock.into_iter().map(|(id, there)| Said { in_stock: Some(there), ..Said::of(id) });
    answer(env, shop, url, said.enumerate().collect(), true, Vec::new()).await
}

async fn answer(
    env: &Env,
    shop: &ShopKey,
    url: &str,
    said: Vec<(usize, Said)>,
    amend: bool,
    mut refused: Vec<RefusedProduct>,
) -> Result<Json> {
    let market = parameter(url, "market");
    let (mut accepted, mut changed, mut products) = (said.len(), 0, 0);
    for some in said.chunks(AT_A_TIME) {
        let said = some.iter().map(|(_, said)| said.clone()).collect();
        let heard: Heard = call::learner(env, shop, &LearnerCall::Put { market: market.clone(), said, amend }).await?;
        changed += heard.changed;
        products = heard.products;
        accepted -= heard.refused.len();
        let at = |place: usize| some.get(place).map(|(index, _)| *index).unwrap_or_default();
        let told = heard.refused.into_iter();
        refused.extend(told.map(|(place, field, detail)| RefusedProduct { index: at(place), field, detail }));
    }
    refused.sort_by_key(|refused| refused.index);
    Ok(serde_json::to_value(ProductsAnswer { accepted, refused, changed, products })?)
}

/// `DELETE …/products`: these are not sold any more.
pub async fn remove(request: &mut Request, env: &Env, shop: &ShopKey) -> Result<Json> {
    let Ids { ids } = body(request, MOST_BYTES).await?;
    few(ids.len(), "ids")?;
    let heard: Heard = call::learner(env, shop, &LearnerCall::Remove { ids }).await?;
    Ok(json!({ "changed": heard.changed, "products": heard.products }))
}

/// `GET …/products?after=…`: a page of products in the order of their ids, with what each source says.
pub async fn list(env: &Env, shop: &ShopKey, url: &str) -> Result<Json> {
    let after = parameter(url, "after").unwrap_or_default();
    call::learner(env, shop, &LearnerCall::Products { after, most: PAGE }).await
}

/// `GET …/products/{id}`: one of them, by its id or that of a variant.
pub async fn one(env: &Env, shop: &ShopKey, part: &str) -> Result<Json> {
    call::learner(env, shop, &LearnerCall::Product { id: decoded(part) }).await
}

fn few(count: usize, field: &str) -> Result<()> {
    if count > MOST_PRODUCTS {
        return Err(Rejected::field(field, format!("{count}; expected at most {MOST_PRODUCTS} at a time")).into());
    }
    Ok(())
}

/// Reads one product; what is wrong with it is named by its field.
fn read(text: &str) -> core::result::Result<Said, (String, String)> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let said: Said = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let detail = error.inner().to_string();
        (field_at_fault(&error.path().to_string(), &detail), detail)
    })?;
    Ok(said)
}

/// A parameter of an address's query, decoded; nothing where it is empty.
pub fn parameter(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let mut pairs = worker::url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).filter(|value| !value.is_empty())
}

/// A part of a path, decoded.
fn decoded(part: &str) -> String {
    let pairs = format!("part={}", part.replace('+', "%2B"));
    worker::url::form_urlencoded::parse(pairs.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}
