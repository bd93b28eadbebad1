//! Countries and regions that ask for more than their jurisdiction.

use std::collections::BTreeMap;

use super::Checked::{Account, Careful, Text};
use super::rows::{FIVE_YEARS, source};
use super::{Checked, Confirmation, Country, Fact, Hours, KeepAtLeast, Region, Rules, Window};
use crate::published::DeviceConsent;

/// France with its overseas parts, Germany and Austria.
pub fn countries(eu: &Rules) -> BTreeMap<Country, Rules> {
    let france = ["FR", "GF", "GP", "MF", "MQ", "RE", "YT"].map(|code| (code, france(eu)));
    let others = [("DE", germany(eu)), ("AT", austria(eu))];
    france.into_iter().chain(others).filter_map(|(code, rules)| Some((code.parse().ok()?, rules))).collect()
}

fn france(eu: &Rules) -> Rules {
    let hours = Hours::weekly(Window::hours(10, 20), Window::hours(10, 20), None).not_on_holidays();
    let charter = source(
        "af2m, charter for business messaging, binding senders by contract",
        "sending hours: working days, 8:00 to 22:00",
        "https://af2m.org/la-charte-de-deontologie-applicable-aux-services-de-business-messaging-est-effective-depuis-le-1er-septembre-2024",
        Text,
    );
    let trade = source(
        "Reading of the operators and the trade, said to rest on the LCEN",
        "not between 20:00 and 10:00, not on Sundays and holidays",
        "https://www.digitaleo.fr/blog/legislation-sms-commerciaux",
        Account,
    );
    let text_hours = Fact::new(hours, [charter, trade])
        .noting("What satisfies both. Code de la consommation D. 223-9 gives narrower hours, but for calls only.");
    Rules { text_hours, ..eu.clone() }
}

fn germany(eu: &Rules) -> Rules {
    let ruling = source(
        "Bundesgerichtshof, judgment of 10 February 2011",
        "I ZR 164/09, on § 7 UWG",
        "https://betriebs-berater.ruw.de/wirtschaftsrecht/urteile/Zulaessigkeit-von-Werbeanrufen---Double-opt-in-Verfahren-18828",
        Text,
    );
    let keeping = source(
        "Gesetz gegen den unlauteren Wettbewerb (UWG)",
        "§ 7a(2)",
        "https://www.gesetze-im-internet.de/uwg_2004/__7a.html",
        Text,
    );
    Rules {
        confirmation: Fact::new(Confirmation::Needed, [ruling])
            .noting("The law does not name it; without it the sender hardly proves who consented."),
        proof: Fact::new(KeepAtLeast(FIVE_YEARS), [keeping])
            .noting("Five years from the consent and from each use; written for calls, kept for every channel."),
        ..eu.clone()
    }
}

fn austria(eu: &Rules) -> Rules {
    let ruling = source(
        "Datenschutzbehörde, decision of 9 October 2019",
        "D130.073/0008-DSB/2019, on GDPR art. 32",
        "https://dorda.at/de/news/double-opt-verfahren-oesterreich-nun-auch-verpflichtend",
        Account,
    );
    Rules {
        confirmation: Fact::new(Confirmation::Needed, [ruling])
            .noting("Said of sign-ups to a platform; read here for every address that is typed in."),
        ..eu.clone()
    }
}

const US: Country = Country::known(*b"US");
const CANADA: Country = Country::known(*b"CA");
const QUEBEC: Region = Region::known(*b"QC");

/// States with narrower hours than the federal ones, and Quebec.
pub fn regions(us: &Rules, ca: &Rules) -> BTreeMap<(Country, Region), Rules> {
    let mut regions: BTreeMap<_, _> = STATES
        .iter()
        .map(|state| {
            let hours = Fact::new(state.hours, [source(state.law, state.place, state.url, state.checked)])
                .noting("Most such laws speak of calls; texts are held to them here as well.");
            ((US, Region::known(state.code)), Rules { text_hours: hours, ..us.clone() })
        })
        .collect();
    let law_25 = source(
        "Act respecting the protection of personal information in the private sector (P-39.1, Law 25)",
        "s. 8.1",
        "https://www.legisquebec.gouv.qc.ca/en/document/cs/P-39.1",
        Account,
    );
    let device = Fact::new(DeviceConsent::Ask, [law_25])
        .noting("What identifies, locates or profiles somebody is off until they switch it on.");
    regions.insert((CANADA, QUEBEC), Rules { device, ..ca.clone() });
    regions
}

struct State {
    code: [u8; 2],
    hours: Hours,
    law: &'static str,
    place: &'static str,
    url: &'static str,
    checked: Checked,
}

/// A trade's compilation of the states' hours for sales calls, where the statute was not read.
const COMPILATION: &str = "https://www.dropcowboy.com/state-compliance";
const OTHER_COMPILATION: &str = "https://blog.clickpointsoftware.com/telemarketing-calling-hours-by-state";

