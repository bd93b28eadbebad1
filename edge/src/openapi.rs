//! The API's description (`OpenAPI` 3.1), made from the table of routes and the types that bodies are
//! read into, so that it cannot say anything else than what is served.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value as Json, json};
use worker::Response;

use crate::admin;
use crate::owner;
use crate::problem::{Rejected, Result};
use crate::routes::{Endpoint, Guard, ROUTES, Route};
use crate::shard::JourneyCall;
use crate::shard::answers::{EventsAnswer, FormAnswer};

/// Answers `GET /openapi.json`.
pub fn respond() -> Result<Response> {
    Ok(Response::builder()
        .with_header("access-control-allow-origin", "*")?
        .with_header("cache-control", "public, max-age=300")?
        .from_json(&document())?)
}

/// The whole description.
fn document() -> Json {
    let mut schemas = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .into_generator();
    let problem = schemas.subschema_for::<Rejected>();
    let mut paths = serde_json::Map::new();
    for route in ROUTES {
        let operation = operation(route, &mut schemas);
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(route.method.to_ascii_lowercase(), operation);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Rapport",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Events and forms in, messages out",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "webhooks": { "journey": told_by_a_journey(&mut schemas) },
        "components": {
            "schemas": schemas.definitions(),
            "responses": {
                "Problem": {
                    "description": "What is wrong, with the field and the way out (RFC 9457)",
                    "content": { "application/problem+json": { "schema": problem } },
                },
            },
            "securitySchemes": {
                "signature": {
                    "type": "apiKey", "in": "header", "name": "Rapport-Signature",
                    "description": "t=<unix seconds>,v1=<hex of the HMAC-SHA256 of t, a point and the raw body>; Shopify, WooCommerce and Stripe sign in their own headers",
                },
                "admin": { "type": "http", "scheme": "bearer", "description": "The shop's admin token" },
                "owner": { "type": "http", "scheme": "bearer", "description": "The deployment's owner token" },
            },
        },
    })
}

/// What the shop's server is told by a journey's `webhook` step.
fn told_by_a_journey(schemas: &mut SchemaGenerator) -> Json {
    let schema = schemas.subschema_for::<JourneyCall>();
    let answer = |says: &str| json!({ "description": says });
    json!({ "post": {
        "operationId": "JourneyCall",
        "summary": "A journey tells the shop's server something; repeated until it is taken, under the same id",
        "security": [{ "signature": [] }],
        "requestBody": { "required": true, "content": { "application/json": { "schema": schema } } },
        "responses": {
            "2XX": answer("Taken"),
            "400": answer("Refused for good, as are 404, 405, 410, 413 and 422"),
            "default": answer("Told again: after a minute, two, four, up to every half hour, for two days"),
        },
    } })
}

fn operation(route: &Route, schemas: &mut SchemaGenerator) -> Json {
    let in_path = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Json> = in_path
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    parameters.extend(query(route.endpoint));
    let security = match route.guard {
        Guard::Public | Guard::Link => json!([]),
        Guard::Signature => json!([{ "signature": [] }]),
        Guard::Admin => json!([{ "admin": [] }]),
        Guard::Owner => json!([{ "owner": [] }]),
    };
    let (status, kind, answer) = answer(route.endpoint, schemas);
    let mut responses = json!({
        status: { "description": "Done", "content": { kind: { "schema": answer } } },
        "4XX": { "$ref": "#/components/responses/Problem" },
        "5XX": { "$ref": "#/components/responses/Problem" },
    });
    if let (Endpoint::SavePreferences, Some(responses)) = (route.endpoint, responses.as_object_mut()) {
        let page = json!({
            "description": "The page, with what needs another look said at its field",
            "content": { "text/html": { "schema": { "type": "string" } } },
        });
        responses.insert("422".into(), page);
    }
    let mut operation = json!({
        "operationId": format!("{:?}", route.endpoint).replace(['(', ')'], ""),
        "summary": route.summary,
        "parameters": parameters,
        "security": security,
        "responses": responses,
    });
    if let (Some((kind, schema)), Some(operation)) = (body(route.endpoint, schemas), operation.as_object_mut()) {
        operation.insert("requestBody".into(), json!({ "required": true, "content": { kind: { "schema": schema } } }));
    }
    operation
}

