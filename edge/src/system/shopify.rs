//! Shopify: one discount for an offer, to which codes are added in bulk.
//!
//! GraphQL Admin API (shopify.dev/docs/api/admin-graphql): `discountCodeBasicCreate` makes the discount with its
//! first code, `discountRedeemCodeBulkAdd` adds more, which takes place later; the query
//! `discountRedeemCodeBulkCreation` says how far that is. `usageLimit` holds for each code. Needs the scopes
//! `write_discounts` and `read_discounts`. A code that is taken says `TAKEN`; whether it is one of ours,
//! `codeDiscountNodeByCode` tells. A throttled call is answered with 429, or with 200 and the error `THROTTLED`.

use domain::time::Span;
use serde_json::{Map, Value as Json, json};

use super::{Came, Next, Opens, Progress, Wanted, post};

/// The version of the interface, which Shopify keeps for a year and then answers as the oldest it has.
const VERSION: &str = "2026-01";
/// How long a bulk creation is left alone before it is asked about.
const PAUSE: Span = Span::seconds(1);

const CREATE: &str = "mutation discountCodeBasicCreate($basicCodeDiscount: DiscountCodeBasicInput!) { discountCodeBasicCreate(basicCodeDiscount: $basicCodeDiscount) { codeDiscountNode { id } userErrors { field code message } } }";
const ADD: &str = "mutation discountRedeemCodeBulkAdd($discountId: ID!, $codes: [DiscountRedeemCodeInput!]!) { discountRedeemCodeBulkAdd(discountId: $discountId, codes: $codes) { bulkCreation { id } userErrors { field code message } } }";
const ASK: &str = "query discountRedeemCodeBulkCreation($id: ID!) { discountRedeemCodeBulkCreation(id: $id) { done codes(first: 250) { nodes { code discountRedeemCode { id } errors { code message } } } } }";

pub async fn make(opens: &Opens, wanted: &Wanted<'_>, progress: &Progress) -> Result<Came, Next> {
    // Codes of another percentage belong to another discount.
    let own = progress.discount.as_deref().and_then(|known| known.strip_prefix(&format!("{}:", wanted.percent)));
    match (own, &progress.bulk) {
        (None, _) => begin(opens, wanted).await,
        (Some(discount), None) => add(opens, wanted, discount, progress).await,
        (Some(discount), Some(bulk)) => look(opens, wanted, discount, bulk, progress).await,
    }
}

/// Makes the discount with the first of the codes.
async fn begin(opens: &Opens, wanted: &Wanted<'_>) -> Result<Came, Next> {
    let Some(first) = wanted.codes.first() else { return Ok(Came::next(&Progress::default(), Next::Now)) };
    let variables = json!({ "basicCodeDiscount": {
        "title": format!("Rapport: {}, {} %", wanted.offer, wanted.percent),
        "code": first,
        "startsAt": domain::message::rfc3339(wanted.now),
        "usageLimit": 1,
        "context": { "all": "ALL" },
        "customerGets": { "value": { "percentage": f64::from(wanted.percent) / 100.0 }, "items": { "all": true } },
    } });
    let answer = ask(opens, CREATE, variables).await?;
    let made = answer.pointer("/discountCodeBasicCreate/codeDiscountNode/id").and_then(Json::as_str);
    let id = match (made, mistake(&answer, "discountCodeBasicCreate")) {
        (Some(id), _) => id.to_owned(),
        // Made at the first attempt, whose answer was lost.
        (None, Some((code, _))) if code == "TAKEN" && wanted.tried => {
            let (_, id) = owners(opens, core::slice::from_ref(first)).await?.pop().unwrap_or_default();
            id.ok_or_else(|| Next::Later("a code that is taken and belongs to no discount".into(), None))?
        }
        (None, Some((_, message))) => return Err(Next::Never(message)),
        (None, None) => return Err(Next::Later("an answer without a discount".into(), None)),
    };
    let progress = Progress { discount: Some(format!("{}:{id}", wanted.percent)), bulk: None };
    Ok(Came { made: vec![first.clone()], ..Came::next(&progress, Next::Now) })
}

/// Adds the codes to the discount.
async fn add(opens: &Opens, wanted: &Wanted<'_>, discount: &str, progress: &Progress) -> Result<Came, Next> {
    let codes: Vec<Json> = wanted.codes.iter().map(|code| json!({ "code": code })).collect();
    let answer = ask(opens, ADD, json!({ "discountId": discount, "codes": codes })).await?;
    if let Some((_, message)) = mistake(&answer, "discountRedeemCodeBulkAdd") {
        return Err(Next::Never(message));
    }
    let bulk = answer.pointer("/discountRedeemCodeBulkAdd/bulkCreation/id").and_then(Json::as_str);
    let bulk = bulk.ok_or_else(|| Next::Later("an answer without a bulk creation".into(), None))?;
    Ok(Came::next(&Progress { bulk: Some(bulk.to_owned()), ..progress.clone() }, Next::After(PAUSE)))
}

