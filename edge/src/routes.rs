//! Who answers what: one table, by which requests are dispatched and the API is described.

use domain::id::ShopKey;
use worker::{Env, Method, Request, Response};

use crate::problem::{self, Rejected, Result};
use crate::shard::Wish;
use crate::{admin, forms, hooks, offers, openapi, owner, pages, public, shelves};

/// Everything that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    Events,
    Form,
    Pointer,
    File,
    Shelves,
    Pack,
    Confirm,
    ConfirmNow,
    Unsubscribe,
    UnsubscribeNow,
    Hook,
    CheckCode,
    Export,
    ExportNow,
    Erase,
    EraseNow,
    Preferences,
    SavePreferences,
    Health,
    OpenApi,
    Admin(admin::Endpoint),
    Owner(owner::Endpoint),
}

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Anybody; what a shop publishes or takes in.
    Public,
    /// Whoever has the link from a mail.
    Link,
    /// Whoever signs with the shop's secret.
    Signature,
    /// Whoever has the shop's admin token.
    Admin,
    /// Whoever has the deployment's owner token.
    Owner,
}

/// A line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    pub method: &'static str,
    /// Segments in braces stand for anything.
    pub path: &'static str,
    pub guard: Guard,
    pub endpoint: Endpoint,
    /// What it is for, in a sentence.
    pub summary: &'static str,
}

const fn route(
    method: &'static str,
    path: &'static str,
    guard: Guard,
    endpoint: Endpoint,
    summary: &'static str,
) -> Route {
    Route { method, path, guard, endpoint, summary }
}

