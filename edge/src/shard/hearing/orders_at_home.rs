//! An order where the person lives whose it is: kept under their key, and each thing that happened to it
//! noted once.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::address::Email;
use domain::consent::{Basis, EMAIL_MARKETING, Hash, Receipt, Standing, Statement};
use domain::id::{EventId, ShopperId};
use domain::money::Money;
use domain::order::{Line, OrderName, OrderRecord, ReturnStatus};
use domain::phone::Phone;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::asks::{Ask, AtHome, at_home};
use super::customers::{keep_email, keep_phone};
use super::facts;
use super::orders::OrderKey;
use crate::call::Redemption;
use crate::problem::Result;
use crate::seal::PersonKey;
use crate::shard::joining::MEMBERS;
use crate::shard::people::{self, Person};
use crate::shard::{Shard, Shop, consent, ledger};
use crate::sql::{Db, Row, Value, values};

/// Under this name a person's order is sealed.
const ORDER: &str = "order";

/// An order of a person's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Own {
    pub record: OrderRecord,
    /// The kinds of facts that were noted of it.
    noted: BTreeSet<String>,
}

/// Takes an order in where its person lives.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TakeOrder {
    /// Whose it is.
    pub shopper: ShopperId,
    pub key: OrderKey,
    /// Names under which it may lie here.
    pub absorbed: BTreeSet<OrderKey>,
    /// All that was said of it, but for whose it is.
    pub record: OrderRecord,
    /// An address that was given with it and is theirs.
    pub email: Option<Email>,
    /// A telephone number likewise.
    pub phone: Option<Phone>,
}

impl Ask for TakeOrder {
    type Answer = AtHome<()>;

    fn here(self, shard: &Shard) -> Result<Self::Answer> {
        at_home(&shard.db, self.shopper, |person| self.take(shard, &person))
    }
}

impl TakeOrder {
    fn take(self, shard: &Shard, person: &str) -> Result<()> {
        let (shop, now, db) = (shard.shop()?, shard.now(), &shard.db);
        let id = self.shopper.to_string();
        let Some(shopper) = people::person(db, &shop.keys, &id)? else { return Ok(()) };
        if let Some(email) = &self.email {
            keep_email(db, &shop, &shopper, email, now)?;
        }
        if let Some(phone) = &self.phone {
            keep_phone(db, &shop, &shopper, phone, now)?;
        }
        let names: Vec<String> = self.absorbed.iter().chain(core::iter::once(&self.key)).map(OrderKey::text).collect();
        let names = serde_json::to_string(&names)?;
        let mut own = Own { record: self.record, noted: BTreeSet::new() };
        let query = format!(
            "SELECT shopper, hash, record FROM shopper_orders
              WHERE shopper IN ({MEMBERS}) AND lower(hex(hash)) IN (SELECT value FROM json_each(?2))"
        );
        let known = db.rows(&query, values![person, names.as_str()])?;
        let before = known.len();
        let mut unchanged = None;
        for row in &known {
            let kept = open(db, &shop, row)?;
            if before == 1 && row.text(0)? == id && row.bytes(1)? == self.key.bytes() {
                unchanged = Some(kept.record.clone());
            }
            own.record.join(kept.record);
            own.noted.extend(kept.noted);
        }
        let facts: Vec<Happened> =
            happened(&own.record).into_iter().filter(|fact| own.noted.insert(fact.kind.into())).collect();
        if facts.is_empty() && unchanged.as_ref() == Some(&own.record) {
            return Ok(());
        }
        let placed = facts.iter().any(|fact| fact.kind == PLACED);
        for Happened { kind, at } in facts {
            let fact = fact_of(&shop, &self.key, kind, &id);
            facts::note_once(shard, fact, at, &id, kind, &about(&own.record, &shopper.key)?)?;
        }
        if placed {
            self.key.stand_in(shard, &shop, &id, &own.record)?;
        }
        redeem(shard, &shop, &mut own, now)?;
        let query = format!(
            "DELETE FROM shopper_orders
              WHERE shopper IN ({MEMBERS}) AND lower(hex(hash)) IN (SELECT value FROM json_each(?2))"
        );
        db.run(&query, values![person, names])?;
        db.run(
            "INSERT INTO shopper_orders (shopper, hash, record, placed) VALUES (?, ?, ?, ?)",
            values![
                id,
                self.key.bytes(),
                shopper.key.seal(ORDER, &serde_json::to_string(&own)?)?,
                own.record.placed_at.map_or(Value::Null, |at| at.0.into()),
            ],
        )
    }
}

