//! One function for each jurisdiction's row. Numbers that no law gives are marked as careful
//! readings and named once, here.

use super::Checked::{Account, Careful, Text};
use super::{
    BusinessDays, Checked, Confirmation, Contents, Fact, Hours, KeepAtLeast, KeepAtMost, Prior, Rules, SoftOptIn,
    Source, Terms, Window,
};
use crate::published::DeviceConsent;
use crate::time::Span;

/// Not shorter than five years, whichever leap days they have.
pub(super) const FIVE_YEARS: Span = Span::days(5 * 365 + 2);
const SIX_YEARS: Span = Span::days(6 * 365 + 2);
/// Not longer than three, two years and half a year, whichever days they have.
const THREE_YEARS: Span = Span::days(3 * 365);
const TWO_YEARS: Span = Span::days(2 * 365);
const HALF_A_YEAR: Span = Span::days(181);

pub(super) const fn source(law: &'static str, place: &'static str, url: &'static str, checked: Checked) -> Source {
    Source { law, place, url, checked }
}

const EPRIVACY: &str = "Directive 2002/58/EC (as amended by 2009/136/EC)";
const EPRIVACY_URL: &str = "https://eur-lex.europa.eu/eli/dir/2002/58/oj";
const GDPR: &str = "Regulation (EU) 2016/679 (GDPR)";
const GDPR_URL: &str = "https://eur-lex.europa.eu/eli/reg/2016/679/oj";
const PECR: &str = "Privacy and Electronic Communications (EC Directive) Regulations 2003 (PECR)";
const PECR_URL: &str = "https://www.legislation.gov.uk/uksi/2003/2426";
const UK_GDPR: &str = "UK GDPR";
const UK_GDPR_URL: &str = "https://www.legislation.gov.uk/eur/2016/679";
const CAN_SPAM: &str = "CAN-SPAM Act";
const CAN_SPAM_URL: &str = "https://www.law.cornell.edu/uscode/text/15/7704";
const TCPA: &str = "TCPA rules of the FCC";
pub(super) const TCPA_URL: &str = "https://www.ecfr.gov/current/title-47/section-64.1200";
const CASL: &str = "Canada's Anti-Spam Legislation (S.C. 2010, c. 23)";
const CASL_URL: &str = "https://laws-lois.justice.gc.ca/eng/acts/E-1.6/";
const SPAM_ACT: &str = "Spam Act 2003 (Cth)";
const SPAM_ACT_URL: &str = "https://www.legislation.gov.au/C2004A01214/latest";
const CNIL: Source = source(
    "CNIL, reference framework for commercial management",
    "retention of prospects' data: three years after their last contact",
    "https://olympe.legal/quelle-est-selon-la-cnil-la-duree-de-conservation-des-donnees-pour-la-finalite-effectuer-des-operations-relatives-a-la-prospection-dun-non-client-par-courriel/",
    Account,
);

/// Hours where no law gives any for texts: decent ones, and quiet Sundays and holidays.
const DECENT: Hours = Hours::weekly(Window::hours(9, 20), Window::hours(9, 20), None).not_on_holidays();

const fn contents(postal: bool, stop_works_days: i64) -> Contents {
    Contents { sender: true, postal, stop: true, stop_works: Span::days(stop_works_days) }
}

