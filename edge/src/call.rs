//! What the Worker and the objects say to each other. Every call names its shop by the object's
//! name, so an object never sees another shop's call.

use domain::consent::Permission;
use domain::hook::{Source, Statement};
use domain::id::{ShopKey, ShopperId, Slug, VisitorId};
use domain::journey::Migration;
use domain::offer::System;
use domain::place::Placement;
use domain::preference::Entered;
use domain::published::ShopConfig;
use domain::time::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use worker::{Delay, Env, Method, Request, RequestInit};

use crate::learner::LearnerCall;
use crate::problem::{Error, Failed, Rejected, Result};
use crate::shard::hearing::{self, Connection, HookRequest};
use crate::shard::{
    Asking, CheckRequest, Copied, Counted, LowPool, Luggage, Order, Returned, Sighting, Suppression, Wish,
};
use crate::shop::{Asked, Outlook};
use crate::system::Opens;

/// What a shard is told when a version, the switches or the shop itself change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Configuration {
    /// The shop.
    pub shop: ShopKey,
    /// This shard's number.
    pub object: u16,
    /// How the buckets are spread.
    pub placement: Placement,
    /// Counts up with every change; an older one is ignored.
    pub serial: i64,
    /// Pages may send from these origins.
    pub origins: Vec<String>,
    /// What is on.
    pub switches: Switches,
    /// The live version.
    pub version: String,
    /// The live version's contents; nothing when the shard has them already.
    pub config: Option<Box<ShopConfig>>,
    /// The address at which browsers and mail readers reach the edge.
    pub edge: String,
    /// Who may speak for the shop.
    #[serde(default)]
    pub hooks: BTreeMap<Source, Connection>,
    /// Journeys whose runs are to be set on the live version.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub migrations: BTreeMap<Slug, Order>,
}

/// The kill switches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switches {
    /// Campaigns are shown.
    pub campaigns: bool,
    /// Messages leave.
    pub sending: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self { campaigns: true, sending: true }
    }
}

/// A form as it was sent, read but not yet believed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Submission {
    /// Which campaign.
    pub campaign: String,
    /// Chosen by the browser; the same form sent twice has the same.
    pub id: domain::id::EventId,
    /// The address, checked.
    pub email: domain::address::Email,
    /// The address's owner, once it was looked up.
    #[serde(default)]
    pub shopper: Option<ShopperId>,
    /// What to call somebody.
    pub given_name: Option<String>,
    /// Their birthday.
    pub birthday: Option<domain::form::Birthday>,
    /// What was ticked.
    pub allow: Vec<Permission>,
    /// On which page.
    pub page: String,
    /// The page's language.
    pub language: String,
    /// The published version that was on the screen.
    pub version: String,
    /// The browser, where it may be recognised.
    pub visitor: Option<domain::id::VisitorId>,
    /// 0 is the address itself.
    pub step: u8,
    /// A hash of the sender's network address, for limits; kept in memory only.
    pub sender: u64,
    /// The origin of the page that sent it; native programs have none.
    pub origin: Option<String>,
    /// The trap field was filled in.
    pub trapped: bool,
    /// The work it shows, if any.
    #[serde(default)]
    pub work: String,
}

/// An order that a page told of used a code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Redemption {
    /// The code, as the page has it.
    pub code: String,
    /// The shop's number for the order.
    pub order: String,
    /// When.
    pub at: Timestamp,
    /// The shop's server says so, not a page.
    #[serde(default)]
    pub by_shop: bool,
    /// When the order was cancelled, as the shop's server says: the code is good again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<Timestamp>,
    /// All names by which the order may have been told of before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

