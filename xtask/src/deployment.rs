//! Talking to a running edge, local or remote.

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::time::Duration;
use ureq::http::Response;
use ureq::{Agent, Body};

/// An edge at an address.
pub struct Deployment {
    url: String,
    agent: Agent,
}

/// A shop that has just been made. The token is not told again.
#[derive(Debug, Serialize, Deserialize)]
pub struct NewShop {
    /// Stands in the script tag.
    pub key: String,
    /// Opens the admin API.
    pub admin_token: String,
}

/// A shop to be made.
#[derive(Debug, Serialize)]
pub struct ShopWish<'a> {
    /// What merchants call it.
    pub name: &'a str,
    /// Where its pages are.
    pub origins: &'a [String],
    /// How many shard objects it starts with.
    pub objects: u16,
}

impl Deployment {
    /// The edge at `url`, such as `https://rapport.example.com`.
    pub fn at(url: &str) -> Self {
        let config =
            Agent::config_builder().timeout_global(Some(Duration::from_mins(1))).http_status_as_error(false).build();
        Self { url: url.trim_end_matches('/').to_owned(), agent: config.into() }
    }

    /// Whether it answers.
    pub fn is_up(&self) -> bool {
        self.get("/health").is_ok_and(|answer| answer.status().is_success())
    }

    /// The version that a shop's pages show; `None` if the edge does not know the shop.
    pub fn live_version(&self, key: &str) -> Result<Option<String>> {
        #[derive(Deserialize)]
        struct Pointer {
            version: String,
        }
        let answer = self.get(&format!("/v1/shops/{key}/pointer"))?;
        if answer.status().as_u16() == 404 {
            return Ok(None);
        }
        let pointer: Pointer = serde_json::from_str(&expect(answer)?)?;
        Ok(Some(pointer.version))
    }

    /// Makes a shop, as the owner of the deployment.
    pub fn create_shop(&self, owner_token: &str, wish: &ShopWish) -> Result<NewShop> {
        let answer = self.post("/owner/v1/shops", owner_token, &serde_json::to_string(wish)?)?;
        serde_json::from_str(&answer).context("the edge's answer to a new shop")
    }

    /// Connects the shop's own server, or exchanges what it signs with, and gives that secret.
    pub fn connect_server(&self, key: &str, admin_token: &str) -> Result<String> {
        #[derive(serde::Deserialize)]
        struct Connected {
            secret: String,
        }
        let url = format!("{}/admin/v1/shops/{key}/hooks/generic", self.url);
        let request = self.agent.put(&url).header("authorization", format!("Bearer {admin_token}"));
        let sent = request.content_type("application/json").send("{}").with_context(|| format!("PUT {url}"))?;
        let answer = expect(sent).with_context(|| format!("PUT {url}"))?;
        let Connected { secret } = serde_json::from_str(&answer).context("the edge's answer to a connected server")?;
        Ok(secret)
    }

    /// Makes a release the live one.
    pub fn publish(&self, key: &str, admin_token: &str, document: &str) -> Result<()> {
        self.post(&format!("/admin/v1/shops/{key}/versions"), admin_token, document)?;
        Ok(())
    }

    /// Sends a file of customers or orders, and returns what became of its lines.
    pub fn import(&self, key: &str, admin_token: &str, query: &[(&str, String)], file: &[u8]) -> Result<String> {
        let url = format!("{}/admin/v1/shops/{key}/import", self.url);
        let request = self.agent.post(&url).header("authorization", format!("Bearer {admin_token}"));
        let request = query.iter().fold(request, |request, (name, value)| request.query(name, value));
        let sent = request.content_type("text/plain").send(file).with_context(|| format!("POST {url}"))?;
        expect(sent).with_context(|| format!("POST {url}"))
    }

