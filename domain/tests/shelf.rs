//! A small shop's shelves as files: what the tests of pages read. After a change that is meant, `UPDATE_FIXTURES=1 cargo
//! test -p domain --all-features` writes them anew.
#![cfg(all(feature = "learning", feature = "shelf", feature = "receipts"))]

use std::path::PathBuf;

use domain::published::direction;
use domain::recommend::Product;
use domain::recommend::links::{Link, Links};
use domain::recommend::score::Scorer;
use domain::shelf::file::{Bucket, Own, Shop, bucket};
use domain::shelf::fill::{Visitor, fill};
use domain::shelf::key::Key;
use domain::shelf::market::Market;
use domain::shelf::settings::{Only, Reasons, Shelf, ShelfBrain, ShelfView, Words};
use domain::shelf::store::Store;
use domain::shelf::{Card, Files, Head, Kind};
use sha2::{Digest as _, Sha256};

/// Id, category, cents, cents before, names in English and Arabic, the picture's colour; what it is bought with, by
/// number.
type Row = (&'static str, &'static str, u32, Option<u32>, &'static str, &'static str, &'static str, &'static [u32]);

const SHOP: [Row; 13] = [
    ("low-tide-suit", "Swim", 8_900, None, "Low Tide swimsuit", "بدلة السباحة «لو تايد»", "ink", &[3, 4, 2, 9]),
    ("slipway-shorts", "Swim", 6_400, None, "Slipway shorts", "شورت «سليب واي»", "signal", &[6, 3, 8]),
    ("pilot-goggles", "Swim", 3_200, Some(3_800), "Pilot goggles", "نظارة «بايلوت»", "sea", &[0, 3, 9]),
    ("marker-float", "Swim", 3_900, None, "Marker tow float", "عوّامة السحب «ماركر»", "orange", &[0, 1, 8]),
    ("boathouse-robe", "Get warm", 14_900, None, "Boathouse robe", "روب «بوت هاوس»", "ink", &[6, 7, 10, 11, 5, 9, 8]),
    ("harbour-gansey", "Get warm", 13_500, None, "Harbour gansey", "كنزة «هاربر»", "ecru", &[6, 7, 11]),
    ("lookout-hat", "Get warm", 3_400, None, "Lookout hat", "قبعة «لوك أوت»", "signal", &[5, 4, 7]),
    ("afterdip-socks", "Get warm", 1_900, None, "After socks", "جوارب «أفتر»", "red", &[6, 4, 11]),
    (
        "flood-dry-bag",
        "Bring along",
        5_400,
        None,
        "Flood dry bag, 20 litres",
        "حقيبة «فلود» ٢٠ لترًا",
        "yellow",
        &[9, 10, 3],
    ),
    ("deckchair-towel", "Bring along", 4_200, None, "Deckchair towel", "منشفة «دك تشير»", "regatta", &[8, 0, 7]),
    ("second-cup-flask", "Bring along", 3_800, None, "Second Cup flask", "ترمس «سكند كب»", "fjord", &[11, 4, 8]),
    ("ferry-mug", "Bring along", 1_600, None, "Ferry mug", "كوب «فيري»", "white", &[10, 7, 9]),
    // Nobody has drawn it, its name is long and in several scripts, and markup in it is text.
    (
        "tide-table",
        "Bring along",
        1_250,
        None,
        "Tide table <b>for</b> the Donaudampfschifffahrtsgesellschaftskapitän & friends, 潮汐表, лоция, with large figures",
        "جدول المدّ والجزر <b>لأهل البحر</b> & أصدقائهم",
        "",
        &[11, 10],
    ),
];

const GENERATION: u32 = 7;

fn links() -> Links {
    let row = |row: &Row| {
        let weights = (0_u8..).map(|place| 1.0 / (1.0 + f32::from(place)));
        row.7.iter().zip(weights).map(|(to, weight)| Link { to: Product(*to), weight }).collect()
    };
    Links { rows: SHOP.iter().map(row).collect() }
}

fn card(row: &Row, arabic: bool) -> Card {
    let (id, category, price, was, english, name, colour, _) = *row;
    Card {
        id: id.into(),
        title: if arabic { name } else { english }.into(),
        url: format!("/product/{id}{}", if arabic { "?lang=ar" } else { "" }),
        image: if colour.is_empty() { String::new() } else { format!("/pictures/{id}--{colour}.svg") },
        price: Some(price),
        was,
        brand: "Skerrow".into(),
        categories: vec![category.into()],
        lift: Card::NO_LIFT,
        badges: u8::from(was.is_some()),
    }
}

fn file(arabic: bool) -> Vec<u8> {
    let links = links();
    let key = |row: &Row| vec![Key::of_path(&format!("/product/{}", row.0))];
    let own: Vec<Own> = SHOP.iter().map(|row| Own { card: Some(card(row, arabic)), keys: key(row) }).collect();
    let shop = Shop { generation: GENERATION, next: &links, together: &links, own: &own, viewers: &[] };
    bucket(&shop, 0..13, usize::MAX, &mut <[u8]>::len).bytes
}

