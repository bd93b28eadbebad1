//! What the attributes of a Google Merchant feed mean (support.google.com/merchants, "Product data specification").

use crate::catalogue::text::{decimal, plain};
use crate::catalogue::{Fault, Said};
use crate::time::Timestamp;

use super::Raw;

/// The most fields of one item that are looked at.
pub const MOST_FIELDS: usize = 200;

/// Attributes that describe a product, and what we call them.
const ATTRIBUTES: [(&str, &str); 13] = [
    ("color", "colour"),
    ("size", "size"),
    ("material", "material"),
    ("pattern", "pattern"),
    ("gender", "gender"),
    ("age_group", "age"),
    ("gtin", "gtin"),
    ("mpn", "mpn"),
    ("custom_label_0", "label 0"),
    ("custom_label_1", "label 1"),
    ("custom_label_2", "label 2"),
    ("custom_label_3", "label 3"),
    ("custom_label_4", "label 4"),
];

/// An item's fields by name, in the order in which they stand there. Empty ones are not there.
#[derive(Debug, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Adds a field under the name of the specification: without prefix, small, with underscores.
    pub fn add(&mut self, name: &str, value: &str) {
        let value = value.trim();
        if !value.is_empty() && self.0.len() < MOST_FIELDS {
            self.0.push((field_name(name), value.to_owned()));
        }
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    fn get<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// What the item says.
    pub fn read(&self, now: Timestamp) -> Raw {
        let id = self.get("id").map(str::to_owned);
        match self.said(now) {
            Ok(said) => Raw::Said(Box::new(said)),
            Err(fault) => Raw::Fault(id, fault),
        }
    }

    fn said(&self, now: Timestamp) -> Result<Said, Fault> {
        let id = self.get("id").ok_or_else(|| Fault::new("id", "missing; expected the shop's id of the product"))?;
        let amount = |name: &str| self.get(name).map(|text| amount(name, text)).transpose();
        let (price, reduced) = (amount("price")?, amount("sale_price")?);
        let reduced = match (&reduced, self.get("sale_price_effective_date")) {
            (Some(_), Some(span)) if !is_now(span, now)? => None,
            _ => reduced,
        };
        if let (Some((_, full)), Some((_, other))) = (&price, &reduced)
            && full != other
        {
            return Err(Fault::new("sale_price", format!("expected the currency of the price, {full}")));
        }
        let (price, was) = match (price, reduced) {
            (full, Some(reduced)) => (Some(reduced), full),
            (full, None) => (full, None),
        };
        let types: Vec<String> = self.all("product_type").map(|path| plain(path, 200)).collect();
        // Google's own categories may be numbers, which say nothing here.
        let google = self.all("google_product_category").filter(|path| path.parse::<u32>().is_err());
        let categories = if types.is_empty() { google.map(|path| plain(path, 200)).collect() } else { types };
        let attribute = |&(theirs, ours): &(&str, &str)| Some((ours.to_owned(), plain(self.get(theirs)?, 100)));
        let description = ["description", "summary", "content"].into_iter().find_map(|name| self.get(name));
        let (cost, cost_currency) = amount("cost_of_goods_sold")?.unzip();
        let (price, currency) = price.unzip();
        if let (Some(currency), Some(other)) = (&currency, &cost_currency)
            && currency != other
        {
            return Err(Fault::new("cost_of_goods_sold", format!("expected the currency of the price, {currency}")));
        }
        Ok(Said {
            id: id.to_owned(),
            group: self.get("item_group_id").map(str::to_owned),
            title: self.get("title").map(|title| plain(title, 200)),
            description: description.map(|text| plain(text, 1_000)),
            url: self.get("link").map(str::to_owned),
            image: self.get("image_link").map(str::to_owned),
            price,
            was: was.map(|(was, _)| was),
            currency: currency.or(cost_currency),
            cost,
            in_stock: self.get("availability").map(available).transpose()?,
            categories,
            brand: self.get("brand").map(|brand| plain(brand, 80)),
            attributes: ATTRIBUTES.iter().filter_map(attribute).collect(),
            variants: Vec::new(),
        })
    }
}

/// A field's name as the specification writes it, from `g:image_link`, `Image Link` or `image link`.
pub fn field_name(name: &str) -> String {
    let name = name.trim();
    let local = name.rsplit(':').next().unwrap_or(name);
    local.split([' ', '_', '-']).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_").to_lowercase()
}

/// `19.90 EUR`, or with the currency before it.
fn amount(field: &str, text: &str) -> Result<(String, String), Fault> {
    let currency = text.split(|c: char| !c.is_ascii_alphabetic()).find(|word| word.len() == 3);
    match (decimal(text), currency) {
        (Some(amount), Some(currency)) => Ok((amount, currency.to_ascii_uppercase())),
        _ => Err(Fault::new(field, format!("{:?} is no amount; expected one such as \"19.90 EUR\"", short(text)))),
    }
}

fn available(text: &str) -> Result<bool, Fault> {
    match field_name(text).as_str() {
        "in_stock" | "preorder" | "pre_order" | "backorder" | "back_order" | "instock" | "available" => Ok(true),
        "out_of_stock" | "outofstock" | "sold_out" | "discontinued" => Ok(false),
        _ => Err(Fault::new(
            "availability",
            format!("{:?} is not known; expected in_stock, out_of_stock, preorder or backorder", short(text)),
        )),
    }
}

/// Whether a span of time is now: two moments (ISO 8601) with a slash between.
fn is_now(span: &str, now: Timestamp) -> Result<bool, Fault> {
    let read = |text: &str| text.trim().parse::<jiff::Timestamp>().ok().map(|at| Timestamp(at.as_millisecond()));
    let ends = span.split_once('/').and_then(|(from, to)| Some((read(from)?, read(to)?)));
    let (from, to) = ends.ok_or_else(|| {
        let detail = "expected two moments, such as 2026-11-22T00:00+01:00/2026-11-29T23:59+01:00";
        Fault::new("sale_price_effective_date", detail)
    })?;
    Ok((from..=to).contains(&now))
}

fn short(text: &str) -> String {
    crate::event::cut(text, 40)
}
