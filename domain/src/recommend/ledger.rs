//! Sums that are kept while a shop is learned from all the time: a row for each product, as few bytes, changed by what
//! changes of visitors ([`Delta`](super::count::Delta)), and read as the counts of any day.
//!
//! A row is one value of a store: version, horizon, how many, then by product where each pair leads (as distance), how
//! much it weighs and of how many visitors (zigzag); all as LEB128 of at most 64 bits.

use super::Product;
use super::count::{Change, ONE, Profile, real, whole};
use crate::id::Malformed;

/// Pairs of a row that are kept, the strongest: of more than so many no shelf ever shows one.
pub const MOST_KEPT: usize = 1_000;

/// Pairs of a row that may be written: what lies between is pruned together.
const MOST_READ: usize = 1 << 20;

/// A weight that says nothing: less than a ten-thousandth of a look that is ten half-lives old.
const ROUNDED: u64 = 400_000;

const VERSION: u64 = 1;

/// What is known of one product following another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which follows.
    pub to: Product,
    /// How much, in parts of [`ONE`] of a thousandth of a look on the day of the horizon.
    pub weight: i64,
    /// Of how many visitors; below 0 as long as what they take back has come before what they did.
    pub visitors: i32,
}

/// What is known of all products that follow one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    horizon: u32,
    /// By product.
    entries: Vec<Entry>,
}

impl Row {
    /// Adds what has changed: those of `changes` that are of this row's product, by the product they lead to. Of two horizons the
    /// later one holds from then on.
    pub fn add(&mut self, profile: &Profile, horizon: u32, changes: &[Change]) {
        let lowered = |weight: i64, days: u32| {
            if days == 0 { weight } else { whole(real(weight) * profile.faded(f64::from(days))) }
        };
        let days = horizon.saturating_sub(self.horizon);
        if days > 0 && !self.entries.is_empty() {
            for entry in &mut self.entries {
                entry.weight = lowered(entry.weight, days);
            }
        }
        self.horizon = self.horizon.max(horizon);
        let late = self.horizon - horizon;
        let mut merged = Vec::with_capacity(self.entries.len().saturating_add(changes.len()));
        let mut old = core::mem::take(&mut self.entries).into_iter().peekable();
        for change in changes {
            while let Some(entry) = old.next_if(|entry| entry.to < change.to) {
                merged.push(entry);
            }
            let known = old.next_if(|entry| entry.to == change.to);
            let mut entry = known.unwrap_or(Entry { to: change.to, weight: 0, visitors: 0 });
            entry.weight = entry.weight.saturating_add(lowered(change.weight, late));
            entry.visitors = entry.visitors.saturating_add(change.visitors);
            // What is left when everybody has taken it back is what was rounded.
            if entry.visitors != 0 || entry.weight.unsigned_abs() > ROUNDED {
                merged.push(entry);
            }
        }
        merged.extend(old);
        self.entries = merged;
    }

    /// Keeps the strongest pairs; what shoppers do not want beside each other stays too, as far as there is room.
    pub fn prune(&mut self, most: usize) {
        if most == 0 || self.entries.len() <= most {
            self.entries.truncate(most);
            return;
        }
        let strength = |entry: &Entry| core::cmp::Reverse((entry.weight.unsigned_abs(), core::cmp::Reverse(entry.to)));
        self.entries.select_nth_unstable_by_key(most - 1, strength);
        self.entries.truncate(most);
        self.entries.sort_unstable_by_key(|entry| entry.to);
    }