/// The table. The hot path stands first.
pub const ROUTES: &[Route] = {
    use Endpoint as E;
    use Guard::{Admin, Link, Owner, Public, Signature};
    use admin::Endpoint as A;
    use owner::Endpoint as O;
    &[
        route("POST", "/v1/events", Public, E::Events, "Takes a browser's events in; each is judged by itself"),
        route(
            "POST",
            "/v1/forms/{campaign}",
            Public,
            E::Form,
            "Takes a form in, from a script or from a form without any",
        ),
        route(
            "GET",
            "/v1/shops/{shop}/pointer",
            Public,
            E::Pointer,
            "Names the shop's published files; lives for seconds",
        ),
        route("GET", "/v1/shops/{shop}/files/{hash}", Public, E::File, "A published file; never changes"),
        route(
            "GET",
            "/v1/shops/{shop}/shelves/{market}",
            Public,
            E::Shelves,
            "What fills a market's shelves: names the files, and what has changed since; lives for seconds",
        ),
        route(
            "GET",
            "/v1/shops/{shop}/packs/{name}",
            Public,
            E::Pack,
            "What was learned of products, and how they are shown; never changes",
        ),
        route("GET", "/c/{shop}/{token}", Link, E::Confirm, "Asks whether the address is right; changes nothing"),
        route("POST", "/c/{shop}/{token}", Link, E::ConfirmNow, "Confirms the address"),
        route("GET", "/u/{shop}/{token}", Link, E::Unsubscribe, "Asks whether to stop writing; changes nothing"),
        route(
            "POST",
            "/u/{shop}/{token}",
            Link,
            E::UnsubscribeNow,
            "Stops writing; also the mail client's own button (RFC 8058)",
        ),
        route(
            "POST",
            "/v1/hooks/{shop}/{source}",
            Signature,
            E::Hook,
            "Takes what the shop's server says; durable before it is acknowledged",
        ),
        route(
            "POST",
            "/v1/shops/{shop}/codes/check",
            Signature,
            E::CheckCode,
            "Says whether a code is good, for the shop's checkout; signed as webhooks of our own form are",
        ),
        route("GET", "/e/{shop}/{token}", Link, E::Export, "Offers a copy of everything; changes nothing"),
        route("POST", "/e/{shop}/{token}", Link, E::ExportNow, "Hands out a copy of everything, as JSON"),
        route("GET", "/x/{shop}/{token}", Link, E::Erase, "Asks whether to erase everything; changes nothing"),
        route("POST", "/x/{shop}/{token}", Link, E::EraseNow, "Erases everything about whoever has the link"),
        route(
            "GET",
            "/p/{shop}/{token}",
            Link,
            E::Preferences,
            "Shows how somebody wants to be talked to, and why they were; changes nothing",
        ),
        route(
            "POST",
            "/p/{shop}/{token}",
            Link,
            E::SavePreferences,
            "Keeps how somebody wants to be talked to, or stops every letter",
        ),
        route("GET", "/health", Public, E::Health, "Whether the edge is up"),
        route("GET", "/openapi.json", Public, E::OpenApi, "This description"),
        route("GET", "/admin/v1/shops/{shop}/status", Admin, E::Admin(A::Status), "Counts, switches, sender, clock"),
        route("GET", "/admin/v1/shops/{shop}/messages", Admin, E::Admin(A::Messages), "Messages, newest first"),
        route("GET", "/admin/v1/shops/{shop}/messages/{id}", Admin, E::Admin(A::Message), "One message in full"),
        route(
            "GET",
            "/admin/v1/shops/{shop}/people",
            Admin,
            E::Admin(A::People),
            "People with addresses, receipts and codes",
        ),
        route("GET", "/admin/v1/shops/{shop}/events", Admin, E::Admin(A::Events), "Events, newest first"),
        route("GET", "/admin/v1/shops/{shop}/jobs", Admin, E::Admin(A::Jobs), "What is due, the next first"),
        route(
            "GET",
            "/admin/v1/shops/{shop}/decisions",
            Admin,
            E::Admin(A::Decisions),
            "Every send, skip, deferral and doubt with its why",
        ),
        route(
            "GET",
            "/admin/v1/shops/{shop}/reports",
            Admin,
            E::Admin(A::Reports),
            "How often each kind of event happened, by day",
        ),
        route("GET", "/admin/v1/shops/{shop}/versions", Admin, E::Admin(A::Versions), "Published versions"),
        route(
            "POST",
            "/admin/v1/shops/{shop}/versions",
            Admin,
            E::Admin(A::Publish),
            "Publishes a version and makes it the live one",
        ),
        route(
            "POST",
            "/admin/v1/shops/{shop}/versions/{version}/activate",
            Admin,
            E::Admin(A::Activate),
            "Makes an earlier version the live one",
        ),
        route(
            "POST",
            "/admin/v1/shops/{shop}/people/{shopper}/join",
            Admin,
            E::Admin(A::Join),
            "Says that two shoppers are one person",
        ),
        route(
            "POST",
            "/admin/v1/shops/{shop}/people/{shopper}/part",
            Admin,
            E::Admin(A::Part),
            "Undoes a join: the shopper is its own again",
        ),
        route(
            "GET",
            "/admin/v1/shops/{shop}/people/{shopper}/events",
            Admin,
            E::Admin(A::Timeline),
            "What a person did, newest first",
        ),
        route(
            "GET",
            "/admin/v1/shops/{shop}/people/{shopper}/decisions",
            Admin,
            E::Admin(A::Decided),
            "What was sent to a person, skipped, put off or ended, newest first, each with its why",
        ),
        route(
            "POST",
            "/admin/v1/shops/{shop}/why",
            Admin,
            E::Admin(A::Why),
            "Why a page of the shop shows what it shows: each campaign with its rule and fact, and whose browser it is; changes nothing",
        ),
        route(
            "GET",
            "/admin/v1/shops/{shop}/people/{shopper}/facts",
            Admin,
            E::Admin(A::Facts),
            "What is known of a person, and what can be expected of them",
        ),
        route(
            "GET",
            "/admin/v1/shops/{shop}/people/{shopper}/copy",
            Admin,
            E::Admin(A::Copy),
            "Everything that is kept about a person",
        ),
        route(
            "GET",
            "/admin/v1/shops/{shop}/receipts",
            Admin,
            E::Admin(A::Receipts),
            "All receipts of consent, as a file that can be checked",
        ),
        route(
            "GET",
            "/admin/v1/shops/{shop}/log",
            Admin,
            E::Admin(A::Log),
            "A page of an object's log, for rehearsing: ?object=0&after=…",
        ),
        route(
            "POST",
            "/admin/v1/shops/{shop}/rehearsals",
            Admin,
            E::Admin(A::Rehearse),
            "What a draft would have sent, over a page of an object's log, against the live version: ?object=0&after=…&since=…",
        ),
        route("GET", "/admin/v1/shops/{shop}/versions/live", Admin, E::Admin(A::Live), "The live version's contents"),
        route(
            "POST",
            "/admin/v1/shops/{shop}/people/{shopper}/erase",
            Admin,
            E::Admin(A::Erase),
            "Erases a person, as they asked the shop to",
        ),
        route(
            "DELETE",
            "/admin/v1/shops/{shop}/people/{shopper}/visitors/{visitor}",
            Admin,
            E::Admin(A::Unsee),
            "A browser was not theirs after all",
        ),
        route(
            "POST",
            "/admin/v1/shops/{shop}/journeys/{journey}/migrate",
            Admin,
            E::Admin(A::Migrate),
            "Sets runs under way on the live version, or says what would become of them",
        ),
        route(
            "GET",
            "/admin/v1/shops/{shop}/journeys/{journey}/migrate",
            Admin,
            E::Admin(A::Migration),
            "How far that has come",
        ),
        route("PUT", "/admin/v1/shops/{shop}/switches", Admin, E::Admin(A::Switches), "The kill switches"),
        route("PUT", "/admin/v1/shops/{shop}/origins", Admin, E::Admin(A::Origins), "From where pages may send"),
        route("GET", "/admin/v1/shops/{shop}/hooks", Admin, E::Admin(A::Hooks), "Who may speak for the shop"),
        route("GET", "/admin/v1/shops/{shop}/hooks/{source}", Admin, E::Admin(A::Hook), "One of them"),
        route(
            "PUT",
            "/admin/v1/shops/{shop}/hooks/{source}",
            Admin,
            E::Admin(A::Connect),
            "Lets a source speak, or exchanges its secret; a secret made here is shown this once",
        ),
        route(
            "DELETE",
            "/admin/v1/shops/{shop}/hooks/{source}",
            Admin,
            E::Admin(A::Disconnect),
            "A source may not speak any more",
        ),
        route(
            "DELETE",
            "/admin/v1/shops/{shop}/hooks/{source}/previous",
            Admin,
            E::Admin(A::EndPrevious),
            "Ends the secret before the present one",
        ),
        route(
            "POST",
            "/admin/v1/shops/{shop}/import",
            Admin,
            E::Admin(A::Import),
            "Takes a file of customers or orders in; each line is judged by itself",
        ),
        route(
            "GET",
            "/admin/v1/shops/{shop}/pools",
            Admin,
            E::Admin(A::Pools),
            "Pools of codes: what remains, what was issued and used",
        ),
        route("GET", "/admin/v1/shops/{shop}/pools/{offer}", Admin, E::Admin(A::Pool), "One of them"),
        route(
            "POST",
            "/admin/v1/shops/{shop}/pools/{offer}/codes",
            Admin,
            E::Admin(A::Codes),
            "Takes a list of codes into a pool; a code that comes twice counts once, each line is judged by itself",
        ),
        route(
            "POST",
            "/admin/v1/shops/{shop}/pools/{offer}/recall",
            Admin,
            E::Admin(A::Recall),
            "Codes that shards have leased and not issued go back to the pool",
        ),
        route(
            "GET",
            "/admin/v1/shops/{shop}/systems",
            Admin,
            E::Admin(A::Systems),
            "Shop systems in which codes are made",
        ),
        route(
            "PUT",
            "/admin/v1/shops/{shop}/systems/{system}",
            Admin,
            E::Admin(A::ConnectSystem),
            "Lets codes be made in a shop system, or exchanges what opens it",
        ),
        route(
            "DELETE",
            "/admin/v1/shops/{shop}/systems/{system}",
            Admin,
            E::Admin(A::DisconnectSystem),
            "No more codes are made there",
        ),
        route(
            "GET",
            "/admin/v1/shops/{shop}/products",
            Admin,
            E::Admin(A::Products),
            "What the shop sells, by id, with what each source says of it: ?after=…",
        ),
        route(
            "PUT",
            "/admin/v1/shops/{shop}/products",
            Admin,
            E::Admin(A::PutProducts),
            "Says all there is to say of products; each is judged by itself",
        ),
        route(
            "PATCH",
            "/admin/v1/shops/{shop}/products",
            Admin,
            E::Admin(A::AmendProducts),
            "Says a part of it: what is left out stays as it was said before",
        ),
        route(
            "DELETE",
            "/admin/v1/shops/{shop}/products",
            Admin,
            E::Admin(A::RemoveProducts),
            "These products are not sold any more",
        ),
        route(
            "PUT",
            "/admin/v1/shops/{shop}/products/stock",
            Admin,
            E::Admin(A::Stock),
            "Says which products can be bought, and nothing else of them",
        ),
        route("GET", "/admin/v1/shops/{shop}/products/{id}", Admin, E::Admin(A::Product), "One of them"),
        route(
            "GET",
            "/admin/v1/shops/{shop}/learner",
            Admin,
            E::Admin(A::Learner),
            "What was counted and learned, how large it is, and when it is learned next",
        ),
        route(
            "GET",
            "/admin/v1/shops/{shop}/feeds",
            Admin,
            E::Admin(A::Feeds),
            "The shop's product feeds: when each was read, what came of it and when it is read next",
        ),
        route(
            "POST",
            "/admin/v1/shops/{shop}/feeds/read",
            Admin,
            E::Admin(A::ReadFeeds),
            "Reads all feeds as soon as possible; none oftener than once a minute",
        ),
        route(
            "GET",
            "/admin/v1/shops/{shop}/shelves",
            Admin,
            E::Admin(A::Shelves),
            "What shelves bring: clicks, carts and orders, and what those do who are shown one against those held out",
        ),
        route(
            "GET",
            "/admin/v1/shops/{shop}/shelves/{shelf}",
            Admin,
            E::Admin(A::Shelf),
            "A shelf as somebody would see it: ?seen=…&cart=…&bought=…&market=…, with every why",
        ),
        route(
            "POST",
            "/admin/v1/shops/{shop}/learner/learn",
            Admin,
            E::Admin(A::Learn),
            "Learns anew as soon as possible, instead of when it is due",
        ),
        route(
            "POST",
            "/admin/v1/shops/{shop}/tokens",
            Admin,
            E::Admin(A::Tokens),
            "A new admin token, shown this once",
        ),
        #[cfg(feature = "dev-clock")]
        route(
            "POST",
            "/admin/v1/shops/{shop}/clock/advance",
            Admin,
            E::Admin(A::Advance),
            "Moves the development clock",
        ),
        route(
            "POST",
            "/owner/v1/shops",
            Owner,
            E::Owner(O::Create),
            "Makes a shop; its admin token is shown this once",
        ),
        route("POST", "/owner/v1/shops/{shop}/tokens", Owner, E::Owner(O::Tokens), "A new admin token; the others end"),
        route(
            "POST",
            "/owner/v1/shops/{shop}/rewrap",
            Owner,
            E::Owner(O::Rewrap),
            "Seals people's keys anew under the newest master key",
        ),
    ]
};

