//! What a statement has to keep to before it counts.

use super::text::decimal;
use super::{MOST_VARIANTS, Said, Source};
use crate::address::without_addresses;
use crate::event::cut;
use crate::money::{Currency, Money};
use crate::page::{host, product_url, resolved};

/// What is wrong with a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field at fault, such as `variants[2].price`; empty when it is the statement as a whole.
    pub field: String,
    /// What is wrong and what is expected.
    pub detail: String,
}

impl Fault {
    /// A fault of a field.
    pub fn new(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: field.into(), detail: detail.into() }
    }

    /// The same, of something within.
    #[must_use]
    fn within(self, place: &str) -> Self {
        let field = if self.field.is_empty() { place.to_owned() } else { format!("{place}.{}", self.field) };
        Self { field, ..self }
    }
}

/// What statements are held against: a shop, and the market that they are about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// The shop's home page in this market, from which relative addresses are counted.
    pub home: String,
    /// Origins of the shop's pages, such as `https://shop.example`.
    pub origins: Vec<String>,
    /// Other hosts on which its products have pages: its feeds'.
    pub hosts: Vec<String>,
    /// Hosts on which it keeps pictures, where pages cannot be believed about them. Hosts below its own are known.
    pub image_hosts: Vec<String>,
    /// What amounts are in that name no currency.
    pub currency: Option<Currency>,
}

/// Lengths in characters, and how many.
const TITLE: usize = 200;
const DESCRIPTION: usize = 1_000;
const BRAND: usize = 80;
const CATEGORY: usize = 200;
const MOST_CATEGORIES: usize = 5;
const ATTRIBUTE: (usize, usize) = (40, 100);
const MOST_ATTRIBUTES: usize = 20;

impl Bounds {
    /// A statement as it may be kept: texts within their lengths, addresses of this shop, amounts as plain decimals with
    /// their currency. What a server or a feed says wrongly is named; of what a page says wrongly only addresses on
    /// other people's sites refuse the whole, the rest is left out.
    pub fn check(&self, source: Source, said: Said) -> Result<Said, Fault> {
        let said = if source == Source::Page { self.without_strange_amounts(said) } else { said };
        let group = said.group.as_deref().map(|group| own_id("group", group)).transpose()?;
        let variants = said.variants.clone();
        let mut checked = self.one(source, said)?;
        checked.group = group.filter(|group| *group != checked.id);
        for (n, variant) in variants.into_iter().take(MOST_VARIANTS).enumerate() {
            let place = format!("variants[{n}]");
            if !variant.variants.is_empty() {
                return Err(Fault::new(format!("{place}.variants"), "a variant has no variants of its own"));
            }
            let variant = Said { group: None, ..variant };
            let variant = self.one(source, variant).map_err(|fault| fault.within(&place))?;
            if variant.id != checked.id && checked.variants.iter().all(|known| known.id != variant.id) {
                checked.variants.push(variant);
            } else if variant.id == checked.id {
                // The product's own id as one of its variants: what it says is said of the product.
                checked.learn(variant);
            }
        }
        Ok(checked)
    }

    /// A page that shows amounts in another currency than this market's shows another market's offer, which says nothing
    /// here: neither what it costs nor what of it can be bought.
    fn without_strange_amounts(&self, said: Said) -> Said {
        let strange =
            |code: &str| self.currency.is_some_and(|own| code.parse::<Currency>().is_ok_and(|its| its != own));
        match said.currency.as_deref().filter(|code| strange(code)) {
            Some(_) => Said { price: None, was: None, currency: None, in_stock: None, variants: Vec::new(), ..said },
            None => said,
        }
    }

    /// One product or variant, without its group and its variants.
    fn one(&self, source: Source, said: Said) -> Result<Said, Fault> {
        let text = |text: Option<String>, most: usize| {
            text.map(|text| cut(&without_addresses(&text), most)).filter(|text| !text.is_empty())
        };
        let url = match said.url.filter(|url| !url.trim().is_empty()) {
            Some(url) => Some(self.url(&url)?),
            None => None,
        };
        let image = match said.image.filter(|image| !image.trim().is_empty()) {
            Some(image) => self.image(source, &image)?,
            None => None,
        };
        let money = self.money(source, said.price.as_deref(), said.was.as_deref(), said.currency.as_deref())?;
        let cost = if source == Source::Page { None } else { said.cost };
        let cost = match (cost, money.currency.or(self.currency)) {
            (Some(cost), Some(currency)) => Some(amount("cost", &cost, currency)?),
            (Some(_), None) => return Err(Fault::new("currency", NO_CURRENCY)),
            (None, _) => None,
        };
        let mut categories = Vec::new();
        for category in said.categories.iter().filter_map(|path| path_of(path)) {
            if categories.len() < MOST_CATEGORIES && !categories.contains(&category) {
                categories.push(category);
            }
        }
        let attribute = |(name, value): (String, String)| {
            let name = cut(&name.to_lowercase(), ATTRIBUTE.0);
            let value = cut(&without_addresses(&value), ATTRIBUTE.1);
            (!name.is_empty() && !value.is_empty()).then_some((name, value))
        };
        Ok(Said {
            id: own_id("id", &said.id)?,
            group: None,
            title: text(said.title, TITLE),
            description: text(said.description, DESCRIPTION),
            url,
            image,
            currency: money.currency.filter(|_| money.price.is_some() || cost.is_some()).map(String::from),
            price: money.price,
            was: money.was,
            cost: cost.map(plain),
            in_stock: said.in_stock,
            categories,
            brand: text(said.brand, BRAND),
            attributes: said.attributes.into_iter().filter_map(attribute).take(MOST_ATTRIBUTES).collect(),
            variants: Vec::new(),
        })
    }

