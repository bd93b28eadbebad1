//! A value of which the last word counts, whatever order the words arrive in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;
pub use crate::time::earliest;

/// Something said at a moment (a last-writer-wins register). Two are joined into the later; of two
/// said at the same moment the greater value counts, so that every order of joining ends alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Latest<T> {
    /// When it was said.
    pub at: Timestamp,
    /// What was said.
    pub value: T,
}

impl<T: Ord> Latest<T> {
    /// The value as said at this moment.
    pub const fn new(at: Timestamp, value: T) -> Self {
        Self { at, value }
    }

    /// Takes over the other's value when it counts more.
    pub fn join(&mut self, other: Self) {
        if other > *self {
            *self = other;
        }
    }

    /// Joins two that may not have been said at all.
    pub fn join_option(into: &mut Option<Self>, other: Option<Self>) {
        match (into.as_mut(), other) {
            (Some(mine), Some(other)) => mine.join(other),
            (None, other @ Some(_)) => *into = other,
            (_, None) => {}
        }
    }
}

/// The value of one that may not have been said.
pub fn said<T>(latest: Option<&Latest<T>>) -> Option<&T> {
    latest.map(|latest| &latest.value)
}

/// Joins what is said of many things, each under its own id.
pub fn join_each<K: Ord, T: Ord>(into: &mut BTreeMap<K, Latest<T>>, other: BTreeMap<K, Latest<T>>) {
    for (key, latest) in other {
        match into.get_mut(&key) {
            Some(mine) => mine.join(latest),
            None => {
                into.insert(key, latest);
            }
        }
    }
}
