//! From hostile JSON to a [`Fact`].

mod sold;

use std::borrow::Cow;

use super::SignedName;
use crate::address::without_addresses;
use crate::identity::NameKind;

use serde::Deserialize;
use serde_json::value::RawValue;

use self::sold::{WireCart, WireOrder, WireProduct, cart, order, product};
use super::Event;
use super::clock::DeviceClock;
use super::fact::{Fact, Product, Shelf};
use crate::campaign::survey::LONGEST;
use crate::catalogue::Said;
use crate::consent::DEVICE;
use crate::id::{EventId, Slug};
use crate::page::{self, Raw, Stated};
use crate::time::Timestamp;

/// A field at fault and what is wrong with it.
pub struct Fault {
    pub field: String,
    pub detail: String,
}

fn fault(field: impl Into<String>, detail: impl Into<String>) -> Fault {
    Fault { field: field.into(), detail: detail.into() }
}

/// Text borrowed from the body where nothing was escaped in it.
type Text<'a> = Cow<'a, str>;

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Event"))]
pub struct WireEvent<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    at: i64,
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(default, borrow)]
    url: Option<Text<'a>>,
    #[serde(default, borrow)]
    referrer: Option<Text<'a>>,
    #[serde(default, borrow)]
    title: Option<Text<'a>>,
    #[serde(default, borrow)]
    ld: Vec<Text<'a>>,
    /// Of a page: names and contents of its `<meta>` that begin with `og:` or `product:`.
    #[serde(default, borrow)]
    meta: Vec<(Text<'a>, Text<'a>)>,
    /// Of a page about one product: its properties in microdata and their values, as `.name`; those of an offer as
    /// `offers.price`.
    #[serde(default, borrow)]
    micro: Vec<(Text<'a>, Text<'a>)>,
    /// Of a page: what its data layer says of the product that is looked at, as JSON: the event `view_item` and its
    /// `ecommerce` in a list.
    #[serde(default, borrow)]
    layer: Vec<Text<'a>>,
    #[serde(default, borrow)]
    product: Option<WireProduct<'a>>,
    #[serde(default, borrow)]
    cart: Option<WireCart<'a>>,
    #[serde(default, borrow)]
    order: Option<WireOrder<'a>>,
    #[serde(default, borrow)]
    campaign: Option<Text<'a>>,
    #[serde(default, borrow)]
    version: Option<Text<'a>>,
    #[serde(default, borrow, rename = "as")]
    shape: Option<Text<'a>>,
    #[serde(default, borrow)]
    why: Option<Text<'a>>,
    #[serde(default)]
    given: Option<bool>,
    #[serde(default, borrow)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<serde_json::Value>"))]
    email: Option<&'a RawValue>,
    #[serde(default, borrow)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<serde_json::Value>"))]
    customer: Option<&'a RawValue>,
    #[serde(default, borrow)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<serde_json::Value>"))]
    phone: Option<&'a RawValue>,
    /// The shop's signature of the name: `t=<unix seconds>,v1=<hex>` over `customer:ID`, `email:ADDRESS` or
    /// `phone:NUMBER`, with the secret of its generic webhook. Without it a name is a claim, and nothing is
    /// done with it.
    #[serde(default, borrow)]
    proof: Option<Text<'a>>,
    /// The token behind `#rapport=` of an address in one of our letters.
    #[serde(default, borrow)]
    link: Option<Text<'a>>,
    #[serde(default, borrow)]
    name: Option<Text<'a>>,
    #[serde(default, borrow)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<serde_json::Value>"))]
    data: Option<&'a RawValue>,
    /// Name of a shelf.
    #[serde(default, borrow)]
    shelf: Option<Text<'a>>,
    /// The market that it was filled for.
    #[serde(default, borrow)]
    market: Option<Text<'a>>,
    /// The id of the product that the page with the shelf is about.
    #[serde(default, borrow)]
    beside: Option<Text<'a>>,
    /// The ids of what stands on it, at most 24.
    #[serde(default, borrow)]
    products: Vec<Text<'a>>,
    /// A product's place on it, from 1.
    #[serde(default)]
    place: Option<u32>,
    /// Of an answer to a survey: what it has in common with the others of the same time, made up by the page.
    #[serde(default, borrow)]
    response: Option<Text<'a>>,
    /// The name of the question.
    #[serde(default, borrow)]
    question: Option<Text<'a>>,
    /// What was chosen, at most 24.
    #[serde(default, borrow)]
    choices: Vec<Text<'a>>,
    /// What was said in words, at most 1,000 characters.
    #[serde(default, borrow)]
    words: Option<Text<'a>>,
    /// No question follows.
    #[serde(default)]
    last: bool,
}