fn head(file: &[u8]) -> Head {
    let hash = Sha256::digest(file);
    let name = hash.iter().take(8).fold(0_u64, |name, byte| name << 8 | u64::from(*byte));
    Head {
        generation: GENERATION,
        products: 13,
        files: Files::Whole(name),
        // The socks are sold out.
        out: [Product(7)].into_iter().collect(),
        trending: [4, 6, 10, 8, 11, 0, 12]
            .into_iter()
            .zip([0.3, 0.2, 0.1, 0.09, 0.08, 0.07, 0.06])
            .map(trend)
            .collect(),
        ..Head::empty("EUR")
    }
}

fn trend((number, share): (u32, f32)) -> (Product, f32) {
    (Product(number), share)
}

fn shelf(name: &str, kind: Kind, size: u8, least: u8, holdout: u16) -> Shelf {
    Shelf {
        name: name.parse().unwrap(),
        kind,
        size,
        least,
        without_owned: true,
        without_cart: true,
        only: Only::default(),
        most_of_category: None,
        most_of_brand: None,
        holdout,
    }
}

fn brain(lang: &str) -> ShelfBrain {
    let of = |english: &str, arabic: &str| if direction(lang) == "rtl" { arabic } else { english }.to_owned();
    let market = |name: &str, language: &str| Market {
        name: name.parse().unwrap(),
        countries: Vec::new(),
        languages: vec![language.into()],
        path: String::new(),
        currency: "EUR".into(),
        digits: 2,
        free_delivery: Some(8_000),
    };
    let view = |shelf: Shelf, english: &str, arabic: &str| ShelfView {
        shelf,
        title: of(english, arabic),
        reasons: Reasons {
            went_on_from: of("Looked at after {title}", "شوهد بعد {title}"),
            bought_with: of("Often taken along with {title}", "كثيرًا ما يُؤخذ مع {title}"),
            like: of("Like {title}", "يشبه {title}"),
            seen_before: of("You have looked at it", "شاهدته من قبل"),
            bought_before: of("You have it already", "اشتريته من قبل"),
            trending: of("Many look at it this week", "يشاهده كثيرون هذا الأسبوع"),
            free_delivery: of("{amount} to free delivery", "{amount} حتى التوصيل المجاني"),
            pinned: of("Mara recommends it", "توصي به مارا"),
        },
    };
    ShelfBrain {
        v: ShelfBrain::VERSION,
        version: "3f9c2b7a10d4e865".into(),
        shelves: vec![
            view(shelf("goes-with", Kind::BoughtTogether, 5, 2, 0), "Goes well with", "يناسبه أيضًا"),
            view(shelf("seen", Kind::RecentlyViewed, 6, 2, 0), "Seen before", "شوهد من قبل"),
            view(shelf("trending", Kind::Trending, 6, 2, 0), "Many look at", "يشاهده كثيرون"),
            view(shelf("held", Kind::Next, 6, 1, 1_000), "Next", "التالي"),
            view(shelf("plenty", Kind::BoughtTogether, 24, 24, 0), "Plenty", "الكثير"),
        ],
        markets: vec![market("default", "en"), market("arabic", "ar")],
        badges: vec![of("Reduced", "مخفّض")],
        words: Words {
            dismiss: of("Not for me", "لا يناسبني"),
            dismissed: of("Gone. You will not see it here again.", "أُزيل، ولن تراه هنا مجدّدًا."),
            was: of("Before", "كان"),
            forth: of("More", "المزيد"),
            back: of("Back", "رجوع"),
        },
    }
}

#[track_caller]
fn is_kept(name: &str, bytes: &[u8]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/shelf").join(name);
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
    }
    assert!(std::fs::read(&path).unwrap_or_default() == bytes, "{name} is written otherwise than before");
}

#[test]
fn the_files_of_a_small_shop_are_written_as_before() {
    for (lang, market) in [("en", "default"), ("ar", "arabic")] {
        let file = file(lang == "ar");
        is_kept(&format!("brain-{lang}.bin"), &brain(lang).write().unwrap());
        is_kept(&format!("head-{market}.bin"), &head(&file).write().unwrap());
        is_kept(&format!("file-{market}.bin"), &file);
    }
}

#[test]
fn a_shelf_is_filled_from_them() {
    let (bytes, brain) = (file(false), brain("en"));
    let (head, file) = (Head::read(&head(&bytes).write().unwrap()).unwrap(), Bucket::read(bytes).unwrap());
    let store = Store { head: &head, files: core::slice::from_ref(&file), indexes: &[], market: brain.markets.first() };
    let robe = store.pages(["http://localhost:8788/product/boathouse-robe?lang=en"])[0].unwrap();
    let visitor = Visitor { beside: Some(robe), recent: &[robe], cart: &[Product(10)], ..Visitor::default() };
    let filled = fill(&brain.shelf("goes-with").unwrap().shelf, store, &visitor, &mut Scorer::default());
    let ids: Vec<&str> = filled.items.iter().map(|item| item.card.id.as_str()).collect();
    assert!(ids.contains(&"lookout-hat") && !ids.contains(&"afterdip-socks"), "{ids:?}");
    assert!(!ids.contains(&"second-cup-flask") && !ids.contains(&"boathouse-robe"), "{ids:?}");
}
