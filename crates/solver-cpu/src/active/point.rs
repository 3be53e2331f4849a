//! The optimum of a state: one system of linear equations.
//!
//! With the free assets `F` (a trade between its bounds, the weight at none), the active rows `R` and the trades `Z` that
//! move between their bounds besides an asset's first one, the equations are, with `theta = 1 / (gamma + z)`,
//!
//! ```text
//! Sigma_FF dw + A_F' y' = -(Sigma d)_F - theta (sign cost - alpha)_F        y = y' / theta
//! A_F dw + A_Z dz       = limits - values at the base
//! A_Z' y'               = -theta c_Z
//! ```
//!
//! where a column of `A` is the row's coefficient on the weight plus `sign` times the one on the asset's first trade. They
//! are solved by the block of `Sigma` with the rows carried along, and a small system for `(y', dz)`. Everything is affine
//! in `theta`, so the hard cap is a quadratic equation in it. The base is the state alone (`pure`, which makes the answer
//! a function of the state) or the last point (fewer columns of `Sigma` to apply).

use super::layout::{Layout, NONE};
use super::sigma::Sigma;
use samebits_canon::{Isa, dot_on, solve_small};
use samebits_qp::{AT_UPPER, AT_ZERO, BETWEEN, Problem, State};

/// Why a state has no optimum.
#[derive(Debug)]
pub(super) enum Stop {
    /// More steps than allowed.
    Steps,
    /// The block of free assets is not positive definite.
    Singular,
    /// No answer at or below the objective that is wanted.
    Beyond,
    /// A number overflowed, or the state leaves the risk undetermined.
    Broken,
}

/// Where an asset stands on its curve.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    /// Start plus all trades but the first open one.
    pub(super) rest: f64,
    /// First trade between its bounds.
    pub(super) first: usize,
    /// Its sign and upper bound.
    pub(super) sign: f64,
    pub(super) upper: f64,
    /// More than one trade is between its bounds.
    pub(super) extra: bool,
    /// The next trade that would raise the weight, and its slope.
    pub(super) up_trade: usize,
    pub(super) up: f64,
    /// The next trade that would lower the weight, and its slope.
    pub(super) down_trade: usize,
    pub(super) down: f64,
}

const NOWHERE: Spot = Spot {
    rest: 0.0,
    first: NONE,
    sign: 1.0,
    upper: 0.0,
    extra: false,
    up_trade: NONE,
    up: f64::INFINITY,
    down_trade: NONE,
    down: f64::NEG_INFINITY,
};

/// A point, and the memory to move it; lengths are those of the last problem.
#[derive(Debug, Default)]
pub(super) struct Point {
    /// Weights.
    pub(super) w: Vec<f64>,
    /// Trades.
    pub(super) t: Vec<f64>,
    /// `Sigma d`.
    pub(super) gradient: Vec<f64>,
    /// `gamma + z`.
    pub(super) curvature: f64,
    /// Prices of the rows.
    pub(super) y: Vec<f64>,
    /// `(gamma + z) Sigma d - alpha + A_w' y`: the price of a unit of each weight.
    pub(super) price: Vec<f64>,
    /// Prices of rows and moves of trades that the state leaves open.
    pub(super) undetermined: usize,
    /// `sign * (cost + A_t' y)`: the slope of each trade.
    pub(super) slope: Vec<f64>,
    /// Value of each row.
    pub(super) value: Vec<f64>,
    /// Where each asset stands.
    pub(super) spots: Vec<Spot>,
    /// Assets whose part of the state changed since the last solve.
    pub(super) touched: Vec<usize>,
    /// Whether slopes are other than those of the layout.
    priced: bool,
    /// Assets whose weight the equations decide.
    pub(super) free: Vec<usize>,
    /// Trades between their bounds besides the first of their asset, with that first one.
    extra: Vec<(usize, usize)>,
    active: Vec<usize>,
    changed: Vec<usize>,
    delta: Vec<f64>,
    d: Vec<f64>,
    gram: Vec<f64>,
    small: Vec<f64>,
    pivots: Vec<Option<usize>>,
    scale: Vec<f64>,
    coefficients: Vec<f64>,
    /// Moves of the free weights: the constant part, and the part times `theta`.
    step: [Vec<f64>; 2],
    slide: Vec<f64>,
    /// `Sigma d` of the free assets at the base.
    at_free: Vec<f64>,
}