/// The Union's law. What single members add stands with the places.
pub fn eu() -> Rules {
    let consent = source(EPRIVACY, "art. 13(1)", EPRIVACY_URL, Account);
    let customers = source(EPRIVACY, "art. 13(2)", EPRIVACY_URL, Account);
    let sender = source(EPRIVACY, "art. 13(4)", EPRIVACY_URL, Text);
    let address = source(
        "Directive 2000/31/EC on electronic commerce",
        "art. 5(1)(b), 6(b)",
        "https://eur-lex.europa.eu/eli/dir/2000/31/oj",
        Careful,
    );
    let bought =
        SoftOptIn::Within(Terms { purchase: THREE_YEARS, inquiry: None, similar_only: true, refusal_offered: true });
    let no_end = "The directive names no end; it ends here when the data of the silent are forgotten.";
    let stops = "No law says how long stopping must work; 30 days are a careful reading.";
    Rules {
        email: Fact::new(Prior::Consent, [consent]),
        texts: Fact::new(Prior::Consent, [consent]).noting("Electronic mail includes texts: art. 2(h) and recital 40."),
        email_after_purchase: Fact::new(bought, [customers]).noting(no_end),
        texts_after_purchase: Fact::new(bought, [customers]).noting(no_end),
        confirmation: Fact::new(
            Confirmation::Advised,
            [source(GDPR, "art. 7(1), 5(2); recital 42", GDPR_URL, Account)],
        )
        .noting("Whoever sends must prove consent; a confirmed address is the usual proof."),
        device: Fact::new(DeviceConsent::Ask, [source(EPRIVACY, "art. 5(3)", EPRIVACY_URL, Account)]),
        text_hours: Fact::new(DECENT, [source(EPRIVACY, "art. 13", EPRIVACY_URL, Careful)])
            .noting("The Union's law names no hours; these are ours."),
        email_contents: Fact::new(contents(true, 30), [sender, address]).noting(stops),
        text_contents: Fact::new(contents(true, 30), [sender, address]).noting(stops),
        withdrawal: Fact::new(BusinessDays(0), [source(GDPR, "art. 21(3), 7(3)", GDPR_URL, Text)])
            .noting("From the objection on, data may not be used for marketing any longer."),
        proof: Fact::new(KeepAtLeast(FIVE_YEARS), [source(GDPR, "art. 7(1), 17(3)(e)", GDPR_URL, Careful)])
            .noting("The regulation gives no number; five years follow Germany's § 7a UWG."),
        silence: Fact::new(KeepAtMost(THREE_YEARS), [source(GDPR, "art. 5(1)(e)", GDPR_URL, Account), CNIL])
            .noting("The regulation gives the principle, the French authority the number."),
    }
}

/// The United Kingdom's law, after the Data (Use and Access) Act 2025.
pub fn uk() -> Rules {
    let consent = source(PECR, "reg. 22(2)", PECR_URL, Text);
    let customers = source(PECR, "reg. 22(3)", PECR_URL, Account);
    let sender = source(PECR, "reg. 23", PECR_URL, Account);
    let address = source(
        "Electronic Commerce (EC Directive) Regulations 2002",
        "reg. 6, 7",
        "https://www.legislation.gov.uk/uksi/2002/2013",
        Careful,
    );
    let bought = SoftOptIn::Within(Terms {
        purchase: THREE_YEARS,
        inquiry: Some(HALF_A_YEAR),
        similar_only: true,
        refusal_offered: true,
    });
    let no_end = "Negotiations for a sale count too. The regulations name no end; the spans are careful readings.";
    let stops = "No law says how long stopping must work; 30 days are a careful reading.";
    Rules {
        email: Fact::new(Prior::Consent, [consent]),
        texts: Fact::new(Prior::Consent, [consent]).noting("Electronic mail includes texts: reg. 2."),
        email_after_purchase: Fact::new(bought, [customers]).noting(no_end),
        texts_after_purchase: Fact::new(bought, [customers]).noting(no_end),
        confirmation: Fact::new(Confirmation::Advised, [source(UK_GDPR, "art. 7(1)", UK_GDPR_URL, Careful)])
            .noting("Whoever sends must prove consent."),
        device: Fact::new(
            DeviceConsent::Ask,
            [
                source(PECR, "reg. 6, schedule A1", PECR_URL, Account),
                source(
                    "Data (Use and Access) Act 2025",
                    "s. 112, in force since 5 February 2026 (SI 2026/82 reg. 2)",
                    "https://www.legislation.gov.uk/ukpga/2025/18",
                    Text,
                ),
            ],
        )
        .noting("Its new exceptions (statistics, appearance) do not reach personalisation and marketing."),
        text_hours: Fact::new(DECENT, [source(PECR, "reg. 22", PECR_URL, Careful)])
            .noting("The regulations name no hours; these are ours."),
        email_contents: Fact::new(contents(true, 30), [sender, address]).noting(stops),
        text_contents: Fact::new(contents(true, 30), [sender, address]).noting(stops),
        withdrawal: Fact::new(BusinessDays(0), [source(UK_GDPR, "art. 7(3), 21(3)", UK_GDPR_URL, Careful)]),
        proof: Fact::new(
            KeepAtLeast(SIX_YEARS),
            [
                source(UK_GDPR, "art. 7(1)", UK_GDPR_URL, Careful),
                source("Limitation Act 1980", "s. 2, 9", "https://www.legislation.gov.uk/ukpga/1980/58", Careful),
            ],
        )
        .noting("No number is given; six years are the time to sue."),
        silence: Fact::new(KeepAtMost(THREE_YEARS), [source(UK_GDPR, "art. 5(1)(e)", UK_GDPR_URL, Careful), CNIL])
            .noting("No number is given; three years follow the French authority."),
    }
}

