//! Shopify's webhooks (shopify.dev, "Webhooks"): bodies in the form of its REST resources.

use std::borrow::Cow;

use serde::Deserialize;

use super::reading::{Node, object};
use super::{Context, Headers, Heard, Privacy, Refused, Says, Subject, digest, statements};
use crate::consent::{Channel, EMAIL_MARKETING, Permission, Purpose};
use crate::customer::{CustomerRecord, Name, Origin, language};
use crate::latest::Latest;
use crate::money::{Currency, Money};
use crate::order::{Fulfilment, FulfilmentStatus, OrderName, OrderRecord, Return, ReturnStatus};
use crate::page;
use crate::time::Timestamp;

/// What a body is, told by its topic.
struct Body<'a> {
    top: Node<'a>,
    /// When Shopify sent for us to know (`X-Shopify-Triggered-At`), else our own clock.
    triggered: Timestamp,
    context: &'a Context,
}

/// Makes sure that a body is about this shop. Its header is not signed, so what the body says counts as well.
pub fn is_about(headers: &dyn Headers, body: &[u8], domain: Option<&str>) -> Result<(), Refused> {
    #[derive(Deserialize)]
    struct Named {
        shop_domain: Option<String>,
    }
    const HEADER: &str = "X-Shopify-Shop-Domain";
    let Some(domain) = domain else {
        let detail = "this connection does not say which shop it is for; PUT it again with \"domain\"";
        return Err(Refused::unreadable(HEADER, detail));
    };
    let in_header = headers.header(HEADER).map(Cow::into_owned);
    let in_body = serde_json::from_slice::<Named>(body).ok().and_then(|named| named.shop_domain);
    if in_header.is_none() && in_body.is_none() {
        return Err(Refused::unreadable(HEADER, "missing"));
    }
    for (field, named) in [(HEADER, in_header), ("shop_domain", in_body)] {
        if named.is_some_and(|named| !named.trim().eq_ignore_ascii_case(domain)) {
            let detail = format!("this is about another shop; {domain} is connected here");
            return Err(Refused::unreadable(field, detail));
        }
    }
    Ok(())
}

pub fn read(headers: &dyn Headers, body: &[u8], context: &Context) -> Result<Heard, Refused> {
    let topic = headers
        .header("X-Shopify-Topic")
        .ok_or_else(|| Refused::unreadable("X-Shopify-Topic", "missing"))?
        .to_ascii_lowercase();
    // One event can give several deliveries, so the delivery's own id comes first.
    let id = match (headers.header("X-Shopify-Webhook-Id"), headers.header("X-Shopify-Event-Id")) {
        (Some(id), _) | (None, Some(id)) if (1..=120).contains(&id.trim().len()) => {
            format!("shopify:{topic}:{}", id.trim())
        }
        _ => format!("shopify:{}", digest(&[topic.as_bytes(), body])),
    };
    let triggered = headers
        .header("X-Shopify-Triggered-At")
        .and_then(|text| super::when::read(&text))
        .map_or(Ok(context.now), |at| super::plausible("X-Shopify-Triggered-At", at, context.now))?;
    let value = object(body)?;
    let body = Body { top: Node::top(&value), triggered, context };
    let said = match topic.as_str() {
        "customers/create" | "customers/update" | "customers/enable" | "customers/disable" => body.customer()?,
        "customers/delete" => body.customer_gone()?,
        "customers_email_marketing_consent/update" => body.consent(EMAIL_MARKETING, "email_marketing_consent")?,
        "customers_marketing_consent/update" => body.consent(SMS_MARKETING, "sms_marketing_consent")?,
        "orders/create"
        | "orders/updated"
        | "orders/paid"
        | "orders/cancelled"
        | "orders/fulfilled"
        | "orders/partially_fulfilled" => body.order()?,
        "orders/edited" => return Ok(Heard::Nothing("an edit, which orders/updated tells of in full")),
        "fulfillments/create" | "fulfillments/update" => body.fulfilment()?,
        "refunds/create" => body.refund()?,
        topic if topic.starts_with("returns/") => match body.take_back(topic)? {
            Some(said) => said,
            None => return Ok(Heard::Nothing("a topic about returns that changes nothing here")),
        },
        "customers/data_request" => body.data_request()?,
        "customers/redact" => body.customer_redact()?,
        "shop/redact" => body.shop_redact()?,
        _ => return Ok(Heard::Nothing("a topic that is not about customers or orders")),
    };
    Ok(statements(&id, said))
}

/// News and offers by text message.
const SMS_MARKETING: Permission = Permission { channel: Channel::Sms, purpose: Purpose::Marketing };

