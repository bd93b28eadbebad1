//! What the shop's server says: heard, kept, settled.
//!
//! A request is heard at the shop's *ear*, its first object: the signature is checked, what is said is
//! kept sealed in `heard`, and only then is it acknowledged. Settling comes after, by one job over all
//! that is not settled yet: whose the names are ([`names`]), what of it belongs to a person
//! ([`customers`], [`orders`]), what data protection asks ([`privacy`]). Every step can be repeated, and
//! a statement is dropped only after its last one, so a crash between any two ends the same.

pub mod asks;
mod customers;
pub(super) mod facts;
mod hands;
mod names;
mod orders;
pub(super) mod orders_at_home;
mod privacy;
mod shown;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::address::Email;
use domain::event::SignedName;
use domain::hook::{self, Context, Heard as Told, Privacy, Says, Secrets, Source, Statement};
use domain::id::hex;
use domain::identity::NameKind;
use domain::phone::{CallingCode, Phone};
use domain::time::{Span, Timestamp};
use futures_util::future::{self, FutureExt as _, LocalBoxFuture, join_all};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::jobs::{self, Job};
use super::limits::Counted;
use super::mail::MESSAGE;
use super::{Shard, Shop, schema};
use crate::call::{self, ShardCall};
use crate::clock::real_now;
use crate::learner::{Heard, LearnerCall};
use crate::problem::{Error, Failed, Rejected, Result};
use crate::seal::{newest_for_shop, open_for_shop, seal_for_shop};
use crate::secrets::ShopKeys;
use crate::sql::{Db, Row, values};

/// The shop's ear: the object at which everything arrives.
pub const EAR: u16 = 0;

/// Under these names things of the shop are sealed.
const STATEMENT: &str = "statement";
const SECRETS: &str = "hook secrets";

/// How many statements are settled side by side.
const SIDE_BY_SIDE: i64 = 16;
/// How long nothing must be said before settling goes on: a burst is acknowledged first …
const PAUSE: Span = Span::milliseconds(250);
/// … unless something has waited for so long.
const LONGEST_WAIT: Span = Span::seconds(5);
/// How long ids are remembered, so that a repetition counts once.
const REMEMBERED: Span = Span::days(30);
/// How long what was said waits for others to be kept with: a commit costs more than all else.
const TOGETHER: Duration = Duration::from_millis(10);
/// As much as one statement to the database takes.
const MOST_AT_ONCE: usize = 1_000_000;

/// A request of the shop's server, as it came in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HookRequest {
    /// Who is said to speak.
    pub source: Source,
    /// Those of its headers that are read.
    pub headers: Vec<(String, String)>,
    /// The bytes that were signed.
    pub body: String,
    /// A hash of the sender's network address, for limits; kept in memory only.
    pub sender: Option<u64>,
}

/// What a shop's server is told: everything it said is kept.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct HookAnswer {
    /// How many statements were read in it. One that was heard before changes nothing.
    pub heard: usize,
}

/// Somebody who may speak for the shop, as the shards know it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Connection {
    /// The secrets, sealed, in base64.
    sealed: String,
    /// Whose telephone numbers are meant where they name no country.
    calling_code: Option<u16>,
    /// The shop's domain at the platform.
    #[serde(default)]
    domain: Option<String>,
}

/// The topic of a request that is about a product, which is the learner's business.
fn product_topic(request: &HookRequest) -> Option<String> {
    let named = |header: &&(String, String)| header.0.eq_ignore_ascii_case("X-Shopify-Topic");
    let topic = request.headers.iter().find(named).map(|header| header.1.trim().to_ascii_lowercase())?;
    (request.source == Source::Shopify && topic.starts_with("products/")).then_some(topic)
}

/// The secrets that a source signs with.
#[derive(Clone, Serialize, Deserialize)]
pub struct Shared {
    /// The one in use.
    pub current: String,
    /// The one before it, while both hold.
    pub previous: Option<String>,
}

impl Shared {
    /// The form in which they are stored.
    pub fn seal(&self, keys: &ShopKeys, source: Source) -> Result<Vec<u8>> {
        seal_for_shop(keys, &place(source), &serde_json::to_string(self)?)
    }

    /// Opens what is stored.
    pub fn open(keys: &ShopKeys, source: Source, sealed: &[u8]) -> Result<Self> {
        Ok(serde_json::from_str(&open_for_shop(keys, &place(source), sealed)?)?)
    }
}

