//! What a message shows of a cart or an order: the first lines of it, and how many more there are.
//!
//! What lies in a cart was said by a page, where anybody can say anything: of a line that the catalogue knows the
//! catalogue's words count, and what a page calls the rest is cut, loses its addresses and can turn no line around it.
//! Amounts are shown only where they are amounts of a currency that the shop sells in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money};

/// A cart in templates, as it is at the moment of sending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CartVariables {
    /// Its first lines; never empty.
    pub items: Vec<ItemVariables>,
    /// How many lines there are beyond those.
    pub more: usize,
    /// What all of it costs, in words of the message's language; empty if it is not known.
    pub total: String,
    /// Where it can be seen again, marked as a known shopper's visit; the shop's home page, where no page said.
    pub url: String,
}

/// An order in templates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderVariables {
    /// What the shop calls it.
    pub number: String,
    /// Its first lines; empty if nobody said what was bought.
    pub items: Vec<ItemVariables>,
    /// How many lines there are beyond those.
    pub more: usize,
    /// What it cost, in words of the message's language; empty if it is not known.
    pub total: String,
}

/// A line of a cart or an order in templates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ItemVariables {
    /// Its name.
    pub title: String,
    /// Which of its variants, such as `Kelp · M`; empty if it has none.
    pub variant: String,
    /// How many.
    pub quantity: u32,
    /// Price of one, in words of the message's language; empty if it is not known.
    pub price: String,
    /// Price of all of them, likewise.
    pub sum: String,
    /// Its page, marked as a known shopper's visit; empty if the catalogue knows none.
    pub url: String,
    /// Its picture; empty if there is none.
    pub image: String,
}

/// How much of a cart or an order a message has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Lines.
    pub items: usize,
    /// Characters of a name.
    pub name: usize,
}

/// What a letter has room for.
pub const LETTER: Room = Room { items: 4, name: 80 };
/// What a text has room for: its parts are paid for.
pub const TEXT: Room = Room { items: 2, name: 28 };
/// Characters of a colour, a size, an order's number.
const SHORT: usize = 40;

/// What lies in a cart, or was ordered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Basket {
    /// Its lines.
    pub lines: Vec<Line>,
    /// What all of it costs.
    pub total: Option<Money>,
    /// Where it can be seen again, as a page said.
    pub url: Option<String>,
}

/// A line of a cart or an order, as a page or the shop's server says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The shop's id or SKU.
    pub product: String,
    /// Its name.
    pub name: Option<String>,
    /// How many.
    pub quantity: u32,
    /// Price of one.
    pub price: Option<Money>,
    /// Its size, where it has one.
    pub size: Option<String>,
}

/// What the catalogue knows of something that carts and orders name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Its name.
    pub title: String,
    /// Its page.
    pub url: String,
    /// Its picture; empty if there is none.
    pub image: String,
    /// Its colour; empty if it is not one of several.
    pub colour: String,
    /// Its size, likewise.
    pub size: String,
}

/// The part of a row of the event log that says what lies in a cart or was ordered.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Row {
    /// A cart.
    pub cart: Option<Said>,
    /// An order.
    pub order: Option<Said>,
}

/// What a page says of a cart or an order.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Said {
    items: Vec<SaidLine>,
    currency: Option<String>,
    total: Option<String>,
    url: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SaidLine {
    product: String,
    name: Option<String>,
    quantity: u32,
    price: Option<String>,
    size: Option<String>,
}

impl Said {
    /// What was said. Amounts that name no currency are in `own`; those of a currency that the shop does not sell in are
    /// left out.
    pub fn basket(self, own: Option<Currency>, sold_in: &[Currency]) -> Basket {
        let currency = match self.currency.as_deref() {
            Some(code) => code.parse().ok().filter(|code| sold_in.contains(code)),
            None => own,
        };
        let amount = |decimal: Option<String>| Money::rounded(&decimal?, currency?).ok();
        let line = |said: SaidLine| Line {
            product: said.product,
            name: said.name,
            quantity: said.quantity.max(1),
            price: amount(said.price),
            size: said.size,
        };
        Basket { lines: self.items.into_iter().map(line).collect(), total: amount(self.total), url: self.url }
    }
}