/// Federal law of the United States. What single states add stands with the places.
pub fn us() -> Rules {
    let written = source(TCPA, "47 CFR 64.1200(a)(2), (f)(9)", TCPA_URL, Account);
    let opt_out = source(CAN_SPAM, "15 U.S.C. 7704(a)(3)–(5)", CAN_SPAM_URL, Account);
    Rules {
        email: Fact::new(Prior::NotAsked, [opt_out]),
        texts: Fact::new(Prior::WrittenConsent, [written])
            .noting("The words agreed to must be on record, and agreeing must not be a condition of buying."),
        email_after_purchase: Fact::new(SoftOptIn::NotNeeded, [opt_out]),
        texts_after_purchase: Fact::new(SoftOptIn::Never, [written]),
        confirmation: Fact::new(
            Confirmation::Advised,
            [source(
                "CTIA Messaging Principles and Best Practices",
                "on opting in",
                "https://www.ctia.org/the-wireless-industry/industry-commitments/messaging-interoperability-sms-mms",
                Careful,
            )],
        ),
        device: Fact::new(
            DeviceConsent::Free,
            [source(
                "California Consumer Privacy Act",
                "Cal. Civ. Code 1798.120, 1798.135",
                "https://leginfo.legislature.ca.gov/faces/codes_displayText.xhtml?division=3.&part=4.&lawCode=CIV&title=1.81.5",
                Careful,
            )],
        )
        .noting("No consent beforehand, but objections count, those by Global Privacy Control too."),
        text_hours: Fact::new(
            Hours::weekly(Window::hours(8, 21), Window::hours(8, 21), Window::hours(8, 21)),
            [source(TCPA, "47 CFR 64.1200(c)(1)", TCPA_URL, Text)],
        )
        .noting("Whether it reaches texts that were consented to is argued in court; it is obeyed here."),
        email_contents: Fact::new(contents(true, 30), [opt_out]),
        text_contents: Fact::new(contents(false, 30), [source(TCPA, "47 CFR 64.1200(a)(10), (d)(4)", TCPA_URL, Account)])
            .noting("A number or an address at which the sender is reached; stopping must work in any reasonable way."),
        withdrawal: Fact::new(
            BusinessDays(10),
            [
                source(CAN_SPAM, "15 U.S.C. 7704(a)(4)(A)", CAN_SPAM_URL, Account),
                source(TCPA, "47 CFR 64.1200(a)(10), since 11 April 2025", TCPA_URL, Account),
            ],
        ),
        proof: Fact::new(
            KeepAtLeast(FIVE_YEARS),
            [source(
                "Telemarketing Sales Rule of the FTC",
                "16 CFR 310.5(a)(8), (b), since 2024",
                "https://www.ecfr.gov/current/title-16/section-310.5",
                Account,
            )],
        ),
        silence: Fact::new(
            KeepAtMost(THREE_YEARS),
            [source(
                "California Consumer Privacy Act",
                "Cal. Civ. Code 1798.100(a)(3)",
                "https://leginfo.legislature.ca.gov/faces/codes_displayText.xhtml?division=3.&part=4.&lawCode=CIV&title=1.81.5",
                Careful,
            )],
        )
        .noting("No longer than reasonably necessary; no number is given, and three years are ours."),
    }
}