/// Looks how far the adding has come.
async fn look(
    opens: &Opens,
    wanted: &Wanted<'_>,
    discount: &str,
    bulk: &str,
    progress: &Progress,
) -> Result<Came, Next> {
    let answer = ask(opens, ASK, json!({ "id": bulk })).await?;
    let over = Progress { bulk: None, ..progress.clone() };
    let Some(creation) = answer.get("discountRedeemCodeBulkCreation").filter(|found| !found.is_null()) else {
        // It is not known any more: added again, what is there is found to be there.
        return Ok(Came::next(&over, Next::Now));
    };
    if creation.get("done").and_then(Json::as_bool) != Some(true) {
        return Ok(Came::next(progress, Next::After(PAUSE)));
    }
    let mut came = Came::next(&over, Next::Now);
    let mut taken = Vec::new();
    for node in creation.pointer("/codes/nodes").and_then(Json::as_array).into_iter().flatten() {
        let Some(code) = node.get("code").and_then(Json::as_str) else { continue };
        let Some(code) = wanted.codes.iter().find(|wanted| wanted.eq_ignore_ascii_case(code)) else { continue };
        if node.get("discountRedeemCode").is_some_and(|made| !made.is_null()) {
            came.made.push(code.clone());
            continue;
        }
        let error = node.pointer("/errors/0");
        let said = |field: &str| error.and_then(|error| error.get(field)).and_then(Json::as_str);
        if said("code") == Some("TAKEN") {
            taken.push(code.clone());
        } else {
            came.refused.push((code.clone(), said("message").unwrap_or("refused").chars().take(200).collect()));
        }
    }
    // Taken by ourselves, at an attempt whose answer was lost; or by somebody else.
    for (code, owner) in owners(opens, &taken).await? {
        match owner {
            Some(owner) if owner == discount => came.made.push(code),
            _ => came.refused.push((code, "another discount has this code".into())),
        }
    }
    Ok(came)
}

/// The discounts that some codes belong to.
async fn owners(opens: &Opens, codes: &[String]) -> Result<Vec<(String, Option<String>)>, Next> {
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<String> = (0..codes.len()).map(|n| format!("c{n}")).collect();
    let declared = names.iter().map(|name| format!("${name}: String!")).collect::<Vec<_>>().join(", ");
    let asked = names.iter().map(|name| format!("{name}: codeDiscountNodeByCode(code: ${name}) {{ id }}"));
    let query = format!("query owners({declared}) {{ {} }}", asked.collect::<Vec<_>>().join(" "));
    let variables: Map<String, Json> = names.iter().cloned().zip(codes.iter().map(|code| json!(code))).collect();
    let answer = ask(opens, &query, Json::Object(variables)).await?;
    let owner = |name: &str| answer.get(name).and_then(|node| node.get("id")).and_then(Json::as_str).map(str::to_owned);
    Ok(codes.iter().cloned().zip(names.iter().map(|name| owner(name))).collect())
}

/// Asks, and gives what stands under `data`.
async fn ask(opens: &Opens, query: &str, variables: Json) -> Result<Json, Next> {
    let url = format!("{}/admin/api/{VERSION}/graphql.json", opens.address);
    let body = json!({ "query": query, "variables": variables });
    let mut answer = post(&url, &[("x-shopify-access-token", opens.secret.as_str())], &body).await?;
    let errors = answer.get("errors").and_then(Json::as_array).filter(|errors| !errors.is_empty());
    if let Some(errors) = errors {
        let throttled = |error: &Json| error.pointer("/extensions/code").and_then(Json::as_str) == Some("THROTTLED");
        if errors.iter().any(throttled) {
            return Err(Next::Later("throttled".into(), None));
        }
        let said = errors.first().and_then(|error| error.get("message")).and_then(Json::as_str).unwrap_or("an error");
        return Err(Next::Never(said.chars().take(200).collect()));
    }
    Ok(answer.get_mut("data").map(Json::take).unwrap_or_default())
}

/// What was wrong with what we said: code and message.
fn mistake(answer: &Json, field: &str) -> Option<(String, String)> {
    let error = answer.get(field)?.get("userErrors")?.as_array()?.first()?;
    let said = |name: &str| error.get(name).and_then(Json::as_str).unwrap_or_default().chars().take(200).collect();
    Some((said("code"), said("message")))
}
