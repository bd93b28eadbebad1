//! Learning a large shop as the edge does: what changes of each visitor is added to sums, a row of bytes for each product, and
//! links are made of these in slices, because an alarm of an object may take 128 MB and 30 s of CPU.
//!
//! A million events are the given ones several times over, each time with other products of a catalogue of 20,000.

use std::time::{Duration, Instant};

use domain::recommend::Product;
use domain::recommend::count::{Act, Delta, Doing, Profile, Visit, horizon};
use domain::recommend::course::{Course, Task, read_rows, write_rows};
use domain::recommend::ledger::{MOST_KEPT, Row, Sum};
use domain::recommend::links::{Ground, Links, Recipe, direct};
use domain::recommend::order::{order, renumbered};
use domain::recommend::similar::{Alike, Described};

use crate::made;
use crate::report::Report;
use crate::sessions::Session;
use crate::split::{DAY, Split};

const EVENTS: usize = 1_000_000;
const PRODUCTS: u32 = 20_000;
/// Rows of a slice.
const ROWS: u32 = 2_000;
/// Visitors that a shard tells of together.
const TOGETHER: usize = 200;

/// Prints how long it takes and how much is held at a time.
pub fn measure(report: Report, split: &Split<'_>, products: u32) -> Result<(), String> {
    let events: usize = split.learn.iter().map(|session| session.items.len()).sum();
    let copies = EVENTS.div_ceil(events.max(1)) as u32;
    let catalogue = PRODUCTS.max(products);
    let sessions: Vec<Session> = (0..copies).flat_map(|copy| moved(&split.learn, copy, copies, catalogue)).collect();
    let events: usize = sessions.iter().map(|session| session.items.len()).sum();
    let figure =
        |name: &str, value: f64, unit: &str| report.figure("ours", &format!("large shop, {name}"), value, unit);

    let mut sums = Sums::of(catalogue, split.today);
    let mut longest = Duration::ZERO;
    let began = Instant::now();
    for some in sessions.chunks(TOGETHER) {
        let began = Instant::now();
        sums.hear(some)?;
        longest = longest.max(began.elapsed());
    }
    figure(&format!("adding {events} events of {catalogue} products"), began.elapsed().as_secs_f64(), "s");
    figure(&format!("longest of what {TOGETHER} visitors change"), longest.as_secs_f64() * 1e3, "ms");
    figure("sums as they are kept", sums.rows.iter().map(Vec::len).sum::<usize>() as f64 / 1e6, "MB");

    let learned = sums.learn(split.today)?;
    figure(&format!("making rows, {} slices", learned.slices), learned.all.as_secs_f64(), "s");
    figure("longest slice", learned.longest.as_secs_f64(), "s");
    figure("rows between two slices", learned.kept as f64 / 1e6, "MB");
    let began = Instant::now();
    let links = renumbered(&learned.links, &order(&learned.links));
    figure("numbering", began.elapsed().as_secs_f64(), "s");
    if links.rows.iter().all(Vec::is_empty) {
        return Err("nothing was learned".to_owned());
    }
    alike(report, catalogue);
    Ok(())
}

/// What is like what, of the whole catalogue, in slices.
fn alike(report: Report, catalogue: u32) {
    let own = made::catalogue(catalogue, 7);
    let cards: Vec<_> = own.iter().filter_map(|own| own.card.as_ref()).collect();
    let categories: Vec<Vec<&str>> =
        cards.iter().map(|card| card.categories.iter().map(String::as_str).collect()).collect();
    let brands: Vec<[(&str, &str); 1]> = cards.iter().map(|card| [("brand", card.brand.as_str())]).collect();
    let described = |place: usize| Described {
        product: Product(place as u32),
        text: &cards[place].title,
        categories: &categories[place],
        attributes: &brands[place],
    };
    let described: Vec<Described<'_>> = (0..cards.len()).map(described).collect();
    let began = Instant::now();
    let alike = Alike::of(catalogue, &described);
    report.figure("ours", "large shop, words of all products", began.elapsed().as_secs_f64(), "s");
    let began = Instant::now();
    let rows = alike.rows(0..ROWS as usize, Recipe::NEXT.links);
    let title = format!("large shop, what is like {} products", rows.len());
    report.figure("ours", &title, began.elapsed().as_secs_f64(), "s");
}

