//! What the shop's server says of an order, folded where its strongest name is kept.
//!
//! Two records that share an id or a payment are one order, whichever is told first. So every name
//! either holds a record or points to a stronger one; where a statement shows that two are one, the
//! weaker is linked to the stronger, its record is carried over, and last it is dropped. A record holds
//! no address and no customer id, only their keyed hashes.

use std::collections::{BTreeMap, BTreeSet};

use domain::id::{ShopperId, hex};
use domain::identity::NameKind;
use domain::latest::{Latest, said};
use domain::order::{OrderName, OrderRecord};
use domain::place::Bucket;
use domain::time::Span;
use domain::why::Why;
use serde::{Deserialize, Serialize};

use super::asks::Ask;
use super::names::{Name, Subject, Whom};
use super::orders_at_home::{ForgetOrder, TakeOrder, redemptions};
use super::{Outcome, facts};
use crate::problem::{Failed, Result};
use crate::seal::{open_for_shop, seal_for_shop};
use crate::shard::erasing::{is_suppressed, put_on_the_list};
use crate::shard::names::Hash;
use crate::shard::{Shard, Shop};
use crate::sql::{Row, values};

/// Under this name an order is sealed.
pub const ORDER: &str = "order";

/// How strong a number is that is shown to people: the least of all.
const NUMBER: u8 = 2;

/// A name of an order as it is looked for: how strong it is, and its keyed hash. The lesser is the
/// stronger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderKey(Vec<u8>);

impl OrderKey {
    pub fn new(shop: &Shop, name: &OrderName) -> Self {
        let (strength, kind, text) = match name {
            OrderName::Id(text) => (0, "order", text),
            OrderName::Payment(text) => (1, "payment", text),
            OrderName::Number(text) => (NUMBER, "order number", text),
        };
        Self([[strength].as_slice(), &shop.keys.name(kind, text)].concat())
    }

    /// As it stands in tables.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.clone()
    }

    /// In hex.
    pub fn text(&self) -> String {
        hex(&self.0)
    }

    /// The keyed hash of the name.
    pub fn hash(&self) -> Hash {
        self.0.get(1..).and_then(|hash| Hash::try_from(hash).ok()).unwrap_or_default()
    }

    /// It is a number shown to people, which identifies nothing.
    fn is_number(&self) -> bool {
        self.0.first() == Some(&NUMBER)
    }

    /// Where it is kept.
    pub fn bucket(&self) -> Bucket {
        Bucket::of_hash(&self.hash())
    }
}

/// An order as it is kept while it may be nobody's: without a word that names a person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Told {
    pub record: OrderRecord,
    /// By which names its person was meant last, in hex.
    pub persons: BTreeMap<String, Latest<String>>,
    /// Names under which it was kept before.
    pub absorbed: BTreeSet<OrderKey>,
    /// Shoppers whose it was taken for before.
    pub formers: BTreeSet<ShopperId>,
}

const KINDS: [NameKind; 3] = [NameKind::Customer, NameKind::Email, NameKind::Phone];

impl Told {
    fn new(shop: &Shop, mut record: OrderRecord) -> Self {
        let mut persons = BTreeMap::new();
        let mut name = |kind: NameKind, text: Option<Latest<String>>| {
            let hash = text.map(|text| Latest::new(text.at, hex(&shop.keys.name(kind.as_str(), &text.value))));
            persons.extend(hash.map(|hash| (kind.as_str().to_owned(), hash)));
        };
        name(NameKind::Customer, record.customer.take());
        name(NameKind::Email, record.email.take().map(|email| Latest::new(email.at, email.value.as_str().to_owned())));
        name(NameKind::Phone, record.phone.take().map(|phone| Latest::new(phone.at, phone.value.as_str().to_owned())));
        Self { record, persons, absorbed: BTreeSet::new(), formers: BTreeSet::new() }
    }

    fn join(&mut self, other: Self) {
        self.record.join(other.record);
        domain::latest::join_each(&mut self.persons, other.persons);
        self.absorbed.extend(other.absorbed);
        self.formers.extend(other.formers);
    }

    /// All names under which something is kept of it.
    fn keys(&self, shop: &Shop) -> BTreeSet<OrderKey> {
        let names = self.record.names().filter(|name| name.identifies()).map(|name| OrderKey::new(shop, name));
        names.chain(self.absorbed.iter().cloned()).collect()
    }

    fn names(&self) -> Vec<Name> {
        let name = |kind: NameKind| {
            let hash = unhex(&self.persons.get(kind.as_str())?.value)?;
            Some(Name { kind, hash })
        };
        KINDS.into_iter().filter_map(name).collect()
    }
}

