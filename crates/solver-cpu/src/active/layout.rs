//! The problem by asset: which trades move it, and where a position lies on the asset's curve of trading costs.
//!
//! Each trade of an asset is a segment of a convex piecewise-linear curve over the asset's weight. Going up, a purchase is
//! bought at the slope `cost`, a sale is undone at the slope `-cost`: the slope of a trade is `sign * cost`, plus what the
//! prices of rows add. Segments follow in ascending slope; of equal slopes sales come first, the last-listed sale undone
//! first and the first-listed purchase made first, so that lots of equal cost are sold in the order they are listed.

use samebits_canon::{abs, max, min};
use samebits_qp::{AT_UPPER, AT_ZERO, BETWEEN, Problem};
use std::cmp::Ordering;

/// No trade.
pub(super) const NONE: usize = usize::MAX;

/// The trades by asset.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) first: Vec<usize>,
    pub(super) members: Vec<usize>,
    /// The trades of each asset in the order of their own slopes: the order of its curve while rows do not price trades.
    pub(super) sorted: Vec<usize>,
    /// Trades without an asset.
    pub(super) loose: Vec<usize>,
    /// Rows with coefficients on trades.
    pub(super) priced: Vec<usize>,
    /// Upper bounds of the trades; a session may move them.
    pub(super) upper: Vec<f64>,
    /// `sign * cost`.
    pub(super) slope: Vec<f64>,
    /// Size of the weights and limits: what rounding of a weight is measured by.
    pub(super) weight_scale: f64,
    order: Vec<usize>,
    below: Vec<f64>,
}

impl Layout {
    pub(super) fn fill(&mut self, problem: &Problem) {
        let n = problem.n();
        self.first.clear();
        self.first.resize(n + 1, 0);
        self.loose.clear();
        for (t, trade) in problem.trades.iter().enumerate() {
            match trade.asset {
                Some(asset) => self.first[asset + 1] += 1,
                None => self.loose.push(t),
            }
        }
        for i in 0..n {
            self.first[i + 1] += self.first[i];
        }
        self.members.clear();
        self.members.resize(self.first[n], 0);
        self.order.clear();
        self.order.extend_from_slice(&self.first[..n]);
        for (t, trade) in problem.trades.iter().enumerate() {
            if let Some(asset) = trade.asset {
                self.members[self.order[asset]] = t;
                self.order[asset] += 1;
            }
        }
        self.priced.clear();
        self.priced.extend((0..problem.rows.len()).filter(|&r| !problem.rows[r].on_trades.is_empty()));
        self.upper.clear();
        self.upper.extend(problem.trades.iter().map(|trade| trade.upper));
        self.slope.clear();
        self.slope.extend(problem.trades.iter().map(|trade| trade.sign * trade.cost));
        self.weight_scale = weight_scale(problem);
        self.sorted.clone_from(&self.members);
        for asset in 0..n {
            let own = &mut self.sorted[self.first[asset]..self.first[asset + 1]];
            own.sort_unstable_by(|&a, &b| along_the_curve(problem, &self.slope, a, b));
        }
    }

    /// Trades of an asset, ascending.
    pub(super) fn of(&self, asset: usize) -> &[usize] {
        &self.members[self.first[asset]..self.first[asset + 1]]
    }

    /// Sets the trades of `asset` so that its weight is `target` (inside its bounds), each trade in the order of `slope`;
    /// returns the code of the weight's bounds. A position within `tolerance` of a kink is the kink.
    pub(super) fn classify(
        &mut self,
        problem: &Problem,
        asset: usize,
        target: f64,
        slope: &[f64],
        tolerance: f64,
        trades: &mut [u8],
    ) -> i8 {
        let target = max(min(target, problem.upper[asset]), problem.lower[asset]);
        let x = target - problem.start[asset];
        self.sort(problem, asset, slope);
        let (kink, between) = self.locate(problem, x, tolerance);
        let mut segment = NONE;
        for (e, &t) in self.order.iter().enumerate() {
            let below = e < kink;
            let purchase = problem.trades[t].sign > 0.0;
            trades[t] = if between && e == kink {
                segment = t;
                BETWEEN
            } else if below == purchase && self.upper[t] < f64::INFINITY {
                AT_UPPER
            } else {
                AT_ZERO
            };
        }
        if segment == NONE {
            0
        } else if problem.upper[asset] <= target + tolerance {
            1
        } else if problem.lower[asset] >= target - tolerance {
            -1
        } else {
            0
        }
    }

