//! What the shop's server says of a customer, taken in where that person lives.

use std::collections::BTreeSet;

use domain::address::Email;
use domain::consent::{Basis, EMAIL_MARKETING, Permission, Proof, Receipt, SMS_MARKETING, Standing, Statement as Said};
use domain::customer::{CustomerRecord, Right};
use domain::id::ShopperId;
use domain::identity::NameKind;
use domain::latest::{Latest, said};
use domain::phone::Phone;
use domain::published::ShopConfig;
use domain::time::{Span, Timestamp};
use domain::why::Why;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::asks::{Ask, AtHome, at_home};
use super::hands::{GiveUp, Recheck};
use super::names::{Left, Name, Subject, Whom};
use super::{Outcome, facts};
use crate::problem::{Failed, Result};
use crate::shard::joining::{self, MEMBERS};
use crate::shard::names::Hash;
use crate::shard::people::{self, Person, Profile};
use crate::shard::{Shard, Shop, consent, jobs};
use crate::sql::{Db, values};

/// Under this name a customer's record is sealed.
pub const CUSTOMER: &str = "customer";

impl Shard {
    /// Finds out who a customer is and has what was said of them taken in there.
    pub(super) async fn settle_customer(&self, shop: &Shop, record: CustomerRecord) -> Result<Outcome> {
        let language = said(record.language.as_ref()).map(String::as_str);
        match self.whom(shop, names_of(shop, &record), language).await? {
            Whom::Nobody => {
                let why = Why::new("suppression", "the customer was erased, or must not be written to");
                facts::note_skipped(&self.db, self.now(), "customer", &why)?;
            }
            Whom::SoonOne => return Ok(Outcome::Later(Span::milliseconds(50))),
            Whom::Somebody(subject) => {
                let record = without_suppressed(shop, record, &subject);
                let ask = TakeCustomer { shopper: subject.shopper, record, names: subject.names, left: subject.left };
                self.ask_home_of(shop, subject.shopper, ask).await?;
            }
        }
        Ok(Outcome::Settled)
    }
}

/// All names of a customer.
pub fn names_of(shop: &Shop, record: &CustomerRecord) -> Vec<Name> {
    let id = record.id.iter().map(|id| Name::new(shop, NameKind::Customer, id));
    let emails = record.emails.iter().flat_map(|emails| &emails.value);
    let phones = record.phones.iter().flat_map(|phones| &phones.value);
    id.chain(emails.map(|email| Name::new(shop, NameKind::Email, email.as_str())))
        .chain(phones.map(|phone| Name::new(shop, NameKind::Phone, phone.as_str())))
        .collect()
}

/// A record without the names that nobody may have any more. Those that are somebody else's stay: they may
/// change hands.
fn without_suppressed(shop: &Shop, mut record: CustomerRecord, subject: &Subject) -> CustomerRecord {
    let known = |kind, text: &str| {
        let name = Name::new(shop, kind, text);
        subject.names.contains(&name) || subject.left.iter().any(|left| left.name == name)
    };
    if let Some(emails) = &mut record.emails {
        emails.value.retain(|email| known(NameKind::Email, email.as_str()));
    }
    if let Some(phones) = &mut record.phones {
        phones.value.retain(|phone| known(NameKind::Phone, phone.as_str()));
    }
    record.id = record.id.filter(|id| known(NameKind::Customer, id));
    record
}

/// The shop's id for a customer becomes a shopper's, if the shop does not know that person by another.
/// Whether it did.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AdoptCustomer {
    pub shopper: ShopperId,
    pub customer: Hash,
}

impl Ask for AdoptCustomer {
    type Answer = AtHome<bool>;

    fn here(self, shard: &Shard) -> Result<Self::Answer> {
        let db = &shard.db;
        at_home(db, self.shopper, |person| {
            let query = format!("SELECT 1 FROM customers WHERE shopper IN ({MEMBERS}) AND customer <> ?2");
            if db.row(&query, values![person, self.customer.to_vec()])?.is_some() {
                return Ok(false);
            }
            db.run(
                "INSERT INTO customers (shopper, customer) VALUES (?, ?)
                 ON CONFLICT (shopper) DO UPDATE SET customer = excluded.customer",
                values![self.shopper.to_string(), self.customer.to_vec()],
            )?;
            Ok(true)
        })
    }
}

