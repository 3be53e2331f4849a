//! The problem as the iteration sees it: trades that cannot move are set, rows are scaled, infinite limits are gone.
//!
//! `n` assets, `m` free trades, `rows` dense rows. Trades without an asset belong to asset `n`, whose blocks stay 0.

use samebits_canon::{Isa, abs, dot_on, max, min};
use samebits_qp::Problem;

/// Trades and widths up to this, relative to the size of the weights, are taken as none: far below any weight's rounding
/// to shares, well above the rounding of a sum of lots.
const NOTHING: f64 = 1e-13;

/// A row over the free trades and the weights, divided by a power of two near its largest coefficient.
pub(super) struct Row {
    /// Index in the problem.
    pub(super) source: usize,
    /// Row of the problem = this row times `scale`.
    pub(super) scale: f64,
    pub(super) lower: f64,
    pub(super) upper: f64,
    pub(super) uses_trades: bool,
}

impl Row {
    pub(super) fn is_equality(&self) -> bool {
        self.lower == self.upper
    }
}

/// Where an asset whose weight can take one value only has it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pin {
    /// Not pinned.
    None,
    /// The least weight that the trades reach is the upper bound.
    Least,
    /// The greatest weight that the trades reach is the lower bound.
    Greatest,
}

pub(super) struct Model<'a> {
    pub(super) isa: Isa,
    pub(super) problem: &'a Problem,
    pub(super) n: usize,
    /// Free trades: index in the problem, asset (`n` for none), sign, cost, upper limit.
    pub(super) free: Vec<usize>,
    pub(super) asset: Vec<usize>,
    pub(super) sign: Vec<f64>,
    pub(super) cost: Vec<f64>,
    pub(super) upper: Vec<f64>,
    /// For every trade of the problem the value it has when it is not free.
    pub(super) held: Vec<f64>,
    /// Weights with the held trades made.
    pub(super) start: Vec<f64>,
    /// Bounds on weights that the trades' limits do not imply.
    pub(super) bounds: Vec<(f64, f64)>,
    /// Assets whose weight keeps its value during the iteration.
    pub(super) frozen: Vec<bool>,
    pub(super) pins: Vec<Pin>,
    pub(super) rows: Vec<Row>,
    /// Coefficients on the weights, `rows x n`.
    pub(super) on_weights: Vec<f64>,
    /// Coefficients on the free trades, `rows x m`.
    pub(super) on_trades: Vec<f64>,
    /// `risk_cap^2 / 2`.
    pub(super) cap: Option<f64>,
    /// Typical weight, and typical sum of the weights' magnitudes.
    pub(super) size: f64,
    pub(super) extent: f64,
    /// Typical slope of the objective.
    pub(super) slope: f64,
    /// Typical entry of `Sigma d`: the largest variance times the size.
    pub(super) steepness: f64,
}

impl<'a> Model<'a> {
    pub(super) fn new(isa: Isa, problem: &'a Problem) -> Self {
        let n = problem.n();
        let size = size(problem);
        let mut model = Self {
            isa,
            problem,
            n,
            free: Vec::new(),
            asset: Vec::new(),
            sign: Vec::new(),
            cost: Vec::new(),
            upper: Vec::new(),
            held: vec![0.0; problem.trades.len()],
            start: Vec::new(),
            bounds: Vec::new(),
            frozen: vec![true; n],
            pins: Vec::new(),
            rows: Vec::new(),
            on_weights: Vec::new(),
            on_trades: Vec::new(),
            cap: problem.risk_cap.map(|cap| 0.5 * (cap * cap)),
            size,
            extent: extent(problem, size),
            slope: 1.0,
            steepness: 1.0,
        };
        model.trades();
        model.collect_rows();
        let variance = problem.risk.diagonal().into_iter().fold(0.0, max);
        model.steepness = if variance > 0.0 { variance * size } else { 1.0 };
        model.slope = model.slope();
        model
    }

    /// Whether the covariance takes part.
    pub(super) fn curved(&self) -> bool {
        self.problem.gamma > 0.0 || self.cap.is_some()
    }

    pub(super) fn m(&self) -> usize {
        self.free.len()
    }

    /// Where the values of the weights, the rows and the cap begin among all values; the trades come first.
    pub(super) fn places(&self) -> [usize; 3] {
        let (n, m) = (self.n, self.m());
        [m, m + n, m + n + self.rows.len()]
    }

    /// Values: trades, weights, rows, the cap.
    pub(super) fn values(&self) -> usize {
        self.places()[2] + usize::from(self.cap.is_some())
    }

    /// Coefficients of row `r` on the weights and on the free trades.
    pub(super) fn row(&self, r: usize) -> (&[f64], &[f64]) {
        let (n, m) = (self.n, self.m());
        (&self.on_weights[r * n..(r + 1) * n], &self.on_trades[r * m..(r + 1) * m])
    }

