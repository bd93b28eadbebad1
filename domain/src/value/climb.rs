//! Finding the parameters that fit best.

use core::fmt;

/// Why no model could be fitted: the shop's scores then say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// So few shoppers that chance would decide.
    TooFewShoppers {
        /// How many there are.
        shoppers: u64,
        /// How many it takes.
        fewest: u64,
    },
    /// So few of them came back that nothing is known of coming back.
    TooFewCameBack {
        /// How many came back.
        shoppers: u64,
        /// How many it takes.
        fewest: u64,
    },
    /// The better the fit, the more extreme is this parameter: the orders do not tell its size, for
    /// example because shoppers hardly differ. [`super::LIGHT_PENALTY`] helps.
    Unbounded {
        /// The parameter as the papers name it.
        parameter: &'static str,
    },
    /// Amounts are spread so widely that they have no mean (`q` of at most 1).
    NoMean,
    /// The search did not come to rest.
    NotConverged,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewShoppers { shoppers, fewest } => {
                write!(f, "it takes {fewest} shoppers who ordered, and there are {shoppers}")
            }
            Self::TooFewCameBack { shoppers, fewest } => {
                write!(f, "it takes {fewest} shoppers who ordered again, and there are {shoppers}")
            }
            Self::Unbounded { parameter } => write!(f, "the orders do not tell the size of `{parameter}`"),
            Self::NoMean => f.write_str("the amounts are spread so widely that they have no mean"),
            Self::NotConverged => f.write_str("the search for the best fit did not come to rest"),
        }
    }
}

impl core::error::Error for Unfit {}

/// Logarithms of parameters beyond this are of a model that runs away.
const FURTHEST: f64 = 10.0;
/// The longest step of one parameter's logarithm.
const LONGEST: f64 = 2.0;
const MOST_STEPS: usize = 300;
/// Slope at which the search is at rest, for a shopper.
const AT_REST: f64 = 1e-9;
/// Slope that rounding may leave.
const ROUNDING: f64 = 1e-6;

