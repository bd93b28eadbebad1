//! The log of a simulated shop as its edge exports it, for rehearsals: deterministic by seed.

use std::io::{self, Write};

use domain::consent::{EMAIL_MARKETING, Standing};
use domain::facts::{Happened, Kind, Piece};
use domain::home::Who;
use domain::id::{ShopperId, Uuid};
use domain::rehearsal::export::{ConsentLine, Counts, EventLine, Head, PersonLine, VERSION, write};
use domain::time::{Span, Timestamp};
use domain::zone::Zone;
use serde_json::{Value, json};

use crate::edge::held;
use crate::life::{Arrival, Life};
use crate::shop::START;

/// Writes the log of so many shoppers over so many days.
pub fn export(seed: u64, shoppers: u64, days: i64, to: &mut impl Write) -> io::Result<Counts> {
    let head = Head {
        export: VERSION,
        shop: "pk_00000000000000000000".into(),
        currency: "EUR".parse().ok(),
        zone: Zone::utc(),
        until: START + Span::days(days),
        outlook: None,
    };
    writeln!(to, "{}", write(&head)?)?;
    let mut counts = Counts::default();
    for number in 0..shoppers {
        let [one, other] = crate::household::seeds(seed, number / 2);
        let life = Life::of(if number % 2 == 0 { one } else { other }, days, false);
        counts.add(person(&life, number, head.until, to)?);
    }
    writeln!(to, "{}", counts.line()?)?;
    Ok(counts)
}

/// Writes one shopper.
pub fn person(life: &Life, number: u64, until: Timestamp, to: &mut impl Write) -> io::Result<Counts> {
    let Who { seed, country, of_number, birthday, reach, wishes, .. } = life.who.at_home();
    let person = PersonLine {
        person: ShopperId(Uuid::from_u64_pair(number, seed)),
        language: "en".into(),
        country,
        numbers: of_number,
        birthday,
        reach,
        preferences: wishes.map(|(_, wishes)| wishes),
        preferences_at: None,
    };
    writeln!(to, "{}", write(&person)?)?;
    let mut counts = Counts { people: 1, events: 0 };
    for (at, arrival) in life.arrivals.iter().filter(|(at, _)| *at <= until) {
        let word = |channel, standing| {
            let held = held(standing, *at);
            let consent = domain::consent::Permission { channel, ..EMAIL_MARKETING }.to_string();
            let (basis, proven, worded) = (held.basis, held.proven, held.worded);
            write(&ConsentLine { consent, at: *at, standing, basis, proven, worded })
        };
        let text = match arrival {
            Arrival::Happened(happened) => {
                counts.events += 1;
                event(happened, *at)
            }
            Arrival::Gives(channel) => word(*channel, Standing::Given),
            Arrival::Withdraws(channel) => word(*channel, Standing::Withdrawn),
            // An export says what they wish, not since when.
            _ => continue,
        };
        writeln!(to, "{}", text?)?;
    }
    Ok(counts)
}

fn event(happened: &Happened, received: Timestamp) -> serde_json::Result<String> {
    let data = serde_json::value::to_raw_value(&data(happened))?;
    let (event, at, kind) = (happened.id, happened.at, happened.kind.as_str().into());
    write(&EventLine { event, at, received: Some(received), kind, data: &data })
}

/// What the row of the log says.
fn data(happened: &Happened) -> Value {
    let (about, subject) = (&happened.about, happened.about.subject.as_str());
    let amount = about.amount.map(|cents| format!("{}.{:02}", cents / 100, cents % 100));
    let item =
        |piece: &Piece| json!({ "product": piece.product, "quantity": piece.quantity, "category": piece.category });
    let items: Vec<Value> = about.pieces.iter().map(item).collect();
    match happened.kind {
        Kind::AddressConfirmed => json!({ "campaign": subject }),
        Kind::ProductViewed => {
            let category = about.pieces.first().and_then(|piece| piece.category.as_deref());
            json!({ "product": { "id": subject, "category": category } })
        }
        Kind::CartChanged => json!({ "cart": { "items": items, "total": amount, "currency": "EUR" } }),
        Kind::RefundMade => json!({ "order": { "id": subject, "refunded": amount, "currency": "EUR" } }),
        Kind::OrderPlaced | Kind::OrderConfirmed | Kind::OrderCancelled | Kind::DeliveryArrived => {
            json!({ "order": { "id": subject, "items": items, "total": amount, "currency": "EUR" } })
        }
        Kind::Frustrated => json!({ "name": subject }),
        _ => json!({}),
    }
}
