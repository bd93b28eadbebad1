//! Populations made by the very process that the models describe: what went in has to come out.

use super::super::*;
use super::dice::Dice;
use super::{near, numbers};

fn shopper(dice: &mut Dice, parameters: [f64; 4]) -> (Purchases, u32) {
    let (counted, to_come) = dice.shopper(parameters);
    (counted.try_into().unwrap(), to_come)
}

#[test]
fn a_simulated_shops_parameters_and_future_are_found() {
    for (seed, parameters) in
        [[0.8, 8.0, 0.6, 3.0], [2.0, 10.0, 1.5, 6.0], [0.4, 5.0, 0.3, 0.7]].into_iter().enumerate()
    {
        let mut dice = Dice(seed as u64);
        let shoppers: Vec<_> = (0..12_000).map(|_| shopper(&mut dice, parameters)).collect();
        let histogram = shoppers.iter().map(|(purchases, _)| *purchases).collect();
        let model = BgNbd::fit(&histogram, 0.0).unwrap();
        // Large and small parameters go together; what they come to is surer than their size.
        let [r, alpha, a, b] = numbers(&model)[..] else { panic!() };
        for (found, made) in numbers(&model).into_iter().zip(parameters) {
            near(found, made, 0.35);
        }
        near(r / alpha, parameters[0] / parameters[1], 0.05);
        near(a / (a + b), parameters[2] / (parameters[2] + parameters[3]), 0.05);
        // The future, of all and of those who were silent for half of their time.
        for silent in [false, true] {
            let of = || shoppers.iter().filter(|(p, _)| !silent || p.repeat() > 0 && p.last() < 0.5 * p.age());
            let expected: f64 = of().map(|(purchases, _)| model.expected_orders(purchases, 52.0)).sum();
            let came: f64 = of().map(|(_, to_come)| f64::from(*to_come)).sum();
            near(expected, came, if silent { 0.12 } else { 0.04 });
            let some: f64 = of().map(|(purchases, _)| model.chance_of_order(purchases, 52.0)).sum();
            let any: f64 = of().map(|(_, to_come)| f64::from((*to_come).min(1))).sum();
            near(some, any, if silent { 0.12 } else { 0.04 });
        }
    }
}

#[test]
fn a_simulated_shops_amounts_are_found() {
    let (mut dice, [p, q, v]) = (Dice(7), [4.0, 3.5, 2_500.0]);
    let mut truths = Vec::new();
    for _ in 0..12_000 {
        let orders = (1..10).find(|_| dice.exponential() > 0.3).unwrap_or(10);
        let (mean, truth) = dice.spend([p, q, v], orders);
        truths.push((Spend::new(orders, mean).unwrap(), truth));
    }
    let model = GammaGamma::fit(&truths.iter().map(|(spend, _)| *spend).collect(), 0.0).unwrap();
    for (found, made) in numbers(&model).into_iter().zip([p, q, v]) {
        near(found, made, 0.1);
    }
    let expected: f64 = truths.iter().map(|(spend, _)| model.mean_order(spend)).sum();
    near(expected, truths.iter().map(|(_, truth)| truth).sum(), 0.02);
}

#[test]
fn a_shop_that_tells_too_little_has_no_model_and_hears_why() {
    let mut dice = Dice(1);
    let few: Histogram<_> = (0..99).map(|_| shopper(&mut dice, [0.8, 8.0, 0.6, 3.0]).0).collect();
    assert_eq!(BgNbd::fit(&few, 0.0), Err(Unfit::TooFewShoppers { shoppers: 99, fewest: 100 }));
    let once: Histogram<_> = (0..5_000_u32).map(|day| Purchases::new(0, 0.0, f64::from(day % 300)).unwrap()).collect();
    let unfit = BgNbd::fit(&once, 0.0).unwrap_err();
    assert_eq!(unfit, Unfit::TooFewCameBack { shoppers: 0, fewest: 30 });
    assert_eq!(unfit.to_string(), "it takes 30 shoppers who ordered again, and there are 0");
}

#[test]
fn where_shoppers_do_not_differ_a_parameter_runs_away_unless_held() {
    // Everybody orders every two weeks or so, and leaves with a chance of one in four.
    let mut dice = Dice(3);
    let alike: Histogram<_> = (0..3_000).map(|_| shopper(&mut dice, [1e6, 2e6, 2.5e5, 7.5e5]).0).collect();
    assert!(matches!(BgNbd::fit(&alike, 0.0), Err(Unfit::Unbounded { .. })));
    let held = BgNbd::fit(&alike, LIGHT_PENALTY).unwrap();
    let [r, alpha, a, b] = numbers(&held)[..] else { panic!() };
    near(r / alpha, 0.5, 0.1);
    near(a / (a + b), 0.25, 0.2);
    // One price for all.
    let one: Histogram<_> = (1..2_000_u32).map(|n| Spend::new(1 + n % 9, 2_990.0).unwrap()).collect();
    assert!(matches!(GammaGamma::fit(&one, 0.0), Err(Unfit::Unbounded { .. })));
    let held = GammaGamma::fit(&one, LIGHT_PENALTY).unwrap();
    near(held.mean_order(&Spend::new(3, 2_990.0).unwrap()), 2_990.0, 0.01);
    // A shop's model is held by itself.
    let mut part = Part::default();
    let repeats = |repeat: u32| Spend::new(repeat, if repeat == 0 { 0.0 } else { 2_990.0 }).unwrap();
    for (purchases, count) in alike.rows() {
        (0..count).for_each(|_| part.add(purchases, repeats(purchases.repeat())));
    }
    let (model, without) = Model::fit(&part).unwrap();
    assert_eq!((model.orders, without), (BgNbd::fit(&alike, LIGHT_PENALTY).unwrap(), None));
    assert!(model.spend.is_some());
}