impl Connection {
    /// What shards are told of sealed secrets.
    pub fn new(sealed: &[u8], calling_code: Option<u16>, domain: Option<String>) -> Self {
        Self { sealed: STANDARD.encode(sealed), calling_code, domain }
    }

    pub(in crate::shard) fn secrets(&self, keys: &ShopKeys, source: Source) -> Result<Secrets> {
        let wrong = |_| Failed::new("reading the secrets of a hook", "not base64");
        let shared = Shared::open(keys, source, &STANDARD.decode(&self.sealed).map_err(wrong)?)?;
        let secrets = Secrets::new(&shared.current, shared.previous.as_deref());
        Ok(secrets.map_err(|error| Failed::new("reading the secrets of a hook", error))?)
    }
}

fn place(source: Source) -> String {
    format!("{SECRETS}/{}", source.as_str())
}

/// A moment that several wait for.
pub(super) type Together = future::Shared<LocalBoxFuture<'static, ()>>;

/// One that has come.
pub(super) fn at_once() -> Together {
    async {}.boxed_local().shared()
}

/// What came of trying to settle a statement.
enum Outcome {
    /// Nothing is left to do.
    Settled,
    /// Something is on the way just now; to be tried again after so long.
    Later(Span),
}

impl Shard {
    /// Hears a request; nothing is acknowledged that is not kept. That somebody is to be erased is
    /// acknowledged only when it is done.
    pub(super) async fn hear(&self, request: &HookRequest) -> Result<HookAnswer> {
        let statements = self.read_hook(request)?;
        let answer = self.keep_statements(&statements).await?;
        if let Some(topic) = product_topic(request) {
            let (key, body) = (self.shop()?.key.clone(), request.body.clone());
            call::learner::<Heard>(&self.env, &key, &LearnerCall::Shopify { topic, body }).await?;
            return Ok(HookAnswer { heard: 1 });
        }
        for statement in &statements {
            if matches!(statement.says, Says::Privacy(Privacy::CustomerRedact { .. })) {
                self.settle_at_once(statement).await?;
            }
        }
        Ok(answer)
    }

    /// Reads a request: nothing of it is believed before its signature holds.
    fn read_hook(&self, request: &HookRequest) -> Result<Vec<Statement>> {
        let (shop, now) = (self.shop()?, self.now());
        let source = request.source;
        let connection = shop.hooks.get(&source).ok_or_else(|| not_connected(source))?;
        let secrets = connection.secrets(&shop.keys, source)?;
        let context = Context { now, calling_code: connection.calling_code.and_then(CallingCode::new) };
        let body = request.body.as_bytes();
        if source == Source::WooCommerce && hook::is_ping(body) {
            return Ok(Vec::new());
        }
        let refused = |refused: hook::Refused| Error::from(refusal(refused));
        // Counted before, given back when it is signed: a body that is not costs no more than this.
        if let Some(sender) = request.sender {
            let detail = "too many requests from this network address were not signed rightly";
            let taken = self.limits.borrow_mut().take(Counted::Unsigned, sender, 1, real_now());
            taken.map_err(|wait| Rejected::too_many(detail, wait))?;
        }
        hook::verify(source, &request.headers, body, &secrets, real_now()).map_err(refused)?;
        if let Some(sender) = request.sender {
            self.limits.borrow_mut().give_back(Counted::Unsigned, sender);
        }
        hook::is_about(source, &request.headers, body, connection.domain.as_deref()).map_err(refused)?;
        let statements = match hook::read(source, &request.headers, body, &context).map_err(refused)? {
            Told::Statements(statements) => statements,
            Told::Nothing(_) => Vec::new(),
        };
        let last = heard_last(source);
        let known = schema::meta(&self.db, &last)?.and_then(|text| text.parse().ok()).unwrap_or(0);
        // Shown to people: a minute is near enough.
        if now.0 - known > Span::minutes(1).0 {
            schema::set_meta(&self.db, &last, &now.0.to_string())?;
        }
        Ok(statements)
    }

    /// Keeps statements until they are settled. One that was kept before changes nothing. What comes in at
    /// the same time is kept together, in one commit; an answer is given after it.
    pub(super) async fn keep_statements(&self, statements: &[Statement]) -> Result<HookAnswer> {
        let shop = self.shop()?;
        let mut rows = Vec::new();
        for statement in statements {
            let id = hex(&shop.keys.name(STATEMENT, &statement.id));
            rows.push((id, hex(&seal_for_shop(&shop.keys, STATEMENT, &serde_json::to_string(statement)?)?)));
        }
        if !rows.is_empty() {
            self.wait_together(rows).await;
            self.keep_said()?;
        }
        Ok(HookAnswer { heard: statements.len() })
    }