fn unhex(text: &str) -> Option<Hash> {
    let digits = text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok());
    digits.collect::<Option<Vec<u8>>>()?.try_into().ok()
}

impl Shard {
    /// Folds what was said into its order, and passes the order on to the person whose it is.
    pub(super) async fn settle_order(&self, shop: &Shop, record: OrderRecord) -> Result<Outcome> {
        let later = Ok(Outcome::Later(Span::milliseconds(50)));
        let (email, phone) = (record.email.clone(), record.phone.clone());
        let language = said(record.language.as_ref()).cloned();
        let told = Told::new(shop, record);
        let Standing { key, behind, known, forgotten } = self.standing(shop, &told.record).await?;
        if forgotten || (!known && self.must_not_be_kept(shop, told.names()).await?) {
            let why = Why::new("suppression", "the person was erased, or must not be written to");
            facts::note_skipped(&self.db, self.now(), "order", &why)?;
            for key in told.keys(shop) {
                self.ask_at(shop, key.bucket(), ForgetToldOrder { key, for_good: true }).await?;
            }
            return Ok(Outcome::Settled);
        }
        let mut names_a_person = !told.persons.is_empty();

        for weaker in &behind {
            let ask = LinkOrder { key: weaker.clone(), into: key.clone() };
            let Some(Kept { mut told, shopper }) = self.ask_at(shop, weaker.bucket(), ask).await? else { continue };
            names_a_person |= !told.persons.is_empty();
            told.absorbed.insert(weaker.clone());
            told.formers.extend(shopper);
            if self.ask_at(shop, key.bucket(), TellOrder { key: key.clone(), told }).await?.is_none() {
                return later;
            }
        }
        let Some(kept) = self.ask_at(shop, key.bucket(), TellOrder { key: key.clone(), told }).await? else {
            return later;
        };

        let names = kept.told.names();
        let (kept, subject) = if !names.is_empty() && (names_a_person || kept.shopper.is_none()) {
            match self.whom(shop, names, language.as_deref()).await? {
                Whom::SoonOne => return later,
                Whom::Nobody => {
                    let why = Why::new("suppression", "the person was erased, or must not be written to");
                    facts::note_skipped(&self.db, self.now(), "order", &why)?;
                    // Whose it was keeps it.
                    if kept.shopper.is_none() {
                        let ask = ForgetToldOrder { key: key.clone(), for_good: true };
                        self.ask_at(shop, key.bucket(), ask).await?;
                    }
                    (None, None)
                }
                Whom::Somebody(subject) => {
                    let ask = OwnOrder { key: key.clone(), shopper: subject.shopper };
                    let Some(kept) = self.ask_at(shop, key.bucket(), ask).await? else { return later };
                    (Some(kept), Some(subject))
                }
            }
        } else {
            (Some(kept), None)
        };
        if let Some(Kept { told, shopper: None }) = &kept {
            // Nobody's orders use codes, too.
            for used in redemptions(&told.record, self.now()) {
                self.redeem_here_or_there(shop, used, self.now())?;
            }
        }
        if let Some(Kept { told, shopper: Some(shopper) }) = kept {
            let theirs = |kind, text: &str| is_theirs(shop, subject.as_ref(), kind, text);
            let keys: Vec<OrderKey> = told.absorbed.iter().chain([&key]).cloned().collect();
            let ask = TakeOrder {
                shopper,
                key: key.clone(),
                absorbed: told.absorbed,
                record: told.record,
                email: email.map(|email| email.value).filter(|email| theirs(NameKind::Email, email.as_str())),
                phone: phone.map(|phone| phone.value).filter(|phone| theirs(NameKind::Phone, phone.as_str())),
            };
            self.ask_home_of(shop, shopper, ask).await?;
            for former in told.formers.into_iter().filter(|former| *former != shopper) {
                self.ask_home_of(shop, former, ForgetOrder { shopper: former, keys: keys.clone() }).await?;
            }
        }
        for weaker in behind {
            self.ask_at(shop, weaker.bucket(), DropOrder { key: weaker }).await?;
        }
        Ok(Outcome::Settled)
    }

    /// Whether nobody may be kept who is meant by these names.
    async fn must_not_be_kept(&self, shop: &Shop, names: Vec<Name>) -> Result<bool> {
        Ok(!names.is_empty() && self.holders(shop, &names).await?.is_none())
    }

