//! What a message shows of a cart or an order. Which lines there are is read at the moment of sending, and kept nowhere
//! but in the message; how the catalogue shows them is asked just before ([`super::recommending`]).

use std::collections::BTreeMap;

use domain::consent::Channel;
use domain::message::basket::{self, Basket, Card, LETTER, Line, Room, TEXT};
use domain::message::{CartVariables, ItemVariables, OrderVariables};
use domain::money::Currency;
use domain::order::OrderRecord;
use domain::page::host;
use domain::published::{ShopConfig, Shows};
use domain::why::Why;

use super::content::Content;
use super::hearing::orders_at_home;
use super::jobs::MailJob;
use super::joining::MEMBERS;
use super::{Shard, Shop, sightings};
use crate::problem::Result;
use crate::sql::{Row, values};

/// A person's orders that are looked through for one, the newest.
const MOST: i64 = 100;

/// What a message is about, as it is now.
pub enum Shown {
    /// A cart with something in it.
    Cart(Basket),
    /// An order, and what it is called.
    Order(String, Basket),
}

impl Shown {
    pub const fn basket(&self) -> &Basket {
        match self {
            Self::Cart(basket) | Self::Order(_, basket) => basket,
        }
    }
}

/// What a message has room for.
pub const fn room(channel: Channel) -> Room {
    if matches!(channel, Channel::Sms) { TEXT } else { LETTER }
}

/// A cart and an order in templates; at most one of them.
pub type Baskets = (Option<CartVariables>, Option<OrderVariables>);

/// What is shown of it: with what the catalogue knows (`cards`), and with addresses marked as a known shopper's visit.
pub fn variables(
    (shop, config): (&Shop, &ShopConfig),
    shown: Option<Shown>,
    cards: &BTreeMap<String, Card>,
    language: &str,
    channel: Channel,
    marked: &impl Fn(&str) -> String,
) -> Baskets {
    let Some(shown) = shown else { return (None, None) };
    let (items, more) = shown.basket().items(cards, language, room(channel));
    let with_visit = |item: ItemVariables| {
        let url = if item.url.is_empty() { String::new() } else { marked(&item.url) };
        ItemVariables { url, ..item }
    };
    let items = items.into_iter().map(with_visit).collect();
    let total = shown.basket().total(language);
    match shown {
        Shown::Cart(basket) => {
            let url = basket.url.filter(|url| is_the_shops(shop, url));
            let url = marked(url.as_deref().unwrap_or(&config.url));
            (Some(CartVariables { items, more, total, url }), None)
        }
        Shown::Order(number, _) => (None, Some(OrderVariables { number, items, more, total })),
    }
}

/// Whether an address is one of the shop's own pages: a page can say any.
fn is_the_shops(shop: &Shop, url: &str) -> bool {
    let scheme = |url: &str| url.split("://").next().map(str::to_owned);
    shop.origins.iter().any(|origin| host(origin) == host(url) && scheme(origin) == scheme(url))
}

/// Why a message that shows something must not leave, if there is nothing to show.
pub fn nothing_to_show(content: &Content<'_>, shown: Option<&Shown>) -> Option<Why> {
    let empty = content.shows() == Some(Shows::Cart) && shown.is_none();
    empty.then(|| Why::new("cart", "the cart was bought or emptied"))
}

impl Shard {
    /// What a message is about, if it shows that; nothing where it is a cart with nothing in it.
    pub(super) fn shown(
        &self,
        shop: &Shop,
        config: &ShopConfig,
        person: &str,
        content: &Content<'_>,
        mail: &MailJob,
    ) -> Result<Option<Shown>> {
        let money = || Sold::of(config);
        match content.shows() {
            None => Ok(None),
            Some(Shows::Cart) => Ok(self.cart_now(shop, &money(), person)?.map(Shown::Cart)),
            Some(Shows::Order) => {
                let name = mail.run.as_ref().map_or("", |run| &run.run.key);
                self.order_called(shop, &money(), person, name).map(Some)
            }
        }
    }

    /// What lies in somebody's cart.
    fn cart_now(&self, shop: &Shop, money: &Sold, person: &str) -> Result<Option<Basket>> {
        let facts = self.known_of(shop, person)?.facts;
        let Some(changed) = facts.cart() else { return Ok(None) };
        let query = "SELECT data FROM events WHERE id = ? AND kind = 'cart.changed'";
        let row = self.db.row(query, values![changed.id.0.as_bytes().to_vec()])?;
        let cart = said(row)?.cart.map(|said| said.basket(money.own, &money.all));
        Ok(cart.filter(|cart| !cart.lines.is_empty()))
    }

    /// An order by its name, as the shop's server told of it, else as a page did.
    fn order_called(&self, shop: &Shop, money: &Sold, person: &str, name: &str) -> Result<Shown> {
        let query = format!(
            "SELECT shopper, hash, record FROM shopper_orders WHERE shopper IN ({MEMBERS})
              ORDER BY placed DESC, hash LIMIT {MOST}"
        );
        for row in self.db.rows(&query, values![person])? {
            let record = orders_at_home::open(&self.db, shop, &row)?.record;
            if record.names().any(|known| is_called(known.as_str(), name)) {
                let number = orders_at_home::number(&record).unwrap_or(name);
                return Ok(Shown::Order(basket::number(number), bought(&record)));
            }
        }
        let query = format!(
            "{} SELECT data FROM theirs WHERE kind = 'order.placed' AND trim(data ->> '$.order.id', ' #') = ?2
              ORDER BY at DESC LIMIT 1",
            sightings::theirs()
        );
        let row = self.db.row(&query, values![person, name])?;
        let order = said(row)?.order.map(|said| said.basket(money.own, &money.all));
        Ok(Shown::Order(basket::number(name), order.unwrap_or_default()))
    }
}

/// What a row of the log says of a cart or an order; nothing of one that is not there.
fn said(row: Option<Row>) -> Result<basket::Row> {
    row.map_or_else(|| Ok(basket::Row::default()), |row| Ok(serde_json::from_str(row.text(0)?)?))
}

/// What amounts may be in.
struct Sold {
    /// Those that name no currency.
    own: Option<Currency>,
    /// All others.
    all: Vec<Currency>,
}

impl Sold {
    fn of(config: &ShopConfig) -> Self {
        let markets = config.shelves.markets.iter().filter_map(|market| market.currency.parse().ok());
        let all: Vec<Currency> = config.currency.into_iter().chain(markets).collect();
        Self { own: all.first().copied(), all }
    }
}

/// Whether a journey's word for an order is this name of it ([`domain::facts::log`]).
fn is_called(known: &str, name: &str) -> bool {
    known.trim().trim_start_matches('#') == name
}

/// What the shop's server said was bought. Its word needs no looking at but for its length.
fn bought(record: &OrderRecord) -> Basket {
    let line = |line: &domain::order::Line| Line {
        product: line.product.clone(),
        name: line.name.clone(),
        quantity: line.quantity,
        price: line.price,
        size: line.size.clone(),
    };
    Basket {
        lines: record.items.iter().flat_map(|items| items.value.iter().map(line)).collect(),
        total: record.state().total,
        url: None,
    }
}