/// A point that was reached elsewhere; see the fields of [`Point`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Reached<'a> {
    pub(super) t: &'a [f64],
    pub(super) w: &'a [f64],
    pub(super) gradient: &'a [f64],
    pub(super) price: &'a [f64],
    pub(super) slope: &'a [f64],
    pub(super) y: &'a [f64],
    pub(super) value: &'a [f64],
    pub(super) curvature: f64,
    pub(super) undetermined: usize,
}

impl Point {
    /// Becomes `reached`, a point of `state`; shapes are those of the last [`Point::reset`].
    pub(super) fn adopt(&mut self, problem: &Problem, layout: &Layout, state: &State, reached: &Reached<'_>) {
        for i in 0..problem.n() {
            self.place(problem, layout, state, i, true);
        }
        for (own, found) in [
            (&mut self.t, reached.t),
            (&mut self.w, reached.w),
            (&mut self.gradient, reached.gradient),
            (&mut self.price, reached.price),
            (&mut self.slope, reached.slope),
            (&mut self.y, reached.y),
            (&mut self.value, reached.value),
        ] {
            own.copy_from_slice(found);
        }
        for i in 0..problem.n() {
            self.look_around(problem, layout, state, i);
        }
        (self.curvature, self.undetermined) = (reached.curvature, reached.undetermined);
    }

    pub(super) fn reset(&mut self, problem: &Problem) {
        let (n, m, rows) = (problem.n(), problem.trades.len(), problem.rows.len());
        for (vector, length) in [
            (&mut self.w, n),
            (&mut self.t, m),
            (&mut self.gradient, n),
            (&mut self.y, rows),
            (&mut self.price, n),
            (&mut self.slope, m),
            (&mut self.value, rows),
            (&mut self.d, n),
            (&mut self.slide, n),
        ] {
            vector.clear();
            vector.resize(length, 0.0);
        }
        self.spots.clear();
        self.spots.resize(n, NOWHERE);
        self.touched.clear();
        self.priced = true;
    }

    /// Moves to the optimum of `state`.
    pub(super) fn solve(
        &mut self,
        isa: Isa,
        problem: &Problem,
        layout: &Layout,
        sigma: &mut Sigma,
        state: &State,
        pure: bool,
    ) -> Result<(), Stop> {
        self.base(problem, layout, state, pure);
        for (d, (w, b)) in self.d.iter_mut().zip(self.w.iter().zip(&problem.benchmark)) {
            *d = w - b;
        }
        if pure {
            sigma.gradient(problem, &self.d, &mut self.gradient);
        } else {
            sigma.add_columns(problem, &self.changed, &self.delta, &mut self.gradient);
        }
        sigma.gather(&self.gradient, &self.free, &mut self.at_free);
        self.active.clear();
        self.active.extend((0..problem.rows.len()).filter(|&r| state.rows[r] != 0));
        self.row_values(isa, problem);
        let parts = if problem.risk_cap.is_some() { 2 } else { 1 };
        self.factor(problem, sigma, parts)?;
        self.prices_of_rows(problem, state, parts);
        self.advance(isa, problem, sigma, parts)?;
        self.settle(problem, layout);
        self.row_values(isa, problem);
        self.prices(problem, layout, state);
        Ok(())
    }

    /// `theta A_F Sigma_FF^-1 A_F'` over all rows of `problem` at the present point of a problem without rows: by how much a
    /// price of each row lowers the value of each.
    pub(super) fn curvature_of_rows(
        &mut self,
        problem: &Problem,
        sigma: &mut Sigma,
    ) -> Result<Vec<f64>, Stop> {
        let rows = problem.rows.len();
        self.active.clear();
        self.active.extend(0..rows);
        self.factor(problem, sigma, 1)?;
        let theta = 1.0 / self.curvature;
        let of_row = |r: usize| self.gram[r * (rows + 1)..r * (rows + 1) + rows].iter().map(|g| theta * g);
        Ok((0..rows).flat_map(of_row).collect())
    }

