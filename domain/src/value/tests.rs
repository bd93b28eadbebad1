//! Published figures, and what must hold for any shopper.

mod dice;
#[cfg(feature = "json")]
mod edge;
mod population;

use proptest::prelude::*;

use super::*;

/// The sample of CDNOW's customers that the papers fit: weeks until week 39 of 1997, dollars.
fn cdnow() -> (Histogram<Purchases>, Histogram<Spend>) {
    let table = include_str!("../../../tests/bench/value/cdnow.csv").lines().skip(1);
    let rows = table.map(|line| {
        let [repeat, last, age, mean] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let repeat = repeat.parse().unwrap();
        let purchases = Purchases::new(repeat, last.parse().unwrap(), age.parse().unwrap()).unwrap();
        (purchases, Spend::new(repeat, mean.parse().unwrap()).unwrap())
    });
    let (purchases, spends): (Vec<_>, Vec<_>) = rows.unzip();
    (purchases.into_iter().collect(), spends.into_iter().collect())
}

fn published() -> Model {
    Model {
        orders: BgNbd::new(0.2426, 4.4136, 0.7929, 2.4259).unwrap(),
        spend: Some(GammaGamma::new(6.25, 3.74, 15.45).unwrap()),
    }
}

/// The numbers of a model, in order.
fn numbers<T: Serialize>(value: &T) -> Vec<f64> {
    postcard::to_allocvec(value).unwrap().chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect()
}

#[track_caller]
fn near(found: f64, expected: f64, within: f64) {
    assert!((found / expected - 1.0).abs() <= within, "{found} is not {expected}");
}

#[test]
fn cdnows_orders_are_fitted_as_published() {
    let (purchases, _) = cdnow();
    assert_eq!(purchases.shoppers(), 2_357);
    let model = BgNbd::fit(&purchases, 0.0).unwrap();
    for (found, paper) in numbers(&model).into_iter().zip([0.2426, 4.4136, 0.7929, 2.4259]) {
        near(found, paper, 5e-4);
    }
    near(model.log_likelihood(&purchases), -9_582.4, 1e-5);
}

#[test]
fn cdnows_amounts_are_fitted_as_published() {
    let (_, spends) = cdnow();
    let model = GammaGamma::fit(&spends, 0.0).unwrap();
    for (found, paper) in numbers(&model).into_iter().zip([6.25, 3.74, 15.45]) {
        near(found, paper, 2e-3);
    }
    near(model.log_likelihood(&spends), -4_055.92, 1e-5);
}

#[test]
fn a_known_shopper_is_scored_as_published() {
    let shopper = Purchases::new(2, 30.43, 38.86).unwrap();
    let Model { orders, spend } = published();
    near(orders.expected_orders(&shopper, 39.0), 1.226, 1e-3);
    near(orders.alive(&shopper), 0.7266, 1e-3);
    // The mean of all is p·v/(q − 1).
    let spend = spend.unwrap();
    near(spend.mean_order(&Spend::new(0, 0.0).unwrap()), 35.24, 1e-3);
    near(spend.mean_order(&Spend::new(2, 22.35).unwrap()), 24.66, 1e-3);
}

#[test]
fn a_penalty_weighs_as_in_lifetimes() {
    let model = BgNbd::fit(&cdnow().0, 0.01).unwrap();
    for (found, theirs) in numbers(&model).into_iter().zip([0.242_940_3, 4.432_437, 0.285_641_5, 0.658_453_7]) {
        near(found, theirs, 1e-4);
    }
}

#[test]
fn parts_counted_apart_give_the_same_model_in_any_order() {
    let (purchases, spends) = cdnow();
    let mut parts = vec![Histogram::default(); 5];
    for (i, (shopper, count)) in purchases.rows().enumerate() {
        (0..count).for_each(|n| parts[(i + n as usize) % 5].add(shopper));
    }
    let mut whole = Histogram::default();
    for part in parts.iter().rev() {
        // As it travels.
        let bytes = postcard::to_allocvec(part).unwrap();
        whole.merge(&postcard::from_bytes(&bytes).unwrap());
    }
    assert_eq!(whole, purchases);
    assert_eq!(BgNbd::fit(&whole, 0.0), BgNbd::fit(&purchases, 0.0));
    let bytes = postcard::to_allocvec(&spends).unwrap();
    assert_eq!(postcard::from_bytes::<Histogram<Spend>>(&bytes).unwrap(), spends);
}

