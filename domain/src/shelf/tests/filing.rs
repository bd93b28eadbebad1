//! What is written is read again; what nobody would write is refused.

use super::*;
use crate::shelf::file::{CardRef, front};
use crate::shelf::index::{self, Index};
use crate::shelf::store::Store;
use crate::shelf::{Deed, Ruled, bits::Bits, name_of};

#[test]
fn the_shortest_file_can_be_read() {
    let read = Bucket::read(Bucket::EMPTY.to_vec()).unwrap();
    assert_eq!((read.own(), read.foreign().len(), read.products()), (0..0, 0, 0));
}

#[test]
fn a_file_gives_back_every_card_and_row_that_was_put_in() {
    let made = Made::of(300);
    let read = made.whole();
    assert_eq!((read.own(), read.generation(), read.products(), read.foreign().len()), (0..300, GENERATION, 300, 0));
    for (product, own) in (0..).map(Product).zip(&made.own) {
        let card = read.card(product);
        assert_eq!(card.map(CardRef::to_card), own.card, "{product:?}");
        let rows: Vec<Product> = read.next().row(product).map(|link| link.0).collect();
        let mut links: Vec<Product> = made.next.rows[product.place()].iter().map(|link| link.to).collect();
        links.sort();
        assert_eq!(rows, links);
        let Some(whole) = &own.card else { continue };
        let card = card.unwrap();
        assert_eq!((card.title(), card.price(), card.brand()), (whole.title.as_str(), whole.price, &*whole.brand));
        assert_eq!((card.lift(), card.categories()), (whole.lift, whole.categories.len()));
        let keys = [Key::of_id(&whole.id), Key::of_page(&whole.url)].into_iter().chain(own.keys.iter().copied());
        assert!(keys.into_iter().all(|key| read.number(key) == Some(product)), "{whole:?}");
    }
    assert_eq!(read.card(Product(300)).map(CardRef::to_card), None);
    assert_eq!(read.number(Key::of_id("sku-300")), None);
}

#[test]
fn a_bucket_has_cards_of_as_many_foreign_products_as_fit_those_that_its_rows_lead_to() {
    let made = Made::of(900);
    let all = bucket(&made.shop(), 200..400, usize::MAX, &mut |bytes| bytes.len());
    assert_eq!(all.foreign, all.wanted);
    let none = bucket(&made.shop(), 200..400, 0, &mut |bytes| bytes.len());
    assert_eq!(none.foreign, 0);
    let budget = usize::midpoint(all.bytes.len(), none.bytes.len());
    let some = bucket(&made.shop(), 200..400, budget, &mut |bytes| bytes.len());
    assert!(some.bytes.len() <= budget && some.bytes.len() > budget - budget / 20, "{}", some.bytes.len());
    assert!(some.foreign > all.foreign / 4 && some.foreign < all.foreign);
    let read = Bucket::read(some.bytes.clone()).unwrap();
    assert_eq!(read.foreign().len(), some.foreign);
    for foreign in read.foreign() {
        assert_eq!(read.card(*foreign).map(CardRef::to_card), made.own[foreign.place()].card);
        assert!((200..400).any(|own| made.next.rows[own].iter().any(|link| link.to == *foreign)));
        // Only own products are found by keys.
        assert_eq!(read.number(Key::of_id(&card(foreign.0).id)), None);
    }
}

#[test]
fn the_front_has_cards_alone() {
    let made = Made::of(300);
    let wanted = [Product(7), Product(250), Product(3)];
    let read = Bucket::read(front(&made.shop(), &wanted, usize::MAX, &mut |_| 0).bytes).unwrap();
    assert_eq!((read.own(), read.foreign()), (0..0, &[Product(3), Product(7), Product(250)][..]));
    assert!(wanted.iter().all(|product| read.card(*product).is_some()));
}

