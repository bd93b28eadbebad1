//! All orders of which something was said, each once.

use std::collections::BTreeMap;

use super::{OrderName, OrderRecord, names_on_page};
use crate::event;

/// Orders by their names. Records that share an id, or a payment, are one order, also when a later
/// record is the first to tell that they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderBook {
    /// Every name that identifies, and every key, with the key of its order: the least of its names.
    keys: BTreeMap<OrderName, OrderName>,
    orders: BTreeMap<OrderName, OrderRecord>,
}

impl OrderBook {
    /// Takes in what was said of one order.
    pub fn take(&mut self, mut record: OrderRecord) {
        let known: Vec<OrderName> = record.names().filter_map(|name| self.keys.get(name)).cloned().collect();
        for key in known {
            if let Some(earlier) = self.orders.remove(&key) {
                record.join(earlier);
            }
        }
        let Some(key) = record.names().next().cloned() else { return };
        for name in record.names().filter(|name| name.identifies() || **name == key) {
            self.keys.insert(name.clone(), key.clone());
        }
        self.orders.insert(key, record);
    }

    /// All orders.
    pub fn orders(&self) -> impl Iterator<Item = &OrderRecord> {
        self.orders.values()
    }

    /// The order of this name; of several with the same number, the one placed last.
    pub fn find(&self, name: &OrderName) -> Option<&OrderRecord> {
        match self.keys.get(name) {
            Some(key) => self.orders.get(key),
            None => self
                .orders
                .values()
                .filter(|order| order.names().any(|n| n == name))
                .max_by_key(|order| order.placed_at),
        }
    }

    /// The order that a page tells of, so that what was seen and what the server says count once.
    pub fn find_seen(&self, page: &event::Order) -> Option<&OrderRecord> {
        names_on_page(page).iter().find_map(|name| self.find(name))
    }
}