impl Basket {
    /// The ids of what a message shows of it.
    pub fn shown(&self, room: Room) -> impl Iterator<Item = &str> {
        self.lines.iter().take(room.items).map(|line| line.product.as_str())
    }

    /// The lines that a message shows, and how many more there are. `cards` is what the catalogue knows, by ids.
    pub fn items(&self, cards: &BTreeMap<String, Card>, language: &str, room: Room) -> (Vec<ItemVariables>, usize) {
        let shown = self.lines.iter().take(room.items).map(|line| line.shown(cards.get(&line.product), language, room));
        (shown.collect(), self.lines.len().saturating_sub(room.items))
    }

    /// What all of it costs, in words: as was said, else what the lines come to, if all have a price.
    pub fn total(&self, language: &str) -> String {
        let added = || {
            let sums: Vec<Money> = self.lines.iter().map(Line::sum).collect::<Option<_>>()?;
            let currency = sums.first()?.currency;
            sums.iter().all(|sum| sum.currency == currency).then(|| Money::sum(sums.into_iter(), currency))
        };
        self.total.or_else(added).map(|money| money.in_words(language)).unwrap_or_default()
    }
}

impl Line {
    fn sum(&self) -> Option<Money> {
        self.price.map(|price| Money { minor: price.minor.saturating_mul(self.quantity.into()), ..price })
    }

    fn shown(&self, card: Option<&Card>, language: &str, room: Room) -> ItemVariables {
        let known = |field: fn(&Card) -> &String| card.map(field).filter(|text| !text.is_empty());
        let named = || {
            let said = self.name.as_deref().map(|name| unlinked(&plain(name)));
            // What has no name at all goes by what the shop calls it.
            said.filter(|name| !name.is_empty()).unwrap_or_else(|| unlinked(&plain(&self.product)))
        };
        let title = known(|card| &card.title).map_or_else(named, |title| plain(title));
        let size = known(|card| &card.size).map(|size| plain(size));
        let size = size.or_else(|| self.size.as_deref().map(|size| unlinked(&plain(size))));
        let parts = known(|card| &card.colour).map(|colour| plain(colour)).into_iter().chain(size);
        let parts: Vec<String> = parts.filter(|part| !part.is_empty()).map(|part| short(&part, SHORT)).collect();
        let words = |money: Option<Money>| money.map(|money| money.in_words(language)).unwrap_or_default();
        ItemVariables {
            title: short(&title, room.name),
            variant: parts.join(" · "),
            quantity: self.quantity,
            price: words(self.price),
            sum: words(self.sum()),
            url: card.map(|card| card.url.clone()).unwrap_or_default(),
            image: card.map(|card| card.image.clone()).unwrap_or_default(),
        }
    }
}

/// What an order is called, fit to be shown.
pub fn number(text: &str) -> String {
    short(&unlinked(&plain(text)), SHORT)
}

/// A text on one line, without what cannot be seen and could turn around or hide what stands beside it (UAX 9).
fn plain(text: &str) -> String {
    let hidden = |c: char| matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let seen = text.chars().filter(|c| !hidden(*c) && (!c.is_control() || c.is_whitespace()));
    seen.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text without addresses in it: programs that show mails make links of them, and the link would be ours to answer for.
/// What may only be one, as `Dr.Sea`, stays, with a space that no address has.
fn unlinked(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for word in text.split(' ') {
        if !words.is_empty() {
            words.push(' ');
        }
        if word.contains('@') || word.contains("//") {
            words.push('…');
            continue;
        }
        let mut chars = word.chars().peekable();
        while let Some(c) = chars.next() {
            words.push(c);
            if c == '.' && chars.peek().is_some_and(|next| next.is_alphabetic()) {
                words.push(' ');
            }
        }
    }
    words
}

/// Cut to so many characters, with a sign that it was.
fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let cut: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}

#[cfg(test)]
mod tests;
