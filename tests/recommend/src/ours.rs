//! Our method, from the very packs and the very code that ship: counted, linked, packed, read again, scored.

use std::time::{Duration, Instant};

use domain::recommend::Product;
use domain::recommend::count::{Act, Counts, Doing, Heard, Profile, Visit};
use domain::recommend::links::{Links, Recipe};
use domain::recommend::order::{order, renumbered};
use domain::recommend::pack::{Form, MOST_TRENDING, Pack, write};
use domain::recommend::score::{Scorer, Taste};

use crate::judge::{LIST, Method};
use crate::sessions::Session;
use crate::split::DAY;

/// Everything that can be chosen.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How pairs are counted.
    pub profile: Profile,
    /// How counts become links.
    pub recipe: Recipe,
    /// How links are packed.
    pub form: Form,
    /// How links are scored.
    pub taste: Taste,
}

impl Settings {
    /// As they ship.
    pub const SHIPPED: Self =
        Self { profile: Profile::NEXT, recipe: Recipe::NEXT, form: Form::NEXT, taste: Taste::NEXT };
}

/// What was learned, as a shopper's browser has it.
pub struct Ours {
    pack: Pack,
    /// Number in the pack by number in the file.
    numbers: Vec<Product>,
    /// The other way round.
    products: Vec<Product>,
    scorer: Scorer,
    settings: Settings,
    /// The pack's bytes before they are compressed.
    pub written: Vec<u8>,
    /// All rows under the numbers of the pack, for buckets.
    pub links: Links,
    /// What is trending, under those numbers.
    pub trending: Vec<(Product, f32)>,
    /// From sessions to bytes.
    pub learning: Duration,
    /// From bytes to rows.
    pub reading: Duration,
}

impl Ours {
    /// Learns from sessions, each as if it were a visitor of its own. Names the day on which it is asked.
    pub fn learn(sessions: &[&Session], products: u32, today: u32, settings: &Settings) -> Result<Self, String> {
        let began = Instant::now();
        let mut counts = count(sessions, Counts::new(settings.profile.clone(), products, today));
        let links = Links::learn(&mut counts, &settings.recipe);
        let order = order(&links);
        let links = renumbered(&links, &order);
        let mut numbers = vec![Product(0); products as usize];
        for (number, product) in (0..).zip(&order) {
            numbers[product.place()] = Product(number);
        }
        let trending = counts.trending(MOST_TRENDING).into_iter();
        let trending = trending.map(|(product, share)| (numbers[product.place()], share as f32)).collect::<Vec<_>>();
        let written = write(&links, 0..products, &trending, settings.form);
        let learning = began.elapsed();
        let began = Instant::now();
        let pack = Pack::read(&written).map_err(|error| error.to_string())?;
        let reading = began.elapsed();
        let settings = settings.clone();
        let scorer = Scorer::default();
        Ok(Self { pack, numbers, products: order, scorer, settings, written, links, trending, learning, reading })
    }

    /// Under the numbers of the pack.
    fn numbered(&self, items: &[u32]) -> Vec<Product> {
        items.iter().map(|item| self.numbers[*item as usize]).collect()
    }
}

impl Method for Ours {
    fn list(&mut self, items: &[u32], _: &[f64]) -> Vec<u32> {
        let recent = self.numbered(items);
        let best = self.scorer.shelf(&[&self.pack], &recent, &self.settings.taste, LIST);
        // What is being looked at is never in it, nor does anybody want it there: both protocols get the same list.
        best.iter().map(|scored| self.products[scored.product.place()].0).collect()
    }
}

/// Each session as if it were a visitor of its own.
pub fn count(sessions: &[&Session], mut counts: Counts) -> Counts {
    let mut doings = Vec::new();
    for session in sessions {
        doings.clear();
        doings.extend(session.items.iter().map(|item| Doing { product: Product(*item), act: Act::Viewed }));
        let visit = Visit { day: (session.end() / DAY) as u32, doings: &doings };
        // Who does more than a person can is not counted.
        let (Heard::Counted | Heard::TooMuch) = counts.visitor(&[visit]);
    }
    counts
}
