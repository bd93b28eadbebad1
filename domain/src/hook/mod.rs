//! The shop's server speaks: signed webhooks, in our own form and in those of others.
//!
//! [`hear`] checks a signature over the raw body and reads what it says into [`Statement`]s. These are
//! folds ([`OrderRecord`], [`CustomerRecord`]): whoever joins them in any order of arrival, repeated
//! or not, comes to the same facts. Nothing of a body is believed, or even parsed, before its
//! signature holds.

pub(crate) mod generic;
mod reading;
mod shopify;
mod signature;
mod stripe;
pub(crate) mod told;
mod when;
pub mod wire;
mod woocommerce;

pub use signature::{Secrets, verify};
pub use woocommerce::is_ping;

use core::str::FromStr;
use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::address::Email;
use crate::customer::CustomerRecord;
use crate::id::{Malformed, hex};
use crate::order::OrderRecord;
use crate::phone::{CallingCode, Phone};
use crate::time::{Span, Timestamp};

/// The longest body that is read, in bytes.
pub const MOST_BYTES: usize = 256 * 1024;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The shop's own server, in the form of [`wire`].
    Generic,
    /// Shopify's webhooks.
    Shopify,
    /// WooCommerce's webhooks.
    WooCommerce,
    /// Stripe's events.
    Stripe,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Generic, Self::Shopify, Self::WooCommerce, Self::Stripe];

    /// As it stands in addresses and ids.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::Shopify => "shopify",
            Self::WooCommerce => "woocommerce",
            Self::Stripe => "stripe",
        }
    }

    /// The headers that are read of a request: its signature and, where the body does not say it, what it
    /// is about.
    pub const fn headers(self) -> &'static [&'static str] {
        match self {
            Self::Generic => &["Rapport-Signature"],
            Self::Shopify => &[
                "X-Shopify-Hmac-Sha256",
                "X-Shopify-Topic",
                "X-Shopify-Shop-Domain",
                "X-Shopify-Webhook-Id",
                "X-Shopify-Event-Id",
                "X-Shopify-Triggered-At",
            ],
            Self::WooCommerce => &["X-WC-Webhook-Signature", "X-WC-Webhook-Topic", "X-WC-Webhook-Delivery-ID"],
            Self::Stripe => &["Stripe-Signature"],
        }
    }
}

impl FromStr for Source {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let named = Self::ALL.into_iter().find(|source| source.as_str() == text);
        named.ok_or(Malformed("expected generic, shopify, woocommerce or stripe"))
    }
}

/// A request's headers, found by name in either case.
pub trait Headers {
    /// The first header of this name.
    fn header(&self, name: &str) -> Option<Cow<'_, str>>;
}

impl<N: AsRef<str>, V: AsRef<str>> Headers for [(N, V)] {
    fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.iter().find(|(n, _)| n.as_ref().eq_ignore_ascii_case(name)).map(|(_, v)| Cow::Borrowed(v.as_ref()))
    }
}

impl<N: AsRef<str>, V: AsRef<str>, const LEN: usize> Headers for [(N, V); LEN] {
    fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.as_slice().header(name)
    }
}

impl<N: AsRef<str>, V: AsRef<str>> Headers for Vec<(N, V)> {
    fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.as_slice().header(name)
    }
}

/// What reading needs to know beside the request.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// The edge's clock when the request arrived.
    pub now: Timestamp,
    /// The country whose telephone numbers are meant where they lack one.
    pub calling_code: Option<CallingCode>,
}

/// One thing that the shop's server said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The same for the same statement, however often it arrives.
    pub id: String,
    /// When what it tells of happened, by the speaker's clock.
    pub at: Timestamp,
    /// What it says.
    pub says: Says,
}

/// What can be said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// Of a customer; also that the shop deleted one.
    Customer(Box<CustomerRecord>),
    /// Of an order: one part of the whole, or all that is known.
    Order(Box<OrderRecord>),
    /// What data protection asks of us.
    Privacy(Privacy),
}

