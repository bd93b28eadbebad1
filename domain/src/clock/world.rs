//! Which clocks there are in a country, and in the world.
//!
//! Facts of the IANA time zone database, which is in the public domain: zone.tab for the names that
//! countries know their zones by, zone1970.tab for which countries a zone reaches into. Of zones
//! whose clocks show the same from 2026 on, as version 2026e has it, one is listed. The first of a
//! country is that of its greatest city, by which most of it lives. A later database that parts
//! clocks which are one here needs a look at this table.

use std::sync::LazyLock;

use crate::law::Country;
use crate::zone::Zone;

/// The zones of a country, the most populous first; none where nobody lives or no such country is.
pub fn zones(country: Country) -> &'static [Zone] {
    let place = COUNTRIES.binary_search_by_key(&country, |(country, _)| *country);
    place.ok().and_then(|place| COUNTRIES.get(place)).map_or(&[], |(_, zones)| zones)
}

/// One zone for each clock of the world.
pub fn everywhere() -> &'static [Zone] {
    &EVERYWHERE
}

/// Every country of the table.
#[cfg(test)]
pub fn countries() -> impl Iterator<Item = Country> {
    COUNTRIES.iter().map(|(country, _)| *country)
}

static COUNTRIES: LazyLock<Vec<(Country, Vec<Zone>)>> = LazyLock::new(|| {
    let read = |(country, names): &(&str, &str)| {
        Some((country.parse().ok()?, names.split_whitespace().filter_map(|name| name.parse().ok()).collect()))
    };
    OF_COUNTRIES.iter().filter_map(read).collect()
});

static EVERYWHERE: LazyLock<Vec<Zone>> =
    LazyLock::new(|| OF_THE_WORLD.iter().filter_map(|name| name.parse().ok()).collect());

