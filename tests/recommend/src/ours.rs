//! Our method, from the very files and the very code that ship: counted, linked, written, read again, scored.

use std::ops::Range;
use std::time::{Duration, Instant};

use domain::recommend::Product;
use domain::recommend::count::{Act, Counts, Doing, Heard, Profile, Visit};
use domain::recommend::links::{Links, Recipe};
use domain::recommend::order::{order, renumbered};
use domain::recommend::pack::{Form, MOST_TRENDING, Pack, Rows, bucketed, write};
use domain::recommend::score::{Scorer, Taste};
use domain::shelf::file::{Bucket, Own, Shop, bucket};

use crate::judge::{LIST, Method};
use crate::made;
use crate::sessions::Session;
use crate::sizes::{QUICK, compressed};
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
    /// In which files they travel.
    pub files: Files,
}

/// In which files a shop travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Files {
    /// In one.
    Whole,
    /// In buckets of at least so many products and of at most so many bytes.
    Buckets {
        /// Products of each.
        size: u32,
        /// Bytes of each, compressed.
        budget: usize,
        /// Whether the files of pages before this one are still there.
        kept: bool,
    },
}

impl Settings {
    /// As they ship.
    pub const SHIPPED: Self = Self {
        profile: Profile::NEXT,
        recipe: Recipe::NEXT,
        form: Form::NEXT,
        taste: Taste::NEXT,
        files: Files::Whole,
    };

    /// As a large shop's ship: weighed when it is compressed quickly, so that none has more than 30,000 bytes in the end.
    pub const BUCKETED: Self =
        Self { files: Files::Buckets { size: 200, budget: 29_000, kept: true }, ..Self::SHIPPED };
}

/// What was learned, as a shopper's browser has it.
pub struct Ours {
    /// By number; the one of a product is the last that begins before it.
    buckets: Vec<Bucket>,
    kept: bool,
    /// Rows of another form than files have.
    other: Option<Rows>,
    /// Number in the files by number in the sessions.
    numbers: Vec<Product>,
    /// The other way round.
    products: Vec<Product>,
    scorer: Scorer,
    settings: Settings,
    /// All rows as a pack of their own, before it is compressed.
    pub written: Vec<u8>,
    /// All rows under the numbers of the files.
    pub links: Links,
    /// What is trending, under those numbers.
    pub trending: Vec<(Product, f32)>,
    /// From sessions to rows.
    pub learning: Duration,
    /// From bytes to all that is in them.
    pub reading: Duration,
    /// The files, before they are compressed.
    pub files: Vec<Vec<u8>>,
    /// Foreign cards in all of them, and how many their rows lead to.
    pub foreign: (usize, usize),
}

/// What is made of sessions and counts, before anything is written.
pub struct Learned {
    links: Links,
    together: Links,
    own: Vec<Own>,
    viewers: Vec<f32>,
    trending: Vec<(Product, f32)>,
    numbers: Vec<Product>,
    products: Vec<Product>,
    learning: Duration,
}

impl Learned {
    /// Learns from sessions, each as if it were a visitor of its own. Names the day on which it is asked. What is bought
    /// together is learned where files are weighed: no question is about it.
    pub fn of(sessions: &[&Session], products: u32, today: u32, settings: &Settings, together: bool) -> Self {
        let began = Instant::now();
        let mut counts = count(sessions, Counts::new(settings.profile.clone(), products, today));
        let links = Links::learn(&mut counts, &settings.recipe);
        let order = order(&links);
        let links = renumbered(&links, &order);
        let learning = began.elapsed();
        let mut numbers = vec![Product(0); products as usize];
        for (number, product) in (0..).zip(&order) {
            numbers[product.place()] = Product(number);
        }
        let trending = counts.trending(MOST_TRENDING).into_iter();
        let trending = trending.map(|(product, share)| (numbers[product.place()], share as f32)).collect::<Vec<_>>();
        let seen: Vec<f64> = counts.viewers().collect();
        let viewers = order.iter().map(|product| seen[product.place()] as f32).collect();
        // Nobody knows what was bought: looks stand in for it, which are more than carts ever are.
        let bought = if together { sessions } else { &[] };
        let mut counts = count(bought, Counts::new(Profile::TOGETHER, products, today));
        let together = renumbered(&Links::learn(&mut counts, &Recipe::TOGETHER), &order);
        let own = made::catalogue(products, u64::from(products));
        Self { links, together, own, viewers, trending, numbers, products: order, learning }
    }