    /// What is known, by product.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How many looks of the day `today` each pair is worth, with how many visitors did it.
    pub fn as_of<'a>(&'a self, profile: &Profile, today: u32) -> impl Iterator<Item = (Product, f64, u32)> + 'a {
        let grown = grown(profile, self.horizon, today) / 1_000.0;
        self.entries
            .iter()
            .map(move |entry| (entry.to, real(entry.weight) * grown, entry.visitors.max(0).unsigned_abs()))
    }

    /// Reads what [`Row::write`] has written.
    ///
    /// # Errors
    /// Bytes that it would never have written.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        const HOW: Malformed = Malformed("expected a row of sums, version 1");
        let mut rest = bytes;
        if varint(&mut rest)? != VERSION {
            return Err(HOW);
        }
        let small = |number: u64| u32::try_from(number).map_err(|_| HOW);
        let horizon = small(varint(&mut rest)?)?;
        let count = usize::try_from(varint(&mut rest)?).map_err(|_| HOW)?;
        if count > MOST_READ || count > rest.len() {
            return Err(HOW);
        }
        let mut entries = Vec::with_capacity(count);
        let mut next = 0_u32;
        for _ in 0..count {
            let to = next.checked_add(small(varint(&mut rest)?)?).ok_or(HOW)?;
            next = to.checked_add(1).ok_or(HOW)?;
            let weight = signed(varint(&mut rest)?);
            let visitors = i32::try_from(signed(varint(&mut rest)?)).map_err(|_| HOW)?;
            entries.push(Entry { to: Product(to), weight, visitors });
        }
        if rest.is_empty() { Ok(Self { horizon, entries }) } else { Err(HOW) }
    }

    /// Writes it.
    pub fn write(&self) -> Vec<u8> {
        let mut written = Vec::with_capacity(self.entries.len().saturating_mul(10).saturating_add(16));
        put(&mut written, VERSION);
        put(&mut written, u64::from(self.horizon));
        let entries = self.entries.get(..self.entries.len().min(MOST_READ)).unwrap_or_default();
        put(&mut written, u64::try_from(entries.len()).unwrap_or_default());
        let mut next = 0;
        for entry in entries {
            put(&mut written, u64::from(entry.to.0 - next));
            next = entry.to.0.saturating_add(1);
            put(&mut written, unsigned(entry.weight));
            put(&mut written, unsigned(i64::from(entry.visitors)));
        }
        written
    }
}

/// A sum of weights that are not in rows: of the visitors of a product, or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Day since 1970 for which the weight is.
    pub horizon: u32,
    /// In parts of [`ONE`].
    pub weight: i64,
}

impl Sum {
    /// Adds what has changed. Of two horizons the later one holds from then on.
    pub fn add(&mut self, profile: &Profile, horizon: u32, weight: i64) {
        let lowered = |weight: i64, days: u32| {
            if days == 0 { weight } else { whole(real(weight) * profile.faded(f64::from(days))) }
        };
        let latest = self.horizon.max(horizon);
        let mine = lowered(self.weight, latest - self.horizon);
        *self = Self { horizon: latest, weight: mine.saturating_add(lowered(weight, latest - horizon)) };
    }

    /// How many visitors of the day `today` that is worth; never below 0.
    pub fn as_of(self, profile: &Profile, today: u32) -> f64 {
        (real(self.weight) * grown(profile, self.horizon, today)).max(0.0)
    }
}

/// What a weight for a horizon is worth on a day.
fn grown(profile: &Profile, horizon: u32, today: u32) -> f64 {
    1.0 / (ONE * profile.faded(f64::from(horizon) - f64::from(today)))
}

/// What most visitors looked at, best first, with their share of all visitors; `viewers` by number.
pub fn trending(viewers: impl Iterator<Item = f64>, visitors: f64, most: usize) -> Vec<(Product, f64)> {
    let mut seen: Vec<(Product, f64)> = (0_u32..).map(Product).zip(viewers).filter(|seen| seen.1 > 1e-6).collect();
    seen.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    seen.truncate(most);
    seen.into_iter().map(|(product, viewers)| (product, (viewers / visitors.max(viewers).max(1.0)).min(1.0))).collect()
}

fn unsigned(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

fn signed(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

fn varint(rest: &mut &[u8]) -> Result<u64, Malformed> {
    const HOW: Malformed = Malformed("expected a number of at most 64 bits");
    let mut number = 0_u128;
    for shift in (0..70).step_by(7) {
        let (&byte, behind) = rest.split_first().ok_or(HOW)?;
        *rest = behind;
        number |= u128::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return u64::try_from(number).map_err(|_| HOW);
        }
    }
    Err(HOW)
}

fn put(written: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        written.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    written.push(number.to_le_bytes()[0]);
}
