//! From our own wire types to records: the one place where hooks and files are checked.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::clean_id;
use super::wire;
use super::{Context, Refused, plausible, when};
use crate::address::Email;
use crate::consent::{Channel, Permission};
use crate::customer::{CustomerRecord, Name, Origin, language};
use crate::event::cut;
use crate::facts::{Ending, Points};
use crate::id::Malformed;
use crate::latest::Latest;
use crate::money::{Currency, Money};
use crate::order::{Fulfilment, FulfilmentStatus, Line, OrderName, OrderRecord, Return, ReturnStatus};
use crate::page;
use crate::phone::Phone;
use crate::time::Timestamp;

/// The most lines of one order.
const MOST_ITEMS: usize = 500;
/// The most codes of one order.
const MOST_CODES: usize = 20;
/// The most payments, parcels or the like of one order, addresses of one customer.
const MOST_PARTS: usize = 100;

/// What is told at one moment.
pub struct Telling<'a> {
    /// The moment that counts when a later word replaces an earlier.
    pub at: Timestamp,
    /// What reading needs to know.
    pub context: &'a Context,
}

/// A customer that was told of.
pub struct ToldCustomer {
    pub record: CustomerRecord,
    /// Permissions that were said to be given, without an origin that would make them a right.
    pub without_right: Vec<Permission>,
}

/// Reads a moment.
pub fn moment(field: &str, text: &str, now: Timestamp) -> Result<Timestamp, Refused> {
    let at = when::read(text)
        .ok_or_else(|| Refused::unreadable(field, "expected a moment in RFC 3339, such as \"2026-11-22T06:00:00Z\""))?;
    plausible(field, at, now)
}

/// Text that says something, cut to so many characters.
fn stated(text: Option<&String>, most: usize) -> Option<String> {
    text.map(|text| cut(text, most)).filter(|text| !text.is_empty())
}

fn few<T>(field: String, list: &[T], most: usize) -> Result<(), Refused> {
    if list.len() <= most {
        Ok(())
    } else {
        Err(Refused::unreadable(field, format!("{} entries; at most {most} are read", list.len())))
    }
}

/// Reads points. They end in the future, so what is plausible of things that happened does not bound it.
fn points_of(of: &str, wire: &wire::Points) -> Result<Points, Refused> {
    let field = |name: &str| path(of, name);
    let said = wire.ends.as_deref().filter(|text| !text.trim().is_empty());
    let ending = match (said, wire.ending.filter(|count| *count > 0)) {
        (None, None) => None,
        (Some(_), None) => return Err(Refused::unreadable(field("ending"), "missing; expected how many end then")),
        (None, Some(_)) => return Err(Refused::unreadable(field("ends"), "missing; expected when they end")),
        (Some(_), Some(count)) if count > wire.balance => {
            return Err(Refused::unreadable(field("ending"), "more than there are: expected at most the balance"));
        }
        (Some(text), Some(count)) => {
            let at = when::read(text).ok_or_else(|| {
                let detail = "expected a moment in RFC 3339, such as \"2027-01-01T00:00:00+01:00\"";
                Refused::unreadable(field("ends"), detail)
            })?;
            Some(Ending { at, count })
        }
    };
    Ok(Points { balance: wire.balance, ending })
}

/// Reads a field that may be left out or empty.
fn optional<T>(
    field: String,
    text: Option<&String>,
    read: impl Fn(&str) -> Result<T, &'static str>,
) -> Result<Option<T>, Refused> {
    match text.map(|text| text.trim()).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => read(text).map(Some).map_err(|detail| Refused::unreadable(field, detail)),
    }
}

