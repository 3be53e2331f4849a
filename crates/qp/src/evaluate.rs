//! Values of a problem at a point, each in a written order.

use crate::{Problem, Risk, RowLimit};
use ndarray::ArrayView1;
use samebits_canon::{Isa, dot_on, fma, matvec_on, matvec_symmetric, matvec_transposed};

/// The terms of the objective, in its units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parts {
    /// `gamma/2 d' Sigma d`.
    pub risk: f64,
    /// `cost' t`.
    pub cost: f64,
    /// `alpha' w`; lowers the objective.
    pub reward: f64,
}

impl Parts {
    /// `(risk + cost) - reward`.
    pub fn total(&self) -> f64 {
        self.risk + self.cost - self.reward
    }
}

impl Problem {
    /// Number of assets.
    pub fn n(&self) -> usize {
        self.benchmark.len()
    }

    /// `start` plus the trades: for each asset one ascending chain over the trade variables.
    pub fn weights(&self, trades: &[f64]) -> Vec<f64> {
        let mut weights = self.start.clone();
        for (variable, amount) in self.trades.iter().zip(trades) {
            if let Some(asset) = variable.asset {
                weights[asset] = fma(variable.sign, *amount, weights[asset]);
            }
        }
        weights
    }

    /// `w - benchmark`.
    pub fn active(&self, weights: &[f64]) -> Vec<f64> {
        weights.iter().zip(&self.benchmark).map(|(w, b)| w - b).collect()
    }

    /// [`Problem::risk_gradient_on`] with the portable kernels.
    pub fn risk_gradient(&self, d: &[f64]) -> Vec<f64> {
        self.risk_gradient_on(Isa::Portable, d)
    }

    /// `Sigma d`; dense: clause A4 a row; factor form: `B (F (B' d)) + D d`. `isa` moves no bit.
    pub fn risk_gradient_on(&self, isa: Isa, d: &[f64]) -> Vec<f64> {
        let mut gradient = vec![0.0; self.n()];
        match &*self.risk {
            Risk::Dense(sigma) => match sigma.as_slice() {
                Some(entries) => matvec_symmetric(isa, entries, d, &mut gradient),
                None => {
                    for (row, out) in sigma.rows().into_iter().zip(&mut gradient) {
                        *out = inner(row, d);
                    }
                }
            },
            Risk::Factor { exposures, covariance, specific } => {
                let b = exposures.as_standard_layout();
                let b = b.as_slice().unwrap_or_default();
                let mut exposed = vec![0.0; exposures.ncols()];
                matvec_transposed(isa, b, d, &mut exposed);
                let loaded: Vec<f64> =
                    covariance.rows().into_iter().map(|row| inner(row, &exposed)).collect();
                matvec_on(isa, b, &loaded, &mut gradient);
                for (out, (d, s)) in gradient.iter_mut().zip(d.iter().zip(specific)) {
                    *out = fma(*s, *d, *out);
                }
            }
        }
        gradient
    }

    /// `d' Sigma d`.
    pub fn variance(&self, d: &[f64]) -> f64 {
        dot_on(Isa::Portable, d, &self.risk_gradient(d))
    }

    /// Value of row `r`: its weights' part plus its trades' part.
    pub fn row_value(&self, r: usize, weights: &[f64], trades: &[f64]) -> f64 {
        self.row_value_on(Isa::Portable, r, weights, trades)
    }

    /// [`Problem::row_value`] on an instruction set, which moves no bit.
    pub fn row_value_on(&self, isa: Isa, r: usize, weights: &[f64], trades: &[f64]) -> f64 {
        self.rows[r].value_on(isa, weights, trades)
    }

    /// The objective: [`Parts::total`] of its [parts](Self::objective_parts).
    pub fn objective(&self, weights: &[f64], trades: &[f64]) -> f64 {
        self.objective_parts(weights, trades).total()
    }

    /// The three terms of the objective, each one reduction in the shape of clause A3.
    pub fn objective_parts(&self, weights: &[f64], trades: &[f64]) -> Parts {
        let d = self.active(weights);
        self.parts_at(Isa::Portable, weights, trades, &d, &self.risk_gradient(&d))
    }

    /// [`Problem::objective_parts`] from a gradient at hand: `d` is [`Problem::active`], `gradient` is `Sigma d`.
    pub fn parts_at(&self, isa: Isa, weights: &[f64], trades: &[f64], d: &[f64], gradient: &[f64]) -> Parts {
        let costs: Vec<f64> = self.trades.iter().map(|variable| variable.cost).collect();
        Parts {
            risk: 0.5 * self.gamma * dot_on(isa, d, gradient),
            cost: dot_on(isa, &costs, trades),
            reward: dot_on(isa, &self.alpha, weights),
        }
    }
}

/// One ascending chain (clause A4).
pub(crate) fn inner(a: ArrayView1<'_, f64>, b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |sum, (&x, &y)| fma(x, y, sum))
}

impl RowLimit {
    /// Its value: the weights' part plus the trades' part. The instruction set moves no bit.
    pub fn value_on(&self, isa: Isa, weights: &[f64], trades: &[f64]) -> f64 {
        let part = |a: &[f64], x: &[f64]| if a.is_empty() { 0.0 } else { dot_on(isa, a, x) };
        part(&self.on_weights, weights) + part(&self.on_trades, trades)
    }
}
