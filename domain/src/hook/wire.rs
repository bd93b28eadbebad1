//! Our own form of webhook, version 1. The same objects are the lines of an imported NDJSON file.
//!
//! Moments are RFC 3339 (`2026-11-22T06:00:00Z`), amounts decimals in strings (`"19.90"`), ids the
//! shop's own. Fields that are not known are passed over, so that a speaker may say more.

use serde::Deserialize;

/// The body of a webhook.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Hook"))]
pub struct Hook {
    /// Version of this form of data: 1.
    pub v: u32,
    /// The statement's id, 1 to 120 characters. Said twice, it counts once.
    pub id: String,
    /// When what it tells of happened.
    pub at: String,
    /// What happened; it decides which of the objects must be there.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Whom it is about: needed for customers, welcome with orders.
    #[serde(default)]
    pub customer: Option<Customer>,
    /// Which order it is about: needed for all but customers.
    #[serde(default)]
    pub order: Option<Order>,
    /// With `payment.received`.
    #[serde(default)]
    pub payment: Option<Amount>,
    /// With `fulfilment.shipped`.
    #[serde(default)]
    pub fulfilment: Option<Fulfilment>,
    /// With `delivery.arrived`.
    #[serde(default)]
    pub delivery: Option<Delivery>,
    /// With `refund.made`.
    #[serde(default)]
    pub refund: Option<Amount>,
    /// With `return.requested` and `return.received`.
    #[serde(default, rename = "return")]
    pub back: Option<Return>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "HookType"))]
pub enum Kind {
    /// An order came in.
    #[serde(rename = "order.placed")]
    OrderPlaced,
    /// Something about it changed.
    #[serde(rename = "order.updated")]
    OrderUpdated,
    /// Money came in for it.
    #[serde(rename = "payment.received")]
    PaymentReceived,
    /// A parcel left.
    #[serde(rename = "fulfilment.shipped")]
    FulfilmentShipped,
    /// A parcel arrived.
    #[serde(rename = "delivery.arrived")]
    DeliveryArrived,
    /// It will not be carried out.
    #[serde(rename = "order.cancelled")]
    OrderCancelled,
    /// Money was paid back.
    #[serde(rename = "refund.made")]
    RefundMade,
    /// Somebody wants to send something back.
    #[serde(rename = "return.requested")]
    ReturnRequested,
    /// It came back.
    #[serde(rename = "return.received")]
    ReturnReceived,
    /// A customer is new, or changed.
    #[serde(rename = "customer.updated")]
    CustomerUpdated,
    /// The shop deleted a customer.
    #[serde(rename = "customer.deleted")]
    CustomerDeleted,
}

/// A customer. Fields that are left out stay as they were; lists count as a whole.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "HookCustomer"))]
pub struct Customer {
    /// The shop's id. Guests have none.
    #[serde(default)]
    pub id: Option<String>,
    /// E-mail addresses.
    #[serde(default)]
    pub emails: Option<Vec<String>>,
    /// Telephone numbers with their country, such as `+49 30 901820`.
    #[serde(default)]
    pub phones: Option<Vec<String>>,
    /// Given name.
    #[serde(default)]
    pub given_name: Option<String>,
    /// Family name.
    #[serde(default)]
    pub family_name: Option<String>,
    /// `MM-DD` or `YYYY-MM-DD`.
    #[serde(default)]
    pub birthday: Option<String>,
    /// BCP 47, such as `de` or `pt-br`.
    #[serde(default)]
    pub language: Option<String>,
    /// ISO 3166, such as `DE`.
    #[serde(default)]
    pub country: Option<String>,
    /// The number of the loyalty card.
    #[serde(default)]
    pub loyalty_id: Option<String>,
    /// The points on the account.
    #[serde(default)]
    pub points: Option<Points>,
    /// What was allowed, with its origin.
    #[serde(default)]
    pub permissions: Vec<Permission>,
    /// In files: when the row was changed last.
    #[serde(default)]
    pub updated: Option<String>,
}

/// Points of a loyalty programme that the shop runs.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "HookPoints"))]
pub struct Points {
    /// How many there are.
    pub balance: u32,
    /// How many of them end first; goes with `ends`.
    #[serde(default)]
    pub ending: Option<u32>,
    /// When those end: the first moment at which they are gone.
    #[serde(default)]
    pub ends: Option<String>,
}

