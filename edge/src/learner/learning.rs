//! Learning: from what is sold and what was counted to files for browsers, in slices.
//!
//! A slice does a bounded part of one stage, keeps what came of it with how far it has come, and leaves the rest to the
//! next alarm: so nobody waits for long, little memory is needed, and a kill repeats one slice. Slices are bounded by
//! how much they do, because the platform's clock stands still while one runs.

use core::ops::Range;
use std::collections::BTreeMap;

use domain::catalogue::Product as Sold;
use domain::recommend::Product;
use domain::recommend::count::Profile;
use domain::recommend::course::{Course, Task, read_rows, write_rows};
use domain::recommend::links::{Ground, Link, Links, Recipe, direct};
use domain::recommend::order::{order, renumbered};
use domain::recommend::similar::{Alike, Described};
use domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::catalogue::Known;
use super::counting::{FRESH, NEXT, TOGETHER};
use super::due::{self, Due};
use super::{Learner, schema, work};
use crate::clock::real_now;
use crate::problem::{Failed, Result};
use crate::sql::values;

/// So long after a change of the catalogue it is learned anew, unless more changes …
const SETTLED_AFTER: Span = Span::seconds(2);
/// … but not longer than so long after the first.
const LONGEST_WAIT: Span = Span::seconds(30);
/// Learning begins no oftener than that, unless `LEARN_EVERY` says another number of seconds.
const EVERY: i64 = 180;
/// What is not enough to learn anew before long is learned so long after the last time.
const IN_A_WHILE: Span = Span::minutes(30);
/// Rows of one slice and of one value in storage.
pub(super) const ROWS: usize = 2_000;

/// Rows of what is described alike in one slice; one value in storage holds as many.
const ROWS_ALIKE: usize = 5_000;

/// A stage of learning, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// What was counted lately is added to what was counted before.
    Sums,
    /// Which products take part.
    Members,
    /// What was counted becomes rows of links: what is looked at next …
    Next,
    /// … and what is bought together.
    Together,
    /// What is described alike fills rows up.
    Alike,
    /// Products get the numbers that browsers know.
    Order,
    /// How products are shown in each market.
    Cards,
    /// Files are written.
    Files,
    /// What was learned is there for browsers.
    Done,
}

/// A learning under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct UnderWay {
    /// Which one.
    pub generation: u32,
    /// When it began.
    pub began: Timestamp,
    /// As of which change of the catalogue.
    pub serial: i64,
    /// As of which day since 1970.
    pub today: u32,
    /// At which stage it is.
    pub stage: Stage,
    /// Which part of it is next.
    pub part: u32,
    /// How many products take part.
    pub products: u32,
    /// How far rows of links have come.
    #[serde(default)]
    pub course: Option<Course>,
    /// What it took, stage by stage.
    #[serde(default)]
    pub took: BTreeMap<Stage, Took>,
}

/// What the slices of a stage took.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Took {
    /// How many there were.
    pub slices: u32,
    /// All of them, in milliseconds.
    pub ms: i64,
    /// The longest one.
    pub longest_ms: i64,
}

impl Learner {
    /// Sees to it that what has changed is learned soon.
    pub(super) fn learn_soon(&self) -> Result<()> {
        let now = self.now();
        if self.under_way()?.is_some() {
            return schema::set_meta(&self.db, "again", "1");
        }
        let wanted = match due::at(&self.db, Due::Learn)? {
            None => {
                schema::set_meta(&self.db, "wanted", &now.0.to_string())?;
                now
            }
            Some(_) => schema::moment(&self.db, "wanted")?.unwrap_or(now),
        };
        let settled = (now + SETTLED_AFTER).min(wanted + LONGEST_WAIT);
        let earliest = schema::moment(&self.db, "began")?.map_or(settled, |began| began + self.every());
        due::set(&self.db, Due::Learn, settled.max(earliest), 0)
    }

