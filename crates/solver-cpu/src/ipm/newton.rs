//! The Newton step of the optimality conditions.
//!
//! With `p` the prices and `D`, `q` of the barrier, a step of the values changes the prices by `q + D dv`. Eliminating the
//! trades (`Dx`, diagonal) leaves for each asset `M = sum of 1 / Dx` and
//!
//! ```text
//! (theta Sigma + Dw + 1/M) dw + W' dl = f            W_r = Aw_r + c_r,  c_r = (1/M) sum of sign At_r / Dx
//! W dw - (G + 1/D) dl                 = g            G   = sum over trades of (At_r - sign c_r) (At_s - sign c_s) / Dx
//! ```
//!
//! with one more row `Sigma d` for the cap. The first block is factored once (`kernel`), the second is small (`dense`).

use super::barrier::Barrier;
use super::dense::Dense;
use super::kernel::Kernel;
use super::model::Model;
use super::point::{Point, Residuals, add_scaled};
use samebits_canon::abs;
use samebits_qp::Error;

/// Memory for the steps of one solve.
pub(super) struct Newton {
    kernel: Kernel,
    /// Rows, and one more for the cap.
    count: usize,
    /// `D` and `q` for each value.
    stiffness: Vec<f64>,
    q: Vec<f64>,
    /// `1 / Dx` of the trades.
    give: Vec<f64>,
    /// `1 / M` of the assets, and a 0 for the trades without one.
    held: Vec<f64>,
    /// `Dw + 1/M`.
    diagonal: Vec<f64>,
    /// `W`, then the first right-hand side: `(count + 1) x n`.
    carry: Vec<f64>,
    /// `At_r - sign c_r`, `rows x m`, and for each row the trades where it is not 0.
    centred: Vec<f64>,
    touched: Vec<Vec<usize>>,
    /// `c_r` with a 0 behind each, `rows x (n + 1)`.
    centres: Vec<f64>,
    /// What each row's own value can give before its barrier: the diagonal of `W K^-1 W' + G`.
    reach: Vec<f64>,
    gram: Vec<f64>,
    schur: Dense,
    products: Vec<f64>,
    rhs: Vec<f64>,
    second: Vec<f64>,
    coefficients: Vec<f64>,
    /// `-on_trades - q`, then `sum of sign b / Dx` of an asset.
    on_trades: Vec<f64>,
    gathered: Vec<f64>,
    scratch: Vec<f64>,
    pub(super) step: Step,
}

/// Changes of trades, weights, link multipliers and rows' multipliers, and of all values.
pub(super) struct Step {
    pub(super) t: Vec<f64>,
    pub(super) w: Vec<f64>,
    pub(super) y: Vec<f64>,
    pub(super) l: Vec<f64>,
    pub(super) values: Vec<f64>,
}

impl Newton {
    pub(super) fn new(model: &Model<'_>) -> Result<Self, Error> {
        let (n, m, values) = (model.n, model.m(), model.values());
        let count = values - m - n;
        let kernel = Kernel::new(model.isa, model.problem, &model.frozen, model.curved(), count + 1)?;
        let zeros = |length: usize| vec![0.0; length];
        Ok(Self {
            kernel,
            count,
            stiffness: zeros(values),
            q: zeros(values),
            give: zeros(m),
            held: zeros(n + 1),
            diagonal: zeros(n),
            carry: zeros((count + 1) * n),
            centred: zeros(model.rows.len() * m),
            touched: (0..model.rows.len()).map(|r| touched(model, r)).collect(),
            centres: zeros(model.rows.len() * (n + 1)),
            reach: zeros(count),
            gram: zeros((count + 1) * (count + 1)),
            schur: Dense::new(count),
            products: zeros(count + 1),
            rhs: zeros(count),
            second: zeros(n),
            coefficients: zeros(count + 1),
            on_trades: zeros(m),
            gathered: zeros(n + 1),
            scratch: zeros(m),
            step: Step { t: zeros(m), w: zeros(n), y: zeros(n + 1), l: zeros(count), values: zeros(values) },
        })
    }

    /// Factors at `point` and takes the step that aims at products of 0 (predictor); false when it cannot.
    pub(super) fn predict(&mut self, model: &Model<'_>, at: &Residuals, sides: &mut Barrier) -> bool {
        let n = model.n;
        sides.stiffness(&mut self.stiffness);
        self.eliminate_trades(model);
        self.collect_rows(model, at);
        self.right_sides(model, at, sides, 0.0, false);
        self.carry[self.count * n..].copy_from_slice(&self.second);
        if !self.kernel.factor(at.theta(model), &self.diagonal, &self.carry) {
            return false;
        }
        self.kernel.gram(&mut self.gram);
        self.complement(model);
        let last = self.count * (self.count + 1);
        self.products.copy_from_slice(&self.gram[last..]);
        self.solve(model, at, false);
        sides.follow(&self.step.values);
        true
    }

