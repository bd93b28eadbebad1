//! Rapport's Worker. Requests come in here, objects keep and decide, senders carry messages out.
//!
//! What is asked of whom is in [`routes`]; what is kept and decided in [`shard`]; what is shop-wide
//! in [`shop`]; what is sold and what goes with what in [`learner`].

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unreachable)]

mod admin;
mod call;
mod clock;
mod forms;
mod hooks;
mod learner;
mod migrations;
mod offers;
mod openapi;
mod owner;
mod pages;
mod problem;
mod products;
mod public;
mod rehearsal;
mod routes;
mod seal;
mod secrets;
mod sender;
mod shard;
mod shelves;
mod shop;
mod sql;
mod system;
mod token;
mod work;

use worker::{Context, Env, Request, Response, ScheduleContext, ScheduledEvent, event};

/// Every request.
#[event(fetch, respond_with_errors)]
async fn fetch(request: Request, env: Env, _context: Context) -> worker::Result<Response> {
    routes::respond(request, &env).await
}

/// The cron backstop, in case an alarm was lost.
#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    if let Err(error) = owner::wake_overdue(&env).await {
        worker::console_error!("the backstop: {error}");
    }
}
