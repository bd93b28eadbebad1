//! Next baskets: of everybody's last basket, how much is among ten products.
//!
//! A file of the same form: `SessionId` is a household, and what has the same `Time` is one basket. Households with
//! four baskets or more are asked.

use std::collections::BTreeMap;
use std::time::Instant;

use domain::recommend::Product;
use domain::recommend::count::{Act, Counts, Doing, Heard, Profile, Visit};
use domain::recommend::habit::Habit;
use domain::recommend::links::Links;
use domain::recommend::pack::{Form, MOST_TRENDING, Rows, write};
use domain::recommend::score::Scorer;

use crate::report::Report;
use crate::sessions::Session;
use crate::split::DAY;

const LIST: usize = 10;
const FEWEST: usize = 4;
struct Household {
    /// With the day of each.
    baskets: Vec<(u32, Vec<u32>)>,
    next: Vec<u32>,
}

/// Measures popularity, own frequency with and without decay, and ours; `skip` baskets at the end are forgotten before.
pub fn measure(report: Report, sessions: &[Session], products: u32, skip: usize) -> Result<(), String> {
    let households: Vec<Household> = sessions.iter().filter_map(|session| household(session, skip)).collect();
    if households.is_empty() {
        return Err("expected households with four baskets or more".to_owned());
    }
    let bought = bought(&households, products);
    let mut popular: Vec<u32> = (0..products).collect();
    popular.sort_by_key(|item| std::cmp::Reverse(bought[*item as usize]));
    popular.truncate(LIST);
    judge(report, "popularity", &households, |_| popular.clone());
    judge(report, "frequency", &households, |household| own(household, 1.0, &bought));
    judge(report, "decay 0.95", &households, |household| own(household, 0.95, &bought));

    let began = Instant::now();
    let counts = count(&households, products);
    let learning = began.elapsed();
    let trending = everybodys(&counts, products)?;
    let mut scorer = Scorer::default();
    let mut ask = |household: &Household, habit: &Habit| {
        let baskets: Vec<Vec<Product>> =
            household.baskets.iter().map(|basket| basket.1.iter().copied().map(Product).collect()).collect();
        let baskets: Vec<&[Product]> = baskets.iter().map(Vec::as_slice).collect();
        let best = scorer.usual(&trending, &baskets, habit, LIST);
        best.iter().map(|scored| scored.product.0).collect::<Vec<u32>>()
    };
    judge(report, "ours", &households, |household| ask(household, &Habit::NEXT));
    for (name, habit) in variants() {
        judge(report, &name, &households, |household| ask(household, &habit));
    }
    report.figure("ours", &format!("counting {} households", households.len()), learning.as_secs_f64(), "s");
    Ok(())
}

/// What else was tried: what each basket counts against the one after it, and what everybody's count.
fn variants() -> Vec<(String, Habit)> {
    let mut variants = Vec::new();
    for fading in [0.9, 0.95, 0.97] {
        for everybody in [0.0, 1.0, 2.5, 5.0] {
            let name = format!("{fading}, {everybody}");
            variants.push((name, Habit { fading, everybody }));
        }
    }
    variants
}

fn household(session: &Session, skip: usize) -> Option<Household> {
    let mut baskets: Vec<(f64, Vec<u32>)> = Vec::new();
    for (item, time) in session.items.iter().zip(&session.times) {
        match baskets.last_mut() {
            #[allow(clippy::float_cmp)] // the same number in the file
            Some((last, basket)) if last == time => basket.push(*item),
            _ => baskets.push((*time, vec![*item])),
        }
    }
    if baskets.len() < FEWEST {
        return None;
    }
    baskets.truncate(baskets.len().saturating_sub(skip).max(1));
    let mut baskets: Vec<(u32, Vec<u32>)> =
        baskets.into_iter().map(|(time, basket)| ((time / DAY) as u32, crate::baselines::set(&basket))).collect();
    let (_, next) = baskets.pop()?;
    Some(Household { baskets, next }).filter(|household| !household.baskets.is_empty())
}

fn bought(households: &[Household], products: u32) -> Vec<u32> {
    let mut bought = vec![0; products as usize];
    for item in households.iter().flat_map(|household| &household.baskets).flat_map(|basket| &basket.1) {
        bought[*item as usize] += 1;
    }
    bought
}

fn own(household: &Household, fading: f64, bought: &[u32]) -> Vec<u32> {
    let mut scores: BTreeMap<u32, f64> = BTreeMap::new();
    let mut weight = 1.0;
    for (_, basket) in household.baskets.iter().rev() {
        for item in basket {
            *scores.entry(*item).or_default() += weight;
        }
        weight *= fading;
    }
    let mut best: Vec<(u32, f64)> = scores.into_iter().collect();
    best.sort_by(|a, b| b.1.total_cmp(&a.1).then(bought[b.0 as usize].cmp(&bought[a.0 as usize])));
    best.into_iter().take(LIST).map(|best| best.0).collect()
}

fn count(households: &[Household], products: u32) -> Counts {
    let today = households.iter().flat_map(|household| &household.baskets).map(|basket| basket.0).max().unwrap_or(0);
    let mut counts = Counts::of_rows(Profile::TOGETHER, products, today, 0..0);
    for household in households {
        let ordered = |item: &u32| Doing { product: Product(*item), act: Act::Ordered };
        let baskets: Vec<(u32, Vec<Doing>)> =
            household.baskets.iter().map(|(day, items)| (*day, items.iter().map(ordered).collect())).collect();
        let visits: Vec<Visit> = baskets.iter().map(|(day, doings)| Visit { day: *day, doings }).collect();
        // Who buys more than a household can is not counted.
        let (Heard::Counted | Heard::TooMuch) = counts.visitor(&visits);
    }
    counts
}

/// What everybody buys, as a pack has it.
fn everybodys(counts: &Counts, products: u32) -> Result<Vec<(Product, f32)>, String> {
    let trending = counts.trending(MOST_TRENDING).into_iter().map(|(product, share)| (product, share as f32));
    let links = Links { rows: vec![Vec::new(); products as usize] };
    let written = write(&links, 0..0, &trending.collect::<Vec<_>>(), Form::NEXT);
    let rows = Rows::read(&written).map_err(|error| error.to_string())?;
    Ok(rows.of(&written).trending().to_vec())
}

fn judge(report: Report, name: &str, households: &[Household], mut list: impl FnMut(&Household) -> Vec<u32>) {
    let (mut recall, mut gain) = (0.0, 0.0);
    for household in households {
        let list = list(household);
        let is_hit = |place: usize| list.get(place).is_some_and(|item| household.next.binary_search(item).is_ok());
        let worth = |place: usize| 1.0 / (place as f64 + 2.0).log2();
        let size = household.next.len();
        recall += (0..LIST).filter(|place| is_hit(*place)).count() as f64 / size as f64;
        let best: f64 = (0..LIST.min(size)).map(worth).sum();
        gain += (0..LIST).filter(|place| is_hit(*place)).map(worth).sum::<f64>() / best;
    }
    let asked = households.len() as f64;
    report.figure(name, "Recall@10", recall / asked, "");
    report.figure(name, "NDCG@10", gain / asked, "");
}