impl Telling<'_> {
    fn latest<T: Ord>(&self, value: T) -> Latest<T> {
        Latest::new(self.at, value)
    }

    fn moment(&self, field: &str, text: Option<&String>) -> Result<Option<Timestamp>, Refused> {
        text.filter(|text| !text.trim().is_empty()).map(|text| moment(field, text, self.context.now)).transpose()
    }

    fn each<T: Ord>(
        &self,
        field: &str,
        texts: Option<&Vec<String>>,
        read: impl Fn(&str) -> Result<T, &'static str>,
    ) -> Result<Option<Latest<BTreeSet<T>>>, Refused> {
        let Some(texts) = texts else { return Ok(None) };
        few(field.to_owned(), texts, MOST_PARTS)?;
        let each = |(n, text): (usize, &String)| {
            read(text).map_err(|detail| Refused::unreadable(format!("{field}[{n}]"), detail))
        };
        let set = texts.iter().enumerate().map(each).collect::<Result<_, _>>()?;
        Ok(Some(self.latest(set)))
    }

    pub fn customer(&self, of: &str, wire: wire::Customer) -> Result<ToldCustomer, Refused> {
        let field = |name: &str| path(of, name);
        let id = match wire.id.filter(|id| !id.trim().is_empty()) {
            Some(id) => Some(clean_id(&field("id"), &id)?),
            None => None,
        };
        let mut record = CustomerRecord::new(id);
        record.emails = self.each(&field("emails"), wire.emails.as_ref(), email)?;
        record.phones = self.each(&field("phones"), wire.phones.as_ref(), |text| self.phone(text))?;
        let name = Name {
            given: stated(wire.given_name.as_ref(), 100).unwrap_or_default(),
            family: stated(wire.family_name.as_ref(), 100).unwrap_or_default(),
        };
        record.name = (name != Name::default()).then(|| self.latest(name));
        record.birthday = optional(field("birthday"), wire.birthday.as_ref(), |text| text.parse().map_err(malformed))?
            .map(|day| self.latest(day));
        record.language =
            optional(field("language"), wire.language.as_ref(), |text| language(text).map_err(malformed))?
                .map(|language| self.latest(language));
        record.country = optional(field("country"), wire.country.as_ref(), |text| text.parse().map_err(malformed))?
            .map(|country| self.latest(country));
        record.loyalty = match wire.loyalty_id.filter(|id| !id.trim().is_empty()) {
            Some(id) => Some(self.latest(clean_id(&field("loyalty_id"), &id)?)),
            None => None,
        };
        record.points = match &wire.points {
            Some(points) => Some(self.latest(points_of(&field("points"), points)?)),
            None => None,
        };
        if record.key().is_none() {
            return Err(Refused::unreadable(field("id"), "missing; expected the shop's id or an address"));
        }
        few(field("permissions"), &wire.permissions, MOST_PARTS)?;
        let mut without_right = Vec::new();
        for (n, said) in wire.permissions.iter().enumerate() {
            without_right.extend(self.permission(&field(&format!("permissions[{n}]")), said, &mut record)?);
        }
        Ok(ToldCustomer { record, without_right })
    }

    /// Notes a permission. Returned is one that gives no right, because its origin is not known.
    fn permission(
        &self,
        of: &str,
        said: &wire::Permission,
        record: &mut CustomerRecord,
    ) -> Result<Option<Permission>, Refused> {
        let permission: Permission =
            said.permission.parse().map_err(|e| Refused::unreadable(path(of, "permission"), malformed(e)))?;
        if permission.channel == Channel::Device {
            return Err(Refused::unreadable(path(of, "permission"), "expected email.marketing or sms.marketing"));
        }
        let at = self.moment(&path(of, "at"), said.at.as_ref())?;
        if !said.given {
            record.withdraw(permission, at.unwrap_or(self.at));
            return Ok(None);
        }
        let [method, wording, source] =
            [&said.method, &said.wording, &said.source].map(|text| text.as_deref().unwrap_or_default());
        match at.and_then(|at| Origin::new(at, method, wording, source, said.proven).ok()) {
            Some(origin) => {
                record.give(permission, origin);
                Ok(None)
            }
            None => Ok(Some(permission)),
        }
    }

    fn phone(&self, text: &str) -> Result<Phone, &'static str> {
        Phone::parse(text, self.context.calling_code).map_err(malformed)
    }

    pub fn order(&self, of: &str, wire: wire::Order) -> Result<OrderRecord, Refused> {
        let field = |name: &str| path(of, name);
        let number = match wire.number.filter(|number| !number.trim().is_empty()) {
            Some(number) => Some(OrderName::number(&clean_id(&field("number"), &number)?)),
            None => None,
        };
        let mut record = OrderRecord::new(OrderName::Id(clean_id(&field("id"), &wire.id)?)).also_called(number);
        record.placed_at = self.moment(&field("placed"), wire.placed.as_ref())?;
        record.cancelled_at = self.moment(&field("cancelled"), wire.cancelled.as_ref())?;
        record.customer = match wire.customer_id.filter(|id| !id.trim().is_empty()) {
            Some(id) => Some(self.latest(clean_id(&field("customer_id"), &id)?)),
            None => None,
        };
        record.email = optional(field("email"), wire.email.as_ref(), email)?.map(|email| self.latest(email));
        record.phone =
            optional(field("phone"), wire.phone.as_ref(), |text| self.phone(text))?.map(|phone| self.latest(phone));
        record.language =
            optional(field("language"), wire.language.as_ref(), |text| language(text).map_err(malformed))?
                .map(|language| self.latest(language));
        record.country = optional(field("country"), wire.country.as_ref(), |text| text.parse().map_err(malformed))?
            .map(|country| self.latest(country));
        let currency = wire.currency.as_deref();
        if let Some(total) = wire.total.as_deref().filter(|total| !total.trim().is_empty()) {
            record.total =
                Some(self.latest(money(&field("total"), total, &field("currency"), currency, Money::exact)?));
        }
        if let Some(items) = wire.items {
            few(field("items"), &items, MOST_ITEMS)?;
            let line = |(n, item)| line(&field(&format!("items[{n}]")), item, &field("currency"), currency);
            record.items = Some(self.latest(items.iter().enumerate().map(line).collect::<Result<_, _>>()?));
        }
        few(field("codes"), &wire.codes, MOST_CODES)?;
        for (n, code) in wire.codes.iter().enumerate() {
            record.codes.insert(clean_id(&field(&format!("codes[{n}]")), code)?);
        }
        let counts = [
            wire.payments.len(),
            wire.fulfilments.len(),
            wire.deliveries.len(),
            wire.refunds.len(),
            wire.returns.len(),
        ];
        if counts.iter().any(|count| *count > MOST_PARTS) {
            return Err(Refused::unreadable(
                of,
                format!("at most {MOST_PARTS} payments, parcels, refunds or returns are read"),
            ));
        }
        for (n, payment) in wire.payments.iter().enumerate() {
            self.amount(&field(&format!("payments[{n}]")), payment, currency, &mut record.payments)?;
        }
        for (n, refund) in wire.refunds.iter().enumerate() {
            self.amount(&field(&format!("refunds[{n}]")), refund, currency, &mut record.refunds)?;
        }
        for (n, fulfilment) in wire.fulfilments.iter().enumerate() {
            self.fulfilment(&field(&format!("fulfilments[{n}]")), fulfilment, &mut record)?;
        }
        for (n, delivery) in wire.deliveries.iter().enumerate() {
            self.delivery(&field(&format!("deliveries[{n}]")), delivery, &mut record)?;
        }
        for (n, back) in wire.returns.iter().enumerate() {
            self.take_back(&field(&format!("returns[{n}]")), back, &mut record)?;
        }
        Ok(record)
    }

    /// Notes a payment or a refund, in the order's currency where it names none.
    pub fn amount(
        &self,
        of: &str,
        wire: &wire::Amount,
        currency: Option<&str>,
        amounts: &mut BTreeMap<String, Latest<Money>>,
    ) -> Result<(), Refused> {
        let id = clean_id(&path(of, "id"), &wire.id)?;
        let currency = wire.currency.as_deref().or(currency);
        let amount = money(&path(of, "amount"), &wire.amount, &path(of, "currency"), currency, Money::exact)?;
        if amount.minor < 0 {
            return Err(Refused::unreadable(path(of, "amount"), "expected an amount not below zero"));
        }
        crate::latest::join_each(amounts, BTreeMap::from([(id, self.latest(amount))]));
        Ok(())
    }

    pub fn fulfilment(&self, of: &str, wire: &wire::Fulfilment, record: &mut OrderRecord) -> Result<(), Refused> {
        let id = clean_id(&path(of, "id"), &wire.id)?;
        let url = match wire.tracking_url.as_deref().filter(|url| !url.trim().is_empty()) {
            Some(url) => Some(page::picture_url(url).ok_or_else(|| {
                Refused::unreadable(path(of, "tracking_url"), "expected an address with http:// or https://")
            })?),
            None => None,
        };
        let said = Fulfilment {
            status: Some(self.latest(FulfilmentStatus::Shipped)),
            carrier: stated(wire.carrier.as_ref(), 100).map(|carrier| self.latest(carrier)),
            tracking_number: stated(wire.tracking_number.as_ref(), 100).map(|number| self.latest(number)),
            tracking_url: url.map(|url| self.latest(url)),
            shipped_at: Some(self.moment(&path(of, "shipped"), wire.shipped.as_ref())?.unwrap_or(self.at)),
        };
        record.fulfil(id, said);
        Ok(())
    }

    pub fn delivery(&self, of: &str, wire: &wire::Delivery, record: &mut OrderRecord) -> Result<(), Refused> {
        let id = clean_id(&path(of, "id"), &wire.id)?;
        let arrived = self.moment(&path(of, "arrived"), wire.arrived.as_ref())?.unwrap_or(self.at);
        crate::latest::join_each(&mut record.deliveries, BTreeMap::from([(id, self.latest(arrived))]));
        Ok(())
    }

    pub fn take_back(&self, of: &str, wire: &wire::Return, record: &mut OrderRecord) -> Result<(), Refused> {
        let id = clean_id(&path(of, "id"), &wire.id)?;
        let status = if wire.received { ReturnStatus::Received } else { ReturnStatus::Requested };
        let said = Return {
            status: Some(self.latest(status)),
            reason: stated(wire.reason.as_ref(), 500).map(|reason| self.latest(reason)),
        };
        record.take_back(id, said);
        Ok(())
    }
}