/// The parameters under which so many shoppers are likeliest, from the log-likelihood and its slopes by
/// the parameters. `penalty` times the sum of their squares is held against them, per shopper.
pub(super) fn likeliest<const N: usize>(
    names: [&'static str; N],
    shoppers: f64,
    penalty: f64,
    likelihood: impl Fn(&[f64; N]) -> (f64, [f64; N]),
) -> Result<[f64; N], Unfit> {
    let point = least(names, |logs| {
        let parameters = logs.map(libm::exp);
        let (likelihood, slope) = likelihood(&parameters);
        let mut falls = [0.0; N];
        for (fall, (parameter, rise)) in falls.iter_mut().zip(parameters.iter().zip(slope)) {
            *fall = -parameter * rise / shoppers + 2.0 * penalty * parameter * parameter;
        }
        (-likelihood / shoppers + penalty * dot(&parameters, &parameters), falls)
    })?;
    Ok(point.map(libm::exp))
}

/// The point at which a function that falls towards one is least, from its values and slopes at
/// points near: BFGS with halved steps (Nocedal and Wright, Numerical Optimization, 2006, 6.1).
/// The points are logarithms of `parameters`.
fn least<const N: usize>(
    parameters: [&'static str; N],
    value_and_slope: impl Fn(&[f64; N]) -> (f64, [f64; N]),
) -> Result<[f64; N], Unfit> {
    let mut point = [0.0; N];
    let (mut value, mut slope) = value_and_slope(&point);
    let mut inverse: Option<[[f64; N]; N]> = None;
    for _ in 0..MOST_STEPS {
        if steepest(&slope) <= AT_REST {
            return Ok(point);
        }
        let mut step = [0.0; N];
        for (i, s) in step.iter_mut().enumerate() {
            *s = inverse.as_ref().map_or(-slope[i], |rows| -dot(&rows[i], &slope));
        }
        let longest = steepest(&step);
        if longest > LONGEST {
            step = step.map(|s| s * LONGEST / longest);
        }
        let descent = dot(&step, &slope);
        let Some((next, next_value, next_slope)) = shorten(&value_and_slope, &point, value, &step, descent) else {
            // The curvature learnt so far may mislead, or rounding hides the rest of the way.
            if inverse.take().is_some() {
                continue;
            }
            return if steepest(&slope) <= ROUNDING { Ok(point) } else { Err(Unfit::NotConverged) };
        };
        let moved = difference(&next, &point);
        let turned = difference(&next_slope, &slope);
        (point, value, slope) = (next, next_value, next_slope);
        if let Some(parameter) = (0..N).find(|&i| point[i].abs() > FURTHEST) {
            return Err(Unfit::Unbounded { parameter: parameters[parameter] });
        }
        learn(&mut inverse, &moved, &turned);
    }
    Err(Unfit::NotConverged)
}

/// The first of the step, its half, its quarter and so on that goes down enough.
fn shorten<const N: usize>(
    value_and_slope: &impl Fn(&[f64; N]) -> (f64, [f64; N]),
    point: &[f64; N],
    value: f64,
    step: &[f64; N],
    descent: f64,
) -> Option<([f64; N], f64, [f64; N])> {
    const ENOUGH: f64 = 1e-4;
    const NOISE: f64 = 1e-12;
    if descent >= 0.0 {
        return None;
    }
    let halves = core::iter::successors(Some(1.0), |length| Some(length * 0.5)).take(40);
    halves.into_iter().find_map(|length| {
        let mut next = *point;
        next.iter_mut().zip(step).for_each(|(x, s)| *x += length * s);
        let (next_value, next_slope) = value_and_slope(&next);
        let lower = next_value <= value + ENOUGH * length * descent;
        // Near the floor rounding hides the fall, and the slope alone tells (Hager and Zhang 2005).
        let level = next_value <= value + NOISE * (1.0 + value.abs());
        let flatter = dot(step, &next_slope).abs() <= 0.9 * descent.abs();
        let goes = (lower || level && flatter) && next_slope.iter().all(|s| s.is_finite());
        goes.then_some((next, next_value, next_slope))
    })
}

/// Takes into the inverse of the curvature what one step has shown of it.
fn learn<const N: usize>(inverse: &mut Option<[[f64; N]; N]>, moved: &[f64; N], turned: &[f64; N]) {
    let along = dot(moved, turned);
    let stiff = dot(turned, turned);
    if along <= 1e-14 * stiff.max(f64::MIN_POSITIVE) {
        return;
    }
    let rows = inverse.get_or_insert_with(|| {
        let mut rows = [[0.0; N]; N];
        (0..N).for_each(|i| rows[i][i] = along / stiff);
        rows
    });
    let mut seen = [0.0; N];
    seen.iter_mut().zip(rows.iter()).for_each(|(s, row)| *s = dot(row, turned));
    let grows = (1.0 + dot(turned, &seen) / along) / along;
    for (i, row) in rows.iter_mut().enumerate() {
        for (j, cell) in row.iter_mut().enumerate() {
            *cell += grows * moved[i] * moved[j] - (seen[i] * moved[j] + moved[i] * seen[j]) / along;
        }
    }
}

fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn steepest<const N: usize>(slope: &[f64; N]) -> f64 {
    slope.iter().fold(0.0, |most, s| s.abs().max(most))
}

fn difference<const N: usize>(a: &[f64; N], b: &[f64; N]) -> [f64; N] {
    let mut apart = *a;
    apart.iter_mut().zip(b).for_each(|(a, b)| *a -= b);
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bent_valley_is_followed_to_its_floor() {
        // Rosenbrock's function.
        let valley = |&[x, y]: &[f64; 2]| {
            let bend = y - x * x;
            let value = (1.0 - x) * (1.0 - x) + 100.0 * bend * bend;
            (value, [-2.0 * (1.0 - x) - 400.0 * x * bend, 200.0 * bend])
        };
        let [x, y] = least(["x", "y"], valley).unwrap();
        assert!((x - 1.0).abs() < 1e-7 && (y - 1.0).abs() < 1e-7, "{x} {y}");
    }

    #[test]
    fn a_valley_without_a_floor_is_said_to_have_none() {
        let falls = |&[x, y]: &[f64; 2]| (y * y + libm::exp(-x), [-libm::exp(-x), 2.0 * y]);
        assert_eq!(least(["x", "y"], falls), Err(Unfit::Unbounded { parameter: "x" }));
    }

    #[test]
    fn what_is_no_number_is_not_converged() {
        assert_eq!(least(["x"], |_| (f64::NAN, [1.0])), Err(Unfit::NotConverged));
    }
}