    /// Puts everything that the state fixes in its place, and what it leaves open at the base.
    fn base(&mut self, problem: &Problem, layout: &Layout, state: &State, pure: bool) {
        self.changed.clear();
        self.delta.clear();
        if pure {
            for i in 0..problem.n() {
                self.place(problem, layout, state, i, true);
            }
        } else {
            for k in 0..self.touched.len() {
                self.place(problem, layout, state, self.touched[k], false);
            }
        }
        self.touched.clear();
        self.free.clear();
        self.extra.clear();
        for (i, spot) in self.spots.iter().enumerate() {
            if spot.first != NONE && state.bounds[i] == 0 {
                self.free.push(i);
            }
            if spot.extra {
                let open = |t: &usize| *t != spot.first && state.trades[*t] == BETWEEN;
                self.extra.extend(layout.of(i).iter().copied().filter(open).map(|t| (t, spot.first)));
            }
        }
        for &t in &layout.loose {
            match state.trades[t] {
                AT_ZERO => self.t[t] = 0.0,
                AT_UPPER => self.t[t] = layout.upper[t],
                _ => {
                    if pure {
                        self.t[t] = 0.0;
                    }
                    self.extra.push((t, NONE));
                }
            }
        }
    }

    /// Puts the trades of asset `i` where the state has them, and its weight at the base.
    fn place(&mut self, problem: &Problem, layout: &Layout, state: &State, i: usize, pure: bool) {
        let mut spot = NOWHERE;
        spot.rest = problem.start[i];
        for &t in layout.of(i) {
            let (trade, upper) = (&problem.trades[t], layout.upper[t]);
            match state.trades[t] {
                AT_ZERO => self.t[t] = 0.0,
                AT_UPPER => self.t[t] = upper,
                _ => {
                    if pure {
                        self.t[t] = 0.0;
                    }
                    if spot.first == NONE {
                        (spot.first, spot.sign, spot.upper) = (t, trade.sign, upper);
                        continue;
                    }
                    spot.extra = true;
                }
            }
            if self.t[t] != 0.0 {
                spot.rest += trade.sign * self.t[t];
            }
        }
        let mut target = spot.rest;
        if spot.first != NONE {
            match state.bounds[i] {
                0 if pure => {}
                0 => target = self.w[i],
                -1 => target = problem.lower[i],
                _ => target = problem.upper[i],
            }
            self.t[spot.first] = spot.sign * (target - spot.rest);
        }
        if target != self.w[i] {
            self.changed.push(i);
            self.delta.push(target - self.w[i]);
            self.w[i] = target;
        }
        self.spots[i] = spot;
        self.look_around(problem, layout, state, i);
    }

    /// The trades next to the position of asset `i` that are at a bound; of equal slopes the one whose turn it is.
    fn look_around(&mut self, problem: &Problem, layout: &Layout, state: &State, i: usize) {
        let spot = &mut self.spots[i];
        (spot.up, spot.up_trade) = (f64::INFINITY, NONE);
        (spot.down, spot.down_trade) = (f64::NEG_INFINITY, NONE);
        for &t in layout.of(i) {
            if layout.upper[t] <= 0.0 || state.trades[t] == BETWEEN {
                continue;
            }
            let purchase = problem.trades[t].sign > 0.0;
            let slope = self.slope[t];
            if purchase == (state.trades[t] == AT_ZERO) {
                if slope < spot.up || (slope == spot.up && !purchase) {
                    (spot.up, spot.up_trade) = (slope, t);
                }
            } else if slope > spot.down || (slope == spot.down && purchase) {
                (spot.down, spot.down_trade) = (slope, t);
            }
        }
    }

    fn row_values(&mut self, isa: Isa, problem: &Problem) {
        for (row, value) in problem.rows.iter().zip(&mut self.value) {
            let part = |a: &[f64], x: &[f64]| if a.is_empty() { 0.0 } else { dot_on(isa, a, x) };
            *value = part(&row.on_weights, &self.w) + part(&row.on_trades, &self.t);
        }
    }

    /// Factors the free block with the active rows and the right-hand sides, and takes their products.
    fn factor(&mut self, problem: &Problem, sigma: &mut Sigma, parts: usize) -> Result<(), Stop> {
        let rows = self.active.len();
        let width = rows + parts;
        let theta = 1.0 / problem.gamma;
        let (active, spots, gradient) = (&self.active, &self.spots, &self.at_free);
        let free = &self.free;
        let fill = |j: usize, out: &mut [f64]| {
            let asset = free[j];
            let first = spots[asset].first;
            let trade = &problem.trades[first];
            for (entry, &r) in out.iter_mut().zip(active) {
                *entry = coefficient(problem, r, asset, first);
            }
            let linear = trade.sign * trade.cost - problem.alpha[asset];
            if parts == 1 {
                out[rows] = -(gradient[j] + theta * linear);
            } else {
                out[rows] = -gradient[j];
                out[rows + 1] = -linear;
            }
        };
        sigma.factor(problem, free, width, fill).map_err(|_| Stop::Singular)?;
        self.gram.clear();
        self.gram.resize(width * width, 0.0);
        sigma.gram(&mut self.gram);
        Ok(())
    }

