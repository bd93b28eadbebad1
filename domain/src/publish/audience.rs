//! To whom a campaign is shown, as `audience` in its `[when]` says.

use serde::Deserialize;
use toml::Spanned;

use super::files::Files;
use super::journey::Decimal;
use crate::campaign::{Audience, Device, Glob};
use crate::money::{Currency, Money};

/// One condition, or a group of them.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AudienceText {
    all: Option<Vec<Spanned<AudienceText>>>,
    any: Option<Vec<Spanned<AudienceText>>>,
    not: Option<Box<Spanned<AudienceText>>>,
    page: Option<Words>,
    device: Option<Words>,
    visitor: Option<String>,
    known: Option<bool>,
    cart_from: Option<Decimal>,
    cart_below: Option<Decimal>,
    referrer: Option<Words>,
}

/// One text or several.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text or a list of them")]
enum Words {
    One(String),
    Several(Vec<String>),
}

impl Words {
    fn list(&self) -> &[String] {
        match self {
            Self::One(one) => core::slice::from_ref(one),
            Self::Several(several) => several,
        }
    }

    fn globs(&self) -> Vec<Glob> {
        self.list().iter().map(|text| Glob(text.clone())).collect()
    }
}

impl AudienceText {
    /// The sorts there are, in the order in which they are asked for.
    const SORTS: &str = "all, any, not, page, device, visitor, known, cart_from, cart_below or referrer";

    fn given(&self) -> usize {
        [
            self.all.is_some(),
            self.any.is_some(),
            self.not.is_some(),
            self.page.is_some(),
            self.device.is_some(),
            self.visitor.is_some(),
            self.known.is_some(),
            self.cart_from.is_some(),
            self.cart_below.is_some(),
            self.referrer.is_some(),
        ]
        .into_iter()
        .filter(|given| *given)
        .count()
    }
}

/// The file in which an audience is read.
pub struct Asked<'f, 's> {
    pub files: &'f mut Files<'s>,
    pub path: &'f str,
    /// The shop's, in which amounts are.
    pub currency: Option<Currency>,
}

impl Asked<'_, '_> {
    /// Reads an audience, or notes what is wrong with it.
    pub fn audience(&mut self, text: &Spanned<AudienceText>) -> Option<Audience> {
        let said = text.get_ref();
        if said.given() != 1 {
            return self.wrong(text, &format!("expected one of {}", AudienceText::SORTS));
        }
        if let Some(list) = &said.all {
            return self.each(text, list).map(Audience::All);
        }
        if let Some(list) = &said.any {
            return self.each(text, list).map(Audience::Any);
        }
        if let Some(inner) = &said.not {
            return self.audience(inner).map(not);
        }
        if let Some(devices) = &said.device {
            return self.devices(text, devices).map(Audience::Device);
        }
        if let Some(page) = &said.page {
            return Some(Audience::Page(page.globs()));
        }
        if let Some(hosts) = &said.referrer {
            return self.hosts(text, hosts).map(Audience::Referrer);
        }
        if let Some(visitor) = &said.visitor {
            return match visitor.as_str() {
                "returning" => Some(Audience::Returning),
                "new" => Some(not(Audience::Returning)),
                other => self.wrong(text, &format!("{other:?} is not known here; expected \"new\" or \"returning\"")),
            };
        }
        if let Some(known) = said.known {
            return Some(if known { Audience::Known } else { not(Audience::Known) });
        }
        if let Some(least) = &said.cart_from {
            return self.amount(text, least).map(Audience::CartFrom);
        }
        let least = self.amount(text, said.cart_below.as_ref()?)?;
        Some(not(Audience::CartFrom(least)))
    }

    fn each(&mut self, around: &Spanned<AudienceText>, list: &[Spanned<AudienceText>]) -> Option<Vec<Audience>> {
        if list.is_empty() {
            return self.wrong(around, "expected at least one condition");
        }
        // All are read, so that all that is wrong is said.
        let read: Vec<Option<Audience>> = list.iter().map(|one| self.audience(one)).collect();
        read.into_iter().collect()
    }

    fn devices(&mut self, around: &Spanned<AudienceText>, said: &Words) -> Option<Vec<Device>> {
        let find = |name: &String| Device::ALL.into_iter().find(|device| device.as_str() == name);
        let devices: Option<Vec<Device>> = said.list().iter().map(find).collect();
        let devices = devices.filter(|devices| !devices.is_empty());
        devices.or_else(|| self.wrong(around, "expected \"phone\", \"tablet\" or \"desktop\", or a list of them"))
    }

    fn hosts(&mut self, around: &Spanned<AudienceText>, said: &Words) -> Option<Vec<Glob>> {
        if said.list().iter().any(|host| host.contains(['/', ':', ' '])) || said.list().is_empty() {
            let how = "expected hosts such as \"*.instagram.com\", or \"direct\" for those who came from nowhere";
            return self.wrong(around, how);
        }
        let host = |host: &String| Glob(if host == "direct" { String::new() } else { host.clone() });
        Some(said.list().iter().map(host).collect())
    }

    fn amount(&mut self, around: &Spanned<AudienceText>, decimal: &Decimal) -> Option<Money> {
        let Some(currency) = self.currency else {
            let how = "an amount of money needs currency = \"EUR\", or another one, in shop.toml";
            return self.wrong(around, how);
        };
        match Money::exact(&decimal.0, currency) {
            Ok(money) if money.minor > 0 => Some(money),
            Ok(_) => self.wrong(around, "expected an amount above nothing"),
            Err(error) => self.wrong(around, &format!("{error} ({currency})")),
        }
    }

    fn wrong<T>(&mut self, at: &Spanned<AudienceText>, message: &str) -> Option<T> {
        self.files.wrong_at(self.path, at.span(), format!("audience: {message}"));
        None
    }
}

fn not(audience: Audience) -> Audience {
    Audience::Not(Box::new(audience))
}

#[cfg(test)]
mod tests;
