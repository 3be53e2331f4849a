//! The portfolio problem as a sparse conic program: minimise `x'Px/2 + q'x` subject to `Ax + s = b`, `s` in a product of
//! cones, with `x = [t, w, y]`.

use clarabel::algebra::CscMatrix;
use clarabel::solver::SupportedConeT::{self, NonnegativeConeT, SecondOrderConeT, ZeroConeT};
use ndarray::Array2;
use samebits_canon::{Cholesky, Isa, fma};
use samebits_qp::{Error, Multipliers, Problem, Risk};

/// Where each part of the problem went.
pub(super) struct Form {
    pub(super) variables: usize,
    pub(super) constraints: Constraints,
    /// First of the weights among the variables.
    weights: usize,
    /// First of the risk variables.
    risk: usize,
    /// Conic rows of each limit: (what, upper side or lower side, conic row).
    limits: Vec<(Limit, f64, usize)>,
    /// First row of the second-order cone, when there is a cap.
    cap: Option<usize>,
}

#[derive(Clone, Copy)]
enum Limit {
    Trade(usize),
    Bound(usize),
    Row(usize),
}

/// The rows `A x + s = b` under construction.
#[derive(Default)]
pub(super) struct Constraints {
    triplets: Vec<(usize, usize, f64)>,
    pub(super) rhs: Vec<f64>,
    pub(super) cones: Vec<SupportedConeT<f64>>,
}

impl Constraints {
    fn row(&mut self, entries: impl IntoIterator<Item = (usize, f64)>, rhs: f64) -> usize {
        let row = self.rhs.len();
        self.triplets
            .extend(entries.into_iter().filter(|(_, a)| *a != 0.0).map(|(column, a)| (row, column, a)));
        self.rhs.push(rhs);
        row
    }

    pub(super) fn matrix(&self, variables: usize) -> CscMatrix<f64> {
        let rows = self.triplets.iter().map(|entry| entry.0).collect();
        let columns = self.triplets.iter().map(|entry| entry.1).collect();
        let values = self.triplets.iter().map(|entry| entry.2).collect();
        CscMatrix::new_from_triplets(self.rhs.len(), variables, rows, columns, values)
    }
}

impl Form {
    pub(super) fn new(isa: Isa, problem: &Problem) -> Result<Self, Error> {
        let (m, n) = (problem.trades.len(), problem.n());
        let root = root(isa, &problem.risk)?;
        let mut form = Self {
            variables: m + n + root.ncols(),
            constraints: Constraints::default(),
            weights: m,
            risk: m + n,
            limits: Vec::new(),
            cap: None,
        };
        form.definitions(problem, &root);
        form.equal_rows(problem);
        let zero = form.constraints.rhs.len();
        form.constraints.cones.push(ZeroConeT(zero));
        form.inequalities(problem);
        form.constraints.cones.push(NonnegativeConeT(form.constraints.rhs.len() - zero));
        form.cap(problem, root.ncols());
        Ok(form)
    }

    /// `w - E t = start` and `y - R' w = -R' benchmark`.
    fn definitions(&mut self, problem: &Problem, root: &Array2<f64>) {
        let mut own: Vec<Vec<(usize, f64)>> =
            (0..problem.n()).map(|i| vec![(self.weights + i, 1.0)]).collect();
        for (t, variable) in problem.trades.iter().enumerate() {
            if let Some(asset) = variable.asset {
                own[asset].push((t, -variable.sign));
            }
        }
        for (entries, start) in own.into_iter().zip(&problem.start) {
            self.constraints.row(entries, *start);
        }
        for (k, column) in root.columns().into_iter().enumerate() {
            let on_benchmark =
                column.iter().zip(&problem.benchmark).fold(0.0, |sum, (&r, &b)| fma(r, b, sum));
            let on_weights = column.iter().enumerate().map(|(i, r)| (self.weights + i, -r));
            self.constraints.row(on_weights.chain([(self.risk + k, 1.0)]), -on_benchmark);
        }
    }

    fn equal_rows(&mut self, problem: &Problem) {
        for (r, row) in problem.rows.iter().enumerate().filter(|(_, row)| row.lower == row.upper) {
            let at = self.constraints.row(self.row_entries(problem, r), row.upper);
            self.limits.push((Limit::Row(r), 1.0, at));
        }
    }

    fn inequalities(&mut self, problem: &Problem) {
        for (t, variable) in problem.trades.iter().enumerate() {
            self.sides(Limit::Trade(t), &[(t, 1.0)], 0.0, variable.upper);
        }
        for i in 0..problem.n() {
            self.sides(Limit::Bound(i), &[(self.weights + i, 1.0)], problem.lower[i], problem.upper[i]);
        }
        for (r, row) in problem.rows.iter().enumerate().filter(|(_, row)| row.lower != row.upper) {
            let entries = self.row_entries(problem, r);
            self.sides(Limit::Row(r), &entries, row.lower, row.upper);
        }
    }

