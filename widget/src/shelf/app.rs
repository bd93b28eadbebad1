//! What a page knows of its shop's shelves: the published settings, what was fetched, and who looks at the page.
//! Bytes come in and HTML goes out; fetching and the page itself are outside.

use domain::id::VisitorId;
use domain::recommend::Product;
use domain::recommend::score::Scorer;
use domain::shelf::file::Bucket;
use domain::shelf::fill::{Visitor, fill};
use domain::shelf::index::Index;
use domain::shelf::key::Key;
use domain::shelf::market::{Market, market_of};
use domain::shelf::settings::{ShelfBrain, holdout};
use domain::shelf::store::Store;
use domain::shelf::{Files, Head};

use super::markup::{self, Frame};

/// Writes an amount, given in minor units, in a currency with so many digits after the point.
pub type Money<'a> = &'a dyn Fn(u32, &str, u8) -> String;

/// Products whose rows are asked for: more are not looked at when a shelf is filled.
const REACH: usize = 8;

/// The shelves of one page.
#[derive(Default)]
pub struct App {
    brain: Option<ShelfBrain>,
    /// Place of the page's market among the shop's.
    market: usize,
    head: Option<Head>,
    files: Vec<Bucket>,
    indexes: Vec<Index>,
    /// Names of the files that were read.
    read: Vec<u64>,
    said: Said,
    numbers: Numbers,
    /// Nothing was said or read since the numbers were found.
    settled: bool,
    scorer: Scorer,
}

/// What the page and the loader say of who looks at it, in their words.
#[derive(Default)]
struct Said {
    page: String,
    seen: Vec<String>,
    cart: Vec<String>,
    owned: Vec<Vec<String>>,
    dismissed: Vec<String>,
    /// A plain decimal, and its currency.
    total: Option<(String, String)>,
    /// Who was allowed to be remembered.
    visitor: Option<VisitorId>,
}

/// The same by number, as far as the files that were read know them.
#[derive(Default)]
struct Numbers {
    beside: Option<Product>,
    recent: Vec<Product>,
    cart: Vec<Product>,
    owned: Vec<Vec<Product>>,
    dismissed: Vec<Product>,
}

impl App {
    /// Takes the published settings; says whether they can be read.
    pub fn open(&mut self, brain: &[u8]) -> bool {
        self.brain = ShelfBrain::read(brain).ok();
        self.brain.is_some()
    }

    /// Chooses the market of a page, by what its place says (`wanted`), its path and its language, and gives its
    /// name. Files of another are forgotten.
    pub fn choose(&mut self, wanted: &str, path: &str, lang: &str) -> Option<String> {
        let markets = &self.brain.as_ref()?.markets;
        let wanted = Some(wanted).filter(|wanted| !wanted.is_empty());
        let found = market_of(markets, wanted, path, lang)?;
        let place = markets.iter().position(|market| market.name == found.name)?;
        let name = String::from(found.name.clone());
        if place != self.market {
            self.market = place;
            self.forget();
            self.head = None;
        }
        Some(name)
    }

    /// Takes the market's short file; says whether it can be read. Files of an older learning are forgotten.
    pub fn head(&mut self, bytes: &[u8]) -> bool {
        let Ok(head) = Head::read(bytes) else { return false };
        if self.head.as_ref().is_none_or(|known| known.generation != head.generation) {
            // Browsers compile what runs for the first time: they do while the first file is on its way.
            self.give(0, Bucket::EMPTY.to_vec());
            self.forget();
        }
        self.head = Some(head);
        self.settled = false;
        true
    }

    fn forget(&mut self) {
        self.files.clear();
        self.indexes.clear();
        self.read.clear();
    }

    /// Takes what is known of who looks at the page, a line each; the first letter says of what: `p` the page's
    /// address, `s` a page that was seen, the last one last, `c` what lies in the cart, `b` an order, `o` what was
    /// in it, `n` what was dismissed, `t` the cart's sum with its currency after a space, `v` the visitor who
    /// allowed to be remembered.
    pub fn know(&mut self, lines: &str) {
        let mut said = Said::default();
        for line in lines.lines() {
            let Some((kind, rest)) = line.split_at_checked(1) else { continue };
            let text = rest.to_owned();
            match kind {
                "p" => said.page = text,
                "s" => said.seen.push(text),
                "c" => said.cart.push(text),
                "b" => said.owned.push(Vec::new()),
                "o" => said.owned.last_mut().into_iter().for_each(|basket| basket.push(rest.to_owned())),
                "n" => said.dismissed.push(text),
                "t" => said.total = rest.split_once(' ').map(|(sum, of)| (sum.to_owned(), of.to_owned())),
                "v" => said.visitor = rest.parse().ok(),
                _ => {}
            }
        }
        self.said = said;
        self.settled = false;
    }

    /// Takes a file; says whether it can be read.
    #[inline(never)]
    pub fn give(&mut self, name: u64, bytes: Vec<u8>) -> bool {
        if let Ok(index) = Index::read(&bytes) {
            self.indexes.push(index);
        } else if let Ok(file) = Bucket::read(bytes) {
            self.files.push(file);
        } else {
            return false;
        }
        self.read.push(name);
        self.settled = false;
        true
    }