#[test]
fn what_two_products_have_is_nobody_s_key() {
    let mut made = Made::of(20);
    for number in [4, 5] {
        made.own[number].keys.push(Key::of_id("both"));
    }
    assert_eq!(made.whole().number(Key::of_id("both")), None);
    let keys = [(Key::of_id("both"), Product(4)), (Key::of_id("both"), Product(5)), (Key::of_id("one"), Product(6))];
    let read = Index::read(&index::write(GENERATION, 20, &keys, 1_000)[0]).unwrap();
    assert_eq!((read.number(Key::of_id("both")), read.number(Key::of_id("one"))), (None, Some(Product(6))));
}

#[test]
fn every_key_is_in_its_slice_of_the_index_and_no_slice_is_too_heavy() {
    let keys: Vec<(Key, Product)> =
        (0..20_000_u32).map(|n| (Key::of_id(&format!("sku-{n}")), Product(n / 4))).collect();
    let written = index::write(GENERATION, 5_000, &keys, 30_000);
    assert!(written.len().is_power_of_two() && written.len() > 2);
    assert!(written.iter().all(|slice| slice.len() <= 30_000));
    let read: Vec<Index> = written.iter().map(|slice| Index::read(slice).unwrap()).collect();
    let files = Files::Buckets { front: 0, buckets: vec![], index: (0..).take(read.len()).collect() };
    for (key, product) in keys {
        let slice = usize::try_from(files.slice(key).unwrap()).unwrap();
        assert_eq!(read[slice].number(key), Some(product));
    }
}

#[test]
fn a_product_s_file_is_the_bucket_that_begins_before_it() {
    let files = Files::Buckets { front: 9, buckets: vec![(0, 10), (200, 11), (400, 12)], index: vec![1, 2] };
    let of = |number| files.of(Product(number));
    assert_eq!([of(0), of(199), of(200), of(5_000)], [Some(10), Some(10), Some(11), Some(12)]);
    assert_eq!((files.front(), Files::Whole(7).of(Product(3)), Files::None.front()), (Some(9), Some(7), None));
    assert_eq!(name_of(0xab), "00000000000000ab");
}

#[test]
fn a_head_comes_back_as_it_was_and_another_version_is_refused() {
    let mut head = Made::of(10).head();
    head.out = [Product(4)].into_iter().collect();
    head.changed = vec![(Product(3), card(3))];
    head.trending = vec![(Product(1), 0.25)];
    let beside: Bits = [Product(1)].into_iter().collect();
    let deed = Deed::Lift(2.0, beside.clone());
    head.rules = vec![Ruled { shelf: None, beside: Some(beside), deed, rule: 2 }];
    let mut bytes = head.write().unwrap();
    assert_eq!(Head::read(&bytes), Ok(head.clone()));
    bytes[0] = 2;
    assert!(Head::read(&bytes).is_err());
    head.trending[0].1 = f32::NAN;
    assert!(Head::read(&head.write().unwrap()).is_err());
}

#[test]
fn files_of_another_learning_say_nothing_and_what_has_changed_is_believed_before_them() {
    let made = Made::of(20);
    let file = [made.whole()];
    let mut head = made.head();
    let mut now = card(1);
    now.price = Some(5);
    head.changed = vec![(Product(1), now)];
    let then = Head { generation: GENERATION + 1, ..head.clone() };
    let store = |head| Store { head, files: &file, indexes: &[], market: None };
    let (now, then) = (store(&head), store(&then));
    assert_eq!(now.card(Product(1)).and_then(CardRef::price), Some(5));
    assert_eq!(now.card(Product(2)).and_then(CardRef::price), Some(14));
    assert_eq!(now.pages(["https://shop.example/shop/red-hat-no-2.html?utm_source=x"]), [Some(Product(2))]);
    assert!(then.card(Product(2)).is_none() && then.pages(["/shop/red-hat-no-2.html"]) == [None]);
    assert!(then.next().is_empty());
}