    /// Solves the small system for the prices of the rows (times `theta`) and the moves of the extra trades.
    ///
    /// Rows are scaled by `1 / sqrt` of their own product; a row that the free assets cannot move keeps scale 1.
    fn prices_of_rows(&mut self, problem: &Problem, state: &State, parts: usize) {
        let (rows, width) = (self.active.len(), self.active.len() + parts);
        let m = rows + self.extra.len();
        let columns = m + parts;
        self.scale.clear();
        self.scale.extend((0..rows).map(|r| {
            let own = self.gram[r * width + r];
            if own > 0.0 { 1.0 / own.sqrt() } else { 1.0 }
        }));
        self.small.clear();
        self.small.resize(m * columns, 0.0);
        let theta = 1.0 / problem.gamma;
        for (p, &r) in self.active.iter().enumerate() {
            let scale = self.scale[p];
            let out = &mut self.small[p * columns..(p + 1) * columns];
            for q in 0..rows {
                out[q] = (scale * self.gram[p * width + q]) * self.scale[q];
            }
            for (e, &(trade, first)) in self.extra.iter().enumerate() {
                out[rows + e] = -(scale * exchange(problem, r, trade, first));
            }
            let row = &problem.rows[r];
            let limit = if state.rows[r] < 0 { row.lower } else { row.upper };
            out[m] = scale * (self.gram[p * width + rows] - (limit - self.value[r]));
            if parts == 2 {
                out[m + 1] = scale * self.gram[p * width + rows + 1];
            }
        }
        for (e, &(trade, first)) in self.extra.iter().enumerate() {
            let out = &mut self.small[(rows + e) * columns..(rows + e + 1) * columns];
            for (p, &r) in self.active.iter().enumerate() {
                out[p] = -(self.scale[p] * exchange(problem, r, trade, first));
            }
            let own = &problem.trades[trade];
            let cost = match first {
                NONE => own.cost,
                _ => own.cost - (own.sign * problem.trades[first].sign) * problem.trades[first].cost,
            };
            out[columns - 1] = if parts == 1 { theta * cost } else { cost };
        }
        self.undetermined = solve_small(&mut self.small, m, parts, &mut self.pivots);
    }

    /// Moves the free weights; with a cap, first finds `theta`.
    fn advance(&mut self, isa: Isa, problem: &Problem, sigma: &mut Sigma, parts: usize) -> Result<(), Stop> {
        let (rows, m) = (self.active.len(), self.active.len() + self.extra.len());
        for part in 0..parts {
            self.coefficients.clear();
            self.coefficients
                .extend((0..rows).map(|p| -(self.scale[p] * self.small[p * (m + parts) + m + part])));
            self.coefficients.extend((0..parts).map(|q| if q == part { 1.0 } else { 0.0 }));
            let step = &mut self.step[part];
            step.clear();
            step.resize(self.free.len(), 0.0);
            sigma.solve(&self.coefficients, step);
        }
        sigma.add_columns(problem, &self.free, &self.step[0], &mut self.gradient);
        sigma.flush(&mut self.gradient);
        for (&asset, step) in self.free.iter().zip(&self.step[0]) {
            self.w[asset] += step;
        }
        let theta = if parts == 1 {
            self.curvature = problem.gamma;
            1.0 / problem.gamma
        } else {
            self.slide(isa, problem, sigma)?
        };
        let at = |row: usize, small: &[f64]| {
            let right = &small[row * (m + parts) + m..];
            if parts == 1 { right[0] } else { right[0] + theta * right[1] }
        };
        self.y.fill(0.0);
        for (p, &r) in self.active.iter().enumerate() {
            self.y[r] = self.curvature * (self.scale[p] * at(p, &self.small));
        }
        for (e, &(trade, _)) in self.extra.iter().enumerate() {
            self.t[trade] += at(rows + e, &self.small);
        }
        let finite = self.w.iter().chain(&self.y).chain(&self.gradient).all(|x| x.is_finite());
        if finite { Ok(()) } else { Err(Stop::Broken) }
    }

