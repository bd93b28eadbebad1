//! How a product is found by what a page knows of it: an id, or the page's own address.
//!
//! Files hold hashes and no texts, so that a large shop's index stays small, and whoever reads a slice of it learns
//! nothing by name. A hash is not secret: FNV-1a with 64 bits, mixed once more so that all of its bits are good.

use core::ops::BitXor as _;

/// A hash of what a product is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub u64);

/// Index files of one shop, at most.
pub const MOST_SLICES: usize = 4_096;

impl Key {
    /// Of the shop's id for a product or a variant.
    pub fn of_id(id: &str) -> Self {
        let mut hash = Hash::of(b'i');
        hash.bytes(id.trim().as_bytes());
        hash.end()
    }

    /// Of a page, by its address or the path of it: by path and query, which shops of some systems need to name a
    /// product. Scheme, host, fragment and a slash at the end do not matter, nor whether it is percent-encoded.
    pub fn of_page(address: &str) -> Self {
        let path = path(address);
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let mut hash = Hash::of(b'p');
        hash.decoded(path.trim_end_matches('/'));
        if let Some(query) = query.filter(|query| !query.is_empty()) {
            hash.byte(b'?');
            hash.decoded(query);
        }
        hash.end()
    }

    /// Of a page by its path alone, for addresses to which a query was added that names no product.
    pub fn of_path(address: &str) -> Self {
        let path = path(address);
        Self::of_page(path.split_once('?').map_or(path, |(path, _)| path))
    }

    /// Which of so many index files knows it; `slices` is a power of two.
    pub fn slice(self, slices: usize) -> usize {
        let bits = slices.max(1).ilog2();
        usize::try_from(self.0.checked_shr(64 - bits).unwrap_or_default()).unwrap_or_default()
    }

    /// What files keep of it.
    pub fn short(self) -> u32 {
        let [.., a, b, c, d] = self.0.to_be_bytes();
        u32::from_be_bytes([a, b, c, d])
    }

    /// Its last byte.
    pub(super) fn end(self) -> u8 {
        let [end, ..] = self.0.to_le_bytes();
        end
    }
}

/// An even number from 0 to 999 for two texts, always the same one.
pub fn lot(of: &[u8], what: &str) -> u16 {
    let mut hash = Hash::of(b'l');
    hash.bytes(of);
    hash.byte(0);
    hash.bytes(what.as_bytes());
    let Key(hash) = hash.end();
    u16::try_from(hash % 1_000).unwrap_or_default()
}

/// An address without scheme, host and fragment.
fn path(address: &str) -> &str {
    let address = address.split_once('#').map_or(address, |(address, _)| address);
    // An address within the query has a scheme, too.
    let scheme = address.split_once(':').filter(|(scheme, _)| !scheme.contains(['/', '?']));
    let after = scheme.map_or(address, |(_, rest)| rest).strip_prefix("//");
    after.map_or(address, |rest| rest.find(['/', '?']).and_then(|at| rest.get(at..)).unwrap_or_default())
}

/// FNV-1a on its way, then the finaliser of `MurmurHash3`.
struct Hash(u64);

impl Hash {
    fn of(kind: u8) -> Self {
        let mut hash = Self(0xcbf2_9ce4_8422_2325);
        hash.byte(kind);
        hash
    }

    fn byte(&mut self, byte: u8) {
        self.0 = self.0.bitxor(u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.byte(*byte);
        }
    }

    /// The bytes that a text stands for, where some are written as `%41`.
    fn decoded(&mut self, text: &str) {
        let mut rest = text.as_bytes();
        while let Some((&first, mut behind)) = rest.split_first() {
            let mut byte = first;
            if let (b'%', [high, low, further @ ..]) = (first, behind)
                && let (Some(high), Some(low)) = (nibble(*high), nibble(*low))
            {
                (byte, behind) = (high << 4 | low, further);
            }
            self.byte(byte);
            rest = behind;
        }
    }

    fn end(self) -> Key {
        let mut hash = self.0;
        for factor in [0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53] {
            hash = hash.bitxor(hash >> 33).wrapping_mul(factor);
        }
        Key(hash.bitxor(hash >> 33))
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn same(a: &str, b: &str) {
        assert_eq!(Key::of_page(a), Key::of_page(b), "{a} {b}");
    }

    #[track_caller]
    fn other(a: &str, b: &str) {
        assert_ne!(Key::of_page(a), Key::of_page(b), "{a} {b}");
    }

    #[test]
    fn a_page_is_known_by_its_path_however_it_is_written() {
        same("https://shop.example/p/hat", "/p/hat");
        same("//shop.example/p/hat/", "/p/hat#reviews");
        same("http://localhost:8788/p/hat?", "/p/hat");
        same("/p/%D9%82%D8%A8%D8%B9%D8%A9", "/p/قبعة");
        same("https://shop.example", "/");
        same("https://shop.example?id=7", "/?id=7");
        same("https://shop.example/p/hat?of=http://x.example/y", "/p/hat?of=http://x.example/y");
        other("/p/hat", "/p/hats");
        other("/p/hat?id=7", "/p/hat?id=8");
        other("/p/100%", "/p/100");
        assert_eq!(Key::of_path("/p/hat?utm_source=x#y"), Key::of_page("/p/hat"));
    }

    #[test]
    fn an_id_is_never_taken_for_a_page() {
        assert_ne!(Key::of_id("/p/hat"), Key::of_page("/p/hat"));
        assert_eq!(Key::of_id(" 17 "), Key::of_id("17"));
    }

    #[test]
    fn keys_of_neighbours_are_spread_evenly_over_slices() {
        let mut slices = [0_u32; 16];
        for id in 0..16_000 {
            slices[Key::of_id(&id.to_string()).slice(16)] += 1;
        }
        assert!(slices.iter().all(|count| (850..1_150).contains(count)), "{slices:?}");
        assert_eq!(Key(u64::MAX).slice(1), 0);
    }

    #[test]
    fn lots_are_even_and_differ_from_shelf_to_shelf() {
        let mut low = 0;
        let mut both = 0;
        for visitor in 0..10_000_u32 {
            let id = visitor.to_be_bytes();
            let (one, other) = (lot(&id, "next") < 100, lot(&id, "trending") < 100);
            low += u32::from(one);
            both += u32::from(one && other);
        }
        assert!((900..1_100).contains(&low), "{low}");
        assert!((60..140).contains(&both), "{both}");
    }
}