/// Which of the envelope's fields a body that cannot be read is wrong in, as far as that can be said.
pub fn top_field(body: &str) -> &'static str {
    #[derive(Deserialize)]
    struct Shape {
        #[serde(rename = "v")]
        _v: u32,
        #[serde(rename = "sent")]
        _sent: i64,
        #[serde(rename = "events")]
        _events: Vec<serde::de::IgnoredAny>,
    }
    let mut reader = serde_json::Deserializer::from_str(body);
    match serde_path_to_error::deserialize::<_, Shape>(&mut reader) {
        Ok(_) => "",
        Err(error) => {
            let path = error.path().to_string();
            let said = error.inner().to_string();
            ["v", "sent", "events"]
                .into_iter()
                .find(|field| path == *field || said.contains(&format!("`{field}`")))
                .unwrap_or_default()
        }
    }
}

/// Reads one event, and what is stated with it: by the page about itself, or by its script about a product.
pub fn read_event(raw: &str, clock: &DeviceClock) -> Result<(Event, Stated), Fault> {
    let wire: WireEvent = serde_json::from_str(raw).map_err(|_| type_fault(raw))?;
    let id: EventId = wire.id.parse().map_err(|e| fault("id", format!("{e}")))?;
    let at = clock.correct(Timestamp(wire.at)).map_err(|detail| fault("at", detail))?;
    let mut stated = Stated::default();
    if wire.kind == "page.viewed" {
        let address = wire.url.as_deref().and_then(page::clean_page).unwrap_or_default();
        let raw = Raw { address: &address, ld: &wire.ld, meta: &wire.meta, micro: &wire.micro, layer: &wire.layer };
        stated = page::read(&raw);
    }
    let fact = fact(wire)?;
    if let Fact::ProductViewed { url, product } = &fact {
        stated.said.push(said(product, url.as_deref()));
    }
    Ok((Event { id, at, fact }, stated))
}

/// What a page's script says of a product.
fn said(product: &Product, url: Option<&str>) -> Said {
    let price = product.price.clone();
    Said {
        title: product.name.clone().filter(|name| !name.is_empty()),
        url: product.url.clone().or_else(|| page::clean_page(url?)),
        image: product.image.clone(),
        currency: product.currency.clone().filter(|_| price.is_some()),
        price,
        in_stock: product.in_stock,
        categories: product.category.iter().cloned().collect(),
        attributes: product.size.iter().map(|size| ("size".to_owned(), size.clone())).collect(),
        ..Said::of(&product.id)
    }
}

/// The slow way to the same error, to be able to name the field.
fn type_fault(raw: &str) -> Fault {
    match serde_path_to_error::deserialize::<_, WireEvent>(&mut serde_json::Deserializer::from_str(raw)) {
        Ok(_) => fault("", "not readable"),
        Err(error) => {
            let said = error.inner().to_string();
            fault(field_at_fault(&error.path().to_string(), &said), said)
        }
    }
}

/// The field that a reader of JSON stumbled over. `path` is where it stood, `said` what it said: the
/// path of a missing field ends where it should have been.
pub fn field_at_fault(path: &str, said: &str) -> String {
    let parent = if path == "." { "" } else { path };
    let missing = said.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    match missing {
        Some(name) if parent.is_empty() => name.to_owned(),
        Some(name) => format!("{parent}.{name}"),
        None => parent.to_owned(),
    }
}

