//! Where somebody's clock may stand, and moments by that clock.
//!
//! A zone that somebody named is theirs. Without one, the zones of their country may be, or those of
//! the countries to which their telephone number may belong. What the law forbids is forbidden if it
//! is so by any of these clocks ([`Clocks::zones`]); what is planned is planned by one of them
//! ([`Clocks::planning`]). [`moment`] has the moments that are said in local time.

pub mod calling;
pub mod moment;
mod world;

use std::borrow::Cow;

pub use self::moment::{
    Day, Yearly, after_days_at, end_of_local_day, local_day, local_year, next_weekday_at, next_yearly, start, yearly_in,
};
use crate::law::Country;
use crate::phone::Phone;
use crate::zone::Zone;

/// The zones in which somebody's clock may stand; there is always one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clocks {
    /// Never empty.
    zones: Cow<'static, [Zone]>,
    planning: Zone,
    countries: Cow<'static, [Country]>,
}

impl Clocks {
    /// What is known of somebody: the zone that they named, the country they are in, their number.
    /// `home` is the shop's zone; it plans for those of whom nothing is known.
    pub fn of(zone: Option<&Zone>, country: Option<Country>, phone: Option<&Phone>, home: &Zone) -> Self {
        Self::told(zone, country, phone.map(calling::countries).unwrap_or_default(), home)
    }

    /// The same, where only the countries are known to which their number may belong, the likeliest first.
    pub fn told(zone: Option<&Zone>, country: Option<Country>, of_number: &[Country], home: &Zone) -> Self {
        let countries: Cow<'static, [Country]> = match country {
            Some(country) => vec![country].into(),
            None => of_number.to_vec().into(),
        };
        if let Some(zone) = zone {
            return Self { zones: vec![zone.clone()].into(), planning: zone.clone(), countries };
        }
        // A country that nobody knows leaves the number to tell the clock.
        let zones = match zones_of(&countries) {
            zones if zones.is_empty() && country.is_some() => zones_of(of_number),
            zones => zones,
        };
        match zones.first().cloned() {
            Some(planning) => Self { zones, planning, countries },
            None => Self { zones: world::everywhere().into(), planning: home.clone(), countries },
        }
    }

    /// Every zone that may be theirs: one if it is known, all zones of the world if nothing is.
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }

    /// The zone by which moments are planned: theirs, that of the greatest city of the first country,
    /// or the shop's.
    pub const fn planning(&self) -> &Zone {
        &self.planning
    }

    /// The countries in which they may be, the likeliest first; none where they may be anywhere.
    pub fn countries(&self) -> &[Country] {
        &self.countries
    }

    /// There is but one zone that may be theirs.
    pub fn known(&self) -> bool {
        self.zones.len() == 1
    }
}

fn zones_of(countries: &[Country]) -> Cow<'static, [Zone]> {
    match countries {
        [country] => world::zones(*country).into(),
        countries => {
            let mut zones: Vec<Zone> = Vec::new();
            for zone in countries.iter().flat_map(|country| world::zones(*country)) {
                if !zones.contains(zone) {
                    zones.push(zone.clone());
                }
            }
            zones.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        name.parse().unwrap()
    }

    fn clocks(zone: Option<&str>, country: Option<&str>, phone: Option<&str>) -> Clocks {
        let zone: Option<Zone> = zone.map(|zone| zone.parse().unwrap());
        let phone: Option<Phone> = phone.map(|phone| phone.parse().unwrap());
        let home = "Europe/Vienna".parse().unwrap();
        Clocks::of(zone.as_ref(), country.map(|country| country.parse().unwrap()), phone.as_ref(), &home)
    }

    fn countries(clocks: &Clocks) -> String {
        clocks.countries().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_zone_that_is_known_is_the_only_one() {
        let clocks = clocks(Some("Asia/Riyadh"), Some("US"), Some("+33612345678"));
        assert_eq!(clocks.zones(), [zone("Asia/Riyadh")]);
        assert_eq!((clocks.planning(), countries(&clocks).as_str()), (&zone("Asia/Riyadh"), "US"));
    }

    #[test]
    fn a_country_stands_for_all_its_zones_and_is_planned_by_its_greatest() {
        let clocks = clocks(None, Some("US"), Some("+33612345678"));
        assert_eq!(clocks.zones().len(), 8);
        assert!(clocks.zones().contains(&zone("Pacific/Honolulu")));
        assert_eq!((clocks.planning(), countries(&clocks).as_str()), (&zone("America/New_York"), "US"));
    }

    #[test]
    fn a_number_stands_for_the_countries_it_may_belong_to() {
        let india = clocks(None, None, Some("+919876543210"));
        assert_eq!((india.zones(), countries(&india).as_str()), ([zone("Asia/Kolkata")].as_slice(), "IN"));
        let toll_free = clocks(None, None, Some("+18885550123"));
        assert_eq!((toll_free.planning(), countries(&toll_free).as_str()), (&zone("America/New_York"), "US CA"));
        assert!(toll_free.zones().contains(&zone("America/St_Johns")));
        // Two names of one clock are two zones there, and that does no harm.
        let norway = clocks(None, None, Some("+4740123456"));
        assert_eq!(norway.zones(), [zone("Europe/Oslo"), zone("Arctic/Longyearbyen")]);
    }

    #[test]
    fn of_somebody_unknown_every_clock_counts_and_the_shop_s_plans() {
        for unknown in [
            clocks(None, None, None),
            clocks(None, None, Some("+881612345678")),
            clocks(None, Some("ZZ"), None),
            clocks(None, Some("BV"), None),
        ] {
            assert!(unknown.zones().len() > 60 && !unknown.known());
            assert_eq!(unknown.planning(), &zone("Europe/Vienna"));
        }
        // Its law holds all the same.
        let nowhere = clocks(None, Some("ZZ"), Some("+919876543210"));
        assert_eq!((nowhere.planning(), countries(&nowhere).as_str()), (&zone("Asia/Kolkata"), "ZZ"));
    }
}
