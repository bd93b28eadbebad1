//! What stands on a shelf, and why.

use super::*;
use crate::id::VisitorId;
use crate::recommend::score::Scorer;
use crate::shelf::fill::{Filled, Reason, Visitor, fill};
use crate::shelf::market::{DEFAULT, Market};
use crate::shelf::settings::{Prices, Reasons, holdout};
use crate::shelf::store::Store;
use crate::shelf::{Deed, Ruled};

const HERE: Product = Product(3);

/// Six hats and four coats. Who looks at a hat goes on to the next two, and from the last one to a coat.
fn a_shop() -> Made {
    let sold = |n: u32| {
        let (title, category) = if n < 6 { ("Hat", "Wear > Hats") } else { ("Coat", "Wear > Coats") };
        let card = Card {
            id: n.to_string(),
            title: format!("{title} {n}"),
            url: format!("/p/{n}"),
            price: Some(n * 1_000 + 500),
            brand: if n.is_multiple_of(2) { "Even" } else { "Odd" }.to_owned(),
            categories: vec![category.to_owned()],
            lift: Card::NO_LIFT,
            ..Card::default()
        };
        Own { card: Some(card), keys: Vec::new() }
    };
    let link = |to: u32, weight| Link { to: Product(to % 10), weight };
    let next = |n: u32| vec![link(n + 1, 0.6), link(n + 2, 0.3), link(n + 3, 0.2), link(n + 4, 0.1)];
    let mut together = vec![Vec::new(); 10];
    together[3] = vec![link(8, 0.5)];
    Made {
        next: Links { rows: (0..10).map(next).collect() },
        together: Links { rows: together },
        own: (0..10).map(sold).collect(),
    }
}

struct Page {
    files: [Bucket; 1],
    head: Head,
    market: Market,
}

impl Page {
    fn new() -> Self {
        let made = a_shop();
        let market = Market {
            name: DEFAULT.parse().unwrap(),
            countries: vec![],
            languages: vec![],
            path: String::new(),
            currency: "EUR".into(),
            digits: 2,
            free_delivery: Some(5_000),
        };
        let mut page = Self { files: [made.whole()], head: made.head(), market };
        page.head.trending = vec![(Product(9), 0.5), (Product(0), 0.25)];
        page
    }

    fn filled(&self, wanted: &Shelf, visitor: &Visitor<'_>) -> Filled {
        let store = Store { head: &self.head, files: &self.files, indexes: &[], market: Some(&self.market) };
        fill(wanted, store, visitor, &mut Scorer::default())
    }

    fn shows(&self, wanted: &Shelf, visitor: &Visitor<'_>) -> Vec<u32> {
        self.filled(wanted, visitor).items.iter().map(|item| item.product.0).collect()
    }
}

fn looking() -> Visitor<'static> {
    Visitor { beside: Some(HERE), recent: &[HERE], ..Visitor::default() }
}

#[test]
fn what_others_went_on_to_stands_with_the_product_it_follows_from() {
    let page = Page::new();
    let filled = page.filled(&shelf(Kind::Next), &looking());
    assert_eq!(filled.items.iter().map(|item| item.product.0).collect::<Vec<_>>(), [4, 5, 6, 7]);
    assert_eq!(filled.items[0].reason, Reason::WentOnFrom("Hat 3".into()));
    assert_eq!((filled.items[0].why().rule(), filled.why().fact()), ("went on", "4 of at least 1"));
    assert!(filled.items[0].why().fact().ends_with("from product 3"), "{:?}", filled.items[0].why());
    assert_eq!(filled.items[0].card.url, "/p/4");
}

#[test]
fn what_is_trending_fills_up_what_others_went_on_to() {
    let page = Page::new();
    let wide = Shelf { size: 9, ..shelf(Kind::Next) };
    let filled = page.filled(&wide, &looking());
    assert_eq!(filled.items.iter().map(|item| item.product.0).collect::<Vec<_>>(), [4, 5, 6, 7, 9, 0]);
    assert_eq!(filled.items[5].reason, Reason::Trending);
}

