//! The files of a made-up shop, for what `cargo xtask bench shelf` measures: `shelf PRODUCTS FOLDER` writes its settings,
//! its heads and the whole of it as one file. Every product has as many links as a learned one: thirty to what is looked
//! at next, ten to what is bought with it.

use std::path::Path;

use domain::recommend::Product;
use domain::recommend::links::{Link, Links};
use domain::shelf::file::{Own, Shop, bucket};
use domain::shelf::key::Key;
use domain::shelf::market::Market;
use domain::shelf::settings::{Only, Reasons, Shelf, ShelfBrain, ShelfView, Words};
use domain::shelf::{Card, Files, Head, Kind};

const ADJECTIVES: [&str; 12] = [
    "Light", "Warm", "Foldable", "Printed", "Heavy", "Washed", "Quiet", "Striped", "Plain", "Slim", "Wide", "Recycled",
];
const MATERIALS: [&str; 10] =
    ["linen", "wool", "oak", "steel", "cotton", "leather", "glass", "canvas", "bamboo", "cork"];
const THINGS: [(&str, &str); 12] = [
    ("shirt", "Wear > Tops"),
    ("jumper", "Wear > Tops"),
    ("trousers", "Wear > Bottoms"),
    ("scarf", "Wear > Small things"),
    ("table", "Home > Living"),
    ("lamp", "Home > Living"),
    ("pan", "Home > Kitchen"),
    ("bowl", "Home > Kitchen"),
    ("rug", "Home > Living"),
    ("bag", "Outside > Carrying"),
    ("tent", "Outside > Camp"),
    ("bottle", "Outside > Camp"),
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let products = arguments.next().and_then(|number| number.parse().ok()).expect("how many products");
    let folder = arguments.next().expect("the folder to write into");
    let (next, together) = (links(products, 30, 1), links(products, 10, 7));
    let own: Vec<Own> = (0..products).map(|number| own(number, products)).collect();
    for generation in [1, 2] {
        let shop = Shop { generation, next: &next, together: &together, own: &own, viewers: &[] };
        let file = bucket(&shop, 0..products, usize::MAX, &mut <[u8]>::len).bytes;
        let trending = (0..32).map(|place| (Product(place * 31 % products), 0.1)).collect();
        let files = Files::Whole(generation.into());
        let head = Head { generation, products, files, trending, ..Head::empty("EUR") };
        write(&folder, &format!("file-{generation}"), &file);
        write(&folder, &format!("head-{generation}"), &head.write().expect("a head"));
    }
    write(&folder, "brain", &brain().write().expect("settings"));
}

fn write(folder: &str, name: &str, bytes: &[u8]) {
    std::fs::create_dir_all(folder).expect("the folder");
    std::fs::write(Path::new(folder).join(format!("{name}.bin")), bytes).expect("the file");
}

/// A number that looks like chance and is always the same (Knuth's multiplicative hashing).
fn chance(of: u32, below: u32) -> u32 {
    let mixed = (of ^ of >> 15).wrapping_mul(0x9e37_79b1);
    (mixed ^ mixed >> 13).wrapping_mul(0x85eb_ca77) % below.max(1)
}

/// Most links lead near, because numbers are given so.
fn links(products: u32, most: u32, seed: u32) -> Links {
    let row = |own: u32| {
        let to = |place: u32| {
            let dice = own * 64 + place + seed * 7_919;
            let far = chance(dice, 4) == 0;
            let to = if far { chance(dice + 1, products) } else { own + 1 + chance(dice + 2, 120) };
            to % products
        };
        let mut row: Vec<Link> =
            (0..most).map(|place| link(to(place), place)).filter(|link| link.to.0 != own).collect();
        row.sort_by_key(|link| link.to);
        row.dedup_by_key(|link| link.to);
        row
    };
    Links { rows: (0..products).map(row).collect() }
}

fn link(to: u32, place: u32) -> Link {
    Link { to: Product(to), weight: 1.0 / (1.0 + f32::from(u16::try_from(place).unwrap_or(u16::MAX))) }
}

fn own(number: u32, products: u32) -> Own {
    let pick = |salt: u32, of: u32| usize::try_from(chance(number * 8 + salt, of)).unwrap_or_default();
    let (thing, category) = THINGS[pick(0, 12)];
    let title = format!("{} {} {thing} {}", ADJECTIVES[pick(1, 12)], MATERIALS[pick(2, 10)], 100 + number);
    let slug = title.to_lowercase().replace(' ', "-");
    let price = 500 + chance(number * 8 + 3, 300) * 50;
    let image =
        format!("https://cdn.shop.example/files/{slug}_{:08x}.jpg?width=600", chance(number * 8 + 4, products * 1_000));
    let variants = (0..chance(number, 4)).map(|variant| Key::of_id(&format!("{}", 40_000_000 + number * 4 + variant)));
    Own {
        card: Some(Card {
            id: (7_000_000 + number * 3).to_string(),
            url: format!("/products/{slug}"),
            title,
            image,
            price: Some(price),
            was: (number.is_multiple_of(20)).then_some(price * 5 / 4),
            brand: format!("Maker {}", chance(number * 8 + 5, 40)),
            categories: vec![category.to_owned()],
            lift: Card::NO_LIFT,
            badges: u8::from(number.is_multiple_of(20)),
        }),
        keys: variants.collect(),
    }
}

fn brain() -> ShelfBrain {
    let view = |name: &str, kind: Kind, least: u8| ShelfView {
        shelf: Shelf {
            name: name.parse().expect("a name"),
            kind,
            size: 12,
            least,
            without_owned: true,
            without_cart: true,
            only: Only::default(),
            most_of_category: Some(4),
            most_of_brand: None,
            holdout: 50,
        },
        title: "For you".to_owned(),
        reasons: Reasons {
            went_on_from: "Others went on to it from {title}".to_owned(),
            bought_with: "Often bought with {title}".to_owned(),
            like: "Like {title}".to_owned(),
            seen_before: "You have looked at it".to_owned(),
            trending: "Many look at it these days".to_owned(),
            free_delivery: "{amount} to free delivery".to_owned(),
            ..Reasons::default()
        },
    };
    let kinds = [Kind::Next, Kind::BoughtTogether, Kind::Similar, Kind::RecentlyViewed, Kind::Trending, Kind::ForYou];
    let kinds = kinds.into_iter().chain([Kind::FreeDelivery]);
    // No shelf has so many products: everything is done but the showing.
    let shelves = kinds.flat_map(|kind| {
        let name = kind.as_str();
        [view(name, kind, 3), view(&format!("scored-{name}"), kind, u8::MAX)]
    });
    ShelfBrain {
        v: ShelfBrain::VERSION,
        version: "3f9c2b7a10d4e865".to_owned(),
        shelves: shelves.collect(),
        markets: vec![Market {
            name: "default".parse().expect("a name"),
            countries: Vec::new(),
            languages: vec!["en".to_owned()],
            path: String::new(),
            currency: "EUR".to_owned(),
            digits: 2,
            free_delivery: Some(10_000),
        }],
        badges: vec!["Reduced".to_owned()],
        words: Words { dismiss: "Not for me".to_owned(), ..Words::default() },
    }
}
