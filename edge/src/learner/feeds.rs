//! Product feeds that the shop publishes: fetched when they are due, read while they arrive.
//!
//! What has not changed since (`ETag`, `Last-Modified`) is not read again. A feed that does not answer, or whose end
//! never comes, is tried again later; what it said until then counts, and nothing is gone because of it.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::catalogue::feed::{Form, Item, Named, Problem, Reading};
use domain::catalogue::{Said, Source};
use domain::id::Slug;
use domain::shelf::settings::{Feed, FeedKind};
use domain::time::{Span, Timestamp};
use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use serde_json::{Value as Json, json};
use worker::{AbortController, AbortSignal, Delay, Fetch, Headers, Method, Request, RequestInit};

use super::Learner;
use super::catalogue::Speaker;
use super::due::{self, Due};
use crate::problem::{Failed, Result};
use crate::sql::{Row, values};

/// No feed is read oftener, whatever it says.
const AT_MOST_EVERY: Span = Span::minutes(1);
/// The largest feed that is read, in bytes.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// How long a feed may take to arrive.
const PATIENCE: Duration = Duration::from_mins(3);
/// Products that are taken in at a time.
const AT_A_TIME: usize = 250;
/// Pages of a Shopify shop's list, and products of each.
const MOST_PAGES: u32 = 100;
const PAGE: usize = 250;
/// Problems of a feed that are shown, at most.
const MOST_PROBLEMS: usize = 20;

/// What came of reading a feed.
#[derive(Default)]
struct Came {
    /// Nothing has changed since.
    same: bool,
    products: usize,
    refused: usize,
    problems: Vec<Problem>,
    etag: Option<String>,
    modified: Option<String>,
}

impl Learner {
    /// When each feed is due.
    fn due_of(&self, feed: &Feed) -> Result<Timestamp> {
        let row = self.db.row("SELECT tried, attempts FROM feeds WHERE url = ?", values![feed.url.as_str()])?;
        let Some(row) = row else { return Ok(Timestamp(0)) };
        let Some(tried) = row.maybe_int(0).map(Timestamp) else { return Ok(Timestamp(0)) };
        let attempts = row.int(1)?;
        let every = Span(feed.every.0.max(AT_MOST_EVERY.0));
        let wait = if attempts > 0 { every.min(crate::shard::backoff(attempts)) } else { every };
        Ok(tried + wait)
    }

    /// Sees to it that feeds are looked at when they are due.
    pub(super) fn look_at_feeds(&self) -> Result<()> {
        let shop = self.shop()?;
        let mut next = None;
        for feed in &shop.shelves.catalogue.feeds {
            let due = self.due_of(feed)?.max(self.now());
            next = Some(next.map_or(due, |next: Timestamp| next.min(due)));
        }
        match next {
            Some(next) => due::set(&self.db, Due::Feeds, next, 0),
            None => due::clear(&self.db, Due::Feeds),
        }
    }

    /// The merchant does not want to wait: all feeds are due, but none oftener than once a minute.
    pub(super) fn feeds_at_once(&self) -> Result<Json> {
        let latest = self.now().0 - AT_MOST_EVERY.0;
        self.db.run("UPDATE feeds SET tried = NULL WHERE tried <= ?", values![latest])?;
        self.look_at_feeds()?;
        self.list_feeds()
    }

    /// Reads the feeds that are due.
    pub(super) async fn read_feeds(&self) -> Result<()> {
        let shop = self.shop()?;
        for feed in &shop.shelves.catalogue.feeds {
            if self.due_of(feed)? > self.now() {
                continue;
            }
            let url = feed.url.as_str();
            // Counted before, so that a feed that ends this instance is not read again at once.
            self.db.run(
                "INSERT INTO feeds (url, tried, status, products, refused, attempts) VALUES (?1, ?2, 'reading', 0, 0, 1)
                   ON CONFLICT (url) DO UPDATE SET tried = ?2, status = 'reading', attempts = attempts + 1",
                values![url, self.now().0],
            )?;
            match self.read_feed(feed).await {
                Ok(came) => self.note(url, &came)?,
                Err(error) => {
                    let said: String = error.to_string().chars().take(300).collect();
                    self.db
                        .run("UPDATE feeds SET status = ? WHERE url = ?", values![format!("failed: {said}"), url])?;
                }
            }
        }
        self.look_at_feeds()
    }