#[test]
fn what_is_bought_with_it_comes_before_what_completes_it_and_nothing_of_its_own_category() {
    let page = Page::new();
    let filled = page.filled(&shelf(Kind::BoughtTogether), &looking());
    assert_eq!(filled.items.iter().map(|item| item.product.0).collect::<Vec<_>>(), [8, 6, 7]);
    assert_eq!(filled.items[0].reason, Reason::BoughtWith("Hat 3".into()));
    assert_eq!(filled.items[1].reason, Reason::WentOnFrom("Hat 3".into()));
    let cart = Visitor { cart: &[HERE], ..Visitor::default() };
    assert_eq!(page.shows(&shelf(Kind::BoughtTogether), &cart)[0], 8);
}

#[test]
fn what_is_similar_is_of_the_same_category_first() {
    let page = Page::new();
    let filled = page.filled(&Shelf { size: 7, ..shelf(Kind::Similar) }, &looking());
    assert_eq!(filled.items.iter().map(|item| item.product.0).collect::<Vec<_>>(), [4, 5, 2, 1, 0, 6, 7]);
    assert_eq!(filled.items[0].reason, Reason::Like("Hat 3".into()));
    assert_eq!(page.filled(&shelf(Kind::Similar), &Visitor::default()).why().rule(), "similar");
}

#[test]
fn what_was_looked_at_stands_with_the_last_first_and_without_this_page_s_own() {
    let page = Page::new();
    let recent = [Product(1), Product(5), Product(1), Product(7), HERE];
    let visitor = Visitor { recent: &recent, ..looking() };
    assert_eq!(page.shows(&shelf(Kind::RecentlyViewed), &visitor), [7, 1, 5]);
}

#[test]
fn what_is_trending_needs_nobody() {
    let page = Page::new();
    assert_eq!(page.shows(&shelf(Kind::Trending), &Visitor::default()), [9, 0]);
}

#[test]
fn for_you_needs_permission_and_knows_what_is_bought_again_and_again() {
    let page = Page::new();
    let baskets: [&[Product]; 2] = [&[Product(2)], &[Product(2)]];
    let visitor = Visitor { recent: &[Product(0)], baskets: &baskets, ..Visitor::default() };
    assert_eq!(page.filled(&shelf(Kind::ForYou), &visitor).why().fact(), "not allowed to remember");
    let filled = page.filled(&shelf(Kind::ForYou), &Visitor { remembers: true, ..visitor });
    assert_eq!((filled.items[0].product, &filled.items[0].reason), (Product(2), &Reason::BoughtBefore));
    assert!(filled.items.iter().any(|item| item.reason == Reason::WentOnFrom("Hat 0".into())));
}

#[test]
fn what_closes_the_gap_to_free_delivery_best_comes_first() {
    let page = Page::new();
    // 3,500 of 5,000: 1,500 are missing, as much as product 1 costs.
    let visitor = Visitor { cart: &[HERE], cart_total: Some(3_500), recent: &[Product(0), HERE], ..Visitor::default() };
    let filled = page.filled(&shelf(Kind::FreeDelivery), &visitor);
    assert_eq!(filled.items[0].reason, Reason::FreeDelivery(1_500));
    let place = |number| filled.items.iter().position(|item| item.product == Product(number));
    assert!(place(1) < place(9) || place(9).is_none(), "{:?}", filled.items);
    for cart_total in [None, Some(5_000)] {
        assert!(page.filled(&shelf(Kind::FreeDelivery), &Visitor { cart_total, ..visitor }).items.is_empty());
    }
}

#[test]
fn what_is_out_in_the_cart_owned_or_not_wanted_again_is_never_shown() {
    let mut page = Page::new();
    page.head.out = [Product(4)].into_iter().collect();
    let visitor = Visitor { cart: &[Product(5)], owned: &[Product(6)], dismissed: &[Product(7)], ..looking() };
    assert_eq!(page.shows(&shelf(Kind::Next), &visitor), [9, 0]);
    let lenient = Shelf { without_cart: false, without_owned: false, ..shelf(Kind::Next) };
    assert_eq!(page.shows(&lenient, &visitor), [5, 6, 9, 0]);
}

