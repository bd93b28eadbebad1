use proptest::prelude::*;

use super::*;
use crate::id::EventId;

const START: i64 = 1_795_608_000_000; // 2026-11-25T12:00:00Z

fn on(day: i64) -> Timestamp {
    Timestamp(START) + Span::days(day)
}

fn happened(n: u128, at: Timestamp, kind: Kind, about: About) -> Happened {
    Happened::new(at, EventId(uuid::Uuid::from_u128(n)), kind, about)
}

fn about(subject: &str, amount: i64) -> About {
    About { subject: subject.into(), amount: Some(amount), ..About::default() }
}

fn of(list: &[Happened]) -> Facts {
    let mut facts = Facts::default();
    for happened in list {
        facts.fold(happened);
    }
    facts
}

fn orders(days: &[i64]) -> Facts {
    let told = days
        .iter()
        .enumerate()
        .map(|(n, day)| happened(n as u128, on(*day), Kind::OrderConfirmed, about(&format!("o{n}"), 1_000)));
    of(&told.collect::<Vec<_>>())
}

#[test]
fn an_order_that_a_page_and_the_shop_tell_of_is_one() {
    let page = happened(1, on(0) + Span::minutes(3), Kind::OrderPlaced, about("7", 900));
    let shop = happened(2, on(0), Kind::OrderConfirmed, about("7", 1_000));
    for told in [[page.clone(), shop.clone()], [shop, page]] {
        let facts = of(&told);
        let order = facts.orders().next().unwrap();
        assert_eq!(
            (facts.orders().count(), order.placed(), order.total(), order.confirmed()),
            (1, Some(on(0)), Some(1_000), true)
        );
    }
}

#[test]
fn names_that_meet_make_one_order_whoever_told_them_first() {
    let page = happened(1, on(0), Kind::OrderPlaced, about("5551", 900));
    let known = happened(2, on(0), Kind::PaymentReceived, about("pay", 900));
    let names = vec!["5551".to_owned(), "pay".to_owned()];
    let shop = happened(3, on(0), Kind::OrderConfirmed, About { names, ..about("1001", 1_000) });
    let all = [page, known, shop];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let facts = of(&order.map(|n| all[n].clone()));
        let orders: Vec<&str> = facts.orders().map(Purchase::order).collect();
        assert_eq!((orders, facts.spent()), (vec!["1001"], 1_000), "{order:?}");
        assert_eq!(facts.order("pay").unwrap().paid, Some(on(0)));
    }
}

#[test]
fn what_is_cancelled_or_paid_back_is_no_order_and_a_part_paid_back_is_worth_less() {
    let order = |n: u128, name| happened(n, on(0), Kind::OrderConfirmed, about(name, 1_000));
    let facts = of(&[
        order(1, "kept"),
        order(2, "cancelled"),
        order(3, "back"),
        order(4, "part"),
        happened(5, on(1), Kind::OrderCancelled, about("cancelled", 0)),
        happened(6, on(1), Kind::RefundMade, about("back", 1_000)),
        happened(7, on(1), Kind::RefundMade, about("part", 400)),
    ]);
    assert_eq!(facts.orders().map(Purchase::order).collect::<Vec<_>>(), ["kept", "part"]);
    assert_eq!(facts.spent(), 1_600);
}

#[test]
fn the_rhythm_is_the_median_of_the_gaps_from_three_days_on() {
    assert_eq!(orders(&[0]).rhythm(), None);
    assert_eq!(orders(&[0, 30]).rhythm(), None);
    assert_eq!(orders(&[0, 0, 30]).rhythm(), None);
    assert_eq!(orders(&[0, 30, 70]).rhythm(), Some(Span::days(35)));
    assert_eq!(orders(&[0, 30, 70, 400]).rhythm(), Some(Span::days(40)));
}

#[test]
fn a_cart_is_there_until_it_is_emptied_or_bought() {
    let piece = Piece { product: "hat".into(), quantity: 1, ..Piece::default() };
    let cart = |n, day, pieces: &[Piece]| {
        happened(n, on(day), Kind::CartChanged, About { pieces: pieces.to_vec(), ..About::default() })
    };
    let filled = cart(1, 0, std::slice::from_ref(&piece));
    assert!(of(std::slice::from_ref(&filled)).cart().is_some());
    assert!(of(&[filled.clone(), cart(2, 1, &[])]).cart().is_none());
    let order = happened(3, on(2), Kind::OrderPlaced, about("7", 1));
    assert!(of(&[filled.clone(), order.clone()]).cart().is_none());
    assert!(of(&[filled, order, cart(4, 3, &[piece])]).cart().is_some());
}