    /// Whether a trade of `asset` with the slope of the `open` one stands on the wrong side of it.
    pub(super) fn out_of_turn(
        &self,
        problem: &Problem,
        asset: usize,
        open: usize,
        slope: &[f64],
        trades: &[u8],
    ) -> bool {
        self.of(asset).iter().any(|&t| {
            let tied = t != open && slope[t] == slope[open] && self.upper[t] > 0.0 && trades[t] != BETWEEN;
            let above = (problem.trades[t].sign > 0.0) == (trades[t] == AT_ZERO);
            tied && above != (along_the_curve(problem, slope, t, open) == Ordering::Greater)
        })
    }

    /// The weight that minimises `pull w + h/2 (w - at)^2` plus the trading cost within the bounds of `asset`.
    pub(super) fn prox(
        &mut self,
        problem: &Problem,
        asset: usize,
        slope: &[f64],
        at: f64,
        pull: f64,
        h: f64,
    ) -> f64 {
        self.sort(problem, asset, slope);
        let sale = |t: usize| problem.trades[t].sign < 0.0;
        let mut w = problem.start[asset];
        for &t in &self.order {
            if sale(t) {
                w -= self.upper[t];
            }
        }
        for &t in &self.order {
            // Inside the segment the optimum is at - (pull + slope) / h.
            let best = at - (pull + slope[t]) / h;
            if best <= w {
                break;
            }
            let end = w + self.upper[t];
            if best < end {
                w = best;
                break;
            }
            w = end;
        }
        max(min(w, problem.upper[asset]), problem.lower[asset])
    }

    /// The movable trades of `asset` in ascending slope into `order`.
    fn sort(&mut self, problem: &Problem, asset: usize, slope: &[f64]) {
        let Self { order, sorted, first, upper, priced, .. } = self;
        order.clear();
        order.extend(sorted[first[asset]..first[asset + 1]].iter().filter(|&&t| upper[t] > 0.0));
        if !priced.is_empty() {
            order.sort_unstable_by(|&a, &b| along_the_curve(problem, slope, a, b));
        }
    }

    /// Where `x` (weight less start) lies on the curve of `order`: (kink, false), or (segment, true).
    fn locate(&mut self, problem: &Problem, x: f64, tolerance: f64) -> (usize, bool) {
        let Self { order, below, upper, .. } = self;
        let sale = |t: usize| problem.trades[t].sign < 0.0;
        // below[e]: what the sales from segment e on take away.
        below.clear();
        below.resize(order.len() + 1, 0.0);
        for (e, &t) in order.iter().enumerate().rev() {
            below[e] = below[e + 1] + if sale(t) { upper[t] } else { 0.0 };
        }
        let mut bought = 0.0;
        for (e, &t) in order.iter().enumerate() {
            let low = bought - below[e];
            if x <= low + tolerance {
                return (e, false);
            }
            bought += if sale(t) { 0.0 } else { upper[t] };
            if x < bought - below[e + 1] - tolerance {
                return (e, true);
            }
        }
        (order.len(), false)
    }
}

/// Which of two trades of an asset comes first on its curve.
fn along_the_curve(problem: &Problem, slope: &[f64], a: usize, b: usize) -> Ordering {
    let sale = |t: usize| problem.trades[t].sign < 0.0;
    let ties = || match (sale(a), sale(b)) {
        (true, true) => b.cmp(&a),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => a.cmp(&b),
    };
    slope[a].total_cmp(&slope[b]).then_with(ties)
}

/// The largest finite number among the weights, their bounds and the limits of the rows; 1 when all are 0.
fn weight_scale(problem: &Problem) -> f64 {
    let mut scale = 0.0;
    let mut see = |x: f64| {
        if x.is_finite() {
            scale = max(scale, abs(x));
        }
    };
    problem.start.iter().chain(&problem.benchmark).for_each(|x| see(*x));
    for row in &problem.rows {
        see(row.lower);
        see(row.upper);
    }
    if scale > 0.0 { scale } else { 1.0 }
}
