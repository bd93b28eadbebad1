//! What happened, by kind.

use std::collections::{BTreeMap, VecDeque};
use std::ops::{Index, IndexMut};

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Happened, Kind};

/// What happened, by kind and in order of time. Every kind has its place, so that asking for one costs nothing;
/// written down are those of which there is something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByKind([VecDeque<Happened>; Kind::ALL.len()]);

impl ByKind {
    /// All of it, kind by kind.
    pub fn iter(&self) -> impl Iterator<Item = &Happened> {
        self.0.iter().flatten()
    }
}

impl Default for ByKind {
    fn default() -> Self {
        Self(core::array::from_fn(|_| VecDeque::new()))
    }
}

impl Index<Kind> for ByKind {
    type Output = VecDeque<Happened>;

    fn index(&self, kind: Kind) -> &Self::Output {
        &self.0[kind as usize]
    }
}

impl IndexMut<Kind> for ByKind {
    fn index_mut(&mut self, kind: Kind) -> &mut Self::Output {
        &mut self.0[kind as usize]
    }
}

impl Serialize for ByKind {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let known = || Kind::ALL.iter().zip(&self.0).filter(|(_, happened)| !happened.is_empty());
        let mut map = to.serialize_map(Some(known().count()))?;
        for (kind, happened) in known() {
            map.serialize_entry(kind, happened)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for ByKind {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut known = Self::default();
        for (kind, happened) in BTreeMap::deserialize(from)? {
            known[kind] = happened;
        }
        Ok(known)
    }
}
