//! Which countries a telephone number may belong to: the country codes of E.164, and the ranges
//! by which countries that share one can be told apart.
//!
//! Sources: ITU-T, List of ITU-T Recommendation E.164 assigned country codes; North American
//! Numbering Plan Administrator, area codes by country and state; national numbering plans as
//! Google's libphonenumber 9 records them (read in July 2026). A number tells where it was assigned,
//! not where its owner is, so it is asked only where no country is known.

use crate::law::Country;
use crate::phone::Phone;

macro_rules! places {
    ($($country:ident)+) => { &[$(code(stringify!($country))),+] };
}

const fn code(letters: &str) -> Country {
    let letters = letters.as_bytes();
    Country::known([letters[0], letters[1]])
}

/// The countries that the number may belong to, the likeliest first; none where it is of no country
/// (satellites, calls free of charge the world over) or its code is not assigned.
pub fn countries(phone: &Phone) -> &'static [Country] {
    let digits = phone.as_str().trim_start_matches('+');
    let number = |digits: Option<&str>| digits.and_then(|digits| digits.parse::<u16>().ok());
    if let Some(national) = digits.strip_prefix('1') {
        return number(national.get(..3)).map_or(NORTH_AMERICA, area);
    }
    let narrower = RANGES.iter().filter(|(range, _)| digits.starts_with(range)).max_by_key(|(range, _)| range.len());
    if let Some((_, countries)) = narrower {
        return countries;
    }
    // No code begins with another one.
    (1..=3).find_map(|length| find(&CODES, number(digits.get(..length))?)).unwrap_or_default()
}

/// Which member of the North American Numbering Plan an area code belongs to; the two great ones
/// share those that belong to no place, and perhaps those that are too new for the table.
fn area(code: u16) -> &'static [Country] {
    if STATES.binary_search(&code).is_ok() {
        const { places![US] }
    } else if CANADA.binary_search(&code).is_ok() {
        const { places![CA] }
    } else {
        find(&ISLANDS, code).unwrap_or(NORTH_AMERICA)
    }
}