/// What stands in the query.
fn query(endpoint: Endpoint) -> Vec<Json> {
    let parameter = |name: &str, required: bool, says: &str| json!({ "name": name, "in": "query", "required": required, "description": says, "schema": { "type": "string" } });
    let shop = || parameter("shop", true, "The shop's public key");
    let objects = || parameter("objects", false, "From the pointer; saves a look-up");
    match endpoint {
        Endpoint::Events => vec![shop(), parameter("visitor", true, "The browser's id, a UUID"), objects()],
        Endpoint::Form => vec![shop(), objects()],
        Endpoint::Admin(
            admin::Endpoint::Messages
            | admin::Endpoint::People
            | admin::Endpoint::Events
            | admin::Endpoint::Decisions
            | admin::Endpoint::Timeline
            | admin::Endpoint::Decided,
        ) => vec![parameter("before", false, "The `next` of an earlier answer")],
        Endpoint::Admin(admin::Endpoint::Import) => vec![
            parameter("about", true, "customers or orders"),
            parameter("format", true, "csv or ndjson"),
            parameter("prefix", false, "Put before every id of an order or a customer, such as till/"),
            parameter("as_of", false, "When the file was written (RFC 3339); now, where it is left out"),
            parameter(
                "calling_code",
                false,
                "The country whose telephone numbers are meant where they lack one, such as 49",
            ),
        ],
        Endpoint::Admin(admin::Endpoint::Products) => {
            vec![parameter("after", false, "The `next` of an earlier answer: the last id that is known")]
        }
        Endpoint::Admin(admin::Endpoint::PutProducts | admin::Endpoint::AmendProducts | admin::Endpoint::Stock) => {
            vec![parameter("market", false, "In which market; the shop's own, if it is left out")]
        }
        Endpoint::Admin(admin::Endpoint::Shelf) => vec![
            parameter("seen", false, "Ids of products that were looked at, the last one last, with commas between"),
            parameter("elsewhere", false, "The page is not about the last of them"),
            parameter("cart", false, "Ids of products in the cart"),
            parameter("cart_total", false, "What they cost, in minor units"),
            parameter("bought", false, "Ids of products that were bought before, by somebody who may be remembered"),
            parameter("remembers", false, "They may be remembered"),
            parameter("market", false, "In which market; the shop's own, if it is left out"),
        ],
        Endpoint::Admin(admin::Endpoint::Reports) => vec![parameter("days", false, "How many days, 1 to 400")],
        Endpoint::Preferences => {
            vec![parameter("done", false, "`saved`, `stopped`, `export` or `erase`: what the page says was done")]
        }
        _ => Vec::new(),
    }
}

/// What is sent.
fn body(endpoint: Endpoint, schemas: &mut SchemaGenerator) -> Option<(&'static str, Json)> {
    fn json_of<T: JsonSchema>(schemas: &mut SchemaGenerator) -> (&'static str, Json) {
        ("application/json", schemas.subschema_for::<T>().to_value())
    }
    Some(match endpoint {
        Endpoint::Events => ("text/plain", schemas.subschema_for::<domain::event::Envelope>().to_value()),
        Endpoint::Form => {
            ("application/x-www-form-urlencoded", schemas.subschema_for::<crate::forms::Fields>().to_value())
        }
        Endpoint::SavePreferences => {
            ("application/x-www-form-urlencoded", schemas.subschema_for::<domain::preference::Entered>().to_value())
        }
        Endpoint::Hook => json_of::<domain::hook::wire::Hook>(schemas),
        Endpoint::Admin(admin::Endpoint::Connect) => json_of::<crate::hooks::Wish>(schemas),
        Endpoint::Admin(admin::Endpoint::Import) => ("text/plain", json!({ "type": "string" })),
        Endpoint::CheckCode => json_of::<crate::shard::Question>(schemas),
        Endpoint::Admin(admin::Endpoint::Codes) => ("text/plain", json!({ "type": "string" })),
        Endpoint::Admin(admin::Endpoint::ConnectSystem) => json_of::<crate::offers::Access>(schemas),
        Endpoint::Admin(admin::Endpoint::Publish | admin::Endpoint::Rehearse) => {
            json_of::<domain::published::Release>(schemas)
        }
        Endpoint::Admin(admin::Endpoint::Migrate) => json_of::<crate::migrations::Wish>(schemas),
        Endpoint::Admin(admin::Endpoint::PutProducts | admin::Endpoint::AmendProducts) => {
            json_of::<crate::products::Products>(schemas)
        }
        Endpoint::Admin(admin::Endpoint::RemoveProducts) => json_of::<crate::products::Ids>(schemas),
        Endpoint::Admin(admin::Endpoint::Stock) => json_of::<crate::products::Stock>(schemas),
        Endpoint::Admin(admin::Endpoint::Why) => json_of::<domain::campaign::Asked>(schemas),
        Endpoint::Admin(admin::Endpoint::Switches) => json_of::<admin::Switches>(schemas),
        Endpoint::Admin(admin::Endpoint::Origins) => json_of::<admin::Origins>(schemas),
        Endpoint::Admin(admin::Endpoint::Tokens) => json_of::<admin::NewToken>(schemas),
        Endpoint::Admin(admin::Endpoint::Join) => json_of::<admin::Join>(schemas),
        #[cfg(feature = "dev-clock")]
        Endpoint::Admin(admin::Endpoint::Advance) => json_of::<admin::Advance>(schemas),
        Endpoint::Owner(owner::Endpoint::Create) => json_of::<owner::Create>(schemas),
        _ => return None,
    })
}