fn fact(wire: WireEvent) -> Result<Fact, Fault> {
    let campaign = |wire: &WireEvent| -> Result<String, Fault> {
        let name = need("campaign", wire.campaign.as_deref())?;
        name.parse::<Slug>().map(String::from).map_err(|e| fault("campaign", format!("{e}")))
    };
    let version = |wire: &WireEvent| clean("version", wire.version.as_deref().unwrap_or_default(), 64);
    Ok(match &*wire.kind {
        "page.viewed" => Fact::PageViewed {
            url: page_url("url", need("url", wire.url.as_deref())?)?,
            referrer: wire.referrer.as_deref().filter(|r| !r.is_empty()).and_then(origin_of),
            title: wire.title.as_deref().map(|title| cut(&without_addresses(title), 200)).filter(|t| !t.is_empty()),
        },
        "product.viewed" => Fact::ProductViewed {
            url: wire.url.as_deref().map(|url| page_url("url", url)).transpose()?,
            product: product(need("product", wire.product)?)?,
        },
        "cart.changed" => Fact::CartChanged { cart: cart(need("cart", wire.cart)?)? },
        "order.placed" => Fact::OrderPlaced { order: order(need("order", wire.order)?)? },
        "campaign.shown" => Fact::CampaignShown {
            campaign: campaign(&wire)?,
            version: version(&wire)?,
            shape: clean("as", wire.shape.as_deref().unwrap_or("popup"), 20)?,
            why: clean("why", wire.why.as_deref().unwrap_or_default(), 80)?,
        },
        "campaign.closed" => Fact::CampaignClosed { campaign: campaign(&wire)?, version: version(&wire)? },
        "campaign.answered" => Fact::CampaignAnswered { campaign: campaign(&wire)?, version: version(&wire)? },
        "consent.changed" => Fact::ConsentChanged { permission: DEVICE.to_string(), given: need("given", wire.given)? },
        "identified" => Fact::Identified {
            signed: signed_name(&wire)?,
            link: wire.link.as_deref().map(|link| clean("link", link, 120)).transpose()?,
            claims: [
                ("email", wire.email.is_some()),
                ("customer", wire.customer.is_some()),
                ("phone", wire.phone.is_some()),
                ("link", wire.link.is_some()),
            ]
            .into_iter()
            .filter_map(|(name, there)| there.then_some(name))
            .collect(),
        },
        "custom" => Fact::Custom { name: custom_name(wire.name.as_deref())?, data: custom_data(wire.data)? },
        "shelf.shown" => Fact::ShelfShown { shelf: shelf(&wire)?, products: on_shelf(&wire.products)? },
        "shelf.held" => Fact::ShelfHeld { shelf: shelf(&wire)?, products: on_shelf(&wire.products)? },
        "shelf.clicked" => Fact::ShelfClicked {
            shelf: shelf(&wire)?,
            place: place(wire.place)?,
            why: clean("why", wire.why.as_deref().unwrap_or_default(), 80)?,
            product: product(need("product", wire.product)?)?,
        },
        "survey.answered" => Fact::SurveyAnswered {
            campaign: campaign(&wire)?,
            version: version(&wire)?,
            response: need("response", wire.response.as_deref())?
                .parse::<EventId>()
                .map(|id| id.0.to_string())
                .map_err(|error| fault("response", error.to_string()))?,
            question: slug("question", wire.question.as_deref())?,
            choices: choices(&wire.choices)?,
            words: wire.words.as_deref().map(said_in_words).filter(|words| !words.is_empty()),
            last: wire.last,
            // An answer counts, whatever the page says of itself.
            url: wire.url.as_deref().and_then(page::clean_page),
            cart: wire.cart.and_then(|said| cart(said).ok()),
        },
        "shelf.dismissed" => Fact::ShelfDismissed {
            shelf: shelf(&wire)?,
            place: place(wire.place)?,
            product: product(need("product", wire.product)?)?,
        },
        other => {
            return Err(fault(
                "type",
                format!(
                    "{:?} is not known; expected page.viewed, product.viewed, cart.changed, order.placed, campaign.shown, campaign.closed, campaign.answered, consent.changed, identified, custom, shelf.shown, shelf.held, shelf.clicked, shelf.dismissed or survey.answered",
                    cut(other, 40)
                ),
            ));
        }
    })
}