/// What a shard can be asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ShardCall {
    /// Takes a configuration over.
    Configure(Box<Configuration>),
    /// Takes a form in.
    Submit(Box<Submission>),
    /// Looks at a confirmation link, and confirms when `act`.
    Confirm { link: String, act: bool },
    /// Looks at an unsubscribe link, and withdraws when `act`: on the channel it came by, or on all.
    /// `method` goes into the receipt.
    Unsubscribe {
        link: String,
        act: bool,
        method: String,
        #[serde(default)]
        everything: bool,
    },
    /// Looks at somebody's preferences, and keeps what was entered.
    Preferences { link: String, entered: Option<Box<Entered>> },
    /// Counts and times.
    Status,
    /// Lists for the admin API, newest first, from a position downwards.
    List { what: Listing, before: Option<i64>, most: u16 },
    /// One message in full.
    Message { id: String },
    /// Seals every person's key anew under the newest master, so many at a time.
    Rewrap { most: u16 },
    /// Whether there is such a shopper, here or where they live by now.
    Known { shopper: ShopperId },
    /// Makes two shoppers one; the older lives here. Why, as rule and fact; nothing when the merchant says so.
    Join { younger: ShopperId, older: ShopperId, why: Option<(String, String)> },
    /// Undoes a join.
    Part { shopper: ShopperId },
    /// Gives a shopper that lives here away.
    Lend { shopper: ShopperId, to: ShopperId },
    /// Removes what was given away.
    Forget { shopper: ShopperId, into: ShopperId },
    /// Takes a shopper back that lives here.
    TakeBack { shopper: ShopperId, luggage: Box<Luggage> },
    /// Hears what the shop's server says.
    Hook(Box<HookRequest>),
    /// Keeps what a file of the shop's says.
    Tell(Vec<Statement>),
    /// Hears once more what was heard before: its id and itself, sealed, both in hex.
    HearAgain { id: String, sealed: String },
    /// When each source was heard last.
    HeardLast,
    /// What objects ask each other about what was said.
    Hearing(hearing::asks::Call),
    /// Looks at a wish's link, and grants the wish when `act`.
    Grant { link: String, wish: Wish, act: bool },
    /// Erases a person that lives here.
    Erase { shopper: ShopperId, rule: String, fact: String },
    /// A copy of everything about a person that lives here.
    Copy { shopper: ShopperId },
    /// What a person that lives here did, newest first.
    Timeline { shopper: ShopperId, before: i64, most: u16 },
    /// What was decided about a person that lives here, newest first.
    Decisions { shopper: ShopperId, before: i64, most: u16 },
    /// Why a page shows what it shows.
    Explain(Box<domain::campaign::Asked>),
    /// Receipts of everybody who lives here, from a position on.
    Receipts { after: i64 },
    /// A page of the log, of whoever came after a position.
    Log { after: i64 },
    /// The live version and its contents.
    Live,
    /// Puts a name on the suppression list.
    Suppress(Suppression),
    /// Takes a name off the suppression list that was proven at a moment.
    Lift { hash: domain::consent::Hash, at: Timestamp },
    /// A shopper has proven to sit before a browser that is kept here.
    See { visitor: VisitorId, shopper: ShopperId, said: Timestamp, proof: String },
    /// A signed link of this object was opened in a browser.
    Opened {
        link: String,
        /// The mark of the letter it stood in; older letters have none.
        #[serde(default)]
        letter: Option<String>,
        visitor: VisitorId,
        at: Timestamp,
    },
    /// A link of a letter was followed by somebody who lives here.
    Followed { shopper: ShopperId, letter: String, at: Timestamp },
    /// Somebody of whom a name is kept here sits before a browser.
    Named { name: domain::consent::Hash, visitor: VisitorId, at: Timestamp },
    /// A signed link of a shopper was opened in a browser that is kept here.
    SeeByLink { visitor: VisitorId, shopper: ShopperId, said: Timestamp },
    /// A browser that is kept here was not that shopper's after all.
    Unsee { visitor: VisitorId, shopper: ShopperId },
    /// What a shopper who lives here did in a browser that is kept elsewhere.
    Visited { sighting: Sighting, events: Vec<Copied> },
    /// An erased shopper's visit in a browser that is kept here.
    ForgetVisit(Sighting),
    /// Notes that an order used a code of this shard; older code asks so.
    Redeem(Redemption),
    /// Notes that an order used a code, if it was issued here; whether it was.
    Use(Redemption),
    /// There are more codes of a pool.
    Refill { offer: String },
    /// Codes of a pool that were not issued go back to the shop object.
    Recall { offer: String },
    /// What is here of each of some pools.
    CountPools { offers: Vec<String> },
    /// What is known of a person that lives here.
    Facts { shopper: ShopperId },
    /// What can be expected of shoppers from now on.
    Outlook(Box<Outlook>),
    /// Takes an alert for the merchant in.
    Alert(LowPool),
    /// Checks a code for the shop's checkout.
    CheckCode(Box<CheckRequest>),
    /// What is known of a code that was issued here, where its shopper lives by now.
    SeeCode { code: String, asking: Asking },
    /// On which other versions than the live one runs of a journey are under way, and how many.
    RunVersions { journey: Slug },
    /// What a migration would do to the runs after one of them.
    TryMigration { migration: Box<Migration>, after: String },
    /// How far it has come with a migration.
    MigrationProgress(Box<Order>),
    /// Runs what is overdue; the backstop's call.
    Wake,
    /// Moves the development clock: so far ahead of the real one.
    #[cfg(feature = "dev-clock")]
    Advance { ahead: domain::time::Span },
}