    /// Sets runs of a journey that are under way on the live version, or says what would become of them.
    pub fn migrate(&self, key: &str, admin_token: &str, journey: &str, wish: &str) -> Result<String> {
        self.post(&format!("/admin/v1/shops/{key}/journeys/{journey}/migrate"), admin_token, wish)
    }

    /// How far that has come.
    pub fn migration(&self, key: &str, admin_token: &str, journey: &str) -> Result<String> {
        self.read(&format!("/admin/v1/shops/{key}/journeys/{journey}/migrate"), admin_token, &[])
    }

    /// The live version's name and configuration, as publishing made it.
    pub fn live_config(&self, key: &str, admin_token: &str) -> Result<String> {
        self.read(&format!("/admin/v1/shops/{key}/versions/live"), admin_token, &[])
    }

    /// A page of the log of one of the shop's objects: whole people, after those of the page before.
    pub fn log_page(&self, key: &str, admin_token: &str, object: u16, after: Option<&str>) -> Result<String> {
        let mut query = vec![("object", object.to_string())];
        query.extend(after.map(|after| ("after", after.to_owned())));
        self.read(&format!("/admin/v1/shops/{key}/log"), admin_token, &query)
    }

    fn read(&self, path: &str, token: &str, query: &[(&str, String)]) -> Result<String> {
        let url = format!("{}{path}", self.url);
        let request = self.agent.get(&url).header("authorization", format!("Bearer {token}"));
        let request = query.iter().fold(request, |request, (name, value)| request.query(name, value));
        let answer = request.call().with_context(|| format!("GET {url}"))?;
        expect(answer).with_context(|| format!("GET {url}"))
    }

    fn get(&self, path: &str) -> Result<Response<Body>> {
        let url = format!("{}{path}", self.url);
        self.agent.get(&url).call().with_context(|| format!("GET {url}"))
    }

    fn post(&self, path: &str, token: &str, body: &str) -> Result<String> {
        let url = format!("{}{path}", self.url);
        let request = self.agent.post(&url).header("authorization", format!("Bearer {token}"));
        let sent = request.content_type("application/json").send(body).with_context(|| format!("POST {url}"))?;
        expect(sent).with_context(|| format!("POST {url}"))
    }
}

/// The largest answer that is read, in bytes.
const LARGEST: u64 = 256 << 20;

/// The body of a success; a refusal becomes an error that says what the edge said.
fn expect(mut answer: Response<Body>) -> Result<String> {
    let status = answer.status();
    let body = answer.body_mut().with_config().limit(LARGEST).read_to_string();
    if !status.is_success() {
        bail!("{status}{}", told(&body.unwrap_or_default()));
    }
    body.context("reading the answer")
}

/// A problem document in words; anything else as it is.
fn told(body: &str) -> String {
    #[derive(Deserialize)]
    struct Problem {
        title: String,
        detail: Option<String>,
        field: Option<String>,
        #[serde(default)]
        errors: Vec<FieldError>,
    }
    #[derive(Deserialize)]
    struct FieldError {
        field: String,
        detail: Option<String>,
    }
    let Ok(problem) = serde_json::from_str::<Problem>(body) else {
        return format!(": {}", body.chars().take(500).collect::<String>());
    };
    let mut text = format!(": {}", problem.title);
    if let Some(detail) = problem.detail {
        let _ = write!(text, ": {detail}");
    }
    if let Some(field) = problem.field {
        let _ = write!(text, " (in `{field}`)");
    }
    for error in problem.errors {
        let _ = write!(text, "\n  {}: {}", error.field, error.detail.unwrap_or_default());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn a_problem_document_is_told_in_words() {
        let body =
            r#"{"type":"about:blank","title":"Not valid","status":422,"detail":"the name is empty","field":"name"}"#;
        assert_eq!(told(body), ": Not valid: the name is empty (in `name`)");
    }

    #[test]
    fn what_is_no_problem_document_is_shown_as_it_is() {
        assert_eq!(told("<h1>502</h1>"), ": <h1>502</h1>");
    }
}