/// Status, media type and schema of what comes back.
fn answer(endpoint: Endpoint, schemas: &mut SchemaGenerator) -> (&'static str, &'static str, Json) {
    fn json_of<T: JsonSchema>(
        status: &'static str,
        schemas: &mut SchemaGenerator,
    ) -> (&'static str, &'static str, Json) {
        (status, "application/json", schemas.subschema_for::<T>().to_value())
    }
    match endpoint {
        Endpoint::Events => json_of::<EventsAnswer>("202", schemas),
        Endpoint::Form => json_of::<FormAnswer>("200", schemas),
        Endpoint::Hook => json_of::<crate::shard::hearing::HookAnswer>("202", schemas),
        Endpoint::CheckCode => json_of::<crate::shard::CheckAnswer>("200", schemas),
        Endpoint::Admin(admin::Endpoint::Facts) => json_of::<crate::shard::FactsAnswer>("200", schemas),
        Endpoint::Admin(admin::Endpoint::Why) => json_of::<crate::shard::WhyAnswer>("200", schemas),
        Endpoint::Admin(admin::Endpoint::Pool) => json_of::<crate::shop::PoolItem>("200", schemas),
        Endpoint::Admin(admin::Endpoint::Codes) => json_of::<crate::offers::ListAnswer>("200", schemas),
        Endpoint::Admin(admin::Endpoint::Migrate | admin::Endpoint::Migration) => {
            json_of::<crate::migrations::MigrationAnswer>("200", schemas)
        }
        Endpoint::Admin(admin::Endpoint::Hook) => json_of::<crate::shop::HookItem>("200", schemas),
        Endpoint::Admin(admin::Endpoint::Connect) => json_of::<crate::hooks::Connected>("200", schemas),
        Endpoint::Admin(admin::Endpoint::Import) => json_of::<crate::hooks::ImportAnswer>("200", schemas),
        Endpoint::Admin(admin::Endpoint::PutProducts | admin::Endpoint::AmendProducts | admin::Endpoint::Stock) => {
            json_of::<crate::products::ProductsAnswer>("200", schemas)
        }
        Endpoint::Shelves | Endpoint::Pack => {
            ("200", "application/octet-stream", json!({ "type": "string", "format": "binary" }))
        }
        Endpoint::Pointer => json_of::<domain::published::Pointer>("200", schemas),
        Endpoint::Confirm
        | Endpoint::ConfirmNow
        | Endpoint::Unsubscribe
        | Endpoint::UnsubscribeNow
        | Endpoint::Export
        | Endpoint::Erase
        | Endpoint::EraseNow
        | Endpoint::Preferences => ("200", "text/html", json!({ "type": "string" })),
        Endpoint::SavePreferences => ("303", "text/html", json!({ "type": "string" })),
        Endpoint::Owner(owner::Endpoint::Create | owner::Endpoint::Tokens) => json_of::<owner::Created>("201", schemas),
        _ => ("200", "application/json", json!({})),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_described_and_every_reference_leads_somewhere() {
        let document = document();
        for route in ROUTES {
            let operation = &document["paths"][route.path][route.method.to_ascii_lowercase()];
            assert_eq!(operation["summary"], route.summary);
        }
        let text = document.to_string();
        for part in text.split("\"$ref\":\"#/components/").skip(1) {
            let name = part.split('"').next().unwrap();
            let found = name.split('/').fold(&document["components"], |at, step| &at[step]);
            assert!(!found.is_null(), "{name}");
        }
    }
}
