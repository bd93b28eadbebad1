//! Reading a file. It may come from anywhere: nothing in it is believed before it is checked, and no more memory is
//! taken than in proportion to its bytes.

use super::{Bucket, Bytes, CardRef, Lying, MARK, Stored, flag, group};
use crate::id::Malformed;
use crate::recommend::Product;
use crate::recommend::pack::Pack;
use crate::shelf::Card;
use crate::shelf::key::Key;

impl Bucket {
    /// Reads what [`super::bucket`] or [`super::front`] has written.
    ///
    /// # Errors
    /// Bytes that they would never have written.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut rest = Bytes(bytes);
        if rest.take(MARK.len())? != MARK {
            return Err(Malformed("expected a file of shelves, version 1"));
        }
        let generation = rest.varint()?;
        let first = rest.varint()?;
        let own = rest.varint()?;
        let products = rest.varint()?;
        let own = first..first.checked_add(own).filter(|end| *end <= products).ok_or(OUTSIDE)?;
        let next = pack(&mut rest, &own, products)?;
        let together = pack(&mut rest, &own, products)?;
        let foreign = foreign(&mut rest, &own, products)?;
        let mut texts = String::new();
        let owned = |texts: &String, at: Vec<(u32, u32)>| -> Vec<String> {
            at.into_iter().map(|(from, to)| slice(texts, from, to).to_owned()).collect()
        };
        let at = rest.texts(&mut texts)?;
        let categories = owned(&texts, at);
        let at = rest.texts(&mut texts)?;
        let brands = owned(&texts, at);
        let at = rest.texts(&mut texts)?;
        let around: [String; 2] =
            owned(&texts, at).try_into().map_err(|_| Malformed("expected two texts around titles"))?;
        texts.clear();
        let count = own.len().checked_add(foreign.len()).ok_or(OUTSIDE)?;
        let (cards, of_cards) = cards(&mut rest, count, &mut texts, categories.len(), brands.len())?;
        let keys = keys(&mut rest, own.clone())?;
        rest.end()?;
        let mut bucket = Self {
            generation,
            own,
            products,
            next,
            together,
            foreign,
            categories,
            brands,
            around: around.into(),
            cards,
            of_cards,
            texts,
            keys,
            groups: Vec::new(),
        };
        bucket.find_by_cards();
        Ok(bucket)
    }

    /// Keys that follow from cards are not written down.
    fn find_by_cards(&mut self) {
        let mut keys = core::mem::take(&mut self.keys);
        for (product, stored) in self.own.clone().map(Product).zip(&self.cards).filter(|card| card.1.known) {
            let card = CardRef(Lying::Filed(self, stored));
            keys.push((Key::of_id(self.text(stored.id)).short(), product));
            keys.push((Key::of_page(&card.url()).short(), product));
        }
        let mut groups = vec![0_u32; usize::from(u8::MAX) + 2];
        for (key, _) in &keys {
            if let Some(count) = groups.get_mut(usize::from(group(*key)) + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for count in &mut groups {
            sum += *count;
            *count = sum;
        }
        let mut free = groups.clone();
        self.keys = vec![(0, Product(0)); keys.len()];
        for known in keys {
            if let Some(place) = free.get_mut(usize::from(group(known.0))) {
                if let Some(key) = self.keys.get_mut(Product(*place).place()) {
                    *key = known;
                }
                *place += 1;
            }
        }
        self.groups = groups;
    }
}

const OUTSIDE: Malformed = Malformed("expected products of the catalogue");

fn slice(texts: &str, from: u32, to: u32) -> &str {
    texts.get(Product(from).place()..Product(to).place()).unwrap_or_default()
}

/// Rows of the file's own products, or none at all.
fn pack(rest: &mut Bytes<'_>, own: &core::ops::Range<u32>, products: u32) -> Result<Pack, Malformed> {
    let length = rest.count(1)?;
    let pack = Pack::read(rest.take(length)?)?;
    let rows = pack.rows();
    let fits = rows.is_empty() || rows.start >= own.start && rows.end <= own.end;
    if fits && pack.products() == products { Ok(pack) } else { Err(Malformed("expected rows of the file's products")) }
}

fn foreign(rest: &mut Bytes<'_>, own: &core::ops::Range<u32>, products: u32) -> Result<Vec<Product>, Malformed> {
    let count = rest.count(1)?;
    let mut foreign = Vec::with_capacity(count);
    let mut next = 0_u32;
    for _ in 0..count {
        let number = next.checked_add(rest.varint()?).filter(|number| *number < products).ok_or(OUTSIDE)?;
        if own.contains(&number) {
            return Err(Malformed("expected foreign products that are not the file's own"));
        }
        foreign.push(Product(number));
        next = number.saturating_add(1);
    }
    Ok(foreign)
}

impl Bytes<'_> {
    /// Texts, put behind those that there are, with where each begins and ends.
    fn texts(&mut self, texts: &mut String) -> Result<Vec<(u32, u32)>, Malformed> {
        const HOW: Malformed = Malformed("expected texts in UTF-8");
        let count = self.count(1)?;
        let lengths = self.varints(count)?;
        let all = lengths.iter().try_fold(0_u32, |sum, length| sum.checked_add(*length)).ok_or(HOW)?;
        let all = self.take(Product(all).place())?;
        let mut from = u32::try_from(texts.len()).map_err(|_| HOW)?;
        texts.push_str(core::str::from_utf8(all).map_err(|_| HOW)?);
        let mut at = Vec::with_capacity(count);
        for length in lengths {
            let to = from.checked_add(length).ok_or(HOW)?;
            if !texts.is_char_boundary(Product(to).place()) {
                return Err(HOW);
            }
            at.push((from, to));
            from = to;
        }
        Ok(at)
    }

    /// A number for each card that has one.
    fn numbers(&mut self, flags: &[u8], flag: u8) -> Result<Column<u32>, Malformed> {
        let numbers = self.varints(having(flags, flag))?;
        Ok(Column { flag, values: numbers.into_iter() })
    }

    /// A text for each card that has one.
    fn column(&mut self, flags: &[u8], flag: u8, texts: &mut String) -> Result<Column<(u32, u32)>, Malformed> {
        let at = self.texts(texts)?;
        if at.len() != having(flags, flag) {
            return Err(Malformed("expected a text for each card that has one"));
        }
        Ok(Column { flag, values: at.into_iter() })
    }

    /// A byte for each card that has one.
    fn bytes(&mut self, flags: &[u8], flag: u8) -> Result<Column<u8>, Malformed> {
        let values = self.take(having(flags, flag))?.to_vec();
        Ok(Column { flag, values: values.into_iter() })
    }
}