/// So many choices a question has.
const MOST_CHOICES: usize = 24;

fn choices(said: &[Text<'_>]) -> Result<Vec<String>, Fault> {
    if said.len() > MOST_CHOICES {
        return Err(fault("choices", format!("{}; expected at most {MOST_CHOICES}", said.len())));
    }
    said.iter().map(|choice| slug("choices", Some(choice))).collect()
}

fn slug(field: &str, text: Option<&str>) -> Result<String, Fault> {
    need(field, text)?.parse::<Slug>().map(String::from).map_err(|error| fault(field, error.to_string()))
}

/// Words of a shopper's own. Who wants to be written to says so in a form.
fn said_in_words(words: &str) -> String {
    let in_one_line = words.replace(char::is_control, " ");
    cut(&without_addresses(&in_one_line), LONGEST)
}

/// Products that one shelf shows, at most.
const MOST_ON_SHELF: u32 = 24;

fn shelf(wire: &WireEvent) -> Result<Shelf, Fault> {
    let name = |field: &str, text: Option<&str>| -> Result<String, Fault> {
        need(field, text)?.parse::<Slug>().map(String::from).map_err(|error| fault(field, error.to_string()))
    };
    Ok(Shelf {
        shelf: name("shelf", wire.shelf.as_deref())?,
        version: clean("version", wire.version.as_deref().unwrap_or_default(), 64)?,
        market: name("market", wire.market.as_deref())?,
        beside: wire.beside.as_deref().map(|id| clean_id("beside", id)).transpose()?,
    })
}

fn on_shelf(ids: &[Text]) -> Result<Vec<String>, Fault> {
    match u32::try_from(ids.len()) {
        Ok(1..=MOST_ON_SHELF) => {
            ids.iter().enumerate().map(|(n, id)| clean_id(&format!("products[{n}]"), id)).collect()
        }
        _ => Err(fault("products", format!("expected the ids of 1 to {MOST_ON_SHELF} products"))),
    }
}

fn place(place: Option<u32>) -> Result<u32, Fault> {
    let place = need("place", place)?;
    let on_shelf = (1..=MOST_ON_SHELF).contains(&place);
    if on_shelf { Ok(place) } else { Err(fault("place", format!("expected 1 to {MOST_ON_SHELF}"))) }
}

fn need<T>(field: &str, value: Option<T>) -> Result<T, Fault> {
    value.ok_or_else(|| fault(field, "missing; this type of event needs it"))
}

fn custom_name(name: Option<&str>) -> Result<String, Fault> {
    let name = need("name", name)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "._- ".contains(c);
    if (1..=60).contains(&name.len()) && name.chars().all(plain) {
        Ok(name.to_owned())
    } else {
        Err(fault("name", "expected 1 to 60 letters, digits, dots, hyphens or spaces"))
    }
}

/// The longest free data of a custom event, in bytes.
const DATA_BYTES: usize = 2_048;

/// The strongest name that was sent with a signature.
fn signed_name(wire: &WireEvent) -> Result<Option<SignedName>, Fault> {
    let Some(proof) = wire.proof.as_deref() else { return Ok(None) };
    let proof = clean("proof", proof, 300)?;
    let given = [
        (NameKind::Customer, "customer", wire.customer),
        (NameKind::Email, "email", wire.email),
        (NameKind::Phone, "phone", wire.phone),
    ];
    let Some((kind, field, raw)) = given.into_iter().find_map(|(kind, field, raw)| Some((kind, field, raw?))) else {
        return Err(fault("proof", "it comes with a customer, an email or a phone"));
    };
    let name = match serde_json::from_str(raw.get()) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(serde_json::Value::Number(number)) => number.to_string(),
        _ => return Err(fault(field, "expected a text")),
    };
    Ok(Some(SignedName { kind, name: clean(field, name.trim(), 254)?, proof }))
}

