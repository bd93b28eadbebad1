//! E-mail addresses: what is one, when two are the same, and what was probably meant.

use core::fmt;
use core::str::FromStr;
use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// An e-mail address in the form in which two are compared: trimmed and in lower case.
///
/// The rule is the one browsers use for `<input type=email>` (HTML Living Standard, "valid e-mail
/// address"), plus: the domain has a dot, and letters beyond ASCII are allowed in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// Why a text is not an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailError {
    /// Nothing was entered.
    Missing,
    /// It is not the form of an address.
    Invalid,
}

impl fmt::Display for EmailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "an e-mail address is needed",
            Self::Invalid => "expected an e-mail address such as anna@example.org",
        })
    }
}

impl core::error::Error for EmailError {}

impl Email {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands after the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// What stands before the `@`.
    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// The address that was probably meant ([`Typed::suggestion`]).
    pub fn suggestion(&self) -> Option<Self> {
        Typed { local: self.local().to_owned(), domain: self.domain().to_owned() }.suggestion().map(Self)
    }
}

/// What has the form of an address, with ASCII letters in lower case. What stands beyond ASCII in its domain may be no
/// letter: a browser judges without the tables of all letters there are, and [`Email`] has the last word.
#[derive(Clone, PartialEq, Eq)]
pub struct Typed {
    local: String,
    domain: String,
}

impl Typed {
    /// The address that was probably meant when the domain is a slip of the finger on a well-known
    /// one (`gmial.com`), else nothing.
    pub fn suggestion(&self) -> Option<String> {
        let domain = self.domain.as_str();
        if COMMON.contains(&domain) || NEIGHBOURS.contains(&domain) {
            return None;
        }
        let ending_mended = mended_ending(domain);
        let looked_up = ending_mended.as_deref().unwrap_or(domain);
        let near = COMMON
            .iter()
            .filter(|known| known.len() >= 5)
            .map(|known| (distance(looked_up, known), *known))
            .min_by_key(|(steps, _)| *steps)
            .filter(|(steps, known)| *steps <= usize::from(known.len() > 8) + 1)
            .map(|(_, known)| known.to_owned());
        let meant = near.or(ending_mended)?;
        (meant != domain).then(|| joined(&self.local, &meant))
    }
}

/// An address of its two parts.
fn joined(local: &str, domain: &str) -> String {
    [local, "@", domain].concat()
}

/// A text without the e-mail addresses in it: what is kept unsealed must hold none.
pub fn without_addresses(text: &str) -> Cow<'_, str> {
    if !text.contains('@') {
        return Cow::Borrowed(text);
    }
    let word = |word: &str| if word.contains('@') { "…".to_owned() } else { word.to_owned() };
    Cow::Owned(text.split(' ').map(word).collect::<Vec<_>>().join(" "))
}

/// Endings that no registry has, with the one meant.
fn mended_ending(domain: &str) -> Option<String> {
    const SLIPS: [(&str, &str); 8] = [
        (".con", ".com"),
        (".cmo", ".com"),
        (".ocm", ".com"),
        (".comm", ".com"),
        (".vom", ".com"),
        (".xom", ".com"),
        (".nte", ".net"),
        (".ogr", ".org"),
    ];
    SLIPS.iter().find_map(|(slip, meant)| domain.strip_suffix(slip).map(|stem| [stem, meant].concat()))
}

/// The domains most people's addresses have.
const COMMON: [&str; 26] = [
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "yahoo.co.uk",
    "yahoo.de",
    "yahoo.fr",
    "hotmail.com",
    "hotmail.co.uk",
    "hotmail.de",
    "hotmail.fr",
    "outlook.com",
    "outlook.de",
    "live.com",
    "icloud.com",
    "me.com",
    "aol.com",
    "gmx.de",
    "gmx.net",
    "gmx.at",
    "web.de",
    "t-online.de",
    "freenet.de",
    "orange.fr",
    "proton.me",
    "protonmail.com",
    "mail.com",
];

/// Real domains that lie a keystroke from a common one and must not be corrected.
const NEIGHBOURS: [&str; 16] = [
    "ymail.com",
    "email.com",
    "gmx.com",
    "gmx.ch",
    "gmx.fr",
    "mail.ru",
    "mail.de",
    "aol.de",
    "live.de",
    "live.fr",
    "live.nl",
    "yahoo.es",
    "yahoo.it",
    "yahoo.in",
    "hotmail.es",
    "hotmail.it",
];