    /// How an order stands under its names.
    async fn standing(&self, shop: &Shop, record: &OrderRecord) -> Result<Standing> {
        let identifying: Vec<&OrderName> = record.names().filter(|name| name.identifies()).collect();
        let names = if identifying.is_empty() { record.names().collect() } else { identifying };
        let (mut roots, mut behind) = (BTreeSet::new(), BTreeSet::new());
        let (mut known, mut forgotten) = (false, false);
        for name in names {
            let mut at = OrderKey::new(shop, name);
            // Each points to a stronger one, so this comes to an end.
            loop {
                let found = self.ask_at(shop, at.bucket(), FindOrder { key: at.clone() }).await?;
                known |= found.holds;
                forgotten |= found.forgotten;
                let Some(stronger) = found.points_to else { break };
                if found.holds {
                    behind.insert(at);
                }
                at = stronger;
            }
            roots.insert(at);
        }
        let key = roots.pop_first().ok_or_else(|| Failed::new("settling an order", "it has no name"))?;
        behind.extend(roots);
        Ok(Standing { key, behind, known, forgotten })
    }
}

/// How an order stands.
struct Standing {
    /// The strongest name, under which it is or will be kept.
    key: OrderKey,
    /// Names whose records have to be carried there.
    behind: BTreeSet<OrderKey>,
    /// Something is kept of it.
    known: bool,
    /// Nothing may be kept of it any more.
    forgotten: bool,
}

/// All names in what was said of an order, its person's too.
pub fn names_in(shop: &Shop, record: &OrderRecord) -> BTreeSet<Vec<u8>> {
    let orders = record.names().filter(|name| name.identifies()).map(|name| OrderKey::new(shop, name).bytes());
    let told = Told::new(shop, record.clone());
    orders.chain(told.names().into_iter().map(|name| name.hash.to_vec())).collect()
}

fn is_theirs(shop: &Shop, subject: Option<&Subject>, kind: NameKind, text: &str) -> bool {
    subject.is_some_and(|subject| subject.names.contains(&Name::new(shop, kind, text)))
}

/// Where is the order of this name?
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FindOrder {
    pub key: OrderKey,
}

/// What is known of a name of an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Found {
    /// The stronger name to ask for.
    pub points_to: Option<OrderKey>,
    /// A record lies here.
    pub holds: bool,
    /// None may lie here any more.
    #[serde(default)]
    pub forgotten: bool,
}

impl Ask for FindOrder {
    type Answer = Found;

    fn here(self, shard: &Shard) -> Result<Found> {
        let holds = shard.told(&self.key)?.is_some();
        let forgotten = is_suppressed(&shard.db, &self.key.hash())?;
        Ok(Found { points_to: shard.points_to(&self.key)?, holds, forgotten })
    }
}

/// From now on a name points to a stronger one. Its record stays until it was carried over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LinkOrder {
    pub key: OrderKey,
    pub into: OrderKey,
}

impl Ask for LinkOrder {
    type Answer = Option<Kept>;

    fn here(self, shard: &Shard) -> Result<Option<Kept>> {
        if self.into >= self.key {
            return Err(Failed::new("linking an order", "the other name is not stronger").into());
        }
        shard.db.run(
            "INSERT OR IGNORE INTO order_names (hash, of_order) VALUES (?, ?)",
            values![self.key.bytes(), self.into.bytes()],
        )?;
        shard.told(&self.key)
    }
}

/// Folds something said into an order. Nothing comes back when the name points elsewhere by now, or when
/// nothing may be kept under it any more.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TellOrder {
    pub key: OrderKey,
    pub told: Told,
}

/// An order as it is kept, and whose it is, if that is known.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    pub told: Told,
    pub shopper: Option<ShopperId>,
}

impl Ask for TellOrder {
    type Answer = Option<Kept>;

    fn here(self, shard: &Shard) -> Result<Option<Kept>> {
        if shard.points_to(&self.key)?.is_some() || is_suppressed(&shard.db, &self.key.hash())? {
            return Ok(None);
        }
        let (told, shopper) = match shard.told(&self.key)? {
            Some(Kept { mut told, shopper }) => {
                told.join(self.told);
                (told, shopper)
            }
            None => (self.told, None),
        };
        shard.db.run(
            "INSERT INTO orders_told (hash, record, heard) VALUES (?, ?, ?)
             ON CONFLICT (hash) DO UPDATE SET record = excluded.record, heard = excluded.heard",
            values![self.key.bytes(), seal(shard, &told)?, shard.now().0],
        )?;
        Ok(Some(Kept { told, shopper }))
    }
}

/// Says whose an order is; what is told from now on is passed on to them. Back comes all that was told
/// until now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OwnOrder {
    pub key: OrderKey,
    pub shopper: ShopperId,
}

impl Ask for OwnOrder {
    type Answer = Option<Kept>;

