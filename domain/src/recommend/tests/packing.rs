//! What is written is read again; what nobody would write is refused.

use super::*;
use crate::recommend::pack::{Form, Rows, bucketed, write};

fn read(bytes: &[u8]) -> Rows {
    Rows::read(bytes).expect("what was written can be read")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rows_come_back_with_their_links_and_nearly_their_weights(links in some_links(), from in 0_u32..60, rows in 0_u32..60) {
        let written = write(&links, from..from + rows, &[(Product(0), 0.5)], Form { levels: 255, step: 8 });
        let read = read(&written);
        let pack = read.of(&written);
        prop_assert_eq!(pack.trending(), &[(Product(0), 0.5)]);
        prop_assert_eq!(Product(pack.products()).place(), links.rows.len());
        for product in pack.rows().map(Product) {
            let links = &links.rows[product.place()];
            let back: Vec<(Product, f32)> = pack.row(product).collect();
            prop_assert!(back.iter().map(|link| link.0).eq(links.iter().map(|link| link.to)));
            for ((_, back), link) in back.iter().zip(links) {
                // Half a level, a quarter of a halving, on either side.
                prop_assert!((0.84..=1.19).contains(&(back / link.weight)), "{} for {}", back, link.weight);
            }
        }
        prop_assert_eq!(pack.row(Product(pack.rows().end)).count(), 0);
    }

    #[test]
    fn what_is_read_and_written_again_is_the_same(links in some_links()) {
        let all = 0..u32::try_from(links.rows.len()).unwrap_or_default();
        let written = write(&links, all.clone(), &[], Form::NEXT);
        let read = read(&written);
        let pack = read.of(&written);
        let rows = all.clone().map(|product| pack.row(Product(product)).map(|(to, weight)| Link { to, weight }).collect());
        let again = Links { rows: rows.collect() };
        prop_assert_eq!(write(&again, all, &[], Form::NEXT), written);
    }

    #[test]
    fn arbitrary_bytes_are_refused_or_read_but_never_break_anything(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut marked = b"RL\x01".to_vec();
        marked.extend_from_slice(&bytes);
        for bytes in [&bytes, &marked] {
            if let Ok(read) = Rows::read(bytes) {
                let pack = read.of(bytes);
                for product in pack.rows().map(Product) {
                    prop_assert!(pack.row(product).all(|(to, weight)| to.0 < pack.products() && weight.is_finite()));
                }
            }
        }
    }

    #[test]
    fn a_pack_with_a_wrong_byte_leads_nowhere_outside_the_catalogue(links in some_links(), at: prop::sample::Index, byte: u8) {
        let mut bytes = write(&links, 0..60, &[], Form::NEXT);
        let place = at.index(bytes.len());
        bytes[place] = byte;
        if let Ok(read) = Rows::read(&bytes) {
            let pack = read.of(&bytes);
            for product in pack.rows().map(Product) {
                prop_assert!(pack.row(product).all(|(to, weight)| to.0 < pack.products() && weight.is_finite()));
            }
        }
    }

    #[test]
    fn a_pack_that_was_cut_off_or_has_too_much_is_refused(links in some_links(), at: prop::sample::Index) {
        let mut bytes = write(&links, 0..60, &[], Form::NEXT);
        prop_assert!(Rows::read(&bytes[..at.index(bytes.len())]).is_err());
        bytes.push(0);
        prop_assert!(Rows::read(&bytes).is_err());
    }

    #[test]
    fn every_product_is_in_one_bucket_that_is_not_smaller_than_asked(products in 1_u32..5_000, size in 1_u32..500) {
        let buckets = bucketed(products, size);
        prop_assert!(buckets.iter().cloned().flatten().eq(0..products));
        prop_assert!(buckets.len() == 1 || buckets.iter().all(|bucket| bucket.len() >= size as usize && bucket.len() < 2 * size as usize));
    }
}

#[test]
fn what_claims_to_be_long_takes_no_memory() {
    // 4,294,967,295 rows; 65,536 rows with nothing behind; 65,537 rows.
    for claim in [&[0, 0xff, 0xff, 0xff, 0xff, 0x0f][..], &[0, 0x80, 0x80, 0x04], &[0, 0x81, 0x80, 0x04]] {
        let mut bytes = b"RL\x01".to_vec();
        bytes.extend_from_slice(claim);
        bytes.extend_from_slice(&[0xff, 0xff, 0xff, 0xff, 0x0f, 8, 0]);
        assert!(Rows::read(&bytes).is_err());
    }
}

#[test]
fn another_version_is_refused() {
    let mut bytes = write(&Links::default(), 0..0, &[], Form::NEXT);
    assert!(Rows::read(&bytes).is_ok());
    bytes[2] = 2;
    assert!(Rows::read(&bytes).is_err());
}

#[test]
fn a_link_outside_the_catalogue_leads_nowhere() {
    // One row of two products; its link leads one further than itself, then two further.
    let row = |zigzag| {
        let bytes = [b"RL\x01".as_slice(), &[0, 1, 2, 8, 0, 1, 192, 0, zigzag]].concat();
        read(&bytes).of(&bytes).row(Product(0)).collect::<Vec<_>>()
    };
    assert_eq!(row(2), [(Product(1), 1.0)]);
    assert_eq!(row(4), []);
    assert_eq!(row(1), []);
}

#[test]
fn the_seed_of_the_fuzz_target_is_a_pack() {
    let bytes = include_bytes!("../../../fuzz/seeds/links_pack/two_rows");
    let read = read(bytes);
    let pack = read.of(bytes);
    assert_eq!(pack.row(Product(0)).collect::<Vec<_>>(), [(Product(1), 1.0)]);
    assert_eq!(pack.row(Product(1)).map(|link| link.0).collect::<Vec<_>>(), [Product(0), Product(2)]);
    assert_eq!(pack.trending(), [(Product(2), 0.25)]);
}