/// What stands in a path where the table has braces, in order.
type Captures<'a> = Vec<&'a str>;

/// The line of the table for a request.
fn find<'a>(method: &str, path: &'a str) -> Option<(&'static Route, Captures<'a>)> {
    ROUTES.iter().filter(|route| route.method == method).find_map(|route| Some((route, fits(route.path, path)?)))
}

fn fits<'a>(template: &str, path: &'a str) -> Option<Captures<'a>> {
    let mut captures = Vec::new();
    let mut given = path.split('/');
    for part in template.split('/') {
        let segment = given.next()?;
        if part.starts_with('{') {
            captures.push(segment);
        } else if part != segment {
            return None;
        }
    }
    given.next().is_none().then_some(captures)
}

/// Answers a request.
pub async fn respond(request: Request, env: &Env) -> worker::Result<Response> {
    // A second handle on the same request: what only an error needs is read only then.
    let asked = Request::from(Clone::clone(request.inner()));
    match dispatch(request, env).await {
        Ok(response) => Ok(response),
        Err(error) => {
            let origin = asked.headers().get("origin")?;
            problem::respond(&error, &problem::request_id(asked.headers().get("cf-ray")?), origin.as_deref())
        }
    }
}

async fn dispatch(mut request: Request, env: &Env) -> Result<Response> {
    let url = request.inner().url();
    let path = path_of(&url);
    let method = request.inner().method();
    // The runtime leaves the body of the answer out.
    let answered_as = if method == "HEAD" { "GET" } else { method.as_str() };
    let Some((route, captures)) = find(answered_as, path) else {
        if request.method() == Method::Options {
            return Ok(public::preflight()?);
        }
        return Err(nothing(&method, path).into());
    };
    let part = |n: usize| captures.get(n).copied().unwrap_or_default();
    match route.endpoint {
        Endpoint::Events => public::events(request, env, &url).await,
        Endpoint::Form => forms::submit(request, env, &url, part(0)).await,
        Endpoint::Pointer => public::pointer(env, &url, part(0)).await,
        Endpoint::File => public::file(env, &url, part(0), part(1)).await,
        Endpoint::Shelves => shelves::head(env, &url, part(0), part(1)).await,
        Endpoint::Pack => shelves::pack(env, &url, part(0), part(1)).await,
        Endpoint::Confirm => pages::confirm(env, part(0), part(1), false).await,
        Endpoint::ConfirmNow => pages::confirm(env, part(0), part(1), true).await,
        Endpoint::Unsubscribe => pages::unsubscribe(env, part(0), part(1), None).await,
        Endpoint::UnsubscribeNow => {
            let body = request.text().await?;
            pages::unsubscribe(env, part(0), part(1), Some(&body)).await
        }
        Endpoint::Hook => hooks::receive(&mut request, env, part(0), part(1)).await,
        Endpoint::CheckCode => offers::check(&mut request, env, part(0)).await,
        Endpoint::Export => pages::grant(env, part(0), part(1), Wish::Export, false).await,
        Endpoint::ExportNow => pages::grant(env, part(0), part(1), Wish::Export, true).await,
        Endpoint::Erase => pages::grant(env, part(0), part(1), Wish::Erase, false).await,
        Endpoint::EraseNow => pages::grant(env, part(0), part(1), Wish::Erase, true).await,
        Endpoint::Preferences => pages::preferences(env, &url, part(0), part(1)).await,
        Endpoint::SavePreferences => {
            let body = request.text().await?;
            pages::save_preferences(env, part(0), part(1), &body).await
        }
        Endpoint::Health => Ok(Response::from_json(&serde_json::json!({ "ok": true }))?),
        Endpoint::OpenApi => openapi::respond(),
        Endpoint::Admin(endpoint) => {
            let shop: ShopKey = admin::authorise(&request, env, part(0)).await?;
            admin::serve(endpoint, &mut request, env, &shop, &url, (part(1), part(2))).await
        }
        Endpoint::Owner(endpoint) => {
            owner::authorise(&request, env)?;
            owner::serve(endpoint, &mut request, env, part(0)).await
        }
    }
}

