//! Statements of schema.org (schema.org/Product, `ProductGroup`, Order, `BreadcrumbList`) in JSON-LD.

use serde_json::Value;

use super::offer::offers;
use super::{MOST_STATEMENTS, clean_page, picture_url, product_url, resolved};
use crate::catalogue::text::plain;
use crate::catalogue::{MOST_VARIANTS, Said};
use crate::event::{Item, Order, cut, is_currency, is_decimal};

/// How deep `@graph` and the like are followed.
const DEEPEST: usize = 4;

/// Something that the page states.
#[derive(Debug)]
pub enum Thing {
    Product(Box<Seen>),
    Order(Order),
}

/// A product that the page states.
#[derive(Debug)]
pub struct Seen {
    pub said: Said,
    /// Its own word for its category.
    pub category: Option<String>,
}

impl Seen {
    /// What is stated by other means than JSON-LD. What has no id is named after the page; nothing where it has not even a
    /// name.
    pub fn beside(mut said: Said, address: &str) -> Option<Self> {
        if said.id.is_empty() {
            let page = said.url.as_deref().filter(|_| said.title.is_some()).unwrap_or(address);
            said.id = cut(page, 200);
        }
        let fine = !said.id.is_empty() && said.title.is_some();
        fine.then_some(Self { said, category: None })
    }
}

/// What has to be known of the page.
pub struct Reading<'a> {
    pub address: &'a str,
    /// The currency that it shows amounts in, if it says so elsewhere.
    pub currency: Option<&'a str>,
}