#[test]
fn the_merchant_pins_lifts_and_excludes() {
    let mut page = Page::new();
    let ruled = |shelf: &str, deed| Ruled { shelf: Some(shelf.parse().unwrap()), beside: None, deed, rule: 4 };
    let set = |numbers: &[u32]| numbers.iter().copied().map(Product).collect();
    page.head.rules = vec![
        ruled("here", Deed::Pin(vec![Product(9), Product(6), Product(8)])),
        ruled("here", Deed::Exclude([Product(4), Product(8)].into_iter().collect())),
        ruled("elsewhere", Deed::Exclude(set(&[5]))),
        ruled("here", Deed::Lift(100.0, set(&[7]))),
        Ruled { beside: Some(set(&[0])), ..ruled("here", Deed::Pin(vec![Product(1)])) },
    ];
    let filled = page.filled(&shelf(Kind::Next), &looking());
    assert_eq!(filled.items.iter().map(|item| item.product.0).collect::<Vec<_>>(), [9, 6, 7, 5]);
    assert_eq!((&filled.items[0].reason, filled.items[0].why().rule()), (&Reason::Pinned, "pinned"));
    assert!(filled.items[2].why().fact().ends_with("rule 4"), "{:?}", filled.items[2].why());
    // A lift of the card's: four halvings.
    page.head.rules.clear();
    let mut card = a_shop().own[4].card.clone().unwrap();
    card.lift = 64;
    page.head.changed = vec![(Product(4), card)];
    assert_eq!(page.shows(&shelf(Kind::Next), &looking()), [5, 6, 7, 4]);
}

#[test]
fn a_shelf_wants_only_what_it_says() {
    let page = Page::new();
    let only = |only| Shelf { only, ..shelf(Kind::Next) };
    let coats = Only { categories: vec!["wear > coats".into()], ..Only::default() };
    assert_eq!(page.shows(&only(coats), &looking()), [6, 7, 9]);
    let same = Only { same_category: true, ..Only::default() };
    assert_eq!(page.shows(&only(same), &looking()), [4, 5, 0]);
    let prices = |currency: &str| Only {
        prices: vec![Prices { currency: currency.into(), from: 5_500, to: 6_500 }],
        ..Only::default()
    };
    assert_eq!(page.shows(&only(prices("EUR")), &looking()), [5, 6]);
    assert_eq!(page.shows(&only(prices("USD")), &looking()).len(), 4);
}

#[test]
fn not_too_much_of_one_sort_and_rather_nothing_than_too_little() {
    let page = Page::new();
    let mixed = Shelf { most_of_category: Some(1), ..shelf(Kind::Next) };
    assert_eq!(page.shows(&mixed, &looking()), [4, 6]);
    let brands = Shelf { most_of_brand: Some(1), ..shelf(Kind::Next) };
    assert_eq!(page.shows(&brands, &looking()), [4, 5]);
    let few = page.filled(&Shelf { least: 3, ..mixed }, &looking());
    assert_eq!((few.items.len(), few.why().rule(), few.why().fact()), (0, "too few", "2 of at least 3"));
}

#[test]
fn nobody_is_recommended_what_nothing_is_known_of() {
    let mut page = Page::new();
    page.head.generation += 1;
    assert!(page.filled(&shelf(Kind::Next), &looking()).items.is_empty());
}

#[test]
fn reasons_are_said_in_the_shop_s_words_or_not_at_all() {
    let words =
        Reasons { went_on_from: "After {title}".into(), free_delivery: "{amount} to go".into(), ..Reasons::default() };
    let money = |minor: u32| format!("{minor} ct");
    assert_eq!(Reason::WentOnFrom("Hat".into()).say(&words, money).as_deref(), Some("After Hat"));
    assert_eq!(Reason::FreeDelivery(5).say(&words, money).as_deref(), Some("5 ct to go"));
    assert_eq!(Reason::Trending.say(&words, money), None);
}

#[test]
fn the_share_of_visitors_that_is_held_out_is_the_one_that_was_asked_for() {
    let name = "next".parse().unwrap();
    let visitor = |n: u128| VisitorId(uuid::Uuid::from_u128(n << 64 | 0x7000_8000_0000_0000));
    let held = (0..10_000).filter(|n| holdout(visitor(*n), &name, 100)).count();
    assert!((900..1_100).contains(&held), "{held}");
    assert!((0..100).all(|n| !holdout(visitor(n), &name, 0) && holdout(visitor(n), &name, 1_000)));
}
