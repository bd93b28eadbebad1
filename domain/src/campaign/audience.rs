//! To whom a campaign is shown: conditions on the visitor, the device and the visit, in groups.

use serde::{Deserialize, Serialize};

use super::plan::Part;
use super::{Glob, Signals, VisitorState};
use crate::money::Money;
use crate::time::Span;

/// Whoever was first met longer ago than this is back again. Before permission nobody can be.
pub const RETURNING_AFTER: Span = Span::hours(6);

/// Conditions that are looked at in the browser, with what it knows by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// All of them are true.
    All(Vec<Audience>),
    /// One of them is.
    Any(Vec<Audience>),
    /// It is not.
    Not(Box<Audience>),
    /// The page's path fits one of them.
    Page(Vec<Glob>),
    /// The window is as wide as on one of these.
    Device(Vec<Device>),
    /// First met longer ago than [`RETURNING_AFTER`].
    Returning,
    /// Their address is known.
    Known,
    /// What lies in the cart costs at least so much. A cart in another currency is taken for one in the shop's.
    CartFrom(Money),
    /// The host they came from fits one of them; an empty one fits those who came from nowhere.
    Referrer(Vec<Glob>),
}

/// A kind of device, by the width of its window in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Device {
    /// Up to 640.
    Phone,
    /// From 641 to 1024.
    Tablet,
    /// From 1025.
    Desktop,
}

impl Device {
    /// All of them, the widest last.
    pub const ALL: [Self; 3] = [Self::Phone, Self::Tablet, Self::Desktop];

    /// The device that has such a window.
    pub fn of(width: u32) -> Self {
        let narrower = |device: &Self| device.widths().1.is_some_and(|below| i64::from(width) < below);
        Self::ALL.into_iter().find(narrower).unwrap_or(Self::Desktop)
    }

    /// Its name in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Tablet => "tablet",
            Self::Desktop => "desktop",
        }
    }

    /// The widths it has: from the first, below the second.
    const fn widths(self) -> (i64, Option<i64>) {
        match self {
            Self::Phone => (0, Some(641)),
            Self::Tablet => (641, Some(1025)),
            Self::Desktop => (1025, None),
        }
    }
}

impl Audience {
    /// What is against showing it to somebody, in words; nothing if they belong to it.
    pub fn against(&self, visitor: &VisitorState, signals: &Signals) -> Option<String> {
        let one = |each: &Self| each.against(visitor, signals);
        let unless = |fits: bool, why: String| (!fits).then_some(why);
        match self {
            Self::All(all) => all.iter().find_map(one),
            Self::Any(any) => {
                let against: Option<Vec<String>> = any.iter().map(one).collect();
                against.map(|against| against.join("; "))
            }
            Self::Not(not) => one(not).is_none().then(|| format!("not for {}", not.words())),
            Self::Page(pages) => unless(fits(pages, &signals.path), format!("the page is {}", signals.path)),
            Self::Device(devices) => {
                let device = Device::of(signals.width);
                unless(devices.contains(&device), format!("the device is a {}", device.as_str()))
            }
            Self::Returning => unless(signals.met > RETURNING_AFTER, "the visitor is new".into()),
            Self::Known => unless(visitor.known, "the address is not known".into()),
            Self::CartFrom(least) => {
                let cart = signals.cart.map_or_else(|| "empty".into(), |cart| cart.to_string());
                unless(signals.cart.is_some_and(|cart| cart.minor >= least.minor), format!("the cart is {cart}"))
            }
            Self::Referrer(hosts) => {
                let from = signals.referrer.as_str();
                let said = if from.is_empty() { "nowhere" } else { from };
                unless(fits(hosts, from), format!("they came from {said}"))
            }
        }
    }

    /// Whom it means, in words.
    fn words(&self) -> String {
        let each = |list: &[Self], and: &str| list.iter().map(Self::words).collect::<Vec<_>>().join(and);
        let globs = |list: &[Glob]| list.iter().map(|glob| glob.0.as_str()).collect::<Vec<_>>().join(", ");
        match self {
            Self::All(all) => each(all, " and "),
            Self::Any(any) => each(any, " or "),
            Self::Not(not) => format!("all but {}", not.words()),
            Self::Page(pages) => format!("pages like {}", globs(pages)),
            Self::Device(devices) => devices.iter().map(|device| device.as_str()).collect::<Vec<_>>().join(" or "),
            Self::Returning => "returning visitors".into(),
            Self::Known => "those whose address is known".into(),
            Self::CartFrom(least) => format!("carts from {least}"),
            Self::Referrer(hosts) => format!("those who came from {}", globs(hosts)),
        }
    }