    fn trades(&mut self) {
        let Problem { trades, lower, upper, .. } = self.problem;
        let nothing = NOTHING * self.size;
        let reach = reach(self.problem);
        for i in 0..self.n {
            let [least, greatest] = reach[i];
            self.pins.push(if least >= upper[i] - nothing {
                Pin::Least
            } else if greatest <= lower[i] + nothing {
                Pin::Greatest
            } else {
                Pin::None
            });
            let low = if least >= lower[i] - nothing { f64::NEG_INFINITY } else { lower[i] };
            let high = if greatest <= upper[i] + nothing { f64::INFINITY } else { upper[i] };
            self.bounds.push((low, high));
        }
        for (t, variable) in trades.iter().enumerate() {
            let pin = variable.asset.map_or(Pin::None, |asset| self.pins[asset]);
            if pin != Pin::None {
                let rises = (pin == Pin::Greatest) == (variable.sign > 0.0);
                self.held[t] = if rises { variable.upper } else { 0.0 };
            } else if variable.upper > nothing {
                self.free.push(t);
                self.asset.push(variable.asset.unwrap_or(self.n));
                self.sign.push(variable.sign);
                self.cost.push(variable.cost);
                self.upper.push(variable.upper);
                if let Some(asset) = variable.asset {
                    self.frozen[asset] = lower[asset] == upper[asset];
                }
            }
        }
        self.start = self.problem.weights(&self.held);
    }

    fn collect_rows(&mut self) {
        let (n, m) = (self.n, self.m());
        for (source, row) in self.problem.rows.iter().enumerate() {
            let on_trade = |t: usize| if row.on_trades.is_empty() { 0.0 } else { row.on_trades[t] };
            let on_weight = |i: usize| if row.on_weights.is_empty() { 0.0 } else { row.on_weights[i] };
            // Only what can still move makes a row: weights move with trades, or are fixed by their bounds.
            let movable = (0..n).filter(|&i| !self.frozen[i]).map(on_weight);
            let largest =
                movable.chain(self.free.iter().map(|&t| on_trade(t))).fold(0.0, |best, a| max(best, abs(a)));
            if largest == 0.0 || (row.lower == f64::NEG_INFINITY && row.upper == f64::INFINITY) {
                continue;
            }
            let scale = power_of_two(largest);
            let mut held = 0.0;
            for (t, amount) in self.held.iter().enumerate() {
                held += on_trade(t) * amount;
            }
            self.on_weights.extend((0..n).map(|i| on_weight(i) / scale));
            self.on_trades.extend(self.free.iter().map(|&t| on_trade(t) / scale));
            let own = &self.on_trades[self.rows.len() * m..];
            self.rows.push(Row {
                source,
                scale,
                lower: (row.lower - held) / scale,
                upper: (row.upper - held) / scale,
                uses_trades: own.iter().any(|a| *a != 0.0),
            });
        }
    }

    /// The largest slope of the objective over the free trades at the start, and over a move of the typical size.
    fn slope(&self) -> f64 {
        let problem = self.problem;
        let gradient = problem.risk_gradient(&problem.active(&self.start));
        let mut slope = 0.0;
        for (k, &asset) in self.asset.iter().enumerate() {
            let on_weight =
                if asset < self.n { problem.gamma * gradient[asset] - problem.alpha[asset] } else { 0.0 };
            slope = max(slope, abs(self.cost[k] + self.sign[k] * on_weight));
        }
        slope = max(slope, problem.gamma * self.steepness);
        if slope > 0.0 && slope.is_finite() { slope } else { 1.0 }
    }

    /// `sum of a_i b_i` in 32 lanes.
    pub(super) fn dot(&self, a: &[f64], b: &[f64]) -> f64 {
        dot_on(self.isa, a, b)
    }
}

/// For each asset the least and the greatest weight that its trades reach.
pub(super) fn reach(problem: &Problem) -> Vec<[f64; 2]> {
    let mut reach: Vec<[f64; 2]> = problem.start.iter().map(|&start| [start, start]).collect();
    for variable in &problem.trades {
        if let Some(asset) = variable.asset {
            let [least, greatest] = &mut reach[asset];
            if variable.sign > 0.0 {
                *greatest += variable.upper;
            } else {
                *least -= variable.upper;
            }
        }
    }
    reach
}

/// A typical weight: the largest one held or aimed at, else what the limits of trades, bounds and rows speak of, else 1.
pub(super) fn size(problem: &Problem) -> f64 {
    let largest = |values: &mut dyn Iterator<Item = f64>| {
        let finite = values.map(abs).filter(|value| value.is_finite());
        finite.fold(0.0, max)
    };
    let held = largest(&mut problem.start.iter().chain(&problem.benchmark).copied());
    let allowed = largest(&mut problem.trades.iter().map(|variable| variable.upper));
    let bounds = largest(&mut problem.lower.iter().chain(&problem.upper).copied());
    let rows = largest(&mut problem.rows.iter().flat_map(|row| [row.lower, row.upper]));
    let found = [held, allowed, bounds, rows].into_iter().find(|size| *size > 0.0).unwrap_or(1.0);
    min(max(found, 1e-100), 1e100)
}

/// The larger one of the sums of magnitudes of what is held and what is aimed at, at least `size`.
fn extent(problem: &Problem, size: f64) -> f64 {
    let total = |weights: &[f64]| weights.iter().fold(0.0, |sum, w| sum + abs(*w));
    min(max(max(total(&problem.start), total(&problem.benchmark)), size), 1e100)
}

/// The power of two at or below `|x|`, which is positive and finite.
pub(super) fn power_of_two(x: f64) -> f64 {
    let exponent = x.to_bits() & (0x7ff << 52);
    if exponent == 0 { f64::MIN_POSITIVE } else { f64::from_bits(exponent) }
}