    /// The cap: `d = d0 + theta d1`, so `d' Sigma d = a + 2 b theta + c theta^2`. `theta` is `1 / gamma` where that keeps
    /// the cap, else the larger root; where no `theta` keeps it, the one of least risk.
    fn slide(&mut self, isa: Isa, problem: &Problem, sigma: &mut Sigma) -> Result<f64, Stop> {
        let cap = problem.risk_cap.unwrap_or(f64::INFINITY);
        self.slide.fill(0.0);
        sigma.add_columns(problem, &self.free, &self.step[1], &mut self.slide);
        sigma.flush(&mut self.slide);
        for (d, (w, b)) in self.d.iter_mut().zip(self.w.iter().zip(&problem.benchmark)) {
            *d = w - b;
        }
        let a = dot_on(isa, &self.d, &self.gradient);
        let b = dot_on(isa, &self.d, &self.slide);
        let c = self.free.iter().zip(&self.step[1]).fold(0.0, |c, (&i, step)| c + step * self.slide[i]);
        let most = 1.0 / problem.gamma;
        let over = a - cap * cap;
        let at_most = over + most * (2.0 * b + most * c);
        let theta = if at_most <= 0.0 {
            most
        } else {
            let under = b * b - c * over;
            let root = if under > 0.0 { (under.sqrt() - b) / c } else { -b / c };
            if root > 0.0 && root < most { root } else { LEAST * most }
        };
        if !(theta > 0.0 && theta.is_finite()) {
            return Err(Stop::Broken);
        }
        self.curvature = if theta == most { problem.gamma } else { 1.0 / theta };
        for (&asset, step) in self.free.iter().zip(&self.step[1]) {
            self.w[asset] += theta * step;
        }
        for (gradient, slide) in self.gradient.iter_mut().zip(&self.slide) {
            *gradient += theta * slide;
        }
        Ok(theta)
    }

    /// The first trade of each open asset from its weight.
    fn settle(&mut self, problem: &Problem, layout: &Layout) {
        if !self.extra.is_empty() {
            for i in 0..problem.n() {
                let first = self.spots[i].first;
                if self.spots[i].extra {
                    let rest = layout.of(i).iter().filter(|&&t| t != first && self.t[t] != 0.0);
                    self.spots[i].rest =
                        rest.fold(problem.start[i], |w, &t| w + problem.trades[t].sign * self.t[t]);
                    self.t[first] = self.spots[i].sign * (self.w[i] - self.spots[i].rest);
                }
            }
        }
        for &i in &self.free {
            let spot = &self.spots[i];
            self.t[spot.first] = spot.sign * (self.w[i] - spot.rest);
        }
    }

    fn prices(&mut self, problem: &Problem, layout: &Layout, state: &State) {
        for (i, price) in self.price.iter_mut().enumerate() {
            *price = self.curvature * self.gradient[i] - problem.alpha[i];
        }
        let mut priced = false;
        for &r in &self.active {
            let (row, y) = (&problem.rows[r], self.y[r]);
            for (price, a) in self.price.iter_mut().zip(&row.on_weights) {
                *price += y * a;
            }
            if !row.on_trades.is_empty() {
                if !priced {
                    self.slope.copy_from_slice(&layout.slope);
                    priced = true;
                }
                for ((slope, a), trade) in self.slope.iter_mut().zip(&row.on_trades).zip(&problem.trades) {
                    *slope += trade.sign * (y * a);
                }
            }
        }
        if priced || self.priced {
            if !priced {
                self.slope.copy_from_slice(&layout.slope);
            }
            for i in 0..problem.n() {
                self.look_around(problem, layout, state, i);
            }
        }
        self.priced = priced;
    }
}

/// Share of `1 / gamma` that `theta` does not fall below.
const LEAST: f64 = 1e-9;

/// Coefficient of row `r` on the weight of `asset` when `first` is its open trade.
fn coefficient(problem: &Problem, r: usize, asset: usize, first: usize) -> f64 {
    let row = &problem.rows[r];
    let on_weight = row.on_weights.get(asset).copied().unwrap_or(0.0);
    match row.on_trades.get(first) {
        Some(on_trade) => on_weight + problem.trades[first].sign * on_trade,
        None => on_weight,
    }
}

/// Coefficient of row `r` on a trade whose asset keeps its weight because `first` gives way.
fn exchange(problem: &Problem, r: usize, trade: usize, first: usize) -> f64 {
    let row = &problem.rows[r];
    let own = row.on_trades.get(trade).copied().unwrap_or(0.0);
    match row.on_trades.get(first) {
        Some(other) => own - (problem.trades[trade].sign * problem.trades[first].sign) * other,
        None => own,
    }
}
