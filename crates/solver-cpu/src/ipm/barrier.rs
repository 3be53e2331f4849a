//! The limits: one side for each finite limit on a value (a trade, a weight, a row or the cap).
//!
//! A side of sign `sigma` (+1 upper, -1 lower) keeps `s = sigma (limit - value) > 0` with a price `z > 0`. Its Newton step
//! obeys `ds = r - sigma dv` and `z ds + s dz = c`, so the price of a value, `p = sum of sigma z`, changes by `q + D dv`
//! with `D = sum of z / s` and `q = sum of sigma (c - z r) / s`.

use samebits_canon::{abs, max, min};

/// A finite limit, and where its slack and price start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side {
    /// The value that it limits.
    pub(super) at: usize,
    /// +1 an upper limit, -1 a lower one.
    pub(super) sigma: f64,
    pub(super) limit: f64,
    /// Smallest slack.
    pub(super) floor: f64,
    /// Price.
    pub(super) z: f64,
}

impl Side {
    /// The finite ones of a value's limits, lower before upper; the floor is at most half of the space between them.
    pub(super) fn of(
        at: usize,
        (lower, upper): (f64, f64),
        floor: f64,
        z: f64,
    ) -> impl Iterator<Item = Self> {
        let floor = min(floor, 0.5 * (upper - lower));
        let side = move |(sigma, limit)| Self { at, sigma, limit, floor, z };
        [(-1.0, lower), (1.0, upper)].into_iter().map(side).filter(|side: &Self| side.limit.is_finite())
    }
}

/// Sides in the order of their values, lower before upper.
#[derive(Default, Clone)]
pub(crate) struct Barrier {
    /// The value that each side limits.
    pub(super) at: Vec<usize>,
    sigma: Vec<f64>,
    limit: Vec<f64>,
    pub(super) s: Vec<f64>,
    pub(super) z: Vec<f64>,
    r: Vec<f64>,
    c: Vec<f64>,
    ds: Vec<f64>,
    dz: Vec<f64>,
}

impl Barrier {
    /// Adds a side that starts with a slack as large as its distance from `value` or its violation, and at least its floor.
    pub(super) fn add(&mut self, side: &Side, value: f64) {
        self.push(side, max(abs(side.limit - value), side.floor), side.z);
    }

    /// Adds a side with this slack and price.
    pub(super) fn push(&mut self, side: &Side, s: f64, z: f64) {
        self.at.push(side.at);
        self.sigma.push(side.sigma);
        self.limit.push(side.limit);
        self.s.push(s);
        self.z.push(z);
        for rest in [&mut self.r, &mut self.c, &mut self.ds, &mut self.dz] {
            rest.push(0.0);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.at.len()
    }

    /// Residuals at `values`; returns the largest over the sides of `values[from..]`.
    pub(super) fn residuals(&mut self, values: &[f64]) -> f64 {
        let mut largest = 0.0;
        for i in 0..self.at.len() {
            self.r[i] = self.sigma[i] * (self.limit[i] - values[self.at[i]]) - self.s[i];
            largest = max(largest, abs(self.r[i]));
        }
        largest
    }

    /// The sum of slack times price.
    pub(super) fn gap(&self) -> f64 {
        samebits_canon::dot(&self.s, &self.z)
    }

    /// `sum of sigma z` for each value.
    pub(super) fn prices(&self, prices: &mut [f64]) {
        prices.fill(0.0);
        for ((&at, sigma), z) in self.at.iter().zip(&self.sigma).zip(&self.z) {
            prices[at] += sigma * z;
        }
    }

    /// `D` for each value.
    pub(super) fn stiffness(&self, d: &mut [f64]) {
        d.fill(0.0);
        for ((&at, s), z) in self.at.iter().zip(&self.s).zip(&self.z) {
            d[at] += z / s;
        }
    }

    /// Aims at `s z = mu`; `corrected`: less the products of the step before. Then `q` for each value.
    pub(super) fn aim(&mut self, mu: f64, corrected: bool, q: &mut [f64]) {
        q.fill(0.0);
        for i in 0..self.at.len() {
            let (s, z) = (self.s[i], self.z[i]);
            let product = if corrected { self.ds[i] * self.dz[i] } else { 0.0 };
            self.c[i] = mu - s * z - product;
            q[self.at[i]] += self.sigma[i] * ((self.c[i] - z * self.r[i]) / s);
        }
    }

    /// The step of every side from the step of the values.
    pub(super) fn follow(&mut self, dv: &[f64]) {
        for i in 0..self.at.len() {
            self.ds[i] = self.r[i] - self.sigma[i] * dv[self.at[i]];
            self.dz[i] = (self.c[i] - self.z[i] * self.ds[i]) / self.s[i];
        }
    }

    /// The longest step that keeps every slack and price nonnegative; may exceed 1.
    pub(super) fn longest(&self) -> f64 {
        let mut steepest = 0.0;
        for (value, step) in self.s.iter().zip(&self.ds).chain(self.z.iter().zip(&self.dz)) {
            steepest = max(steepest, -(step / value));
        }
        if steepest > 0.0 { 1.0 / steepest } else { f64::INFINITY }
    }

    /// The gap after a step of length `a`.
    pub(super) fn gap_after(&self, a: f64) -> f64 {
        let mut gap = 0.0;
        for i in 0..self.at.len() {
            gap += (self.s[i] + a * self.ds[i]) * (self.z[i] + a * self.dz[i]);
        }
        gap
    }

    /// Moves by `a`.
    pub(super) fn advance(&mut self, a: f64) {
        let pairs = self.s.iter_mut().zip(&self.ds).chain(self.z.iter_mut().zip(&self.dz));
        for (value, step) in pairs {
            *value += a * step;
        }
    }
}
