//! Products that nobody has looked at yet.

use super::*;
use crate::recommend::similar::{Alike, Described, similar};

const SHIRT: &[&str] = &["shirts"];
const SHOE: &[&str] = &["shoes"];

fn a_catalogue() -> [Described<'static>; 5] {
    let described = |product, text, categories| Described {
        product: Product(product),
        text,
        categories,
        attributes: &[("brand", "Acme")],
    };
    [
        described(0, "Linen shirt, blue", SHIRT),
        described(1, "Linen Shirt white", SHIRT),
        described(2, "Cotton shirt", SHIRT),
        described(3, "Running shoe blue", SHOE),
        described(4, "Walking shoe", SHOE),
    ]
}

#[test]
fn what_shares_rare_words_is_more_alike_than_what_shares_common_ones() {
    let links = similar(5, &a_catalogue(), 3);
    assert_eq!(row(&links, 0), [1, 2, 3]);
    assert_eq!(row(&links, 4)[0], 3);
    assert!(links.rows.iter().flatten().all(|link| link.weight > 0.0 && link.weight <= 1.0));
}

#[test]
fn slices_of_a_catalogue_have_together_the_rows_of_the_whole() {
    let catalogue = a_catalogue();
    let alike = Alike::of(5, &catalogue);
    let slices = [alike.rows(0..2, 3), alike.rows(2..9, 3)].concat();
    let whole = similar(5, &catalogue, 3);
    assert!(slices.iter().map(|row| row.0.0).eq(0..5));
    assert!(slices.iter().all(|(product, row)| *row == whole.rows[product.place()]));
}

#[test]
fn a_new_product_has_a_shelf_and_is_on_those_of_similar_ones_behind_what_was_learned() {
    // Nobody has looked at the white linen shirt.
    let mut links = learned(5, &[(TODAY, vec![0, 2]), (TODAY, vec![3, 4]), (TODAY, vec![0, 3])]);
    let before = links.clone();
    links.fill(&similar(5, &a_catalogue(), 5), 30);
    assert_eq!(row(&links, 1)[0], 0);
    assert!(row(&links, 0).contains(&1));
    for (row, before) in links.rows.iter().zip(&before.rows) {
        assert_eq!(&row[..before.len()], before);
        assert!(row.windows(2).all(|two| two[0].weight >= two[1].weight), "{row:?}");
    }
}

#[test]
fn a_full_row_gives_its_last_place_to_a_new_product() {
    let mut links = learned(5, &[(TODAY, vec![0, 2, 3, 4]), (TODAY, vec![0, 2, 3])]);
    links.fill(&similar(5, &a_catalogue(), 5), 3);
    assert_eq!(row(&links, 0), [2, 3, 1]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn filling_keeps_rows_short_and_products_apart(learned in some_links(), alike in some_links(), most in 0_usize..40) {
        let mut filled = learned.clone();
        filled.fill(&alike, most);
        for (row, before) in filled.rows.iter().zip(&learned.rows) {
            prop_assert!(row.len() <= most.max(before.len()));
            let mut products: Vec<Product> = row.iter().map(|link| link.to).collect();
            products.sort();
            products.dedup();
            prop_assert_eq!(products.len(), row.len());
        }
    }
}
