//! Shop systems in which codes are made ahead, by their published interfaces.
//!
//! Codes are drawn and kept before a system hears of them, so a request that nobody knows the fate of is
//! made again with the same codes: what is there already was made the first time.

mod shopify;
mod woocommerce;

use std::time::Duration;

use domain::offer::System;
use domain::time::{Span, Timestamp};
use futures_util::future::{Either, select};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use worker::{AbortController, Delay, Fetch, Headers, Method, Request, RequestInit};

/// Where a system is, and what opens it. Sealed at rest.
#[derive(Clone, Serialize, Deserialize)]
pub struct Opens {
    /// Scheme and host, such as `https://example.myshopify.com`.
    pub address: String,
    /// `WooCommerce`'s consumer key; Shopify has none.
    pub key: String,
    /// Shopify's access token, `WooCommerce`'s consumer secret.
    pub secret: String,
}

/// Never what opens it.
impl core::fmt::Debug for Opens {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Opens({}, …)", self.address)
    }
}

/// How far making an offer's codes has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The system's id for the discount that the codes belong to.
    pub discount: Option<String>,
    /// The system's id for the making that is under way.
    pub bulk: Option<String>,
}

/// Codes to be made.
pub struct Wanted<'a> {
    /// The offer.
    pub offer: &'a str,
    /// Percent off.
    pub percent: u8,
    /// The codes, at most [`AT_A_TIME`].
    pub codes: &'a [String],
    /// They were sent before, and nobody knows what became of that.
    pub tried: bool,
    /// When.
    pub now: Timestamp,
}

/// How many codes are made at a time: as many as `WooCommerce` takes in a batch.
pub const AT_A_TIME: usize = 100;

/// What came of a step.
#[derive(Debug)]
pub struct Came {
    pub progress: Progress,
    /// These are there now.
    pub made: Vec<String>,
    /// These never will be, and why.
    pub refused: Vec<(String, String)>,
    pub next: Next,
}

/// How it goes on.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// With the next step.
    Now,
    /// When the system had some time.
    After(Span),
    /// It was not taken now: why, and how long the system wants to be left alone.
    Later(String, Option<Span>),
    /// It is not taken as things are: somebody has to do something.
    Never(String),
}

impl Came {
    fn next(progress: &Progress, next: Next) -> Self {
        Self { progress: progress.clone(), made: Vec::new(), refused: Vec::new(), next }
    }
}

/// Takes the next step in making codes.
pub async fn make(system: System, opens: &Opens, wanted: &Wanted<'_>, progress: &Progress) -> Came {
    let came = match system {
        System::Shopify => shopify::make(opens, wanted, progress).await,
        System::WooCommerce => woocommerce::make(opens, wanted, progress).await,
    };
    came.unwrap_or_else(|next| Came::next(progress, next))
}

/// How long a system may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Posts JSON and reads the JSON that comes back. What is no answer says how to go on.
async fn post(url: &str, headers: &[(&str, &str)], body: &Json) -> Result<Json, Next> {
    let request = || -> worker::Result<Request> {
        let all = Headers::new();
        all.set("content-type", "application/json")?;
        all.set("accept", "application/json")?;
        for (name, value) in headers {
            all.set(name, value)?;
        }
        let mut init = RequestInit::new();
        init.with_method(Method::Post).with_headers(all).with_body(Some(body.to_string().as_str().into()));
        Request::new_with_init(url, &init)
    };
    let request = request().map_err(|error| Next::Never(format!("the request could not be made: {error}")))?;
    let abort = AbortController::default();
    let signal = abort.signal();
    let fetch = Fetch::Request(request);
    let exchange = async {
        let mut response = fetch.send_with_signal(&signal).await?;
        let wait = response.headers().get("retry-after")?.and_then(|text| text.trim().parse::<f64>().ok());
        Ok::<_, worker::Error>((response.status_code(), wait, response.text().await?))
    };
    let (status, wait, text) = match select(Box::pin(exchange), Box::pin(Delay::from(PATIENCE))).await {
        Either::Left((Ok(answer), _)) => answer,
        Either::Left((Err(error), _)) => return Err(Next::Later(format!("no answer: {error}"), None)),
        Either::Right(_) => {
            abort.abort();
            return Err(Next::Later(format!("no answer within {} seconds", PATIENCE.as_secs()), None));
        }
    };
    #[allow(clippy::cast_possible_truncation)] // between a moment and an hour
    let wait = wait.filter(|s| s.is_finite()).map(|s| Span((s.clamp(0.5, 3_600.0) * 1_000.0) as i64));
    match status {
        200..=299 => serde_json::from_str(&text)
            .map_err(|_| Next::Later(format!("{status}, and {} bytes that are no JSON", text.len()), None)),
        408 | 429 | 500..=599 => Err(Next::Later(format!("{status}{}", said(&text)), wait)),
        _ => Err(Next::Never(format!("{status}{}", said(&text)))),
    }
}

/// What a system said of a mistake, shortened.
fn said(text: &str) -> String {
    let json: Option<Json> = serde_json::from_str(text).ok();
    let said = json.as_ref().and_then(|json| json.get("message").or_else(|| json.get("errors")));
    said.map_or_else(String::new, |said| {
        let said = said.as_str().map_or_else(|| said.to_string(), str::to_owned);
        format!(": {}", said.chars().take(200).collect::<String>())
    })
}