/// By ISO 3166-1 in its order, and `XK`, which it leaves to its users, for Kosovo. Bouvet Island and
/// Heard Island are without people.
#[rustfmt::skip]
const OF_COUNTRIES: [(&str, &str); 248] = [
    ("AD", "Europe/Andorra"), ("AE", "Asia/Dubai"), ("AF", "Asia/Kabul"), ("AG", "America/Antigua"),
    ("AI", "America/Anguilla"), ("AL", "Europe/Tirane"), ("AM", "Asia/Yerevan"), ("AO", "Africa/Luanda"),
    ("AQ", "Antarctica/McMurdo Antarctica/Palmer Antarctica/Davis Antarctica/Casey Antarctica/DumontDUrville \
        Antarctica/Mawson Antarctica/Syowa Antarctica/Troll"),
    ("AR", "America/Argentina/Buenos_Aires"), ("AS", "Pacific/Pago_Pago"), ("AT", "Europe/Vienna"),
    ("AU", "Australia/Sydney Australia/Brisbane Australia/Perth Australia/Adelaide Australia/Darwin \
        Australia/Lord_Howe Australia/Eucla"),
    ("AW", "America/Aruba"), ("AX", "Europe/Mariehamn"), ("AZ", "Asia/Baku"), ("BA", "Europe/Sarajevo"),
    ("BB", "America/Barbados"), ("BD", "Asia/Dhaka"), ("BE", "Europe/Brussels"), ("BF", "Africa/Ouagadougou"),
    ("BG", "Europe/Sofia"), ("BH", "Asia/Bahrain"), ("BI", "Africa/Bujumbura"), ("BJ", "Africa/Porto-Novo"),
    ("BL", "America/St_Barthelemy"), ("BM", "Atlantic/Bermuda"), ("BN", "Asia/Brunei"), ("BO", "America/La_Paz"),
    ("BQ", "America/Kralendijk"), ("BR", "America/Sao_Paulo America/Manaus America/Rio_Branco America/Noronha"),
    ("BS", "America/Nassau"), ("BT", "Asia/Thimphu"), ("BW", "Africa/Gaborone"), ("BY", "Europe/Minsk"),
    ("BZ", "America/Belize"),
    ("CA", "America/Toronto America/Vancouver America/Edmonton America/Winnipeg America/Halifax America/Regina \
        America/St_Johns America/Whitehorse America/Blanc-Sablon America/Atikokan America/Cambridge_Bay \
        America/Rankin_Inlet"),
    ("CC", "Indian/Cocos"), ("CD", "Africa/Kinshasa Africa/Lubumbashi"), ("CF", "Africa/Bangui"),
    ("CG", "Africa/Brazzaville"), ("CH", "Europe/Zurich"), ("CI", "Africa/Abidjan"), ("CK", "Pacific/Rarotonga"),
    ("CL", "America/Santiago America/Punta_Arenas Pacific/Easter"), ("CM", "Africa/Douala"),
    ("CN", "Asia/Shanghai Asia/Urumqi"), ("CO", "America/Bogota"), ("CR", "America/Costa_Rica"),
    ("CU", "America/Havana"), ("CV", "Atlantic/Cape_Verde"), ("CW", "America/Curacao"), ("CX", "Indian/Christmas"),
    ("CY", "Asia/Nicosia"), ("CZ", "Europe/Prague"), ("DE", "Europe/Berlin"), ("DJ", "Africa/Djibouti"),
    ("DK", "Europe/Copenhagen"), ("DM", "America/Dominica"), ("DO", "America/Santo_Domingo"),
    ("DZ", "Africa/Algiers"), ("EC", "America/Guayaquil Pacific/Galapagos"), ("EE", "Europe/Tallinn"),
    ("EG", "Africa/Cairo"), ("EH", "Africa/El_Aaiun"), ("ER", "Africa/Asmara"),
    ("ES", "Europe/Madrid Atlantic/Canary"), ("ET", "Africa/Addis_Ababa"), ("FI", "Europe/Helsinki"),
    ("FJ", "Pacific/Fiji"), ("FK", "Atlantic/Stanley"), ("FM", "Pacific/Chuuk Pacific/Pohnpei"),
    ("FO", "Atlantic/Faroe"), ("FR", "Europe/Paris"), ("GA", "Africa/Libreville"), ("GB", "Europe/London"),
    ("GD", "America/Grenada"), ("GE", "Asia/Tbilisi"), ("GF", "America/Cayenne"), ("GG", "Europe/Guernsey"),
    ("GH", "Africa/Accra"), ("GI", "Europe/Gibraltar"), ("GL", "America/Nuuk America/Thule America/Danmarkshavn"),
    ("GM", "Africa/Banjul"), ("GN", "Africa/Conakry"), ("GP", "America/Guadeloupe"), ("GQ", "Africa/Malabo"),
    ("GR", "Europe/Athens"), ("GS", "Atlantic/South_Georgia"), ("GT", "America/Guatemala"), ("GU", "Pacific/Guam"),
    ("GW", "Africa/Bissau"), ("GY", "America/Guyana"), ("HK", "Asia/Hong_Kong"), ("HN", "America/Tegucigalpa"),
    ("HR", "Europe/Zagreb"), ("HT", "America/Port-au-Prince"), ("HU", "Europe/Budapest"),
    ("ID", "Asia/Jakarta Asia/Makassar Asia/Jayapura"), ("IE", "Europe/Dublin"), ("IL", "Asia/Jerusalem"),
    ("IM", "Europe/Isle_of_Man"), ("IN", "Asia/Kolkata"), ("IO", "Indian/Chagos"), ("IQ", "Asia/Baghdad"),
    ("IR", "Asia/Tehran"), ("IS", "Atlantic/Reykjavik"), ("IT", "Europe/Rome"), ("JE", "Europe/Jersey"),
    ("JM", "America/Jamaica"), ("JO", "Asia/Amman"), ("JP", "Asia/Tokyo"), ("KE", "Africa/Nairobi"),
    ("KG", "Asia/Bishkek"), ("KH", "Asia/Phnom_Penh"), ("KI", "Pacific/Tarawa Pacific/Kanton Pacific/Kiritimati"),
    ("KM", "Indian/Comoro"), ("KN", "America/St_Kitts"), ("KP", "Asia/Pyongyang"), ("KR", "Asia/Seoul"),
    ("KW", "Asia/Kuwait"), ("KY", "America/Cayman"), ("KZ", "Asia/Almaty"), ("LA", "Asia/Vientiane"),
    ("LB", "Asia/Beirut"), ("LC", "America/St_Lucia"), ("LI", "Europe/Vaduz"), ("LK", "Asia/Colombo"),
    ("LR", "Africa/Monrovia"), ("LS", "Africa/Maseru"), ("LT", "Europe/Vilnius"), ("LU", "Europe/Luxembourg"),
    ("LV", "Europe/Riga"), ("LY", "Africa/Tripoli"), ("MA", "Africa/Casablanca"), ("MC", "Europe/Monaco"),
    ("MD", "Europe/Chisinau"), ("ME", "Europe/Podgorica"), ("MF", "America/Marigot"),
    ("MG", "Indian/Antananarivo"), ("MH", "Pacific/Majuro"), ("MK", "Europe/Skopje"), ("ML", "Africa/Bamako"),
    ("MM", "Asia/Yangon"), ("MN", "Asia/Ulaanbaatar Asia/Hovd"), ("MO", "Asia/Macau"), ("MP", "Pacific/Saipan"),
    ("MQ", "America/Martinique"), ("MR", "Africa/Nouakchott"), ("MS", "America/Montserrat"),
    ("MT", "Europe/Malta"), ("MU", "Indian/Mauritius"), ("MV", "Indian/Maldives"), ("MW", "Africa/Blantyre"),
    ("MX", "America/Mexico_City America/Tijuana America/Hermosillo America/Cancun America/Matamoros \
        America/Ciudad_Juarez"),
    ("MY", "Asia/Kuala_Lumpur"), ("MZ", "Africa/Maputo"), ("NA", "Africa/Windhoek"), ("NC", "Pacific/Noumea"),
    ("NE", "Africa/Niamey"), ("NF", "Pacific/Norfolk"), ("NG", "Africa/Lagos"), ("NI", "America/Managua"),
    ("NL", "Europe/Amsterdam"), ("NO", "Europe/Oslo"), ("NP", "Asia/Kathmandu"), ("NR", "Pacific/Nauru"),
    ("NU", "Pacific/Niue"), ("NZ", "Pacific/Auckland Pacific/Chatham"), ("OM", "Asia/Muscat"),
    ("PA", "America/Panama"), ("PE", "America/Lima"), ("PF", "Pacific/Tahiti Pacific/Marquesas Pacific/Gambier"),
    ("PG", "Pacific/Port_Moresby Pacific/Bougainville"), ("PH", "Asia/Manila"), ("PK", "Asia/Karachi"),
    ("PL", "Europe/Warsaw"), ("PM", "America/Miquelon"), ("PN", "Pacific/Pitcairn"), ("PR", "America/Puerto_Rico"),
    ("PS", "Asia/Gaza"), ("PT", "Europe/Lisbon Atlantic/Azores"), ("PW", "Pacific/Palau"),
    ("PY", "America/Asuncion"), ("QA", "Asia/Qatar"), ("RE", "Indian/Reunion"), ("RO", "Europe/Bucharest"),
    ("RS", "Europe/Belgrade"),
    ("RU", "Europe/Moscow Asia/Yekaterinburg Asia/Novosibirsk Europe/Samara Asia/Omsk Asia/Irkutsk \
        Asia/Vladivostok Asia/Yakutsk Europe/Kaliningrad Asia/Magadan Asia/Kamchatka"),
    ("RW", "Africa/Kigali"), ("SA", "Asia/Riyadh"), ("SB", "Pacific/Guadalcanal"), ("SC", "Indian/Mahe"),
    ("SD", "Africa/Khartoum"), ("SE", "Europe/Stockholm"), ("SG", "Asia/Singapore"), ("SH", "Atlantic/St_Helena"),
    ("SI", "Europe/Ljubljana"), ("SJ", "Arctic/Longyearbyen"), ("SK", "Europe/Bratislava"),
    ("SL", "Africa/Freetown"), ("SM", "Europe/San_Marino"), ("SN", "Africa/Dakar"), ("SO", "Africa/Mogadishu"),
    ("SR", "America/Paramaribo"), ("SS", "Africa/Juba"), ("ST", "Africa/Sao_Tome"), ("SV", "America/El_Salvador"),
    ("SX", "America/Lower_Princes"), ("SY", "Asia/Damascus"), ("SZ", "Africa/Mbabane"),
    ("TC", "America/Grand_Turk"), ("TD", "Africa/Ndjamena"), ("TF", "Indian/Kerguelen Indian/Reunion"),
    ("TG", "Africa/Lome"), ("TH", "Asia/Bangkok"), ("TJ", "Asia/Dushanbe"), ("TK", "Pacific/Fakaofo"),
    ("TL", "Asia/Dili"), ("TM", "Asia/Ashgabat"), ("TN", "Africa/Tunis"), ("TO", "Pacific/Tongatapu"),
    ("TR", "Europe/Istanbul"), ("TT", "America/Port_of_Spain"), ("TV", "Pacific/Funafuti"), ("TW", "Asia/Taipei"),
    ("TZ", "Africa/Dar_es_Salaam"), ("UA", "Europe/Kyiv Europe/Simferopol"), ("UG", "Africa/Kampala"),
    ("UM", "Pacific/Wake Pacific/Midway"),
    ("US", "America/New_York America/Chicago America/Los_Angeles America/Denver America/Phoenix \
        Pacific/Honolulu America/Anchorage America/Adak"),
    ("UY", "America/Montevideo"), ("UZ", "Asia/Tashkent"), ("VA", "Europe/Vatican"), ("VC", "America/St_Vincent"),
    ("VE", "America/Caracas"), ("VG", "America/Tortola"), ("VI", "America/St_Thomas"), ("VN", "Asia/Ho_Chi_Minh"),
    ("VU", "Pacific/Efate"), ("WF", "Pacific/Wallis"), ("WS", "Pacific/Apia"), ("XK", "Europe/Belgrade"),
    ("YE", "Asia/Aden"), ("YT", "Indian/Mayotte"), ("ZA", "Africa/Johannesburg"), ("ZM", "Africa/Lusaka"),
    ("ZW", "Africa/Harare"),
];