    /// `a x <= upper` and `-a x <= -lower`, where the limits are finite.
    fn sides(&mut self, limit: Limit, entries: &[(usize, f64)], lower: f64, upper: f64) {
        if lower.is_finite() {
            let at = self.constraints.row(entries.iter().map(|&(column, a)| (column, -a)), -lower);
            self.limits.push((limit, -1.0, at));
        }
        if upper.is_finite() {
            let at = self.constraints.row(entries.iter().copied(), upper);
            self.limits.push((limit, 1.0, at));
        }
    }

    fn row_entries(&self, problem: &Problem, r: usize) -> Vec<(usize, f64)> {
        let row = &problem.rows[r];
        let on_trades = row.on_trades.iter().enumerate().map(|(t, a)| (t, *a));
        let on_weights = row.on_weights.iter().enumerate().map(|(i, a)| (self.weights + i, *a));
        on_trades.chain(on_weights).collect()
    }

    /// `(cap, y)`, and in factor form `(cap, y, sqrt(D) d)`, in the second-order cone.
    fn cap(&mut self, problem: &Problem, k: usize) {
        let Some(cap) = problem.risk_cap else { return };
        let first = self.constraints.row([], cap);
        for y in 0..k {
            self.constraints.row([(self.risk + y, -1.0)], 0.0);
        }
        if let Risk::Factor { specific, .. } = &*problem.risk {
            for (i, variance) in specific.iter().enumerate() {
                let deviation = variance.sqrt();
                self.constraints.row([(self.weights + i, -deviation)], -(deviation * problem.benchmark[i]));
            }
        }
        self.constraints.cones.push(SecondOrderConeT(self.constraints.rhs.len() - first));
        self.cap = Some(first);
    }

    /// `P`: `gamma` on the risk variables; in factor form `gamma D` on the weights.
    pub(super) fn quadratic(&self, problem: &Problem) -> CscMatrix<f64> {
        let mut diagonal = vec![0.0; self.variables];
        diagonal[self.risk..].fill(problem.gamma);
        if let Risk::Factor { specific, .. } = &*problem.risk {
            for (entry, variance) in diagonal[self.weights..].iter_mut().zip(specific) {
                *entry = problem.gamma * variance;
            }
        }
        let at: Vec<usize> = (0..self.variables).collect();
        CscMatrix::new_from_triplets(self.variables, self.variables, at.clone(), at, diagonal)
    }

    /// `q`: costs on the trades, rewards on the weights.
    pub(super) fn linear(&self, problem: &Problem) -> Vec<f64> {
        let mut q = vec![0.0; self.variables];
        for (entry, variable) in q.iter_mut().zip(&problem.trades) {
            *entry = variable.cost;
        }
        for (i, entry) in q[self.weights..self.risk].iter_mut().enumerate() {
            *entry = -problem.alpha[i];
            if let Risk::Factor { specific, .. } = &*problem.risk {
                *entry -= problem.gamma * specific[i] * problem.benchmark[i];
            }
        }
        q
    }

    /// The multipliers of the problem from those of the conic rows.
    pub(super) fn multipliers(&self, problem: &Problem, z: &[f64]) -> Multipliers {
        let mut found = Multipliers {
            rows: vec![0.0; problem.rows.len()],
            bounds: vec![0.0; problem.n()],
            trades: vec![0.0; problem.trades.len()],
            cap: self.cap.map_or(0.0, |first| z[first]),
        };
        for &(limit, sign, row) in &self.limits {
            match limit {
                Limit::Trade(t) => found.trades[t] += sign * z[row],
                Limit::Bound(i) => found.bounds[i] += sign * z[row],
                Limit::Row(r) => found.rows[r] += sign * z[row],
            }
        }
        found
    }
}

/// `R` (`n x k`) with `Sigma = R R'` (dense), or `B F B' = R R'` (factor form).
fn root(isa: Isa, risk: &Risk) -> Result<Array2<f64>, Error> {
    match risk {
        Risk::Dense(sigma) => factor(isa, "sigma", sigma),
        Risk::Factor { exposures, covariance, .. } => {
            let lower = factor(isa, "factor covariance", covariance)?;
            let (n, k) = exposures.dim();
            Ok(Array2::from_shape_fn((n, k), |(i, j)| {
                exposures.row(i).iter().zip(lower.column(j)).fold(0.0, |sum, (&b, &l)| fma(b, l, sum))
            }))
        }
    }
}

fn factor(isa: Isa, what: &'static str, matrix: &Array2<f64>) -> Result<Array2<f64>, Error> {
    let n = matrix.nrows();
    let entries: Vec<f64> = matrix.iter().copied().collect();
    let found = Cholesky::new(isa, &entries, n).map_err(|error| match error {
        samebits_canon::Error::NotPositive { column, pivot } => Error::NotPositive { what, column, pivot },
        _ => Error::NotPositive { what, column: 0, pivot: f64::NAN },
    })?;
    Ok(Array2::from_shape_fn((n, n), |(i, j)| found.l()[i * n + j]))
}
