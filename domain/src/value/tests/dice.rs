//! Shoppers made by the very processes that the models describe, for tests and measurements.

/// `SplitMix64` (Steele, Lea and Flood 2014), from a seed.
pub struct Dice(pub u64);

impl Dice {
    /// A number between 0 and 1, neither included.
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let top = u32::try_from((z ^ (z >> 31)) >> 32).unwrap();
        (f64::from(top) + 0.5) / 4_294_967_296.0
    }

    /// Exponential with mean 1.
    pub fn exponential(&mut self) -> f64 {
        -libm::log(self.uniform())
    }

    fn normal(&mut self) -> f64 {
        let angle = core::f64::consts::TAU * self.uniform();
        (2.0 * self.exponential()).sqrt() * libm::cos(angle)
    }

    /// Gamma with rate 1 (Marsaglia and Tsang 2000).
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            return self.gamma(shape + 1.0) * libm::pow(self.uniform(), 1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        loop {
            let x = self.normal();
            let v = 1.0 + x / (9.0 * d).sqrt();
            let cube = v * v * v;
            if v > 0.0 && libm::log(self.uniform()) < 0.5 * x * x + d - d * cube + d * libm::log(cube) {
                return d * cube;
            }
        }
    }

    fn beta(&mut self, a: f64, b: f64) -> f64 {
        let (one, other) = (self.gamma(a), self.gamma(b));
        one / (one + other)
    }

    /// A shopper of Gamma-Gamma with these parameters: what so many orders were worth on average, and
    /// what they are worth in the long run.
    pub fn spend(&mut self, [p, q, v]: [f64; 3], orders: u32) -> (f64, f64) {
        let scale = v / self.gamma(q);
        let spent: f64 = (0..orders).map(|_| self.gamma(p) * scale).sum();
        (spent / f64::from(orders), p * scale)
    }

    /// A shopper of BG/NBD with these parameters, first seen up to two years ago: repeat orders, weeks to
    /// the last and since the first, and the orders of the year to come.
    pub fn shopper(&mut self, [r, alpha, a, b]: [f64; 4]) -> ((u32, f64, f64), u32) {
        let (rate, leaves) = (self.gamma(r) / alpha, self.beta(a, b));
        let age = libm::floor(self.uniform() * 728.0) / 7.0;
        let (mut at, mut repeat, mut last, mut to_come) = (0.0, 0, 0.0, 0);
        loop {
            at += self.exponential() / rate;
            if at > age + 52.0 {
                break;
            }
            if at > age {
                to_come += 1;
            } else {
                (repeat, last) = (repeat + 1, at);
            }
            if self.uniform() < leaves {
                break;
            }
        }
        ((repeat, last, age), to_come)
    }
}
