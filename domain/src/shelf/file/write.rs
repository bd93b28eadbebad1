//! Writing files.

use core::ops::Range;

use super::{MARK, flag, slug};
use crate::recommend::Product;
use crate::recommend::bytes::varint;
use crate::recommend::links::Links;
use crate::recommend::pack::{self, Form};
use crate::shelf::Card;
use crate::shelf::key::Key;

/// What there is of a product in one market.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Own {
    /// How it is shown; nothing if it is not, in this market.
    pub card: Option<Card>,
    /// What else it is found by: ids of its variants, other addresses of its page. Its id and its page need not be here.
    pub keys: Vec<Key>,
}

/// What files of a market are written from. All lists are by the number of the product and of one length, that of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Shop<'a> {
    /// By which learning products have these numbers.
    pub generation: u32,
    /// Rows of what is looked at next.
    pub next: &'a Links,
    /// Rows of what is bought together, with as many links as are wanted of each.
    pub together: &'a Links,
    /// Cards and keys.
    pub own: &'a [Own],
    /// How much each product is looked at, against the others; empty if that is not known.
    pub viewers: &'a [f32],
}

/// A file as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// What is in it, before it is compressed.
    pub bytes: Vec<u8>,
    /// How many foreign products it has cards of.
    pub foreign: usize,
    /// How many its rows lead to.
    pub wanted: usize,
}

/// Foreign products that are looked at, at most, for each own one; more would not fit anywhere.
const MOST_WANTED: usize = 6;
/// How often a file is weighed, at most.
const WEIGHED: usize = 6;

/// The file of the products with these numbers, with cards of as many foreign products as fit: those that its rows lead to
/// most. `weigh` says how much a file weighs once it is compressed; it should not be more than `budget`, and is not, unless the own products alone are.
pub fn bucket(shop: &Shop<'_>, rows: Range<u32>, budget: usize, weigh: &mut dyn FnMut(&[u8]) -> usize) -> Written {
    let wanted = wanted(shop, &rows);
    fitting(&wanted, budget, weigh, &|foreign| write(shop, rows.clone(), foreign))
}

/// The file for pages of no product: cards of these products, as many of the first as fit.
pub fn front(shop: &Shop<'_>, products: &[Product], budget: usize, weigh: &mut dyn FnMut(&[u8]) -> usize) -> Written {
    fitting(products, budget, weigh, &|foreign| write(shop, 0..0, foreign))
}

/// Foreign products that these rows lead to, most of all first.
fn wanted(shop: &Shop<'_>, rows: &Range<u32>) -> Vec<Product> {
    let mut demand = vec![0.0_f32; shop.own.len()];
    for number in rows.clone().map(Product) {
        let viewers = shop.viewers.get(number.place()).map_or(1.0, |viewers| viewers + 0.1);
        for links in [shop.next, shop.together] {
            let row = links.rows.get(number.place()).map(Vec::as_slice).unwrap_or_default();
            let sum = row.iter().map(|link| link.weight).sum::<f32>().max(f32::MIN_POSITIVE);
            for link in row.iter().filter(|link| !rows.contains(&link.to.0)) {
                if let Some(demand) = demand.get_mut(link.to.place()) {
                    *demand += viewers * link.weight / sum;
                }
            }
        }
    }
    let has_card = |product: &Product| shop.own.get(product.place()).is_some_and(|own| own.card.is_some());
    let of = |product: &Product| demand.get(product.place()).copied().unwrap_or_default();
    let mut wanted: Vec<Product> = (0_u32..).take(demand.len()).map(Product).collect();
    wanted.retain(|product| of(product) > 0.0 && has_card(product));
    wanted.sort_unstable_by(|a, b| of(b).total_cmp(&of(a)).then(a.cmp(b)));
    wanted.truncate(rows.len().saturating_mul(MOST_WANTED));
    wanted
}