/// Canada's federal law. What Quebec adds stands with the places.
pub fn ca() -> Rules {
    let consent = source(CASL, "s. 6(1)", CASL_URL, Account);
    let implied = source(CASL, "s. 10(9), 10(10)", CASL_URL, Account);
    let mechanism = source(CASL, "s. 6(2), 11(1), 11(2)", CASL_URL, Account);
    let address = source(
        "Electronic Commerce Protection Regulations (CRTC), SOR/2012-36",
        "s. 2, 3",
        "https://laws-lois.justice.gc.ca/eng/regulations/SOR-2012-36/",
        Account,
    );
    let bought = SoftOptIn::Within(Terms {
        purchase: TWO_YEARS,
        inquiry: Some(HALF_A_YEAR),
        similar_only: false,
        refusal_offered: false,
    });
    Rules {
        email: Fact::new(Prior::Consent, [consent]),
        texts: Fact::new(Prior::Consent, [consent]),
        email_after_purchase: Fact::new(bought, [implied]),
        texts_after_purchase: Fact::new(bought, [implied]),
        confirmation: Fact::new(Confirmation::Advised, [source(CASL, "s. 13", CASL_URL, Account)])
            .noting("Whoever sends must prove consent."),
        device: Fact::new(
            DeviceConsent::Free,
            [
                source(CASL, "s. 10(8)", CASL_URL, Account),
                source(
                    "Personal Information Protection and Electronic Documents Act (PIPEDA)",
                    "schedule 1, 4.3",
                    "https://laws-lois.justice.gc.ca/eng/acts/P-8.6/",
                    Account,
                ),
            ],
        )
        .noting("Implied consent is enough for what is not sensitive; Quebec asks for more."),
        text_hours: Fact::new(
            Hours::weekly(Window::hours(9, 21), Window::hours(10, 18), Window::hours(10, 18)),
            [source(
                "Unsolicited Telecommunications Rules of the CRTC",
                "part III, hours",
                "https://crtc.gc.ca/eng/trules-reglest.htm",
                Careful,
            )],
        )
        .noting("The rules are for calls; the law on texts names no hours. The half hour before 21:30 is left out."),
        email_contents: Fact::new(contents(true, 60), [mechanism, address]),
        text_contents: Fact::new(contents(true, 60), [mechanism, address])
            .noting("What does not fit into a text may stand on a page that it links to."),
        withdrawal: Fact::new(BusinessDays(10), [source(CASL, "s. 11(3)", CASL_URL, Account)]),
        proof: Fact::new(
            KeepAtLeast(FIVE_YEARS),
            [source(CASL, "s. 13 (proof), 23 (three years from when it became known)", CASL_URL, Account)],
        )
        .noting("No number is given; five years leave two for it to become known."),
        silence: Fact::new(
            KeepAtMost(THREE_YEARS),
            [source(
                "Personal Information Protection and Electronic Documents Act (PIPEDA)",
                "schedule 1, 4.5.3",
                "https://laws-lois.justice.gc.ca/eng/acts/P-8.6/",
                Careful,
            )],
        )
        .noting("Only as long as necessary; no number is given, and three years are ours."),
    }
}

/// Australia's law.
pub fn au() -> Rules {
    let consent = source(SPAM_ACT, "s. 16, schedule 2 cl. 2", SPAM_ACT_URL, Text);
    let inferred = source(SPAM_ACT, "schedule 2 cl. 2(b)", SPAM_ACT_URL, Careful);
    let sender = source(SPAM_ACT, "s. 17, 18", SPAM_ACT_URL, Account);
    let ongoing = "Consent may be inferred from a relationship that goes on; one purchase is not taken for that here.";
    let privacy = "Privacy Act 1988 (Cth)";
    let privacy_url = "https://www.legislation.gov.au/C2004A03712/latest";
    Rules {
        email: Fact::new(Prior::Consent, [consent]),
        texts: Fact::new(Prior::Consent, [consent])
            .noting("Texts fall under the Spam Act, not the Do Not Call Register."),
        email_after_purchase: Fact::new(SoftOptIn::Never, [inferred]).noting(ongoing),
        texts_after_purchase: Fact::new(SoftOptIn::Never, [inferred]).noting(ongoing),
        confirmation: Fact::new(
            Confirmation::Advised,
            [source(
                "ACMA, guidance on consent",
                "how to prove consent",
                "https://www.acma.gov.au/avoid-sending-spam",
                Account,
            )],
        ),
        device: Fact::new(DeviceConsent::Free, [source(privacy, "schedule 1, APP 3 and 5", privacy_url, Account)])
            .noting("No law speaks of storage on devices; consent is needed for sensitive information."),
        text_hours: Fact::new(
            Hours::weekly(Window::hours(9, 20), Window::hours(9, 17), None).not_on_holidays(),
            [source(
                "Telecommunications (Telemarketing and Research Calls) Industry Standard 2017",
                "calling times",
                "https://donotcall.gov.au/industry/industry-overview/industry-standards",
                Careful,
            )],
        )
        .noting(
            "The standard is for voice calls; the Spam Act names no hours for texts. Its hours are kept all the same.",
        ),
        email_contents: Fact::new(contents(false, 30), [sender])
            .noting("How to reach the sender, correct for 30 days; it need not be a postal address."),
        text_contents: Fact::new(contents(false, 30), [sender]),
        withdrawal: Fact::new(BusinessDays(5), [source(SPAM_ACT, "schedule 2 cl. 6", SPAM_ACT_URL, Account)]),
        proof: Fact::new(KeepAtLeast(SIX_YEARS), [source(SPAM_ACT, "s. 16(5), 26", SPAM_ACT_URL, Careful)])
            .noting("The sender must prove consent; six years are a careful reading of the time to sue."),
        silence: Fact::new(KeepAtMost(THREE_YEARS), [source(privacy, "schedule 1, APP 11.2", privacy_url, Careful)])
            .noting("Only as long as needed; no number is given, and three years are ours."),
    }
}