#[test]
fn orders_of_one_day_count_as_one_and_the_first_days_amount_does_not() {
    let orders = [(21, 1_000), (7, 9_900), (7, 100), (21, 500), (14, 700), (99, 1)];
    let (purchases, spend) = count(orders, 28).unwrap();
    assert_eq!(purchases, Purchases::new(2, 2.0, 3.0).unwrap());
    assert_eq!(spend, Spend::new(2, 1_100.0).unwrap());
    let (once, nothing) = count([(7, 9_900)], 28).unwrap();
    assert_eq!((once, nothing), (Purchases::new(0, 0.0, 3.0).unwrap(), Spend::new(0, 0.0).unwrap()));
    assert_eq!(count([(99, 1)], 28), None);
}

#[test]
fn of_many_as_many_are_left_as_are_wanted_and_what_is_common_stays_common() {
    let (purchases, _) = cdnow();
    assert_eq!(purchases.thinned(5_000), purchases);
    let thinned = purchases.thinned(500);
    assert!((400..=500).contains(&thinned.shoppers()), "{}", thinned.shoppers());
    let once = |of: &Histogram<Purchases>| {
        let once: u32 = of.rows().filter(|(shopper, _)| shopper.repeat() == 0).map(|(_, count)| count).sum();
        f64::from(once) / f64::from(u32::try_from(of.shoppers()).unwrap())
    };
    assert!((once(&thinned) - once(&purchases)).abs() < 0.01);
    assert_eq!(purchases.thinned(0), purchases.thinned(1));
    assert_eq!(Histogram::<Purchases>::default().thinned(0).shoppers(), 0);
}

#[test]
fn what_a_part_has_counted_is_read_back_as_written() {
    let mut part = Part::default();
    part.add(Purchases::new(2, 2.0, 3.0).unwrap(), Spend::new(2, 1_100.0).unwrap());
    part.add(Purchases::new(0, 0.0, 3.0).unwrap(), Spend::new(0, 0.0).unwrap());
    assert_eq!((part.shoppers(), Part::read(&part.write())), (2, Ok(part.clone())));
    for wrong in [&[][..], &[2], &part.write()[..9]] {
        assert!(Part::read(wrong).is_err());
    }
    let too_few = Unfit::TooFewShoppers { shoppers: 2, fewest: FEWEST_SHOPPERS };
    assert_eq!(Model::fit(&part), Err(too_few));
}

#[test]
fn histories_that_cannot_be_are_refused() {
    for (repeat, last, age) in
        [(1, 3.0, 2.0), (1, -1.0, 2.0), (0, 1.0, 2.0), (1, f64::NAN, 2.0), (1, 1.0, f64::INFINITY)]
    {
        assert!(Purchases::new(repeat, last, age).is_err(), "{repeat} {last} {age}");
        let bytes = postcard::to_allocvec(&(repeat, last, age)).unwrap();
        assert!(postcard::from_bytes::<Purchases>(&bytes).is_err());
    }
    assert!(Spend::new(1, f64::NAN).is_err() && Spend::new(1, 1e31).is_err());
    assert!(GammaGamma::new(1.0, 1.0, 1.0).is_err());
    assert!(BgNbd::new(f64::NAN, 1.0, 1.0, 1.0).is_err());
}

#[test]
fn a_model_is_read_back_as_written_and_no_other_version_is() {
    for model in [published(), Model { spend: None, ..published() }] {
        let mut bytes = postcard::to_allocvec(&model).unwrap();
        assert_eq!(postcard::from_bytes(&bytes), Ok(model));
        bytes[0] = 2;
        assert!(postcard::from_bytes::<Model>(&bytes).is_err());
    }
}

#[cfg(feature = "json")]
#[test]
fn a_model_is_written_as_json_by_the_papers_names() {
    let json = r#"{"version":1,"orders":{"r":0.2426,"alpha":4.4136,"a":0.7929,"b":2.4259},"spend":{"p":6.25,"q":3.74,"v":15.45}}"#;
    assert_eq!(serde_json::to_string(&published()).unwrap(), json);
    assert_eq!(serde_json::from_str::<Model>(json).unwrap(), published());
    assert!(serde_json::from_str::<Model>(&json.replace("0.2426", "-1.0")).is_err());
}

#[test]
fn the_next_order_is_due_when_it_is_as_likely_as_not() {
    let Model { orders, .. } = published();
    let regular = Purchases::new(20, 37.0, 38.0).unwrap();
    let weeks = orders.next_order(&regular, 0.5).unwrap();
    near(orders.chance_of_order(&regular, weeks), 0.5, 1e-12);
    let silent = Purchases::new(20, 19.0, 38.0).unwrap();
    assert!(orders.alive(&silent) < 0.5);
    assert_eq!(orders.next_order(&silent, 0.5), None);
}