fn fitting(
    wanted: &[Product],
    budget: usize,
    weigh: &mut dyn FnMut(&[u8]) -> usize,
    write: &dyn Fn(&[Product]) -> Vec<u8>,
) -> Written {
    let first = |count: usize| wanted.get(..count).unwrap_or(wanted);
    let whole = |count: usize, bytes| Written { bytes, foreign: count, wanted: wanted.len() };
    let all = write(wanted);
    let heaviest = weigh(&all);
    if heaviest <= budget || wanted.is_empty() {
        return whole(wanted.len(), all);
    }
    let mut good = whole(0, write(&[]));
    let (mut low, mut high) = ((0, weigh(&good.bytes)), (wanted.len(), heaviest));
    for _ in 0..WEIGHED {
        let (room, step) = (budget.saturating_sub(low.1), high.1.saturating_sub(low.1).max(1));
        let between = high.0.saturating_sub(low.0).saturating_mul(room) / step;
        let count = low.0.saturating_add(between);
        if count <= low.0 || count >= high.0 || room < budget / 100 {
            break;
        }
        let bytes = write(first(count));
        let weight = weigh(&bytes);
        if weight > budget {
            high = (count, weight);
        } else {
            low = (count, weight);
            good = whole(count, bytes);
        }
    }
    good
}

fn write(shop: &Shop<'_>, rows: Range<u32>, foreign: &[Product]) -> Vec<u8> {
    let products = u32::try_from(shop.own.len()).unwrap_or(u32::MAX);
    let rows = rows.start.min(products)..rows.end.min(products).max(rows.start.min(products));
    let mut foreign: Vec<Product> =
        foreign.iter().copied().filter(|foreign| foreign.0 < products && !rows.contains(&foreign.0)).collect();
    foreign.sort_unstable();
    foreign.dedup();

    let mut written = MARK.to_vec();
    for number in [shop.generation, rows.start, rows.end - rows.start, products] {
        varint(&mut written, number);
    }
    for links in [shop.next, shop.together] {
        let pack = pack::write(links, rows.clone(), &[], Form::NEXT);
        varint(&mut written, u32::try_from(pack.len()).unwrap_or(u32::MAX));
        written.extend(pack);
    }
    varint(&mut written, u32::try_from(foreign.len()).unwrap_or(u32::MAX));
    let mut next = 0;
    for product in &foreign {
        varint(&mut written, product.0 - next);
        next = product.0 + 1;
    }
    let own = rows.clone().map(Product);
    let cards = own.clone().chain(foreign).map(|product| shop.own.get(product.place())?.card.as_ref()).collect();
    Columns::of(&cards).write(&mut written);
    keys(shop, own, &mut written);
    written
}

/// The card of what has none.
static NOTHING: Card = Card {
    id: String::new(),
    title: String::new(),
    url: String::new(),
    image: String::new(),
    price: None,
    was: None,
    brand: String::new(),
    categories: Vec::new(),
    lift: Card::NO_LIFT,
    badges: 0,
};

/// Cards, thing by thing.
#[derive(Default)]
struct Columns<'a> {
    categories: Vec<&'a str>,
    brands: Vec<&'a str>,
    around: (&'a str, &'a str),
    flags: Vec<u8>,
    ids: Vec<&'a str>,
    titles: Vec<&'a str>,
    urls: Vec<&'a str>,
    images: Vec<&'a str>,
    prices: Vec<u32>,
    before: Vec<u32>,
    of_brands: Vec<u32>,
    counts: Vec<u32>,
    of_cards: Vec<u32>,
    lifts: Vec<u8>,
    badges: Vec<u8>,
}

impl<'a> Columns<'a> {
    fn of(cards: &Vec<Option<&'a Card>>) -> Self {
        let known = || cards.iter().copied().flatten();
        let mut columns = Self { around: around(known()), ..Self::default() };
        columns.categories = named(known().flat_map(|card| &card.categories).map(String::as_str));
        columns.brands = named(known().map(|card| card.brand.as_str()).filter(|brand| !brand.is_empty()));
        for card in cards {
            columns.card(*card);
        }
        columns
    }

    fn card(&mut self, card: Option<&'a Card>) {
        let known = card.is_some();
        let card = card.unwrap_or(&NOTHING);
        let mut flags = flag::KNOWN;
        let mut has = |flag, has: bool| {
            flags |= if has { flag } else { 0 };
            has
        };
        let is_made_of_title = slug::frame(&card.url, &card.title) == Some(self.around);
        self.urls.push(if has(flag::URL, !is_made_of_title) { &card.url } else { "" });
        let mut number = |flag, number: Option<u32>| if has(flag, number.is_some()) { number.unwrap_or(0) } else { 0 };
        self.prices.push(number(flag::PRICE, card.price));
        self.before.push(number(flag::WAS, card.was));
        self.of_brands.push(number(flag::BRAND, place(&self.brands, &card.brand)));
        self.flags.push(if known { flags } else { 0 });
        self.ids.push(&card.id);
        self.titles.push(&card.title);
        self.images.push(&card.image);
        let places: Vec<u32> = card.categories.iter().filter_map(|path| place(&self.categories, path)).collect();
        self.counts.push(u32::try_from(places.len()).unwrap_or_default());
        self.of_cards.extend(places);
        self.lifts.push(card.lift);
        self.badges.push(card.badges);
    }

