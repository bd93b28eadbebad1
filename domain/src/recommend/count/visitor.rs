//! What one visitor counts.

use super::{Act, Doing, MOST_DOINGS, MOST_IN_A_DAY, Pair, Profile, REACH, Visit};
use crate::recommend::Product;
use crate::time::{Span, Timestamp};

/// Of one visitor, each pair and each product once.
pub(super) struct Contribution {
    /// By `from` and `to`.
    pub pairs: Vec<Pair>,
    /// By product, with the weight of the last time that it was seen.
    pub seen: Vec<(Product, i64)>,
    /// The weight of the last time that anything was seen.
    pub latest: i64,
}

impl Contribution {
    /// Of all visits, with the weight that each day has; none if no person does that much. Products from `products` on are passed over.
    pub fn of(profile: &Profile, visits: &[Visit<'_>], weight: &dyn Fn(u32) -> i64, products: u32) -> Option<Self> {
        if is_too_much(visits) {
            return None;
        }
        let mut seen = Vec::new();
        let mut pairs = Vec::new();
        for visit in visits {
            occurrences(profile, visit, weight(visit.day), products, &mut seen, &mut pairs);
        }
        let latest = seen.iter().map(|seen: &(Product, i64)| seen.1).max().unwrap_or(0);
        seen.sort_unstable_by_key(|&(product, weight): &(Product, i64)| (product, -weight));
        seen.dedup_by_key(|seen| seen.0);
        Some(Self { pairs: once(pairs), seen, latest })
    }
}

struct Occurrence {
    from: Product,
    to: Product,
    ahead: i64,
    behind: i64,
}

fn occurrences(
    profile: &Profile,
    visit: &Visit<'_>,
    weight: i64,
    products: u32,
    seen: &mut Vec<(Product, i64)>,
    pairs: &mut Vec<Occurrence>,
) {
    let known = visit.doings.iter().filter(|doing| doing.product.0 < products);
    let mut doings: Vec<Doing> = known.copied().collect();
    // Reloading a page is no step; to put into the cart what one looks at is a stronger look.
    doings.dedup_by(|next, last| {
        let looks = next.act != Act::Dismissed && last.act != Act::Dismissed;
        let same = looks && next.product == last.product;
        if same {
            last.act = last.act.max(next.act);
        }
        same
    });
    for (place, doing) in doings.iter().enumerate() {
        if doing.act == Act::Dismissed {
            continue;
        }
        seen.push((doing.product, weight));
        for (step, later) in doings.iter().skip(place.saturating_add(1)).take(REACH).enumerate() {
            let (Some(&ahead), Some(&behind)) = (profile.ahead.get(step), profile.behind.get(step)) else {
                break;
            };
            if later.product == doing.product || (ahead == 0 && behind == 0) {
                continue;
            }
            let ahead = i64::from(ahead) * weight * later.act.strength();
            pairs.push(Occurrence { from: doing.product, to: later.product, ahead, behind: 0 });
            if later.act != Act::Dismissed {
                let behind = i64::from(behind) * weight * doing.act.strength();
                pairs.push(Occurrence { from: later.product, to: doing.product, ahead: 0, behind });
            }
        }
    }
}

/// Of all occurrences of a pair the best one ahead and the best one behind count; a dismissal is stronger.
fn once(mut pairs: Vec<Occurrence>) -> Vec<Pair> {
    pairs.sort_unstable_by_key(|pair| (pair.from, pair.to));
    let same = pairs.chunk_by(|a, b| (a.from, a.to) == (b.from, b.to));
    let one = |same: &[Occurrence]| {
        let &Occurrence { from, to, .. } = same.first()?;
        let ahead = same.iter().map(|pair| pair.ahead).max().unwrap_or(0);
        let behind = same.iter().map(|pair| pair.behind).max().unwrap_or(0);
        let dismissed = same.iter().map(|pair| pair.ahead).min().unwrap_or(0);
        let weight = if dismissed < 0 { dismissed } else { ahead.saturating_add(behind) };
        Some(Pair { from, to, weight, visitors: 1 })
    };
    same.filter_map(one).collect()
}

fn is_too_much(visits: &[Visit<'_>]) -> bool {
    let mut days: Vec<(u32, usize)> = visits.iter().map(|visit| (visit.day, visit.doings.len())).collect();
    days.sort_unstable();
    let doings = |days: &[(u32, usize)]| days.iter().fold(0_usize, |sum, day| sum.saturating_add(day.1));
    doings(&days) > MOST_DOINGS || days.chunk_by(|a, b| a.0 == b.0).any(|day| doings(day) > MOST_IN_A_DAY)
}

/// A break after which a visitor's next doing begins another visit.
const BREAK: Span = Span::minutes(60);

/// What a visitor did, in its order, as visits: each with the day since 1970 when it ended.
pub fn visits(doings: &[(Timestamp, Doing)]) -> Vec<(u32, Vec<Doing>)> {
    let day = |at: Timestamp| u32::try_from(at.0.div_euclid(Span::days(1).0)).unwrap_or_default();
    let visits = doings.chunk_by(|a, b| b.0 - a.0 <= BREAK);
    let visit = |visit: &[(Timestamp, Doing)]| {
        let (end, _) = visit.last()?;
        Some((day(*end), visit.iter().map(|done| done.1).collect()))
    };
    visits.filter_map(visit).collect()
}