    fn note(&self, url: &str, came: &Came) -> Result<()> {
        let now = self.now().0;
        if came.same {
            let query = "UPDATE feeds SET heard = ?, status = 'unchanged', attempts = 0 WHERE url = ?";
            return self.db.run(query, values![now, url]);
        }
        let problems: Vec<String> = came
            .problems
            .iter()
            .map(|problem| {
                let id = problem.id.as_deref().unwrap_or_default();
                format!("{} {id} {}: {}", problem.place, problem.field, problem.detail)
            })
            .collect();
        let status = if problems.is_empty() { "read".to_owned() } else { format!("read\n{}", problems.join("\n")) };
        self.db.run(
            "UPDATE feeds SET heard = ?, status = ?, products = ?, refused = ?, etag = ?, modified = ?, attempts = 0
              WHERE url = ?",
            values![
                now,
                status,
                count(came.products),
                count(came.refused),
                came.etag.clone(),
                came.modified.clone(),
                url
            ],
        )
    }

    async fn read_feed(&self, feed: &Feed) -> Result<Came> {
        let mut came = Came::default();
        let mut named = Named::default();
        for page in 1..=MOST_PAGES {
            let url = match feed.kind {
                FeedKind::Google => feed.url.clone(),
                FeedKind::Shopify => {
                    let mark = if feed.url.contains('?') { '&' } else { '?' };
                    format!("{}{mark}limit={PAGE}&page={page}", feed.url)
                }
            };
            let Some(some) = self.read_page(feed, &url, page == 1, &mut came).await? else { return Ok(came) };
            let last = feed.kind == FeedKind::Google || some.count() < PAGE;
            named.join(some);
            if last {
                break;
            }
        }
        self.leave_out(feed, &named)?;
        Ok(came)
    }

    /// Reads one answer; which products it names, or nothing if it is what it was.
    async fn read_page(&self, feed: &Feed, url: &str, first: bool, came: &mut Came) -> Result<Option<Named>> {
        let abort = AbortController::default();
        let read = self.read_answer(feed, url, first, abort.signal(), came);
        match select(Box::pin(read), Box::pin(Delay::from(PATIENCE))).await {
            Either::Left((read, _)) => read,
            Either::Right(_) => {
                abort.abort();
                Err(failed(format!("it did not end within {} seconds", PATIENCE.as_secs())))
            }
        }
    }

