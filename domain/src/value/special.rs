//! The special functions of the models, of additions, products and `libm` alone: the same on every target.

/// The logistic function, 1 / (1 + e⁻ˣ).
pub(super) fn logistic(x: f64) -> f64 {
    if x < 0.0 {
        let e = libm::exp(x);
        e / (1.0 + e)
    } else {
        1.0 / (1.0 + libm::exp(-x))
    }
}

/// ln(1 + eˣ).
pub(super) fn softplus(x: f64) -> f64 {
    x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
}

/// The derivative of ln Γ for x above zero: by recurrence up to where the asymptotic series
/// (Abramowitz and Stegun 6.3.18) is exact to the last digits.
pub(super) fn digamma(x: f64) -> f64 {
    let (mut x, mut below) = (x, 0.0);
    while x < 10.0 {
        below += 1.0 / x;
        x += 1.0;
    }
    let z = 1.0 / (x * x);
    let series = z
        * (1.0 / 12.0
            - z * (1.0 / 120.0 - z * (1.0 / 252.0 - z * (1.0 / 240.0 - z * (1.0 / 132.0 - z * 691.0 / 32_760.0)))));
    libm::log(x) - 0.5 / x - series - below
}

/// What is known of a living shopper: orders come at a rate spread as Gamma(`shape`, `rate`), and
/// each may be the last with a chance spread as Beta(`a`, `b`).
#[derive(Clone, Copy, Debug)]
pub(super) struct Living {
    pub(super) shape: f64,
    pub(super) rate: f64,
    pub(super) a: f64,
    pub(super) b: f64,
}

/// Terms of the series that are summed at most; more take longer than the integral does.
const MOST_TERMS: f64 = 20_000.0;
const EPSILON: f64 = 1e-17;

impl Living {
    /// How many orders are expected within so long.
    ///
    /// This is the factor that equation (10) of Fader, Hardie and Lee (2005) writes with Gauss's
    /// ₂F₁ as (a+b−1)/(a−1) · (1 − (rate/(rate+t))^shape · ₂F₁(shape, b; a+b−1; t/(rate+t))): a
    /// difference of nearly equal numbers when `t` is short, and 0/0 when `a` is 1 or `a + b` is 1.
    /// Expanding it before the subtraction leaves positive terms only, which have a meaning: were
    /// the shopper never to leave, the number of orders would be negative binomial; of k such
    /// orders Σ_{j<k} (b)ⱼ/(a+b)ⱼ are expected before the shopper leaves.
    pub(super) fn expected(self, t: f64) -> f64 {
        let u = t / self.rate;
        let mean = self.shape * u;
        // Where the negative binomial has no mass worth a digit any more.
        let terms = mean + 10.0 * (mean * (1.0 + u)).sqrt() + 40.0 * (1.0 + u);
        if terms <= MOST_TERMS { self.by_series(u) } else { self.by_integral(u) }
    }

    fn by_series(self, u: f64) -> f64 {
        let w = u / (1.0 + u);
        // Masses are relative to that of no order at all, which may be too small for a number.
        let (mut mass, mut masses, mut weighted) = (1.0, 1.0, 0.0);
        let (mut orders, mut stays, mut k) = (0.0, 1.0, 0.0);
        loop {
            orders += stays;
            stays *= (self.b + k) / (self.a + self.b + k);
            let ratio = w * (self.shape + k) / (k + 1.0);
            mass *= ratio;
            masses += mass;
            weighted += mass * orders;
            k += 1.0;
            if ratio < 1.0 && mass * (orders + 1.0) <= EPSILON * weighted * (1.0 - ratio) || k > 2.0 * MOST_TERMS {
                return weighted / masses;
            }
            if masses > 1e200 {
                (mass, masses, weighted) = (mass * 1e-200, masses * 1e-200, weighted * 1e-200);
            }
        }
    }

