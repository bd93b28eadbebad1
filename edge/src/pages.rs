//! The few pages of our own: behind the links in mails, and after a form without scripts.
//!
//! They stand on the edge's origin, hold no script at all, and do something only when a button is
//! pressed.

pub mod alert_words;
mod preferences;
pub mod words;

use std::borrow::Cow;

use domain::id::{ShopKey, hex};
use domain::published::direction;
use minijinja::{AutoEscape, Environment};
use serde::Serialize;
use worker::url::form_urlencoded;
use worker::{Env, Response};

use crate::call::{self, Description, ShardCall, ShopCall};
use crate::problem::{Error, Failed, Rejected, Result};
use crate::secrets::{Secrets, random};
use crate::shard::answers::{CodeShown, LinkPage, LinkState, StopPage};
use crate::shard::{Granted, Wish};
use crate::token::{LinkId, LinkKind};

pub use self::preferences::{preferences, save_preferences, wording};

const TEMPLATE: &str = include_str!("pages/page.html");
const STYLE: &str = include_str!("pages/page.css");

/// What the one template shows.
#[derive(Serialize)]
struct View<'a> {
    lang: &'a str,
    dir: &'a str,
    shop: &'a str,
    home: String,
    accent: &'a str,
    accent_ink: &'a str,
    title: &'a str,
    body: &'a str,
    /// A button that does what the page asks about.
    button: Option<&'a str>,
    /// A second one, which stops everything.
    also: Option<&'a str>,
    /// A link back to the shop.
    back: Option<&'a str>,
    code: Option<&'a CodeShown>,
    code_note: String,
    style: &'a str,
    nonce: String,
}

/// `/c/{shop}/{token}`: is this the right address?
pub async fn confirm(env: &Env, key: &str, token: &str, act: bool) -> Result<Response> {
    let (shop, link, object) = locate(env, key, token, LinkKind::Confirm).await?;
    let page: LinkPage =
        call::shard_patiently(env, &shop, object, &ShardCall::Confirm { link: link.as_text(), act }).await?;
    let words = words::of(&page.language);
    let (title, body, button) = match page.state {
        LinkState::Open => (words.confirm_title, words.confirm_body, Some(words.confirm_button)),
        LinkState::Done => (words.confirmed_title, words.confirmed_body, None),
        LinkState::Ended => (words.ended_title, words.ended_body, None),
    };
    show(&page, title, body, button, if page.state == LinkState::Open { None } else { Some(words.back) })
}

/// `/u/{shop}/{token}`: no more letters behind a mail's link, no more texts behind a text's. `pressed` is the body of
/// a press on a button: that, or everything; the mail client's own button (RFC 8058) presses the first.
pub async fn unsubscribe(env: &Env, key: &str, token: &str, pressed: Option<&str>) -> Result<Response> {
    let (shop, link, object) = locate(env, key, token, LinkKind::Unsubscribe).await?;
    let act = pressed.is_some();
    let one_click = pressed.is_some_and(|body| body.contains("List-Unsubscribe=One-Click"));
    let method = if one_click { "one-click header" } else { "unsubscribe link" };
    let everything = pressed.is_some_and(|body| form_urlencoded::parse(body.as_bytes()).any(|field| field == ALL));
    let call = ShardCall::Unsubscribe { link: link.as_text(), act, method: method.into(), everything };
    let StopPage { page, stops, more } = call::shard_patiently(env, &shop, object, &call).await?;
    let words = words::of(&page.language);
    let about = words.stop(stops);
    let also = more.then_some(words.stop_all.button);
    let open = page.state == LinkState::Open;
    let said = match (open, more) {
        (true, _) => Said { title: about.title, body: about.body, button: Some(about.button), also },
        // What still comes is said beside the way to stop it.
        (false, true) => Said { title: about.stopped, body: about.others, button: None, also },
        (false, false) => Said { title: about.stopped, body: words.stopped_body, button: None, also },
    };
    show_said(&page, &said, Some(words.back))
}

/// The field with which the second button stops everything.
const ALL: (Cow<'_, str>, Cow<'_, str>) = (Cow::Borrowed("act"), Cow::Borrowed("all"));

/// What a page says and asks.
struct Said<'a> {
    title: &'a str,
    body: &'a str,
    button: Option<&'a str>,
    /// A second button, which stops everything.
    also: Option<&'a str>,
}

