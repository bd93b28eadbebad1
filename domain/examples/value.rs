//! What `cargo xtask bench value` compares and measures, as one line of JSON: both models fitted to the
//! table of CDNOW's customers (the first argument), scores of those named (the others), and the time
//! that fitting and scoring take.

#[path = "../src/value/tests/dice.rs"]
mod dice;

use std::hint::black_box;

use dice::Dice;
use domain::value::{BgNbd, GammaGamma, Histogram, Horizon, Model, Purchases, Spend};
use serde_json::{Value, json};

type Shopper = (Purchases, Spend);

/// The span of the references' expected orders, as long as the papers' holdout.
const WEEKS: f64 = 39.0;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let table = std::fs::read_to_string(arguments.next().expect("the table's path")).expect("the table");
    let customers: Vec<Shopper> = table.lines().skip(1).map(read).collect();
    let (model, milliseconds) = timed(|| fit(&customers));
    let score = |shopper: &Shopper| score(&model, shopper);
    let named = arguments.map(|number| number.parse::<usize>().expect("a customer's number"));
    let named: Vec<_> = named.map(|number| score(&customers[number - 1])).collect();
    let sums = customers.iter().map(score).reduce(|sums, more| core::array::from_fn(|i| sums[i] + more[i]));
    let many = many();
    let (of_many, milliseconds_many) = timed(|| fit(&many));
    let held = BgNbd::fit(&customers.iter().map(|(purchases, _)| *purchases).collect(), 0.01).expect("a fit");
    let spend = model.spend.expect("a fit");
    let figures = json!({
        "bg_nbd": with_likelihood(json!(model.orders), model.orders.log_likelihood(&purchases(&customers))),
        "bg_nbd_penalty_0.01": held,
        "gamma_gamma": with_likelihood(json!(spend), spend.log_likelihood(&spends(&customers))),
        "all": sums,
        "customers": named,
        "times": {
            "fit": { "shoppers": customers.len(), "ms": milliseconds },
            "fit_many": { "shoppers": many.len(), "rows": purchases(&many).rows().count(), "ms": milliseconds_many, "model": of_many },
            "score_us": { "cdnow": score_us(&model, &customers), "many": score_us(&of_many, &many) },
        },
    });
    println!("{figures}");
}

fn read(line: &str) -> Shopper {
    let fields: Vec<f64> = line.split(',').map(|field| field.parse().expect("a number")).collect();
    let repeat = line.split(',').next().and_then(|field| field.parse().ok()).expect("a count");
    let purchases = Purchases::new(repeat, fields[1], fields[2]).expect("a history");
    (purchases, Spend::new(repeat, fields[3]).expect("a mean"))
}

fn purchases(shoppers: &[Shopper]) -> Histogram<Purchases> {
    shoppers.iter().map(|(purchases, _)| *purchases).collect()
}

fn spends(shoppers: &[Shopper]) -> Histogram<Spend> {
    shoppers.iter().map(|(_, spend)| *spend).collect()
}

fn fit(shoppers: &[Shopper]) -> Model {
    let orders = BgNbd::fit(&purchases(shoppers), 0.0).expect("a fit");
    Model { orders, spend: Some(GammaGamma::fit(&spends(shoppers), 0.0).expect("a fit")) }
}

/// A year, with the references' 1 % in a month of 4.345 weeks.
fn horizon() -> Horizon {
    Horizon { months: 12, weekly_discount: libm::exp(libm::log(1.01) / 4.345) - 1.0 }
}

/// Probability of being there, expected orders, mean order and lifetime value.
fn score(model: &Model, (purchases, spend): &Shopper) -> [f64; 4] {
    let score = model.score(purchases, spend, horizon());
    let orders = model.orders.expected_orders(purchases, WEEKS);
    [score.alive, orders, score.mean_order.expect("a fit"), score.lifetime_value.expect("a fit")]
}

fn with_likelihood(mut parameters: Value, likelihood: f64) -> Value {
    parameters["log_likelihood"] = likelihood.into();
    parameters
}

/// A hundred thousand shoppers of a middling shop, counted by the day and the cent.
fn many() -> Vec<Shopper> {
    let mut dice = Dice(1);
    let one = |_| {
        let ((repeat, last, age), _) = dice.shopper([0.6, 9.0, 0.7, 2.2]);
        let (mean, _) = if repeat > 0 { dice.spend([5.0, 4.0, 3_000.0], repeat) } else { (0.0, 0.0) };
        let last = (last * 7.0).floor() / 7.0;
        (Purchases::new(repeat, last, age).expect("a history"), Spend::new(repeat, mean.round()).expect("a mean"))
    };
    (0..100_000).map(one).collect()
}

/// Microseconds that all scores of a shopper take, on average over these.
fn score_us(model: &Model, shoppers: &[Shopper]) -> f64 {
    let all = || shoppers.iter().map(|(purchases, spend)| model.score(purchases, spend, horizon()).alive).sum::<f64>();
    let rounds = u32::try_from(1 + 100_000 / shoppers.len()).expect("few rounds");
    let (_, milliseconds) = timed(|| (0..rounds).map(|_| black_box(all())).sum::<f64>());
    let shoppers = u32::try_from(shoppers.len()).expect("few shoppers");
    milliseconds * 1e3 / f64::from(rounds) / f64::from(shoppers)
}

/// What the work gives, and the milliseconds it takes.
#[expect(clippy::disallowed_methods, reason = "measures on this machine's own clock")]
fn timed<T>(work: impl Fn() -> T) -> (T, f64) {
    let start = std::time::Instant::now();
    let done = work();
    (done, start.elapsed().as_secs_f64() * 1e3)
}