    /// The step that aims at products of `mu`, corrected by the products of the predictor.
    pub(super) fn correct(&mut self, model: &Model<'_>, at: &Residuals, sides: &mut Barrier, mu: f64) {
        self.right_sides(model, at, sides, mu, true);
        self.kernel.push(&self.second, &mut self.products);
        self.solve(model, at, true);
        sides.follow(&self.step.values);
    }

    fn eliminate_trades(&mut self, model: &Model<'_>) {
        let (n, m) = (model.n, model.m());
        for (give, d) in self.give.iter_mut().zip(&self.stiffness) {
            *give = 1.0 / d;
        }
        self.held.fill(0.0);
        for (&asset, give) in model.asset.iter().zip(&self.give) {
            self.held[asset] += give;
        }
        for held in &mut self.held {
            *held = if *held > 0.0 { 1.0 / *held } else { 0.0 };
        }
        self.held[n] = 0.0;
        for ((out, d), held) in self.diagonal.iter_mut().zip(&self.stiffness[m..]).zip(&self.held) {
            *out = d + held;
        }
    }

    /// `W` and the centred coefficients on trades.
    fn collect_rows(&mut self, model: &Model<'_>, at: &Residuals) {
        let (n, m) = (model.n, model.m());
        for (r, row) in model.rows.iter().enumerate() {
            let (on_weights, on_trades) = model.row(r);
            let carry = &mut self.carry[r * n..(r + 1) * n];
            carry.copy_from_slice(on_weights);
            if !row.uses_trades {
                continue;
            }
            let centre = &mut self.centres[r * (n + 1)..(r + 1) * (n + 1)];
            centre.fill(0.0);
            for &k in &self.touched[r] {
                centre[model.asset[k]] += model.sign[k] * on_trades[k] * self.give[k];
            }
            for (centre, held) in centre.iter_mut().zip(&self.held) {
                *centre *= held;
            }
            for (carry, centre) in carry.iter_mut().zip(&*centre) {
                *carry += centre;
            }
            let centred = &mut self.centred[r * m..(r + 1) * m];
            for &k in &self.touched[r] {
                centred[k] = on_trades[k] - model.sign[k] * centre[model.asset[k]];
            }
        }
        if model.cap.is_some() {
            self.carry[model.rows.len() * n..self.count * n].copy_from_slice(&at.gradient);
        }
    }

    /// `W K^-1 W' + G + 1/D`, factored.
    fn complement(&mut self, model: &Model<'_>) {
        let (m, count) = (model.m(), self.count);
        for r in 0..count {
            for s in 0..=r {
                self.schur.a[s * count + r] = self.gram[r * (count + 1) + s];
            }
        }
        for r in (0..model.rows.len()).filter(|&r| model.rows[r].uses_trades) {
            let own = &self.centred[r * m..(r + 1) * m];
            self.scratch.fill(0.0);
            for &k in &self.touched[r] {
                self.scratch[k] = own[k] * self.give[k];
            }
            for s in (0..=r).filter(|&s| model.rows[s].uses_trades) {
                let other = &self.centred[s * m..(s + 1) * m];
                let shared = if self.touched[s].len() < self.touched[r].len() { s } else { r };
                self.schur.a[s * count + r] += if self.touched[shared].len() == m {
                    model.dot(&self.scratch, other)
                } else {
                    self.touched[shared].iter().fold(0.0, |sum, &k| sum + self.scratch[k] * other[k])
                };
            }
        }
        for r in 0..count {
            self.reach[r] = self.schur.a[r * count + r];
            let d = self.stiffness[model.places()[1] + r];
            if d > 0.0 {
                self.schur.a[r * count + r] += 1.0 / d;
            }
        }
        self.schur.factor();
    }

    /// `c_r` on the assets.
    fn centre(&self, r: usize) -> &[f64] {
        let n = self.diagonal.len();
        &self.centres[r * (n + 1)..r * (n + 1) + n]
    }