    /// The same as the mean of (1 − (1 + pu)^−shape)/p over the chance p of leaving. The trapezoidal
    /// rule over y with logit p = c + s·sinh y converges fast whatever the ends are like (Takahasi
    /// and Mori 1974, double exponential formulas).
    fn by_integral(self, u: f64) -> f64 {
        const STEP: f64 = 1.0 / 24.0;
        let Self { shape, a, b, .. } = self;
        let centre = libm::log((a + 1.0) / (b + 1.0));
        let scale = (1.0 / a + 1.0 / b).sqrt().min(1.0);
        // As far as the density falls below any digit, also where what it weighs is at its greatest.
        let digits = 45.0 + libm::log1p(shape * u);
        let reach = |tail: f64| libm::ceil(libm::asinh((digits / tail / scale).max(12.0)) / STEP);
        let (mut y, last) = (-reach(a), reach(b));
        let log_density = |logit: f64| -a * softplus(-logit) - b * softplus(logit);
        let peak = log_density(centre);
        let (mut weights, mut weighted) = (0.0, 0.0);
        while y <= last {
            let logit = centre + scale * libm::sinh(y * STEP);
            let weight = libm::exp(log_density(logit) - peak) * libm::cosh(y * STEP);
            let p = logistic(logit);
            let growth = p * u;
            let orders =
                if growth * (1.0 + shape) < 1e-12 { shape * u } else { -libm::expm1(-shape * libm::log1p(growth)) / p };
            weights += weight;
            weighted += weight * orders;
            y += 1.0;
        }
        weighted / weights
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(found: f64, expected: f64, within: f64) {
        assert!((found / expected - 1.0).abs() <= within, "{found} is not {expected}");
    }

    #[test]
    fn digamma_has_its_known_values() {
        const EULER: f64 = 0.577_215_664_901_532_9;
        near(digamma(1.0), -EULER, 1e-14);
        near(digamma(0.5), -EULER - 2.0 * core::f64::consts::LN_2, 1e-14);
        near(digamma(1e-5), -100_000.577_199_215_7, 1e-13);
        near(digamma(1e6), 13.815_510_057_964_19, 1e-14);
    }

    #[test]
    fn the_series_holds_where_the_published_formula_is_undefined() {
        // Where the formula with ₂F₁ is 0/0: p uniform and shape 1, ∫ u/(1+pu) dp = ln(1+u).
        let uniform = Living { shape: 1.0, rate: 1.0, a: 1.0, b: 1.0 };
        for u in [1e-9, 0.01, 1.0, 30.0] {
            near(uniform.expected(u), libm::log1p(u), 1e-13);
        }
        // Shape 2, p uniform: ∫ (1 − (1+pu)⁻²)/p dp = ln(1+u) + u/(1+u).
        let twice = Living { shape: 2.0, ..uniform };
        for u in [1e-9, 0.01, 1.0, 30.0] {
            near(twice.expected(u), libm::log1p(u) + u / (1.0 + u), 1e-13);
        }
    }

    #[test]
    fn the_series_is_the_published_formula() {
        // a = 2, b = 1: ₂F₁(s, 1; 2; z) = (1 − (1−z)^(1−s)) / ((1−s)·z).
        for (shape, u) in [(0.5, 0.7), (3.0, 2.0), (7.5, 20.0)] {
            let z = u / (1.0 + u);
            let hypergeometric = (1.0 - libm::pow(1.0 - z, 1.0 - shape)) / ((1.0 - shape) * z);
            let formula = 2.0 * (1.0 - libm::pow(1.0 - z, shape) * hypergeometric);
            near(Living { shape, rate: 1.0, a: 2.0, b: 1.0 }.expected(u), formula, 1e-12);
        }
    }

    #[test]
    fn series_and_integral_agree() {
        for shape in [0.05, 0.6, 3.0, 40.0] {
            for (a, b) in [(0.05, 0.02), (0.02, 60.0), (0.8, 2.4), (1.0, 1.0), (3.0, 0.3), (50.0, 900.0), (9e3, 9e3)] {
                for u in [0.003, 0.4, 8.0, 90.0] {
                    let living = Living { shape, rate: 1.0, a, b };
                    near(living.by_integral(u), living.by_series(u), 1e-7);
                }
            }
        }
    }
}