/// What can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Listing {
    /// Messages.
    Messages,
    /// People.
    People,
    /// Events.
    Events,
    /// Jobs.
    Jobs,
    /// Decisions.
    Decisions,
}

/// What a shop object can be asked.
#[derive(Debug, Serialize, Deserialize)]
pub enum ShopCall {
    /// Makes the shop.
    Create(Box<NewShop>),
    /// Whether a token is one of this shop's.
    Authorise { token: String },
    /// Makes a further admin token; `revoke` ends the others.
    NewToken { revoke: bool },
    /// The short-lived file that names the immutable ones.
    Pointer,
    /// A published file.
    File { hash: String },
    /// Publishes.
    Publish(Box<domain::published::Release>),
    /// Makes an earlier version the live one.
    Activate { version: String },
    /// The versions.
    Versions,
    /// Turns switches.
    Switch { campaigns: Option<bool>, sending: Option<bool> },
    /// Changes the origins.
    Origins { origins: Vec<String> },
    /// What the Worker needs to reach the shards, and what the shop is.
    Describe,
    /// Pushes what shards have not acknowledged yet.
    Push,
    /// Who may speak for the shop.
    Hooks,
    /// Somebody may speak for the shop, or exchanges the secret.
    Connect(Box<Connect>),
    /// A source, or only its previous secret, does not count any more.
    Disconnect { source: Source, previous_only: bool },
    /// Takes codes of a pool in, as they are spelled.
    TakeCodes { offer: String, codes: Vec<String> },
    /// A block of a pool's codes for a shard, by its number; asked for again, it is the same.
    Lease { offer: String, object: u16, block: i64 },
    /// Codes that a shard has not issued.
    GiveBack { offer: String, object: u16, codes: Vec<Returned> },
    /// What a shard has counted of its shoppers.
    Counted(Counted),
    /// Which shard has leased a code.
    WhoHas { code: String },
    /// The pools as the shop object knows them.
    Pools,
    /// Whether there is such a pool, and that shards give back what they have of it.
    Recall { offer: String },
    /// A shop system in which codes can be made.
    ConnectSystem { system: System, opens: Opens },
    /// The shop systems.
    Systems,
    /// A shop system is not used any more.
    DisconnectSystem { system: System },
    /// Sets runs under way on the live version, or only checks that.
    Migrate(Box<Asked>),
    /// The last order to do so for a journey.
    Migration { journey: String },
    /// Seals the secrets anew under the newest master.
    Rewrap,
    /// The shop has left: it sends and hears nothing any more.
    Leave,
}

/// Somebody who may speak for the shop, or a new secret for them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Connect {
    /// Who.
    pub source: Source,
    /// The secret they sign with.
    pub secret: String,
    /// The secret until now counts on, until the next exchange.
    pub keep_previous: bool,
    /// The country whose telephone numbers are meant where they lack one.
    pub calling_code: Option<u16>,
    /// The shop's domain at the platform.
    pub domain: Option<String>,
}

/// A shop to be made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewShop {
    /// Its key.
    pub key: ShopKey,
    /// Its name, until a version names it.
    pub name: String,
    /// Pages may send from these origins.
    pub origins: Vec<String>,
    /// How many shard objects.
    pub placement: Placement,
    /// Where browsers reach the edge.
    pub edge: String,
    /// When.
    pub now: Timestamp,
}

/// A shop in a few words.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Description {
    /// Its name.
    pub name: String,
    /// Its home page.
    pub url: String,
    /// The live version; empty while there is none.
    pub version: String,
    /// How its buckets are spread.
    pub placement: Placement,
    /// Its switches.
    pub switches: Switches,
    /// Where its pages are.
    pub origins: Vec<String>,
    /// Shards that have not taken the last change over yet.
    pub behind: Vec<u16>,
}

