//! Whether a problem is well formed.

use crate::{Beside, Error, Problem, Risk};
use ndarray::Array2;
use samebits_canon::{Cholesky, Isa, max};

impl Problem {
    /// Checks shapes, finiteness, order of limits and symmetry. Positive definiteness shows where `Sigma` is factored.
    ///
    /// # Errors
    /// The first entry that is wrong, by name and index.
    pub fn validate(&self) -> Result<(), Error> {
        let n = self.n();
        for (what, vector) in [("start", &self.start), ("alpha", &self.alpha), ("benchmark", &self.benchmark)]
        {
            shape(what, vector.len(), n)?;
            finite(what, vector)?;
        }
        shape("lower", self.lower.len(), n)?;
        shape("upper", self.upper.len(), n)?;
        for (index, (&lower, &upper)) in self.lower.iter().zip(&self.upper).enumerate() {
            limits("bounds", index, lower, upper)?;
        }
        if !(self.gamma.is_finite() && self.gamma >= 0.0) {
            return Err(Error::Value { what: "gamma".into(), index: 0, value: self.gamma });
        }
        if let Some(cap) = self.risk_cap.filter(|cap| !(cap.is_finite() && *cap > 0.0)) {
            return Err(Error::Value { what: "risk_cap".into(), index: 0, value: cap });
        }
        self.validate_trades()?;
        self.validate_rows()?;
        self.validate_risk()
    }

    fn validate_trades(&self) -> Result<(), Error> {
        for (index, trade) in self.trades.iter().enumerate() {
            let wrong = |what: &str, value: f64| Err(Error::Value { what: what.into(), index, value });
            if let Some(asset) = trade.asset.filter(|asset| *asset >= self.n()) {
                return wrong("trades.asset", asset as f64);
            }
            if trade.sign != 1.0 && trade.sign != -1.0 {
                return wrong("trades.sign", trade.sign);
            }
            if !trade.cost.is_finite() {
                return wrong("trades.cost", trade.cost);
            }
            if trade.upper.is_nan() || trade.upper < 0.0 {
                return wrong("trades.upper", trade.upper);
            }
        }
        Ok(())
    }

    fn validate_rows(&self) -> Result<(), Error> {
        for (index, row) in self.rows.iter().enumerate() {
            for (part, vector, expected) in
                [("on_weights", &row.on_weights, self.n()), ("on_trades", &row.on_trades, self.trades.len())]
            {
                let what = format!("rows[{index}].{part}");
                if !vector.is_empty() {
                    shape(&what, vector.len(), expected)?;
                }
                finite(&what, vector)?;
            }
            limits("rows", index, row.lower, row.upper)?;
        }
        Ok(())
    }

    fn validate_risk(&self) -> Result<(), Error> {
        let n = self.n();
        match &*self.risk {
            Risk::Dense(sigma) => {
                shape("sigma", sigma.nrows(), n)?;
                shape("sigma", sigma.ncols(), n)?;
                let looks = || sigma.as_slice().is_some_and(|entries| looks_symmetric(entries, n));
                if SYMMETRIC.get(&self.risk, looks) { Ok(()) } else { symmetric("sigma", sigma, n) }
            }
            Risk::Factor { exposures, covariance, specific } => {
                shape("exposures", exposures.nrows(), n)?;
                finite("exposures", &exposures.iter().copied().collect::<Vec<_>>())?;
                symmetric("factor covariance", covariance, exposures.ncols())?;
                shape("specific", specific.len(), n)?;
                match specific.iter().position(|value| !(value.is_finite() && *value >= 0.0)) {
                    Some(index) => {
                        Err(Error::Value { what: "specific".into(), index, value: specific[index] })
                    }
                    None => Ok(()),
                }
            }
        }
    }
}

