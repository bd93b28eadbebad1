//! `WooCommerce`: a coupon for each code, in batches.
//!
//! REST API v3, "Batch update coupons" (woocommerce.github.io/woocommerce-rest-api-docs, developer.woocommerce.com):
//! `POST /wp-json/wc/v3/coupons/batch` with `create`, at most 100 objects, HTTP Basic with consumer key and
//! secret. The answer has `create` in the same order; what was not made has `error`, and one that is there
//! already says `woocommerce_rest_coupon_code_already_exists`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use super::{Came, Next, Opens, Progress, Wanted, post};

const EXISTS: &str = "woocommerce_rest_coupon_code_already_exists";

pub async fn make(opens: &Opens, wanted: &Wanted<'_>, progress: &Progress) -> Result<Came, Next> {
    let coupon = |code: &String| {
        json!({
            "code": code,
            "discount_type": "percent",
            "amount": format!("{}.00", wanted.percent),
            "usage_limit": 1,
            "description": format!("Rapport: {}", wanted.offer),
        })
    };
    let body = json!({ "create": wanted.codes.iter().map(coupon).collect::<Vec<_>>() });
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", opens.key, opens.secret)));
    let url = format!("{}/wp-json/wc/v3/coupons/batch", opens.address);
    let answer = post(&url, &[("authorization", basic.as_str())], &body).await?;
    let items = answer.get("create").and_then(Json::as_array).filter(|items| items.len() == wanted.codes.len());
    let items = items.ok_or_else(|| Next::Later("an answer without a coupon for each code".into(), None))?;
    let mut came = Came::next(progress, Next::Now);
    for (code, item) in wanted.codes.iter().zip(items) {
        match item.get("error") {
            None => came.made.push(code.clone()),
            // Made at the first attempt, whose answer was lost.
            Some(error) if wanted.tried && error.get("code").and_then(Json::as_str) == Some(EXISTS) => {
                came.made.push(code.clone());
            }
            Some(error) => {
                let said = error.get("message").and_then(Json::as_str).unwrap_or("refused");
                came.refused.push((code.clone(), said.chars().take(200).collect()));
            }
        }
    }
    Ok(came)
}