    /// Settles a statement now, or says that it takes a little longer.
    async fn settle_at_once(&self, statement: &Statement) -> Result<()> {
        const TRIES: usize = 60;
        const REST: core::time::Duration = core::time::Duration::from_millis(50);
        let shop = self.shop()?;
        let id = shop.keys.name(STATEMENT, &statement.id).to_vec();
        for _ in 0..TRIES {
            let row = self.db.row(
                "SELECT id, statement, attempts FROM heard WHERE id = ? AND statement IS NOT NULL",
                values![id.clone()],
            )?;
            let Some(row) = row else { return Ok(()) };
            self.try_to_settle(&shop, Pending::read(&shop, &row)?).await?;
            worker::Delay::from(REST).await;
        }
        Err(super::joining::busy().into())
    }

    /// Waits with all that came in since the last commit; the first of them sets the moment.
    fn wait_together(&self, rows: Vec<(String, String)>) -> Together {
        let mut said = self.said.borrow_mut();
        let mut together = self.together.borrow_mut();
        if said.is_empty() {
            *together = async { worker::Delay::from(TOGETHER).await }.boxed_local().shared();
        }
        said.extend(rows);
        together.clone()
    }

    /// Writes all that waits. Whoever comes to this first writes for the others too; what cannot be written
    /// goes on waiting, so that each of them learns of it.
    fn keep_said(&self) -> Result<()> {
        let now = self.now();
        let said = self.said.take();
        if said.is_empty() {
            return Ok(());
        }
        let written = self.write_said(&said, now);
        if written.is_err() {
            self.said.borrow_mut().extend(said);
        }
        written
    }

    fn write_said(&self, said: &[(String, String)], now: Timestamp) -> Result<()> {
        let (mut from, mut size) = (0, 0);
        for (n, (_, sealed)) in said.iter().enumerate() {
            size += sealed.len();
            if size > MOST_AT_ONCE || n + 1 == said.len() {
                write(&self.db, said.get(from..=n).unwrap_or_default(), now)?;
                (from, size) = (n + 1, 0);
            }
        }
        self.settle_soon(now + PAUSE)
    }

    /// What was heard before is said once more, to the shop's ear.
    fn say_again(&self, shop: &Shop, statement: &Statement) -> Result<()> {
        let id = hex(&shop.keys.name(STATEMENT, &statement.id));
        let sealed = hex(&seal_for_shop(&shop.keys, STATEMENT, &serde_json::to_string(statement)?)?);
        if shop.object == EAR {
            return self.hear_again(id, sealed);
        }
        let key = format!("again:{id}");
        jobs::add(&self.db, &Job::errand(key, self.now(), EAR, ShardCall::HearAgain { id, sealed }))
    }

    /// Hears once more what was heard before.
    pub(super) fn hear_again(&self, id: String, sealed: String) -> Result<()> {
        write(&self.db, &[(id, sealed)], self.now())?;
        self.settle_soon(self.now())
    }

    /// When each source was heard last.
    pub(super) fn heard_last(&self) -> Result<BTreeMap<Source, Timestamp>> {
        let mut heard = BTreeMap::new();
        for source in Source::ALL {
            let at = schema::meta(&self.db, &heard_last(source))?.and_then(|text| text.parse().ok());
            heard.extend(at.map(|at| (source, Timestamp(at))));
        }
        Ok(heard)
    }

    /// Settles some of what is due. Statements that share a name are settled one after the other, the
    /// others side by side.
    pub(super) async fn settle_due(&self) -> Result<()> {
        let shop = self.shop()?;
        if self.is_being_spoken_to()? {
            jobs::remove(&self.db, jobs::HEAR)?;
            return self.settle_soon(self.now() + PAUSE);
        }
        let due = self.db.rows(
            "SELECT id, statement, attempts FROM heard WHERE due <= ? ORDER BY due LIMIT ?",
            values![self.now().0, SIDE_BY_SIDE],
        )?;
        let groups = group(&shop, due)?;
        let settled = groups.into_iter().map(async |group| {
            for pending in group {
                self.try_to_settle(&shop, pending).await?;
            }
            Ok(())
        });
        // Each is tried, whatever becomes of the others.
        let all: Result<Vec<()>> = join_all(settled).await.into_iter().collect();
        self.hear_on()?;
        // Where nothing had to be asked of others, nothing else came in meanwhile.
        worker::Delay::from(Duration::ZERO).await;
        all.map(drop)
    }