/// The name of a shop's shard object.
pub fn shard_name(shop: &ShopKey, object: u16) -> String {
    format!("{shop}/shard/{object}")
}

/// The name of a shop's shop object.
pub fn shop_name(shop: &ShopKey) -> String {
    format!("{shop}/shop")
}

/// The name of a shop's learner.
pub fn learner_name(shop: &ShopKey) -> String {
    format!("{shop}/learner")
}

/// Asks a learner.
pub async fn learner<T: DeserializeOwned>(env: &Env, shop: &ShopKey, call: &LearnerCall) -> Result<T> {
    ask(env, "LEARNER", &learner_name(shop), call).await
}

/// Asks a shard.
pub async fn shard<T: DeserializeOwned>(env: &Env, shop: &ShopKey, object: u16, call: &ShardCall) -> Result<T> {
    ask(env, "SHARD", &shard_name(shop, object), call).await
}

/// Asks a shard about a shopper. One who is on the way to another object just now is waited for, a
/// little while.
pub async fn shard_patiently<T: DeserializeOwned>(
    env: &Env,
    shop: &ShopKey,
    object: u16,
    call: &ShardCall,
) -> Result<T> {
    const TRIES: u32 = 12;
    const PAUSE: Duration = Duration::from_millis(150);
    for _ in 1..TRIES {
        match shard(env, shop, object, call).await {
            Err(Error::Rejected(rejected)) if rejected.status == 503 => Delay::from(PAUSE).await,
            answer => return answer,
        }
    }
    shard(env, shop, object, call).await
}

/// Asks a shop object.
pub async fn shop<T: DeserializeOwned>(env: &Env, shop: &ShopKey, call: &ShopCall) -> Result<T> {
    ask(env, "SHOP", &shop_name(shop), call).await
}

async fn ask<C: Serialize, T: DeserializeOwned>(env: &Env, class: &str, name: &str, call: &C) -> Result<T> {
    let body = serde_json::to_string(call)?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_body(Some(body.as_str().into()));
    let request = Request::new_with_init("https://object/call", &init)?;
    let stub = env.durable_object(class)?.get_by_name(name)?;
    let mut response = stub.fetch_with_request(request).await?;
    let answer = response.text().await?;
    // A failure in the object answers with a problem that names the request under which it was logged.
    let reply: core::result::Result<T, Rejected> =
        serde_json::from_str(&answer).map_err(|_| Failed::new("reading an object's answer", unread(&body, &answer)))?;
    Ok(reply?)
}

/// What may be logged of an answer that could not be read: it may be somebody's. A problem names the request
/// under which the object has logged it.
fn unread(call: &str, answer: &str) -> String {
    #[derive(Deserialize)]
    struct Problem {
        request_id: String,
    }
    let kind: String = call.chars().skip_while(|c| !c.is_alphanumeric()).take_while(|c| c.is_alphanumeric()).collect();
    match serde_json::from_str::<Problem>(answer) {
        Ok(Problem { request_id }) if request_id.len() <= 64 => format!("{kind}: see request {request_id}"),
        _ => format!("{kind}: {} bytes that are no answer to it", answer.len()),
    }
}

/// An object's answer to a call, as the caller reads it.
pub fn reply<T: Serialize>(answer: Result<T>) -> Result<worker::Response> {
    let reply: core::result::Result<T, Rejected> = match answer {
        Ok(value) => Ok(value),
        Err(Error::Rejected(rejected)) => Err(*rejected),
        Err(failed) => return Err(failed),
    };
    Ok(worker::Response::builder().fixed(serde_json::to_vec(&reply)?))
}

#[cfg(test)]
mod tests {
    use super::unread;

    #[test]
    fn nothing_of_an_answer_that_cannot_be_read_is_logged() {
        let problem = r#"{"type":"about:blank","status":500,"title":"Our own error","request_id":"89b3e140d17d"}"#;
        assert_eq!(unread(r#"{"Confirm":{"link":"x","act":true}}"#, problem), "Confirm: see request 89b3e140d17d");
        let page = r#"{"Ok":{"given_name":"Anna","birthday":"02-29"}}"#;
        assert_eq!(unread(r#""Status""#, page), "Status: 47 bytes that are no answer to it");
        assert_eq!(unread("", ""), ": 0 bytes that are no answer to it");
    }
}