    /// Sees to it that what little has changed is learned in a while.
    pub(super) fn learn_later(&self) -> Result<()> {
        let began = schema::moment(&self.db, "began")?.unwrap_or(self.now());
        if self.under_way()?.is_some() { Ok(()) } else { due::by(&self.db, Due::Learn, began + IN_A_WHILE) }
    }

    /// Whether there is anything to learn, or was when it was learned last.
    pub(super) fn has_products(&self) -> Result<bool> {
        let query = "SELECT EXISTS (SELECT 1 FROM products WHERE gone = 0) OR EXISTS (SELECT 1 FROM generations)";
        Ok(self.db.number(query, values![])? == 1)
    }

    /// The merchant does not want to wait.
    pub(super) fn learn_at_once(&self) -> Result<Json> {
        self.shop()?;
        if self.under_way()?.is_some() {
            schema::set_meta(&self.db, "again", "1")?;
        } else {
            due::set(&self.db, Due::Learn, self.now(), 0)?;
        }
        self.status()
    }

    fn every(&self) -> Span {
        let set = self.env.var("LEARN_EVERY").ok().and_then(|value| value.to_string().parse().ok());
        Span::seconds(set.unwrap_or(EVERY))
    }

    pub(super) fn under_way(&self) -> Result<Option<UnderWay>> {
        // What older code has begun in another way is begun anew.
        Ok(schema::meta(&self.db, "under way")?.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Does the next slice, and measures it.
    pub(super) async fn learn_on(&self) -> Result<()> {
        let since = real_now();
        let stage = match self.whole(|| self.slice()) {
            Ok(stage) => stage,
            Err(error) => {
                // Whatever it is that cannot be gone on with, it is begun anew.
                work::clear(&self.db)?;
                schema::forget(&self.db, "under way")?;
                return Err(error);
            }
        };
        // The clock goes on once something was waited for.
        self.state.storage().sync().await?;
        self.took(stage, real_now() - since)
    }

    fn took(&self, stage: Stage, span: Span) -> Result<()> {
        let name = if stage == Stage::Done { "learned" } else { "under way" };
        let Some(text) = schema::meta(&self.db, name)? else { return Ok(()) };
        let mut under_way: UnderWay = serde_json::from_str(&text)?;
        let took = under_way.took.entry(stage).or_default();
        *took = Took { slices: took.slices + 1, ms: took.ms + span.0, longest_ms: took.longest_ms.max(span.0) };
        schema::set_meta(&self.db, name, &serde_json::to_string(&under_way)?)
    }

    /// One synchronous section: from where it stands to where it stands then.
    fn slice(&self) -> Result<Stage> {
        let mut at = match self.under_way()? {
            Some(at) => at,
            None => self.begin()?,
        };
        let stage = at.stage;
        let next = match stage {
            Stage::Sums if self.merge()? => Some(Next::Part),
            Stage::Sums => Some(Next::Stage(Stage::Members)),
            Stage::Members => self.gather(&mut at)?,
            Stage::Next => self.link(&mut at, NEXT, (&Profile::NEXT, &Recipe::NEXT), Stage::Together)?,
            Stage::Together => self.link(&mut at, TOGETHER, (&Profile::TOGETHER, &Recipe::TOGETHER), Stage::Alike)?,
            Stage::Alike => self.fill_up(&at)?,
            Stage::Order => self.put_in_order()?,
            Stage::Cards => self.make_cards(&at)?,
            Stage::Files => self.write_files(&at)?,
            Stage::Done => {
                self.finish(&at)?;
                None
            }
        };
        match next {
            Some(Next::Part) => at.part += 1,
            Some(Next::Stage(next)) => (at.stage, at.part) = (next, 0),
            None => {
                schema::forget(&self.db, "under way")?;
                schema::set_meta(&self.db, "learned", &serde_json::to_string(&at)?)?;
                due::clear(&self.db, Due::Learn)?;
                if schema::meta(&self.db, "again")?.is_some() {
                    schema::forget(&self.db, "again")?;
                    self.learn_soon()?;
                }
                return Ok(stage);
            }
        }
        schema::set_meta(&self.db, "under way", &serde_json::to_string(&at)?)?;
        due::set(&self.db, Due::Learn, self.now(), 0)?;
        Ok(stage)
    }

    fn begin(&self) -> Result<UnderWay> {
        work::clear(&self.db)?;
        self.forget_silent()?;
        schema::forget(&self.db, "again")?;
        schema::forget(&self.db, FRESH)?;
        let now = self.now();
        schema::set_meta(&self.db, "began", &now.0.to_string())?;
        let last = self.db.number("SELECT max(generation) FROM generations", values![])?;
        Ok(UnderWay {
            generation: u32::try_from(last).unwrap_or_default().saturating_add(1),
            began: now,
            serial: self.db.number("SELECT max(serial) FROM products", values![])?,
            today: u32::try_from(now.0.div_euclid(Span::days(1).0)).unwrap_or_default(),
            stage: Stage::Sums,
            part: 0,
            products: 0,
            course: None,
            took: BTreeMap::new(),
        })
    }

    /// Everything that is sold takes part.
    fn gather(&self, at: &mut UnderWay) -> Result<Option<Next>> {
        let rows =
            self.db.rows("SELECT number FROM products WHERE gone = 0 AND of IS NULL ORDER BY number", values![])?;
        let members: Vec<i64> = rows.iter().map(|row| row.int(0)).collect::<Result<_>>()?;
        at.products = u32::try_from(members.len()).unwrap_or(u32::MAX);
        work::keep(&self.db, "members", 0, &members)?;
        Ok(Some(Next::Stage(Stage::Next)))
    }

    pub(super) fn members(&self) -> Result<Vec<i64>> {
        work::list(&self.db, "members")
    }

    /// Rows of what was counted, then what is further steps along them; some at a time.
    fn link(
        &self,
        at: &mut UnderWay,
        what: &str,
        (profile, recipe): (&Profile, &Recipe),
        then: Stage,
    ) -> Result<Option<Next>> {
        let mut course = at.course.take().unwrap_or_else(|| Course::new(at.products, recipe));
        let of_step = |step: u8| format!("{what} {step}");
        match course.task(u32::try_from(ROWS).unwrap_or(u32::MAX)) {
            Task::Direct(rows) if !rows.is_empty() => {
                let made = self.direct(what, profile, recipe, rows.clone(), at.today)?;
                work::keep_bytes(&self.db, &of_step(0), rows.start, write_rows(&made))?;
                course.done(rows.end);
            }
            Task::Further { step, rows } => {
                let first = self.rows(&of_step(0))?;
                let last = if step == 1 { None } else { Some(self.rows(&of_step(step - 1))?) };
                let made = last.as_ref().unwrap_or(&first).further(&first, rows.clone(), recipe, step);
                work::keep_bytes(&self.db, &of_step(step), rows.start, write_rows(&made))?;
                course.done(rows.end);
            }
            Task::Direct(_) | Task::Finish { .. } => {
                let step = if let Task::Finish { step } = course.task(1) { step } else { 0 };
                work::rename(&self.db, &of_step(step), what)?;
                for step in 0..recipe.steps {
                    work::drop(&self.db, &of_step(step))?;
                }
                return Ok(Some(Next::Stage(then)));
            }
        }
        at.course = Some(course);
        Ok(Some(Next::Part))
    }

    /// Rows of what shoppers did with some products.
    fn direct(
        &self,
        what: &str,
        profile: &Profile,
        recipe: &Recipe,
        rows: Range<u32>,
        today: u32,
    ) -> Result<Vec<Vec<Link>>> {
        let members = self.members()?;
        let places = self.places(&members)?;
        let ground = Ground::of(self.viewers_by_place(what, profile, &members, today)?, recipe);
        let mut numbers: BTreeMap<Product, Vec<i64>> = BTreeMap::new();
        for (number, place) in places.iter().filter(|(_, place)| rows.contains(&place.0)) {
            numbers.entry(*place).or_default().push(*number);
        }
        let counted = self.counts_of(what, &numbers.values().flatten().copied().collect())?;
        let row = |from: Product| {
            let mut pairs: BTreeMap<Product, (f64, u32)> = BTreeMap::new();
            for row in numbers.get(&from).into_iter().flatten().filter_map(|number| counted.get(number)) {
                for (to, looks, visitors) in row.as_of(profile, today) {
                    let Some(to) = places.get(&i64::from(to.0)).filter(|to| **to != from) else { continue };
                    let pair = pairs.entry(*to).or_default();
                    *pair = (pair.0 + looks, pair.1.saturating_add(visitors));
                }
            }
            direct(&ground, from, pairs.into_iter().map(|(to, (looks, visitors))| (to, looks, visitors)), recipe)
        };
        Ok(rows.map(Product).map(row).collect())
    }

    /// How many looked at each product, in an order.
    pub(super) fn viewers_by_place(
        &self,
        what: &str,
        profile: &Profile,
        ordered: &[i64],
        today: u32,
    ) -> Result<Vec<f64>> {
        let places = self.places(ordered)?;
        let mut viewers = vec![0.0; ordered.len()];
        for (number, seen) in self.viewers(what, profile, today)?.0 {
            if let Some(sum) = places.get(&number).and_then(|place| viewers.get_mut(place.place())) {
                *sum += seen;
            }
        }
        Ok(viewers)
    }

    /// What is described alike, some rows at a time, fills rows up for all that few have looked at.
    fn fill_up(&self, at: &UnderWay) -> Result<Option<Next>> {
        const ALIKE: &str = "alike";
        let sold = self.sold()?;
        let words: Vec<Words<'_>> = sold.iter().map(|(_, sold)| Words::of(sold)).collect();
        let described: Vec<Described<'_>> =
            (0_u32..).map(Product).zip(&words).map(|(product, words)| words.of_product(product)).collect();
        let from = usize::try_from(at.part).unwrap_or(usize::MAX).saturating_mul(ROWS_ALIKE);
        let upto = from.saturating_add(ROWS_ALIKE).min(described.len());
        let alike = Alike::of(at.products, &described).rows(from..upto, Recipe::NEXT.links);
        let rows: Vec<Vec<Link>> = alike.into_iter().map(|(_, row)| row).collect();
        work::keep_bytes(&self.db, ALIKE, at.part, write_rows(&rows))?;
        if upto < described.len() {
            return Ok(Some(Next::Part));
        }
        let mut next = self.rows(NEXT)?;
        next.rows.resize(Product(at.products).place(), Vec::new());
        next.fill(&self.rows(ALIKE)?, Recipe::NEXT.links);
        work::drop(&self.db, ALIKE)?;
        self.keep_rows(NEXT, &next)?;
        Ok(Some(Next::Stage(Stage::Order)))
    }

    /// What is linked gets numbers that stand near one another.
    fn put_in_order(&self) -> Result<Option<Next>> {
        let next = self.rows(NEXT)?;
        let order = order(&next);
        self.keep_rows(NEXT, &renumbered(&next, &order))?;
        self.keep_rows(TOGETHER, &renumbered(&self.rows(TOGETHER)?, &order))?;
        let members = self.members()?;
        let ordered: Vec<i64> = order.iter().filter_map(|product| members.get(product.place())).copied().collect();
        work::keep(&self.db, "ordered", 0, &ordered)?;
        Ok(Some(Next::Stage(Stage::Cards)))
    }

    /// All products that take part, in the order of their numbers.
    fn sold(&self) -> Result<Vec<(i64, Sold)>> {
        let members = self.members()?;
        let mut sold = Vec::with_capacity(members.len());
        for some in members.chunks(ROWS) {
            let mut known = self.known(&some.iter().copied().collect())?;
            known.sort_unstable_by_key(|known| known.number);
            sold.extend(known.iter().map(|known: &Known| (known.number, known.product().unwrap_or_default())));
        }
        Ok(sold)
    }

    fn keep_rows(&self, what: &str, links: &Links) -> Result<()> {
        work::drop(&self.db, what)?;
        for (part, rows) in (0_u32..).zip(links.rows.chunks(ROWS)) {
            work::keep_bytes(&self.db, what, part, write_rows(rows))?;
        }
        Ok(())
    }

    /// Rows of links, as they are kept between two stages.
    pub(super) fn rows(&self, what: &str) -> Result<Links> {
        let mut rows = Vec::new();
        for bytes in work::bytes(&self.db, what)? {
            read_rows(&bytes, &mut rows).map_err(|error| Failed::new("reading rows of links", error))?;
        }
        Ok(Links { rows })
    }

    /// How it goes, for the admin API.
    pub(super) fn status(&self) -> Result<Json> {
        self.shop()?;
        let told = |name| -> Result<Json> {
            let under_way: Option<UnderWay> =
                schema::meta(&self.db, name)?.and_then(|text| serde_json::from_str(&text).ok());
            Ok(under_way.map_or(Json::Null, |at| {
                json!({
                    "generation": at.generation, "began": at.began, "stage": at.stage, "part": at.part,
                    "products": at.products, "took": at.took,
                })
            }))
        };
        let count = |query: &str| self.db.number(query, values![]);
        Ok(json!({
            "products": {
                "sold": count("SELECT count(*) FROM products WHERE gone = 0")?,
                "gone": count("SELECT count(*) FROM products WHERE gone = 1")?,
            },
            "claims": count("SELECT count(*) FROM witnesses WHERE believed = 0")?,
            "counted": self.counted_so_far()?,
            "learned": told("learned")?,
            "under_way": told("under way")?,
            "files": {
                "count": count("SELECT count(*) FROM files")?,
                "bytes": count("SELECT sum(length(body)) FROM files")?,
                "uncompressed": count("SELECT sum(bytes) FROM files")?,
            },
            "next_due": due::at(&self.db, Due::Learn)?,
            "memory": memory(),
            "now": self.now(),
        }))
    }
}

/// The most memory that Rust has had in this instance, with all objects that live in it, in bytes: it is never given back.
fn memory() -> usize {
    #[cfg(target_arch = "wasm32")]
    return core::arch::wasm32::memory_size::<0>().saturating_mul(65_536);
    #[cfg(not(target_arch = "wasm32"))]
    0
}

/// How it goes on.
pub(super) enum Next {
    /// With the next part of the same stage.
    Part,
    /// With another stage.
    Stage(Stage),
}

/// What is said of a product, as likeness reads it.
struct Words<'a> {
    text: String,
    categories: Vec<&'a str>,
    attributes: Vec<(&'a str, &'a str)>,
}

/// Characters of a description that are read for what is alike.
const MOST_DESCRIBED: usize = 400;

impl<'a> Words<'a> {
    fn of(sold: &'a Sold) -> Self {
        let face = sold.faces.values().next();
        let mut text = face.map(|face| face.title.clone()).unwrap_or_default();
        text.push(' ');
        text.extend(sold.description.as_deref().unwrap_or_default().chars().take(MOST_DESCRIBED));
        let brand = sold.brand.as_deref().map(|brand| ("brand", brand));
        let attributes = sold.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Self {
            text,
            categories: face.map(|face| face.categories.iter().map(String::as_str).collect()).unwrap_or_default(),
            attributes: brand.into_iter().chain(attributes).collect(),
        }
    }

    fn of_product(&self, product: Product) -> Described<'_> {
        Described { product, text: &self.text, categories: &self.categories, attributes: &self.attributes }
    }
}