fn custom_data(data: Option<&RawValue>) -> Result<Option<serde_json::Value>, Fault> {
    let Some(data) = data else { return Ok(None) };
    if data.get().len() > DATA_BYTES {
        return Err(fault("data", format!("{} bytes; at most {DATA_BYTES} are kept", data.get().len())));
    }
    let mut data: serde_json::Value = serde_json::from_str(data.get()).map_err(|e| fault("data", e.to_string()))?;
    leave_addresses_out(&mut data);
    Ok(Some(data))
}

/// A page may put into its own events what it likes; what is kept in plain text holds no address.
fn leave_addresses_out(data: &mut serde_json::Value) {
    use serde_json::Value;
    match data {
        Value::String(text) => *text = without_addresses(text).into_owned(),
        Value::Array(list) => list.iter_mut().for_each(leave_addresses_out),
        Value::Object(fields) => {
            *fields = core::mem::take(fields)
                .into_iter()
                .map(|(name, mut value)| {
                    leave_addresses_out(&mut value);
                    (without_addresses(&name).into_owned(), value)
                })
                .collect();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Text for showing: control characters out, white space at the ends off, cut to so many characters.
pub(crate) fn cut(text: &str, chars: usize) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(chars).collect()
}

/// The same, where there is any of it.
fn shown(text: Option<&str>, chars: usize) -> Option<String> {
    text.map(|text| cut(text, chars)).filter(|text| !text.is_empty())
}

/// A short word of our own loader: refused when it is longer than it can be.
fn clean(field: &str, text: &str, most: usize) -> Result<String, Fault> {
    if text.chars().count() <= most && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err(fault(field, format!("expected at most {most} printable characters")))
    }
}

/// A shop's own id: never cut, because two that are cut could become one.
fn clean_id(field: &str, text: &str) -> Result<String, Fault> {
    let id = text.trim();
    if (1..=120).contains(&id.chars().count()) && !id.chars().any(char::is_control) {
        Ok(id.to_owned())
    } else {
        Err(fault(field, "expected an id of 1 to 120 printable characters"))
    }
}

/// Money: a plain decimal of at most 12 digits before and 4 after the point.
pub(crate) fn is_decimal(text: &str) -> bool {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    (1..=12).contains(&whole.len())
        && (1..=4).contains(&part.len())
        && [whole, part].iter().all(|p| p.bytes().all(|b| b.is_ascii_digit()))
}

fn decimal(field: &str, text: Option<&str>) -> Result<Option<String>, Fault> {
    match text {
        None => Ok(None),
        Some(text) if is_decimal(text) => Ok(Some(text.to_owned())),
        Some(_) => Err(fault(field, "expected a decimal in a string, such as \"19.90\"")),
    }
}

pub(crate) fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase())
}

fn currency(field: &str, text: Option<&str>) -> Result<Option<String>, Fault> {
    match text {
        None => Ok(None),
        Some(text) if is_currency(text) => Ok(Some(text.to_owned())),
        Some(_) => Err(fault(field, "expected three capital letters (ISO 4217), such as \"EUR\"")),
    }
}

fn page_url(field: &str, text: &str) -> Result<String, Fault> {
    page::clean_url(text).ok_or_else(|| {
        fault(field, "expected an address of at most 2048 characters that begins with http:// or https://")
    })
}

/// The address of a picture, query included: shops' image servers need it.
fn picture_url(field: &str, text: &str) -> Result<String, Fault> {
    page::picture_url(text).ok_or_else(|| fault(field, "expected the address of a picture, http:// or https://"))
}

/// Scheme and host: where somebody came from, not what they looked at there.
fn origin_of(text: &str) -> Option<String> {
    let clean = page::clean_url(text)?;
    let after_scheme = clean.find("://")? + 3;
    let end = clean.get(after_scheme..)?.find('/').map_or(clean.len(), |n| after_scheme + n);
    clean.get(..end).map(str::to_owned)
}