fn path(of: &str, name: &str) -> String {
    if of.is_empty() { name.to_owned() } else { format!("{of}.{name}") }
}

fn malformed(error: Malformed) -> &'static str {
    error.0
}

fn email(text: &str) -> Result<Email, &'static str> {
    text.parse().map_err(|_| "expected an e-mail address such as anna@example.org")
}

/// How an amount is read: [`Money::exact`], or [`Money::rounded`] for prices of one of many.
type ReadMoney = fn(&str, Currency) -> Result<Money, Malformed>;

fn money(
    field: &str,
    decimal: &str,
    currency_field: &str,
    currency: Option<&str>,
    read: ReadMoney,
) -> Result<Money, Refused> {
    let currency: Currency = currency
        .ok_or_else(|| Refused::unreadable(currency_field, "missing; an amount needs its currency"))?
        .parse()
        .map_err(|e| Refused::unreadable(currency_field, malformed(e)))?;
    read(decimal, currency).map_err(|e| Refused::unreadable(field, malformed(e)))
}

fn line(of: &str, item: &wire::Item, currency_field: &str, currency: Option<&str>) -> Result<Line, Refused> {
    if !(1..=10_000).contains(&item.quantity) {
        return Err(Refused::unreadable(path(of, "quantity"), "expected 1 to 10000"));
    }
    let price = match item.price.as_deref().filter(|price| !price.trim().is_empty()) {
        Some(price) => Some(money(&path(of, "price"), price, currency_field, currency, Money::rounded)?),
        None => None,
    };
    Ok(Line {
        product: clean_id(&path(of, "product"), &item.product)?,
        name: stated(item.name.as_ref(), 200),
        quantity: item.quantity,
        price,
        category: stated(item.category.as_ref(), 200),
        size: stated(item.size.as_ref(), 40),
    })
}