    /// Right-hand sides `f` (into `second`) and `g` (into `rhs`).
    fn right_sides(
        &mut self,
        model: &Model<'_>,
        at: &Residuals,
        sides: &mut Barrier,
        mu: f64,
        corrected: bool,
    ) {
        let (n, m) = (model.n, model.m());
        sides.aim(mu, corrected, &mut self.q);
        self.gathered.fill(0.0);
        for k in 0..m {
            self.on_trades[k] = -at.on_trades[k] - self.q[k];
            self.gathered[model.asset[k]] += model.sign[k] * self.on_trades[k] * self.give[k];
        }
        for i in 0..n {
            let missing = at.link[i] - self.gathered[i];
            self.second[i] = -at.on_weights[i] - self.q[m + i] - self.held[i] * missing;
        }
        for (out, (b, give)) in self.scratch.iter_mut().zip(self.on_trades.iter().zip(&self.give)) {
            *out = b * give;
        }
        let rows = model.places()[1];
        for r in 0..self.count {
            let d = self.stiffness[rows + r];
            self.rhs[r] = if d > 0.0 { -self.q[rows + r] / d } else { -at.equal[r] };
            if model.rows.get(r).is_some_and(|row| row.uses_trades) {
                self.rhs[r] -= model.dot(&self.centred[r * m..(r + 1) * m], &self.scratch);
                self.rhs[r] -= model.dot(self.centre(r), &at.link);
            }
        }
    }

    /// The step from the products of the right-hand side with the rows.
    fn solve(&mut self, model: &Model<'_>, at: &Residuals, pushed: bool) {
        let (n, m, count) = (model.n, model.m(), self.count);
        let [_, rows, _] = model.places();
        for ((l, product), g) in self.step.l.iter_mut().zip(&self.products).zip(&self.rhs) {
            *l = product - g;
        }
        self.schur.solve(&mut self.step.l);
        for (coefficient, l) in self.coefficients.iter_mut().zip(&self.step.l) {
            *coefficient = -l;
        }
        self.coefficients[count] = if pushed { 0.0 } else { 1.0 };
        self.kernel.back(&self.coefficients, pushed, &mut self.step.w);
        // dy = 1/M (dw + link - gathered) + sum of c_r dl_r, and 0 without an asset.
        for i in 0..n {
            self.step.y[i] = self.held[i] * (self.step.w[i] + at.link[i] - self.gathered[i]);
        }
        self.scratch.copy_from_slice(&self.on_trades);
        for (r, _) in model.rows.iter().enumerate().filter(|(_, row)| row.uses_trades) {
            let l = self.step.l[r];
            add_scaled(&mut self.step.y, l, &self.centres[r * (n + 1)..r * (n + 1) + n]);
            add_scaled(&mut self.scratch, -l, model.row(r).1);
        }
        for k in 0..m {
            let pull = self.scratch[k] + model.sign[k] * self.step.y[model.asset[k]];
            self.step.t[k] = pull * self.give[k];
        }
        self.step.values[..m].copy_from_slice(&self.step.t);
        self.step.values[m..rows].copy_from_slice(&self.step.w);
        for r in 0..count {
            let d = self.stiffness[rows + r];
            // Where the barrier is stiffer than the row, the row's move follows from its price, otherwise from the moves.
            self.step.values[rows + r] = if d * self.reach[r] > 1.0 {
                (self.step.l[r] - self.q[rows + r]) / d
            } else if r < model.rows.len() {
                let (on_weights, on_trades) = model.row(r);
                let moved = model.dot(on_weights, &self.step.w);
                if model.rows[r].uses_trades { moved + model.dot(on_trades, &self.step.t) } else { moved }
            } else {
                model.dot(&at.gradient, &self.step.w)
            };
        }
    }

    /// Moves `point` by `a` along the step.
    pub(super) fn advance(&self, point: &mut Point, a: f64) {
        add_scaled(&mut point.t, a, &self.step.t);
        add_scaled(&mut point.w, a, &self.step.w);
        add_scaled(&mut point.y, a, &self.step.y);
        add_scaled(&mut point.l, a, &self.step.l);
        point.sides.advance(a);
    }

    /// Whether the step is made of numbers.
    pub(super) fn is_finite(&self) -> bool {
        let all = [&self.step.t, &self.step.w, &self.step.y, &self.step.l];
        all.into_iter().flatten().all(|x| abs(*x) < f64::INFINITY)
    }
}

/// Trades on the assets whose trades the row names, and the trades without an asset that it names.
pub(super) fn touched(model: &Model<'_>, r: usize) -> Vec<usize> {
    let (_, on_trades) = model.row(r);
    let mut assets = vec![false; model.n];
    for (&asset, _) in model.asset.iter().zip(on_trades).filter(|(_, a)| **a != 0.0) {
        if asset < model.n {
            assets[asset] = true;
        }
    }
    let named = |k: usize| assets.get(model.asset[k]).copied().unwrap_or(on_trades[k] != 0.0);
    (0..model.m()).filter(|&k| named(k)).collect()
}