    async fn try_to_settle(&self, shop: &Shop, pending: Pending) -> Result<()> {
        let Pending { id, attempts, statement } = pending;
        let outcome = match statement {
            Ok(statement) => self.settle(shop, statement).await,
            Err(error) => Err(error),
        };
        let (wait, tried) = match outcome {
            Ok(Outcome::Settled) => {
                return self.db.run("UPDATE heard SET statement = NULL, due = NULL WHERE id = ?", values![id]);
            }
            Ok(Outcome::Later(wait)) => (wait, 0),
            // A shopper is on the way to another object.
            Err(Error::Rejected(rejected)) if rejected.status == 503 => (Span::milliseconds(200), 0),
            Err(error) => {
                worker::console_error!("settling what a shop's server said: {error}");
                (jobs::backoff(attempts), 1)
            }
        };
        self.db.run(
            "UPDATE heard SET due = ?, attempts = attempts + ? WHERE id = ?",
            values![(self.now() + wait).0, tried, id],
        )
    }

    /// Makes the next settling due, if anything is left to settle.
    fn hear_on(&self) -> Result<()> {
        jobs::remove(&self.db, jobs::HEAR)?;
        let next = self.db.row("SELECT min(due) FROM heard WHERE due IS NOT NULL", values![])?;
        if let Some(due) = next.and_then(|row| row.maybe_int(0)) {
            return self.settle_soon(Timestamp(due));
        }
        self.db.run("DELETE FROM heard WHERE at < ? AND due IS NULL", values![self.now().0 - REMEMBERED.0])
    }

    /// Whether more is being said just now and nothing has waited for long: whoever speaks is answered
    /// first.
    fn is_being_spoken_to(&self) -> Result<bool> {
        let now = self.now().0;
        let newest = self.db.number("SELECT max(at) FROM heard", values![])?;
        let oldest = self.db.number("SELECT min(due) FROM heard WHERE due IS NOT NULL", values![])?;
        Ok(now - newest < PAUSE.0 && now - oldest < LONGEST_WAIT.0)
    }

    /// Makes a settling due at a moment, unless there is one due before.
    fn settle_soon(&self, at: Timestamp) -> Result<()> {
        let known = self.db.row("SELECT due FROM jobs WHERE key = ?", values![jobs::HEAR])?;
        match known.and_then(|row| row.maybe_int(0)) {
            Some(due) if due <= at.0 => Ok(()),
            Some(_) => self.db.run("UPDATE jobs SET due = ? WHERE key = ?", values![at.0, jobs::HEAR]),
            None => jobs::add(&self.db, &Job::hear(at)),
        }
    }

    async fn settle(&self, shop: &Shop, statement: Statement) -> Result<Outcome> {
        match statement.says {
            Says::Customer(record) => self.settle_customer(shop, *record).await,
            Says::Order(record) => self.settle_order(shop, *record).await,
            Says::Privacy(privacy) => self.settle_privacy(shop, &statement.id, statement.at, privacy).await,
        }
    }

    /// Seals anew under the newest master what is sealed for the shop; how much is left.
    pub(super) fn reseal(&self, most: u16) -> Result<i64> {
        let shop = self.shop()?;
        let newest = newest_for_shop(&shop.keys);
        for (table, column, place) in [("heard", "statement", STATEMENT), ("orders_told", "record", orders::ORDER)] {
            let key = if table == "heard" { "id" } else { "hash" };
            let query = format!(
                "SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL AND substr({column}, 1, 4) <> ? LIMIT ?"
            );
            for row in self.db.rows(&query, values![newest.clone(), i64::from(most)])? {
                let text = open_for_shop(&shop.keys, place, row.bytes(1)?)?;
                let update = format!("UPDATE {table} SET {column} = ? WHERE {key} = ?");
                self.db.run(&update, values![seal_for_shop(&shop.keys, place, &text)?, row.bytes(0)?.to_vec()])?;
            }
        }
        let left = |table: &str, column: &str| {
            let query =
                format!("SELECT count(*) FROM {table} WHERE {column} IS NOT NULL AND substr({column}, 1, 4) <> ?");
            self.db.number(&query, values![newest.clone()])
        };
        // What went to the merchant.
        let theirs = "shopper = '' AND length(message) > 0 AND substr(message, 1, 4) <> ?";
        let query = format!("SELECT claim, message FROM sends WHERE {theirs} LIMIT ?");
        for row in self.db.rows(&query, values![newest.clone(), i64::from(most)])? {
            let text = open_for_shop(&shop.keys, MESSAGE, row.bytes(1)?)?;
            let sealed = seal_for_shop(&shop.keys, MESSAGE, &text)?;
            self.db.run("UPDATE sends SET message = ? WHERE claim = ?", values![sealed, row.text(0)?])?;
        }
        let mails = self.db.number(&format!("SELECT count(*) FROM sends WHERE {theirs}"), values![newest.clone()])?;
        Ok(left("heard", "statement")? + left("orders_told", "record")? + mails)
    }
}