impl Problem {
    /// Checks that the covariance is positive semidefinite, up to 1e-10 of its largest variance: one factorisation. Solvers
    /// do not look at this; an answer to a problem that is not convex is a stationary point and no more.
    ///
    /// Bits: the answer is the same for every `isa`.
    ///
    /// # Errors
    /// [`Error::NotPositive`] with the column of the failing pivot; a covariance that is not finite or not symmetric.
    pub fn check_convex(&self, isa: Isa) -> Result<(), Error> {
        self.validate_risk()?;
        let (what, matrix) = match &*self.risk {
            Risk::Dense(sigma) => ("sigma", sigma),
            Risk::Factor { covariance, .. } => ("factor covariance", covariance),
        };
        let n = matrix.nrows();
        let ridge = RIDGE * matrix.diag().iter().fold(0.0, |most, v| max(most, *v));
        let mut entries: Vec<f64> = matrix.iter().copied().collect();
        for i in 0..n {
            entries[i * n + i] += ridge;
        }
        if ridge == 0.0 && entries.iter().all(|entry| *entry == 0.0) {
            return Ok(());
        }
        Cholesky::check(isa, &entries, n).map(|_| ()).map_err(|error| match error {
            samebits_canon::Error::NotPositive { column, pivot } => {
                Error::NotPositive { what, column, pivot }
            }
            other => Error::Shape { what: other.to_string(), found: entries.len(), expected: n * n },
        })
    }
}

/// Share of the largest variance by which a covariance may fail to be positive semidefinite.
const RIDGE: f64 = 1e-10;

fn shape(what: &str, found: usize, expected: usize) -> Result<(), Error> {
    if found == expected { Ok(()) } else { Err(Error::Shape { what: what.to_owned(), found, expected }) }
}

fn finite(what: &str, values: &[f64]) -> Result<(), Error> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(Error::Value { what: what.to_owned(), index, value: values[index] }),
        None => Ok(()),
    }
}

pub(crate) fn limits(what: &'static str, index: usize, lower: f64, upper: f64) -> Result<(), Error> {
    if lower.is_nan() || lower == f64::INFINITY {
        return Err(Error::Value { what: format!("{what}.lower"), index, value: lower });
    }
    if upper.is_nan() || upper == f64::NEG_INFINITY {
        return Err(Error::Value { what: format!("{what}.upper"), index, value: upper });
    }
    if lower > upper { Err(Error::Crossed { what, index, lower, upper }) } else { Ok(()) }
}

/// Whether the entries of a dense covariance are what they should be: the problems that share one ask once.
static SYMMETRIC: Beside<Risk, bool> = Beside::new();

fn symmetric(what: &'static str, matrix: &Array2<f64>, n: usize) -> Result<(), Error> {
    shape(what, matrix.nrows(), n)?;
    shape(what, matrix.ncols(), n)?;
    if matrix.as_slice().is_some_and(|entries| looks_symmetric(entries, n)) {
        return Ok(());
    }
    for (row, column) in (0..n).flat_map(|row| (0..=row).map(move |column| (row, column))) {
        let (above, below) = (matrix[[column, row]], matrix[[row, column]]);
        if above == below && above.is_finite() {
            continue;
        }
        for (index, value) in [(column * n + row, above), (row * n + column, below)] {
            if !value.is_finite() {
                return Err(Error::Value { what: what.to_owned(), index, value });
            }
        }
        return Err(Error::Asymmetric { what, row: column, column: row });
    }
    Ok(())
}

/// Whether every entry is finite and equal to its mirror image, which a NaN is not; in squares that registers hold, without an early end.
fn looks_symmetric(entries: &[f64], n: usize) -> bool {
    let whole = n - n % SQUARE;
    let (mut unequal, mut unbounded) = (false, false);
    let block = |top: usize, left: usize| {
        let mut out = [[0.0; SQUARE]; SQUARE];
        for (i, row) in out.iter_mut().enumerate() {
            row.copy_from_slice(&entries[(top + i) * n + left..][..SQUARE]);
        }
        out
    };
    for top in (0..whole).step_by(SQUARE) {
        for left in (0..=top).step_by(SQUARE) {
            let (below, above) = (block(top, left), block(left, top));
            for i in 0..SQUARE {
                for j in 0..SQUARE {
                    unequal |= below[i][j] != above[j][i];
                    unbounded |= below[i][j].is_infinite();
                }
            }
        }
    }
    for row in whole..n {
        for column in 0..=row {
            let (below, above) = (entries[row * n + column], entries[column * n + row]);
            unequal |= below != above;
            unbounded |= below.is_infinite();
        }
    }
    !unequal && !unbounded
}

/// Side of a square of entries that are compared at once.
const SQUARE: usize = 8;