    fn shop(&self) -> Shop<'_> {
        Shop { generation: 1, next: &self.links, together: &self.together, own: &self.own, viewers: &self.viewers }
    }

    /// Writes the files and reads them again.
    pub fn written(self, settings: &Settings) -> Result<Ours, String> {
        let all = self.products.len() as u32;
        let written = write(&self.links, 0..all, &self.trending, settings.form);
        let (rows, budget, kept) = match settings.files {
            Files::Whole => (vec![Range { start: 0, end: all }], usize::MAX, true),
            Files::Buckets { size, budget, kept } => (bucketed(all, size), budget, kept),
        };
        let mut foreign = (0, 0);
        let mut files = Vec::new();
        for rows in rows {
            let file = bucket(&self.shop(), rows, budget, &mut |bytes| compressed(bytes, QUICK));
            foreign = (foreign.0 + file.foreign, foreign.1 + file.wanted);
            files.push(file.bytes);
        }
        let began = Instant::now();
        let buckets = files.iter().map(|bytes| Bucket::read(bytes.clone()).map_err(|error| error.to_string()));
        let buckets = buckets.collect::<Result<Vec<_>, _>>()?;
        let reading = began.elapsed();
        let is_other = settings.form != Form::NEXT;
        let other = is_other.then(|| Rows::read(&written)).transpose().map_err(|error| error.to_string())?;
        let Self { links, trending, numbers, products, learning, .. } = self;
        let (settings, scorer) = (settings.clone(), Scorer::default());
        Ok(Ours {
            buckets,
            kept,
            other,
            numbers,
            products,
            scorer,
            settings,
            written,
            links,
            trending,
            learning,
            reading,
            files,
            foreign,
        })
    }
}

impl Ours {
    /// Learns from sessions and reads what was written of it.
    pub fn learn(sessions: &[&Session], products: u32, today: u32, settings: &Settings) -> Result<Self, String> {
        Learned::of(sessions, products, today, settings, settings.files != Files::Whole).written(settings)
    }

    /// Under the numbers of the files.
    fn numbered(&self, items: &[u32]) -> Vec<Product> {
        items.iter().map(|item| self.numbers[*item as usize]).collect()
    }

    /// The files that a browser has which came this way, the last page's first.
    fn opened(&self, recent: &[Product]) -> Vec<&Bucket> {
        let mut opened: Vec<&Bucket> = Vec::new();
        for product in recent.iter().rev().take(if self.kept { recent.len() } else { 1 }) {
            let at = self.buckets.partition_point(|bucket| bucket.own().start <= product.0);
            let bucket = &self.buckets[at - 1];
            if !opened.iter().any(|opened| opened.own() == bucket.own()) {
                opened.push(bucket);
            }
        }
        opened
    }
}

impl Method for Ours {
    fn list(&mut self, items: &[u32], _: &[f64]) -> Vec<u32> {
        let recent = self.numbered(if self.kept { items } else { &items[items.len() - 1..] });
        let mut scorer = std::mem::take(&mut self.scorer);
        let opened = self.opened(&recent);
        let packs: Vec<Pack<'_>> = match &self.other {
            Some(other) => vec![other.of(&self.written)],
            None => opened.iter().map(|bucket| bucket.next()).collect(),
        };
        // What there is no card of cannot be shown, and others take its place.
        let most = if self.buckets.len() == 1 { LIST } else { LIST * 4 };
        let has_card = |product: Product| opened.iter().any(|bucket| bucket.card(product).is_some());
        let best = scorer.shelf(&packs, &recent, &self.settings.taste, most);
        let mut list: Vec<Product> =
            best.iter().map(|scored| scored.product).filter(|product| has_card(*product)).collect();
        for (product, _) in &self.trending {
            if list.len() < LIST && !list.contains(product) && !recent.contains(product) && has_card(*product) {
                list.push(*product);
            }
        }
        list.truncate(LIST);
        // What is being looked at is never in it, nor does anybody want it there: both protocols get the same list.
        let list = list.into_iter().map(|product| self.products[product.place()].0).collect();
        self.scorer = scorer;
        list
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Two visits of each of two hundred neighbours.
    fn sessions() -> Vec<Session> {
        let session = |first: u32| Session { items: vec![first, first + 1, first + 2], times: vec![DAY; 3] };
        (0..598).chain(0..598).map(session).collect()
    }

    #[test]
    fn files_of_a_large_shop_recommend_what_the_whole_does_as_far_as_they_have_cards() {
        let sessions = sessions();
        let sessions: Vec<&Session> = sessions.iter().collect();
        let learned = |files| {
            let settings = Settings { files, ..Settings::SHIPPED };
            Ours::learn(&sessions, 600, 1, &settings).expect("files that were written can be read")
        };
        let (mut whole, budget) = (learned(Files::Whole), usize::MAX);
        let mut buckets = learned(Files::Buckets { size: 200, budget, kept: true });
        assert_eq!((whole.files.len(), buckets.files.len()), (1, 3));
        assert_eq!(buckets.foreign.0, buckets.foreign.1);
        let times = [0.0; 3];
        for item in (0..590).step_by(17) {
            let items = [item, item + 5, item + 1];
            let (one, other) = (whole.list(&items, &times), buckets.list(&items, &times));
            assert_eq!(one[..3], other[..3], "{items:?}");
        }
        let mut narrow = learned(Files::Buckets { size: 200, budget: 1, kept: false });
        assert_eq!(narrow.foreign.0, 0);
        let list = narrow.list(&[7, 3], &times);
        let own = narrow.opened(&narrow.numbered(&[3]))[0].own();
        assert!(narrow.numbered(&list).iter().all(|product| own.contains(&product.0)));
    }
}
