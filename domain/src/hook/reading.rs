//! Walking through JSON of others with the path at hand, so that a fault names its field.

use serde_json::Value;

use super::{Refused, plausible, when};
use crate::address::Email;
use crate::event::cut;
use crate::money::{Currency, Money};
use crate::order::Line;
use crate::phone::{CallingCode, Phone};
use crate::time::Timestamp;

/// A value and where it stands. What is `null` is not there.
#[derive(Clone)]
pub struct Node<'a> {
    value: &'a Value,
    path: String,
}

/// Reads a body whose top is an object.
pub fn object(body: &[u8]) -> Result<Value, Refused> {
    match serde_json::from_slice(body) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(Refused::unreadable("", "expected a JSON object")),
        Err(error) => Err(Refused::unreadable("", error.to_string())),
    }
}

/// A shop's own id: never cut, because two that are cut could become one.
pub fn clean_id(field: &str, text: &str) -> Result<String, Refused> {
    let id = text.trim();
    if (1..=120).contains(&id.chars().count()) && !id.chars().any(char::is_control) {
        Ok(id.to_owned())
    } else {
        Err(Refused::unreadable(field, "expected an id of 1 to 120 printable characters"))
    }
}

/// Whether a word is a size: `M`, `XXL`, `3XL`, `One Size`, or a number that may say whose (`EU 38`, `8.5`).
fn is_size(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let lettered = match word.trim_start_matches(|c: char| c.is_ascii_digit()) {
        counted if counted.len() < word.len() => matches!(counted, "xs" | "xl"),
        _ => word == "m" || matches!(word.trim_start_matches('x'), "s" | "l"),
    };
    let number = ["eu", "uk", "us", "size"].iter().find_map(|whose| word.strip_prefix(whose)).unwrap_or(&word);
    let numbered = number.trim().parse::<f32>().is_ok_and(|n| (1.0..=70.0).contains(&n) && (n * 2.0).fract() == 0.0);
    lettered || numbered || ["one size", "small", "medium", "large"].contains(&word.as_str())
}

impl<'a> Node<'a> {
    pub fn top(value: &'a Value) -> Self {
        Self { value, path: String::new() }
    }

    pub fn path(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    pub fn refused(&self, key: &str, detail: &str) -> Refused {
        Refused::unreadable(self.path(key), detail)
    }

    pub fn keys(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.value.as_object().into_iter().flat_map(|object| object.keys().map(String::as_str))
    }

    pub fn get(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(Self { value, path: self.path(key) })
    }

    /// An object, or nothing.
    pub fn inner(&self, key: &str) -> Result<Option<Self>, Refused> {
        match self.get(key) {
            Some(node) if !node.value.is_object() => Err(self.refused(key, "expected an object")),
            node => Ok(node),
        }
    }

    pub fn need(&self, key: &str) -> Result<Self, Refused> {
        self.inner(key)?.ok_or_else(|| self.refused(key, "missing"))
    }

    /// The values of a list; none, when it is not there.
    pub fn list(&self, key: &str) -> Result<Vec<Self>, Refused> {
        let Some(node) = self.get(key) else { return Ok(Vec::new()) };
        let list = node.value.as_array().ok_or_else(|| self.refused(key, "expected a list"))?;
        let at = |(n, value)| Self { value, path: format!("{}[{n}]", node.path) };
        Ok(list.iter().enumerate().map(at).collect())
    }

    /// A string, or a number as it is written.
    fn word(&self) -> Option<String> {
        match self.value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Text that is not empty, cut to so many characters.
    pub fn text(&self, key: &str, most: usize) -> Result<Option<String>, Refused> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let text = node.word().ok_or_else(|| self.refused(key, "expected text"))?;
        Ok(Some(cut(&text, most)).filter(|text| !text.is_empty()))
    }

    /// An id; an empty one, and the 0 by which some mean nobody, is not there.
    pub fn id(&self, key: &str) -> Result<Option<String>, Refused> {
        let Some(node) = self.get(key) else { return Ok(None) };
        node.own_id().map(|id| Some(id).filter(|id| !id.is_empty() && id != "0"))
    }

    /// The value itself as an id.
    pub fn own_id(&self) -> Result<String, Refused> {
        let word = self.word().ok_or_else(|| Refused::unreadable(&self.path, "expected an id"))?;
        if word.is_empty() { Ok(word) } else { clean_id(&self.path, &word) }
    }

    pub fn need_id(&self, key: &str) -> Result<String, Refused> {
        self.id(key)?.ok_or_else(|| self.refused(key, "missing"))
    }

    pub fn whole(&self, key: &str) -> Result<Option<i64>, Refused> {
        let Some(node) = self.get(key) else { return Ok(None) };
        node.value.as_i64().map(Some).ok_or_else(|| self.refused(key, "expected a whole number"))
    }

    /// How many: 1 to 10,000; more are taken for 10,000, less for nothing.
    pub fn quantity(&self, key: &str) -> Result<Option<u32>, Refused> {
        let count = self.whole(key)?.unwrap_or(1).clamp(0, 10_000);
        Ok(u32::try_from(count).ok().filter(|count| *count > 0))
    }

    pub fn instant(&self, key: &str, now: Timestamp) -> Result<Option<Timestamp>, Refused> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let text = node.value.as_str().ok_or_else(|| self.refused(key, "expected a moment in text (RFC 3339)"))?;
        if text.is_empty() {
            return Ok(None);
        }
        let at = when::read(text).ok_or_else(|| self.refused(key, "expected a moment such as 2026-11-22T06:00:00Z"))?;
        plausible(&node.path, at, now).map(Some)
    }

