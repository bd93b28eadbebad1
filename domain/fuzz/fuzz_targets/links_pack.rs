//! A pack of links from anywhere: it leads nowhere outside its catalogue, and can be scored.
#![no_main]

use domain::recommend::Product;
use domain::recommend::pack::Rows;
use domain::recommend::score::{Scorer, Taste};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(read) = Rows::read(bytes) else { return };
    let pack = read.of(bytes);
    let rows = pack.rows().map(Product);
    for (to, weight) in rows.clone().flat_map(|product| pack.row(product)) {
        assert!(to.0 < pack.products() && weight.is_finite());
    }
    let recent: Vec<Product> = rows.take(20).collect();
    assert!(Scorer::default().shelf(&[pack], &recent, &Taste::NEXT, 20).iter().all(|best| best.score > 0.0));
});
