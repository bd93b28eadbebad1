//! An HTTP relay: the message is posted as it is (`message/rfc822`), with the envelope in headers.
//! For shops whose mail leaves through a service of their own.
//!
//! The relay answers 2xx when it has taken the message (the body's first line may name it), 408,
//! 429 or 5xx when it has not and may later, any other status when it never will. It gets the
//! claim as `Idempotency-Key`.

use std::time::Duration;

use futures_util::future::{Either, select};
use worker::{AbortController, Delay, Fetch, Headers, Method, Request, RequestInit};

use super::{Outcome, short};
use crate::shard::Outgoing;
use domain::address::without_addresses;

/// See the module's description.
pub struct Relay {
    pub url: String,
    pub token: Option<String>,
}

/// How long a relay may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

impl Relay {
    pub async fn send(&self, message: &Outgoing, claim: &str) -> Outcome {
        let request = match self.request(message, claim) {
            Ok(request) => request,
            // Nothing was sent: the relay's address or a header is wrong.
            Err(error) => {
                return Outcome::Refused { detail: format!("the request could not be made: {error}"), for_now: true };
            }
        };
        let abort = AbortController::default();
        let signal = abort.signal();
        let fetch = Fetch::Request(request);
        let exchange = async {
            let mut response = fetch.send_with_signal(&signal).await?;
            let said = response.text().await.unwrap_or_default();
            Ok::<_, worker::Error>((response.status_code(), said))
        };
        let patience = Box::pin(Delay::from(PATIENCE));
        let (status, said) = match select(Box::pin(exchange), patience).await {
            Either::Left((Ok(answer), _)) => answer,
            Either::Left((Err(error), _)) => return Outcome::Unknown(short(&format!("no answer: {error}"))),
            Either::Right(_) => {
                abort.abort();
                return Outcome::Unknown(format!("no answer within {} seconds", PATIENCE.as_secs()));
            }
        };
        let said = said.lines().next().unwrap_or_default();
        let refused =
            |for_now| Outcome::Refused { detail: format!("{status} {}", short(&without_addresses(said))), for_now };
        match status {
            // The name of the message can have an @ in it, the shopper's address must not stay.
            200..=299 if said.to_ascii_lowercase().contains(&message.to) => {
                Outcome::Accepted(short(&without_addresses(said)))
            }
            200..=299 => Outcome::Accepted(short(said)),
            408 | 429 | 500..=599 => refused(true),
            _ => refused(false),
        }
    }

    fn request(&self, message: &Outgoing, claim: &str) -> worker::Result<Request> {
        let headers = Headers::new();
        headers.set("content-type", "message/rfc822")?;
        headers.set("idempotency-key", claim)?;
        headers.set("x-envelope-from", &message.from)?;
        headers.set("x-envelope-to", &message.to)?;
        if let Some(token) = &self.token {
            headers.set("authorization", &format!("Bearer {token}"))?;
        }
        let mut init = RequestInit::new();
        init.with_method(Method::Post).with_headers(headers).with_body(Some(message.body.as_str().into()));
        Request::new_with_init(&self.url, &init)
    }
}