/// What a platform asks in the name of data protection (Shopify, "mandatory compliance webhooks").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Privacy {
    /// A customer wants to know what is kept.
    DataRequest {
        /// The platform's number for the request.
        request: String,
        /// Whose data.
        subject: Subject,
        /// The shop's ids of orders it is about.
        orders: Vec<String>,
    },
    /// A customer's data must go.
    CustomerRedact {
        /// Whose data.
        subject: Subject,
        /// The shop's ids of orders that must go.
        orders: Vec<String>,
    },
    /// The shop left two days ago: all its data must go.
    ShopRedact {
        /// The shop's domain at the platform.
        shop: String,
    },
}

/// A person as a platform names one. At least one field is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The shop's id for the customer.
    pub id: Option<String>,
    /// The e-mail address.
    pub email: Option<Email>,
    /// The telephone number.
    pub phone: Option<Phone>,
}

/// What was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Facts.
    Statements(Vec<Statement>),
    /// Nothing that concerns us, and why; answered like facts, so that it is not sent again.
    Nothing(&'static str),
}

/// Why a request is refused: always the caller's doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// 400 what cannot be read, 401 what is not signed rightly, 413 what is too long.
    pub status: u16,
    /// The header, or the field such as `order.items[0].price`; empty when it is the body as a whole.
    pub field: String,
    /// What is wrong and what is expected.
    pub detail: String,
}

impl Refused {
    pub(crate) fn unreadable(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { status: 400, field: field.into(), detail: detail.into() }
    }
}

/// Checks the signature and reads what is said.
pub fn hear(
    source: Source,
    headers: &dyn Headers,
    body: &[u8],
    secrets: &Secrets,
    context: &Context,
) -> Result<Heard, Refused> {
    if source == Source::WooCommerce && is_ping(body) {
        return Ok(Heard::Nothing("a ping"));
    }
    verify(source, headers, body, secrets, context.now)?;
    read(source, headers, body, context)
}

/// Makes sure that a body whose signature holds is about the shop that is connected, whose domain at the
/// platform is `domain`: one Shopify app signs for every shop that has it with the same secret.
pub fn is_about(source: Source, headers: &dyn Headers, body: &[u8], domain: Option<&str>) -> Result<(), Refused> {
    if source == Source::Shopify { shopify::is_about(headers, body, domain) } else { Ok(()) }
}

/// A host name as platforms write a shop's domain: `driftmoor.myshopify.com`.
pub fn host_name(text: &str) -> Option<String> {
    let host = text.trim().to_ascii_lowercase();
    let fits = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    (host.len() <= 253 && host.contains('.') && host.split('.').all(fits)).then_some(host)
}

/// Reads what is said by a body whose signature holds.
pub fn read(source: Source, headers: &dyn Headers, body: &[u8], context: &Context) -> Result<Heard, Refused> {
    if body.len() > MOST_BYTES {
        let detail = format!("{} bytes in one request; at most {MOST_BYTES} are read", body.len());
        return Err(Refused { status: 413, field: String::new(), detail });
    }
    match source {
        Source::Generic => generic::read(body, context),
        Source::Shopify => shopify::read(headers, body, context),
        Source::WooCommerce => woocommerce::read(headers, body, context),
        Source::Stripe => stripe::read(body, context),
    }
}

/// How far ahead of the edge's clock a speaker's may be. Beyond, its word would count as the last for ever.
const AHEAD: Span = Span::days(1);
/// 1990-01-01: no shop on the web is older.
const OLDEST: Timestamp = Timestamp(631_152_000_000);

/// Refuses moments that no clock in use shows.
pub(crate) fn plausible(field: &str, at: Timestamp, now: Timestamp) -> Result<Timestamp, Refused> {
    if (OLDEST..=now + AHEAD).contains(&at) {
        Ok(at)
    } else {
        Err(Refused::unreadable(field, "expected a moment between 1990 and now"))
    }
}

/// Statements of one body, each with its own id.
fn statements(id: &str, said: impl IntoIterator<Item = (Timestamp, Says)>) -> Heard {
    let number = |(n, (at, says))| {
        let id = if n == 0 { id.to_owned() } else { format!("{id}/{n}") };
        Statement { id, at, says }
    };
    Heard::Statements(said.into_iter().enumerate().map(number).collect())
}

/// A short name for a text that is the same only for the same text.
pub(crate) fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hex(hash.finalize().get(..16).unwrap_or_default())
}