fn find(table: &[(u16, &'static [Country])], code: u16) -> Option<&'static [Country]> {
    let place = table.binary_search_by_key(&code, |(code, _)| *code).ok()?;
    table.get(place).map(|(_, countries)| *countries)
}

const NORTH_AMERICA: &[Country] = places![US CA];

/// Country codes. Pitcairn (64, with New Zealand) is left out: its fifty people would forbid New
/// Zealand most of the day.
#[rustfmt::skip]
const CODES: [(u16, &[Country]); 205] = [
    (7, places![RU]), (20, places![EG]), (27, places![ZA]), (30, places![GR]), (31, places![NL]),
    (32, places![BE]), (33, places![FR]), (34, places![ES]), (36, places![HU]), (39, places![IT]),
    (40, places![RO]), (41, places![CH]), (43, places![AT]), (44, places![GB]), (45, places![DK]),
    (46, places![SE]), (47, places![NO SJ]), (48, places![PL]), (49, places![DE]), (51, places![PE]),
    (52, places![MX]), (53, places![CU]), (54, places![AR]), (55, places![BR]), (56, places![CL]),
    (57, places![CO]), (58, places![VE]), (60, places![MY]), (61, places![AU CC CX]), (62, places![ID]),
    (63, places![PH]), (64, places![NZ]), (65, places![SG]), (66, places![TH]), (81, places![JP]),
    (82, places![KR]), (84, places![VN]), (86, places![CN]), (90, places![TR]), (91, places![IN]),
    (92, places![PK]), (93, places![AF]), (94, places![LK]), (95, places![MM]), (98, places![IR]),
    (211, places![SS]), (212, places![MA EH]), (213, places![DZ]), (216, places![TN]), (218, places![LY]),
    (220, places![GM]), (221, places![SN]), (222, places![MR]), (223, places![ML]), (224, places![GN]),
    (225, places![CI]), (226, places![BF]), (227, places![NE]), (228, places![TG]), (229, places![BJ]),
    (230, places![MU]), (231, places![LR]), (232, places![SL]), (233, places![GH]), (234, places![NG]),
    (235, places![TD]), (236, places![CF]), (237, places![CM]), (238, places![CV]), (239, places![ST]),
    (240, places![GQ]), (241, places![GA]), (242, places![CG]), (243, places![CD]), (244, places![AO]),
    (245, places![GW]), (246, places![IO]), (247, places![SH]), (248, places![SC]), (249, places![SD]),
    (250, places![RW]), (251, places![ET]), (252, places![SO]), (253, places![DJ]), (254, places![KE]),
    (255, places![TZ]), (256, places![UG]), (257, places![BI]), (258, places![MZ]), (260, places![ZM]),
    (261, places![MG]), (262, places![RE YT TF]), (263, places![ZW]), (264, places![NA]), (265, places![MW]),
    (266, places![LS]), (267, places![BW]), (268, places![SZ]), (269, places![KM]), (290, places![SH]),
    (291, places![ER]), (297, places![AW]), (298, places![FO]), (299, places![GL]), (350, places![GI]),
    (351, places![PT]), (352, places![LU]), (353, places![IE]), (354, places![IS]), (355, places![AL]),
    (356, places![MT]), (357, places![CY]), (358, places![FI AX]), (359, places![BG]), (370, places![LT]),
    (371, places![LV]), (372, places![EE]), (373, places![MD]), (374, places![AM]), (375, places![BY]),
    (376, places![AD]), (377, places![MC]), (378, places![SM]), (380, places![UA]), (381, places![RS]),
    (382, places![ME]), (383, places![XK]), (385, places![HR]), (386, places![SI]), (387, places![BA]),
    (389, places![MK]), (420, places![CZ]), (421, places![SK]), (423, places![LI]), (500, places![FK GS]),
    (501, places![BZ]), (502, places![GT]), (503, places![SV]), (504, places![HN]), (505, places![NI]),
    (506, places![CR]), (507, places![PA]), (508, places![PM]), (509, places![HT]), (590, places![GP BL MF]),
    (591, places![BO]), (592, places![GY]), (593, places![EC]), (594, places![GF]), (595, places![PY]),
    (596, places![MQ]), (597, places![SR]), (598, places![UY]), (599, places![CW BQ]), (670, places![TL]),
    (672, places![NF AQ]), (673, places![BN]), (674, places![NR]), (675, places![PG]), (676, places![TO]),
    (677, places![SB]), (678, places![VU]), (679, places![FJ]), (680, places![PW]), (681, places![WF]),
    (682, places![CK]), (683, places![NU]), (685, places![WS]), (686, places![KI]), (687, places![NC]),
    (688, places![TV]), (689, places![PF]), (690, places![TK]), (691, places![FM]), (692, places![MH]),
    (850, places![KP]), (852, places![HK]), (853, places![MO]), (855, places![KH]), (856, places![LA]),
    (880, places![BD]), (886, places![TW]), (960, places![MV]), (961, places![LB]), (962, places![JO]),
    (963, places![SY]), (964, places![IQ]), (965, places![KW]), (966, places![SA]), (967, places![YE]),
    (968, places![OM]), (970, places![PS]), (971, places![AE]), (972, places![IL]), (973, places![BH]),
    (974, places![QA]), (975, places![BT]), (976, places![MN]), (977, places![NP]), (992, places![TJ]),
    (993, places![TM]), (994, places![AZ]), (995, places![GE]), (996, places![KG]), (998, places![UZ]),
];

/// Ranges of a shared code, or of a country's, that belong to one of its places.
#[rustfmt::skip]
const RANGES: [(&str, &[Country]); 42] = [
    ("76", places![KZ]), ("77", places![KZ]), ("390549", places![SM]), ("3906698", places![VA]),
    ("441481", places![GG]), ("447781", places![GG]), ("447839", places![GG]), ("4479111", places![GG]),
    ("4479117", places![GG]), ("441534", places![JE]), ("447509", places![JE]), ("447797", places![JE]),
    ("4477003", places![JE]), ("4477007", places![JE]), ("4477008", places![JE]), ("447829", places![JE]),
    ("447937", places![JE]), ("441624", places![IM]), ("4474576", places![IM]), ("447524", places![IM]),
    ("447624", places![IM]), ("447924", places![IM]), ("4779", places![SJ]), ("612", places![AU]),
    ("613", places![AU]), ("617", places![AU]), ("2125288", places![EH]), ("2125289", places![EH]),
    ("262262", places![RE]), ("262263", places![RE]), ("262692", places![RE]), ("262693", places![RE]),
    ("262269", places![YT]), ("262639", places![YT]), ("35818", places![AX]), ("5993", places![BQ]),
    ("5994", places![BQ]), ("5997", places![BQ]), ("5996", places![CW]), ("5999", places![CW]),
    ("6721", places![AQ]), ("6723", places![NF]),
];

/// Area codes of the United States.
#[rustfmt::skip]
const STATES: [u16; 359] = [
    201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 220, 223, 224, 225, 227,
    228, 229, 231, 234, 235, 239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 272, 274, 276, 279,
    281, 283, 301, 302, 303, 304, 305, 307, 308, 309, 310, 312, 313, 314, 315, 316, 317, 318, 319, 320, 321, 323,
    324, 325, 326, 327, 329, 330, 331, 332, 334, 336, 337, 339, 341, 346, 347, 350, 351, 352, 353, 360, 361, 363,
    364, 369, 380, 385, 386, 401, 402, 404, 405, 406, 407, 408, 409, 410, 412, 413, 414, 415, 417, 419, 423, 424,
    425, 430, 432, 434, 435, 440, 442, 443, 445, 447, 448, 458, 463, 464, 469, 470, 472, 475, 478, 479, 480, 484,
    501, 502, 503, 504, 505, 507, 508, 509, 510, 512, 513, 515, 516, 517, 518, 520, 530, 531, 534, 539, 540, 541,
    551, 557, 559, 561, 562, 563, 564, 567, 570, 571, 572, 573, 574, 575, 580, 582, 585, 586, 601, 602, 603, 605,
    606, 607, 608, 609, 610, 612, 614, 615, 616, 617, 618, 619, 620, 623, 626, 628, 629, 630, 631, 636, 640, 641,
    645, 646, 650, 651, 656, 657, 659, 660, 661, 662, 667, 669, 678, 680, 681, 682, 686, 689, 701, 702, 703, 704,
    706, 707, 708, 712, 713, 714, 715, 716, 717, 718, 719, 720, 724, 725, 726, 727, 728, 730, 731, 732, 734, 737,
    738, 740, 743, 747, 748, 754, 757, 760, 762, 763, 765, 769, 770, 771, 772, 773, 774, 775, 779, 781, 785, 786,
    801, 802, 803, 804, 805, 806, 808, 810, 812, 813, 814, 815, 816, 817, 818, 820, 821, 826, 828, 830, 831, 832,
    835, 838, 839, 840, 843, 845, 847, 848, 850, 854, 856, 857, 858, 859, 860, 862, 863, 864, 865, 870, 872, 878,
    901, 903, 904, 906, 907, 908, 909, 910, 912, 913, 914, 915, 916, 917, 918, 919, 920, 925, 928, 929, 930, 931,
    934, 936, 937, 938, 940, 941, 943, 945, 947, 948, 949, 951, 952, 954, 956, 959, 970, 971, 972, 973, 975, 978,
    979, 980, 983, 984, 985, 986, 989,
];

/// Area codes of Canada.
#[rustfmt::skip]
const CANADA: [u16; 55] = [
    204, 226, 236, 249, 250, 257, 263, 289, 306, 343, 354, 365, 367, 368, 382, 403, 416, 418, 428, 431, 437, 438,
    450, 468, 474, 506, 514, 519, 548, 579, 581, 584, 587, 604, 613, 639, 647, 672, 683, 705, 709, 742, 753, 778,
    780, 782, 807, 819, 825, 867, 873, 879, 902, 905, 942,
];

/// Area codes of the plan's members in the Caribbean, the Atlantic and the Pacific.
#[rustfmt::skip]
const ISLANDS: [(u16, &[Country]); 27] = [
    (242, places![BS]), (246, places![BB]), (264, places![AI]), (268, places![AG]), (284, places![VG]),
    (340, places![VI]), (345, places![KY]), (441, places![BM]), (473, places![GD]), (649, places![TC]),
    (658, places![JM]), (664, places![MS]), (670, places![MP]), (671, places![GU]), (684, places![AS]),
    (721, places![SX]), (758, places![LC]), (767, places![DM]), (784, places![VC]), (787, places![PR]),
    (809, places![DO]), (829, places![DO]), (849, places![DO]), (868, places![TT]), (869, places![KN]),
    (876, places![JM]), (939, places![PR]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(number: &str, expected: &str) {
        let names: Vec<_> = countries(&number.parse().unwrap()).iter().map(ToString::to_string).collect();
        assert_eq!(names.join(" "), expected, "{number}");
    }

    #[test]
    fn a_number_names_its_country_or_those_that_share_its_code() {
        for (number, expected) in [
            ("+4930901820", "DE"),
            ("+33612345678", "FR"),
            ("+966501234567", "SA"),
            ("+919876543210", "IN"),
            ("+79161234567", "RU"),
            ("+77011234567", "KZ"),
            ("+447911123456", "GG"),
            ("+447400123456", "GB"),
            ("+447797123456", "JE"),
            ("+447700900123", "GB"),
            ("+393401234567", "IT"),
            ("+61412345678", "AU CC CX"),
            ("+61291234567", "AU"),
            ("+4740123456", "NO SJ"),
            ("+262692123456", "RE"),
            ("+262639123456", "YT"),
            ("+590690123456", "GP BL MF"),
            ("+38344123456", "XK"),
        ] {
            check(number, expected);
        }
    }

    #[test]
    fn area_codes_tell_the_members_of_the_north_american_plan_apart() {
        for (number, expected) in [
            ("+12125550123", "US"),
            ("+14165550123", "CA"),
            ("+18765550123", "JM"),
            ("+16715550123", "GU"),
            ("+17875550123", "PR"),
            ("+18005550123", "US CA"),
            ("+15005550123", "US CA"),
        ] {
            check(number, expected);
        }
    }

    #[test]
    fn numbers_of_no_country_name_none() {
        for number in ["+80012345678", "+881612345678", "+21012345678", "+99912345678"] {
            check(number, "");
        }
    }

    #[test]
    fn the_tables_are_in_order_and_no_code_begins_with_another() {
        assert!(CODES.is_sorted_by(|(a, _), (b, _)| a < b));
        assert!(ISLANDS.is_sorted_by(|(a, _), (b, _)| a < b));
        assert!(STATES.is_sorted_by(|a, b| a < b) && CANADA.is_sorted_by(|a, b| a < b));
        assert!(CANADA.iter().all(|code| STATES.binary_search(code).is_err()));
        let codes: Vec<_> = CODES.iter().map(|(code, _)| code.to_string()).collect();
        for code in &codes {
            assert_eq!(codes.iter().filter(|other| code.starts_with(other.as_str())).count(), 1, "{code}");
            assert!(!code.starts_with('1'));
        }
    }

    #[test]
    fn every_country_with_telephones_of_its_own_has_a_code() {
        let listed: Vec<_> = CODES.iter().chain(&ISLANDS).flat_map(|(_, countries)| *countries).collect();
        let ranges: Vec<_> = RANGES.iter().flat_map(|(_, countries)| *countries).collect();
        for country in crate::clock::world::countries() {
            let covered = listed.contains(&&country) || ranges.contains(&&country) || NORTH_AMERICA.contains(&country);
            // Pitcairn as said above; the other is a handful of islands without a population.
            assert!(covered || [code("PN"), code("UM")].contains(&country), "{country}");
        }
    }
}
