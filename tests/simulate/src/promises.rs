//! The promises, over as many shoppers as a test may take. More of them: `cargo xtask bench simulate`.

use clap::Parser as _;

use crate::sum::Sum;
use crate::{Arguments, run};

#[track_caller]
fn kept(arguments: &str) -> Sum {
    let sum = run(&Arguments::parse_from(arguments.split(' ')));
    assert!(sum.broken.is_empty(), "{arguments}: {:#?}", sum.broken);
    assert!(sum.delivered > sum.skipped && sum.deferred > 0, "{} delivered", sum.delivered);
    // Whoever never meets a rule cannot break it.
    for rule in ["address", "withdrawal", "hours for texts", "pause", "quiet hours", "frequency", "topic", "limit"] {
        assert!(sum.rules.contains_key(rule), "{rule}: {:?}", sum.rules);
    }
    sum
}

#[test]
fn in_a_year_thousands_of_shoppers_are_told_what_they_should_be_and_nothing_else() {
    let sum = kept("simulate --shoppers 2000 --unmeasured");
    assert_eq!((sum.unknown, sum.kills), (0, 0));
}

#[test]
fn kills_at_every_place_faults_joins_and_withdrawals_break_no_promise() {
    let sum = kept("simulate --seeds 30 --shoppers 200 --faults");
    assert!(sum.kills > 1_000 && sum.unknown > 0, "{} kills", sum.kills);
    assert!(sum.moved > 500, "{} runs were set on another version", sum.moved);
    assert_eq!(sum.unknown, sum.in_flight);
}
