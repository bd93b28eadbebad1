//! What follows from habits: a cart that is left, a silence longer than usual, a third order, an unhappy hour.

use std::collections::BTreeSet;

use domain::facts::{Happened, Kind};
use domain::home::Row;
use domain::time::{Span, Timestamp};

use super::{LATE, View};

const fn is_order(kind: Kind) -> bool {
    matches!(kind, Kind::OrderPlaced | Kind::OrderConfirmed)
}

/// Only a person does this; of what the simulation knows, the rest is the shop's or ours.
const fn is_sign_of_life(kind: Kind) -> bool {
    !matches!(kind, Kind::OrderCancelled | Kind::RefundMade | Kind::DeliveryArrived)
}

impl View<'_> {
    /// All of it.
    pub(super) fn habits(&mut self) {
        self.unhappy();
        // Orders that do not stand any more change what carts, regulars and rhythms are.
        if self.heard.iter().any(|(_, what)| matches!(what.kind, Kind::OrderCancelled | Kind::RefundMade)) {
            return;
        }
        self.carts();
        self.regulars();
        self.silences();
    }

    fn signs(&self) -> impl Iterator<Item = (Timestamp, Timestamp)> + Clone {
        self.heard.iter().filter(|(_, what)| is_sign_of_life(what.kind)).map(|(told, what)| (*told, what.at))
    }

    fn bought(&self, cart: &Happened, until: Timestamp) -> bool {
        self.heard.iter().any(|(told, what)| is_order(what.kind) && what.at >= cart.at && *told <= until)
    }

    /// A cart is spoken of an hour after the last sign of life, and once more a day later, until it is bought. What
    /// is put into it later is the same cart.
    fn carts(&mut self) {
        let mut keys = BTreeSet::new();
        let mut last: Option<Timestamp> = None;
        for (told, cart) in self.heard_of(Kind::CartChanged).collect::<Vec<_>>() {
            let before = last.replace(cart.at);
            let bought_since = |since: Timestamp| {
                self.heard.iter().any(|(at, what)| is_order(what.kind) && what.at >= since && *at < told)
            };
            if before.is_some_and(|before| !bought_since(before)) {
                continue;
            }
            let key = cart.at.0.to_string();
            keys.insert(key.clone());
            self.must_begin("left-cart", &key, told);
            let mut quiet = told;
            loop {
                let seen = self.signs().filter(|(told, _)| *told <= quiet).map(|(_, at)| at).max();
                let ends = seen.map_or(quiet, |seen| seen + Span::hours(1));
                if ends <= quiet {
                    break;
                }
                quiet = ends;
            }
            // Whatever was put in later is part of what has to be bought.
            let changes = self.heard_of(Kind::CartChanged);
            let cart = changes.filter(|(at, _)| *at <= quiet).last().map_or(cart, |(_, cart)| cart);
            if self.bought(cart, quiet) {
                self.must_not_ask("left-cart", &key, "first");
                continue;
            }
            if self.bought(cart, quiet + LATE) {
                continue;
            }
            self.must_ask("left-cart", &key, "first", quiet);
            let Some((.., left)) = self.asked("left-cart", &key, "first").and_then(|asked| asked.fate.clone()) else {
                continue;
            };
            let second = left + Span::days(1);
            let bought = |until| {
                let heard = self.heard.iter();
                heard.filter(|(told, what)| is_order(what.kind) && *told <= until).any(|(_, what)| what.at > cart.at)
            };
            if bought(second) {
                self.must_not_ask("left-cart", &key, "second");
            } else if !bought(second + LATE) {
                self.must_ask("left-cart", &key, "second", second);
            }
        }
        self.no_other("left-cart", &keys);
    }

    fn no_other(&mut self, journey: &'static str, keys: &BTreeSet<String>) {
        let other = |run: &(&str, _)| !keys.contains(run.0);
        for (key, _) in self.runs(journey).filter(other).collect::<Vec<_>>() {
            self.fault("begun for nothing", format!("{journey}:{key}"));
        }
    }

    /// Whoever orders for the third time is a regular from then on.
    fn regulars(&mut self) {
        let mut orders = BTreeSet::new();
        let placed = self.heard.iter().filter(|(_, what)| is_order(what.kind));
        let third = placed.filter(|(_, what)| orders.insert(what.about.subject.as_str())).nth(2).map(|(at, _)| *at);
        let keys: BTreeSet<String> = third.iter().map(|at| at.0.to_string()).collect();
        if let Some((key, at)) = keys.first().zip(third) {
            self.must_begin("club", key, at);
            self.must_ask("club", key, "letter", at);
        }
        self.no_other("club", &keys);
    }

    /// Half of what made somebody unhappy is forgotten after thirty days. At fifty points somebody looks after them,
    /// but not again within sixty days.
    fn unhappy(&mut self) {
        let weight = |what: &Happened| match what.about.subject.as_str() {
            "low answer" => 60.0,
            "coupon failed" => 25.0,
            "rage click" => 20.0,
            _ => 5.0,
        };
        let signs: Vec<_> = self.heard_of(Kind::Frustrated).collect();
        #[allow(clippy::cast_precision_loss)] // a year in milliseconds
        let score = |until: usize, now: Timestamp| -> f64 {
            let faded = |at: Timestamp| 0.5_f64.powf((now - at).0 as f64 / Span::days(30).0 as f64);
            signs.iter().take(until).map(|(_, what)| weight(what) * faded(what.at)).sum::<f64>().min(100.0)
        };
        let (mut keys, mut last) = (BTreeSet::new(), None::<Timestamp>);
        for (n, (now, _)) in signs.iter().enumerate() {
            let (before, after) = (score(n, *now), score(n + 1, *now));
            if (after - 50.0).abs() < 0.01 || (before - 50.0).abs() < 0.01 {
                return;
            }
            if before < 50.0 && after >= 50.0 && last.is_none_or(|last| last + Span::days(60) <= *now) {
                last = Some(*now);
                let key = now.0.to_string();
                self.must_begin("rescue", &key, *now);
                self.must_ask("rescue", &key, "letter", *now);
                keys.insert(key);
            }
        }
        self.no_other("rescue", &keys);
    }

    /// Whoever is silent for half as long again as it usually is between two orders, and for 45 days at least, is
    /// written to; not again within ninety days.
    fn silences(&mut self) {
        let signs: Vec<_> = self.signs().collect();
        let (mut keys, mut last, mut seen) = (BTreeSet::new(), None::<Timestamp>, Timestamp(i64::MIN));
        for (n, (told, at)) in signs.iter().enumerate() {
            seen = seen.max(*at);
            let next = signs.get(n + 1).map_or(self.end, |(told, _)| *told);
            let moment = seen + self.patience(*told);
            if !self.heard.iter().any(|(at, what)| is_order(what.kind) && at <= told) || next < moment {
                continue;
            }
            let again = last.is_none_or(|last| last + Span::days(90) <= moment);
            let close = last.is_some_and(|last| (last + Span::days(90) - moment).0.abs() < LATE.0);
            let key = seen.0.to_string();
            // Close to a limit it may or may not be told before.
            if next >= moment + LATE && !close {
                if !again {
                    continue;
                }
                self.must_begin("win-back", &key, moment);
            }
            // Of a run without a letter nobody has heard: it does not stand in the way of the next.
            let said = self.asked("win-back", &key, "letter").and_then(|asked| asked.fate.as_ref());
            if said.is_some_and(|(row, ..)| matches!(row, Row::Sent | Row::Unknown)) {
                last = self.began("win-back", &key).map(|began| began.at);
            }
            keys.insert(key);
        }
        self.no_other("win-back", &keys);
    }

    fn patience(&self, told: Timestamp) -> Span {
        let day = |at: Timestamp| at.0.div_euclid(Span::days(1).0);
        let orders = self.heard_of(Kind::OrderConfirmed).filter(|(at, _)| *at <= told);
        let days: BTreeSet<i64> = orders.map(|(_, what)| day(what.at)).collect();
        let mut gaps: Vec<i64> = days.iter().zip(days.iter().skip(1)).map(|(one, next)| next - one).collect();
        gaps.sort_unstable();
        let middle = gaps.len() / 2;
        let twice = match gaps.len() {
            0 | 1 => 0,
            n if n % 2 == 1 => 2 * gaps[middle],
            _ => gaps[middle - 1] + gaps[middle],
        };
        Span(Span::days(twice).0 * 3 / 4).max(Span::days(45))
    }
}