    fn here(self, shard: &Shard) -> Result<Option<Kept>> {
        if shard.points_to(&self.key)?.is_some() {
            return Ok(None);
        }
        let Some(Kept { mut told, shopper }) = shard.told(&self.key)? else { return Ok(None) };
        told.formers.extend(shopper);
        told.formers.remove(&self.shopper);
        shard.db.run(
            "UPDATE orders_told SET shopper = ?, record = ? WHERE hash = ?",
            values![self.shopper.to_string(), seal(shard, &told)?, self.key.bytes()],
        )?;
        Ok(Some(Kept { told, shopper: Some(self.shopper) }))
    }
}

fn seal(shard: &Shard, told: &Told) -> Result<Vec<u8>> {
    seal_for_shop(&shard.shop()?.keys, ORDER, &serde_json::to_string(told)?)
}

/// Removes a record that was carried over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DropOrder {
    pub key: OrderKey,
}

impl Ask for DropOrder {
    type Answer = ();

    fn here(self, shard: &Shard) -> Result<()> {
        shard.db.run(
            "DELETE FROM orders_told WHERE hash = ?1 AND EXISTS (SELECT 1 FROM order_names WHERE hash = ?1)",
            values![self.key.bytes()],
        )
    }
}

/// Nothing is kept of an order any more, under none of its names; `for_good`, nor of what is said later.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ForgetToldOrder {
    pub key: OrderKey,
    #[serde(default)]
    pub for_good: bool,
}

impl Ask for ForgetToldOrder {
    type Answer = ();

    fn here(self, shard: &Shard) -> Result<()> {
        let (shop, db, Self { key, for_good }) = (shard.shop()?, &shard.db, self);
        // A number alone begins anew.
        if for_good && !key.is_number() {
            put_on_the_list(db, key.hash(), "order", shard.now(), "erased: an order")?;
        }
        let mut others: BTreeSet<OrderKey> = shard.points_to(&key)?.into_iter().collect();
        others.extend(shard.told(&key)?.into_iter().flat_map(|kept| kept.told.keys(&shop)));
        others.remove(&key);
        // Each removes something before it asks the others, so this comes to an end.
        db.run("DELETE FROM orders_told WHERE hash = ?", values![key.bytes()])?;
        db.run("DELETE FROM order_names WHERE hash = ?", values![key.bytes()])?;
        others.into_iter().try_for_each(|key| shard.ask_later(&shop, key.bucket(), Self { key, for_good }))
    }
}

impl Shard {
    /// Forgets the orders of some shoppers (a JSON list of ids) beside what lies with them.
    pub(in crate::shard) fn forget_orders_of(&self, shop: &Shop, shoppers: &str, for_good: bool) -> Result<()> {
        let query = "SELECT hash FROM shopper_orders WHERE shopper IN (SELECT value FROM json_each(?))";
        self.forget_orders(shop, self.db.rows(query, values![shoppers])?, for_good)
    }

    /// Forgets orders of which nothing was heard since a moment; whether more are left.
    pub(in crate::shard) fn forget_orders_before(&self, shop: &Shop, before: i64, most: usize) -> Result<bool> {
        let query = "SELECT hash FROM orders_told WHERE heard < ? LIMIT ?";
        let rows = self.db.rows(query, values![before, i64::try_from(most).unwrap_or(i64::MAX)])?;
        let more = rows.len() == most;
        self.forget_orders(shop, rows, false)?;
        Ok(more)
    }

    fn forget_orders(&self, shop: &Shop, rows: Vec<Row>, for_good: bool) -> Result<()> {
        for row in rows {
            let key = OrderKey(row.bytes(0)?.to_vec());
            self.ask_later(shop, key.bucket(), ForgetToldOrder { key, for_good })?;
        }
        Ok(())
    }

    fn points_to(&self, key: &OrderKey) -> Result<Option<OrderKey>> {
        let row = self.db.row("SELECT of_order FROM order_names WHERE hash = ?", values![key.bytes()])?;
        row.map(|row| Ok(OrderKey(row.bytes(0)?.to_vec()))).transpose()
    }

    fn told(&self, key: &OrderKey) -> Result<Option<Kept>> {
        let row = self.db.row("SELECT record, shopper FROM orders_told WHERE hash = ?", values![key.bytes()])?;
        let Some(row) = row else { return Ok(None) };
        let told = serde_json::from_str(&open_for_shop(&self.shop()?.keys, ORDER, row.bytes(0)?)?)?;
        let shopper = row.maybe_text(1).map(str::parse).transpose();
        let shopper = shopper.map_err(|_| Failed::new("reading an order", "its owner is no shopper"))?;
        Ok(Some(Kept { told, shopper }))
    }
}