impl OrderKey {
    /// Where the shop offers a refusal with every purchase, a purchase may stand in for consent. Whether it
    /// does where the shopper is, and for how long, the law says at the moment of sending.
    fn stand_in(&self, shard: &Shard, shop: &Shop, shopper: &str, order: &OrderRecord) -> Result<()> {
        let offered = shop.config.as_ref().is_some_and(|config| config.refusal_offered);
        let (Some(at), true) = (order.placed_at, offered) else { return Ok(()) };
        let receipt = Receipt {
            permission: EMAIL_MARKETING,
            standing: Standing::Given,
            at,
            wording: String::new(),
            version: shop.version.clone(),
            page: String::new(),
            method: "purchase".to_owned(),
        };
        let basis = Basis::SoftOptIn { order: Hash(self.hash()), at };
        consent::record(&shard.db, shopper, Statement { receipt, basis, proof: None })
    }
}

/// Opens an order: its shopper, its name, its sealed record.
pub fn open(db: &Db, shop: &Shop, row: &Row) -> Result<Own> {
    let shopper: Person = super::customers::shopper(db, shop, row.text(0)?)?;
    Ok(serde_json::from_str(&shopper.key.open(ORDER, row.bytes(2)?)?)?)
}

/// Codes that the order used are used up; the shop itself says so. If it was cancelled they are good again.
fn redeem(shard: &Shard, shop: &Shop, own: &mut Own, now: Timestamp) -> Result<()> {
    let known = |at: Option<Timestamp>| at.map(|at| at.0.to_string()).unwrap_or_default();
    let (placed, cancelled) = (known(own.record.placed_at), known(own.record.cancelled_at));
    for told in redemptions(&own.record, now) {
        // Told anew as soon as more is known of it.
        if own.noted.insert(format!("code {} {placed} {cancelled}", told.code)) {
            shard.redeem_here_or_there(shop, told, now)?;
        }
    }
    Ok(())
}

/// What an order says of each code that it used.
pub fn redemptions(record: &OrderRecord, now: Timestamp) -> Vec<Redemption> {
    let at = record.placed_at.or(record.cancelled_at).unwrap_or(now);
    let names: Vec<String> =
        record.names().filter(|name| name.identifies()).map(|name| name.as_str().to_owned()).collect();
    let told = |code: &String| Redemption {
        code: code.clone(),
        order: record.id().to_owned(),
        at,
        by_shop: true,
        cancelled: record.cancelled_at,
        names: names.clone(),
    };
    record.codes.iter().map(told).collect()
}

/// The shop itself says that there is this order.
const PLACED: &str = "order.confirmed";

/// Something that happened to an order.
struct Happened {
    kind: &'static str,
    at: Timestamp,
}

/// All that happened. None of it is ever taken back by a later word, so whichever is told first, the same
/// facts are noted in the end.
fn happened(record: &OrderRecord) -> Vec<Happened> {
    let returned = |done: bool| {
        let status = record.returns.values().filter_map(|back| back.status.as_ref());
        status
            .filter(|status| !done || matches!(status.value, ReturnStatus::Received | ReturnStatus::Closed))
            .map(|status| status.at)
            .min()
    };
    [
        (PLACED, record.placed_at),
        ("payment.received", record.payments.values().map(|payment| payment.at).min()),
        ("fulfilment.shipped", record.fulfilments.values().filter_map(|parcel| parcel.shipped_at).min()),
        ("delivery.arrived", record.deliveries.values().map(|arrival| arrival.value).min()),
        ("order.cancelled", record.cancelled_at),
        ("refund.made", record.refunds.values().map(|refund| refund.at).min()),
        ("return.requested", returned(false)),
        ("return.received", returned(true)),
    ]
    .into_iter()
    .filter_map(|(kind, at)| Some(Happened { kind, at: at? }))
    .collect()
}