/// Edits from `a` to `b`: insertions, deletions, changes and swaps of neighbours (optimal string
/// alignment distance).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before = vec![0; b.len() + 1];
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut next = vec![i + 1; b.len() + 1];
        for (j, y) in b.iter().enumerate() {
            let mut steps = (row[j] + usize::from(x != y)).min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                steps = steps.min(before[j - 1] + 1);
            }
            next[j + 1] = steps;
        }
        before = core::mem::replace(&mut row, next);
    }
    row[b.len()]
}

impl FromStr for Typed {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EmailError::Missing);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError::Invalid)?;
        let local_ok = (1..=64).contains(&local.len())
            && local.bytes().all(|b| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b))
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        let label_ok = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || !b.is_ascii())
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let mut labels = domain.split('.');
        let last_ok = domain
            .rsplit('.')
            .next()
            .is_some_and(|last| last.chars().count() >= 2 && !last.bytes().all(|b| b.is_ascii_digit()));
        if local_ok && domain.len() <= 253 && domain.contains('.') && last_ok && labels.all(label_ok) {
            Ok(Self { local: local.to_ascii_lowercase(), domain: domain.to_ascii_lowercase() })
        } else {
            Err(EmailError::Invalid)
        }
    }
}

impl FromStr for Email {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        let Typed { local, domain } = text.parse()?;
        let letters = domain.chars().all(|c| c.is_ascii() || c.is_alphanumeric());
        if letters { Ok(Self(joined(&local, &domain.to_lowercase()))) } else { Err(EmailError::Invalid) }
    }
}

impl TryFrom<String> for Email {
    type Error = EmailError;

    fn try_from(text: String) -> Result<Self, EmailError> {
        text.parse()
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

/// Never the address itself: debug output ends in logs.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn meant(entered: &str, meant: Option<&str>) {
        let email: Email = entered.parse().unwrap();
        assert_eq!(email.suggestion().map(String::from).as_deref(), meant, "{entered}");
    }

    #[test]
    fn addresses_are_compared_in_one_form() {
        assert_eq!(" Anna.Lee+Shop@Example.ORG ".parse::<Email>().unwrap().as_str(), "anna.lee+shop@example.org");
        assert_eq!("jörg@example.org".parse::<Email>(), Err(EmailError::Invalid));
        assert_eq!("jo@MÜLLER.example".parse::<Email>().unwrap().as_str(), "jo@müller.example");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "anna",
            "anna@",
            "@example.org",
            "anna@example",
            "an na@example.org",
            "anna@exa mple.org",
            "anna@-x.org",
            "anna@example..org",
            ".anna@example.org",
            "an..na@example.org",
            "anna@127.0.0.1",
            "anna@example.o",
            "anna@example.org\r\nBcc: x@y.zz",
            "<anna@example.org>",
            "anna@example.org,bob@example.org",
        ] {
            assert_eq!(text.parse::<Email>(), Err(EmailError::Invalid), "{text}");
            assert_eq!(text.parse::<Typed>(), Err(EmailError::Invalid), "{text}");
        }
        assert_eq!("anna@ex…mple.org".parse::<Email>(), Err(EmailError::Invalid));
        assert!("anna@ex…mple.org".parse::<Typed>().is_ok(), "without the tables nobody knows that it is no letter");
        assert_eq!("  ".parse::<Email>(), Err(EmailError::Missing));
        assert!(format!("{}@example.org", "a".repeat(65)).parse::<Email>().is_err());
    }

    #[test]
    fn slips_are_noticed_and_real_domains_left_alone() {
        meant("a@gmial.com", Some("a@gmail.com"));
        meant("a@gmal.com", Some("a@gmail.com"));
        meant("a@gmail.con", Some("a@gmail.com"));
        meant("a@gamil.cmo", Some("a@gmail.com"));
        meant("a@hotnail.com", Some("a@hotmail.com"));
        meant("a@yaho.co.uk", Some("a@yahoo.co.uk"));
        meant("a@somewhere.con", Some("a@somewhere.com"));
        meant("a@gmail.com", None);
        meant("a@ymail.com", None);
        meant("a@mail.ru", None);
        meant("a@example.org", None);
        meant("a@gmx.ch", None);
        meant("a@driftmoor.com", None);
    }

    #[test]
    fn a_text_can_be_kept_without_the_addresses_in_it() {
        assert_eq!(without_addresses("<Anna@example.org>: unknown, try <anna@new.example>"), "… unknown, try …");
        assert_eq!(without_addresses("5.1.1 mailbox  full"), "5.1.1 mailbox  full");
    }

    #[test]
    fn an_address_is_not_printed_by_accident() {
        assert!(!format!("{:?}", "anna@example.org".parse::<Email>().unwrap()).contains("anna"));
    }
}
