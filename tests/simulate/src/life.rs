//! What shoppers do, by seed, and how it comes to the edge: late, twice, in another order.

use domain::consent::Channel;
use domain::facts::{About, Happened, Kind, Piece};
use domain::form::Birthday;
use domain::home;
use domain::id::EventId;
use domain::preference::{Frequency, Preferences, Quiet};
use domain::time::{Span, Timestamp};

use crate::place::Place;
use crate::shop::START;

/// Something that comes to the edge.
#[derive(Clone, Debug)]
pub enum Arrival {
    /// News of what happened.
    Happened(Happened),
    /// Permission for a channel is given …
    Gives(Channel),
    /// … or taken back. What is done is acknowledged.
    Withdraws(Channel),
    /// They say how they want to be written to.
    Wishes(Preferences),
    /// The two of a household turn out to be one …
    Joins,
    /// … or not to be.
    Parts,
    /// The shop publishes other rules.
    Publishes,
    /// It publishes the version with the renamed steps, or the first one, and sets runs under way on it.
    Migrates { renamed: bool },
    /// The shop switches sending on again.
    Resumes,
}

/// Who somebody is.
pub struct Who {
    pub seed: u64,
    pub place: Place,
    /// What they wish from the beginning.
    pub wishes: Preferences,
    pub birthday: Option<Birthday>,
    pub has_phone: bool,
}

impl Who {
    /// The same, as a home is told.
    pub fn at_home(&self) -> home::Who {
        let reach = [Channel::Email].into_iter().chain(self.has_phone.then_some(Channel::Sms));
        home::Who {
            seed: self.seed,
            country: self.place.country,
            of_number: self.place.of_number.clone(),
            language: "en".into(),
            birthday: self.birthday,
            reach: reach.collect(),
            wishes: Some((Timestamp(0), self.wishes.clone())),
        }
    }
}

/// One shopper's year: who they are, and what comes to the edge when.
pub struct Life {
    pub who: Who,
    pub arrivals: Vec<(Timestamp, Arrival)>,
}

const CATEGORIES: [&str; 5] = ["coats", "hats", "jumpers", "boots", "bags"];

struct Telling<'a> {
    chance: &'a mut fastrand::Rng,
    faults: bool,
    seed: u64,
    count: u64,
    arrivals: Vec<(Timestamp, Arrival)>,
}

impl Telling<'_> {
    /// Something happens, and the edge hears of it: at once, or with faults late and twice.
    fn happens(&mut self, at: Timestamp, kind: Kind, about: About) {
        self.count += 1;
        let id = EventId(uuid::Uuid::from_u64_pair(self.seed, self.count));
        let happened = Happened::new(at, id, kind, about);
        let (server, faulty) = (kind.as_str().contains('.') && about_order(kind), self.faults);
        let mut delay = if server { self.chance.i64(200..20_000) } else { self.chance.i64(5..5_000) };
        if faulty && self.chance.u8(0..20) == 0 {
            delay = self.chance.i64(0..Span::hours(30).0);
        }
        // Now and then somebody hands a file in.
        if faulty && self.chance.u16(0..400) == 0 {
            delay = Span::days(4).0 + self.chance.i64(0..Span::days(16).0);
        }
        self.arrivals.push((at + Span(delay), Arrival::Happened(happened.clone())));
        if faulty && self.chance.u8(0..12) == 0 {
            let again = delay + self.chance.i64(0..Span::hours(50).0);
            self.arrivals.push((at + Span(again), Arrival::Happened(happened)));
        }
    }

    fn span(&mut self, least: i64, most: i64) -> Span {
        Span(self.chance.i64(least..most))
    }

    fn pieces(&mut self) -> Vec<Piece> {
        let count = self.chance.usize(1..4);
        (0..count)
            .map(|_| Piece {
                product: format!("p{}", self.chance.u16(0..200)),
                category: Some(CATEGORIES[self.chance.usize(0..CATEGORIES.len())].into()),
                size: None,
                quantity: self.chance.u32(1..3),
            })
            .collect()
    }
}

const fn about_order(kind: Kind) -> bool {
    matches!(kind, Kind::OrderConfirmed | Kind::OrderCancelled | Kind::RefundMade | Kind::DeliveryArrived)
}

impl Life {
    /// The life of a seed over so many days.
    pub fn of(seed: u64, days: i64, faults: bool) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed);
        let place = Place::drawn(&mut chance);
        let birthday = (chance.u8(0..3) > 0).then(|| {
            loop {
                if let Some(day) = Birthday::new(None, chance.u8(1..=12), chance.u8(1..=31)) {
                    break day;
                }
            }
        });
        let has_phone = chance.u8(0..3) == 0 || !place.of_number.is_empty();
        let wishes = wishes(&mut chance, &place, START);
        let who = Who { seed, place, wishes, birthday, has_phone };
        let mut telling = Telling { chance: &mut chance, faults, seed, count: 0, arrivals: Vec::new() };
        live(&mut telling, &who, days);
        let mut arrivals = telling.arrivals;
        arrivals.sort_by_key(|(at, _)| *at);
        Self { who, arrivals }
    }
}

