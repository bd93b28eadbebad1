//! Text in, program out; text in, mistakes out.

mod mistakes;
mod programs;
#[cfg(feature = "schema")]
mod schemas;

use std::collections::BTreeMap;

use super::*;
use crate::publish::Problem;
use crate::published::Shows;
use crate::zone::Zone;

fn names<T: FromIterator<Slug>>(list: &[&str]) -> T {
    list.iter().map(|name| name.parse().unwrap()).collect()
}

fn known() -> Known {
    let said = |plain: &str, with_code: &str| {
        let needs = Needs::default();
        BTreeMap::from([
            (plain.parse().unwrap(), needs),
            (with_code.parse().unwrap(), Needs { code: true, ..needs }),
            ("basket".parse().unwrap(), Needs { shows: Some(Shows::Cart), ..needs }),
            ("parcel".parse().unwrap(), Needs { shows: Some(Shows::Order), ..needs }),
        ])
    };
    Known {
        mails: said("hello", "present"),
        texts: said("short", "gift"),
        offers: names(&["vip"]),
        segments: names(&["regulars", "quiet"]),
        campaigns: names(&["popup"]),
        webhooks: names(&["crm"]),
        currency: "EUR".parse().ok(),
        zone: "Europe/Berlin".parse::<Zone>().unwrap(),
    }
}

fn read_as(text: &str, known: &Known) -> Result<Journey, Vec<Problem>> {
    let sources = BTreeMap::from([("journeys/test.toml".to_owned(), text.to_owned())]);
    let mut files = Files::new(&sources);
    let journey = journey(&mut files, "test".parse().unwrap(), "journeys/test.toml", known);
    match journey {
        Some(journey) if files.problems.is_empty() => Ok(journey),
        _ => Err(files.problems),
    }
}

#[track_caller]
fn read(text: &str) -> Journey {
    read_as(text, &known()).unwrap_or_else(|problems| panic!("{problems:#?}\n{text}"))
}

const ENTRY: &str = "entry = { event = \"custom\", name = \"joined\" }\n";

/// A journey of these steps.
#[track_caller]
fn steps(text: &str) -> serde_json::Value {
    serde_json::to_value(read(&format!("{ENTRY}step = [{text}]")).steps).unwrap()
}

/// A condition, as a filter of a journey about orders asks for it.
#[track_caller]
fn condition(text: &str) -> serde_json::Value {
    let journey =
        read(&format!("entry = {{ event = \"order.confirmed\" }}\nfilter = {text}\nstep = [{{ exit = true }}]"));
    serde_json::to_value(journey.filter.unwrap()).unwrap()
}