    /// The same for the loader, which knows two forms of it: `["none", …]`, true if none of what follows is, and a name
    /// with the least number or with a regular expression for what it knows under that name.
    pub fn test(&self) -> Part {
        let none = |of: Vec<Part>| Part::Many([vec![Part::Name("none".into())], of].concat());
        let least = |name: &str, least: i64| Part::Many(vec![Part::Name(name.into()), Part::Number(least)]);
        let fits = |name: &str, globs: &[Glob]| {
            Part::Many(vec![Part::Name(name.into()), Part::Name(Glob::regex_source(globs))])
        };
        let any = |of: Vec<Part>| none(vec![none(of)]);
        match self {
            Self::All(all) => none(all.iter().map(|each| none(vec![each.test()])).collect()),
            Self::Any(list) => any(list.iter().map(Self::test).collect()),
            Self::Not(not) => none(vec![not.test()]),
            Self::Page(pages) => fits("path", pages),
            Self::Device(devices) => any(devices
                .iter()
                .map(|device| match device.widths() {
                    (from, None) => least("width", from),
                    (0, Some(below)) => none(vec![least("width", below)]),
                    (from, Some(below)) => none(vec![none(vec![least("width", from)]), least("width", below)]),
                })
                .collect()),
            Self::Returning => least("met", RETURNING_AFTER.0 + 1),
            Self::Known => least("known", 1),
            Self::CartFrom(money) => least("cart", in_ten_thousandths(*money)),
            Self::Referrer(hosts) => fits("referrer", hosts),
        }
    }
}

fn fits(globs: &[Glob], text: &str) -> bool {
    globs.iter().any(|glob| glob.fits(text))
}

/// What a page's decimal has to reach when it is multiplied by ten thousand. Half a step less than the amount: the product
/// of a decimal that a computer cannot write exactly may be a little too small.
fn in_ten_thousandths(money: Money) -> i64 {
    let step = 10_i64.saturating_pow(4_u32.saturating_sub(money.currency.exponent()));
    money.minor.saturating_mul(step).saturating_sub(5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(referrer: &str, width: u32) -> Signals {
        Signals { referrer: referrer.into(), width, path: "/".into(), ..Signals::default() }
    }

    #[test]
    fn groups_say_what_is_against_somebody() {
        let nobody = VisitorState::default();
        let phone = || Audience::Device(vec![Device::Phone]);
        let search = || Audience::Referrer(vec![Glob("*.example.org".into())]);
        let desk = from("www.example.org", 1_280);
        assert_eq!(phone().against(&nobody, &desk).unwrap(), "the device is a desktop");
        assert_eq!(search().against(&nobody, &desk), None);
        assert_eq!(Audience::Any(vec![phone(), search()]).against(&nobody, &desk), None);
        assert_eq!(Audience::All(vec![search(), phone()]).against(&nobody, &desk).unwrap(), "the device is a desktop");
        let none = Audience::Any(vec![phone(), Audience::Known]);
        assert_eq!(none.against(&nobody, &desk).unwrap(), "the device is a desktop; the address is not known");
        let not = Audience::Not(Box::new(search()));
        assert_eq!(not.against(&nobody, &desk).unwrap(), "not for those who came from *.example.org");
        assert_eq!(Audience::Any(Vec::new()).against(&nobody, &desk).unwrap(), "");
        let direct = Audience::Referrer(vec![Glob(String::new())]);
        assert_eq!(direct.against(&nobody, &from("", 320)), None);
        assert_eq!(direct.against(&nobody, &desk).unwrap(), "they came from www.example.org");
    }

    #[test]
    fn an_amount_is_reached_by_itself_and_not_by_a_cent_less() {
        let eur = |decimal: &str| Money::exact(decimal, "EUR".parse().unwrap()).unwrap();
        let yen = |decimal: &str| Money::exact(decimal, "JPY".parse().unwrap()).unwrap();
        assert_eq!(in_ten_thousandths(eur("19.99")), 199_895);
        assert_eq!(in_ten_thousandths(yen("1999")), 19_989_995);
        let nobody = VisitorState::default();
        let with = |cart: &str| Signals { cart: Some(eur(cart)), ..Signals::default() };
        assert_eq!(Audience::CartFrom(eur("20")).against(&nobody, &with("20.00")), None);
        let against = Audience::CartFrom(eur("20")).against(&nobody, &with("19.99")).unwrap();
        assert_eq!(against, "the cart is 19.99 EUR");
        assert_eq!(Audience::CartFrom(eur("20")).against(&nobody, &Signals::default()).unwrap(), "the cart is empty");
    }
}