/// Takes in what was said of a customer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TakeCustomer {
    /// Of whom.
    pub shopper: ShopperId,
    /// What was said; also the names that stay with others.
    pub record: CustomerRecord,
    /// The names that are theirs.
    pub names: Vec<Name>,
    /// Names that stay with others.
    pub left: Vec<Left>,
}

impl Ask for TakeCustomer {
    type Answer = AtHome<()>;

    fn here(self, shard: &Shard) -> Result<Self::Answer> {
        at_home(&shard.db, self.shopper, |person| self.take(shard, &person))
    }
}

impl TakeCustomer {
    fn take(&self, shard: &Shard, person: &str) -> Result<()> {
        let (shop, now, db) = (shard.shop()?, shard.now(), &shard.db);
        let id = self.shopper.to_string();
        let Some(shopper) = people::person(db, &shop.keys, &id)? else { return Ok(()) };
        let before = known(db, &shopper)?;
        let mut after = before.clone().unwrap_or_default();
        if self.record.id.is_some() {
            after.join(self.record.clone());
            keep_addresses(db, &shop, &shopper, &after, &self.names, now)?;
        } else {
            // Whoever is only found by an address may have others that are not named here.
            after.join(CustomerRecord { emails: None, phones: None, ..self.record.clone() });
            keep_addresses(db, &shop, &shopper, &self.record, &self.names, now)?;
        }
        if before.as_ref() != Some(&after) {
            let sealed = shopper.key.seal(CUSTOMER, &serde_json::to_string(&after)?)?;
            db.run(
                "INSERT INTO customers (shopper, record) VALUES (?, ?)
                 ON CONFLICT (shopper) DO UPDATE SET record = excluded.record",
                values![id.as_str(), sealed],
            )?;
            let before = before.clone().unwrap_or_default();
            keep_profile(db, &shopper, &before, &after)?;
            keep_language(db, &shopper, shop.config.as_deref(), &before, &after)?;
            if let Some(country) = said(after.country.as_ref()) {
                db.run("UPDATE shoppers SET country = ? WHERE id = ?", values![String::from(*country), id.as_str()])?;
            }
            keep_rights(db, &id, &before, &after)?;
            note_points(shard, &id, &before, &after)?;
            if let (None, Some(gone_at)) = (before.gone_at, after.gone_at) {
                leave(shard, person, gone_at)?;
            }
        }
        if before.as_ref() != Some(&after) {
            shard.look_again(person)?;
        }
        if self.record.id.is_some() {
            self.pass_names(shard, &shop, person, before.as_ref(), &after)?;
        }
        for left in &self.left {
            let kind = left.name.kind.as_str();
            let data = json!({ "kind": kind, "rule": left.rule, "fact": left.fact });
            let about = [b"name", id.as_bytes(), left.name.hash.as_slice()];
            facts::note_once(shard, facts::id_of(&shop, &about), now, &id, "name.shared", &data)?;
        }
        Ok(())
    }

    /// Addresses and numbers that the shop does not name any more, or that an older word names which comes
    /// late, are nobody's, and become whose who waits for them. One that somebody has proven to be theirs
    /// stays.
    fn pass_names(
        &self,
        shard: &Shard,
        shop: &Shop,
        person: &str,
        before: Option<&CustomerRecord>,
        after: &CustomerRecord,
    ) -> Result<()> {
        let shopper = self.shopper;
        let names = |record| names_of(shop, record).into_iter().filter(|name| name.kind != NameKind::Customer);
        let still: BTreeSet<Name> = names(after).collect();
        let told: BTreeSet<Name> = before.into_iter().chain([&self.record]).flat_map(names).collect();
        let shoppers = joining::members(&shard.db, person)?;
        let ids = serde_json::to_string(&shoppers)?;
        let theirs = "hash = ?1 AND shopper IN (SELECT value FROM json_each(?2))";
        let drop_told = |name: &Name| {
            let query = format!("DELETE FROM addresses WHERE state = 'told' AND {theirs}");
            shard.db.run(&query, values![name.hash.to_vec(), ids.as_str()])
        };
        for left in self.left.iter().filter(|left| still.contains(&left.name)) {
            drop_told(&left.name)?;
        }
        for name in told.difference(&still).copied() {
            drop_told(&name)?;
            let proven = format!("SELECT 1 FROM addresses WHERE {theirs}");
            let kept = shard.db.row(&proven, values![name.hash.to_vec(), ids.as_str()])?.is_some();
            shard.ask_later(shop, name.bucket(), GiveUp { name, shopper, shoppers: shoppers.clone(), kept })?;
        }
        // An earlier word may just be giving up what this one names: neither knows of the other on its way.
        if let Some(before) = before {
            let before = names(before).collect();
            for name in still.difference(&before).copied() {
                shard.ask_later(shop, name.bucket(), Recheck { name, shopper, shoppers: shoppers.clone() })?;
            }
        }
        Ok(())
    }
}

