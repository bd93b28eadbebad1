//! `POST /v1/forms/{campaign}`: the form of a popup, with or without the wasm, or without any
//! script of ours at all.

use domain::form::{FieldError, check_email, clean_name};
use domain::id::{EventId, ShopKey, VisitorId};
use domain::page::clean_page;
use domain::place::Bucket;
use schemars::JsonSchema;
use worker::url::form_urlencoded;
use worker::{Env, Request, Response};

use crate::call::{self, ShardCall, ShopCall, Submission};
use crate::pages;
use crate::problem::{Error, Rejected, Result};
use crate::public::{no_such_object, placement_hint};
use crate::secrets::Secrets;
use crate::shard::answers::FormAnswer;
use crate::shard::{network, query};

/// The longest form, in bytes.
const MOST_BYTES: usize = 16 * 1024;
/// The most ticks of one form.
const MOST_TICKS: usize = 16;

/// Takes a form in. Answers JSON to scripts and a page to browsers.
pub async fn submit(mut request: Request, env: &Env, url: &str, campaign: &str) -> Result<Response> {
    let shop: ShopKey = query(url, "shop")
        .ok_or_else(|| Rejected::field("shop", "missing; the shop's public key goes into the address"))?
        .parse()
        .map_err(|_| Rejected::unknown_shop())?;
    let headers = request.headers();
    let origin = headers.get("origin")?;
    let wants_json = headers.get("accept")?.is_some_and(|accept| accept.contains("application/json"));
    let sender = headers.get("cf-connecting-ip")?.unwrap_or_default();
    let body = request.text().await?;
    if body.len() > MOST_BYTES {
        return Err(Rejected::new(
            413,
            "The form is too long",
            format!("{} bytes; at most {MOST_BYTES} are read", body.len()),
        )
        .into());
    }
    let form = read(campaign, &body, network(&sender), origin.clone())?;
    // The shard checks the hint and hands the form on when it is wrong.
    let hash = Secrets::read(env)?.of(&shop).name("email", form.email.as_str());
    let object = placement_hint(url)?.object_of(Bucket::of_hash(&hash));
    let answer: FormAnswer = match call::shard_patiently(env, &shop, object, &ShardCall::Submit(Box::new(form))).await {
        Err(Error::Rejected(rejected)) if object > 0 && *rejected == Rejected::unknown_shop() => {
            return Err(no_such_object(env, &shop).await?.into());
        }
        answer => answer?,
    };
    if wants_json {
        return Ok(Response::builder()
            .with_header("content-type", "application/json")?
            .with_header("cache-control", "no-store")?
            .with_header("access-control-allow-origin", origin.as_deref().unwrap_or("*"))?
            .fixed(serde_json::to_vec(&answer)?));
    }
    if answer.doubt.is_some() {
        // Without a script nobody can work; with a little patience nobody has to.
        return Err(Rejected::too_many("many forms come in just now; send it again in a moment", 60).into());
    }
    let description: call::Description = call::shop(env, &shop, &ShopCall::Describe).await?;
    pages::thanks(&description, &request.headers().get("accept-language")?.unwrap_or_default(), answer.code.as_deref())
}

/// Reads a form's fields and checks what can be checked without the shop.
fn read(campaign: &str, body: &str, sender: u64, origin: Option<String>) -> Result<Submission> {
    let mut submission = Fields::default();
    for (name, value) in form_urlencoded::parse(body.as_bytes()) {
        submission.put(&name, value.into_owned());
    }
    submission.check(campaign, sender, origin)
}

/// The fields of a form as they are sent.
#[derive(Default, JsonSchema)]
#[schemars(rename = "Form")]
pub struct Fields {
    /// A `UUIDv7` chosen when the form came on the screen: sent twice, it counts once.
    id: String,
    /// The address.
    email: String,
    /// The address that somebody insists on after a suggestion.
    sure: String,
    /// What to call them.
    given_name: String,
    /// `MM-DD` or `YYYY-MM-DD`.
    birthday: String,
    /// What was ticked, such as `email.marketing`; once for each.
    allow: Vec<String>,
    /// People do not see it: whoever fills it in is a program.
    website: String,
    /// The page's address.
    page: String,
    /// The page's language.
    lang: String,
    /// The published version that was on the screen.
    version: String,
    /// The browser's id, where it may be recognised.
    visitor: String,
    /// 0 is the address itself.
    step: String,
    /// Where an answer asked for it: its `work`, a point, and a number for which the
    /// SHA-256 of it all begins with as many zero bits as `work` begins with.
    work: String,
}

