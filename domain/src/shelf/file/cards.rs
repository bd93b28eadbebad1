//! What is known of a file's products, thing by thing, and a card where it lies.

use std::borrow::Cow;

use super::{Bucket, flag, slug};
use crate::id::Malformed;
use crate::recommend::Product;
use crate::recommend::bytes::{Bytes, Part};
use crate::shelf::Card;

/// Texts one after the other.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Texts {
    /// Where each ends.
    ends: Vec<u32>,
    /// All of them, in UTF-8.
    all: Part,
}

impl Texts {
    /// So many texts: their lengths, then all of them.
    pub(super) fn read(rest: &mut Bytes<'_>, count: usize) -> Result<Self, Malformed> {
        let mut ends = rest.varints(count)?;
        let mut sum = 0_u32;
        for end in &mut ends {
            sum = sum.checked_add(*end).ok_or(Malformed("expected shorter texts"))?;
            *end = sum;
        }
        Ok(Self { ends, all: rest.text(Product(sum).place())? })
    }

    /// Texts with their number before them.
    pub(super) fn counted(rest: &mut Bytes<'_>) -> Result<Self, Malformed> {
        let count = rest.count(1)?;
        Self::read(rest, count)
    }

    /// One of them; empty if there are not so many, or a length was wrong.
    pub(super) fn get<'a>(&self, bytes: &'a [u8], place: usize) -> &'a str {
        let end = |place: usize| self.ends.get(place).map(|end| Product(*end).place());
        let from = place.checked_sub(1).map_or(Some(0), end);
        let text = from.zip(end(place)).and_then(|(from, to)| self.all.of(bytes).get(from..to));
        text.and_then(|text| core::str::from_utf8(text).ok()).unwrap_or_default()
    }
}

/// Everything that there is of cards, a value for each card, whether it has one or not.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cards {
    flags: Part,
    ids: Texts,
    titles: Texts,
    urls: Texts,
    images: Texts,
    prices: Vec<u32>,
    before: Vec<u32>,
    brands: Vec<u32>,
    /// How many categories the cards up to each are in.
    counts: Vec<u32>,
    categories: Vec<u32>,
    lifts: Part,
    badges: Part,
}

impl Cards {
    pub(super) fn read(rest: &mut Bytes<'_>, count: usize) -> Result<Self, Malformed> {
        let flags = rest.part(count)?;
        let ids = Texts::read(rest, count)?;
        let titles = Texts::read(rest, count)?;
        let urls = Texts::read(rest, count)?;
        let images = Texts::read(rest, count)?;
        let prices = rest.varints(count)?;
        let before = rest.varints(count)?;
        let brands = rest.varints(count)?;
        let mut counts = rest.varints(count)?;
        let mut sum = 0_u32;
        for count in &mut counts {
            sum = sum.checked_add(*count).ok_or(Malformed("expected fewer categories"))?;
            *count = sum;
        }
        let categories = rest.varints(Product(sum).place())?;
        let lifts = rest.part(count)?;
        let badges = rest.part(count)?;
        Ok(Self { flags, ids, titles, urls, images, prices, before, brands, counts, categories, lifts, badges })
    }
}

impl Bucket {
    /// Whether anything is known of the card at this place.
    pub(super) fn has(&self, place: usize) -> bool {
        self.is(place, flag::KNOWN)
    }

    pub(super) fn id(&self, place: usize) -> &str {
        self.cards.ids.get(&self.bytes, place)
    }

    fn is(&self, place: usize, flag: u8) -> bool {
        self.byte(self.cards.flags, place).is_some_and(|flags| flags & flag != 0)
    }

    fn byte(&self, part: Part, place: usize) -> Option<u8> {
        part.of(&self.bytes).get(place).copied()
    }

    /// What a list says of a card that has it.
    fn number_of(&self, numbers: &[u32], place: usize, flag: u8) -> Option<u32> {
        numbers.get(place).copied().filter(|_| self.is(place, flag))
    }
}

/// A card where it lies.
#[derive(Clone, Copy, Debug)]
pub struct CardRef<'a>(pub(super) Lying<'a>);