    /// The files that would be of use and are not there, the most useful first.
    pub fn wanted(&mut self) -> Vec<u64> {
        if let Some(Head { files: Files::Whole(file), .. }) = &self.head {
            return Some(*file).filter(|file| !self.read.contains(file)).into_iter().collect();
        }
        self.settle();
        let Some(Head { files, .. }) = &self.head else { return Vec::new() };
        let (said, numbers) = (&self.said, &self.numbers);
        let mut useful = Vec::new();
        if let Some(beside) = numbers.beside {
            useful.push(files.of(beside));
        } else {
            useful.push(files.slice(Key::of_path(&said.page)));
            useful.push(files.slice(Key::of_page(&said.page)));
            useful.push(files.front());
        }
        useful.extend(numbers.cart.iter().rev().take(REACH).map(|product| files.of(*product)));
        useful.extend(said.cart.iter().rev().take(REACH).map(|id| files.slice(Key::of_id(id))));
        useful.extend(numbers.recent.iter().rev().take(REACH).map(|product| files.of(*product)));
        useful.extend(said.seen.iter().rev().take(REACH).map(|page| files.slice(Key::of_path(page))));
        let mut wanted = Vec::new();
        for file in useful.into_iter().flatten() {
            if !self.read.contains(&file) && !wanted.contains(&file) {
                wanted.push(file);
            }
        }
        wanted
    }

    fn settle(&mut self) {
        if !self.settled
            && let Some(store) = self.store()
        {
            self.numbers = self.found(store);
            self.settled = true;
        }
    }

    /// Finds the numbers of what was said.
    fn found(&self, store: Store<'_>) -> Numbers {
        let said = &self.said;
        let ids = || said.cart.iter().chain(said.owned.iter().flatten()).chain(&said.dismissed);
        let keys: Vec<Key> = ids().map(|id| Key::of_id(id)).collect();
        let mut found = store.find(&keys).into_iter();
        let mut known = |ids: &Vec<String>| found.by_ref().take(ids.len()).flatten().collect();
        let mut pages = store.pages(said.seen.iter().chain([&said.page]).map(String::as_str));
        let beside = pages.pop().flatten();
        let mut recent: Vec<Product> = pages.into_iter().flatten().collect();
        // A page that was loaded again was not chosen again.
        recent.dedup();
        if recent.last() != beside.as_ref() {
            recent.extend(beside);
        }
        let cart = known(&said.cart);
        let owned = said.owned.iter().map(&mut known).collect();
        Numbers { beside, recent, cart, owned, dismissed: known(&said.dismissed) }
    }

    fn market(&self) -> Option<&Market> {
        self.brain.as_ref()?.markets.get(self.market)
    }

    fn store(&self) -> Option<Store<'_>> {
        let head = self.head.as_ref()?;
        Some(Store { head, files: &self.files, indexes: &self.indexes, market: self.market() })
    }

    /// Fills a shelf: its HTML, or nothing if there is not enough to show.
    pub fn fill(&mut self, name: &str, lang: &str, money: Money<'_>) -> Option<String> {
        self.settle();
        let mut scorer = core::mem::take(&mut self.scorer);
        let html = self.filled(name, lang, money, &mut scorer);
        self.scorer = scorer;
        html
    }

    fn filled(&self, name: &str, lang: &str, money: Money<'_>, scorer: &mut Scorer) -> Option<String> {
        let (brain, market, store) = (self.brain.as_ref()?, self.market()?, self.store()?);
        let view = brain.shelf(name)?;
        let Numbers { beside, recent, cart, owned, dismissed } = &self.numbers;
        let baskets: Vec<&[Product]> = owned.iter().map(Vec::as_slice).collect();
        let remembered = self.said.visitor;
        let visitor = Visitor {
            beside: *beside,
            recent,
            cart,
            cart_total: self.total(market),
            owned: &owned.concat(),
            baskets: &baskets,
            dismissed,
            remembers: remembered.is_some(),
        };
        let filled = fill(&view.shelf, store, &visitor, scorer);
        if filled.items.is_empty() {
            return None;
        }
        let beside = beside.and_then(|beside| store.card(beside)).map(|card| card.to_card().id);
        let frame = Frame {
            brain,
            view,
            lang,
            market: market.name.as_str(),
            beside: beside.as_deref().unwrap_or_default(),
            held: remembered.is_some_and(|visitor| holdout(visitor, &view.shelf.name, view.shelf.holdout)),
            money: &|amount| money(amount, &store.head.currency, market.digits),
        };
        Some(markup::shelf(frame, &filled.items))
    }

    /// What the cart costs in minor units of the market's currency, if it is said in that.
    fn total(&self, market: &Market) -> Option<u32> {
        let (sum, currency) = self.said.total.as_ref()?;
        let (whole, part) = sum.split_once('.').unwrap_or((sum, ""));
        let part = part.trim_end_matches('0');
        let digits = usize::from(market.digits);
        if *currency != market.currency || part.len() > digits {
            return None;
        }
        let zeros = "0".repeat(digits - part.len());
        [whole, part, &zeros].concat().parse().ok()
    }
}

#[cfg(test)]
mod tests;