    fn url(&self, url: &str) -> Result<String, Fault> {
        let clean = product_url(&self.home, url)
            .ok_or_else(|| Fault::new("url", "expected an address of at most 2048 characters, http:// or https://"))?;
        let its = host(&clean);
        // An old feed may say http where the shop has https by now.
        if let Some(origin) = self.origins.iter().find(|origin| host(origin) == its) {
            let path = clean.split_once("://").map_or("", |(_, rest)| rest);
            let scheme = origin.split("://").next().unwrap_or("https");
            return Ok(format!("{scheme}://{path}"));
        }
        if self.hosts.iter().any(|known| known == its) {
            return Ok(clean);
        }
        let known: Vec<&str> = self.origins.iter().map(|origin| host(origin)).collect();
        Err(Fault::new("url", format!("{its} is not the shop's; expected an address on {}", known.join(" or "))))
    }

    /// The address of a picture. A page's own word is not enough for one on somebody else's site.
    fn image(&self, source: Source, image: &str) -> Result<Option<String>, Fault> {
        let clean = resolved(&self.home, image).and_then(|image| crate::page::picture_url(&image));
        match clean {
            Some(clean) if source > Source::Page || self.keeps_pictures(host(&clean)) => Ok(Some(clean)),
            None if source > Source::Page => {
                Err(Fault::new("image", "expected the address of a picture, http:// or https://"))
            }
            _ => Ok(None),
        }
    }

    fn keeps_pictures(&self, its: &str) -> bool {
        let below = |origin: &String| {
            let own = host(origin);
            let own = own.strip_prefix("www.").unwrap_or(own);
            its.strip_suffix(own).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        self.origins.iter().any(below) || self.image_hosts.iter().chain(&self.hosts).any(|known| known == its)
    }

    fn money(
        &self,
        source: Source,
        price: Option<&str>,
        was: Option<&str>,
        currency: Option<&str>,
    ) -> Result<Amounts, Fault> {
        let some = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let (price, was, named) = (some(price), some(was), some(currency));
        let read = || {
            let currency = match &named {
                Some(code) => Some(code.parse().map_err(|e: crate::id::Malformed| Fault::new("currency", e.0))?),
                None => self.currency,
            };
            let Some(price) = &price else { return Ok(Amounts { currency, price: None, was: None }) };
            let Some(currency) = currency else { return Err(Fault::new("currency", NO_CURRENCY)) };
            let price = amount("price", price, currency)?;
            let was = was.as_deref().map(|was| amount("was", was, currency)).transpose()?;
            Ok(Amounts {
                currency: Some(currency),
                was: was.filter(|was| was.minor > price.minor).map(plain),
                price: Some(plain(price)),
            })
        };
        match read() {
            // On pages nothing stands for what is only told on request.
            Ok(amounts) if source == Source::Page && amounts.price.as_deref().is_some_and(is_zero) => {
                Ok(Amounts::default())
            }
            Err(_) if source == Source::Page => Ok(Amounts::default()),
            read => read,
        }
    }
}

const NO_CURRENCY: &str = "missing; expected a currency of ISO 4217, such as \"EUR\", beside the amount";

/// What something costs, checked.
#[derive(Default)]
struct Amounts {
    currency: Option<Currency>,
    price: Option<String>,
    was: Option<String>,
}

fn is_zero(decimal: &str) -> bool {
    decimal.bytes().all(|byte| matches!(byte, b'0' | b'.'))
}

fn amount(field: &str, text: &str, currency: Currency) -> Result<Money, Fault> {
    // What people write is read too, as long as it means one amount.
    let plain = decimal(text).filter(|_| !text.trim_start().starts_with('-'));
    let read = plain.and_then(|plain| Money::rounded(&plain, currency).ok());
    read.ok_or_else(|| Fault::new(field, "expected a plain decimal, such as \"19.90\""))
}

/// The amount without its currency.
fn plain(money: Money) -> String {
    money.to_string().split(' ').next().unwrap_or_default().to_owned()
}

/// A shop's own id: never cut, because two that are cut could become one.
pub fn own_id(field: &str, text: &str) -> Result<String, Fault> {
    let id = text.trim();
    if (1..=120).contains(&id.chars().count()) && !id.chars().any(char::is_control) {
        Ok(id.to_owned())
    } else {
        Err(Fault::new(field, "expected an id of 1 to 120 printable characters"))
    }
}

/// A category's path with ` > ` between its parts.
fn path_of(path: &str) -> Option<String> {
    let parts = path.split('>').map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).take(8).collect();
    Some(cut(&without_addresses(&parts.join(" > ")), CATEGORY)).filter(|path| !path.is_empty())
}
