//! Made-up values for templates, to see that they can be filled in.

use crate::message::basket::{Room, TEXT};
use crate::message::{
    CartVariables, ItemVariables, LinkVariables, OfferVariables, OrderVariables, ProductVariables, ShopVariables,
    ShopperVariables, Variables,
};
use crate::offer::{Codes, Offer};
use crate::published::{Shows, direction};

/// A made-up code of an offer.
pub fn coded(offer: &Offer) -> OfferVariables {
    let (code, ends) = match &offer.codes {
        Codes::Shared { code } => (code.clone(), None),
        Codes::Unique { .. } | Codes::Pool(_) => return a_code(offer.percent),
    };
    OfferVariables { code, percent: offer.percent, ends }
}

/// A made-up product.
pub fn product() -> ProductVariables {
    let link = "https://example.org/".to_owned();
    let (title, price, reason) = ("Wool hat".into(), "19.90".into(), "Often looked at".into());
    ProductVariables { title, url: link.clone(), image: link, price, reason }
}

/// A made-up code of nobody's offer.
pub fn a_code(percent: u8) -> OfferVariables {
    OfferVariables { code: "HELLO-7KQ2M9XD".into(), percent, ends: Some("6 December 2026".into()) }
}

/// Made-up values for every variable, to see that a template can be filled in.
pub fn sample(language: &str, with_name: bool, offer: Option<OfferVariables>) -> Variables {
    let link = || "https://example.org/".to_owned();
    Variables {
        shop: ShopVariables { name: "Shop".into(), url: link(), address: "1 Street".into() },
        shopper: ShopperVariables { given_name: if with_name { "Anna".into() } else { String::new() } },
        link: LinkVariables { confirm: link(), unsubscribe: link(), preferences: link(), why: link(), shop: link() },
        offer,
        products: Vec::new(),
        cart: None,
        order: None,
        lang: language.to_owned(),
        dir: direction(language).to_owned(),
    }
}

/// The same, with what a message shows: as much of it as there may be, or as little.
pub fn showing(variables: Variables, shows: Option<Shows>, much: bool, room: Room) -> Variables {
    let link = || "https://example.org/".to_owned();
    let some = |text: &str| if much { text.to_owned() } else { String::new() };
    // In a text the longest name counts, and it may be of letters that need more room.
    let title = if room == TEXT { "ł".repeat(room.name) } else { "Wool hat".to_owned() };
    let item = || ItemVariables {
        title: title.clone(),
        variant: some("Kelp · M"),
        quantity: 2,
        price: some("€1,019.90"),
        sum: some("€2,039.80"),
        url: some("https://example.org/"),
        image: some("https://example.org/"),
    };
    let items: Vec<ItemVariables> = core::iter::repeat_with(item).take(if much { room.items } else { 1 }).collect();
    let (more, total) = (if much { 12 } else { 0 }, some("€2,039.80"));
    match shows {
        Some(Shows::Cart) => Variables { cart: Some(CartVariables { items, more, total, url: link() }), ..variables },
        // Nobody may have said what was bought.
        Some(Shows::Order) => {
            let items = if much { items } else { Vec::new() };
            Variables { order: Some(OrderVariables { number: "SK-1001".into(), items, more, total }), ..variables }
        }
        None => variables,
    }
}