const KINDS: [&str; 8] = [
    "order.confirmed",
    "payment.received",
    "fulfilment.shipped",
    "delivery.arrived",
    "order.cancelled",
    "refund.made",
    "return.requested",
    "return.received",
];

/// The id under which a fact of somebody's order is noted.
fn fact_of(shop: &Shop, key: &OrderKey, kind: &str, shopper: &str) -> EventId {
    facts::id_of(shop, &[b"order", &key.bytes(), kind.as_bytes(), shopper.as_bytes()])
}

/// The field of a fact in which it is sealed what was bought.
pub const SEALED: &str = "sealed";
/// Under this name.
const ITEMS: &str = "items";

/// What is told of a line of an order.
#[derive(Serialize)]
struct Bought<'a> {
    product: &'a str,
    quantity: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<&'a str>,
}

impl<'a> Bought<'a> {
    fn of(Line { product, quantity, category, size, .. }: &'a Line) -> Self {
        Self { product, quantity: *quantity, category: category.as_deref(), size: size.as_deref() }
    }
}

/// What a fact says of an order: nothing personal in plain.
fn about(record: &OrderRecord, key: &PersonKey) -> Result<Json> {
    let state = record.state();
    let text = |money: Option<Money>| money.map(|money| money.to_string());
    let mut data = json!({ "order": {
        "id": record.id(), "number": number(record), "total": text(state.total), "refunded": text(state.refunded),
    } });
    let items: Vec<Bought<'_>> = record.items.iter().flat_map(|items| items.value.iter().map(Bought::of)).collect();
    if let (false, Some(fields)) = (items.is_empty(), data.as_object_mut()) {
        let sealed = key.seal(ITEMS, &serde_json::to_string(&items)?)?;
        fields.insert(SEALED.into(), STANDARD.encode(sealed).into());
    }
    Ok(data)
}

/// What a fact says of an order, with what was bought.
pub fn opened(data: &str, key: &PersonKey) -> Result<String> {
    let mut data: Json = serde_json::from_str(data)?;
    let sealed = data.as_object_mut().and_then(|fields| fields.remove(SEALED));
    let sealed = sealed.as_ref().and_then(Json::as_str).and_then(|text| STANDARD.decode(text).ok());
    let items = sealed.map(|sealed| key.open(ITEMS, &sealed)).transpose()?;
    if let (Some(items), Some(order)) = (items, data.get_mut("order").and_then(Json::as_object_mut)) {
        order.insert("items".into(), serde_json::from_str(&items)?);
    }
    Ok(data.to_string())
}

/// The number that people see.
pub fn number(record: &OrderRecord) -> Option<&str> {
    record.names().find_map(|name| match name {
        OrderName::Number(number) => Some(number.as_str()),
        OrderName::Id(_) | OrderName::Payment(_) => None,
    })
}

/// An order turned out to be somebody else's: it goes, with what was noted of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ForgetOrder {
    pub shopper: ShopperId,
    /// Its names.
    pub keys: Vec<OrderKey>,
}

impl Ask for ForgetOrder {
    type Answer = AtHome<()>;

    fn here(self, shard: &Shard) -> Result<Self::Answer> {
        let db = &shard.db;
        at_home(db, self.shopper, |person| {
            let shop = shard.shop()?;
            let id = self.shopper.to_string();
            for key in &self.keys {
                let forgotten = db.row(
                    "DELETE FROM shopper_orders WHERE shopper = ? AND hash = ? RETURNING 1",
                    values![id.as_str(), key.bytes()],
                )?;
                // One that went to another part of the same person took what was noted along.
                if forgotten.is_none() {
                    continue;
                }
                for kind in KINDS {
                    let fact = fact_of(&shop, key, kind, &id);
                    ledger::remove(db, "id = ? AND shopper = ?", values![fact.0.as_bytes().to_vec(), id.as_str()])?;
                }
            }
            shard.refold(&person)
        })
    }
}