#[derive(Clone, Copy, Debug)]
pub(super) enum Lying<'a> {
    /// In a file, at a place among its cards.
    Filed(&'a Bucket, usize),
    /// By itself.
    Whole(&'a Card),
}
use Lying::{Filed, Whole};

impl<'a> From<&'a Card> for CardRef<'a> {
    fn from(card: &'a Card) -> Self {
        Self(Whole(card))
    }
}

impl<'a> CardRef<'a> {
    fn id(self) -> &'a str {
        match self.0 {
            Filed(file, place) => file.id(place),
            Whole(card) => &card.id,
        }
    }

    /// Its name.
    pub fn title(self) -> &'a str {
        match self.0 {
            Filed(file, place) => file.cards.titles.get(&file.bytes, place),
            Whole(card) => &card.title,
        }
    }

    fn image(self) -> &'a str {
        match self.0 {
            Filed(file, place) => file.cards.images.get(&file.bytes, place),
            Whole(card) => &card.image,
        }
    }

    /// Price of one in minor units.
    pub fn price(self) -> Option<u32> {
        match self.0 {
            Filed(file, place) => file.number_of(&file.cards.prices, place, flag::PRICE),
            Whole(card) => card.price,
        }
    }

    fn was(self) -> Option<u32> {
        match self.0 {
            Filed(file, place) => file.number_of(&file.cards.before, place, flag::WAS),
            Whole(card) => card.was,
        }
    }

    /// Who makes it; empty if that is not known.
    pub fn brand(self) -> &'a str {
        match self.0 {
            Filed(file, place) => {
                let brand = file.number_of(&file.cards.brands, place, flag::BRAND);
                brand.map_or("", |brand| file.brands.get(&file.bytes, Product(brand).place()))
            }
            Whole(card) => &card.brand,
        }
    }

    /// The merchant's lift, as in [`Card::lift`].
    pub fn lift(self) -> u8 {
        match self.0 {
            Filed(file, place) => file.byte(file.cards.lifts, place).unwrap_or(Card::NO_LIFT),
            Whole(card) => card.lift,
        }
    }

    fn badges(self) -> u8 {
        match self.0 {
            Filed(file, place) => file.byte(file.cards.badges, place).unwrap_or_default(),
            Whole(card) => card.badges,
        }
    }

    /// How many categories it is in.
    pub fn categories(self) -> usize {
        match self.0 {
            Filed(file, place) => {
                let up_to = |place: usize| file.cards.counts.get(place).copied().unwrap_or_default();
                Product(up_to(place).saturating_sub(place.checked_sub(1).map_or(0, up_to))).place()
            }
            Whole(card) => card.categories.len(),
        }
    }

    /// One of its categories.
    pub fn category(self, number: usize) -> Option<&'a str> {
        match self.0 {
            Filed(file, place) => {
                let before = place.checked_sub(1).and_then(|place| file.cards.counts.get(place).copied());
                let at = Product(before.unwrap_or_default()).place().checked_add(number)?;
                let category = file.cards.categories.get(at).filter(|_| number < self.categories())?;
                Some(file.categories.get(&file.bytes, Product(*category).place()))
            }
            Whole(card) => card.categories.get(number).map(String::as_str),
        }
    }

    /// Its page.
    pub fn url(self) -> Cow<'a, str> {
        match self.0 {
            Filed(file, place) if file.is(place, flag::URL) => Cow::Borrowed(file.cards.urls.get(&file.bytes, place)),
            Filed(file, _) => {
                let around = |place| file.around.get(&file.bytes, place);
                Cow::Owned(slug::around((around(0), around(1)), self.title()))
            }
            Whole(card) => Cow::Borrowed(&card.url),
        }
    }

    /// The whole card.
    pub fn to_card(self) -> Card {
        Card {
            id: self.id().to_owned(),
            title: self.title().to_owned(),
            url: self.url().into_owned(),
            image: self.image().to_owned(),
            price: self.price(),
            was: self.was(),
            brand: self.brand().to_owned(),
            categories: (0..self.categories()).filter_map(|n| self.category(n)).map(str::to_owned).collect(),
            lift: self.lift(),
            badges: self.badges(),
        }
    }
}