#[test]
fn money_without_discount_is_orders_times_their_worth() {
    let (model, purchases) = (published(), Purchases::new(5, 30.0, 35.0).unwrap());
    let spend = Spend::new(5, 40.0).unwrap();
    let at = |weekly_discount| model.score(&purchases, &spend, Horizon { months: 12, weekly_discount });
    let score = at(0.0);
    near(score.lifetime_value.unwrap(), score.expected_orders * score.mean_order.unwrap(), 1e-12);
    assert!(at(0.01).lifetime_value < score.lifetime_value);
}

fn any_purchases() -> impl Strategy<Value = Purchases> {
    let repeat = prop_oneof![4 => 0_u32..60, 1 => any::<u32>()];
    let age = prop_oneof![4 => 0.0..600.0, 1 => prop_oneof![Just(0.0), Just(1e-300), Just(1e300), Just(f64::MAX)]];
    (repeat, 0.0..=1.0, age).prop_map(|(repeat, share, age): (u32, f64, f64)| {
        Purchases::new(repeat, if repeat == 0 { 0.0 } else { age * share }, age).unwrap()
    })
}

fn any_model() -> impl Strategy<Value = Model> {
    let parameter =
        || prop_oneof![6 => (-4.0..5.0).prop_map(libm::exp), 1 => Just(1.0), 1 => Just(1e-9), 1 => Just(1e12)];
    let orders = (parameter(), parameter(), parameter(), parameter());
    let spend = (parameter(), parameter(), parameter());
    (orders, spend).prop_map(|((r, alpha, a, b), (p, q, v))| Model {
        orders: BgNbd::new(r, alpha, a, b).unwrap(),
        spend: GammaGamma::new(p, 1.0 + q, v).ok(),
    })
}

proptest! {
    #[test]
    fn whatever_the_shopper_scores_are_numbers_in_their_range(
        model in any_model(),
        purchases in any_purchases(),
        mean in prop_oneof![-1e6..1e6, Just(0.0), Just(1e30)],
        months in 0_u32..=14,
        weekly_discount in prop_oneof![0.0..0.1, any::<f64>()],
    ) {
        let spend = Spend::new(purchases.repeat(), mean).unwrap();
        let score = model.score(&purchases, &spend, Horizon { months, weekly_discount });
        prop_assert!((0.0..=1.0).contains(&score.alive) && (0.0..=1.0).contains(&score.churn), "{score:?}");
        prop_assert!((0.0..=1.0).contains(&score.chance_of_order), "{score:?}");
        prop_assert!(score.expected_orders.is_finite() && score.expected_orders >= 0.0, "{score:?}");
        prop_assert!(score.expected_orders >= score.chance_of_order * (1.0 - 1e-6), "{score:?}");
        prop_assert!(score.next_order.is_none_or(|weeks| weeks >= 0.0), "{score:?}");
        prop_assert!(score.mean_order.is_none_or(|mean| mean.is_finite() && mean >= 0.0), "{score:?}");
        prop_assert!(score.lifetime_value.is_none_or(|value| value.is_finite() && value >= 0.0), "{score:?}");
    }

    #[test]
    fn silence_makes_a_shopper_less_likely_to_be_there(
        model in any_model(), repeat in 1_u32..100, last in 0.0..300.0, silence in 0.0..300.0, more in 0.0..300.0,
    ) {
        let alive = |age| model.orders.alive(&Purchases::new(repeat, last, age).unwrap());
        prop_assert!(alive(last + silence + more) <= alive(last + silence));
    }

    #[test]
    fn longer_spans_bring_no_fewer_orders(model in any_model(), purchases in any_purchases(), weeks in 0.0..500.0, more in 0.0..500.0) {
        let orders = |weeks| model.orders.expected_orders(&purchases, weeks);
        prop_assert!(orders(weeks + more) >= orders(weeks) * (1.0 - 1e-6), "{} {}", orders(weeks), orders(weeks + more));
        let chance = |weeks| model.orders.chance_of_order(&purchases, weeks);
        prop_assert!(chance(weeks + more) >= chance(weeks));
    }

    #[test]
    fn whatever_was_counted_a_fit_comes_to_an_end(
        shoppers in prop::collection::vec((any_purchases(), prop_oneof![-1e3..1e6, Just(1e30), Just(1e-300)]), 100..200),
    ) {
        let spends = shoppers.iter().map(|(purchases, mean)| Spend::new(purchases.repeat(), *mean).unwrap()).collect();
        let purchases = shoppers.iter().map(|(purchases, _)| *purchases).collect();
        if let (Ok(orders), spend) = (BgNbd::fit(&purchases, LIGHT_PENALTY), GammaGamma::fit(&spends, LIGHT_PENALTY)) {
            let score = Model { orders, spend: spend.ok() }.score(&shoppers[0].0, &Spend::new(1, 1.0).unwrap(), Horizon { months: 12, weekly_discount: 0.0 });
            prop_assert!(score.expected_orders.is_finite());
        }
    }
}