/// What somebody may wish from a moment on: most wish nothing.
fn wishes(chance: &mut fastrand::Rng, place: &Place, now: Timestamp) -> Preferences {
    let mut wishes = Preferences { zone: place.named.clone(), ..Preferences::default() };
    match chance.u8(0..12) {
        0 => wishes.quiet = Quiet::new(22 * 60, 8 * 60),
        1 => wishes.quiet = Quiet::new(chance.u16(0..1_440), chance.u16(0..1_440)),
        2 => wishes.frequency = Frequency::Week,
        3 => wishes.frequency = Frequency::Month,
        4 => wishes.topics_off = ["offers".parse().expect("a topic's name")].into(),
        5 => wishes.paused_until = Some(now + Span::days(chance.i64(1..60))),
        _ => {}
    }
    wishes
}

fn live(telling: &mut Telling<'_>, who: &Who, days: i64) {
    let end = START + Span::days(days);
    let mut now = START + Span(telling.chance.i64(0..Span::days(days).0 * 2 / 3));
    telling.happens(now, Kind::PageViewed, About::default());
    // The sign-up.
    now = now + Span(telling.chance.i64(1_000..60_000));
    telling.arrivals.push((now, Arrival::Gives(Channel::Email)));
    if who.has_phone {
        telling.arrivals.push((now, Arrival::Gives(Channel::Sms)));
    }
    telling.happens(now, Kind::AddressConfirmed, About { subject: "hello".into(), ..About::default() });
    // Visits, a few weeks apart for most, a few days for some.
    let apart = Span::days([4, 15, 30, 60][telling.chance.usize(0..4)]).0;
    let mut orders = 0_u32;
    while now < end {
        visit(telling, &mut now, &mut orders, who.seed);
        now = now + Span(telling.chance.i64(apart / 4..apart * 2));
        if telling.chance.u8(0..40) == 0 {
            let channel = if who.has_phone && telling.chance.bool() { Channel::Sms } else { Channel::Email };
            let at = now + Span(telling.chance.i64(0..Span::days(2).0));
            telling.arrivals.push((at, Arrival::Withdraws(channel)));
            if telling.chance.u8(0..3) == 0 {
                let again = at + Span(telling.chance.i64(0..Span::days(60).0));
                telling.arrivals.push((again, Arrival::Gives(channel)));
            }
        }
        if telling.chance.u8(0..30) == 0 {
            let at = now + Span(telling.chance.i64(0..Span::days(2).0));
            let wishes = wishes(telling.chance, &who.place, at);
            telling.arrivals.push((at, Arrival::Wishes(wishes)));
        }
    }
}

fn visit(telling: &mut Telling<'_>, now: &mut Timestamp, orders: &mut u32, seed: u64) {
    for _ in 0..telling.chance.u8(1..6) {
        *now = *now + telling.span(1_000, 120_000);
        let pieces = telling.pieces();
        let piece = Piece { quantity: 1, ..pieces[0].clone() };
        let looked = About { subject: piece.product.clone(), pieces: vec![piece], ..About::default() };
        telling.happens(*now, Kind::ProductViewed, looked);
        *now = *now + telling.span(1_000, 90_000);
    }
    if telling.chance.u8(0..25) == 0 {
        let sign = ["rage click", "coupon failed", "low answer"][telling.chance.usize(0..3)];
        telling.happens(*now, Kind::Frustrated, About { subject: sign.into(), ..About::default() });
    }
    if telling.chance.u8(0..6) == 0 {
        telling.happens(*now, Kind::MessageClicked, About::default());
    }
    if telling.chance.u8(0..2) == 0 {
        return;
    }
    let pieces = telling.pieces();
    let amount = telling.chance.i64(1_500..30_000);
    let cart = About { amount: Some(amount), pieces: pieces.clone(), ..About::default() };
    telling.happens(*now, Kind::CartChanged, cart);
    if telling.chance.u8(0..4) == 0 {
        // Back again before it is quiet.
        *now = *now + telling.span(Span::minutes(10).0, Span::minutes(58).0);
        telling.happens(*now, Kind::PageViewed, About::default());
    }
    if telling.chance.u8(0..3) > 0 {
        return;
    }
    *now = *now + Span(telling.chance.i64(30_000..Span::hours(3).0));
    *orders += 1;
    let order = format!("{seed:x}-{orders}");
    let about = About { subject: order.clone(), amount: Some(amount), pieces, ..About::default() };
    if telling.chance.u8(0..4) > 0 {
        telling.happens(*now + Span(1_500), Kind::OrderPlaced, about.clone());
    }
    telling.happens(*now, Kind::OrderConfirmed, about);
    let (kind, earliest, latest) = match telling.chance.u8(0..12) {
        0 => (Kind::OrderCancelled, Span::minutes(1), Span::days(5)),
        1 => (Kind::RefundMade, Span::days(4), Span::days(25)),
        _ => (Kind::DeliveryArrived, Span::days(1), Span::days(6)),
    };
    let later = *now + telling.span(earliest.0, latest.0);
    telling.happens(later, kind, About { subject: order, amount: Some(amount), ..About::default() });
}