impl Shard {
    /// The shop's own id for a person, where it has told us one.
    pub(in crate::shard) fn customer_of(&self, shop: &Shop, person: &str) -> Result<Option<String>> {
        for member in joining::members(&self.db, person)? {
            let Some(shopper) = people::person(&self.db, &shop.keys, &member)? else { continue };
            if let Some(id) = known(&self.db, &shopper)?.and_then(|record| record.id) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }
}

/// What the shop has said of a customer so far.
pub fn known(db: &Db, shopper: &Person) -> Result<Option<CustomerRecord>> {
    let row = db.row("SELECT record FROM customers WHERE shopper = ?", values![shopper.id.as_str()])?;
    let sealed = row.as_ref().and_then(|row| row.maybe_bytes(0));
    sealed.map(|sealed| Ok(serde_json::from_str(&shopper.key.open(CUSTOMER, sealed)?)?)).transpose()
}

fn keep_addresses(
    db: &Db,
    shop: &Shop,
    shopper: &Person,
    record: &CustomerRecord,
    theirs: &[Name],
    now: Timestamp,
) -> Result<()> {
    let is_theirs = |kind, text: &str| theirs.contains(&Name::new(shop, kind, text));
    for email in record.emails.iter().flat_map(|emails| &emails.value) {
        if is_theirs(NameKind::Email, email.as_str()) {
            keep_email(db, shop, shopper, email, now)?;
        }
    }
    for phone in record.phones.iter().flat_map(|phones| &phones.value) {
        if is_theirs(NameKind::Phone, phone.as_str()) {
            keep_phone(db, shop, shopper, phone, now)?;
        }
    }
    Ok(())
}

/// Keeps an address that the shop told of.
pub fn keep_email(db: &Db, shop: &Shop, shopper: &Person, email: &Email, now: Timestamp) -> Result<()> {
    keep_address(db, shop, shopper, (NameKind::Email, "email"), email.as_str(), now)
}

/// Keeps a telephone number that the shop told of.
pub fn keep_phone(db: &Db, shop: &Shop, shopper: &Person, phone: &Phone, now: Timestamp) -> Result<()> {
    keep_address(db, shop, shopper, (NameKind::Phone, "sms"), phone.as_str(), now)
}

fn keep_address(
    db: &Db,
    shop: &Shop,
    shopper: &Person,
    (kind, channel): (NameKind, &str),
    text: &str,
    now: Timestamp,
) -> Result<()> {
    let hash = shop.keys.name(kind.as_str(), text).to_vec();
    if db.row("SELECT 1 FROM addresses WHERE hash = ?", values![hash.clone()])?.is_some() {
        return Ok(());
    }
    db.run(
        "INSERT INTO addresses (hash, shopper, channel, sealed, state, since) VALUES (?, ?, ?, ?, 'told', ?)",
        values![hash, shopper.id.as_str(), channel, shopper.key.seal(people::ADDRESS, text)?, now.0],
    )
}

/// What the shop says fills in what nobody said, and replaces what the shop itself said before.
fn keep_profile(db: &Db, shopper: &Person, before: &CustomerRecord, after: &CustomerRecord) -> Result<()> {
    let given = |record: &CustomerRecord| {
        said(record.name.as_ref()).map(|name| name.given.clone()).filter(|given| !given.is_empty())
    };
    let birthday = |record: &CustomerRecord| said(record.birthday.as_ref()).copied();
    let mut profile: Profile = shopper.profile.clone();
    if profile.given_name.is_none() || profile.given_name == given(before) {
        profile.given_name = given(after).or(profile.given_name);
    }
    if profile.birthday.is_none() || profile.birthday == birthday(before) {
        profile.birthday = birthday(after).or(profile.birthday);
    }
    if profile == shopper.profile { Ok(()) } else { shopper.keep_profile(db, &profile) }
}

/// The language likewise: what somebody read and sent a form in weighs more.
fn keep_language(
    db: &Db,
    shopper: &Person,
    config: Option<&ShopConfig>,
    before: &CustomerRecord,
    after: &CustomerRecord,
) -> Result<()> {
    let spoken = |record: &CustomerRecord| said(record.language.as_ref()).cloned();
    let Some(language) = spoken(after).filter(|language| spoken(before).as_ref() != Some(language)) else {
        return Ok(());
    };
    let language = config.map_or(language.as_str(), |config| config.language(&language)).to_owned();
    db.run(
        "UPDATE shoppers SET language = ?1 WHERE id = ?2 AND NOT EXISTS (SELECT 1 FROM submissions WHERE shopper = ?2)",
        values![language, shopper.id.as_str()],
    )
}

/// Notes that their points are others than was said before. A shop says them again whenever it speaks of a customer.
fn note_points(shard: &Shard, shopper: &str, before: &CustomerRecord, after: &CustomerRecord) -> Result<()> {
    let Some(points) = after.points.as_ref().filter(|points| said(before.points.as_ref()) != Some(&points.value))
    else {
        return Ok(());
    };
    let data = json!({ "points": points.value });
    let (moment, text) = (points.at.0.to_be_bytes(), data.to_string());
    let about: [&[u8]; 4] = [b"points", shopper.as_bytes(), &moment, text.as_bytes()];
    // A server's clock may be ahead: what is so now is asked for now.
    let at = points.at.min(shard.now());
    facts::note_once(shard, facts::id_of(&*shard.shop()?, &about), at, shopper, "points.changed", &data)
}

/// Writes a receipt of each permission that became another one.
fn keep_rights(db: &Db, shopper: &str, before: &CustomerRecord, after: &CustomerRecord) -> Result<()> {
    for (permission, right) in &after.permissions {
        if before.permissions.get(permission) == Some(right) || (after.gone_at.is_some() && gives(right)) {
            continue;
        }
        consent::record(db, shopper, statement(*permission, right))?;
    }
    Ok(())
}

const fn gives(right: &Latest<Right>) -> bool {
    matches!(right.value, Right::Given(_))
}

fn statement(permission: Permission, right: &Latest<Right>) -> Said {
    let receipt = |standing, wording: &str, method: &str| Receipt {
        permission,
        standing,
        at: right.at,
        wording: wording.to_owned(),
        version: String::new(),
        page: String::new(),
        method: method.to_owned(),
    };
    let imported = |origin: &str| Basis::Imported {
        origin: if origin.is_empty() { "the shop's server".to_owned() } else { origin.to_owned() },
    };
    match &right.value {
        Right::Given(origin) => Said {
            receipt: receipt(Standing::Given, origin.wording(), origin.method()),
            basis: imported(origin.source()),
            proof: origin.proven().then(|| Proof { method: "checked by the shop".to_owned(), at: origin.at() }),
        },
        Right::Withdrawn => {
            Said { receipt: receipt(Standing::Withdrawn, "", "told by the shop"), basis: imported(""), proof: None }
        }
    }
}

/// The shop deleted the customer: no news any more, and nothing on its way.
fn leave(shard: &Shard, person: &str, at: Timestamp) -> Result<()> {
    withdraw_all(shard, person, at, "customer deleted by the shop")?;
    let id = facts::id_of(&*shard.shop()?, &[b"gone", person.as_bytes()]);
    facts::note_once(shard, id, at, person, "customer.deleted", &json!({}))
}

/// Takes back whatever a person allowed on a channel that can be written to.
fn withdraw_all(shard: &Shard, person: &str, at: Timestamp, method: &str) -> Result<()> {
    let db = &shard.db;
    for permission in [EMAIL_MARKETING, SMS_MARKETING] {
        if consent::standing(db, person, permission)? == Some(Standing::Withdrawn) {
            continue;
        }
        let receipt = Receipt {
            permission,
            standing: Standing::Withdrawn,
            at,
            wording: String::new(),
            version: String::new(),
            page: String::new(),
            method: method.to_owned(),
        };
        consent::record(db, person, consent::in_person(receipt, None))?;
    }
    // What is due is decided about at its moment, and says why it does not leave; what waits, now.
    jobs::undefer_of(db, person, shard.now())
}

/// A shopper by id; ours to fail when it is not there.
pub fn shopper(db: &Db, shop: &Shop, id: &str) -> Result<Person> {
    Ok(people::person(db, &shop.keys, id)?
        .ok_or_else(|| Failed::new("taking in what a shop said", "no such shopper"))?)
}