/// What the fuzz target begins with is a file of today's form.
#[test]
fn the_seed_of_the_fuzz_target_is_a_file() {
    let read = Bucket::read(include_bytes!("../../../fuzz/seeds/shelf_files/twelve").to_vec()).unwrap();
    assert_eq!((read.own(), read.foreign().len()), (2..6, 3));
    ask(&read);
}

#[test]
fn what_claims_to_be_long_takes_no_memory() {
    let mut bytes = bucket(&Made::of(3).shop(), 0..3, 0, &mut |_| 0).bytes;
    bytes.truncate(3);
    for claim in [&[0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f, 0xff, 0xff, 0xff, 0xff, 0x0f][..], &[0, 0, 0, 0, 0xff, 0x7f]] {
        let mut bytes = bytes.clone();
        bytes.extend_from_slice(claim);
        assert!(Bucket::read(bytes.clone()).is_err());
    }
    assert!(Index::read(b"SI\x01\x00\xff\x7f\xff\xff\xff\xff\x0f").is_err());
}

/// Everything that can be asked of a file.
fn ask(read: &Bucket) {
    let far = read.own().end.saturating_add(3);
    for product in read.own().start.saturating_sub(3)..far.min(read.own().start.saturating_add(2_000)) {
        if let Some(card) = read.card(Product(product)) {
            assert_eq!(card.to_card().title, card.title());
        }
        assert!(
            read.next()
                .row(Product(product))
                .chain(read.together().row(Product(product)))
                .all(|link| link.0.0 < read.products())
        );
    }
    assert!(read.foreign().iter().all(|foreign| foreign.0 < read.products()));
    read.number(Key::of_id("sku-1"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_file_with_wrong_bytes_is_refused_or_read_but_never_breaks_anything(
        wrong in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4), cut: prop::sample::Index, cuts: bool,
    ) {
        let mut bytes = bucket(&Made::of(40).shop(), 5..25, usize::MAX, &mut |_| 0).bytes;
        for (at, byte) in wrong {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(read) = Bucket::read(bytes.clone()) {
            ask(&read);
        }
    }

    #[test]
    fn arbitrary_bytes_break_nothing(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for mark in [b"SB\x01", b"SI\x01"] {
            let marked = [&mark[..], &bytes].concat();
            if let Ok(read) = Bucket::read(marked.clone()) {
                ask(&read);
            }
            if let Ok(read) = Index::read(&marked) {
                read.number(Key(7));
            }
        }
        if let Ok(head) = Head::read(&[&[1][..], &bytes].concat()) {
            prop_assert!(head.trending.iter().all(|seen| seen.1.is_finite()));
        }
    }

    #[test]
    fn whatever_cards_say_they_come_back(
        cards in prop::collection::vec(
            ("\\PC{0,12}", "\\PC{0,20}", "/[a-z%0-9é-]{0,12}", prop::option::of(any::<u32>()), any::<(u8, u8)>(), "\\PC{0,5}",
             prop::collection::vec("[A-C] > [a-c]", 0..3)),
            1..12,
        ),
    ) {
        let own: Vec<Own> = cards.into_iter().map(|(id, title, url, price, (lift, badges), brand, categories)| {
            let card = Card { id, image: url.clone(), url, title, price, was: price, brand, categories, lift, badges };
            Own { card: Some(card), keys: vec![] }
        }).collect();
        let products = u32::try_from(own.len()).unwrap();
        let none = Links { rows: vec![Vec::new(); own.len()] };
        let shop = Shop { generation: 0, next: &none, together: &none, own: &own, viewers: &[] };
        let read = Bucket::read(bucket(&shop, 0..products, 0, &mut |_| 0).bytes).unwrap();
        for (number, own) in (0..).zip(&own) {
            prop_assert_eq!(&read.card(Product(number)).map(CardRef::to_card), &own.card);
        }
    }
}