    fn write(&self, written: &mut Vec<u8>) {
        for named in [&self.categories, &self.brands] {
            varint(written, u32::try_from(named.len()).unwrap_or(u32::MAX));
            texts(written, named);
        }
        texts(written, &[self.around.0, self.around.1]);
        written.extend(&self.flags);
        for column in [&self.ids, &self.titles, &self.urls, &self.images] {
            texts(written, column);
        }
        for column in [&self.prices, &self.before, &self.of_brands, &self.counts, &self.of_cards] {
            for number in column {
                varint(written, *number);
            }
        }
        written.extend(&self.lifts);
        written.extend(&self.badges);
    }
}

/// What stands around the title in most addresses that are made of it.
fn around<'a>(cards: impl Iterator<Item = &'a Card>) -> (&'a str, &'a str) {
    let mut frames: Vec<(&str, &str)> = cards.filter_map(|card| slug::frame(&card.url, &card.title)).collect();
    frames.sort_unstable();
    let most = frames.chunk_by(|a, b| a == b).max_by_key(|alike| alike.len());
    most.and_then(|alike| alike.first()).copied().unwrap_or_default()
}

/// Each once, by how often it is named, and no more than a place of 16 bits can name.
fn named<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut all: Vec<&str> = texts.collect();
    all.sort_unstable();
    let mut counted: Vec<(usize, &str)> =
        all.chunk_by(|a, b| a == b).filter_map(|alike| Some((alike.len(), *alike.first()?))).collect();
    counted.sort_by_key(|(count, _)| core::cmp::Reverse(*count));
    counted.truncate(usize::from(u16::MAX));
    let mut texts: Vec<&str> = counted.into_iter().map(|(_, text)| text).collect();
    // In their own order they look like one another; 128 places take one byte each.
    let most = texts.len();
    let (common, rare) = texts.split_at_mut(most.min(128));
    common.sort_unstable();
    rare.sort_unstable();
    texts
}

fn place(texts: &[&str], text: &str) -> Option<u32> {
    let (common, rare) = texts.split_at(texts.len().min(128));
    let place = common.binary_search(&text).or_else(|_| rare.binary_search(&text).map(|place| place + common.len()));
    u32::try_from(place.ok()?).ok()
}

fn texts(written: &mut Vec<u8>, texts: &[&str]) {
    let length = |text: &str| u32::try_from(text.len()).unwrap_or(u32::MAX);
    for text in texts {
        varint(written, length(text));
    }
    for text in texts {
        written.extend_from_slice(text.as_bytes());
    }
}

/// The last bytes of the keys of own products that follow from their cards, then those that do not, each once.
fn keys(shop: &Shop<'_>, own: impl Iterator<Item = Product>, written: &mut Vec<u8>) {
    let (mut ids, mut pages, mut counts, mut all) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for product in own {
        let own = shop.own.get(product.place());
        let card = own.and_then(|own| own.card.as_ref());
        let follows = card.map(|card| [Key::of_id(&card.id), Key::of_page(&card.url)]);
        let [id, page] = follows.unwrap_or([Key(0); 2]);
        ids.push(id.end());
        pages.push(page.end());
        let mut keys: Vec<u32> = own.into_iter().flat_map(|own| &own.keys).map(|key| key.short()).collect();
        keys.retain(|key| follows.iter().flatten().all(|follows| follows.short() != *key));
        keys.sort_unstable();
        keys.dedup();
        varint(&mut counts, u32::try_from(keys.len()).unwrap_or(u32::MAX));
        for key in keys {
            all.extend(key.to_le_bytes());
        }
    }
    for part in [ids, pages, counts, all] {
        written.extend(part);
    }
}
