//! Simple daily returns and the arithmetic of their columns.

use ndarray::ArrayView2;
use samebits_units::Price;

/// Daily returns, days x names, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Returns {
    names: usize,
    values: Vec<f64>,
}

impl Returns {
    /// `p[t] / p[t-1] - 1` for each row after the first.
    ///
    /// Order: the difference of the scaled integers is exact; difference and divisor each convert to `f64` (exact below
    /// 90 million of the currency), then one division: the return is correctly rounded.
    #[expect(clippy::needless_pass_by_value, reason = "a view is a borrow")]
    pub fn of(prices: ArrayView2<'_, Price>) -> Self {
        Self::of_in(prices, Vec::new())
    }

    /// [`Returns::of`] in memory of the caller; [`Returns::into_values`] gives it back.
    #[expect(clippy::needless_pass_by_value, reason = "a view is a borrow")]
    pub fn of_in(prices: ArrayView2<'_, Price>, memory: Vec<f64>) -> Self {
        let names = prices.ncols();
        let mut values = memory;
        values.clear();
        values.reserve(prices.nrows().saturating_sub(1) * names);
        for (before, after) in prices.outer_iter().zip(prices.outer_iter().skip(1)) {
            values.extend(before.iter().zip(after).map(|(&before, &after)| simple(before, after)));
        }
        Self { names, values }
    }

    /// Number of columns.
    pub fn names(&self) -> usize {
        self.names
    }

    /// Number of rows.
    pub fn days(&self) -> usize {
        self.values.len().checked_div(self.names).unwrap_or(0)
    }

    /// All entries, row-major.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// All entries, row-major, and the memory they are in.
    pub fn into_values(self) -> Vec<f64> {
        self.values
    }

    /// The last `days` rows.
    pub(crate) fn last(&self, days: usize) -> Self {
        let start = self.values.len() - days * self.names;
        Self { names: self.names, values: self.values[start..].to_vec() }
    }

    /// Every entry minus the mean of its column.
    ///
    /// Order: the column's sum ascends over the days from 0 (clause A4), then one division by their number.
    pub(crate) fn centred(mut self) -> Self {
        let mut mean = vec![0.0; self.names];
        for row in self.values.chunks_exact(self.names) {
            for (sum, &value) in mean.iter_mut().zip(row) {
                *sum += value;
            }
        }
        let days = self.days() as f64;
        for sum in &mut mean {
            *sum /= days;
        }
        for row in self.values.chunks_exact_mut(self.names) {
            for (value, &mean) in row.iter_mut().zip(&mean) {
                *value -= mean;
            }
        }
        self
    }
}

/// `after / before - 1` with one rounding; both are positive, so the difference fits.
pub(crate) fn simple(before: Price, after: Price) -> f64 {
    (after.e8() - before.e8()) as f64 / before.e8() as f64
}

/// The mean square of each column of `n`: squares are rounded, then added in ascending order, then divided.
pub(crate) fn mean_squares(values: &[f64], n: usize) -> Vec<f64> {
    let mut sums = vec![0.0; n];
    for row in values.chunks_exact(n) {
        for (sum, &value) in sums.iter_mut().zip(row) {
            *sum += value * value;
        }
    }
    let rows = (values.len() / n) as f64;
    sums.iter().map(|sum| sum / rows).collect()
}