/// `/e/{shop}/{token}` and `/x/{shop}/{token}`: a copy of everything, or that it is erased.
pub async fn grant(env: &Env, key: &str, token: &str, wish: Wish, act: bool) -> Result<Response> {
    let (shop, link, object) = locate(env, key, token, wish.link()).await?;
    let call = ShardCall::Grant { link: link.as_text(), wish, act };
    let Granted { page, copy } = call::shard_patiently(env, &shop, object, &call).await?;
    if let Some(copy) = copy {
        return Ok(Response::builder()
            .with_header("content-type", "application/json; charset=utf-8")?
            .with_header("content-disposition", "attachment; filename=\"everything.json\"")?
            .with_header("cache-control", "no-store")?
            .with_header("x-content-type-options", "nosniff")?
            .fixed(copy.into_bytes()));
    }
    let words = words::of(&page.language);
    let (title, body, button) = match (page.state, wish) {
        (LinkState::Ended, _) => (words.ended_title, words.wish_ended_body, None),
        (_, Wish::Export) => (words.export_title, words.export_body, Some(words.export_button)),
        (LinkState::Open, Wish::Erase) => (words.erase_title, words.erase_body, Some(words.erase_button)),
        (LinkState::Done, Wish::Erase) => (words.erased_title, words.erased_body, None),
    };
    show(&page, title, body, button, Some(words.back))
}

/// After a form that was sent without any script: look into your inbox.
pub fn thanks(shop: &Description, accept_language: &str, code: Option<&str>) -> Result<Response> {
    let language = accept_language.split([',', ';']).next().unwrap_or("en").trim();
    let words = words::of(language);
    let page = LinkPage {
        state: LinkState::Done,
        shop: shop.name.clone(),
        url: shop.url.clone(),
        accent: ("#1a1a1a".into(), "#ffffff".into()),
        language: words.language.into(),
        code: code.map(|code| CodeShown { code: code.to_owned(), percent: 0, ends: None }),
    };
    show(&page, words.sent_title, words.sent_body, None, Some(words.back))
}

/// Where a link's shopper lives, if the link is one of ours.
async fn locate(env: &Env, key: &str, token: &str, kind: LinkKind) -> Result<(ShopKey, LinkId, u16)> {
    let unknown =
        || Error::from(Rejected::not_found("this link is not one of ours; it may have been cut when it was copied"));
    let shop: ShopKey = key.parse().map_err(|_| unknown())?;
    let link = LinkId::verify(&Secrets::read(env)?.of(&shop), kind, token).ok_or_else(unknown)?;
    let description: Description = call::shop(env, &shop, &ShopCall::Describe).await?;
    let object = description.placement.object_of(link.bucket);
    Ok((shop, link, object))
}

fn show(page: &LinkPage, title: &str, body: &str, button: Option<&str>, back: Option<&str>) -> Result<Response> {
    show_said(page, &Said { title, body, button, also: None }, back)
}

fn show_said(page: &LinkPage, said: &Said<'_>, back: Option<&str>) -> Result<Response> {
    let words = words::of(&page.language);
    let nonce = hex(&random::<12>()?);
    let note = |code: &CodeShown| {
        let until = code.ends.as_deref().map(|day| words.code_until.replace("{day}", day)).unwrap_or_default();
        let off = if code.percent > 0 {
            words.code_off.replace("{percent}", &code.percent.to_string())
        } else {
            String::new()
        };
        [off, until].join(" ").trim().to_owned()
    };
    let view = View {
        lang: words.language,
        dir: direction(words.language),
        shop: &page.shop,
        home: format!("{}#rapport=known", page.url),
        accent: &page.accent.0,
        accent_ink: &page.accent.1,
        title: said.title,
        body: said.body,
        button: said.button,
        also: said.also,
        back: back.filter(|_| !page.url.is_empty()),
        code: page.code.as_ref(),
        code_note: page.code.as_ref().map(note).unwrap_or_default(),
        style: STYLE,
        nonce: nonce.clone(),
    };
    rendered("page.html", TEMPLATE, &view, &nonce, 200)
}

/// A page of ours: no script, no address of it passed on, kept by nobody.
fn rendered<V: Serialize>(name: &str, template: &str, view: &V, nonce: &str, status: u16) -> Result<Response> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let html = environment
        .render_named_str(name, template, minijinja::value::Serde(view))
        .map_err(|error| Failed::new("rendering a page", error.to_string()))?;
    Ok(Response::builder()
        .with_status(status)
        .with_header("content-type", "text/html; charset=utf-8")?
        .with_header("cache-control", "no-store")?
        .with_header("referrer-policy", "no-referrer")?
        .with_header("x-robots-tag", "noindex")?
        .with_header("x-content-type-options", "nosniff")?
        .with_header(
            "content-security-policy",
            &format!("default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"),
        )?
        .fixed(html.into_bytes()))
}
