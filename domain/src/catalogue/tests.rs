use super::*;
use crate::catalogue::feed::{Form, Item, Problem, Reading};
use crate::time::Timestamp;

mod bounding;
mod feeds;
mod folding;
#[cfg(feature = "message")]
mod naming;
mod shopify;

/// 22 November 2026, noon in Berlin.
const NOW: Timestamp = Timestamp(1_795_345_200_000);

fn bounds() -> Bounds {
    Bounds {
        home: "https://shop.example/".into(),
        origins: vec!["https://shop.example".into()],
        hosts: vec!["feeds.example".into()],
        image_hosts: vec!["pictures.example".into()],
        currency: "EUR".parse().ok(),
    }
}

fn said(json: &str) -> Said {
    serde_json::from_str(json).unwrap()
}