/// A permission. Given ones need to say when, how, and in which words or by what they were recorded:
/// without, the customer is taken in, but there is no right to write.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "HookPermission"))]
pub struct Permission {
    /// `email.marketing` or `sms.marketing`.
    pub permission: String,
    /// Given, else taken back.
    pub given: bool,
    /// When.
    #[serde(default)]
    pub at: Option<String>,
    /// How, such as `checkbox at checkout`.
    #[serde(default)]
    pub method: Option<String>,
    /// The words that were agreed to.
    #[serde(default)]
    pub wording: Option<String>,
    /// What recorded it, such as `till Hamburg`.
    #[serde(default)]
    pub source: Option<String>,
    /// The owner of the address has proven it (double opt-in).
    #[serde(default)]
    pub proven: bool,
}

/// An order. Fields that are left out stay as they were; `items` counts as a whole.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "HookOrder"))]
pub struct Order {
    /// The shop's id.
    pub id: String,
    /// The number that people see, where it is another.
    #[serde(default)]
    pub number: Option<String>,
    /// When it was placed.
    #[serde(default)]
    pub placed: Option<String>,
    /// In files: when the row was changed last.
    #[serde(default)]
    pub updated: Option<String>,
    /// When it was cancelled.
    #[serde(default)]
    pub cancelled: Option<String>,
    /// The shop's id for the customer.
    #[serde(default)]
    pub customer_id: Option<String>,
    /// E-mail address given with the order.
    #[serde(default)]
    pub email: Option<String>,
    /// Telephone number given with the order.
    #[serde(default)]
    pub phone: Option<String>,
    /// The language it was placed in.
    #[serde(default)]
    pub language: Option<String>,
    /// Where it goes, ISO 3166.
    #[serde(default)]
    pub country: Option<String>,
    /// ISO 4217; needed where amounts are named.
    #[serde(default)]
    pub currency: Option<String>,
    /// The sum, a decimal.
    #[serde(default)]
    pub total: Option<String>,
    /// What was bought, at most 500 lines.
    #[serde(default)]
    pub items: Option<Vec<Item>>,
    /// Codes that were redeemed, at most 20.
    #[serde(default)]
    pub codes: Vec<String>,
    /// All that was paid so far.
    #[serde(default)]
    pub payments: Vec<Amount>,
    /// All that left so far.
    #[serde(default)]
    pub fulfilments: Vec<Fulfilment>,
    /// All that arrived so far.
    #[serde(default)]
    pub deliveries: Vec<Delivery>,
    /// All that was paid back so far.
    #[serde(default)]
    pub refunds: Vec<Amount>,
    /// All that came back so far.
    #[serde(default)]
    pub returns: Vec<Return>,
}

/// A line of an order.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "HookItem"))]
pub struct Item {
    /// The shop's id or SKU.
    pub product: String,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// How many, 1 to 10,000.
    pub quantity: u32,
    /// Price of one, a decimal.
    #[serde(default)]
    pub price: Option<String>,
    /// Its category, as journeys and segments ask for it.
    #[serde(default)]
    pub category: Option<String>,
    /// Its size, where it has one.
    #[serde(default)]
    pub size: Option<String>,
}

/// A payment or a refund.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "HookAmount"))]
pub struct Amount {
    /// Its id, best the payment provider's. Said again, the last word counts.
    pub id: String,
    /// A decimal, above zero.
    pub amount: String,
    /// ISO 4217; the order's, where it is left out.
    #[serde(default)]
    pub currency: Option<String>,
}

/// A parcel.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "HookFulfilment"))]
pub struct Fulfilment {
    /// Its id.
    pub id: String,
    /// When it left.
    #[serde(default)]
    pub shipped: Option<String>,
    /// Who carries it.
    #[serde(default)]
    pub carrier: Option<String>,
    /// The carrier's number for it.
    #[serde(default)]
    pub tracking_number: Option<String>,
    /// Where one can see how far it has come.
    #[serde(default)]
    pub tracking_url: Option<String>,
}

/// An arrival.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "HookDelivery"))]
pub struct Delivery {
    /// The id of the fulfilment that arrived.
    pub id: String,
    /// When it arrived.
    #[serde(default)]
    pub arrived: Option<String>,
}

/// A return.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "HookReturn"))]
pub struct Return {
    /// Its id.
    pub id: String,
    /// Why, in the shop's words.
    #[serde(default)]
    pub reason: Option<String>,
    /// The goods are back; in `order.returns` only.
    #[serde(default)]
    pub received: bool,
}
