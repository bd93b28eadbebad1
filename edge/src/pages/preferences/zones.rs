//! The time zones that the page offers: one for each clock that differs somewhere in the year, under
//! the cities by which people find it. Any other zone that is known of somebody is offered beside them.

/// A part of the world in English and Arabic, and its zones.
pub struct Area {
    pub english: &'static str,
    pub arabic: &'static str,
    pub zones: &'static [Place],
}

/// A zone's IANA name, and its cities in English and Arabic.
pub struct Place(pub &'static str, pub &'static str, pub &'static str);

/// All of them.
pub const AREAS: &[Area] = &[
    Area {
        english: "Europe",
        arabic: "أوروبا",
        zones: &[
            Place("Europe/London", "London, Dublin, Edinburgh", "لندن ودبلن"),
            Place("Europe/Lisbon", "Lisbon", "لشبونة"),
            Place("Europe/Berlin", "Berlin, Vienna, Zurich", "برلين وفيينا وزيورخ"),
            Place("Europe/Paris", "Paris, Brussels", "باريس وبروكسل"),
            Place("Europe/Madrid", "Madrid, Barcelona", "مدريد وبرشلونة"),
            Place("Europe/Rome", "Rome", "روما"),
            Place("Europe/Amsterdam", "Amsterdam", "أمستردام"),
            Place("Europe/Copenhagen", "Copenhagen", "كوبنهاغن"),
            Place("Europe/Oslo", "Oslo", "أوسلو"),
            Place("Europe/Stockholm", "Stockholm", "ستوكهولم"),
            Place("Europe/Warsaw", "Warsaw", "وارسو"),
            Place("Europe/Prague", "Prague, Bratislava", "براغ وبراتيسلافا"),
            Place("Europe/Budapest", "Budapest", "بودابست"),
            Place("Europe/Belgrade", "Belgrade, Zagreb, Sarajevo", "بلغراد وزغرب وسراييفو"),
            Place("Europe/Athens", "Athens", "أثينا"),
            Place("Europe/Bucharest", "Bucharest", "بوخارست"),
            Place("Europe/Sofia", "Sofia", "صوفيا"),
            Place("Europe/Helsinki", "Helsinki", "هلسنكي"),
            Place("Europe/Riga", "Riga, Tallinn, Vilnius", "ريغا وتالين وفيلنيوس"),
            Place("Europe/Kyiv", "Kyiv", "كييف"),
            Place("Europe/Istanbul", "Istanbul", "إسطنبول"),
            Place("Europe/Moscow", "Moscow", "موسكو"),
        ],
    },
    Area {
        english: "The Atlantic",
        arabic: "المحيط الأطلسي",
        zones: &[
            Place("Atlantic/Reykjavik", "Reykjavik", "ريكيافيك"),
            Place("Atlantic/Azores", "Azores", "جزر الأزور"),
            Place("Atlantic/Canary", "Canary Islands", "جزر الكناري"),
        ],
    },
    Area {
        english: "Africa",
        arabic: "أفريقيا",
        zones: &[
            Place("Africa/Casablanca", "Casablanca, Rabat", "الدار البيضاء والرباط"),
            Place("Africa/Algiers", "Algiers", "الجزائر العاصمة"),
            Place("Africa/Tunis", "Tunis", "تونس"),
            Place("Africa/Tripoli", "Tripoli", "طرابلس"),
            Place("Africa/Cairo", "Cairo", "القاهرة"),
            Place("Africa/Khartoum", "Khartoum", "الخرطوم"),
            Place("Africa/Lagos", "Lagos", "لاغوس"),
            Place("Africa/Accra", "Accra, Dakar", "أكرا وداكار"),
            Place("Africa/Nairobi", "Nairobi, Addis Ababa", "نيروبي وأديس أبابا"),
            Place("Africa/Johannesburg", "Johannesburg", "جوهانسبرغ"),
        ],
    },
    Area {
        english: "Asia",
        arabic: "آسيا",
        zones: &[
            Place("Asia/Beirut", "Beirut", "بيروت"),
            Place("Asia/Damascus", "Damascus", "دمشق"),
            Place("Asia/Amman", "Amman", "عمّان"),
            Place("Asia/Jerusalem", "Jerusalem", "القدس"),
            Place("Asia/Baghdad", "Baghdad", "بغداد"),
            Place("Asia/Riyadh", "Riyadh, Kuwait, Sanaa", "الرياض والكويت وصنعاء"),
            Place("Asia/Qatar", "Doha, Manama", "الدوحة والمنامة"),
            Place("Asia/Dubai", "Dubai, Abu Dhabi, Muscat", "دبي وأبوظبي ومسقط"),
            Place("Asia/Tehran", "Tehran", "طهران"),
            Place("Asia/Tbilisi", "Tbilisi, Yerevan", "تبليسي ويريفان"),
            Place("Asia/Baku", "Baku", "باكو"),
            Place("Asia/Kabul", "Kabul", "كابول"),
            Place("Asia/Karachi", "Karachi", "كراتشي"),
            Place("Asia/Tashkent", "Tashkent", "طشقند"),
            Place("Asia/Almaty", "Almaty", "ألماتي"),
            Place("Asia/Kolkata", "Mumbai, Delhi, Bengaluru", "مومباي ودلهي وبنغالور"),
            Place("Asia/Colombo", "Colombo", "كولومبو"),
            Place("Asia/Kathmandu", "Kathmandu", "كاتماندو"),
            Place("Asia/Dhaka", "Dhaka", "دكا"),
            Place("Asia/Yangon", "Yangon", "يانغون"),
            Place("Asia/Bangkok", "Bangkok, Hanoi", "بانكوك وهانوي"),
            Place("Asia/Jakarta", "Jakarta", "جاكرتا"),
            Place("Asia/Singapore", "Singapore, Kuala Lumpur", "سنغافورة وكوالالمبور"),
            Place("Asia/Manila", "Manila", "مانيلا"),
            Place("Asia/Shanghai", "Beijing, Shanghai", "بكين وشنغهاي"),
            Place("Asia/Hong_Kong", "Hong Kong", "هونغ كونغ"),
            Place("Asia/Taipei", "Taipei", "تايبيه"),
            Place("Asia/Seoul", "Seoul", "سيول"),
            Place("Asia/Tokyo", "Tokyo", "طوكيو"),
            Place("Asia/Yekaterinburg", "Yekaterinburg", "يكاترينبورغ"),
            Place("Asia/Novosibirsk", "Novosibirsk", "نوفوسيبيرسك"),
            Place("Asia/Vladivostok", "Vladivostok", "فلاديفوستوك"),
        ],
    },
    Area {
        english: "The Americas",
        arabic: "الأمريكتان",
        zones: &[
            Place("America/St_Johns", "St. John's", "سانت جونز"),
            Place("America/Halifax", "Halifax", "هاليفاكس"),
            Place("America/New_York", "New York, Toronto", "نيويورك وتورونتو"),
            Place("America/Chicago", "Chicago, Houston", "شيكاغو وهيوستن"),
            Place("America/Denver", "Denver, Calgary", "دنفر وكالغاري"),
            Place("America/Phoenix", "Phoenix", "فينيكس"),
            Place("America/Los_Angeles", "Los Angeles, Vancouver", "لوس أنجلوس وفانكوفر"),
            Place("America/Anchorage", "Anchorage", "أنكوراج"),
            Place("America/Mexico_City", "Mexico City", "مكسيكو سيتي"),
            Place("America/Bogota", "Bogotá, Lima, Quito", "بوغوتا وليما وكيتو"),
            Place("America/Caracas", "Caracas", "كاراكاس"),
            Place("America/La_Paz", "La Paz", "لاباز"),
            Place("America/Santiago", "Santiago", "سانتياغو"),
            Place("America/Sao_Paulo", "São Paulo, Rio de Janeiro", "ساو باولو وريو دي جانيرو"),
            Place("America/Argentina/Buenos_Aires", "Buenos Aires", "بوينس آيرس"),
        ],
    },
    Area {
        english: "Australia",
        arabic: "أستراليا",
        zones: &[
            Place("Australia/Perth", "Perth", "بيرث"),
            Place("Australia/Darwin", "Darwin", "داروين"),
            Place("Australia/Adelaide", "Adelaide", "أديلايد"),
            Place("Australia/Brisbane", "Brisbane", "بريزبن"),
            Place("Australia/Sydney", "Sydney, Melbourne", "سيدني وملبورن"),
            Place("Australia/Hobart", "Hobart", "هوبارت"),
        ],
    },
    Area {
        english: "The Pacific",
        arabic: "المحيط الهادئ",
        zones: &[
            Place("Pacific/Auckland", "Auckland", "أوكلاند"),
            Place("Pacific/Fiji", "Fiji", "فيجي"),
            Place("Pacific/Honolulu", "Honolulu", "هونولولو"),
        ],
    },
];

/// The cities of a zone in a reader's language; its name where it is none of ours.
pub fn cities<'a>(zone: &'a str, language: &str) -> &'a str {
    let place = AREAS.iter().flat_map(|area| area.zones).find(|place| place.0 == zone);
    place.map_or(zone, |place| place.within(language))
}

impl Area {
    /// Its name in a reader's language.
    pub fn within(&self, language: &str) -> &'static str {
        if language == "ar" { self.arabic } else { self.english }
    }
}

impl Place {
    /// Its cities in a reader's language.
    pub fn within(&self, language: &str) -> &'static str {
        if language == "ar" { self.2 } else { self.1 }
    }
}

#[cfg(test)]
mod tests {
    use domain::zone::Zone;

    use super::*;

    #[test]
    fn every_zone_is_one_that_the_database_has() {
        for place in AREAS.iter().flat_map(|area| area.zones) {
            assert_eq!(place.0.parse::<Zone>().map(|zone| zone.to_string()).as_deref(), Ok(place.0));
        }
    }

    #[test]
    fn a_zone_is_said_by_its_cities() {
        assert_eq!(cities("Asia/Riyadh", "ar"), "الرياض والكويت وصنعاء");
        assert_eq!(cities("Pacific/Chatham", "ar"), "Pacific/Chatham");
    }
}