/// From Pago Pago, where every day begins last, to Kiritimati, where it begins first.
#[rustfmt::skip]
const OF_THE_WORLD: [&str; 66] = [
    "Pacific/Pago_Pago", "America/Adak", "Pacific/Honolulu", "Pacific/Marquesas", "America/Anchorage",
    "Pacific/Gambier", "America/Los_Angeles", "America/Vancouver", "Pacific/Pitcairn", "America/Denver",
    "America/Edmonton", "America/Phoenix", "America/Chicago", "America/Mexico_City", "America/Winnipeg",
    "America/Bogota", "America/Havana", "America/New_York", "Pacific/Easter", "America/Manaus", "Atlantic/Bermuda",
    "America/St_Johns", "America/Miquelon", "America/Santiago", "America/Sao_Paulo", "America/Noronha",
    "America/Nuuk", "Atlantic/Azores", "Atlantic/Cape_Verde", "Africa/Abidjan", "Antarctica/Troll",
    "Europe/London", "Africa/Casablanca", "Africa/Lagos", "Europe/Berlin", "Africa/Cairo", "Africa/Johannesburg",
    "Asia/Beirut", "Asia/Gaza", "Asia/Jerusalem", "Europe/Helsinki", "Asia/Riyadh", "Asia/Tehran", "Asia/Dubai",
    "Asia/Kabul", "Asia/Karachi", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Dhaka", "Indian/Cocos", "Asia/Bangkok",
    "Asia/Shanghai", "Australia/Eucla", "Asia/Tokyo", "Australia/Darwin", "Australia/Brisbane",
    "Australia/Adelaide", "Australia/Lord_Howe", "Australia/Sydney", "Pacific/Guadalcanal", "Pacific/Fiji",
    "Pacific/Norfolk", "Pacific/Auckland", "Pacific/Tongatapu", "Pacific/Chatham", "Pacific/Kiritimati",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::time::Timestamp;
    use crate::zone::moment;

    const FROM_2026: Timestamp = Timestamp(1_767_225_600_000);

    /// What the clock is ahead of UTC, and since when, from 2026 to 2040.
    fn shows(zone: &Zone) -> Vec<(i64, i64)> {
        let ahead = |at: Timestamp| (zone.shown(at) - at).0;
        let changes = zone.clock().following(moment(FROM_2026)).map(|change| change.timestamp().as_millisecond());
        let changes = changes.take_while(|at| *at < 2_240_611_200_000);
        let mut shown: Vec<_> =
            core::iter::once(FROM_2026.0).chain(changes).map(|at| (at, ahead(Timestamp(at)))).collect();
        // Some changes are of the name only.
        shown.dedup_by_key(|(_, ahead)| *ahead);
        shown
    }

    #[test]
    fn every_country_has_its_zones_and_each_clock_once() {
        assert_eq!(COUNTRIES.len(), OF_COUNTRIES.len());
        assert!(COUNTRIES.is_sorted_by(|(a, _), (b, _)| a < b));
        // ISO 3166-1 has 249; two have no people, and one is not in it.
        assert_eq!(COUNTRIES.len(), 249 - 2 + 1);
        for ((country, zones), (_, names)) in COUNTRIES.iter().zip(&OF_COUNTRIES) {
            let names: Vec<_> = names.split_whitespace().collect();
            assert_eq!(zones.iter().map(Zone::as_str).collect::<Vec<_>>(), names, "{country}");
            let clocks: BTreeSet<_> = zones.iter().map(shows).collect();
            assert!(!zones.is_empty() && clocks.len() == zones.len(), "{country}");
        }
    }

    #[test]
    fn the_world_has_the_clock_of_every_country_once() {
        assert_eq!(EVERYWHERE.len(), OF_THE_WORLD.len());
        let world: BTreeSet<_> = EVERYWHERE.iter().map(shows).collect();
        assert_eq!(world.len(), EVERYWHERE.len());
        for (country, zones) in &*COUNTRIES {
            assert!(zones.iter().all(|zone| world.contains(&shows(zone))), "{country}");
        }
    }
}