    async fn read_answer(
        &self,
        feed: &Feed,
        url: &str,
        first: bool,
        signal: AbortSignal,
        came: &mut Came,
    ) -> Result<Option<Named>> {
        let headers = Headers::new();
        headers.set("accept", "*/*")?;
        // The first page of several says nothing of the others.
        if feed.kind == FeedKind::Google
            && let Some(row) = self.before(feed)?
        {
            for (column, name) in [(0, "if-none-match"), (1, "if-modified-since")] {
                if let Some(value) = row.maybe_text(column) {
                    headers.set(name, value)?;
                }
            }
        }
        let mut init = RequestInit::new();
        init.with_method(Method::Get).with_headers(headers);
        let request = Request::new_with_init(url, &init)?;
        let mut response = Fetch::Request(request).send_with_signal(&signal).await?;
        match response.status_code() {
            304 if feed.kind == FeedKind::Google => {
                came.same = true;
                return Ok(None);
            }
            200 => {}
            status => return Err(failed(format!("it answered {status}"))),
        }
        if first {
            came.etag = response.headers().get("etag")?;
            came.modified = response.headers().get("last-modified")?;
        }
        let form = match feed.kind {
            FeedKind::Google => Form::Google,
            FeedKind::Shopify => Form::Shopify,
        };
        let mut reading = Reading::new(form, Source::Feed, self.bounds(&feed.market)?, self.now());
        let (mut waiting, mut bytes) = (Vec::new(), 0_usize);
        let mut chunks = response.stream()?;
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk?;
            bytes = bytes.saturating_add(chunk.len());
            if bytes > MOST_BYTES {
                return Err(failed(format!("it has more than {MOST_BYTES} bytes")));
            }
            for piece in chunk.chunks(PIECE) {
                waiting.extend(reading.push(piece));
                if waiting.len() >= AT_A_TIME {
                    self.take_items(feed, core::mem::take(&mut waiting), came)?;
                }
            }
        }
        let (rest, ended) = reading.end();
        waiting.extend(rest);
        for some in waiting.chunks(AT_A_TIME) {
            self.take_items(feed, some.to_vec(), came)?;
        }
        let named = ended.map_err(|problem| failed(problem.detail))?;
        Ok(Some(named))
    }

    fn before(&self, feed: &Feed) -> Result<Option<Row>> {
        let query = "SELECT etag, modified FROM feeds WHERE url = ? AND heard IS NOT NULL";
        self.db.row(query, values![feed.url.as_str()])
    }

    /// Takes in what items say, in one section.
    fn take_items(&self, feed: &Feed, items: Vec<Item>, came: &mut Came) -> Result<()> {
        let (mut said, mut gone): (Vec<Said>, Vec<String>) = (Vec::new(), Vec::new());
        for item in items {
            match item {
                Item::Said(one) => said.push(*one),
                Item::Gone(id) => gone.push(id),
                Item::Problem(problem) => {
                    came.refused += 1;
                    if came.problems.len() < MOST_PROBLEMS {
                        came.problems.push(problem);
                    }
                }
            }
        }
        came.products += said.len();
        self.whole(|| {
            let by = Speaker { source: Source::Feed, feed: &feed.url };
            self.take_in(by, &feed.market, &said, false)?;
            self.take_back(&feed.url, &feed.market, &gone)
        })
    }

    /// What the feed does not name any more it does not say any more.
    fn leave_out(&self, feed: &Feed, named: &Named) -> Result<()> {
        let rows = self.db.rows(
            "SELECT id FROM said WHERE source = 'feed' AND feed = ? AND market = ?",
            values![feed.url.as_str(), feed.market.as_str()],
        )?;
        let before: Vec<&str> = rows.iter().filter_map(|row| row.maybe_text(0)).collect();
        let gone: Vec<String> = named.gone(before).into_iter().map(str::to_owned).collect();
        for some in gone.chunks(AT_A_TIME) {
            self.whole(|| self.take_back(&feed.url, &feed.market, some))?;
        }
        Ok(())
    }

    fn take_back(&self, feed: &str, market: &Slug, ids: &[String]) -> Result<()> {
        let mut touched = BTreeSet::new();
        for row in self.db.rows(
            "DELETE FROM said WHERE source = 'feed' AND feed = ? AND market = ?
                AND id IN (SELECT value FROM json_each(?)) RETURNING number",
            values![feed, market.as_str(), serde_json::to_string(ids)?],
        )? {
            touched.insert(row.int(0)?);
        }
        self.look_again_at(&touched).map(drop)
    }

    /// Feeds that are not in the shop's files any more say nothing any more; one that is of another market now is read
    /// anew.
    pub(super) fn forget_feeds(&self) -> Result<()> {
        let shop = self.shop()?;
        let named = |feed: &Feed| format!("{}\n{}", feed.url, feed.market);
        let here: Vec<String> = shop.shelves.catalogue.feeds.iter().map(named).collect();
        let mut touched = BTreeSet::new();
        let mut moved: BTreeSet<String> = BTreeSet::new();
        for row in self.db.rows(
            "DELETE FROM said WHERE source = 'feed' AND feed || char(10) || market NOT IN (SELECT value FROM json_each(?))
             RETURNING number, feed",
            values![serde_json::to_string(&here)?],
        )? {
            touched.insert(row.int(0)?);
            moved.insert(row.text(1)?.to_owned());
        }
        self.db.run(
            "DELETE FROM feeds WHERE url IN (SELECT value FROM json_each(?))",
            values![serde_json::to_string(&moved)?],
        )?;
        self.look_again_at(&touched).map(drop)
    }

    /// What became of each feed, for the admin API.
    pub(super) fn list_feeds(&self) -> Result<Json> {
        let shop = self.shop()?;
        let mut items = Vec::new();
        for feed in &shop.shelves.catalogue.feeds {
            let row = self.db.row(
                "SELECT tried, heard, status, products, refused FROM feeds WHERE url = ?",
                values![feed.url.as_str()],
            )?;
            let number = |column| row.as_ref().and_then(|row| row.maybe_int(column));
            let status = row.as_ref().and_then(|row| row.maybe_text(2)).unwrap_or("waiting");
            let mut lines = status.lines();
            items.push(json!({
                "url": feed.url, "kind": feed.kind, "market": feed.market,
                "tried": number(0), "heard": number(1), "status": lines.next().unwrap_or_default(),
                "products": number(3), "refused": number(4), "problems": lines.collect::<Vec<_>>(),
                "next_due": self.due_of(feed)?.max(self.now()),
            }));
        }
        Ok(json!({ "items": items }))
    }
}

/// Bytes that are read before others get their turn.
const PIECE: usize = 64 * 1024;

fn failed(cause: String) -> crate::problem::Error {
    Failed::new("reading a feed", cause).into()
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
