//! What the law asks of whoever writes to people: a table, each fact with its source.
//!
//! One row for a jurisdiction (EU, UK, US, Canada, Australia), the places inside them that ask for
//! more, and [`Jurisdiction::Elsewhere`], which is not written down but computed: the strictest of
//! everything in the table. [`of`] finds the rules for a country and a region of it; where the
//! region is not known, the strictest of the country's.
//!
//! The table is a careful reading by people who write software, not legal advice. How far a fact
//! was checked stands beside it ([`Checked`]); where it could not be, the stricter reading stands.

mod decide;
mod fact;
#[cfg(feature = "zones")]
mod holidays;
mod hours;
mod local;
mod markdown;
mod place;
mod rows;
mod strict;
#[cfg(feature = "zones")]
mod text_window;

use std::collections::BTreeMap;
use std::sync::LazyLock;

pub use self::decide::{Decision, Retention, WITHDRAWAL, forget, may_market, may_text};
pub use self::fact::{
    BusinessDays, Checked, Confirmation, Contents, Fact, KeepAtLeast, KeepAtMost, Prior, SoftOptIn, Source, Terms,
};
#[cfg(feature = "zones")]
pub use self::holidays::holiday;
pub use self::hours::{Hours, Local, Weekday, Window};
pub use self::markdown::markdown;
pub use self::place::{Country, Jurisdiction, Region};
#[cfg(feature = "zones")]
pub use self::text_window::{Opens, TextWindow, text_window};
use crate::consent::Channel;
use crate::published::DeviceConsent;

/// What the law of one place asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// What marketing by e-mail needs beforehand.
    pub email: Fact<Prior>,
    /// What marketing by text needs beforehand.
    pub texts: Fact<Prior>,
    /// Whether a purchase stands in for consent to e-mail.
    pub email_after_purchase: Fact<SoftOptIn>,
    /// Whether a purchase stands in for consent to texts.
    pub texts_after_purchase: Fact<SoftOptIn>,
    /// Whether the address must be proven by its owner (double opt-in).
    pub confirmation: Fact<Confirmation>,
    /// Whether the device must be asked before anything is stored on it or read from it.
    pub device: Fact<DeviceConsent>,
    /// When marketing texts may arrive, in the recipient's local time.
    pub text_hours: Fact<Hours>,
    /// What a marketing e-mail must contain.
    pub email_contents: Fact<Contents>,
    /// What a marketing text must contain.
    pub text_contents: Fact<Contents>,
    /// By when a withdrawal must be honoured. Here it is honoured at once, always: [`WITHDRAWAL`].
    pub withdrawal: Fact<BusinessDays>,
    /// How long the proof of a consent is kept after its last use or its end.
    pub proof: Fact<KeepAtLeast>,
    /// How long data of somebody who gives no sign may be kept for marketing.
    pub silence: Fact<KeepAtMost>,
}

impl Rules {
    /// What marketing on a channel needs beforehand.
    pub fn prior(&self, channel: Channel) -> Prior {
        match channel {
            Channel::Email => self.email.value,
            Channel::Sms => self.texts.value,
            Channel::Device if self.device.value == DeviceConsent::Free => Prior::NotAsked,
            Channel::Device => Prior::Consent,
        }
    }

    /// Whether a purchase stands in for consent on a channel; never for the device.
    pub fn after_purchase(&self, channel: Channel) -> SoftOptIn {
        match channel {
            Channel::Email => self.email_after_purchase.value,
            Channel::Sms => self.texts_after_purchase.value,
            Channel::Device => SoftOptIn::Never,
        }
    }
}

/// The rules where somebody is. `None` for what is not known: the country's strictest region, or
/// for an unknown country the strictest of all.
pub fn of(country: Option<Country>, region: Option<Region>) -> &'static Rules {
    let Some(country) = country else { return &TABLE.elsewhere };
    let base = || TABLE.countries.get(&country).unwrap_or(&TABLE.rows[Jurisdiction::of(country) as usize]);
    match region {
        Some(region) => TABLE.regions.get(&(country, region)).unwrap_or_else(base),
        None => TABLE.careful.get(&country).unwrap_or_else(base),
    }
}

/// The rules of a jurisdiction without the places in it that ask for more.
pub fn row(jurisdiction: Jurisdiction) -> &'static Rules {
    &TABLE.rows[jurisdiction as usize]
}

/// The places that ask for more than their jurisdiction: countries, then regions of countries.
pub fn places() -> impl Iterator<Item = (Country, Option<Region>, &'static Rules)> {
    let countries = TABLE.countries.iter().map(|(country, rules)| (*country, None, rules));
    countries.chain(TABLE.regions.iter().map(|((country, region), rules)| (*country, Some(*region), rules)))
}

/// When marketing texts may arrive, in the recipient's local time.
pub fn text_hours(country: Option<Country>, region: Option<Region>) -> &'static Fact<Hours> {
    &of(country, region).text_hours
}

struct Table {
    /// By the number of their jurisdiction; the last is the strictest of all.
    rows: [Rules; 6],
    countries: BTreeMap<Country, Rules>,
    regions: BTreeMap<(Country, Region), Rules>,
    /// For a country with such regions: the strictest of them and of the rest.
    careful: BTreeMap<Country, Rules>,
    elsewhere: Rules,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let written = [rows::eu(), rows::uk(), rows::us(), rows::ca(), rows::au()];
    let countries = local::countries(&written[Jurisdiction::Eu as usize]);
    let regions = local::regions(&written[Jurisdiction::Us as usize], &written[Jurisdiction::Ca as usize]);
    let mut careful: BTreeMap<Country, Rules> = BTreeMap::new();
    for ((country, _), rules) in &regions {
        let so_far = careful.remove(country).unwrap_or_else(|| written[Jurisdiction::of(*country) as usize].clone());
        careful.insert(*country, so_far.strictest(rules));
    }
    let [first, others @ ..] = &written;
    let elsewhere = others
        .iter()
        .chain(countries.values())
        .chain(careful.values())
        .fold(first.clone(), |strictest, rules| strictest.strictest(rules));
    let [eu, uk, us, ca, au] = written;
    Table { rows: [eu, uk, us, ca, au, elsewhere.clone()], countries, regions, careful, elsewhere }
});

#[cfg(test)]
mod tests;
