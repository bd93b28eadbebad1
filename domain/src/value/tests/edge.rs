//! The histories with which the edge is tested, and what is expected of them: the edge must say the same.

use serde::Deserialize;

use super::near;
use crate::value::{A_YEAR, Model, Part, Purchases, Spend, count};

/// So many days before it is counted each order was placed, and its amount in cents.
type Orders = Vec<(i32, i64)>;

#[derive(Deserialize)]
struct Shop {
    shoppers: Vec<Orders>,
    expected: Vec<Expected>,
}

/// What is expected of one of them.
#[derive(Deserialize)]
struct Expected {
    shopper: usize,
    churn: f64,
    chance_of_order: f64,
    orders: f64,
    /// Days from now; nothing where it is likelier that none comes.
    next_order: Option<f64>,
    average_order: f64,
    value: f64,
}

fn counted(orders: &[(i32, i64)]) -> (Purchases, Spend) {
    count(orders.iter().map(|(ago, minor)| (-ago, *minor)), 0).unwrap()
}

#[test]
fn what_the_edge_is_tested_with_is_what_these_models_say() {
    let shop: Shop = serde_json::from_str(include_str!("../../../fixtures/outlook.json")).unwrap();
    let mut part = Part::default();
    for orders in &shop.shoppers {
        let (purchases, spend) = counted(orders);
        part.add(purchases, spend);
    }
    let (model, without) = Model::fit(&part).unwrap();
    assert_eq!(without, None);
    assert!(shop.expected.len() >= 6);
    for expected in shop.expected {
        let (purchases, spend) = counted(&shop.shoppers[expected.shopper]);
        let score = model.score(&purchases, &spend, A_YEAR);
        near(score.churn.max(1e-12), expected.churn.max(1e-12), 1e-6);
        near(score.chance_of_order, expected.chance_of_order, 1e-6);
        near(score.expected_orders, expected.orders, 1e-6);
        assert_eq!(score.next_order.is_some(), expected.next_order.is_some());
        near(score.next_order.map_or(1.0, |weeks| weeks * 7.0), expected.next_order.unwrap_or(1.0), 1e-6);
        near(score.mean_order.unwrap(), expected.average_order, 1e-6);
        near(score.lifetime_value.unwrap(), expected.value, 1e-6);
    }
}
