//! Writing packs.

use core::ops::Range;

use super::{MARK, MOST_ROWS, MOST_TRENDING, OF_LEVEL, OF_ROW, ONE};
use crate::recommend::Product;
use crate::recommend::bytes::varint;
use crate::recommend::links::{Link, Links};

/// How finely weights are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Levels that there are, at least 1; what is below the last has the last.
    pub levels: u8,
    /// Sixteenths of a halving between two levels.
    pub step: u8,
}

impl Form {
    /// What costs nothing in quality that could be measured: `tests/recommend/README.md`.
    pub const NEXT: Self = Self { levels: 16, step: 8 };
}

/// The rows of the products with these numbers, at most 65,536 with 255 links each, and what is trending; what is
/// beyond is left out.
pub fn write(links: &Links, rows: Range<u32>, trending: &[(Product, f32)], form: Form) -> Vec<u8> {
    let products = u32::try_from(links.rows.len()).unwrap_or(u32::MAX);
    let first = rows.start.min(products);
    let most = first.saturating_add(u32::try_from(MOST_ROWS).unwrap_or(u32::MAX));
    let rows = first..rows.end.min(products).min(most).max(first);
    let trending = trending.get(..trending.len().min(MOST_TRENDING)).unwrap_or_default();

    let mut written = MARK.to_vec();
    for number in [first, rows.end - first, products] {
        varint(&mut written, number);
    }
    written.push(form.step);
    varint(&mut written, u32::try_from(trending.len()).unwrap_or_default());
    for (product, _) in trending {
        varint(&mut written, product.0);
    }
    written.extend(trending.iter().map(|&(_, share)| logarithm(share)));
    let (mut counts, mut strongest, mut levels, mut distances) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for own in rows {
        let row = links.rows.get(Product(own).place()).map(Vec::as_slice).unwrap_or_default();
        let mut row: Vec<Link> = row.iter().take(usize::from(u8::MAX)).copied().collect();
        row.sort_unstable_by_key(|link| link.to);
        row.dedup_by_key(|link| link.to);
        counts.push(u8::try_from(row.len()).unwrap_or(u8::MAX));
        let top = row.iter().map(|link| link.weight).fold(f32::MIN_POSITIVE, f32::max);
        let top = logarithm(top);
        strongest.push(top);
        let top = (f32::from(top) - ONE) / OF_ROW;
        let mut last = None;
        for link in row {
            let below = top - libm::log2f(link.weight.max(f32::MIN_POSITIVE));
            let level = byte(below * OF_LEVEL / f32::from(form.step.max(1)));
            levels.push(level.min(form.levels.saturating_sub(1)));
            varint(
                &mut distances,
                match last {
                    None => zigzag(link.to.0, own),
                    Some(last) => link.to.0 - last - 1,
                },
            );
            last = Some(link.to.0);
        }
    }
    for part in [counts, strongest, levels, distances] {
        written.extend(part);
    }
    written
}

/// The numbers of products in buckets of this size, each but the last, which has what is left; a rest of less than a
/// whole bucket goes with the one before it, so that no bucket has fewer.
pub fn bucketed(products: u32, size: u32) -> Vec<Range<u32>> {
    let size = size.max(1);
    let whole = (products / size).max(1);
    (0..whole).map(|bucket| bucket * size..if bucket + 1 == whole { products } else { (bucket + 1) * size }).collect()
}

fn logarithm(weight: f32) -> u8 {
    byte(libm::log2f(weight.max(f32::MIN_POSITIVE)) * OF_ROW + ONE)
}

fn zigzag(to: u32, own: u32) -> u32 {
    let distance = i64::from(to) - i64::from(own);
    let folded = if distance < 0 { -2 * distance - 1 } else { 2 * distance };
    u32::try_from(folded).unwrap_or(u32::MAX)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is beyond is cut off")]
fn byte(number: f32) -> u8 {
    libm::roundf(number) as u8
}
