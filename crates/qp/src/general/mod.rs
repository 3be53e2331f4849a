//! General quadratic programs in sparse form.
//!
//! ```text
//! minimise    1/2 x' P x  +  q' x  +  constant
//! subject to  row_lower <= A x <= row_upper,   lower <= x <= upper
//! ```
//!
//! For problems of an outsider's own. They are solved by a general solver, without the promise of bits across solvers; the
//! [certificate](GeneralCertificate) is as strict.

mod certificate;

pub use certificate::{GeneralCertificate, certify_general, refutes_general};

use crate::{Error, Status};
use samebits_canon::fma;

/// A sparse matrix by columns.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sparse {
    /// Rows.
    pub rows: usize,
    /// Where each column begins in `index` and `value`, and at the end their length: columns + 1 entries.
    pub start: Vec<usize>,
    /// Row of each entry, ascending within a column.
    pub index: Vec<usize>,
    /// Value of each entry.
    pub value: Vec<f64>,
}

impl Sparse {
    /// Columns.
    pub fn columns(&self) -> usize {
        self.start.len().saturating_sub(1)
    }

    /// Entries of a column: (row, value).
    pub fn column(&self, j: usize) -> impl Iterator<Item = (usize, f64)> {
        let own = self.start[j]..self.start[j + 1];
        self.index[own.clone()].iter().copied().zip(self.value[own].iter().copied())
    }

    /// `A x`: chains over the columns in ascending order.
    pub fn times(&self, x: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.rows];
        for (j, x) in x.iter().enumerate() {
            for (i, a) in self.column(j) {
                out[i] = fma(a, *x, out[i]);
            }
        }
        out
    }

    /// `A' y`: a chain over the entries of each column.
    pub fn transposed_times(&self, y: &[f64]) -> Vec<f64> {
        (0..self.columns()).map(|j| self.column(j).fold(0.0, |sum, (i, a)| fma(a, y[i], sum))).collect()
    }

    fn validate(&self, what: &str, columns: usize, triangle: bool) -> Result<(), Error> {
        let shape = |part: &str, found: usize, expected: usize| {
            let what = format!("{what}.{part}");
            if found == expected { Ok(()) } else { Err(Error::Shape { what, found, expected }) }
        };
        shape("start", self.start.len(), columns + 1)?;
        shape("value", self.value.len(), self.index.len())?;
        let wrong = |part: &str, index: usize, value: f64| Error::Value {
            what: format!("{what}.{part}"),
            index,
            value,
        };
        if self.start[0] != 0 || self.start[columns] != self.index.len() {
            return Err(wrong("start", columns, self.start[columns] as f64));
        }
        for j in 0..columns {
            if self.start[j] > self.start[j + 1] || self.start[j + 1] > self.index.len() {
                return Err(wrong("start", j + 1, self.start[j + 1] as f64));
            }
            let last = if triangle { j + 1 } else { self.rows };
            for at in self.start[j]..self.start[j + 1] {
                let ascending = at == self.start[j] || self.index[at - 1] < self.index[at];
                if self.index[at] >= last.min(self.rows) || !ascending {
                    return Err(wrong("index", at, self.index[at] as f64));
                }
                if !self.value[at].is_finite() {
                    return Err(wrong("value", at, self.value[at]));
                }
            }
        }
        Ok(())
    }
}

/// A quadratic program of `n` variables and `m` rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct General {
    /// The upper triangle of `P`, `n x n`, positive semidefinite.
    pub p: Sparse,
    /// `q`, length `n`.
    pub q: Vec<f64>,
    /// Added to every objective.
    pub constant: f64,
    /// `A`, `m x n`.
    pub a: Sparse,
    /// Lower limits of the rows, `-inf` for none.
    pub row_lower: Vec<f64>,
    /// Upper limits of the rows, `inf` for none.
    pub row_upper: Vec<f64>,
    /// Lower bounds of the variables.
    pub lower: Vec<f64>,
    /// Upper bounds of the variables.
    pub upper: Vec<f64>,
}

/// An answer to a [`General`] problem.
#[derive(Debug, Clone, PartialEq)]
pub struct GeneralSolution {
    /// How the solve ended, by our own certificate.
    pub status: Status,
    /// The variables.
    pub x: Vec<f64>,
    /// A multiplier a row; positive where the upper limit binds.
    pub y: Vec<f64>,
    /// The objective, the constant included.
    pub objective: f64,
    /// Iterations.
    pub iterations: u32,
    /// Residuals by the problem's own data.
    pub certificate: GeneralCertificate,
}

impl General {
    /// Variables.
    pub fn n(&self) -> usize {
        self.q.len()
    }

    /// `P x`, from the upper triangle.
    pub fn p_times(&self, x: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.n()];
        for j in 0..self.n() {
            for (i, p) in self.p.column(j) {
                out[i] = fma(p, x[j], out[i]);
                if i != j {
                    out[j] = fma(p, x[i], out[j]);
                }
            }
        }
        out
    }

    /// The objective at `x`, the constant included.
    pub fn objective(&self, x: &[f64]) -> f64 {
        let px = self.p_times(x);
        let quadratic = px.iter().zip(x).fold(0.0, |sum, (p, x)| fma(*p, *x, sum));
        let linear = self.q.iter().zip(x).fold(0.0, |sum, (q, x)| fma(*q, *x, sum));
        0.5 * quadratic + linear + self.constant
    }

    /// Checks shapes, numbers and limits; convexity is not looked at.
    ///
    /// # Errors
    /// The first entry that is wrong.
    pub fn validate(&self) -> Result<(), Error> {
        let (n, m) = (self.n(), self.a.rows);
        if self.p.rows != n {
            return Err(Error::Shape { what: "p".into(), found: self.p.rows, expected: n });
        }
        self.p.validate("p", n, true)?;
        self.a.validate("a", n, false)?;
        for (what, found, expected) in [
            ("row_lower", self.row_lower.len(), m),
            ("row_upper", self.row_upper.len(), m),
            ("lower", self.lower.len(), n),
            ("upper", self.upper.len(), n),
        ] {
            if found != expected {
                return Err(Error::Shape { what: what.into(), found, expected });
            }
        }
        if let Some(index) = self.q.iter().position(|q| !q.is_finite()) {
            return Err(Error::Value { what: "q".into(), index, value: self.q[index] });
        }
        if !self.constant.is_finite() {
            return Err(Error::Value { what: "constant".into(), index: 0, value: self.constant });
        }
        for (what, lower, upper) in
            [("rows", &self.row_lower, &self.row_upper), ("bounds", &self.lower, &self.upper)]
        {
            for (index, (lower, upper)) in lower.iter().zip(upper).enumerate() {
                crate::validate::limits(what, index, *lower, *upper)?;
            }
        }
        Ok(())
    }
}