#[test]
fn a_cart_is_named_after_what_was_put_into_it_first_since_it_was_empty_or_bought() {
    let piece = Piece { product: "hat".into(), quantity: 1, ..Piece::default() };
    let cart =
        |n, day| happened(n, on(day), Kind::CartChanged, About { pieces: vec![piece.clone()], ..About::default() });
    let order = |n, day| happened(n, on(day), Kind::OrderPlaced, about("7", 1));
    let cancelled = happened(9, on(4), Kind::OrderCancelled, about("7", 0));
    let list = [cart(1, 0), cart(2, 1), order(3, 2), cart(4, 3), cart(5, 5), cancelled];
    assert_eq!(of(&list[..2]).cart_since(), Some(on(0)));
    assert_eq!(of(&list[..3]).cart_since(), None);
    // What was bought was bought, also when the order is called off later.
    assert_eq!(of(&list).cart_since(), Some(on(3)));
    let mut turned = list.to_vec();
    turned.reverse();
    assert_eq!(of(&turned), of(&list));
    // More changes than are remembered.
    let many: Vec<Happened> = (0..250).map(|n| cart(100 + n, i64::try_from(n).unwrap())).collect();
    assert_eq!(of(&many).cart_since(), Some(on(0)));
    let (mut one, other) = (of(&many[100..]), of(&many[..100]));
    one.join(&other);
    assert_eq!(one.cart_since(), Some(on(0)));
}

#[test]
fn a_no_and_a_parcel_that_came_back_are_no_signs_of_life() {
    let facts = of(&[
        happened(1, on(0), Kind::OrderConfirmed, about("7", 1)),
        happened(2, on(5), Kind::ReturnReceived, about("7", 0)),
        happened(3, on(6), Kind::ConsentWithdrawn, about("news", 0)),
    ]);
    assert_eq!((facts.seen(), facts.active_days()), (Some(on(0)), 1));
}

#[test]
fn signs_of_unhappiness_fade_and_add_up_to_a_hundred() {
    let sign = |n, day, which: &str| happened(n, on(day), Kind::Frustrated, about(which, 0));
    let facts = of(&[sign(1, 0, "rage click")]);
    assert!((facts.unhappiness(on(0)) - 20.0).abs() < 1e-9);
    assert!((facts.unhappiness(on(30)) - 10.0).abs() < 1e-9);
    assert!(facts.unhappiness(on(-1)).abs() < 1e-9);
    let worse = of(&[sign(1, 0, "damaged trust"), sign(2, 0, "low answer")]);
    assert!((worse.unhappiness(on(0)) - 100.0).abs() < 1e-9);
    assert_eq!(facts.signs().map(|sign| sign.2).collect::<Vec<_>>(), ["rage click"]);
}

#[test]
fn what_is_bought_says_more_of_a_taste_than_what_is_looked_at() {
    let piece = |category: &str, size: Option<&str>| Piece {
        product: "p".into(),
        category: Some(category.into()),
        size: size.map(Into::into),
        quantity: 1,
    };
    let look = |n, category: &str| {
        happened(n, on(0), Kind::ProductViewed, About { pieces: vec![piece(category, None)], ..About::default() })
    };
    let bought = About { pieces: vec![piece("dresses", Some("M"))], ..about("7", 1) };
    let facts =
        of(&[look(1, "shoes"), look(2, "shoes"), look(3, "hats"), happened(4, on(0), Kind::OrderConfirmed, bought)]);
    let names: Vec<&str> = facts.favourites(on(0)).into_iter().map(|(name, _)| name).collect();
    assert_eq!((names, facts.size(on(0))), (vec!["dresses", "shoes", "hats"], Some("M")));
}

#[test]
fn a_category_that_a_page_has_told_is_known_of_the_same_product_in_carts_and_orders() {
    let piece = |category: Option<&str>, size: Option<&str>| Piece {
        product: "d1".into(),
        category: category.map(Into::into),
        size: size.map(Into::into),
        quantity: 1,
    };
    let of_pieces = |pieces: Vec<Piece>| About { pieces, ..about("7", 1) };
    let bare = [
        happened(1, on(1), Kind::OrderConfirmed, of_pieces(vec![piece(None, Some("M"))])),
        happened(2, on(2), Kind::CartChanged, of_pieces(vec![piece(None, Some("L"))])),
    ];
    assert_eq!(of(&bare).favourites(on(2)), []);
    assert_eq!(of(&bare).size(on(2)), Some("M"), "what is bought says more than what lies in the cart");
    assert_eq!(of(&bare[1..]).size(on(2)), Some("L"));
    let look = happened(3, on(0), Kind::ProductViewed, of_pieces(vec![piece(Some("dresses"), None)]));
    for told in [[&look, &bare[0], &bare[1]], [&bare[1], &bare[0], &look]] {
        let facts = of(&told.map(Clone::clone));
        let [(name, weight)] = facts.favourites(on(2))[..] else { panic!() };
        assert!(name == "dresses" && weight > 11.0, "{weight}: the order and the cart count as well as the look");
        let told = facts.orders().next().unwrap().pieces()[0].clone();
        assert_eq!(
            (facts.category_of(&told), facts.category_of(&piece(Some("hats"), None))),
            (Some("dresses"), Some("hats"))
        );
    }
}