type Said = Vec<(Timestamp, Says)>;

fn customer_says(at: Timestamp, record: CustomerRecord) -> (Timestamp, Says) {
    (at, Says::Customer(Box::new(record)))
}

fn order_says(at: Timestamp, record: OrderRecord) -> Said {
    vec![(at, Says::Order(Box::new(record)))]
}

impl Body<'_> {
    fn instant(&self, node: &Node, key: &str) -> Result<Option<Timestamp>, Refused> {
        node.instant(key, self.context.now)
    }

    /// When the thing itself was changed last.
    fn updated(&self) -> Result<Timestamp, Refused> {
        Ok(self.instant(&self.top, "updated_at")?.unwrap_or(self.triggered))
    }

    fn customer(&self) -> Result<Said, Refused> {
        let at = self.updated()?;
        self.top.need_id("id")?;
        Ok(vec![customer_says(at, self.customer_in(&self.top, at)?)])
    }

    fn customer_in(&self, node: &Node, at: Timestamp) -> Result<CustomerRecord, Refused> {
        let mut record = CustomerRecord::new(node.id("id")?);
        record.emails = node.email("email").map(|email| Latest::new(at, [email].into()));
        record.phones = node.phone("phone", self.context.calling_code).map(|phone| Latest::new(at, [phone].into()));
        let name = Name {
            given: node.text("first_name", 100)?.unwrap_or_default(),
            family: node.text("last_name", 100)?.unwrap_or_default(),
        };
        record.name = (name != Name::default()).then(|| Latest::new(at, name));
        record.language =
            node.text("locale", 20)?.and_then(|tag| language(&tag).ok()).map(|language| Latest::new(at, language));
        if let Some(address) = node.inner("default_address")? {
            record.country = address.parsed("country_code").map(|country| Latest::new(at, country));
        }
        self.consent_in(node, "email_marketing_consent", EMAIL_MARKETING, &mut record)?;
        self.consent_in(node, "sms_marketing_consent", SMS_MARKETING, &mut record)?;
        Ok(record)
    }

    /// A state of consent counts from when it was given; one without a date gives no right.
    fn consent_in(
        &self,
        node: &Node,
        key: &str,
        permission: Permission,
        record: &mut CustomerRecord,
    ) -> Result<(), Refused> {
        let Some(consent) = node.inner(key)? else { return Ok(()) };
        let at = self.instant(&consent, "consent_updated_at")?;
        match (consent.text("state", 40)?.unwrap_or_default().as_str(), at) {
            ("subscribed", Some(at)) => {
                let level = consent.text("opt_in_level", 40)?.unwrap_or_default();
                let from = consent.text("consent_collected_from", 60)?.unwrap_or_else(|| "shop".to_owned());
                let method = format!("{} ({})", from.to_lowercase(), if level.is_empty() { "unknown" } else { &level });
                let origin = Origin::new(at, &method, "", "Shopify", level == "confirmed_opt_in")
                    .map_err(|malformed| consent.refused("opt_in_level", malformed.0))?;
                record.give(permission, origin);
            }
            ("unsubscribed" | "redacted", at) => record.withdraw(permission, at.unwrap_or(self.triggered)),
            _ => {}
        }
        Ok(())
    }

    fn consent(&self, permission: Permission, key: &str) -> Result<Said, Refused> {
        let mut record = CustomerRecord::new(Some(self.top.need_id("customer_id")?));
        self.top.need(key)?;
        self.consent_in(&self.top, key, permission, &mut record)?;
        Ok(vec![customer_says(self.triggered, record)])
    }

    fn customer_gone(&self) -> Result<Said, Refused> {
        // A deletion says nothing of orders; a body that does belongs to another topic.
        if self.top.get("email").is_some() || self.top.get("line_items").is_some() {
            return Err(self.top.refused("", "expected the body of a deletion"));
        }
        let mut record = CustomerRecord::new(Some(self.top.need_id("id")?));
        record.gone_at = Some(self.triggered);
        Ok(vec![customer_says(self.triggered, record)])
    }

    fn order(&self) -> Result<Said, Refused> {
        let at = self.updated()?;
        let top = &self.top;
        let latest_country = |node: Option<Node>| node.and_then(|node| node.parsed("country_code"));
        let mut record = OrderRecord::new(OrderName::Id(top.need_id("id")?))
            .also_called(top.id("name")?.map(|name| OrderName::number(&name)))
            .also_called(top.id("order_number")?.map(|number| OrderName::number(&number)));
        let currency = top.currency("currency")?;
        record.placed_at = match self.instant(top, "processed_at")? {
            None => self.instant(top, "created_at")?,
            processed => processed,
        };
        record.cancelled_at = self.instant(top, "cancelled_at")?;
        record.email = top.email("email").or_else(|| top.email("contact_email")).map(|email| Latest::new(at, email));
        record.phone = top.phone("phone", self.context.calling_code).map(|phone| Latest::new(at, phone));
        record.language =
            top.text("customer_locale", 20)?.and_then(|tag| language(&tag).ok()).map(|tag| Latest::new(at, tag));
        record.country = latest_country(top.inner("shipping_address")?)
            .or(latest_country(top.inner("billing_address")?))
            .map(|country| Latest::new(at, country));
        let current = top.money("current_total_price", currency)?;
        let placed_total = top.money("total_price", currency)?;
        record.total = placed_total.or(current).map(|total| Latest::new(at, total));
        if top.get("line_items").is_some() {
            let lines =
                top.list("line_items")?.iter().map(|item| item.line(currency)).collect::<Result<Vec<_>, _>>()?;
            record.items = Some(Latest::new(at, lines.into_iter().flatten().collect()));
        }
        for code in top.list("discount_codes")?.iter().take(20) {
            record.codes.extend(code.id("code")?);
        }
        if let Some(paid) = self.paid(placed_total, currency)? {
            record.payments.insert("order".to_owned(), Latest::new(at, paid));
        }
        for parcel in top.list("fulfillments")?.iter().take(100) {
            self.fulfilment_in(parcel, &mut record)?;
        }
        for refund in top.list("refunds")?.iter().take(100) {
            self.refund_in(refund, Some(currency), &mut record)?;
        }
        let mut said = Vec::new();
        if let Some(customer) = top.inner("customer")? {
            let changed = self.instant(&customer, "updated_at")?.unwrap_or(at);
            let told = self.customer_in(&customer, changed)?;
            record.customer = told.id.clone().map(|id| Latest::new(at, id));
            if told.key().is_some() {
                said.push(customer_says(changed, told));
            }
        }
        said.insert(0, (at, Says::Order(Box::new(record))));
        Ok(said)
    }

    /// What has been paid of an order. Its body lists no payments, so they count as one.
    fn paid(&self, total: Option<Money>, currency: Currency) -> Result<Option<Money>, Refused> {
        let status = self.top.text("financial_status", 40)?.unwrap_or_default();
        let Some(total) = total else { return Ok(None) };
        let outstanding = self.top.money("total_outstanding", currency)?.map_or(0, |money| money.minor.max(0));
        Ok(match status.as_str() {
            "paid" | "refunded" | "partially_refunded" => Some(total),
            "partially_paid" => Some(Money { minor: total.minor.saturating_sub(outstanding).max(0), ..total }),
            _ => None,
        })
    }

    fn order_of(node: &Node) -> Result<OrderRecord, Refused> {
        let id = match node.id("order_id")? {
            Some(id) => id,
            None => match node.inner("order")? {
                Some(order) => order.need_id("id")?,
                None => return Err(node.refused("order_id", "missing")),
            },
        };
        Ok(OrderRecord::new(OrderName::Id(id)))
    }

    fn fulfilment(&self) -> Result<Said, Refused> {
        let mut record = Self::order_of(&self.top)?;
        self.fulfilment_in(&self.top, &mut record)?;
        Ok(order_says(self.updated()?, record))
    }

    fn fulfilment_in(&self, node: &Node, record: &mut OrderRecord) -> Result<(), Refused> {
        let id = node.need_id("id")?;
        let at = self.instant(node, "updated_at")?.unwrap_or(self.triggered);
        let status = match node.text("status", 40)?.unwrap_or_default().as_str() {
            "success" => FulfilmentStatus::Shipped,
            "cancelled" | "error" | "failure" => FulfilmentStatus::Cancelled,
            _ => FulfilmentStatus::Pending,
        };
        let shipped = (status == FulfilmentStatus::Shipped).then(|| self.instant(node, "created_at")).transpose()?;
        let said = Fulfilment {
            status: Some(Latest::new(at, status)),
            carrier: node.text("tracking_company", 100)?.map(|carrier| Latest::new(at, carrier)),
            tracking_number: node.text("tracking_number", 100)?.map(|number| Latest::new(at, number)),
            tracking_url: node
                .text("tracking_url", 2_048)?
                .and_then(|url| page::picture_url(&url))
                .map(|url| Latest::new(at, url)),
            shipped_at: shipped.flatten(),
        };
        if node.text("shipment_status", 40)?.as_deref() == Some("delivered") {
            record.deliveries.insert(id.clone(), Latest::new(at, at));
        }
        record.fulfil(id, said);
        Ok(())
    }

    fn refund(&self) -> Result<Said, Refused> {
        let mut record = Self::order_of(&self.top)?;
        self.refund_in(&self.top, None, &mut record)?;
        let at = self.instant(&self.top, "created_at")?.unwrap_or(self.triggered);
        Ok(order_says(at, record))
    }

    /// The money that went back: a refund without successful transactions only takes lines off.
    fn refund_in(&self, node: &Node, shop: Option<Currency>, record: &mut OrderRecord) -> Result<(), Refused> {
        let id = node.need_id("id")?;
        let at = self.instant(node, "created_at")?.unwrap_or(self.triggered);
        let mut back: Option<Money> = None;
        for transaction in node.list("transactions")? {
            let is = |key: &str, word: &str| transaction.text(key, 20).map(|text| text.as_deref() == Some(word));
            if !is("kind", "refund")? || !is("status", "success")? {
                continue;
            }
            let currency = match (transaction.get("currency"), shop) {
                (None, Some(currency)) => currency,
                _ => transaction.currency("currency")?,
            };
            if let Some(amount) = transaction.money("amount", currency)?.map(Money::abs) {
                let sum = back.filter(|back| back.currency == currency).map_or(0, |back| back.minor);
                back = Some(Money { currency, minor: sum.saturating_add(amount.minor) });
            }
        }
        if let Some(back) = back {
            record.refunds.insert(id, Latest::new(at, back));
        }
        Ok(())
    }

    fn take_back(&self, topic: &str) -> Result<Option<Said>, Refused> {
        let status = match topic {
            "returns/request" => ReturnStatus::Requested,
            "returns/approve" | "returns/reopen" => ReturnStatus::Open,
            "returns/close" => ReturnStatus::Closed,
            "returns/decline" => ReturnStatus::Declined,
            "returns/cancel" => ReturnStatus::Cancelled,
            _ => return Ok(None),
        };
        let mut record = Self::order_of(&self.top)?;
        let lines = self.top.list("return_line_items")?;
        let reason = match lines.first() {
            Some(line) => line.text("return_reason", 500)?,
            None => None,
        };
        let said = Return {
            status: Some(Latest::new(self.triggered, status)),
            reason: reason.map(|reason| Latest::new(self.triggered, reason)),
        };
        record.take_back(self.top.need_id("id")?, said);
        Ok(Some(order_says(self.triggered, record)))
    }

    fn subject(&self) -> Result<Subject, Refused> {
        let customer = self.top.need("customer")?;
        let subject = Subject {
            id: customer.id("id")?,
            email: customer.email("email"),
            phone: customer.phone("phone", self.context.calling_code),
        };
        if subject == Subject::default() {
            return Err(self.top.refused("customer", "expected an id, an e-mail address or a telephone number"));
        }
        Ok(subject)
    }

    fn orders(&self, key: &str) -> Result<Vec<String>, Refused> {
        self.top.list(key)?.iter().map(Node::own_id).collect()
    }

    fn privacy(&self, privacy: Privacy) -> Said {
        vec![(self.triggered, Says::Privacy(privacy))]
    }

    fn data_request(&self) -> Result<Said, Refused> {
        let request = self.top.need("data_request")?.need_id("id")?;
        let (subject, orders) = (self.subject()?, self.orders("orders_requested")?);
        Ok(self.privacy(Privacy::DataRequest { request, subject, orders }))
    }

    /// The signature does not cover the topic, so what erases is believed only of a body that can be
    /// nothing else.
    fn customer_redact(&self) -> Result<Said, Refused> {
        if self.top.get("orders_to_redact").is_none() {
            return Err(self.top.refused("orders_to_redact", "missing"));
        }
        self.top.need_id("shop_domain")?;
        let (subject, orders) = (self.subject()?, self.orders("orders_to_redact")?);
        Ok(self.privacy(Privacy::CustomerRedact { subject, orders }))
    }

    fn shop_redact(&self) -> Result<Said, Refused> {
        if let Some(key) = self.top.keys().find(|key| !matches!(*key, "shop_id" | "shop_domain")) {
            return Err(self.top.refused(key, "not expected: the erasure of a shop names the shop only"));
        }
        self.top.need_id("shop_id")?;
        Ok(self.privacy(Privacy::ShopRedact { shop: self.top.need_id("shop_domain")? }))
    }
}