/// The secrets that a source signs with.
pub fn secrets_of(shop: &Shop, source: Source) -> Result<Secrets> {
    let connection = shop.hooks.get(&source).ok_or_else(|| not_connected(source))?;
    connection.secrets(&shop.keys, source)
}

/// The name that the shop's server has signed, in the form in which names are compared; nothing when
/// the signature does not hold.
pub fn signed_name(shop: &Shop, signed: &SignedName) -> Result<Option<String>> {
    let Some(connection) = shop.hooks.get(&Source::Generic) else { return Ok(None) };
    let secrets = connection.secrets(&shop.keys, Source::Generic)?;
    let header = [("Rapport-Signature", signed.proof.as_str())];
    if hook::verify(Source::Generic, &header, signed.text().as_bytes(), &secrets, real_now()).is_err() {
        return Ok(None);
    }
    Ok(match signed.kind {
        NameKind::Customer => Some(signed.name.clone()),
        NameKind::Email => signed.name.parse::<Email>().ok().map(String::from),
        NameKind::Phone => signed.name.parse::<Phone>().ok().map(String::from),
    })
}

/// A statement that is not settled yet.
struct Pending {
    id: Vec<u8>,
    attempts: i64,
    statement: Result<Statement>,
}

impl Pending {
    /// From its id, the sealed statement and how often it was tried.
    fn read(shop: &Shop, row: &Row) -> Result<Self> {
        let opened = open_for_shop(&shop.keys, STATEMENT, row.bytes(1)?);
        let statement = opened.and_then(|text| Ok(serde_json::from_str(&text)?));
        Ok(Self { id: row.bytes(0)?.to_vec(), attempts: row.int(2)?, statement })
    }
}

/// Puts statements that share a name, also by way of a third, together.
fn group(shop: &Shop, rows: Vec<Row>) -> Result<Vec<Vec<Pending>>> {
    let mut groups: Vec<(BTreeSet<Vec<u8>>, Vec<Pending>)> = Vec::new();
    for row in rows {
        let pending = Pending::read(shop, &row)?;
        let mut names = pending.statement.as_ref().map(|statement| names_in(shop, &statement.says)).unwrap_or_default();
        let (touching, apart) = groups.into_iter().partition(|(known, _)| !known.is_disjoint(&names));
        groups = apart;
        let mut together = Vec::new();
        for (known, pending) in touching {
            names.extend(known);
            together.extend(pending);
        }
        together.push(pending);
        groups.push((names, together));
    }
    Ok(groups.into_iter().map(|(_, pending)| pending).collect())
}

/// All names in a statement.
fn names_in(shop: &Shop, says: &Says) -> BTreeSet<Vec<u8>> {
    let names = match says {
        Says::Customer(record) => customers::names_of(shop, record),
        Says::Order(record) => return orders::names_in(shop, record),
        Says::Privacy(privacy) => privacy::names_in(shop, privacy),
    };
    names.into_iter().map(|name| name.hash.to_vec()).collect()
}

/// Writes ids and sealed statements, both in hex.
fn write(db: &Db, rows: &[(String, String)], now: Timestamp) -> Result<()> {
    db.run(
        "INSERT OR IGNORE INTO heard (id, at, statement, due)
         SELECT unhex(value ->> 0), ?1, unhex(value ->> 1), ?1 FROM json_each(?2)",
        values![now.0, serde_json::to_string(rows)?],
    )
}

fn heard_last(source: Source) -> String {
    format!("heard {}", source.as_str())
}

fn not_connected(source: Source) -> Rejected {
    let detail =
        format!("this shop is not connected to {}; PUT /admin/v1/shops/…/hooks/{0} connects it", source.as_str());
    Rejected { field: Some("source".into()), ..Rejected::not_found(detail) }
}

/// A refusal in the form in which callers get it.
pub fn refusal(refused: hook::Refused) -> Rejected {
    let title = match refused.status {
        401 => "Not signed rightly",
        413 => "Too long",
        _ => "A field is wrong",
    };
    let field = Some(refused.field).filter(|field| !field.is_empty());
    Rejected { field, ..Rejected::new(refused.status, title, refused.detail) }
}