/// 404, or 405 where another method would be answered.
fn nothing(method: &str, path: &str) -> Rejected {
    let others: Vec<&str> =
        ROUTES.iter().filter(|route| fits(route.path, path).is_some()).map(|route| route.method).collect();
    if others.is_empty() {
        Rejected::not_found(format!("nothing is at {path}; GET /openapi.json lists what there is"))
    } else {
        let detail = format!("{path} answers {}, not {method}", others.join(" and "));
        Rejected { allow: Some(others.join(", ")), ..Rejected::new(405, "Wrong method", detail) }
    }
}

/// The path of an absolute address.
pub fn path_of(url: &str) -> &str {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let rest = url.get(after_scheme..).unwrap_or_default();
    let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/");
    path.split(['?', '#']).next().unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_cut_out_of_its_address() {
        assert_eq!(path_of("https://edge.example/v1/events?shop=x"), "/v1/events");
        assert_eq!(path_of("https://edge.example"), "/");
        assert_eq!(path_of("https://edge.example/#x"), "/");
    }

    #[test]
    fn every_line_of_the_table_can_be_reached() {
        for route in ROUTES {
            let path = route.path.replace(['{', '}'], "");
            let (found, _) = find(route.method, &path).unwrap();
            assert_eq!(found.endpoint, route.endpoint, "{} {}", route.method, route.path);
        }
    }

    #[test]
    fn captures_come_in_order_and_whole_paths_count() {
        let (_, captures) = find("GET", "/c/pk_x/token").unwrap();
        assert_eq!(captures, ["pk_x", "token"]);
        assert!(find("GET", "/c/pk_x/token/more").is_none());
        assert!(find("GET", "/c/pk_x").is_none());
        assert_eq!(nothing("PATCH", "/health").status, 405);
        assert_eq!(nothing("GET", "/nowhere").status, 404);
    }
}