const fn daily(from: u16, until: u16) -> Hours {
    Hours::weekly(Window::hours(from, until), Window::hours(from, until), Window::hours(from, until))
}

const fn not_on_sundays(from: u16, until: u16) -> Hours {
    Hours::weekly(Window::hours(from, until), Window::hours(from, until), None)
}

const fn compiled(code: [u8; 2], law: &'static str, place: &'static str, hours: Hours) -> State {
    State { code, hours, law, place, url: COMPILATION, checked: Account }
}

const STATES: [State; 21] = [
    compiled(*b"AL", "Alabama", "rules for telephone solicitation", not_on_sundays(8, 20).not_on_holidays()),
    compiled(*b"CT", "Connecticut", "Gen. Stat. 42-288a", daily(9, 20)),
    State {
        code: *b"FL",
        hours: daily(8, 20),
        law: "Florida Telephone Solicitation Act",
        place: "Fla. Stat. 501.616(6)(a)",
        url: "https://www.flsenate.gov/Laws/Statutes/2023/501.616",
        checked: Account,
    },
    compiled(*b"KY", "Kentucky", "Rev. Stat. 367.46955", daily(10, 21)),
    compiled(
        *b"LA",
        "Louisiana",
        "Public Service Commission, do-not-call order",
        not_on_sundays(8, 20).not_on_holidays(),
    ),
    compiled(*b"MD", "Maryland", "Stop the Spam Calls Act of 2023", daily(8, 20)),
    compiled(*b"MA", "Massachusetts", "Gen. Laws ch. 159C", daily(8, 20)),
    compiled(*b"MI", "Michigan", "rules for telephone solicitation", daily(9, 21)),
    compiled(*b"MN", "Minnesota", "rules for telephone solicitation", daily(9, 21)),
    compiled(*b"MS", "Mississippi", "Telephone Solicitation Act", not_on_sundays(8, 20).not_on_holidays()),
    compiled(*b"NV", "Nevada", "rules for telephone solicitation", daily(9, 20)),
    State {
        code: *b"NJ",
        hours: daily(8, 20),
        law: "New Jersey",
        place: "rules for telemarketing, as of 2024",
        url: "https://support.referrizer.com/en/category/text-campaigns/article/tcpa-quiet-hours-and-state-specific-rules-for-text-campaigns",
        checked: Careful,
    },
    compiled(*b"NM", "New Mexico", "rules for telephone solicitation", daily(9, 21)),
    State {
        code: *b"OK",
        hours: daily(8, 20),
        law: "Oklahoma Telephone Solicitation Act of 2022",
        place: "Okla. Stat. tit. 15, 775C.4",
        url: "https://www.dinsmore.com/publications/more-states-adding-tougher-telephone-consumer-protection-act-statutes/",
        checked: Account,
    },
    State {
        code: *b"PA",
        hours: daily(8, 21).not_on_holidays(),
        law: "Pennsylvania",
        place: "Telemarketer Registration Act, holidays",
        url: "https://g2leadstosales.com/2025-state-by-state-calling-restrictions-telemarketing-call-centers.html",
        checked: Account,
    },
    State {
        code: *b"RI",
        hours: Hours::weekly(Window::hours(9, 18), Window::hours(10, 17), None).not_on_holidays(),
        law: "Rhode Island Telephone Sales Solicitation Act",
        place: "Gen. Laws 5-61-3.6, 5-61-2(9)",
        url: "http://webserver.rilin.state.ri.us/Statutes/TITLE5/5-61/5-61-3.6.HTM",
        checked: Account,
    },
    State {
        code: *b"SD",
        hours: not_on_sundays(9, 21),
        law: "South Dakota",
        place: "Codified Laws 37-30-28 and the rules for telephone solicitation",
        url: "http://legis.state.sd.us/statutes/DisplayStatute.aspx?Type=Statute&Statute=37-30-28",
        checked: Careful,
    },
    State {
        code: *b"TX",
        hours: Hours::weekly(Window::hours(9, 21), Window::hours(9, 21), Window::hours(12, 21)),
        law: "Texas Business and Commerce Code, as amended by SB 140",
        place: "301.051(b)(2), texts since 1 September 2025",
        url: "https://springboardlegal.com/texas-text-message-marketing",
        checked: Account,
    },
    State {
        code: *b"UT",
        hours: not_on_sundays(8, 21).not_on_holidays(),
        law: "Utah Telephone and Facsimile Solicitation Act",
        place: "Code 13-25a-103",
        url: OTHER_COMPILATION,
        checked: Account,
    },
    State {
        code: *b"WA",
        hours: daily(8, 20),
        law: "Revised Code of Washington",
        place: "19.158.040(2)",
        url: "https://app.leg.wa.gov/RCW/default.aspx?cite=19.158.040",
        checked: Text,
    },
    State {
        code: *b"WY",
        hours: daily(8, 20),
        law: "Wyoming",
        place: "rules for telephone solicitation",
        url: OTHER_COMPILATION,
        checked: Careful,
    },
];