fn having(flags: &[u8], flag: u8) -> usize {
    flags.iter().filter(|flags| *flags & flag != 0).count()
}

/// One thing of all cards that have it.
struct Column<T> {
    flag: u8,
    values: std::vec::IntoIter<T>,
}

impl<T> Column<T> {
    /// The next card's.
    fn next(&mut self, flags: u8) -> Option<T> {
        if flags & self.flag == 0 { None } else { self.values.next() }
    }
}

fn cards(
    rest: &mut Bytes<'_>,
    count: usize,
    texts: &mut String,
    categories: usize,
    brands: usize,
) -> Result<(Vec<Stored>, Vec<u16>), Malformed> {
    let flags = rest.take(count)?.to_vec();
    if flags.iter().any(|flags| flags & flag::KNOWN == 0 && *flags != 0) {
        return Err(Malformed("expected nothing of a card that is not known"));
    }
    let mut ids = rest.column(&flags, flag::KNOWN, texts)?;
    let mut titles = rest.column(&flags, flag::KNOWN, texts)?;
    let mut urls = rest.column(&flags, flag::URL, texts)?;
    let mut images = rest.column(&flags, flag::IMAGE, texts)?;
    let mut prices = rest.numbers(&flags, flag::PRICE)?;
    let mut before = rest.numbers(&flags, flag::WAS)?;
    let mut of_brands = rest.numbers(&flags, flag::BRAND)?;
    let mut counts = rest.numbers(&flags, flag::KNOWN)?;
    let mut of_cards = Vec::new();
    let mut cards = Vec::with_capacity(count);
    for &flags in &flags {
        let from = u32::try_from(of_cards.len()).map_err(|_| OUTSIDE)?;
        for _ in 0..counts.next(flags).unwrap_or_default() {
            of_cards.push(place(rest.varint()?, categories)?);
        }
        let brand = of_brands.next(flags).map(|brand| place(brand, brands)).transpose()?;
        cards.push(Stored {
            known: flags & flag::KNOWN != 0,
            id: ids.next(flags).unwrap_or_default(),
            title: titles.next(flags).unwrap_or_default(),
            url: urls.next(flags),
            image: images.next(flags).unwrap_or_default(),
            price: prices.next(flags),
            was: before.next(flags),
            brand,
            categories: (from, u32::try_from(of_cards.len()).map_err(|_| OUTSIDE)?),
            lift: Card::NO_LIFT,
            badges: 0,
        });
    }
    let mut lifts = rest.bytes(&flags, flag::LIFT)?;
    let mut badges = rest.bytes(&flags, flag::BADGES)?;
    for (card, &flags) in cards.iter_mut().zip(&flags) {
        card.lift = lifts.next(flags).unwrap_or(Card::NO_LIFT);
        card.badges = badges.next(flags).unwrap_or_default();
    }
    Ok((cards, of_cards))
}

fn place(place: u32, count: usize) -> Result<u16, Malformed> {
    const HOW: Malformed = Malformed("expected a category or a brand of the file");
    u16::try_from(place).ok().filter(|place| usize::from(*place) < count).ok_or(HOW)
}

fn keys(rest: &mut Bytes<'_>, own: core::ops::Range<u32>) -> Result<Vec<(u32, Product)>, Malformed> {
    let counts = rest.varints(own.len())?;
    let mut keys = Vec::new();
    for (product, count) in own.map(Product).zip(counts) {
        let bytes = Product(count).place().checked_mul(4).ok_or(OUTSIDE)?;
        for key in rest.take(bytes)?.chunks_exact(4) {
            keys.push((key.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte)), product));
        }
    }
    Ok(keys)
}