impl Fields {
    fn put(&mut self, name: &str, value: String) {
        match name {
            "allow" if self.allow.len() < MOST_TICKS => self.allow.push(value),
            "id" => self.id = value,
            "email" => self.email = value,
            "sure" => self.sure = value,
            "given_name" => self.given_name = value,
            "birthday" => self.birthday = value,
            "website" => self.website = value,
            "page" => self.page = value,
            "lang" => self.lang = value,
            "version" => self.version = value,
            "visitor" => self.visitor = value,
            "step" => self.step = value,
            "work" => self.work = value,
            // A newer loader may say more than this edge understands.
            _ => {}
        }
    }

    fn check(self, campaign: &str, sender: u64, origin: Option<String>) -> Result<Submission> {
        let id: EventId = self.id.parse().map_err(|error| Rejected::field("id", format!("{error}")))?;
        let email = check_email(&self.email, Some(&self.sure)).map_err(complaint)?;
        let birthday = match self.birthday.trim() {
            "" => None,
            text => Some(text.parse().map_err(|_| {
                complaint(FieldError {
                    field: "birthday".into(),
                    code: domain::form::Complaint::Invalid,
                    suggestion: None,
                })
            })?),
        };
        let mut allow = Vec::new();
        for text in &self.allow {
            allow.push(text.parse().map_err(|error| Rejected::field("allow", format!("{error}")))?);
        }
        let visitor = match self.visitor.as_str() {
            "" => None,
            text => Some(text.parse::<VisitorId>().map_err(|error| Rejected::field("visitor", format!("{error}")))?),
        };
        let step = match self.step.as_str() {
            "" => 0,
            text => text.parse().map_err(|_| Rejected::field("step", "expected a small number"))?,
        };
        let short =
            |text: &str, most: usize| -> String { text.chars().filter(|c| !c.is_control()).take(most).collect() };
        Ok(Submission {
            campaign: campaign.to_owned(),
            id,
            email,
            shopper: None,
            given_name: clean_name(&self.given_name),
            birthday,
            allow,
            page: clean_page(&self.page).unwrap_or_default(),
            language: short(&self.lang, 12),
            version: short(&self.version, 64),
            visitor,
            step,
            sender,
            origin,
            trapped: !self.website.is_empty(),
            work: short(&self.work, 120),
        })
    }
}

/// 422: a field that a person can mend.
fn complaint(error: FieldError) -> Error {
    let detail = match error.code {
        domain::form::Complaint::Required => "an e-mail address is needed",
        domain::form::Complaint::Invalid => "this is not what the field asks for",
        domain::form::Complaint::Typo => "this looks like a slip; send it again with \"sure\" to insist",
    };
    Rejected {
        field: Some(error.field.clone()),
        errors: vec![error],
        ..Rejected::new(422, "A field needs another look", detail)
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0191e2a0-7c3e-7b1a-9c55-0123456789ab";

    fn form(rest: &str) -> Result<Submission> {
        read("hello", &format!("id={ID}&{rest}"), 1, None)
    }

    #[track_caller]
    fn refused(rest: &str, status: u16, field: &str) {
        match form(rest) {
            Err(Error::Rejected(rejected)) => {
                assert_eq!((rejected.status, rejected.field.as_deref()), (status, Some(field)));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_form_is_read() {
        let form = form("email=Anna%40Example.org&allow=email.marketing&allow=device.personalisation&given_name=Anna+Lee&birthday=02-29&page=https%3A%2F%2Fx.example%2F%3Fq%3D1&lang=en&step=0").unwrap();
        assert_eq!(form.email.as_str(), "anna@example.org");
        assert_eq!(form.given_name.as_deref(), Some("Anna Lee"));
        assert_eq!(form.allow.len(), 2);
        assert_eq!(form.page, "https://x.example/");
        assert!(!form.trapped);
    }

    #[test]
    fn what_a_person_can_mend_is_422_and_what_a_program_got_wrong_is_400() {
        refused("email=", 422, "email");
        refused("email=nope", 422, "email");
        refused("email=a%40gmial.com", 422, "email");
        assert!(form("email=a%40gmial.com&sure=a%40gmial.com").is_ok());
        refused("email=a%40example.org&birthday=31-31", 422, "birthday");
        refused("email=a%40example.org&allow=everything", 400, "allow");
        refused("email=a%40example.org&visitor=me", 400, "visitor");
        refused("email=a%40example.org&step=-1", 400, "step");
        assert!(
            matches!(read("hello", "email=a%40example.org", 1, None), Err(Error::Rejected(r)) if r.field.as_deref() == Some("id"))
        );
    }
}