#[test]
fn a_tag_is_borne_until_it_is_taken_off() {
    let tag = |n, day, kind| happened(n, on(day), kind, about("vip", 0));
    let facts = of(&[tag(2, 1, Kind::TagRemoved), tag(1, 0, Kind::TagAdded)]);
    assert!(!facts.has_tag("vip") && facts.tags().is_empty());
    let again = of(&[tag(1, 0, Kind::TagAdded), tag(2, 1, Kind::TagRemoved), tag(3, 2, Kind::TagAdded)]);
    assert!(again.has_tag("vip") && again.tags().len() == 1);
}

fn any_happened() -> impl Strategy<Value = Happened> {
    let kinds = prop::sample::select(Kind::ALL.to_vec());
    let subject = prop::sample::select(vec!["", "a", "b", "vip"]);
    let names = prop::sample::select(vec![vec![], vec![], vec!["a".to_owned()], vec!["b".into(), "c".into()]]);
    let pieces = prop::sample::select(vec![vec![], vec![Piece::default()]]);
    (0_u64..60, 0_u32..400, kinds, subject, names, prop::option::of(0_i64..3_000), pieces).prop_map(
        |(id, hours, kind, subject, names, amount, pieces)| {
            // An id belongs to one event: everything about it follows from it.
            let at = Timestamp(START) + Span::hours(i64::from(hours) * 60 + id.cast_signed());
            Happened::new(
                at,
                EventId(uuid::Uuid::from_u64_pair(0, id << 32 | u64::from(hours))),
                kind,
                About { subject: subject.into(), names, amount, pieces, ..About::default() },
            )
        },
    )
}

proptest! {
    #[test]
    fn any_order_of_arrival_and_any_repetition_gives_the_same_facts(
        list in prop::collection::vec(any_happened(), 0..80), seed in any::<u64>(),
    ) {
        let mut list = list;
        list.sort();
        list.dedup_by_key(|happened| happened.id);
        let mut other = list.clone();
        other.extend(list.iter().take(list.len() / 3).cloned());
        let n = other.len().max(1);
        for place in 0..other.len() {
            let with = usize::try_from(seed.rotate_left(u32::try_from(place % 64).unwrap()) >> 32).unwrap() % n;
            other.swap(place, with);
        }
        prop_assert_eq!(of(&list), of(&other));
    }

    #[test]
    fn two_halves_joined_are_the_whole(list in prop::collection::vec(any_happened(), 0..80), at in 0_usize..80) {
        let mut list = list;
        list.sort();
        list.dedup_by_key(|happened| happened.id);
        let (a, b) = list.split_at(at.min(list.len()));
        let (mut ab, mut ba) = (of(a), of(b));
        ab.join(&of(b));
        ba.join(&of(a));
        prop_assert_eq!(&ab, &of(&list));
        prop_assert_eq!(ab, ba);
    }
}

#[test]
fn the_channel_that_gets_answers_is_the_one_whose_messages_are_followed_by_clicks_and_orders() {
    let sent = |n: u128, day: i64, channel: Option<&str>| {
        let data = channel.map(|channel| ("channel".to_owned(), channel.to_owned())).into_iter().collect();
        happened(n, on(day), Kind::MessageAccepted, About { data, ..About::default() })
    };
    let mails = [sent(1, 0, None), sent(2, 10, None), sent(3, 20, None)];
    assert_eq!(of(&mails).answering_channel(), None);
    let texts = [sent(4, 30, Some("sms")), sent(5, 40, Some("sms"))];
    let answers = [
        // Of one mail of three, and of both texts; what comes after days is no answer, and one is enough.
        happened(6, on(11), Kind::MessageClicked, About::default()),
        happened(7, on(11), Kind::OrderConfirmed, about("o1", 1_000)),
        happened(8, on(24), Kind::OrderConfirmed, about("o2", 1_000)),
        happened(9, on(31), Kind::OrderConfirmed, about("o3", 1_000)),
        happened(10, on(42), Kind::OrderConfirmed, about("o4", 1_000)),
    ];
    let facts = of(&[&mails[..], &texts, &answers].concat());
    let receptions: Vec<_> = facts.receptions().into_values().map(|of| (of.sent, of.answered)).collect();
    assert_eq!(receptions, [(3, 1), (2, 2)]);
    assert_eq!(facts.answering_channel(), Some(crate::consent::Channel::Sms));
}

#[test]
fn sizes_stand_in_order_of_what_was_bought_most() {
    let piece = |size: &str, quantity| Piece { size: Some(size.into()), quantity, ..Piece::default() };
    let pieces = vec![piece("L", 1), piece("M", 2), piece("L", 2)];
    let facts = of(&[happened(1, on(0), Kind::OrderConfirmed, About { pieces, ..about("o1", 1_000) })]);
    assert_eq!((facts.sizes(), facts.size(on(0))), (vec![("L", 3.0), ("M", 2.0)], Some("L")));
}
