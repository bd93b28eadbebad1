//! The two kinds of errors: the caller's, which it is told, and ours, which is logged.

use domain::form::FieldError;
use domain::id::hex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use worker::{Response, console_error};

use crate::secrets::random;

/// Either kind.
#[derive(Debug)]
pub enum Error {
    /// The caller can do something about it.
    Rejected(Box<Rejected>),
    /// The caller cannot.
    Failed(Failed),
}

/// What comes out of most functions here.
pub type Result<T> = core::result::Result<T, Error>;

/// The caller's error: a 4xx that names the field and the way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub struct Rejected {
    /// HTTP status, 400 to 499.
    pub status: u16,
    /// What is wrong, in a few words that are the same each time.
    pub title: String,
    /// What is wrong this time and what is expected.
    pub detail: String,
    /// The field at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Complaints about the fields of a form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Seconds to wait before trying again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
    /// The methods that would be answered; goes into a header.
    #[serde(skip)]
    pub allow: Option<String>,
}

impl Rejected {
    /// A refusal without a field.
    pub fn new(status: u16, title: &str, detail: impl Into<String>) -> Self {
        Self {
            status,
            title: title.to_owned(),
            detail: detail.into(),
            field: None,
            errors: Vec::new(),
            retry_after: None,
            allow: None,
        }
    }

    /// 400, about one field.
    pub fn field(field: &str, detail: impl Into<String>) -> Self {
        Self { field: Some(field.to_owned()), ..Self::new(400, "A field is wrong", detail) }
    }

    /// 404.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(404, "Not found", detail)
    }

    /// 429: come back later.
    pub fn too_many(detail: impl Into<String>, retry_after: u32) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(429, "Too many requests", detail) }
    }

    /// No shop has this key.
    pub fn unknown_shop() -> Self {
        Self {
            field: Some("shop".into()),
            ..Self::not_found("no shop has this public key; it stands in the script tag")
        }
    }
}

/// Our own error. `doing` and `cause` are logged and must not hold personal data.
#[derive(Debug)]
pub struct Failed {
    doing: &'static str,
    cause: String,
}

impl Failed {
    /// What was being done and what went wrong.
    pub fn new(doing: &'static str, cause: impl core::fmt::Display) -> Self {
        Self { doing, cause: cause.to_string() }
    }
}

impl core::fmt::Display for Failed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}: {}", self.doing, self.cause)
    }
}

impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Rejected(rejected) => write!(f, "{}: {}", rejected.title, rejected.detail),
            Self::Failed(failed) => failed.fmt(f),
        }
    }
}

impl From<Rejected> for Error {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(Box::new(rejected))
    }
}

impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed)
    }
}

impl From<worker::Error> for Error {
    fn from(error: worker::Error) -> Self {
        Self::Failed(Failed::new("calling the platform", error))
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Failed(Failed::new("reading what we wrote", error))
    }
}

/// The platform's name for a request (its `cf-ray`), or one of our own: what a shop can tell us when
/// something went wrong.
pub fn request_id(given: Option<String>) -> String {
    given.unwrap_or_else(|| random::<6>().map(|bytes| hex(&bytes)).unwrap_or_default())
}

#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    rejected: &'a Rejected,
    request_id: &'a str,
}

/// The error as `application/problem+json` (RFC 9457). Ours is logged with the request's id and
/// says nothing else to the caller. `origin` may read it: the error holds nothing of the shop.
pub fn respond(error: &Error, request_id: &str, origin: Option<&str>) -> worker::Result<Response> {
    let failed;
    let rejected = match error {
        Error::Rejected(rejected) => rejected,
        Error::Failed(cause) => {
            console_error!("{request_id} failed {cause}");
            failed = Rejected::new(
                500,
                "Something went wrong on our side",
                "try again; if it stays, tell the shop this request id",
            );
            &failed
        }
    };
    let body = serde_json::to_vec(&Problem { r#type: "about:blank", rejected, request_id })?;
    let mut builder = Response::builder()
        .with_status(rejected.status)
        .with_header("content-type", "application/problem+json")?
        .with_header("cache-control", "no-store")?
        .with_header("access-control-allow-origin", origin.unwrap_or("*"))?;
    if let Some(methods) = &rejected.allow {
        builder = builder.with_header("allow", methods)?;
    }
    if let Some(seconds) = rejected.retry_after {
        builder = builder
            .with_header("retry-after", &seconds.to_string())?
            .with_header("access-control-expose-headers", "retry-after")?;
    }
    Ok(builder.fixed(body))
}
