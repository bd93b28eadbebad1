//! Who answers what.

use worker::{Env, Method, Request, Response};

use crate::problem::{self, Rejected, Result};
use crate::{admin, forms, owner, pages, public};

/// Answers a request.
pub async fn route(request: Request, env: &Env) -> worker::Result<Response> {
    let origin = request.headers().get("origin")?;
    let id = request_id(&request);
    match dispatch(request, env).await {
        Ok(response) => Ok(response),
        Err(error) => problem::respond(&error, &id, origin.as_deref()),
    }
}

async fn dispatch(request: Request, env: &Env) -> Result<Response> {
    let url = request.inner().url();
    let path = path_of(&url).to_owned();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let method = request.method();
    // The hot path first.
    match (&method, segments.as_slice()) {
        (Method::Post, ["v1", "events"]) => public::events(request, env, &url).await,
        (Method::Post, ["v1", "forms", campaign]) => forms::submit(request, env, &url, campaign).await,
        (Method::Get, ["v1", "shops", key, "pointer"]) => public::pointer(env, key).await,
        (Method::Get, ["v1", "shops", key, "files", hash]) => public::file(env, &url, key, hash).await,
        (Method::Get | Method::Post, ["c", key, token]) => pages::confirm(request, env, key, token).await,
        (Method::Get | Method::Post, ["u", key, token]) => pages::unsubscribe(request, env, key, token).await,
        (Method::Get, ["health"]) => Ok(Response::from_json(&serde_json::json!({ "ok": true }))?),
        (_, ["admin", "v1", "shops", key, rest @ ..]) => admin::serve(request, env, &url, key, rest).await,
        (_, ["owner", "v1", rest @ ..]) => owner::serve(request, env, rest).await,
        (Method::Options, _) => Ok(public::preflight()?),
        _ => Err(Rejected::not_found(format!("nothing is at {} {path}", method.as_ref())).into()),
    }
}

/// The path of an absolute address.
fn path_of(url: &str) -> &str {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let rest = url.get(after_scheme..).unwrap_or_default();
    let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/");
    path.split(['?', '#']).next().unwrap_or("/")
}

/// The platform's name for a request, or one of our own: what a shop can tell us when something
/// went wrong.
fn request_id(request: &Request) -> String {
    let given = request.headers().get("cf-ray").ok().flatten();
    given.unwrap_or_else(|| crate::secrets::random::<6>().map(|bytes| domain::id::hex(&bytes)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn a_path_is_cut_out_of_its_address() {
        assert_eq!(path_of("https://edge.example/v1/events?shop=x"), "/v1/events");
        assert_eq!(path_of("https://edge.example"), "/");
        assert_eq!(path_of("https://edge.example/#x"), "/");
    }
}