    pub fn money(&self, key: &str, currency: Currency) -> Result<Option<Money>, Refused> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let decimal = node.word().ok_or_else(|| self.refused(key, "expected a decimal"))?;
        if decimal.is_empty() {
            return Ok(None);
        }
        Money::rounded(&decimal, currency).map(Some).map_err(|malformed| self.refused(key, malformed.0))
    }

    pub fn currency(&self, key: &str) -> Result<Currency, Refused> {
        let code = self.text(key, 12)?.ok_or_else(|| self.refused(key, "missing"))?;
        code.parse().map_err(|malformed: crate::id::Malformed| self.refused(key, malformed.0))
    }

    /// An address, unless it is not one: a platform's sloppy address does not cost the order.
    pub fn email(&self, key: &str) -> Option<Email> {
        self.get(key)?.value.as_str()?.parse().ok()
    }

    /// A telephone number, unless it is not one.
    pub fn phone(&self, key: &str, country: Option<CallingCode>) -> Option<Phone> {
        Phone::parse(&self.get(key)?.word()?, country).ok()
    }

    /// What can be read of it, else nothing.
    pub fn parsed<T: core::str::FromStr>(&self, key: &str) -> Option<T> {
        self.get(key)?.value.as_str()?.parse().ok()
    }

    /// A line of goods as shops on platforms write one; nothing where it names no product, or none of it.
    pub fn line(&self, currency: Currency) -> Result<Option<Line>, Refused> {
        let Some(quantity) = self.quantity("quantity")? else { return Ok(None) };
        let product = match self.id("product_id")? {
            Some(id) => id,
            None => match self.id("sku")? {
                Some(sku) => sku,
                None => return Ok(None),
            },
        };
        let name = match self.text("name", 200)? {
            None => self.text("title", 200)?,
            name => name,
        };
        let price = self.money("price", currency)?;
        Ok(Some(Line { product, name, quantity, price, category: None, size: self.size() }))
    }

    /// The size of a line of goods: one of WooCommerce's attributes, or a part of Shopify's title of the variant
    /// that looks like one (`M / Navy`). Neither says a category. What cannot be read says nothing.
    fn size(&self) -> Option<String> {
        let word = |node: &Self, key: &str| node.parsed::<String>(key).unwrap_or_default();
        let attribute = self.list("meta_data").unwrap_or_default().into_iter().find(|attribute| {
            let name = |key| word(attribute, key).to_lowercase();
            matches!(name("key").trim_start_matches("pa_"), "size") || name("display_key") == "size"
        });
        if let Some(attribute) = attribute {
            let said = [word(&attribute, "display_value"), word(&attribute, "value")];
            return said.iter().map(|size| cut(size, 40)).find(|size| !size.is_empty());
        }
        let variant = word(self, "variant_title");
        variant.split('/').map(str::trim).find(|part| is_size(part)).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_platforms_write_them() {
        for (line, size) in [
            (r#"{"variant_title":"M / Navy"}"#, Some("M")),
            (r#"{"variant_title":"Navy / 3XL"}"#, Some("3XL")),
            (r#"{"variant_title":"EU 38"}"#, Some("EU 38")),
            (r#"{"variant_title":"500 / Lemon"}"#, None),
            (r#"{"variant_title":"3l"}"#, None),
            (r#"{"variant_title":"Default Title"}"#, None),
            (r#"{"variant_title":7}"#, None),
            (
                r#"{"meta_data":[{"key":"pa_color","value":"navy"},{"key":"pa_size","value":"m","display_value":"M"}]}"#,
                Some("M"),
            ),
            (r#"{"meta_data":[{"key":"size","value":"42"}]}"#, Some("42")),
            (r#"{"meta_data":"none"}"#, None),
        ] {
            let value = serde_json::from_str(line).unwrap();
            assert_eq!(Node::top(&value).size().as_deref(), size, "{line}");
        }
    }
}