impl Reading<'_> {
    /// What the blocks state, at most so many things as statements.
    pub fn things<'b>(&self, blocks: impl Iterator<Item = &'b str>) -> Vec<Thing> {
        let mut things = Vec::new();
        let mut way = None;
        for block in blocks {
            if let Ok(value) = serde_json::from_str::<Value>(block) {
                self.walk(&value, DEEPEST, &mut things, &mut way);
            }
        }
        let mut products = things.iter_mut().filter_map(|thing| match thing {
            Thing::Product(seen) => Some(seen),
            Thing::Order(_) => None,
        });
        if let (Some(way), Some(only), None) = (way, products.next(), products.next()) {
            only.lies_on(&way);
        }
        things
    }

    fn walk(&self, value: &Value, depth: usize, things: &mut Vec<Thing>, way: &mut Option<Vec<(String, String)>>) {
        if depth == 0 {
            return;
        }
        match value {
            Value::Array(list) => list.iter().for_each(|each| self.walk(each, depth - 1, things, way)),
            Value::Object(thing) => {
                let is = |name| is_type(thing.get("@type"), name);
                let full = things.len() >= MOST_STATEMENTS;
                if is("Product") || is("ProductGroup") {
                    let seen = self.product(value).filter(|_| !full);
                    things.extend(seen.map(|seen| Thing::Product(Box::new(seen))));
                } else if is("Order") {
                    things.extend(self.order(value).filter(|_| !full).map(Thing::Order));
                } else if is("BreadcrumbList") {
                    way.get_or_insert_with(|| breadcrumbs(value));
                } else {
                    for key in ["@graph", "mainEntity", "breadcrumb"] {
                        if let Some(inner) = thing.get(key) {
                            self.walk(inner, depth - 1, things, way);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// A product with its variants.
    pub fn product(&self, value: &Value) -> Option<Seen> {
        let id = id_of(value).or_else(|| text(value, "url"))?;
        let mut said = self.one(value, id);
        said.group = text(value, "inProductGroupWithID")
            .or_else(|| text(first(value, "isVariantOf")?, "productGroupID"))
            .filter(|group| *group != said.id);
        for variant in list(value, "hasVariant").take(MOST_VARIANTS) {
            // A variant that has its own page may be named there by its address only.
            if let Some(id) = id_of(variant).filter(|id| *id != said.id)
                && said.variants.iter().all(|known| known.id != id)
            {
                said.variants.push(Said { description: None, ..self.one(variant, id) });
            }
        }
        let own = offers(value);
        if own.is_empty() {
            let of_variants = list(value, "hasVariant").take(MOST_VARIANTS).flat_map(offers).collect();
            said.offered(of_variants, self.currency);
        }
        Some(Seen { said, category: category(value) })
    }

    /// A product or a variant by itself.
    fn one(&self, value: &Value, id: String) -> Said {
        let offers = offers(value);
        let url = text(value, "url").or_else(|| offers.first()?.url.clone());
        let mut said = Said {
            title: text(value, "name").map(|name| plain(&name, 200)).filter(|name| !name.is_empty()),
            description: long_text(value, "description").map(|text| plain(text, 300)).filter(|text| !text.is_empty()),
            url: url.and_then(|url| product_url(self.address, &url)),
            image: first(value, "image").and_then(|image| self.image(image)),
            categories: categories(value),
            brand: named(first(value, "brand")),
            ..Said::of(id)
        };
        for (theirs, ours) in [("color", "colour"), ("material", "material"), ("pattern", "pattern")] {
            said.attributes.extend(named(first(value, theirs)).map(|value| (ours.to_owned(), value)));
        }
        said.attributes.extend(size(value).map(|size| ("size".to_owned(), size)));
        let gtin = ["gtin13", "gtin", "gtin14", "gtin12", "gtin8"].iter().find_map(|key| text(value, key));
        said.attributes.extend(gtin.map(|gtin| ("gtin".to_owned(), gtin)));
        if let Some(sku) = text(value, "sku").filter(|sku| *sku != said.id) {
            said.attributes.insert("sku".to_owned(), sku);
        }
        for property in list(value, "additionalProperty").take(10) {
            if let (Some(name), Some(value)) = (text(property, "name"), text(property, "value")) {
                said.attributes.entry(name.to_lowercase()).or_insert(value);
            }
        }
        said.offered(offers, self.currency);
        said
    }

    fn image(&self, image: &Value) -> Option<String> {
        let address = match image {
            Value::String(address) => address,
            thing => ["url", "contentUrl"].iter().find_map(|key| thing.get(key)?.as_str())?,
        };
        picture_url(&resolved(self.address, address)?)
    }

    fn order(&self, value: &Value) -> Option<Order> {
        let lines = ["orderedItem", "acceptedOffer"].iter().find_map(|key| value.get(key));
        let lines = match lines {
            Some(Value::Array(list)) => list.iter().collect(),
            Some(thing) => vec![thing],
            None => Vec::new(),
        };
        Some(Order {
            id: text(value, "orderNumber")?,
            total: text(value, "price")
                .or_else(|| text(first(value, "totalPaymentDue")?, "price"))
                .filter(|price| is_decimal(price)),
            currency: text(value, "priceCurrency").filter(|currency| is_currency(currency)),
            items: lines.into_iter().filter_map(|value| self.line(value)).collect(),
            codes: text(value, "discountCode").into_iter().collect(),
        })
    }

    fn line(&self, value: &Value) -> Option<Item> {
        let thing = ["orderedItem", "itemOffered"].iter().find_map(|key| value.get(key)).unwrap_or(value);
        let quantity = value
            .get("orderQuantity")
            .or_else(|| value.get("eligibleQuantity").and_then(|q| q.get("value")))
            .and_then(Value::as_u64)
            .and_then(|n| u32::try_from(n).ok())
            .filter(|n| (1..=10_000).contains(n))
            .unwrap_or(1);
        let Seen { said, category } = self.product(thing)?;
        Some(Item {
            product: said.id,
            name: said.title,
            quantity,
            price: text(value, "price").filter(|price| is_decimal(price)).or(said.price),
            category,
            size: said.attributes.get("size").map(|size| cut(size, 40)),
        })
    }
}

impl Seen {
    /// The way to the page says where the product lies: without the shop's home before it and the product itself behind.
    fn lies_on(&mut self, way: &[(String, String)]) {
        let is_home = |address: &str| {
            let path = address.split_once("://").map_or(address, |(_, rest)| rest);
            !path.trim_end_matches('/').contains('/')
        };
        let way = match way.split_first() {
            Some(((_, address), rest)) if is_home(address) => rest,
            _ => way,
        };
        let way = match way.split_last() {
            Some(((name, _), rest)) if self.said.title.as_ref() == Some(name) => rest,
            _ => way,
        };
        let path = way.iter().map(|(name, _)| name.replace('>', " ")).collect::<Vec<_>>().join(" > ");
        let is_known = |known: &String| known.contains('>') || *known == path;
        if !path.is_empty() && !self.said.categories.iter().any(is_known) {
            self.said.categories.insert(0, cut(&path, 200));
        }
    }
}

/// Names and addresses of the pages above, from the top.
fn breadcrumbs(value: &Value) -> Vec<(String, String)> {
    let mut steps: Vec<(u64, String, String)> = Vec::new();
    for (n, step) in (0_u64..).zip(list(value, "itemListElement").take(10)) {
        let item = step.get("item");
        let name = text(step, "name").or_else(|| text(item?, "name"));
        let address = match item {
            Some(Value::String(address)) => Some(address.clone()),
            Some(thing) => text(thing, "@id").or_else(|| text(thing, "url")),
            None => None,
        };
        let place = step.get("position").and_then(Value::as_u64).unwrap_or(n);
        if let Some(name) = name {
            // Where it has no address it is not the home page.
            let address = address.as_deref().map_or_else(|| "/?".to_owned(), |a| clean_page(a).unwrap_or(a.to_owned()));
            steps.push((place, plain(&name, 80), address));
        }
    }
    steps.sort_by_key(|(place, ..)| *place);
    steps.into_iter().map(|(_, name, address)| (name, address)).collect()
}

fn id_of(value: &Value) -> Option<String> {
    ["sku", "productID", "productGroupID", "mpn", "gtin13", "gtin", "@id"].iter().find_map(|key| text(value, key))
}

/// Whether `@type` names a type, alone or in a list, with or without the vocabulary's address.
fn is_type(stated: Option<&Value>, name: &str) -> bool {
    let fits = |text: &str| text == name || text.strip_suffix(name).is_some_and(|rest| rest.ends_with("schema.org/"));
    match stated {
        Some(Value::String(text)) => fits(text),
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).any(fits),
        _ => false,
    }
}

/// A string, or a number written as one.
pub fn text(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::String(text) => Some(cut(text, 200)).filter(|t| !t.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A text that may be long.
fn long_text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

/// The first of a list, or the thing itself.
pub fn first<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    list(value, key).next()
}

/// All of a list, or the thing itself.
pub fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    let (many, one) = match value.get(key) {
        Some(Value::Array(list)) => (list.as_slice(), None),
        thing => (&[][..], thing),
    };
    many.iter().chain(one)
}

/// A text, or the name of a thing.
fn named(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(plain(text, 80)).filter(|text| !text.is_empty()),
        thing => text(thing, "name").map(|name| plain(&name, 80)),
    }
}

/// Its own word for its category, as text.
fn category(value: &Value) -> Option<String> {
    text(value, "category").or_else(|| categories(value).into_iter().next())
}

fn categories(value: &Value) -> Vec<String> {
    list(value, "category").filter_map(|each| named(Some(each))).take(5).collect()
}

/// A size: a text, or a `SizeSpecification` with a name.
fn size(value: &Value) -> Option<String> {
    text(value, "size").or_else(|| text(first(value, "size")?, "name")).map(|size| cut(&size, 40))
}