/// Sums of a shop, in the form in which they are kept.
struct Sums {
    horizon: u32,
    rows: Vec<Vec<u8>>,
    viewers: Vec<Sum>,
}

/// Rows, and what it took to make them.
struct Learned {
    links: Links,
    slices: usize,
    all: Duration,
    longest: Duration,
    kept: usize,
}

impl Sums {
    fn of(products: u32, today: u32) -> Self {
        let count = products as usize;
        let rows = vec![Row::default().write(); count];
        Self { horizon: horizon(&Profile::NEXT, today), rows, viewers: vec![Sum::default(); count] }
    }

    /// What these visitors change, each with one visit.
    fn hear(&mut self, sessions: &[Session]) -> Result<(), String> {
        let mut delta = Delta::none(self.horizon);
        for session in sessions {
            let look = |item: &u32| Doing { product: Product(*item), act: Act::Viewed };
            let doings: Vec<Doing> = session.items.iter().map(look).collect();
            let visit = Visit { day: (session.end() / DAY) as u32, doings: &doings };
            delta.add(&Delta::of(&Profile::NEXT, self.horizon, &[], &[visit]));
        }
        for changes in delta.pairs().chunk_by(|a, b| a.from == b.from) {
            let kept = &mut self.rows[changes[0].from.place()];
            let mut row = Row::read(kept).map_err(|error| error.to_string())?;
            row.add(&Profile::NEXT, self.horizon, changes);
            row.prune(MOST_KEPT);
            *kept = row.write();
        }
        for (product, weight) in delta.viewers() {
            self.viewers[product.place()].add(&Profile::NEXT, self.horizon, *weight);
        }
        Ok(())
    }

    fn learn(&self, today: u32) -> Result<Learned, String> {
        let recipe = &Recipe::NEXT;
        let mut course = Course::new(self.rows.len() as u32, recipe);
        let mut steps: Vec<Vec<Vec<u8>>> = vec![Vec::new(); usize::from(recipe.steps)];
        let (mut slices, mut all, mut longest) = (0, Duration::ZERO, Duration::ZERO);
        loop {
            let began = Instant::now();
            match course.task(ROWS) {
                Task::Direct(rows) => {
                    let viewers = self.viewers.iter().map(|sum| sum.as_of(&Profile::NEXT, today)).collect();
                    let ground = Ground::of(viewers, recipe);
                    let mut made = Vec::new();
                    for from in rows.clone().map(Product) {
                        let row = Row::read(&self.rows[from.place()]).map_err(|error| error.to_string())?;
                        made.push(direct(&ground, from, row.as_of(&Profile::NEXT, today), recipe));
                    }
                    steps[0].push(write_rows(&made));
                    course.done(rows.end);
                }
                Task::Further { step, rows } => {
                    let (direct, last) = (joined(&steps[0])?, joined(&steps[usize::from(step) - 1])?);
                    steps[usize::from(step)].push(write_rows(&last.further(&direct, rows.clone(), recipe, step)));
                    course.done(rows.end);
                }
                Task::Finish { step } => {
                    let kept = steps.iter().map(|slices| slices.iter().map(Vec::len).sum()).max().unwrap_or_default();
                    return Ok(Learned { links: joined(&steps[usize::from(step)])?, slices, all, longest, kept });
                }
            }
            slices += 1;
            all += began.elapsed();
            longest = longest.max(began.elapsed());
        }
    }
}

/// All rows of a step.
fn joined(slices: &[Vec<u8>]) -> Result<Links, String> {
    let mut rows = Vec::new();
    for slice in slices {
        read_rows(slice, &mut rows).map_err(|error| error.to_string())?;
    }
    Ok(Links { rows })
}

fn moved(sessions: &[&Session], copy: u32, copies: u32, catalogue: u32) -> Vec<Session> {
    let other = |item: &u32| (item + copy * (catalogue / copies)) % catalogue;
    let moved =
        |session: &&Session| Session { items: session.items.iter().map(other).collect(), times: session.times.clone() };
    sessions.iter().map(moved).collect()
}
